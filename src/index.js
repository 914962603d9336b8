//! The entry for `import "live-article"` and `<script type="module">`. On a server, where there is no page, it does nothing.

import { start } from "./load.js";

if (typeof document === "object") {
  try {
    // Written out, as bundlers find files by these very words. A file inlined as `data:` would need a laxer policy.
    start(new URL(WASM, import.meta.url).href, {
      "lang/ar.txt": new URL("./lang/ar.txt?no-inline", import.meta.url),
      "lang/de.txt": new URL("./lang/de.txt?no-inline", import.meta.url),
      "lang/es.txt": new URL("./lang/es.txt?no-inline", import.meta.url),
      "lang/fr.txt": new URL("./lang/fr.txt?no-inline", import.meta.url),
      "lang/hi.txt": new URL("./lang/hi.txt?no-inline", import.meta.url),
      "lang/ja.txt": new URL("./lang/ja.txt?no-inline", import.meta.url),
      "lang/pt.txt": new URL("./lang/pt.txt?no-inline", import.meta.url),
      "lang/ru.txt": new URL("./lang/ru.txt?no-inline", import.meta.url),
      "lang/zh.txt": new URL("./lang/zh.txt?no-inline", import.meta.url),
    });
  } catch {
    // In a bundle that is no module there is no address to begin from.
    start();
  }
}

//! The entry for `import "live-article"` and `<script type="module">`. On a server, where there is no page, it does nothing.

import { start } from "./load.js";

if (typeof document === "object") start(new URL(WASM, import.meta.url).href);

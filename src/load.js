//! Starts the module, once for a page, or says in one warning why it cannot: what `embed.js` and `index.js` share.
//!
//! `glue` is what wasm-bindgen makes of the crate's door; `VERSION` and `INTEGRITY` are put in by `cargo pkg`.
//! What the element does is left to `element.js`.

import { __wbg_reset_state, initSync, register } from "glue";
import { define, hasten, hooks } from "./element.js";

// The one trace in the page: the versions that were loaded here. The first one runs.
const versions = () => (window[Symbol.for("live-article")] ??= new Set());

/// Starts the module at `url` unless one was started here before; `files` says where its others are, if not beside it.
/// Never throws and never rejects.
export async function start(url, files) {
  try {
    const seen = versions();
    if (seen.has(VERSION)) return;
    seen.add(VERSION);
    if (seen.size > 1) {
      console.warn(`live-article: version ${VERSION} is not used, the page has ${[...seen][0]} already; load one of them`);
      return;
    }
    if (customElements.get("live-article")) {
      console.warn("live-article: the page has another element of this name, which is left alone");
      return;
    }
    Object.assign(hooks, { base: url, version: VERSION, files });
    initSync({ module: await compile(url) });
    hooks.renew = () => {
      __wbg_reset_state();
      register();
    };
    register();
  } catch (error) {
    try {
      define(null, error?.message ?? error);
    } catch {
      // A page that breaks even this keeps its own copy without an element.
    }
  }
}

async function compile(url) {
  if (typeof WebAssembly !== "object") throw Error("this browser has no WebAssembly, or it is switched off");
  try {
    // The smallest module there is. `WebAssembly.validate` would be true even where compiling is forbidden.
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    throw Error("the page's Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src");
  }
  if (!url) throw Error("its own address is not known: load it by src, or as a module");
  // With `integrity` the browser hands out the bytes when all are there and right, whatever their
  // Content-Type, so that compiling while they stream would gain nothing.
  const bytes = fetch(url, { integrity: INTEGRITY }).then((response) => response.arrayBuffer());
  // When the tag has placed its card.
  await null;
  hasten();
  return WebAssembly.compile(await bytes.catch(() => explain(url)));
}

// A failed check looks like a failed request. Asking again without it tells them apart.
async function explain(url) {
  const response = await fetch(url, { cache: "no-store" }).catch(() => 0);
  if (!response) throw Error(`${url} cannot be fetched (network, CORS, or connect-src of the Content-Security-Policy)`);
  if (!response.ok) throw Error(`${url} answers ${response.status}`);
  throw Error(`${url} is not the file that belongs to this script (its hash differs: cut off, or of another release)`);
}

//! The one-tag entry, a classic script: starts the module beside it, and places a card where its tag stands
//! if the tag has the card's attributes as `data-*`.

import { attributes } from "./element.js";
import { start } from "./load.js";

try {
  // The document's own getter: a form named `currentScript` would shadow the plain property.
  const script = Object.getOwnPropertyDescriptor(Document.prototype, "currentScript").get.call(document);
  start(script?.src && new URL(WASM, script.src).href);
  if (script) place(script);
} catch {
  // Nothing is thrown into the page.
}

function place(script) {
  let card;
  for (const name of attributes) {
    const value = script.getAttribute(`data-${name}`);
    if (value !== null) {
      card ??= document.createElement("live-article");
      card.setAttribute(name, value);
    }
  }
  if (card) script.after(card);
}

//! The `HTMLElement` subclass: forwards to a `Card`, and lets nothing that goes wrong in one reach the page.

// Attribute and default; the default's type is the property's. `lang` is HTML's own.
const ATTRIBUTES = [
  ["src", ""], ["item", ""], ["adopt", false], ["select", ""], ["interval", 30], ["view", "article"],
  ["updates", "quiet"], ["format", "auto"], ["hour-cycle", ""], ["time-zone", ""], ["source-time-zone", "UTC"],
  ["heading-level", 2], ["max-blocks", 100], ["timeout", 10], ["stylesheet", ""], ["remember", false],
  ["paused", false], ["credentials", "omit"], ["embeds", ""],
];

let make, dispatch, defined, broken, reading;
let depth = 0;
const connected = new Set();
const traps = new Map();

/** What the loader offers: `renew()` makes a new instance of the module and registers again; `base` is its URL. */
export const hooks = { renew: null, base: "" };

// Every call into the module passes here. After a trap the instance is unusable: it is made anew once the
// outermost call has returned, and every card in the page starts again on what it shows.
function guard(call) {
  depth++;
  try {
    if (!broken) return call();
  } catch (error) {
    broken ??= error;
    if (reading) traps.set(reading, (traps.get(reading) ?? 0) + 1);
  } finally {
    if (!--depth && broken) renew();
  }
}

function renew() {
  const error = broken;
  make = null;
  reading = "";
  try {
    console.warn("live-article: a document or the page broke the module; starting it anew.", error);
    hooks.renew();
    broken = undefined;
  } catch {
    // Without a module each card stays as it is.
  }
  for (const element of connected) element.isConnected ? element[start]() : connected.delete(element);
}

/** A timer, listener or promise of the module comes back. */
export const enter = (to, what, value) => guard(() => dispatch(to, what, value));

/** The text of a file beside the module, or of an absolute URL; empty where it cannot be had. Never rejects. */
export async function file(url) {
  try {
    const response = await fetch(new URL(url, hooks.base), { signal: AbortSignal.timeout(5000) });
    return response.ok ? await response.text() : "";
  } catch {
    return "";
  }
}

/** A promise comes back as `what` with its value, or as `what + 1` with its error. */
export const when = (promise, to, what) =>
  void promise.then((value) => enter(to, what, value), (error) => enter(to, what + 1, error));

/** Notes which document is being read; answers how often it has trapped. Without one: it was read. */
export const read = (key) => ((reading = key), traps.get(key) ?? 0);

const start = Symbol();

/** Every attribute of the card's own. */
export const attributes = [...ATTRIBUTES.map(([name]) => name), "lang"];

/**
 * Defines `<live-article>`, or takes over its elements. Without `create` the element stands for itself, its
 * children stay, and `receive` is the cause, which is told once.
 */
export function define(create, receive) {
  [make, dispatch] = [create, receive];
  if (!make) console.warn(`live-article: the server's copy stays as it is: ${receive}.`);
  const taken = customElements.get("live-article");
  if (taken) {
    if (taken !== defined) console.warn("live-article: another script has defined <live-article>; this one rests.");
    return;
  }

  class LiveArticle extends HTMLElement {
    static observedAttributes = attributes;
    #states = this.attachInternals().states;
    #card;

    connectedCallback() {
      // A property set before the upgrade hides the accessor.
      for (const [name] of ATTRIBUTES) {
        const property = camel(name);
        if (Object.hasOwn(this, property)) {
          const value = this[property];
          delete this[property];
          this[property] = value;
        }
      }
      if (this.#card && connected.has(this)) return;
      connected.add(this);
      this[start]();
    }
    [start]() {
      if (!make) {
        this.#card = undefined;
        this.#states?.add("unsupported");
        return;
      }
      guard(() => {
        this.#card = make();
        this.#card.connect(this, this.#states);
      });
    }
    disconnectedCallback() {
      // A move disconnects and connects again; by then the element is back in the page.
      if (this.isConnected) return;
      connected.delete(this);
      guard(() => this.#card?.disconnect());
    }
    attributeChangedCallback(name, old, value) {
      if (old !== value) guard(() => this.#card?.attribute(name));
    }
    get article() { return guard(() => this.#card?.article()) ?? null; }
    get status() { return (make && guard(() => this.#card?.status())) || (make ? "loading" : "unsupported"); }
    get pending() { return guard(() => this.#card?.pending()) ?? null; }
    refresh() {
      return new Promise((done) => {
        if (!this.#card || !connected.has(this)) done();
        else guard(() => this.#card.refresh(done));
      });
    }
    apply() { guard(() => this.#card?.apply()); }
    pause() { this.paused = true; }
    resume() { this.paused = false; }
  }

  for (const [name, initial] of ATTRIBUTES) {
    const type = typeof initial;
    Object.defineProperty(LiveArticle.prototype, camel(name), {
      configurable: true,
      enumerable: true,
      get() {
        if (type === "boolean") return this.hasAttribute(name);
        const value = this.getAttribute(name);
        return type === "number" ? (value !== null && isFinite(+value) && value.trim() ? +value : initial) : (value ?? initial);
      },
      set(value) {
        if (type === "boolean") this.toggleAttribute(name, !!value);
        else if (value == null) this.removeAttribute(name);
        else this.setAttribute(name, value);
      },
    });
  }
  customElements.define("live-article", (defined = LiveArticle));
}

const camel = (name) => name.replace(/-./g, (part) => part[1].toUpperCase());

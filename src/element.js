//! The `HTMLElement` subclass: forwards to the module, and lets nothing that goes wrong in one reach the page.

// Attribute and default; the default's type is the property's. `lang` is HTML's own.
const ATTRIBUTES = [
  ["src", ""], ["item", ""], ["adopt", false], ["select", ""], ["interval", 30], ["view", "article"],
  ["updates", "quiet"], ["format", "auto"], ["hour-cycle", ""], ["time-zone", ""], ["source-time-zone", "UTC"],
  ["heading-level", 2], ["max-blocks", 100], ["timeout", 10], ["stylesheet", ""], ["remember", false],
  ["paused", false], ["credentials", "omit"], ["embeds", ""],
];

// What an element says to the module: the numbers of `door.rs`.
const [CONNECT, DISCONNECT, ATTRIBUTE, ARTICLE, STATUS, PENDING, REFRESH, APPLY, GONE] = Array.from({ length: 9 }, (_, at) => 20 + at);

let dispatch, defined, broken, words, css;
let opened = "";
let depth = 0;
const connected = new Set();
const traps = new Map();
// Traps outside any document that a page may cause before its cards are left as they are.
const MOST = 3;

/** What the loader offers: `renew()` makes a new instance of the module and registers again; `base` is its URL, `files` those of others. */
export const hooks = { renew: null, base: "", version: "", files: null };

// Every call into the module passes here. After a trap the instance is unusable: it is made anew once the
// outermost call has returned, and every card in the page starts again on what it shows.
function guard(call) {
  depth++;
  try {
    if (!broken) return call();
  } catch (error) {
    broken ??= error;
    traps.set(opened, (traps.get(opened) ?? 0) + 1);
  } finally {
    if (!--depth && broken) renew();
  }
}

function renew() {
  const error = broken;
  dispatch = null;
  opened = "";
  try {
    // Nothing of the old instance may come back to the new one, which gives the same numbers to others.
    attend();
    for (const to of [...requests.keys()]) stop(to);
    for (const to of [...shares.keys()]) share(to);
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
    console.warn("live-article: a document or the page broke the module; starting it anew.", error);
    // Where it was no document, the page breaks whatever is made.
    if (traps.get("") > MOST) throw error;
    hooks.renew();
    broken = undefined;
  } catch {
    // Without a module each card stays as it is.
  }
  for (const element of connected) element.isConnected ? late.add(element) : connected.delete(element);
  begin();
}

/** A timer, listener or promise of the module comes back. */
export const enter = (to, what, value) => guard(() => dispatch?.(to, what, value));

/** The text of a file beside the module, or of an absolute URL; empty where it cannot be had. Never rejects. */
export async function file(url) {
  try {
    const response = await fetch(hooks.files?.[url] ?? new URL(url, hooks.base), { signal: AbortSignal.timeout(5000) });
    return response.ok ? await response.text() : "";
  } catch {
    return "";
  }
}

/** The absolute address that a reference means, without whom it says the reader is; empty where it means none. */
export function resolve(reference, base) {
  try {
    const url = new URL(reference, base || undefined);
    url.username = url.password = "";
    return url.href;
  } catch {
    return "";
  }
}

// Ways of writing that were asked for, by what they were asked for, and files of texts by their URL: null on its way.
const ways = new Map();
const files = new Map();
const zones = new Map();
const LANGUAGES = ["ar", "de", "es", "fr", "hi", "ja", "pt", "ru", "zh"];
const DAY = { year: "numeric", month: "long", day: "numeric" };
const CLOCK = { hour: "numeric", minute: "2-digit" };
// Day, hour, and both in full; of a day, what is full is the day.
const STYLES = [{ year: "numeric", month: "2-digit", day: "2-digit" }, CLOCK, { ...DAY, ...CLOCK, timeZoneName: "short" }, DAY];
// What stands behind a row of styles each for a moment, a time without a zone and a day.
const OTHERS = ["RelativeTimeFormat", "NumberFormat", "PluralRules"];
const ROW = STYLES.length;

// One of `Intl`'s classes; nothing where the browser refuses what a page's `lang` or `time-zone` says.
function intl(name, tag, options) {
  try {
    return new Intl[name](tag || undefined, options);
  } catch {
    return null;
  }
}

// RFC 4647 section 3.4: a tag serves what it begins with, up to a subtag.
const shorter = (tag) => tag.replace(/-?[^-]*$/, "");
const speaks = (tag, known) => `${tag}-`.toLowerCase().startsWith(`${known}-`.toLowerCase());

// The value of an attribute of an element or its nearest ancestor that has it, out of shadow trees too.
function inherited(from, name) {
  for (; from; from = from.getRootNode().host) {
    const found = from.closest(`[${name}]`);
    if (found) return found.getAttribute(name);
  }
  return "";
}

/** The way times and words are written around an element: the same object as long as nothing about it changes. */
export const around = (host) =>
  way(inherited(host, "lang"), inherited(host, "hour-cycle"), inherited(host, "time-zone"), host.getAttribute("source-time-zone") ?? "");

/** The same for a language, hour cycle, zone and source's zone. What the browser does not know is as if not given. */
export function way(lang, cycle, zone, source) {
  const key = [lang, cycle, zone, source].join();
  if (!ways.has(key)) {
    let tag = lang.replaceAll("_", "-");
    while (tag && !intl("DateTimeFormat", tag)) tag = shorter(tag);
    ways.set(key, { tag: tag || navigator.language || "en", cycle, zone, source, made: [] });
  }
  return ways.get(key);
}

/** Every way is another object when it is next asked for. */
export const forget = () => ways.clear();

/** A file of texts has come; empty where it could not be had. The first one counts. */
export function receive(url, text) {
  files.set(url, files.get(url) ?? text);
  forget();
}

/**
 * The texts over the English ones: the package's, then the site's own by `<link rel="live-article-strings" hreflang="nl"
 * href="…">`. Nothing while one is on its way, which comes back to the page as `what`.
 */
export function texts({ tag }, what) {
  const urls = LANGUAGES.filter((known) => speaks(tag, known)).map((known) => `lang/${known}.txt`);
  for (; tag; tag = shorter(tag)) {
    const link = document.querySelector(`link[rel=live-article-strings][hreflang="${tag}" i]`);
    if (link) {
      urls.push(link.href);
      break;
    }
  }
  for (const url of urls) {
    if (files.has(url)) continue;
    files.set(url, null);
    file(url).then((text) => (receive(url, text), enter(0, what)));
  }
  const all = urls.map((url) => files.get(url));
  return all.includes(null) ? undefined : all.join("\n");
}

function formatter(way, place, lang) {
  // A whole phrase is in the page's own language if the texts, which are in `lang`, are too; else in theirs.
  if (place >= 3 * ROW) return intl(OTHERS[place - 3 * ROW], speaks(way.tag, lang) ? way.tag : lang);
  const [zone, other] = place < ROW ? [way.zone] : place < 2 * ROW && way.source ? [way.source, "UTC"] : ["UTC"];
  for (const timeZone of [zone, other]) {
    for (const hourCycle of [way.cycle, ""]) {
      const options = { ...STYLES[place % ROW], timeZone: timeZone || undefined, hourCycle: hourCycle || undefined };
      const made = intl("DateTimeFormat", way.tag, options);
      if (made) return made;
    }
  }
  return null;
}

/** Writes a number by one of a way's formatters, which are made when first needed; nothing where it cannot. */
export function write(way, place, value, unit, lang) {
  try {
    const made = (way.made[place] ??= formatter(way, place, lang));
    return made.select ? made.select(value) : made.format(value, unit);
  } catch {
    return "";
  }
}

/** The time of an entry or a correction as it reads `now`: the hour if that was today, else the day too. */
export function stamp(way, datetime, now) {
  const row = ROW * (datetime.endsWith("Z") ? 0 : datetime.length > 10 ? 1 : 2);
  const at = Date.parse(row === ROW ? `${datetime}Z` : datetime);
  if (isNaN(at)) return "";
  const day = write(way, row, at);
  if (row) return day;
  const clock = write(way, 1, at);
  return day === write(way, 0, now) ? clock : `${day} ${clock}`;
}

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds; a zone that nobody knows is UTC. */
export function ahead(at, zone) {
  if (!zones.has(zone)) {
    const numeric = Object.fromEntries(["year", "month", "day", "hour", "minute", "second"].map((unit) => [unit, "numeric"]));
    zones.set(zone, intl("DateTimeFormat", "en-US", { ...numeric, hourCycle: "h23", timeZone: zone || "UTC" }));
  }
  const second = Math.floor(at / 1000) * 1000;
  // `7/27/2016, 14:03:05 UTC` is read by every engine's `Date`.
  return Date.parse(`${zones.get(zone)?.format(second)} UTC`) - second || 0;
}

// What comes back where, as `src/door.rs` has it.
const [HEAD, BODY, LED, FOLLOWED, PAGE, AROUND, WORDS] = [0, 1, 2, 3, 6, 11, 12];

const timers = new Map();

/** Comes back in so many milliseconds; a negative number ends the wait. One timer for each number and purpose. */
export function wake(to, what, wait) {
  const key = `${what} ${to}`;
  clearTimeout(timers.get(key));
  timers.delete(key);
  if (wait < 0) return;
  timers.set(key, setTimeout(() => {
    timers.delete(key);
    enter(to, what);
  }, wait));
}

// What may happen to a page, and the number by which it is told.
const EVENTS = {
  online: 1, offline: 2, freeze: 3, pagehide: 3, resume: 4, pageshow: 4, visibilitychange: 5, languagechange: 6, hashchange: 7,
};
let ears, observed;

/** Tells what happens to the page, and when an attribute that cards inherit changes anywhere; or no more. */
export function attend(on) {
  ears?.abort();
  observed?.disconnect();
  ears = observed = null;
  if (!on) return;
  ears = new AbortController();
  for (const name in EVENTS) addEventListener(name, () => enter(EVENTS[name], PAGE), { capture: true, signal: ears.signal });
  addEventListener("beforeunload", leave, { signal: ears.signal });
  const observer = new MutationObserver(() => enter(0, AROUND));
  observer.observe(document, { subtree: true, attributeFilter: ["lang", "hour-cycle", "time-zone"] });
  observed = observer;
}

/** Comes back to the page when the script that runs is done. */
export function soon(what) {
  const asked = dispatch;
  // An instance made anew has not asked.
  queueMicrotask(() => asked === dispatch && enter(0, what));
}

/** Milliseconds by a clock that nobody sets. */
export const steady = () => performance.now();

/** Whether nobody can see the page. One that is prerendered is hidden too. */
export const hidden = () => document.hidden;

/** Whether the reader saves data (Network Information, section 3.7). */
export const saves = () => !!navigator.connection?.saveData;

/** A number that a property of an element gives; 0 where it gives none. */
export function number(host, property) {
  try {
    return +host[property] || 0;
  } catch {
    return 0;
  }
}

/** The page's own scheme, host and port; `null` where it has none. */
export const origin = () => window.origin;

/** What a card polls: its credentials, a space, and its `src`, or the page itself by its own canonical address. */
export function polled(host) {
  const credentials = host.getAttribute("credentials");
  return `${/^(include|same-origin)$/.test(credentials) ? credentials : "omit"} ${address(host.getAttribute("src"), host.baseURI)}`;
}

function address(src, base) {
  try {
    const url = new URL(src || location.href, base);
    if (!src) {
      const canonical = document.querySelector("link[rel~=canonical]")?.href;
      if (canonical && new URL(canonical).origin === url.origin) return canonical;
      url.search = url.search.slice(1).split("&").filter((pair) => !/^(utm_[^=]*|fbclid|gclid)(=|$)/.test(pair)).join("&");
    }
    url.hash = "";
    return url.href;
  } catch {
    // It is told as one that cannot be read.
    return src;
  }
}

// Requests under way, by their sources.
const requests = new Map();
// Those that went ahead of the module, by what is polled.
const early = new Map();
const HEADERS = ["etag", "date", "age", "cache-control", "retry-after", "content-type"];
// As many as a page has under way, and for as long as what they bring is of just now.
const MOST_EARLY = 4;
const EARLY_MS = 10_000;
let hinted;

const target = (source) => source.slice(source.indexOf(" ") + 1);

// A request and, in it, when it began and its answer.
function send(source) {
  const request = new AbortController();
  // Revalidates: an unchanged document costs a 304. `If-None-Match` by hand would cost a preflight.
  const options = { cache: "no-cache", credentials: source.replace(/ .*/s, ""), signal: request.signal };
  // What throws in a page's own `fetch` is lost as what rejects.
  const answer = (async () => fetch(target(source), options))();
  answer.catch(() => {});
  return Object.assign(request, { answer, at: Date.now() });
}

/**
 * Asks, while the module is on its way, for what it will ask for first, so that the two come side by side: the request
 * is its own when it does, and is dropped when it does not. Never throws.
 */
export function hasten() {
  try {
    // What is still to be parsed may be before the module comes.
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", hasten);
    // One without `src` polls the page, which the reader has.
    for (const host of hidden() ? [] : document.querySelectorAll("live-article[src]:not([paused])")) {
      const source = polled(host);
      // A card asks itself; of one whose properties are set already, the attributes say too little.
      if (early.has(source) || early.size === MOST_EARLY || ATTRIBUTES.some(([name]) => name in host)) continue;
      texts(around(host), WORDS);
      const request = send(source);
      early.set(source, request);
      setTimeout(() => early.delete(source) && request.abort(), EARLY_MS);
    }
  } catch {
    // The module asks in its turn.
  }
}

/**
 * Asks for what a source polls, by a plain `fetch` that the browser's cache may answer. Comes back as `HEAD` with lines:
 * when it was asked for, status (0 where none came, 1 without a network), URL, headers; and where that answers that the
 * body is wanted, as `BODY` with its bytes, or `true` where there are more than `limit`. Never throws, never rejects.
 */
export async function ask(to, asked, source, limit) {
  stop(to);
  const request = early.get(source) ?? send(source);
  early.delete(source);
  requests.set(to, request);
  const { signal } = request;
  let head, body;
  const back = (what, value) => !signal.aborted && enter(to, what, value);
  try {
    try {
      const response = await request.answer;
      // Where a secure address leads to one in the clear, anybody on the way may be answering.
      if (target(source).startsWith("https:") && response.url.startsWith("http:")) throw 0;
      const lines = HEADERS.map((name) => response.headers.get(name));
      // The time that it waited for the module counts as if it had in a cache (RFC 9111 section 4.2.3).
      lines[2] = +lines[2] + Math.round((asked - request.at) / 1000);
      head = [asked, response.status, response.url, ...lines].join("\n");
      if (back(HEAD, head)) {
        body = await whole(response.body, limit);
        back(BODY, body);
      }
    } catch {
      if (signal.aborted) return;
      if (!head && navigator.onLine && !hinted) {
        hinted = true;
        console.warn(`live-article: ${target(source)} cannot be read: the network, no CORS header for this page, or a policy (connect-src) against it; asking again later.`);
      }
      [head, body] = [lost(asked)];
      back(HEAD, head);
    }
    if (!signal.aborted) post(to, head, body);
  } catch {
    // A page that breaks even this is one without a network.
  } finally {
    // Ends what is left of a body that is not wanted.
    if (requests.get(to) === request) stop(to);
  }
}

const lost = (asked) => `${asked}\n${+(navigator.onLine === false)}`;

async function whole(stream, limit) {
  const reader = stream.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if ((length += value.length) > limit) return true;
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  length = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes;
}

/** Ends a source's request; `late` is when one was asked for that took too long, for the other tabs. */
export function stop(to, late) {
  requests.get(to)?.abort();
  requests.delete(to);
  if (late) post(to, lost(late));
}

/** The text of bytes in a charset; in UTF-8 where the browser does not know it. */
export function decode(bytes, charset) {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

// Sources that other tabs poll too: the controller that ends the share, and what is polled.
const shares = new Map();
let channel;

/**
 * Shares a source with the browser's other tabs, or, without a pace, no more. One of those that go by the same pace
 * leads, by a lock that is let go when it closes, crashes or stops sharing; the others follow. Each passes on what it is
 * answered. Where locks or channels cannot be had, nothing comes back and each tab polls alone.
 */
export function share(to, source, pace) {
  shares.get(to)?.end.abort();
  shares.delete(to);
  try {
    if (!pace) {
      if (!shares.size) channel = channel?.close();
      return;
    }
    const { locks } = navigator;
    if (!locks || !globalThis.BroadcastChannel) return;
    const name = `live-article ${hooks.version}`;
    if (!channel) {
      channel = new BroadcastChannel(name);
      channel.onmessage = hear;
    }
    const end = new AbortController();
    const { signal } = end;
    shares.set(to, { source, pace, end });
    const lead = () => new Promise((free) => {
      if (signal.aborted) return free();
      signal.onabort = free;
      enter(to, LED);
    });
    const lock = `${name} ${pace} ${source}`;
    const wait = (free) => {
      if (free) return lead();
      if (signal.aborted) return;
      enter(to, FOLLOWED);
      locks.request(lock, { signal }, lead).catch(() => {});
    };
    locks.request(lock, { ifAvailable: true }, wait).catch(() => {});
  } catch {
    // A page without an origin, or without storage.
  }
}

// Firefox keeps no page in the back/forward cache that holds a lock as it begins to leave. One that stays after all, for
// a download or for what the reader answers, stands in line again.
function leave() {
  for (const [to, left] of shares) {
    left.end.abort();
    setTimeout(() => shares.get(to) === left && share(to, left.source, left.pace), 1000);
  }
}

async function post(to, head, body) {
  const share = shares.get(to);
  if (!share) return;
  try {
    // Each tab that shares it holds a lock or waits for one; a body of some megabytes is not copied for nobody.
    const { held, pending } = await navigator.locks.query();
    const others = [...held, ...pending].filter(({ name }) => name.endsWith(` ${share.source}`));
    if (others.length > 1) channel.postMessage([share.source, head, body]);
  } catch {
    // The others ask themselves before long.
  }
}

function hear({ data }) {
  const [source, head, body] = Array.isArray(data) ? data : [];
  for (const [to, share] of [...shares]) {
    if (share.source === source && enter(to, HEAD, head)) enter(to, BODY, body);
  }
}

/** Notes which document is being read; answers how often it has trapped. Without one: it was read. */
export const read = (key) => ((opened = key), traps.get(key) ?? 0);

const start = Symbol();

// Elements that came into the page and have not begun. A thousand at once begin a slice of time after the other, so that
// the page stays responsive; the first few at once.
const late = new Set();
const SLICE_MS = 8;
let spent = 0;
let turns;

function begin() {
  if (!turns) {
    turns = new MessageChannel();
    turns.port1.onmessage = () => {
      spent = 0;
      if (late.size) begin();
    };
  }
  if (!spent) turns.port2.postMessage(0);
  for (const element of late) {
    if (spent > SLICE_MS) return;
    const begun = performance.now();
    element[start]();
    spent += performance.now() - begun + 0.001;
  }
}

const mark = Symbol();
const tree = Symbol();
// Elements and events by numbers, so that the module need not hold one.
let last = 0;
const gone = new FinalizationRegistry((number) => enter(number, GONE));

/** Every attribute of the card's own. */
export const attributes = [...ATTRIBUTES.map(([name]) => name), "lang"];

/**
 * Defines `<live-article>`, or takes over its elements: `says` is the names of tags and attributes by number, `sheet` the
 * card's. Without `receive` the element stands for itself, its children stay, and `says`, the cause, is told once.
 */
export function define(receive, says, sheet) {
  dispatch = receive;
  [words, css] = [`${says}`.split(" "), sheet];
  if (!dispatch) console.warn(`live-article: the server's copy stays as it is: ${says}.`);
  const taken = customElements.get("live-article");
  if (taken) {
    if (taken !== defined) console.warn("live-article: another script has defined <live-article>; this one rests.");
    return;
  }

  class LiveArticle extends HTMLElement {
    static observedAttributes = attributes;
    #inner = this.attachInternals();
    #states = this.#inner.states;
    #number = ++last;
    constructor() {
      super();
      gone.register(this, this.#number);
    }
    #call(what, value) { return enter(this.#number, what, value); }

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
      // Moved: what it inherits may be another's.
      if (connected.has(this)) return void this.#call(ATTRIBUTE, "lang");
      connected.add(this);
      late.add(this);
      begin();
    }
    [start]() {
      late.delete(this);
      if (!dispatch) {
        this[mark]("unsupported", true);
        return;
      }
      // What the last instance said of it is over.
      this.#states?.clear();
      this.#call(CONNECT, this);
    }
    // A closed one too.
    get [tree]() { return this.#inner.shadowRoot; }
    // Even to add what is there may cost a look at every element below.
    [mark](name, on) { if (this.#states?.has(name) !== on) this.#states?.[on ? "add" : "delete"](name); }
    disconnectedCallback() {
      // A move disconnects and connects again; by then the element is back in the page.
      if (this.isConnected) return;
      connected.delete(this);
      if (!late.delete(this)) this.#call(DISCONNECT);
    }
    adoptedCallback() { if (this[tree]) dress(this[tree]); }
    attributeChangedCallback(name, old, value) {
      if (old === value || late.has(this)) return;
      if (name !== "src" && name !== "credentials") this.#call(ATTRIBUTE, name);
      // Of several addresses in a row only the last is asked: what is aborted at once may be on its way already.
      else {
        if (!this.#turned) queueMicrotask(() => this.#turn());
        this.#turned = name;
      }
    }
    #turned = "";
    #turn() {
      const name = this.#turned;
      this.#turned = "";
      if (name) this.#call(ATTRIBUTE, name);
    }
    get article() { return this.#call(ARTICLE) ?? null; }
    get status() { return this.#call(STATUS) ?? (dispatch ? "loading" : "unsupported"); }
    get pending() { return this.#call(PENDING) ?? null; }
    refresh() {
      if (late.has(this)) this[start]();
      this.#turn();
      return new Promise((done) => connected.has(this) && dispatch ? this.#call(REFRESH, done) : done());
    }
    apply() { this.#call(APPLY); }
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

// What the reader is doing, for all cards at once.
let pressed = false;
let scrolled = -Infinity;
const notice = (event) => {
  if (event.type === "scroll") scrolled = performance.now();
  else pressed = event.type === "pointerdown";
};
if (globalThis.addEventListener) {
  for (const type of ["scroll", "pointerdown", "pointerup", "pointercancel"]) {
    addEventListener(type, notice, { capture: true, passive: true });
  }
}

// Cards by their hosts, for the one observer. A little around the view counts: what comes next should be fresh.
const watched = new WeakMap();
const observer = globalThis.IntersectionObserver && new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const card = watched.get(target);
      if (card) enter(...card, isIntersecting);
    }
  },
  { rootMargin: "200px" },
);

/** Begins to tell a card whether its host is in sight; ends it where `what` is 0. */
export function watch(host, to, what) {
  watched.delete(host);
  observer?.unobserve(host);
  if (!what) return;
  watched.set(host, [to, what]);
  observer?.observe(host);
}

const focused = (host, root) => root.activeElement ?? (host.contains(document.activeElement) ? document.activeElement : null);

// The ends of the selection, if it is in the card. A shadow tree's own differ from engine to engine.
function selected(host, root) {
  const selection = root.getSelection?.() ?? getSelection();
  if (!selection?.rangeCount) return null;
  let { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const range = selection.getComposedRanges?.({ shadowRoots: [root] })[0];
  if (range && !root.contains(anchorNode)) {
    [anchorNode, anchorOffset, focusNode, focusOffset] = [range.startContainer, range.startOffset, range.endContainer, range.endOffset];
  }
  const inside = (node) => root.contains(node) || host.contains(node);
  if ((anchorNode === focusNode && anchorOffset === focusOffset) || !(inside(anchorNode) || inside(focusNode))) return null;
  return { selection, ends: [anchorNode, anchorOffset, focusNode, focusOffset] };
}

/** Whether the reader is inside the card: focus, selection, something playing or open, a pointer down, just scrolled. */
export const busy = (host, root) =>
  pressed ||
  performance.now() - scrolled < 1000 ||
  !!focused(host, root)?.matches(":not([part~=prompt])") ||
  !!selected(host, root) ||
  [root, host].some((tree) => tree.querySelector(":popover-open, dialog[open]") || [...tree.querySelectorAll("audio, video")].some((media) => !media.paused));

// The scrolling box around an element, out of shadow trees too.
function scroller(element) {
  for (let node = element; node; node = node.assignedSlot ?? node.parentNode ?? node.host) {
    if (node instanceof Element && node !== document.body && node.scrollHeight > node.clientHeight && /auto|scroll/.test(getComputedStyle(node).overflowY)) return node;
  }
  return document.scrollingElement;
}

// Where what can be seen of a box begins.
const top = (box) => (box === document.scrollingElement ? 0 : Math.max(0, box.getBoundingClientRect().top));

// The elements in the card by which a reader finds the place again: the innermost at the top of what can be seen, those
// that follow it, those around it. Of a card that is out of sight above it is the end that must not move.
function anchors(host, root) {
  const line = top(scroller(host));
  const { top: begin, bottom: end } = host.getBoundingClientRect();
  if (begin >= line) return [];
  const found = [];
  for (let inside = [...root.children]; end > line && inside.length; ) {
    // A slot has no box of its own.
    inside = inside.flatMap((node) => (node.localName === "slot" ? [...node.assignedElements(), ...node.children] : node));
    const at = inside.findIndex((node) => node.getBoundingClientRect().bottom > line);
    if (at < 0) break;
    found.unshift(...inside.slice(at, at + 8));
    inside = [...inside[at].children];
  }
  return found.length ? found : [host];
}

/** The id of the block that is read, the first in sight: none while the card begins in sight or below, empty behind the last. */
export function reading(host, root) {
  const line = top(scroller(host));
  let all = root.querySelectorAll("[part~=block]");
  if (!all.length) all = [...host.querySelectorAll("*")].filter((node) => names.has(node));
  let low = 0;
  for (let high = all.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (all[middle].getBoundingClientRect().bottom > line) high = middle;
    else low = middle + 1;
  }
  if (host.getBoundingClientRect().top >= line || (!low && !(all[0]?.getBoundingClientRect().top < line))) return;
  return all[low] ? (names.get(all[low]) ?? all[low].id) : "";
}

// What rounding left over from the last time, by host.
const rest = new WeakMap();

/** Notes what must not move: answers a function that, after the swap, puts it back. */
export function still(host, root) {
  const box = scroller(host);
  const edge = (node) => node.getBoundingClientRect()[node === host ? "bottom" : "top"];
  // Some of what is read may be gone afterwards: then what stood next to it holds the place.
  const held = anchors(host, root).map((node) => [node, edge(node) - (rest.get(host) ?? 0)]);
  const focus = focused(host, root);
  const selection = selected(host, root);
  return () => {
    if (focus?.isConnected && focused(host, root) !== focus) focus.focus({ preventScroll: true });
    if (selection && selection.ends[0].isConnected && selection.ends[2].isConnected) {
      const now = selected(host, root)?.ends;
      if (!now || selection.ends.some((end, index) => index % 2 === 0 && end !== now[index])) {
        try {
          selection.selection.setBaseAndExtent(...selection.ends);
        } catch {
          // The text is shorter now than where the selection ended.
        }
      }
    }
    const anchor = held.find(([node]) => node.isConnected);
    if (!anchor) return;
    const moved = () => edge(anchor[0]) - anchor[1];
    if (moved()) box.scrollBy({ top: moved(), behavior: "instant" });
    rest.set(host, moved() % 1);
  };
}

/** Says, for style sheets, whether the card is in a state. */
export const state = (host, name, on) => host[mark](name, on);

/** A number that nothing has: neither an element nor an event of any instance of the module. */
export const fresh = () => ++last;

/**
 * Sends an event to the page; answers whether it let it happen. The article that the module keeps for it under `number`
 * is made an object when it is first asked for, however late; most listeners never do.
 */
export function tell(host, name, detail, cancelable, number) {
  if (number) {
    let article;
    detail = { ...detail, get article() { return (article ??= enter(number, ARTICLE) ?? null); } };
    gone.register(detail, number);
  }
  return host.dispatchEvent(new CustomEvent(`live-article-${name}`, { bubbles: true, composed: true, cancelable, detail }));
}

// The sheet of each document, and the shadow trees that are listened to.
const sheets = new WeakMap();
const heard = new WeakSet();

/**
 * The shadow tree of a card under the card's sheet, with `content` alone in it. Comes back as `what` with the part that the reader
 * uses. A real button makes a click of a key; the time is none.
 */
export function shadow(host, content, to, what) {
  const root = host[tree] ?? host.attachShadow({ mode: "open" });
  // What is there is declarative, or left by a module that had to be made anew.
  root.replaceChildren(content);
  dress(root);
  if (heard.has(root)) return root;
  heard.add(root);
  for (const type of ["click", "keydown"]) {
    root.addEventListener(type, (event) => {
      const part = event.target.getAttribute?.("part");
      if (type === "keydown") {
        if (part !== "time" || (event.key !== "Enter" && event.key !== " ")) return;
        // The space bar would scroll the page.
        event.preventDefault();
      }
      enter(to, what, part);
    });
  }
  // What a page puts between the blocks may come later.
  new MutationObserver(() => enter(to, what, "slots")).observe(host, { childList: true });
  return root;
}

// A sheet is of one document: a tree that comes from another has lost it.
function dress(root) {
  const page = root.ownerDocument;
  try {
    if (!sheets.has(page)) {
      const sheet = new page.defaultView.CSSStyleSheet();
      sheet.replaceSync(css);
      sheets.set(page, sheet);
    }
    root.adoptedStyleSheets = [sheets.get(page)];
  } catch {
    // A document without a window shows nothing anyway.
  }
}

/** Whether the engine moves iframes and media without reloading them (DOM, state-preserving move). */
export const movable = () => "moveBefore" in Element.prototype;

// Replaces only what differs in a text node, so that a selection in the rest survives.
function splice(node, text) {
  const was = node.data;
  let head = 0;
  while (head < was.length && was[head] === text[head]) head++;
  let tail = 0;
  while (tail < Math.min(was.length, text.length) - head && was[was.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
  node.replaceData(head, was.length - tail - head, text.slice(head, text.length - tail));
}

function place(node, parent, before) {
  for (const way of node.parentNode ? ["moveBefore", "insertBefore"] : ["insertBefore"]) {
    try {
      return parent[way](node, before);
    } catch {
      // Not every engine moves, and none what the page's scripts have put elsewhere.
    }
  }
}

/**
 * Carries steps out below `root`: four numbers each, the first of them as `view/mod.rs` has it, and the texts in the order
 * of their use. Answers the nodes of the new tree.
 */
export function carry(root, old, steps, texts, way, now) {
  const page = root.ownerDocument;
  const made = [];
  const open = [];
  let text = 0;
  texts = texts.split("\0");
  // The module's own memory, which may move while the page's scripts run.
  steps = steps.slice();
  for (let at = 0; at < steps.length; at += 4) {
    const [what, to, one, other] = [steps[at], steps[at + 1], steps[at + 2], steps[at + 3]];
    const value = what === 2 || what === 3 || what === 6 ? texts[text++] : "";
    let node = made[to];
    if (what === 0) {
      for (let next = 0; next < other; next++) made[to + next] = old[one + next];
    } else if (what < 3) {
      node = made[to] = what === 1 ? page.createElement(words[one]) : page.createTextNode(value);
      open.at(-1)?.append(node);
      if (what === 1) open.push(node);
    } else if (what === 3) node.setAttribute(words[one], value);
    else if (what === 4) open.pop();
    else if (what === 5) node.textContent = stamp(way, node.getAttribute("datetime") ?? "", now);
    else if (what === 6) splice((made[to] = old[one]), value);
    else if (what === 7) node.removeAttribute(words[one]);
    else if (what === 8) place(node, made[one] ?? root, made[other] ?? (made[one] ? null : (old.end ?? null)));
    else old[one].remove();
  }
  return made;
}

/** After which blocks the page's own children stand (`slot="after-3"`), in ascending order. */
export const slots = (host) =>
  Uint32Array.from(new Set([...host.children].flatMap((child) => child.slot.match(/^after-(\d{1,6})$/)?.[1] ?? []))).sort();

/** Whether the page has a copy of its own in the card, beside what stands in slots. */
export const copied = (host) =>
  [...host.childNodes].some((node) => (node.nodeType === 1 ? !node.matches("[slot], script, style, template") : node.nodeType === 3 && !!node.data.trim()));

/** The page's fragment. */
export function fragment() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

/** Scrolls to the block of an id. */
export const reveal = (root, id) =>
  (root.getElementById(id) ?? [...root.host.querySelectorAll("*")].find((node) => names.get(node) === id))?.scrollIntoView();

// The site's own markup. Which of its elements is which block:
const names = new WeakMap();
const PROSE = "p, h2, h3, h4, blockquote, ul, ol";
const bare = (text) => text.replace(/\s+/g, "");
const marked = (within, property) => [...within.querySelectorAll(`[itemprop~=${property}]`)];

// Those that say something of the article itself, not of an entry, a person or another article in it.
const own = (host, property) => marked(host, property).filter((node) => {
  const other = node.parentElement.closest("[itemprop][itemscope], [itemprop~=liveBlogUpdate]");
  return !other || other.contains(host);
});

// A `meta` says it where nobody sees it.
function say(node, text) {
  if (!node || !text) return;
  if (node.localName === "meta") {
    if (node.content !== text) node.content = text;
  } else if (bare(node.textContent) !== bare(text)) {
    if (node.childNodes.length === 1 && node.firstChild.nodeType === 3) splice(node.firstChild, text);
    else node.textContent = text;
  }
}

const clock = (node) => (node.localName === "meta" || node.hasAttribute("content") ? "content" : "datetime");

// What says no moment, or the same less precisely, is the site's own affair.
function date(node, iso, read) {
  const shown = node?.getAttribute(clock(node));
  if (!shown || !iso || iso.startsWith(shown) || Date.parse(shown) === Date.parse(iso)) return;
  node.setAttribute(clock(node), iso);
  if (node.localName !== "meta") node.textContent = read(iso);
}

/** The site's time of the last change reads as the badge's does. */
export function tick(host) {
  const [node] = own(host, "dateModified");
  if (node?.localName !== "meta") say(node, host.shadowRoot?.querySelector("[part~=time]")?.textContent);
}

// What in an entry is its text: what is marked as that, else its paragraphs, else all that is not marked as something else.
function inside(entry) {
  const [body] = marked(entry, "articleBody");
  const prose = [...entry.children].filter((node) => node.matches("p, blockquote, ul, ol") && !node.hasAttribute("itemprop"));
  if (body || prose.length) return body ? [...body.childNodes] : prose;
  return [...entry.childNodes].filter((node) => node.nodeType === 3 || !node.matches("[itemprop], :has([itemprop]), header, footer, aside, button"));
}

// An element like another: under its class, marked as it is.
function like(node, name, scope) {
  const made = document.createElement(node?.localName ?? name);
  for (const attribute of scope ? ["class", "itemprop", "itemscope", "itemtype"] : ["class"]) {
    if (node?.hasAttribute(attribute)) made.setAttribute(attribute, node.getAttribute(attribute));
  }
  return made;
}

/**
 * Brings the site's own markup in step with an article whose fields and blocks are in `text`; `on`: it has been brought so
 * before. Answers for each block the element whose content is to follow it, if that says something else, and at the end
 * whether the copy was behind.
 */
export function adopt(host, text, blog, on, way, now) {
  const [headline, summary, correction, authors, image, published, modified, ...rest] = text.split("\0");
  const read = (iso) => stamp(way, iso, now);
  const blocks = [];
  for (let at = 0; at + 6 < rest.length; at += 6) {
    const [id, tag, title, iso, says, edited] = rest.slice(at, at + 6);
    blocks.push({ id, tag, title, iso, says, edited });
  }
  const [dated] = own(host, "dateModified");
  const shown = dated?.getAttribute(clock(dated));
  const behind = on || !shown || !modified || !(modified.startsWith(shown) || Date.parse(shown) >= Date.parse(modified));
  if (behind) {
    say(own(host, "headline")[0], headline);
    say(own(host, "description")[0], summary);
    const [corrected] = own(host, "correction");
    if (corrected && !bare(corrected.textContent).includes(bare(correction))) say(corrected, correction);
    const writers = own(host, "author");
    const people = authors.split("\n").slice(0, -1);
    const bylines = writers.map((node) => marked(node, "name")[0] ?? node);
    if (!people.every((name) => bylines.some((node) => (node.content ?? node.textContent).includes(name)))) {
      // An element for each, or one for all: else the byline is the site's own.
      if (bylines.length === 1) say(bylines[0], people.join(", "));
      else if (bylines.length === people.length) bylines.forEach((node, at) => say(node, people[at]));
    }
    date(own(host, "datePublished")[0], published, read);
    for (const node of image ? own(host, "image") : []) {
      const picture = node.localName === "img" ? node : node.querySelector("img");
      picture?.closest("picture")?.querySelectorAll("source").forEach((source) => source.remove());
      picture?.removeAttribute("srcset");
      picture?.setAttribute("src", image);
    }
    date(dated, modified, read);
  }
  const done = (answer) => ((answer[blocks.length] = behind && !!shown), answer);
  const entries = blog ? own(host, "liveBlogUpdate") : [];
  const parent = entries[0]?.parentElement ?? own(host, "articleBody")[0];
  if (!parent || !blocks.length) return done([]);
  const items = blog ? entries : [...parent.children];
  const begun = items.some((node) => names.has(node));
  const says = new Map(items.map((node) => [node, bare(node.textContent)]));

  // As known, by `itemid` or `id`, by the whole text, and, between the same neighbours, by most of the words.
  const pairs = [];
  const taken = new Set();
  const take = (at, node) => {
    if (node && !pairs[at] && !taken.has(node)) taken.add((pairs[at] = node));
  };
  const known = new Map();
  for (const node of items) {
    for (const name of [names.get(node), node.getAttribute("itemid"), node.id]) if (name && !known.has(name)) known.set(name, node);
  }
  blocks.forEach(({ id }, at) => take(at, known.get(id) ?? known.get(id.replace(/^.*[#/]/, ""))));
  const texts = new Map();
  for (const node of items) if (!taken.has(node)) texts.set(says.get(node), [...(texts.get(says.get(node)) ?? []), node]);
  blocks.forEach((block, at) => pairs[at] || take(at, texts.get(bare(block.says))?.shift()));
  const words = (text) => new Set(text.split(/\s+/).filter(Boolean));
  blocks.forEach((block, at) => {
    if (pairs[at]) return;
    const want = words(block.says);
    for (let next = items.indexOf(pairs[at - 1]) + 1; next < items.length && !taken.has(items[next]); next++) {
      const is = words(items[next].textContent);
      const shared = [...want].filter((word) => is.has(word)).length;
      if (!items[next].id && (blog || items[next].localName === block.tag) && shared * 2 >= Math.min(want.size, is.size) && shared) return take(at, items[next]);
    }
  });
  if (!behind) {
    pairs.forEach((node, at) => names.set(node, blocks[at].id));
    return done([]);
  }

  // Before anything is known of the copy, only what can be nothing but article is taken for it.
  for (const node of items) {
    if (!taken.has(node) && (begun ? names.has(node) : !blog && node.matches(PROSE))) node.remove();
  }
  const stood = items.filter((node) => taken.has(node));
  let before = stood.at(-1)?.nextSibling ?? null;
  let follows = null;
  const answer = [];
  for (let at = blocks.length - 1; at >= 0; at--) {
    const block = blocks[at];
    let node = pairs[at];
    if (!node) {
      node = answer[at] = build(block, read, blog, blog ? items[0] : items.findLast((other) => other.localName === block.tag));
    } else if (block.edited || (blog ? !says.get(node).includes(bare(block.says)) : says.get(node) !== bare(block.says))) {
      answer[at] = node;
      if (blog) say(marked(node, "headline")[0], block.title);
    }
    if (!pairs[at] || (follows && !(node.compareDocumentPosition(follows) & Node.DOCUMENT_POSITION_FOLLOWING))) place(node, parent, before);
    names.set(node, block.id);
    before = follows = node;
  }
  return done(answer);
}

// A new block as the site's own are, without its text.
function build(block, read, blog, model) {
  const made = like(model, blog ? "article" : block.tag, blog);
  if (!blog) return made;
  made.setAttribute("itemprop", "liveBlogUpdate");
  // An address is nothing that a script or a sheet of the page's means; another id might be.
  if (model?.hasAttribute("itemid")) made.setAttribute("itemid", block.id);
  else if (block.id.includes(":")) made.id = block.id;
  for (const part of model?.querySelectorAll("[itemprop~=headline], [itemprop~=datePublished], [itemprop~=articleBody]") ?? []) {
    const node = like(part, "div", true);
    if (part.matches("[itemprop~=headline]")) node.textContent = block.title;
    else if (part.matches("[itemprop~=datePublished]")) {
      node.setAttribute(clock(part), block.iso);
      if (node.localName !== "meta") node.textContent = read(block.iso);
    }
    // What the new one does not have it does not show.
    if (part.matches("[itemprop~=headline]") ? block.title : part.matches("[itemprop~=articleBody]") || block.iso) made.append(node);
  }
  return made;
}

/** What an element of the site's holds, as steps for `src/view/adopt.rs`; its nodes by their places go into `nodes`. */
export function walk(element, nodes, blog) {
  const steps = [];
  const visit = (node) => {
    if (node.nodeType === 3 ? !node.data : node.nodeType !== 1) return;
    nodes.push(node);
    if (node.nodeType === 3) return void steps.push("t" + node.data);
    steps.push("<" + node.localName);
    // The properties are absolute, as a feed's are; the attributes need not be.
    for (const name of ["href", "src"]) {
      if (node.hasAttribute(name)) steps.push(name[0] + node[name]), nodes.push(null);
    }
    node.childNodes.forEach(visit);
    steps.push(">");
  };
  const all = blog ? inside(element) : [element];
  all.forEach(visit);
  nodes.end = blog ? all.at(-1)?.nextSibling : null;
  return steps.join("\0");
}

/** Moves the focus to what is new, for whoever asked for it. */
export function present(root) {
  const news = ["changed", "headline", "card"].map((part) => root.querySelector(`[part~=${part}]`)).find(Boolean);
  if (news) news.tabIndex = -1;
  news?.focus();
}

/** Keeps the page's own JSON-LD of the article in step, and touches nothing else of it. */
export function sync(url, headline, modified) {
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    try {
      const data = JSON.parse(script.textContent);
      const seen = (node) => {
        if (!node || typeof node !== "object") return false;
        const same = [node.url, node["@id"], node.mainEntityOfPage, node.mainEntityOfPage?.["@id"]].some(
          (address) => typeof address === "string" && new URL(address, document.baseURI).href === url,
        );
        const changed = same && "headline" in node && (node.headline !== headline || (modified && node.dateModified !== modified));
        if (changed) Object.assign(node, { headline }, modified && { dateModified: modified });
        return Object.values(node).filter(seen).length > 0 || changed;
      };
      if (seen(data)) script.firstChild.data = JSON.stringify(data);
    } catch {
      // What does not parse is not ours to mend.
    }
  }
}

// Articles that are remembered, at most: long ones take 128 kB, and the site needs its storage too.
const REMEMBERED = 16;

/** What this reader last saw of an article; `value` keeps it, `null` deletes it. Storage may be off, or full. */
export function memory(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key)?.replace(/^.*\n/, "") ?? "";
    localStorage.removeItem(key);
    if (value === null) return "";
    const ours = Object.keys(localStorage).filter((name) => name.startsWith("live-article:"));
    const age = (name) => parseInt(localStorage.getItem(name)) || 0;
    for (const old of ours.sort((one, other) => age(other) - age(one)).slice(REMEMBERED - 1)) localStorage.removeItem(old);
    localStorage.setItem(key, `${Date.now()}\n${value}`);
  } catch {
    // Then nothing is remembered.
  }
  return "";
}

// One card in one state, always the same: the clock stands still, chance is a constant, and the documents are fixed.
//
// The address says which: ?story=report&view=card&status=paused&theme=tabloid&dir=rtl&lang=de&scheme=dark&width=480.
// `plain` puts a drawing in the place of photographs. When the card is there, the root has `data-ready`.

const NOW = Date.UTC(2026, 0, 19, 18, 4, 50);
const asked = new URLSearchParams(location.search);
const is = (name, initial) => asked.get(name) || initial;
const story = is("story", "report");
const status = is("status", "live");
const root = document.documentElement;
const wait = setTimeout.bind(window);

/* The clock, and what waits for it. */

let now = NOW;
const timers = new Map();
let last = 0;
globalThis.Date = class extends Date {
  constructor(...parts) {
    parts.length ? super(...parts) : super(now);
  }
  static now() {
    return now;
  }
};
Object.defineProperty(performance, "now", { value: () => now - NOW });
Math.random = () => 0.5;
globalThis.setTimeout = (call, after = 0) => (timers.set(++last, { call, at: now + after }), last);
globalThis.clearTimeout = (number) => timers.delete(number);

const moment = () => new Promise((done) => wait(done, 5));
async function advance(milliseconds) {
  const end = now + milliseconds;
  for (;;) {
    const [number, timer] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
    if (!timer) break;
    timers.delete(number);
    now = Math.max(now, timer.at);
    timer.call();
    await moment();
  }
  now = end;
}

/* The newsroom. */

let version = "";
let broken = status === "loading" ? "never" : "";
const network = fetch.bind(window);
globalThis.fetch = async (address, init) => {
  const url = new URL(address?.url ?? address, location);
  if (!url.pathname.startsWith("/gallery/")) return network(address, init);
  if (broken === "never") return new Promise(() => {});
  const answer = await network(url.pathname.replace(".jsonld", `${version}.jsonld`));
  const document = await answer.json();
  if (status === "ended") document[story === "blog" ? "coverageEndTime" : "expires"] = "2026-01-19T18:03:00Z";
  if (asked.has("plain")) document.image.url = "/gallery/plain.svg";
  let body = JSON.stringify(document);
  if (asked.has("plain")) body = body.replaceAll(/\/pictures\/\w+\.jpg/g, "/gallery/plain.svg");
  const headers = { "content-type": "application/ld+json", date: new Date().toUTCString() };
  const response = broken ? new Response("", { status: broken, headers }) : new Response(body, { headers });
  return Object.defineProperty(response, "url", { value: url.href });
};

if (status === "unsupported") delete globalThis.WebAssembly;
// Each card polls by itself, whatever the other frames do.
Object.defineProperty(navigator, "locks", { value: undefined });
delete globalThis.BroadcastChannel;

/* The page. */

root.dir = is("dir", "ltr");
root.lang = is("lang", "en-US");
root.style.colorScheme = is("scheme", "light");
if (asked.has("theme")) {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: `/pkg/themes/${asked.get("theme")}.css` });
  document.head.append(link);
}
const main = document.querySelector("main");
if (asked.has("width")) main.style.width = `${asked.get("width")}px`;
const card = document.createElement("live-article");
const attributes = {
  src: `${story}.jsonld?${encodeURIComponent(location.search)}`,
  view: is("view", "article"),
  interval: ["stale", "withdrawn"].includes(status) ? 30 : 3600,
  "time-zone": "UTC",
  "max-blocks": 3,
  updates: status === "pending" ? "prompt" : "auto",
  ...(status === "adopted" && { adopt: "" }),
};
for (const [name, value] of Object.entries(attributes)) card.setAttribute(name, value);
card.append(main.querySelector(status === "adopted" ? "#own" : "template").content);
main.append(card);

/* Into the state that was asked for. */

const reach = {
  loading: () => customElements.whenDefined("live-article"),
  live: () => advance(11_000),
  async checking() {
    await advance(11_000);
    broken = "never";
    card.refresh();
    while (!card.matches(":state(checking)")) await moment();
    await advance(4_000);
  },
  async stale() {
    broken = "never";
    card.refresh();
    for (let minute = 0; minute < 60 && card.status !== "stale"; minute++) await advance(60_000);
  },
  async offline() {
    Object.defineProperty(navigator, "onLine", { get: () => false });
    dispatchEvent(new Event("offline"));
    await advance(120_000);
  },
  async paused() {
    await advance(11_000);
    card.pause();
  },
  async pending() {
    version = "-2";
    await card.refresh();
    await advance(11_000);
  },
  async updated() {
    version = "-2";
    await card.refresh();
  },
  ended: () => advance(11_000),
  async withdrawn() {
    broken = 410;
    await card.refresh();
    for (let minute = 0; minute < 60 && card.status !== "withdrawn"; minute++) await advance(60_000);
  },
  adopted: () => advance(11_000),
  unsupported: () => customElements.whenDefined("live-article"),
};

async function show() {
  const shown = new Promise((done) => addEventListener("live-article-load", done, { once: true }));
  if (!["loading", "unsupported"].includes(status)) await shown;
  // The browser shows the page, and tells so, in its own time.
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done, { once: true }));
  await new Promise((done) => wait(done, 50));
  await reach[status]();
  // A language's words come in a file of their own.
  while (card.shadowRoot && !card.shadowRoot.querySelector("[part~=badge]")) await moment();
  const pictures = [...(card.shadowRoot?.querySelectorAll("img") ?? [])];
  await Promise.all(pictures.map((picture) => ((picture.loading = "eager"), picture.decode().catch(() => {}))));
  await document.fonts.ready;
  root.dataset.ready = card.status ?? "";
}
show();

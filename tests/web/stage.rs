//! A page whose clocks, timers and network are played by the test.

use live_article::article::Millis;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

#[wasm_bindgen(inline_js = r#"
const mine = (name) => globalThis[name].bind(globalThis);
const real = { now: Date.now, steady: performance.now, set: mine("setTimeout"), clear: mine("clearTimeout"), fetch: mine("fetch") };
let wall, steady, timers, next, answers, counts, held;

export function raise(now) {
  // What a test left that failed is nothing to the next.
  for (const card of document.querySelectorAll("live-article")) card.remove();
  [wall, steady, timers, next, answers, counts, held] = [now, 1000, new Map(), 1, new Map(), new Map(), []];
  Date.now = () => wall;
  performance.now = () => steady;
  globalThis.setTimeout = (call, wait = 0) => (timers.set(next, { call, at: steady + wait }), next++);
  globalThis.clearTimeout = (id) => timers.delete(id);
  globalThis.fetch = async (request) => {
    const url = new URL(request.url ?? request, location.href).href;
    counts.set(url, (counts.get(url) ?? 0) + 1);
    const answer = answers.get(url);
    if (!answer) throw new TypeError("no network");
    if (answer.held) await new Promise((done) => held.push(done));
    const headers = { "content-type": "application/ld+json" };
    if (answer.ahead !== null) headers.date = new Date(wall + answer.ahead).toUTCString();
    // A stream of our own: one of the browser's may be filled by another thread, whenever that gets its turn.
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode(answer.body));
        stream.close();
      },
    });
    return new Response(body, { headers });
  };
}
export function strike() {
  Date.now = real.now;
  performance.now = real.steady;
  [globalThis.setTimeout, globalThis.clearTimeout, globalThis.fetch] = [real.set, real.clear, real.fetch];
  for (const [name, of] of played) delete of[name];
}
export const answer = (url, body, ahead) => void answers.set(new URL(url, location.href).href, { body, ahead: ahead ?? null });
export const hold = (url, body) => void answers.set(new URL(url, location.href).href, { body, ahead: null, held: true });
export const release = () => held.splice(0).forEach((done) => done());
export const silence = () => answers.clear();
export const asked = (url) => counts.get(new URL(url, location.href).href) ?? 0;
export const jump = (by) => void (wall += by);
export const doze = (by) => void ([wall, steady] = [wall + by, steady + by]);
const played = [["hidden", document], ["visibilityState", document], ["onLine", navigator]];
const play = (at, value) => Object.defineProperty(played[at][1], played[at][0], { configurable: true, get: () => value });
export function hide(on) {
  play(0, on);
  play(1, on ? "hidden" : "visible");
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}
export const connect = (on) => void play(2, on);
export const happen = (name) => void (/^(freeze|resume)$/.test(name) ? document : window).dispatchEvent(new Event(name));
// Whatever waits for the page to be drawn, as the word that a card is in sight does, has come.
const drawn = () =>
  new Promise((done) => {
    const observer = new IntersectionObserver(() => (observer.disconnect(), done()));
    observer.observe(document.documentElement);
  });
export async function rest() {
  await drawn();
  await settle();
}
async function settle() {
  // A message is a task too, and comes without a timer's wait.
  const { port1, port2 } = new MessageChannel();
  for (let task = 0; task < 30; task++) {
    // Locks are another process's: what was asked of it before this has been answered when this is.
    if (task % 10 === 0) await navigator.locks?.query();
    await new Promise((done) => {
      port1.onmessage = done;
      port2.postMessage(0);
    });
  }
  port1.close();
}
export async function pass(time) {
  const end = steady + time;
  for (;;) {
    let first;
    for (const [id, timer] of timers) if (timer.at <= end && !(first && first[1].at <= timer.at)) first = [id, timer];
    if (!first) break;
    const by = Math.max(0, first[1].at - steady);
    [wall, steady] = [wall + by, steady + by];
    timers.delete(first[0]);
    first[1].call();
    await settle();
  }
  [wall, steady] = [wall + end - steady, end];
}
/** The waits of all timers that are set, in milliseconds. */
export const waits = () => [...timers.values()].map((timer) => timer.at - steady);
let seen = 0, watcher;
export function watch(roots) {
  watcher?.disconnect();
  seen = 0;
  watcher = new MutationObserver((records) => (seen += records.length));
  for (const root of roots) watcher.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
}
export function mutations() {
  seen += watcher.takeRecords().length;
  const count = seen;
  seen = 0;
  return count;
}
"#)]
extern "C" {
    /// Takes over the page's clocks, timers and network; it is `now` by the reader's clock.
    pub(crate) fn raise(now: Millis);
    /// Gives them back.
    pub(crate) fn strike();
    /// What a URL answers from now on, and what the server's clock is ahead of the reader's, if it tells.
    pub(crate) fn answer(url: &str, body: &str, ahead: Option<Millis>);
    /// What a URL answers from now on, but not before it is let go.
    pub(crate) fn hold(url: &str, body: &str);
    /// Lets go what is held.
    pub(crate) fn release();
    /// How often a URL was asked for.
    pub(crate) fn asked(url: &str) -> u32;
    /// No URL answers any more.
    pub(crate) fn silence();
    /// Sets the reader's clock.
    pub(crate) fn jump(by: Millis);
    /// Time goes by in which no timer rings, as in a machine that sleeps and counts it.
    pub(crate) fn doze(by: Millis);
    /// Hides the page, or shows it.
    pub(crate) fn hide(on: bool);
    /// What the browser says of its network, without a word that this has changed.
    pub(crate) fn connect(on: bool);
    /// An event of the page's.
    pub(crate) fn happen(name: &str);
    /// Lets promises come back.
    pub(crate) async fn rest();
    /// Lets time pass.
    pub(crate) async fn pass(time: Millis);
    /// The waits of all timers that are set.
    pub(crate) fn waits() -> Vec<f64>;
    /// Counts the mutations below some nodes from now on.
    pub(crate) fn watch(roots: &js_sys::Array);
    /// How many there were since the last time.
    pub(crate) fn mutations() -> u32;
}

/// A card in the page.
pub(crate) fn card(attributes: &[(&str, &str)]) -> HtmlElement {
    // Anew only after a trap: what is under way is then nobody's.
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(live_article::register);
    let document = web_sys::window().and_then(|window| window.document()).expect("a page");
    let card: HtmlElement = document.create_element("live-article").expect("an element").unchecked_into();
    for (name, value) in attributes {
        card.set_attribute(name, value).expect("an attribute");
    }
    // A card out of sight rests, and what a test prints pushes what follows it down.
    card.set_attribute("style", "position: fixed; inset: 0 auto auto 0").expect("an attribute");
    document.body().expect("a body").append_child(&card).expect("a place");
    card
}

/// A piece of a card by its part.
pub(crate) fn part(card: &HtmlElement, part: &str) -> Option<Element> {
    card.shadow_root()?.query_selector(&format!("[part~={part}]")).expect("a selector")
}

/// What such a piece says.
pub(crate) fn text(card: &HtmlElement, name: &str) -> String {
    part(card, name).and_then(|part| part.text_content()).unwrap_or_default()
}

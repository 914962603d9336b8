//! The one door through which the browser calls back: a number, what happened, and a value.
//!
//! Timers, listeners and promises all pass `enter` of `element.js`, which keeps a trap out of the page.

use alloc::string::String;
use alloc::vec::Vec;

use gloo::timers::callback::Timeout;
use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Element, Node, ShadowRoot};

#[wasm_bindgen(module = "/src/element.js")]
extern "C" {
    /// Comes back through [`crate::element::receive`].
    pub(crate) fn enter(to: u32, what: u8, value: &JsValue);
    /// Comes back to the page as `what` when the script that runs is done.
    pub(crate) fn soon(what: u8);
    /// Comes back in so many milliseconds; a negative number ends the wait.
    pub(crate) fn wake(to: u32, what: u8, wait: f64);
    /// Asks for what a source polls. Comes back to it as [`HEAD`] and, where that is answered with true, as [`BODY`].
    pub(crate) fn ask(to: u32, asked: f64, key: &str, limit: u32);
    /// Ends a source's request; `late` is when one that took too long was asked for, else 0.
    pub(crate) fn stop(to: u32, late: f64);
    /// Shares a source with other tabs that go by the same pace, or, where that is 0, no more.
    pub(crate) fn share(to: u32, key: &str, pace: f64);
    /// A number that an element's property gives; 0 where it gives none.
    pub(crate) fn number(host: &Element, property: &str) -> f64;
    /// The page's own scheme, host and port.
    pub(crate) fn origin() -> String;
    /// What a card polls: its credentials, a space, and the URL.
    pub(crate) fn polled(host: &Element) -> String;
    /// The text of bytes in a charset.
    pub(crate) fn decode(bytes: &Uint8Array, charset: &str) -> String;
    /// Tells what happens to the page, or no more.
    pub(crate) fn attend(on: bool);
    /// Milliseconds by a clock that nobody sets.
    pub(crate) fn steady() -> f64;
    /// Whether nobody can see the page.
    pub(crate) fn hidden() -> bool;
    /// Whether the reader saves data.
    pub(crate) fn saves() -> bool;
    /// The way times and words are written around an element; another object when anything about it has changed.
    pub(crate) fn around(host: &Element) -> JsValue;
    /// The same for a language, hour cycle, zone and source's zone, each empty where it is not given.
    pub(crate) fn way(lang: &str, cycle: &str, zone: &str, source: &str) -> JsValue;
    /// Every way is made anew when it is next asked for.
    pub(crate) fn forget();
    /// A file of texts has come.
    pub(crate) fn receive(url: &str, text: &str);
    /// The texts of a way over the English ones; none while they are on their way, which come back to the page.
    pub(crate) fn texts(way: &JsValue, what: u8) -> Option<String>;
    /// Writes a number by one of a way's formatters; nothing where the browser refuses.
    pub(crate) fn write(way: &JsValue, place: usize, value: f64, unit: &str, lang: &str) -> String;
    /// The time of an entry or a correction as it reads now; nothing where it is none.
    pub(crate) fn stamp(way: &JsValue, datetime: &str, now: f64) -> String;
    /// How far the clocks of a zone are ahead of UTC at a moment, in milliseconds.
    pub(crate) fn ahead(at: f64, zone: &str) -> f64;
    /// Notes which document is being read; answers how often it has trapped. Empty: it was read.
    pub(crate) fn read(key: &str) -> u32;
    /// Begins to tell a card, as `what`, whether its host is in sight; ends it where `what` is 0.
    pub(crate) fn watch(host: &Element, to: u32, what: u8);
    /// Whether the reader is inside the card.
    pub(crate) fn busy(host: &Element, root: &Node) -> bool;
    /// The id of the block that is read: none while the card begins in sight or below, empty behind its last.
    pub(crate) fn reading(host: &Element, root: &Node) -> Option<String>;
    /// Notes focus, selection and scroll position; calling the answer puts them back.
    pub(crate) fn still(host: &Element, root: &Node) -> Function;
    /// Says, for style sheets, whether the card is in a state.
    pub(crate) fn state(host: &Element, name: &str, on: bool);
    /// A number that nothing in this page has.
    pub(crate) fn fresh() -> u32;
    /// Sends an event to the page; answers whether it let it happen. Its detail has the article that is kept under a
    /// number, if that is not 0.
    pub(crate) fn tell(host: &Element, name: &str, detail: &JsValue, cancelable: bool, number: u32) -> bool;
    /// The shadow tree of a card under the card's sheet, with some content alone in it. Comes back as `what` with the part
    /// that the reader uses: by a click, or the time by a key.
    pub(crate) fn shadow(host: &Element, content: &Node, to: u32, what: u8) -> ShadowRoot;
    /// Whether the engine moves iframes and media without reloading them.
    pub(crate) fn movable() -> bool;
    /// Carries the steps of [`crate::view`] out; answers the nodes of the new tree.
    pub(crate) fn carry(root: &Node, old: &Array, steps: &[u32], texts: &str, way: &JsValue, now: f64) -> Array;
    /// Brings the site's own markup in step; answers whose content is to follow.
    pub(crate) fn adopt(host: &Element, texts: &str, blog: bool, overtaken: bool, way: &JsValue, now: f64) -> Array;
    /// What an element of the site's holds; its nodes go into `nodes`.
    pub(crate) fn walk(element: &JsValue, nodes: &Array, blog: bool) -> String;
    /// Lets the site's own time read as the badge's.
    pub(crate) fn tick(host: &Element);
    /// After which blocks the page's own children stand, in ascending order.
    pub(crate) fn slots(host: &Element) -> Vec<usize>;
    /// Whether the page has a copy of its own in the card.
    pub(crate) fn copied(host: &Element) -> bool;
    /// The page's fragment.
    pub(crate) fn fragment() -> String;
    /// Scrolls to the block of an id.
    pub(crate) fn reveal(root: &Node, id: &str);
    /// Moves the focus to what is new.
    pub(crate) fn present(root: &Node);
    /// Keeps the page's own JSON-LD of an article in step.
    pub(crate) fn sync(url: &str, headline: &str, modified: &str);
    /// Reads, keeps or (null) deletes a remembered text.
    pub(crate) fn memory(key: &str, value: &JsValue) -> String;
    /// The absolute address that a reference in a document means; empty where it means none.
    pub(crate) fn resolve(reference: &str, base: &str) -> String;
    /// Defines the element; see `element.js`.
    pub(crate) fn define(receive: &JsValue, names: &str, css: &str);
}

/// To a source: the head of an answer, this tab's or another's. It answers whether the body is wanted.
pub(crate) const HEAD: u8 = 0;
/// To a source: that body, or true where there is too much of it.
pub(crate) const BODY: u8 = 1;
/// To a source: of all tabs this one asks.
pub(crate) const LED: u8 = 2;
/// To a source: another one does.
pub(crate) const FOLLOWED: u8 = 3;
/// To a source: its poll timer.
pub(crate) const WOKE: u8 = 5;
/// To the page: something happened to it; what, stands in the place of its number.
pub(crate) const PAGE: u8 = 6;
/// To a card: the part that the reader uses.
pub(crate) const CARD: u8 = 7;
/// To the page: the badges' timer.
pub(crate) const TICK: u8 = 8;
/// To a card: the time of a mark is over.
pub(crate) const FADED: u8 = 9;
/// To a card: the state `updated` is over.
pub(crate) const SETTLED: u8 = 15;
/// To a card: whether it is in sight, or nearly.
pub(crate) const SIGHT: u8 = 10;

/// To the page: a language, hour cycle or zone around some card is another one.
pub(crate) const AROUND: u8 = 11;
/// To the page: texts of a language have come.
pub(crate) const WORDS: u8 = 12;

/// To a card: what is held back may be shown by now.
pub(crate) const WAITED: u8 = 14;

/// To the page: some sources' cards are to be looked at.
pub(crate) const PACED: u8 = 16;
/// To the page: the time to tell more cards has come.
pub(crate) const WORK: u8 = 17;

/// From an element, which knows these numbers too: it is in a page.
pub(crate) const CONNECT: u8 = 20;
/// It has left the page.
pub(crate) const DISCONNECT: u8 = 21;
/// An attribute has another value.
pub(crate) const ATTRIBUTE: u8 = 22;
/// The contract's `article`.
pub(crate) const ARTICLE: u8 = 23;
/// The contract's `status`.
pub(crate) const STATUS: u8 = 24;
/// The contract's `pending`.
pub(crate) const PENDING: u8 = 25;
/// The contract's `refresh`.
pub(crate) const REFRESH: u8 = 26;
/// The contract's `apply`: the last that is asked of a card in the page, so not matched by name.
#[expect(dead_code, reason = "the number is taken")]
pub(crate) const APPLY: u8 = 27;
/// The browser has collected it, or an event.
pub(crate) const GONE: u8 = 28;

/// Comes back when a time is over, unless the answer is dropped before.
pub(crate) fn after(wait: u32, to: u32, what: u8) -> Timeout {
    Timeout::new(wait, move || enter(to, what, &JsValue::UNDEFINED))
}

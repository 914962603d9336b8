//! Times, numbers and words in the language around a card, by the browser's `Intl`.
//!
//! Formatters are made in `element.js` when they are first needed and shared by all cards that are set alike. What is
//! said is left to [`crate::badge`]; showing everything anew when texts have come, to `live`.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use wasm_bindgen::prelude::*;
use web_sys::Element;

use crate::article::{Millis, Time};
use crate::badge::{Age, Intl, Plural, Style, Word, Words, moment};
use crate::door;

thread_local! {
    static KNOWN: RefCell<Vec<Rc<Locale>>> = const { RefCell::new(Vec::new()) };
}

/// A file of texts has come: one of the package's, by its path there, or a site's own.
pub fn receive(url: &str, text: &str) {
    door::receive(url, text);
    KNOWN.take();
}

/// Makes every locale anew when it is next asked for: the browser's languages or the site's own texts have changed.
pub fn forget() {
    door::forget();
    KNOWN.take();
}

/// How times and words are written around a card.
pub struct Locale {
    way: JsValue,
    words: Words,
    ready: bool,
}

/// Styles, and the full one of a day: so many formatters for each precision.
const ROW: usize = 4;
/// Places of the formatters behind those for times.
const RELATIVE: usize = 3 * ROW;
const NUMBER: usize = RELATIVE + 1;
const PLURAL: usize = NUMBER + 1;

impl Locale {
    /// The one for an element: by its attributes and those of its nearest ancestors that have them.
    pub fn of(host: &Element) -> Rc<Self> {
        Self::find(door::around(host))
    }

    /// The one for a language, hour cycle, zone and source's zone, each empty where it is not given. What the browser
    /// does not know is as if it was not given.
    pub fn like(lang: &str, cycle: &str, zone: &str, source: &str) -> Rc<Self> {
        Self::find(door::way(lang, cycle, zone, source))
    }

    fn find(way: JsValue) -> Rc<Self> {
        let known = KNOWN.with_borrow(|known| known.iter().find(|known| known.way == way).cloned());
        known.unwrap_or_else(|| {
            let texts = door::texts(&way, door::WORDS);
            let mut words = Words::english();
            words.read(texts.as_deref().unwrap_or_default());
            let locale = Rc::new(Self { way, words, ready: texts.is_some() });
            KNOWN.with_borrow_mut(|known| known.push(Rc::clone(&locale)));
            locale
        })
    }

    /// The texts.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Whether no texts are still on their way.
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// The same as the page's scripts know it.
    pub(crate) fn way(&self) -> &JsValue {
        &self.way
    }

    /// The time of an entry or a correction from its `datetime`: the hour if it was today, else the day too; nothing
    /// where it is none.
    pub fn stamp(&self, datetime: &str, now: Millis) -> String {
        door::stamp(&self.way, datetime, now)
    }

    /// Writes a number by one of the formatters.
    #[inline(never)]
    fn write(&self, place: usize, value: f64, unit: &str) -> String {
        door::write(&self.way, place, value, unit, self.words.get(Word::Lang))
    }
}

impl Intl for Locale {
    fn time(&self, time: Time, style: Style, out: &mut String) {
        let zone = time.precision as usize;
        let style = if style == Style::Full && zone > 0 { ROW - 1 } else { style as usize };
        let mut text = self.write(zone * ROW + style, time.at, "");
        if text.is_empty() {
            text = time.iso();
        }
        out.push_str(&text);
    }

    fn ago(&self, age: Age, out: &mut String) {
        out.push_str(&self.write(RELATIVE, -f64::from(age.count), age.unit.name()));
    }

    fn number(&self, count: u32, out: &mut String) {
        out.push_str(&self.write(NUMBER, f64::from(count), ""));
    }

    fn plural(&self, count: u32) -> Plural {
        // zero, one, two, few, many, other
        match self.write(PLURAL, f64::from(count), "").as_bytes() {
            [b'z', ..] => Plural::Zero,
            [b'o', b'n', ..] => Plural::One,
            [b't', b'w', ..] => Plural::Two,
            [b'f', ..] => Plural::Few,
            [b'm', ..] => Plural::Many,
            _ => Plural::Other,
        }
    }
}

/// The moment at which clocks in a zone show `local`, which is in milliseconds since 1970 as if they stood in UTC.
/// A zone that the browser does not know is UTC.
pub fn to_utc(local: Millis, zone: &str) -> Millis {
    moment(local, &|at| door::ahead(at, zone))
}

//! Times, numbers and words in the language around a card, by the browser's `Intl`.
//!
//! Formatters are made when they are first needed and shared by all cards that are set alike. What is said is left to
//! [`crate::badge`]; fetching a language's file, and showing everything anew when it has come, to `live`.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{OnceCell, RefCell};

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlLinkElement, ShadowRoot};

use crate::article::{Millis, Precision, Time};
use crate::badge::{Age, Intl, LANGUAGES, Plural, Style, Word, Words, lookup, moment, shorter, speaks};

#[wasm_bindgen]
extern "C" {
    /// Any of `Intl`'s formatters. `js-sys` has them too, but its constructors do not catch what a page's `lang` or
    /// `time-zone` may make them throw.
    type Formatter;

    /// Only a relative time takes a unit; the others pass over it.
    #[wasm_bindgen(method, catch)]
    fn format(this: &Formatter, value: f64, unit: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn select(this: &Formatter, value: f64) -> Result<String, JsValue>;
}

/// Makes one of `Intl`'s classes with options as JSON; an empty tag, zone or hour cycle is one not given. None if the
/// browser refuses.
#[inline(never)]
fn make(class: &str, tag: &str, options: &str, zone: &str, cycle: &str) -> Option<Formatter> {
    let page = JsValue::from(web_sys::window()?);
    let intl = Reflect::get(&page, &"Intl".into()).ok()?;
    let class: Function = Reflect::get(&intl, &class.into()).ok()?.dyn_into().ok()?;
    let options = js_sys::JSON::parse(options).ok()?;
    let given = |text: &str| if text.is_empty() { JsValue::UNDEFINED } else { text.into() };
    for (name, value) in [("timeZone", zone), ("hourCycle", cycle)] {
        Reflect::set(&options, &name.into(), &given(value)).ok()?;
    }
    Reflect::construct(&class, &Array::of2(&given(tag), &options)).ok().map(JsCast::unchecked_into)
}

const DATE_TIME: &str = "DateTimeFormat";

/// Of each [`Style`], and of the full one of a day.
const STYLES: [&str; 4] = [
    r#"{"year":"numeric","month":"2-digit","day":"2-digit"}"#,
    r#"{"hour":"numeric","minute":"2-digit"}"#,
    r#"{"year":"numeric","month":"long","day":"numeric","hour":"numeric","minute":"2-digit","timeZoneName":"short"}"#,
    r#"{"year":"numeric","month":"long","day":"numeric"}"#,
];

/// A file of texts: one of the package's or the site's own.
struct File {
    url: String,
    text: Option<String>,
}

/// What all cards share.
struct Shared {
    locales: Vec<Rc<Locale>>,
    files: Vec<File>,
    /// So many of the files were asked for.
    asked: usize,
    /// The last zone that a document's times were read in.
    zone: Option<(String, Option<Formatter>)>,
}

thread_local! {
    static SHARED: RefCell<Shared> =
        const { RefCell::new(Shared { locales: Vec::new(), files: Vec::new(), asked: 0, zone: None }) };
}

/// The next language file to fetch: the number to hand to [`receive`], and its URL (the package's own are relative to
/// the package). Each is named once.
pub fn wanted() -> Option<(u32, String)> {
    SHARED.with_borrow_mut(|shared| {
        let at = shared.asked;
        let url = shared.files.get(at)?.url.clone();
        shared.asked += 1;
        Some((at as u32, url))
    })
}

/// A language file has come; empty where it could not be had. Every locale is made anew when it is next asked for.
pub fn receive(number: u32, text: String) {
    SHARED.with_borrow_mut(|shared| {
        if let Some(file) = shared.files.get_mut(number as usize) {
            file.text = Some(text);
        }
    });
    forget();
}

/// Makes every locale anew when it is next asked for: the browser's languages or the site's own texts have changed.
pub fn forget() {
    SHARED.with_borrow_mut(|shared| shared.locales.clear());
}

/// How times and words are written around a card.
pub struct Locale {
    /// What it was asked for: language, hour cycle, zone and source's zone.
    wish: [String; 4],
    tag: String,
    words: Words,
    ready: bool,
    formatters: [OnceCell<Option<Formatter>>; PLURAL + 1],
}

/// Places of the formatters behind those for times: a row of styles for each [`Precision`].
const RELATIVE: usize = 3 * STYLES.len();
const NUMBER: usize = RELATIVE + 1;
const PLURAL: usize = NUMBER + 1;

impl Locale {
    /// The one for an element: by its attributes and those of its nearest ancestors that have them.
    pub fn of(host: &Element) -> Rc<Self> {
        let source = host.get_attribute("source-time-zone").unwrap_or_default();
        Self::find([inherited(host, "lang"), inherited(host, "hour-cycle"), inherited(host, "time-zone"), source])
    }

    /// The one for a language, hour cycle, zone and source's zone, each empty where it is not given. What the browser
    /// does not know is as if it was not given.
    pub fn find(wish: [String; 4]) -> Rc<Self> {
        SHARED.with_borrow_mut(|shared| {
            if let Some(known) = shared.locales.iter().find(|known| known.wish == wish) {
                return Rc::clone(known);
            }
            let tag = tag(&wish[0]);
            let mut words = Words::english();
            let ready = gather(&tag, &mut shared.files, &mut words);
            let formatters = [const { OnceCell::new() }; PLURAL + 1];
            let locale = Rc::new(Self { wish, tag, words, ready, formatters });
            shared.locales.push(Rc::clone(&locale));
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

    /// Writes the time of an entry or a correction from its `datetime`: the hour if it was today, else the day too;
    /// nothing where it is none.
    pub fn stamp(&self, datetime: &str, now: Millis) -> String {
        let mut text = String::from(datetime);
        let precision = match datetime.as_bytes() {
            [.., b'Z'] => Precision::Moment,
            [_, _, _, _, _, _, _, _, _, _, _, ..] => {
                text.push('Z');
                Precision::Zoneless
            }
            _ => Precision::Date,
        };
        let time = Time { at: js_sys::Date::parse(&text), precision };
        text.clear();
        if time.at.is_nan() {
            return text;
        }
        self.time(time, Style::Date, &mut text);
        if precision == Precision::Moment {
            let mut today = String::new();
            self.time(Time { at: now, precision }, Style::Date, &mut today);
            if text == today {
                text.clear();
            } else {
                text.push(' ');
            }
            self.time(time, Style::Clock, &mut text);
        }
        text
    }

    /// Writes a number by one of the formatters; says whether it could.
    #[inline(never)]
    fn write(&self, place: usize, value: f64, unit: &str, out: &mut String) -> bool {
        let text = self.formatter(place).and_then(|formatter| formatter.format(value, unit).ok());
        if let Some(text) = &text {
            out.push_str(text);
        }
        text.is_some()
    }

    #[inline(never)]
    fn formatter(&self, place: usize) -> Option<&Formatter> {
        self.formatters.get(place)?.get_or_init(|| self.make(place)).as_ref()
    }

    fn make(&self, place: usize) -> Option<Formatter> {
        let [_, cycle, reader, source] = &self.wish;
        let Some(options) = STYLES.get(place % STYLES.len()).filter(|_| place < RELATIVE) else {
            // A whole phrase is in the page's own language if the texts are in it, else in theirs.
            let lang = self.words.get(Word::Lang);
            let tag = if speaks(&self.tag, lang) { &self.tag } else { lang };
            let class = match place {
                RELATIVE => "RelativeTimeFormat",
                NUMBER => "NumberFormat",
                _ => "PluralRules",
            };
            return make(class, tag, "{}", "", "");
        };
        let (zone, other) = match place / STYLES.len() {
            0 => (reader.as_str(), ""),
            1 if !source.is_empty() => (source.as_str(), "UTC"),
            _ => ("UTC", "UTC"),
        };
        for (zone, cycle) in [(zone, cycle.as_str()), (zone, ""), (other, cycle), (other, "")] {
            let made = make(DATE_TIME, &self.tag, options, zone, cycle);
            if made.is_some() {
                return made;
            }
        }
        None
    }
}

impl Intl for Locale {
    fn time(&self, time: Time, style: Style, out: &mut String) {
        let zone = time.precision as usize;
        let style = if style == Style::Full && zone > 0 { STYLES.len() - 1 } else { style as usize };
        if !self.write(zone * STYLES.len() + style, time.at, "", out) {
            out.push_str(&time.iso());
        }
    }

    fn ago(&self, age: Age, out: &mut String) {
        self.write(RELATIVE, -f64::from(age.count), age.unit.name(), out);
    }

    fn number(&self, count: u32, out: &mut String) {
        self.write(NUMBER, f64::from(count), "", out);
    }

    fn plural(&self, count: u32) -> Plural {
        let form = self.formatter(PLURAL).and_then(|formatter| formatter.select(f64::from(count)).ok());
        // zero, one, two, few, many, other
        match form.unwrap_or_default().as_bytes() {
            [b'z', ..] => Plural::Zero,
            [b'o', b'n', ..] => Plural::One,
            [b't', b'w', ..] => Plural::Two,
            [b'f', ..] => Plural::Few,
            [b'm', ..] => Plural::Many,
            _ => Plural::Other,
        }
    }
}

/// The value of an attribute of an element or its nearest ancestor that has it, out of shadow trees too.
#[inline(never)]
fn inherited(host: &Element, name: &str) -> String {
    let selector = wrap("[", name, "]");
    let mut from = host.clone();
    loop {
        if let Ok(Some(found)) = from.closest(&selector) {
            return found.get_attribute(name).unwrap_or_default();
        }
        let Ok(root) = from.get_root_node().dyn_into::<ShadowRoot>() else { return String::new() };
        from = root.host();
    }
}

/// The longest beginning of a wished language tag that the browser takes, else the browser's own language.
fn tag(wish: &str) -> String {
    let mut text = String::new();
    for char in wish.chars() {
        text.push(if char == '_' { '-' } else { char });
    }
    while !text.is_empty() && make(DATE_TIME, &text, "{}", "", "").is_none() {
        text.truncate(shorter(&text).map_or(0, str::len));
    }
    if text.is_empty() {
        text = web_sys::window().and_then(|window| window.navigator().language()).unwrap_or_else(|| "en".into());
    }
    text
}

/// Reads the texts for a language as far as they are here; says whether that is all of them. A site gives its own by
/// `<link rel="live-article-strings" hreflang="nl" href="…">`; they go over the package's.
fn gather(tag: &str, files: &mut Vec<File>, words: &mut Words) -> bool {
    let mut ready = true;
    if let Some(at) = lookup(tag, LANGUAGES) {
        ready &= read(wrap("lang/", LANGUAGES[at], ".txt"), files, words);
    }
    let document = web_sys::window().and_then(|window| window.document());
    let mut rest = Some(tag);
    while let (Some(tag), Some(document)) = (rest, &document) {
        let selector = wrap("link[rel=live-article-strings][hreflang='", tag, "' i]");
        if let Ok(Some(link)) = document.query_selector(&selector) {
            return read(link.unchecked_into::<HtmlLinkElement>().href(), files, words) && ready;
        }
        rest = shorter(tag);
    }
    ready
}

#[inline(never)]
fn wrap(before: &str, value: &str, after: &str) -> String {
    let mut text = String::from(before);
    text.push_str(value);
    text.push_str(after);
    text
}

/// Reads a file if it is here, else notes that it is wanted.
#[inline(never)]
fn read(url: String, files: &mut Vec<File>, words: &mut Words) -> bool {
    let Some(file) = files.iter().find(|file| file.url == url) else {
        files.push(File { url, text: None });
        return false;
    };
    if let Some(text) = &file.text {
        words.read(text);
    }
    file.text.is_some()
}

/// The moment at which clocks in a zone show `local`, which is in milliseconds since 1970 as if they stood in UTC.
/// A zone that the browser does not know is UTC.
pub fn to_utc(local: Millis, zone: &str) -> Millis {
    SHARED.with_borrow_mut(|shared| {
        if shared.zone.as_ref().is_none_or(|known| known.0 != zone) {
            let asked = if zone.is_empty() { "UTC" } else { zone };
            shared.zone = Some((zone.into(), make(DATE_TIME, "en-US", WALL, asked, "h23")));
        }
        let Some((_, Some(formatter))) = &shared.zone else { return local };
        moment(local, &|at| {
            let second = (at / 1000.0).floor() * 1000.0;
            let mut wall = formatter.format(second, "").unwrap_or_default();
            wall.push_str(" UTC");
            let wall = js_sys::Date::parse(&wall);
            if wall.is_nan() { 0.0 } else { wall - second }
        })
    })
}

/// Writes `7/27/2016, 14:03:05`, which every engine's `Date` reads.
const WALL: &str =
    r#"{"year":"numeric","month":"numeric","day":"numeric","hour":"numeric","minute":"numeric","second":"numeric"}"#;

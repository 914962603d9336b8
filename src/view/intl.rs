//! Times, numbers and words in the language around a card, by the browser's `Intl`.
//!
//! Formatters are made when they are first needed and shared by all cards that are set alike. What is said is left to
//! [`crate::badge`]; fetching a language's file, and showing everything anew when it has come, to [`crate::live`].

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{OnceCell, RefCell};

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlLinkElement, ShadowRoot};

use crate::article::{Millis, Precision, Time, days};
use crate::badge::{Age, Intl, LANGUAGES, Plural, Style, Word, Words, lookup, moment, shorter, speaks};

#[wasm_bindgen]
extern "C" {
    /// Any of `Intl`'s formatters. `js-sys` has them too, but its constructors do not catch what a page's `lang` or
    /// `time-zone` may make them throw.
    type Formatter;

    #[wasm_bindgen(method, catch)]
    fn format(this: &Formatter, value: f64) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch, js_name = format)]
    fn format_in(this: &Formatter, value: f64, unit: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn select(this: &Formatter, value: f64) -> Result<String, JsValue>;
}

/// Makes one of `Intl`'s classes; an empty tag or option is one not given. None if the browser refuses.
#[inline(never)]
fn make(class: &str, tag: &str, options: &[(&str, &str)]) -> Option<Formatter> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let class: Function = Reflect::get(&intl, &class.into()).ok()?.dyn_into().ok()?;
    let bag = Object::new();
    for &(name, value) in options {
        if !value.is_empty() {
            Reflect::set(&bag, &name.into(), &value.into()).ok()?;
        }
    }
    let tag = if tag.is_empty() { JsValue::UNDEFINED } else { tag.into() };
    Reflect::construct(&class, &Array::of2(&tag, &bag)).ok().map(JsCast::unchecked_into)
}

const DATE_TIME: &str = "DateTimeFormat";

/// A file of texts: one of the package's or the site's own.
struct File {
    url: String,
    asked: bool,
    text: Option<String>,
}

thread_local! {
    static LOCALES: RefCell<Vec<Rc<Locale>>> = const { RefCell::new(Vec::new()) };
    static FILES: RefCell<Vec<File>> = const { RefCell::new(Vec::new()) };
    static ZONES: RefCell<Vec<(String, Option<Formatter>)>> = const { RefCell::new(Vec::new()) };
}

/// The next language file to fetch: the number to hand to [`receive`], and its URL (the package's own are relative to
/// the package). Each is named once.
pub fn wanted() -> Option<(u32, String)> {
    FILES.with_borrow_mut(|files| {
        let at = files.iter().position(|file| !file.asked)?;
        files[at].asked = true;
        Some((at as u32, files[at].url.clone()))
    })
}

/// A language file has come; empty where it could not be had. Every locale is made anew when it is next asked for.
pub fn receive(number: u32, text: String) {
    FILES.with_borrow_mut(|files| {
        if let Some(file) = files.get_mut(number as usize) {
            file.text = Some(text);
        }
    });
    forget();
}

/// Makes every locale anew when it is next asked for: the browser's languages or the site's own texts have changed.
pub fn forget() {
    LOCALES.with_borrow_mut(Vec::clear);
}

/// How times and words are written around a card.
pub struct Locale {
    /// What it was asked for: language, hour cycle, zone and source's zone.
    wish: [String; 4],
    tag: String,
    zones: [String; 3],
    words: Words,
    ready: bool,
    formatters: [OnceCell<Option<Formatter>>; 15],
}

/// Places of the formatters behind the twelve for times.
const RELATIVE: usize = 12;
const NUMBER: usize = 13;
const PLURAL: usize = 14;

impl Locale {
    /// The one for an element: by its attributes and those of its nearest ancestors that have them.
    pub fn of(host: &Element) -> Rc<Self> {
        let near = |name| inherited(host, name).unwrap_or_default();
        let source = host.get_attribute("source-time-zone").unwrap_or_default();
        Self::find([near("lang"), near("hour-cycle"), near("time-zone"), source])
    }

    /// The one for a language, hour cycle, zone and source's zone, each empty where it is not given. What the browser
    /// does not know is as if it was not given.
    pub fn find(wish: [String; 4]) -> Rc<Self> {
        if let Some(known) = LOCALES.with_borrow(|all| all.iter().find(|known| known.wish == wish).cloned()) {
            return known;
        }
        let locale = Rc::new(Self::new(wish));
        LOCALES.with_borrow_mut(|all| all.push(Rc::clone(&locale)));
        locale
    }

    fn new(wish: [String; 4]) -> Self {
        let tag = tag(&wish[0]);
        let zone = |name: &str| make(DATE_TIME, "", &[("timeZone", name)]).map_or("", |_| name).into();
        let source: String = zone(&wish[3]);
        let zones = [zone(&wish[2]), if source.is_empty() { "UTC".into() } else { source }, "UTC".into()];
        let (words, ready) = words(&tag);
        Self { wish, tag, zones, words, ready, formatters: [const { OnceCell::new() }; 15] }
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
        let zoneless = datetime.len() > 10 && !datetime.ends_with('Z');
        let precision = match datetime.len() {
            0..=10 => Precision::Date,
            _ if zoneless => Precision::Zoneless,
            _ => Precision::Moment,
        };
        let mut text = String::from(datetime);
        if zoneless {
            text.push('Z');
        }
        let time = Time { at: js_sys::Date::parse(&text), precision };
        if time.at.is_nan() {
            return String::new();
        }
        let (mut day, mut today) = (String::new(), String::new());
        self.time(time, Style::Date, &mut day);
        if precision == Precision::Moment {
            self.time(Time { at: now, precision }, Style::Date, &mut today);
            if day == today {
                day.clear();
            } else {
                day.push(' ');
            }
            self.time(time, Style::Clock, &mut day);
        }
        day
    }

    /// The language in which whole phrases are written: the page's own, if the texts are in it, else theirs.
    fn phrases(&self) -> &str {
        let lang = self.words.get(Word::Lang);
        if speaks(&self.tag, lang) { &self.tag } else { lang }
    }

    #[inline(never)]
    fn formatter(&self, place: usize) -> Option<&Formatter> {
        let phrases = || self.phrases();
        self.formatters[place]
            .get_or_init(|| match place {
                RELATIVE => make("RelativeTimeFormat", phrases(), &[("numeric", "always")]),
                NUMBER => make("NumberFormat", phrases(), &[]),
                PLURAL => make("PluralRules", phrases(), &[]),
                _ => self.date_time(place / 4, place % 4),
            })
            .as_ref()
    }

    fn date_time(&self, zone: usize, style: usize) -> Option<Formatter> {
        let given = |when: bool, value: &'static str| if when { value } else { "" };
        let (date, clock) = (style != CLOCK, style == CLOCK || style == FULL);
        let (numeric, two) = ("numeric", "2-digit");
        let cycle = ["h11", "h12", "h23", "h24"].into_iter().find(|&known| known == self.wish[1]).unwrap_or("");
        make(
            DATE_TIME,
            &self.tag,
            &[
                ("year", given(date, numeric)),
                ("month", given(date, if style == DATE { two } else { "long" })),
                ("day", given(date, if style == DATE { two } else { numeric })),
                ("hour", given(clock, numeric)),
                ("minute", given(clock, two)),
                ("timeZoneName", given(style == FULL, "short")),
                ("hourCycle", given(clock, cycle)),
                ("timeZone", &self.zones[zone]),
            ],
        )
    }
}

/// Styles by number: those of [`Style`], and the full one of a day.
const DATE: usize = Style::Date as usize;
const CLOCK: usize = Style::Clock as usize;
const FULL: usize = Style::Full as usize;
const FULL_DATE: usize = 3;

impl Intl for Locale {
    fn time(&self, time: Time, style: Style, out: &mut String) {
        let zone = time.precision as usize;
        let style = if style == Style::Full && zone > 0 { FULL_DATE } else { style as usize };
        match self.formatter(zone * 4 + style).and_then(|formatter| formatter.format(time.at).ok()) {
            Some(text) => out.push_str(&text),
            None => out.push_str(&time.iso()),
        }
    }

    fn ago(&self, age: Age, out: &mut String) {
        let formatter = self.formatter(RELATIVE);
        let text = formatter.and_then(|formatter| formatter.format_in(-f64::from(age.count), age.unit.name()).ok());
        out.push_str(&text.unwrap_or_default());
    }

    fn number(&self, count: u32, out: &mut String) {
        let text = self.formatter(NUMBER).and_then(|formatter| formatter.format(f64::from(count)).ok());
        out.push_str(&text.unwrap_or_default());
    }

    fn plural(&self, count: u32) -> Plural {
        let form = self.formatter(PLURAL).and_then(|formatter| formatter.select(f64::from(count)).ok());
        match form.as_deref() {
            Some("zero") => Plural::Zero,
            Some("one") => Plural::One,
            Some("two") => Plural::Two,
            Some("few") => Plural::Few,
            Some("many") => Plural::Many,
            _ => Plural::Other,
        }
    }
}

/// The value of an attribute of an element or its nearest ancestor that has it, out of shadow trees too.
fn inherited(host: &Element, name: &str) -> Option<String> {
    let selector = ["[", name, "]"].concat();
    let mut from = host.clone();
    loop {
        if let Ok(Some(found)) = from.closest(&selector) {
            return found.get_attribute(name);
        }
        from = from.get_root_node().dyn_into::<ShadowRoot>().ok()?.host();
    }
}

/// The longest beginning of a wished language tag that the browser takes, else the browser's own language.
fn tag(wish: &str) -> String {
    let mut text: String = wish.chars().map(|char| if char == '_' { '-' } else { char }).collect();
    while !text.is_empty() && make(DATE_TIME, &text, &[]).is_none() {
        text.truncate(shorter(&text).map_or(0, str::len));
    }
    if text.is_empty() { document().1.unwrap_or_else(|| "en".into()) } else { text }
}

fn document() -> (Option<Document>, Option<String>) {
    web_sys::window().map_or((None, None), |window| (window.document(), window.navigator().language()))
}

/// The texts for a language as far as they are here, and whether that is all of them. A site gives its own by
/// `<link rel="live-article-strings" hreflang="nl" href="…">`; they go over the package's.
fn words(tag: &str) -> (Words, bool) {
    let mut urls = Vec::new();
    if let Some(at) = lookup(tag, LANGUAGES) {
        urls.push(["lang/", LANGUAGES[at], ".txt"].concat());
    }
    let links = document().0.and_then(|document| document.query_selector_all("link[rel=live-article-strings]").ok());
    let links: Vec<HtmlLinkElement> = links.map_or_else(Vec::new, |links| {
        (0..links.length()).filter_map(|at| links.get(at)).map(JsCast::unchecked_into).collect()
    });
    let langs: Vec<String> = links.iter().map(HtmlLinkElement::hreflang).collect();
    let langs: Vec<&str> = langs.iter().map(String::as_str).collect();
    if let Some(at) = lookup(tag, &langs) {
        urls.push(links[at].href());
    }
    let mut words = Words::english();
    let mut ready = true;
    FILES.with_borrow_mut(|files| {
        for url in urls {
            match files.iter().find(|file| file.url == url) {
                Some(File { text: Some(text), .. }) => words.read(text),
                Some(_) => ready = false,
                None => {
                    files.push(File { url, asked: false, text: None });
                    ready = false;
                }
            }
        }
    });
    (words, ready)
}

/// The moment at which clocks in a zone show `local`, which is in milliseconds since 1970 as if they stood in UTC.
/// A zone that the browser does not know is UTC.
pub fn to_utc(local: Millis, zone: &str) -> Millis {
    ZONES.with_borrow_mut(|zones| {
        let at = zones.iter().position(|known| known.0 == zone).unwrap_or_else(|| {
            let digits = "2-digit";
            let options = [
                ("timeZone", if zone.is_empty() { "UTC" } else { zone }),
                ("hourCycle", "h23"),
                ("year", "numeric"),
                ("month", digits),
                ("day", digits),
                ("hour", digits),
                ("minute", digits),
                ("second", digits),
            ];
            zones.push((zone.into(), make(DATE_TIME, "en-US", &options)));
            zones.len() - 1
        });
        match &zones[at].1 {
            Some(formatter) => moment(local, &|at| {
                let second = (at / 1000.0).floor() * 1000.0;
                formatter.format(second).map_or(0.0, |text| wall(&text) - second)
            }),
            None => local,
        }
    })
}

/// Reads `07/27/2016, 14:03:05`, to the second.
fn wall(text: &str) -> Millis {
    let mut parts = [0i64; 6];
    let (mut at, mut inside) = (0, false);
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            if let Some(part) = parts.get_mut(at) {
                *part = *part * 10 + i64::from(byte - b'0');
            }
            inside = true;
        } else if inside {
            (at, inside) = (at + 1, false);
        }
    }
    let [month, day, year, hour, minute, second] = parts;
    ((days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second) as f64 * 1000.0
}

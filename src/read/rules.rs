//! The rules that make an article of a document's fields, the same for every standard.
//!
//! A field of the article has a run of names, of all standards, the most telling first (they stand
//! together in [`super::doc`], since none means two things). A rule asks the article's own node first,
//! then whatever else the document offers in its place. Which nodes these are is for each standard's
//! file to say.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::{Cell, OnceCell};
use core::ops::Range;

#[allow(clippy::wildcard_imports, reason = "the names are what this file is about")]
use super::doc::*;
use super::{Source, date, text};
use crate::article::{Article, Author, Block, Correction, Image, Precision, Time};
use crate::tree::{self, Tree};
use crate::{address, clean, markup};

/// What a list holds beyond this many is passed over, but for the entries of a blog: names, pictures, corrections.
const MANY: usize = 64;
/// An object of more members than this is not found by its `@id`: what refers to it would be looked up in them all.
const MEMBERS: usize = 1024;
/// The most entries of a blog or feed.
const MOST_ENTRIES: usize = 10_000;
/// The most that all bodies of a document may hold: elements, attributes, texts, and one more for each 64 bytes.
const MOST_PIECES: usize = 4 * clean::MOST_NODES;
/// How many `{"@id": …}` lead to one another before it is called a circle.
const HOPS: usize = 3;
const DAY: f64 = 86_400_000.0;
/// A date this far ahead of the clock is a slip or a sentinel (the year 9999), not a plan.
const AHEAD: f64 = 366.0 * DAY;
/// The widest picture worth taking, in pixels, where a list offers several.
const WIDEST: u32 = 2048;
/// How the types begin of what may stand in a list of pictures and is none.
const NO_PICTURES: [&str; 6] = ["video", "audio", "text", "appl", "comp", "event"];
/// Statuses that no longer stand by the text.
const WITHDRAWN: [&str; 5] = ["canceled", "cancelled", "withheld", "withdrawn", "deleted"];

/// A field of an article: a place in [`RULES`]. Those that are one text each (the summary, the publisher, the
/// language, the version and another identifier come first), then those that are one time, are places in lists too.
pub(crate) type Field = usize;
const SUMMARY_TEXT: Field = 0;
const HEADLINE_TEXT: Field = 5;
const ADDRESS: Field = 6;
const IDENTITY: Field = 7;
const PUBLISHED_TIME: Field = 8;
const ENDS: Field = 10;
const PICTURE: Field = 11;
const THUMBNAIL: Field = 12;
const IS_FREE: Field = 13;
const STANDING: Field = 14;
const CORRECTIONS: Field = 15;
const BYLINE: Field = 16;
const ID_ADDRESS: Field = 17;
pub(crate) const BODY: Field = 18;
const SUMMARY_BODY: Field = 19;

/// The first and the last of each field's names.
#[rustfmt::skip]
static RULES: [(Name, Name); 20] = [
    (OG_DESCRIPTION, TWITTER_DESCRIPTION), (PUBLISHER, COPYRIGHT_HOLDER), (IN_LANGUAGE, OG_LOCALE), (VERSION, VERSION),
    (IDENTIFIER, IDENTIFIER), (HEADLINE, PAGE_TITLE), (URL, HOME_PAGE_URL), (AT_ID, URI),
    (DATE_PUBLISHED, TIME), (DATE_MODIFIED, DC_DATE_MODIFIED), (COVERAGE_END, ARTICLE_EXPIRATION_TIME),
    (IMAGE, TWITTER_IMAGE_SRC), (THUMBNAIL_URL, THUMBNAIL_URL), (FREE, CONTENT_TIER), (STATUS, PUB_STATUS),
    (CORRECTION, CORRECTION), (AUTHOR, SAILTHRU_AUTHOR), (AT_ID, URI), (CONTENT_HTML, TEXT),
    (OG_DESCRIPTION, TWITTER_DESCRIPTION),
];

/// Which field a name is of; 31 for none.
static FIELDS: [u8; 256] = {
    let mut fields = [31; 256];
    let mut field = BODY;
    loop {
        let mut name = RULES[field].0;
        while name <= RULES[field].1 {
            fields[name as usize] = field as u8;
            name += 1;
        }
        if field == 0 {
            break fields;
        }
        field -= 1;
    }
};

/// What the fields are called in a report.
#[cfg(not(target_arch = "wasm32"))]
#[rustfmt::skip]
const REPORTED: [&str; 20] = [
    "summary", "publisher", "lang", "version", "id", "headline", "url", "id", "published", "modified", "ends", "image",
    "image", "free", "withdrawn", "corrections", "authors", "url", "body", "body",
];

/// What parts of a page are called in a report, the last shown first asked.
#[cfg(not(target_arch = "wasm32"))]
const ORIGINS: [&str; 4] = ["what it shows", "its microdata", "its metadata", "its JSON-LD"];

/// What was read so far: the texts and times by field.
#[derive(Default)]
struct Draft {
    texts: [Option<String>; 8],
    times: [Option<Time>; 3],
    authors: Vec<Author>,
    image: Option<Image>,
    corrections: Vec<Correction>,
    free: Option<bool>,
    withdrawn: bool,
    body: Tree,
}

/// A document and what its fields are read with.
pub(crate) struct Rules<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) doc: Doc<'a>,
    /// What relative addresses are relative to.
    pub(crate) base: String,
    /// The blocks of the version before.
    pub(crate) before: &'a [Arc<Block>],
    /// Objects by their `@id`, for whatever refers to them.
    ids: OnceCell<Seen>,
    /// What the bodies read so far hold, as [`MOST_PIECES`] counts.
    pieces: Cell<usize>,
    /// Which bound the document is over; empty while it is over none.
    pub(crate) over: Cell<&'static str>,
    /// Which name gave each field.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) trace: core::cell::RefCell<Vec<super::Note>>,
}

/// Hashes (never 0), each with a number, as many as was said before; open addressing, at most half full.
struct Seen(Vec<(u64, u32)>);

impl Seen {
    fn new(most: usize) -> Self {
        Seen(alloc::vec![(0, 0); (most * 2).next_power_of_two()])
    }

    /// What is filed under a hash (never 0), or the free place for it; its number is 0 until it is set.
    #[inline(never)]
    fn slot(&self, hash: u64) -> usize {
        let mask = self.0.len() - 1;
        let mut at = (hash >> 20) as usize & mask;
        while self.0[at].0 != 0 && self.0[at].0 != hash {
            at = (at + 1) & mask;
        }
        at
    }
}

fn hash(text: &str) -> u64 {
    tree::hash(text.as_bytes(), 1) | 1
}

/// Appends a number in decimal.
pub(crate) fn decimal(out: &mut String, number: u32) {
    if number > 9 {
        decimal(out, number / 10);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

impl<'a> Rules<'a> {
    pub(crate) fn new(source: &'a Source<'a>) -> Self {
        Rules {
            source,
            doc: Doc::new(source.text),
            base: source.url.into(),
            before: &[],
            ids: OnceCell::new(),
            pieces: Cell::new(0),
            over: Cell::new(""),
            #[cfg(not(target_arch = "wasm32"))]
            trace: core::cell::RefCell::default(),
        }
    }

    /// Files every object that says more of itself than its `@id`.
    fn ids(&self) -> Seen {
        // As many as entries, which are what most of them name.
        let most = self.doc.len().min(MOST_ENTRIES);
        let mut ids = Seen::new(most);
        let mut filed = 0;
        for at in 0..self.doc.len() {
            let id = self.find(at, &[AT_ID]);
            if id > 0 && filed < most && !self.refers(at) && self.doc.children(at).nth(MEMBERS).is_none() {
                let hash = hash(self.doc.text(id));
                let slot = ids.slot(hash);
                if ids.0[slot].0 == 0 {
                    ids.0[slot] = (hash, at as u32);
                    filed += 1;
                }
            }
        }
        ids
    }

    /// Whether an object holds nothing but its `@id`, and perhaps its type.
    fn refers(&self, at: usize) -> bool {
        let size = self.doc.node(at).size;
        size == 2 || size == 3 && self.find(at, &[AT_TYPE]) > 0
    }

    /// The object that an object refers to by its `@id`.
    #[inline(never)]
    pub(crate) fn resolve(&self, mut at: usize) -> usize {
        for _ in 0..HOPS {
            let id = if self.refers(at) { self.find(at, &[AT_ID]) } else { 0 };
            if id == 0 {
                break;
            }
            let ids = self.ids.get_or_init(|| self.ids());
            let (hash, to) = ids.0[ids.slot(hash(self.doc.text(id)))];
            if hash == 0 {
                break;
            }
            at = to as usize;
        }
        at
    }

    /// The child with the first of these names that an object has; 0 for none.
    #[inline(never)]
    pub(crate) fn find(&self, at: usize, names: &[Name]) -> usize {
        let mut found = 0;
        for &name in names {
            if found == 0 {
                found = self.doc.best(at, name, name);
            }
        }
        found
    }

    /// The same, or the node itself where it has none.
    pub(crate) fn within(&self, at: usize, names: &[Name]) -> usize {
        let found = self.find(at, names);
        if found > 0 { found } else { at }
    }

    /// What the first of these names says; empty where there is none.
    #[inline(never)]
    pub(crate) fn said(&self, at: usize, names: &[Name]) -> &str {
        self.raw(self.find(at, names))
    }

    /// Remembers for a report which name gave a field, in which of four [`ORIGINS`] of a page, or elsewhere.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn note(&self, field: Field, name: Name, origin: usize) {
        let origin = ORIGINS.get(origin).copied().unwrap_or_default();
        self.trace.borrow_mut().push((REPORTED[field], spelled(name), origin));
    }

    /// What a node says, as it stands: of a list the first that says something, of an object its value.
    #[inline(never)]
    pub(crate) fn raw(&self, at: usize) -> &str {
        match self.doc.node(at).kind {
            Kind::Object => self.said(at, &[AT_VALUE, VALUE, TEXT, NAME, HEADLINE, ALTERNATE_NAME]),
            Kind::Array => {
                let mut first = "";
                for next in self.doc.children(at).take(MANY) {
                    let main = self.said(next, &[ROLE]) == "main";
                    if main || first.is_empty() {
                        first = self.raw(next);
                    }
                    if main {
                        break;
                    }
                }
                first
            }
            _ => self.doc.text(at),
        }
    }

    /// What a node says in plain text.
    #[inline(never)]
    pub(crate) fn text(&self, at: usize) -> Option<String> {
        let raw = self.raw(at);
        #[cfg(not(target_arch = "wasm32"))]
        if raw.len() > address::LONGEST {
            self.trace.borrow_mut().push(("bound", "a text is longer than 8 KiB, and left out", ""));
        }
        Some(plain(raw)).filter(|text| !text.is_empty())
    }

    /// Reads a whole number of pixels.
    pub(crate) fn pixels(&self, at: usize, name: Name) -> Option<u32> {
        let mut number = 0u32;
        for &byte in self.said(at, &[name]).as_bytes() {
            if !byte.is_ascii_digit() {
                break;
            }
            number = number.wrapping_mul(10).wrapping_add(u32::from(byte - b'0'));
        }
        (number > 0).then_some(number)
    }

    /// Reads an address that a reader can be sent to, absolute.
    #[inline(never)]
    pub(crate) fn url(&self, at: usize) -> Option<String> {
        let raw = match self.doc.node(at).kind {
            Kind::Array => return self.doc.children(at).take(MANY).find_map(|next| self.url(next)),
            Kind::Object => self.said(self.resolve(at), &[URL, CONTENT_URL, HREF, TEXT, AT_ID]),
            _ => self.doc.text(at),
        };
        let raw = raw.trim_ascii();
        if address::is_plain(raw.as_bytes()) {
            return Some(raw.into());
        }
        let mut reference = String::new();
        text::decode(raw, &mut reference);
        // A place within the document, a blank node's name, `true`, markup, or words.
        let bytes = reference.as_bytes();
        let has = |byte| markup::find(bytes, 0, byte) < bytes.len();
        let odd = matches!(bytes, [] | [b'#', ..] | [b'_', b':', ..])
            || matches!(&*reference, "true" | "True" | "false")
            || has(b'<')
            || has(b'"')
            || has(b'\n')
            || has(b' ') && !has(b'/');
        if odd { None } else { address::join(&reference, &self.base) }
    }

    /// Reads authors in whatever shape: a name, an object, a reference, or lists of these.
    #[inline(never)]
    pub(crate) fn authors(&self, at: usize, out: &mut Vec<Author>) {
        let at = self.resolve(at);
        // The names of several may be a list in one object.
        let names = self.within(at, &[NAME, TITLE, TEXT]);
        if self.doc.is_list(names) {
            for next in self.doc.children(names).take(MANY) {
                if names == at {
                    self.authors(next, out);
                } else {
                    push(out, plain(self.raw(next)), None);
                }
            }
            return;
        }
        let mut name = plain(self.raw(names));
        if name.is_empty() {
            for part in [GIVEN_NAME, FAMILY_NAME] {
                name.push_str(&plain(self.said(at, &[part])));
                name.push(' ');
            }
        }
        push(out, name, self.url(self.find(at, &[URL, URI])));
    }

    /// Reads a picture: an address, an object, a reference, or lists of these, of which the first counts. One of its
    /// `forms` has none of its own.
    #[inline(never)]
    fn image(&self, at: usize, forms: bool) -> Option<Image> {
        if self.doc.is_list(at) {
            let (mut best, mut widest) = (None, 0);
            for next in self.doc.children(at).take(MANY) {
                let width = self.pixels(next, WIDTH).unwrap_or(1);
                // Only of renditions the widest; elsewhere the first is the one that is meant.
                let wider = width > widest && width <= WIDEST && self.doc.node(at).name == RENDITIONS;
                if (best.is_none() || wider)
                    && let Some(image) = self.image(next, forms)
                {
                    (best, widest) = (Some(image), width);
                }
            }
            return best;
        }
        let at = self.resolve(at);
        let kind = self.said(at, &[TYPE, MEDIUM, CONTENT_TYPE]);
        if NO_PICTURES.iter().any(|no| stands(kind.as_bytes(), 0, no)) {
            return None;
        }
        let list = if forms { self.find(at, &[RENDITIONS]) } else { 0 };
        let mut image =
            if list > 0 { self.image(list, false)? } else { Image { url: self.url(at)?, ..Image::default() } };
        if list == 0 {
            image.width = self.pixels(at, WIDTH);
            image.height = self.pixels(at, HEIGHT);
        }
        image.caption = self.text(self.find(at, &[CAPTION, MEDIA_DESCRIPTION, DESCRIPTIONS, HEADLINES]));
        image.credit = self.text(self.find(at, &[CREDIT_TEXT, MEDIA_CREDIT, BY]));
        Some(image)
    }

    fn corrections(&self, at: usize, out: &mut Vec<Correction>) {
        if self.doc.is_list(at) {
            for next in self.doc.children(at).take(MANY) {
                self.corrections(next, out);
            }
            return;
        }
        let at = self.resolve(at);
        if out.len() < MANY
            && let Some(text) = self.text(self.within(at, &[TEXT, DESCRIPTION]))
        {
            let date = self.time(self.said(at, &[DATE_PUBLISHED, DATE_CREATED, DATE_MODIFIED]));
            out.push(Correction { text, date });
        }
    }

    /// Reads a date.
    fn time(&self, raw: &str) -> Option<Time> {
        if raw.len() > 256 {
            None
        } else if text::is_marked(raw) {
            date::read(&text::plain(raw), self.source.zone)
        } else {
            date::read(raw, self.source.zone)
        }
    }

    /// Cleans a body, text or markup, into a tree of its top-level elements.
    #[inline(never)]
    fn body(&self, at: usize, out: &mut Tree, base: &str) {
        // Of a list of forms the richest that can be read.
        let (mut best, mut rank) = (at, 0);
        if self.doc.is_list(at) {
            for next in self.doc.children(at).take(MANY) {
                let kind = self.said(next, &[CONTENT_TYPE]);
                // `text/html`, `application/xhtml+xml`; NITF is neither.
                let worth = if holds(kind, "html") { 3 } else { 2 - u8::from(ends(kind, "nitf")) };
                if worth > rank {
                    (best, rank) = (next, worth);
                }
            }
        }
        let raw = self.raw(best);
        let plain = self.doc.node(best).name == CONTENT_TEXT
            || matches!(self.said(best, &[TYPE, CONTENT_TYPE]), "text" | "text/plain");
        if plain || !text::is_marked(raw) {
            return self.weigh(clean::paragraphs(raw, out), out);
        }
        let mut decoded = String::new();
        let mut text = raw;
        let mut markup = is_markup(raw);
        if !markup {
            // Perhaps markup that was encoded once more.
            text::decode(raw, &mut decoded);
            text = &decoded;
            markup = is_markup(text);
        }
        let cut = if markup {
            let rules = clean::Rules { base, page: self.source.page, embeds: self.source.embeds };
            clean::clean(text, &rules, out)
        } else {
            clean::paragraphs(text, out)
        };
        self.weigh(cut, out);
    }

    /// Counts what a body holds.
    pub(crate) fn weigh(&self, cut: clean::Cut, body: &Tree) {
        #[cfg(not(target_arch = "wasm32"))]
        for (cut, said) in [
            (cut.depth, "the body is nested more than 64 levels deep, and flattened there"),
            (cut.value, "an attribute in the body is longer than 8 KiB, and left out"),
        ] {
            if cut {
                self.trace.borrow_mut().push(("bound", said, ""));
            }
        }
        self.pieces.set(self.pieces.get() + body.nodes().len() + body.bytes() / 64);
        if cut.nodes {
            self.over.set(clean::OVER);
        } else if self.pieces.get() > MOST_PIECES {
            self.over.set(
                "The entries hold more than 200,000 elements, attributes and texts together: publish the latest alone.",
            );
        }
    }

    /// The entries of a live blog or a feed, in the document's order. One that is referred to twice is one.
    pub(crate) fn entries(&self, at: usize) -> Vec<usize> {
        let mut entries = Vec::new();
        let mut listed = alloc::vec![false; self.doc.len()];
        let mut count = 0;
        let mut list = |at: usize| {
            count += 1;
            if count > MOST_ENTRIES {
                self.over.set("The document has more than 10,000 entries: publish the latest alone.");
                return;
            }
            let at = self.resolve(at);
            if !core::mem::replace(&mut listed[at], true) {
                entries.push(at);
            }
        };
        for next in self.doc.children(at) {
            if !(UPDATES..=ITEM).contains(&self.doc.node(next).name) {
                continue;
            }
            if self.doc.is_list(next) {
                self.doc.children(next).for_each(&mut list);
            } else {
                list(next);
            }
        }
        entries
    }

    /// Applies some of the rules to some nodes: a field is what the first node says under the first name, if that
    /// can be read.
    fn draft(&self, nodes: &[usize], fields: Range<Field>, base: Option<&str>, body: Tree) -> Draft {
        let mut draft = Draft { body, ..Draft::default() };
        // Most nodes have names of few fields.
        let mut present = 0u32;
        for &node in nodes {
            for child in self.doc.children(node) {
                present |= 1 << FIELDS[self.doc.node(child).name as usize];
            }
        }
        for field in fields {
            // Entries have no use for these.
            if base.is_some() && (ENDS..BYLINE).contains(&field) {
                continue;
            }
            let (first, last) = RULES[field];
            if present >> FIELDS[first as usize] & 1 == 0 {
                continue;
            }
            'nodes: for (index, &node) in nodes.iter().enumerate() {
                let _ = index; // Only a report asks for it.
                let mut name = first;
                loop {
                    let at = self.doc.best(node, name, last);
                    if at == 0 {
                        break;
                    }
                    name = self.doc.node(at).name;
                    #[cfg(not(target_arch = "wasm32"))]
                    let had = draft.times;
                    let done = self.set(&mut draft, field, at, base);
                    #[cfg(not(target_arch = "wasm32"))]
                    if (done || draft.times != had) && base.is_none() {
                        self.note(field, name, if nodes.len() > 1 { nodes.len() - 1 - index } else { ORIGINS.len() });
                    }
                    if done {
                        break 'nodes;
                    }
                    name += 1;
                }
            }
        }
        draft
    }

    /// Reads one field; answers whether it was there to be read.
    fn set(&self, draft: &mut Draft, field: Field, mut at: usize, base: Option<&str>) -> bool {
        match field {
            SUMMARY_TEXT..=HEADLINE_TEXT => {
                draft.texts[field] = self.text(self.resolve(at));
                draft.texts[field].is_some()
            }
            IDENTITY => {
                let raw = self.raw(at).trim_ascii();
                let named = !matches!(raw.as_bytes(), [] | [b'_', b':', ..]);
                draft.texts[IDENTITY] = named.then(|| plain(raw)).filter(|id| !id.is_empty());
                draft.texts[IDENTITY].is_some()
            }
            ADDRESS | ID_ADDRESS => {
                // An identifier may be an address too.
                if field == ID_ADDRESS
                    && (draft.texts[ADDRESS].is_some()
                        || self.said(at, &[IS_PERMALINK]) == "false"
                        || !stands(self.raw(at).trim_ascii().as_bytes(), 0, "http"))
                {
                    return false;
                }
                draft.texts[ADDRESS] = self.url(at);
                draft.texts[ADDRESS].is_some()
            }
            PUBLISHED_TIME..=ENDS => {
                let Some(time) = self.time(self.raw(at)) else { return false };
                let out = &mut draft.times[field - PUBLISHED_TIME];
                if field == ENDS {
                    // The later of several.
                    later(out, Some(time), true);
                    return false;
                }
                // A zone-less time or a day stands until a moment of that day is found.
                let moment = time.precision == Precision::Moment;
                let stands = out.is_none_or(|first| moment && (time.at - first.at).abs() <= DAY);
                if stands && time.at < self.source.now + AHEAD {
                    *out = Some(time);
                    return moment;
                }
                false
            }
            PICTURE | THUMBNAIL => {
                if draft.image.is_none() {
                    draft.image = self.image(at, true);
                }
                draft.image.is_some()
            }
            IS_FREE => {
                let said = self.raw(at);
                // `true`, `"False"`, `"http://schema.org/True"`; a tier may also be `metered`.
                if ends(said, "false") || said == "locked" {
                    draft.free = Some(false);
                } else if ends(said, "true") || said == "free" {
                    draft.free = Some(true);
                }
                draft.free.is_some()
            }
            STANDING => {
                let said = self.raw(at);
                draft.withdrawn = WITHDRAWN.iter().any(|word| ends(said, word));
                true
            }
            CORRECTIONS => {
                self.corrections(at, &mut draft.corrections);
                !draft.corrections.is_empty()
            }
            BYLINE => {
                // Markup has a field for each.
                let name = self.doc.node(at).name;
                while self.doc.node(at).name == name {
                    self.authors(at, &mut draft.authors);
                    at = self.doc.end(at);
                }
                !draft.authors.is_empty()
            }
            _ => {
                let own = draft.texts[ADDRESS].as_deref().or(base).unwrap_or(&self.base);
                if draft.body.is_empty() && self.over.get().is_empty() {
                    self.body(at, &mut draft.body, own);
                }
                !draft.body.is_empty()
            }
        }
    }

    /// Makes an article of what the nodes say. With entries it is a blog.
    pub(crate) fn article(&self, nodes: &[usize], entries: Option<&[usize]>) -> Article {
        let last = if entries.is_some() { BODY } else { SUMMARY_BODY };
        let draft = self.draft(nodes, SUMMARY_TEXT..last, None, Tree::new());
        let [summary, name, lang, version, other_id, headline, url, id] = draft.texts;
        let [published, modified, ends] = draft.times;
        let mut article = Article {
            id: id.or_else(|| url.clone()).or(other_id).unwrap_or_else(|| self.source.url.into()),
            url,
            headline: headline.unwrap_or_default(),
            summary,
            authors: draft.authors,
            publisher: name,
            image: draft.image,
            published,
            modified,
            corrections: draft.corrections,
            free: draft.free,
            version,
            blog: entries.is_some(),
            ends,
            withdrawn: draft.withdrawn,
            lang,
            ..Article::default()
        };
        if let Some(entries) = entries {
            self.updates(&mut article, entries);
        } else {
            paragraphs(&mut article, &draft.body);
        }
        later(&mut article.modified, published, false);
        article
    }

    /// A hash of all that an entry says; 0 where it leaves something to others of the document.
    fn print(&self, entry: usize, base: &str) -> u64 {
        let mut print = tree::mix(hash(base), hash(&self.base));
        for at in entry..self.doc.end(entry) {
            if self.refers(at) && self.find(at, &[AT_ID]) > 0 {
                return 0;
            }
            let node = self.doc.node(at);
            print = tree::hash(
                self.doc.text(at).as_bytes(),
                tree::mix(print, u64::from(node.size) << 8 | u64::from(node.name)),
            );
        }
        print | 1
    }

    /// Makes a block of each entry.
    fn updates(&self, article: &mut Article, entries: &[usize]) {
        let mut seen = Seen::new(entries.len());
        let mut known = Seen::new(self.before.len());
        for (at, block) in (1..).zip(self.before) {
            if block.print > 0 {
                let slot = known.slot(block.print);
                known.0[slot] = (block.print, at);
            }
        }
        article.blocks.reserve(entries.len());
        // Bodies are made in one place, and what is kept of it is no larger than it must be.
        let mut body = Tree::new();
        for entry in entries {
            let base = article.url.as_deref().unwrap_or(&self.base);
            let mut print = self.print(*entry, base);
            let (_, at) = known.0[known.slot(print)];
            if let Some(block) = self.before.get((at as usize).wrapping_sub(1)) {
                let id = hash(&block.id);
                let slot = seen.slot(id);
                if seen.0[slot].0 == 0 {
                    seen.0[slot] = (id, 1);
                    self.weigh(clean::Cut::default(), &block.body);
                    article.blocks.push(Arc::clone(block));
                    continue;
                }
            }
            body.clear();
            let draft = self.draft(core::slice::from_ref(entry), HEADLINE_TEXT..RULES.len(), Some(base), body);
            body = draft.body;
            let [.., headline, url, id] = draft.texts;
            let [published, mut modified, _] = draft.times;
            later(&mut modified, published, false);
            let mut id = match (id.or_else(|| url.clone()), published, &headline) {
                (Some(id), ..) => id,
                (_, Some(time), _) => token(hash(&time.iso())),
                (_, _, Some(headline)) => token(hash(headline)),
                _ if body.is_empty() => continue,
                _ => token(body.nodes().iter().fold(0, |hash, node| tree::mix(hash, node.hash))),
            };
            if unique(&mut seen, &mut id) {
                print = 0;
            }
            let mut block =
                Block { id, headline, published, modified, authors: draft.authors, url, print, ..Block::default() };
            block.body.append_all(&body);
            article.blocks.push(Arc::new(block));
        }
        for block in &article.blocks {
            later(&mut article.modified, block.modified.or(block.published), true);
        }
    }
}

/// A headline, a name or the like in plain text; nothing where it is longer than any is.
fn plain(raw: &str) -> String {
    if raw.len() > address::LONGEST { String::new() } else { text::plain(raw) }
}

/// Adds an author once. An address is no name: of a page in a social network, or of a mailbox.
fn push(out: &mut Vec<Author>, mut name: String, url: Option<String>) {
    name.truncate(name.trim_ascii_end().len());
    let bytes = name.as_bytes();
    // RSS: `mail@paper.example (Name)`.
    let open = markup::find(bytes, 0, b'(');
    if markup::find(bytes, 0, b'@') < open && ends(&name, ")") {
        name = markup::slice(&name, open + 1, name.len() - 1).into();
    }
    // The card says it itself.
    if stands(name.as_bytes(), 0, "by ") {
        name.drain(..3);
    }
    let bytes = name.as_bytes();
    let address = bytes.iter().any(|byte| matches!(byte, b'/' | b'@')) && !holds(&name, " ");
    if !name.is_empty() && !address && out.len() < MANY && !out.iter().any(|other| other.name == name) {
        out.push(Author { name, url });
    }
}

/// Moves a time up to another that is later; one that is absent is only set where `fill` says so.
fn later(time: &mut Option<Time>, other: Option<Time>, fill: bool) {
    if let Some(other) = other
        && time.map_or(fill, |time| time.at < other.at)
    {
        *time = Some(other);
    }
}

/// Whether coverage goes on: a blog that was not ended, and is not past its end without a later update.
pub(crate) fn is_live(article: &Article, now: f64) -> bool {
    let ends = article.ends.map_or(f64::INFINITY, Time::end);
    let over = ends <= now && article.modified.is_none_or(|modified| modified.at <= ends);
    article.blog && !over && !article.ended && !article.withdrawn
}

/// Whether another text, in any letter case, stands in bytes at a place.
#[inline(never)]
pub(crate) fn stands(bytes: &[u8], at: usize, text: &str) -> bool {
    bytes
        .get(at..)
        .and_then(|rest| rest.get(..text.len()))
        .is_some_and(|part| part.eq_ignore_ascii_case(text.as_bytes()))
}

/// Whether a text ends with another, in any letter case.
pub(crate) fn ends(text: &str, with: &str) -> bool {
    stands(text.as_bytes(), text.len().wrapping_sub(with.len()), with)
}

/// Whether a text holds another, in any letter case.
pub(crate) fn holds(text: &str, other: &str) -> bool {
    (0..text.len()).any(|at| stands(text.as_bytes(), at, other))
}

/// Makes a block of each top-level element of a body, named by what it holds.
pub(crate) fn paragraphs(article: &mut Article, body: &Tree) {
    let mut seen = Seen::new(body.nodes().len());
    let mut at = 0;
    while at < body.nodes().len() {
        let mut block = Block { id: token(body.nodes()[at].hash), ..Block::default() };
        block.body.append(body, at);
        unique(&mut seen, &mut block.id);
        article.blocks.push(Arc::new(block));
        at = body.end(at);
    }
}

/// A hash as an identifier: a letter first, thirteen characters.
fn token(mut hash: u64) -> String {
    let mut out = String::from("b");
    for _ in 0..12 {
        let digit = (hash % 32) as u8;
        out.push(char::from(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }));
        hash >>= 5;
    }
    out
}

/// Tells an identifier that was there before from it by a number, and says so.
fn unique(seen: &mut Seen, id: &mut String) -> bool {
    let hash = hash(id);
    let slot = seen.slot(hash);
    let times = seen.0[slot].1 + 1;
    seen.0[slot] = (hash, times);
    if times > 1 {
        id.push('-');
        decimal(id, times);
    }
    times > 1
}

/// Whether a text is markup: it holds a tag that HTML knows.
fn is_markup(text: &str) -> bool {
    markup::html(text).any(|token| match token {
        markup::Token::Open(tag) => tree::element(tag.name).is_some(),
        _ => false,
    })
}

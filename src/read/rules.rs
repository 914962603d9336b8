//! The rules that make an article of a document's fields, the same for every standard.
//!
//! A field has a list of names, the most telling first; the names of all standards stand in one
//! list, since none means two things. A rule asks the article's own node first, then whatever else
//! the document offers in its place. Which nodes these are is for each standard's file to say.

use alloc::string::String;
use alloc::vec::Vec;

#[expect(clippy::wildcard_imports, reason = "the names are what this file is about")]
use super::doc::*;
use super::{Source, date, text};
use crate::article::{Article, Author, Block, Correction, Image, Precision, Time};
use crate::tree::{self, Tree};
use crate::{address, clean, markup};

/// Bylines and corrections beyond this many are dropped.
const MANY: usize = 64;
/// How many `{"@id": …}` lead to one another before it is called a circle.
const HOPS: usize = 3;
/// A date this far ahead of the clock is a slip or a sentinel (the year 9999), not a plan.
const AHEAD: f64 = 366.0 * DAY;
const DAY: f64 = 86_400_000.0;

const HEADLINE_NAMES: &[Name] =
    &[HEADLINE, NAME, HEADLINES, ALTERNATIVE_HEADLINE, TITLE, OG_TITLE, TWITTER_TITLE, H1, PAGE_TITLE];
const SUMMARY_NAMES: &[Name] = &[OG_DESCRIPTION, DESCRIPTION, SUMMARY, SUBTITLE, DESCRIPTIONS, TWITTER_DESCRIPTION];
const AUTHOR_NAMES: &[Name] =
    &[AUTHOR, AUTHORS, DC_CREATOR, CREATOR, BY, ARTICLE_AUTHOR, PARSELY_AUTHOR, SAILTHRU_AUTHOR];
const PUBLISHER_NAMES: &[Name] = &[PUBLISHER, OG_SITE_NAME, DC_PUBLISHER, COPYRIGHT_HOLDER];
#[rustfmt::skip]
const IMAGE_NAMES: &[Name] = &[
    IMAGE, BANNER_IMAGE, MEDIA_CONTENT, ENCLOSURE, MEDIA_THUMBNAIL, ASSOCIATIONS, RENDITIONS, OG_IMAGE,
    OG_IMAGE_SECURE_URL, OG_IMAGE_URL, TWITTER_IMAGE, TWITTER_IMAGE_SRC,
];
#[rustfmt::skip]
const PUBLISHED_NAMES: &[Name] = &[
    DATE_PUBLISHED, PUBLISHED, PUB_DATE, FIRST_CREATED, ARTICLE_PUBLISHED_TIME, OG_PUBLISHED_TIME, ARTICLE_PUBLISHED,
    PUBLISHED_TIME, PUBLISHED_AT, PUBLISHED_DATE, PUBLISH_DATE, PARSELY_PUB_DATE, DC_DATE_ISSUED, DCTERMS_CREATED,
    SAILTHRU_DATE, DC_DATE, DATE, DATE_CREATED, TIME,
];
#[rustfmt::skip]
const MODIFIED_NAMES: &[Name] = &[
    DATE_MODIFIED, UPDATED, VERSION_CREATED, ARTICLE_MODIFIED_TIME, OG_MODIFIED_TIME, OG_UPDATED_TIME,
    ARTICLE_MODIFIED, MODIFIED_TIME, UPDATED_TIME, LAST_MODIFIED, LAST_UPDATED_DATE, LAST_UPDATE, LASTMOD,
    DATE_UPDATED, DCTERMS_MODIFIED, DC_DATE_MODIFIED,
];
const BODY_NAMES: &[Name] = &[CONTENT_HTML, CONTENT_ENCODED, CONTENT, CONTENT_TEXT, BODIES, ARTICLE_BODY, TEXT];
const ADDRESS_NAMES: &[Name] = &[URL, LINK, PAGE, CANONICAL, OG_URL, HOME_PAGE_URL];
/// Identifiers, which may be addresses too.
const ID_NAMES: &[Name] = &[AT_ID, ID, GUID, URI];
const LANGUAGE_NAMES: &[Name] = &[IN_LANGUAGE, LANGUAGE, XML_LANG, DC_LANGUAGE, PAGE_LANG, OG_LOCALE];
const END_NAMES: &[Name] = &[COVERAGE_END, EXPIRES, ARTICLE_EXPIRATION_TIME];
const ENTRY_NAMES: &[Name] = &[UPDATES, ITEMS, ENTRY, ITEM];
/// What stands for an object where a text is wanted.
const VALUES: &[Name] = &[AT_VALUE, VALUE, TEXT, NAME, HEADLINE, ALTERNATE_NAME];
/// What stands for an object where an address is wanted.
const LINKS: &[Name] = &[URL, CONTENT_URL, HREF, TEXT, AT_ID];
/// What an entry of a picture list is called that is none.
const NO_PICTURES: &[&str] = &["video", "audio", "text", "application", "composite", "event"];
/// The widest picture worth taking, in pixels, where a list offers several.
const WIDEST: u32 = 2048;

/// What a status means that no longer stands by the text.
const WITHDRAWN: &[&str] = &["canceled", "cancelled", "withheld", "withdrawn", "deleted"];

/// A document and what its fields are read with.
pub(crate) struct Rules<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) doc: Doc<'a>,
    /// What relative addresses are relative to.
    pub(crate) base: String,
    /// Objects by their `@id`, for whatever refers to them.
    ids: Seen,
    /// Which name gave each field.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) trace: core::cell::RefCell<Vec<(&'static str, &'static str)>>,
}

/// Hashes, each with a number; open addressing, at most half full.
#[derive(Default)]
pub(crate) struct Seen {
    slots: Vec<(u64, u32)>,
    count: usize,
}

impl Seen {
    /// Files a number under a hash (never 0); answers what was filed there before.
    pub(crate) fn insert(&mut self, hash: u64, number: u32) -> Option<&mut u32> {
        if self.count * 2 >= self.slots.len() {
            let slots = core::mem::take(&mut self.slots);
            self.slots.resize((slots.len() * 2).max(16), (0, 0));
            for (hash, number) in slots {
                let at = self.slot(hash);
                self.slots[at] = (hash, number);
            }
        }
        let at = self.slot(hash);
        let slot = &mut self.slots[at];
        if slot.0 == hash {
            return Some(&mut slot.1);
        }
        *slot = (hash, number);
        self.count += 1;
        None
    }

    fn get(&self, hash: u64) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let slot = self.slots[self.slot(hash)];
        (slot.0 == hash).then_some(slot.1)
    }

    fn slot(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (hash >> 20) as usize & mask;
        while self.slots[at].0 != 0 && self.slots[at].0 != hash {
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
            ids: Seen::default(),
            #[cfg(not(target_arch = "wasm32"))]
            trace: core::cell::RefCell::default(),
        }
    }

    /// Files every object that says more of itself than its `@id`.
    pub(crate) fn file_ids(&mut self) {
        for at in 0..self.doc.nodes.len() {
            if self.doc.nodes[at].kind == Kind::Object
                && let Some(id) = self.doc.child(at, AT_ID)
                && !self.refers(at)
            {
                self.ids.insert(hash(self.doc.text(id)), at as u32);
            }
        }
    }

    /// Whether an object holds nothing but its `@id`, and perhaps its type.
    fn refers(&self, at: usize) -> bool {
        let size = self.doc.nodes[at].size;
        size == 2 || size == 3 && self.doc.child(at, AT_TYPE).is_some()
    }

    /// The object that an object refers to by its `@id`.
    #[inline(never)]
    pub(crate) fn resolve(&self, mut at: usize) -> usize {
        for _ in 0..HOPS {
            if self.doc.nodes[at].kind != Kind::Object || !self.refers(at) {
                break;
            }
            let Some(id) = self.doc.child(at, AT_ID) else { break };
            let Some(to) = self.ids.get(hash(self.doc.text(id))) else { break };
            at = to as usize;
        }
        at
    }

    /// The first of these names that an object has.
    #[inline(never)]
    pub(crate) fn find(&self, at: usize, names: &[Name]) -> Option<usize> {
        if self.doc.nodes[at].kind != Kind::Object {
            return None;
        }
        names.iter().find_map(|&name| self.doc.child(at, name))
    }

    /// Offers the values of these names, node after node, until a name has one that is taken.
    #[inline(never)]
    pub(crate) fn pick(
        &self,
        field: &'static str,
        nodes: &[usize],
        names: &[Name],
        take: &mut dyn FnMut(usize) -> bool,
    ) {
        for &node in nodes {
            for &name in names {
                let mut taken = false;
                self.doc.each(node, name, &mut |at| {
                    let took = take(at);
                    taken |= took;
                    took
                });
                if taken {
                    self.note(field, name);
                    return;
                }
            }
        }
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn note(&self, _: &'static str, _: Name) {}

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn note(&self, field: &'static str, name: Name) {
        if !field.is_empty() {
            self.trace.borrow_mut().push((field, spelled(name)));
        }
    }

    /// What a node says, as it stands: of a list the first that says something, of an object its value.
    #[inline(never)]
    pub(crate) fn raw(&self, at: usize) -> &str {
        let node = &self.doc.nodes[at];
        match node.kind {
            Kind::Object => self.find(at, VALUES).map_or("", |at| self.raw(at)),
            Kind::Array => {
                let (end, mut next) = (self.doc.end(at), at + 1);
                let mut first = "";
                while next < end {
                    let raw = self.raw(next);
                    let main = self.find(next, &[ROLE]).is_some_and(|at| self.doc.text(at) == "main");
                    if !raw.is_empty() && (main || first.is_empty()) {
                        first = raw;
                        if main {
                            break;
                        }
                    }
                    next = self.doc.end(next);
                }
                first
            }
            _ => self.doc.text(at),
        }
    }

    /// Whether a node says something in plain text, and what.
    pub(crate) fn text(&self, at: usize, out: &mut String) -> bool {
        *out = text::plain(self.raw(at));
        !out.is_empty()
    }

    pub(crate) fn some_text(&self, at: usize, out: &mut Option<String>) -> bool {
        let mut text = String::new();
        let found = self.text(at, &mut text);
        if found {
            *out = Some(text);
        }
        found
    }

    /// Reads a date.
    pub(crate) fn time(&self, at: usize, out: &mut Option<Time>) -> bool {
        let raw = self.raw(at);
        *out = if raw.len() < 1024 { date::read(&text::plain(raw), self.source.zone) } else { None };
        out.is_some()
    }

    /// Reads when something was done: a date that cannot lie far ahead, the first that is a moment, else the first
    /// zone-less time or day. A moment of another day does not stand in for it.
    fn when(&self, field: &'static str, nodes: &[usize], names: &[Name], out: &mut Option<Time>) {
        self.pick(field, nodes, names, &mut |at| {
            let mut time = None;
            self.time(at, &mut time);
            let Some(time) = time.filter(|time| time.at < self.source.now + AHEAD) else { return false };
            let moment = time.precision == Precision::Moment;
            let stands = out.is_none_or(|first| moment && (time.at - first.at).abs() <= DAY);
            if stands {
                *out = Some(time);
                self.note(field, self.doc.nodes[at].name);
            }
            stands && moment
        });
    }

    /// Reads a whole number of pixels.
    fn pixels(&self, at: usize) -> Option<u32> {
        let mut number = 0u32;
        for byte in self.raw(at).bytes() {
            if !byte.is_ascii_digit() {
                break;
            }
            number = number.saturating_mul(10).saturating_add(u32::from(byte - b'0'));
        }
        (number > 0).then_some(number)
    }

    /// Reads an address that a reader can be sent to, absolute.
    #[inline(never)]
    pub(crate) fn url(&self, at: usize, out: &mut Option<String>) -> bool {
        let node = self.doc.nodes[at];
        match node.kind {
            Kind::Null => {}
            Kind::Object => {
                if let Some(at) = self.find(self.resolve(at), LINKS) {
                    self.join(self.raw(at), out);
                }
            }
            Kind::Array => {
                let (end, mut next) = (self.doc.end(at), at + 1);
                while next < end {
                    if self.url(next, out) {
                        return true;
                    }
                    next = self.doc.end(next);
                }
            }
            _ => self.join(self.doc.text(at), out),
        }
        out.is_some()
    }

    fn join(&self, raw: &str, out: &mut Option<String>) {
        let mut reference = String::new();
        text::decode(raw, &mut reference);
        let reference = reference.trim_ascii();
        // A place within the document, a blank node's name, markup, or words.
        let odd = reference.starts_with('#')
            || reference.starts_with("_:")
            || reference.bytes().any(|byte| matches!(byte, b'<' | b'"' | b' ' | b'\n'));
        if !odd && !reference.is_empty() {
            *out = address::join(reference, &self.base);
        }
    }

    /// Reads the authors of a field, and in markup those of the like fields right after it.
    pub(crate) fn byline(&self, mut at: usize, out: &mut Vec<Author>) -> bool {
        let nodes = &self.doc.nodes;
        self.authors(at, out);
        while self.doc.first && nodes.get(self.doc.end(at)).is_some_and(|next| next.name == nodes[at].name) {
            at = self.doc.end(at);
            self.authors(at, out);
        }
        !out.is_empty()
    }

    /// Reads authors in whatever shape: a name, an object, a reference, or lists of these.
    #[inline(never)]
    pub(crate) fn authors(&self, at: usize, out: &mut Vec<Author>) -> bool {
        let node = self.doc.nodes[at];
        let mut author = Author::default();
        match node.kind {
            Kind::Null => {}
            Kind::Array => {
                let (end, mut next) = (self.doc.end(at), at + 1);
                while next < end && out.len() < MANY {
                    self.authors(next, out);
                    next = self.doc.end(next);
                }
            }
            Kind::Object => {
                let at = self.resolve(at);
                let name = self.find(at, &[NAME, TITLE]);
                if let Some(name) = name
                    && self.doc.nodes[name].kind == Kind::Array
                {
                    // Names of several, as a list.
                    let mut next = name + 1;
                    while next < self.doc.end(name) && out.len() < MANY {
                        push(out, Author { name: text::plain(self.raw(next)), url: None });
                        next = self.doc.end(next);
                    }
                    return !out.is_empty();
                }
                let name = name.or_else(|| self.find(at, &[TEXT]));
                if !name.is_some_and(|at| self.text(at, &mut author.name)) {
                    for part in [GIVEN_NAME, FAMILY_NAME, ALTERNATE_NAME] {
                        let mut text = String::new();
                        if (part != ALTERNATE_NAME || author.name.is_empty())
                            && let Some(at) = self.find(at, &[part])
                            && self.text(at, &mut text)
                        {
                            if !author.name.is_empty() {
                                author.name.push(' ');
                            }
                            author.name.push_str(&text);
                        }
                    }
                }
                if let Some(at) = self.find(at, &[URL, URI]) {
                    self.url(at, &mut author.url);
                }
            }
            _ => author.name = text::plain(self.doc.text(at)),
        }
        push(out, author);
        !out.is_empty()
    }

    /// Reads a picture: an address, an object, a reference, or lists of these, of which the first counts.
    #[inline(never)]
    pub(crate) fn image(&self, at: usize, out: &mut Option<Image>) -> bool {
        if self.doc.nodes[at].kind == Kind::Array {
            let (end, mut next) = (self.doc.end(at), at + 1);
            while next < end && !self.image(next, out) {
                next = self.doc.end(next);
            }
            return out.is_some();
        }
        let at = self.resolve(at);
        // An item of ninjs that has the picture in several sizes.
        let file = self.find(at, &[RENDITIONS]).map_or(at, |list| self.rendition(list));
        for name in [TYPE, MEDIUM, CONTENT_TYPE] {
            if let Some(at) = self.find(file, &[name])
                && NO_PICTURES.iter().any(|kind| self.raw(at).starts_with(kind))
            {
                return false;
            }
        }
        let mut url = None;
        if !self.url(file, &mut url) {
            return false;
        }
        let mut image = Image { url: url.unwrap_or_default(), ..Image::default() };
        for (names, out) in [
            (&[CAPTION, MEDIA_DESCRIPTION, DESCRIPTIONS, HEADLINES][..], &mut image.caption),
            (&[CREDIT_TEXT, MEDIA_CREDIT, BY], &mut image.credit),
        ] {
            if let Some(at) = self.find(at, names) {
                self.some_text(at, out);
            }
        }
        for (name, out) in [(WIDTH, &mut image.width), (HEIGHT, &mut image.height)] {
            *out = self.find(file, &[name]).and_then(|at| self.pixels(at));
        }
        *out = Some(image);
        true
    }

    /// The picture of a list of sizes that is the widest within reason, else the first.
    fn rendition(&self, list: usize) -> usize {
        let (end, mut next) = (self.doc.end(list), list + 1);
        let (mut best, mut widest) = (list + 1, 0);
        while next < end {
            let width = self.find(next, &[WIDTH]).and_then(|at| self.pixels(at)).unwrap_or(1);
            if width > widest && width <= WIDEST {
                (best, widest) = (next, width);
            }
            next = self.doc.end(next);
        }
        best.min(end - 1)
    }

    fn corrections(&self, at: usize, out: &mut Vec<Correction>) -> bool {
        if self.doc.nodes[at].kind == Kind::Array {
            let (end, mut next) = (self.doc.end(at), at + 1);
            while next < end && out.len() < MANY {
                self.corrections(next, out);
                next = self.doc.end(next);
            }
            return !out.is_empty();
        }
        let at = self.resolve(at);
        let mut correction = Correction { text: String::new(), date: None };
        let said = self.find(at, &[TEXT, DESCRIPTION, HEADLINE, NAME]).unwrap_or(at);
        if self.text(said, &mut correction.text) {
            if let Some(at) = self.find(at, &[DATE_PUBLISHED, DATE_CREATED, DATE_MODIFIED]) {
                self.time(at, &mut correction.date);
            }
            out.push(correction);
        }
        !out.is_empty()
    }

    /// Cleans a body, text or markup, into a tree of its top-level elements.
    #[inline(never)]
    pub(crate) fn body(&self, at: usize, base: &str, out: &mut Tree) -> bool {
        // Of a list of forms the richest that can be read.
        let (mut best, mut rank) = (at, 0);
        if self.doc.nodes[at].kind == Kind::Array {
            let (end, mut next) = (self.doc.end(at), at + 1);
            while next < end {
                let kind = self.find(next, &[CONTENT_TYPE]).map_or("", |at| self.raw(at));
                let worth =
                    if ends(kind, "html") || ends(kind, "html+xml") { 3 } else { 1 + u8::from(!ends(kind, "nitf")) };
                if worth > rank {
                    (best, rank) = (next, worth);
                }
                next = self.doc.end(next);
            }
        }
        let raw = self.raw(best);
        let plain = self.doc.nodes[best].name == CONTENT_TEXT
            || self.find(best, &[TYPE, CONTENT_TYPE]).is_some_and(|at| matches!(self.raw(at), "text" | "text/plain"));
        let rules = clean::Rules { base, page: self.source.page, embeds: self.source.embeds };
        let mut decoded = String::new();
        if plain {
            clean::paragraphs(raw, out);
        } else if is_markup(raw) {
            clean::clean(raw, &rules, out);
        } else {
            text::decode(raw, &mut decoded);
            // Markup that was encoded once more.
            if is_markup(&decoded) {
                clean::clean(&decoded, &rules, out);
            } else {
                clean::paragraphs(&decoded, out);
            }
        }
        !out.is_empty()
    }

    /// The entries of a live blog or a feed, in the document's order.
    pub(crate) fn entries(&self, at: usize) -> Vec<usize> {
        let mut entries = Vec::new();
        let (end, mut next) = (self.doc.end(at), at + 1);
        while next < end {
            let node = self.doc.nodes[next];
            let after = self.doc.end(next);
            if ENTRY_NAMES.contains(&node.name) {
                if node.kind == Kind::Array {
                    next += 1;
                    while next < after {
                        entries.push(self.resolve(next));
                        next = self.doc.end(next);
                    }
                } else {
                    entries.push(self.resolve(next));
                }
            }
            next = after;
        }
        entries
    }

    /// An identifier that stays the same from version to version.
    fn id(&self, nodes: &[usize], out: &mut String) {
        self.pick("id", nodes, ID_NAMES, &mut |at| {
            let raw = self.raw(at).trim_ascii();
            let blank = raw.is_empty() || raw.starts_with("_:");
            if !blank {
                *out = text::plain(raw);
            }
            !blank
        });
    }

    /// An article's or an entry's address, or its identifier where that is one.
    fn address(&self, nodes: &[usize], out: &mut Option<String>) {
        self.pick("url", nodes, ADDRESS_NAMES, &mut |at| self.url(at, out));
        if out.is_none() {
            self.pick("url", nodes, ID_NAMES, &mut |at| {
                let permalink = self.find(at, &[IS_PERMALINK]).is_none_or(|at| self.doc.text(at) != "false");
                permalink && self.raw(at).trim_ascii().starts_with("http") && self.url(at, out)
            });
        }
    }

    /// Makes an article of what the nodes say, the first that says something for each field. With
    /// entries it is a blog.
    pub(crate) fn article(&self, nodes: &[usize], entries: Option<&[usize]>) -> Article {
        let mut article = Article { blog: entries.is_some(), ..Article::default() };
        self.pick("headline", nodes, HEADLINE_NAMES, &mut |at| self.text(at, &mut article.headline));
        self.pick("summary", nodes, SUMMARY_NAMES, &mut |at| self.some_text(at, &mut article.summary));
        self.pick("authors", nodes, AUTHOR_NAMES, &mut |at| self.byline(at, &mut article.authors));
        self.pick("publisher", nodes, PUBLISHER_NAMES, &mut |at| {
            self.some_text(self.resolve(at), &mut article.publisher)
        });
        self.pick("image", nodes, IMAGE_NAMES, &mut |at| self.image(at, &mut article.image));
        if article.image.is_none() {
            self.pick("image", nodes, &[THUMBNAIL_URL], &mut |at| self.image(at, &mut article.image));
        }
        self.when("published", nodes, PUBLISHED_NAMES, &mut article.published);
        self.when("modified", nodes, MODIFIED_NAMES, &mut article.modified);
        self.address(nodes, &mut article.url);
        self.pick("lang", nodes, LANGUAGE_NAMES, &mut |at| self.some_text(at, &mut article.lang));
        self.pick("version", nodes, &[VERSION], &mut |at| self.some_text(at, &mut article.version));
        self.pick("corrections", nodes, &[CORRECTION], &mut |at| self.corrections(at, &mut article.corrections));
        self.pick("free", nodes, &[FREE, CONTENT_TIER], &mut |at| {
            let said = self.raw(at);
            // `true`, `"False"`, `"http://schema.org/True"`; a tier may also be `metered`.
            if ends(said, "false") || said == "locked" {
                article.free = Some(false);
            } else if ends(said, "true") || said == "free" {
                article.free = Some(true);
            }
            article.free.is_some()
        });
        self.pick("withdrawn", nodes, &[STATUS, PUB_STATUS], &mut |at| {
            let said = self.raw(at);
            article.withdrawn = WITHDRAWN.iter().any(|word| said.eq_ignore_ascii_case(word));
            article.withdrawn
        });
        for &name in END_NAMES {
            let mut end = None;
            self.pick("ends", nodes, &[name], &mut |at| self.time(at, &mut end));
            later(&mut article.ends, end, true);
        }
        self.id(nodes, &mut article.id);
        if article.id.is_empty() {
            if let Some(url) = &article.url {
                article.id.push_str(url);
            } else {
                self.pick("id", nodes, &[IDENTIFIER], &mut |at| self.text(at, &mut article.id));
            }
        }
        let base = String::from(article.url.as_deref().unwrap_or(&self.base));
        if let Some(entries) = entries {
            self.updates(&mut article, entries, &base);
        } else {
            let mut body = Tree::new();
            self.pick("body", nodes, BODY_NAMES, &mut |at| body.is_empty() && self.body(at, &base, &mut body));
            paragraphs(&mut article, &body);
        }
        later(&mut article.modified, article.published, false);
        article
    }

    /// Makes a block of each entry.
    fn updates(&self, article: &mut Article, entries: &[usize], base: &str) {
        let mut seen = Seen::default();
        let mut newest = article.modified;
        for entry in entries {
            let node = core::slice::from_ref(entry);
            let mut block = Block::default();
            self.pick("", node, HEADLINE_NAMES, &mut |at| self.some_text(at, &mut block.headline));
            self.when("", node, PUBLISHED_NAMES, &mut block.published);
            self.when("", node, MODIFIED_NAMES, &mut block.modified);
            self.address(node, &mut block.url);
            self.pick("", node, AUTHOR_NAMES, &mut |at| self.byline(at, &mut block.authors));
            let base = block.url.as_deref().unwrap_or(base);
            for names in [BODY_NAMES, SUMMARY_NAMES] {
                let body = &mut block.body;
                self.pick("", node, names, &mut |at| body.is_empty() && self.body(at, base, body));
            }
            later(&mut block.modified, block.published, false);
            self.id(node, &mut block.id);
            if block.id.is_empty() {
                block.id = match (&block.url, block.published, &block.headline) {
                    (Some(url), ..) => url.clone(),
                    (_, Some(time), _) => token(hash(&time.iso())),
                    (_, _, Some(headline)) => token(hash(headline)),
                    _ if block.body.is_empty() => continue,
                    _ => token(of(&block.body)),
                };
            }
            unique(&mut seen, &mut block.id);
            later(&mut newest, block.modified, true);
            later(&mut newest, block.published, true);
            article.blocks.push(block);
        }
        article.modified = newest;
    }
}

/// Whether coverage goes on: a blog that was not ended, and is not past its end without a later update.
pub(crate) fn is_live(article: &Article, now: f64) -> bool {
    let over =
        article.ends.is_some_and(|end| end.at <= now && article.modified.is_none_or(|modified| modified.at <= end.at));
    article.blog && !over && !article.ended && !article.withdrawn
}

/// Whether a text ends with another, in any letter case.
pub(crate) fn ends(text: &str, with: &str) -> bool {
    let (text, with) = (text.as_bytes(), with.as_bytes());
    text.len() >= with.len() && text[text.len() - with.len()..].eq_ignore_ascii_case(with)
}

/// Adds an author once. An address is no name: of a page in a social network, or of a mailbox.
fn push(out: &mut Vec<Author>, mut author: Author) {
    // RSS: `mail@paper.example (Name)`.
    if let Some(rest) = author.name.strip_suffix(')') {
        let open = markup::find(rest.as_bytes(), 0, b'(');
        if rest.as_bytes()[..open].contains(&b'@') {
            author.name = text::plain(markup::slice(rest, open + 1, rest.len()));
        }
    }
    let name = author.name.as_bytes();
    let address = name.iter().any(|&byte| byte == b'/' || byte == b'@') && !name.contains(&b' ');
    if !name.is_empty() && !address && !out.iter().any(|other| other.name == author.name) {
        out.push(author);
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

/// Makes a block of each top-level element of a body, named by what it holds.
pub(crate) fn paragraphs(article: &mut Article, body: &Tree) {
    let mut seen = Seen::default();
    let mut at = 0;
    while at < body.nodes().len() {
        let mut block = Block { id: token(body.nodes()[at].hash), ..Block::default() };
        block.body.append(body, at);
        unique(&mut seen, &mut block.id);
        article.blocks.push(block);
        at = body.end(at);
    }
}

/// A hash of all that a tree holds.
fn of(body: &Tree) -> u64 {
    let (mut hash, mut at) = (0, 0);
    while at < body.nodes().len() {
        hash = tree::mix(hash, body.nodes()[at].hash);
        at = body.end(at);
    }
    hash
}

/// A hash as an identifier: a letter first, thirteen characters.
fn token(mut hash: u64) -> String {
    let mut out = String::from("b");
    for _ in 0..12 {
        out.push(char::from(b"0123456789abcdefghijklmnopqrstuv"[(hash % 32) as usize]));
        hash >>= 5;
    }
    out
}

/// Tells an identifier that was there before from it by a number.
fn unique(seen: &mut Seen, id: &mut String) {
    if let Some(times) = seen.insert(hash(id), 1) {
        *times += 1;
        id.push('-');
        decimal(id, *times);
    }
}

/// Whether a text is markup: it holds a tag that HTML knows.
fn is_markup(text: &str) -> bool {
    if markup::find(text.as_bytes(), 0, b'<') == text.len() {
        return false;
    }
    for token in markup::html(text) {
        if let markup::Token::Open(tag) = token
            && tree::element(tag.name).is_some()
        {
            return true;
        }
    }
    false
}

//! A document of any standard as one flat list of nodes, its field names as numbers.
//!
//! The JSON reader and the markup readers fill it, the rules of [`super::rules`] ask it. A name is
//! compared without case and punctuation, so that `datePublished`, `date_published` and
//! `datepublished`, `versionCreated` and `versioncreated`, `dc:date` and `dc.date` are one field.

use alloc::string::String;
use alloc::vec::Vec;

/// A field's name: a place in [`FIELDS`]; 0 for one that no rule asks for.
pub(crate) type Name = u8;

macro_rules! fields {
    ($($constant:ident $text:literal)*) => {
        /// The names that rules ask for, without case and punctuation.
        const FIELDS: &[&str] = &["", $($text),*];
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "only to count")]
        enum Number { NONE, $($constant),* }
        $(pub(crate) const $constant: Name = Number::$constant as Name;)*
    };
}

fields! {
    // JSON-LD and schema.org, its microdata too.
    AT_ID "@id" AT_TYPE "@type" GRAPH "@graph" AT_VALUE "@value" MAIN_ENTITY "mainentity" PAGE "mainentityofpage"
    HEADLINE "headline" ALTERNATIVE_HEADLINE "alternativeheadline" NAME "name" DESCRIPTION "description"
    ARTICLE_BODY "articlebody" TEXT "text" AUTHOR "author" CREATOR "creator" PUBLISHER "publisher" IMAGE "image"
    URL "url" CONTENT_URL "contenturl" THUMBNAIL_URL "thumbnailurl" CAPTION "caption" CREDIT_TEXT "credittext"
    WIDTH "width" HEIGHT "height" DATE_PUBLISHED "datepublished" DATE_MODIFIED "datemodified" DATE_CREATED "datecreated"
    VERSION "version" CORRECTION "correction" EXPIRES "expires" FREE "isaccessibleforfree" STATUS "creativeworkstatus"
    COVERAGE_END "coverageendtime" UPDATES "liveblogupdate" IN_LANGUAGE "inlanguage" GIVEN_NAME "givenname"
    FAMILY_NAME "familyname" ALTERNATE_NAME "alternatename" IDENTIFIER "identifier"
    // JSON Feed, Atom, RSS.
    ID "id" TYPE "type" VALUE "value" TITLE "title" SUMMARY "summary" LANGUAGE "language"
    // ninjs.
    URI "uri" ROLE "role" HREF "href"
}

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Named nodes follow: an object, or an element with its attributes.
    Object,
    /// Nodes without names follow.
    Array,
    /// Text.
    Text,
    /// A number, `true` or `false`, or a word that should have stood in quotes.
    Bare,
    /// `null`, or nothing where a value should be.
    Null,
}

/// A value and its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Its name in the object around it.
    pub(crate) name: Name,
    /// Whether the text stands in the document's own buffer, unescaped.
    own: bool,
    /// Nodes in this subtree, this one counted.
    pub(crate) size: u32,
    start: u32,
    end: u32,
}

/// How many slots [`Doc::index`] has: a power of two, a few times the names.
const SLOTS: usize = 512;

/// A document as a flat list of nodes.
pub(crate) struct Doc<'a> {
    /// What was read; most texts are slices of it.
    pub(crate) source: &'a str,
    /// Texts that had to be unescaped.
    own: String,
    pub(crate) nodes: Vec<Node>,
    open: Vec<u32>,
    /// Names by hash, open addressing.
    index: [Name; SLOTS],
}

/// A span of the source, or of what was unescaped.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) own: bool,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A byte of a name as it is compared; `None` for one that does not count.
fn telling(byte: u8) -> Option<u8> {
    (!matches!(byte, b':' | b'.' | b'_' | b'-' | b' ')).then(|| byte.to_ascii_lowercase())
}

fn slot(key: &[u8]) -> usize {
    let mut hash = 0u32;
    for &byte in key {
        if let Some(byte) = telling(byte) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    (hash ^ (hash >> 15)) as usize % SLOTS
}

fn same(key: &[u8], name: &[u8]) -> bool {
    let mut name = name.iter();
    for &byte in key {
        if let Some(byte) = telling(byte)
            && name.next() != Some(&byte)
        {
            return false;
        }
    }
    name.next().is_none()
}

impl<'a> Doc<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        let mut index = [0; SLOTS];
        for (number, name) in FIELDS.iter().enumerate().skip(1) {
            let mut at = slot(name.as_bytes());
            while index[at] != 0 {
                at = (at + 1) % SLOTS;
            }
            index[at] = number as Name;
        }
        Doc { source, own: String::new(), nodes: Vec::new(), open: Vec::new(), index }
    }

    /// The number of a name, given bare, with the prefix `schema:` or as an IRI of schema.org.
    pub(crate) fn name(&self, key: &str) -> Name {
        let mut key = key.as_bytes();
        for prefix in ["schema:", "http://schema.org/", "https://schema.org/"] {
            if key.starts_with(prefix.as_bytes()) {
                key = &key[prefix.len()..];
            }
        }
        let mut at = slot(key);
        while self.index[at] != 0 && !same(key, FIELDS[self.index[at] as usize].as_bytes()) {
            at = (at + 1) % SLOTS;
        }
        self.index[at]
    }

    /// Adds a text or nothing.
    pub(crate) fn push(&mut self, kind: Kind, name: Name, span: Span) {
        self.nodes.push(Node { kind, name, own: span.own, size: 1, start: span.start, end: span.end });
    }

    /// Opens an object or an array inside the innermost open one.
    pub(crate) fn open(&mut self, kind: Kind, name: Name) {
        self.open.push(self.nodes.len() as u32);
        self.push(kind, name, Span { own: false, start: 0, end: 0 });
    }

    /// Opens again what was closed last, to add to it; only where nothing followed.
    pub(crate) fn reopen(&mut self, at: usize) {
        self.open.push(at as u32);
    }

    /// Closes the innermost open one.
    pub(crate) fn close(&mut self) {
        if let Some(at) = self.open.pop() {
            self.nodes[at as usize].size = self.nodes.len() as u32 - at;
        }
    }

    /// How many are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// What the innermost open one is.
    pub(crate) fn innermost(&self) -> Option<Kind> {
        Some(self.nodes[*self.open.last()? as usize].kind)
    }

    /// Whether one of that kind is open, past the first `base`.
    pub(crate) fn opened(&self, base: usize, kind: Kind) -> bool {
        self.open[base..].iter().any(|&at| self.nodes[at as usize].kind == kind)
    }

    /// The buffer for unescaped texts.
    pub(crate) fn own(&mut self) -> &mut String {
        &mut self.own
    }

    /// The characters of a span.
    pub(crate) fn slice(&self, span: Span) -> &str {
        let of = if span.own { &self.own } else { self.source };
        of.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The text at a node; empty for one that is none.
    pub(crate) fn text(&self, at: usize) -> &str {
        let node = &self.nodes[at];
        self.slice(Span { own: node.own, start: node.start, end: node.end })
    }

    /// Where the subtree at `at` ends.
    pub(crate) fn end(&self, at: usize) -> usize {
        at + self.nodes[at].size as usize
    }

    /// The child of that name; the last of several, as JSON has it. Never an empty one.
    #[inline(never)]
    pub(crate) fn child(&self, at: usize, name: Name) -> Option<usize> {
        let (end, mut next, mut found) = (self.end(at), at + 1, None);
        while next < end {
            let node = &self.nodes[next];
            if node.name == name && node.kind != Kind::Null && (node.size > 1 || node.end > node.start) {
                found = Some(next);
            }
            next += node.size as usize;
        }
        found
    }
}

/// A name without case and punctuation, for reports.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn spelled(name: Name) -> &'static str {
    FIELDS[name as usize]
}

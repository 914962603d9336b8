//! A document of any standard as one flat list of nodes, its field names as numbers.
//!
//! The JSON reader and the markup readers fill it, the rules of [`super::rules`] ask it. A name is
//! compared without case and punctuation, so that `datePublished`, `date_published` and
//! `datepublished`, `versionCreated` and `versioncreated`, `dc:date` and `dc.date` are one field.

use alloc::string::String;
use alloc::vec::Vec;

/// A field's name by number; 0 for one that no rule asks for.
pub(crate) type Name = u8;

macro_rules! names {
    ($($constant:ident $text:literal)*) => {
        /// The names that rules ask for, a space after each. One that a page's metadata and microdata may say
        /// begins with a star.
        const NAMES: &str = concat!($($text, " "),*);
        #[expect(non_camel_case_types, dead_code, clippy::upper_case_acronyms, reason = "only counts")]
        enum Number { NONE, $($constant),* }
        $(
            #[allow(dead_code, reason = "many are only counted, in a run")]
            pub(crate) const $constant: Name = Number::$constant as Name;
        )*
    };
}

// The names of one field of an article stand together, of all standards, the most telling first.
names! {
    AT_ID "@id" ID "id" GUID "guid" URI "uri"
    URL "url" LINK "link" PAGE "mainEntityOfPage" CANONICAL "<canonical>" OG_URL "*og:url"
    HOME_PAGE_URL "home_page_url"
    HEADLINE "*headline" NAME "name" HEADLINES "headlines" ALTERNATIVE_HEADLINE "*alternativeHeadline" TITLE "title"
    OG_TITLE "*og:title" TWITTER_TITLE "*twitter:title" H1 "<h1>" PAGE_TITLE "<title>"
    OG_DESCRIPTION "*og:description" DESCRIPTION "*description" SUMMARY "summary" SUBTITLE "subtitle"
    DESCRIPTIONS "descriptions" TWITTER_DESCRIPTION "*twitter:description"
    AUTHOR "*author" AUTHORS "authors" DC_CREATOR "*dc:creator" CREATOR "*creator" BY "by"
    ARTICLE_AUTHOR "*article:author" PARSELY_AUTHOR "*parsely-author" SAILTHRU_AUTHOR "*sailthru.author"
    PUBLISHER "*publisher" OG_SITE_NAME "*og:site_name" DC_PUBLISHER "*dc:publisher"
    COPYRIGHT_HOLDER "copyrightHolder"
    IMAGE "*image" BANNER_IMAGE "banner_image" MEDIA_CONTENT "media:content" ENCLOSURE "enclosure"
    MEDIA_THUMBNAIL "media:thumbnail" ASSOCIATIONS "associations" RENDITIONS "renditions" OG_IMAGE "*og:image"
    OG_IMAGE_SECURE_URL "*og:image:secure_url" OG_IMAGE_URL "*og:image:url" TWITTER_IMAGE "*twitter:image"
    TWITTER_IMAGE_SRC "*twitter:image:src"
    THUMBNAIL_URL "thumbnailUrl"
    DATE_PUBLISHED "*datePublished" PUBLISHED "*published" PUB_DATE "*pubDate" FIRST_CREATED "firstCreated"
    ARTICLE_PUBLISHED_TIME "*article:published_time" OG_PUBLISHED_TIME "*og:article:published_time"
    PUBLISHED_AT "*published_at" PUBLISHED_DATE "*publishedDate" PUBLISH_DATE "*publish-date"
    PARSELY_PUB_DATE "*parsely-pub-date" DC_DATE_ISSUED "*dc.date.issued" DCTERMS_CREATED "*dcterms.created"
    SAILTHRU_DATE "*sailthru.date" DC_DATE "*dc:date" DATE "*date" DATE_CREATED "*dateCreated" TIME "<time>"
    DATE_MODIFIED "*dateModified" UPDATED "updated" VERSION_CREATED "versionCreated"
    ARTICLE_MODIFIED_TIME "*article:modified_time" OG_MODIFIED_TIME "*og:article:modified_time"
    OG_UPDATED_TIME "*og:updated_time" ARTICLE_MODIFIED "*article:modified" LAST_MODIFIED "*last-modified"
    LAST_UPDATED_DATE "*last_updated_date" LASTMOD "*lastmod" DATE_UPDATED "*date.updated"
    DCTERMS_MODIFIED "*dcterms.modified" DC_DATE_MODIFIED "*dc.date.modified"
    CONTENT_HTML "content_html" CONTENT_ENCODED "content:encoded" CONTENT "content" CONTENT_TEXT "content_text"
    BODIES "bodies" ARTICLE_BODY "*articleBody" TEXT "text"
    IN_LANGUAGE "*inLanguage" LANGUAGE "*language" XML_LANG "xml:lang" DC_LANGUAGE "*dc:language"
    PAGE_LANG "<html>" OG_LOCALE "*og:locale"
    COVERAGE_END "coverageEndTime" EXPIRES "expires" ARTICLE_EXPIRATION_TIME "*article:expiration_time"
    FREE "*isAccessibleForFree" CONTENT_TIER "*article:content_tier"
    STATUS "creativeWorkStatus" PUB_STATUS "pubStatus"
    CORRECTION "*correction"
    VERSION "version"
    IDENTIFIER "identifier"
    UPDATES "liveBlogUpdate" ITEMS "items" ENTRY "entry" ITEM "item"

    // What stands in an object for a text, for a picture, for an author.
    AT_VALUE "@value" VALUE "value" CONTENT_URL "contentUrl" HREF "href" CAPTION "caption"
    MEDIA_DESCRIPTION "media:description" CREDIT_TEXT "creditText" MEDIA_CREDIT "media:credit" WIDTH "width"
    HEIGHT "height" GIVEN_NAME "givenName" FAMILY_NAME "familyName" ALTERNATE_NAME "alternateName" ROLE "role"
    // What tells kinds of things apart.
    AT_TYPE "@type" TYPE "type" MEDIUM "medium" CONTENT_TYPE "contentType" OG_TYPE "*og:type" STANDARD "standard"
    GRAPH "@graph" MAIN_ENTITY "mainEntity" EXPIRED "expired" IS_PERMALINK "isPermaLink" MEDIA_GROUP "media:group"
    FEED "feed" RSS "rss" RDF "rdf:RDF" CHANNEL "channel" OG_IMAGE_WIDTH "*og:image:width"
    OG_IMAGE_HEIGHT "*og:image:height" SELECT "<select>"
}

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `null`, or nothing where a value should be.
    Null,
    /// Text.
    Text,
    /// A number, `true` or `false`, or a word that should have stood in quotes.
    Bare,
    /// Nodes without names follow.
    Array,
    /// Named nodes follow: an object, or an element with its attributes.
    Object,
}

/// A value and its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Its name in the object around it.
    pub(crate) name: Name,
    /// Nodes in this subtree, this one counted: the next sibling is so many places on.
    pub(crate) size: u32,
    span: Span,
}

/// A span of the source, or of what was unescaped.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) own: bool,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// Stands for a node that is not there.
static NOTHING: Node = Node { kind: Kind::Null, name: 0, size: 1, span: Span { own: false, start: 0, end: 0 } };

/// How many slots [`Doc::index`] has: a power of two, a few times the names.
const SLOTS: usize = 512;
const KNOWN: usize = 64;

/// A document as a flat list of nodes.
pub(crate) struct Doc<'a> {
    /// What was read; most texts are slices of it.
    pub(crate) source: &'a str,
    /// Texts that had to be unescaped.
    own: String,
    /// The first of them is nothing: 0 stands for a node that is not there.
    nodes: Vec<Node>,
    open: Vec<u32>,
    /// Whether of several fields with one name the first counts, as in markup, not the last, as in JSON.
    pub(crate) first: bool,
    /// Names by hash, open addressing: each with where in [`NAMES`] it stands.
    index: [(Name, u16); SLOTS],
    /// Keys seen before, by their ends: most come again and again.
    known: [(&'a str, Name); KNOWN],
}

/// The places of the nodes inside another.
pub(crate) struct Children<'d> {
    doc: &'d Doc<'d>,
    at: usize,
    end: usize,
}

impl Iterator for Children<'_> {
    type Item = usize;

    #[inline(never)]
    fn next(&mut self) -> Option<usize> {
        let at = self.at;
        self.at = self.doc.end(at);
        (at < self.end).then_some(at)
    }
}

/// A byte of a name as it is compared; 0 for one that does not count.
fn telling(byte: u8) -> u8 {
    if matches!(byte, b':' | b'.' | b'_' | b'-' | b' ' | b'*') { 0 } else { byte.to_ascii_lowercase() }
}

/// Whether a key is the name that begins here.
fn same(key: &[u8], name: &[u8]) -> bool {
    let mut at = 0;
    for &byte in key {
        let byte = telling(byte);
        if byte == 0 {
            continue;
        }
        while telling(name[at]) == 0 && name[at] != b' ' {
            at += 1;
        }
        if telling(name[at]) != byte {
            return false;
        }
        at += 1;
    }
    name[at] == b' '
}

impl<'a> Doc<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        let index = [(0, 0); SLOTS];
        let mut doc = Doc {
            source,
            own: String::new(),
            nodes: alloc::vec![Node { ..NOTHING }],
            open: Vec::new(),
            first: false,
            index,
            known: [("", 0); KNOWN],
        };
        let (mut start, mut number) = (0, 0);
        for (at, &byte) in NAMES.as_bytes().iter().enumerate() {
            if byte == b' ' {
                number += 1;
                let slot = doc.slot(&NAMES.as_bytes()[start..at]);
                doc.index[slot] = (number, start as u16);
                start = at + 1;
            }
        }
        doc
    }

    /// Where in the index a key is, or would be.
    #[inline(never)]
    fn slot(&self, key: &[u8]) -> usize {
        let mut hash = 0u32;
        for &byte in key {
            let byte = telling(byte);
            if byte != 0 {
                hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
        }
        let mut at = (hash ^ (hash >> 15)) as usize;
        loop {
            let (name, start) = self.index[at % SLOTS];
            if name == 0 || same(key, &NAMES.as_bytes()[start as usize..]) {
                return at % SLOTS;
            }
            at += 1;
        }
    }

    /// The number of a name, given bare, with the prefix `schema:` or as an IRI of schema.org.
    pub(crate) fn name(&self, key: &str) -> Name {
        let mut key = key.as_bytes();
        for prefix in [&b"schema:"[..], b"http://schema.org/", b"https://schema.org/"] {
            key = key.strip_prefix(prefix).unwrap_or(key);
        }
        self.index[self.slot(key)].0
    }

    /// The same of a key that is a part of the source, such as an object's.
    #[inline(never)]
    pub(crate) fn key(&mut self, span: Span) -> Name {
        if span.own {
            return self.name(self.slice(span));
        }
        let key = self.source.get(span.start as usize..span.end as usize).unwrap_or_default();
        let ends = key.bytes().next().unwrap_or(0).wrapping_mul(7) ^ key.bytes().next_back().unwrap_or(0);
        let at = (usize::from(ends) ^ key.len() << 2) % KNOWN;
        if self.known[at].0 != key {
            self.known[at] = (key, self.name(key));
        }
        self.known[at].1
    }

    /// The same of a name that a page's metadata or microdata uses; 0 for one that they may not.
    pub(crate) fn public_name(&self, key: &str) -> Name {
        let (name, start) = self.index[self.slot(key.as_bytes())];
        if NAMES.as_bytes()[start as usize] == b'*' { name } else { 0 }
    }

    /// The node at a place.
    #[inline(never)]
    pub(crate) fn node(&self, at: usize) -> &Node {
        self.nodes.get(at).unwrap_or(&NOTHING)
    }

    /// Whether a node is a list.
    #[inline(never)]
    pub(crate) fn is_list(&self, at: usize) -> bool {
        self.node(at).kind == Kind::Array
    }

    /// The places of the nodes inside one.
    #[inline(never)]
    pub(crate) fn children(&self, at: usize) -> Children<'_> {
        Children { doc: self, at: at + 1, end: self.end(at) }
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a text or nothing.
    #[inline(never)]
    pub(crate) fn push(&mut self, kind: Kind, name: Name, span: Span) {
        self.nodes.push(Node { kind, name, size: 1, span });
    }

    /// Opens an object or an array inside the innermost open one.
    #[inline(never)]
    pub(crate) fn open(&mut self, kind: Kind, name: Name) {
        self.open.push(self.nodes.len() as u32);
        self.push(kind, name, Span::default());
    }

    /// Opens again what was closed last, to add to it; only where nothing followed.
    pub(crate) fn reopen(&mut self, at: usize) {
        self.open.push(at as u32);
    }

    /// Closes the innermost open one.
    #[inline(never)]
    pub(crate) fn close(&mut self) {
        let end = self.nodes.len() as u32;
        if let Some(at) = self.open.pop()
            && let Some(node) = self.nodes.get_mut(at as usize)
        {
            node.size = end - at;
        }
    }

    /// Closes all but the first `depth` that are open.
    pub(crate) fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.close();
        }
    }

    /// How many are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// What the innermost open one is.
    pub(crate) fn innermost(&self) -> Kind {
        self.open.last().map_or(Kind::Null, |&at| self.node(at as usize).kind)
    }

    /// Whether one of that kind is open, past the first `base`.
    pub(crate) fn opened(&self, base: usize, kind: Kind) -> bool {
        self.open.iter().skip(base).any(|&at| self.node(at as usize).kind == kind)
    }

    /// The buffer for unescaped texts.
    pub(crate) fn own(&mut self) -> &mut String {
        &mut self.own
    }

    /// The characters of a span.
    #[inline(never)]
    pub(crate) fn slice(&self, span: Span) -> &str {
        let of = if span.own { &self.own } else { self.source };
        of.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The text at a node; empty for one that is none.
    pub(crate) fn text(&self, at: usize) -> &str {
        self.slice(self.node(at).span)
    }

    /// Where the subtree at `at` ends.
    pub(crate) fn end(&self, at: usize) -> usize {
        at + self.node(at).size as usize
    }

    /// The child with the smallest name from `first` to `last`, empty ones left out; 0 for none.
    #[inline(never)]
    pub(crate) fn best(&self, at: usize, first: Name, last: Name) -> usize {
        let (mut best, mut found) = (last, 0);
        let nodes = self.nodes.get(..self.end(at)).unwrap_or_default();
        let mut next = at + 1;
        while let Some(node) = nodes.get(next) {
            let full = node.size > 1 || node.span.end > node.span.start;
            if node.name >= first && node.name <= best && full && !(self.first && found > 0 && node.name == best) {
                (best, found) = (node.name, next);
            }
            next += node.size as usize;
        }
        found
    }

    /// Takes back what was added since there were so many nodes.
    pub(crate) fn truncate(&mut self, nodes: usize) {
        self.nodes.truncate(nodes);
    }
}

/// A name as its standard spells it, for reports.
#[cfg(any(test, not(target_arch = "wasm32")))]
pub(crate) fn spelled(name: Name) -> &'static str {
    NAMES.split(' ').nth(usize::from(name).wrapping_sub(1)).unwrap_or_default().trim_start_matches('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_own_number() {
        let doc = Doc::new("");
        for (at, name) in NAMES.split_terminator(' ').enumerate() {
            assert_eq!(usize::from(doc.name(name)), at + 1, "{name}");
            assert_eq!(spelled(doc.name(name)), name.trim_start_matches('*'));
        }
    }

    #[test]
    fn a_name_is_compared_without_case_and_punctuation() {
        let doc = Doc::new("");
        for (key, name) in [
            ("date_published", DATE_PUBLISHED),
            ("schema:datePublished", DATE_PUBLISHED),
            ("https://schema.org/headline", HEADLINE),
            ("DC.date", DC_DATE),
            ("dc:date:issued", DC_DATE_ISSUED),
            ("type", TYPE),
            ("@type", AT_TYPE),
            ("date", DATE),
            ("dat", 0),
            ("dates", 0),
            ("", 0),
        ] {
            assert_eq!(doc.name(key), name, "{key}");
        }
        assert_eq!((doc.public_name("og:title"), doc.public_name("name")), (OG_TITLE, 0));
    }
}

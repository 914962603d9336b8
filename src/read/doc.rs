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
        /// The names that rules ask for.
        const FIELDS: &[&str] = &["", $($text),*];
        #[expect(non_camel_case_types, dead_code, clippy::upper_case_acronyms, reason = "only counts")]
        enum Number { NONE, $($constant),* }
        $(pub(crate) const $constant: Name = Number::$constant as Name;)*
    };
}

fields! {
    // JSON-LD and schema.org.
    AT_ID "@id" AT_TYPE "@type" AT_VALUE "@value" GRAPH "@graph" MAIN_ENTITY "mainEntity" PAGE "mainEntityOfPage"
    ALTERNATIVE_HEADLINE "alternativeHeadline" NAME "name" TEXT "text" CONTENT_URL "contentUrl" CAPTION "caption"
    CREDIT_TEXT "creditText" WIDTH "width" HEIGHT "height" VERSION "version" EXPIRES "expires"
    STATUS "creativeWorkStatus" COVERAGE_END "coverageEndTime" UPDATES "liveBlogUpdate" GIVEN_NAME "givenName"
    FAMILY_NAME "familyName" ALTERNATE_NAME "alternateName" IDENTIFIER "identifier"
    // JSON Feed 1.1.
    ID "id" URL "url" CONTENT_HTML "content_html" CONTENT_TEXT "content_text"
    BANNER_IMAGE "banner_image" AUTHORS "authors" ITEMS "items" EXPIRED "expired" HOME_PAGE_URL "home_page_url"
    // Atom 1.0, RSS 2.0 with content, dc and media.
    TITLE "title" LINK "link" HREF "href" TYPE "type" SUMMARY "summary" SUBTITLE "subtitle"
    CONTENT "content" UPDATED "updated" ENTRY "entry" XML_LANG "xml:lang" FEED "feed" RSS "rss"
    RDF "rdf:RDF" CHANNEL "channel" ITEM "item" GUID "guid" IS_PERMALINK "isPermaLink"
    CONTENT_ENCODED "content:encoded" ENCLOSURE "enclosure"
    MEDIA_CONTENT "media:content" MEDIA_THUMBNAIL "media:thumbnail" MEDIA_GROUP "media:group" MEDIUM "medium"
    MEDIA_DESCRIPTION "media:description" MEDIA_CREDIT "media:credit"
    // ninjs 2 and 3.
    URI "uri" STANDARD "standard" HEADLINES "headlines" DESCRIPTIONS "descriptions" BODIES "bodies" ROLE "role"
    VALUE "value" CONTENT_TYPE "contentType" BY "by" VERSION_CREATED "versionCreated" FIRST_CREATED "firstCreated"
    PUB_STATUS "pubStatus" COPYRIGHT_HOLDER "copyrightHolder" ASSOCIATIONS "associations" RENDITIONS "renditions"
    // What a page's microdata may say, and from `DESCRIPTION` on its metadata too.
    ARTICLE_BODY "articleBody" CORRECTION "correction"
    DESCRIPTION "description" HEADLINE "headline" AUTHOR "author" CREATOR "creator" PUBLISHER "publisher"
    IMAGE "image" THUMBNAIL_URL "thumbnailUrl" DATE_PUBLISHED "datePublished" DATE_MODIFIED "dateModified"
    DATE_CREATED "dateCreated" PUB_DATE "pubDate" PUBLISHED "published" FREE "isAccessibleForFree"
    IN_LANGUAGE "inLanguage" LANGUAGE "language" DC_CREATOR "dc:creator" DC_DATE "dc:date"
    DC_PUBLISHER "dc:publisher" DC_LANGUAGE "dc:language"
    // A page's metadata.
    CANONICAL "canonical" OG_TYPE "og:type" OG_TITLE "og:title" OG_DESCRIPTION "og:description" OG_IMAGE "og:image"
    OG_IMAGE_URL "og:image:url" OG_IMAGE_SECURE_URL "og:image:secure_url" OG_IMAGE_WIDTH "og:image:width"
    OG_IMAGE_HEIGHT "og:image:height" OG_URL "og:url" OG_SITE_NAME "og:site_name" OG_LOCALE "og:locale"
    OG_UPDATED_TIME "og:updated_time" OG_PUBLISHED_TIME "og:article:published_time"
    OG_MODIFIED_TIME "og:article:modified_time" ARTICLE_AUTHOR "article:author"
    ARTICLE_PUBLISHED_TIME "article:published_time" ARTICLE_MODIFIED_TIME "article:modified_time"
    ARTICLE_PUBLISHED "article:published" ARTICLE_MODIFIED "article:modified"
    ARTICLE_EXPIRATION_TIME "article:expiration_time" CONTENT_TIER "article:content_tier"
    TWITTER_TITLE "twitter:title" TWITTER_DESCRIPTION "twitter:description" TWITTER_IMAGE "twitter:image"
    TWITTER_IMAGE_SRC "twitter:image:src" PARSELY_AUTHOR "parsely-author" PARSELY_PUB_DATE "parsely-pub-date"
    SAILTHRU_AUTHOR "sailthru.author" SAILTHRU_DATE "sailthru.date" DATE "date" DC_DATE_ISSUED "dc.date.issued"
    DC_DATE_MODIFIED "dc.date.modified" DCTERMS_CREATED "dcterms.created" DCTERMS_MODIFIED "dcterms.modified"
    PUBLISH_DATE "publish-date" PUBLISHED_AT "published_at" PUBLISHED_DATE "publishedDate"
    PUBLISHED_TIME "published_time" DATE_UPDATED "date.updated" MODIFIED_TIME "modified_time"
    LAST_MODIFIED "last-modified" LAST_UPDATED_DATE "last_updated_date" LAST_UPDATE "lastUpdate" LASTMOD "lastmod"
    UPDATED_TIME "updated_time"
    // What else a page shows.
    H1 "<h1>" TIME "<time>" PAGE_TITLE "<title>" PAGE_LANG "<html lang>" BODY_OF_SELECT "<select>"
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
    /// Whether of several fields with one name the first counts, as in markup, not the last, as in JSON.
    pub(crate) first: bool,
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
    let mut name = name.iter().filter_map(|&byte| telling(byte));
    for &byte in key {
        if let Some(byte) = telling(byte)
            && name.next() != Some(byte)
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
        Doc { source, own: String::new(), nodes: Vec::new(), open: Vec::new(), first: false, index }
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

    /// Offers the children of that name, empty ones left out, until one is taken.
    #[inline(never)]
    pub(crate) fn each(&self, at: usize, name: Name, take: &mut dyn FnMut(usize) -> bool) {
        let (end, mut next) = (self.end(at), at + 1);
        while next < end {
            let node = &self.nodes[next];
            if node.name == name
                && node.kind != Kind::Null
                && (node.size > 1 || node.end > node.start)
                && take(next)
                && self.first
            {
                return;
            }
            next += node.size as usize;
        }
    }

    /// The child of that name, if it is not empty.
    pub(crate) fn child(&self, at: usize, name: Name) -> Option<usize> {
        let mut found = None;
        self.each(at, name, &mut |at| {
            found = Some(at);
            true
        });
        found
    }

    /// Takes back what was added since there were so many nodes.
    pub(crate) fn truncate(&mut self, nodes: usize) {
        self.nodes.truncate(nodes);
    }
}

/// A name as its standard spells it, for reports.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn spelled(name: Name) -> &'static str {
    FIELDS[name as usize]
}

//! Documents into articles: the bytes of any standard in, one [`Article`] out.
//!
//! What a document is, is seen from its content. One file a standard says where in it the article
//! stands; the JSON and markup readers fill one kind of list (`doc`), and one set of rules
//! (`rules`) asks it for the article's fields. Fetching is left to the card, time zones to `zone`.
//!
//! ```
//! use live_article::read::{Reason, Source, read};
//!
//! let document = |text| {
//!     let url = "https://paper.example/feed";
//!     read(&Source { text, url, page: url, item: Some("7"), select: None, embeds: "", zone: &|local| local, now: 1.47e12 })
//! };
//!
//! let feed = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Courier",
//!     "items": [{"id": "7", "title": "Rain &amp; wind", "date_modified": "2016-07-27T12:00:00+02:00"}]}"#;
//! let article = document(feed).expect("an article");
//! assert_eq!(article.headline, "Rain & wind");
//! assert_eq!(article.modified.expect("a time").iso(), "2016-07-27T10:00:00Z");
//!
//! let refusal = document(&feed[..40]).unwrap_err();
//! assert_eq!(refusal.reason, Reason::Malformed);
//! ```

mod charset;
mod date;
mod doc;
mod feed;
mod json;
mod json_feed;
mod json_ld;
mod ninjs;
mod page;
mod rules;
pub(crate) use rules::stands;
pub mod text;

use alloc::string::String;
use alloc::sync::Arc;

use crate::article::{Article, Block};
use crate::markup::{self, Token};
pub use charset::charset;
use doc::Kind;
use rules::Rules;

/// A document larger than this, in bytes of UTF-8, is refused.
pub const LIMIT: usize = 4 << 20;

/// A document, and what is to be known beside it.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The answer's body, decoded ([`charset`]).
    pub text: &'a str,
    /// Where the answer came from, redirects followed.
    pub url: &'a str,
    /// The page that the card stands in.
    pub page: &'a str,
    /// Which entry of a feed, by id or URL; without it a feed is a live blog.
    pub item: Option<&'a str>,
    /// In an HTML page, the element that holds the article's body.
    pub select: Option<&'a str>,
    /// Hosts from which iframes may come, apart by white space.
    pub embeds: &'a str,
    /// Maps the local milliseconds of a time without a zone to its UTC milliseconds.
    pub zone: &'a dyn Fn(f64) -> f64,
    /// The server's clock, in milliseconds since 1970.
    pub now: f64,
}

/// Why a document was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is not what it seems to be, or it was cut off.
    Malformed,
    /// It is well-formed, and holds no article.
    NoArticle,
    /// It is larger than [`LIMIT`], or holds more than a card can.
    TooLarge,
}

impl Reason {
    /// As the contract names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Malformed => "malformed",
            Reason::NoArticle => "no-article",
            Reason::TooLarge => "too-large",
        }
    }
}

/// A document that no article was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which kind of fault.
    pub reason: Reason,
    /// What was wrong, where (line and column for JSON), and what to do.
    pub message: String,
}

impl Refusal {
    fn new(reason: Reason, message: &str) -> Self {
        Refusal { reason, message: message.into() }
    }

    fn item() -> Self {
        Refusal::new(
            Reason::NoArticle,
            "Nothing in the document has the id or URL that `item` names: it may have left the feed.",
        )
    }
}

/// Reads an article.
///
/// # Errors
///
/// A [`Refusal`] where the document is too large, malformed or cut off, or holds no article.
pub fn read(source: &Source) -> Result<Article, Refusal> {
    document(&mut Rules::new(source))
}

/// Reads an article of which an earlier version was read in the same way, of the same host, for the same page: entries
/// that say what they said are the blocks they were.
///
/// # Errors
///
/// As [`read`].
pub fn again<'a>(source: &'a Source, before: &'a [Arc<Block>]) -> Result<Article, Refusal> {
    let mut rules = Rules::new(source);
    rules.before = before;
    document(&mut rules)
}

/// Of a report: a field, the name that gave it, and where in a page that stood (empty for other documents); or `bound`,
/// and what is over one.
#[cfg(not(target_arch = "wasm32"))]
pub type Note = (&'static str, &'static str, &'static str);

/// Reads an article and tells of each of its fields which name gave it, and where in a page that stood; of several
/// notes on a field the last counts.
///
/// For reports only: the card has no use for it.
#[cfg(not(target_arch = "wasm32"))]
pub fn explain(source: &Source) -> (Result<Article, Refusal>, Vec<Note>) {
    let mut rules = Rules::new(source);
    let result = document(&mut rules);
    (result, rules.trace.into_inner())
}

fn document(rules: &mut Rules) -> Result<Article, Refusal> {
    let text = rules.source.text;
    if text.len() > LIMIT {
        return Err(Refusal::new(Reason::TooLarge, "The document is larger than 4 MiB: publish less of it."));
    }
    let mut article = match first_tag(text) {
        None => json(rules),
        Some(tag) if feed::is(rules.doc.name(tag)) => feed::read(rules),
        _ => page::read(rules),
    }?;
    if !rules.over.get().is_empty() {
        return Err(Refusal::new(Reason::TooLarge, rules.over.get()));
    }
    // What is taken back needs no words.
    if article.headline.is_empty() && article.blocks.is_empty() && !article.withdrawn && !article.ended {
        let message = "The article has neither headline nor body: publish a `headline`.";
        return Err(Refusal::new(Reason::NoArticle, message));
    }
    article.live = rules::is_live(&article, rules.source.now);
    Ok(article)
}

/// The name of the first tag, if a document is markup: nothing but white space and comments comes before it.
fn first_tag(text: &str) -> Option<&str> {
    // JSON need not be searched for a tag.
    if text.bytes().find(|&byte| byte > b' ' && byte < 0xBB) != Some(b'<') {
        return None;
    }
    for token in markup::xml(text) {
        match token {
            Token::Open(tag) => return Some(tag.name),
            Token::Comment(_) => {}
            Token::Text(text) if text.bytes().all(|byte| byte <= b' ' || byte >= 0xBB) => {}
            _ => return None,
        }
    }
    None
}

/// Reads a document that is JSON alone.
fn json(rules: &mut Rules) -> Result<Article, Refusal> {
    let text = rules.source.text;
    rules.doc.open(Kind::Array, 0);
    let read = json::read(&mut rules.doc, 0, text.len(), false);
    rules.doc.close();
    if let Err(fault) = read {
        return Err(malformed(text, fault));
    }
    let at = json_ld::find(rules, 1, "");
    if json_feed::is(rules, 2) {
        feed::article(rules, 2, &rules.entries(2))
    } else if ninjs::is(rules, 2) {
        Ok(rules.article(&[2], None))
    } else if at > 0 {
        Ok(json_ld::article(rules, at, &[at]))
    } else if rules.source.item.is_some() {
        Err(Refusal::item())
    } else {
        let message =
            "The JSON holds no article: publish a NewsArticle or LiveBlogPosting of schema.org, a JSON Feed or ninjs.";
        Err(Refusal::new(Reason::NoArticle, message))
    }
}

/// Says where a JSON document is at fault.
fn malformed(text: &str, fault: json::Fault) -> Refusal {
    let (mut line, mut column) = (1u32, 1u32);
    for &byte in text.as_bytes().get(..fault.at).unwrap_or_default() {
        // Characters are counted, by their first bytes.
        column += u32::from(byte & 0xC0 != 0x80);
        if byte == b'\n' {
            (line, column) = (line + 1, 1);
        }
    }
    let mut message = String::from("The document ");
    message.push_str(fault.what);
    for (word, number) in [(" (line ", line), (", column ", column)] {
        message.push_str(word);
        rules::decimal(&mut message, number);
    }
    message.push_str(").");
    Refusal { reason: Reason::Malformed, message }
}

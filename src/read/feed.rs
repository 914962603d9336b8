//! Atom 1.0 (RFC 4287) and RSS 2.0 with its content, dc and media modules; and, for every feed, the
//! choice between all of it and one entry.

use alloc::vec::Vec;

use super::doc::{
    AUTHOR, AUTHORS, CHANNEL, Doc, ENCLOSURE, ENTRY, EXPIRED, FEED, IMAGE, ITEMS, Kind, LANGUAGE, LINK, MEDIA_GROUP,
    Name, RDF, RSS, Span, TEXT, TITLE, XML_LANG,
};
use super::rules::Rules;
use super::{Reason, Refusal, json_ld, text};
use crate::article::Article;
use crate::markup::{self, Token};

/// Elements that are open at one time; what is deeper is passed over.
const DEPTH: usize = 128;

/// An open element.
struct Element<'a> {
    tag: &'a str,
    /// How many nodes there were before what is inside it.
    nodes: usize,
    /// Where its own text begins in the document's buffer, and its content in the source.
    text: usize,
    content: usize,
    /// Its content is XHTML, to be taken as it stands.
    xhtml: bool,
}

/// Whether an XML document whose first element has this name is a feed.
pub(crate) fn is(name: Name) -> bool {
    matches!(name, RSS | FEED | RDF | ENTRY)
}

/// Reads the feed, or the entry that is asked for.
pub(crate) fn read(rules: &mut Rules) -> Result<Article, Refusal> {
    rules.doc.first = true;
    if !parse(&mut rules.doc) {
        return Err(Refusal::new(
            Reason::Malformed,
            "The feed ends before its last end tag: it was cut off on the way.",
        ));
    }
    if rules.doc.node(1).name == ENTRY {
        return Ok(rules.article(&[1], None));
    }
    let feed = rules.within(1, &[CHANNEL]);
    let mut entries = rules.entries(feed);
    if entries.is_empty() {
        // RSS 1.0 has its items beside the channel.
        entries = rules.entries(1);
    }
    article(rules, feed, &entries)
}

/// A feed as a live blog, or the entry that `item` names.
pub(crate) fn article(rules: &Rules, feed: usize, entries: &[usize]) -> Result<Article, Refusal> {
    let mut article;
    if let Some(item) = rules.source.item {
        let Some(&entry) = entries.iter().find(|&&entry| json_ld::named(rules, entry, item, true)) else {
            return Err(Refusal::item());
        };
        article = rules.article(&[entry], None);
        // What an entry leaves to its feed.
        article.publisher = rules.text(rules.find(feed, &[TITLE]));
        if article.authors.is_empty() {
            rules.authors(rules.find(feed, &[AUTHOR, AUTHORS]), &mut article.authors);
        }
        if article.lang.is_none() {
            article.lang = rules.text(rules.find(feed, &[LANGUAGE, XML_LANG]));
        }
    } else {
        article = rules.article(&[feed], Some(entries));
        article.windowed = true;
        // A feed's version is its format's.
        article.version = None;
    }
    article.ended = rules.said(feed, &[EXPIRED]) == "true";
    Ok(article)
}

/// Fills the list: elements as objects, attributes as texts, the text of an element as its `text`.
/// Answers whether the root's end tag was seen.
fn parse(doc: &mut Doc) -> bool {
    let mut tokens = markup::xml(doc.source);
    let mut open: Vec<Element> = Vec::new();
    let mut deeper = 0;
    loop {
        let before = tokens.at();
        match tokens.next() {
            Some(Token::Open(tag)) if open.len() < DEPTH && deeper == 0 => {
                let mut name = doc.name(tag.name);
                match (name, tag.attrs.value("rel")) {
                    (LINK, Some("enclosure")) => name = ENCLOSURE,
                    // Another link; a channel's logo, and its list of what stands beside it.
                    (LINK, Some(rel)) if rel != "alternate" => name = 0,
                    (IMAGE | ITEMS, _) => name = 0,
                    _ => {}
                }
                let xhtml = tag.attrs.value("type") == Some("xhtml");
                // A group is only a bracket around pictures.
                if name != MEDIA_GROUP {
                    doc.open(Kind::Object, name);
                    for (key, value) in tag.attrs {
                        let start = doc.own().len() as u32;
                        text::decode_attr(value, doc.own());
                        let end = doc.own().len() as u32;
                        doc.push(Kind::Text, doc.name(key), Span { own: true, start, end });
                    }
                }
                let (nodes, text, content) = (doc.len(), doc.own().len(), tokens.at());
                open.push(Element { tag: tag.name, nodes, text, content, xhtml });
                if tag.self_closing {
                    close(doc, &mut open, before);
                }
            }
            Some(Token::Open(tag)) => deeper += usize::from(!tag.self_closing),
            Some(Token::Close(_)) if deeper > 0 => deeper -= 1,
            Some(Token::Text(text)) => text::decode(text, doc.own()),
            Some(Token::Cdata(text)) => doc.own().push_str(text),
            // A closer of nothing that is open is one too many; of an outer one, it closes all within.
            Some(Token::Close(name)) if open.iter().any(|other| other.tag == name) => {
                while close(doc, &mut open, before) != name {}
            }
            None => return false,
            _ => {}
        }
        if open.is_empty() && doc.len() > 1 {
            return true;
        }
    }
}

/// Closes the innermost element, whose content ends at `end`, and answers its tag.
fn close<'a>(doc: &mut Doc, open: &mut Vec<Element<'a>>, end: usize) -> &'a str {
    let Some(element) = open.pop() else { return "" };
    if doc.name(element.tag) != MEDIA_GROUP {
        let mut span = Span { own: true, start: element.text as u32, end: doc.own().len() as u32 };
        if element.xhtml {
            doc.truncate(element.nodes);
            span = Span { own: false, start: element.content as u32, end: end as u32 };
        }
        if doc.len() == element.nodes && span.end > span.start {
            doc.push(Kind::Text, TEXT, span);
        }
        doc.close();
    }
    element.tag
}

//! Atom 1.0 (RFC 4287) and RSS 2.0 with its content, dc and media modules; and, for every feed, the
//! choice between all of it and one entry.

use alloc::string::String;
use alloc::vec::Vec;

use super::doc::{
    AUTHOR, AUTHORS, CHANNEL, ENCLOSURE, ENTRY, FEED, IMAGE, Kind, LANGUAGE, LINK, MEDIA_GROUP, RDF, RSS, Span, TEXT,
    TITLE, XML_LANG,
};
use super::rules::Rules;
use super::{Reason, Refusal, json_ld, text};
use crate::article::Article;
use crate::markup::{self, Token};

/// Elements deeper than this are passed over: a feed's own are five deep.
const DEPTH: usize = 32;

/// Whether an XML document whose first element has this name is a feed.
pub(crate) fn is(rules: &Rules, name: &str) -> bool {
    matches!(rules.doc.name(name), RSS | FEED | RDF | ENTRY)
}

/// Reads the feed, or the entry that is asked for.
pub(crate) fn read(rules: &mut Rules) -> Result<Article, Refusal> {
    rules.doc.first = true;
    if !parse(rules) {
        let message = "The feed ends before its last end tag: it was cut off on the way.";
        return Err(Refusal::new(Reason::Malformed, message));
    }
    let root = 0;
    if rules.doc.nodes[root].name == ENTRY {
        return Ok(rules.article(&[root], None));
    }
    let feed = rules.find(root, &[CHANNEL]).unwrap_or(root);
    let mut entries = rules.entries(feed);
    if feed != root && entries.is_empty() {
        // RSS 1.0 has its items beside the channel.
        entries = rules.entries(root);
    }
    article(rules, feed, &entries)
}

/// A feed as a live blog, or the entry that `item` names.
pub(crate) fn article(rules: &Rules, feed: usize, entries: &[usize]) -> Result<Article, Refusal> {
    let Some(item) = rules.source.item else {
        let mut article = rules.article(&[feed], Some(entries));
        article.windowed = true;
        return Ok(article);
    };
    let Some(&entry) = entries.iter().find(|&&entry| json_ld::named(rules, entry, item)) else {
        let mut message = String::from("The feed has no entry of the id or URL ");
        message.push_str(item);
        message.push_str(": it may have left the feed, or `item` names it otherwise.");
        return Err(Refusal::new(Reason::NoArticle, &message));
    };
    let mut article = rules.article(&[entry], None);
    // What an entry leaves to its feed.
    let feed = &[feed];
    rules.pick("publisher", feed, &[TITLE], &mut |at| rules.some_text(at, &mut article.publisher));
    if article.authors.is_empty() {
        rules.pick("authors", feed, &[AUTHOR, AUTHORS], &mut |at| rules.byline(at, &mut article.authors));
    }
    if article.lang.is_none() {
        rules.pick("lang", feed, &[LANGUAGE, XML_LANG], &mut |at| rules.some_text(at, &mut article.lang));
    }
    Ok(article)
}

/// Fills the list: elements as objects, attributes as texts, the text of an element as its `text`.
/// Answers whether the root's end tag was seen.
fn parse(rules: &mut Rules) -> bool {
    let source = rules.source.text;
    let doc = &mut rules.doc;
    let mut tokens = markup::xml(source);
    // Of each open element: its name, where its unescaped text begins, whether it has elements within.
    let mut open: Vec<(&str, u32, bool)> = Vec::new();
    // Within XHTML content: where it began, and how many elements are open.
    let mut verbatim: Option<(usize, usize)> = None;
    let mut skipped = 0;
    loop {
        let before = tokens.at();
        let Some(token) = tokens.next() else { break };
        match token {
            Token::Open(tag) => {
                if let Some((_, depth)) = &mut verbatim {
                    *depth += usize::from(!tag.self_closing);
                    continue;
                }
                if open.len() == DEPTH || skipped > 0 {
                    skipped += usize::from(!tag.self_closing);
                    continue;
                }
                let mut name = doc.name(tag.name);
                let rel = tag.attrs.value("rel").unwrap_or("alternate");
                match name {
                    LINK if rel == "enclosure" => name = ENCLOSURE,
                    LINK if rel != "alternate" => name = 0,
                    // A channel's is a logo.
                    IMAGE => name = 0,
                    _ => {}
                }
                if let Some(parent) = open.last_mut() {
                    parent.2 = true;
                }
                // A group is only a bracket around pictures.
                let group = name == MEDIA_GROUP;
                if !group {
                    doc.open(Kind::Object, name);
                    for (key, value) in tag.attrs.clone() {
                        let name = doc.name(key);
                        if name != 0 {
                            let start = doc.own().len() as u32;
                            text::decode_attr(value, doc.own());
                            let end = doc.own().len() as u32;
                            doc.push(Kind::Text, name, Span { own: true, start, end });
                        }
                    }
                }
                if tag.self_closing {
                    if !group {
                        doc.close();
                    }
                } else {
                    if tag.attrs.value("type") == Some("xhtml") {
                        verbatim = Some((tokens.at(), 0));
                    }
                    open.push((tag.name, doc.own().len() as u32, group));
                }
            }
            Token::Text(text) if verbatim.is_none() && skipped == 0 => text::decode(text, doc.own()),
            Token::Cdata(text) if verbatim.is_none() && skipped == 0 => doc.own().push_str(text),
            Token::Close(name) => {
                if skipped > 0 {
                    skipped -= 1;
                    continue;
                }
                let mut span = None;
                if let Some((start, depth)) = &mut verbatim {
                    if *depth > 0 {
                        *depth -= 1;
                        continue;
                    }
                    span = Some(Span { own: false, start: *start as u32, end: before as u32 });
                    verbatim = None;
                }
                // A closer of nothing that is open is one too many; of an outer one, it closes all within.
                if !open.iter().any(|other| other.0 == name) {
                    continue;
                }
                while let Some((other, start, parent)) = open.pop() {
                    let end = doc.own().len() as u32;
                    let group = parent && doc.name(other) == MEDIA_GROUP;
                    if !group {
                        match span.take() {
                            Some(span) => doc.push(Kind::Text, TEXT, span),
                            None if !parent => doc.push(Kind::Text, TEXT, Span { own: true, start, end }),
                            None => {}
                        }
                        doc.close();
                    }
                    if other == name {
                        break;
                    }
                }
                if open.is_empty() {
                    return true;
                }
            }
            _ => {}
        }
    }
    while doc.depth() > 0 {
        doc.close();
    }
    // `<feed/>` is whole, and empty.
    open.is_empty() && !doc.nodes.is_empty()
}

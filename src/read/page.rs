//! An HTML page: its JSON-LD, and what that lacks from its metadata, its microdata and what it shows.
//!
//! One pass over the page's tags collects all of these, each kind as an object of its own; the rules
//! then ask them in the order in which they deserve trust.

use alloc::string::String;
use alloc::vec::Vec;

#[expect(clippy::wildcard_imports, reason = "the names are what this file is about")]
use super::doc::*;
use super::rules::{Rules, ends};
use super::{Reason, Refusal, Source, json, json_ld, malformed, rules, text};
use crate::article::Article;
use crate::markup::{self, Tag, Token};
use crate::tree::Tree;
use crate::{address, clean, select};

/// Facts beyond this many are dropped: pages have some forty.
const MANY: usize = 256;
/// Elements whose end is awaited at one time.
const AWAITED: usize = 16;
/// Elements without content.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// What may be said several times; of everything else the first counts.
const SEVERAL: &[Name] = &[AUTHOR, ARTICLE_AUTHOR, PARSELY_AUTHOR, CORRECTION];

/// Where a fact is from, in the order of trust.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Metadata,
    Microdata,
    Page,
}

/// What an item of microdata is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// The article or the page: its properties are the article's.
    Article,
    /// What one of the article's properties describes.
    Property(Name),
    /// Something else.
    Other,
}

/// An element whose end is awaited.
struct Awaited<'a> {
    tag: &'a str,
    /// Elements of the same name open within.
    depth: usize,
    /// What its text is, and where that begins.
    fact: Option<(From, Name, usize)>,
    /// What it is about, if it is an item of microdata.
    about: Option<About>,
}

#[derive(Default)]
struct Page<'a> {
    facts: Vec<(From, Name, Span)>,
    awaited: Vec<Awaited<'a>>,
    /// An item about an article was seen; another is a teaser.
    taken: bool,
    titles: usize,
    /// The only moment in a `<time>`, until there are two.
    time: Option<&'a str>,
    times: bool,
    /// The first fault of a JSON-LD block.
    fault: Option<json::Fault>,
}

/// Reads the article of a page.
pub(crate) fn read(rules: &mut Rules) -> Result<Article, Refusal> {
    let source = rules.source;
    let mut page = Page::default();
    rules.doc.open(Kind::Array, 0);
    page.scan(rules)?;
    rules.doc.close();
    let mut nodes = Vec::new();
    for from in [From::Metadata, From::Microdata, From::Page] {
        nodes.push(rules.doc.nodes.len());
        page.tell(&mut rules.doc, from);
    }
    rules.file_ids();
    let (metadata, microdata, shown) = (nodes[0], nodes[1], nodes[2]);
    let mut canonical = None;
    rules.pick("", &[metadata], &[CANONICAL, OG_URL], &mut |at| rules.url(at, &mut canonical));
    let found = json_ld::find(rules, 0, canonical.as_deref());
    let body = body(source)?;
    let typed = rules.find(metadata, &[OG_TYPE]).is_some_and(|at| ends(rules.raw(at), "article"));
    let dated = &[ARTICLE_PUBLISHED_TIME, ARTICLE_MODIFIED_TIME, OG_PUBLISHED_TIME, OG_MODIFIED_TIME];
    let is_article = found.is_some()
        || source.item.is_none()
            && (typed
                || body.is_some()
                || rules.find(metadata, dated).is_some()
                || rules.find(microdata, &[HEADLINE]).is_some()
                || rules.find(metadata, &[OG_TITLE]).is_some() && page.titles > 0);
    if !is_article {
        return Err(page.refusal(rules));
    }
    let mut article = if let Some(found) = found {
        nodes.insert(0, found);
        json_ld::article(rules, &nodes)
    } else {
        rules.article(&[metadata, microdata, shown], None)
    };
    if article.url.is_none() {
        article.url = Some(source.url.into());
    }
    if let Some(body) = body
        && !article.blog
    {
        let base = rules.base.as_str();
        let clean = clean::Rules { base, page: source.page, embeds: source.embeds };
        let mut tree = Tree::new();
        clean::clean(body, &clean, &mut tree);
        article.blocks.clear();
        rules::paragraphs(&mut article, &tree);
        rules.note("body", BODY_OF_SELECT);
    }
    Ok(article)
}

/// What is inside the element that `select` names.
fn body<'a>(source: &Source<'a>) -> Result<Option<&'a str>, Refusal> {
    let Some(selector) = source.select else { return Ok(None) };
    match select::inner(source.text, selector) {
        // Ends with the page, so its end tag never came.
        Ok(Some(body)) if body.as_bytes().as_ptr_range().end == source.text.as_bytes().as_ptr_range().end => {
            let message = "The page ends inside the element that `select` names: it was cut off on the way.";
            Err(Refusal::new(Reason::Malformed, message))
        }
        Ok(body) => Ok(body),
        Err(fault) => {
            let mut message = String::from("`select` is no selector that is understood, from ");
            message.push_str(&fault.piece);
            message.push_str(" on.");
            Err(Refusal::new(Reason::NoArticle, &message))
        }
    }
}

impl<'a> Page<'a> {
    /// Goes over the page once.
    fn scan(&mut self, rules: &mut Rules<'a>) -> Result<(), Refusal> {
        let source = rules.source.text;
        let mut tokens = markup::html(source);
        let mut script = false;
        loop {
            let from = tokens.at();
            let Some(token) = tokens.next() else { return Ok(()) };
            match token {
                Token::Open(tag) => {
                    script = tag.is("script") && tag.attrs.value("type").is_some_and(is_json_ld);
                    self.open(rules, &tag, tokens.at());
                }
                Token::Cdata(_) if script => {
                    let to = tokens.at();
                    if to == source.len() {
                        let message = "The page ends inside its JSON-LD: it was cut off on the way.";
                        return Err(Refusal::new(Reason::Malformed, message));
                    }
                    let nodes = rules.doc.nodes.len();
                    if let Err(fault) = json::read(&mut rules.doc, from, to, true) {
                        rules.doc.truncate(nodes);
                        self.fault.get_or_insert(fault);
                    }
                }
                Token::Close(name) => self.close(name, from),
                _ => {}
            }
        }
    }

    fn open(&mut self, rules: &mut Rules<'a>, tag: &Tag<'a>, at: usize) {
        for other in &mut self.awaited {
            other.depth += usize::from(tag.is(other.tag));
        }
        let void = VOID.iter().any(|name| tag.is(name));
        let attr = |name| tag.attrs.value(name);
        if tag.is("meta") {
            let name = rules.doc.name(attr("property").or(attr("name")).or(attr("http-equiv")).unwrap_or_default());
            if name >= DESCRIPTION {
                self.say(rules, From::Metadata, name, attr("content").unwrap_or_default());
            }
        } else if tag.is("link") && attr("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) {
            self.say(rules, From::Metadata, CANONICAL, attr("href").unwrap_or_default());
        } else if tag.is("base") {
            let mut href = String::new();
            text::decode_attr(attr("href").unwrap_or_default(), &mut href);
            rules.base = address::join(&href, rules.source.url).unwrap_or_else(|| rules.source.url.into());
        } else if tag.is("html") {
            self.say(rules, From::Page, PAGE_LANG, attr("lang").unwrap_or_default());
        } else if tag.is("title") {
            self.wait(tag, Some((From::Page, PAGE_TITLE, at)), None);
        } else if tag.is("h1") {
            self.titles += 1;
            self.wait(tag, Some((From::Page, H1, at)), None);
        } else if tag.is("time")
            && attr("itemprop").is_none()
            && let Some(time) = attr("datetime")
        {
            self.times |= self.time.is_some_and(|other| other != time);
            self.time = Some(time);
        }
        self.microdata(rules, tag, at, void);
    }

    /// Heeds `itemprop` and `itemscope`.
    fn microdata(&mut self, rules: &mut Rules<'a>, tag: &Tag<'a>, at: usize, void: bool) {
        let attr = |name| tag.attrs.value(name);
        let (prop, scope) = (attr("itemprop"), attr("itemscope"));
        if prop.is_none() && scope.is_none() {
            return;
        }
        let about = self.awaited.iter().rev().find_map(|other| other.about).unwrap_or(About::Article);
        let mut name = 0;
        for prop in prop.unwrap_or_default().as_bytes().split(|&byte| markup::is_space(byte)) {
            let prop = rules.doc.name(core::str::from_utf8(prop).unwrap_or_default());
            let meant = match (about, prop) {
                (About::Article, ARTICLE_BODY..=DATE_CREATED) => prop,
                (About::Property(property @ (AUTHOR | CREATOR | PUBLISHER)), NAME)
                | (About::Property(property @ IMAGE), URL | CONTENT_URL) => property,
                _ => 0,
            };
            name = if name == 0 { meant } else { name };
        }
        if scope.is_some() {
            let kind = attr("itemtype").unwrap_or_default();
            let about = if json_ld::ARTICLES.iter().any(|end| ends(kind, end)) {
                let other = self.taken || prop.is_some_and(|prop| !ends(prop, "mainEntity"));
                self.taken = true;
                if other { About::Other } else { About::Article }
            } else if name != 0 {
                About::Property(name)
            } else if prop.is_none() && ends(kind, "page") {
                About::Article
            } else {
                About::Other
            };
            if !void {
                self.wait(tag, None, Some(about));
            }
        } else if name != 0 {
            let address = if tag.is("link") { attr("href") } else { attr("src") };
            match attr("content").or_else(|| if tag.is("time") { attr("datetime") } else { address }) {
                Some(value) => self.say(rules, From::Microdata, name, value),
                None if !void => self.wait(tag, Some((From::Microdata, name, at)), None),
                None => {}
            }
        }
    }

    fn wait(&mut self, tag: &Tag<'a>, fact: Option<(From, Name, usize)>, about: Option<About>) {
        if self.awaited.len() < AWAITED {
            self.awaited.push(Awaited { tag: tag.name, depth: 0, fact, about });
        }
    }

    fn close(&mut self, name: &str, at: usize) {
        let mut next = self.awaited.len();
        while next > 0 {
            next -= 1;
            let other = &mut self.awaited[next];
            if !other.tag.eq_ignore_ascii_case(name) {
                continue;
            }
            if other.depth > 0 {
                other.depth -= 1;
                continue;
            }
            let other = self.awaited.remove(next);
            if let Some((from, name, start)) = other.fact {
                self.add(from, name, Span { own: false, start: start as u32, end: at as u32 });
            }
        }
    }

    /// Notes the value of an attribute.
    fn say(&mut self, rules: &mut Rules, from: From, name: Name, value: &str) {
        let start = rules.doc.own().len() as u32;
        text::decode_attr(value, rules.doc.own());
        let end = rules.doc.own().len() as u32;
        self.add(from, name, Span { own: true, start, end });
    }

    fn add(&mut self, from: From, name: Name, span: Span) {
        let again = |fact: &(From, Name, Span)| fact.0 == from && fact.1 == name && !SEVERAL.contains(&name);
        if span.end > span.start && self.facts.len() < MANY && !self.facts.iter().any(again) {
            self.facts.push((from, name, span));
        }
    }

    /// Adds the facts of one kind to the list, as an object.
    fn tell(&self, doc: &mut Doc, from: From) {
        doc.open(Kind::Object, 0);
        for &(_, name, span) in self.facts.iter().filter(|fact| fact.0 == from) {
            if name == OG_IMAGE {
                doc.open(Kind::Object, name);
                doc.push(Kind::Text, URL, span);
                for &(_, name, span) in &self.facts {
                    match name {
                        OG_IMAGE_WIDTH => doc.push(Kind::Text, WIDTH, span),
                        OG_IMAGE_HEIGHT => doc.push(Kind::Text, HEIGHT, span),
                        _ => {}
                    }
                }
                doc.close();
            } else if name != H1 || self.titles == 1 {
                doc.push(Kind::Text, name, span);
            }
        }
        if from == From::Page
            && let (Some(time), false) = (self.time, self.times)
        {
            let start = doc.own().len() as u32;
            text::decode_attr(time, doc.own());
            let end = doc.own().len() as u32;
            doc.push(Kind::Text, TIME, Span { own: true, start, end });
        }
        doc.close();
    }

    /// Why this page is no article.
    fn refusal(&self, rules: &Rules) -> Refusal {
        if let Some(fault) = self.fault {
            return malformed(rules.source.text, fault);
        }
        let message = if rules.source.item.is_some() {
            "The page's JSON-LD has no article of the id or URL that `item` names."
        } else {
            "The page holds no article: give it a schema.org NewsArticle in a JSON-LD script, or `og:type` article."
        };
        Refusal::new(Reason::NoArticle, message)
    }
}

/// Whether a script's type is JSON-LD's, whatever its parameters.
fn is_json_ld(kind: &str) -> bool {
    kind.as_bytes().windows(7).any(|bytes| bytes.eq_ignore_ascii_case(b"ld+json"))
}

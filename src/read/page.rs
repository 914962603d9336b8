//! An HTML page: its JSON-LD, and what that lacks from its metadata, its microdata and what it shows.
//!
//! One pass over the page's tags collects all of these, each kind as an object of its own; the rules
//! then ask them in the order in which they deserve trust.

use alloc::string::String;
use alloc::vec::Vec;

#[allow(clippy::wildcard_imports, reason = "the names are what this file is about")]
use super::doc::*;
use super::rules::{self, Rules};
use super::{Reason, Refusal, Source, json, json_ld, malformed, text};
use crate::article::Article;
use crate::markup::{self, Tag, Token};
use crate::tree::Tree;
use crate::{address, clean, select};

/// Facts beyond this many are dropped: pages have some forty.
const MANY: usize = 256;
/// Elements whose end is awaited at one time.
const AWAITED: usize = 16;
/// Elements that may stand in a page's head, and those without content.
const HEAD: [&str; 9] = ["html", "head", "title", "style", "script", "noscript", "link", "meta", "base"];
const VOID: [&str; 6] = ["link", "meta", "base", "img", "br", "hr"];

/// Where a fact is from, in the order of trust.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Metadata,
    Microdata,
    Page,
}

/// What an item of microdata is about: the article or the page, so that its properties are the article's; or, by a
/// name, what one of the article's properties describes.
type About = Name;
const ARTICLE: About = 0;
const OTHER: About = Name::MAX;

/// An element whose end is awaited.
struct Awaited<'a> {
    tag: &'a str,
    /// Elements of the same name open within.
    depth: usize,
    /// What its text is a fact of, which begins at `start`; or what it is about, if it is an item of microdata.
    origin: Option<Origin>,
    name: Name,
    start: usize,
}

#[derive(Default)]
struct Page<'a> {
    facts: Vec<(Origin, Name, Span)>,
    awaited: Vec<Awaited<'a>>,
    /// An item about an article was seen: another is a teaser.
    taken: bool,
    /// An element was seen that cannot be in the head.
    body: bool,
    /// How many `<h1>` and `<time datetime>` there are: one of several may be a teaser's.
    titles: usize,
    times: usize,
    /// The first fault of a JSON-LD block.
    fault: Option<json::Fault>,
}

/// Reads the article of a page.
pub(crate) fn read(rules: &mut Rules) -> Result<Article, Refusal> {
    let source = rules.source;
    let mut page = Page::default();
    rules.doc.open(Kind::Array, 0);
    let whole = page.scan(rules);
    rules.doc.close();
    if !whole || !page.body {
        return Err(cut("its head or its JSON-LD"));
    }
    let metadata = page.tell(&mut rules.doc, Origin::Metadata);
    let microdata = page.tell(&mut rules.doc, Origin::Microdata);
    let shown = page.tell(&mut rules.doc, Origin::Page);
    let canonical = rules.url(rules.find(metadata, &[CANONICAL, OG_URL])).unwrap_or_default();
    let found = json_ld::find(rules, 1, &canonical);
    let body = body(source)?;
    let dated = [ARTICLE_PUBLISHED_TIME, ARTICLE_MODIFIED_TIME, OG_PUBLISHED_TIME, OG_MODIFIED_TIME];
    let mut article = if found > 0 {
        json_ld::article(rules, found, &[found, metadata, microdata, shown])
    } else if source.item.is_some() {
        return Err(Refusal::item());
    } else if body.is_some()
        || rules::ends(rules.said(metadata, &[OG_TYPE]), "article")
        || rules.find(metadata, &dated) > 0
        || rules.find(microdata, &[HEADLINE]) > 0
        || rules.find(metadata, &[OG_TITLE]) > 0 && page.titles > 0
    {
        rules.article(&[metadata, microdata, shown], None)
    } else if let Some(fault) = page.fault {
        return Err(malformed(source.text, fault));
    } else {
        let message = "The page holds no article: give it a NewsArticle in a JSON-LD script, or `og:type` article.";
        return Err(Refusal::new(Reason::NoArticle, message));
    };
    article.url.get_or_insert_with(|| source.url.into());
    if let Some(image) = &mut article.image
        && image.width.is_none()
        && rules.url(rules.find(metadata, &[OG_IMAGE])).as_ref() == Some(&image.url)
    {
        image.width = rules.pixels(metadata, OG_IMAGE_WIDTH);
        image.height = rules.pixels(metadata, OG_IMAGE_HEIGHT);
    }
    if let Some(body) = body
        && !article.blog
    {
        let clean = clean::Rules { base: &rules.base, page: source.page, embeds: source.embeds };
        let mut tree = Tree::new();
        rules.weigh(clean::clean(body, &clean, &mut tree), &tree);
        article.blocks.clear();
        rules::paragraphs(&mut article, &tree);
        #[cfg(not(target_arch = "wasm32"))]
        rules.note(rules::BODY, SELECT, 0);
    }
    Ok(article)
}

/// What is inside the element that `select` names.
fn body<'a>(source: &Source<'a>) -> Result<Option<&'a str>, Refusal> {
    let Some(selector) = source.select else { return Ok(None) };
    match select::inner(source.text, selector) {
        // Ends with the page, so its end tag never came.
        Ok(Some(body)) if body.as_bytes().as_ptr_range().end == source.text.as_bytes().as_ptr_range().end => {
            Err(cut("the element that `select` names"))
        }
        Ok(body) => Ok(body),
        Err(fault) => {
            let mut message = String::from("`select` is not understood from here on: ");
            message.push_str(&fault.piece);
            Err(Refusal { reason: Reason::NoArticle, message })
        }
    }
}

fn cut(inside: &str) -> Refusal {
    let mut message = String::from("The page was cut off on the way, inside ");
    message.push_str(inside);
    Refusal { reason: Reason::Malformed, message }
}

/// The attributes that say something about an article; their values stand in a list in the same order.
const ATTRS: &str = "property name http-equiv content datetime src href rel lang type itemprop itemtype itemscope";
const CONTENT_ATTR: usize = 3;
const DATETIME_ATTR: usize = 4;
const HREF_ATTR: usize = 6;
const REL_ATTR: usize = 7;
const LANG_ATTR: usize = 8;
const TYPE_ATTR: usize = 9;
const ITEMPROP: usize = 10;
const ITEMTYPE: usize = 11;
const ITEMSCOPE: usize = 12;

impl<'a> Page<'a> {
    /// Goes over the page once; answers whether it ends outside of JSON-LD.
    fn scan(&mut self, rules: &mut Rules<'a>) -> bool {
        let mut tokens = markup::html(rules.source.text);
        let mut script = false;
        loop {
            let from = tokens.at();
            match tokens.next() {
                Some(Token::Open(tag)) => {
                    let mut attrs = [""; 13];
                    for (key, value) in tag.attrs.clone() {
                        // Of two with one name the first counts.
                        if let Some(attr) = attrs.get_mut(markup::position(ATTRS, key, false))
                            && attr.is_empty()
                        {
                            *attr = if key.len() == 9 { key } else { value };
                        }
                    }
                    script = tag.is("script") && rules::holds(attrs[TYPE_ATTR], "ld+json");
                    if tag.is("base") {
                        rules.base = address::join(attrs[HREF_ATTR], rules.source.url).unwrap_or_default();
                    }
                    self.open(&mut rules.doc, &tag, &attrs, tokens.at());
                }
                Some(Token::Cdata(_)) if script => {
                    let to = tokens.at();
                    if to == rules.source.text.len() {
                        return false;
                    }
                    let nodes = rules.doc.len();
                    if let Err(fault) = json::read(&mut rules.doc, from, to, true) {
                        rules.doc.truncate(nodes);
                        self.fault.get_or_insert(fault);
                    }
                }
                Some(Token::Close(name)) => self.close(name, from),
                None => return true,
                _ => {}
            }
        }
    }

    fn open(&mut self, doc: &mut Doc, tag: &Tag<'a>, attrs: &[&'a str; 13], at: usize) {
        let among = |names: &[&str]| names.iter().any(|name| tag.is(name));
        self.body |= !among(&HEAD);
        for other in &mut self.awaited {
            other.depth += usize::from(tag.is(other.tag));
        }
        let content = attrs[CONTENT_ATTR];
        if tag.is("meta") {
            for key in &attrs[..CONTENT_ATTR] {
                self.say(doc, Origin::Metadata, doc.public_name(key), content);
            }
        } else if attrs[REL_ATTR].eq_ignore_ascii_case("canonical") {
            self.say(doc, Origin::Metadata, CANONICAL, attrs[HREF_ATTR]);
        } else if tag.is("html") {
            self.say(doc, Origin::Page, PAGE_LANG, attrs[LANG_ATTR]);
        } else if tag.is("title") {
            self.wait(tag, Some(Origin::Page), PAGE_TITLE, at);
        } else if tag.is("h1") {
            self.titles += 1;
            self.wait(tag, Some(Origin::Page), H1, at);
        } else if tag.is("time") {
            self.times += 1;
            // One that says what it is says no more than that.
            if attrs[ITEMPROP].is_empty() {
                self.say(doc, Origin::Page, TIME, attrs[DATETIME_ATTR]);
            }
        }
        let (prop, scope, kind) = (attrs[ITEMPROP], !attrs[ITEMSCOPE].is_empty(), attrs[ITEMTYPE]);
        if !scope && prop.is_empty() {
            return;
        }
        let about = self.awaited.iter().rev().find(|other| other.origin.is_none()).map_or(ARTICLE, |other| other.name);
        let prop = markup::slice(prop, 0, markup::find(prop.as_bytes(), 0, b' '));
        let name = match (about, doc.name(prop)) {
            (ARTICLE, _) => doc.public_name(prop),
            (AUTHOR | CREATOR | PUBLISHER, NAME) | (IMAGE, URL | CONTENT_URL) => about,
            _ => 0,
        };
        if scope {
            let mut of = if name != 0 || about == ARTICLE && rules::ends(kind, "page") { name } else { OTHER };
            if json_ld::is_article_type(kind) {
                let ours = !self.taken && (prop.is_empty() || prop == "mainEntity");
                of = if ours { ARTICLE } else { OTHER };
                self.taken = true;
            }
            self.wait(tag, None, of, at);
        } else if name != 0 {
            let mut value = if tag.is("link") { attrs[HREF_ATTR] } else { "" };
            for other in &attrs[CONTENT_ATTR..HREF_ATTR] {
                value = if value.is_empty() { other } else { value };
            }
            self.say(doc, Origin::Microdata, name, value);
            if value.is_empty() && !among(&VOID) {
                self.wait(tag, Some(Origin::Microdata), name, at);
            }
        }
    }

    fn wait(&mut self, tag: &Tag<'a>, origin: Option<Origin>, name: Name, start: usize) {
        if self.awaited.len() < AWAITED {
            self.awaited.push(Awaited { tag: tag.name, depth: 0, origin, name, start });
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
            if let Some(origin) = other.origin {
                self.add(origin, other.name, Span { own: false, start: other.start as u32, end: at as u32 });
            }
        }
    }

    /// Notes the value of an attribute.
    fn say(&mut self, doc: &mut Doc, origin: Origin, name: Name, value: &str) {
        let start = doc.own().len() as u32;
        text::decode_attr(value, doc.own());
        self.add(origin, name, Span { own: true, start, end: doc.own().len() as u32 });
    }

    /// Notes a fact. Authors may be several; of everything else the first counts.
    fn add(&mut self, origin: Origin, name: Name, span: Span) {
        let several = (AUTHOR..=SAILTHRU_AUTHOR).contains(&name);
        let told = self.facts.iter().any(|fact| fact.0 == origin && fact.1 == name) && !several;
        if name != 0 && span.end > span.start && !told && self.facts.len() < MANY {
            self.facts.push((origin, name, span));
        }
    }

    /// Adds the facts of one origin to the list, as an object, and answers where.
    fn tell(&self, doc: &mut Doc, origin: Origin) -> usize {
        let at = doc.len();
        doc.open(Kind::Object, 0);
        for &(of, name, span) in &self.facts {
            if of == origin && (name != H1 || self.titles == 1) && (name != TIME || self.times == 1) {
                doc.push(Kind::Text, name, span);
            }
        }
        doc.close();
        at
    }
}

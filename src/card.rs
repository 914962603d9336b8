//! An article as the card's markup: which pieces there are, in which order, under which part names.
//!
//! Pure: times are left to the view, which writes them into `<time datetime>` in the reader's own
//! language; the badge, the prompt and "what changed" have mounts of their own, which stay empty here.

use alloc::string::String;

use crate::article::{Article, Author, Block, Correction, Time};
use crate::badge::{Word, Words};
use crate::swap::tree::attrs;
use crate::tree::{
    A, ALT, ARTICLE, ASIDE, BUTTON, CLASS, DATA_MARK, DATETIME, DIR, DIV, FIGCAPTION, FIGURE, H1, HEADER, HEIGHT, HREF,
    ID, IMG, Kind, LANG, LINK, LOADING, NAME, NAMES, Name, P, PART, REFERRERPOLICY, REL, SLOT, SPAN, SRC, STRONG, TIME,
    TYPE, Tree, WIDTH, hash,
};

/// The sheet that dresses the markup, squeezed.
pub const SHEET: &str = include_str!(concat!(env!("OUT_DIR"), "/card.css"));

/// How much of an article is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// All of it.
    #[default]
    Article,
    /// Headline, summary, picture and badge.
    Card,
    /// The badge alone.
    Badge,
}

/// Everything but the article that decides its markup.
pub struct Look<'a> {
    /// How much is shown.
    pub view: View,
    /// The page's children are the card; what stands around them is all that is written here.
    pub adopt: bool,
    /// `1` to `6`.
    pub heading_level: u8,
    /// Blocks of a live blog that are shown before "show more".
    pub max_blocks: usize,
    /// The block whose permalink was followed: shown past `max_blocks` too.
    pub wanted: &'a str,
    /// A style sheet of the site's own for what is in the card.
    pub stylesheet: Option<&'a str>,
    /// Ids of the blocks that changed in the last swap.
    pub changed: &'a [String],
    /// Numbers N of the page's children with `slot="after-N"`, ascending.
    pub after: &'a [usize],
    /// The publisher took the article back.
    pub withdrawn: bool,
    /// The few words that stand in the markup itself.
    pub words: &'a Words,
}

/// Keys of the pieces that other rooms fill or look for.
pub mod keys {
    /// Where the badge, its clock and its status stand.
    pub const LINE: u64 = 1;
    /// Where "what changed" and the announcements stand.
    pub const FOOT: u64 = 2;
    /// Where the prompt stands.
    pub const ASK: u64 = 3;
    pub(super) const CARD: u64 = 4;
    pub(super) const HEAD: u64 = 5;
    pub(super) const HEADLINE: u64 = 6;
    pub(super) const SUMMARY: u64 = 7;
    pub(super) const BYLINE: u64 = 8;
    pub(super) const PICTURE: u64 = 9;
    pub(super) const BODY: u64 = 10;
    pub(super) const CREDIT: u64 = 11;
    /// The button that shows more blocks.
    pub(super) const MORE: u64 = 12;
    pub(super) const WITHDRAWN: u64 = 13;
    pub(super) const LIVE: u64 = 14;
    pub(super) const LOGO: u64 = 15;
    pub(super) const OWN: u64 = 16;
    pub(super) const SLOT: u64 = 1 << 32;
}

/// Writes the card of an article.
pub fn card(article: &Article, look: &Look, out: &mut Tree) {
    let class = match look.view {
        View::Article => "article",
        View::Card => "card",
        View::Badge => "badge",
    };
    // Within an `article` a header is no landmark of the page, and many cards can stand in one.
    out.open(ARTICLE).key(keys::CARD).attr(PART, "card").attr(CLASS, class);
    if let Some(lang) = &article.lang {
        out.attr(LANG, lang).attr(DIR, direction(lang));
    }
    if let Some(address) = look.stylesheet {
        out.open(LINK).key(keys::CARD).attr(REL, "stylesheet").attr(HREF, address).close();
    }
    // The prompt is in the reader's language, whatever the article's.
    out.open(DIV).key(keys::ASK).attr(CLASS, "ask");
    out.attr(LANG, look.words.get(Word::Lang)).attr(DIR, look.words.get(Word::Direction)).close();
    if look.view == View::Badge || look.adopt {
        line(out);
    } else {
        head(article, look, out);
    }
    if look.adopt && !look.withdrawn {
        for correction in &article.corrections {
            notice(correction, look.words, out);
        }
        out.open(SLOT).close();
    } else if look.withdrawn {
        out.open(P).key(keys::WITHDRAWN).attr(PART, "notice").text(look.words.get(Word::WithdrawnNotice)).close();
    } else if look.view != View::Badge {
        if let Some(image) = &article.image {
            picture(image, out);
        }
        if look.view == View::Article {
            for correction in &article.corrections {
                notice(correction, look.words, out);
            }
            body(article, look, out);
        }
    }
    mount(out, keys::FOOT, "foot");
    out.close();
}

fn mount(out: &mut Tree, key: u64, class: &str) {
    out.open(DIV).key(key).attr(CLASS, class).close();
}

fn head(article: &Article, look: &Look, out: &mut Tree) {
    out.open(HEADER).key(keys::HEAD);
    // A site's own, above the headline.
    out.open(SLOT).key(keys::LOGO).attr(NAME, "logo").close();
    if !look.withdrawn {
        if article.live {
            out.open(P).key(keys::LIVE).attr(PART, "live").attr(CLASS, "live").text(look.words.get(Word::Live)).close();
        }
        if !article.headline.is_empty() {
            out.open(H1 + (look.heading_level.clamp(1, 6) - 1)).key(keys::HEADLINE).attr(PART, "headline");
            match &article.url {
                Some(url) if look.view == View::Card => {
                    out.open(A).attr(HREF, url).attr(REL, "noopener").text(&article.headline).close()
                }
                _ => out.text(&article.headline),
            };
            out.close();
        }
        if let Some(summary) = &article.summary {
            out.open(P).key(keys::SUMMARY).attr(PART, "summary").text(summary).close();
        }
        if !article.authors.is_empty() && look.view == View::Article {
            out.open(P).key(keys::BYLINE).attr(PART, "byline");
            let (before, after) = look.words.around(Word::Byline);
            out.text(before);
            byline(&article.authors, out);
            out.text(after).close();
        }
    }
    line(out);
    out.close();
}

/// The badge, and below it what a site adds of its own.
fn line(out: &mut Tree) {
    mount(out, keys::LINE, "line");
    out.open(SLOT).key(keys::OWN).attr(NAME, "badge").close();
}

/// Which way a language is written: an Arabic article stands rightly in an English page, and the reverse.
fn direction(lang: &str) -> &'static str {
    let end = lang.bytes().position(|byte| byte == b'-').unwrap_or(lang.len());
    let rtl = ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"];
    if rtl.iter().any(|tag| lang.get(..end).is_some_and(|own| own.eq_ignore_ascii_case(tag))) { "rtl" } else { "ltr" }
}

fn byline(authors: &[Author], out: &mut Tree) {
    for (at, author) in authors.iter().enumerate() {
        if at > 0 {
            out.text(", ");
        }
        match &author.url {
            Some(url) => out.open(A).attr(HREF, url).attr(REL, "author noopener").text(&author.name).close(),
            None => out.open(SPAN).text(&author.name).close(),
        };
    }
}

fn picture(image: &crate::article::Image, out: &mut Tree) {
    out.open(FIGURE).key(keys::PICTURE).attr(PART, "picture").open(IMG).key(keys::PICTURE);
    // The caption below says what an `alt` would say again.
    out.attr(ALT, "");
    for (name, pixels) in [(WIDTH, image.width), (HEIGHT, image.height)] {
        if let (Some(pixels), Some(_), Some(_)) = (pixels, image.width, image.height) {
            out.attr(name, &number(pixels as usize));
        }
    }
    // After what holds it back, or a browser would be on its way.
    out.attr(LOADING, "lazy").attr(REFERRERPOLICY, "strict-origin").attr(SRC, &image.url).close();
    if image.caption.is_some() || image.credit.is_some() {
        out.open(FIGCAPTION).key(keys::CREDIT).attr(PART, "caption");
        if let Some(caption) = &image.caption {
            out.text(caption);
        }
        if let Some(credit) = &image.credit {
            out.text(" ").open(SPAN).key(keys::CREDIT).attr(PART, "credit").text(credit).close();
        }
        out.close();
    }
    out.close();
}

fn notice(correction: &Correction, words: &Words, out: &mut Tree) {
    out.open(ASIDE).attr(PART, "notice correction").open(STRONG).text(words.get(Word::Correction)).close().text(" ");
    stamp(correction.date, out);
    out.open(P).text(&correction.text).close().close();
}

/// A `<time>` without text: the view writes it.
fn stamp(time: Option<Time>, out: &mut Tree) {
    if let Some(time) = time {
        out.open(TIME).attr(DATETIME, &time.iso()).close();
    }
}

fn body(article: &Article, look: &Look, out: &mut Tree) {
    out.open(DIV).key(keys::BODY).attr(PART, "body");
    if article.blocks.is_empty() {
        // The document brings no body: the page's own children keep showing it.
        out.open(SLOT).close();
    }
    slot(0, look, out);
    let mut shown = 0;
    for (at, block) in article.blocks.iter().enumerate() {
        if article.blog && shown >= look.max_blocks && look.wanted != block.id {
            continue;
        }
        shown += 1;
        if article.blog {
            entry(block, look, out);
        } else {
            paragraph(block, look, out);
        }
        slot(at + 1, look, out);
    }
    // Slots past the end stand at the end: a shorter version loses no advertisement.
    for &number in look.after {
        if number > article.blocks.len() {
            slot(number, look, out);
        }
    }
    if shown < article.blocks.len() {
        out.open(BUTTON)
            .key(keys::MORE)
            .attr(PART, "more")
            .attr(TYPE, "button")
            .text(look.words.get(Word::More))
            .close();
    }
    out.close();
}

fn slot(number: usize, look: &Look, out: &mut Tree) {
    if look.after.contains(&number) {
        let mut name = String::from("after-");
        name.push_str(&self::number(number));
        out.open(SLOT).key(keys::SLOT + number as u64).attr(NAME, &name).close();
    }
}

/// An entry of a live blog or feed.
fn entry(block: &Block, look: &Look, out: &mut Tree) {
    let changed = look.changed.contains(&block.id);
    out.open(ARTICLE).key(key(block)).attr(PART, if changed { "block changed" } else { "block" }).attr(ID, &block.id);
    if changed {
        out.attr(DATA_MARK, look.words.get(Word::Changed));
    }
    out.open(HEADER).key(keys::HEAD);
    let mut link = String::from("#");
    link.push_str(&block.id);
    out.open(A).key(keys::LINE).attr(PART, "permalink").attr(HREF, &link);
    match block.published.or(block.modified) {
        // A link must have a text.
        None => drop(out.text("#")),
        time => stamp(time, out),
    }
    out.close();
    if !block.authors.is_empty() {
        out.text(" ").open(SPAN).key(keys::BYLINE).attr(PART, "byline");
        byline(&block.authors, out);
        out.close();
    }
    out.close();
    if let Some(headline) = &block.headline {
        // One below the article's own.
        let level = look.heading_level.clamp(1, 5);
        out.open(H1 + level).key(keys::HEADLINE).attr(PART, "block-headline").text(headline).close();
    }
    out.append_all(&block.body);
    out.close();
}

/// A paragraph, figure, list… of a plain article: the element itself is the block.
fn paragraph(block: &Block, look: &Look, out: &mut Tree) {
    let body = &block.body;
    let Some(root) =
        body.nodes().first().filter(|node| node.kind == Kind::Element && body.end(0) == body.nodes().len())
    else {
        return entry(block, look, out);
    };
    let changed = look.changed.contains(&block.id);
    out.open(root.name).key(key(block));
    let mut part = String::from("block");
    if let Some(own) = body.find(0, PART) {
        part.push(' ');
        part.push_str(own);
    }
    if changed {
        part.push_str(" changed");
    }
    out.attr(PART, &part).attr(ID, &block.id);
    if changed {
        out.attr(DATA_MARK, look.words.get(Word::Changed));
    }
    let own = attrs(body, 0);
    for at in own.clone() {
        let name = body.nodes()[at as usize].name;
        if name != PART {
            out.attr(name, body.value(at as usize));
        }
    }
    let mut at = own.end as usize;
    while at < body.nodes().len() {
        out.append(body, at);
        at = body.end(at);
    }
    out.close();
}

/// A block's node is its own in every version.
fn key(block: &Block) -> u64 {
    hash(block.id.as_bytes(), 3) | 1 << 63
}

/// A whole number in digits.
pub fn number(value: usize) -> String {
    let mut out = String::new();
    let mut power = 1;
    while value / power >= 10 {
        power *= 10;
    }
    while power > 0 {
        out.push(char::from(b'0' + (value / power % 10) as u8));
        power /= 10;
    }
    out
}

/// A tree as HTML, for a server's own copy. `time` writes the text of a `<time>` that has none.
pub fn html(tree: &Tree, time: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < tree.nodes().len() {
        element(tree, at, time, &mut out);
        at = tree.end(at);
    }
    out
}

fn element(tree: &Tree, at: usize, time: &dyn Fn(&str) -> String, out: &mut String) {
    let node = tree.nodes()[at];
    if node.kind == Kind::Text {
        escape(tree.value(at), out);
        return;
    }
    let name: Name = node.name;
    out.push('<');
    out.push_str(NAMES[name as usize]);
    let own = attrs(tree, at as u32);
    for attr in own.clone() {
        out.push(' ');
        out.push_str(NAMES[tree.nodes()[attr as usize].name as usize]);
        out.push_str("=\"");
        escape(tree.value(attr as usize), out);
        out.push('"');
    }
    out.push('>');
    let mut child = own.end as usize;
    if child == tree.end(at) {
        if matches!(NAMES[name as usize], "br" | "col" | "hr" | "img" | "source" | "track" | "wbr") {
            return;
        }
        if let (TIME, Some(datetime)) = (name, tree.find(at, DATETIME)) {
            escape(&time(datetime), out);
        }
    }
    while child < tree.end(at) {
        element(tree, child, time, out);
        child = tree.end(child);
    }
    out.push_str("</");
    out.push_str(NAMES[name as usize]);
    out.push('>');
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entrys_heading_is_one_below_the_articles() {
        let block = Block { headline: Some("In".into()), ..Block::default() };
        let article =
            Article { headline: "Storm".into(), blog: true, blocks: alloc::vec![block.into()], ..Article::default() };
        for (heading_level, own, entrys) in
            [(0, "h1", "h2"), (1, "h1", "h2"), (2, "h2", "h3"), (5, "h5", "h6"), (6, "h6", "h6"), (255, "h6", "h6")]
        {
            let look = Look {
                view: View::Article,
                adopt: false,
                heading_level,
                max_blocks: 1,
                wanted: "",
                stylesheet: None,
                changed: &[],
                after: &[],
                withdrawn: false,
                words: &Words::english(),
            };
            let mut tree = Tree::new();
            card(&article, &look, &mut tree);
            let html = html(&tree, &|_| String::new());
            for (level, part) in [(own, "headline"), (entrys, "block-headline")] {
                assert!(html.contains(&alloc::format!("<{level} part=\"{part}\">")), "{heading_level}: {html}");
            }
        }
    }
}

//! One element of a page by CSS selector: the part of the language that names where an article's body is.
//!
//! A page is read once, as tokens; no tree is made. What is selected is a part of the page's own text, for
//! [`crate::clean`] to go over.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::clean::{Class, class};
use crate::markup::{Tag, Token, find, find_all, html, is_space, slice};
use crate::read::text::decode_attr;
use crate::tree::{DD, DT, LI, Name, P, TBODY, TD, TFOOT, TH, THEAD, TR};

/// How many open elements an end tag is compared with.
const SEEN: usize = 256;

/// A selector that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectError {
    /// What in it is not, to its end.
    pub piece: String,
}

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the selector is not understood from `")?;
        f.write_str(&self.piece)?;
        f.write_str("` on; it may have types, `*`, `#id`, `.class`, `[attribute]`, spaces, `>` and commas")
    }
}

impl core::error::Error for SelectError {}

/// What is asked of an attribute.
struct Test<'s> {
    attr: &'s str,
    /// The sign before `=`; `=` for none, 0 where any value will do.
    sign: u8,
    value: &'s str,
}

/// What is asked of one element: its name, if any, tests, and a place.
struct Compound<'s> {
    name: &'s str,
    tests: Vec<Test<'s>>,
    /// Nothing is asked of what is around it.
    first: bool,
    /// The compound before must hold for the parent; else for any ancestor.
    child: bool,
    /// An element for which it holds is selected.
    last: bool,
}

/// An open element, and for which compounds, by bit, the selector holds up to there: in it, and in any around it.
struct Level<'a> {
    name: &'a str,
    number: Name,
    class: Class,
    holds: u64,
    around: u64,
}

/// What is between the tags of the first element that a selector selects, if it selects one.
///
/// Understood are types, `*`, `#id`, `.class`, `[a]`, `[a=v]` with `~=`, `^=`, `$=`, `*=` and `|=`, descendants, `>`
/// and lists (Selectors level 4, without pseudo-classes and siblings).
///
/// # Errors
///
/// If the selector has anything else in it, or more than 64 compounds.
pub fn inner<'a>(page: &'a str, selector: &str) -> Result<Option<&'a str>, SelectError> {
    let compounds = parse(selector)?;
    let mut open: Vec<Level<'a>> = Vec::new();
    // How many elements are around the selected one, and where it begins.
    let mut selected: Option<(usize, usize)> = None;
    let mut tokens = html(page);
    loop {
        let before = tokens.at();
        let token = tokens.next();
        match &token {
            Some(Token::Open(tag)) => end_implied(class(tag.name), &mut open),
            Some(Token::Close(name)) => {
                let seen = open.len().saturating_sub(SEEN);
                if let Some(at) = open[seen..].iter().rposition(|level| level.name.eq_ignore_ascii_case(name)) {
                    open.truncate(seen + at);
                }
            }
            Some(_) => {}
            None => open.clear(),
        }
        if let Some((depth, from)) = selected
            && open.len() <= depth
        {
            return Ok(Some(slice(page, from, before)));
        }
        match token {
            None => return Ok(None),
            Some(Token::Open(tag)) => {
                let (level, last) = hold(&compounds, &tag, open.last());
                let void = VOID.iter().any(|name| tag.is(name)) || tag.self_closing && level.class == Class::Unknown;
                if last && selected.is_none() {
                    if void {
                        return Ok(Some(""));
                    }
                    selected = Some((open.len(), tokens.at()));
                }
                if !void {
                    open.push(level);
                }
            }
            Some(_) => {}
        }
    }
}

/// Elements without content.
const VOID: [&str; 15] = [
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Ends the elements that the start tag of another ends, as those do whose end tags may be left out.
fn end_implied((number, class): (Name, Class), open: &mut Vec<Level<'_>>) {
    let ends: &[Name] = match number {
        LI => &[P, LI],
        DD | DT => &[P, DD, DT],
        TD | TH => &[P, TD, TH],
        TR => &[P, TD, TH, TR],
        TBODY | TFOOT | THEAD => &[P, TD, TH, TR, TBODY, TFOOT, THEAD],
        _ if matches!(class, Class::Block | Class::Wrapper) => &[P],
        _ => return,
    };
    for at in (open.len().saturating_sub(SEEN)..open.len()).rev() {
        if ends.contains(&open[at].number) {
            open.truncate(at);
        } else if matches!(open[at].class, Class::Block | Class::Wrapper) {
            return;
        }
    }
}

/// An element as a level, and whether it is selected.
fn hold<'a>(compounds: &[Compound<'_>], tag: &Tag<'a>, parent: Option<&Level<'a>>) -> (Level<'a>, bool) {
    let (number, class) = class(tag.name);
    let (holds, around) = parent.map_or((0, 0), |parent| (parent.holds, parent.around | parent.holds));
    let mut level = Level { name: tag.name, number, class, holds: 0, around };
    let mut selected = false;
    let mut bit = 1;
    for compound in compounds {
        // What the compound before, one bit down, must hold for.
        let before = if compound.child { holds } else { around } << 1;
        if (compound.first || before & bit != 0) && compound.admits(tag) {
            level.holds |= bit;
            selected |= compound.last;
        }
        bit <<= 1;
    }
    (level, selected)
}

impl Compound<'_> {
    fn admits(&self, tag: &Tag<'_>) -> bool {
        (self.name.is_empty() || tag.is(self.name)) && self.tests.iter().all(|test| test.admits(tag))
    }
}

impl Test<'_> {
    fn admits(&self, tag: &Tag<'_>) -> bool {
        let Some(source) = tag.attrs.value(self.attr) else { return false };
        let mut text = String::new();
        decode_attr(source, &mut text);
        let (text, value) = (text.as_bytes(), self.value.as_bytes());
        match self.sign {
            0 => true,
            b'=' => text == value,
            b'|' => text.starts_with(value) && matches!(text.get(value.len()), None | Some(b'-')),
            // Nothing holds an empty value in the ways that are left.
            _ if value.is_empty() => false,
            b'^' => text.starts_with(value),
            b'$' => text.ends_with(value),
            b'*' => find_all(text, 0, value) < text.len(),
            _ => text.split(|&byte| is_space(byte)).any(|word| word == value),
        }
    }
}

/// The compounds of a selector, list and all.
fn parse(selector: &str) -> Result<Vec<Compound<'_>>, SelectError> {
    let bytes = selector.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut compounds = Vec::new();
    let mut at = 0;
    let (mut first, mut child) = (true, false);
    loop {
        while is_space(byte(at)) {
            at += 1;
        }
        let from = at;
        let mut compound = Compound { name: "", tests: Vec::new(), first, child, last: false };
        if byte(at) == b'*' {
            at += 1;
        } else {
            compound.name = word(selector, &mut at);
        }
        loop {
            let start = at;
            at += 1;
            let test = match byte(start) {
                b'#' => Test { attr: "id", sign: b'=', value: word(selector, &mut at) },
                b'.' => Test { attr: "class", sign: b'~', value: word(selector, &mut at) },
                b'[' => test(selector, &mut at),
                _ => {
                    at = start;
                    break;
                }
            };
            if test.attr.is_empty() || test.sign != 0 && byte(start) != b'[' && test.value.is_empty() {
                return Err(error(selector, start));
            }
            compound.tests.push(test);
        }
        let end = at;
        while is_space(byte(at)) {
            at += 1;
        }
        compound.last = at >= bytes.len() || byte(at) == b',';
        (first, child) = (byte(at) == b',', byte(at) == b'>');
        if end == from || compounds.len() >= 64 || at == end && !compound.last && !child {
            return Err(error(selector, end));
        }
        let done = at >= bytes.len();
        at += usize::from(first || child);
        compounds.push(compound);
        if done {
            return Ok(compounds);
        }
    }
}

/// What stands in brackets; without a name if it is not understood.
fn test<'s>(selector: &'s str, at: &mut usize) -> Test<'s> {
    let bytes = selector.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let skip = |at: &mut usize| {
        while is_space(byte(*at)) {
            *at += 1;
        }
    };
    skip(at);
    let mut test = Test { attr: word(selector, at), sign: 0, value: "" };
    skip(at);
    if byte(*at) != b']' {
        test.sign = byte(*at);
        if matches!(test.sign, b'~' | b'^' | b'$' | b'*' | b'|') {
            *at += 1;
        }
        if byte(*at) != b'=' {
            test.attr = "";
        }
        *at += 1;
        skip(at);
        let quote = byte(*at);
        if matches!(quote, b'"' | b'\'') {
            let from = *at + 1;
            *at = find(bytes, from, quote);
            test.value = slice(selector, from, *at);
            *at += 1;
        } else {
            test.value = word(selector, at);
            if test.value.is_empty() {
                test.attr = "";
            }
        }
        skip(at);
    }
    if byte(*at) != b']' {
        test.attr = "";
    }
    *at += 1;
    test
}

/// A name. One with an escape in it is not understood, and so ends before.
fn word<'s>(selector: &'s str, at: &mut usize) -> &'s str {
    let from = *at;
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | 0x80..);
    while selector.as_bytes().get(*at).is_some_and(name) {
        *at += 1;
    }
    slice(selector, from, *at)
}

fn error(selector: &str, at: usize) -> SelectError {
    SelectError { piece: String::from(slice(selector, at, selector.len())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const PAGE: &str = r#"<!doctype html><html lang=en-GB><head><title><p id=no></title><link rel=next>
<script>"<div class=story>no</div>"</script></head><body>
<div class="teaser story-list"><p>teaser</div>
<main><article id=a1 class="lead Story wide" data-kind="news live"><h1>Head</h1>
<svg><path/><path/><g/></svg>
<div class="body text"><p>One<p>Two<ul><li>three<li>four</ul><div>five</div><br>six</div>
<table><tr><td class=x>seven<td>eight<tr><th>nine</table><img class=pic><p class=last>ten
<div title="a&amp;b">eleven</div></article></main></body></html>"#;

    #[test]
    fn the_first_element_that_matches_is_selected() {
        for (selector, text) in [
            ("h1", Some("Head")),
            ("H1", Some("Head")),
            ("#a1 > h1", Some("Head")),
            ("article h1, p", Some("teaser")),
            ("no, h1", Some("Head")),
            ("main>article>.body>ul>li", Some("three")),
            ("li", Some("three")),
            (".body li", Some("three")),
            ("main > .body", None),
            ("article.Story.wide h1", Some("Head")),
            ("article.story h1", None),
            (".Story div div", Some("five")),
            ("div.body.text", Some("<p>One<p>Two<ul><li>three<li>four</ul><div>five</div><br>six")),
            (".body p", Some("One")),
            ("td", Some("seven")),
            ("tr th", Some("nine")),
            ("* > th", Some("nine")),
            (".x", Some("seven")),
            (".pic", Some("")),
            (".last", Some("ten\n")),
            ("[lang|=en] [data-kind~=live] > h1", Some("Head")),
            ("[data-kind ~= 'news'] h1", Some("Head")),
            ("[data-kind='news live'] h1", Some("Head")),
            ("[data-kind^=\"news l\"] h1", Some("Head")),
            ("[data-kind$=live] h1", Some("Head")),
            ("[data-kind*='ws li'] h1", Some("Head")),
            ("[data-kind*=''] h1", None),
            ("[data-kind=live] h1", None),
            ("[lang|=e] h1", None),
            ("[title='a&b']", Some("eleven")),
            ("[title]", Some("eleven")),
            ("[TITLE]", Some("eleven")),
            ("#no", None),
            (".story", None),
            ("path", Some("")),
            ("main svg", Some("<path/><path/><g/>")),
            ("main main", None),
            ("  h1\t", Some("Head")),
        ] {
            assert_eq!(inner(PAGE, selector), Ok(text), "{selector}");
        }
        assert_eq!(inner("<p>a<b", "p"), Ok(Some("a")));
        assert_eq!(inner("<div><p>a<section>b", "div"), Ok(Some("<p>a<section>b")));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (selector, piece) in [
            ("", ""),
            ("p:first-child", ":first-child"),
            ("div > p::before", "::before"),
            ("a + b", "+ b"),
            ("a ~ b", "~ b"),
            ("a,", ""),
            ("a >", ""),
            ("> a", "> a"),
            ("a > > b", "> b"),
            ("a,,b", ",b"),
            ("p.", "."),
            ("p#", "#"),
            ("p[", "["),
            ("p[a", "[a"),
            ("p[a=]", "[a=]"),
            ("p[a=b i]", "[a=b i]"),
            ("p[a!=b]", "[a!=b]"),
            ("p[=b]", "[=b]"),
            (".a\\:b", "\\:b"),
            ("a|b", "|b"),
            ("p*", "*"),
        ] {
            assert_eq!(inner(PAGE, selector), Err(SelectError { piece: piece.into() }), "{selector}");
        }
        assert!(inner(PAGE, &"a ".repeat(64)).is_ok());
        assert!(inner(PAGE, &"a ".repeat(65)).is_err());
        let said = inner(PAGE, "p:hover").unwrap_err().to_string();
        assert!(said.starts_with("the selector is not understood from `:hover` on; it may have"), "{said}");
    }
}

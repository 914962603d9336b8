//! One element of a page by CSS selector: the part of the language that names where an article's body is.
//!
//! A page is read once, as tokens; no tree is made. What is selected is a part of the page's own text, for
//! [`crate::clean`] to go over.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::clean::{Class, class};
use crate::markup::{
    DIGIT, LETTER, NOWHERE, SPACE, Tag, Token, WORD, begins, find, find_all, html, peek, position, skip, slice,
};
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
    hold(selector, None, 0, 0)?;
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
                let (number, class) = class(tag.name);
                let (holds, around) = open.last().map_or((0, 0), |parent| (parent.holds, parent.around | parent.holds));
                let (holds, last) = hold(selector, Some(&tag), holds, around)?;
                let level = Level { name: tag.name, number, class, holds, around };
                let void =
                    position(VOID, tag.name, false) != NOWHERE || tag.self_closing && level.class == Class::Unknown;
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
const VOID: &str = "area base br col embed frame hr img input link meta param source track wbr";

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

/// For which compounds, by bit, a selector holds up to an element, and whether it holds in whole.
///
/// `parent` and `around` are the compounds for which it holds up to its parent and to any element around it. The
/// selector is read anew each time; it is short. Without an element it is only checked.
fn hold(selector: &str, tag: Option<&Tag<'_>>, parent: u64, around: u64) -> Result<(u64, bool), SelectError> {
    let bytes = selector.as_bytes();
    let mut holds = 0u64;
    let mut selected = false;
    let mut bit = 1u64;
    let mut at = 0;
    // What must hold before the next compound does.
    let mut before = u64::MAX;
    loop {
        let from = skip(bytes, at, SPACE);
        at = from + usize::from(begins(bytes, from, b"*"));
        let mut admitted = true;
        if at == from {
            at = word(bytes, at);
            admitted = at == from || tag.is_some_and(|tag| tag.is(slice(selector, from, at)));
        }
        while matches!(peek(bytes, at), b'#' | b'.' | b'[') {
            let start = at;
            admitted &= test(selector, &mut at, tag);
            if at == 0 {
                return Err(error(selector, start));
            }
        }
        let end = at;
        at = skip(bytes, at, SPACE);
        let (next, over) = (peek(bytes, at), at == bytes.len());
        let last = over || next == b',';
        let child = next == b'>' && !over;
        if end == from || bit == 0 || at == end && !last && !child {
            return Err(error(selector, end));
        }
        if admitted && before & bit != 0 {
            holds |= bit;
            selected |= last;
        }
        if over {
            return Ok((holds, selected));
        }
        bit <<= 1;
        before = if last { u64::MAX } else { (if child { parent } else { around }) << 1 };
        at += usize::from(last || child);
    }
}

/// Whether an element passes the test at `at`, which becomes its end, or 0 where it is not understood.
fn test(selector: &str, at: &mut usize, tag: Option<&Tag<'_>>) -> bool {
    let bytes = selector.as_bytes();
    let mut from = *at + 1;
    let mut to = word(bytes, from);
    let mut value = slice(selector, from, to);
    let (mut name, mut sign) = ("id", b'=');
    let mut known = to > from;
    if bytes[*at] == b'.' {
        (name, sign) = ("class", b'~');
    } else if bytes[*at] == b'[' {
        from = skip(bytes, from, SPACE);
        to = word(bytes, from);
        name = slice(selector, from, to);
        known = to > from;
        to = skip(bytes, to, SPACE);
        sign = peek(bytes, to);
        if sign != b']' {
            to += usize::from(matches!(sign, b'~' | b'^' | b'$' | b'*' | b'|'));
            known &= peek(bytes, to) == b'=';
            from = skip(bytes, to + 1, SPACE);
            let quote = peek(bytes, from);
            if matches!(quote, b'"' | b'\'') {
                from += 1;
                to = find(bytes, from, quote);
                value = slice(selector, from, to);
                to += 1;
            } else {
                to = word(bytes, from);
                value = slice(selector, from, to);
                known &= to > from;
            }
            to = skip(bytes, to, SPACE);
        }
        known &= peek(bytes, to) == b']';
        to += 1;
    }
    *at = if known { to } else { 0 };
    let Some(given) = tag.and_then(|tag| tag.attrs.value(name)) else { return false };
    let mut decoded = String::new();
    decode_attr(given, &mut decoded);
    let (text, word, value) = (decoded.as_bytes(), value, value.as_bytes());
    let after = text.len().wrapping_sub(value.len());
    match sign {
        b']' => true,
        b'=' => text == value,
        b'|' => begins(text, 0, value) && (after == 0 || text[value.len()] == b'-'),
        // Nothing holds an empty value in the ways that are left.
        _ if value.is_empty() => false,
        b'^' => begins(text, 0, value),
        b'$' => begins(text, after, value),
        b'*' => find_all(text, 0, value) < text.len(),
        _ => position(&decoded, word, true) != NOWHERE,
    }
}

/// Where a name ends. One with an escape in it is not understood, and so ends before.
fn word(bytes: &[u8], at: usize) -> usize {
    skip(bytes, at, LETTER | DIGIT | WORD)
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

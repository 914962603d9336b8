//! Markup as a stream of tokens that borrow from it: HTML as a browser cuts it, and XML.
//!
//! HTML follows the tokenization of the WHATWG standard (section 13.2.5), so that what a browser
//! would take for a tag is a tag here and nothing else is; that it is safe is left to [`crate::clean`].
//! XML knows no entities of its own, so none can expand. References are left to [`crate::read::text`].
//! Every byte is looked at a bounded number of times.

use core::slice::ChunksExact;

/// A piece of markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A start tag.
    Open(Tag<'a>),
    /// An end tag's name, in the source's letter case.
    Close(&'a str),
    /// Text in which references stand for characters.
    Text(&'a str),
    /// A comment, doctype or processing instruction, without its delimiters.
    Comment(&'a str),
    /// Text to be taken as it stands: a CDATA section, or what a `<script>` or `<style>` holds.
    Cdata(&'a str),
}

/// A start tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tag<'a> {
    /// In the source's letter case.
    pub name: &'a str,
    /// Its attributes, in the source's order.
    pub attrs: Attrs<'a>,
    /// Written `<name/>`; means something in XML, and in HTML only within `<svg>` and `<math>`.
    pub self_closing: bool,
}

/// The attributes of a tag, each as name and value. Of two with one name a browser heeds the first.
///
/// Names are in the source's letter case; references in values are left as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attrs<'a> {
    text: &'a str,
    at: usize,
    slash: bool,
}

/// The tokens of a text. Make one with [`html`] or [`xml`].
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    xml: bool,
    foreign: bool,
    raw: &'a str,
}

/// The tokens of HTML.
pub fn html(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0, xml: false, foreign: false, raw: "" }
}

/// The tokens of XML.
pub fn xml(text: &str) -> Tokens<'_> {
    Tokens { xml: true, ..html(text) }
}

/// Elements whose content is text whatever it looks like (HTML, section 13.2.6); in the first two with references.
const RAW: &str = "title textarea script style xmp iframe noembed noframes noscript plaintext";

impl Tag<'_> {
    /// Whether this is its name, in any letter case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl<'a> Attrs<'a> {
    /// Where the next one begins, in bytes of the text.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The value of an attribute, its name in any letter case.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.clone().find(|attr| attr.0.eq_ignore_ascii_case(name)).map(|attr| attr.1)
    }
}

impl<'a> Iterator for Attrs<'a> {
    type Item = (&'a str, &'a str);

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let from = skip(bytes, self.at, SPACE | SLASH);
        // Within the tag, since a name is before it.
        self.slash = from > self.at && peek(bytes, from - 1) == b'/';
        self.at = from;
        if peek(bytes, from) == b'>' {
            return None;
        }
        // A name may begin with `=`.
        self.at = until(bytes, from + 1, SPACE | SLASH | END | EQUALS);
        let name = slice(self.text, from, self.at);
        let next = skip(bytes, self.at, SPACE);
        if peek(bytes, next) != b'=' {
            return Some((name, ""));
        }
        let mut from = skip(bytes, next + 1, SPACE);
        let quote = peek(bytes, from);
        let quoted = matches!(quote, b'"' | b'\'');
        let to = if quoted {
            from += 1;
            find(bytes, from, quote)
        } else {
            until(bytes, from, SPACE | END)
        };
        self.at = to + usize::from(quoted);
        Some((name, slice(self.text, from, to)))
    }
}

impl<'a> Tokens<'a> {
    /// Where the next token begins, in bytes.
    pub fn at(&self) -> usize {
        self.at
    }

    /// A token up to `to`, which is followed by `skip` bytes that belong to none.
    fn cut(&mut self, from: usize, to: usize, skip: usize) -> &'a str {
        self.at = (to + skip).min(self.text.len());
        slice(self.text, from, to)
    }

    /// What a tag that begins at `from` (its name's first byte) says; nothing where the text ends within it.
    fn tag(&mut self, from: usize) -> Option<Tag<'a>> {
        let bytes = self.text.as_bytes();
        let at = until(bytes, from, SPACE | SLASH | END);
        let name = slice(self.text, from, at);
        let attrs = attrs(self.text, at);
        let mut rest = attrs.clone();
        while rest.next().is_some() {}
        self.at = (rest.at + 1).min(bytes.len());
        (rest.at < bytes.len()).then_some(Tag { name, attrs, self_closing: rest.slash })
    }

    /// A comment or what a browser takes for one; `self.at` is its `<`.
    fn comment(&mut self) -> Token<'a> {
        let bytes = self.text.as_bytes();
        let mut from = self.at + 2;
        let closer: &[u8] = if begins(bytes, self.at, b"<!--") {
            from += 2;
            if !self.xml {
                // Opened and closed by the same hyphens.
                let mut at = from + usize::from(peek(bytes, from) == b'-');
                if peek(bytes, at) == b'>' {
                    return Token::Comment(self.cut(from, from, at + 1 - from));
                }
                at = from;
                loop {
                    at = find_all(bytes, at, b"--");
                    let skip = 2 + usize::from(peek(bytes, at + 2) == b'!');
                    if peek(bytes, at + skip) == b'>' {
                        return Token::Comment(self.cut(from, at, skip + 1));
                    }
                    at += 1;
                }
            }
            b"-->"
        } else if !self.xml {
            b">"
        } else if begins(bytes, self.at, b"<![CDATA[") {
            from += 7;
            b"]]>"
        } else if begins(bytes, self.at, b"<?") {
            b"?>"
        } else {
            // A doctype may hold declarations, in brackets.
            let gt = find(bytes, from, b'>');
            if find(&bytes[..gt], from, b'[') < gt { b"]>" } else { b">" }
        };
        let to = find_all(bytes, from, closer);
        let text = self.cut(from, to, closer.len());
        if closer == b"]]>" { Token::Cdata(text) } else { Token::Comment(text) }
    }

    /// Where the content of a raw text element ends: at its end tag, or with the text.
    fn raw_end(&self) -> usize {
        let bytes = self.text.as_bytes();
        let script = self.raw.eq_ignore_ascii_case("script");
        // A script that hides a script in a comment is not over before that one is (section 13.2.5.20 and on).
        let mut hidden = 0;
        let mut at = self.at;
        if self.raw.eq_ignore_ascii_case("plaintext") {
            return bytes.len();
        }
        while at < bytes.len() {
            if peek(bytes, at) == b'<' {
                if peek(bytes, at + 1) == b'/' && self.is_raw(at + 2) {
                    if hidden < 2 {
                        break;
                    }
                    hidden = 1;
                } else if script && hidden == 0 && begins(bytes, at, b"<!--") {
                    hidden = 1;
                    at += 1;
                } else if hidden == 1 && self.is_raw(at + 1) {
                    hidden = 2;
                }
            } else if begins(bytes, at, b"-->") {
                hidden = 0;
            }
            at += 1;
        }
        at
    }

    /// Whether the name of the open raw text element stands at `from`.
    fn is_raw(&self, from: usize) -> bool {
        let to = from + self.raw.len();
        let delimits =
            self.text.as_bytes().get(to).is_some_and(|&byte| SETS[byte as usize] & (SPACE | SLASH | END) != 0);
        delimits && slice(self.text, from, to).eq_ignore_ascii_case(self.raw)
    }

    fn begins_name(&self, byte: u8) -> bool {
        byte.is_ascii_alphabetic() || self.xml && (byte >= 0x80 || matches!(byte, b'_' | b':'))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        if !self.raw.is_empty() {
            end = self.raw_end();
            let raw = core::mem::take(&mut self.raw);
            if end > self.at {
                let text = self.cut(self.at, end, 0);
                return Some(if position(RAW, raw, false) < 2 { Token::Text(text) } else { Token::Cdata(text) });
            }
        }
        let mut next;
        loop {
            end = find(bytes, end, b'<');
            next = peek(bytes, end + 1);
            if end == bytes.len()
                || matches!(next, b'!' | b'?')
                || self.begins_name(next)
                || next == b'/' && end + 2 < bytes.len()
            {
                break;
            }
            end += 1;
        }
        if end > self.at {
            return Some(Token::Text(self.cut(self.at, end, 0)));
        }
        if end == bytes.len() {
            return None;
        }
        let close = next == b'/';
        let from = end + 1 + usize::from(close);
        if !self.begins_name(peek(bytes, from)) {
            return Some(self.comment());
        }
        let tag = self.tag(from)?;
        // Most names are shorter than these.
        if tag.name.len() > 2 {
            if position("svg math", tag.name, false) != NOWHERE {
                self.foreign = !close && !tag.self_closing;
            } else if !close && !self.xml && !self.foreign && position(RAW, tag.name, false) != NOWHERE {
                self.raw = tag.name;
            }
        }
        Some(if close { Token::Close(tag.name) } else { Token::Open(tag) })
    }
}

/// The attributes of the tag whose name ends at `at`.
pub(crate) fn attrs(text: &str, at: usize) -> Attrs<'_> {
    Attrs { text, at, slash: false }
}

/// Which word of a text, counted from 0, is `word`, in any letter case if not `exact`; [`NOWHERE`] for none.
#[inline(never)]
pub(crate) fn position(text: &str, word: &str, exact: bool) -> usize {
    let bytes = text.as_bytes();
    let mut count = 0;
    let mut at = skip(bytes, 0, SPACE);
    while at < bytes.len() {
        let end = until(bytes, at, SPACE);
        let other = slice(text, at, end);
        if other.eq_ignore_ascii_case(word) && (!exact || other == word) {
            return count;
        }
        count += 1;
        at = skip(bytes, end, SPACE);
    }
    NOWHERE
}

/// The [`position`] of a word that a text does not have.
pub(crate) const NOWHERE: usize = usize::MAX;

/// Counts a look at a byte, so that a test can say that a text is read in linear time.
#[inline]
fn step() {
    #[cfg(test)]
    tests::STEPS.set(tests::STEPS.get() + 1);
}

/// White space as HTML means it: tab, line feed, form feed, carriage return, space.
pub const SPACE: u8 = 1;
/// ASCII digits.
pub const DIGIT: u8 = 2;
/// ASCII letters.
pub const LETTER: u8 = 4;
/// What else a name may hold: `-`, `_` and all that is not ASCII.
pub const WORD: u8 = 8;
/// `/`.
pub const SLASH: u8 = 16;
/// `?` and `#`.
pub const MARK: u8 = 32;
/// `>`.
pub const END: u8 = 64;
/// `=`.
pub const EQUALS: u8 = 128;

/// In which of these sets a byte is.
static SETS: [u8; 256] = {
    let mut sets = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        sets[byte] = match byte as u8 {
            b'\t' | b'\n' | 0xc | b'\r' | b' ' => SPACE,
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'-' | b'_' | 0x80.. => WORD,
            b'/' => SLASH,
            b'?' | b'#' => MARK,
            b'>' => END,
            b'=' => EQUALS,
            _ => 0,
        };
        byte += 1;
    }
    sets
};

/// White space as HTML means it: tab, line feed, form feed, carriage return, space.
pub fn is_space(byte: u8) -> bool {
    SETS[byte as usize] == SPACE
}

/// Where the bytes of some sets end that begin at `at`.
#[inline(never)]
pub fn skip(bytes: &[u8], mut at: usize, sets: u8) -> usize {
    while at < bytes.len() && SETS[bytes[at] as usize] & sets != 0 {
        step();
        at += 1;
    }
    at
}

/// Where a byte of some sets stands next, from `at` on; the length where none does.
#[inline(never)]
pub fn until(bytes: &[u8], mut at: usize, sets: u8) -> usize {
    while at < bytes.len() && SETS[bytes[at] as usize] & sets == 0 {
        step();
        at += 1;
    }
    at
}

/// The byte at a place; the end of a text reads as `>`, which ends every tag.
#[inline(never)]
pub fn peek(bytes: &[u8], at: usize) -> u8 {
    step();
    bytes.get(at).copied().unwrap_or(b'>')
}

/// Whether some bytes stand at a place.
#[inline(never)]
pub fn begins(bytes: &[u8], at: usize, what: &[u8]) -> bool {
    step();
    bytes.get(at..).is_some_and(|rest| rest.starts_with(what))
}

/// One in each of eight bytes.
pub(crate) const ONES: u64 = 0x0101_0101_0101_0101;
/// The top bit of each of eight bytes.
pub(crate) const TOPS: u64 = ONES << 7;

/// Eight bytes at a time, from `at` on, each to be made a [`word`].
pub(crate) fn eights(bytes: &[u8], at: usize) -> ChunksExact<'_, u8> {
    bytes.get(at..).unwrap_or_default().chunks_exact(8)
}

/// Eight bytes as a number, the first the lowest.
pub(crate) fn word(eight: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(eight);
    u64::from_le_bytes(word)
}

/// The top bit of each byte of a word that is nothing. Above such a byte there may be others.
pub(crate) fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word
}

/// Where a byte stands next, from `at` on; the length where it does not.
pub fn find(bytes: &[u8], at: usize, byte: u8) -> usize {
    either(bytes, at, byte, byte)
}

/// Where one of two bytes stands next, from `at` on; the length where none does. Eight bytes at a time, since most of
/// any document is plain text.
#[inline(never)]
pub fn either(bytes: &[u8], mut at: usize, one: u8, other: u8) -> usize {
    let (ones, others) = (ONES * u64::from(one), ONES * u64::from(other));
    for eight in eights(bytes, at) {
        step();
        let word = word(eight);
        let hit = (zeros(word ^ ones) | zeros(word ^ others)) & TOPS;
        if hit != 0 {
            return at + (hit.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < bytes.len() && bytes[at] != one && bytes[at] != other {
        step();
        at += 1;
    }
    at.min(bytes.len())
}

/// Where some bytes stand next, from `at` on; the length where they do not.
#[inline(never)]
pub fn find_all(bytes: &[u8], mut at: usize, what: &[u8]) -> usize {
    while at < bytes.len() && !begins(bytes, at, what) {
        at += 1;
    }
    at.min(bytes.len())
}

/// A part of a text; empty where it would cut a character.
#[inline(never)]
pub fn slice(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or("")
}

/// A text before and after the first of an ASCII byte; all of it and nothing where there is none.
#[inline(never)]
pub fn cut(text: &str, byte: u8) -> (&str, &str) {
    let at = text.bytes().position(|other| other == byte).unwrap_or(text.len());
    (slice(text, 0, at), slice(text, at + 1, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::text;
    use crate::{clean, select, tree};
    use alloc::string::String;
    use alloc::vec::Vec;
    use core::cell::Cell;

    std::thread_local! {
        /// Looks at bytes in this test so far.
        pub(super) static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    /// One line a token: what it is, then what it holds.
    fn list(tokens: Tokens<'_>) -> String {
        let mut lines = Vec::new();
        for token in tokens {
            lines.push(match token {
                Token::Open(tag) => {
                    let mut line = alloc::format!("<{}", tag.name);
                    for (name, value) in tag.attrs {
                        line.extend([" ", name, "=", value]);
                    }
                    line + if tag.self_closing { "/>" } else { ">" }
                }
                Token::Close(name) => alloc::format!("</{name}>"),
                Token::Text(text) => alloc::format!("'{text}'"),
                Token::Comment(text) => alloc::format!("!{text}!"),
                Token::Cdata(text) => alloc::format!("[{text}]"),
            });
        }
        lines.join(" ")
    }

    #[test]
    fn a_text_is_cut_at_the_first_of_a_byte() {
        for (text, before, after) in
            [("", "", ""), ("ä", "ä", ""), ("ä\n", "ä", ""), ("\nö", "", "ö"), ("ä\nö\nü", "ä", "ö\nü")]
        {
            assert_eq!(cut(text, b'\n'), (before, after), "{text:?}");
        }
    }

    #[test]
    fn html_is_cut_as_a_browser_cuts_it() {
        for (text, tokens) in [
            ("", ""),
            ("a < b <3 <> c<", "'a < b <3 <> c<'"),
            ("<p>a</p>b", "<p> 'a' </p> 'b'"),
            ("<P\tCLASS = a  b\n>x", "<P CLASS=a b=> 'x'"),
            ("<a href='x>y' title=\"'\">", "<a href=x>y title='>"),
            ("<a href=x/y/>z", "<a href=x/y/> 'z'"),
            ("<br/><br /><br / ><br a/>", "<br/> <br/> <br> <br a=/>"),
            ("<a =x =y=z>", "<a =x=y=z>"),
            ("<a/b/c=d>", "<a b= c=d>"),
            ("<a b='1'c='2'>", "<a b=1 c=2>"),
            ("<a b=<c>d", "<a b=<c> 'd'"),
            ("<a b=\"c\"\"d\">", "<a b=c \"d\"=>"),
            ("<a b= >c", "<a b=> 'c'"),
            ("<a\u{a0}b>", "<a\u{a0}b>"),
            ("<img\0src=x>", "<img\0src=x>"),
            ("<é>", "'<é>'"),
            ("<aé ü=ö>", "<aé ü=ö>"),
            ("</p a=b>x</ p></>", "</p> 'x' ! p! !!"),
            ("x</", "'x</'"),
            ("x<p", "'x'"),
            ("x<p a='", "'x'"),
            ("x<p a='>y", "'x'"),
            ("x</p", "'x'"),
            ("<!-->a", "!! 'a'"),
            ("<!--->a", "!! 'a'"),
            ("<!---->a", "!! 'a'"),
            ("<!--a-->b", "!a! 'b'"),
            ("<!--a--!>b", "!a! 'b'"),
            ("<!--a- - ->-->b", "!a- - ->! 'b'"),
            ("<!--a--b--->c", "!a--b-! 'c'"),
            ("<!--a", "!a!"),
            ("<!--a--", "!a!"),
            ("<!-- <!-- --> b -->", "! <!-- ! ' b -->'"),
            ("<!doctype html><!x>y<?php a?>z", "!doctype html! !x! 'y' !php a?! 'z'"),
            ("<![CDATA[a>b]]>", "![CDATA[a! 'b]]>'"),
            ("<script>a<b</script >c", "<script> [a<b] </script> 'c'"),
            ("<SCRIPT>a</sCRIPT/x>b", "<SCRIPT> [a] </sCRIPT> 'b'"),
            ("<script>a</scripty></script>", "<script> [a</scripty>] </script>"),
            ("<script/>a", "<script/> [a]"),
            ("<script><!--<script></script>a--></script>b", "<script> [<!--<script></script>a-->] </script> 'b'"),
            ("<script><!--</script>b", "<script> [<!--] </script> 'b'"),
            ("<script><!--><script></script>b", "<script> [<!--><script>] </script> 'b'"),
            ("<style><b></style>a", "<style> [<b>] </style> 'a'"),
            ("<title>&amp;<b></title>", "<title> '&amp;<b>' </title>"),
            ("<textarea><!--</textarea>a", "<textarea> '<!--' </textarea> 'a'"),
            ("<plaintext>a</plaintext>", "<plaintext> [a</plaintext>]"),
            ("<xmp></xmp><noscript><p></noscript>", "<xmp> </xmp> <noscript> [<p>] </noscript>"),
            (
                "<svg><title/>a<style><b></style></svg><title>b<i>",
                "<svg> <title/> 'a' <style> <b> </style> </svg> <title> 'b<i>'",
            ),
            ("<svg/><style><b>", "<svg/> <style> [<b>]"),
        ] {
            assert_eq!(list(html(text)), tokens, "{text}");
        }
    }

    #[test]
    fn xml_has_sections_instructions_and_no_raw_text() {
        for (text, tokens) in [
            ("<?xml version='1.0'?><a:b xmlns:a='c'/>", "!xml version='1.0'! <a:b xmlns:a=c/>"),
            ("<title><b>x</b></title>", "<title> <b> 'x' </b> </title>"),
            ("<a><![CDATA[<p>&amp;]]]]><![CDATA[>]]></a>", "<a> [<p>&amp;]]] [>] </a>"),
            ("<a><![CDATA[x", "<a> [x]"),
            ("<!DOCTYPE a [<!ENTITY b 'c>'>]><a>&b;</a>", "!DOCTYPE a [<!ENTITY b 'c>'>! <a> '&b;' </a>"),
            ("<!DOCTYPE a><a x=']>'>", "!DOCTYPE a! <a x=]>>"),
            ("<!-- a --!> b -->c", "! a --!> b ! 'c'"),
            ("<_a/><é/>", "<_a/> <é/>"),
            ("<?a>b?>c", "!a>b! 'c'"),
        ] {
            assert_eq!(list(xml(text)), tokens, "{text}");
        }
    }

    #[test]
    fn the_first_of_two_attributes_counts() {
        let Some(Token::Open(tag)) = html("<A HREF=1 href=2 title>").next() else { panic!("a tag") };
        assert!(tag.is("a"));
        assert_eq!(
            (tag.attrs.value("href"), tag.attrs.value("title"), tag.attrs.value("id")),
            (Some("1"), Some(""), None)
        );
    }

    #[test]
    fn four_times_the_text_takes_four_times_the_steps() {
        let rules = clean::Rules { base: "https://paper.example/", page: "https://paper.example/", embeds: "" };
        let steps = |text: &str| {
            let before = STEPS.get();
            let mut tree = tree::Tree::new();
            assert!(html(text).count() + xml(text).count() <= 2 * text.len());
            clean::clean(text, &rules, &mut tree);
            let _ = text::plain(text);
            let _ = select::inner(text, "a b > c, [d~=e]");
            STEPS.get() - before
        };
        for (start, part, end) in [
            ("", "a", ""),
            ("", "é ", ""),
            ("", " ", ""),
            ("", "<", ""),
            ("", "</", ""),
            ("", "<!", ""),
            ("", "<?", ""),
            ("", "<!-", ""),
            ("", "<!--", ""),
            ("", "<!---->", ""),
            ("<!--", "-", ""),
            ("<!--", "--!", ""),
            ("", "<![CDATA[", ""),
            ("<![CDATA[", "]", ""),
            ("", "<!x>", ""),
            ("", "<!x[", ""),
            ("", "<!x[>", ""),
            ("", "<a", ""),
            ("", "<a ", ""),
            ("", "<a b=", ""),
            ("", "<a b='", ""),
            ("<a ", "b ", ">"),
            ("<a ", "b=c ", ">"),
            ("<a ", "/", ">"),
            ("<img src=a ", "title=b ", ">"),
            ("<img srcset='", "a,", "'>"),
            ("<a href='", "&amp", "'>b</a>"),
            ("", "&", ""),
            ("", "&#", ""),
            ("", "&a", ""),
            ("", "&lt", ""),
            ("", "<p>a", ""),
            ("", "<b>a", ""),
            ("", "<b>a</i>", ""),
            ("", "<b><p>a", ""),
            ("", "<a href=/><p>a", ""),
            ("", "<div>", ""),
            ("", "<div></p>", ""),
            ("", "<x>", ""),
            ("", "</x>", ""),
            ("", "<x></y>", ""),
            ("", "<ul><li>", ""),
            ("", "<table>", ""),
            ("", "<table><td>a", ""),
            ("", "<td>a", ""),
            ("", "<br>", ""),
            ("a", "<br>", ""),
            ("<pre>", "\n", ""),
            ("", "<svg>", ""),
            ("<svg>", "<g/>", ""),
            ("", "<video>", ""),
            ("", "<script>", ""),
            ("<script>", "<", ""),
            ("<script>", "</", ""),
            ("<script><!--", "<script", ""),
            ("<script><!--", "<script></script>", ""),
            ("<title>", "</titl", ""),
            ("", "<title></title>", ""),
            ("<ruby>", "<rt>", ""),
        ] {
            let of = |length: usize| steps(&(String::from(start) + &part.repeat(length / part.len()) + end));
            // Long enough that what does not grow does not count.
            let (once, more) = (of(1_500), of(6_000));
            assert!(more <= 5 * once, "{start}({part})*{end}: {once} steps, then {more}");
            assert!(once <= 1_500 * 700, "{start}({part})*{end}: {once} steps");
        }
    }
}

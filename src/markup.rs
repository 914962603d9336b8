//! Markup as a stream of tokens that borrow from it: HTML as a browser cuts it, and XML.
//!
//! HTML follows the tokenization of the WHATWG standard (section 13.2.5), so that what a browser
//! would take for a tag is a tag here and nothing else is; that it is safe is left to [`crate::clean`].
//! XML knows no entities of its own, so none can expand. References are left to [`crate::read::text`].
//! Every byte is looked at a bounded number of times.

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
const RAW: [&str; 10] =
    ["title", "textarea", "script", "style", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"];

impl Tag<'_> {
    /// Whether this is its name, in any letter case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl<'a> Attrs<'a> {
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
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'>');
        self.slash = false;
        while is_space(byte(self.at)) || byte(self.at) == b'/' {
            self.slash = byte(self.at) == b'/';
            self.at += 1;
        }
        let from = self.at;
        if byte(from) == b'>' {
            return None;
        }
        // A name may begin with `=`.
        self.at += 1;
        while !is_space(byte(self.at)) && !matches!(byte(self.at), b'/' | b'>' | b'=') {
            self.at += 1;
        }
        let name = slice(self.text, from, self.at);
        let mut next = self.at;
        while is_space(byte(next)) {
            next += 1;
        }
        if byte(next) != b'=' {
            return Some((name, ""));
        }
        self.at = next + 1;
        while is_space(byte(self.at)) {
            self.at += 1;
        }
        let quote = byte(self.at);
        let from;
        let value = if matches!(quote, b'"' | b'\'') {
            from = self.at + 1;
            self.at = find(bytes, from, quote);
            let to = self.at;
            self.at += 1;
            to
        } else {
            from = self.at;
            while !is_space(byte(self.at)) && byte(self.at) != b'>' {
                self.at += 1;
            }
            self.at
        };
        Some((name, slice(self.text, from, value)))
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
        let mut at = from;
        while bytes.get(at).is_some_and(|&byte| !is_space(byte) && byte != b'/' && byte != b'>') {
            at += 1;
        }
        let name = slice(self.text, from, at);
        let attrs = Attrs { text: self.text, at, slash: false };
        let mut rest = attrs.clone();
        while rest.next().is_some() {}
        self.at = (rest.at + 1).min(bytes.len());
        (rest.at < bytes.len()).then_some(Tag { name, attrs, self_closing: rest.slash })
    }

    /// A comment or what a browser takes for one; `self.at` is its `<`.
    fn comment(&mut self) -> Token<'a> {
        let bytes = self.text.as_bytes();
        let from = self.at + 2;
        let rest = &bytes[self.at..];
        if rest.starts_with(b"<!--") {
            let from = from + 2;
            if !self.xml {
                for (short, length) in [(&b"<!-->"[..], 5), (b"<!--->", 6)] {
                    if rest.starts_with(short) {
                        return Token::Comment(self.cut(from, from, length - 4));
                    }
                }
            }
            let mut at = from;
            loop {
                at = find(bytes, at, b'-');
                let rest = &bytes[at.min(bytes.len())..];
                let skip = if rest.starts_with(b"-->") || rest.is_empty() {
                    3
                } else if rest.starts_with(b"--!>") && !self.xml {
                    4
                } else {
                    at += 1;
                    continue;
                };
                return Token::Comment(self.cut(from, at, skip));
            }
        }
        let (closer, skip): (&[u8], usize) = if !self.xml {
            (b">", 1)
        } else if rest.starts_with(b"<![CDATA[") {
            let to = find_all(bytes, self.at + 9, b"]]>");
            return Token::Cdata(self.cut(self.at + 9, to, 3));
        } else if rest.starts_with(b"<?") {
            (b"?>", 2)
        } else {
            // A doctype may hold declarations, in brackets.
            let gt = find(bytes, from, b'>');
            if find(&bytes[..gt], from, b'[') < gt { (b"]>", 2) } else { (b">", 1) }
        };
        let to = find_all(bytes, from, closer);
        Token::Comment(self.cut(from, to, skip))
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
        while let Some(&byte) = bytes.get(at) {
            let rest = &bytes[at..];
            if byte == b'<' && rest.get(1) == Some(&b'/') && names(&rest[2..], self.raw) {
                if hidden < 2 {
                    return at;
                }
                hidden = 1;
            } else if script && byte == b'<' {
                if hidden == 0 && rest.starts_with(b"<!--") {
                    hidden = 1;
                    at += 1;
                } else if hidden == 1 && names(&rest[1..], self.raw) {
                    hidden = 2;
                }
            } else if byte == b'-' && rest.starts_with(b"-->") {
                hidden = 0;
            }
            at += 1;
        }
        at
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        if !self.raw.is_empty() {
            let end = self.raw_end();
            let raw = core::mem::take(&mut self.raw);
            if end > self.at {
                let text = self.cut(self.at, end, 0);
                let verbatim = !RAW[..2].iter().any(|name| raw.eq_ignore_ascii_case(name));
                return Some(if verbatim { Token::Cdata(text) } else { Token::Text(text) });
            }
        }
        let from = self.at;
        loop {
            let lt = find(bytes, self.at, b'<');
            let next = bytes.get(lt + 1).copied().unwrap_or(0);
            let after = bytes.get(lt + 2).copied().unwrap_or(0);
            let markup = match next {
                b'!' | b'?' => true,
                b'/' => lt + 2 < bytes.len(),
                _ => self.begins_name(next),
            };
            if !markup && lt < bytes.len() {
                self.at = lt + 1;
                continue;
            }
            if lt > from {
                return Some(Token::Text(self.cut(from, lt, 0)));
            }
            if lt >= bytes.len() {
                return None;
            }
            self.at = lt;
            return Some(match next {
                b'/' if self.begins_name(after) => {
                    let name = self.tag(lt + 2)?.name;
                    if is_foreign(name) {
                        self.foreign = false;
                    }
                    Token::Close(name)
                }
                b'/' | b'!' | b'?' => self.comment(),
                _ => {
                    let tag = self.tag(lt + 1)?;
                    if is_foreign(tag.name) {
                        self.foreign = !tag.self_closing;
                    } else if !self.xml && !self.foreign && RAW.iter().any(|name| tag.is(name)) {
                        self.raw = tag.name;
                    }
                    Token::Open(tag)
                }
            });
        }
    }
}

impl Tokens<'_> {
    fn begins_name(&self, byte: u8) -> bool {
        byte.is_ascii_alphabetic() || self.xml && (byte >= 0x80 || matches!(byte, b'_' | b':'))
    }
}

/// Within these, markup is cut as in XML, nearly.
pub(crate) fn is_foreign(name: &str) -> bool {
    name.eq_ignore_ascii_case("svg") || name.eq_ignore_ascii_case("math")
}

/// Whether a tag's name stands at the beginning of `bytes`, in any letter case.
fn names(bytes: &[u8], name: &str) -> bool {
    bytes.len() > name.len()
        && bytes[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        && (is_space(bytes[name.len()]) || matches!(bytes[name.len()], b'/' | b'>'))
}

/// White space as HTML means it: tab, line feed, form feed, carriage return, space.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0xc)
}

/// Where a byte stands next, from `at` on; the length where it does not.
#[inline(never)]
pub fn find(bytes: &[u8], mut at: usize, byte: u8) -> usize {
    while at < bytes.len() && bytes[at] != byte {
        at += 1;
    }
    at.min(bytes.len())
}

/// Where some bytes stand next, from `at` on; the length where they do not.
#[inline(never)]
pub fn find_all(bytes: &[u8], mut at: usize, what: &[u8]) -> usize {
    while at < bytes.len() && !bytes[at..].starts_with(what) {
        at += 1;
    }
    at.min(bytes.len())
}

/// A part of a text; empty where it would cut a character.
#[inline(never)]
pub fn slice(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;

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
            ("<!--a--", "!a--!"),
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
}

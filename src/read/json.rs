//! JSON as publishers write it, read in one pass (RFC 8259, and what a strict parser refuses).
//!
//! A valid document is read exactly as a strict parser reads it. Beyond that: raw control
//! characters, single quotes, quotes that should be escaped, comments, CDATA and comment wrappers,
//! stray and missing commas, colons and closers, bare words, several roots. What the fields mean is
//! left to the rules.

use super::doc::{Doc, Kind, Name, Span};
use crate::markup::either;

/// Deeper than this many levels is refused.
pub(crate) const DEPTH: usize = 64;

/// How far to look for the name that follows a doubtful quote; what is longer gets the benefit.
const AHEAD: usize = 64;

/// Where and why a document could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// A byte of the source.
    pub(crate) at: usize,
    /// Ends the sentence "The document …".
    pub(crate) what: &'static str,
}

struct Reader<'d, 'a> {
    doc: &'d mut Doc<'a>,
    bytes: &'a [u8],
    at: usize,
    /// How many were open before.
    base: usize,
    /// Whether the innermost open one is an object.
    object: bool,
    /// Whether nothing can be cut off at the end.
    whole: bool,
}

/// Reads the JSON in `source[from..to]` into `doc`, a root after the other.
///
/// `whole` says that nothing can be cut off at the end (a script block whose end tag was seen):
/// only then missing closers and what follows the root are forgiven. Linear in the length.
pub(crate) fn read(doc: &mut Doc, from: usize, to: usize, whole: bool) -> Result<(), Fault> {
    let base = doc.depth();
    let bytes = doc.source.as_bytes().get(..to).unwrap_or_default();
    let mut reader = Reader { doc, bytes, at: from, base, object: false, whole };
    let result = reader.roots();
    let at = reader.at.min(to);
    doc.close_to(base);
    result.map_err(|what| Fault { at, what })
}

impl Reader<'_, '_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline(never)]
    fn follows(&self, text: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    fn roots(&mut self) -> Result<(), &'static str> {
        // A name whose value has not come yet, and where the last root is.
        let mut name: Option<Name> = None;
        let mut root: Option<usize> = None;
        loop {
            self.skip()?;
            let depth = self.doc.depth() - self.base;
            let start = self.at;
            let Some(&byte) = self.bytes.get(start) else {
                return match root {
                    None => Err("is empty: publish the article there"),
                    Some(_) if depth == 0 || self.whole => Ok(()),
                    _ => Err("ends before it is complete: it was cut off on the way, or never closed"),
                };
            };
            self.at += 1;
            let mut kind = Kind::Text;
            let span = match byte {
                b'{' | b'[' => {
                    if depth == DEPTH {
                        self.at = start;
                        return Err("is nested more than 64 levels deep: flatten it");
                    }
                    if depth == 0 {
                        root = Some(self.doc.len());
                    }
                    self.object = byte == b'{';
                    self.doc.open(if self.object { Kind::Object } else { Kind::Array }, name.take().unwrap_or(0));
                    continue;
                }
                b'}' | b']' | b',' | b';' => {
                    if let Some(name) = name.take() {
                        self.doc.push(Kind::Null, name, Span::default());
                    }
                    if byte >= b']' {
                        self.closer(byte)?;
                    }
                    continue;
                }
                b':' => continue,
                b'"' | b'\'' => self.string(byte, depth > 0 && self.object && name.is_none(), depth)?,
                _ => {
                    kind = Kind::Bare;
                    self.bare(start)
                }
            };
            if depth > 0 && self.object && name.is_none() {
                name = Some(self.doc.key(span));
                continue;
            }
            let text = self.doc.slice(span);
            let null = kind == Kind::Bare && matches!(text, "null" | "undefined" | "NaN");
            let (kind, span) = if null { (Kind::Null, Span::default()) } else { (kind, span) };
            if depth > 0 {
                self.doc.push(kind, name.take().unwrap_or(0), span);
            } else if root.is_none() && (kind != Kind::Bare || is_scalar(text)) {
                root = Some(self.doc.len());
                self.doc.push(kind, 0, span);
            } else if let Some(at) = root
                && kind == Kind::Text
                && self.doc.node(at).kind == Kind::Object
                && self.byte(self.space(self.at)) == b':'
            {
                // A member after the root's brace: the brace came too early.
                name = Some(self.doc.key(span));
                self.doc.reopen(at);
                self.object = true;
            } else if root.is_none() || !self.whole {
                self.at = start;
                return Err("has text where an object or an array should be: publish JSON alone");
            }
        }
    }

    /// White space, comments and wrappers. An open comment at the end is a cut.
    fn skip(&mut self) -> Result<(), &'static str> {
        const WRAPPERS: [&[u8]; 6] = [
            b"\xEF\xBB\xBF",
            b"<![CDATA[",
            b"<!--",
            b"-->",
            // A wrapper's beginning often hides behind a comment's: what it wraps is no comment.
            b"//<![CDATA[",
            b"//<!--",
        ];
        loop {
            self.at = self.space(self.at);
            let byte = self.byte(self.at);
            if !matches!(byte, b'/' | b'<' | b'-' | b']' | 0xEF) {
                return Ok(());
            }
            let mut passed = WRAPPERS.iter().find(|wrapper| self.follows(wrapper)).map_or(0, |wrapper| wrapper.len());
            // Outside an array, or it ends two of them.
            let array = self.doc.depth() > self.base && self.doc.innermost() == Kind::Array;
            if !array && self.follows(b"]]>") {
                passed = 3;
            }
            if passed == 0 {
                let close: &[u8] = if self.follows(b"//") {
                    b"\n"
                } else if self.follows(b"/*") {
                    b"*/"
                } else {
                    return Ok(());
                };
                self.at += 2;
                while self.at < self.bytes.len() && !self.follows(close) {
                    self.at += 1;
                }
                if self.at == self.bytes.len() && close.len() == 2 && !self.whole {
                    return Err("ends inside a comment: it was cut off on the way");
                }
                passed = close.len();
            }
            self.at += passed;
        }
    }

    fn closer(&mut self, byte: u8) -> Result<(), &'static str> {
        let wanted = if byte == b'}' { Kind::Object } else { Kind::Array };
        // A closer of nothing that is open is one too many.
        if self.doc.opened(self.base, wanted) {
            while self.doc.innermost() != wanted {
                if !self.whole {
                    self.at -= 1;
                    return Err("closes an object or an array inside which another is still open: close that first");
                }
                self.doc.close();
            }
            self.doc.close();
            self.object = self.doc.innermost() == Kind::Object;
        }
        Ok(())
    }

    #[inline(never)]
    fn space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t'..=b'\r') {
            at += 1;
        }
        at
    }

    /// Reads a string from behind its quote on; `key` where a name is due.
    fn string(&mut self, quote: u8, key: bool, depth: usize) -> Result<Span, &'static str> {
        let start = self.at;
        // Where what was not copied yet begins, once something had to be unescaped.
        let mut kept = start;
        let first = self.doc.own().len();
        let mut own = false;
        loop {
            self.at = either(self.bytes, self.at, quote, b'\\');
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err("ends inside a string: it was cut off on the way, or a quote is missing");
            };
            let end = byte != b'\\' && (key || self.ends(quote, depth));
            if own && end || byte == b'\\' {
                let text = self.doc.source.get(kept..self.at).unwrap_or_default();
                self.doc.own().push_str(text);
            }
            let span = Span { own, start: start as u32, end: self.at as u32 };
            self.at += 1;
            if end {
                let copied = Span { own, start: first as u32, end: self.doc.own().len() as u32 };
                return Ok(if own { copied } else { span });
            }
            if byte == b'\\' {
                own = true;
                self.escape();
                kept = self.at;
            }
        }
    }

    /// Unescapes what follows a backslash.
    fn escape(&mut self) {
        let rest = self.doc.source.get(self.at..self.bytes.len()).unwrap_or_default();
        let Some(mut c) = rest.chars().next() else { return };
        self.at += c.len_utf8();
        if c == 'u' {
            let mut code = self.hex();
            if code & 0xFC00 == 0xD800 && self.follows(b"\\u") {
                let back = self.at;
                self.at += 2;
                let low = self.hex();
                if low & 0xFC00 == 0xDC00 {
                    code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
                } else {
                    self.at = back;
                }
            }
            c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        } else if let Some(at) = b"ntrbf".iter().position(|&letter| c == char::from(letter)) {
            c = char::from(b"\n\t\r\x08\x0c"[at]);
        }
        self.doc.own().push(c);
    }

    /// Up to four hexadecimal digits.
    #[inline(never)]
    fn hex(&mut self) -> u32 {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.byte(self.at)).to_digit(16) else { return 0xFFFD };
            code = code << 4 | digit;
            self.at += 1;
        }
        code
    }

    /// Whether the quote here ends its string, by what follows. In valid JSON it always does.
    fn ends(&self, quote: u8, depth: usize) -> bool {
        let mut at = self.space(self.at + 1);
        let mut byte = self.byte(at);
        let comma = byte == b',';
        if comma {
            at = self.space(at + 1);
            byte = self.byte(at);
        }
        match byte {
            0 => at >= self.bytes.len(),
            b'}' | b']' => true,
            b'/' => comma || matches!(self.byte(at + 1), b'/' | b'*'),
            // Only the name of a member that came after the root's end.
            b':' => depth == 0,
            b'"' | b'\'' if comma => !self.object || self.names(at + 1, byte, true),
            // A comma is missing.
            _ if byte == quote && !comma => at > self.at + 1 && (!self.object || self.names(at + 1, byte, false)),
            b',' | b'{' | b'[' => comma,
            b't' | b'f' | b'n' | b'-' | b'0'..=b'9' if comma && !self.object => true,
            b'a'..=b'z' | b'A'..=b'Z' if comma && self.object => self.names(at, b':', true),
            _ => false,
        }
    }

    /// Whether a name that ends with `quote`, and a colon, begin at `at`; `doubt` where neither can be seen.
    fn names(&self, mut at: usize, quote: u8, doubt: bool) -> bool {
        for _ in 0..AHEAD {
            let byte = self.byte(at);
            if byte == b'\\' {
                return doubt;
            }
            if byte == quote || quote == b':' && matches!(byte, b' ' | b',' | b'"') {
                return self.byte(self.space(at + usize::from(quote != b':'))) == b':';
            }
            at += 1;
        }
        doubt
    }

    /// A number or a word: all up to what ends a value.
    fn bare(&mut self, start: usize) -> Span {
        let mut end = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            if matches!(byte, b',' | b'}' | b']' | b':' | b'\n' | b'{' | b'[' | b'"')
                || self.follows(b"//")
                || self.follows(b"/*")
            {
                break;
            }
            self.at += 1;
            if !matches!(byte, b' ' | b'\t' | b'\r' | b';') {
                end = self.at;
            }
        }
        Span { own: false, start: start as u32, end: end as u32 }
    }
}

/// Whether a bare text is a value of JSON's own.
fn is_scalar(text: &str) -> bool {
    matches!(text, "true" | "false")
        || text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
}

#[cfg(test)]
mod tests {
    use super::super::doc::{AUTHOR, DESCRIPTION, HEADLINE, NAME};
    use super::*;
    use alloc::format;
    use alloc::string::{String, ToString};
    use serde_json::Value;

    /// Numbers that look random and are the same each time.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, below: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % below
        }

        fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
            of[self.roll(of.len())]
        }
    }

    fn parse(text: &str, whole: bool) -> (Doc<'_>, Result<(), Fault>) {
        let mut doc = Doc::new(text);
        doc.open(Kind::Array, 0);
        let result = read(&mut doc, 0, text.len(), whole);
        doc.close();
        (doc, result)
    }

    /// Pieces of strings that a lenient reader may fall for.
    const PIECES: &[&str] = &[
        "",
        " ",
        "a",
        "Zürich",
        "字",
        "\u{1F4F0}",
        "'",
        ",",
        ":",
        "}",
        "]",
        "{",
        "[",
        "//",
        "/*",
        "*/",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        ";",
        "\\\"",
        "\\\"}",
        "\\\",",
        "\\\\",
        "\\/",
        "\\n",
        "\\u00e9",
        "\\ud83d\\ude00",
        "true",
        "1",
        "&quot;",
    ];

    fn write(dice: &mut Dice, depth: usize, out: &mut String) {
        let space = [" ", "", "", "\n", "\t", "\r\n  "];
        out.push_str(dice.pick(&space));
        match dice.roll(if depth > 5 { 4 } else { 8 }) {
            0 => out.push_str(dice.pick(&["true", "false", "null"])),
            1 => out.push_str(dice.pick(&["0", "-1", "12.5e3", "1E-2", "777.7777777777777", "1762513252000"])),
            2 | 3 => string(dice, out),
            4 | 5 => {
                out.push('[');
                for item in 0..dice.roll(5) {
                    if item > 0 {
                        out.push(',');
                    }
                    write(dice, depth + 1, out);
                }
                out.push_str(dice.pick(&space));
                out.push(']');
            }
            _ => {
                out.push('{');
                for member in 0..dice.roll(5) {
                    if member > 0 {
                        out.push(',');
                    }
                    out.push_str(dice.pick(&space));
                    out.extend(["\"", &member.to_string()]);
                    for _ in 0..dice.roll(20) {
                        out.push_str(dice.pick(PIECES));
                    }
                    out.push('"');
                    out.push_str(dice.pick(&space));
                    out.push(':');
                    write(dice, depth + 1, out);
                }
                out.push_str(dice.pick(&space));
                out.push('}');
            }
        }
        out.push_str(dice.pick(&space));
    }

    fn string(dice: &mut Dice, out: &mut String) {
        out.push('"');
        for _ in 0..dice.roll(9) {
            out.push_str(dice.pick(PIECES));
        }
        out.push('"');
    }

    fn same(doc: &Doc, at: usize, value: &Value, text: &str) {
        let node = doc.node(at);
        let mut next = at + 1;
        match value {
            Value::Null => assert_eq!(node.kind, Kind::Null, "{text}"),
            Value::Bool(value) => assert_eq!(doc.text(at), value.to_string(), "{text}"),
            Value::Number(value) => assert_eq!(doc.text(at).parse::<f64>().ok(), value.as_f64(), "{text}"),
            Value::String(value) => assert_eq!((node.kind, doc.text(at)), (Kind::Text, &**value), "{text}"),
            Value::Array(values) => {
                for value in values {
                    same(doc, next, value, text);
                    next = doc.end(next);
                }
                assert_eq!((node.kind, next), (Kind::Array, doc.end(at)), "{text}");
            }
            Value::Object(values) => {
                for (key, value) in values {
                    assert_eq!(doc.node(next).name, doc.name(key), "{text}");
                    same(doc, next, value, text);
                    next = doc.end(next);
                }
                assert_eq!((node.kind, next), (Kind::Object, doc.end(at)), "{text}");
            }
        }
    }

    #[test]
    fn valid_json_is_read_as_a_strict_parser_reads_it() {
        let mut dice = Dice(1);
        for _ in 0..4_000 {
            let mut text = String::new();
            write(&mut dice, 0, &mut text);
            let value: Value = serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{fault}: {text}"));
            for whole in [false, true] {
                let (doc, result) = parse(&text, whole);
                assert_eq!(result, Ok(()), "{text}");
                same(&doc, 2, &value, &text);
                assert_eq!(doc.end(2), doc.len(), "{text}");
            }
        }
    }

    #[test]
    fn any_bytes_end() {
        let mut dice = Dice(2);
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"", "'", "\\", "\\u", "//", "/*", "*/", "\n", " ", "a", "é", "1", "]]>",
            "<!--", "\0",
        ];
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..dice.roll(40) {
                text.push_str(dice.pick(&pieces));
            }
            for whole in [false, true] {
                let (doc, _) = parse(&text, whole);
                assert_eq!(doc.end(1), doc.len(), "{text}");
            }
        }
    }

    /// The values of the first root's headline, description, name and author, as a document with such faults has them.
    #[test]
    fn what_a_strict_parser_refuses_is_read() {
        for (text, headline, description) in [
            ("{\"headline\": \"a\n\tb\", \"description\": \"c\"}", "a\n\tb", "c"),
            ("{'headline': 'It's a', 'description': \"c\"}", "It's a", "c"),
            ("{\"headline\": 'She said \"a\", and left', \"description\": \"c\"}", "She said \"a\", and left", "c"),
            (r#"{"headline": "a "quoted" word", "description": "c"}"#, r#"a "quoted" word"#, "c"),
            (r#"{"headline": "a 'word", x yyy and more", "description": "c"}"#, r#"a 'word", x yyy and more"#, "c"),
            (r#"{"image": "<img width="7" alt="" src="x.jpg" />", "headline": "a", "description": "c"}"#, "a", "c"),
            ("{\"headline\": \"a\", // why \"not\"\n /* here { too */ \"description\": \"c\" //\n}", "a", "c"),
            ("//<![CDATA[\n{\"headline\": \"a\", \"description\": \"c\"}\n//]]>\n", "a", "c"),
            ("<![CDATA[ {\"headline\": \"a\", \"description\": \"c\"} ]]>", "a", "c"),
            ("/*<![CDATA[*/{\"headline\": \"a\", \"description\": \"c\"}/*]]>*/", "a", "c"),
            ("<!-- {\"headline\": \"a\", \"description\": \"c\"} -->", "a", "c"),
            ("{\"headline\": \"a\",, \"description\": \"c\",}, ;", "a", "c"),
            ("{\"headline\": \"a\"\n \"description\": \"c\"}", "a", "c"),
            ("{\"headline\" \"a\", description: c}", "a", "c"),
            ("{\"headline\":, \"headline\": A word, \"description\": c d\n}", "A word", "c d"),
            ("{\"headline\": \"a\"], \"description\": \"c\"}}}", "a", "c"),
            ("{\"headline\": \"a\"},\n// and\n\"description\": \"c\"}", "a", "c"),
            ("{\"headline\": \"a\", \"description\": \"c\"}, {\"headline\": \"b\"}", "a", "c"),
            ("\u{feff}{\"headline\": \"a\\x\\'\", \"description\": \"\\ud800c\\u12\"}", "ax'", "\u{fffd}c\u{fffd}"),
            ("{\"headline\": undefined, \"headline\": \"a\", \"description\": \"c\"};", "a", "c"),
        ] {
            for whole in [false, true] {
                let (doc, result) = parse(text, whole);
                assert_eq!(result, Ok(()), "{text}");
                let said = |name| Some(doc.text(doc.best(2, name, name)));
                assert_eq!((said(HEADLINE), said(DESCRIPTION)), (Some(headline), Some(description)), "{text}");
            }
        }
    }

    #[test]
    fn only_a_whole_script_may_lack_closers() {
        for (text, alone) in [
            ("{\"author\": {\"name\": \"a\"}, \"headline\": \"b\"", "ends before it is complete"),
            ("{\"author\": [{\"name\": \"a\"}, \"headline\": \"b\"}", "closes an object"),
            ("{\"author\": [{\"name\": \"a\", \"headline\": \"b\"} /* ", "ends inside a comment"),
        ] {
            let (_, result) = parse(text, false);
            assert!(result.unwrap_err().what.starts_with(alone), "{text}");
            let (doc, result) = parse(text, true);
            assert_eq!(result, Ok(()), "{text}");
            assert!(doc.best(2, AUTHOR, AUTHOR) > 0 && (0..doc.len()).any(|at| doc.node(at).name == NAME), "{text}");
        }
    }

    #[test]
    fn a_fault_says_where_it_is() {
        let deep = "[".repeat(65);
        for (text, at, what) in [
            ("", 0, "is empty"),
            (" \n", 2, "is empty"),
            ("hello", 0, "has text"),
            ("{} hello", 3, "has text"),
            ("{\"a\": 1} \"b\"", 9, "has text"),
            ("{\"a\": \"b", 8, "ends inside a string"),
            (&deep, 64, "is nested more than 64"),
        ] {
            let fault = parse(text, false).1.unwrap_err();
            assert_eq!(fault.at, at, "{text}");
            assert!(fault.what.starts_with(what), "{text}: {}", fault.what);
        }
        assert_eq!(parse(&format!("{}{}", "[".repeat(64), "]".repeat(64)), false).1, Ok(()));
    }

    #[test]
    fn a_document_cut_anywhere_is_refused() {
        let text = r#"{"@type": "NewsArticle", "a": [1, true, {"b": "c\u00e9\\"}], "d": "e, \"f\"", "g": "}]"}"#;
        for end in 0..text.len() {
            if let Some(cut) = text.get(..end) {
                assert!(parse(cut, false).1.is_err(), "{cut}");
            }
        }
    }
}

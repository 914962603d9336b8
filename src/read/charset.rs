//! Which encoding an answer's bytes are in, by the order of the HTML standard (section 13.2.3.2).
//!
//! Decoding is left to the browser's `TextDecoder`, which knows them all.

use super::rules::stands;
use crate::markup::{DIGIT, LETTER, SPACE, WORD, peek, skip, slice};

/// How far a page is searched for its declaration: browsers look at 1 kB, publishers come later.
const HEAD: usize = 4096;

/// The label of the encoding, for `TextDecoder`: by the byte order mark, then the Content-Type (it may be a label that
/// no decoder knows), then what a page or an XML document declares of itself, else `utf-8`. UTF-16 it cannot be, since
/// its declaration could not have been read.
pub fn charset<'a>(bytes: &'a [u8], content_type: &'a str) -> &'a str {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => return "utf-8",
        [0xFE, 0xFF, ..] => return "utf-16be",
        [0xFF, 0xFE, ..] => return "utf-16le",
        _ => {}
    }
    let (from, to) = label(content_type.as_bytes(), "", "charset");
    if to > from {
        return slice(content_type, from, to);
    }
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    for (tag, name) in [("<?xml", "encoding"), ("<meta", "charset")] {
        let (from, to) = label(head, tag, name);
        if to > from && !stands(head, from, "utf-16") {
            return str::from_utf8(&head[from..to]).unwrap_or_default();
        }
    }
    "utf-8"
}

/// Where the value of `name=value` or `name="value"` is, in the first tag that begins like `tag` and has one.
#[inline(never)]
fn label(bytes: &[u8], tag: &str, name: &str) -> (usize, usize) {
    let mut inside = tag.is_empty();
    for (at, &byte) in bytes.iter().enumerate() {
        inside = inside && byte != b'>' || stands(bytes, at, tag);
        let equals = skip(bytes, at + name.len(), SPACE);
        if inside && stands(bytes, at, name) && peek(bytes, equals) == b'=' {
            let mut start = skip(bytes, equals + 1, SPACE);
            start += usize::from(matches!(peek(bytes, start), b'"' | b'\''));
            return (start, skip(bytes, start, LETTER | DIGIT | WORD));
        }
    }
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::charset;

    #[test]
    fn the_encoding_is_found_in_order() {
        for (bytes, content_type, label) in [
            (&b"\xEF\xBB\xBF<meta charset=latin1>"[..], "text/html; charset=windows-1251", "utf-8"),
            (b"\xFE\xFF\0<", "", "utf-16be"),
            (b"\xFF\xFE<\0", "text/html", "utf-16le"),
            (b"<meta charset=latin1>", "text/html; charset=windows-1251", "windows-1251"),
            (b"", "text/html;Charset = \"Shift_JIS\"; x=y", "Shift_JIS"),
            (b"<html><META http-equiv=content-type content='text/html; charset=euc-kr'>", "text/html", "euc-kr"),
            (b"<script charset=big5></script><meta name=charset-x><meta charset=\"gbk\"/>", "", "gbk"),
            (b"<meta charset=utf-16>", "", "utf-8"),
            (b"<?xml version='1.0' encoding='iso-8859-1'?><rss/>", "application/xml", "iso-8859-1"),
            (b"<meta charset=>", "", "utf-8"),
            (b"<meta charset=nonsense>", "", "nonsense"),
            (b"<meta charset=\xff\xfe>", "", ""),
            (b"{}", "application/ld+json", "utf-8"),
            (b"", "", "utf-8"),
        ] {
            assert_eq!(charset(bytes, content_type), label);
        }
    }
}

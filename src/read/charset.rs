//! Which encoding an answer's bytes are in, by the order of the HTML standard (section 13.2.3.2).
//!
//! Decoding is left to the browser's `TextDecoder`, which knows them all.

/// How far a page is searched for its declaration: browsers look at 1 kB, publishers come later.
const HEAD: usize = 4096;

/// The label of the encoding, for `TextDecoder`: by the byte order mark, then the Content-Type, then what a page or an
/// XML document declares of itself, else `utf-8`. It may be a label that no decoder knows.
pub fn charset<'a>(bytes: &'a [u8], content_type: &'a str) -> &'a str {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => return "utf-8",
        [0xFE, 0xFF, ..] => return "utf-16be",
        [0xFF, 0xFE, ..] => return "utf-16le",
        _ => {}
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let mut label = after(content_type.as_bytes(), "charset");
    if label.is_empty() && head.starts_with(b"<?xml") {
        label = after(until(head, b'>'), "encoding");
    }
    let mut rest = head;
    while label.is_empty() && !rest.is_empty() {
        if begins(rest, "<meta") {
            label = after(until(rest, b'>'), "charset");
        }
        rest = &rest[1..];
    }
    match core::str::from_utf8(label) {
        // A page that can be read so far is not in UTF-16, whatever it says.
        Ok(label) if !label.is_empty() && (!begins(label.as_bytes(), "utf-16") || content_type.contains(label)) => {
            label
        }
        _ => "utf-8",
    }
}

/// The value of `name=value` or `name="value"`.
fn after<'a>(mut bytes: &'a [u8], name: &str) -> &'a [u8] {
    let odd = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b';' | b'>' | b'/' | b'?');
    while !bytes.is_empty() {
        if begins(bytes, name) {
            let value = bytes[name.len()..].trim_ascii_start();
            if let Some(value) = value.strip_prefix(b"=") {
                let start = value.iter().position(odd).unwrap_or(value.len());
                let value = &value[start..];
                return &value[..value.iter().position(|byte| !odd(byte)).unwrap_or(value.len())];
            }
        }
        bytes = &bytes[1..];
    }
    bytes
}

/// Whether bytes begin with a text, in any letter case.
fn begins(bytes: &[u8], text: &str) -> bool {
    bytes.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
}

fn until(bytes: &[u8], end: u8) -> &[u8] {
    &bytes[..crate::markup::find(bytes, 0, end)]
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
            (b"{}", "application/ld+json", "utf-8"),
            (b"", "", "utf-8"),
        ] {
            assert_eq!(charset(bytes, content_type), label);
        }
    }
}

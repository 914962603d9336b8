//! Which encoding an answer's bytes are in, by the order of the HTML standard (section 13.2.3.2).
//!
//! Decoding is left to the browser's `TextDecoder`, which knows them all.

use super::rules::stands;

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
    let declared = label(content_type.as_bytes(), "", "charset");
    if !declared.is_empty() {
        return declared;
    }
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let mut declared = label(head, "<?xml", "encoding");
    if declared.is_empty() {
        declared = label(head, "<meta", "charset");
    }
    // A page that can be read so far is not in UTF-16, whatever it says.
    if declared.is_empty() || declared.starts_with("utf-16") { "utf-8" } else { declared }
}

/// The value of `name=value` or `name="value"`, in the first tag that begins like `tag` and has one.
#[inline(never)]
fn label<'a>(bytes: &'a [u8], tag: &str, name: &str) -> &'a str {
    let mut inside = tag.is_empty();
    let mut at = 0;
    while at < bytes.len() {
        if stands(bytes, at, tag) {
            inside = true;
        } else if bytes[at] == b'>' {
            inside = false;
        }
        if inside && stands(bytes, at, name) {
            let mut end = at + name.len();
            while matches!(bytes.get(end), Some(b' ' | b'=' | b'"' | b'\'')) {
                end += 1;
            }
            let start = end;
            while matches!(bytes.get(end), Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b':')) {
                end += 1;
            }
            if start > at + name.len() && end > start {
                return core::str::from_utf8(&bytes[start..end]).unwrap_or_default();
            }
        }
        at += 1;
    }
    ""
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

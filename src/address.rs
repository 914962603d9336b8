//! Addresses that a document gives: resolved, and only those of schemes that cannot run code.
//!
//! Resolution is RFC 3986's (section 5.2) with what the WHATWG URL standard makes browsers do to odd input
//! beside, so that a scheme or host seen here is the one that the browser sees. Escapes are left to the browser.

use alloc::string::String;

use crate::markup::{LETTER, MARK, SLASH, SPACE, begins, find, peek, skip, slice, until};

/// The longest address that is admitted, in bytes.
pub const LONGEST: usize = 8192;

/// Pictures that hold no markup.
const RASTER: &[&str] = &[
    "data:image/png;",
    "data:image/jpeg;",
    "data:image/jpg;",
    "data:image/gif;",
    "data:image/webp;",
    "data:image/avif;",
];

/// The absolute `http:` or `https:` address that a reference in the document at `base` means, if it means one.
pub fn join(reference: &str, base: &str) -> Option<String> {
    admit(reference, base, &[])
}

/// The same for a link, which may also write a mail or dial.
pub fn link(reference: &str, base: &str) -> Option<String> {
    admit(reference, base, &["mailto:", "tel:"])
}

/// The same for a picture, which may also be within the address, as `data:` of a raster format.
pub fn picture(reference: &str, base: &str) -> Option<String> {
    admit(reference, base, RASTER)
}

/// An absolute address's scheme, host and port; nothing in the place of what it lacks.
pub fn parts(url: &str) -> (&str, &str, &str) {
    let bytes = url.as_bytes();
    let scheme = scheme(bytes);
    if !begins(bytes, scheme, b"://") {
        return ("", "", "");
    }
    let from = scheme + 3;
    let to = until(bytes, from, SLASH | MARK);
    let mut port = to;
    while port > from && bytes[port - 1].is_ascii_digit() {
        port -= 1;
    }
    let host = if bytes[port - 1] == b':' { port - 1 } else { to };
    (slice(url, 0, scheme), slice(url, from, host), slice(url, port.max(host), to))
}

/// Whether an iframe may show an absolute address: one of the host-sources of a Content Security Policy
/// (`host`, `*.host`, with or without `:port`) names its host, and it is `https:` or of the page's own scheme.
#[inline(never)]
pub fn matches(url: &str, sources: &str, page: &str) -> bool {
    let (scheme, host, port) = parts(url);
    let host = host.as_bytes();
    // Escapes and other scripts' letters are refused, since the browser maps them to what another host may be.
    let mut plain = 0;
    while matches!(peek(host, plain), b'-' | b'.') || peek(host, plain).is_ascii_alphanumeric() {
        plain += 1;
    }
    if plain < host.len() || plain == 0 || (scheme != "https" && scheme != parts(page).0) {
        return false;
    }
    let default = if scheme == "https" { "443" } else { "80" };
    let port = if port.is_empty() { default } else { port };
    let bytes = sources.as_bytes();
    let mut from = 0;
    while from < bytes.len() {
        let to = until(bytes, from, SPACE);
        let colon = find(&bytes[..to], from, b':');
        if colon == to || slice(sources, colon + 1, to) == port {
            let name = &bytes[from..colon];
            // Of a wildcard, all but the star ends the host, and is not all of it.
            let star = usize::from(name.len() > 2 && begins(name, 0, b"*."));
            let cut = (host.len() + star).wrapping_sub(name.len());
            if cut < host.len() && (cut > 0) == (star > 0) && host[cut..].eq_ignore_ascii_case(&name[star..]) {
                return true;
            }
        }
        from = to + 1;
    }
    false
}

/// Whether two absolute addresses have one host, whatever their ports.
pub fn is_same_host(one: &str, other: &str) -> bool {
    let bare = |url| {
        let host: &str = parts(url).1;
        host.strip_suffix('.').unwrap_or(host)
    };
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// How long the scheme is that an address begins with; 0 where it begins with none.
#[inline(never)]
fn scheme(bytes: &[u8]) -> usize {
    let mut at = skip(bytes, 0, LETTER);
    if at > 0 {
        while matches!(peek(bytes, at), b'+' | b'-' | b'.') || peek(bytes, at).is_ascii_alphanumeric() {
            at += 1;
        }
    }
    if peek(bytes, at) == b':' { at } else { 0 }
}

/// A reference as a browser reads it: trimmed, without tabs and line ends, `\` as `/`; spaces escaped.
fn tidy(reference: &str) -> String {
    let bytes = reference.as_bytes();
    let (mut from, mut to) = (0, bytes.len());
    while from < to && bytes[from] <= b' ' {
        from += 1;
    }
    while from < to && bytes[to - 1] <= b' ' {
        to -= 1;
    }
    let reference = slice(reference, from, to);
    if !reference.bytes().any(|byte| byte <= b' ' || byte == b'\\') {
        return reference.into();
    }
    let mut out = String::new();
    let mut path = true;
    for c in reference.chars() {
        path &= !matches!(c, '?' | '#');
        match c {
            '\t' | '\n' | '\r' => {}
            ' ' => out.push_str("%20"),
            '\\' if path => out.push('/'),
            _ => out.push(c),
        }
    }
    out
}

#[inline(never)]
fn admit(reference: &str, base: &str, others: &[&str]) -> Option<String> {
    if reference.len() > LONGEST {
        return None;
    }
    let reference = tidy(reference);
    let bytes = reference.as_bytes();
    let from = base.as_bytes();
    let mut scheme_text = slice(base, 0, scheme(from));
    let mut at = scheme(bytes);
    let mut absolute = false;
    if at > 0 {
        let own = slice(&reference, 0, at);
        at += 1;
        // `https:story` is relative where the base has the same scheme.
        absolute = !own.eq_ignore_ascii_case(scheme_text);
        scheme_text = own;
    }
    if !scheme_text.eq_ignore_ascii_case("http") && !scheme_text.eq_ignore_ascii_case("https") {
        let known = |other: &&str| slice(&reference, 0, other.len()).eq_ignore_ascii_case(other);
        let known = absolute && others.iter().any(known);
        return known.then_some(reference);
    }
    absolute |= begins(bytes, at, b"//");
    // The host with its port, then what is kept of the base's path.
    let (mut host, mut kept) = ("", "");
    if absolute {
        let start = skip(bytes, at, SLASH);
        at = until(bytes, start, SLASH | MARK);
        // Whoever an address says the reader is, is not the document's to say.
        let mut user = at;
        while user > start && bytes[user - 1] != b'@' {
            user -= 1;
        }
        host = slice(&reference, user, at);
    } else if begins(from, scheme_text.len(), b"://") {
        let start = scheme_text.len() + 3;
        let path = until(from, start, SLASH | MARK);
        host = slice(base, start, path);
        // The base's query stays under a bare fragment only, its path where the reference brings none.
        let fragment = find(from, path, b'#');
        let query = find(&from[..fragment], path, b'?');
        let mut end = query;
        if at == bytes.len() || bytes[at] == b'#' {
            end = fragment;
        } else if bytes[at] == b'/' {
            end = path;
        } else if bytes[at] != b'?' {
            while end > path && from[end - 1] != b'/' {
                end -= 1;
            }
        }
        kept = slice(base, path, end);
    }
    let may =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'[' | b']' | 0x80..);
    if matches!(peek(host.as_bytes(), 0), b'>' | b':') || !host.as_bytes().iter().all(may) {
        return None;
    }
    let mut out = String::with_capacity(reference.len() + host.len() + kept.len() + 16);
    out.push_str(scheme_text);
    out.push_str("://");
    out.push_str(host);
    out.make_ascii_lowercase();
    let root = out.len() + 1;
    out.push('/');
    path(kept, root, &mut out);
    path(slice(&reference, at, bytes.len()), root, &mut out);
    (out.len() <= LONGEST).then_some(out)
}

/// Appends a path, its query and fragment to an address that ends with `/`; `.` and `..` are carried out, down to
/// the length `root`.
#[inline(never)]
fn path(path: &str, root: usize, out: &mut String) {
    let bytes = path.as_bytes();
    let mut from = usize::from(begins(bytes, 0, b"/"));
    loop {
        let to = until(bytes, from, SLASH | MARK);
        let segment = slice(path, from, to);
        let last = !begins(bytes, to, b"/");
        if segment == ".." {
            let mut end = out.len().max(root + 1) - 1;
            while end > root && out.as_bytes()[end - 1] != b'/' {
                end -= 1;
            }
            out.truncate(end);
        } else if segment != "." {
            out.push_str(segment);
            if !last {
                out.push('/');
            }
        }
        if last {
            out.push_str(slice(path, to, bytes.len()));
            return;
        }
        from = to + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_resolved_as_a_browser_does() {
        let base = "https://paper.example/2016/07/story.html?page=2#top";
        for (reference, address) in [
            ("https://other.example/a", "https://other.example/a"),
            ("HTTP://Other.Example", "http://other.example/"),
            ("//other.example/a?b", "https://other.example/a?b"),
            ("/a/b", "https://paper.example/a/b"),
            ("a", "https://paper.example/2016/07/a"),
            ("./a", "https://paper.example/2016/07/a"),
            ("../a", "https://paper.example/2016/a"),
            ("../../../../a", "https://paper.example/a"),
            ("..", "https://paper.example/2016/"),
            ("a/./b/../c//d", "https://paper.example/2016/07/a/c//d"),
            ("a?../b#../c", "https://paper.example/2016/07/a?../b#../c"),
            ("", "https://paper.example/2016/07/story.html?page=2"),
            ("?page=3", "https://paper.example/2016/07/story.html?page=3"),
            ("#end", "https://paper.example/2016/07/story.html?page=2#end"),
            ("https:a", "https://paper.example/2016/07/a"),
            ("https:/a", "https://paper.example/a"),
            ("http:a", "http://a/"),
            ("http:///a/b", "http://a/b"),
            ("\\\\other.example\\a?b\\c", "https://other.example/a?b\\c"),
            (" \u{1} /a b ", "https://paper.example/a%20b"),
            ("ht\ntp://oth\ter.example", "http://other.example/"),
            ("https://user:word@other.example:8443/", "https://other.example:8443/"),
            ("https://other.example?a", "https://other.example/?a"),
            ("a:b", ""),
            ("./a:b", "https://paper.example/2016/07/a:b"),
            ("https://", ""),
            ("https://@", ""),
            ("http://:80/", ""),
            ("https://a\"><b>/", ""),
            ("https://a b/", ""),
            ("https://[::1]:80/a", "https://[::1]:80/a"),
            ("/straße/é", "https://paper.example/straße/é"),
        ] {
            assert_eq!(join(reference, base).unwrap_or_default(), address, "{reference:?}");
        }
        for (reference, base, address) in [
            ("a", "https://paper.example", "https://paper.example/a"),
            ("?a", "https://paper.example", "https://paper.example/?a"),
            ("", "https://paper.example?a#b", "https://paper.example/?a"),
            ("a", "https://paper.example?a/b", "https://paper.example/a"),
            ("a", "", ""),
            ("a", "about:blank", ""),
            ("a", "file:///a/b", ""),
            ("https://other.example/", "about:blank", "https://other.example/"),
            ("https:other.example", "", "https://other.example/"),
        ] {
            assert_eq!(join(reference, base).unwrap_or_default(), address, "{reference:?} in {base:?}");
        }
    }

    #[test]
    fn only_harmless_schemes_are_admitted() {
        for (reference, as_link, as_picture) in [
            ("http://paper.example/", true, true),
            ("mailto:desk@paper.example", true, false),
            ("MAILTO:desk@paper.example", true, false),
            ("tel:+15551234", true, false),
            ("data:image/png;base64,AA==", false, true),
            ("DATA:image/WebP;base64,AA==", false, true),
            ("data:image/svg+xml;base64,AA==", false, false),
            ("data:image/png+xml;base64,AA==", false, false),
            ("data:text/html,<p>", false, false),
            ("data:,", false, false),
            ("javascript:alert(1)", false, false),
            ("JavaScript:alert(1)", false, false),
            ("java\tscript:alert(1)", false, false),
            ("java\r\nscript\n:alert(1)", false, false),
            (" \u{1}\u{1f}javascript:alert(1)", false, false),
            ("vbscript:a", false, false),
            ("livescript:a", false, false),
            ("blob:https://paper.example/1", false, false),
            ("filesystem:https://paper.example/1", false, false),
            ("file:///etc/passwd", false, false),
            ("about:blank", false, false),
            ("view-source:https://paper.example/", false, false),
            ("ftp://paper.example/", false, false),
            ("ws://paper.example/", false, false),
            ("android-app://paper", false, false),
        ] {
            let base = "https://paper.example/";
            assert_eq!(
                (link(reference, base).is_some(), picture(reference, base).is_some()),
                (as_link, as_picture),
                "{reference:?}"
            );
        }
        // What is not a scheme to a browser is a path, and so harmless.
        for reference in
            ["java\0script:a", "\u{fffd}javascript:a", "1javascript:a", "java script:a", "&colon;javascript:a"]
        {
            let address = link(reference, "https://paper.example/").unwrap_or_default();
            assert!(address.starts_with("https://paper.example/"), "{address}");
        }
    }

    #[test]
    fn an_address_is_bounded() {
        let base = "https://paper.example/";
        let long = "a".repeat(LONGEST - base.len());
        assert!(join(&long, base).is_some());
        assert!(join(&(long.clone() + "a"), base).is_none());
        assert!(join(&"a ".repeat(LONGEST / 2 - 100), base).is_none());
    }

    #[test]
    fn an_iframe_matches_a_host_source() {
        for (url, sources, matched) in [
            ("https://video.example/1", "video.example", true),
            ("https://VIDEO.example/1", "map.example  Video.Example\n", true),
            ("https://video.example/1", "", false),
            ("https://video.example/1", "map.example", false),
            ("https://video.example:8443/1", "video.example", true),
            ("https://video.example:8443/1", "video.example:8443", true),
            ("https://video.example:8443/1", "video.example:443", false),
            ("https://video.example/1", "video.example:443", true),
            ("https://a.video.example/1", "*.video.example", true),
            ("https://a.b.video.example/1", "*.video.example:443", true),
            ("https://video.example/1", "*.video.example", false),
            ("https://.video.example/1", "*.video.example", false),
            ("https://evilvideo.example/1", "*.video.example", false),
            ("https://video.example.evil.example/1", "video.example *.video.example", false),
            ("https://video.example/1", "*", false),
            ("https://video.example/1", "*.", false),
            ("https://video.example/1", "https://video.example", false),
            ("http://video.example/1", "video.example", false),
            ("https://evil%2fvideo.example/1", "*.video.example", false),
            ("https://vide\u{ff4f}.example/1", "vide\u{ff4f}.example", false),
            ("https://[::1]/1", "[::1]", false),
            ("ftp://video.example/1", "video.example", false),
            ("data:text/html,a", "data", false),
            ("", "", false),
        ] {
            assert_eq!(matches(url, sources, "https://paper.example/"), matched, "{url} in {sources:?}");
        }
        assert!(matches("http://video.example:80/1", "video.example:80", "http://paper.example/"));
        let tricked = join("https://video.example\\@evil.example", "").unwrap_or_default();
        assert_eq!(parts(&tricked), ("https", "video.example", ""));
        let tricked = join("https://video.example@evil.example#video.example", "").unwrap_or_default();
        assert_eq!(parts(&tricked), ("https", "evil.example", ""));
    }

    #[test]
    fn a_host_is_the_same_on_every_port() {
        for (one, other, same) in [
            ("https://paper.example/a", "http://Paper.example:8080/b", true),
            ("https://paper.example./a", "https://paper.example/b", true),
            ("https://www.paper.example/a", "https://paper.example/b", false),
        ] {
            assert_eq!(is_same_host(one, other), same, "{one} {other}");
        }
    }
}

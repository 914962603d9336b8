//! Addresses that a document gives: resolved, and only those of schemes that cannot run code.
//!
//! Resolving is left to the browser's own parser (WHATWG URL), so that a scheme or host seen here is the one that the
//! browser sees; what is admitted is judged by what it answers.

use alloc::string::String;

use crate::markup::{LETTER, MARK, SLASH, SPACE, begins, find, peek, skip, slice, until};
use crate::read::stands;

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

#[inline(never)]
fn admit(reference: &str, base: &str, others: &[&str]) -> Option<String> {
    if reference.len() > LONGEST {
        return None;
    }
    let url = if is_plain(reference.as_bytes()) { reference.into() } else { resolve(reference, base) };
    let known = |start: &&str| stands(url.as_bytes(), 0, start);
    let admitted = url.len() <= LONGEST && (known(&"http:") || known(&"https:") || others.iter().any(known));
    admitted.then_some(url)
}

/// Whether an address stands as the browser would write it, as most do, so that it need not be asked: a host of small
/// letters, of which the last part is no number, and a path without steps and escapes.
#[inline(never)]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let mut at = if begins(bytes, 0, b"https://") { 8 } else { 7 };
    if bytes.len() > LONGEST || at == 7 && !begins(bytes, 0, b"http://") {
        return false;
    }
    let mut named = false;
    while peek(bytes, at) != b'/' {
        match peek(bytes, at) {
            b'a'..=b'z' => named |= matches!(bytes[at - 1], b'.' | b'/'),
            b'-' if bytes[at - 1] == b'-' => return false,
            b'0'..=b'9' | b'-' | b'.' => named = false,
            _ => return false,
        }
        at += 1;
    }
    while at < bytes.len() {
        let byte = bytes[at];
        let kept = byte.is_ascii_alphanumeric()
            || matches!(byte, b'/' | b'?' | b'#' | b'=' | b'&' | b'-' | b'_' | b'+' | b',');
        if !kept && (byte != b'.' || bytes[at - 1] == b'/') {
            return false;
        }
        at += 1;
    }
    named
}

/// The absolute address that the browser's own parser makes of a reference, without whom it says the reader is; empty
/// where it makes none.
#[cfg(target_arch = "wasm32")]
fn resolve(reference: &str, base: &str) -> String {
    crate::door::resolve(reference, base)
}

/// The same by a parser of the same standard, where there is no browser.
#[cfg(not(target_arch = "wasm32"))]
fn resolve(reference: &str, base: &str) -> String {
    let base = url::Url::parse(base).ok();
    url::Url::options().base_url(base.as_ref()).parse(reference).map_or_else(
        |_| String::new(),
        |mut url| {
            // Addresses that can have none refuse to be rid of it.
            let _ = (url.set_username(""), url.set_password(None));
            url.into()
        },
    )
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
            ("/straße/é", "https://paper.example/stra%C3%9Fe/%C3%A9"),
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
    fn what_is_not_asked_for_is_what_would_be_answered() {
        for (address, plain) in [
            ("https://paper.example/a.b/c_d-e/?f=1&g#h,i+j", true),
            ("http://i2.cdn1.example/", true),
            ("https://localhost/A", true),
            ("https://a..b/c", true),
            ("https://paper.example", false),
            ("https://paper.example?a", false),
            ("https://paper.example:443/", false),
            ("https://user@paper.example/", false),
            ("https://Paper.example/", false),
            ("HTTPS://paper.example/", false),
            ("https:/paper.example/", false),
            ("https:///paper.example/", false),
            ("https://paper.example./", false),
            ("https://127.1/", false),
            ("https://127.0.0.0x1/", false),
            ("https://a.0xf/", false),
            ("https://a.1b/", false),
            ("https://xn--a/", false),
            ("https://stra\u{df}e.example/", false),
            ("https://paper.example/./a", false),
            ("https://paper.example/../a", false),
            ("https://paper.example/a/.", false),
            ("https://paper.example/%2e/a", false),
            ("https://paper.example/a b", false),
            ("https://paper.example/\u{e9}", false),
            ("https://paper.example/a\\b", false),
            ("https://paper.example/a\n", false),
            ("httpx://paper.example/", false),
            ("/a", false),
            ("", false),
        ] {
            assert_eq!(is_plain(address.as_bytes()), plain, "{address}");
            assert!(!plain || resolve(address, "") == address, "{address}");
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

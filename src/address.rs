//! Addresses that a document gives: resolved, and only those of schemes that cannot run code.
//!
//! Resolution is RFC 3986's (section 5.2) with what the WHATWG URL standard makes browsers do to odd input
//! beside, so that a scheme or host seen here is the one that the browser sees. Escapes are left to the browser.

use alloc::string::String;

use crate::markup::{find, is_space, slice};

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
    let from = scheme + 3;
    if scheme == 0 || !slice(url, scheme, from).eq("://") {
        return ("", "", "");
    }
    let to = authority(bytes, from);
    let mut colon = to;
    while colon > from && bytes[colon - 1].is_ascii_digit() {
        colon -= 1;
    }
    let (host, port) = if colon > from && bytes[colon - 1] == b':' { (colon - 1, colon) } else { (to, to) };
    (slice(url, 0, scheme), slice(url, from, host), slice(url, port, to))
}

/// Whether an iframe may show an absolute address: one of the host-sources of a Content Security Policy
/// (`host`, `*.host`, with or without `:port`) names its host, and it is `https:` or of the page's own scheme.
#[inline(never)]
pub fn matches(url: &str, sources: &str, page: &str) -> bool {
    let (scheme, host, port) = parts(url);
    // Escapes and other scripts' letters are refused, since the browser maps them to what another host may be.
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if !plain || host.is_empty() || (scheme != "https" && scheme != parts(page).0) {
        return false;
    }
    let default = if scheme == "https" { "443" } else { "80" };
    let port = if port.is_empty() { default } else { port };
    let bytes = sources.as_bytes();
    let mut from = 0;
    while from < bytes.len() {
        let mut to = from;
        while to < bytes.len() && !is_space(bytes[to]) {
            to += 1;
        }
        let colon = find(&bytes[..to], from, b':');
        let wanted = slice(sources, (colon + 1).min(to), to);
        if wanted.is_empty() || wanted == port {
            let name = &bytes[from..colon];
            let host = host.as_bytes();
            let cut = match name {
                [b'*', b'.', _, ..] => (host.len() + 1).checked_sub(name.len()).filter(|&cut| cut > 0),
                _ => Some(0),
            };
            if cut.is_some_and(|cut| host[cut..].eq_ignore_ascii_case(&name[usize::from(cut > 0)..])) {
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
fn scheme(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b':' {
            return at;
        }
        if !(byte.is_ascii_alphabetic() || at > 0 && (byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'))) {
            break;
        }
        at += 1;
    }
    0
}

/// Where the host and port end that begin at `at`.
fn authority(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'/' | b'?' | b'#')) {
        at += 1;
    }
    at
}

/// Whether a text begins with another, in any letter case.
fn begins(text: &[u8], with: &str) -> bool {
    text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
}

/// A reference as a browser reads it: trimmed, without tabs and line ends, `\` as `/`; spaces escaped.
fn tidy(reference: &str) -> String {
    let mut out = String::new();
    let mut spaces = 0;
    let mut query = false;
    for c in reference.chars() {
        match c {
            '\t' | '\n' | '\r' => continue,
            // White space and control characters count only when something follows.
            '\0'..=' ' => {
                spaces += 1;
                continue;
            }
            _ => {}
        }
        if !out.is_empty() {
            for _ in 0..spaces {
                out.push_str("%20");
            }
        }
        spaces = 0;
        query |= matches!(c, '?' | '#');
        out.push(if c == '\\' && !query { '/' } else { c });
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
    let base_host = scheme(base.as_bytes()) + 3;
    let base_scheme = slice(base, 0, base_host - 3);
    let mut at = scheme(bytes);
    if at > 0 {
        let own = slice(&reference, 0, at);
        if !is_http(own) {
            let admitted = others.iter().any(|other| begins(bytes, other));
            return admitted.then_some(reference);
        }
        at += 1;
        // `https:story` is relative where the base has the same scheme.
        if bytes[at..].starts_with(b"//") || !own.eq_ignore_ascii_case(base_scheme) {
            return absolute(own, slice(&reference, at, bytes.len()));
        }
    }
    if !is_http(base_scheme) {
        return None;
    }
    let rest = slice(&reference, at, bytes.len());
    if rest.starts_with("//") {
        return absolute(base_scheme, rest);
    }
    let start = authority(base.as_bytes(), base_host);
    if start <= base_host {
        return None;
    }
    let mut out = String::from(slice(base, 0, start));
    // The base's query stays only under a bare fragment, its path only where the reference brings none.
    let fragment = find(base.as_bytes(), start, b'#');
    let query = find(&base.as_bytes()[..fragment], start, b'?');
    let kept = match rest.as_bytes().first() {
        None | Some(b'#') => fragment,
        Some(b'?') => query,
        Some(b'/') => start,
        Some(_) => {
            let mut slash = query;
            while slash > start && base.as_bytes()[slash - 1] != b'/' {
                slash -= 1;
            }
            slash
        }
    };
    out.push('/');
    path(slice(base, start, kept), start, &mut out);
    path(rest, start, &mut out);
    bounded(out)
}

/// An address of a scheme and what follows it: slashes, perhaps a user, a host and a path.
fn absolute(scheme: &str, rest: &str) -> Option<String> {
    let bytes = rest.as_bytes();
    let mut from = 0;
    while bytes.get(from) == Some(&b'/') {
        from += 1;
    }
    let to = authority(bytes, from);
    // Whoever an address says the reader is, is not the document's to say.
    let mut host = to;
    while host > from && bytes[host - 1] != b'@' {
        host -= 1;
    }
    let may =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'[' | b']' | 0x80..);
    if host == to || bytes[host] == b':' || !bytes[host..to].iter().all(may) {
        return None;
    }
    let mut out = String::new();
    out.push_str(scheme);
    out.push_str("://");
    out.push_str(slice(rest, host, to));
    out.make_ascii_lowercase();
    let start = out.len();
    out.push('/');
    path(slice(rest, to, bytes.len()), start, &mut out);
    bounded(out)
}

/// Appends a path, its query and fragment to an address that ends with `/`; `.` and `..` are carried out down to `root`.
#[inline(never)]
fn path(path: &str, root: usize, out: &mut String) {
    let bytes = path.as_bytes();
    let mut from = usize::from(bytes.first() == Some(&b'/'));
    loop {
        let mut to = from;
        while bytes.get(to).is_some_and(|byte| !matches!(byte, b'/' | b'?' | b'#')) {
            to += 1;
        }
        let last = bytes.get(to) != Some(&b'/');
        match &bytes[from..to] {
            b"." => {}
            b".." => {
                if out.len() > root + 1 {
                    out.pop();
                    while !out.ends_with('/') {
                        out.pop();
                    }
                }
            }
            _ => {
                out.push_str(slice(path, from, to));
                if !last {
                    out.push('/');
                }
            }
        }
        if last {
            out.push_str(slice(path, to, bytes.len()));
            return;
        }
        from = to + 1;
    }
}

fn is_http(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

fn bounded(url: String) -> Option<String> {
    (url.len() <= LONGEST).then_some(url)
}

/// An address without its fragment and the parameters that only say where a reader came from.
pub fn untracked(url: &str) -> String {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let Some((path, query)) = url.split_once('?') else { return url.into() };
    let mut out = String::from(path);
    let mut glue = '?';
    for pair in query.split('&') {
        if !pair.starts_with("utm_") && !pair.starts_with("fbclid=") && !pair.starts_with("gclid=") && !pair.is_empty()
        {
            out.push(glue);
            out.push_str(pair);
            glue = '&';
        }
    }
    out
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

    #[test]
    fn a_page_is_polled_by_its_own_address() {
        for (url, own) in [
            ("https://a.example/b", "https://a.example/b"),
            ("https://a.example/b?id=1&utm_source=x#c", "https://a.example/b?id=1"),
            ("https://a.example/b?fbclid=1&gclid=2", "https://a.example/b"),
            ("https://a.example/b?utm_medium=x&page=2&q=", "https://a.example/b?page=2&q="),
        ] {
            assert_eq!(untracked(url), own);
        }
    }
}

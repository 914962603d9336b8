//! One file or document, answered as HTTP asks: by validator, by coding, by method.
//!
//! Where the bytes come from is left to stories and pages.

use std::io::Write;
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use live_article::tree::hash;

/// Smaller bodies gain nothing by a coding.
const WORTH_CODING: usize = 256;

/// What stands at an address, before it is known who asks.
pub(super) struct Representation {
    pub(super) content_type: String,
    pub(super) bytes: Bytes,
    /// The same bytes in brotli, where somebody took the time to do it well.
    pub(super) brotli: Option<Bytes>,
    pub(super) modified: SystemTime,
    pub(super) cache_control: &'static str,
}

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Representation {
    /// The answer to a GET or HEAD (RFC 9110, sections 8.8, 12.5.3, 13.1 and 15.4.5).
    pub(super) fn answer(self, method: &Method, request: &HeaderMap) -> Response<Body> {
        let codable = is_text(&self.content_type);
        let coding = if codable && self.bytes.len() >= WORTH_CODING { choose(request) } else { Coding::Identity };
        // Each coding is a representation of its own, so its strong validator is its own too.
        let suffix = match coding {
            Coding::Identity => "",
            Coding::Gzip => "-gzip",
            Coding::Brotli => "-br",
        };
        let etag = format!("\"{:016x}{suffix}\"", hash(&self.bytes, 0));

        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        headers.insert(LAST_MODIFIED, value(&httpdate::fmt_http_date(self.modified)));
        headers.insert(ETAG, value(&etag));
        if codable {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        if is_known(request, &etag, self.modified) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(CONTENT_TYPE, value(&self.content_type));
        let body = match coding {
            Coding::Identity => self.bytes,
            Coding::Gzip => gzip(&self.bytes),
            Coding::Brotli => self.brotli.unwrap_or_else(|| brotli(&self.bytes)),
        };
        match coding {
            Coding::Identity => {}
            Coding::Gzip => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"))),
            Coding::Brotli => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"))),
        }
        headers.insert(CONTENT_LENGTH, body.len().into());
        if method != Method::HEAD {
            *response.body_mut() = body.into();
        }
        response
    }
}

/// A short answer in words.
pub(super) fn say(status: StatusCode, sentence: impl Into<String>) -> Response<Body> {
    let mut response = Response::new(Body::from(sentence.into() + "\n"));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.starts_with("text/") || ["json", "xml", "javascript", "wasm"].iter().any(|end| kind.ends_with(end))
}

/// Whether the asker holds this very representation. `If-None-Match` decides alone where it is present.
fn is_known(request: &HeaderMap, etag: &str, modified: SystemTime) -> bool {
    if request.contains_key(IF_NONE_MATCH) {
        return list(request, &IF_NONE_MATCH)
            .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag);
    }
    let since = request.get(IF_MODIFIED_SINCE).and_then(|since| httpdate::parse_http_date(since.to_str().ok()?).ok());
    // A header counts whole seconds.
    since.is_some_and(|since| modified < since + Duration::from_secs(1))
}

fn list<'a>(request: &'a HeaderMap, name: &axum::http::HeaderName) -> impl Iterator<Item = &'a str> {
    request.get_all(name).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim)
}

/// The best coding the asker takes; of two it likes alike, the smaller.
fn choose(request: &HeaderMap) -> Coding {
    let mut best = (0, Coding::Identity);
    for (names, coding) in [(["br", "br"], Coding::Brotli), (["gzip", "x-gzip"], Coding::Gzip)] {
        let weight = weight(request, names);
        if weight > best.0 {
            best = (weight, coding);
        }
    }
    if weight(request, ["identity", "identity"]) > best.0 && names(request, "identity") {
        Coding::Identity
    } else {
        best.1
    }
}

fn names(request: &HeaderMap, coding: &str) -> bool {
    list(request, &ACCEPT_ENCODING).any(|item| item.split(';').next().is_some_and(|name| name.trim() == coding))
}

/// The weight given to a coding, in thousandths; `*` stands for what is not named.
fn weight(request: &HeaderMap, coding: [&str; 2]) -> u32 {
    let mut star = 0;
    for item in list(request, &ACCEPT_ENCODING) {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        let weight = (weight.clamp(0.0, 1.0) * 1000.0) as u32;
        if coding.contains(&name.as_str()) {
            return weight;
        }
        if name == "*" {
            star = weight;
        }
    }
    star
}

fn brotli(bytes: &[u8]) -> Bytes {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
    // Writing to memory cannot fail.
    let _ = writer.write_all(bytes);
    writer.into_inner().into()
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to memory cannot fail.
    let _ = writer.write_all(bytes);
    writer.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: axum::http::HeaderName, text: &str) -> HeaderMap {
        [(name, HeaderValue::from_str(text).unwrap())].into_iter().collect()
    }

    #[test]
    fn the_smallest_coding_the_asker_likes_best() {
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip", Coding::Gzip),
            ("gzip;q=1.0, br;q=0.5", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("*", Coding::Brotli),
            ("*;q=0.1, gzip;q=0.2", Coding::Gzip),
            ("identity", Coding::Identity),
            ("br;q=0.1, identity;q=0.9", Coding::Identity),
            ("", Coding::Identity),
        ] {
            assert_eq!(choose(&asking(ACCEPT_ENCODING, accepted)), coding, "{accepted}");
        }
    }

    #[test]
    fn a_validator_is_matched_as_a_whole() {
        let modified = SystemTime::UNIX_EPOCH + Duration::from_millis(86_400_500);
        for (name, text, known) in [
            (IF_NONE_MATCH, "\"a\"", true),
            (IF_NONE_MATCH, "W/\"a\"", true),
            (IF_NONE_MATCH, "\"b\", \"a\"", true),
            (IF_NONE_MATCH, "*", true),
            (IF_NONE_MATCH, "\"a-br\"", false),
            (IF_NONE_MATCH, "a", false),
            (IF_MODIFIED_SINCE, "Fri, 02 Jan 1970 00:00:00 GMT", true),
            (IF_MODIFIED_SINCE, "Thu, 01 Jan 1970 23:59:59 GMT", false),
            (IF_MODIFIED_SINCE, "yesterday", false),
        ] {
            assert_eq!(is_known(&asking(name, text), "\"a\"", modified), known, "{text}");
        }
    }
}

//! Whole bodies in the codings of HTTP, which of them a request takes, and what it already holds.

use std::io::Write;
use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use axum::http::header::{ACCEPT_ENCODING, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};

/// A content coding that needs no dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Zstd,
    Brotli,
}

impl Coding {
    /// As `Content-Encoding` names it, and the end of an `ETag`: each coding is a representation of its own, so its
    /// strong validator is too. None for the identity.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
            Self::Brotli => Some("br"),
        }
    }

    /// The best coding the asker takes (RFC 9110, section 12.5.3); of two it likes alike, the smaller.
    pub(crate) fn choose(request: &HeaderMap) -> Self {
        let mut best = (0, Self::Identity);
        for (names, coding) in [(&["br"][..], Self::Brotli), (&["zstd"], Self::Zstd), (&["gzip", "x-gzip"], Self::Gzip)]
        {
            let weight = weight(request, names);
            if weight > best.0 {
                best = (weight, coding);
            }
        }
        if names(request, "identity") && weight(request, &["identity"]) > best.0 { Self::Identity } else { best.1 }
    }

    /// A body in this coding.
    pub(crate) fn encode(self, body: &Bytes) -> Bytes {
        // Writing to memory cannot fail.
        let coded = match self {
            Self::Identity => return body.clone(),
            Self::Gzip => {
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                let _ = writer.write_all(body);
                writer.finish().unwrap_or_default()
            }
            Self::Zstd => zstd::bulk::compress(body, 9).unwrap_or_default(),
            Self::Brotli => {
                let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
                let _ = writer.write_all(body);
                writer.into_inner()
            }
        };
        // Without the room that was set aside for more.
        coded.into_boxed_slice().into()
    }
}

/// Whether the asker takes a coding that it must name, since nothing else stands for it.
pub(crate) fn takes(request: &HeaderMap, coding: &str) -> bool {
    names(request, coding) && weight(request, &[coding]) > 0
}

/// Whether the asker holds this very representation. `If-None-Match` decides alone where it is present.
pub(crate) fn is_known(request: &HeaderMap, etag: &str, modified: Option<SystemTime>) -> bool {
    if request.contains_key(IF_NONE_MATCH) {
        return list(request, &IF_NONE_MATCH)
            .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag);
    }
    let since = request.get(IF_MODIFIED_SINCE).and_then(date);
    // A header counts whole seconds.
    since.zip(modified).is_some_and(|(since, modified)| modified < since + Duration::from_secs(1))
}

/// A header's date.
pub(crate) fn date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

/// The items of a header that is a list, over all its lines.
pub(crate) fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim)
}

fn names(request: &HeaderMap, coding: &str) -> bool {
    list(request, &ACCEPT_ENCODING)
        .any(|item| item.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(coding)))
}

/// The weight given to a coding, in thousandths; `*` stands for what is not named.
fn weight(request: &HeaderMap, coding: &[&str]) -> u32 {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: HeaderName, text: &str) -> HeaderMap {
        [(name, HeaderValue::from_str(text).unwrap())].into_iter().collect()
    }

    #[test]
    fn the_smallest_coding_the_asker_likes_best() {
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip, zstd", Coding::Zstd),
            ("gzip", Coding::Gzip),
            ("gzip;q=1.0, br;q=0.5", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("*", Coding::Brotli),
            ("*;q=0.1, gzip;q=0.2", Coding::Gzip),
            ("identity", Coding::Identity),
            ("br;q=0.1, identity;q=0.9", Coding::Identity),
            ("dcz", Coding::Identity),
            ("", Coding::Identity),
        ] {
            assert_eq!(Coding::choose(&asking(ACCEPT_ENCODING, accepted)), coding, "{accepted}");
        }
    }

    #[test]
    fn a_coding_with_a_dictionary_is_taken_only_by_name() {
        for (accepted, taken) in [
            ("gzip, br, zstd, dcb, dcz", true),
            ("DCZ", true),
            ("dcz;q=0.2", true),
            ("dcz;q=0", false),
            ("*", false),
            ("zstd", false),
        ] {
            assert_eq!(takes(&asking(ACCEPT_ENCODING, accepted), "dcz"), taken, "{accepted}");
        }
    }

    #[test]
    fn a_validator_is_matched_as_a_whole() {
        let modified = Some(SystemTime::UNIX_EPOCH + Duration::from_millis(86_400_500));
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

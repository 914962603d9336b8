//! What a response says about how long it stays fresh: `max-age` of `Cache-Control` and nothing else.
//!
//! `Age`, `s-maxage` and `stale-while-revalidate` do not count: readers behind one cache that
//! waited `max-age − Age` would all wake when its copy expires.

use super::pace::HOUR;
use crate::article::Millis;

const NAME: &[u8] = b"max-age=";

/// `max-age` of a `Cache-Control` value (RFC 9111 §5.2), counted up to an hour.
///
/// The first one counts (§4.2.1); a quoted number is one too (§5.2); what is not a number is not there.
pub fn max_age(cache_control: &str) -> Option<Millis> {
    let bytes = cache_control.as_bytes();
    let (mut start, mut quoted) = (0, false);
    for at in 0..=bytes.len() {
        match bytes.get(at) {
            // A backslash quotes the quote behind it.
            Some(b'"') => quoted ^= at == 0 || bytes[at - 1] != b'\\',
            Some(b',') | None if !quoted => {
                if let Some(value) = value(&bytes[start..at]) {
                    return Some((super::seconds(value)? * 1000.0).min(HOUR));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// What stands behind `max-age=`.
fn value(directive: &[u8]) -> Option<&[u8]> {
    let (name, value) = directive.trim_ascii().split_at_checked(NAME.len())?;
    let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    name.eq_ignore_ascii_case(NAME).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_read_and_nothing_else() {
        for (header, expected) in [
            ("max-age=60", Some(60_000.0)),
            ("public, MAX-AGE=60, must-revalidate", Some(60_000.0)),
            ("public,max-age=60", Some(60_000.0)),
            ("max-age=\"60\"", Some(60_000.0)),
            ("max-age=0", Some(0.0)),
            ("max-age=3600", Some(HOUR)),
            ("max-age=31536000", Some(HOUR)),
            ("max-age=99999999999999999999999999999999", Some(HOUR)),
            ("max-age=10, max-age=20", Some(10_000.0)),
            ("s-maxage=600", None),
            ("s-maxage=600, max-age=5", Some(5_000.0)),
            ("stale-while-revalidate=600", None),
            ("x-max-age=600", None),
            ("private=\"a, max-age=9\", max-age=7", Some(7_000.0)),
            ("ext=\"\\\", max-age=9\", max-age=7", Some(7_000.0)),
            ("ext=\"open, max-age=9", None),
            ("max-age", None),
            ("max-age=", None),
            ("max-age=-1", None),
            ("max-age=1.5", None),
            ("max-age=\"60", None),
            ("max-age=60 s", None),
            ("", None),
            (",,,", None),
        ] {
            assert_eq!(max_age(header), expected, "{header}");
        }
    }
}

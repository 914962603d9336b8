//! What a response says about how long it stays fresh: `max-age` of `Cache-Control` and nothing else.
//!
//! `Age`, `s-maxage` and `stale-while-revalidate` do not count: readers behind one cache that
//! waited `max-age − Age` would all wake when its copy expires.

use super::pace::HOUR;
use crate::article::Millis;

/// `max-age` of a `Cache-Control` value (RFC 9111 §5.2), counted up to an hour.
///
/// The first one counts (§4.2.1); a quoted number is one too (§5.2); what is not a number is not there.
pub fn max_age(cache_control: &str) -> Option<Millis> {
    let mut rest = cache_control.as_bytes();
    while !rest.is_empty() {
        let (directive, after) = rest.split_at(directive_end(rest));
        if let Some(value) = value_of(directive) {
            return seconds(value);
        }
        rest = after.get(1..).unwrap_or_default();
    }
    None
}

/// The place of the comma that ends the first directive; one inside quotes does not.
fn directive_end(list: &[u8]) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, &byte) in list.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return at,
            _ => {}
        }
    }
    list.len()
}

/// What stands behind `max-age=`.
fn value_of(directive: &[u8]) -> Option<&[u8]> {
    let (name, value) = directive.trim_ascii().split_at_checked(b"max-age=".len())?;
    name.eq_ignore_ascii_case(b"max-age=").then_some(value)
}

fn seconds(value: &[u8]) -> Option<Millis> {
    let digits = match value {
        [b'"', inner @ .., b'"'] => inner,
        bare => bare,
    };
    Some((super::seconds(digits)? * 1000.0).min(HOUR))
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

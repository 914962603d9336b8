//! How long to wait after a failure: our own growing delay, or what the server asked for.

use super::http_date;
use super::pace::{FLOOR, HOUR};
use crate::article::Millis;

/// No delay of our own is longer.
pub const CAP: Millis = 600_000.0;

/// The delay after `failures` failures in a row: full jitter, by a random `share`.
///
/// Drawn evenly from the floor up to the interval, twice, four times… the interval, and ten minutes at most.
pub fn delay(interval: Millis, failures: u8, share: f64) -> Millis {
    let most = (interval * f64::from(1u32 << failures.saturating_sub(1).min(8))).min(CAP);
    FLOOR + (most - FLOOR).max(0.0) * share
}

/// How long from `now` a `Retry-After` asks to wait (RFC 9110 §10.2.3), counted up to an hour.
///
/// `now` is by the server's clock. A moment that has passed is no wait; what is neither a whole
/// number of seconds nor an HTTP-date is nothing at all.
pub fn retry_after(value: &str, now: Millis) -> Option<Millis> {
    let wait = match super::seconds(value.trim_ascii().as_bytes()) {
        Some(seconds) => seconds * 1000.0,
        None => http_date::parse(value, now)? - now,
    };
    Some(wait.clamp(0.0, HOUR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_ten_minutes_and_keep_the_floor() {
        for (interval, failures, least, most) in [
            (30_000.0, 1, FLOOR, 30_000.0),
            (30_000.0, 2, FLOOR, 60_000.0),
            (30_000.0, 5, FLOOR, 480_000.0),
            (30_000.0, 6, FLOOR, CAP),
            (30_000.0, 50, FLOOR, CAP),
            (30_000.0, 255, FLOOR, CAP),
            (5_000.0, 1, FLOOR, FLOOR),
            (5_000.0, 2, FLOOR, 10_000.0),
            (5_000.0, 8, FLOOR, CAP),
            (7_200_000.0, 1, FLOOR, CAP),
        ] {
            assert_eq!(delay(interval, failures, 0.0), least, "{interval} {failures}");
            assert_eq!(delay(interval, failures, 1.0), most, "{interval} {failures}");
        }
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        let now = 784_111_777_000.0; // Sun, 06 Nov 1994 08:49:37 GMT
        for (value, wait) in [
            ("7", Some(7_000.0)),
            (" 7\t", Some(7_000.0)),
            ("0", Some(0.0)),
            ("3600", Some(HOUR)),
            ("1000000000", Some(HOUR)),
            ("99999999999999999999999999999999999999", Some(HOUR)),
            ("Sun, 06 Nov 1994 08:49:44 GMT", Some(7_000.0)),
            ("Sunday, 06-Nov-94 08:49:44 GMT", Some(7_000.0)),
            ("Sun Nov  6 08:49:44 1994", Some(7_000.0)),
            ("Sun, 06 Nov 1994 08:49:30 GMT", Some(0.0)),
            ("Fri, 06 Nov 2099 08:49:37 GMT", Some(HOUR)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0.0)),
            ("1e9", None),
            ("-5", None),
            ("+5", None),
            ("7.5", None),
            ("7, 7", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(value, now), wait, "{value}");
        }
    }
}

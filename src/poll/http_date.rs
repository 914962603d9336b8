//! A moment as HTTP writes it, in all three forms of RFC 9110 §5.6.7.
//!
//! Dates inside documents have a hundred more shapes; those are left to [`crate::read`].

use super::pace::DAY;
use crate::article::{Millis, civil, days};

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
///
/// A year of two digits is the latest that is at most 50 years ahead of `now`. Lenient where nothing is told: in the day
/// of the week, and in what stands between the parts. Another zone, or a day that the calendar does not have, is `None`.
pub fn parse(value: &str, now: Millis) -> Option<Millis> {
    let value = value.trim_ascii();
    let bytes = value.as_bytes();
    let (mut numbers, mut count) = ([0; 5], 0);
    let (mut month, mut comma, mut inside) = (0, false, false);
    for (at, &byte) in bytes.iter().enumerate() {
        if byte.is_ascii_digit() {
            count += usize::from(!inside);
            let number = numbers.get_mut(count - 1).filter(|number| **number < 1_000)?;
            *number = *number * 10 + i64::from(byte - b'0');
        } else if let Some(place) = MONTHS.chunks(3).position(|name| bytes.get(at..at + 3) == Some(name)) {
            month = place as i64 + 1;
        }
        comma |= byte == b',';
        inside = byte.is_ascii_digit();
    }
    let (day, year, [hour, minute, second]) = match numbers {
        [day, year, time @ ..] if comma => (day, if year < 100 { latest(year, now) } else { year }, time),
        [day, time @ .., year] => (day, year, time),
    };
    let date = days(year, month, day);
    // A day that its month does not have comes back as another. A leap second is the one after it.
    let exists = civil(date) == (year, month, day) && hour < 24 && minute < 60 && second <= 60;
    let whole = count == 5 && year >= 1_000 && comma == value.ends_with("GMT");
    (exists && whole).then_some(date as f64 * DAY + (hour * 3600 + minute * 60 + second) as f64 * 1000.0)
}

/// The latest year that ends in these two digits and is at most 50 years ahead.
fn latest(digits: i64, now: Millis) -> i64 {
    let (this, ..) = civil((now / DAY) as i64);
    let most = this + 50;
    most - (most - digits).rem_euclid(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_are_read() {
        let moment = Some(784_111_777_000.0);
        for (value, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", moment),
            (" Sun, 06 Nov 1994 08:49:37 GMT ", moment),
            ("Sunday, 06-Nov-94 08:49:37 GMT", moment),
            ("Sun Nov  6 08:49:37 1994", moment),
            ("Mon Nov 16 08:49:37 1994", Some(784_111_777_000.0 + 10.0 * DAY)),
            ("Mon, 06 Nov 1994 08:49:37 GMT", moment),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0.0)),
            ("Wed, 31 Dec 1969 23:59:59 GMT", Some(-1_000.0)),
            ("Thu, 29 Feb 2024 00:00:00 GMT", Some(1_709_164_800_000.0)),
            ("Wed, 29 Feb 2023 00:00:00 GMT", None),
            ("Thu, 00 Jan 1970 00:00:00 GMT", None),
            ("Thu, 32 Jan 1970 00:00:00 GMT", None),
            ("Sat, 31 Dec 2016 23:59:60 GMT", Some(1_483_228_800_000.0)),
            ("Sun, 6 Nov 1994 08:49:37 GMT", moment),
            ("Sun, 06 Nov 94 08:49:37 GMT", moment),
            ("Sunday, 06-Nov-1994 08:49:37 GMT", moment),
            ("Sun, 06 Nov 1994 24:00:00 GMT", None),
            ("Sun, 06 Nov 1994 08:60:00 GMT", None),
            ("Sun, 06 Nov 1994 08:49:61 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 06 Nov 1994 08:49:37 +0100", None),
            ("Sun, 06 Nov 1994 08:49:37", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37:11 GMT", None),
            ("Sun, 06 Nov 19940 08:49:37 GMT", None),
            ("Sun, 06 Nov 9999999999999999999 08:49:37 GMT", None),
            ("Sun, 06 Nox 1994 08:49:37 GMT", None),
            ("Sun, 06 nov 1994 08:49:37 GMT", None),
            ("Sun, 06 11 1994 08:49:37 GMT", None),
            ("06 Nov 1994 08:49:37 GMT", None),
            ("Sun Nov  6 08:49:37 1994 GMT", None),
            ("Sun Nov  6 08:49:37 94", None),
            ("1994-11-06T08:49:37Z", None),
            ("Sun", None),
            ("Nov", None),
            (",", None),
            ("", None),
        ] {
            assert_eq!(parse(value, 784_000_000_000.0), expected, "{value}");
        }
    }

    #[test]
    fn two_digits_are_the_latest_year_at_most_fifty_ahead() {
        let year = |digits: &str, now: i64| {
            let now = days(now, 6, 1) as f64 * DAY;
            parse(&format!("Sunday, 01-Jun-{digits} 00:00:00 GMT"), now).map(|at| civil((at / DAY) as i64).0)
        };
        for (digits, now, expected) in [
            ("26", 2026, 2026),
            ("27", 2026, 2027),
            ("76", 2026, 2076),
            ("77", 2026, 1977),
            ("99", 2026, 1999),
            ("00", 2026, 2000),
            ("00", 1999, 2000),
            ("49", 1999, 2049),
            ("50", 1999, 1950),
        ] {
            assert_eq!(year(digits, now), Some(expected), "{digits} in {now}");
        }
    }

    #[test]
    fn a_date_cut_anywhere_is_no_date() {
        for whole in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            for end in 0..whole.len() {
                assert_eq!(parse(&whole[..end], 0.0), None, "{}", &whole[..end]);
            }
        }
    }
}

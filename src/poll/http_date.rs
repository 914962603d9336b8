//! A moment as HTTP writes it, in all three forms of RFC 9110 §5.6.7.
//!
//! Dates inside documents have a hundred more shapes; those are left to [`crate::read`].

use super::pace::DAY;
use crate::article::{Millis, civil, days};

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
///
/// `now` settles the century of a year of two digits: the latest that is at most 50 years ahead.
/// The day of the week is not compared. Anything else is `None`.
pub fn parse(value: &str, now: Millis) -> Option<Millis> {
    let mut rest = Rest(value.trim_ascii().as_bytes());
    let weekday = rest.word();
    let (year, month, day, time);
    if rest.eat(b',') {
        rest.expect(b' ')?;
        day = rest.number(2)?;
        let dashed = rest.eat(b'-');
        if dashed {
            month = rest.month()?;
            rest.expect(b'-')?;
            year = latest(rest.number(2)?, now);
        } else {
            rest.expect(b' ')?;
            month = rest.month()?;
            rest.expect(b' ')?;
            year = rest.number(4)?;
        }
        rest.expect(b' ')?;
        time = rest.time()?;
        if rest.0 != b" GMT" {
            return None;
        }
    } else {
        rest.expect(b' ')?;
        month = rest.month()?;
        rest.expect(b' ')?;
        day = if rest.eat(b' ') { rest.number(1)? } else { rest.number(2)? };
        rest.expect(b' ')?;
        time = rest.time()?;
        rest.expect(b' ')?;
        year = rest.number(4)?;
        if !rest.0.is_empty() {
            return None;
        }
    }
    let date = days(year, month, day);
    // A day that its month does not have comes back as another.
    if weekday.is_empty() || civil(date) != (year, month, day) {
        return None;
    }
    Some(date as f64 * DAY + time as f64 * 1000.0)
}

/// The latest year that ends in these two digits and is at most 50 years ahead.
fn latest(digits: i64, now: Millis) -> i64 {
    let (this, ..) = civil((now / DAY) as i64);
    let most = this + 50;
    most - (most - digits).rem_euclid(100)
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    fn word(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    fn number(&mut self, width: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        self.0 = rest;
        super::seconds(digits).map(|number| number as i64)
    }

    /// 1 to 12.
    fn month(&mut self) -> Option<i64> {
        let word = self.word();
        let place = MONTHS.chunks(3).position(|name| name == word)?;
        Some(place as i64 + 1)
    }

    /// Seconds since midnight; a leap second is the one before the next minute.
    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2)?;
        self.expect(b':')?;
        let minute = self.number(2)?;
        self.expect(b':')?;
        let second = self.number(2)?;
        (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_are_read_and_no_other() {
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
            ("Sun, 06 Nov 1994 24:00:00 GMT", None),
            ("Sun, 06 Nov 1994 08:60:00 GMT", None),
            ("Sun, 06 Nov 1994 08:49:61 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 06 Nov 1994 08:49:37", None),
            ("Sun, 06 Nov 1994 08:49:37 GMT GMT", None),
            ("Sun, 06 Nox 1994 08:49:37 GMT", None),
            ("Sun, 06 nov 1994 08:49:37 GMT", None),
            ("Sun, 6 Nov 1994 08:49:37 GMT", None),
            ("Sun, +6 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 94 08:49:37 GMT", None),
            ("Sunday, 06-Nov-1994 08:49:37 GMT", None),
            ("06 Nov 1994 08:49:37 GMT", None),
            (", 06 Nov 1994 08:49:37 GMT", None),
            ("Sun Nov 6 08:49:37 1994", None),
            ("Sun Nov  6 08:49:37 1994 GMT", None),
            ("1994-11-06T08:49:37Z", None),
            ("Sun", None),
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

//! A date as newsrooms write it: a moment, a zone-less time or a day, or nothing.
//!
//! Every shape that has one reading is read, whatever its order, separators, month names or
//! digits; one that could be two days is not. Entities are decoded before ([`super::text`]);
//! what lies in the future is left to whoever knows the clock.

use alloc::string::String;

use super::rules::stands;
use crate::article::{Precision, Time, days};
use crate::markup::{either, peek, slice};

/// Month names of the languages that write them into their dates, by their first letters: months
/// apart by `|`, spellings by a space. The longest that fits counts (`juin` and `juil` share `jui`).
const MONTHS: &str = "|jan ene gen янв ينا|feb fev fév фев فبر|mar mär mrt maa мар مار|apr abr avr апр أبر ابر|\
    may mai maj mei mag май мая ماي|jun juin giu июн يوني|jul juil lug июл يولي|aug ago aoû aou авг أغس اغس|\
    sep set сен سبت|oct okt ott out окт أكت اكت|nov ноя نوف|dec dez dic déc des дек ديس";

/// Words of a time, likewise: zones by the hour from eight west on, then India's, then what stands for the second half
/// of the day and for the first. Names that mean two zones far apart (`CST`, `AST`) are left out.
const WORDS: &str = "pst|pdt mst|mdt|cdt est|edt||||gmt utc wet|bst west cet|cest eet|eest msk|||||sgt hkt|jst kst|aest|\
    aedt|nzst|nzdt|ist|pm م 下午 午後 오후|am ص 上午 午前 오전";
const WEST: i32 = 8;
const INDIA: usize = 22;
const AFTERNOON: usize = 23;
const MORNING: usize = 24;

/// A day in milliseconds.
const DAY: i32 = 86_400_000;

/// A date, and what was found of it so far.
#[derive(Default)]
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    /// The number read last, and how many digits it has.
    number: i64,
    digits: usize,
    /// Numbers that are no part of the time, and how many digits the first of them has.
    numbers: [i64; 3],
    count: usize,
    first: usize,
    month: i32,
    /// Milliseconds of the day, once there is a time; 12 and 24 hours are told apart at the end.
    time: Option<i32>,
    half: usize,
    /// Minutes east.
    zone: Option<i32>,
}

/// Reads a date; `zone` maps the local milliseconds of a zone-less time to UTC.
///
/// `None` where it has no reading or two: day and month in doubt, a year of two digits, a year
/// before 1990, no day, no year, a duration.
#[inline(never)]
pub(crate) fn read(text: &str, zone: &dyn Fn(f64) -> f64) -> Option<Time> {
    let mut folded = String::new();
    if !text.is_ascii() {
        for c in text.chars() {
            folded.push(fold(c));
        }
    }
    let text = if folded.is_empty() { text } else { &folded };
    let mut scan = Scan { text: text.as_bytes(), ..Scan::default() };
    if !scan.run() {
        return None;
    }
    let [first, second, third] = scan.numbers;
    if scan.count == 1 && matches!(scan.first, 10 | 13) && scan.time.is_none() {
        let at = first as f64 * if scan.first == 10 { 1000.0 } else { 1.0 };
        return (at > 631_152_000_000.0).then_some(Time { at, precision: Precision::Moment });
    }
    // Which number is the year shows below: nothing else is so large.
    let month = i64::from(scan.month);
    let (year, month, day) = match (scan.count, month) {
        (1, 0) if scan.first == 8 => (first / 10_000, first / 100 % 100, first % 100),
        (2, 1..) if first > 31 => (first, month, second),
        (2, 1..) => (second, month, first),
        (3, 0) if first > 31 => (first, second, third),
        (3, 0) if first > 12 || first == second => (third, second, first),
        (3, 0) if second > 12 => (third, first, second),
        _ => return None,
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = if month == 2 { 28 + i64::from(leap) } else { 30 + ((month ^ month >> 3) & 1) };
    if !(1990..=9999).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > last {
        return None;
    }
    let midnight = days(year, month, day) as f64 * f64::from(DAY);
    let Some(mut time) = scan.time else {
        return Some(Time { at: midnight, precision: Precision::Date });
    };
    if scan.half == AFTERNOON && time < DAY / 2 {
        time += DAY / 2;
    } else if scan.half == MORNING && time >= DAY / 2 {
        time -= DAY / 2;
    }
    let local = midnight + f64::from(time);
    Some(match scan.zone {
        Some(east) => Time { at: local - f64::from(east * 60_000), precision: Precision::Moment },
        None => Time { at: zone(local), precision: Precision::Zoneless },
    })
}

/// Digits of other scripts as ours, their capitals as small letters, the minus sign as a hyphen.
fn fold(c: char) -> char {
    let code = c as u32;
    for zero in [0x660, 0x6F0, 0x966, 0x9E6, 0xFF10] {
        if code.wrapping_sub(zero) < 10 {
            return char::from(b'0' + (code - zero) as u8);
        }
    }
    match c {
        '\u{2212}' => '-',
        'А'..='Я' => char::from_u32(code + 32).unwrap_or(c),
        _ => c,
    }
}

impl Scan<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).map_or(0, u8::to_ascii_lowercase)
    }

    /// Reads digits; a number that is too long for any date is cut, its length tells.
    #[inline(never)]
    fn digits(&mut self) {
        let start = self.at;
        self.number = 0;
        while self.byte(self.at).is_ascii_digit() {
            self.number = self.number.wrapping_mul(10).wrapping_add(i64::from(self.byte(self.at) - b'0'));
            self.at += 1;
        }
        self.digits = self.at - start;
    }

    /// Reads two digits at most after a separator, if both are next; 0 else, 99 for more.
    #[inline(never)]
    fn after(&mut self, separator: u8) -> i32 {
        if self.byte(self.at) != separator || !self.byte(self.at + 1).is_ascii_digit() {
            return 0;
        }
        self.at += 1;
        self.digits();
        if self.digits > 2 { 99 } else { self.number as i32 }
    }

    /// Goes over the text; answers whether there can be a date in it.
    fn run(&mut self) -> bool {
        // The letter T, or what stands in its place, right before.
        let mut after_t = false;
        let mut before = 0;
        loop {
            let first = self.byte(self.at);
            if matches!(first, 0 | b'(') {
                return true;
            }
            if first.is_ascii_digit() {
                self.digits();
                let (number, length) = (self.number as i32, self.digits);
                let next = self.byte(self.at);
                let splits = (next == b':' || next == b'h' || next == b'-' && after_t)
                    && length < 3
                    && self.byte(self.at + 1).is_ascii_digit();
                let joined = (after_t || next == b'h') && self.count > 0 && (length == 4 || length == 6);
                if self.time.is_some() && matches!(before, b'+' | b'-') {
                    let east = match length {
                        4 => number / 100 * 60 + number % 100,
                        1 | 2 => number * 60 + self.after(b':'),
                        _ => return false,
                    };
                    if east > 14 * 60 {
                        return false;
                    }
                    self.zone = Some(if before == b'-' { -east } else { east });
                } else if self.time.is_none() && (splits || joined) {
                    let (mut hour, mut minute, mut second) = (number / 100, number % 100, 0);
                    if splits {
                        (hour, minute, second) = (number, self.after(next), self.after(next));
                    } else if length == 6 {
                        (hour, minute, second) = (hour / 100, hour % 100, minute);
                    }
                    let mut milli = 0;
                    let point = self.byte(self.at);
                    if splits && matches!(point, b'.' | b',') {
                        self.after(point);
                        milli = self.number;
                        for _ in self.digits..3 {
                            milli *= 10;
                        }
                        for _ in 3..self.digits {
                            milli /= 10;
                        }
                    }
                    let time =
                        hour * 3_600_000 + minute * 60_000 + second.min(59) * 1000 + milli.rem_euclid(1000) as i32;
                    if hour > 24 || minute > 59 || second > 60 || time > DAY {
                        return false;
                    }
                    self.time = Some(time);
                } else if self.count < 3 {
                    if self.count == 0 {
                        self.first = length;
                    }
                    self.numbers[self.count] = self.number;
                    self.count += 1;
                } else {
                    return false;
                }
                after_t = false;
            } else if first.is_ascii_lowercase() || first >= 128 {
                let start = self.at;
                while self.byte(self.at).is_ascii_lowercase() || self.byte(self.at) >= 128 {
                    self.at += 1;
                }
                let word = self.text.get(start..self.at).unwrap_or_default();
                // By far the most are T and Z, so before any list is searched.
                let letter = if word.len() == 1 { first } else { 0 };
                after_t = letter == b't';
                if self.count == 0
                    && self.time.is_none()
                    && first == b'p'
                    && (letter > 0 || word.len() == 2 && self.byte(self.at - 1) == b't')
                {
                    return false; // A duration.
                }
                let point = self.byte(self.at) == b'.';
                match letter {
                    b't' => {}
                    b'z' => self.zone = self.zone.or(Some(0)),
                    // `a.m.` and `p.m.`
                    b'p' if point => self.half = AFTERNOON,
                    b'a' if point => self.half = MORNING,
                    _ => {
                        self.month = place(MONTHS, word, false).map_or(self.month, |month| month as i32);
                        match place(WORDS, word, true) {
                            Some(half @ (AFTERNOON | MORNING)) => self.half = half,
                            Some(hour) if self.zone.is_none() => {
                                self.zone = Some(if hour == INDIA { 330 } else { (hour as i32 - WEST) * 60 });
                            }
                            _ => {}
                        }
                    }
                }
            } else {
                self.at += 1;
            }
            before = first;
        }
    }
}

/// In which group of a list a word is, whole or by its beginning, of which the longest counts.
fn place(list: &str, word: &[u8], whole: bool) -> Option<usize> {
    let (mut best, mut longest, mut group) = (None, 0, 0);
    let mut at = 0;
    while at < list.len() {
        let end = either(list.as_bytes(), at, b' ', b'|');
        let length = end - at;
        if length > longest && stands(word, 0, slice(list, at, end)) && (!whole || word.len() == length) {
            (best, longest) = (Some(group), length);
        }
        group += usize::from(peek(list.as_bytes(), end) == b'|');
        at = end + 1;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::read;

    fn iso(text: &str) -> Option<String> {
        let time = read(text, &|local| local)?;
        Some(format!("{} {:?}", time.iso(), time.precision))
    }

    #[test]
    fn every_shape_with_one_reading_is_read() {
        for (text, reading) in [
            ("2024-05-03T15:47:42.389Z", "2024-05-03T15:47:42.389Z Moment"),
            ("2025-06-05T14:46:12+02:00", "2025-06-05T12:46:12Z Moment"),
            ("2026-06-05T17:20:55+0000", "2026-06-05T17:20:55Z Moment"),
            ("2026-06-05T17:20:55\u{2212}03:30", "2026-06-05T20:50:55Z Moment"),
            ("2022-01-27T12:45:36.270+01", "2022-01-27T11:45:36.270Z Moment"),
            ("2025-02-04T13:41:03.0000000Z", "2025-02-04T13:41:03Z Moment"),
            ("2024-04-30", "2024-04-30 Date"),
            ("2022-5-4", "2022-05-04 Date"),
            ("20201123", "2020-11-23 Date"),
            ("2024-09-30 07:50:48", "2024-09-30T07:50:48Z Zoneless"),
            ("2024-08-08T08:00Z", "2024-08-08T08:00:00Z Moment"),
            ("20201123T17:03:00Z", "2020-11-23T17:03:00Z Moment"),
            ("20201123T170300Z", "2020-11-23T17:03:00Z Moment"),
            ("2023-11-02T1641", "2023-11-02T16:41:00Z Zoneless"),
            ("2023-11-02T20-59-53Z", "2023-11-02T20:59:53Z Moment"),
            ("2022-05-04T02:12:19 UTC", "2022-05-04T02:12:19Z Moment"),
            ("2022-5-3T23:57:00", "2022-05-03T23:57:00Z Zoneless"),
            ("2020-09-26T07:55:59CDT", "2020-09-26T12:55:59Z Moment"),
            ("2018-11-28CET12:22:00+0100", "2018-11-28T11:22:00Z Moment"),
            ("2020-09-26T12:27:14+02:00CET", "2020-09-26T10:27:14Z Moment"),
            ("2020-08-25|00h23", "2020-08-25T00:23:00Z Zoneless"),
            ("Tue Nov 19 2019 03:15:39 GMT+0000 (Coordinated Universal Time)", "2019-11-19T03:15:39Z Moment"),
            ("Fri Jan 02 16:35:00 EST 2015", "2015-01-02T21:35:00Z Moment"),
            ("Sat Oct 25 15:26:09 CEST 2025", "2025-10-25T13:26:09Z Moment"),
            ("Tue Oct 29 08:00:00 CST 2024", "2024-10-29T08:00:00Z Zoneless"),
            ("Wed, 5 May 2021 05:53:00 +0200", "2021-05-05T03:53:00Z Moment"),
            ("01:38:07 PM IST Nov 20, 2019", "2019-11-20T08:08:07Z Moment"),
            ("November 19, 2019, 12:47 AM EST", "2019-11-19T05:47:00Z Moment"),
            ("May 15th, 2023", "2023-05-15 Date"),
            ("22 Sep,2021 1632hrs IST", "2021-09-22T11:02:00Z Moment"),
            ("26. Januar 2022 13:05", "2022-01-26T13:05:00Z Zoneless"),
            ("mardi 7 juillet 2020 à 18h05", "2020-07-07T18:05:00Z Zoneless"),
            ("mardi 9 juin 2020", "2020-06-09 Date"),
            ("jueves, 09 enero 2014 10:21 p.m.", "2014-01-09T22:21:00Z Zoneless"),
            ("7 октября 2020, 12:09", "2020-10-07T12:09:00Z Zoneless"),
            ("الأربعاء، 07 أكتوبر 2020 - 12:09 م", "2020-10-07T12:09:00Z Zoneless"),
            ("٢٠٢٠-١٠-٠٧", "2020-10-07 Date"),
            ("2020年10月4日 下午3:05", "2020-10-04T15:05:00Z Zoneless"),
            ("11.11.2021", "2021-11-11 Date"),
            ("Mi., 26.01.2022 - 14:30", "2022-01-26T14:30:00Z Zoneless"),
            ("01/26/2022 5:22 pm", "2022-01-26T17:22:00Z Zoneless"),
            ("1651635499", "2022-05-04T03:38:19Z Moment"),
            ("1762513252000", "2025-11-07T11:00:52Z Moment"),
            ("2024-02-29T24:00:00Z", "2024-03-01T00:00:00Z Moment"),
        ] {
            assert_eq!(iso(text).as_deref(), Some(reading), "{text}");
        }
    }

    #[test]
    fn what_has_no_reading_or_two_is_absent() {
        for text in [
            "",
            "yesterday",
            "18:41",
            "5m",
            "PT50M55S",
            "P1D",
            "1988",
            "2019-06",
            "14-12-30",
            "06.11.2023",
            "10/05/2022 05:22 pm",
            "2014-21-30T00:12:15Z",
            "2014-00-29",
            "2023-02-29",
            "0000-01-01T14:00:00+00:53",
            "1399/02/21 - 18:59",
            "2024-01-01T25:00:00Z",
            "2024-01-01T12:60:00Z",
            "2024-01-01T12:00:00+99:00",
            "2022-05-04-0305:49:00-10800",
            "1-2-3-4-5-6",
            "99999999999999999999999999",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    #[test]
    fn a_zone_less_time_is_read_in_the_zone_given() {
        let at = read("2024-09-30 07:50", &|local| local - 7_200_000.0).map(crate::article::Time::iso);
        assert_eq!(at.as_deref(), Some("2024-09-30T05:50:00Z"));
    }
}

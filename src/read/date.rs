//! A date as newsrooms write it: a moment, a zone-less time or a day, or nothing.
//!
//! Every shape that has one reading is read, whatever its order, separators, month names or
//! digits; one that could be two days is not. Entities are decoded before ([`super::text`]);
//! what lies in the future is left to whoever knows the clock.

use alloc::string::String;

use crate::article::{Precision, Time, days};

/// Month names of the languages that write them into their dates, by their first letters: months
/// apart by `|`, spellings by a space. The longest that fits counts (`juin` and `juil` share `jui`).
const MONTHS: &str = "jan ene gen янв ينا|feb fev fév фев فبر|mar mär mrt maa мар مار|apr abr avr апр أبر ابر|\
    may mai maj mei mag май мая ماي|jun juin giu июн يوني|jul juil lug июл يولي|aug ago aoû aou авг أغس اغس|\
    sep set сен سبت|oct okt ott out окт أكت اكت|nov ноя نوف|dec dez dic déc des дек ديس";

/// Zones by name, minutes east. Names that mean two zones far apart (`CST`, `AST`) are left out.
const ZONES: &[(&str, i16)] = &[
    ("z", 0),
    ("gmt", 0),
    ("utc", 0),
    ("wet", 0),
    ("bst", 60),
    ("west", 60),
    ("cet", 60),
    ("cest", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("ist", 330),
    ("sgt", 480),
    ("hkt", 480),
    ("jst", 540),
    ("kst", 540),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("edt", -240),
    ("est", -300),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
];

/// What stands for the second half of the day.
const AFTERNOON: &[&str] = &["pm", "م", "下午", "午後", "오후"];
/// What stands for the first half.
const MORNING: &[&str] = &["am", "ص", "上午", "午前", "오전"];

/// What was found of a date so far.
#[derive(Default)]
struct Found {
    /// Numbers that are no part of the time, each with how many digits it has.
    numbers: [(u64, usize); 3],
    count: usize,
    month: i64,
    /// Hour, minute, second, millisecond.
    time: Option<[u64; 4]>,
    half: u8,
    zone: Option<i64>,
}

/// Reads a date; `zone` maps the local milliseconds of a zone-less time to UTC.
///
/// `None` where it has no reading or two: day and month in doubt, a year of two digits, a year
/// before 1990, no day, no year, a duration.
#[inline(never)]
pub(crate) fn read(text: &str, zone: &dyn Fn(f64) -> f64) -> Option<Time> {
    if text.len() > 128 {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        plain.push(fold(c));
    }
    let found = scan(&plain)?;
    let (year, month, day) = match found.numbers.get(..found.count)? {
        &[(year, 4), (day, 1 | 2)] | &[(day, 1 | 2), (year, 4)] if found.month > 0 => {
            (year as i64, found.month, day as i64)
        }
        &[(number, length)] if found.month == 0 => match length {
            8 => ((number / 10_000) as i64, (number / 100 % 100) as i64, (number % 100) as i64),
            10 | 13 if found.time.is_none() => {
                let at = number as f64 * if length == 10 { 1000.0 } else { 1.0 };
                return (at > 631_152_000_000.0).then_some(Time { at, precision: Precision::Moment });
            }
            _ => return None,
        },
        &[(year, 4), (month, 1 | 2), (day, 1 | 2)] if found.month == 0 => (year as i64, month as i64, day as i64),
        &[(first, 1 | 2), (second, 1 | 2), (year, 4)] if found.month == 0 => {
            if first > 12 || first == second {
                (year as i64, second as i64, first as i64)
            } else if second > 12 {
                (year as i64, first as i64, second as i64)
            } else {
                return None;
            }
        }
        _ => return None,
    };
    let last = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if year < 1990 || day < 1 || day > last {
        return None;
    }
    let midnight = days(year, month, day) as f64 * 86_400_000.0;
    let Some([hour, minute, second, milli]) = found.time else {
        return Some(Time { at: midnight, precision: Precision::Date });
    };
    let hour = match found.half {
        b'p' if hour < 12 => hour + 12,
        b'a' if hour == 12 => 0,
        _ => hour,
    };
    if hour > 24 || minute > 59 || second > 60 || hour == 24 && minute + second + milli > 0 {
        return None;
    }
    let local = midnight + (hour * 3_600_000 + minute * 60_000 + second.min(59) * 1000 + milli) as f64;
    Some(match found.zone {
        Some(east) => Time { at: local - east as f64 * 60_000.0, precision: Precision::Moment },
        None => Time { at: zone(local), precision: Precision::Zoneless },
    })
}

/// Digits of other scripts as ours, capitals as small letters, the minus sign as a hyphen.
fn fold(c: char) -> char {
    let code = c as u32;
    for zero in [0x660, 0x6F0, 0x966, 0x9E6, 0xFF10] {
        if (zero..zero + 10).contains(&code) {
            return char::from(b'0' + (code - zero) as u8);
        }
    }
    match c {
        '\u{2212}' => '-',
        'А'..='Я' => char::from_u32(code + 32).unwrap_or(c),
        _ => c.to_ascii_lowercase(),
    }
}

fn scan(text: &str) -> Option<Found> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut found = Found::default();
    let mut at = 0;
    // The letter T, or what stands in its place, right before.
    let mut after_t = false;
    while at < bytes.len() {
        let first = bytes[at];
        if first == b'(' {
            break;
        }
        if first.is_ascii_digit() {
            let before = if at > 0 { bytes[at - 1] } else { 0 };
            let (number, length) = digits(bytes, &mut at);
            let next = byte(at);
            let splits = next == b':' || next == b'h' || next == b'-' && after_t;
            if found.time.is_none() && splits && length < 3 && byte(at + 1).is_ascii_digit() {
                let mut time = [number, 0, 0, 0];
                at += 1;
                time[1] = digits(bytes, &mut at).0;
                if byte(at) == next && byte(at + 1).is_ascii_digit() {
                    at += 1;
                    time[2] = digits(bytes, &mut at).0;
                    if matches!(byte(at), b'.' | b',') && byte(at + 1).is_ascii_digit() {
                        at += 1;
                        let mut unit = 100;
                        while byte(at).is_ascii_digit() {
                            time[3] += u64::from(bytes[at] - b'0') * unit;
                            unit /= 10;
                            at += 1;
                        }
                    }
                }
                found.time = Some(time);
            } else if matches!(before, b'+' | b'-') && found.time.is_some() {
                let mut east = match length {
                    1 | 2 => number * 60,
                    4 => number / 100 * 60 + number % 100,
                    _ => return None,
                };
                if length < 3 && next == b':' {
                    at += 1;
                    east += digits(bytes, &mut at).0;
                }
                if east > 14 * 60 {
                    return None;
                }
                found.zone = Some(if before == b'-' { -(east as i64) } else { east as i64 });
            } else if found.time.is_none() && found.count > 0 && (after_t || next == b'h') && matches!(length, 4 | 6) {
                let (number, second) = if length == 6 { (number / 100, number % 100) } else { (number, 0) };
                found.time = Some([number / 100, number % 100, second, 0]);
            } else {
                *found.numbers.get_mut(found.count)? = (number, length);
                found.count += 1;
            }
            after_t = false;
        } else if first.is_ascii_alphabetic() || first >= 128 {
            let start = at;
            while byte(at).is_ascii_alphabetic() || byte(at) >= 128 {
                at += 1;
            }
            let word = text.get(start..at)?;
            after_t = word == "t";
            if first == b'p' && found.count == 0 && found.time.is_none() && (word == "pt" || at - start == 1) {
                return None; // A duration.
            }
            let month = month(word);
            if month > 0 {
                found.month = month;
            } else if at - start == 1 && matches!(first, b'a' | b'p') {
                // Of `a.m.` and `p.m.`; alone it is a word.
                if byte(at) == b'.' {
                    found.half = first;
                }
            } else if AFTERNOON.contains(&word) {
                found.half = b'p';
            } else if MORNING.contains(&word) {
                found.half = b'a';
            } else if found.zone.is_none() {
                for &(name, east) in ZONES {
                    if name == word {
                        found.zone = Some(i64::from(east));
                    }
                }
            }
        } else {
            at += 1;
        }
    }
    Some(found)
}

/// Reads digits; a number that is too long for any date is cut, its length tells.
fn digits(bytes: &[u8], at: &mut usize) -> (u64, usize) {
    let start = *at;
    let mut number = 0u64;
    while let Some(digit @ b'0'..=b'9') = bytes.get(*at) {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        *at += 1;
    }
    (number, *at - start)
}

/// The month that a word begins with the name of; 0 for none.
fn month(word: &str) -> i64 {
    let word = word.as_bytes();
    let (mut best, mut longest, mut month, mut start) = (0, 0, 1, 0);
    let names = MONTHS.as_bytes();
    for at in 0..=names.len() {
        let end = names.get(at).copied().unwrap_or(b'|');
        if matches!(end, b' ' | b'|') {
            if at > start && at - start > longest && word.starts_with(&names[start..at]) {
                (best, longest) = (month, at - start);
            }
            start = at + 1;
            month += i64::from(end == b'|');
        }
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

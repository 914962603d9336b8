//! One version of an article, whatever document it was read from.
//!
//! The public part is the contract's `Article`; the rest is what polling and the view need to
//! know. Reading it is left to [`crate::read`], showing it to the view.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

use crate::plain::{Plain, list, text};
use crate::tree::Tree;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = f64;

/// How much of a [`Time`] its source really said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// A moment, with its zone.
    Moment,
    /// A date and a time without a zone, read in `source-time-zone`; shown as a date only.
    Zoneless,
    /// A date alone: never shifted into another zone.
    Date,
}

/// A point in time as a document gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// When; for a [`Precision::Date`] the midnight of that date in UTC.
    pub at: Millis,
    /// How much of it was said.
    pub precision: Precision,
}

/// A person or body who wrote the article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// As it is to be shown.
    pub name: String,
    /// Their page.
    pub url: Option<String>,
}

/// The article's leading picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    /// Absolute; `http:` or `https:`.
    pub url: String,
    /// What it shows.
    pub caption: Option<String>,
    /// Who took it.
    pub credit: Option<String>,
    /// In pixels.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
}

/// A paragraph of an article (one top-level element of its body) or an entry of a live blog.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The same in each version: the entry's `@id` or URL, else made from its content.
    pub id: String,
    /// An entry's own headline.
    pub headline: Option<String>,
    /// When an entry was published.
    pub published: Option<Time>,
    /// When an entry was last changed.
    pub modified: Option<Time>,
    /// What it says, cleaned; leaves as plain text.
    pub body: Tree,
    /// Who wrote an entry.
    pub authors: Vec<Author>,
    /// An entry's permalink.
    pub url: Option<String>,
    /// A hash of all that an entry was read from; 0 where that is not all in one place.
    pub print: u64,
}

/// What the newsroom got wrong and put right.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// In the newsroom's words.
    pub text: String,
    /// When.
    pub date: Option<Time>,
}

/// One version of an article. Serializes to the contract's `Article`.
#[derive(Clone, Debug, Default)]
pub struct Article {
    /// `@id`, else the URL, else what the source calls its identifier.
    pub id: String,
    /// Absolute.
    pub url: Option<String>,
    /// Plain text.
    pub headline: String,
    /// Plain text.
    pub summary: Option<String>,
    /// In the document's order.
    pub authors: Vec<Author>,
    /// Its name.
    pub publisher: Option<String>,
    /// The leading picture.
    pub image: Option<Image>,
    /// First published.
    pub published: Option<Time>,
    /// Last modified: the latest of the article's and its blocks'. Never before `published`.
    pub modified: Option<Time>,
    /// In document order. Empty where the document brings no body. Versions share those that are equal in them.
    pub blocks: Vec<Arc<Block>>,
    /// Newest last, as the document has them.
    pub corrections: Vec<Correction>,
    /// A live blog whose coverage is not over.
    pub live: bool,
    /// `isAccessibleForFree`, where the document says.
    pub free: Option<bool>,
    /// The publisher's own count of versions.
    pub version: Option<String>,

    /// Blocks are entries of a live blog or a feed, not paragraphs.
    pub blog: bool,
    /// Entries older than the oldest listed have left the feed's window; they were not removed.
    pub windowed: bool,
    /// `coverageEndTime` or `expires`, the later: after it no updates are promised.
    pub ends: Option<Time>,
    /// The feed says that it will never be updated again (JSON Feed `expired`).
    pub ended: bool,
    /// The publisher took it back (ninjs `canceled`, `withheld`).
    pub withdrawn: bool,
    /// Language of the text, where the document says.
    pub lang: Option<String>,
}

impl Time {
    /// From when on it is over: a date has its day.
    pub(crate) fn end(self) -> Millis {
        self.at + if self.precision == Precision::Date { 86_400_000.0 } else { 0.0 }
    }

    /// ISO 8601: in UTC to the second (milliseconds only where there are any), a date alone as a date.
    #[inline(never)]
    pub fn iso(self) -> String {
        let seconds = floor(self.at / 1000.0);
        let millis = (self.at - seconds as f64 * 1000.0) as i64;
        let days = seconds.div_euclid(86_400);
        let rest = seconds.rem_euclid(86_400);
        let (year, month, day) = civil(days);
        let mut out = String::with_capacity(24);
        if (0..=9999).contains(&year) {
            digits(&mut out, year.unsigned_abs(), 4);
        } else {
            out.push(if year < 0 { '-' } else { '+' });
            digits(&mut out, year.unsigned_abs(), 6);
        }
        for (sign, number, width) in [
            ('-', month, 2),
            ('-', day, 2),
            ('T', rest / 3600, 2),
            (':', rest / 60 % 60, 2),
            (':', rest % 60, 2),
            ('.', millis, 3),
        ] {
            if sign == 'T' && self.precision == Precision::Date {
                return out;
            }
            if sign != '.' || number != 0 {
                out.push(sign);
                digits(&mut out, number as u64, width);
            }
        }
        out.push('Z');
        out
    }
}

fn floor(value: f64) -> i64 {
    let whole = value as i64;
    if (whole as f64) > value { whole - 1 } else { whole }
}

fn digits(out: &mut String, number: u64, width: u32) {
    let mut power = 10u64.pow(width - 1);
    while power > 0 {
        out.push(char::from(b'0' + (number / power % 10) as u8));
        power /= 10;
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
pub fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}

/// The day counted from 1970-01-01 of a year, month (1–12) and day (1–31): the inverse of [`civil`].
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Article {
    /// The contract's `Article`.
    pub fn plain(&self) -> Plain {
        use Plain::{Bool, Null, Object, Text};
        let image = self.image.as_ref().map_or(Null, |image| {
            Object(vec![
                ("url", Text(image.url.clone())),
                ("caption", text(image.caption.as_deref())),
                ("credit", text(image.credit.as_deref())),
                ("width", pixels(image.width)),
                ("height", pixels(image.height)),
            ])
        });
        Object(vec![
            ("id", Text(self.id.clone())),
            ("url", text(self.url.as_deref())),
            ("headline", Text(self.headline.clone())),
            ("summary", text(self.summary.as_deref())),
            (
                "authors",
                list(&self.authors, |author| {
                    Object(vec![("name", Text(author.name.clone())), ("url", text(author.url.as_deref()))])
                }),
            ),
            ("publisher", text(self.publisher.as_deref())),
            ("image", image),
            ("published", iso(self.published)),
            ("modified", iso(self.modified)),
            (
                "blocks",
                list(&self.blocks, |block| {
                    Object(vec![
                        ("id", Text(block.id.clone())),
                        ("headline", text(block.headline.as_deref())),
                        ("published", iso(block.published)),
                        ("modified", iso(block.modified)),
                        ("text", Text(block.body.plain(0, block.body.nodes().len()))),
                    ])
                }),
            ),
            (
                "corrections",
                list(&self.corrections, |correction| {
                    Object(vec![("text", Text(correction.text.clone())), ("date", iso(correction.date))])
                }),
            ),
            ("live", Bool(self.live)),
            ("free", self.free.map_or(Null, Bool)),
            ("version", text(self.version.as_deref())),
        ])
    }
}

impl Serialize for Article {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.plain().serialize(serializer)
    }
}

fn iso(time: Option<Time>) -> Plain {
    time.map_or(Plain::Null, |time| Plain::Text(time.iso()))
}

fn pixels(pixels: Option<u32>) -> Plain {
    pixels.map_or(Plain::Null, |pixels| Plain::Number(f64::from(pixels)))
}

/// Whether `next` is older than `shown`: by modified time, then by version where both have a number.
pub fn is_older(next: &Article, shown: &Article) -> bool {
    match (next.modified, shown.modified) {
        (Some(next), Some(shown)) if next.at != shown.at => return next.at < shown.at,
        _ => {}
    }
    match (number(next.version.as_deref()), number(shown.version.as_deref())) {
        (Some(next), Some(shown)) => next < shown,
        _ => false,
    }
}

fn number(version: Option<&str>) -> Option<u64> {
    let text = version?;
    let mut number = 0;
    for byte in text.bytes() {
        if !byte.is_ascii_digit() || text.len() > 18 {
            return None;
        }
        number = number * 10 + u64::from(byte - b'0');
    }
    (!text.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_iso_8601() {
        for (at, precision, text) in [
            (0.0, Precision::Moment, "1970-01-01T00:00:00Z"),
            (1_469_577_600_000.0, Precision::Date, "2016-07-27"),
            (1_469_622_896_789.0, Precision::Moment, "2016-07-27T12:34:56.789Z"),
            (-1.0, Precision::Moment, "1969-12-31T23:59:59.999Z"),
            (253_402_300_800_000.0, Precision::Zoneless, "+010000-01-01T00:00:00Z"),
            (-62_167_219_200_000.0, Precision::Moment, "0000-01-01T00:00:00Z"),
        ] {
            assert_eq!(Time { at, precision }.iso(), text);
        }
    }

    #[test]
    fn a_day_and_its_date_are_inverse() {
        for day in (-800_000..800_000).step_by(97) {
            let (year, month, dom) = civil(day);
            assert_eq!(days(year, month, dom), day);
        }
    }

    #[test]
    fn older_is_by_time_then_by_version() {
        let version = |at: Option<f64>, version: &str| Article {
            modified: at.map(|at| Time { at, precision: Precision::Moment }),
            version: Some(version.into()),
            ..Article::default()
        };
        for (next, shown, older) in [
            (version(Some(1.0), "9"), version(Some(2.0), "1"), true),
            (version(Some(2.0), "1"), version(Some(1.0), "9"), false),
            (version(Some(1.0), "9"), version(Some(1.0), "10"), true),
            (version(None, "10"), version(Some(1.0), "9"), false),
            (version(Some(1.0), "b"), version(Some(1.0), "c"), false),
        ] {
            assert_eq!(is_older(&next, &shown), older);
        }
    }
}

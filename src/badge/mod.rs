//! The badge: when the article changed, when that was last checked, and what is wrong if anything is.
//!
//! [`face`] decides what it says and until when that is true; [`show`] writes it down as markup. Both are pure: `now`
//! is handed in, by the server's clock where it is known. How dates, relative times and plural forms are written is
//! left to [`Intl`]; waking up at [`Face::until`] and carrying the markup out to the view.

mod age;
mod words;
mod zone;

use alloc::string::String;

pub use self::age::{Age, Unit};
pub use self::words::{Word, Words};
pub use self::zone::moment;

use self::age::{DAY, MINUTE};
use crate::article::{Millis, Precision, Time};
use crate::tree::{self, Tree};

/// How far ahead of now a time may be and still pass for a clock that is a little off.
const AHEAD: Millis = 10.0 * MINUTE;
/// A change so soon after publication is still the publication.
const SETTLING: Millis = MINUTE;
/// A request under way for so long is worth a word.
const LONG: Millis = 3_000.0;
/// The steps in which the first minute since a check is told.
const STEP: Millis = 10_000.0;
/// The last moment that the Web's dates reach (ECMA-262 section 21.4.1.1); the first is as far before 1970.
const REACH: Millis = 8.64e15;

/// How a card is doing: the contract's `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Nothing has come yet.
    #[default]
    Loading,
    /// It follows the newsroom.
    Live,
    /// Answers are overdue.
    Stale,
    /// The browser has no network.
    Offline,
    /// By the reader or the page.
    Paused,
    /// Coverage is over.
    Ended,
    /// The publisher took the article back.
    Withdrawn,
    /// It cannot work here.
    Unsupported,
}

impl Status {
    /// The contract's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Offline => "offline",
            Self::Paused => "paused",
            Self::Ended => "ended",
            Self::Withdrawn => "withdrawn",
            Self::Unsupported => "unsupported",
        }
    }
}

/// The `format` attribute: how the time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Relative under a day, absolute from then on.
    #[default]
    Auto,
    /// `3 minutes ago`
    Relative,
    /// `07/27/2016`
    Absolute,
}

impl Format {
    /// The attribute's value; what is none of them is the default.
    pub fn parse(value: &str) -> Self {
        match value {
            "relative" => Self::Relative,
            "absolute" => Self::Absolute,
            _ => Self::Auto,
        }
    }
}

/// All that a badge goes by. Moments are by the same clock as `now`.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The article's.
    pub published: Option<Time>,
    /// The article's.
    pub modified: Option<Time>,
    /// When the last answer came.
    pub checked: Option<Millis>,
    /// Since when a request has been under way.
    pub checking: Option<Millis>,
    /// Since when the card has been paused.
    pub paused: Option<Millis>,
    /// The card's.
    pub status: Status,
    /// The attribute, or what the reader chose instead: [`Face::other`] at the time of the click.
    pub format: Format,
}

/// What is said of the article's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Said {
    /// Less than a minute ago, or a little ahead.
    JustNow,
    /// So long ago.
    Ago(Age),
    /// On that day.
    Date,
    /// On that day, at that hour: the day alone would say less than the relative time did.
    DateAndClock,
}

/// When the last check was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Checked {
    /// A moment ago.
    JustNow,
    /// So long ago.
    Ago(Age),
    /// A moment, told absolutely because the badge stands still.
    At(Millis),
}

/// What a badge says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// The article's time and what it is the time of ([`Word::LastUpdated`] or [`Word::Published`]), if it has one.
    pub time: Option<(Word, Time, Said)>,
    /// What `format` becomes when the reader asks for the other way of telling the time; none where there is none.
    pub other: Option<Format>,
    /// The second clock.
    pub checked: Option<Checked>,
    /// The status, where it is worth a word.
    pub status: Option<Word>,
    /// When it was paused.
    pub since: Option<Millis>,
    /// The check or the pause is more than a day old: the hour alone would not do.
    pub dated: bool,
    /// Name of the pause button; none where there is nothing left to pause.
    pub button: Option<Word>,
    /// When any of this is next different; infinite if never.
    pub until: Millis,
}

/// What the badge says at `now`.
pub fn face(facts: &Facts, now: Millis) -> Face {
    let mut until = f64::INFINITY;
    let mut next = |moment: Millis| sooner(&mut until, moment, now);
    let paused = facts.status == Status::Paused;

    let mut other = None;
    let time = subject(facts).map(|(label, time)| {
        let elapsed = now - time.at;
        if time.precision != Precision::Moment {
            return (label, time, Said::Date);
        }
        for border in [-DAY, -AHEAD, DAY] {
            next(time.at + border);
        }
        let fresh = (-DAY..DAY).contains(&elapsed);
        let relative = facts.format == Format::Relative || facts.format == Format::Auto && fresh;
        if !paused && elapsed >= -AHEAD {
            other = Some(if relative { Format::Absolute } else { Format::Relative });
            if relative {
                let (age, border) = Age::of(elapsed, MINUTE);
                next(time.at + border);
                return (label, time, age.map_or(Said::JustNow, Said::Ago));
            }
        }
        (label, time, if fresh { Said::DateAndClock } else { Said::Date })
    });

    let gone = matches!(facts.status, Status::Withdrawn | Status::Unsupported);
    let checked = facts.checked.filter(|_| !gone).map(|at| {
        if paused {
            return Checked::At(at);
        }
        let (age, border) = Age::of(now - at, STEP);
        next(at + border);
        age.map_or(Checked::JustNow, Checked::Ago)
    });

    let since = facts.paused.filter(|_| paused);
    let dated = [since, facts.checked].into_iter().flatten().any(|at| now - at >= DAY);
    let mut status = match facts.status {
        Status::Live | Status::Unsupported => None,
        Status::Loading => Some(Word::Checking),
        Status::Stale => Some(Word::NotUpdating),
        Status::Offline => Some(Word::Offline),
        Status::Paused if facts.paused.is_none() => Some(Word::Paused),
        Status::Paused => Some(if dated { Word::PausedSinceDay } else { Word::PausedSince }),
        Status::Ended => Some(Word::Ended),
        Status::Withdrawn => Some(Word::Withdrawn),
    };
    if let (Status::Live, Some(since)) = (facts.status, facts.checking) {
        next(since + LONG);
        status = (now - since >= LONG).then_some(Word::Checking);
    }

    let button = match facts.status {
        Status::Ended | Status::Withdrawn | Status::Unsupported => None,
        Status::Paused => Some(Word::Resume),
        _ => Some(Word::Pause),
    };
    Face { time, other, checked, status, since, dated, button, until: if paused { f64::INFINITY } else { until } }
}

#[inline(never)]
fn sooner(until: &mut Millis, moment: Millis, now: Millis) {
    if moment > now && moment < *until {
        *until = moment;
    }
}

/// Which of the article's times the badge tells, and by what name.
fn subject(facts: &Facts) -> Option<(Word, Time)> {
    let real = |time: &Time| time.at.abs() <= REACH;
    let published = facts.published.filter(real);
    let modified = facts.modified.filter(real);
    match (published, modified) {
        (Some(published), Some(modified)) if modified.at - published.at <= SETTLING => {
            Some((Word::Published, published))
        }
        (_, Some(modified)) => Some((Word::LastUpdated, modified)),
        (Some(published), None) => Some((Word::Published, published)),
        (None, None) => None,
    }
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `07/27/2016`
    Date,
    /// `10:03`
    Clock,
    /// `July 27, 2016 at 10:03 AM GMT+2`; of a time without a zone `July 27, 2016`.
    Full,
}

/// The plural forms of CLDR, in the order of their lines in a language file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plural {
    /// What every language has.
    Other,
    /// Arabic, for one.
    Zero,
    /// Not always 1 alone.
    One,
    /// Arabic.
    Two,
    /// Russian 2–4, Arabic 3–10.
    Few,
    /// Russian 5–20, Arabic 11–99.
    Many,
}

/// One language, region and zone's way of writing times and numbers. Nothing here fails: what the browser refuses is
/// written its default way.
pub trait Intl {
    /// Writes a time: a [`Precision::Moment`] in the reader's zone, a [`Precision::Zoneless`] in the source's and a
    /// [`Precision::Date`] in UTC, so that the day is always the document's.
    fn time(&self, time: Time, style: Style, out: &mut String);
    /// Writes `3 minutes ago`.
    fn ago(&self, age: Age, out: &mut String);
    /// Writes a count.
    fn number(&self, count: u32, out: &mut String);
    /// The plural form that goes with a count.
    fn plural(&self, count: u32) -> Plural;
}

/// Writes the badge's markup: a `span` of part `badge` with the label, the `time`, the parts `checked` and `status` and
/// the button of part `pause`.
///
/// The time is a button where it can be told another way; its title is the full time, for print too. Nothing in here
/// is announced: a text that ticks would never let a screen reader finish.
pub fn show(face: &Face, words: &Words, intl: &dyn Intl, out: &mut Tree) {
    let mut text = String::new();
    out.open(tree::SPAN).attr(tree::PART, "badge");
    out.attr(tree::LANG, words.get(Word::Lang)).attr(tree::DIR, words.get(Word::Direction));
    if let Some((label, time, said)) = face.time {
        let (before, after) = words.around(label);
        out.open(tree::SPAN).text(before);
        out.open(tree::TIME).attr(tree::PART, "time").attr(tree::CLASS, "time").attr(tree::DATETIME, &time.iso());
        intl.time(time, Style::Full, &mut text);
        out.attr(tree::TITLE, &text);
        if face.other.is_some() {
            out.attr(tree::ROLE, "button").attr(tree::TABINDEX, "0");
        }
        text.clear();
        match said {
            Said::JustNow => text.push_str(words.get(Word::JustNow)),
            Said::Ago(age) => intl.ago(age, &mut text),
            Said::Date | Said::DateAndClock => intl.time(time, Style::Date, &mut text),
        }
        out.text(&text).close();
        if said == Said::DateAndClock {
            text.clear();
            text.push(' ');
            intl.time(time, Style::Clock, &mut text);
            out.open(tree::SPAN).text(&text).close();
        }
        out.text(after).close();
    }
    if let Some(checked) = face.checked {
        text.clear();
        let word = match checked {
            Checked::JustNow => {
                text.push_str(words.get(Word::JustNow));
                Word::Checked
            }
            Checked::Ago(age) => {
                intl.ago(age, &mut text);
                Word::Checked
            }
            Checked::At(at) => {
                clock(at, face.dated, intl, &mut text);
                if face.dated { Word::CheckedAtDay } else { Word::CheckedAt }
            }
        };
        piece("checked", word, &text, words, out);
    }
    if let Some(status) = face.status {
        text.clear();
        if let Some(since) = face.since {
            clock(since, face.dated, intl, &mut text);
        }
        piece("status", status, &text, words, out);
    }
    if let Some(button) = face.button {
        let name = words.get(button);
        out.text(" ").open(tree::BUTTON).attr(tree::PART, "pause").attr(tree::TYPE, "button");
        out.attr(tree::ARIA_LABEL, name).attr(tree::TITLE, name).close();
    }
    out.close();
}

fn piece(part: &str, word: Word, value: &str, words: &Words, out: &mut Tree) {
    let mut text = String::new();
    words.fill(word, value, &mut text);
    out.text(" ").open(tree::SPAN).attr(tree::PART, part).text(&text).close();
}

fn clock(at: Millis, dated: bool, intl: &dyn Intl, out: &mut String) {
    let time = Time { at, precision: Precision::Moment };
    if dated {
        intl.time(time, Style::Date, out);
        out.push(' ');
    }
    intl.time(time, Style::Clock, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_469_622_896_000.0; // 2016-07-27T12:34:56Z

    /// Writes everything in UTC and English, by hand.
    struct Plain;

    impl Intl for Plain {
        fn time(&self, time: Time, style: Style, out: &mut String) {
            let iso = time.iso();
            match style {
                Style::Date => out.push_str(&[&iso[5..7], "/", &iso[8..10], "/", &iso[..4]].concat()),
                Style::Clock => out.push_str(&iso[11..16]),
                Style::Full => out.push_str(&iso),
            }
        }

        fn ago(&self, age: Age, out: &mut String) {
            let plural = if age.count == 1 { "" } else { "s" };
            out.push_str(&[&age.count.to_string(), " ", age.unit.name(), plural, " ago"].concat());
        }

        fn number(&self, count: u32, out: &mut String) {
            out.push_str(&count.to_string());
        }

        fn plural(&self, count: u32) -> Plural {
            if count == 1 { Plural::One } else { Plural::Other }
        }
    }

    fn facts() -> Facts {
        Facts {
            published: None,
            modified: Some(moment(NOW)),
            checked: None,
            checking: None,
            paused: None,
            status: Status::Live,
            format: Format::Auto,
        }
    }

    fn moment(at: Millis) -> Time {
        Time { at, precision: Precision::Moment }
    }

    const SECOND: Millis = 1_000.0;
    const HOUR: Millis = 60.0 * MINUTE;

    /// What the badge says, its pieces apart.
    fn said(facts: &Facts, now: Millis) -> String {
        let mut tree = Tree::new();
        show(&face(facts, now), &Words::english(), &Plain, &mut tree);
        let mut text = tree.plain(0, tree.nodes().len());
        if let Some(name) = (0..tree.nodes().len()).find_map(|at| tree.find(at, tree::ARIA_LABEL)) {
            text.push_str(&[" [", name, "]"].concat());
        }
        text
    }

    #[test]
    fn the_time_is_relative_while_fresh() {
        for (elapsed, text) in [
            (-2.0 * DAY, "Last Updated: 07/29/2016"),
            (-DAY, "Last Updated: 07/28/2016 12:34"),
            (-11.0 * MINUTE, "Last Updated: 07/27/2016 12:45"),
            (-10.0 * MINUTE - 1.0, "Last Updated: 07/27/2016 12:44"),
            (-10.0 * MINUTE, "Last Updated: just now"),
            (0.0, "Last Updated: just now"),
            (MINUTE - 1.0, "Last Updated: just now"),
            (MINUTE, "Last Updated: 1 minute ago"),
            (3.0 * MINUTE, "Last Updated: 3 minutes ago"),
            (HOUR - 1.0, "Last Updated: 59 minutes ago"),
            (HOUR, "Last Updated: 1 hour ago"),
            (DAY - 1.0, "Last Updated: 23 hours ago"),
            (DAY, "Last Updated: 07/26/2016"),
        ] {
            let facts = Facts { modified: Some(moment(NOW - elapsed)), ..facts() };
            assert_eq!(said(&facts, NOW), [text, " [Pause updates]"].concat(), "{elapsed}");
        }
    }

    #[test]
    fn a_format_holds_where_it_is_true() {
        let (absolute, relative) = (Some(Format::Absolute), Some(Format::Relative));
        for (precision, elapsed, format, text, other) in [
            (Precision::Moment, HOUR, Format::Auto, "1 hour ago", absolute),
            (Precision::Moment, HOUR, Format::Absolute, "07/27/2016 11:34", relative),
            (Precision::Moment, 9.0 * DAY, Format::Auto, "07/18/2016", relative),
            (Precision::Moment, 9.0 * DAY, Format::Relative, "1 week ago", absolute),
            (Precision::Moment, -HOUR, Format::Relative, "07/27/2016 13:34", None),
            (Precision::Zoneless, HOUR, Format::Relative, "07/27/2016", None),
            (Precision::Date, HOUR, Format::Auto, "07/27/2016", None),
        ] {
            let modified = Some(Time { at: NOW - elapsed, precision });
            let facts = Facts { modified, format, ..facts() };
            assert_eq!(said(&facts, NOW), ["Last Updated: ", text, " [Pause updates]"].concat());
            assert_eq!(face(&facts, NOW).other, other);
        }
    }

    #[test]
    fn every_unit_begins_and_ends_at_its_border() {
        let year = 365.2425 * DAY;
        for (elapsed, text) in [
            (2.0 * DAY - 1.0, "1 day ago"),
            (2.0 * DAY, "2 days ago"),
            (7.0 * DAY - 1.0, "6 days ago"),
            (7.0 * DAY, "1 week ago"),
            (year / 12.0 - 1.0, "4 weeks ago"),
            (year / 12.0, "1 month ago"),
            (year - 1.0, "11 months ago"),
            (year, "1 year ago"),
            (30.0 * year - 1.0, "29 years ago"),
            (30.0 * year, "30 years ago"),
        ] {
            let facts = Facts { modified: Some(moment(NOW - elapsed)), format: Format::Relative, ..facts() };
            assert_eq!(said(&facts, NOW), ["Last Updated: ", text, " [Pause updates]"].concat(), "{elapsed}");
        }
    }

    #[test]
    fn an_article_that_was_never_changed_is_published() {
        let day = |at| Some(Time { at, precision: Precision::Date });
        for (published, modified, text) in [
            (None, None, ""),
            (Some(moment(NOW)), None, "Published: just now"),
            (None, Some(moment(NOW)), "Last Updated: just now"),
            (Some(moment(NOW - HOUR)), Some(moment(NOW - HOUR + MINUTE)), "Published: 1 hour ago"),
            (Some(moment(NOW - HOUR)), Some(moment(NOW - HOUR + MINUTE + 1.0)), "Last Updated: 58 minutes ago"),
            (Some(moment(NOW - HOUR)), Some(moment(NOW - 2.0 * HOUR)), "Published: 1 hour ago"),
            (day(NOW - DAY), day(NOW - DAY), "Published: 07/26/2016"),
            (day(NOW - DAY), day(NOW), "Last Updated: 07/27/2016"),
            (Some(moment(f64::NAN)), Some(moment(f64::INFINITY)), ""),
            (Some(moment(NOW)), Some(moment(8.65e15)), "Published: just now"),
        ] {
            let mut expected = String::from(text);
            expected.push_str(if text.is_empty() { "[Pause updates]" } else { " [Pause updates]" });
            assert_eq!(said(&Facts { published, modified, ..facts() }, NOW).trim(), expected);
        }
    }

    #[test]
    fn the_second_clock_goes_in_steps() {
        for (elapsed, text) in [
            (-HOUR, "checked just now"),
            (10.0 * SECOND - 1.0, "checked just now"),
            (10.0 * SECOND, "checked 10 seconds ago"),
            (20.0 * SECOND - 1.0, "checked 10 seconds ago"),
            (59.0 * SECOND, "checked 50 seconds ago"),
            (MINUTE, "checked 1 minute ago"),
            (2.0 * HOUR, "checked 2 hours ago"),
        ] {
            let facts = Facts { modified: None, checked: Some(NOW - elapsed), ..facts() };
            assert_eq!(said(&facts, NOW), [text, " [Pause updates]"].concat());
        }
    }

    #[test]
    fn every_status_has_its_words() {
        for (status, text) in [
            (Status::Loading, "Last Updated: 1 hour ago checking… [Pause updates]"),
            (Status::Live, "Last Updated: 1 hour ago checked 1 minute ago [Pause updates]"),
            (Status::Stale, "Last Updated: 1 hour ago checked 1 minute ago not updating [Pause updates]"),
            (Status::Offline, "Last Updated: 1 hour ago checked 1 minute ago offline [Pause updates]"),
            (Status::Paused, "Last Updated: 07/27/2016 11:34 checked at 12:33 paused since 12:34 [Resume updates]"),
            (Status::Ended, "Last Updated: 1 hour ago checked 1 minute ago updates have ended"),
            (Status::Withdrawn, "Last Updated: 1 hour ago withdrawn by the publisher"),
            (Status::Unsupported, "Last Updated: 1 hour ago"),
        ] {
            let checked = Some(NOW - MINUTE).filter(|_| status != Status::Loading);
            let modified = Some(moment(NOW - HOUR));
            let facts = Facts { modified, checked, paused: Some(NOW), status, ..facts() };
            assert_eq!(said(&facts, NOW), text);
        }
    }

    #[test]
    fn a_long_check_is_told_only_while_all_is_well() {
        for (status, elapsed, text) in [
            (Status::Live, 2.9, "[Pause updates]"),
            (Status::Live, 3.0, "checking… [Pause updates]"),
            (Status::Stale, 3.0, "not updating [Pause updates]"),
        ] {
            let facts = Facts { modified: None, checking: Some(NOW - elapsed * SECOND), status, ..facts() };
            assert_eq!(said(&facts, NOW).trim(), text);
        }
    }

    #[test]
    fn a_paused_badge_stands_still_and_tells_the_day_after_one() {
        let facts = Facts {
            modified: Some(moment(NOW - HOUR)),
            checked: Some(NOW),
            paused: Some(NOW + SECOND),
            status: Status::Paused,
            ..facts()
        };
        assert_eq!(face(&facts, NOW + MINUTE).until, f64::INFINITY);
        assert_eq!(
            said(&facts, NOW + 2.0 * DAY),
            "Last Updated: 07/27/2016 checked on 07/27/2016 12:34 paused since 07/27/2016 12:34 [Resume updates]"
        );
        let unknown = Facts { modified: None, checked: None, paused: None, ..facts };
        assert_eq!(said(&unknown, NOW), "paused [Resume updates]");
    }

    #[test]
    fn the_text_changes_exactly_when_it_was_said_to() {
        for (format, from, to, busy) in [
            (Format::Auto, -2.0, 3.0, true),
            (Format::Relative, -2.0, 3.0, true),
            (Format::Absolute, -2.0, 3.0, true),
            (Format::Relative, 3.0, 800.0, false),
            (Format::Auto, 3.0, 800.0, false),
        ] {
            let (checked, checking) = (Some(NOW + 3_000.0).filter(|_| busy), Some(NOW + 70_000.0).filter(|_| busy));
            let facts = Facts { format, checked, checking, ..facts() };
            let mut now = NOW + from * DAY;
            while now < NOW + to * DAY {
                let (text, until) = (said(&facts, now), face(&facts, now).until);
                assert!(until > now);
                if until.is_finite() {
                    assert_eq!(said(&facts, until - 1.0), text, "{format:?}, {} s", (now - NOW) / 1000.0);
                }
                now = until;
            }
        }
    }

    #[test]
    fn the_time_is_a_button_with_a_full_title_and_a_machine_readable_value() {
        let mut tree = Tree::new();
        show(&face(&facts(), NOW), &Words::english(), &Plain, &mut tree);
        let time = tree.nodes().iter().position(|node| node.kind == tree::Kind::Element && node.name == tree::TIME);
        for (name, value) in [
            (tree::PART, "time"),
            (tree::DATETIME, "2016-07-27T12:34:56Z"),
            (tree::TITLE, "2016-07-27T12:34:56Z"),
            (tree::ROLE, "button"),
            (tree::TABINDEX, "0"),
        ] {
            assert_eq!(tree.find(time.unwrap(), name), Some(value));
        }
        assert_eq!((tree.find(0, tree::LANG), tree.find(0, tree::DIR)), (Some("en"), Some("ltr")));
    }

    #[test]
    fn a_format_is_read_from_its_attribute() {
        for (value, format) in [
            ("auto", Format::Auto),
            ("relative", Format::Relative),
            ("absolute", Format::Absolute),
            ("", Format::Auto),
            ("Relative!", Format::Auto),
        ] {
            assert_eq!(Format::parse(value), format);
        }
    }
}

//! The card's own words in one language: English built in, others read from a small text file.
//!
//! Which file to ask for is decided here; fetching it is left to the view, and dates, numbers and
//! relative times to [`Intl`](super::Intl).

use alloc::string::String;
use alloc::vec::Vec;

use super::{Intl, Plural};

/// The file every other one is measured by: its keys, in its order, are [`Word`].
const ENGLISH: &str = include_str!("lang/en.txt");

/// The languages that have a file `lang/<tag>.txt` in the package. English has none: it is built in.
pub const LANGUAGES: &[&str] = &["ar", "de", "es", "fr", "hi", "ja", "pt", "ru", "zh"];

/// One text of a language, in the order of `lang/en.txt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Word {
    /// The language's own tag.
    Lang,
    /// `ltr` or `rtl`.
    Direction,
    /// Label of the time of the last change.
    LastUpdated,
    /// Label of the time of an article that was never changed.
    Published,
    /// Less than a minute ago (a check: less than ten seconds).
    JustNow,
    /// How long ago the last check was.
    Checked,
    /// When the last check was.
    CheckedAt,
    /// A request is under way, for long.
    Checking,
    /// Stale.
    NotUpdating,
    /// Offline.
    Offline,
    /// Paused, nobody knows since when.
    Paused,
    /// Paused.
    PausedSince,
    /// Ended.
    Ended,
    /// Withdrawn.
    Withdrawn,
    /// A sentence in the withdrawn article's place.
    WithdrawnNotice,
    /// Name of the pause button.
    Pause,
    /// Name of the pause button while paused.
    Resume,
    /// Mark of a live blog.
    Live,
    /// Authors.
    Byline,
    /// Heading of a correction.
    Correction,
    /// Mark of a block that was changed.
    Changed,
    /// Summary of the disclosure that shows what changed.
    Changes,
    /// The same, against what this reader last saw.
    ChangesSinceVisit,
    /// Around inserted words, for screen readers.
    Inserted,
    /// Around deleted words, for screen readers.
    Deleted,
    /// Name of a block's permalink.
    Permalink,
    /// Button that shows the blocks beyond `max-blocks`.
    More,
    /// Announcement of an update; takes the headline.
    AnnounceUpdate,
    /// Announcement of a correction; takes its text.
    AnnounceCorrection,
    /// How many updates wait. The other five plural forms follow it.
    Updates,
}

/// How many texts a language has: the last one's plural forms counted.
const COUNT: usize = Word::Updates as usize + 6;

/// All texts of one language.
#[derive(Clone, Debug)]
pub struct Words(Vec<String>);

impl Words {
    /// The built-in ones.
    pub fn english() -> Self {
        let mut words = Self(Vec::new());
        words.0.resize(COUNT, String::new());
        words.read(ENGLISH);
        words
    }

    /// Takes over the texts that a language file has; what it lacks stays as it is. Lines without a known key are
    /// passed over, so that a file written for another version does no harm.
    pub fn read(&mut self, file: &str) {
        for (key, text) in file.lines().filter_map(entry) {
            let place = ENGLISH.lines().filter_map(entry).position(|(known, _)| known == key);
            if let Some(word) = place.and_then(|place| self.0.get_mut(place)) {
                word.clear();
                word.push_str(text);
            }
        }
    }

    /// A text as it is.
    pub fn get(&self, word: Word) -> &str {
        self.at(word as usize)
    }

    /// A text's two sides of the `{}`: for what is not text but an element.
    pub fn around(&self, word: Word) -> (&str, &str) {
        split(self.get(word))
    }

    /// Writes a text with `value` in it.
    pub fn fill(&self, word: Word, value: &str, out: &mut String) {
        put(self.around(word), value, out);
    }

    /// Writes how many updates wait, in the plural form that goes with the number.
    pub fn updates(&self, count: u32, intl: &dyn Intl, out: &mut String) {
        let mut form = self.at(Word::Updates as usize + intl.plural(count) as usize);
        if form.is_empty() {
            form = self.at(Word::Updates as usize + Plural::Other as usize);
        }
        let mut number = String::new();
        intl.number(count, &mut number);
        put(split(form), &number, out);
    }

    fn at(&self, place: usize) -> &str {
        self.0.get(place).map_or("", String::as_str)
    }
}

/// The place in `have` of the language that serves a BCP 47 tag best: the tag itself, else the tag with subtags
/// taken off its end (RFC 4647 section 3.4). Case and the `_` of other systems do not matter.
pub fn lookup(mut tag: &str, have: &[&str]) -> Option<usize> {
    loop {
        if let Some(found) = have.iter().position(|known| same(known, tag)) {
            return Some(found);
        }
        tag = shorter(tag)?;
    }
}

/// A tag without its last subtag.
pub fn shorter(tag: &str) -> Option<&str> {
    let at = tag.bytes().rposition(|byte| matches!(byte, b'-' | b'_'))?;
    tag.get(..at)
}

/// Whether `tag` is in the language `known`: the tag itself or one of its regions, scripts or variants.
pub fn speaks(tag: &str, known: &str) -> bool {
    lookup(tag, &[known]).is_some()
}

fn same(one: &str, other: &str) -> bool {
    let fold = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(one, other)| fold(one) == fold(other))
}

/// Key and text of a line; none for a comment or an empty one.
fn entry(line: &str) -> Option<(&str, &str)> {
    let at = line.bytes().position(|byte| byte == b':')?;
    if line.starts_with('#') {
        return None;
    }
    Some((line.get(..at)?, line.get(at + 1..)?.trim_ascii()))
}

#[inline(never)]
fn split(text: &str) -> (&str, &str) {
    match text.as_bytes().windows(2).position(|pair| pair == b"{}") {
        Some(at) => (text.get(..at).unwrap_or(""), text.get(at + 2..).unwrap_or("")),
        None => (text, ""),
    }
}

#[inline(never)]
fn put((before, after): (&str, &str), value: &str, out: &mut String) {
    out.push_str(before);
    out.push_str(value);
    out.push_str(after);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_on_the_line_of_its_name() {
        let keys: Vec<&str> = ENGLISH.lines().filter_map(entry).map(|(key, _)| key).collect();
        assert_eq!(keys.len(), COUNT);
        for (word, key) in [
            (Word::Lang, "lang"),
            (Word::Direction, "direction"),
            (Word::LastUpdated, "last-updated"),
            (Word::Published, "published"),
            (Word::JustNow, "just-now"),
            (Word::Checked, "checked"),
            (Word::CheckedAt, "checked-at"),
            (Word::Checking, "checking"),
            (Word::NotUpdating, "not-updating"),
            (Word::Offline, "offline"),
            (Word::Paused, "paused"),
            (Word::PausedSince, "paused-since"),
            (Word::Ended, "ended"),
            (Word::Withdrawn, "withdrawn"),
            (Word::WithdrawnNotice, "withdrawn-notice"),
            (Word::Pause, "pause"),
            (Word::Resume, "resume"),
            (Word::Live, "live"),
            (Word::Byline, "byline"),
            (Word::Correction, "correction"),
            (Word::Changed, "changed"),
            (Word::Changes, "changes"),
            (Word::ChangesSinceVisit, "changes-since-visit"),
            (Word::Inserted, "inserted"),
            (Word::Deleted, "deleted"),
            (Word::Permalink, "permalink"),
            (Word::More, "more"),
            (Word::AnnounceUpdate, "announce-update"),
            (Word::AnnounceCorrection, "announce-correction"),
            (Word::Updates, "updates-other"),
        ] {
            assert_eq!(keys[word as usize], key);
        }
        for (form, key) in [
            (Plural::Other, "updates-other"),
            (Plural::Zero, "updates-zero"),
            (Plural::One, "updates-one"),
            (Plural::Two, "updates-two"),
            (Plural::Few, "updates-few"),
            (Plural::Many, "updates-many"),
        ] {
            assert_eq!(keys[Word::Updates as usize + form as usize], key);
        }
    }

    #[test]
    fn a_file_changes_the_lines_it_has() {
        let mut words = Words::english();
        words.read(
            "# a note: live: no\r\nlive:  En direct \r\n\r\nunknown: x\nno colon\nbyline: Par {} !\n: y\noffline:",
        );
        assert_eq!(words.get(Word::Live), "En direct");
        assert_eq!(words.get(Word::Offline), "");
        assert_eq!(words.get(Word::Paused), "paused");
        let mut out = String::new();
        words.fill(Word::Byline, "A", &mut out);
        words.fill(Word::Live, "B", &mut out);
        assert_eq!(out, "Par A !En directB");
    }

    #[test]
    fn a_tag_finds_its_language_along_its_subtags() {
        let have = ["de", "pt", "zh", "zh-Hant"];
        for (tag, found) in [
            ("de", Some("de")),
            ("DE-at", Some("de")),
            ("de_CH.UTF-8", Some("de")),
            ("zh-Hant-TW", Some("zh-Hant")),
            ("zh-Hans", Some("zh")),
            ("pt-BR-x-lisbon", Some("pt")),
            ("nl", None),
            ("d", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(lookup(tag, &have).map(|at| have[at]), found, "{tag}");
        }
        assert!(speaks("en-GB", "en") && !speaks("en", "en-GB") && !speaks("nl", "en"));
    }
}

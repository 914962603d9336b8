//! The card's own words in one language: English built in, others read from a small text file.
//!
//! Fetching the right file is left to the view, and dates, numbers and relative times to [`Intl`](super::Intl).

use alloc::string::String;

use super::{Intl, Plural};
use crate::markup::{find, find_all, slice};

/// The file every other one is measured by: its keys, in its order, are [`Word`].
const ENGLISH: &str = include_str!("lang/en.txt");

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
    /// The hour of the last check.
    CheckedAt,
    /// The day and the hour of the last check.
    CheckedAtDay,
    /// A request is under way, for long.
    Checking,
    /// Stale.
    NotUpdating,
    /// Offline.
    Offline,
    /// Paused, nobody knows since when.
    Paused,
    /// Paused since an hour.
    PausedSince,
    /// Paused since a day and an hour.
    PausedSinceDay,
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
pub struct Words {
    chars: String,
    /// Where each text begins and ends.
    places: [(u32, u32); COUNT],
}

impl Words {
    /// The built-in ones.
    pub fn english() -> Self {
        let mut words = Self { chars: String::new(), places: [(0, 0); COUNT] };
        words.read(ENGLISH);
        words
    }

    /// Takes over the texts that a language file has; what it lacks stays as it is. Lines without a known key are
    /// passed over, so that a file written for another version does no harm. The first of the plural forms empties
    /// the others: another language's would be wrong.
    pub fn read(&mut self, file: &str) {
        let mut rest = file;
        while let Some((key, text)) = entry(&mut rest) {
            let (mut known, mut place) = (ENGLISH, 0);
            while entry(&mut known).is_some_and(|(known, _)| known != key) {
                place += 1;
            }
            if place == Word::Updates as usize {
                self.places[place..].fill((0, 0));
            }
            if let Some(place) = self.places.get_mut(place) {
                let start = self.chars.len() as u32;
                self.chars.push_str(text);
                *place = (start, self.chars.len() as u32);
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

    /// Writes a text with `value` in it, where it has a place for one.
    pub fn fill(&self, word: Word, value: &str, out: &mut String) {
        put(self.get(word), value, out);
    }

    /// Writes how many updates wait, in the plural form that goes with the number.
    pub fn updates(&self, count: u32, intl: &dyn Intl, out: &mut String) {
        let mut form = self.at(Word::Updates as usize + intl.plural(count) as usize);
        if form.is_empty() {
            form = self.at(Word::Updates as usize + Plural::Other as usize);
        }
        let mut number = String::new();
        intl.number(count, &mut number);
        put(form, &number, out);
    }

    fn at(&self, place: usize) -> &str {
        let (start, end) = self.places.get(place).copied().unwrap_or_default();
        slice(&self.chars, start as usize, end as usize)
    }
}

/// Takes the next key and text off a file; comments, and lines without a colon, are passed over.
#[inline(never)]
fn entry<'a>(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
    while !rest.is_empty() {
        let all = *rest;
        let end = find(all.as_bytes(), 0, b'\n');
        let line = slice(all, 0, end);
        *rest = slice(all, end + 1, all.len());
        let colon = find(line.as_bytes(), 0, b':');
        if colon < line.len() && !line.starts_with('#') {
            return Some((slice(line, 0, colon), slice(line, colon + 1, line.len()).trim_ascii()));
        }
    }
    None
}

/// Writes `text` up to its `{}`, `value` and the rest; without a place for it no value.
#[inline(never)]
fn put(text: &str, value: &str, out: &mut String) {
    let (before, after) = split(text);
    out.push_str(before);
    if before.len() < text.len() {
        out.push_str(value);
    }
    out.push_str(after);
}

/// The two sides of the first `{}`; the second is empty where there is none.
#[inline(never)]
fn split(text: &str) -> (&str, &str) {
    let at = find_all(text.as_bytes(), 0, b"{}");
    (slice(text, 0, at), slice(text, at + 2, text.len()))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn entries(mut file: &str) -> impl Iterator<Item = (&str, &str)> {
        core::iter::from_fn(move || entry(&mut file))
    }

    #[test]
    fn every_word_stands_on_the_line_of_its_name() {
        let keys: Vec<&str> = entries(ENGLISH).map(|(key, _)| key).collect();
        assert_eq!(keys.len(), COUNT);
        for (word, key) in [
            (Word::Lang, "lang"),
            (Word::Direction, "direction"),
            (Word::LastUpdated, "last-updated"),
            (Word::Published, "published"),
            (Word::JustNow, "just-now"),
            (Word::Checked, "checked"),
            (Word::CheckedAt, "checked-at"),
            (Word::CheckedAtDay, "checked-at-day"),
            (Word::Checking, "checking"),
            (Word::NotUpdating, "not-updating"),
            (Word::Offline, "offline"),
            (Word::Paused, "paused"),
            (Word::PausedSince, "paused-since"),
            (Word::PausedSinceDay, "paused-since-day"),
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
        assert_eq!(out, "Par A !En direct");
    }

    #[test]
    fn a_plural_form_that_is_left_out_is_the_languages_own_other() {
        struct Form(Plural);
        impl Intl for Form {
            fn time(&self, _: crate::article::Time, _: crate::badge::Style, _: &mut String) {}
            fn ago(&self, _: crate::badge::Age, _: &mut String) {}
            fn number(&self, count: u32, out: &mut String) {
                out.push_str(&count.to_string());
            }
            fn plural(&self, _: u32) -> Plural {
                self.0
            }
        }
        for (file, form, text) in [
            ("", Plural::One, "1 update"),
            ("", Plural::Many, "1 updates"),
            ("updates-other: {} mises", Plural::One, "1 mises"),
            ("updates-other: {} mises\nupdates-one: une mise", Plural::One, "une mise"),
            ("updates-one: une mise", Plural::Few, "1 updates"),
        ] {
            let mut words = Words::english();
            words.read(file);
            let mut out = String::new();
            words.updates(1, &Form(form), &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn every_language_says_all_that_english_says() {
        let files = std::fs::read_dir("src/badge/lang").unwrap().map(|file| file.unwrap().path());
        for path in files.filter(|path| path.extension().is_some_and(|ending| ending == "txt")) {
            let tag = path.file_stem().unwrap().to_str().unwrap();
            let file = std::fs::read_to_string(&path).unwrap();
            for (key, english) in entries(ENGLISH).filter(|(_, text)| !text.is_empty()) {
                let text = entries(&file).find(|(known, _)| *known == key).map(|(_, text)| text);
                if matches!(key, "direction" | "updates-one" | "updates-zero" | "updates-two") {
                    continue;
                }
                let text = text.unwrap_or_else(|| panic!("{tag} lacks {key}"));
                assert_eq!(english.contains("{}"), text.contains("{}"), "{tag}, {key}");
                assert!(key != "lang" || text == tag);
            }
            for (key, _) in entries(&file) {
                assert!(entries(ENGLISH).any(|(known, _)| known == key), "{tag}: {key}");
            }
        }
    }
}

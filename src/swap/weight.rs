//! How much a change matters to a reader.

use alloc::vec::Vec;

use crate::tree::mix;

/// From what nobody needs to hear of to what everybody does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Spelling, white space, punctuation, dates only.
    #[default]
    Minor,
    /// It says something else.
    Update,
    /// A new or changed correction.
    Correction,
}

impl Weight {
    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Update => "update",
            Self::Correction => "correction",
        }
    }
}

/// The weight of a changed text: minor when its words are the same but for the spelling of one.
#[inline(never)]
pub fn of_text(old: &str, new: &str) -> Weight {
    let (old, new) = (words(old), words(new));
    if old.len() != new.len() {
        return Weight::Update;
    }
    let mut respelt = 0;
    for (old, new) in old.iter().zip(&new) {
        if old.1 != new.1 {
            respelt += 1;
            if respelt > 1 || !is_respelt(old.0.as_bytes(), new.0.as_bytes()) {
                return Weight::Update;
            }
        }
    }
    Weight::Minor
}

/// Words with a hash of what is left of each without punctuation, in small letters.
fn words(text: &str) -> Vec<(&str, u64)> {
    let mut out = Vec::new();
    for word in text.split_ascii_whitespace() {
        let mut sum = 0;
        for c in word.chars() {
            // Latin punctuation, general punctuation, CJK punctuation.
            if c.is_ascii_alphanumeric()
                || !matches!(c, '\0'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}')
            {
                sum = mix(sum, u64::from(c.to_ascii_lowercase()));
            }
        }
        if sum != 0 {
            out.push((word, sum));
        }
    }
    out
}

/// One slip or two in a longer word. Never a number, and never the word's beginning: other digits or
/// another "un-" are news.
fn is_respelt(old: &[u8], new: &[u8]) -> bool {
    let digit = |word: &[u8]| word.iter().any(u8::is_ascii_digit);
    if old.len() < 5
        || new.len() < 5
        || old.len() > 64
        || new.len() > 64
        || old[..2] != new[..2]
        || digit(old)
        || digit(new)
    {
        return false;
    }
    // The Levenshtein distance, a row at a time.
    let mut row: Vec<u8> = (0..=new.len() as u8).collect();
    for (above, one) in old.iter().enumerate() {
        let mut corner = row[0];
        row[0] = above as u8 + 1;
        for at in 0..new.len() {
            let swap = corner + u8::from(*one != new[at]);
            corner = row[at + 1];
            row[at + 1] = swap.min(corner + 1).min(row[at] + 1);
        }
    }
    row[new.len()] <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_minor_and_a_word_is_not() {
        for (old, new, weight) in [
            ("the harbour is closed", "the  harbour, is \u{201c}closed\u{201d}", Weight::Minor),
            ("the harbour is closed", "The harbour, is closed.", Weight::Minor),
            ("the harbuor is closed", "the harbour is closed", Weight::Minor),
            ("the habuor is clsed", "the harbour is closed", Weight::Update),
            ("12 people are missing", "13 people are missing", Weight::Update),
            ("he is not guilty", "he is now guilty", Weight::Update),
            ("an unlikely end", "a likely end", Weight::Update),
            ("one two", "one two three", Weight::Update),
            ("2019's storms", "2018's storms", Weight::Update),
        ] {
            assert_eq!(of_text(old, new), weight, "{old} → {new}");
        }
    }
}

//! What changed in words: `<ins>` and `<del>`, from one version of a text to another.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::blocks::same;
use super::pairs::NONE;
use crate::article::{Article, Block};
use crate::badge::{Word, Words};
use crate::tree::{CLASS, DEL, INS, Name, P, PART, SPAN, Tree, hash};

/// More words than this between the equal ends are told as one change.
const LIMIT: usize = 400;
/// More blocks than this are not told of.
const BLOCKS: usize = 30;

/// Writes a paragraph for the headline, the summary and each block that says something else in `new`. Which block was
/// which is told by `pairs`, as [`super::blocks::compare`] found them.
#[inline(never)]
pub fn changes(old: &Article, new: &Article, pairs: &[u32], words: &Words, out: &mut Tree) {
    paragraph(&old.headline, &new.headline, words, out);
    let summary = |article: &Article| article.summary.clone().unwrap_or_default();
    paragraph(&summary(old), &summary(new), words, out);
    let mut told = 0;
    let mut gone = vec![true; old.blocks.len()];
    for (at, &pair) in pairs.iter().enumerate() {
        let known = old.blocks.get(pair as usize);
        if known.is_some() {
            gone[pair as usize] = false;
        }
        if known.is_some_and(|known| same(known, &new.blocks[at])) {
            continue;
        }
        let was = known.map_or_else(String::new, |known| text(known));
        if known.is_some() && was.is_empty() {
            // Remembered by name only.
            continue;
        }
        told += usize::from(paragraph(&was, &text(&new.blocks[at]), words, out));
        if told >= BLOCKS {
            return;
        }
    }
    for (at, gone) in gone.iter().enumerate() {
        if told < BLOCKS && *gone {
            told += usize::from(paragraph(&text(&old.blocks[at]), "", words, out));
        }
    }
}

/// All that a block says, its headline first.
pub fn text(block: &Block) -> String {
    let mut text = block.headline.clone().unwrap_or_default();
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(&block.body.plain(0, block.body.nodes().len()));
    text
}

/// Whether two texts say the same, white space apart.
pub fn equal(old: &str, new: &str) -> bool {
    old == new || old.split_ascii_whitespace().eq(new.split_ascii_whitespace())
}

/// Writes one paragraph if the two texts differ; says whether they do.
fn paragraph(old: &str, new: &str, words: &Words, out: &mut Tree) -> bool {
    if equal(old, new) {
        return false;
    }
    out.open(P).attr(PART, "paragraph");
    for (mark, text) in diff(old, new) {
        match mark {
            Mark::Same => drop(out.text(&text)),
            Mark::Deleted => marked(DEL, Word::Deleted, &text, words, out),
            Mark::Inserted => marked(INS, Word::Inserted, &text, words, out),
        }
    }
    out.close();
    true
}

fn marked(name: Name, word: Word, text: &str, words: &Words, out: &mut Tree) {
    let (before, after) = words.around(word);
    out.open(name);
    out.open(SPAN).attr(CLASS, "quiet").text(before).close();
    out.text(text);
    out.open(SPAN).attr(CLASS, "quiet").text(after).close();
    out.close();
}

/// What became of a run of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// In both.
    Same,
    /// Only in the old text.
    Deleted,
    /// Only in the new text.
    Inserted,
}

/// The runs of words that lead from one text to another: a longest common run of words stays.
#[inline(never)]
pub fn diff(old: &str, new: &str) -> Vec<(Mark, String)> {
    let (old, new) = (split(old), split(new));
    let mut head = 0;
    while head < old.len() && head < new.len() && old[head] == new[head] {
        head += 1;
    }
    let (mut old_end, mut new_end) = (old.len(), new.len());
    while old_end > head && new_end > head && old[old_end - 1] == new[new_end - 1] {
        old_end -= 1;
        new_end -= 1;
    }
    let mut out = Vec::new();
    between(&new[..head], &mut out, Mark::Same);
    let stays = common(&old[head..old_end], &new[head..new_end]);
    let mut next = head;
    for (at, &was) in stays.iter().enumerate() {
        if was == NONE {
            continue;
        }
        let was = head + was as usize;
        between(&old[next..was], &mut out, Mark::Deleted);
        next = was + 1;
        // Whatever is new before this word.
        let from = stays[..at].iter().rposition(|&was| was != NONE).map_or(0, |last| last + 1);
        between(&new[head + from..head + at], &mut out, Mark::Inserted);
        put(&mut out, Mark::Same, new[head + at]);
    }
    let from = stays.iter().rposition(|&was| was != NONE).map_or(0, |last| last + 1);
    between(&old[next..old_end], &mut out, Mark::Deleted);
    between(&new[head + from..new_end], &mut out, Mark::Inserted);
    between(&new[new_end..], &mut out, Mark::Same);
    out
}

/// A word: its hash, itself, and whether white space stands before it.
type Piece<'a> = (u64, &'a str, bool);

/// Words, by white space; a script that has none is cut into characters.
fn split(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    for word in text.split_ascii_whitespace() {
        let mut from = 0;
        let mut spaced = true;
        for (at, c) in word.char_indices() {
            // Kana, Han and their punctuation.
            if matches!(c, '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}') {
                let end = at + c.len_utf8();
                for piece in [&word[from..at], &word[at..end]] {
                    if !piece.is_empty() {
                        out.push((hash(piece.as_bytes(), 0), piece, spaced));
                        spaced = false;
                    }
                }
                from = end;
            }
        }
        if from < word.len() {
            out.push((hash(&word.as_bytes()[from..], 0), &word[from..], spaced));
        }
    }
    out
}

/// For each new word the place of the old one that stays as it, or [`NONE`].
fn common(old: &[Piece], new: &[Piece]) -> Vec<u32> {
    let mut out = vec![NONE; new.len()];
    if old.len() > LIMIT || new.len() > LIMIT {
        return out;
    }
    let width = new.len() + 1;
    let mut lengths = vec![0u16; (old.len() + 1) * width];
    for was in (0..old.len()).rev() {
        for is in (0..new.len()).rev() {
            lengths[was * width + is] = if old[was].0 == new[is].0 {
                lengths[(was + 1) * width + is + 1] + 1
            } else {
                lengths[(was + 1) * width + is].max(lengths[was * width + is + 1])
            };
        }
    }
    let (mut was, mut is) = (0, 0);
    while was < old.len() && is < new.len() {
        if old[was].0 == new[is].0 {
            out[is] = was as u32;
            was += 1;
            is += 1;
        } else if lengths[(was + 1) * width + is] >= lengths[was * width + is + 1] {
            was += 1;
        } else {
            is += 1;
        }
    }
    out
}

fn between(words: &[Piece], out: &mut Vec<(Mark, String)>, mark: Mark) {
    for &word in words {
        put(out, mark, word);
    }
}

/// Adds a word to the last run if that is of its kind; the space before a run is nobody's.
fn put(out: &mut Vec<(Mark, String)>, mark: Mark, (_, word, spaced): Piece) {
    let spaced = spaced && !out.is_empty();
    match out.last_mut() {
        Some((last, text)) if *last == mark || (spaced && *last == Mark::Same) => {
            if spaced {
                text.push(' ');
            }
            if *last == mark {
                text.push_str(word);
                return;
            }
        }
        _ if spaced => out.push((Mark::Same, " ".into())),
        _ => {}
    }
    match out.last_mut() {
        Some((last, text)) if *last == mark => text.push_str(word),
        _ => out.push((mark, word.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> String {
        let mut out = String::new();
        for (mark, text) in diff(old, new) {
            out += &match mark {
                Mark::Same => text,
                Mark::Deleted => format!("[-{text}-]"),
                Mark::Inserted => format!("[+{text}+]"),
            };
        }
        out
    }

    #[test]
    fn words_are_told_as_they_changed() {
        for (old, new, want) in [
            ("", "", ""),
            ("a b c", "a b c", "a b c"),
            ("a b c", "a x c", "a [-b-] [+x+] c"),
            ("a b c", "a b x c", "a b [+x+] c"),
            ("a b c", "c", "[-a b-] c"),
            ("", "a b", "[+a b+]"),
            ("a b", "", "[-a b-]"),
            ("a b c d e", "b c x e f", "[-a-] b c [-d-] [+x+] e [+f+]"),
            ("one two", "three four", "[-one two-] [+three four+]"),
            ("港は閉鎖", "港が閉鎖", "港[-は-][+が+]閉鎖"),
        ] {
            assert_eq!(told(old, new), want, "{old} → {new}");
        }
    }

    #[test]
    fn both_texts_can_be_read_out_of_the_runs() {
        let mut seed = 5u64;
        let mut roll = |sides: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        for _ in 0..2_000 {
            let mut text =
                |sides| (0..roll(12)).map(|_| ["a", "b", "c", "d"][roll(sides) as usize]).collect::<Vec<_>>().join(" ");
            let (old, new) = (text(4), text(4));
            let side = |skip: Mark| {
                let runs = diff(&old, &new);
                let text: String = runs.iter().filter(|run| run.0 != skip).map(|run| run.1.as_str()).collect();
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            assert_eq!(side(Mark::Inserted), old);
            assert_eq!(side(Mark::Deleted), new);
        }
    }
}

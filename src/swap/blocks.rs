//! Which block of a new version is which of the old, and what that makes the change.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::pairs::{Item, NONE, pair, stay};
use super::tree::{similar, sketch};
use super::weight::{Weight, of_text};
use crate::article::{Article, Block, Time};
use crate::plain::{Plain, list, text};
use crate::tree::{Tree, hash, mix};

/// What happened to a field or a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there.
    Added,
    /// It is no longer there.
    Removed,
    /// It says something else.
    Changed,
    /// It stands elsewhere among the blocks.
    Moved,
}

/// One difference between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// The article's field by its public name, or null for a block.
    pub field: Option<&'static str>,
    /// The block's id (the old version's if it was removed), or null for a field.
    pub block: Option<String>,
}

/// All differences between two versions.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Fields first, then blocks in the new order, then removed ones.
    pub changes: Vec<Change>,
    /// The heaviest of them.
    pub weight: Weight,
    /// For each new block the place of its old one, or `u32::MAX`.
    pub pairs: Vec<u32>,
    /// What waits when this is held back: a blog's blocks, an article's fields and paragraphs; dates never count.
    pub count: u32,
}

impl Change {
    /// The contract's `Change`.
    pub fn plain(&self) -> Plain {
        let kind = match self.kind {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
            ChangeKind::Moved => "moved",
        };
        Plain::Object(alloc::vec![
            ("kind", text(Some(kind))),
            ("field", text(self.field)),
            ("block", text(self.block.as_deref())),
        ])
    }
}

impl Difference {
    /// The contract's `changes` and `weight`.
    pub fn plain(&self) -> Vec<(&'static str, Plain)> {
        alloc::vec![("changes", list(&self.changes, Change::plain)), ("weight", text(Some(self.weight.as_str())))]
    }

    /// Whether a reader would find any difference.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn field(&mut self, field: &'static str, was: bool, is: bool, equal: bool, weight: Weight) {
        if !equal {
            let kind = match (was, is) {
                (false, _) => ChangeKind::Added,
                (_, false) => ChangeKind::Removed,
                _ => ChangeKind::Changed,
            };
            self.changes.push(Change { kind, field: Some(field), block: None });
            self.weight = self.weight.max(weight);
        }
    }

    fn block(&mut self, kind: ChangeKind, id: &str, weight: Weight) {
        self.changes.push(Change { kind, field: None, block: Some(id.into()) });
        self.weight = self.weight.max(weight);
    }
}

/// Compares `new` with `old`. A paragraph that was edited takes over the id it had, so that an id
/// names the same paragraph in every version; a block that is equal becomes the old one itself.
#[inline(never)]
pub fn compare(old: &Article, new: &mut Article) -> Difference {
    let mut found = Difference::default();
    let of_option = |was: &Option<String>, is: &Option<String>| match (was, is) {
        (Some(was), Some(is)) => of_text(was, is),
        _ => Weight::Update,
    };
    let summary = of_option(&old.summary, &new.summary);
    found.field("headline", true, true, old.headline == new.headline, of_text(&old.headline, &new.headline));
    found.field("summary", old.summary.is_some(), new.summary.is_some(), old.summary == new.summary, summary);
    found.field(
        "authors",
        !old.authors.is_empty(),
        !new.authors.is_empty(),
        old.authors == new.authors,
        Weight::Update,
    );
    found.field(
        "publisher",
        old.publisher.is_some(),
        new.publisher.is_some(),
        old.publisher == new.publisher,
        Weight::Minor,
    );
    found.field("image", old.image.is_some(), new.image.is_some(), old.image == new.image, Weight::Update);
    for (field, was, is) in [("published", old.published, new.published), ("modified", old.modified, new.modified)] {
        found.field(field, was.is_some(), is.is_some(), at(was) == at(is), Weight::Minor);
    }
    let corrected = !new.corrections.is_empty() && new.corrections != old.corrections;
    found.field(
        "corrections",
        !old.corrections.is_empty(),
        !new.corrections.is_empty(),
        old.corrections == new.corrections,
        if corrected { Weight::Correction } else { Weight::Update },
    );
    found.field("live", true, true, old.live == new.live, Weight::Update);
    let dates = |change: &Change| matches!(change.field, Some("published" | "modified"));
    let fields = found.changes.iter().filter(|change| !dates(change)).count() as u32;
    let touched = blocks(old, new, &mut found);
    found.count = if new.blog && touched > 0 { touched } else { fields + touched };
    found
}

fn at(time: Option<Time>) -> Option<f64> {
    time.map(|time| time.at)
}

/// Compares the blocks; answers how many differ.
fn blocks(old: &Article, new: &mut Article, found: &mut Difference) -> u32 {
    let mut touched = 0;
    let items = |article: &Article| -> Vec<Item> {
        article.blocks.iter().map(|block| Item { id: hash(block.id.as_bytes(), 1) | 1, sort: 0 }).collect()
    };
    let blog = new.blog || old.blog;
    let (was, is) = (&old.blocks, &new.blocks);
    // An entry is known by its id alone; a paragraph that has lost it is known by its words.
    let alike = |old: usize, new: usize| !blog && similar(words(&was[old]), words(&is[new]));
    let pairs = pair(&items(old), &items(new), &alike);
    let keep = stay(&pairs, &|_| false);
    let mut gone = alloc::vec![true; old.blocks.len()];
    for (at, &pair) in pairs.iter().enumerate() {
        let before = found.changes.len();
        if pair == NONE {
            found.block(ChangeKind::Added, &new.blocks[at].id, Weight::Update);
            touched += 1;
            continue;
        }
        gone[pair as usize] = false;
        let was = &old.blocks[pair as usize];
        let is = &mut new.blocks[at];
        if same(was, is) {
            if was.published == is.published
                && was.modified == is.modified
                && was.authors == is.authors
                && was.url == is.url
            {
                *is = Arc::clone(was);
            }
        } else {
            let plain = |block: &Block| block.body.plain(0, block.body.nodes().len());
            let weight = match (&was.headline, &is.headline) {
                (Some(was), Some(is)) => of_text(was, is),
                (None, None) => Weight::Minor,
                _ => Weight::Update,
            };
            let weight = weight.max(of_text(&plain(was), &plain(is)));
            found.block(ChangeKind::Changed, &was.id, weight);
        }
        if is.id != was.id {
            // Entries are known by their ids: this is a paragraph, which has no more.
            *is = Arc::new(Block { id: was.id.clone(), body: is.body.clone(), ..Block::default() });
        }
        if !keep[at] {
            found.block(ChangeKind::Moved, &new.blocks[at].id, Weight::Update);
        }
        touched += u32::from(found.changes.len() > before);
    }
    for (at, gone) in gone.iter().enumerate() {
        if *gone {
            found.block(ChangeKind::Removed, &old.blocks[at].id, Weight::Update);
            touched += 1;
        }
    }
    found.pairs = pairs;
    touched
}

/// Whether two blocks say the same, their times apart.
pub(crate) fn same(one: &Arc<Block>, other: &Arc<Block>) -> bool {
    Arc::ptr_eq(one, other) || fingerprint(one) == fingerprint(other)
}

/// A hash of all of a block that a reader sees, its times apart.
pub fn fingerprint(block: &Block) -> u64 {
    let headline = block.headline.as_ref().map_or(0, |text| hash(text.as_bytes(), 2));
    mix(headline, markup(&block.body))
}

/// A hash of the whole of a piece of markup.
pub fn markup(body: &Tree) -> u64 {
    let mut at = 0;
    let mut whole = 0;
    while at < body.nodes().len() {
        whole = mix(whole, body.nodes()[at].hash);
        at = body.end(at);
    }
    whole
}

fn words(block: &Block) -> [u64; 4] {
    sketch(&block.body, 0, block.body.nodes().len())
}

/// Puts back the entries that only left a feed's window: those older than the oldest it lists, at its older end.
pub fn restore(old: &Article, new: &mut Article) {
    if !new.windowed {
        return;
    }
    let oldest = new.blocks.iter().filter_map(|block| at(block.published)).fold(f64::INFINITY, f64::min);
    let first = new.blocks.first().and_then(|block| at(block.published));
    let ascending = first == Some(oldest) && new.blocks.len() > 1;
    let mut place = if ascending { 0 } else { new.blocks.len() };
    for block in &old.blocks {
        if at(block.published).is_some_and(|at| at < oldest) && !new.blocks.iter().any(|other| other.id == block.id) {
            new.blocks.insert(place, Arc::clone(block));
            place += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Correction, Precision};
    use crate::tree::P;

    fn article(blog: bool, blocks: &str) -> Article {
        let mut article = Article { headline: "Storm".into(), blog, ..Article::default() };
        for text in blocks.split('|').filter(|text| !text.is_empty()) {
            let (id, text) = text.split_once(':').unwrap_or((text, text));
            let mut block = Block { id: id.into(), ..Block::default() };
            if let Ok(hour) = id.parse::<f64>() {
                block.published = Some(Time { at: hour, precision: Precision::Moment });
            }
            block.body.open(P).text(text).close();
            article.blocks.push(Arc::new(block));
        }
        article
    }

    fn told(found: &Difference) -> String {
        let mut out = String::new();
        for change in &found.changes {
            out += &format!("{:?} {} ", change.kind, change.block.as_deref().or(change.field).unwrap_or_default());
        }
        out + &format!("{:?} {}", found.weight, found.count)
    }

    #[test]
    fn blocks_are_known_by_id_then_by_their_words() {
        for (blog, old, new, want) in [
            (false, "a|b|c", "a|b|c", "Minor 0"),
            (false, "the old bridge fell|b", "the old bridge fell down|b", "Changed the old bridge fell Update 1"),
            (
                false,
                "the old bridge fell|b",
                "nobody was there|b",
                "Added nobody was there Removed the old bridge fell Update 2",
            ),
            (false, "a|b|c", "c|a|b", "Moved c Update 1"),
            (false, "a|b", "a|x|b", "Added x Update 1"),
            (true, "1:one|2:two", "3:three|1:one|2:two", "Added 3 Update 1"),
            (true, "1:one is here|2:two", "4:one is here|2:two", "Added 4 Removed 1 Update 2"),
            (true, "1:the harbour is closed|2:two", "1:the harbuor is closed|2:two", "Changed 1 Minor 1"),
            (true, "1:the harbour is closed|2:two", "1:the harbour, is closed|2:two", "Changed 1 Minor 1"),
        ] {
            let mut next = article(blog, new);
            assert_eq!(told(&compare(&article(blog, old), &mut next)), want, "{old} → {new}");
        }
    }

    #[test]
    fn a_slip_in_an_entrys_headline_is_minor() {
        let blog = |headline: Option<&str>, text: &str| {
            let mut blog = article(true, &format!("1:{text}"));
            Arc::make_mut(&mut blog.blocks[0]).headline = headline.map(Into::into);
            blog
        };
        for (old, new, text, want) in [
            (Some("Harbuor closed"), Some("Harbour closed."), "one", Weight::Minor),
            (Some("Harbour closed"), Some("Harbour open"), "one", Weight::Update),
            (Some("Harbour closed"), Some("Harbour closed."), "two", Weight::Update),
            (None, Some("Harbour closed"), "one", Weight::Update),
            (Some("Harbour closed"), None, "one", Weight::Update),
        ] {
            let found = compare(&blog(old, "one"), &mut blog(new, text));
            assert_eq!(found.weight, want, "{old:?} → {new:?}, {text}");
        }
    }

    #[test]
    fn an_edited_paragraph_keeps_its_id() {
        let old = article(false, "the old bridge fell|b");
        let mut new = article(false, "the old bridge fell down|b");
        compare(&old, &mut new);
        assert_eq!(new.blocks[0].id, "the old bridge fell");
    }

    #[test]
    fn what_is_equal_in_two_versions_is_one_block() {
        let old = article(true, "1:one|2:two|3:three");
        let mut new = article(true, "3:three|2:other|1:one");
        let later = Some(Time { at: 5.0, precision: Precision::Moment });
        Arc::make_mut(&mut new.blocks[2]).modified = later;
        compare(&old, &mut new);
        assert!(Arc::ptr_eq(&new.blocks[0], &old.blocks[2]));
        // A time is no change to tell of, and yet another block.
        assert!([1, 2].iter().all(|&at| old.blocks.iter().all(|block| !Arc::ptr_eq(block, &new.blocks[at]))));
        assert_eq!(new.blocks[2].modified, later);
    }

    #[test]
    fn entries_that_left_the_window_stay() {
        let old = article(true, "3:three|2:two|1:one");
        let mut new = article(true, "4:four|2:two");
        new.windowed = true;
        restore(&old, &mut new);
        assert_eq!(told(&compare(&old, &mut new)), "Added 4 Removed 3 Update 2");
        assert_eq!(new.blocks.last().map(|block| block.id.as_str()), Some("1"));
        let old = article(true, "1:one|2:two|3:three");
        let mut new = article(true, "2:two|3:three|4:four");
        new.windowed = true;
        restore(&old, &mut new);
        assert_eq!(told(&compare(&old, &mut new)), "Added 4 Update 1");
    }

    #[test]
    fn fields_are_named_and_weighed() {
        let time = |at| Some(Time { at, precision: Precision::Moment });
        let base = Article { headline: "Storm at sea".into(), modified: time(1.0), ..Article::default() };
        let row = |change: &dyn Fn(&mut Article)| {
            let mut next = base.clone();
            change(&mut next);
            told(&compare(&base, &mut next))
        };
        assert_eq!(row(&|_| ()), "Minor 0");
        assert_eq!(row(&|next| next.modified = time(2.0)), "Changed modified Minor 0");
        assert_eq!(row(&|next| next.headline = "Calm at sea".into()), "Changed headline Update 1");
        assert_eq!(row(&|next| next.summary = Some("S".into())), "Added summary Update 1");
        assert_eq!(
            row(&|next| next.corrections.push(Correction { text: "c".into(), date: None })),
            "Added corrections Correction 1"
        );
    }
}

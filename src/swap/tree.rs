//! The steps that turn one tree into another, touching only what differs.
//!
//! A pure comparison: it knows hashes and keys, not the DOM. Whoever carries the steps out keeps a
//! handle for each element and text of the old tree and ends with one for each of the new.

use alloc::vec::Vec;

use super::pairs::{Item, NONE, pair, stay};
use crate::tree::{AUDIO, IFRAME, Kind, Name, Tree, VIDEO, is_block, mix};

/// One instruction. Numbers are places in the old or the new tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `len` nodes from `old` on are the nodes from `new` on; nothing about them changed.
    Keep {
        /// The first in the old tree.
        old: u32,
        /// The first in the new tree.
        new: u32,
        /// How many, attributes counted.
        len: u32,
    },
    /// This one node is the same; its attributes and children have steps of their own.
    Same {
        /// In the old tree.
        old: u32,
        /// In the new tree.
        new: u32,
    },
    /// Build the whole subtree.
    Build {
        /// Its root in the new tree.
        new: u32,
    },
    /// The same text node, with other text.
    Text {
        /// In the old tree.
        old: u32,
        /// In the new tree.
        new: u32,
    },
    /// Give the element this attribute.
    Attr {
        /// The element, in the new tree.
        new: u32,
        /// The attribute, in the new tree.
        at: u32,
    },
    /// Take an attribute from the element.
    Unattr {
        /// The element, in the new tree.
        new: u32,
        /// The attribute.
        name: Name,
    },
    /// Put the node into its parent before another that already stands there ([`END`]: last).
    Place {
        /// The node, in the new tree.
        new: u32,
        /// Its parent in the new tree; [`END`] for the mount itself.
        parent: u32,
        /// Its next sibling in the new tree, or [`END`].
        before: u32,
    },
    /// Take the node and all in it out of the page.
    Remove {
        /// In the old tree.
        old: u32,
    },
}

/// The mount as a parent, the end of it as a sibling.
pub const END: u32 = u32::MAX;

/// Steps from `old` to `new`. `movable`: the engine moves iframes and media without reloading them;
/// elsewhere those stay put and the others move around them.
pub fn steps(old: &Tree, new: &Tree, movable: bool) -> Vec<Step> {
    let mut diff = Diff { old, new, movable, steps: Vec::new() };
    diff.children(END, END);
    diff.steps
}

struct Diff<'a> {
    old: &'a Tree,
    new: &'a Tree,
    movable: bool,
    steps: Vec<Step>,
}

impl Diff<'_> {
    #[inline(never)]
    fn children(&mut self, old_parent: u32, new_parent: u32) {
        let (old_at, old) = children(self.old, old_parent);
        let (new_at, new) = children(self.new, new_parent);
        let (old_tree, new_tree) = (self.old, self.new);
        let alike = |old: usize, new: usize| alike(old_tree, old_at[old] as usize, new_tree, new_at[new] as usize);
        let pairs = pair(&old, &new, &alike);

        let mut gone = alloc::vec![true; old.len()];
        for &pair in &pairs {
            if pair != NONE {
                gone[pair as usize] = false;
            }
        }
        for (at, gone) in gone.iter().enumerate() {
            if *gone {
                self.steps.push(Step::Remove { old: old_at[at] });
            }
        }
        let movable = self.movable;
        let keep = stay(&pairs, &|at| !movable && holds_document(new_tree, new_at[at] as usize));
        for at in 0..new_at.len() {
            if pairs[at] == NONE {
                self.steps.push(Step::Build { new: new_at[at] });
            } else {
                self.node(old_at[pairs[at] as usize], new_at[at]);
            }
        }
        // From the last to the first, so that the next sibling already stands.
        let mut before = END;
        for at in (0..new_at.len()).rev() {
            if !keep[at] {
                self.steps.push(Step::Place { new: new_at[at], parent: new_parent, before });
            }
            before = new_at[at];
        }
    }

    fn node(&mut self, old: u32, new: u32) {
        let (was, is) = (self.old.nodes()[old as usize], self.new.nodes()[new as usize]);
        if was.hash == is.hash && was.size == is.size {
            if let Some(Step::Keep { old: first, new: to, len }) = self.steps.last_mut()
                && *first + *len == old
                && *to + *len == new
            {
                *len += is.size;
                return;
            }
            self.steps.push(Step::Keep { old, new, len: is.size });
            return;
        }
        if is.kind == Kind::Text {
            self.steps.push(Step::Text { old, new });
            return;
        }
        self.steps.push(Step::Same { old, new });
        let (old_tree, new_tree) = (self.old, self.new);
        for at in attrs(new_tree, new) {
            let name = new_tree.nodes()[at as usize].name;
            if old_tree.find(old as usize, name) != Some(new_tree.value(at as usize)) {
                self.steps.push(Step::Attr { new, at });
            }
        }
        for at in attrs(old_tree, old) {
            let name = old_tree.nodes()[at as usize].name;
            if new_tree.find(new as usize, name).is_none() {
                self.steps.push(Step::Unattr { new, name });
            }
        }
        self.children(old, new);
    }
}

/// The places of an element's attributes.
pub fn attrs(tree: &Tree, element: u32) -> core::ops::Range<u32> {
    let mut end = element + 1;
    while (end as usize) < tree.nodes().len() && tree.nodes()[end as usize].kind == Kind::Attr {
        end += 1;
    }
    element + 1..end
}

#[inline(never)]
fn children(tree: &Tree, parent: u32) -> (Vec<u32>, Vec<Item>) {
    let (mut at, end) = if parent == END {
        (0, tree.nodes().len())
    } else {
        (attrs(tree, parent).end as usize, tree.end(parent as usize))
    };
    let mut places = Vec::new();
    let mut items = Vec::new();
    while at < end {
        let node = tree.nodes()[at];
        places.push(at as u32);
        let id = if node.key == 0 { node.hash } else { mix(node.key, 1) };
        items.push(Item { id, sort: u16::from(node.name) << 1 | u16::from(node.kind == Kind::Text) });
        at += node.size as usize;
    }
    (places, items)
}

/// Whether two siblings without a key are one thing, edited.
fn alike(old: &Tree, old_at: usize, new: &Tree, new_at: usize) -> bool {
    let (was, is) = (old.nodes()[old_at], new.nodes()[new_at]);
    was.key == 0
        && is.key == 0
        && (is.kind == Kind::Text
            || !is_block(is.name)
            || similar(sketch(old, old_at, old.end(old_at)), sketch(new, new_at, new.end(new_at))))
}

/// A set of a text's words, small enough to compare at once.
pub(crate) type Sketch = [u64; 4];

/// The words of the text (and the attributes' values) in a range.
#[inline(never)]
pub(crate) fn sketch(tree: &Tree, from: usize, to: usize) -> Sketch {
    let mut set = [0; 4];
    for at in from..to {
        let mut word = 0;
        for &byte in tree.value(at).as_bytes() {
            if byte > b' ' {
                word = mix(word, u64::from(byte));
            } else if word != 0 {
                set[(word >> 6 & 3) as usize] |= 1 << (word & 63);
                word = 0;
            }
        }
        if word != 0 {
            set[(word >> 6 & 3) as usize] |= 1 << (word & 63);
        }
    }
    set
}

/// Whether half of the words of the shorter text stand in the other, or there are none.
pub(crate) fn similar(one: Sketch, other: Sketch) -> bool {
    let (mut shared, mut ones, mut others) = (0, 0, 0);
    for at in 0..4 {
        shared += (one[at] & other[at]).count_ones();
        ones += one[at].count_ones();
        others += other[at].count_ones();
    }
    shared * 2 >= ones.min(others).max(1) || ones + others == 0
}

/// Whether moving this node would lose a document or what is playing.
fn holds_document(tree: &Tree, at: usize) -> bool {
    tree.nodes()[at..tree.end(at)]
        .iter()
        .any(|node| node.kind == Kind::Element && matches!(node.name, IFRAME | AUDIO | VIDEO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{A, EM, HREF, P, SECTION};
    use alloc::string::{String, ToString};

    /// A page of nodes with identities: what the view does on the DOM, done on paper.
    #[derive(Clone, Debug, Default)]
    struct Paper {
        nodes: Vec<(String, Vec<(String, String)>, Vec<usize>)>,
        moved: Vec<usize>,
    }

    impl Paper {
        fn build(&mut self, tree: &Tree, at: usize, handles: &mut [usize]) -> usize {
            let node = tree.nodes()[at];
            let id = self.nodes.len();
            handles[at] = id;
            if node.kind == Kind::Text {
                self.nodes.push((tree.value(at).to_string(), Vec::new(), Vec::new()));
                return id;
            }
            self.nodes.push((crate::tree::NAMES[node.name as usize].to_string(), Vec::new(), Vec::new()));
            let range = attrs(tree, at as u32);
            for attr in range.clone() {
                let attr = attr as usize;
                let name = crate::tree::NAMES[tree.nodes()[attr].name as usize];
                self.nodes[id].1.push((name.to_string(), tree.value(attr).to_string()));
            }
            let mut child = range.end as usize;
            while child < tree.end(at) {
                let built = self.build(tree, child, handles);
                self.nodes[id].2.push(built);
                child = tree.end(child);
            }
            id
        }

        fn print(&self, id: usize) -> String {
            let (name, attrs, children) = &self.nodes[id];
            let mut out = name.clone();
            let mut attrs = attrs.clone();
            attrs.sort();
            for (name, value) in attrs {
                out += &format!("[{name}={value}]");
            }
            out.push('(');
            for &child in children {
                out += &self.print(child);
            }
            out.push(')');
            out
        }

        fn carry_out(&mut self, root: usize, old: &Tree, new: &Tree, handles: &[usize], steps: &[Step]) -> Vec<usize> {
            let mut next = alloc::vec![usize::MAX; new.nodes().len()];
            for &step in steps {
                match step {
                    Step::Keep { old, new, len } => {
                        for at in 0..len as usize {
                            next[new as usize + at] = handles[old as usize + at];
                        }
                    }
                    Step::Same { old, new } => next[new as usize] = handles[old as usize],
                    Step::Build { new: at } => {
                        self.build(new, at as usize, &mut next);
                    }
                    Step::Text { old: was, new: is } => {
                        next[is as usize] = handles[was as usize];
                        self.nodes[handles[was as usize]].0 = new.value(is as usize).to_string();
                    }
                    Step::Attr { new: element, at } => {
                        let name = crate::tree::NAMES[new.nodes()[at as usize].name as usize].to_string();
                        let attrs = &mut self.nodes[next[element as usize]].1;
                        attrs.retain(|(other, _)| *other != name);
                        attrs.push((name, new.value(at as usize).to_string()));
                    }
                    Step::Unattr { new: element, name } => {
                        let name = crate::tree::NAMES[name as usize];
                        self.nodes[next[element as usize]].1.retain(|(other, _)| other != name);
                    }
                    Step::Place { new: at, parent, before } => {
                        let id = next[at as usize];
                        let parent = if parent == END { root } else { next[parent as usize] };
                        for node in &mut self.nodes {
                            node.2.retain(|&child| child != id);
                        }
                        let place = if before == END {
                            self.nodes[parent].2.len()
                        } else {
                            let before = next[before as usize];
                            self.nodes[parent].2.iter().position(|&child| child == before).expect("stands already")
                        };
                        self.nodes[parent].2.insert(place, id);
                        self.moved.push(id);
                    }
                    Step::Remove { old: at } => {
                        let id = handles[at as usize];
                        for node in &mut self.nodes {
                            node.2.retain(|&child| child != id);
                        }
                    }
                }
            }
            let _ = old;
            next
        }
    }

    fn fresh(tree: &Tree) -> (Paper, usize, Vec<usize>) {
        let mut paper = Paper::default();
        paper.nodes.push(("root".to_string(), Vec::new(), Vec::new()));
        let mut handles = alloc::vec![usize::MAX; tree.nodes().len()];
        let mut at = 0;
        while at < tree.nodes().len() {
            let id = paper.build(tree, at, &mut handles);
            paper.nodes[0].2.push(id);
            at = tree.end(at);
        }
        (paper, 0, handles)
    }

    struct Dice(u64);
    impl Dice {
        fn roll(&mut self, sides: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % sides
        }
    }

    fn random(dice: &mut Dice, depth: u32, tree: &mut Tree, keys: &mut Vec<u64>) {
        const WORDS: &[&str] = &["storm", "harbour", "the mayor", "twelve", "said on Monday", "a bridge", "late"];
        for _ in 0..dice.roll(6) {
            match dice.roll(4) {
                0 => {
                    tree.text(WORDS[dice.roll(7) as usize]);
                }
                1 => {
                    tree.open(if dice.roll(2) == 0 { EM } else { A });
                    if dice.roll(2) == 0 {
                        tree.attr(HREF, WORDS[dice.roll(7) as usize]);
                    }
                    tree.text(WORDS[dice.roll(7) as usize]).close();
                }
                _ => {
                    tree.open(if dice.roll(2) == 0 { P } else { SECTION });
                    let key = dice.roll(8);
                    if key > 3 && !keys.contains(&key) {
                        keys.push(key);
                        tree.key(key);
                    }
                    if depth > 0 {
                        random(dice, depth - 1, tree, &mut Vec::new());
                    }
                    tree.close();
                }
            }
        }
    }

    #[test]
    fn after_the_steps_the_old_page_is_the_new_one_and_every_key_in_both_keeps_its_node() {
        let mut dice = Dice(7);
        for round in 0..20_000 {
            let (mut old, mut new) = (Tree::new(), Tree::new());
            random(&mut dice, 3, &mut old, &mut Vec::new());
            random(&mut dice, 3, &mut new, &mut Vec::new());
            let (mut paper, root, handles) = fresh(&old);
            let steps = steps(&old, &new, round % 2 == 0);
            let next = paper.carry_out(root, &old, &new, &handles, &steps);
            let (want, want_root, _) = fresh(&new);
            assert_eq!(paper.print(root), want.print(want_root), "round {round}");
            let mut at = 0;
            while at < new.nodes().len() {
                let mut was = 0;
                while was < old.nodes().len() {
                    let (one, other) = (old.nodes()[was], new.nodes()[at]);
                    if one.key != 0 && one.key == other.key && one.name == other.name {
                        assert_eq!(handles[was], next[at], "round {round}");
                    }
                    was = old.end(was);
                }
                at = new.end(at);
            }
        }
    }

    fn paragraphs(texts: &[&str]) -> Tree {
        let mut tree = Tree::new();
        for text in texts {
            tree.open(P).text(text).close();
        }
        tree
    }

    #[test]
    fn the_same_needs_one_keep_and_an_edit_touches_one_text() {
        let old = paragraphs(&["One and two", "Three and four", "Five and six"]);
        assert_eq!(steps(&old, &old, true), [Step::Keep { old: 0, new: 0, len: 6 }]);
        let new = paragraphs(&["One and two", "Three and five", "Five and six"]);
        assert_eq!(
            steps(&old, &new, true),
            [
                Step::Keep { old: 0, new: 0, len: 2 },
                Step::Same { old: 2, new: 2 },
                Step::Text { old: 3, new: 3 },
                Step::Keep { old: 4, new: 4, len: 2 },
            ]
        );
    }

    #[test]
    fn a_move_is_one_place() {
        let old = paragraphs(&["One", "Two", "Three", "Four"]);
        let new = paragraphs(&["Four", "One", "Two", "Three"]);
        let steps = steps(&old, &new, true);
        assert_eq!(steps.iter().filter(|step| matches!(step, Step::Place { .. })).count(), 1);
        assert!(steps.contains(&Step::Place { new: 0, parent: END, before: 2 }));
    }
}

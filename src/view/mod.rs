//! Writes steps down as numbers and texts for `carry` of `element.js`, the one place where a card's nodes are made and
//! moved.
//!
//! What is to be shown is decided in [`crate::card`] and [`crate::swap`]; here nothing is decided.

pub(crate) mod adopt;
pub(crate) mod face;
pub mod intl;

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::Node;

use crate::article::Millis;
use crate::door;
use crate::swap::tree::{Step, attrs, steps};
use crate::tree::{DATETIME, Kind, PART, REL, TIME, Tree};

/// A place in the page and the tree that was last shown there.
#[derive(Default)]
pub(crate) struct Mount {
    tree: Tree,
    /// The page's node for each of the tree's that is one.
    handles: Array,
    /// It is the site's own markup.
    adopted: bool,
}

/// How a `<time>` that has no text of its own is written: the locale's way, and when it is read.
pub(crate) type Stamp<'a> = (&'a JsValue, Millis);

impl Mount {
    /// The node that shows the tree's node with a key.
    pub(crate) fn find(&self, key: u64) -> Option<Node> {
        let at = self.tree.nodes().iter().position(|node| node.key == key)?;
        Some(self.handles.get(at as u32).unchecked_into())
    }

    /// Makes the page's tree under `root` the next one.
    #[inline(never)]
    pub(crate) fn show(&mut self, root: &Node, next: Tree, stamp: Stamp) {
        let mut script = Script { tree: &next, adopted: self.adopted, steps: Vec::new(), texts: String::new() };
        for step in steps(&self.tree, &next, door::movable()) {
            script.write(step);
        }
        self.handles = script.carry_out(root, &self.handles, stamp);
        self.tree = next;
    }

    /// Writes every `<time>` without text anew: the language or the zone has changed.
    pub(crate) fn restamp(&self, root: &Node, stamp: Stamp) {
        let len = self.tree.nodes().len() as u32;
        let mut script = Script { tree: &self.tree, adopted: false, steps: Vec::new(), texts: String::new() };
        script.push(KEEP, 0, 0, len);
        for at in 0..len {
            script.stamp(at);
        }
        script.carry_out(root, &self.handles, stamp);
    }
}

// The numbers that `carry` of `element.js` knows.
const KEEP: u32 = 0;
const OPEN: u32 = 1;
const TEXT: u32 = 2;
const SET: u32 = 3;
const CLOSE: u32 = 4;
const STAMP: u32 = 5;
const WRITE: u32 = 6;
const UNSET: u32 = 7;
const PLACE: u32 = 8;
const REMOVE: u32 = 9;

/// Steps as numbers, four each: what, which node of the new tree, and two more. Their texts follow in the same order.
struct Script<'a> {
    tree: &'a Tree,
    adopted: bool,
    steps: Vec<u32>,
    texts: String,
}

impl Script<'_> {
    #[inline(never)]
    fn push(&mut self, what: u32, new: u32, one: u32, other: u32) {
        self.steps.extend_from_slice(&[what, new, one, other]);
    }

    fn text(&mut self, at: u32) {
        self.texts.push_str(self.tree.value(at as usize));
        self.texts.push('\0');
    }

    fn write(&mut self, step: Step) {
        match step {
            Step::Keep { old, new, len } => self.push(KEEP, new, old, len),
            Step::Same { old, new } => self.push(KEEP, new, old, 1),
            Step::Build { new } => self.build(new),
            Step::Text { old, new } => {
                self.push(WRITE, new, old, 0);
                self.text(new);
            }
            // What a site's own links are to its page is the site's affair.
            Step::Attr { at, .. } if self.adopted && self.tree.nodes()[at as usize].name == REL => {}
            Step::Attr { new, at } => {
                self.set(new, at);
                if self.tree.nodes()[at as usize].name == DATETIME {
                    self.stamp(new);
                }
            }
            Step::Unattr { new, name } => self.push(UNSET, new, u32::from(name), 0),
            Step::Place { new, parent, before } => self.push(PLACE, new, parent, before),
            Step::Remove { old } => self.push(REMOVE, 0, old, 0),
        }
    }

    fn build(&mut self, at: u32) {
        let node = self.tree.nodes()[at as usize];
        if node.kind == Kind::Text {
            self.push(TEXT, at, 0, 0);
            self.text(at);
            return;
        }
        self.push(OPEN, at, u32::from(node.name), 0);
        let own = attrs(self.tree, at);
        for attr in own.clone() {
            self.set(at, attr);
        }
        self.stamp(at);
        let mut child = own.end;
        while child < at + node.size {
            self.build(child);
            child += self.tree.nodes()[child as usize].size;
        }
        self.push(CLOSE, at, 0, 0);
    }

    fn set(&mut self, element: u32, attr: u32) {
        let name = self.tree.nodes()[attr as usize].name;
        // Outside a shadow tree a part means nothing.
        if !self.adopted || name != PART {
            self.push(SET, element, u32::from(name), 0);
            self.text(attr);
        }
    }

    /// A time without text gets one.
    fn stamp(&mut self, at: u32) {
        let node = self.tree.nodes()[at as usize];
        if node.name == TIME && node.kind == Kind::Element && attrs(self.tree, at).end == at + node.size {
            self.push(STAMP, at, 0, 0);
        }
    }

    fn carry_out(&self, root: &Node, old: &Array, (way, now): Stamp) -> Array {
        door::carry(root, old, &self.steps, &self.texts, way, now)
    }
}

//! Carries steps out on the shadow tree: the one place where a card's nodes are made and moved.
//!
//! What is to be shown is decided in [`crate::card`] and [`crate::swap`]; here nothing is decided.

pub(crate) mod adopt;
pub(crate) mod face;
pub mod intl;

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;
use web_sys::{CharacterData, Document, Element, Node};

use crate::swap::tree::{END, Step, attrs, steps};
use crate::tree::{DATETIME, Kind, NAMES, TIME, Tree};

#[wasm_bindgen]
extern "C" {
    /// A parent that may have `moveBefore` (DOM, state-preserving move), which web-sys does not know yet.
    #[wasm_bindgen(extends = Node)]
    type Parent;
    #[wasm_bindgen(method, getter, js_name = moveBefore)]
    fn can_move(this: &Parent) -> JsValue;
    #[wasm_bindgen(method, catch, js_name = moveBefore)]
    fn move_before(this: &Parent, node: &Node, before: Option<&Node>) -> Result<(), JsValue>;
}

/// A place in the page and the tree that was last shown there.
#[derive(Default)]
pub(crate) struct Mount {
    tree: Tree,
    handles: Vec<JsValue>,
}

/// Writes the text of a `<time>` that has none of its own.
pub(crate) type Stamp<'a> = &'a dyn Fn(&str) -> String;

impl Mount {
    /// The node that shows the tree's node with a key.
    pub(crate) fn find(&self, key: u64) -> Option<&Node> {
        let at = self.tree.nodes().iter().position(|node| node.key == key)?;
        Some(self.handles[at].unchecked_ref())
    }

    /// Makes the page's tree under `root` the next one; says whether anything was touched.
    #[inline(never)]
    pub(crate) fn show(&mut self, root: &Node, next: Tree, document: &Document, stamp: Stamp) -> bool {
        let root: &Parent = root.unchecked_ref();
        let movable = root.can_move().is_function();
        let steps = steps(&self.tree, &next, movable);
        let touched = steps.iter().any(|step| !matches!(step, Step::Keep { .. } | Step::Same { .. }));
        let old = core::mem::take(&mut self.handles);
        let mut page =
            Page { document, stamp, tree: &next, handles: alloc::vec![JsValue::UNDEFINED; next.nodes().len()] };
        for &step in &steps {
            page.carry_out(step, &self.tree, &old, root);
        }
        self.handles = page.handles;
        self.tree = next;
        touched
    }

    /// Writes every `<time>` without text anew: the language or the zone has changed.
    pub(crate) fn restamp(&self, stamp: Stamp) {
        for at in 0..self.tree.nodes().len() {
            let node = self.tree.nodes()[at];
            if node.name == TIME && node.kind == Kind::Element {
                write_time(&self.tree, at, self.handles[at].unchecked_ref(), stamp);
            }
        }
    }
}

struct Page<'a> {
    document: &'a Document,
    stamp: Stamp<'a>,
    tree: &'a Tree,
    handles: Vec<JsValue>,
}

impl Page<'_> {
    fn node(&self, at: u32) -> &Node {
        self.handles[at as usize].unchecked_ref()
    }

    fn carry_out(&mut self, step: Step, shown: &Tree, old: &[JsValue], root: &Parent) {
        match step {
            Step::Keep { old: from, new, len } => {
                let (from, new, len) = (from as usize, new as usize, len as usize);
                self.handles[new..new + len].clone_from_slice(&old[from..from + len]);
            }
            Step::Same { old: from, new } => self.handles[new as usize] = old[from as usize].clone(),
            Step::Build { new } => self.build(new as usize),
            Step::Text { old: from, new } => {
                self.handles[new as usize] = old[from as usize].clone();
                splice(self.node(new).unchecked_ref(), shown.value(from as usize), self.tree.value(new as usize));
            }
            Step::Attr { new, at } => {
                self.set(new as usize, at as usize);
                if self.tree.nodes()[at as usize].name == DATETIME {
                    write_time(self.tree, new as usize, self.node(new).unchecked_ref(), self.stamp);
                }
            }
            Step::Unattr { new, name } => {
                let element: &Element = self.node(new).unchecked_ref();
                let _ = element.remove_attribute(NAMES[name as usize]);
            }
            Step::Place { new, parent, before } => {
                let parent: &Parent = if parent == END { root } else { self.node(parent).unchecked_ref() };
                let before = if before == END { None } else { Some(self.node(before)) };
                let node = self.node(new);
                // A new node cannot be moved, and an engine without `moveBefore` throws here too.
                if node.parent_node().is_none() || parent.move_before(node, before).is_err() {
                    let _ = parent.insert_before(node, before);
                }
            }
            Step::Remove { old: from } => {
                let node: &Element = old[from as usize].unchecked_ref();
                node.remove();
            }
        }
    }

    fn build(&mut self, at: usize) {
        let tree = self.tree;
        let node = tree.nodes()[at];
        if node.kind == Kind::Text {
            self.handles[at] = self.document.create_text_node(tree.value(at)).into();
            return;
        }
        let Ok(element) = self.document.create_element(NAMES[node.name as usize]) else { return };
        self.handles[at] = element.clone().into();
        let own = attrs(tree, at as u32);
        for attr in own.clone() {
            self.set(at, attr as usize);
        }
        let mut child = own.end as usize;
        if child == tree.end(at) && node.name == TIME {
            write_time(tree, at, &element, self.stamp);
        }
        while child < tree.end(at) {
            self.build(child);
            let _ = element.append_child(self.node(child as u32));
            child = tree.end(child);
        }
    }

    fn set(&self, element: usize, attr: usize) {
        let element: &Element = self.handles[element].unchecked_ref();
        let _ = element.set_attribute(NAMES[self.tree.nodes()[attr].name as usize], self.tree.value(attr));
    }
}

fn write_time(tree: &Tree, at: usize, element: &Element, stamp: Stamp) {
    if attrs(tree, at as u32).end as usize == tree.end(at)
        && let Some(datetime) = tree.find(at, DATETIME)
    {
        element.set_text_content(Some(&stamp(datetime)));
    }
}

/// Replaces only what differs between two texts, so that a selection in the rest survives.
fn splice(node: &CharacterData, old: &str, new: &str) {
    let (was, is) = (old.as_bytes(), new.as_bytes());
    let mut head = 0;
    while head < was.len() && head < is.len() && was[head] == is[head] {
        head += 1;
    }
    while !old.is_char_boundary(head) || !new.is_char_boundary(head) {
        head -= 1;
    }
    let (mut old_end, mut new_end) = (was.len(), is.len());
    while old_end > head && new_end > head && was[old_end - 1] == is[new_end - 1] {
        old_end -= 1;
        new_end -= 1;
    }
    while !old.is_char_boundary(old_end) || !new.is_char_boundary(new_end) {
        old_end += 1;
        new_end += 1;
    }
    let _ = node.replace_data(units(&old[..head]), units(&old[head..old_end]), &new[head..new_end]);
}

/// Length in UTF-16 code units, which the DOM counts in.
fn units(text: &str) -> u32 {
    text.chars().map(|c| c.len_utf16() as u32).sum()
}

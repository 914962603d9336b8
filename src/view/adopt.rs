//! The site's own markup kept in step where it stands: the same swap, on microdata in the light DOM.
//!
//! What the copy already says is not touched, nor what is not the article's: an advertisement between two paragraphs
//! is nobody's block and stays. `element.js` finds the site's elements, puts the blocks' in their order and answers
//! which of them say something else; what changes within those is told here.

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::Element;

use super::{Mount, Stamp};
use crate::article::{Article, Block, Time};
use crate::door;
use crate::markup::cut;
use crate::swap::blocks::fingerprint;
use crate::swap::tree::attrs;
use crate::tree::{HREF, Kind, NAMES, P, SPAN, SRC, Tree, element};

/// What is known of the copy.
#[derive(Default)]
pub(crate) struct Adopted {
    /// Blocks that were shown, and a hash of all that they said.
    known: Vec<(String, u64)>,
    /// The article has moved on from the copy: its time follows the badge from then on.
    overtaken: bool,
    image: Option<String>,
}

impl Adopted {
    /// Brings the site's markup in step with an article.
    #[inline(never)]
    pub(crate) fn show(&mut self, host: &Element, article: &Article, stamp: Stamp) {
        let mut texts = String::new();
        let mut say = |text: &str| {
            for c in text.chars() {
                if c != '\0' {
                    texts.push(c);
                }
            }
            texts.push('\0');
        };
        let mut authors = String::new();
        for author in &article.authors {
            authors.push_str(&author.name);
            authors.push('\n');
        }
        // The copy's picture may be another size of the same: only a change of the feed's is one.
        let image = article.image.as_ref().map_or_else(String::new, |image| image.url.clone());
        let other = self.image.as_ref().is_some_and(|was| *was != image);
        say(&article.headline);
        say(article.summary.as_deref().unwrap_or_default());
        say(article.corrections.last().map_or("", |last| &last.text));
        say(&authors);
        say(if other { &image } else { "" });
        self.image = Some(image);
        say(&iso(article.published));
        say(&iso(article.modified));
        let mut known = Vec::new();
        for block in &article.blocks {
            let print = fingerprint(block);
            let edited = self.known.iter().any(|(id, was)| *id == block.id && *was != print);
            say(&block.id);
            say(NAMES[root(block).map_or(P, |at| block.body.nodes()[at].name) as usize]);
            say(block.headline.as_deref().unwrap_or_default());
            say(&iso(block.published));
            say(&block.body.plain(0, block.body.nodes().len()));
            say(if edited { "edited" } else { "" });
            known.push((block.id.clone(), print));
        }
        self.known = known;
        let edited = door::adopt(host, &texts, article.blog, self.overtaken, stamp.0, stamp.1);
        // One place for each block, and one for whether the copy was behind.
        self.overtaken |= edited.get(article.blocks.len() as u32).is_truthy();
        for (at, block) in article.blocks.iter().enumerate() {
            let element = edited.get(at as u32);
            if element.is_truthy() {
                edit(&element, block, article.blog, stamp);
            }
        }
    }

    /// The copy's time reads as the badge's does, once the article has moved on from the copy.
    pub(crate) fn tick(&self, host: &Element) {
        if self.overtaken {
            door::tick(host);
        }
    }
}

fn iso(time: Option<Time>) -> String {
    time.map_or_else(String::new, Time::iso)
}

/// Where the one element is that is a block's whole body.
fn root(block: &Block) -> Option<usize> {
    let body = &block.body;
    let first = body.nodes().first()?;
    (first.kind == Kind::Element && body.end(0) == body.nodes().len()).then_some(0)
}

/// Brings an element of the site's in step with a block; of an entry what is in it.
fn edit(element: &JsValue, block: &Block, blog: bool, stamp: Stamp) {
    let nodes = Array::new();
    let old = read(&door::walk(element, &nodes, blog), u64::from(!blog));
    let body = &block.body;
    let mut next = Tree::new();
    if blog {
        next.append_all(body);
    } else {
        // A site may have an element of another name for it.
        next.open(old.nodes().first().map_or(P, |node| node.name)).key(1);
        let mut at = 0;
        if root(block).is_some() {
            for attr in attrs(body, 0) {
                at = attr as usize;
                next.attr(body.nodes()[at].name, body.value(at));
            }
            at += 1;
        }
        while at < body.nodes().len() {
            next.append(body, at);
            at = body.end(at);
        }
        next.close();
    }
    let mut mount = Mount { tree: old, handles: nodes, adopted: true };
    mount.show(element.unchecked_ref(), next, stamp);
}

/// A tree from what `walk` answers: a letter and a value for each step, NULs between. `key` is the first element's.
fn read(walked: &str, mut key: u64) -> Tree {
    let mut tree = Tree::new();
    let mut rest = walked;
    while !rest.is_empty() {
        let (step, after) = cut(rest, 0);
        rest = after;
        let value = step.get(1..).unwrap_or_default();
        match step.bytes().next() {
            Some(b'<') => match element(value) {
                Some(name) => drop(tree.open(name).key(core::mem::take(&mut key))),
                // Whatever it is, no feed can bring it.
                None => drop(tree.open(SPAN).key(2)),
            },
            Some(b'h') => drop(tree.attr(HREF, value)),
            Some(b's') => drop(tree.attr(SRC, value)),
            Some(b't') => {
                tree.seal();
                tree.text(value);
            }
            Some(_) => drop(tree.close()),
            None => {}
        }
    }
    tree
}

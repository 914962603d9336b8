//! The site's own markup kept in step where it stands: the same swap, on microdata in the light DOM.
//!
//! What the copy already says is not touched, nor what is not the article's: an advertisement between two paragraphs
//! is nobody's block and stays.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, Node};

use super::{Mount, Stamp};
use crate::article::{Article, Block, Time};
use crate::door;
use crate::swap::pairs::{Item, NONE, pair, stay};
use crate::swap::tree::{Sketch, similar, sketch};
use crate::tree::{ARTICLE, HREF, Kind, NAMES, Name, P, SRC, Tree, hash};

/// Which element of the site's is which block, once that is known.
#[derive(Default)]
pub(crate) struct Adopted {
    blocks: Vec<(String, Element)>,
    /// The copy's own time has been overtaken: it follows the badge from then on.
    overtaken: bool,
    image: Option<String>,
}

/// The elements of the card with an `itemprop`, in document order.
fn marked(host: &Element, property: &str) -> Vec<Element> {
    let selector = ["[itemprop~=", property, "]"].concat();
    let mut out = Vec::new();
    if let Ok(found) = host.query_selector_all(&selector) {
        for at in 0..found.length() {
            if let Some(element) = found.get(at) {
                out.push(element.unchecked_into());
            }
        }
    }
    out
}

/// Text as a reader sees it.
fn text(node: &Node) -> String {
    let mut tree = Tree::new();
    tree.text(&node.text_content().unwrap_or_default());
    tree.plain(0, tree.nodes().len())
}

/// Makes an element say a text, touching as little as can be.
fn say(element: &Element, wanted: &str) {
    if text(element) != wanted {
        door::say(element, wanted);
    }
}

impl Adopted {
    /// Brings the site's markup in step with an article.
    #[inline(never)]
    pub(crate) fn show(&mut self, host: &HtmlElement, article: &Article, stamp: Stamp) {
        for (property, wanted) in [("headline", Some(&article.headline)), ("description", article.summary.as_ref())] {
            if let (Some(element), Some(wanted)) = (marked(host, property).first(), wanted) {
                say(element, wanted);
            }
        }
        if let (Some(element), Some(last)) = (marked(host, "correction").first(), article.corrections.last())
            && !text(element).contains(&last.text)
        {
            say(element, &last.text);
        }
        authors(host, article);
        if let (Some(element), Some(time)) = (marked(host, "datePublished").first(), article.published) {
            date(element, time, stamp);
        }
        if let (Some(element), Some(time)) = (marked(host, "dateModified").first(), article.modified) {
            self.overtaken |= date(element, time, stamp);
        }
        // The copy's picture may be another size of the same: only a change of the feed's is one.
        let image = article.image.as_ref().map(|image| image.url.clone());
        if self.image.is_some() && self.image != image {
            for element in marked(host, "image") {
                let picture = element.query_selector("img").ok().flatten().unwrap_or(element);
                if let (true, Some(url)) = (picture.tag_name() == "IMG", &image) {
                    let _ = picture.remove_attribute("srcset");
                    let _ = picture.set_attribute(NAMES[SRC as usize], url);
                }
            }
        }
        self.image = image.or_else(|| Some(String::new()));
        self.body(host, article, stamp);
    }

    /// The copy's time reads as the badge's does, once the article has moved on from the copy.
    pub(crate) fn tick(&self, host: &Element, wanted: &str) {
        if let (true, Some(element)) = (self.overtaken, marked(host, "dateModified").first()) {
            say(element, wanted);
        }
    }

    fn body(&mut self, host: &HtmlElement, article: &Article, stamp: Stamp) {
        if article.blocks.is_empty() {
            return;
        }
        let (parent, elements) = if article.blog {
            let updates = marked(host, "liveBlogUpdate");
            (updates.first().and_then(|first| first.parent_element()), updates)
        } else {
            let body = marked(host, "articleBody").into_iter().next();
            let elements = body.as_ref().map(children).unwrap_or_default();
            (body, elements)
        };
        let Some(parent) = parent else { return };
        let pairs = self.pairs(&elements, &article.blocks);
        let kept = stay(&pairs, &|_| false);
        let known = !self.blocks.is_empty();
        for (at, element) in elements.iter().enumerate() {
            // Before anything is known of the copy, only what can be nothing but article is taken for it.
            let ours = self.blocks.iter().any(|(_, other)| other == element)
                || (!known
                    && matches!(element.tag_name().as_str(), "P" | "H2" | "H3" | "H4" | "BLOCKQUOTE" | "UL" | "OL"));
            if ours && !pairs.contains(&(at as u32)) {
                element.remove();
            }
        }
        let mut blocks = Vec::new();
        let mut before: Option<Element> = None;
        for at in (0..pairs.len()).rev() {
            let block = &article.blocks[at];
            let element = if pairs[at] == NONE {
                Some(build(&parent, block, article.blog, stamp))
            } else {
                let element = elements[pairs[at] as usize].clone();
                if !article.blog || whole(&element, block) {
                    edit(&element, block, stamp);
                } else {
                    entry(&element, block, stamp);
                }
                Some(element)
            };
            let Some(element) = element else { continue };
            if !kept[at] {
                let _ = match &before {
                    Some(before) => parent.insert_before(&element, Some(before)),
                    // The last block stands after the last element that was one.
                    None => {
                        parent.insert_before(&element, elements.last().and_then(|last| last.next_sibling()).as_ref())
                    }
                };
            }
            before = Some(element.clone());
            door::name(&element, &block.id);
            blocks.push((block.id.clone(), element));
        }
        self.blocks = blocks;
    }

    /// For each block the place of its element: as known, by `id` or `itemid`, by its text, by its words.
    fn pairs(&self, elements: &[Element], blocks: &[Block]) -> Vec<u32> {
        let known =
            |element: &Element| self.blocks.iter().find(|(_, other)| other == element).map(|(id, _)| id.clone());
        let named = |element: &Element| {
            let id = known(element)?;
            blocks.iter().any(|block| block.id == id).then_some(id)
        };
        let own = |element: &Element| {
            ["itemid", "id"].into_iter().find_map(|name| {
                let value = element.get_attribute(name)?;
                blocks.iter().find(|block| block.id == value || ends(&block.id, &value)).map(|block| block.id.clone())
            })
        };
        let (mut old, mut new, mut olds, mut news) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut ids = Vec::new();
        for element in elements {
            let id = named(element).or_else(|| own(element));
            let words = text(element);
            olds.push(words_of(&words));
            old.push(Item {
                id: id.as_ref().map_or_else(|| hash(words.as_bytes(), 1) | 1, |id| hash(id.as_bytes(), 2) | 1),
                sort: 0,
            });
            ids.push(id);
        }
        for block in blocks {
            let words = words(block);
            news.push(words_of(&words));
            let known = ids.iter().flatten().any(|id| *id == block.id);
            new.push(Item {
                id: if known { hash(block.id.as_bytes(), 2) | 1 } else { hash(words.as_bytes(), 1) | 1 },
                sort: 0,
            });
        }
        pair(&old, &new, &|was, is| old[was].id != 0 && ids[was].is_none() && similar(olds[was], news[is]))
    }
}

/// Whether a longer name ends in this one, behind `#` or `/`.
fn ends(id: &str, value: &str) -> bool {
    id.strip_suffix(value).is_some_and(|rest| rest.ends_with(['#', '/']))
}

/// An element for each author, or one for all; where there are neither so many nor one, the byline is the site's own.
fn authors(host: &Element, article: &Article) {
    let elements = marked(host, "author");
    let mut shown = String::new();
    for element in &elements {
        shown.push_str(&text(element));
        shown.push(' ');
    }
    let mut names: Vec<&str> = article.authors.iter().map(|author| author.name.as_str()).collect();
    if names.iter().all(|name| shown.contains(name)) {
        return;
    }
    let joined = names.join(", ");
    if elements.len() == 1 {
        names = alloc::vec![&joined];
    }
    if elements.len() == names.len() {
        for (element, name) in elements.iter().zip(names) {
            say(marked(element, "name").first().unwrap_or(element), name);
        }
    }
}

fn words(block: &Block) -> String {
    block.body.plain(0, block.body.nodes().len())
}

fn words_of(text: &str) -> Sketch {
    let mut tree = Tree::new();
    tree.text(text);
    sketch(&tree, 0, tree.nodes().len())
}

fn children(parent: &Element) -> Vec<Element> {
    let all = parent.children();
    (0..all.length()).filter_map(|at| all.item(at)).collect()
}

/// A time of the site's, if it is another moment than the article's.
fn date(element: &Element, time: Time, stamp: Stamp) -> bool {
    let iso = time.iso();
    // A `meta` says it where nobody sees it.
    let unseen = element.tag_name() == "META";
    let name = if unseen { "content" } else { "datetime" };
    let shown = element.get_attribute(name).unwrap_or_default();
    if js_sys::Date::parse(&shown) == js_sys::Date::parse(&iso) {
        return false;
    }
    let _ = element.set_attribute(name, &iso);
    if !unseen {
        element.set_text_content(Some(&door::stamp(stamp.0, &iso, stamp.1)));
    }
    true
}

/// Whether an element's whole text is a block's.
fn whole(element: &Element, block: &Block) -> bool {
    text(element) == words(block)
}

/// Brings one element's content in step with a block's.
fn edit(element: &Element, block: &Block, stamp: Stamp) {
    if whole(element, block) {
        return;
    }
    let mut next = Tree::new();
    let body = &block.body;
    let first = body.nodes().first();
    if first.is_some_and(|first| first.kind == Kind::Element) && body.end(0) == body.nodes().len() {
        let mut at = crate::swap::tree::attrs(body, 0).end as usize;
        while at < body.nodes().len() {
            next.append(body, at);
            at = body.end(at);
        }
    } else {
        next.append_all(body);
    }
    let mut mount = Mount::default();
    mount.adopt(element);
    mount.show(element, next, stamp);
}

/// An entry of the site's has a heading, a time, a byline around the text: only an `articleBody` of its own, or its
/// paragraphs, are the entry's.
fn entry(element: &Element, block: &Block, stamp: Stamp) {
    if let (Some(heading), Some(wanted)) = (marked(element, "headline").first(), &block.headline) {
        say(heading, wanted);
    }
    if let Some(body) = marked(element, "articleBody").first() {
        if !whole(body, block) {
            let mut mount = Mount::default();
            mount.adopt(body);
            mount.show(body, block.body.clone(), stamp);
        }
        return;
    }
    edit(element, block, stamp);
}

/// A new element for a block the copy does not have.
fn build(parent: &Element, block: &Block, blog: bool, stamp: Stamp) -> Element {
    let mut tree = Tree::new();
    if blog {
        tree.open(ARTICLE).append_all(&block.body);
        tree.close();
    } else if block.body.nodes().first().is_some_and(|first| first.kind == Kind::Element) {
        tree.append(&block.body, 0);
    } else {
        tree.open(P).append_all(&block.body);
        tree.close();
    }
    let element: Element = super::build(parent, &tree, stamp).unchecked_into();
    if blog {
        let _ = element.set_attribute("itemprop", "liveBlogUpdate");
        // An address is nothing that a script or a sheet of the page's means; another id might be.
        if block.id.bytes().any(|byte| byte == b':') {
            let _ = element.set_attribute("id", &block.id);
        }
    }
    let _ = element.remove_attribute("part");
    element
}

impl Mount {
    /// Takes over what an element holds: text, and elements that a card may show. The rest is not the card's.
    fn adopt(&mut self, parent: &Node) {
        let nodes = parent.child_nodes();
        for at in 0..nodes.length() {
            let Some(node) = nodes.get(at) else { continue };
            if node.node_type() == Node::TEXT_NODE {
                let text = node.text_content().unwrap_or_default();
                if !text.is_empty() {
                    self.tree.seal();
                    self.tree.text(&text);
                    self.handles.push(&node);
                }
            } else if let Some(element) = node.dyn_ref::<Element>()
                && let Some(name) = NAMES.iter().position(|name| *name == element.local_name())
            {
                self.tree.open(name as Name);
                self.handles.push(element);
                for name in [HREF, SRC] {
                    // The property is absolute, as ours are; the attribute need not be.
                    let value = js_sys::Reflect::get(element, &NAMES[name as usize].into())
                        .ok()
                        .and_then(|value| value.as_string());
                    if let (true, Some(value)) = (element.has_attribute(NAMES[name as usize]), value) {
                        self.tree.attr(name, &value);
                        self.handles.push(&JsValue::UNDEFINED);
                    }
                }
                self.adopt(element);
                self.tree.close();
            }
        }
    }
}

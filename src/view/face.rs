//! A card's shadow tree: its root and sheet, and the four mounts that change at their own pace.

use wasm_bindgen::JsValue;
use web_sys::{DocumentFragment, HtmlElement, ShadowRoot};

use super::adopt::Adopted;
use super::{Mount, Stamp};
use crate::article::Article;
use crate::card::keys;
use crate::door;
use crate::tree::Tree;

/// What a card shows.
#[derive(Default)]
pub(crate) struct Face {
    root: Option<ShadowRoot>,
    content: Mount,
    line: Mount,
    ask: Mount,
    foot: Mount,
    adopted: Adopted,
}

impl Face {
    /// The shadow tree, once there is one.
    pub(crate) fn root(&self) -> Option<&ShadowRoot> {
        self.root.as_ref()
    }

    /// Shows the card's content, making the shadow tree first if need be.
    pub(crate) fn show(&mut self, host: &HtmlElement, id: u32, next: Tree, stamp: Stamp) {
        if let Some(root) = &self.root {
            self.content.show(root, next, stamp);
        } else if let Ok(made) = DocumentFragment::new() {
            // What stands there stays until all that takes its place is made.
            self.content.show(&made, next, stamp);
            self.root = Some(door::shadow(host, &made, id, door::CARD));
        }
    }

    /// Brings the site's own markup in step.
    pub(crate) fn adopt(&mut self, host: &HtmlElement, article: &Article, stamp: Stamp) {
        self.adopted.show(host, article, stamp);
    }

    /// Lets the site's own time read as the badge's.
    pub(crate) fn tick(&self, host: &HtmlElement) {
        self.adopted.tick(host);
    }

    /// Shows one of the small mounts by its key: the badge, the prompt or the foot.
    pub(crate) fn fill(&mut self, key: u64, next: Tree) {
        if let Some(root) = self.content.find(key) {
            let mount = self.mount(key);
            // Another view has its place elsewhere: what was written is gone with the old one.
            if !root.has_child_nodes() {
                *mount = Mount::default();
            }
            mount.show(&root, next, (&JsValue::UNDEFINED, 0.0));
        }
    }

    fn mount(&mut self, key: u64) -> &mut Mount {
        match key {
            keys::LINE => &mut self.line,
            keys::ASK => &mut self.ask,
            _ => &mut self.foot,
        }
    }

    /// Writes the content's times anew.
    pub(crate) fn restamp(&self, stamp: Stamp) {
        if let Some(root) = &self.root {
            self.content.restamp(root, stamp);
        }
    }
}

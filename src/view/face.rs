//! A card's shadow tree: its root and sheet, and the four mounts that change at their own pace.

use alloc::string::String;

use web_sys::{CssStyleSheet, Document, DocumentFragment, HtmlElement, ShadowRoot, ShadowRootInit, ShadowRootMode};

use super::adopt::Adopted;
use super::{Mount, Stamp};
use crate::article::Article;
use crate::card::{self, keys};
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

    /// Shows the card's content, making the shadow tree first if need be; says whether anything was touched.
    pub(crate) fn show(&mut self, host: &HtmlElement, id: u32, next: Tree, stamp: Stamp) -> bool {
        let Some(document) = host.owner_document() else { return false };
        if let Some(root) = &self.root {
            return self.content.show(root, next, &document, stamp);
        }
        // What stands there stays until all that takes its place is made.
        let Ok(made) = DocumentFragment::new() else { return false };
        let touched = self.content.show(&made, next, &document, stamp);
        self.open(host, id, &document, &made);
        touched
    }

    fn open(&mut self, host: &HtmlElement, id: u32, document: &Document, content: &DocumentFragment) {
        let root = host.shadow_root().or_else(|| host.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open)).ok());
        let Some(root) = root else { return };
        // Declarative, or left by a module that had to be made anew.
        root.set_text_content(None);
        let _ = root.append_child(content);
        if let Some(sheet) = sheet(document) {
            root.set_adopted_style_sheets(&js_sys::Array::of1(&sheet));
        }
        door::listen(&root, id, door::CARD);
        self.root = Some(root);
    }

    /// Brings the site's own markup in step.
    pub(crate) fn adopt(&mut self, host: &HtmlElement, article: &Article, stamp: Stamp) {
        if let Some(document) = host.owner_document() {
            self.adopted.show(host, article, &document, stamp);
        }
    }

    /// Lets the site's own time read as the badge's.
    pub(crate) fn tick(&self, host: &HtmlElement) {
        let time = self.root.as_ref().and_then(|root| root.query_selector("[part~=time]").ok().flatten());
        if let Some(time) = time {
            self.adopted.tick(host, &time.text_content().unwrap_or_default());
        }
    }

    /// Shows one of the small mounts by its key: the badge, the prompt or the foot.
    pub(crate) fn fill(&mut self, host: &HtmlElement, key: u64, next: Tree) -> bool {
        let (Some(root), Some(document)) = (self.content.find(key).cloned(), host.owner_document()) else {
            return false;
        };
        self.mount(key).show(&root, next, &document, &|_| String::new())
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
        self.content.restamp(stamp);
    }
}

thread_local! {
    static SHEET: core::cell::RefCell<Option<(Document, CssStyleSheet)>> = const { core::cell::RefCell::new(None) };
}

/// The one sheet of all cards of a document; another document needs its own.
fn sheet(document: &Document) -> Option<CssStyleSheet> {
    SHEET.with_borrow_mut(|sheet| {
        if let Some((of, sheet)) = sheet
            && of == document
        {
            return Some(sheet.clone());
        }
        let made = CssStyleSheet::new().ok()?;
        made.replace_sync(card::SHEET).ok()?;
        *sheet = Some((document.clone(), made.clone()));
        Some(made)
    })
}

//! `Card`: the only door from JavaScript. Each method forwards to the card's life in the page.

use alloc::rc::Rc;
use alloc::string::String;
use core::cell::RefCell;

use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::article::Article;
use crate::live::Live;
use crate::{door, share};

/// What stands behind one `<live-article>`.
///
/// It holds nothing of the page while the element is not in one: a struct that kept its host would keep
/// it from being collected.
#[wasm_bindgen]
#[derive(Default)]
pub struct Card {
    live: RefCell<Option<Rc<Live>>>,
    /// What was shown when the element left the page, to be shown at once should it come back.
    kept: RefCell<Option<Rc<Article>>>,
}

#[wasm_bindgen]
impl Card {
    /// The element is in a page.
    pub fn connect(&self, host: HtmlElement, states: Option<js_sys::Set>) {
        let live = Live::start(host, states, self.kept.take());
        // The borrow ends before anything of the page is called.
        let old = self.live.replace(Some(Rc::clone(&live)));
        drop(old);
        live.join();
    }

    /// The element has left the page.
    pub fn disconnect(&self) {
        let live = self.live.take();
        if let Some(live) = live {
            self.kept.replace(live.article());
            live.end();
        }
    }

    /// An attribute has another value.
    pub fn attribute(&self, name: &str) {
        if let Some(live) = self.live() {
            live.attribute(name);
        }
    }

    /// The contract's `article`: a plain object, or nothing.
    pub fn article(&self) -> JsValue {
        let article = self.live().map_or_else(|| self.kept.borrow().clone(), |live| live.article());
        article.map_or(JsValue::NULL, |article| crate::live::object(&article.plain()))
    }

    /// The contract's `status`.
    pub fn status(&self) -> String {
        self.live().map_or_else(String::new, |live| live.status().into())
    }

    /// The contract's `pending`.
    pub fn pending(&self) -> JsValue {
        self.live().map_or(JsValue::NULL, |live| live.pending())
    }

    /// Asks now; calls `done` when the answer is shown, held or refused.
    pub fn refresh(&self, done: js_sys::Function) {
        if let Some(live) = self.live() {
            live.refresh(done);
        }
    }

    /// Shows what is held back.
    pub fn apply(&self) {
        if let Some(live) = self.live() {
            live.apply();
        }
    }

    fn live(&self) -> Option<Rc<Live>> {
        self.live.borrow().clone()
    }
}

/// Defines `<live-article>` in this page, or takes over its elements after a trap.
#[wasm_bindgen]
pub fn register() {
    let create = Closure::<dyn Fn() -> Card>::new(Card::default).into_js_value();
    let receive =
        Closure::<dyn Fn(u32, u8, JsValue)>::new(|to, what, value| share::receive(to, what, &value)).into_js_value();
    door::define(&create, &receive);
}

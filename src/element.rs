//! The only door from JavaScript: what happens to an element, which stands here for its number.
//!
//! A card's life in the page is left to `live`; what else comes back from the browser, to `share`.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::article::Article;
use crate::card;
use crate::live::{Kept, Live};
use crate::share::page;
use crate::tree::NAMES;
use crate::{door, share};

thread_local! {
    /// What was shown when an element left the page, by its number, to be shown at once should it come back; and what an
    /// event tells of, by a number of its own. Nothing of the page is held for it: what kept its host would keep it from
    /// being collected.
    static KEPT: RefCell<Vec<(u32, Kept)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps an article until the event that tells of it has been collected; answers its number.
pub(crate) fn keep(article: &Rc<Article>) -> u32 {
    let number = door::fresh();
    hold(number, (Rc::clone(article), String::new()));
    number
}

#[inline(never)]
fn hold(number: u32, what: Kept) {
    KEPT.with_borrow_mut(|kept| kept.push((number, what)));
}

fn take(number: u32) -> Option<Kept> {
    KEPT.with_borrow_mut(|kept| {
        let at = kept.iter().position(|kept| kept.0 == number)?;
        Some(kept.swap_remove(at).1)
    })
}

/// What happens to an element, by the numbers of `door`; the answer is for the page. No borrow lasts while anything of
/// the page is called.
fn receive(number: u32, what: u8, value: &JsValue) -> JsValue {
    match what {
        door::CONNECT => Live::start(number, value.unchecked_ref(), take(number)).join(),
        door::DISCONNECT => {
            if let Some(live) = page().card(number) {
                if let Some(article) = live.article() {
                    hold(number, (article, live.follows()));
                }
                live.end();
            }
        }
        door::GONE => drop(take(number)),
        door::ARTICLE => {
            let kept =
                || KEPT.with_borrow(|kept| kept.iter().find(|kept| kept.0 == number).map(|kept| kept.1.0.clone()));
            let article = page().card(number).map_or_else(kept, |live| live.article());
            return article.map_or(JsValue::NULL, |article| crate::live::object(&article.plain()));
        }
        door::ATTRIBUTE..door::GONE => {
            if let Some(live) = page().card(number) {
                return live.call(what, value);
            }
        }
        _ => return JsValue::from_bool(share::receive(number, what, value)),
    }
    JsValue::UNDEFINED
}

/// Defines `<live-article>` in this page, or takes over its elements after a trap.
#[wasm_bindgen]
pub fn register() {
    let receive =
        Closure::<dyn Fn(u32, u8, JsValue) -> JsValue>::new(|number, what, value| receive(number, what, &value));
    let mut names = String::new();
    for name in NAMES {
        names.push_str(name);
        names.push(' ');
    }
    door::define(&receive.into_js_value(), &names, card::SHEET);
}

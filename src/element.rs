//! The only door from JavaScript: every element of the page by its number, and what happens to it.
//!
//! A card's life in the page is left to `live`; what else comes back from the browser, to `share`.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::article::Article;
use crate::card;
use crate::live::Live;
use crate::tree::NAMES;
use crate::{door, share};

/// What stands behind one `<live-article>`.
///
/// It holds nothing of the page while the element is not in one: a struct that kept its host would keep
/// it from being collected.
struct Card {
    number: u32,
    live: Option<Rc<Live>>,
    /// What was shown when the element left the page, to be shown at once should it come back.
    kept: Option<Rc<Article>>,
}

thread_local! {
    static CARDS: RefCell<Vec<Card>> = const { RefCell::new(Vec::new()) };
}

/// Takes a card out of the table. No borrow lasts while anything of the page is called.
fn take(number: u32) -> (Option<Rc<Live>>, Option<Rc<Article>>) {
    CARDS.with_borrow_mut(|cards| {
        let at = cards.iter().position(|card| card.number == number);
        at.map_or((None, None), |at| {
            let card = cards.swap_remove(at);
            (card.live, card.kept)
        })
    })
}

fn put(number: u32, live: Option<Rc<Live>>, kept: Option<Rc<Article>>) {
    CARDS.with_borrow_mut(|cards| cards.push(Card { number, live, kept }));
}

/// What happens to an element, by the numbers of `door`; the answer is for the page.
fn receive(number: u32, what: u8, value: &JsValue) -> JsValue {
    match what {
        door::CONNECT => {
            let (old, kept) = take(number);
            drop(old);
            let live = Live::start(number, value.unchecked_ref(), kept);
            put(number, Some(Rc::clone(&live)), None);
            live.join();
        }
        door::DISCONNECT => {
            let (live, kept) = take(number);
            put(number, None, live.as_ref().map_or(kept, |live| live.article()));
            if let Some(live) = live {
                live.end();
            }
        }
        door::GONE => drop(take(number)),
        door::ATTRIBUTE..door::GONE => {
            let (live, kept) = CARDS.with_borrow(|cards| {
                let card = cards.iter().find(|card| card.number == number);
                card.map_or((None, None), |card| (card.live.clone(), card.kept.clone()))
            });
            if what == door::ARTICLE {
                let article = live.map_or(kept, |live| live.article());
                return article.map_or(JsValue::NULL, |article| crate::live::object(&article.plain()));
            }
            if let Some(live) = live {
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

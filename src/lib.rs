//! A news article card that follows its newsroom in an open page: in place, politely, honestly.
//!
//! Compiled to WebAssembly it is the element `<live-article>`; what a page needs of it is in the project's README. What
//! decides in it is pure and works in any Rust program: no clock, no timer, no DOM, no network. Times are handed in, bytes
//! and lists come out. So a newsroom's own server can read, compare, clean and date articles just as its readers'
//! cards do:
//!
//! | module | what it makes of what |
//! | --- | --- |
//! | [`read`] | a document of any standard → an [`article::Article`] |
//! | [`swap`] | two versions → what changed, how much that matters, and the steps from one to the other |
//! | [`poll`] | what happened, and when → when to ask again |
//! | [`badge`] | an article's times and a clock → `Last Updated: 3 minutes ago`, and until when that is true |
//! | [`clean`] | foreign markup → a [`tree::Tree`] that can run no code |
//! | [`card`] | an article → the whole card, as a [`tree::Tree`] or as HTML |
//! | [`address`], [`clock`], [`markup`], [`select`], [`plain`] | what those stand on: URLs, the server's clock, a tokenizer, CSS selectors, plain values |
//!
//! `element`, `live`, `net`, `share` and `view` are the effects. They exist for `wasm32` alone, where `register` defines the
//! element.
//!
//! Two versions of a story, and what a reader is told of it:
//!
//! ```
//! use live_article::badge::{Facts, Format, Said, Status, Unit, Word, face};
//! use live_article::read::{Source, read};
//! use live_article::swap::{blocks::compare, weight::Weight};
//!
//! fn story(text: &str) -> live_article::article::Article {
//!     let url = "https://paper.example/ferry";
//!     let zone = |local| local; // `source-time-zone` is UTC
//!     let source = Source { text, url, page: url, item: None, select: None, embeds: "", zone: &zone, now: 1.47e12 };
//!     read(&source).expect("an article")
//! }
//!
//! let shown = story(
//!     r#"{"@type": "NewsArticle", "headline": "Ferry out of service", "datePublished": "2016-07-27T08:00:00Z",
//!         "articleBody": "No ferry today."}"#,
//! );
//! let mut next = story(
//!     r#"{"@type": "NewsArticle", "headline": "Ferry back in service", "datePublished": "2016-07-27T08:00:00Z",
//!         "dateModified": "2016-07-27T10:00:00Z", "articleBody": "No ferry today.\n\nIt runs again from ten."}"#,
//! );
//!
//! let difference = compare(&shown, &mut next);
//! assert_eq!(difference.weight, Weight::Update);
//! assert_eq!(difference.changes[0].field, Some("headline"));
//!
//! let facts = Facts {
//!     published: next.published,
//!     modified: next.modified,
//!     checked: None,
//!     checking: None,
//!     paused: None,
//!     status: Status::Live,
//!     format: Format::Auto,
//! };
//! let three_minutes_later = next.modified.expect("a time").at + 180_000.0;
//! let badge = face(&facts, three_minutes_later);
//! let Some((Word::LastUpdated, _, Said::Ago(age))) = badge.time else { panic!("{badge:?}") };
//! assert_eq!((age.count, age.unit), (3, Unit::Minute));
//! assert_eq!(badge.until, three_minutes_later + 60_000.0);
//! ```

extern crate alloc;

pub mod address;
pub mod article;
pub mod badge;
pub mod card;
pub mod clean;
pub mod clock;
#[cfg(target_arch = "wasm32")]
mod door;
#[cfg(target_arch = "wasm32")]
pub mod element;
#[cfg(target_arch = "wasm32")]
mod live;
pub mod markup;
#[cfg(target_arch = "wasm32")]
mod net;
pub mod plain;
pub mod poll;
pub mod read;
pub mod select;
#[cfg(target_arch = "wasm32")]
mod share;
pub mod swap;
pub mod tree;
#[cfg(target_arch = "wasm32")]
pub mod view;

#[cfg(target_arch = "wasm32")]
pub use element::register;

/// A third of the default allocator's weight; one thread, so nothing to lock.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

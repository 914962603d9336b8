//! A news article card that follows its newsroom in an open page: in place, politely, honestly.

extern crate alloc;

pub mod address;
pub mod article;
pub mod badge;
pub mod card;
pub mod clean;
pub mod markup;
pub mod read;
pub mod select;
pub mod swap;
pub mod tree;
#[cfg(target_arch = "wasm32")]
pub mod view {
    //! Carries the decisions out in the page.
    pub mod intl;
}

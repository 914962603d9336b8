//! A news article card that follows its newsroom in an open page: in place, politely, honestly.

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

//! The card in a browser: `wasm-pack test --headless --chrome`, or `--firefox`; all engines by `cargo verify`.
#![cfg(target_arch = "wasm32")]

mod badge;
mod clean;
#[path = "../nearly/mod.rs"]
mod nearly;
mod poll;
mod read;
mod stage;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

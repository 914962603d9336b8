//! The rules of the house.
#![cfg(not(target_arch = "wasm32"))]

//! The harness: everything around the card that is not the card.

pub mod adopters;
pub mod bench;
pub mod browser;
pub mod child;
pub mod delta;
pub mod herd;
pub mod nginx;
pub mod pkg;
pub mod proxy;
pub mod read;
pub mod render;
pub mod serve;
mod session;
pub mod setup;
pub mod verify;
pub mod wire;

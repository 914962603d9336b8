//! The harness: everything around the card that is not the card.

pub mod pkg;
pub mod serve;
pub mod setup;

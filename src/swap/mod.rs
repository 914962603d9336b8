//! What changed between two versions, and the instructions that make one the other.
//!
//! [`tree`] compares markup and answers with [`tree::Step`]s for the view; [`blocks`] says which
//! block of a new version is which of the old; [`weight`] how much a change matters to a reader.
//! When a change is shown is left to the card.

pub mod blocks;
pub(crate) mod pairs;
pub mod tree;
pub mod weight;
pub mod words;

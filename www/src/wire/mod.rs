//! What following a live blog costs on the wire.
pub mod blog;

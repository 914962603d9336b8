//! Documents into articles: one file a standard.

pub mod text;

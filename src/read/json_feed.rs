//! JSON Feed 1.1: which objects are one. Its items are entries as those of any feed.

use super::doc::VERSION;
use super::rules::{Rules, holds};

/// Whether an object is a feed, by its version's address.
pub(crate) fn is(rules: &Rules, at: usize) -> bool {
    holds(rules.said(at, &[VERSION]), "jsonfeed")
}

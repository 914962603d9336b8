//! JSON Feed 1.1: a feed as a live blog, or one of its items.

use super::doc::{EXPIRED, VERSION};
use super::rules::{Rules, holds};
use super::{Refusal, feed};
use crate::article::Article;

/// Whether an object is a feed, by its version's address.
pub(crate) fn is(rules: &Rules, at: usize) -> bool {
    holds(rules.said(at, &[VERSION]), "jsonfeed")
}

/// Reads the feed, or the item that is asked for.
pub(crate) fn read(rules: &Rules, at: usize) -> Result<Article, Refusal> {
    let mut article = feed::article(rules, at, &rules.entries(at))?;
    article.ended = rules.said(at, &[EXPIRED]) == "true";
    if article.blog {
        // The feed's version is its format's.
        article.version = None;
    }
    Ok(article)
}

//! ninjs 2 and 3, the IPTC's news item in JSON: which objects are one.

use super::doc::{BODIES, HEADLINES, PUB_STATUS, STANDARD, URI, VERSION_CREATED};
use super::rules::Rules;

/// Whether an object is a news item: it says so, or has an address and what only news items have.
pub(crate) fn is(rules: &Rules, at: usize) -> bool {
    rules.said(at, &[STANDARD]) == "ninjs"
        || rules.find(at, &[URI]) > 0 && rules.find(at, &[HEADLINES, BODIES, VERSION_CREATED, PUB_STATUS]) > 0
}

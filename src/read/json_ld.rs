//! JSON-LD with schema.org's words: which node of a document is the article.
//!
//! Written out as publishers do, not expanded by JSON-LD's own algorithms: contexts are not
//! followed. Fields are left to the rules.

use super::doc::{AT_ID, AT_TYPE, GRAPH, GUID, ID, Kind, LINK, MAIN_ENTITY, PAGE, TYPE, URI, URL};
use super::rules::{Rules, ends};
use crate::article::Article;

/// Types whose name ends like this are articles: all of schema.org's subtypes of `Article`.
pub(crate) const ARTICLES: &[&str] =
    &["article", "blogposting", "socialmediaposting", "discussionforumposting", "report", "apireference"];

/// The best node so far.
#[derive(Default)]
struct Choice {
    at: Option<usize>,
    /// Its address is the page's, how deep it stands, whether it is a live blog.
    ours: bool,
    depth: usize,
    live: bool,
}

/// The article of the first node, which is one, completed by the others.
pub(crate) fn article(rules: &Rules, nodes: &[usize]) -> Article {
    let entries = rules.entries(nodes[0]);
    let blog = !entries.is_empty() || is(rules, nodes[0], &["liveblogposting"]);
    rules.article(nodes, blog.then_some(&entries))
}

/// The article's node below `root`; `canonical` is the page's own address, where it says.
pub(crate) fn find(rules: &Rules, root: usize, canonical: Option<&str>) -> Option<usize> {
    if let Some(item) = rules.source.item {
        return (root..rules.doc.end(root)).find(|&at| is(rules, at, ARTICLES) && named(rules, at, item));
    }
    let mut best = Choice::default();
    walk(rules, root, 0, canonical, &mut best);
    best.at
}

fn walk(rules: &Rules, at: usize, depth: usize, canonical: Option<&str>, best: &mut Choice) {
    if rules.doc.nodes[at].kind == Kind::Object && is(rules, at, ARTICLES) {
        let ours = named(rules, at, rules.source.url) || canonical.is_some_and(|url| named(rules, at, url));
        let live = is(rules, at, &["liveblogposting"]);
        let better = best.at.is_none()
            || (ours && !best.ours)
            || ours == best.ours && (depth < best.depth || depth == best.depth && live && !best.live);
        if better {
            *best = Choice { at: Some(at), ours, depth, live };
        }
        return;
    }
    let (end, mut next) = (rules.doc.end(at), at + 1);
    while next < end {
        let node = rules.doc.nodes[next];
        match rules.doc.nodes[at].kind {
            Kind::Array => walk(rules, next, depth, canonical, best),
            _ if node.name == GRAPH => walk(rules, next, depth, canonical, best),
            _ if node.name == MAIN_ENTITY => walk(rules, next, depth + 1, canonical, best),
            _ => {}
        }
        next = rules.doc.end(next);
    }
}

/// Whether one of a node's types ends like one of these, in any letter case.
pub(crate) fn is(rules: &Rules, at: usize, types: &[&str]) -> bool {
    let Some(of) = rules.find(at, &[AT_TYPE, TYPE]) else { return false };
    (of..rules.doc.end(of)).any(|at| types.iter().any(|end| ends(rules.doc.text(at), end)))
}

/// Whether an address, or the bare identifier, is a node's.
pub(crate) fn named(rules: &Rules, at: usize, address: &str) -> bool {
    for name in [AT_ID, URL, PAGE, ID, GUID, URI, LINK] {
        let mut url = None;
        if let Some(at) = rules.find(at, &[name])
            && (rules.raw(at) == address
                || rules.url(at, &mut url) && url.is_some_and(|url| bare(&url) == bare(address)))
        {
            return true;
        }
    }
    false
}

/// An address without what does not tell pages apart: scheme, fragment, the slash at the end.
fn bare(url: &str) -> &str {
    let mut from = 0;
    let mut to = url.len();
    for (at, &byte) in url.as_bytes().iter().enumerate() {
        if byte == b':' && from == 0 {
            from = at + 1;
        } else if byte == b'#' {
            to = at;
            break;
        }
    }
    let url = url.get(from..to).unwrap_or(url);
    url.strip_suffix('/').unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::super::{Reason, Source, read};
    use serde_json::{Value, json};

    fn article(text: &str, item: Option<&str>) -> Value {
        let source = Source {
            text,
            url: "https://harbour.example/news/bridge",
            page: "https://site.example/",
            item,
            select: None,
            embeds: "",
            zone: &|local| local,
            now: 1_800_000_000_000.0,
        };
        match read(&source) {
            Ok(article) => serde_json::to_value(article).unwrap(),
            Err(refusal) => json!(refusal.reason.as_str()),
        }
    }

    #[test]
    fn the_right_node_is_the_article() {
        for (text, headline) in [
            (r#"{"@type": "NewsArticle", "headline": "A"}"#, "A"),
            (r#"[{"@type": "WebPage", "headline": "W"}, {"@type": "NewsArticle", "headline": "A"}]"#, "A"),
            (r#"{"@graph": [{"@type": "WebPage"}, {"@type": ["Article", "Thing"], "headline": "A"}]}"#, "A"),
            (r#"{"@type": "WebPage", "mainEntity": {"@type": "ReportageNewsArticle", "headline": "A"}}"#, "A"),
            (r#"{"@type": "https://schema.org/OpinionNewsArticle", "headline": "A"}"#, "A"),
            (r#"{"@type": "schema:BlogPosting", "schema:headline": "A"}"#, "A"),
            (r#"{"@context": {"@type": "Article", "headline": "C"}, "@type": "newsarticle", "headline": "A"}"#, "A"),
            (
                r#"{"@type": "WebPage", "isPartOf": {"@type": "Article", "headline": "B"},
                    "mainEntity": {"@type": "Article", "headline": "A"}}"#,
                "A",
            ),
            (
                r#"[{"@type": "Article", "headline": "B", "url": "/news/ferry"},
                    {"@type": "WebPage", "mainEntity": {"@type": "Article", "headline": "A", "url": "/news/bridge/#top"}}]"#,
                "A",
            ),
            (r#"[{"@type": "Article", "headline": "A"}, {"@type": "Article", "headline": "B"}]"#, "A"),
            (
                r#"[{"@type": "WebPage", "mainEntity": {"@type": "Article", "headline": "B"}},
                    {"@graph": [{"@type": "Article", "headline": "A"}]}]"#,
                "A",
            ),
        ] {
            assert_eq!(article(text, None)["headline"], headline, "{text}");
        }
    }

    #[test]
    fn what_is_no_article_is_refused() {
        for (text, reason) in [
            ("{}", Reason::NoArticle),
            ("[]", Reason::NoArticle),
            ("null", Reason::NoArticle),
            (r#"{"@type": "JobPosting", "headline": "A"}"#, Reason::NoArticle),
            ("", Reason::Malformed),
            (r#"{"@type": "NewsArticle", "headline": "A""#, Reason::Malformed),
        ] {
            assert_eq!(article(text, None), reason.as_str(), "{text}");
        }
    }
}

//! JSON-LD with schema.org's words: which node of a document is the article.
//!
//! Written out as publishers do, not expanded by JSON-LD's own algorithms: contexts are not
//! followed. Fields are left to the rules.

use super::doc::{AT_ID, AT_TYPE, GRAPH, GUID, ID, LINK, MAIN_ENTITY, PAGE, TYPE, URI, URL};
use super::rules::{Rules, ends};
use crate::article::Article;

/// How the types end that are articles: all of schema.org's subtypes of `Article`.
const ARTICLES: [&str; 6] =
    ["article", "blogposting", "socialmediaposting", "discussionforumposting", "report", "apireference"];

/// The article of the first node, which is one, completed by the others.
pub(crate) fn article(rules: &Rules, at: usize, nodes: &[usize]) -> Article {
    let entries = rules.entries(at);
    let blog = !entries.is_empty() || is_live_blog(rules, at);
    rules.article(nodes, blog.then_some(&entries))
}

/// The article's node below `root`, 0 for none; `canonical` is the page's own address, where it says.
pub(crate) fn find(rules: &Rules, root: usize, canonical: &str) -> usize {
    if let Some(item) = rules.source.item {
        let mut at = root;
        while !(is_article(rules, at) && named(rules, at, item, true)) {
            at += 1;
            if at == rules.doc.end(root) {
                return 0;
            }
        }
        return at;
    }
    let mut best = (0, 0);
    walk(rules, root, 64, canonical, &mut best);
    best.1
}

/// Looks for the best node: whose address is the page's, else the shallowest, else a live blog, else the first.
/// `height` falls with the depth, where a list and a graph do not count.
fn walk(rules: &Rules, at: usize, height: u32, canonical: &str, best: &mut (u32, usize)) {
    if is_article(rules, at) {
        let ours = named(rules, at, rules.source.url, false) || named(rules, at, canonical, false);
        let worth = u32::from(ours) << 8 | height << 1 | u32::from(is_live_blog(rules, at));
        if worth > best.0 {
            *best = (worth, at);
        }
        return;
    }
    for next in rules.doc.children(at) {
        let name = rules.doc.node(next).name;
        if matches!(name, MAIN_ENTITY | GRAPH) || rules.doc.is_list(at) {
            walk(rules, next, height - u32::from(name == MAIN_ENTITY), canonical, best);
        }
    }
}

/// Whether the name of a type is one of an article.
pub(crate) fn is_article_type(name: &str) -> bool {
    ARTICLES.iter().any(|article| ends(name, article))
}

fn is_article(rules: &Rules, at: usize) -> bool {
    types(rules, at, &is_article_type)
}

fn is_live_blog(rules: &Rules, at: usize) -> bool {
    types(rules, at, &|name| ends(name, "liveblogposting"))
}

/// Whether one of an object's types is like that.
fn types(rules: &Rules, at: usize, like: &dyn Fn(&str) -> bool) -> bool {
    let of = rules.find(at, &[AT_TYPE, TYPE]);
    (of..rules.doc.end(of)).any(|at| like(rules.doc.text(at)))
}

/// Whether an address, or the bare identifier, is a node's; `whole` if its fragment counts, as it does where one document
/// holds several.
#[inline(never)]
pub(crate) fn named(rules: &Rules, at: usize, address: &str, whole: bool) -> bool {
    [AT_ID, URL, PAGE, ID, GUID, URI, LINK].iter().any(|&name| {
        let at = rules.find(at, &[name]);
        at > 0
            && (rules.raw(at) == address || rules.url(at).is_some_and(|url| bare(&url, whole) == bare(address, whole)))
    })
}

/// An address without what does not tell pages apart: scheme, fragment if not `whole`, the slash at the end.
fn bare(url: &str, whole: bool) -> &[u8] {
    let url = url.as_bytes();
    let end = if whole { url.len() } else { crate::markup::find(url, 0, b'#') };
    let start = crate::markup::find(url, 0, b':');
    let url = url.get(start..end).unwrap_or_default();
    url.strip_suffix(b"/").unwrap_or(url)
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
    fn a_date_far_ahead_is_no_plan() {
        // By a clock that is at 2027-01-15.
        for (modified, shown) in
            [("2027-12-31T10:00:00Z", true), ("2028-02-01T10:00:00Z", false), ("9999-12-31T23:59:59Z", false)]
        {
            let text = format!(
                r#"{{"@type": "Article", "headline": "A", "datePublished": "2016-07-27", "dateModified": "{modified}"}}"#
            );
            let read = article(&text, None);
            assert_eq!(read["modified"] == modified, shown, "{read}");
            assert_eq!(read["published"], "2016-07-27");
        }
    }

    #[test]
    fn an_item_is_told_from_others_by_its_fragment() {
        let text = r#"{"@graph": [{"@type": "Article", "@id": "https://harbour.example/live#1", "headline": "A"},
            {"@type": "Article", "@id": "/live#2", "headline": "B"}]}"#;
        for (item, headline) in
            [("https://harbour.example/live#1", "A"), ("/live#2", "B"), ("https://harbour.example/live#2", "B")]
        {
            assert_eq!(article(text, Some(item))["headline"], headline, "{item}");
        }
        assert_eq!(article(text, Some("https://harbour.example/live#3")), "no-article");
    }

    #[test]
    fn what_is_taken_back_or_has_a_body_needs_no_headline() {
        for (text, id) in [
            (r#"{"@type": "NewsArticle", "@id": "urn:a", "articleBody": "A storm came."}"#, "urn:a"),
            (r#"{"@type": "NewsArticle", "@id": "urn:a", "creativeWorkStatus": "withdrawn"}"#, "urn:a"),
            (r#"{"uri": "urn:a", "type": "text", "pubstatus": "canceled"}"#, "urn:a"),
        ] {
            assert_eq!(article(text, None)["id"], id, "{text}");
        }
    }

    #[test]
    fn coverage_lasts_through_the_day_of_its_end() {
        for (end, modified, live) in [
            ("2027-01-14", "2027-01-14T10:00:00Z", false),
            ("2027-01-15", "2027-01-14T10:00:00Z", true),
            ("2027-01-14", "2027-01-15T00:00:01Z", true),
            ("2027-01-15T07:59:59Z", "2027-01-14T10:00:00Z", false),
            ("2027-01-15T08:00:01Z", "2027-01-14T10:00:00Z", true),
        ] {
            let text = format!(
                r#"{{"@type": "LiveBlogPosting", "headline": "A", "coverageEndTime": "{end}", "dateModified": "{modified}"}}"#
            );
            assert_eq!(article(&text, None)["live"], live, "{end}, {modified}");
        }
    }

    #[test]
    fn what_is_no_article_is_refused() {
        for (text, reason) in [
            ("{}", Reason::NoArticle),
            ("[]", Reason::NoArticle),
            ("null", Reason::NoArticle),
            (r#"{"@type": "JobPosting", "headline": "A"}"#, Reason::NoArticle),
            (r#"{"@type": "NewsArticle", "headline": " ", "dateModified": "2016-07-27"}"#, Reason::NoArticle),
            ("", Reason::Malformed),
            (r#"{"@type": "NewsArticle", "headline": "A""#, Reason::Malformed),
        ] {
            assert_eq!(article(text, None), reason.as_str(), "{text}");
        }
    }
}

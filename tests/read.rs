//! Documents written by hand, each with the article that it is read as: `tests/read/NAME` beside
//! `tests/read/NAME.article.json`, or `NAME.refusal.txt` with the reason and the message.
//!
//! With `BLESS` set in the environment the results are written instead of compared.
#![cfg(not(target_arch = "wasm32"))]

mod nearly;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use live_article::article::{Article, Time};
use live_article::badge::Words;
use live_article::card::{Look, View, card, html};
use live_article::read::{Source, again, read};
use live_article::tree::{Kind, SANDBOX, Tree};
use nearly::Dice;
use serde_json::{Value, json};

/// Of the invented paper's server, on the invented day that the documents are read.
const NOW: f64 = 1_780_000_000_000.0; // 2026-05-28T20:26:40Z

fn documents() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/read");
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        !name.ends_with(".article.json") && !name.ends_with(".refusal.txt")
    });
    files.sort();
    files
}

/// What stands between `{` and `}` in a document's file name: `feed{item=2}.json`.
fn option<'a>(name: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = name.split_once('{')?;
    let (options, _) = rest.split_once('}')?;
    options.split(',').find_map(|option| option.strip_prefix(key)?.strip_prefix('='))
}

fn source<'a>(text: &'a str, name: &'a str) -> Source<'a> {
    Source {
        text,
        url: "https://harbour.example/news/bridge",
        page: "https://site.example/front",
        item: option(name, "item"),
        select: option(name, "select"),
        embeds: "video.example",
        zone: &|local| local - 7_200_000.0,
        now: NOW,
    }
}

#[test]
fn every_document_is_read_as_its_article() {
    let mut wrong = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = source(&text, &name);
        let (suffix, other, result) = match read(&source) {
            Ok(article) => {
                let extra = serde_json::json!({
                    "blog": article.blog, "windowed": article.windowed, "ends": article.ends.map(Time::iso),
                    "ended": article.ended, "withdrawn": article.withdrawn, "lang": article.lang,
                });
                let mut all = serde_json::json!({ "article": article, "beside": extra });
                for block in all["article"]["blocks"].as_array_mut().unwrap() {
                    // An identifier made from the content is a hash, which may change.
                    let id = block["id"].as_str().unwrap();
                    if id.get(1..13).is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
                        block["id"] = format!("(made){}", &id[13..]).into();
                    }
                }
                (".article.json", ".refusal.txt", serde_json::to_string_pretty(&all).unwrap() + "\n")
            }
            Err(refusal) => {
                (".refusal.txt", ".article.json", format!("{}\n{}\n", refusal.reason.as_str(), refusal.message))
            }
        };
        let expected = path.with_file_name(format!("{name}{suffix}"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &result).unwrap();
            let _ = fs::remove_file(path.with_file_name(format!("{name}{other}")));
        }
        if fs::read_to_string(&expected).unwrap_or_default() != result {
            wrong.push(format!("{} is read as:\n{result}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_document_cut_anywhere_is_the_same_article_or_none() {
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(whole) = read(&source(&text, &name)) else { continue };
        let page = path.extension().is_some_and(|end| end == "html");
        for end in 0..text.trim_end().len() {
            let Some(cut) = text.get(..end) else { continue };
            let Ok(article) = read(&source(cut, &name)) else { continue };
            // What comes after a JSON document is no part of it. A page has what its head had, and a body or none.
            let rest = text[end..].trim_start_matches(['}', ';', '/', ']', '>', '\n', ' ']);
            assert!(page || rest.is_empty(), "{name} is read though cut at {end}: {cut}");
            assert_eq!(article.headline, whole.headline, "{name} cut at {end}: {cut}");
            assert!(article.blocks.is_empty() || article.blocks.len() == whole.blocks.len(), "{name} cut at {end}");
        }
    }
}

/// Pieces that mean something to one reader or another.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "'",
    "\\",
    "\\u",
    "\\ud83d",
    "//",
    "/*",
    "*/",
    "\n",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<",
    ">",
    "</",
    "/>",
    "<p>",
    "</p>",
    "<script type=\"application/ld+json\">",
    "</script>",
    "<meta ",
    "itemprop=\"author\" ",
    "itemscope ",
    "<entry>",
    "</entry>",
    "<item>",
    "type=\"xhtml\"",
    "&amp;",
    "&#x2B;",
    "\"@id\": \"#a\"",
    "\"@graph\": ",
    "\"liveBlogUpdate\": ",
    "\"mainEntity\": ",
    "2026-05-28",
    "T10:00:00Z",
    "99999999999999999999",
    "é",
    "\u{1F4F0}",
    "\0",
    "\u{feff}",
];

/// All of an article's card.
fn tree(article: &live_article::article::Article) -> Tree {
    let mut tree = Tree::new();
    let look = Look {
        view: View::Article,
        adopt: false,
        heading_level: 2,
        max_blocks: usize::MAX,
        wanted: "",
        stylesheet: None,
        changed: &[],
        after: &[],
        withdrawn: false,
        words: &Words::english(),
    };
    card(article, &look, &mut tree);
    tree
}

/// Panics where a card, whatever the document, would lead or load elsewhere than to the web.
fn vet(tree: &Tree, of: &str) {
    for (at, node) in tree.nodes().iter().enumerate() {
        let name = live_article::tree::NAMES[node.name as usize];
        let value = tree.value(at);
        if node.kind == Kind::Element {
            assert!(!matches!(name, "script" | "style" | "form" | "input"), "<{name}> of {of:?}");
            assert!(name != "iframe" || tree.find(at, SANDBOX).is_some(), "a free frame of {of:?}");
        } else if node.kind == Kind::Attr {
            assert!(!name.starts_with("on") && name != "style", "{name} of {of:?}");
            let web = ["https://", "http://", "#", "data:image/", "mailto:", "tel:"];
            let safe = web.iter().any(|start| value.to_ascii_lowercase().starts_with(start));
            assert!(!matches!(name, "href" | "src" | "srcset" | "poster") || safe, "{name}={value} of {of:?}");
        }
    }
}

/// Documents with something broken in them: as many a document as `ROUNDS` says, for a long search.
#[test]
fn any_text_is_an_article_or_a_refusal() {
    let (mut dice, rounds) = Dice::rounds(60, 7);
    for path in documents() {
        let original = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for _ in 0..rounds {
            let mut bytes = original.clone().into_bytes();
            for _ in 0..=dice.roll(12) {
                let at = dice.roll(bytes.len() + 1);
                let most = 1 << dice.roll(8);
                let to = (at + dice.roll(most)).min(bytes.len());
                match dice.roll(4) {
                    0 => drop(bytes.drain(at..to)),
                    1 => {
                        let copy = bytes[at..to].to_vec();
                        let back = dice.roll(bytes.len() + 1);
                        bytes.splice(back..back, copy);
                    }
                    2 => drop(bytes.splice(at..at, PIECES[dice.roll(PIECES.len())].bytes())),
                    _ => {
                        if let Some(byte) = bytes.get_mut(at) {
                            *byte = dice.roll(256) as u8;
                        }
                    }
                }
            }
            let text = String::from_utf8_lossy(&bytes);
            let through = || {
                read(&source(&text, &name)).map(|article| {
                    let tree = tree(&article);
                    drop(html(&tree, &|_| String::new()));
                    (serde_json::to_string(&article).unwrap(), tree)
                })
            };
            let Ok(result) = std::panic::catch_unwind(through) else {
                panic!("{name} with faults makes a reader panic:\n{text}");
            };
            match result {
                Ok((_, tree)) => vet(&tree, &text),
                Err(refusal) => assert!(!refusal.message.is_empty()),
            }
        }
    }
}

/// Documents out of all proportion, and characters that are none.
#[test]
fn odd_documents_give_the_right_text() {
    let article = |inside: &str| format!("{{\"@type\": \"NewsArticle\", \"headline\": \"A\", {inside}}}");
    let body = |markup: &str| article(&format!("\"articleBody\": \"{markup}\""));
    let deep = |open: &str, close: &str, depth| format!("{}text{}", open.repeat(depth), close.repeat(depth));
    let attributes: String = (0..100_000).map(|at| format!(" a{at}=b")).collect();
    let mut documents = vec![
        ("attributes", body(&format!("<p{attributes} lang=fr>text</p>"))),
        ("comments in markup", body(&format!("<p>te{}xt</p>", "<!>".repeat(1_000_000)))),
        ("comments in JSON", article(&format!("{}\"articleBody\": \"text\"", "/**/".repeat(1_000_000)))),
        ("NUL", body("te\0x\\u0000t")),
        ("50 arrays", article(&format!("\"about\": {}, \"articleBody\": \"text\"", "[".repeat(50) + &"]".repeat(50)))),
    ];
    for depth in [50, 5_000, 50_000] {
        for (open, close) in
            [("<div>", "</div>"), ("<b>", "</b>"), ("<blockquote>", "</blockquote>"), ("<ul><li>", "</ul>")]
        {
            documents.push((open, body(&deep(open, close, depth))));
            documents.push((open, body(&deep(open, "", depth))));
        }
        documents.push((
            "nested entries",
            format!("<entry><title>A</title><content>text</content>{}", deep("<a>", "</a>", depth) + "</entry>"),
        ));
    }
    for (what, text) in documents {
        let article = read(&source(&text, "a")).unwrap_or_else(|refusal| panic!("{what}: {}", refusal.message));
        let texts: Vec<_> = article.blocks.iter().map(|block| block.body.plain(0, block.body.nodes().len())).collect();
        assert_eq!(texts, ["text"], "{what}");
        let tree = tree(&article);
        let mut ends: Vec<usize> = Vec::new();
        for at in 0..tree.nodes().len() {
            ends.retain(|&end| end > at);
            ends.push(tree.end(at));
            assert!(ends.len() < 80, "{what} is {} levels deep", ends.len());
        }
    }
    for depth in [5_000, 50_000] {
        for (open, close) in [("[", "]"), ("{\"a\": ", "}")] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let refusal = read(&source(&article(&format!("\"about\": {nested}")), "a")).unwrap_err();
            assert!(refusal.message.contains("64 levels"), "{}", refusal.message);
        }
    }
    for (headline, shown) in [
        ("Zo\\ud800 e", "Zo\u{fffd} e"),
        ("\\udc00\\ud83d\\ude00", "\u{fffd}\u{1f600}"),
        ("Z\\u0000o\0e\\u0007", "Zoe"),
        ("&#0;&#xd800;&#x110000;", "\u{fffd}\u{fffd}\u{fffd}"),
        ("a\u{202e}b\u{2066}c\u{200b}\u{feff}d", "abcd"),
    ] {
        let text = format!("{{\"@type\": \"NewsArticle\", \"headline\": \"{headline}\"}}");
        assert_eq!(read(&source(&text, "a")).unwrap().headline, shown, "{headline:?}");
    }
}

/// What is over a bound is refused, and the message says which; what is at it is read.
#[test]
fn each_bound_says_its_name() {
    let article = |inside: &str| format!("{{\"@type\": \"NewsArticle\", \"headline\": \"A\", {inside}}}");
    let entries = |count: usize| {
        let list: Vec<_> = (0..count).map(|at| format!("{{\"headline\": \"{at}\"}}")).collect();
        article(&format!("\"liveBlogUpdate\": [{}]", list.join(",")))
    };
    let body = |piece: &str, count: usize| article(&format!("\"articleBody\": \"{}\"", piece.repeat(count)));
    // A few bytes a body that take thousands of nodes, or megabytes, to hold: tags that are opened anew.
    let again = format!("{}{}", "<b>".repeat(60), "<p>a".repeat(700));
    let long = format!("<b title='{}'>{}", "a".repeat(8000), "<p>a".repeat(600));
    let many = |body: &str, count: usize| {
        let entry = format!("{{\"headline\": \"B\", \"articleBody\": \"{body}\"}}");
        article(&format!("\"liveBlogUpdate\": [{}]", vec![entry; count].join(",")))
    };
    for (what, text, says) in [
        ("bytes", " ".repeat(4 << 20) + "{}", "4 MiB"),
        ("depth", "[".repeat(65), "64 levels"),
        ("entries", entries(10_001), "10,000 entries"),
        ("entries of a feed", format!("<rss><channel>{}</channel></rss>", "<item/>".repeat(10_001)), "10,000 entries"),
        ("elements", body("<p>a</p>", 20_000), "50,000 elements"),
        ("paragraphs of plain text", body("a\\n", 20_000), "50,000 elements"),
        ("tags", body(&long, 1), ""),
        ("tags without end", body(&long, 4), "16 MiB"),
        ("nodes of all entries", many(&again, 10), "200,000"),
        ("bytes of all entries", many(&long, 3), "200,000"),
        ("elements of the named body", format!("<main>{}</main>", "<p>a</p>".repeat(20_000)), "50,000 elements"),
    ] {
        let refusal = read(&Source { select: Some("main"), ..source(&text, "a") }).err();
        let (reason, message) =
            refusal.map_or(("", String::new()), |refusal| (refusal.reason.as_str(), refusal.message));
        assert!(message.contains(says) && message.is_empty() == says.is_empty(), "{what}: {message}");
        let expected = if what == "depth" {
            "malformed"
        } else if says.is_empty() {
            ""
        } else {
            "too-large"
        };
        assert_eq!(reason, expected, "{what}");
    }
    let blocks = |text: &str| read(&source(text, "a")).unwrap().blocks.len();
    assert_eq!(blocks(&entries(10_000)), 10_000);
    assert_eq!(blocks(&body("<p>a</p>", 16_000)), 16_000);
    // A text that is too long for what it is, is not there: the next name's stands in.
    let long = "a".repeat(8193);
    let text = format!(
        "{{\"@type\": \"NewsArticle\", \"headline\": \"{long}\", \"name\": \"B\", \"description\": \"{long}\",
          \"url\": \"https://harbour.example/{long}\", \"author\": [\"{long}\", \"C\"]}}"
    );
    let article = read(&source(&text, "a")).unwrap();
    assert_eq!((&*article.headline, &article.summary, &article.url), ("B", &None, &None));
    assert_eq!(article.authors.len(), 1);
}

/// Documents that refer to themselves, or to one large part again and again.
#[test]
fn references_lead_nowhere_for_ever() {
    let article = |inside: &str| format!("{{\"@type\": \"NewsArticle\", \"headline\": \"A\", {inside}}}");
    let circle = "\"image\": {\"@id\": \"#a\", \"renditions\": [{\"@id\": \"#b\"}, {\"@id\": \"#a\"}]},
                  \"about\": {\"@id\": \"#b\", \"name\": \"B\", \"renditions\": [{\"@id\": \"#a\"}]}";
    assert!(read(&source(&article(circle), "a")).is_ok());
    let reference = "{\"@id\": \"#a\"},";
    let whole = format!("{{\"@id\": \"#a\", \"headline\": \"B\", \"articleBody\": \"{}\"}}", "a".repeat(1 << 20));
    let text = article(&format!("\"about\": {whole}, \"liveBlogUpdate\": [{}1]", reference.repeat(9_000)));
    assert_eq!(read(&source(&text, "a")).unwrap().blocks.len(), 1);
    let text = article(&format!("\"about\": {whole}, \"liveBlogUpdate\": [{}1]", reference.repeat(100_000)));
    assert!(read(&source(&text, "a")).unwrap_err().message.contains("10,000 entries"));
}

/// Documents that a reader with a square in it would take minutes for.
#[test]
fn the_time_grows_with_the_length_alone() {
    let article = |inside: &str| format!("{{\"@type\": \"NewsArticle\", \"headline\": \"A\", {inside}}}");
    let page = |inside: &str| format!("<meta property=og:type content=article><title>A</title><body>{inside}</body>");
    let many = |piece: &str| piece.repeat((1 << 20) / piece.len());
    for (what, text) in [
        ("quotes", article(&many("\"a\" "))),
        ("quotes and commas", article(&many("\"a\", b "))),
        ("quotes and spaces", article(&(many("\"a\"") + &many(" ")))),
        ("open objects", many("{\"a\":")),
        ("closers", article(&many("]"))),
        ("comments", article(&many("/* * */"))),
        ("references", article(&format!("\"author\": [{}\"B\"]", many("{\"@id\": \"#a\"},")))),
        (
            "names of one author",
            article(&format!(
                "\"author\": [{}1], \"about\": {{\"@id\": \"#a\", \"name\": [{}1]}}",
                many("{\"@id\": \"#a\"},"),
                many("\" \",")
            )),
        ),
        (
            "members of one author",
            article(&format!(
                "\"liveBlogUpdate\": [{}1], \"about\": {{\"@id\": \"#a\", {}\"name\": \"B\"}}",
                "{\"headline\": \"B\", \"author\": {\"@id\": \"#a\"}},".repeat(10_000),
                many("\"a\": 1,")
            )),
        ),
        (
            "forms of one picture",
            article(&format!(
                "\"image\": [{}1], \"about\": {{\"@id\": \"#a\", \"renditions\": [{}1]}}",
                many("{\"@id\": \"#a\"},"),
                many("1,")
            )),
        ),
        (
            "ids",
            article(&format!(
                "\"author\": {{\"@id\": \"#b\"}}, \"about\": [{}1]",
                many("{\"@id\": \"#a\", \"b\": 1},")
            )),
        ),
        ("updates", article(&format!("\"liveBlogUpdate\": [{}1]", many("{\"headline\": \"B\"},")))),
        ("paragraphs", article(&format!("\"articleBody\": \"{}\"", many("<p>a</p>")))),
        ("names", article(&(many("\"a\": 1, ") + "\"b\": 2"))),
        ("a date", article(&format!("\"datePublished\": \"{}\"", many("1:")))),
        ("open tags", page(&many("<b>"))),
        ("close tags", page(&many("</b>"))),
        ("half tags", page(&many("<b a"))),
        ("titles", page(&many("<h1>"))),
        ("properties", page(&many("<i itemprop=author>"))),
        ("items", page(&many("<i itemscope itemprop=author>"))),
        ("metadata", page(&many("<meta name=author content=a>"))),
        ("scripts", page(&many("<script type=application/ld+json>{</script>"))),
        ("open elements", format!("<feed>{}", many("<entry>"))),
        ("elements", format!("<feed>{}</feed>", many("<entry/>"))),
        ("ends", format!("<feed>{}</feed>", many("</x>"))),
        ("xhtml", format!("<feed><entry>{}</entry></feed>", many("<content type=\"xhtml\">"))),
    ] {
        let begun = std::time::Instant::now();
        let _ = read(&source(&text, "a"));
        let took = begun.elapsed();
        // A debug build on a busy machine; a square of a megabyte takes hours.
        assert!(took.as_secs() < 20, "{what} take {took:?}");
    }
}

/// What was read before is taken over only where it says the same: from version to version an article is what it would be
/// if it were read anew.
#[test]
fn entries_that_say_what_they_said_are_the_blocks_they_were() {
    let entry = |id: u32, text: &str| {
        json!({"@type": "BlogPosting", "@id": format!("#e{id}"), "datePublished": "2016-07-27T10:00:00Z",
            "author": {"@id": "#desk"}, "articleBody": text})
    };
    let bare = |id: u32, text: &str| {
        json!({"@type": "BlogPosting", "@id": format!("#e{id}"), "headline": text, "url": "/here", "articleBody": text,
            "author": {"@type": "Person", "name": "Ada"}})
    };
    let document = |desk: &str, url: &str, entries: &[Value]| {
        json!({"@graph": [{"@type": "Person", "@id": "#desk", "name": desk},
            {"@type": "LiveBlogPosting", "headline": "Storm", "url": url, "liveBlogUpdate": entries}]})
        .to_string()
    };
    let (first, second) = ("https://a.example/one", "https://b.example/two");
    let mut before: Option<Article> = None;
    for (document, kept) in [
        (document("Ada", first, &[bare(1, "One"), bare(2, "Two"), entry(3, "Three")]), 0),
        // Another entry, in another order; what is by the desk is always read anew.
        (document("Ada", first, &[bare(4, "Four"), bare(2, "Two"), bare(1, "One"), entry(3, "Three")]), 2),
        (document("Eva", first, &[bare(4, "Four"), bare(2, "2"), bare(1, "One"), entry(3, "Three")]), 2),
        // Twice the same: the second has another id.
        (document("Eva", first, &[bare(1, "One"), bare(1, "One"), bare(4, "Four"), bare(1, "One")]), 2),
        (document("Eva", first, &[bare(1, "One"), bare(4, "Four"), bare(1, "One")]), 2),
        // Addresses are relative to another.
        (document("Eva", second, &[bare(1, "One"), bare(4, "Four")]), 0),
        (document("Eva", second, &[bare(1, "One"), bare(4, "Four")]), 2),
    ] {
        let source = source(&document, "storm");
        let blocks = before.as_ref().map_or(&[] as &[_], |before| &before.blocks);
        let article = again(&source, blocks).unwrap();
        let anew = read(&source).unwrap();
        assert_eq!(serde_json::to_value(&article).unwrap(), serde_json::to_value(&anew).unwrap(), "{document}");
        let said = |article: &Article| {
            article.blocks.iter().map(|block| (block.authors.clone(), block.url.clone())).collect::<Vec<_>>()
        };
        assert_eq!(said(&article), said(&anew), "{document}");
        let taken = article.blocks.iter().filter(|block| blocks.iter().any(|old| Arc::ptr_eq(block, old)));
        assert_eq!(taken.count(), kept, "{document}");
        before = Some(article);
    }
}

//! Documents written by hand, each with the article that it is read as: `tests/read/NAME` beside
//! `tests/read/NAME.article.json`, or `NAME.refusal.txt` with the reason and the message.
//!
//! With `BLESS` set in the environment the results are written instead of compared.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::{Path, PathBuf};

use live_article::article::Time;
use live_article::read::{Source, read};

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

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
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

/// Documents with something broken in them: as many a document as `ROUNDS` says, for a long search.
#[test]
fn any_text_is_an_article_or_a_refusal() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(60);
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut dice = Dice(seed);
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
            let Ok(result) = std::panic::catch_unwind(|| read(&source(&text, &name))) else {
                panic!("{name} with faults makes a reader panic:\n{text}");
            };
            match result {
                Ok(article) => drop(serde_json::to_string(&article).unwrap()),
                Err(refusal) => assert!(!refusal.message.is_empty()),
            }
        }
    }
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

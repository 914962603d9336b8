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

#[test]
fn every_document_is_read_as_its_article() {
    let mut wrong = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = Source {
            text: &text,
            url: "https://harbour.example/news/bridge",
            page: "https://site.example/front",
            item: option(&name, "item"),
            select: option(&name, "select"),
            embeds: "video.example",
            zone: &|local| local - 7_200_000.0,
            now: NOW,
        };
        let (suffix, other, result) = match read(&source) {
            Ok(article) => {
                let extra = serde_json::json!({
                    "blog": article.blog, "windowed": article.windowed, "ends": article.ends.map(Time::iso),
                    "ended": article.ended, "withdrawn": article.withdrawn, "lang": article.lang,
                });
                let all = serde_json::json!({ "article": article, "beside": extra });
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

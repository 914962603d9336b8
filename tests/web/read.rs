//! What reading leaves to the browser, and a long live blog read beside its own `JSON.parse`.

use std::fmt::Write;

use js_sys::{Array, Date, Function, JSON, Reflect};
use live_article::address::{join, link};
use live_article::read::{Source, read};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

/// As many updates as the longest live blog that was seen, and its length in bytes.
const UPDATES: usize = 428;
const LENGTH: usize = 841_000;

#[wasm_bindgen_test]
fn addresses_are_resolved_by_the_browser() {
    let base = "https://paper.example/2016/07/story.html?page=2#top";
    for (reference, address) in [
        ("../a b", "https://paper.example/2016/a%20b"),
        ("#end", "https://paper.example/2016/07/story.html?page=2#end"),
        ("\\\\other.example\\a", "https://other.example/a"),
        ("ht\ntp://us:er@oth\ter.example", "http://other.example/"),
        ("HTTPS://Other.example:443/stra\u{df}e", "https://other.example/stra%C3%9Fe"),
        ("https://[::1/", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,<p>", ""),
    ] {
        assert_eq!(link(reference, base).unwrap_or_default(), address, "{reference:?}");
    }
    assert_eq!(join("https:other.example", "").as_deref(), Some("https://other.example/"));
    assert_eq!((join("a", ""), join("mailto:desk@paper.example", base)), (None, None));
    assert_eq!(link("MAILTO:desk@paper.example", base).as_deref(), Some("mailto:desk@paper.example"));
}

/// A live blog of an invented paper, a quarter of its updates in HTML.
fn live_blog() -> String {
    let words = ["harbour", "bridge", "ferry", "crane", "mayor", "tide", "toll", "pilot", "fog", "lamp", "quay"];
    let mut seed = 1usize;
    let mut sentence = |count: usize| {
        let mut text = String::new();
        for _ in 0..count {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 0x7fff_ffff;
            text += words[seed % words.len()];
            text += " ";
        }
        text
    };
    let mut blog = String::from(
        r#"{"@type":"LiveBlogPosting","@id":"https://harbour.example/live","headline":"Live","liveBlogUpdate":["#,
    );
    for number in 0..UPDATES {
        let (open, close) = if number % 4 == 0 { ("<p>", "</p>") } else { ("", "\\n\\n") };
        let paragraphs: String = (0..3).map(|_| format!("{open}{}{close}", sentence(93))).collect();
        let comma = if number > 0 { "," } else { "" };
        let (headline, minute) = (sentence(9), number % 60);
        write!(
            blog,
            r#"{comma}{{"@type":"BlogPosting","@id":"https://harbour.example/live#{number}","headline":"{headline}",
            "datePublished":"2026-05-28T10:{minute:02}:00+02:00","dateModified":"2026-05-28T10:59:00Z",
            "author":{{"@type":"Person","name":"Mira Oduya","url":"https://harbour.example/mira"}},
            "articleBody":"{paragraphs}"}}"#
        )
        .unwrap();
    }
    blog + "]}"
}

/// Milliseconds a run, of many.
fn time(mut run: impl FnMut()) -> f64 {
    let begun = Date::now();
    let mut runs = 0;
    while Date::now() - begun < 300.0 {
        run();
        runs += 1;
    }
    (Date::now() - begun) / f64::from(runs)
}

#[wasm_bindgen_test]
fn a_long_live_blog_is_read_as_the_browser_parses_it() {
    let text = live_blog();
    assert!(text.len().abs_diff(LENGTH) < LENGTH / 20, "{} bytes", text.len());
    let url = "https://harbour.example/live";
    let zone = |local| local;
    let source =
        Source { text: &text, url, page: url, item: None, select: None, embeds: "", zone: &zone, now: 1.78e12 };
    let article = read(&source).unwrap();
    let whole = JSON::parse(&text).unwrap();
    let get = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).unwrap();
    let updates = Array::from(&get(&whole, "liveBlogUpdate"));
    assert_eq!(updates.length() as usize, article.blocks.len());
    for (update, block) in updates.iter().zip(&article.blocks) {
        assert_eq!(get(&update, "@id").as_string().as_deref(), Some(&*block.id));
        let headline = get(&update, "headline").as_string().unwrap();
        assert_eq!(Some(headline.trim()), block.headline.as_deref());
        let first = block.body.value(block.body.nodes().len() - 1);
        assert!(get(&update, "articleBody").as_string().unwrap().contains(first));
    }
    let parser = Function::new_with_args("text", "JSON.parse(text)");
    let theirs = JsValue::from_str(&text);
    let parse = time(|| drop(parser.call1(&JsValue::NULL, &theirs)));
    let ours = time(|| drop(read(&source)));
    console_log!("{} bytes: JSON.parse {parse:.2} ms, read {ours:.2} ms", text.len());
}

//! `start`: from the tag to the first card on a slow line, with an empty cache and with a full one, beside the card that
//! seven libraries make.
//!
//! The browser slows its own network: each answer begins 150 ms after it was asked for, and all share 1.6 Mbit/s down.
//! Connections cost nothing. Everything is packed with brotli 11. Each way is once the tag alone, and again with the
//! lines of `preload` that let the page ask for everything at once.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::site::{KEPT, REVALIDATED, Site};
use super::{bundle, folder, machine, median};
use crate::browser::Engine;
use crate::session::Session;
use crate::setup::root;
use crate::{child, pkg};

/// How often, and how it is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Options {
    /// Rounds, in which all take turns.
    #[arg(long, default_value_t = 5)]
    pub rounds: u32,
    /// Print JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// The line, as the browser is told: milliseconds before an answer, and bytes a second.
const LATENCY_MS: u32 = 150;
const DOWN: u32 = 1_600_000 / 8;
const UP: u32 = 750_000 / 8;

/// A page, and how long its reader waited; medians in milliseconds from the tag.
#[derive(Clone, Debug, Serialize)]
struct Line {
    name: &'static str,
    cold_ms: f64,
    warm_ms: f64,
    /// Of a cold start: each request with its beginning and end.
    requests: Vec<Asked>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Asked {
    file: String,
    from: f64,
    to: f64,
}

#[derive(Deserialize)]
struct Seen {
    shown: f64,
    requests: Vec<Asked>,
}

/// Measures, and prints a table.
///
/// # Errors
/// If Chromium or the libraries cannot be had, or no card comes.
pub fn job(options: Options) -> Result<()> {
    child::end_with_us()?;
    let package = pkg::build(pkg::Options::default())?;
    let (lines, browser) = measure(&package, options.rounds)?;
    let machine = machine(&browser);
    if options.json {
        println!("{:#}", json!({"machine": machine, "latency_ms": LATENCY_MS, "bytes_a_second": DOWN, "pages": lines}));
    } else {
        print!("{}\n{machine}\n", table(&lines));
    }
    Ok(())
}

fn measure(package: &pkg::Package, rounds: u32) -> Result<(Vec<Line>, String)> {
    let pages = [
        ("live-article, the tag alone", "/tag.html"),
        ("live-article, its module preloaded", "/tag-preload.html"),
        ("live-article, module and story preloaded", "/tag-preloads.html"),
        ("seven libraries, the tag alone", "/stack.html"),
        ("seven libraries, story preloaded", "/stack-preload.html"),
    ];
    let runtime = tokio::runtime::Runtime::new()?;
    let origin = runtime.block_on(site(package)?.serve())?;
    let session = Session::start(Engine::Chromium)?;
    session.devtools("Network.enable", &json!({}))?;
    let line = json!({
        "offline": false, "latency": LATENCY_MS, "downloadThroughput": DOWN, "uploadThroughput": UP,
    });
    session.devtools("Network.emulateNetworkConditions", &line)?;
    let mut times = vec![(Vec::new(), Vec::new()); pages.len()];
    let mut requests = vec![Vec::new(); pages.len()];
    for round in 0..rounds {
        for (at, (name, path)) in pages.iter().enumerate() {
            eprintln!("start: round {} of {rounds}, {name}", round + 1);
            session.devtools("Network.clearBrowserCache", &json!({}))?;
            let url = format!("{origin}{path}");
            let cold = visit(&session, &url)?;
            let warm = visit(&session, &url)?;
            times[at].0.push(cold.shown);
            times[at].1.push(warm.shown);
            requests[at] = cold.requests;
        }
    }
    let lines = pages
        .iter()
        .zip(times)
        .zip(requests)
        .map(|(((name, _), (cold, warm)), requests)| Line {
            name,
            cold_ms: median(cold),
            warm_ms: median(warm),
            requests,
        })
        .collect();
    Ok((lines, session.browser().to_owned()))
}

fn visit(session: &Session, url: &str) -> Result<Seen> {
    session.open("about:blank")?;
    session.open(url)?;
    let seen = session.run("window.seen").with_context(|| format!("no card at {url}"))?;
    Ok(serde_json::from_value(seen)?)
}

/// Notes when the first card stands in the page, and what was asked for.
const WATCH: &str = "<script>
const tag = performance.now();
var seen = new Promise((done, failed) => {
  const shown = () => {
    const time = performance.now() - tag;
    const requests = performance.getEntriesByType('resource').map(({ name, startTime, responseEnd }) =>
      ({ file: name.slice(name.lastIndexOf('/') + 1), from: startTime - tag, to: responseEnd - tag }));
    done({ shown: time, requests });
  };
  addEventListener('live-article-load', shown);
  addEventListener('shown', shown);
  setTimeout(() => failed('nothing came in half a minute'), 30000);
});
</script>";

fn site(package: &pkg::Package) -> Result<Site> {
    let mut site = Site::default();
    let script = "text/javascript";
    let read = |path: &str| std::fs::read(pkg::folder().join(path)).with_context(|| format!("cannot read pkg/{path}"));
    site.put("/embed.js", script, KEPT, &read("embed.js")?);
    site.put(&format!("/{}", package.module), "application/wasm", KEPT, &read(&package.module)?);
    let stack = folder().join("stack.js");
    bundle(&root().join("www/bench/stack.js"), &stack)?;
    site.put("/stack.js", script, KEPT, &std::fs::read(&stack)?);
    let story = std::fs::read(root().join("www/stories/ferry.jsonld")).context("cannot read www/stories")?;
    site.put("/story.jsonld", "application/ld+json", REVALIDATED, &story);
    let preload = |url: &str| format!("<link rel=\"preload\" as=\"fetch\" crossorigin href=\"{url}\">");
    let module = preload(&format!("/{}", package.module));
    let tag = "<script async src=\"/embed.js\" data-src=\"/story.jsonld\"></script>";
    // A preload is made with credentials of the same origin, so the card has to say so.
    let same = "<script async src=\"/embed.js\" data-src=\"/story.jsonld\" data-credentials=\"same-origin\"></script>";
    let stack =
        "<script async type=\"module\" src=\"/stack.js\"></script><article data-src=\"/story.jsonld\"></article>";
    for (path, head, body) in [
        ("/tag.html", String::new(), tag),
        ("/tag-preloads.html", module.clone() + &preload("/story.jsonld"), same),
        ("/tag-preload.html", module, tag),
        ("/stack.html", String::new(), stack),
        ("/stack-preload.html", preload("/story.jsonld"), stack),
    ] {
        let page = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A page</title>{WATCH}{head}</head><body>{body}</body></html>"
        );
        site.put(path, "text/html; charset=utf-8", REVALIDATED, page.as_bytes());
    }
    Ok(site)
}

/// Markdown, as it stands in the README.
fn table(lines: &[Line]) -> String {
    let mut out = String::from("| page | cold | warm | requests of a cold start |\n| --- | --: | --: | --- |\n");
    for Line { name, cold_ms, warm_ms, requests } in lines {
        let asked = requests.iter().map(|Asked { file, from, to }| {
            // The module's name holds its hash.
            let file = if file.starts_with("live-article-") { "the module" } else { file };
            format!("{file} {from:.0}–{to:.0}")
        });
        let asked = asked.collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "| {name} | {cold_ms:.0} ms | {warm_ms:.0} ms | {asked} |");
    }
    out
}

//! `idle`: what a hundred of them cost a processor while nothing happens, by the browser's own count of its main thread.
//!
//! A hundred cards that poll and tick, beside a hundred `relative-time` elements that only tick, and a hundred htmx
//! pollers that only poll. What all poll never changes; the server says so where it is asked.

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;

use super::site::{KEPT, REVALIDATED, Site};
use super::{bundle, folder, machine};
use crate::browser::Engine;
use crate::session::Session;
use crate::setup::root;
use crate::{child, pkg};

/// How long, and how it is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Options {
    /// Seconds that each page is watched; fewer would hold no poll of those that all poll at once.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(60..=3600))]
    pub seconds: u32,
    /// Print JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// How many stand in a page.
const COUNT: usize = 100;
/// Seconds between two polls of one.
const INTERVAL: u32 = 30;
/// Seconds until the first of everything is over.
const SETTLE: u64 = 5;

/// A page, by the minute.
#[derive(Clone, Debug, Serialize)]
struct Line {
    name: &'static str,
    /// Milliseconds of the main thread's processor time.
    cpu_ms: f64,
    /// Of them in scripts.
    script_ms: f64,
    /// Requests.
    requests: f64,
}

/// Watches each page, and prints a table.
///
/// # Errors
/// If Chromium or the others cannot be had.
pub fn job(options: Options) -> Result<()> {
    child::end_with_us()?;
    let package = pkg::build(pkg::Options::default())?;
    let runtime = tokio::runtime::Runtime::new()?;
    let site = site(&package)?;
    let counter = site.counter();
    let origin = runtime.block_on(site.serve())?;
    let session = Session::start(Engine::Chromium)?;
    // Processor time, not time on the wall: others may be at work here.
    session.devtools("Performance.enable", &json!({"timeDomain": "threadTicks"}))?;
    let mut lines = Vec::new();
    for (name, path) in PAGES {
        eprintln!("idle: {name}");
        session.open(&format!("{origin}{path}"))?;
        thread::sleep(Duration::from_secs(SETTLE));
        let (before, asked) = (metrics(&session)?, counter());
        thread::sleep(Duration::from_secs(options.seconds.into()));
        let (after, answered) = (metrics(&session)?, counter());
        let minute = 60.0 / f64::from(options.seconds);
        let spent = |at: usize| (after[at] - before[at]) * 1000.0 * minute;
        let requests = (answered - asked) as f64 * minute;
        lines.push(Line { name, cpu_ms: spent(0), script_ms: spent(1), requests });
    }
    let machine = machine(session.browser());
    if options.json {
        println!("{:#}", json!({"machine": machine, "pages": lines}));
    } else {
        print!("{}\n{machine}\n", table(&lines));
    }
    Ok(())
}

/// What the page's main thread has spent, in seconds: in all, and in scripts.
fn metrics(session: &Session) -> Result<[f64; 2]> {
    let answer = session.devtools("Performance.getMetrics", &json!({}))?;
    let metric = |name: &str| {
        let metrics = answer["metrics"].as_array().into_iter().flatten();
        let found = metrics.filter(|metric| metric["name"] == name).find_map(|metric| metric["value"].as_f64());
        found.with_context(|| format!("the browser tells no {name}"))
    };
    Ok([metric("TaskDuration")?, metric("ScriptDuration")?])
}

const PAGES: [(&str, &str); 4] = [
    ("an empty page", "/empty.html"),
    ("100 cards, polls and badges", "/cards.html"),
    ("100 relative-time elements, no polls", "/times.html"),
    ("100 htmx pollers, no times", "/htmx.html"),
];

fn site(package: &pkg::Package) -> Result<Site> {
    let mut site = Site::of(package)?;
    let others = folder().join("idle.js");
    bundle(&root().join("www/bench/idle.js"), &others)?;
    site.put("/others.js", "text/javascript", KEPT, &std::fs::read(&others)?);
    let now = jiff::Timestamp::now();
    let (mut cards, mut times, mut pollers) = (String::new(), String::new(), String::new());
    for at in 0..COUNT {
        let story = json!({
            "@type": "NewsArticle", "headline": format!("Story {at}"), "datePublished": "2016-07-27T10:00:00Z", "dateModified": now.to_string(),
        });
        site.put(&format!("/story-{at}.jsonld"), "application/ld+json", REVALIDATED, story.to_string().as_bytes());
        let fragment = format!("<p>Story {at}, {now}</p>");
        site.put(&format!("/story-{at}.html"), "text/html; charset=utf-8", REVALIDATED, fragment.as_bytes());
        let _ = write!(
            cards,
            "<live-article view=\"badge\" interval=\"{INTERVAL}\" src=\"/story-{at}.jsonld\"></live-article> "
        );
        let _ = write!(times, "<relative-time datetime=\"{now}\"></relative-time> ");
        let _ = write!(pollers, "<span hx-get=\"/story-{at}.html\" hx-trigger=\"load, every {INTERVAL}s\"></span> ");
    }
    let ours = "<script async src=\"/embed.js\"></script>";
    let others = "<script type=\"module\" src=\"/others.js\"></script>";
    for (path, head, body) in [
        ("/empty.html", "", String::new()),
        ("/cards.html", ours, cards),
        ("/times.html", others, times),
        ("/htmx.html", others, pollers),
    ] {
        let page = format!(
            "<!doctype html><html lang=\"en-US\"><head><meta charset=\"utf-8\"><title>A page</title>{head}</head><body>{body}</body></html>"
        );
        site.put(path, "text/html; charset=utf-8", REVALIDATED, page.as_bytes());
    }
    Ok(site)
}

/// Markdown, as it stands in the README.
fn table(lines: &[Line]) -> String {
    let mut out =
        String::from("| page, by the minute | main thread | of it scripts | requests |\n| --- | --: | --: | --: |\n");
    for Line { name, cpu_ms, script_ms, requests } in lines {
        let _ = writeln!(out, "| {name} | {cpu_ms:.0} ms | {script_ms:.0} ms | {requests:.0} |");
    }
    out
}

//! What an hour of a live blog costs its reader, by the way it is polled.
//!
//! A real browser polls a real server, over a [`Tap`] that counts. The hour is compressed: what an update costs does not
//! depend on how long the reader waited for it, only on what the browser had by then, so each poll follows the last as
//! soon as the browser has put away what that brought. So the numbers are the same on each machine, but for the
//! browser's version.

pub mod blog;
mod plot;
mod tap;

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::json;

use crate::browser::Engine;
use crate::delta::dcz;
use crate::serve;
use crate::session::Session;
use blog::Blog;
pub use tap::{Exchange, PROBE, Tap};

/// What is measured, and where it goes.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The browser that polls.
    #[arg(long, value_enum, default_value = "chromium")]
    pub browser: Engine,
    /// Write a plot.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Print JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// Entries of the blog when the reader comes.
const ENTRIES: usize = 400;
const MINUTES: usize = 60;
/// Polls a minute: one every 15 seconds, which is AMP's shortest.
const POLLS: usize = 4;
/// Each so many minutes a word is corrected; in the others an entry is added.
const EDITED: usize = 5;

const STORY: &str = "/stories/count";

/// A way to follow a live blog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    /// The whole page, as `amp-live-list` does.
    Page,
    /// The document, unconditionally.
    Whole,
    /// The document, if it changed.
    Validated,
    /// What changed in it.
    Dictionaries,
}

impl Way {
    const ALL: [Self; 4] = [Self::Page, Self::Whole, Self::Validated, Self::Dictionaries];

    fn name(self) -> &'static str {
        match self {
            Self::Page => "the page again, as AMP does",
            Self::Whole => "JSON-LD, whole",
            Self::Validated => "JSON-LD with 304",
            Self::Dictionaries => "JSON-LD with dictionaries",
        }
    }

    /// The address; that of a query is nobody's dictionary.
    fn target(self, modified: usize) -> String {
        match self {
            Self::Page => format!("{STORY}.html?amp_latest_update_time={modified}"),
            Self::Whole | Self::Validated => format!("{STORY}.jsonld?no-dictionary"),
            Self::Dictionaries => format!("{STORY}.jsonld"),
        }
    }

    fn cache(self) -> &'static str {
        match self {
            Self::Page | Self::Whole => "no-store",
            Self::Validated | Self::Dictionaries => "no-cache",
        }
    }
}

/// An hour polled one way.
#[derive(Clone, Debug, Serialize)]
struct Hour {
    way: Way,
    /// Requests, the one on arrival included.
    requests: usize,
    /// Answers with a body.
    whole: usize,
    /// Answers in `dcz`.
    differences: usize,
    /// Bytes of all bodies, as sent.
    bodies: usize,
    /// Bytes of all answers, their heads included.
    received: usize,
    /// Bytes received by the end of each minute, from that of arrival on.
    by_minute: Vec<usize>,
}

/// Measures, and prints a table.
///
/// # Errors
/// If the browser cannot be had, or what it was sent is not what was published.
pub fn job(options: &Options) -> Result<()> {
    crate::child::end_with_us()?;
    let hours = measure(options.browser)?;
    if options.json {
        println!("{:#}", json!({"browser": options.browser.name(), "ways": hours}));
    } else {
        print!("{}", table(&hours));
    }
    if let Some(file) = &options.svg {
        let lines: Vec<_> = hours.iter().map(|hour| (hour.way.name(), &hour.by_minute[..])).collect();
        std::fs::write(file, plot::draw(&lines)).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

fn measure(engine: Engine) -> Result<Vec<Hour>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let server = runtime.block_on(serve::start(serve::Options::default()))?;
    let tap = runtime.block_on(Tap::start(server.origin()))?;
    let session = Session::start(engine)?;
    // Any page of the origin will do to poll from; this one does nothing by itself.
    session.open(&format!("{}/favicon.svg", tap.origin()))?;
    let hours = Way::ALL.into_iter().map(|way| poll_an_hour(way, &session, &tap, server.origin())).collect();
    drop(session);
    runtime.block_on(server.stop());
    hours
}

fn poll_an_hour(way: Way, session: &Session, tap: &Tap, server: &str) -> Result<Hour> {
    let mut hour = Hour { way, requests: 0, whole: 0, differences: 0, bodies: 0, received: 0, by_minute: Vec::new() };
    // Whether the browser keeps dictionaries; one that does not need not be waited for again.
    let mut keeps = way == Way::Dictionaries;
    let mut blog = Blog::new(ENTRIES);
    let mut document = blog.document();
    publish(server, &document)?;
    for minute in 0..=MINUTES {
        if minute > 0 {
            if minute % EDITED == 0 {
                blog.edit();
            } else {
                blog.add();
            }
            document = blog.document();
            publish(server, &document)?;
        }
        // On arrival there is one, and the hour ends with one.
        for _ in 0..if minute == MINUTES { 1 } else { POLLS } {
            let target = way.target(minute);
            tap.take(&target);
            let hash = session.run(&fetch(&target, way.cache()))?;
            let published = STANDARD.encode(dcz::hash(document.as_bytes()));
            ensure!(way == Way::Page || hash == published.as_str(), "{target} is not what was published");
            let exchanges = tap.take(&target);
            let [exchange] = &exchanges[..] else { bail!("{} requests for {target}", exchanges.len()) };
            hour.requests += 1;
            hour.whole += usize::from(exchange.status() == 200);
            hour.differences += usize::from(exchange.header("content-encoding") == Some("dcz"));
            hour.bodies += exchange.body;
            hour.received += exchange.head.len() + exchange.body;
            keeps = keeps && settle(session, &target, &published)?;
        }
        hour.by_minute.push(hour.received);
    }
    Ok(hour)
}

/// The hash of what a poll brings to the page.
fn fetch(target: &str, cache: &str) -> String {
    format!(
        "fetch('{target}', {{ cache: '{cache}' }}).then(response => response.arrayBuffer())
            .then(bytes => crypto.subtle.digest('SHA-256', bytes))
            .then(hash => btoa(String.fromCharCode(...new Uint8Array(hash))))"
    )
}

/// Waits until the browser offers what it was sent, up to five seconds; whether it does.
fn settle(session: &Session, target: &str, hash: &str) -> Result<bool> {
    let offers = session.run(&format!(
        "(async () => {{
            for (let times = 0; times < 250; times++) {{
                const probe = await fetch('{target}', {{ cache: 'no-store', headers: {{ '{PROBE}': '1' }} }});
                if (await probe.text() === ':{hash}:') return true;
                await new Promise(done => setTimeout(done, 20));
            }}
            return false;
        }})()"
    ))?;
    Ok(offers == true)
}

fn publish(server: &str, document: &str) -> Result<()> {
    ureq::put(format!("{server}{STORY}.jsonld")).send(document).context("the story is not taken")?;
    Ok(())
}

/// Markdown, as it stands in the README.
fn table(hours: &[Hour]) -> String {
    let least = hours.last().map_or(1, |hour| hour.received);
    let mut table = "| polled as | answers with a body | bytes of bodies | bytes received | times the last |\n\
                     | --- | --: | --: | --: | --: |\n"
        .to_owned();
    for Hour { way, requests, whole, bodies, received, .. } in hours {
        let (bodies, all) = (thousands(*bodies), thousands(*received));
        let times = (received + least / 2) / least;
        table += &format!("| {} | {whole} of {requests} | {bodies} | {all} | {times} |\n", way.name());
    }
    table
}

/// A number with its digits in threes.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (36_123_456, "36,123,456")]
        {
            assert_eq!(thousands(number), text);
        }
    }
}

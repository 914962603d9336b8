//! `weigh`: what a page downloads for a card, beside what it would download for the same from libraries.

use std::fs;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;

use super::{bundle, folder};
use crate::pkg::{self, Package, Weight};
use crate::setup::root;

/// How it is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Options {
    /// Print JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// The others, by their files in `www/bench/stacks`.
const STACKS: [(&str, &str); 4] = [
    ("seven", "TanStack query-core, idiomorph, relative-time-element, DOMPurify, jsonrepair, diff, fast-xml-parser"),
    ("four", "the first four of them"),
    ("react", "React with SWR"),
    ("htmx", "htmx"),
];

/// A line of the table.
#[derive(Clone, Debug, Serialize)]
struct Line {
    name: String,
    #[serde(flatten)]
    weight: Weight,
}

/// Builds everything, and prints what it weighs.
///
/// # Errors
/// If something cannot be had or built.
pub fn job(options: Options) -> Result<()> {
    let lines = lines(&pkg::build(pkg::Options::default())?)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&json!({ "downloads": lines }))?);
    } else {
        print!("{}", table(&lines));
    }
    Ok(())
}

fn lines(package: &Package) -> Result<Vec<Line>> {
    let mut lines = vec![Line { name: "live-article, style included".into(), weight: package.card() }];
    for (name, weight) in &package.files {
        if name == "embed.js" || *name == package.module {
            // The module's name holds its hash.
            let name = if name == "embed.js" { "of it `embed.js`" } else { "of it the module" };
            lines.push(Line { name: name.into(), weight: *weight });
        }
    }
    for (file, name) in STACKS {
        let out = folder().join("stacks").join(format!("{file}.js"));
        bundle(&root().join("www/bench/stacks").join(format!("{file}.js")), &out)?;
        let bytes = fs::read(&out).with_context(|| format!("cannot read {}", out.display()))?;
        lines.push(Line { name: name.into(), weight: pkg::weigh(&bytes) });
    }
    Ok(lines)
}

/// Markdown, as it stands in the README.
fn table(lines: &[Line]) -> String {
    let ours = lines.first().map_or(1, |line| line.weight.brotli) as f64;
    let mut out = "| downloaded | bytes | in brotli 11 | ours to it |\n| --- | --: | --: | --: |\n".to_owned();
    for (at, Line { name, weight }) in lines.iter().enumerate() {
        let ratio = if at < 3 { String::new() } else { format!("{:.2}", ours / weight.brotli as f64) };
        out += &format!("| {name} | {} | {} | {ratio} |\n", weight.raw, weight.brotli);
    }
    out
}

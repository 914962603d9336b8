//! What the card costs, measured beside others: each measure is a job of its own.
//!
//! The others come from npm, of the versions that `www/bench/package-lock.json` pins, and go into scripts under
//! `target/bench`; nothing of them ships.

pub mod idle;
mod site;
pub mod soak;
pub mod start;
pub mod swap;
pub mod weigh;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::pkg::digest;
use crate::setup::{npm_peers, npm_tools, root, run, target};

/// Where the scripts are put.
pub fn folder() -> PathBuf {
    target().join("bench")
}

/// Bundles the scripts that pages of the harness load from `/bench/`; at once if nothing changed.
///
/// # Errors
/// If the others cannot be had, or do not go together.
pub fn build() -> Result<()> {
    let source = root().join("www/bench");
    let made = folder().join("made");
    let inputs = digest(&[source.clone(), root().join("www/tools/package-lock.json")])?;
    let there = PAGES.iter().all(|name| folder().join(name).is_file());
    if there && fs::read_to_string(&made).is_ok_and(|made| made == inputs) {
        return Ok(());
    }
    for name in PAGES {
        bundle(&source.join(name), &folder().join(name))?;
    }
    fs::write(made, inputs)?;
    Ok(())
}

/// Scripts that pages load.
const PAGES: [&str; 1] = ["swap.js"];

/// One script with all that it imports, minified as for readers.
fn bundle(entry: &Path, out: &Path) -> Result<()> {
    let modules = npm_peers()?;
    run(Command::new(npm_tools()?.join("esbuild"))
        .arg(entry)
        .args(["--bundle", "--minify", "--format=esm", "--target=es2022", "--charset=utf8", "--legal-comments=none"])
        .args(["--log-level=warning", "--define:process.env.NODE_ENV=\"production\""])
        .arg(format!("--outfile={}", out.display()))
        .env("NODE_PATH", modules))
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    match numbers.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => numbers[half],
        _ => f64::midpoint(numbers[half - 1], numbers[half]),
    }
}

/// Where a measure was taken, in a line without names of machines.
fn machine(browser: &str) -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model);
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{browser} without a window, {} on {count} × {model}.", std::env::consts::OS)
}

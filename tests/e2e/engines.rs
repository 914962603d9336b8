//! What each engine has of that which the card uses where it can: the table in the README, checked in the engine itself.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use www::setup;

use crate::bench::Bench;

/// The row of the README, and how a page finds out.
const FEATURES: &[(&str, &str)] = &[
    ("`:state()`", "CSS.supports('selector(:state(live))')"),
    ("`moveBefore`", "'moveBefore' in Element.prototype"),
    ("`getComposedRanges`", "'getComposedRanges' in Selection.prototype"),
    ("scroll anchoring", "CSS.supports('overflow-anchor: auto')"),
    ("declarative shadow trees", "'shadowRootMode' in HTMLTemplateElement.prototype"),
    ("`IntersectionObserver`", "'IntersectionObserver' in window"),
    ("Web Locks", "'locks' in navigator"),
    ("Save-Data", "'connection' in navigator"),
    ("Trusted Types", "'trustedTypes' in window"),
];

/// The engine's version, as its pages are told.
const VERSION: &str = "return (/(?:Chrome|Firefox|Version)\\/(\\d+)/.exec(navigator.userAgent) ?? [])[1]";

pub(crate) async fn the_readme_says_what_this_engine_has(bench: &Bench) -> Result<()> {
    let readme = fs::read_to_string(setup::root().join("README.md"))?;
    let (_, table) = readme.split_once("\n## Browsers\n").context("README.md has no section on browsers")?;
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let column = |cell: &&str| cell.to_lowercase().starts_with(bench.engine.name());
    let at = rows[0].iter().position(column).context("the table has no column for this engine")?;
    bench.open("<p>A page.</p>").await?;
    let version = bench.eval(VERSION).await?;
    let version = version.as_str().unwrap_or_default();
    let mut differ = Vec::new();
    for (name, script) in FEATURES {
        let row =
            rows.iter().find(|row| row[0] == *name).with_context(|| format!("README.md has no row for {name}"))?;
        let has = bench.eval(&format!("return {script}")).await? == json!(true);
        println!("{} {version}: {name}: {has}", bench.engine.name());
        if row[at] != if has { "yes" } else { "no" } {
            differ.push(format!("{name}: {has}"));
        }
    }
    // Another version of an engine may have more; the table is of those that it names.
    ensure!(
        differ.is_empty() || !rows[0][at].ends_with(&format!(" {version}")),
        "the README says otherwise of {} {version}: {}",
        bench.engine.name(),
        differ.join(", ")
    );
    Ok(())
}

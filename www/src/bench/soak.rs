//! `soak`: a day of five cards in a page whose clock is played, and whether it leaves anything behind.
//!
//! Changes and faults are mixed, cards come and go. After each hour the browser collects its garbage and what is left is
//! counted. Then leaks are planted, one of each kind, to show that each would have been seen.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use serde_json::{Value, json};

use super::machine;
use super::site::{REVALIDATED, Site};
use crate::browser::Engine;
use crate::session::Session;
use crate::{child, pkg};

/// How long, and how it is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Options {
    /// Hours that are counted, after two to warm up.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(4..=1000))]
    pub hours: u32,
    /// Print JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// The script that makes the page; it stands before the card's.
pub const SCRIPT: &str = include_str!("../../bench/soak.js");

/// What is counted after the garbage was collected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sample {
    /// Of the page, in and out of its tree.
    pub nodes: f64,
    /// Of all kinds.
    pub listeners: f64,
    /// Elements of the card that are not collected.
    pub instances: f64,
    /// Bytes of JavaScript.
    pub heap: f64,
    /// Bytes of the module.
    pub memory: f64,
}

/// What is judged, and the growth from one sample to the next that is still none. The engine's own caches move the heap.
const JUDGED: [(&str, fn(&Sample) -> f64, f64); 5] = [
    ("node", |sample| sample.nodes, 0.0),
    ("listener", |sample| sample.listeners, 0.0),
    ("instance", |sample| sample.instances, 0.0),
    ("array", |sample| sample.heap, 16_384.0),
    ("memory", |sample| sample.memory, 0.0),
];

/// Samples of one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Requests that the cards made until the last of `samples`.
    pub requests: u64,
    /// One for each stretch.
    pub samples: Vec<Sample>,
    /// For each planted leak what grew.
    pub planted: Vec<(&'static str, Vec<&'static str>)>,
}

/// A run's stretches, in hours.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Passes first, uncounted.
    pub warm_up: f64,
    /// Between two samples.
    pub stretch: f64,
    /// How many there are.
    pub samples: usize,
    /// Between two samples with a leak.
    pub planted: f64,
}

/// Runs a plan in a page that has [`SCRIPT`] and the card, by Chromium's own protocol; `told` hears of each sample.
///
/// # Errors
/// If the page breaks.
pub async fn run(
    devtools: &impl AsyncFn(&'static str, Value) -> Result<Value>,
    plan: Plan,
    told: &dyn Fn(&Sample),
) -> Result<Report> {
    devtools("Performance.enable", json!({})).await?;
    evaluate(devtools, "soak.begin()").await?;
    evaluate(devtools, &format!("soak.pass({})", plan.warm_up)).await?;
    let mut report = Report { requests: 0, samples: vec![sample(devtools).await?], planted: Vec::new() };
    for _ in 0..plan.samples {
        let asked = evaluate(devtools, &format!("soak.pass({})", plan.stretch)).await?;
        report.requests = asked.as_u64().context("the page counts no requests")?;
        let sample = sample(devtools).await?;
        told(&sample);
        report.samples.push(sample);
    }
    for (kind, ..) in JUDGED {
        let mut samples = vec![sample(devtools).await?];
        for _ in 0..4 {
            evaluate(devtools, &format!("soak.leak('{kind}')")).await?;
            evaluate(devtools, &format!("soak.pass({})", plan.planted)).await?;
            samples.push(sample(devtools).await?);
        }
        report.planted.push((kind, grown(&samples)));
    }
    Ok(report)
}

async fn evaluate(devtools: &impl AsyncFn(&'static str, Value) -> Result<Value>, expression: &str) -> Result<Value> {
    let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
    let answer = devtools("Runtime.evaluate", asked).await?;
    if let Some(thrown) = answer.get("exceptionDetails") {
        bail!("{expression}: {thrown}");
    }
    Ok(answer["result"]["value"].clone())
}

async fn sample(devtools: &impl AsyncFn(&'static str, Value) -> Result<Value>) -> Result<Sample> {
    // What one collection lets go of may hold more.
    for _ in 0..2 {
        devtools("HeapProfiler.collectGarbage", json!({})).await?;
    }
    let answer = devtools("Performance.getMetrics", json!({})).await?;
    let metric = |name: &str| {
        let metrics = answer["metrics"].as_array().into_iter().flatten();
        let found = metrics.filter(|metric| metric["name"] == name).find_map(|metric| metric["value"].as_f64());
        found.with_context(|| format!("the browser tells no {name}"))
    };
    let class = json!({"expression": "customElements.get('live-article').prototype", "objectGroup": "soak"});
    let class = devtools("Runtime.evaluate", class).await?;
    let asked = json!({"prototypeObjectId": class["result"]["objectId"], "objectGroup": "soak"});
    let objects = devtools("Runtime.queryObjects", asked).await?;
    let count = json!({
        "functionDeclaration": "function () { return this.length }",
        "objectId": objects["objects"]["objectId"],
        "returnByValue": true,
    });
    let count = devtools("Runtime.callFunctionOn", count).await?;
    devtools("Runtime.releaseObjectGroup", json!({"objectGroup": "soak"})).await?;
    let memory = evaluate(devtools, "soak.memory()").await?;
    Ok(Sample {
        nodes: metric("Nodes")?,
        listeners: metric("JSEventListeners")?,
        instances: count["result"]["value"].as_f64().context("instances cannot be counted")?,
        heap: metric("JSHeapUsedSize")?,
        memory: memory.as_f64().filter(|bytes| *bytes > 0.0).context("the module's memory is not found")?,
    })
}

/// The growth from one sample to the next: the median of all slopes (Theil 1950), which single peaks do not bend.
fn slope(values: &[f64]) -> f64 {
    let mut slopes = Vec::new();
    for (at, from) in values.iter().enumerate() {
        for (by, to) in values[at + 1..].iter().enumerate() {
            slopes.push((to - from) / (by + 1) as f64);
        }
    }
    super::median(slopes)
}

/// What grew, by the name of its leak.
pub fn grown(samples: &[Sample]) -> Vec<&'static str> {
    let values = |of: fn(&Sample) -> f64| samples.iter().map(of).collect::<Vec<_>>();
    JUDGED.iter().filter(|(_, of, noise)| slope(&values(*of)) > *noise).map(|(name, ..)| *name).collect()
}

/// Whether nothing grew, and every leak that was planted was seen.
///
/// # Errors
/// With what was found.
pub fn judge(report: &Report) -> Result<()> {
    let grown = grown(&report.samples);
    ensure!(grown.is_empty(), "what grew without a leak: {grown:?} in {:#?}", report.samples);
    for (kind, seen) in &report.planted {
        ensure!(seen.contains(kind), "a leak of the kind {kind} was not seen; what was: {seen:?}");
    }
    Ok(())
}

/// Soaks, prints a table, and judges.
///
/// # Errors
/// If something grew, or a planted leak was not seen.
pub fn job(options: Options) -> Result<()> {
    child::end_with_us()?;
    let package = pkg::build(pkg::Options::default())?;
    let runtime = tokio::runtime::Runtime::new()?;
    let origin = runtime.block_on(site(&package)?.serve())?;
    let session = Session::start(Engine::Chromium)?;
    session.open(&format!("{origin}/"))?;
    let plan = Plan { warm_up: 2.0, stretch: 1.0, samples: options.hours as usize, planted: 0.25 };
    let devtools = async |command, parameters| session.devtools(command, &parameters);
    let told = |sample: &Sample| eprintln!("soak: {sample:?}");
    let report = runtime.block_on(run(&devtools, plan, &told))?;
    let machine = machine(session.browser());
    if options.json {
        println!("{:#}", json!({"machine": machine, "report": report}));
    } else {
        print!("{}\n{machine}\n", table(&report));
    }
    judge(&report)
}

fn site(package: &pkg::Package) -> Result<Site> {
    let mut site = Site::of(package)?;
    site.put("/soak.js", "text/javascript", REVALIDATED, SCRIPT.as_bytes());
    let page = "<!doctype html><html lang=\"en-US\"><head><meta charset=\"utf-8\"><title>A day</title><script src=\"/soak.js\"></script>\
                <script async src=\"/embed.js\"></script></head><body></body></html>";
    site.put("/", "text/html; charset=utf-8", REVALIDATED, page.as_bytes());
    Ok(site)
}

fn table(report: &Report) -> String {
    let mut out = String::from(
        "| after | nodes | listeners | instances | heap, kB | wasm, kB |\n| --: | --: | --: | --: | --: | --: |\n",
    );
    for (hour, Sample { nodes, listeners, instances, heap, memory }) in report.samples.iter().enumerate() {
        let _ = writeln!(
            out,
            "| {hour} h | {nodes} | {listeners} | {instances} | {:.0} | {:.0} |",
            heap / 1000.0,
            memory / 1000.0
        );
    }
    let slopes: Vec<_> = JUDGED
        .iter()
        .map(|(_, of, _)| format!("{:.1}", slope(&report.samples.iter().map(of).collect::<Vec<_>>())))
        .collect();
    let _ = writeln!(
        out,
        "\nGrowth an hour, by the median of all slopes: {}. {} requests.",
        slopes.join(", "),
        report.requests
    );
    for (kind, seen) in &report.planted {
        let _ = writeln!(out, "Planted a leak of the kind {kind}; seen: {}.", seen.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_is_told_from_what_swings() {
        let flat = Sample { nodes: 100.0, listeners: 10.0, instances: 5.0, heap: 1e6, memory: 1e6 };
        let samples = |of: &dyn Fn(&mut Sample, f64)| -> Vec<_> {
            (0..5)
                .map(|at| {
                    let mut sample = flat;
                    of(&mut sample, f64::from(at));
                    sample
                })
                .collect()
        };
        let none: [&str; 0] = [];
        assert_eq!(grown(&samples(&|_, _| ())), none);
        assert_eq!(grown(&samples(&|sample, at| sample.heap += (at % 2.0) * 90_000.0)), none);
        assert_eq!(grown(&samples(&|sample, at| sample.nodes += if at == 2.0 { 400.0 } else { 0.0 })), none);
        assert_eq!(grown(&samples(&|sample, at| sample.nodes += at)), ["node"]);
        assert_eq!(grown(&samples(&|sample, at| sample.memory += at * 65_536.0)), ["memory"]);
        assert_eq!(grown(&samples(&|sample, at| sample.heap += at * 20_000.0)), ["array"]);
    }
}

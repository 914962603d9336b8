//! `bench`: bytes → DOM, in a browser without a window, by the very script that the harness's page `/bench` runs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::machine;
use crate::browser::Engine;
use crate::session::Session;
use crate::{child, pkg, serve};

/// Where it runs, and how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The browser.
    #[arg(long, value_enum, default_value = "chromium")]
    pub browser: Engine,
    /// Seconds for each row of the table, at most; nine rounds are made in any case.
    #[arg(long, default_value_t = 5.0)]
    pub seconds: f64,
    /// How many blocks the blog has.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 1000])]
    pub blocks: Vec<u32>,
    /// Write a plot.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Print JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// One size and one change, as the page measured it; medians in milliseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    blocks: u32,
    change: String,
    rounds: u32,
    /// Reading the answer alone, which everybody has to.
    read: f64,
    /// The floor's first.
    times: Vec<Time>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Time {
    name: String,
    script: f64,
    layout: f64,
}

/// Those whose time is the unit, and whose is judged.
const FLOOR: &str = "hand-written";
const OURS: &str = "live-article";

impl Row {
    fn script(&self, name: &str) -> f64 {
        self.times.iter().find(|time| time.name == name).map_or(f64::NAN, |time| time.script)
    }

    fn names(&self) -> Vec<&str> {
        self.times.iter().map(|time| &*time.name).collect()
    }

    fn ratio(&self, name: &str) -> f64 {
        self.script(name) / self.script(FLOOR)
    }
}

/// Measures, and prints a table.
///
/// # Errors
/// If the browser or the others cannot be had, or somebody does not end with the text of the document.
pub fn job(options: &Options) -> Result<()> {
    child::end_with_us()?;
    pkg::build(pkg::Options::default())?;
    super::build()?;
    let (rows, browser) = measure(options)?;
    let machine = machine(&browser);
    if options.json {
        println!("{:#}", json!({"machine": machine, "rows": rows}));
    } else {
        print!("{}\n{machine}\n", table(&rows));
    }
    if let Some(file) = &options.svg {
        std::fs::write(file, plot(&rows)).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

fn measure(options: &Options) -> Result<(Vec<Row>, String)> {
    let runtime = tokio::runtime::Runtime::new()?;
    let server = runtime.block_on(serve::start(serve::Options::default()))?;
    let session = Session::start(options.browser)?;
    session.open(&format!("{}/bench", server.origin()))?;
    // It goes on by itself, and is asked how far it is.
    session.run(&format!(
        "import('/bench/swap.js').then(({{ measure }}) => {{
            window.bench = {{ rows: [], state: 'runs' }};
            const progress = (share, row) => void bench.rows.push(row);
            measure(document.querySelector('#stage'), {{ sizes: {:?}, budget: {}, progress }})
                .then(() => {{ bench.state = 'done'; }}, error => {{ bench.state = String(error); }});
        }})",
        options.blocks,
        options.seconds * 1000.0
    ))?;
    let mut told = 0;
    let rows = loop {
        thread::sleep(Duration::from_millis(500));
        let bench = session.run("Promise.resolve(window.bench)")?;
        let rows: Vec<Row> = serde_json::from_value(bench["rows"].clone())?;
        for row in &rows[told..] {
            eprintln!("bench: {} blocks, {}", row.blocks, row.change);
            told += 1;
        }
        match bench["state"].as_str() {
            Some("runs") => {}
            Some("done") => break rows,
            state => ensure!(false, "the bench stopped: {}", state.unwrap_or("its page is gone")),
        }
    };
    let browser = session.browser().to_owned();
    drop(session);
    runtime.block_on(server.stop());
    Ok((rows, browser))
}

/// Milliseconds, to three places that say something.
fn digits(number: f64) -> String {
    if number < 9.95 { format!("{number:.2}") } else { format!("{number:.0}") }
}

/// Markdown, as it stands in the README: script, and its ratio to the floor.
fn table(rows: &[Row]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let names = first.names();
    let mut out = String::from("| blocks | change |");
    for name in &names {
        let _ = write!(out, " {name} |");
    }
    out.push_str("\n| --: | --- |");
    out.push_str(&" --: |".repeat(names.len()));
    out.push('\n');
    for row in rows {
        let _ = write!(out, "| {} | {} |", row.blocks, row.change);
        for name in &names {
            let _ = match *name {
                FLOOR => write!(out, " {} ms |", digits(row.script(name))),
                _ => write!(out, " {} |", digits(row.ratio(name))),
            };
        }
        out.push('\n');
    }
    out
}

// The plot's measures, in pixels.
const WIDTH: f64 = 190.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 68.0;
const TOP: f64 = 34.0;
const GAP: f64 = 18.0;
const BOTTOM: f64 = 76.0;
/// Told apart by those who see few colours, too (Okabe and Ito 2008).
const COLORS: [&str; 7] = ["#000000", "#009e73", "#56b4e9", "#0072b2", "#e69f00", "#d55e00", "#cc79a7"];

/// A panel for each change: milliseconds over blocks, both in powers of ten, a line for each contender.
fn plot(rows: &[Row]) -> String {
    let mut changes: Vec<&str> = Vec::new();
    for row in rows {
        if !changes.contains(&&*row.change) {
            changes.push(&row.change);
        }
    }
    let names = rows.first().map(Row::names).unwrap_or_default();
    let all = || rows.iter().flat_map(|row| names.iter().map(|name| row.script(name)));
    let lowest = all().fold(f64::INFINITY, f64::min).max(0.001).log10().floor();
    let highest = all().fold(lowest, |most, time| most.max(time.log10())).ceil().max(lowest + 1.0);
    let blocks = |row: &Row| f64::from(row.blocks).log10();
    let (least, most) = rows.iter().map(blocks).fold((f64::INFINITY, 0.0), |(a, b), x| (x.min(a), x.max(b)));
    let x = |row: &Row| 10.0 + (blocks(row) - least) / (most - least).max(1.0) * (WIDTH - 20.0);
    let y = |time: f64| TOP + (highest - time.max(0.001).log10()) / (highest - lowest) * HEIGHT;
    let width = LEFT + changes.len() as f64 * (WIDTH + GAP);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\" fill=\"#444\">\n<title>Milliseconds from bytes to DOM, layout apart, over blocks</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        TOP + HEIGHT + BOTTOM
    );
    for power in lowest as i32..=highest as i32 {
        let at = y(10_f64.powi(power));
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{} ms</text><path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#ddd\"/>",
            LEFT - 6.0,
            at + 4.0,
            10_f64.powi(power),
            width - GAP,
        );
    }
    for (panel, change) in changes.iter().enumerate() {
        let left = LEFT + panel as f64 * (WIDTH + GAP);
        let _ = writeln!(out, "<text x=\"{left:.1}\" y=\"20\" font-weight=\"bold\">{change}</text>");
        let rows: Vec<&Row> = rows.iter().filter(|row| row.change == *change).collect();
        for row in &rows {
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                left + x(row),
                TOP + HEIGHT + 18.0,
                row.blocks
            );
        }
        for (name, color) in names.iter().zip(COLORS) {
            let points: Vec<String> =
                rows.iter().map(|row| format!("{:.1} {:.1}", left + x(row), y(row.script(name)))).collect();
            let stroke = if *name == OURS { 3.0 } else { 1.5 };
            let _ = writeln!(
                out,
                "<path d=\"M{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{stroke}\" stroke-linejoin=\"round\"/>",
                points.join("L")
            );
        }
    }
    let mut left = LEFT;
    for (name, color) in names.iter().zip(COLORS) {
        let at = TOP + HEIGHT + 46.0;
        let _ = writeln!(
            out,
            "<path d=\"M{left:.1} {:.1}h18\" stroke=\"{color}\" stroke-width=\"3\"/><text x=\"{:.1}\" y=\"{at:.1}\">{name}</text>",
            at - 4.0,
            left + 23.0,
        );
        left += 46.0 + name.len() as f64 * 6.6;
    }
    let _ = writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"{:.1}\">Milliseconds of the main thread over blocks, both in powers of ten.</text>",
        TOP + HEIGHT + 68.0
    );
    out + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(blocks: u32, floor: f64, ours: f64) -> Row {
        let times = [(FLOOR, floor), (OURS, ours)];
        let times = times.map(|(name, script)| Time { name: name.into(), script, layout: 1.0 }).into();
        Row { blocks, change: "one edit".into(), rounds: 9, read: 0.1, times }
    }

    #[test]
    fn a_table_gives_the_floor_in_milliseconds_and_the_rest_as_ratios() {
        let table = table(&[row(10, 0.5, 1.0), row(1000, 20.0, 10.0)]);
        assert!(table.contains("| 10 | one edit | 0.50 ms | 2.00 |"), "{table}");
        assert!(table.contains("| 1000 | one edit | 20 ms | 0.50 |"), "{table}");
    }

    #[test]
    fn lines_are_where_their_numbers_are() {
        let svg = plot(&[row(10, 1.0, 10.0), row(1000, 10.0, 10.0)]);
        // One panel, from 1 ms at the bottom to 10 ms at the top.
        for part in [">1 ms<", ">10 ms<", "M78.0 224.0L248.0 34.0", "M78.0 34.0L248.0 34.0"] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert!(!svg.contains("NaN"));
        // Eight pixels hold the widest of digits and letters.
        let svg = plot(&[row(10, 1.0, 1000.0)]);
        let (before, _) = svg.split_once(" ms</text>").expect("a label");
        let at = before.rsplit_once("<text x=\"").and_then(|(_, rest)| rest.split_once('"')).expect("its place").0;
        let room: f64 = at.parse().expect("a number");
        assert!(svg.contains(">1000 ms<") && room >= 8.0 * "1000 ms".len() as f64, "{room} pixels");
    }
}

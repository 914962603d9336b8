//! `herd`: what a newsroom's server sees when a great many readers open one article at once, and after an outage.
//!
//! Every reader is the crate's own [`Poll`], driven by a clock that is only counted; beside it stand three pollers that
//! do as the widely used ones do. A run is the same for the same `--seed`.
//!
//! All readers open the page within two seconds, as after a push message. From the second interval on requests are
//! counted in windows of one second: ten intervals of quiet, an outage in which every request gets a 503, and twenty
//! intervals after it. A peak is the fullest window. Chance alone fills a window above the even rate, the more so the
//! fewer readers there are; the report says by how much.
//!
//! Behind a cache, requests are counted in front of it. The others' polls go by the browser's own cache, as a plain
//! `fetch` does: while the copy is fresh they cost nothing, and then all copies expire together. During the outage
//! the cache passes on the 503 once its copy has expired.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use live_article::article::Millis;
use live_article::poll::pace::Random;
use live_article::poll::{Action, Answer, Event, Poll};
use serde::Serialize;

/// How many readers, and what befalls them.
#[derive(clap::Args)]
pub struct Options {
    /// Readers that open the article within two seconds.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    readers: u32,
    /// Their `interval`, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(5..=3600))]
    interval: u32,
    /// How long the server fails, in seconds.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    outage: u32,
    /// Where the random numbers begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    /// Draw requests over time, too.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// All of it, as `--json` prints it.
#[derive(Debug, PartialEq, Serialize)]
struct Report {
    readers: u32,
    even_rps: f64,
    pollers: Vec<Figures>,
}

/// One poller's. Peaks are multiples of the even rate.
#[derive(Debug, PartialEq, Serialize)]
struct Figures {
    name: String,
    steady_peak: f64,
    outage_requests: u64,
    recovery_peak: f64,
    /// From the end of the outage to a reader's first answer; `null` where so many never got one.
    recovered_p50_s: Option<f64>,
    recovered_p99_s: Option<f64>,
}

/// Runs all pollers, with and without a cache before the server, and prints what came of it.
///
/// # Errors
///
/// If the plot cannot be written.
pub fn job(options: &Options) -> Result<ExitCode> {
    let runs = runs(options);
    if let Some(file) = &options.svg {
        fs::write(file, plot(&runs)).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report(options, &runs))?);
    } else {
        print!("{}", table(options, &runs));
    }
    Ok(ExitCode::SUCCESS)
}

fn runs(options: &Options) -> Vec<Run> {
    let mut runs = Vec::new();
    for max_age in [None, Some(MAX_AGE)] {
        let world = World::new(options, max_age);
        runs.push(world.run::<Live>());
        runs.push(world.run::<Fixed>());
        runs.push(world.run::<Amp>());
        runs.push(world.run::<Swr>());
    }
    runs
}

/// Seconds in which the readers come.
const ARRIVAL: u32 = 2;
/// Seconds that the cache keeps its copy.
const MAX_AGE: u32 = 60;
/// Counted time before and after the outage, in intervals.
const QUIET: u32 = 10;
const AFTER: u32 = 20;
/// The fastest and the slowest answer, in milliseconds.
const LATENCY: (Millis, Millis) = (30.0, 170.0);

/// What befalls all readers; times in whole seconds.
struct World {
    readers: u32,
    interval: Millis,
    seed: u64,
    /// Of the cache before the server, if there is one.
    max_age: Option<u32>,
    quiet: u32,
    outage: u32,
    after: u32,
    end: u32,
}

/// What a reader is told.
struct Heard {
    asked: Millis,
    now: Millis,
    ok: bool,
    /// How old the answer is, if it came from a cache.
    age: Option<Millis>,
}

/// A poller: told of an answer, it says when it asks next.
trait Reader {
    const NAME: &str;
    /// Whether it asks although the browser holds a fresh copy.
    const REVALIDATES: bool;
    fn open(interval: Millis, seed: u64, now: Millis) -> Self;
    fn next(&mut self, heard: &Heard) -> Millis;
}

/// Ours.
struct Live(Poll);

impl Reader for Live {
    const NAME: &str = "live-article";
    const REVALIDATES: bool = true;

    fn open(interval: Millis, seed: u64, now: Millis) -> Self {
        let mut poll = Poll::new(interval, seed);
        let action = poll.on(Event::Shown, now);
        assert_eq!(action, Action::Fetch, "the first request goes at once");
        Self(poll)
    }

    fn next(&mut self, heard: &Heard) -> Millis {
        let age = heard.age.map(|age| format!("{:.0}", age / 1000.0));
        let max_age = format!("max-age={MAX_AGE}");
        let answer = Answer {
            status: if heard.ok { 200 } else { 503 },
            asked: heard.asked,
            arrived: heard.now,
            age: age.as_deref(),
            cache_control: age.as_ref().map(|_| max_age.as_str()),
            ..Answer::default()
        };
        debug_assert!(self.0.awaits(heard.asked, heard.now));
        let mut action = self.0.on(Event::Answered(&answer), heard.now);
        let mut now = heard.now;
        // Timers ring on whole milliseconds, and may do so for the status alone.
        while action != Action::Fetch {
            now = self.0.wake().ceil();
            action = self.0.on(Event::Woke, now);
        }
        now
    }
}

/// A timer of the interval, deaf to every answer: most news pages.
struct Fixed(Millis);

impl Reader for Fixed {
    const NAME: &str = "fixed-interval";
    const REVALIDATES: bool = false;

    fn open(interval: Millis, _: u64, _: Millis) -> Self {
        Self(interval)
    }

    fn next(&mut self, heard: &Heard) -> Millis {
        heard.asked + self.0
    }
}

/// 15 seconds ± 20 % whatever longer interval was set; after a 5xx 1, 2, 4… seconds ± 30 %.
struct Amp {
    interval: Millis,
    failures: u32,
    random: Random,
}

impl Reader for Amp {
    const NAME: &str = "AMP-like";
    const REVALIDATES: bool = false;

    fn open(interval: Millis, seed: u64, _: Millis) -> Self {
        Self { interval: interval.min(15_000.0), failures: 0, random: Random::new(seed) }
    }

    fn next(&mut self, heard: &Heard) -> Millis {
        let (wait, spread) = if heard.ok {
            self.failures = 0;
            (self.interval, 0.2)
        } else {
            self.failures += 1;
            (1000.0 * f64::from(1 << (self.failures - 1).min(30)), 0.3)
        };
        heard.now + wait * (1.0 - spread + 2.0 * spread * self.random.share())
    }
}

/// The interval after every answer; while the last one failed, its ticks pass by, and retries come after 0.5 to 1.5
/// times 10, 20, 40… seconds.
struct Swr {
    interval: Millis,
    tick: Millis,
    failures: u32,
    random: Random,
}

impl Reader for Swr {
    const NAME: &str = "SWR-like";
    const REVALIDATES: bool = false;

    fn open(interval: Millis, seed: u64, now: Millis) -> Self {
        Self { interval, tick: now, failures: 0, random: Random::new(seed) }
    }

    fn next(&mut self, heard: &Heard) -> Millis {
        if !heard.ok {
            self.failures += 1;
            let wait = 5_000.0 * f64::from(1 << self.failures.min(8));
            return heard.now + wait * (0.5 + self.random.share());
        }
        if self.failures == 0 {
            self.tick = heard.now + self.interval;
        }
        self.failures = 0;
        while self.tick <= heard.now {
            self.tick += self.interval;
        }
        self.tick
    }
}

/// What one poller did to the server.
struct Run {
    name: &'static str,
    cached: bool,
    /// Requests in each second.
    seconds: Vec<u32>,
    /// The even rate, a second.
    even: f64,
    quiet: u32,
    outage: u32,
    after: u32,
    /// Milliseconds from the end of the outage to each reader's first answer, sorted; who got none is not in it.
    recovered: Vec<u32>,
    readers: u32,
}

const NOBODY: u32 = u32::MAX;

impl World {
    fn new(options: &Options, max_age: Option<u32>) -> Self {
        let quiet = ARRIVAL + options.interval.max(max_age.unwrap_or_default());
        let outage = quiet + QUIET * options.interval;
        let after = outage + options.outage;
        let end = after + AFTER * options.interval;
        let interval = f64::from(options.interval) * 1000.0;
        Self { readers: options.readers, interval, seed: options.seed, max_age, quiet, outage, after, end }
    }

    /// Lives through it. Whoever asks in one millisecond hangs on one chain, so that a reader costs four bytes
    /// besides itself, whenever it asks next.
    fn run<R: Reader>(&self) -> Run {
        let mut random = Random::new(self.seed);
        let millis = self.end * 1000;
        let mut chains = vec![NOBODY; millis as usize];
        let mut behind = vec![NOBODY; self.readers as usize];
        let mut readers = Vec::with_capacity(self.readers as usize);
        let mut fresh_until = vec![0; self.readers as usize];
        let mut recovered = vec![NOBODY; self.readers as usize];
        let mut seconds = vec![0; self.end as usize];
        let mut kept: Option<Millis> = None;
        for reader in 0..self.readers {
            let at = (random.share() * f64::from(ARRIVAL) * 1000.0) as u32;
            readers.push(R::open(self.interval, self.seed ^ (u64::from(reader) << 20), f64::from(at)));
            behind[reader as usize] = std::mem::replace(&mut chains[at as usize], reader);
        }
        for at in 0..millis {
            let mut next = chains[at as usize];
            while next != NOBODY {
                let (number, reader) = (next, next as usize);
                next = behind[reader];
                let asked = f64::from(at);
                let mut heard = Heard { asked, now: asked, ok: true, age: None };
                if R::REVALIDATES || fresh_until[reader] <= at {
                    seconds[(at / 1000) as usize] += 1;
                    heard.now += LATENCY.0 + random.share() * (LATENCY.1 - LATENCY.0);
                    let down = (self.outage..self.after).contains(&(at / 1000));
                    if let Some(max_age) = self.max_age {
                        let max_age = f64::from(max_age) * 1000.0;
                        if !down && kept.is_none_or(|kept| asked >= kept + max_age) {
                            kept = Some(asked);
                        }
                        heard.age = kept.map(|kept| asked - kept).filter(|&age| age < max_age);
                        heard.ok = heard.age.is_some();
                        if let Some(age) = heard.age {
                            fresh_until[reader] = at + (max_age - age) as u32;
                        }
                    } else {
                        heard.ok = !down;
                    }
                    if heard.ok && at >= self.after * 1000 && recovered[reader] == NOBODY {
                        recovered[reader] = heard.now as u32 - self.after * 1000;
                    }
                }
                // Nobody asks twice in a millisecond.
                let then = (readers[reader].next(&heard) as u32).max(at + 1);
                if let Some(chain) = chains.get_mut(then as usize) {
                    behind[reader] = std::mem::replace(chain, number);
                }
            }
        }
        recovered.retain(|&wait| wait != NOBODY);
        recovered.sort_unstable();
        Run {
            name: R::NAME,
            cached: self.max_age.is_some(),
            seconds,
            even: f64::from(self.readers) * 1000.0 / self.interval,
            quiet: self.quiet,
            outage: self.outage,
            after: self.after,
            recovered,
            readers: self.readers,
        }
    }
}

impl Run {
    fn full_name(&self) -> String {
        if self.cached { format!("{}, behind a cache", self.name) } else { self.name.into() }
    }

    fn quiet(&self) -> &[u32] {
        &self.seconds[self.quiet as usize..self.outage as usize]
    }

    fn outage(&self) -> &[u32] {
        &self.seconds[self.outage as usize..self.after as usize]
    }

    fn after(&self) -> &[u32] {
        &self.seconds[self.after as usize..]
    }

    /// The fullest window, as a multiple of the even rate.
    fn peak(&self, seconds: &[u32]) -> f64 {
        f64::from(seconds.iter().copied().max().unwrap_or_default()) / self.even
    }

    /// Seconds after which `share` of all readers have had an answer.
    fn recovered(&self, share: f64) -> Option<f64> {
        let place = (f64::from(self.readers) * share).ceil() as usize;
        self.recovered.get(place.max(1) - 1).map(|&wait| f64::from(wait) / 1000.0)
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

fn report(options: &Options, runs: &[Run]) -> Report {
    let figures = |run: &Run| Figures {
        name: run.full_name(),
        steady_peak: rounded(run.peak(run.quiet())),
        outage_requests: run.outage().iter().copied().map(u64::from).sum(),
        recovery_peak: rounded(run.peak(run.after())),
        recovered_p50_s: run.recovered(0.5),
        recovered_p99_s: run.recovered(0.99),
    };
    Report {
        readers: options.readers,
        even_rps: rounded(f64::from(options.readers) / f64::from(options.interval)),
        pollers: runs.iter().map(figures).collect(),
    }
}

/// Requests a second, on average.
fn rate(seconds: &[u32]) -> f64 {
    seconds.iter().copied().map(f64::from).sum::<f64>() / (seconds.len().max(1) as f64)
}

fn table(options: &Options, runs: &[Run]) -> String {
    let even = f64::from(options.readers) / f64::from(options.interval);
    let windows = f64::from(QUIET * options.interval);
    let mut out = format!(
        "{} readers, a poll every {} s: {even:.0} requests a second if spread evenly. An outage of {} s.\n\
         Peaks are the fullest second over that rate; chance alone makes {:.2} of it.\n\n\
         | poller | steady/s | peak | outage/s | peak | after/s | peak | half back | 99 % back |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: | --: |\n",
        options.readers,
        options.interval,
        options.outage,
        1.0 + (2.0 * windows.ln() / even).sqrt(),
    );
    for run in runs {
        let back = |share| run.recovered(share).map_or_else(|| "never".into(), |wait| format!("{wait:.0} s"));
        let _ = writeln!(
            out,
            "| {} | {:.0} | {:.2} | {:.0} | {:.2} | {:.0} | {:.2} | {} | {} |",
            run.full_name(),
            rate(run.quiet()),
            run.peak(run.quiet()),
            rate(run.outage()),
            run.peak(run.outage()),
            rate(run.after()),
            run.peak(run.after()),
            back(0.5),
            back(0.99),
        );
    }
    let _ = write!(out, "\nThe cache keeps its copy for {MAX_AGE} s; requests are counted in front of it.\n");
    out
}

// The plot's measures, in pixels.
const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 96.0;
const GAP: f64 = 28.0;
const LEFT: f64 = 44.0;
const TOP: f64 = 40.0;

/// A strip for each poller, without the cache on the left and behind it on the right, all to one scale.
fn plot(runs: &[Run]) -> String {
    let columns: Vec<Vec<&Run>> =
        [false, true].map(|cached| runs.iter().filter(|run| run.cached == cached).collect()).into();
    let most = runs.iter().map(|run| run.peak(&run.seconds[run.quiet as usize..])).fold(1.0, f64::max).ceil();
    let rows = columns[0].len() as f64;
    let (width, height) = (2.0 * (LEFT + WIDTH) + 16.0, TOP + rows * (HEIGHT + GAP) + 12.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#222\">\n<title>Requests a second over the even rate</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (column, runs) in columns.iter().enumerate() {
        let left = column as f64 * (LEFT + WIDTH) + LEFT;
        let title = if column == 0 { "Straight to the server" } else { "Behind one cache, max-age=60" };
        let _ = writeln!(out, "<text x=\"{left}\" y=\"18\" font-weight=\"bold\">{title}</text>");
        for (row, run) in runs.iter().enumerate() {
            let top = TOP + row as f64 * (HEIGHT + GAP);
            strip(&mut out, run, left, top, most);
        }
    }
    let minutes = runs.first().map_or(0.0, |run| run.seconds.len() as f64 / 60.0);
    let _ = writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"{:.1}\">Requests a second over the even rate, {minutes:.0} minutes; grey: the outage.</text>",
        height - 12.0,
    );
    out.push_str("</svg>\n");
    out
}

fn strip(out: &mut String, run: &Run, left: f64, top: f64, most: f64) {
    let end = run.seconds.len() as f64;
    let x = |second: f64| left + second / end * WIDTH;
    let y = |times: f64| top + HEIGHT - times.min(most) / most * HEIGHT;
    let (from, to, floor) = (x(f64::from(run.outage)), x(f64::from(run.after)), top + HEIGHT);
    let colour = if run.name == Live::NAME { "#0a6b3d" } else { "#8a2f2f" };
    let peak = run.peak(&run.seconds[run.quiet as usize..]);
    let _ = write!(
        out,
        "<rect x=\"{from:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{HEIGHT}\" fill=\"#eee\"/>\
         <text x=\"{left}\" y=\"{:.1}\">{}, peak {peak:.1}×</text>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{most:.0}×</text>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">1×</text>\
         <path fill=\"none\" stroke=\"#bbb\" d=\"M{left} {:.1}H{:.1}M{left} {floor:.1}H{:.1}\"/>\n\
         <path fill=\"{colour}\" d=\"M{left} {floor:.1}",
        to - from,
        top - 6.0,
        run.name,
        left - 6.0,
        top + 10.0,
        left - 6.0,
        y(1.0) + 4.0,
        y(1.0),
        left + WIDTH,
        left + WIDTH,
    );
    for (second, &requests) in run.seconds.iter().enumerate() {
        // The first requests of all are everybody's.
        let times = if second < run.quiet as usize { 0.0 } else { f64::from(requests) / run.even };
        let _ = write!(out, "V{:.1}H{:.1}", y(times), x(second as f64 + 1.0));
    }
    let _ = writeln!(out, "V{floor:.1}Z\"/>");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(readers: u32, seed: u64) -> Options {
        Options { readers, interval: 30, outage: 120, seed, json: true, svg: None }
    }

    #[test]
    fn ours_is_even_and_the_others_are_not() {
        let options = options(30_000, 1);
        let report = report(&options, &runs(&options));
        assert!((report.even_rps - 1_000.0).abs() < 1.0);
        let names: Vec<_> = report.pollers.iter().map(|poller| poller.name.as_str()).collect();
        assert_eq!(names[..4], ["live-article", "fixed-interval", "AMP-like", "SWR-like"]);
        for poller in &report.pollers {
            let ours = poller.name.starts_with("live-article");
            assert_eq!(poller.steady_peak <= 1.3 && poller.recovery_peak <= 1.3, ours, "{poller:?}");
            assert!(poller.recovered_p50_s <= poller.recovered_p99_s, "{poller:?}");
        }
        let [ours, fixed] = [&report.pollers[0], &report.pollers[1]];
        assert_eq!(fixed.outage_requests, 4 * 30_000);
        assert!(ours.outage_requests < fixed.outage_requests, "{ours:?}");
    }

    #[test]
    fn a_seed_makes_one_run() {
        let of = |seed| report(&options(500, seed), &runs(&options(500, seed)));
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn a_report_has_the_shape_that_tools_read() {
        let value = serde_json::to_value(report(&options(100, 1), &runs(&options(100, 1)))).unwrap();
        let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&value), ["readers", "even_rps", "pollers"]);
        let poller = ["name", "steady_peak", "outage_requests", "recovery_peak", "recovered_p50_s", "recovered_p99_s"];
        assert_eq!(keys(&value["pollers"][0]), poller);
    }
}

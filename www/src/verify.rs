//! The whole test suite: style, lints, documents, native tests, known weaknesses, the package and its weight, and in each browser
//! engine the tests of `tests/web` and `tests/e2e`.
//!
//! Steps follow one another. What a step prints goes to `target/verify`, and is shown when it fails.
//! What must be installed is left to [`crate::setup`].

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::browser::{Driver, Engine};
use crate::child::{self, Child};
use crate::pkg;
use crate::setup::{self, WASM, path_with, root, target};

/// What is verified.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Engines to test in.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["chromium", "firefox", "webkit"])]
    pub browser: Vec<Engine>,
    /// No package and no browser: style, lints, documents and native tests.
    #[arg(long)]
    pub quick: bool,
}

/// A step's end. One that neither passed nor failed was skipped.
struct Step {
    name: String,
    took: Duration,
    passed: usize,
    failed: usize,
}

/// How often a long step says that it goes on.
const BEAT: Duration = Duration::from_secs(15);
/// Lines of a failed step that are shown.
const SHOWN: usize = 80;

/// Verifies, and closes with a table of the steps and the sum of all tests.
///
/// # Errors
/// If signals or its logs cannot be had. What fails after that is counted.
pub fn job(options: &Options) -> Result<ExitCode> {
    child::end_with_us()?;
    fs::create_dir_all(logs())?;
    let begun = Instant::now();
    let mut engines = options.browser.clone();
    engines.dedup();
    if options.quick {
        engines.clear();
    }
    let mut path = OsString::new();
    let set_up = check("setup", || {
        path = set_up(&engines)?;
        Ok(())
    });
    let ready = set_up.failed == 0;
    let mut steps = vec![set_up];
    if ready {
        steps.extend(native());
        steps.push(audit());
    }
    if ready && !engines.is_empty() {
        steps.push(check("package and its weight", || {
            let package = pkg::build(pkg::Options::default())?;
            println!("{}", package.report());
            package.hold()
        }));
        let mut adopters = cargo(&["test", "-p", "www", "--test", "adopters", "--", "--test-threads=1"]);
        steps.push(command("package as sites adopt it", &mut adopters));
        // Built once here, so that the engines do not wait for one another.
        let mut web = cargo(&["test", "--target", WASM, "--test", "web", "--no-run"]);
        let mut e2e = cargo(&["test", "-p", "www", "--test", "e2e", "--no-run"]);
        steps.push(command("build of the tests in a page", &mut web));
        steps.push(command("build of the tests through a page", &mut e2e));
        // One after another: two at a time, and pages on a slow machine wait for one another's processors.
        for engine in engines {
            steps.extend([in_page(engine, &path), through_page(engine)]);
        }
    }
    Ok(close(&steps, begun.elapsed()))
}

/// Installs what the steps need; returns `PATH` with the tools in it.
fn set_up(engines: &[Engine]) -> Result<OsString> {
    setup::component("fmt")?;
    setup::component("clippy")?;
    setup::wasm_target()?;
    setup::debian(&[("nginx", "nginx")])?;
    if engines.is_empty() {
        return Ok(std::env::var_os("PATH").unwrap_or_default());
    }
    for engine in engines {
        engine.set_up()?;
    }
    path_with(&[&setup::wasm_pack()?, &setup::wasm_bindgen()?])
}

fn native() -> Vec<Step> {
    let lint = ["--", "-D", "warnings"];
    let clippy = |args: &[&str]| cargo(&[&["clippy"], args, &lint].concat());
    let doc = |args: &[&str]| {
        let mut cargo = cargo(&[&["doc", "--no-deps"], args].concat());
        cargo.env("RUSTDOCFLAGS", "-D warnings");
        cargo
    };
    [
        ("style", cargo(&["fmt", "--all", "--check"])),
        ("lints, native", clippy(&["--workspace", "--all-targets"])),
        ("lints, tests of the package", clippy(&["-p", "www", "--test", "e2e", "--test", "adopters"])),
        ("lints, wasm", clippy(&["-p", "live-article", "--all-targets", "--target", WASM])),
        ("documents, native", doc(&["--workspace"])),
        ("documents, wasm", doc(&["-p", "live-article", "--target", WASM])),
        ("native tests", cargo(&["test", "--workspace", "--no-fail-fast"])),
    ]
    .into_iter()
    .map(|(name, mut cargo)| command(name, &mut cargo))
    .collect()
}

/// Whether a weakness is known of what the project is built from.
fn audit() -> Step {
    let name = "known weaknesses of dependencies";
    match setup::audit() {
        Ok(Some(mut audit)) => command(name, &mut audit),
        Ok(None) => {
            let begun = begin(name);
            end(&format!("{name} (their list cannot be reached from here)"), begun, 0, 0)
        }
        Err(error) => check(name, || Err(error)),
    }
}

fn cargo(args: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(args).current_dir(root());
    cargo
}

/// `tests/web`, as wasm-pack runs it; it knows no driver of WebKit's on Linux, but its runner takes one that runs.
fn in_page(engine: Engine, path: &OsStr) -> Step {
    let name = format!("{}: tests in a page", engine.name());
    let mut test = match engine {
        Engine::Chromium | Engine::Firefox => {
            let browser = if engine == Engine::Chromium { "--chrome" } else { "--firefox" };
            let mut test = Command::new("wasm-pack");
            test.args(["test", "--mode", "no-install", "--headless", browser, "--", "--test", "web"]);
            test
        }
        Engine::Webkit => {
            let mut test = cargo(&["test", "--target", WASM, "--test", "web"]);
            test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
            test
        }
    };
    let driver = (engine == Engine::Webkit).then(|| Driver::start(engine)).transpose();
    match driver {
        Ok(driver) => {
            if let Some(driver) = &driver {
                test.env("SAFARIDRIVER_REMOTE", &driver.url);
            }
            command(&name, test.env("PATH", path).env("WASM_BINDGEN_TEST_TIMEOUT", "300").current_dir(root()))
        }
        Err(error) => check(&name, || Err(error)),
    }
}

/// `tests/e2e`.
fn through_page(engine: Engine) -> Step {
    let mut test = cargo(&["test", "-p", "www", "--test", "e2e", "--", engine.name()]);
    command(&format!("{}: tests through a page", engine.name()), &mut test)
}

/// A step that is a function of ours: one test.
fn check(name: &str, run: impl FnOnce() -> Result<()>) -> Step {
    let begun = begin(name);
    let done = run();
    if let Err(error) = &done {
        println!("{error:#}");
    }
    end(name, begun, usize::from(done.is_ok()), usize::from(done.is_err()))
}

/// A step that is a program: as many tests as it says it ran, or one.
fn command(name: &str, command: &mut Command) -> Step {
    let begun = begin(name);
    match watch(name, command) {
        Ok(Watched { success, passed, failed, last }) => {
            let (passed, failed) = match (passed + failed, success) {
                (0, _) => (usize::from(success), usize::from(!success)),
                // A run can fail without a failing test: a crash, or what would not build.
                (_, false) => (passed, failed.max(1)),
                (_, true) => (passed, failed),
            };
            if failed > 0 {
                println!("---- {name}: the end of {}", log(name).display());
                println!("{}\n----", last.iter().map(String::as_str).collect::<Vec<_>>().join("\n"));
            }
            end(name, begun, passed, failed)
        }
        Err(error) => {
            println!("{error:#}");
            end(name, begun, 0, 1)
        }
    }
}

struct Watched {
    success: bool,
    passed: usize,
    failed: usize,
    last: VecDeque<String>,
}

/// Runs a program: its lines go to its log, test results are summed, and now and then its last line is shown.
fn watch(name: &str, command: &mut Command) -> Result<Watched> {
    let mut log = File::create(log(name))?;
    let mut child = Child::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (sender, lines) = channel();
    let (out, err) = (child.process.stdout.take(), child.process.stderr.take());
    let readers: [Option<Box<dyn std::io::Read + Send>>; 2] =
        [out.map(|out| Box::new(out) as _), err.map(|err| Box::new(err) as _)];
    for reader in readers.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || {
            for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
    }
    drop(sender);
    let begun = Instant::now();
    let mut beat = Instant::now();
    let mut watched = Watched { success: false, passed: 0, failed: 0, last: VecDeque::new() };
    loop {
        match lines.recv_timeout(BEAT) {
            Ok(line) => {
                writeln!(log, "{line}")?;
                if let Some((passed, failed)) = result(&line) {
                    watched.passed += passed;
                    watched.failed += failed;
                }
                watched.last.push_back(line);
                if watched.last.len() > SHOWN {
                    watched.last.pop_front();
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if beat.elapsed() >= BEAT {
            let line =
                watched.last.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default();
            println!(
                "         {name}, {} s: {}",
                begun.elapsed().as_secs(),
                line.chars().take(100).collect::<String>()
            );
            beat = Instant::now();
        }
    }
    watched.success = child.wait()?.success();
    Ok(watched)
}

/// The numbers of a line such as `test result: ok. 3 passed; 0 failed; …`, as every Rust test runner closes.
fn result(line: &str) -> Option<(usize, usize)> {
    let (_, counts) = line.split_once("test result: ")?;
    let number = |word: &str| counts.split_once(word)?.0.rsplit([' ', ';']).find(|part| !part.is_empty())?.parse().ok();
    Some((number(" passed")?, number(" failed")?))
}

fn begin(name: &str) -> Instant {
    println!("         {name} …");
    Instant::now()
}

fn end(name: &str, begun: Instant, passed: usize, failed: usize) -> Step {
    let step = Step { name: name.to_owned(), took: begun.elapsed(), passed, failed };
    println!("{}", line(&step));
    step
}

fn line(Step { name, took, passed, failed }: &Step) -> String {
    let verdict = match (passed, failed) {
        (0, 0) => "skipped",
        (_, 0) => "ok",
        _ => "FAILED",
    };
    format!("{verdict:>8} {:>6.1} s  {passed:>5} passed {failed:>4} failed  {name}", took.as_secs_f64())
}

fn close(steps: &[Step], took: Duration) -> ExitCode {
    let passed: usize = steps.iter().map(|step| step.passed).sum();
    let failed: usize = steps.iter().map(|step| step.failed).sum();
    println!("\nAll steps, {:.0} s:", took.as_secs_f64());
    for step in steps {
        println!("{}", line(step));
    }
    if failed > 0 {
        println!("What each step printed is in {}.", logs().display());
    }
    println!("{passed} passed, {failed} failed");
    if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn logs() -> PathBuf {
    target().join("verify")
}

fn log(name: &str) -> PathBuf {
    logs().join(format!("{}.log", name.replace([':', ','], "").replace(' ', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_results_are_counted_as_runners_print_them() {
        for (line, counts) in [
            (
                "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                Some((12, 0)),
            ),
            ("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 filtered out; finished in 1.01s", Some((1, 2))),
            ("running 3 tests", None),
            ("test result: ok", None),
        ] {
            assert_eq!(result(line), counts, "{line}");
        }
    }

    #[test]
    fn a_step_that_is_skipped_has_not_passed() {
        let step = |passed, failed| line(&Step { name: "a step".to_owned(), took: Duration::ZERO, passed, failed });
        for (passed, failed, verdict) in [(0, 0, "skipped"), (1, 0, "ok"), (3, 1, "FAILED"), (0, 1, "FAILED")] {
            assert_eq!(step(passed, failed).split_whitespace().next(), Some(verdict));
        }
    }

    #[test]
    fn a_program_that_fails_without_a_test_is_one_failure() {
        fs::create_dir_all(logs()).unwrap();
        for (script, counts) in [
            ("true", (1, 0)),
            ("false", (0, 1)),
            ("echo 'test result: ok. 3 passed; 0 failed;'", (3, 0)),
            ("echo 'test result: ok. 3 passed; 0 failed;'; exit 101", (3, 1)),
            ("echo 'test result: FAILED. 3 passed; 2 failed;' >&2; exit 101", (3, 2)),
        ] {
            let step = command("a step of a test", Command::new("sh").args(["-c", script]));
            assert_eq!((step.passed, step.failed), counts, "{script}");
        }
    }
}

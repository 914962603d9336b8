//! The harness: everything around the card that is not the card.
//!
//! One binary with a subcommand a job; each job is a module with a `run`.

use std::process::ExitCode;

use clap::Parser;
use www::{bench, delta, herd, pkg, proxy, read, render, serve, verify, wire};

/// The harness of live-article.
#[derive(Parser)]
#[command(name = "www", about)]
enum Job {
    /// Measure a swap, from bytes to DOM, beside other ways to write it.
    Bench(bench::swap::Options),
    /// Build everything and serve the front page, the newsroom and all that can go wrong.
    Demo(serve::Options),
    /// Write what changed between two versions as a file, for readers who have the first.
    Delta(delta::Options),
    /// Count what a server sees when a great many readers open one article, and after an outage.
    Herd(herd::Options),
    /// Measure what a hundred cards cost a processor while nothing happens.
    Idle(bench::idle::Options),
    /// Make the release package in `pkg/`, and print what it weighs.
    Pkg(pkg::Options),
    /// Count what reaches a newsroom when thousands of readers poll through nginx.
    Proxy(proxy::Options),
    /// Read a document as the card does, and say what gave each field and what is missing.
    Read(read::Options),
    /// Print the server's own copy of a document's card.
    Render(render::Options),
    /// Let a day pass in a page of five cards, and see whether it leaves anything behind.
    Soak(bench::soak::Options),
    /// Measure how long a first card takes on a slow line, beside one from libraries.
    Start(bench::start::Options),
    /// Weigh what a page downloads for a card, beside libraries that do the same.
    Weigh(bench::weigh::Options),
    /// Measure what an hour of a live blog costs its reader, by the way it is polled.
    Wire(wire::Options),
    /// Run the whole test suite: native, in browsers, and end to end.
    Verify(verify::Options),
}

fn main() -> ExitCode {
    let done = match Job::parse() {
        Job::Bench(options) => bench::swap::job(&options).map(|()| ExitCode::SUCCESS),
        Job::Demo(options) => serve::run(options, || {
            pkg::build(pkg::Options::default())?;
            // Without the others the rest of the demo is whole.
            if let Err(error) = bench::build() {
                eprintln!("demo: the page /bench has nobody to compare with: {error:#}");
            }
            Ok(())
        })
        .map(|()| ExitCode::SUCCESS),
        Job::Delta(options) => delta::job(&options).map(|()| ExitCode::SUCCESS),
        Job::Herd(options) => herd::job(&options),
        Job::Idle(options) => bench::idle::job(options).map(|()| ExitCode::SUCCESS),
        Job::Pkg(options) => pkg::job(options).map(|()| ExitCode::SUCCESS),
        Job::Proxy(options) => proxy::job(&options),
        Job::Read(options) => read::job(&options),
        Job::Render(options) => render::job(&options).map(|()| ExitCode::SUCCESS),
        Job::Soak(options) => bench::soak::job(options).map(|()| ExitCode::SUCCESS),
        Job::Start(options) => bench::start::job(options).map(|()| ExitCode::SUCCESS),
        Job::Weigh(options) => bench::weigh::job(options).map(|()| ExitCode::SUCCESS),
        Job::Wire(options) => wire::job(&options).map(|()| ExitCode::SUCCESS),
        Job::Verify(options) => verify::job(&options),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

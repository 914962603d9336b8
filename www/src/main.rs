//! The harness: everything around the card that is not the card.
//!
//! One binary with a subcommand a job; each job is a module with a `run`.

use clap::Parser;
use www::{pkg, serve};

/// The harness of live-article.
#[derive(Parser)]
#[command(name = "www", about)]
enum Job {
    /// Build everything and serve the front page, the newsroom and all that can go wrong.
    Demo(serve::Options),
    /// Make the release package in `pkg/`, and print what it weighs.
    Pkg(pkg::Options),
}

fn main() -> std::process::ExitCode {
    let done = match Job::parse() {
        Job::Demo(options) => serve::run(options, || pkg::build(pkg::Options::default()).map(drop)),
        Job::Pkg(options) => pkg::job(options),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

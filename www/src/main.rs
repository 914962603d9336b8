//! The harness: everything around the card that is not the card.
//!
//! One binary with a subcommand a job; each job is a module with a `run`.

use clap::Parser;
use www::pkg;

/// The harness of live-article.
#[derive(Parser)]
#[command(name = "www", about)]
enum Job {
    /// Make the release package in `pkg/`, and print what it weighs.
    Pkg(pkg::Options),
}

fn main() -> std::process::ExitCode {
    let done = match Job::parse() {
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

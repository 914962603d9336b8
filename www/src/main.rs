//! The harness: everything around the card that is not the card.
//!
//! One binary with a subcommand a job; each job is a module with a `run`.

use clap::Parser;

/// The harness of live-article.
#[derive(Parser)]
#[command(name = "www", about)]
enum Job {}

fn main() {
    match Job::parse() {}
}

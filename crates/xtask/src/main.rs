//! Checks on this repository and generated code: `cargo xtask proto | coverage | tidy`.
#![allow(clippy::print_stdout, reason = "a command-line tool prints")]

mod coverage;
mod proto;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["proto"] => proto::generate(),
        ["proto", "--check"] => proto::check(),
        ["coverage"] => coverage::generate(&proto::repository()),
        ["tidy"] => tidy::check(),
        _ => Err("usage: cargo xtask proto [--check] | coverage | tidy".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

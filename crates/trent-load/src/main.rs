//! Loads Trent wherever it runs, and measures it beside a bare hyper echo. For development only.
//!
//! The program uses the system's allocator, so that its echo is the plainest server there is.

mod bench;
mod caller;
mod client;
mod compare;
mod echo;
mod endpoint;
mod error;
mod fixtures;
mod latencies;
mod ops;
mod plot;
mod proc;
mod reading;
mod retry;
mod run;
mod sign;
mod table;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::error::LoadError;

/// Loads a Trent, or compares one on this machine with a bare HTTP server; reads what it found.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves 200 bytes of fixed JSON: the floor under every figure.
    Echo {
        /// Where to listen; loopback only.
        #[arg(long, default_value = "127.0.0.1:4100")]
        listen: SocketAddr,
        /// Worker threads.
        #[arg(long, default_value_t = 2)]
        threads: usize,
    },
    /// Loads any endpoint with a mix of operations, in an open or a closed loop.
    ///
    /// Exit status: 0 when every threshold held, 1 when there could be no load, 2 for bad usage, 3
    /// when a threshold was broken.
    Run(Box<run::RunArguments>),
    /// Loads Trent and the echo in turn and prints both.
    Bench(bench::BenchArguments),
    /// Prints two reports of `run`, or two of `bench`, beside each other, with the ratios B/A.
    ///
    /// Loads of different configuration are refused. Exit status: 0, 1 when the reports cannot be
    /// compared, 2 for bad usage, 3 when B is slower than --max-slower allows.
    Compare(compare::CompareArguments),
    /// Draws reports of `run` on top of each other, as SVG.
    ///
    /// Throughput and latency over time, and latency by percentile.
    Plot(plot::PlotArguments),
    /// Prints the resident memory of processes and their descendants.
    Rss {
        /// The processes, comma-separated.
        #[arg(long, value_delimiter = ',', required = true)]
        pid: Vec<u32>,
        /// How many seconds to wait first.
        #[arg(long, default_value_t = 0)]
        after: u64,
    },
}

fn main() -> ExitCode {
    match obey(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "trent-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> Result<ExitCode, LoadError> {
    match command {
        Command::Echo { listen, threads } => {
            echo::serve(listen, threads)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Run(arguments) => run::run(*arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Plot(arguments) => plot::run(&arguments),
        Command::Rss { pid, after } => {
            std::thread::sleep(Duration::from_secs(after));
            let rss = table::mib(proc::rss_bytes(&pid));
            writeln!(std::io::stdout(), "{rss:.1} MiB")?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}

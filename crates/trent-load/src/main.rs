//! Measures Trent beside a bare hyper echo. For development only, and for this machine only.
//!
//! The program uses the system's allocator, so that its echo is the plainest server there is.

mod bench;
mod client;
mod echo;
mod error;
mod histogram;
mod ops;
mod proc;
mod sign;
mod table;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::error::LoadError;

/// Loads a Trent on this machine and compares it with a bare HTTP server.
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
    /// Loads Trent and the echo in turn and prints both.
    Bench(bench::BenchArguments),
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
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "trent-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, LoadError> {
    match command {
        Command::Echo { listen, threads } => {
            echo::serve(listen, threads)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Bench(arguments) => bench::run(&arguments),
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

//! `trent-testkit up`: runs a whole Trent until standard input ends or a signal comes.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool prints")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use trent_testkit::Form;
use trent_testkit::stack::{Beginning, Running};

/// Runs Trent for tests and development.
#[derive(Debug, Parser)]
enum Command {
    /// Start a stack, print it as one line of JSON, keep it until standard input ends
    Up(Up),
}

#[derive(Debug, clap::Args)]
struct Up {
    /// embedded or distributed
    #[arg(long)]
    form: FormArgument,
    /// Where data and logs go; a new temporary folder, removed at the end, when not given
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Start again what ends, on the same ports
    #[arg(long)]
    restart: bool,
    /// Keep running when standard input ends (until SIGTERM)
    #[arg(long)]
    detached: bool,
    /// Further variables for every role, as in TRENT_LOG=debug
    #[arg(long = "env", value_name = "NAME=VALUE")]
    environment: Vec<String>,
    /// Distributed: a user `tap` with a certificate of its own may subscribe to everything on the
    /// bus
    #[arg(long)]
    tap: bool,
    /// Distributed: begin with the database that `pg_dump --format custom` has written to this file
    #[arg(long, value_name = "FILE")]
    database_dump: Option<PathBuf>,
    /// Distributed: so many lifecycle processes
    #[arg(long, default_value_t = 1)]
    lifecycles: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormArgument {
    Embedded,
    Distributed,
}

fn main() -> ExitCode {
    let Command::Up(up) = Command::parse();
    match run(up) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trent-testkit: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(up: Up) -> io::Result<()> {
    let temporary = up.directory.is_none();
    let directory = up.directory.unwrap_or_else(|| {
        std::env::temp_dir().join(format!("trent-{:016x}", rand::random::<u64>()))
    });
    let form = match up.form {
        FormArgument::Embedded => Form::Embedded,
        FormArgument::Distributed => Form::Distributed,
    };
    let mut environment = BTreeMap::new();
    for pair in &up.environment {
        let (name, value) = pair.split_once('=').ok_or_else(|| io::Error::other("NAME=VALUE"))?;
        environment.insert(name.to_owned(), value.to_owned());
    }
    let mut program = std::env::current_exe()?;
    program.set_file_name("trent");
    let (tap, dump, lifecycles) = (up.tap, up.database_dump, up.lifecycles);
    let beginning = Beginning { tap, dump, lifecycles, restart: up.restart };
    let mut running = Running::start(form, &directory, &program, environment, beginning)?;
    let state = directory.join("state.json");
    let text = serde_json::to_string(&running.stack)?;
    fs::write(&state, &text)?;
    println!("{text}");
    let (ended, end) = mpsc::channel();
    if !up.detached {
        std::thread::spawn(move || {
            let _ = io::stdin().read_to_end(&mut Vec::new());
            let _ = ended.send(());
        });
    } else {
        std::mem::forget(ended);
    }
    // Children are tied to this thread, so it is the one that watches them.
    while end.recv_timeout(Duration::from_millis(50)) == Err(mpsc::RecvTimeoutError::Timeout) {
        if !up.restart {
            continue;
        }
        match running.restart_ended() {
            Ok(false) => {}
            Ok(true) => {
                let next = directory.join("state.json.next");
                fs::write(&next, serde_json::to_string(&running.stack)?)?;
                fs::rename(&next, &state)?;
            }
            // As whoever keeps containers running: it is tried again, for as long as it takes.
            Err(error) => eprintln!("trent-testkit: {error}"),
        }
    }
    running.stop();
    if temporary {
        fs::remove_dir_all(&directory)?;
    }
    Ok(())
}

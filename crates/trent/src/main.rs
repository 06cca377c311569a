//! The Trent program: picks a role and runs it until it is told to stop.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program prints")]

mod admin;
mod audit;
mod backup;
mod client;
mod commands;
mod init;
mod key_files;
mod key_watch;
mod keys;
mod policy_template;
mod prices;
mod probe;
mod roles;
mod seed_file;

use std::process::ExitCode;

use commands::{Command, DevCommand};
use trent_runtime::StartError;

/// Requests are short and many: mimalloc keeps them off the system allocator's locks and gives
/// memory back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = commands::parse().and_then(run);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trent: {error}");
            ExitCode::from(error.exit_status())
        }
    }
}

fn run(command: Command) -> Result<(), StartError> {
    match command {
        Command::All(options) => roles::run("all", roles::all::prepare, roles::all::serve, options),
        Command::Gateway(options) => {
            roles::run("gateway", roles::gateway::prepare, roles::gateway::serve, options)
        }
        Command::Policy { command: Some(command), .. } => policy_template::run(command),
        Command::Policy { command: None, options } => {
            roles::run("policy", roles::policy::prepare, roles::policy::serve, *options)
        }
        Command::Worker(options) => {
            roles::run("worker", roles::worker::prepare, roles::worker::serve, options)
        }
        Command::Audit { command: Some(command), .. } => audit::run(command),
        Command::Audit { command: None, options } => {
            roles::run("audit", roles::audit::prepare, roles::audit::serve, *options)
        }
        Command::Lifecycle(options) => {
            roles::run("lifecycle", roles::lifecycle::prepare, roles::lifecycle::serve, options)
        }
        Command::Backup(arguments) => backup::backup(*arguments),
        Command::Restore(arguments) => backup::restore(*arguments),
        Command::Keys(command) => keys::run(command),
        Command::Migrate(options) => migrate(options),
        Command::Init(given) => init::run(&given),
        Command::Health(process) => probe::run(*process, "/health"),
        Command::Ready(process) => probe::run(*process, "/ready"),
        Command::Quota(command) => admin::quota::run(command),
        Command::Seed(seed) => admin::seed::run(*seed),
        Command::Account(command) => admin::account::run(command),
        Command::Service(command) => admin::service::run(command),
        Command::Explain(explain) => admin::explain::run(*explain),
        Command::Usage(usage) => audit::usage::run(&usage),
        Command::Cost(command) => audit::cost::run(command),
        Command::Dev(DevCommand::Clock(clock)) => admin::clock::run(*clock),
        Command::Version => {
            println!("trent {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    }
}

/// Brings the database's schema, roles and grants up to this program's.
fn migrate(options: trent_runtime::Options) -> Result<(), StartError> {
    roles::migrate(&options.settings()?)?;
    println!("the schema is up to date");
    Ok(())
}

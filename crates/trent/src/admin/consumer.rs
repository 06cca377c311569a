//! `trent audit consumer`: durable consumers of the audit stream beside the audit logger.

use clap::{Args, Subcommand};
use trent_bus::{AuditStreamError, ConsumerName, ConsumerState, NatsBus, NewConsumer};
use trent_runtime::{Options, StartError};

use crate::roles;
use crate::roles::policy::chain;

/// Consumers of the audit stream of a running distributed deployment. Needs TRENT_NATS_URL and the
/// identity `admin`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConsumerCommand {
    /// Make a durable pull consumer, which the identity `consumer` then reads
    Add(Box<Add>),
    /// Show every consumer: up to which sequence of the stream it has acknowledged, and how many
    /// messages wait for it
    List(Box<Options>),
    /// Remove a consumer: nothing is kept for it any longer
    Remove(Box<Remove>),
}

/// What to make.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its name: 1 to 32 lower-case letters, digits and hyphens
    name: ConsumerName,
    /// Deliver what comes from now on; else everything that is in the stream
    #[arg(long)]
    from_now: bool,
    /// Messages that may be delivered without being acknowledged; with one they come strictly in
    /// their order
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    in_flight: u32,
    #[command(flatten)]
    options: Options,
}

/// What to remove.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Its name
    name: ConsumerName,
    #[command(flatten)]
    options: Options,
}

/// Carries a command out.
pub(crate) fn run(command: ConsumerCommand) -> Result<(), StartError> {
    match command {
        ConsumerCommand::Add(add) => {
            let Add { name, from_now, in_flight, options } = *add;
            let new = NewConsumer { name, from_now, in_flight_max: in_flight };
            on_bus(options, async |bus| trent_bus::add_consumer(bus, &new).await)?;
            println!("{} can be read by the identity `consumer`", new.name);
            Ok(())
        }
        ConsumerCommand::List(options) => {
            let consumers = on_bus(*options, trent_bus::list_consumers)?;
            print!("{}", table(&consumers));
            Ok(())
        }
        ConsumerCommand::Remove(remove) => {
            let Remove { name, options } = *remove;
            on_bus(options, async |bus| trent_bus::remove_consumer(bus, &name).await)?;
            println!("{name} is no consumer any more");
            Ok(())
        }
    }
}

fn on_bus<T>(
    options: Options,
    work: impl AsyncFnOnce(&NatsBus) -> Result<T, AuditStreamError>,
) -> Result<T, StartError> {
    let settings = options.settings()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StartError::Environment(error.to_string()))?;
    runtime.block_on(async {
        let nats = roles::nats_now(&settings, "admin").await?;
        work(&nats).await.map_err(|error| StartError::Environment(chain(&error)))
    })
}

/// The list as a person reads it.
fn table(consumers: &[ConsumerState]) -> String {
    let mut text =
        format!("{:<32}  {:>12}  {:>8}  {:>9}\n", "NAME", "ACKNOWLEDGED", "PENDING", "IN FLIGHT");
    for ConsumerState { name, acknowledged, pending, in_flight } in consumers {
        text.push_str(&format!("{name:<32}  {acknowledged:>12}  {pending:>8}  {in_flight:>9}\n"));
    }
    text
}

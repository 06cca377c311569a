//! Keeps every record of Trent's audit stream once, in an SQLite file: an example of a durable
//! consumer (docs/consumers.md).
//!
//! ```text
//! trent audit consumer add siem        once, by the operator
//! trent-example-consumer siem records.sqlite
//! ```
//!
//! It can be killed at any moment and goes on where it was: a message is acknowledged only after
//! its records are on disk, and those that come again are known by their event ids.
#![allow(clippy::print_stderr, reason = "a command-line program prints")]

mod message;
mod store;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::{self, AckKind, Message};
use futures_util::StreamExt;

use store::Store;

/// The stream, whose messages are `trent.v1.AuditBatch`.
const STREAM: &str = "TRENT_AUDIT_V1";

/// How long to wait for a message before asking again, and after a failure.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: trent-example-consumer NAME STORE.sqlite".into());
    };
    let mut store = Store::open(Path::new(&path))?;
    let client = connect(&name).await?;
    let consumer: PullConsumer =
        jetstream::new(client).get_consumer_from_stream(name, STREAM).await?;
    loop {
        if let Err(error) = work(&consumer, &mut store).await {
            // NATS may be away; what was not acknowledged comes again.
            eprintln!("trying again: {error}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Connects as the identity `consumer`, with the inboxes that it may read.
#[expect(clippy::disallowed_methods, reason = "configured as Trent's roles are")]
async fn connect(name: &str) -> Result<async_nats::Client, Failure> {
    let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let file = |name: &str| variable(name).map(PathBuf::from);
    let options = ConnectOptions::new()
        .name(format!("consumer {name}"))
        .custom_inbox_prefix(format!("_INBOX_consumer.{}", uuid::Uuid::new_v4().simple()))
        .require_tls(true)
        .add_root_certificates(file("TRENT_NATS_CA_FILE")?)
        .add_client_certificate(file("TRENT_NATS_CERT_FILE")?, file("TRENT_NATS_KEY_FILE")?);
    Ok(options.connect(variable("TRENT_NATS_URL")?).await?)
}

/// Takes one message, if one comes: with one in flight they come strictly in their order.
async fn work(consumer: &PullConsumer, store: &mut Store) -> Result<(), Failure> {
    let asked = consumer.batch().max_messages(1).expires(PATIENCE);
    let mut coming = asked.messages().await?;
    // Where the connection was lost meanwhile, nothing comes, nor an end.
    let next = tokio::time::timeout(2 * PATIENCE, coming.next()).await;
    let Ok(Some(message)) = next else { return Ok(()) };
    keep(&message?, store).await
}

/// Keeps the records of a message and acknowledges it then.
async fn keep(message: &Message, store: &mut Store) -> Result<(), Failure> {
    let information = message.info()?;
    let (sequence, published) = (information.stream_sequence, information.published);
    let published_ms = i64::try_from(published.unix_timestamp_nanos() / 1_000_000)?;
    let Ok(records) = message::records(&message.payload) else {
        eprintln!("message {sequence} is no AuditBatch: put aside");
        return message.ack_with(AckKind::Term).await;
    };
    if let Some(gap) = store.keep(sequence, published_ms, &records)? {
        eprintln!("messages {}..={} were removed before they came", gap.first, gap.last);
    }
    message.ack().await
}

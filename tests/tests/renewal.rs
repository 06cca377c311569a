//! Certificates are renewed, and identities taken away, while connections stand.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, RequestErrorKind};
use tokio::sync::mpsc;
use trent_testkit::{process, program};
use trent_tests::block_on;
use trent_tests::bus::Rig;
use trent_tests::crash::signal;

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn connections_outlive_the_renewal_of_certificates_and_end_with_their_identity() {
    block_on(async {
        let rig = Rig::start();
        let (secrets, before) = (rig.secrets(), rig.directory.join("before"));
        fs::create_dir(&before).unwrap();
        for file in ["gateway.pem", "gateway.key", "nats.pem"] {
            fs::copy(secrets.join(file), before.join(file)).unwrap();
        }
        let (standing, mut events) = watched(&rig, gateway(&rig, &secrets)).await;
        answers(&standing).await;

        renew(&rig.directory);
        for file in ["gateway.pem", "gateway.key", "nats.pem"] {
            let read = |folder: &Path| fs::read(folder.join(file)).unwrap();
            assert_ne!(read(&secrets), read(&before), "{file}");
        }
        reload(&rig, 1);
        answers(&standing).await;
        assert!(events.try_recv().is_err(), "the connection was broken");
        for folder in [&secrets, &before] {
            let new = gateway(&rig, folder).connect(rig.nats.url()).await.unwrap();
            answers(&new).await;
        }
        standing.force_reconnect().await.unwrap();
        heard(&mut events, |event| matches!(event, Event::Connected)).await;
        answers(&standing).await;

        let config = rig.directory.join("nats-server.conf");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(&config, text.replace("\"CN=gateway\"", "\"CN=nobody\"")).unwrap();
        reload(&rig, 2);
        heard(&mut events, |event| matches!(event, Event::Disconnected)).await;
        let refused = gateway(&rig, &secrets).connect(rig.nats.url()).await;
        assert!(refused.is_err());
    });
}

fn gateway(rig: &Rig, folder: &Path) -> ConnectOptions {
    rig.identity(folder, "gateway").custom_inbox_prefix("_INBOX_gateway.test")
}

/// A client and what it hears of its own connection from now on.
async fn watched(rig: &Rig, options: ConnectOptions) -> (Client, mpsc::UnboundedReceiver<Event>) {
    let (sender, mut events) = mpsc::unbounded_channel();
    let options = options.event_callback(move |event| {
        let sender = sender.clone();
        async move {
            let _ = sender.send(event);
        }
    });
    let client = options.connect(rig.nats.url()).await.unwrap();
    heard(&mut events, |event| matches!(event, Event::Connected)).await;
    (client, events)
}

/// Waits until the client has heard this.
async fn heard(events: &mut mpsc::UnboundedReceiver<Event>, what: impl Fn(&Event) -> bool) {
    let waiting = async { while !what(&events.recv().await.unwrap()) {} };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

/// The server answers on this connection: that nobody serves this here.
async fn answers(client: &Client) {
    let asked = client.request("trent.v1.crypto.fast", "".into());
    let answer = tokio::time::timeout(PATIENCE, asked).await.unwrap();
    assert_eq!(answer.unwrap_err().kind(), RequestErrorKind::NoResponders);
}

fn renew(directory: &Path) {
    let mut init = Command::new(program("trent").unwrap());
    process::run(init.arg("init").arg(directory).arg("--renew")).unwrap();
}

/// Has the server read its files anew, for the so-manieth time.
fn reload(rig: &Rig, times: usize) {
    signal("HUP", rig.nats.child.id());
    let log = rig.directory.join("nats.log");
    let reloaded = || {
        let text = fs::read_to_string(&log).unwrap();
        text.matches("Reloaded server configuration").count() == times
    };
    process::wait_for("reload", PATIENCE, reloaded).unwrap();
}

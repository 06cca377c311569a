//! Someone on the bus: with a role's certificate, or with one that hears everything.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions, Message};
use futures_util::StreamExt as _;
use trent_testkit::Stack;

/// Connects with the certificate of this name.
///
/// # Panics
/// When the stack has no bus, or no such certificate.
pub async fn connect(stack: &Stack, name: &str) -> Client {
    let secrets = stack.secrets.as_deref().expect("certificates");
    let (certificate, key) =
        (secrets.join(format!("{name}.pem")), secrets.join(format!("{name}.key")));
    let options = ConnectOptions::new()
        .require_tls(true)
        .add_root_certificates(secrets.join("ca.pem"))
        .add_client_certificate(certificate, key)
        .custom_inbox_prefix(format!("_INBOX_{name}.test"));
    options.connect(stack.nats_url.as_deref().expect("a bus")).await.expect("NATS")
}

/// Every message on the bus, heard inside TLS, of a stack that was started with `--tap`.
#[derive(Debug)]
pub struct Tap {
    heard: Arc<Mutex<Vec<Message>>>,
}

impl Tap {
    /// Hears from now on.
    ///
    /// # Panics
    /// When NATS does not let it.
    pub async fn begin(stack: &Stack) -> Self {
        let nats = connect(stack, "tap").await;
        let mut messages = nats.subscribe(">").await.expect("everything");
        nats.flush().await.expect("a subscription");
        let heard = Arc::<Mutex<Vec<Message>>>::default();
        let all = Arc::clone(&heard);
        tokio::spawn(async move {
            let _nats = nats;
            while let Some(message) = messages.next().await {
                all.lock().unwrap().push(message);
            }
        });
        Self { heard }
    }

    /// Everything that was heard: subjects, headers and payloads.
    ///
    /// # Panics
    /// When the task that hears has panicked.
    #[must_use]
    pub fn everything(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for message in self.heard.lock().unwrap().iter() {
            let reply = message.reply.as_ref().map(|reply| reply.as_str());
            all.extend_from_slice(message.subject.as_bytes());
            all.extend_from_slice(reply.unwrap_or_default().as_bytes());
            all.extend_from_slice(format!("{:?}", message.headers).as_bytes());
            all.extend_from_slice(&message.payload);
        }
        all
    }

    /// The first so many payloads for which `wanted` has an answer, as soon as there are so many.
    ///
    /// # Panics
    /// When there are not so many within half a minute.
    pub async fn first<T>(&self, count: usize, wanted: impl Fn(&Message) -> Option<T>) -> Vec<T> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let found: Vec<T> =
                self.heard.lock().unwrap().iter().filter_map(&wanted).take(count).collect();
            if found.len() == count {
                return found;
            }
            assert!(Instant::now() < end, "the tap does not hear it");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

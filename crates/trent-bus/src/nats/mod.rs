//! The bus over NATS: one connection, orders in frames, answers by correlation id.
//!
//! A client sends its orders to the service's subject; the replicas of a role share a subject as a
//! queue group. Answers come to `_INBOX_<role>.<instance>.bus.<frame>.<first id>.<last id>`: the
//! tail tells which orders a "no responders" of the server is about, and the head lets the server's
//! permissions keep each role to its own inboxes.

mod client;
mod desk;
mod frames;
mod meters;
mod server;
mod url;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{ClientError, ConnectErrorKind, Event, ServerError};
use tokio::task::AbortHandle;

use crate::bus::{Bus, Transport};
use crate::{Service, Subject};

pub use client::ClientLimits;
pub(crate) use client::NatsClient;
pub use frames::received;
use meters::ConnectionMeters;
pub use server::{ServeLimits, Serving};

/// A server that leaves three pings in a row unanswered is given up for another one, or connected
/// to anew: one that stands still, or whose machine is gone, says nothing else. The server does the
/// same with clients (`deploy/nats.conf`).
const PING_INTERVAL: Duration = Duration::from_secs(1);
/// Messages that a subscription may hold before the server's next ones are dropped (and counted as
/// a slow consumer).
const SUBSCRIPTION_MESSAGES: usize = 4_096;

/// Why there is no connection, or no subscription.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The URL is not `nats://host:port`, or role or instance cannot be part of a subject.
    #[error("not usable for NATS: {0}")]
    Configuration(String),
    /// The URL asks for a plain connection to this host, which is another one than loopback.
    #[error("a connection to {0} without TLS is refused")]
    Insecure(String),
    /// The server cannot be reached or refuses the user.
    #[error("cannot connect to NATS")]
    Connect(#[from] async_nats::ConnectError),
    /// The connection is closed.
    #[error("cannot subscribe")]
    Subscribe(#[from] async_nats::SubscribeError),
}

impl NatsError {
    /// Whether trying again may help: not where the URL, the credentials or the certificates are
    /// wrong.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Configuration(_) | Self::Insecure(_) => false,
            Self::Subscribe(_) => true,
            Self::Connect(error) => match error.kind() {
                ConnectErrorKind::ServerParse
                | ConnectErrorKind::Authentication
                | ConnectErrorKind::AuthorizationViolation
                | ConnectErrorKind::Tls => false,
                ConnectErrorKind::Dns
                | ConnectErrorKind::TimedOut
                | ConnectErrorKind::Io
                | ConnectErrorKind::MaxReconnects => true,
            },
        }
    }
}

/// How to connect, beside to whom and as whom.
#[derive(Debug, Clone, Default)]
pub struct NatsOptions {
    /// How much may be under way.
    pub limits: ClientLimits,
    /// TLS; without it the connection is plain unless the URL says `tls://`.
    pub tls: Option<NatsTls>,
    /// Allows plain connections to other hosts than this one.
    pub insecure_transport: bool,
}

impl NatsOptions {
    /// Whether `url` can be used with these options.
    ///
    /// # Errors
    /// [`NatsError::Configuration`] when it is malformed; [`NatsError::Insecure`] when it asks for
    /// a connection without TLS to another host than loopback and that is not allowed.
    pub fn check(&self, url: &str) -> Result<(), NatsError> {
        url::servers(url, self).map(drop)
    }
}

/// TLS; every file is PEM. The files are read at every new connection, so that a renewed
/// certificate is used from the next one on.
#[derive(Debug, Clone)]
pub struct NatsTls {
    /// The certificates that the server's must lead to; no others are trusted.
    pub authority: PathBuf,
    /// This role's certificate, by whose subject the server knows it, and its private key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// One role's connection to NATS.
///
/// Its tasks run on the runtime that [`NatsBus::connect`] was called on, and answers are completed
/// there: a role with one runtime per core makes one connection on each, so that an order never
/// wakes another core.
#[derive(Debug)]
pub struct NatsBus {
    client: async_nats::Client,
    orders: Arc<NatsClient>,
    tasks: [AbortHandle; 2],
}

impl NatsBus {
    /// Connects as `role` to a server on this host, without TLS. `url` is `nats://host:port`, or
    /// several of them with commas between, of which the first may have credentials
    /// (`user:password@`); `instance` is unique among the role's connections.
    ///
    /// # Errors
    /// [`NatsError`] when the server cannot be reached now. Once connected, a lost connection is
    /// made again for ever.
    pub async fn connect(url: &str, role: &str, instance: &str) -> Result<Self, NatsError> {
        Self::connect_with(url, role, instance, &NatsOptions::default()).await
    }

    /// [`Self::connect`] over TLS, to other hosts, or with other limits than the default ones.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn connect_with(
        url: &str,
        role: &str,
        instance: &str,
        configured: &NatsOptions,
    ) -> Result<Self, NatsError> {
        for token in [role, instance] {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            if token.is_empty() || !token.bytes().all(allowed) {
                return Err(NatsError::Configuration(format!("name {token:?}")));
            }
        }
        let inbox = format!("_INBOX_{role}.{instance}");
        let (servers, mut options) = url::servers(url, configured)?;
        let meters = Arc::new(ConnectionMeters::new());
        options = options
            .name(format!("trent {role} {instance}"))
            .custom_inbox_prefix(&inbox)
            .subscription_capacity(SUBSCRIPTION_MESSAGES)
            .ping_interval(PING_INTERVAL)
            .skip_subject_validation(true)
            .event_callback(move |event| {
                let meters = Arc::clone(&meters);
                async move { note(&meters, &event) }
            });
        if let Some(tls) = &configured.tls {
            options = options.require_tls(true).add_root_certificates(tls.authority.clone());
            if let Some((certificate, key)) = &tls.identity {
                options = options.add_client_certificate(certificate.clone(), key.clone());
            }
        }
        let client = async_nats::connect_with_options(servers, options).await?;
        let (orders, tasks) = client::start(client.clone(), &inbox, configured.limits).await?;
        Ok(Self { client, orders, tasks })
    }

    /// The client side. It works as long as this connection is kept.
    #[must_use]
    pub fn bus(&self) -> Bus {
        Bus(Transport::Nats(Arc::clone(&self.orders)))
    }

    /// Serves a subject from now on, together with the role's other replicas, until the answer is
    /// drained or dropped.
    ///
    /// # Errors
    /// [`NatsError::Subscribe`] when the connection is closed. A subscription that the server does
    /// not permit shows in the log and in `trent_bus_permission_violations_total`: the protocol
    /// says so later.
    pub async fn serve(
        &self,
        subject: Subject,
        service: Arc<dyn Service>,
        limits: ServeLimits,
    ) -> Result<Serving, NatsError> {
        server::serve(self.client.clone(), subject, service, limits).await
    }

    /// Whether the server can be reached now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// The connection below, for JetStream.
    #[must_use]
    pub const fn client(&self) -> &async_nats::Client {
        &self.client
    }
}

impl Drop for NatsBus {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Logs and counts what the connection says on its own account.
fn note(meters: &ConnectionMeters, event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => {
            meters.disconnects.increment(1);
            tracing::warn!("the connection to NATS was lost");
        }
        Event::SlowConsumer(subscription) => {
            meters.slow_consumer.increment(1);
            tracing::warn!(subscription, "messages were dropped: this process is too slow");
        }
        Event::ServerError(ServerError::AuthorizationViolation) => {
            violation(meters, "authorization")
        }
        Event::ServerError(ServerError::Other(text))
        | Event::ClientError(ClientError::Other(text))
            if text.to_ascii_lowercase().contains("permissions violation") =>
        {
            violation(meters, text);
        }
        Event::ServerError(error) => tracing::error!(%error, "NATS reports an error"),
        Event::ClientError(error) => tracing::error!(%error, "the NATS client reports an error"),
        Event::LameDuckMode | Event::Draining | Event::Closed => {
            tracing::info!(%event, "the connection to NATS is ending");
        }
    }
}

fn violation(meters: &ConnectionMeters, what: &str) {
    meters.violations.increment(1);
    tracing::error!(what, "NATS does not permit this to this role");
}

//! The bus over NATS: one connection, orders in frames, answers by correlation id.
//!
//! A client sends its orders to the service's subject; the replicas of a role share a subject as a
//! queue group. Answers come to `_INBOX_<role>.<instance>.bus.<frame>.<first id>.<last id>`: the
//! tail tells which orders a "no responders" of the server is about, and the head lets the server's
//! permissions keep each role to its own inboxes.

mod client;
mod frames;
mod server;

use std::path::PathBuf;
use std::sync::Arc;

use async_nats::{ClientError, ConnectErrorKind, ConnectOptions, Event, ServerAddr, ServerError};
use tokio::task::AbortHandle;

use crate::bus::{Bus, Transport};
use crate::{Service, Subject};

pub use client::ClientLimits;
pub(crate) use client::NatsClient;
pub use server::{ServeLimits, Serving};

/// Messages that a subscription may hold before the server's next ones are dropped (and counted as
/// a slow consumer).
const SUBSCRIPTION_MESSAGES: usize = 4_096;

/// Why there is no connection, or no subscription.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The URL is not `nats://user:password@host:port`, or role or instance cannot be part of a
    /// subject.
    #[error("not usable for NATS: {0}")]
    Configuration(String),
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
            Self::Configuration(_) => false,
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
    /// Mutual TLS; without it the connection is plain unless the URL says `tls://`.
    pub tls: Option<NatsTls>,
}

/// Mutual TLS; every file is PEM.
#[derive(Debug, Clone)]
pub struct NatsTls {
    /// The certificates that the server's must lead to.
    pub authority: PathBuf,
    /// This role's certificate.
    pub certificate: PathBuf,
    /// This role's private key.
    pub key: PathBuf,
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
    /// Connects as `role`. `url` is `nats://user:password@host:port`, or several of them with
    /// commas between, of which the first has the credentials; `instance` is unique among the
    /// role's connections.
    ///
    /// # Errors
    /// [`NatsError`] when the server cannot be reached now. Once connected, a lost connection is
    /// made again for ever.
    pub async fn connect(url: &str, role: &str, instance: &str) -> Result<Self, NatsError> {
        Self::connect_with(url, role, instance, &NatsOptions::default()).await
    }

    /// [`Self::connect`] with other limits than the default ones, or over TLS.
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
        let (servers, mut options) = servers(url)?;
        options = options
            .name(format!("trent {role} {instance}"))
            .custom_inbox_prefix(&inbox)
            .subscription_capacity(SUBSCRIPTION_MESSAGES)
            .skip_subject_validation(true)
            .event_callback(|event| async move { note(&event) });
        if let Some(tls) = &configured.tls {
            options = options
                .require_tls(true)
                .add_root_certificates(tls.authority.clone())
                .add_client_certificate(tls.certificate.clone(), tls.key.clone());
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

/// The servers without their credentials, which then cannot end up in a log, and options that have
/// them.
fn servers(url: &str) -> Result<(Vec<ServerAddr>, ConnectOptions), NatsError> {
    let unusable = |_| NatsError::Configuration("the URL is malformed".into());
    let mut options = ConnectOptions::new();
    let mut servers = Vec::new();
    for part in url.split(',') {
        let server: ServerAddr = part.trim().parse().map_err(unusable)?;
        if servers.is_empty()
            && let Some(user) = server.username()
        {
            let password = percent_decoded(server.password().unwrap_or_default());
            options = options.user_and_password(percent_decoded(user), password);
        }
        let mut bare = server.into_inner();
        // Cannot fail: these URLs have a host.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        servers.push(ServerAddr::from_url(bare).map_err(unusable)?);
    }
    Ok((servers, options))
}

/// The text behind a URL's user or password (RFC 3986, section 2.1).
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let digits = tail.first_chunk::<2>().and_then(|two| std::str::from_utf8(two).ok());
        let code = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match code {
            Some(code) if first == b'%' => {
                decoded.push(code);
                rest = tail.get(2..).unwrap_or_default();
            }
            Some(_) | None => decoded.push(first),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Logs and counts what the connection says on its own account.
fn note(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => {
            metrics::counter!("trent_bus_disconnects_total").increment(1);
            tracing::warn!("the connection to NATS was lost");
        }
        Event::SlowConsumer(subscription) => {
            metrics::counter!("trent_bus_slow_consumer_total").increment(1);
            tracing::warn!(subscription, "messages were dropped: this process is too slow");
        }
        Event::ServerError(ServerError::AuthorizationViolation) => violation("authorization"),
        Event::ServerError(ServerError::Other(text))
        | Event::ClientError(ClientError::Other(text))
            if text.to_ascii_lowercase().contains("permissions violation") =>
        {
            violation(text);
        }
        Event::ServerError(error) => tracing::error!(%error, "NATS reports an error"),
        Event::ClientError(error) => tracing::error!(%error, "the NATS client reports an error"),
        Event::LameDuckMode | Event::Draining | Event::Closed => {
            tracing::info!(%event, "the connection to NATS is ending");
        }
    }
}

fn violation(what: &str) {
    metrics::counter!("trent_bus_permission_violations_total").increment(1);
    tracing::error!(what, "NATS does not permit this to this role");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_and_percent_decoded() {
        assert_eq!(percent_decoded("a%2Fb%40c"), "a/b@c");
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%zz"), "%zz");
    }

    #[test]
    fn server_addresses_lose_their_credentials() {
        let (servers, _) = servers("nats://gateway:s3cret@one:4222,nats://two:4222").unwrap();
        assert_eq!(servers.len(), 2);
        assert!(servers.iter().all(|server| !format!("{server:?}").contains("s3cret")));
        assert!(super::servers("http://[").is_err());
    }
}

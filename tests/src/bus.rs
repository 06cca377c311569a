//! A nats-server alone, with `deploy/nats.conf` and the certificates of `trent init`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::stream::Config;
use trent_testkit::nats::Nats;
use trent_testkit::{Stack, program, stack};

/// A nats-server with a new deployment's certificates.
#[derive(Debug)]
pub struct Rig {
    /// The server.
    pub nats: Nats,
    /// Its folder, in which `trent init` has run.
    pub directory: PathBuf,
}

impl Rig {
    /// Starts the server.
    #[must_use]
    pub fn start() -> Self {
        let directory = deployment();
        let nats = Nats::start(&directory, false, false).unwrap();
        Self { nats, directory }
    }

    /// The deployment's keys and certificates.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.directory.join("secrets")
    }

    /// How a client with this certificate of this folder connects.
    #[must_use]
    pub fn identity(&self, folder: &Path, name: &str) -> ConnectOptions {
        let (certificate, key) =
            (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
        assert!(certificate.exists() && key.exists(), "{name}");
        self.nobody().add_client_certificate(certificate, key)
    }

    /// How a client without a certificate connects.
    #[must_use]
    pub fn nobody(&self) -> ConnectOptions {
        ConnectOptions::new()
            .require_tls(true)
            .add_root_certificates(self.secrets().join("ca.pem"))
            .connection_timeout(Duration::from_secs(10))
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = self.nats.child.kill();
        let _ = self.nats.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Changes the configuration of a running deployment's audit stream, as its operator may.
///
/// # Panics
/// When the deployment has no bus, or it refuses.
pub async fn change_stream(stack: &Stack, change: impl FnOnce(&mut Config)) {
    let (url, secrets) = (stack.nats_url.as_deref(), stack.secrets.as_deref());
    let (url, secrets) = (url.expect("a bus"), secrets.expect("certificates"));
    let options = ConnectOptions::new()
        .add_root_certificates(secrets.join("ca.pem"))
        .add_client_certificate(secrets.join("admin.pem"), secrets.join("admin.key"))
        .custom_inbox_prefix("_INBOX_admin.test");
    let streams = async_nats::jetstream::new(options.connect(url).await.expect("NATS"));
    let mut stream = streams.get_stream("TRENT_AUDIT_V1").await.expect("the audit stream");
    let mut config = stream.info().await.expect("its configuration").config.clone();
    change(&mut config);
    streams.update_stream(config).await.expect("the stream as it is to be");
}

/// A new folder in which `trent init` has run.
#[must_use]
pub fn deployment() -> PathBuf {
    let name = format!("trent-bus-{:016x}", rand::random::<u64>());
    let directory = std::env::temp_dir().join(name);
    fs::create_dir(&directory).unwrap();
    stack::init(&program("trent").unwrap(), &directory).unwrap();
    directory
}

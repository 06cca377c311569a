//! A real nats-server with the permissions of `deploy/nats.conf`, for one test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
use trent_bus::{NatsBus, NatsOptions};

use crate::certificates::Authority;

const ROLES: [&str; 7] = ["gateway", "policy", "worker", "audit", "lifecycle", "consumer", "admin"];

pub(crate) struct Server {
    process: Child,
    address: String,
    authority: Authority,
    directory: tempfile::TempDir,
}

impl Server {
    /// Starts on a free port and returns when it takes connections. Beside the roles there is a
    /// user `tap` who may do everything.
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::new(directory.path());
        authority.issue("nats", ServerAuth);
        for user in ROLES.into_iter().chain(["tap"]) {
            authority.issue(user, ClientAuth);
        }
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats.conf");
        let template = std::fs::read_to_string(template).unwrap();
        let tap = "users = [\n { user: \"CN=tap\" }";
        let configuration = template.replacen("users = [", tap, 1);
        assert_ne!(configuration, template);
        let file = directory.path().join("nats.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(program()).arg("-c").arg(file);
        command.args(["-a", "127.0.0.1", "-p", "-1"]);
        command.env("TRENT_NATS_STORE_DIR", directory.path().join("store"));
        command.env("TRENT_NATS_CA_FILE", authority.path("ca", "pem"));
        command.env("TRENT_NATS_CERT_FILE", authority.path("nats", "pem"));
        command.env("TRENT_NATS_KEY_FILE", authority.path("nats", "key"));
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut address = None;
        let mut seen = String::new();
        for line in log.by_ref().map_while(Result::ok) {
            if let Some((_, found)) = line.split_once("Listening for client connections on ") {
                address = Some(found.to_owned());
            }
            if line.contains("Server is ready") {
                break;
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        // Keeps the pipe from filling.
        std::thread::spawn(move || log.for_each(drop));
        let address = address.unwrap_or_else(|| panic!("nats-server did not start:\n{seen}"));
        Self { process, address, authority, directory }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// The options with which a role connects.
    pub(crate) fn options(&self, role: &str) -> NatsOptions {
        NatsOptions { tls: Some(self.authority.tls(role)), ..NatsOptions::default() }
    }

    pub(crate) async fn connect(&self, role: &str) -> NatsBus {
        self.connect_with(role, &self.options(role)).await
    }

    pub(crate) async fn connect_with(&self, role: &str, options: &NatsOptions) -> NatsBus {
        NatsBus::connect_with(&self.url(), role, "test", options).await.unwrap()
    }

    /// A plain client with this user's certificate.
    pub(crate) fn plain(&self, user: &str) -> async_nats::ConnectOptions {
        async_nats::ConnectOptions::new()
            .add_root_certificates(self.authority.path("ca", "pem"))
            .add_client_certificate(
                self.authority.path(user, "pem"),
                self.authority.path(user, "key"),
            )
    }

    /// A plain client that may do everything.
    pub(crate) async fn tap(&self) -> async_nats::Client {
        self.plain("tap").connect(self.url()).await.unwrap()
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `NATS_SERVER`, or the repository's own, or the one on the path.
fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("NATS_SERVER") {
        return path.into();
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin/nats-server");
    if own.exists() { own } else { "nats-server".into() }
}

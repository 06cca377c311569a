//! A real nats-server with the permissions of `deploy/nats.conf`, for one test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use trent_bus::{NatsBus, NatsOptions};

/// Every role's password in tests.
const PASSWORD: &str = "for-tests-only";
const ROLES: [&str; 6] = ["GATEWAY", "POLICY", "WORKER", "AUDIT", "LIFECYCLE", "ADMIN"];

pub(crate) struct Server {
    process: Child,
    address: String,
    directory: tempfile::TempDir,
}

impl Server {
    /// Starts on a free port and returns when it takes connections. Beside the roles there is a
    /// user `tap` who may do everything.
    pub(crate) fn start() -> Self {
        Self::start_with("", tempfile::tempdir().unwrap())
    }

    /// [`Self::start`] with these lines before those of the template, and a directory for the
    /// server's files.
    pub(crate) fn start_with(more: &str, directory: tempfile::TempDir) -> Self {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats.conf");
        let template = std::fs::read_to_string(template).unwrap();
        let tap = format!("users = [\n {{ user: tap, password: {PASSWORD} }}");
        let configuration = template.replacen("users = [", &tap, 1);
        assert_ne!(configuration, template);
        let file = directory.path().join("nats.conf");
        std::fs::write(&file, format!("{more}\n{configuration}")).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(program()).arg("-c").arg(file);
        command.args(["-a", "127.0.0.1", "-p", "-1"]);
        command.env("TRENT_NATS_STORE_DIR", directory.path().join("store"));
        for role in ROLES {
            command.env(format!("TRENT_NATS_{role}_PASSWORD"), PASSWORD);
        }
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
        Self { process, address, directory }
    }

    pub(crate) fn url(&self, user: &str) -> String {
        format!("nats://{user}:{PASSWORD}@{}", self.address)
    }

    pub(crate) async fn connect(&self, role: &str) -> NatsBus {
        NatsBus::connect(&self.url(role), role, "test").await.unwrap()
    }

    pub(crate) async fn connect_with(&self, role: &str, options: &NatsOptions) -> NatsBus {
        NatsBus::connect_with(&self.url(role), role, "special", options).await.unwrap()
    }

    /// A plain client that may do everything.
    pub(crate) async fn tap(&self) -> async_nats::Client {
        async_nats::connect_with_options(
            format!("nats://{}", self.address),
            async_nats::ConnectOptions::with_user_and_password("tap".into(), PASSWORD.into()),
        )
        .await
        .unwrap()
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

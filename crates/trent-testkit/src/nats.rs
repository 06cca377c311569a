//! A nats-server with JetStream and the permissions of `deploy/nats.conf`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use crate::{ports, process};

/// A running nats-server.
#[derive(Debug)]
pub struct Nats {
    /// The server.
    pub child: Child,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    directory: PathBuf,
}

/// The users of `deploy/nats.conf`, each with the password that it has here.
const USERS: [&str; 6] = ["gateway", "policy", "worker", "audit", "lifecycle", "admin"];

impl Nats {
    /// Starts a server that keeps its streams under `directory`.
    ///
    /// # Errors
    /// When nats-server is not installed, or does not start.
    pub fn start(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory.join("jetstream"))?;
        let port = ports::free()?;
        let child = serve(directory, port)?;
        Ok(Self { child, port, directory: directory.to_owned() })
    }

    /// Starts the server again on the same streams and port.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> io::Result<()> {
        let _ = self.child.kill();
        self.child.wait()?;
        self.child = serve(&self.directory, self.port)?;
        Ok(())
    }

    /// The URL for a role.
    #[must_use]
    pub fn url(&self, role: &str) -> String {
        format!("nats://{role}:{role}-test@127.0.0.1:{}", self.port)
    }
}

fn serve(directory: &Path, port: u16) -> io::Result<Child> {
    let config = repository().join("deploy/nats.conf");
    let mut command = process::bound(&program());
    command.arg("-c").arg(config).args(["-a", "127.0.0.1", "-p", &port.to_string()]);
    command.env("TRENT_NATS_STORE_DIR", directory.join("jetstream"));
    for user in USERS {
        let variable = format!("TRENT_NATS_{}_PASSWORD", user.to_uppercase());
        command.env(variable, format!("{user}-test"));
    }
    let child = process::spawn(command, &directory.join("nats.log"))?;
    process::wait_for("nats-server", Duration::from_secs(20), || process::listens(port))?;
    Ok(child)
}

/// The server that `make tools` installed, or the one on the PATH.
fn program() -> PathBuf {
    let installed = repository().join(".tools/bin/nats-server");
    if installed.exists() { installed } else { "nats-server".into() }
}

/// The repository's root.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

//! A nats-server with JetStream and the identities and permissions of `deploy/nats.conf`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair};

use crate::{ports, process};

/// A running nats-server.
#[derive(Debug)]
pub struct Nats {
    /// The server.
    pub child: Child,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    directory: PathBuf,
    /// The port that `deploy/nats-watch.sh` asks, where it runs the server.
    watched: Option<u16>,
}

/// A user who hears everything and may say nothing, for tests of what is on the bus.
const TAP: &str = "tap";

impl Nats {
    /// Starts a server that keeps its streams under `directory`, where `trent init` has made
    /// `secrets/`. With `tap` there is a further user with that name, who may subscribe to anything
    /// and publish nothing. With `watched` it is run by `deploy/nats-watch.sh`, which may end it:
    /// whoever watches the child must start it again.
    ///
    /// # Errors
    /// When nats-server is not installed, or does not start.
    pub fn start(directory: &Path, tap: bool, watched: bool) -> io::Result<Self> {
        fs::create_dir_all(directory.join("jetstream"))?;
        let mut config = fs::read_to_string(repository().join("deploy/nats.conf"))?;
        if tap {
            issue(&directory.join("secrets"), TAP)?;
            let permissions = r#"permissions { publish: { deny: ">" }, subscribe: ">" }"#;
            let user = format!("users = [\n {{ user: \"CN={TAP}\", {permissions} }}");
            config = config.replacen("users = [", &user, 1);
        }
        fs::write(directory.join("nats-server.conf"), config)?;
        let port = ports::free()?;
        let watched = watched.then(ports::free).transpose()?;
        let child = serve(directory, port, watched)?;
        Ok(Self { child, port, directory: directory.to_owned(), watched })
    }

    /// Starts the server again on the same streams and port.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> io::Result<()> {
        let _ = self.child.kill();
        self.child.wait()?;
        self.child = serve(&self.directory, self.port, self.watched)?;
        Ok(())
    }

    /// Where it serves; who comes is known by his certificate.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The variables with which a process of this role connects.
    #[must_use]
    pub fn variables(&self, role: &str) -> [(&'static str, String); 4] {
        let secrets = self.directory.join("secrets");
        let file = |name: String| secrets.join(name).display().to_string();
        [
            ("TRENT_NATS_URL", self.url()),
            ("TRENT_NATS_CA_FILE", file("ca.pem".into())),
            ("TRENT_NATS_CERT_FILE", file(format!("{role}.pem"))),
            ("TRENT_NATS_KEY_FILE", file(format!("{role}.key"))),
        ]
    }
}

/// Issues a client's certificate by the deployment's authority, for a name that `trent init` does
/// not know: `NAME.pem` and `NAME.key`.
///
/// # Errors
/// When the authority's files cannot be read, or the new ones cannot be written.
pub fn issue(secrets: &Path, name: &str) -> io::Result<()> {
    issue_from(secrets, name, CertificateParams::default())
}

/// [`issue`] with another validity, or whatever else the parameters say.
///
/// # Errors
/// As [`issue`].
pub fn issue_from(secrets: &Path, name: &str, mut params: CertificateParams) -> io::Result<()> {
    let authority = KeyPair::from_pem(&fs::read_to_string(secrets.join("ca.key"))?);
    let certificate = fs::read_to_string(secrets.join("ca.pem"))?;
    let issuer = Issuer::from_ca_cert_pem(&certificate, authority.map_err(io::Error::other)?);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let issued = params.signed_by(&key, &issuer.map_err(io::Error::other)?);
    let issued = issued.map_err(io::Error::other)?;
    fs::write(secrets.join(format!("{name}.key")), key.serialize_pem())?;
    fs::write(secrets.join(format!("{name}.pem")), issued.pem())
}

fn serve(directory: &Path, port: u16, watched: Option<u16>) -> io::Result<Child> {
    let mut command = match watched {
        None => process::bound(&program()),
        Some(asked) => {
            let mut command = process::bound(&repository().join("deploy/nats-watch.sh"));
            command.arg(program()).args(["-m", &asked.to_string()]);
            let url = format!("http://127.0.0.1:{asked}/healthz");
            command.env("TRENT_NATS_HEALTH_URL", url).env("TRENT_NATS_ROOM_KB", "8192");
            command
        }
    };
    command.arg("-c").arg(directory.join("nats-server.conf"));
    command.args(["-a", "127.0.0.1", "-p", &port.to_string()]);
    let secrets = directory.join("secrets");
    command.env("TRENT_NATS_STORE_DIR", directory.join("jetstream"));
    command.env("TRENT_NATS_CA_FILE", secrets.join("ca.pem"));
    command.env("TRENT_NATS_CERT_FILE", secrets.join("nats.pem"));
    command.env("TRENT_NATS_KEY_FILE", secrets.join("nats.key"));
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

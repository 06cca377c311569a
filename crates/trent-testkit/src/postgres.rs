//! A Postgres cluster of the test's own: a new data directory, a free port, TLS, and the rules of
//! `deploy/pg_hba.conf` for who may connect. The tests' own statements come in by a further rule,
//! as the superuser `trent` with a password.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use crate::nats::repository;
use crate::{ports, process};

/// A running Postgres.
#[derive(Debug)]
pub struct Postgres {
    /// The server.
    pub child: Child,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    /// The superuser's `postgres://trent:…@127.0.0.1:port/trent`, for tests' own statements.
    pub url: String,
    programs: PathBuf,
    data: PathBuf,
    log: PathBuf,
}

/// The password of the superuser `trent`; the server listens on loopback only and lives as long as
/// a test.
const PASSWORD: &str = "trent-test";

/// What tests need besides `deploy/pg_hba.conf`, and before it: the first rule that fits counts.
const TESTS_RULE: &str = "host all trent 127.0.0.1/32 scram-sha-256\n";

impl Postgres {
    /// Makes and starts a cluster under `directory` (which is made readable for the server's user),
    /// where `trent init` has made `secrets/`. Its database `trent` belongs to `trent_owner` and is
    /// empty.
    ///
    /// # Errors
    /// When Postgres is not installed, or does not start.
    pub fn start(directory: &Path) -> io::Result<Self> {
        let programs = programs()?;
        let home = directory.join("postgres");
        fs::create_dir_all(&home)?;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755))?;
        copy_files(&directory.join("secrets"), &home)?;
        let password = home.join("password");
        fs::write(&password, PASSWORD)?;
        process::run(Command::new("chown").args(["-R", "postgres"]).arg(&home))?;
        let data = home.join("data");
        let mut initdb = as_postgres(&programs.join("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", "trent", "-A", "scram-sha-256", "-E", "UTF8"]);
        initdb.args(["--locale", "C.UTF-8", "--no-sync"]).arg("--pwfile").arg(&password);
        process::run(&mut initdb)?;
        let port = ports::free()?;
        let log = directory.join("postgres.log");
        let url = format!("postgres://trent:{PASSWORD}@127.0.0.1:{port}/trent");
        let child = serve(&programs, &data, &home, port, &log)?;
        let mut postgres = Self { child, port, url, programs, data, log };
        postgres.wait_until_ready()?;
        postgres.psql("postgres", "CREATE ROLE trent_owner LOGIN CREATEROLE")?;
        postgres.psql("postgres", "CREATE DATABASE trent OWNER trent_owner")?;
        Ok(postgres)
    }

    /// Starts the server again on the same data and port.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> io::Result<()> {
        let _ = self.child.kill();
        self.child.wait()?;
        let home = self.data.parent().unwrap_or(&self.data).to_owned();
        // The dead server's own children may need a moment to notice; until then it refuses to
        // start.
        for _ in 0..50 {
            self.child = serve(&self.programs, &self.data, &home, self.port, &self.log)?;
            std::thread::sleep(Duration::from_millis(200));
            if self.child.try_wait()?.is_none() {
                break;
            }
        }
        self.wait_until_ready()
    }

    /// Runs one statement as the superuser.
    ///
    /// # Errors
    /// With what psql said.
    pub fn psql(&self, database: &str, sql: &str) -> io::Result<()> {
        let url = format!("postgres://trent@127.0.0.1:{}/{database}", self.port);
        let mut psql = Command::new(self.programs.join("psql"));
        process::run(psql.env("PGPASSWORD", PASSWORD).args(["-qX", "-c", sql]).arg(url))
    }

    fn wait_until_ready(&mut self) -> io::Result<()> {
        let mut ended = false;
        // Crash recovery after a lot of writing takes tens of seconds on a slow disk.
        process::wait_for("Postgres", Duration::from_secs(60), || {
            ended = !matches!(self.child.try_wait(), Ok(None));
            let mut ready = Command::new(self.programs.join("pg_isready"));
            let port = self.port.to_string();
            ready.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            ended || ready.status().is_ok_and(|status| status.success())
        })?;
        if ended { Err(io::Error::other("Postgres has ended at once")) } else { Ok(()) }
    }
}

fn serve(programs: &Path, data: &Path, home: &Path, port: u16, log: &Path) -> io::Result<Child> {
    // Not runuser, which stays as a parent of its own: a signal must reach the server itself.
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]);
    command.args(["--pdeathsig", "QUIT", "--"]);
    command.arg(programs.join("postgres")).arg("-D").arg(data);
    command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"]).arg(home);
    command.args(["-c", "ssl=on"]);
    for (setting, file) in [
        ("ssl_cert_file", "postgres.pem"),
        ("ssl_key_file", "postgres.key"),
        ("ssl_ca_file", "ca.pem"),
        ("hba_file", "pg_hba.conf"),
        ("ident_file", "pg_ident.conf"),
    ] {
        command.arg("-c").arg(format!("{setting}={}", home.join(file).display()));
    }
    process::spawn(command, log)
}

/// What the server needs, where only it can read: Postgres takes a key that is its own.
fn copy_files(secrets: &Path, home: &Path) -> io::Result<()> {
    for file in ["ca.pem", "postgres.pem", "postgres.key"] {
        fs::copy(secrets.join(file), home.join(file))?;
        fs::set_permissions(home.join(file), fs::Permissions::from_mode(0o600))?;
    }
    let deploy = repository().join("deploy");
    let rules = fs::read_to_string(deploy.join("pg_hba.conf"))?;
    fs::write(home.join("pg_hba.conf"), format!("{TESTS_RULE}{rules}"))?;
    fs::copy(deploy.join("pg_ident.conf"), home.join("pg_ident.conf")).map(drop)
}

fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

/// The newest installed server's folder of programs.
fn programs() -> io::Result<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql")
        .map_err(|_| io::Error::other("Postgres is not installed: run `make tools`"))?;
    let mut versions: Vec<PathBuf> = installed
        .filter_map(|entry| entry.ok().map(|e| e.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().ok_or_else(|| io::Error::other("no Postgres server: run `make tools`"))
}

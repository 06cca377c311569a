//! A Postgres server for the tests, with the rules of `deploy/` for who may connect, and more for
//! the tests themselves. `TRENT_TEST_POSTGRES` names the folder of another server's programs.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;
use trent_store::PostgresOptions;

use super::authority::Authority;

/// What the tests need: a superuser on loopback, every role also in the tests' databases, and there
/// one with a password, as managed databases have it.
const TESTS_RULES: &str = "host all trent 127.0.0.1/32 trust\n\
    hostssl @tests trent_owner,trent_policy,trent_audit,trent_reader 127.0.0.1/32 cert map=trent\n\
    hostssl @tests managed 127.0.0.1/32 scram-sha-256\n";

/// The most databases that a test program makes.
const DATABASES: u32 = 200;

/// A running server. It ends with this process.
pub(crate) struct Cluster {
    pub(crate) port: u16,
    pub(crate) authority: Authority,
    next: AtomicU32,
}

/// The server that the tests of this process share.
pub(crate) fn cluster() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| {
        let cluster = Cluster::start();
        cluster.psql("postgres", "CREATE ROLE trent_owner LOGIN CREATEROLE");
        cluster
    })
}

impl Cluster {
    /// The superuser's URL, without TLS.
    pub(crate) fn admin_url(&self, database: &str) -> String {
        format!("postgres://trent@127.0.0.1:{}/{database}", self.port)
    }

    /// As `trent_<who>`, by the certificate of `<who>`.
    pub(crate) fn of_role(&self, who: &str, database: &str) -> PostgresOptions {
        let url = format!("postgres://trent_{who}@127.0.0.1:{}/{database}", self.port);
        PostgresOptions { tls: Some(self.authority.tls(who)), ..PostgresOptions::new(&url, 4) }
    }

    /// A new, empty database of this owner.
    pub(crate) async fn new_database(&self, owner: &str) -> String {
        let name = format!("trent_test_{}", self.next.fetch_add(1, Ordering::Relaxed));
        let (client, connection) =
            tokio_postgres::connect(&self.admin_url("postgres"), NoTls).await.unwrap();
        let driven = tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name} OWNER {owner}")).await.unwrap();
        drop(client);
        driven.await.unwrap().unwrap();
        name
    }

    /// A new database with the schema in it, made by `trent_owner`.
    pub(crate) async fn migrated_database(&self) -> String {
        let name = self.new_database("trent_owner").await;
        trent_store::migrate(&self.of_role("owner", &name)).unwrap();
        name
    }

    /// Runs statements as the superuser.
    pub(crate) fn psql(&self, database: &str, sql: &str) {
        let mut psql = Command::new(programs().join("psql"));
        run(psql.args(["-qX", "-v", "ON_ERROR_STOP=1", "-c", sql]).arg(self.admin_url(database)));
    }

    /// Starts a server. Its directory is removed by the shell that waits for it.
    pub(crate) fn start() -> Self {
        let programs = programs();
        let prefix = tempfile::Builder::new().prefix("trent-store-pg-").tempdir();
        let directory = prefix.unwrap().keep();
        let authority = Authority::new("Trent tests");
        write_files(&directory, &authority);
        let root = is_root();
        if root {
            run(Command::new("chown").args(["-R", "postgres"]).arg(&directory));
        }
        let data = directory.join("data");
        let mut init = as_postgres(root, &programs.join("initdb"));
        run(init.arg("-D").arg(&data).args(["-U", "trent", "-A", "trust", "-N"]));
        let port = free_port();
        // The shell holds the reading end of a pipe from this process. When this process ends,
        // however it ends, the pipe closes, and the shell stops the server and clears up. It closes
        // its own standard error, so that the end of the server is the end of what is said there.
        let script = format!(
            "{server} -D {data} -p {port} -c listen_addresses=127.0.0.1 \
             -c unix_socket_directories= -c fsync=off -c max_connections=300 -c ssl=on \
             -c ssl_cert_file={home}/server.pem -c ssl_key_file={home}/server.key \
             -c ssl_ca_file={home}/ca.pem -c hba_file={home}/pg_hba.conf \
             -c ident_file={home}/pg_ident.conf & exec 2>/dev/null; read _; kill -QUIT $!; wait; \
             rm -rf {home}",
            server = programs.join("postgres").display(),
            data = data.display(),
            home = directory.display(),
        );
        let mut shell = as_postgres(root, Path::new("sh"));
        shell.args(["-c", &script]).stdin(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut keeper = shell.spawn().unwrap();
        wait_until_ready(keeper.stderr.take().unwrap());
        // Never dropped: its end of the pipe closes with the process.
        std::mem::forget(keeper);
        Self { port, authority, next: AtomicU32::new(0) }
    }
}

fn write_files(directory: &Path, authority: &Authority) {
    use std::os::unix::fs::PermissionsExt;
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let rules = std::fs::read_to_string(deploy.join("pg_hba.conf")).unwrap();
    let names = std::fs::read_to_string(deploy.join("pg_ident.conf")).unwrap();
    let (certificate, key) = authority.issue("postgres", &["localhost", "127.0.0.1"]);
    let tests: String = (0..DATABASES).map(|n| format!("trent_test_{n}\n")).collect();
    for (file, text) in [
        ("pg_hba.conf", format!("{TESTS_RULES}{rules}")),
        ("tests", tests),
        ("pg_ident.conf", names),
        ("ca.pem", authority.certificate.clone()),
        ("server.pem", certificate),
        ("server.key", key),
    ] {
        let path = directory.join(file);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Reads what the server says until it says that it is ready; a thread goes on reading, so that it
/// can go on saying.
fn wait_until_ready(said: std::process::ChildStderr) {
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    let mut log = String::new();
    let ready = lines.any(|line| {
        log.push_str(&line);
        log.push('\n');
        line.contains("ready to accept connections")
    });
    assert!(ready, "Postgres did not start: {log}");
    std::thread::spawn(move || lines.for_each(drop));
}

fn programs() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "how a test is told of another version")]
    if let Ok(folder) = std::env::var("TRENT_TEST_POSTGRES") {
        return folder.into();
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("Postgres is installed");
    let newest = versions.map(|entry| entry.unwrap().path()).max().expect("a version of Postgres");
    newest.join("bin")
}

/// Postgres refuses to run as root.
fn as_postgres(root: bool, program: &Path) -> Command {
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0\n")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

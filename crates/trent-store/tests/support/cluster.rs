//! A Postgres server for the tests: the one that `TRENT_TEST_DATABASE_URL` names, or one of their
//! own.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;

/// The URL of a new, empty database.
pub(crate) async fn new_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let admin = admin_url();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("trent_test_{}_{number}", std::process::id());
    let (client, connection) = tokio_postgres::connect(admin, NoTls).await.unwrap();
    let driven = tokio::spawn(connection);
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await.unwrap();
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    drop(client);
    driven.await.unwrap().unwrap();
    with_database(admin, &name)
}

/// The URL of a new database with the schema in it.
pub(crate) async fn migrated_database() -> String {
    let url = new_database().await;
    trent_store::migrate(&url).unwrap();
    url
}

/// The same URL with another database in its path.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) =
        url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let (server, _) = base.rsplit_once('/').unwrap();
    query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
}

fn admin_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "how a test is told of a server")]
        std::env::var("TRENT_TEST_DATABASE_URL").unwrap_or_else(|_| start())
    })
}

/// Starts a server that ends with this process. Its directory is removed by the shell that waits
/// for it.
fn start() -> String {
    let binaries = binaries();
    let directory = tempfile::Builder::new().prefix("trent-store-pg-").tempdir().unwrap().keep();
    let data = directory.join("data");
    let root = is_root();
    if root {
        run(Command::new("chown").arg("postgres").arg(&directory));
    }
    let init = binaries.join("initdb");
    run(as_postgres(root, &init).arg("-D").arg(&data).args(["-U", "trent", "-A", "trust", "-N"]));
    let port = free_port();
    // The shell holds the reading end of a pipe from this process. When this process ends, however
    // it ends, the pipe closes, and the shell stops the server and clears up.
    let script = format!(
        "{server} -D {data} -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
         -c fsync=off -c max_connections=300 & read _; kill -QUIT $!; wait; \
         rm -rf {data}; rmdir {directory} 2>/dev/null",
        server = binaries.join("postgres").display(),
        data = data.display(),
        directory = directory.display(),
    );
    let mut shell = as_postgres(root, Path::new("sh"));
    shell.args(["-c", &script]).stdin(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut keeper = shell.spawn().unwrap();
    wait_until_ready(keeper.stderr.take().unwrap());
    // Never dropped: its end of the pipe closes with the process.
    std::mem::forget(keeper);
    format!("postgres://trent@127.0.0.1:{port}/postgres")
}

/// Reads what the server says until it says that it is ready; a thread goes on reading, so that it
/// can go on saying.
fn wait_until_ready(said: std::process::ChildStderr) {
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    let ready = lines.any(|line| line.contains("ready to accept connections"));
    assert!(ready, "Postgres did not start");
    std::thread::spawn(move || lines.for_each(drop));
}

fn binaries() -> PathBuf {
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

//! Full disks, and streams that are full or dead: what cannot be recorded is refused, in bounded
//! time and with an error that says try again; `/ready`, metrics and logs say why; and with room
//! again everything goes on without a hand, each answer with its record.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "tests")]

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::RequestId;
use aws_sdk_kms::primitives::Blob;
use trent_testkit::{Form, RunningStack, process};
use trent_tests::bus::change_stream;
use trent_tests::crash::{Load, signal, verify, wait_until_ready};
use trent_tests::disk::{Folder, SmallDisk};
use trent_tests::exposition::{readiness, scrape};
use trent_tests::{block_on, client, client_with};

/// How long a refusal may take: three seconds for the trail, and for each hop before it.
const BOUND: Duration = Duration::from_secs(12);

/// How long anything may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What `/ready` says of a trail that takes nothing.
const REFUSING: &str = "the audit trail does not accept records: ";

/// How many clients make load.
const CLIENTS: usize = 3;

#[test]
fn with_the_journals_disk_full_nothing_is_answered_unrecorded() {
    let folder = Folder::new();
    let disk = SmallDisk::mount(folder.path(), 24);
    let directory = folder.path().join("stack");
    let running = start(Form::Embedded, &directory);
    let load = Load::start(&running, CLIENTS);
    let key = block_on(new_key(&running));
    disk.fill();
    let said = until_said(&running, "all", REFUSING);
    assert!(said.contains("no space"), "{said}");
    refuses_all(&running, &key);
    says_so(&running, "all", "all-0.log");
    disk.make_room();
    goes_on(&running, &key, load);
}

/// A journal that was refused finds out by itself that there is room: a process that is not ready
/// is asked nothing.
#[test]
fn a_journal_that_nobody_writes_to_is_ready_again_when_its_disk_has_room() {
    let folder = Folder::new();
    let disk = SmallDisk::mount(folder.path(), 24);
    let running = start(Form::Embedded, &folder.path().join("stack"));
    let key = block_on(new_key(&running));
    disk.fill();
    block_on(async {
        let kms = impatient(&running, 0);
        // Some room may be left in blocks that are taken already.
        while encrypt(&kms, &key).await.is_ok() {}
    });
    until_said(&running, "all", REFUSING);
    disk.make_room();
    until_said(&running, "all", "ready\n");
    assert!(verify(&running).status.success());
}

#[test]
fn with_the_streams_disk_full_nothing_is_answered_unrecorded() {
    let folder = Folder::new();
    let disk = SmallDisk::mount(&folder.path().join("jetstream"), 48);
    let running = start(Form::Distributed, folder.path());
    let load = Load::start(&running, CLIENTS);
    let key = block_on(new_key(&running));
    disk.fill();
    let said = until_said(&running, "gateway", REFUSING);
    assert!(said.contains("no space"), "{said}");
    refuses_uses(&running, &key);
    says_so(&running, "gateway", "gateway-0.log");
    disk.make_room();
    goes_on(&running, &key, load);
}

/// What is not a change goes on without Postgres's disk as long as its records find room in the
/// stream; nothing is answered that is not recorded.
#[test]
fn with_postgres_disk_full_nothing_is_answered_unrecorded() {
    let folder = Folder::new();
    let disk = SmallDisk::mount(&folder.path().join("postgres"), 192);
    let running = start(Form::Distributed, folder.path());
    let load = Load::start(&running, CLIENTS);
    let key = block_on(new_key(&running));
    disk.fill();
    // What Postgres has taken of the disk already is soon used up, in its log first of all.
    let end = Instant::now() + PATIENCE;
    while readiness(port(&running, "audit")).is_ok_and(|said| said == "ready\n") {
        assert!(Instant::now() < end, "Postgres takes everything");
        psql(&running, "SELECT pg_switch_wal()");
        std::thread::sleep(Duration::from_millis(200));
    }
    println!("{:?}", readiness(port(&running, "audit")));
    let (took, outcome) = block_on(async {
        let (kms, began) = (impatient(&running, 0), Instant::now());
        let outcome = answer(kms.create_key().send().await);
        (began.elapsed(), outcome)
    });
    assert!(took < BOUND && outcome.is_err(), "{took:?} {outcome:?}");
    disk.make_room();
    goes_on(&running, &key, load);
}

#[test]
fn with_a_server_that_stands_still_everything_is_refused_in_bounded_time() {
    let running = RunningStack::start(Form::Distributed, &[]).expect("a stack");
    let key = block_on(new_key(&running));
    let load = Load::start(&running, CLIENTS);
    let nats = running.stack.roles.iter().find(|role| role.role == "nats").expect("NATS");
    signal("STOP", nats.pid);
    refuses_all(&running, &key);
    until_said(&running, "gateway", "bus: disconnected");
    refuses_uses(&running, &key);
    signal("CONT", nats.pid);
    goes_on(&running, &key, load);
}

/// With the audit logger's tables held, load goes on: the stream fills to its bound and refuses
/// then, every role's memory stays bounded, and afterwards everything is kept.
#[test]
fn a_stream_that_nobody_empties_refuses_at_its_bound_and_loses_nothing() {
    let running = RunningStack::start(Form::Distributed, &[]).expect("a stack");
    block_on(change_stream(&running.stack, |config| config.max_bytes = 1 << 20));
    let key = block_on(new_key(&running));
    let load = Load::start(&running, 2 * CLIENTS);
    let held = Held::start(&running);
    let before = resident(&running);
    let said = until_said(&running, "gateway", REFUSING);
    assert!(said.contains("no space: the stream is full"), "{said}");
    let mut highest = 0;
    for _ in 0..6 {
        refuses_uses(&running, &key);
        highest = highest.max(resident(&running));
        std::thread::sleep(Duration::from_millis(300));
    }
    let grown = highest.saturating_sub(before) >> 20;
    println!("resident memory of all roles: {} MiB, grown by {grown} MiB", before >> 20);
    assert!(grown < 96, "grown by {grown} MiB");
    says_so(&running, "gateway", "gateway-0.log");
    drop(held);
    goes_on(&running, &key, load);
    let metrics = || scrape(port(&running, "audit")).expect("metrics");
    let none_waits = || metrics().contains("\ntrent_audit_lag_seconds 0\n");
    process::wait_for("end of the lag", PATIENCE, none_waits).expect("everything kept");
}

fn start(form: Form, directory: &std::path::Path) -> RunningStack {
    let directory = directory.display().to_string();
    RunningStack::start(form, &["--restart", "--directory", &directory]).expect("a stack")
}

fn impatient(running: &RunningStack, gateway: usize) -> Client {
    client_with(&running.stack, gateway, &running.stack.secret_access_key, 1)
}

async fn new_key(running: &RunningStack) -> String {
    let made = client(&running.stack, 0).create_key().send().await.expect("a key");
    made.key_metadata.expect("metadata").key_id
}

/// The code of a refusal; panics where it does not say try again.
fn answer<T: RequestId, E: ProvideErrorMetadata + std::fmt::Debug>(
    outcome: Result<T, SdkError<E>>,
) -> Result<(), String> {
    let Err(error) = outcome else { return Ok(()) };
    let status = error.raw_response().map(|raw| raw.status().as_u16());
    let code = error.code().unwrap_or_default().to_owned();
    let again = status == Some(500) || code == "ThrottlingException";
    assert!(again, "{status:?} {error:?}");
    Err(code)
}

async fn encrypt(kms: &Client, key: &str) -> Result<(), String> {
    answer(kms.encrypt().key_id(key).plaintext(Blob::new("x")).send().await)
}

/// Reads and cryptography, through every gateway at once, are refused in bounded time.
fn refuses_uses(running: &RunningStack, key: &str) {
    let began = Instant::now();
    block_on(async {
        let through = |gateway| async move {
            let kms = impatient(running, gateway);
            tokio::join!(
                encrypt(&kms, key),
                async { answer(kms.describe_key().key_id(key).send().await) },
                async { answer(kms.list_keys().send().await) },
            )
        };
        let gateways = (0..running.stack.endpoints.len()).map(through);
        for (encrypted, described, listed) in futures_util::future::join_all(gateways).await {
            // A small record may have found a last place.
            let refused = [encrypted, described, listed].into_iter().filter(Result::is_err).count();
            assert!(refused > 0, "answered without a record");
        }
    });
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
}

/// Changes as well.
fn refuses_all(running: &RunningStack, key: &str) {
    refuses_uses(running, key);
    let began = Instant::now();
    let refused = block_on(async { answer(impatient(running, 0).create_key().send().await) });
    assert!(refused.is_err(), "a change without its record");
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
}

/// Metrics and the log tell of the refusals.
fn says_so(running: &RunningStack, role: &str, log: &str) {
    let metrics = scrape(port(running, role)).expect("metrics");
    assert!(metrics.contains("\ntrent_audit_accepting 0\n"), "{metrics}");
    let log = std::fs::read_to_string(running.stack.directory.join(log)).expect("the log");
    assert!(log.contains(REFUSING), "the log does not say so");
}

/// Without a hand everything is ready again, and every answer had its record.
fn goes_on(running: &RunningStack, key: &str, load: Load) {
    wait_until_ready(running);
    let patient = client(&running.stack, 0);
    block_on(encrypt(&patient, key)).expect("it goes on");
    println!("{:?}", load.end(running));
}

/// Waits until `/ready` of the role's first process says this.
fn until_said(running: &RunningStack, role: &str, what: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let said = readiness(port(running, role)).unwrap_or_default();
        if said.contains(what) {
            return said;
        }
        assert!(Instant::now() < end, "{role} says {said:?}, not {what:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn port(running: &RunningStack, role: &str) -> u16 {
    let mut roles = running.stack.roles.iter();
    roles.find(|known| known.role == role).expect("the role").admin_port
}

/// Bytes of memory that all roles of Trent take.
fn resident(running: &RunningStack) -> u64 {
    let of = |port: u16| {
        let metrics = scrape(port).expect("metrics");
        let line = metrics.lines().find_map(|l| l.strip_prefix("process_resident_memory_bytes "));
        line.expect("resident memory").parse::<u64>().expect("a number")
    };
    running.stack.roles.iter().map(|role| role.admin_port).filter(|port| *port != 0).map(of).sum()
}

fn psql(running: &RunningStack, statement: &str) {
    let url = running.stack.database_url.as_deref().expect("a database");
    // Where the server is down, that is as good.
    let _ = process::run(Command::new("psql").args(["-qX", "-c", statement, url]));
}

/// The audit logger's tables, locked until this is dropped.
struct Held(Child);

impl Held {
    fn start(running: &RunningStack) -> Self {
        let url = running.stack.database_url.as_deref().expect("a database");
        let mut psql = Command::new("psql");
        psql.args(["-qX", url]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = psql.spawn().expect("psql");
        let input = child.stdin.as_mut().expect("its input");
        let lock = "BEGIN; LOCK TABLE audit_chain IN ACCESS EXCLUSIVE MODE;\n\\echo held\n";
        input.write_all(lock.as_bytes()).expect("a statement");
        let mut said = [0; 4];
        let output = child.stdout.as_mut().expect("its output");
        std::io::Read::read_exact(output, &mut said).expect("the lock");
        assert_eq!(&said, b"held");
        Self(child)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The end of its input ends psql, and the transaction with it.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

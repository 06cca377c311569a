//! The crash test: roles and servers die at random while clients work and write down every answer.

mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use trent_testkit::stack::is_ready;
use trent_testkit::{Form, Role, RunningStack, trail};

use crate::client;
use worker::{Answered, Answers, Worker};

/// What dies in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// One process of Trent, after another one has stood still for a while.
    Role,
    /// The NATS server.
    Nats,
    /// Postgres.
    Postgres,
    /// Everything at the same moment.
    All,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Figures {
    /// Requests that were answered, with success or with an error that says what became of them.
    pub answered: usize,
    /// Requests that were not answered, or with a failure of ours.
    pub unanswered: u64,
    /// Records in the trail.
    pub records: usize,
    /// Answered requests without a record.
    pub missing: usize,
    /// Records whose event is there already, and requests with more than one record.
    pub duplicates: usize,
}

/// Runs so many clients while the victims die, one round after the other, then checks every answer
/// and prints the figures.
///
/// # Panics
/// When an answer was lost or untrue, a record is missing or double, or the trail does not verify.
pub fn survive(form: Form, victims: &[Victim], clients: usize) {
    let running = RunningStack::start(form, &["--restart"]).expect("a stack");
    let load = Load::start(&running, clients);
    for victim in victims {
        // Work goes on between the rounds: this is how long, not a wait for anything.
        pause(400..1500);
        kill(&running, *victim);
    }
    pause(1000..1001);
    let figures = load.end(&running);
    println!("{form:?}: {} rounds, {figures:?}", victims.len());
    assert!(figures.answered > 100, "only {} answers", figures.answered);
}

/// Kills, and waits until it is back where nothing is without it.
///
/// # Panics
/// When it is not back in time.
pub fn kill(running: &RunningStack, victim: Victim) {
    let is_server = |role: &Role| matches!(&*role.role, "nats" | "postgres");
    match victim {
        Victim::Role => {
            // One stands still for a while, as on a busy machine, and one dies.
            let stopped = choose(running, |role| !is_server(role));
            signal("STOP", stopped);
            pause(100..2500);
            signal("CONT", stopped);
            pause(100..500);
            signal("KILL", choose(running, |role| !is_server(role)));
        }
        Victim::Nats => signal("KILL", choose(running, |role| role.role == "nats")),
        Victim::Postgres => signal("KILL", choose(running, |role| role.role == "postgres")),
        Victim::All => {
            for role in running.roles().expect("the state file") {
                signal("KILL", role.pid);
            }
        }
    }
    if victim != Victim::Role {
        // Before that what dies next is dead already.
        pause(500..501);
        wait_until_ready(running);
    }
}

/// Waits until every process is ready.
///
/// # Panics
/// When one is not within a minute and a half.
pub fn wait_until_ready(running: &RunningStack) {
    let end = Instant::now() + Duration::from_secs(90);
    let ports: Vec<u16> = running.stack.roles.iter().map(|role| role.admin_port).collect();
    while !ports.iter().all(|port| *port == 0 || is_ready(*port)) {
        assert!(Instant::now() < end, "the stack did not come back");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn pause(milliseconds: std::ops::Range<u64>) {
    std::thread::sleep(Duration::from_millis(rand::random_range(milliseconds)));
}

/// Clients that work and write down every answer.
pub struct Load {
    runtime: tokio::runtime::Runtime,
    tasks: Vec<tokio::task::JoinHandle<Answers>>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Starts so many clients.
    ///
    /// # Panics
    /// When there is no runtime to be had.
    #[must_use]
    pub fn start(running: &RunningStack, clients: usize) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.enable_all().worker_threads(2).build().expect("a runtime");
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for number in 0..clients {
            let gateways = 0..running.stack.endpoints.len();
            let gateways = gateways.map(|gateway| client(&running.stack, gateway)).collect();
            let worker = Worker { number, gateways, answers: Answers::default() };
            tasks.push(runtime.spawn(worker.work(Arc::clone(&stop))));
        }
        Self { runtime, tasks, stop }
    }

    /// Stops them, and checks every answer and every record.
    ///
    /// # Panics
    /// As [`survive`].
    #[must_use]
    pub fn end(self, running: &RunningStack) -> Figures {
        self.stop.store(true, Ordering::SeqCst);
        let answers = self.runtime.block_on(async {
            let mut answers = Answers::default();
            for task in self.tasks {
                let mut more = task.await.expect("a client");
                answers.requests.append(&mut more.requests);
                answers.keys.append(&mut more.keys);
                answers.ciphertexts.append(&mut more.ciphertexts);
                answers.failures += more.failures;
            }
            check_answers(&client(&running.stack, 0), &answers).await;
            answers
        });
        let mut figures = check_records(running, &answers.requests);
        (figures.answered, figures.unanswered) = (answers.requests.len(), answers.failures);
        figures
    }
}

/// A process of which the filter says that it may die.
fn choose(running: &RunningStack, may_die: impl Fn(&Role) -> bool) -> u32 {
    let mut roles = running.roles().expect("the state file");
    roles.retain(may_die);
    roles[rand::random_range(0..roles.len())].pid
}

/// Sends a signal to a process of the stack.
///
/// # Panics
/// When there is no `kill`.
pub fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args(["-s", name, &pid.to_string()]).status();
    // A process that has just died already is as good.
    let _ = status.expect("kill");
}

/// Every answered key exists, and every answered ciphertext decrypts.
async fn check_answers(kms: &Client, answers: &Answers) {
    let end = Instant::now() + Duration::from_secs(60);
    while kms.list_keys().limit(1).send().await.is_err() {
        assert!(Instant::now() < end, "the stack did not come back");
    }
    for key in &answers.keys {
        kms.describe_key().key_id(key).send().await.expect("an answered key");
    }
    for (blob, plaintext) in &answers.ciphertexts {
        let opened = kms.decrypt().ciphertext_blob(blob.clone()).send().await;
        let opened = opened.expect("an answered ciphertext").plaintext.expect("a plaintext");
        assert_eq!(opened.as_ref(), plaintext);
    }
}

/// Every answered request has its record once and it tells what was answered, no record and no
/// request stands twice, and the chains verify.
fn check_records(running: &RunningStack, requests: &[Answered]) -> Figures {
    let end = Instant::now() + Duration::from_secs(60);
    let (records, mut figures) = loop {
        let records = trail::records(&running.stack).expect("the trail");
        let mut found = Figures { records: records.len(), ..Figures::default() };
        let of_request: BTreeSet<&str> =
            records.iter().filter_map(|record| record["requestID"].as_str()).collect();
        let has_none = |answered: &&Answered| !of_request.contains(&*answered.request);
        found.missing = requests.iter().filter(has_none).count();
        // What waits in stream and outbox comes.
        if found.missing == 0 || Instant::now() > end {
            break (records, found);
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    let mut of_request: BTreeMap<&str, &serde_json::Value> = BTreeMap::new();
    let mut events = BTreeSet::new();
    for record in &records {
        let is_new = events.insert(record["eventID"].as_str().expect("an event id"));
        let of_another = |request| of_request.insert(request, record).is_some();
        if !is_new | record["requestID"].as_str().is_some_and(of_another) {
            figures.duplicates += 1;
            println!("double: {record}");
        }
    }
    assert_eq!((figures.missing, figures.duplicates), (0, 0), "missing and double records");
    for answered in requests {
        let record = of_request[&*answered.request];
        assert_eq!(record["eventName"], answered.operation, "{record}");
        assert_eq!(record["errorCode"].as_str(), answered.error.as_deref(), "{record}");
    }
    let verified = verify(running);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    check_usage(running);
    figures
}

/// Usage is what the records say, as soon as the last of them is counted.
fn check_usage(running: &RunningStack) {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let counted = audit(running, "recount");
        if counted.status.success() {
            return;
        }
        let (out, error) = (counted.stdout, counted.stderr);
        let said = [String::from_utf8_lossy(&out), String::from_utf8_lossy(&error)].concat();
        assert!(Instant::now() < end, "usage is not what the records say: {said}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// `trent audit verify` on the stack's trail.
///
/// # Panics
/// When the program is not built.
#[must_use]
pub fn verify(running: &RunningStack) -> std::process::Output {
    audit(running, "verify")
}

fn audit(running: &RunningStack, command: &str) -> std::process::Output {
    let mut trent = Command::new(trent_testkit::program("trent").expect("trent"));
    trent.args(["audit", command]).env("TRENT_DATA_DIR", running.stack.directory.join("data"));
    trent.envs(running.stack.database_as("reader"));
    trent.envs(running.stack.signing_key());
    trent.output().expect("a command on the trail")
}

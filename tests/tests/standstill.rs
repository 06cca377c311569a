//! A replica that stands still, as one does whose machine is gone without a word: its connections
//! stay, and nothing comes of what is sent there.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use tokio::task::JoinSet;
use trent_testkit::stack::is_ready;
use trent_testkit::{Form, Role, RunningStack, Stack};
use trent_tests::crash::signal;
use trent_tests::{block_on, client, client_with};

/// How many callers there are at once.
const CALLERS: usize = 12;
/// For how long they ask while one stands still: until it must be out of the way.
const STILL: Duration = Duration::from_secs(6);

#[test]
fn with_one_of_two_evaluators_still_everything_is_answered() {
    one_stands_still("policy");
}

#[test]
fn with_one_of_two_workers_still_everything_is_answered() {
    one_stands_still("worker");
}

/// Stops each replica in turn. Clients try each call once only: gateways alone find the other one.
fn one_stands_still(kind: &str) {
    let running = RunningStack::start(Form::Distributed, &[]).expect("a stack");
    for replica in replicas(&running.stack, kind) {
        signal("STOP", replica.pid);
        let mut took = block_on(call_all(&running.stack));
        signal("CONT", replica.pid);
        took.sort();
        println!(
            "{kind} {}: {} calls, median {:?}, p99 {:?}, longest {:?}",
            replica.index,
            took.len(),
            took[took.len() / 2],
            took[took.len() * 99 / 100],
            took[took.len() - 1],
        );
        // NATS gave it up meanwhile, or else every second order would still go there.
        let log = format!("{kind}-{}.log", replica.index);
        let log = running.stack.directory.join(log);
        wait_for("the end of its old connection", || {
            let log = std::fs::read_to_string(&log).expect("its log");
            log.contains("the connection to NATS was lost")
        });
        wait_for("its return", || is_ready(replica.admin_port));
    }
}

#[test]
fn with_every_evaluator_still_requests_may_be_retried() {
    let running = RunningStack::start(Form::Distributed, &[]).expect("a stack");
    let evaluators = replicas(&running.stack, "policy");
    block_on(async {
        let impatient = client_with(&running.stack, 0, &running.stack.secret_access_key, 1);
        let patient = client(&running.stack, 1);
        let key = patient.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        for evaluator in &evaluators {
            signal("STOP", evaluator.pid);
        }
        let refused = impatient.describe_key().key_id(&key).send().await;
        let refused = refused.expect_err("nobody can decide");
        let status = refused.raw_response().map(|raw| raw.status().as_u16());
        assert_eq!(status, Some(500), "{refused:?}");
        for evaluator in &evaluators {
            signal("CONT", evaluator.pid);
        }
        patient.describe_key().key_id(&key).send().await.expect("they are back");
    });
}

/// Has every caller ask until [`STILL`] is over; how long each call took.
async fn call_all(stack: &Stack) -> Vec<Duration> {
    let end = Instant::now() + STILL;
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let gateway = number % stack.endpoints.len();
        let kms = client_with(stack, gateway, &stack.secret_access_key, 1);
        callers.spawn(call_until(kms, end));
    }
    callers.join_all().await.into_iter().flatten().collect()
}

/// Every kind of call on a key of its own: decisions, cryptography, changes and reads.
async fn call_until(kms: Client, end: Instant) -> Vec<Duration> {
    let mut took = Vec::new();
    let mut begun = Instant::now();
    let mut note = || {
        took.push(begun.elapsed());
        begun = Instant::now();
    };
    let key = kms.create_key().send().await.expect("CreateKey").key_metadata.unwrap().key_id;
    note();
    while Instant::now() < end {
        kms.disable_key().key_id(&key).send().await.expect("DisableKey");
        note();
        kms.enable_key().key_id(&key).send().await.expect("EnableKey");
        note();
        let sealed = kms.encrypt().key_id(&key).plaintext(Blob::new("x")).send().await;
        note();
        let sealed = sealed.expect("Encrypt").ciphertext_blob.unwrap();
        kms.decrypt().ciphertext_blob(sealed).send().await.expect("Decrypt");
        note();
        kms.get_key_policy().key_id(&key).send().await.expect("GetKeyPolicy");
        note();
    }
    took
}

fn replicas(stack: &Stack, kind: &str) -> Vec<Role> {
    stack.roles.iter().filter(|role| role.role == kind).cloned().collect()
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < end, "no {what} in time");
        std::thread::sleep(Duration::from_millis(100));
    }
}

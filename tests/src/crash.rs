//! The crash test: roles die at random while clients work and write down every answer.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId;
use aws_sdk_kms::primitives::Blob;
use trent_testkit::{Form, RunningStack, trail};

use crate::{block_on, client};

/// What one client was answered.
#[derive(Default)]
struct Answers {
    requests: Vec<String>,
    keys: Vec<String>,
    ciphertexts: Vec<(Blob, Vec<u8>)>,
    failures: u64,
}

/// Runs so many clients while so many times a role that the filter lets through is killed, then
/// checks every answer.
///
/// # Panics
/// When an answer was lost, a record is missing or double, or the trail does not verify.
pub fn survive(form: Form, kills: usize, clients: usize, may_die: fn(&str) -> bool) {
    let running = RunningStack::start(form, &["--restart"]).expect("a stack");
    let stop = Arc::new(AtomicBool::new(false));
    let answers = block_on(async {
        let mut tasks = Vec::new();
        for number in 0..clients {
            let kms = client(&running.stack, number % running.stack.endpoints.len());
            tasks.push(tokio::spawn(work(kms, Arc::clone(&stop))));
        }
        for _ in 0..kills {
            // Work goes on between the kills: this is how long, not a wait for anything.
            tokio::time::sleep(Duration::from_millis(rand::random_range(400..1500))).await;
            kill_one(&running, may_die);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.store(true, Ordering::SeqCst);
        let mut answers = Answers::default();
        for task in tasks {
            let mut more = task.await.expect("a client");
            answers.requests.append(&mut more.requests);
            answers.keys.append(&mut more.keys);
            answers.ciphertexts.append(&mut more.ciphertexts);
            answers.failures += more.failures;
        }
        check_answers(&client(&running.stack, 0), &answers).await;
        answers
    });
    assert!(answers.requests.len() > 100, "only {} answers", answers.requests.len());
    check_records(&running, &answers.requests);
    println!(
        "{form:?}: {} answers, {} keys, {} ciphertexts, {} requests without an answer, {kills} \
         kills",
        answers.requests.len(),
        answers.keys.len(),
        answers.ciphertexts.len(),
        answers.failures
    );
}

/// One client: makes keys, encrypts, decrypts, and writes down what was answered.
async fn work(kms: Client, stop: Arc<AtomicBool>) -> Answers {
    let mut answers = Answers::default();
    while !stop.load(Ordering::SeqCst) {
        if answers.keys.is_empty() || rand::random_ratio(1, 10) {
            match kms.create_key().send().await {
                Ok(answer) => {
                    answers.requests.push(answer.request_id().unwrap_or_default().to_owned());
                    answers.keys.push(answer.key_metadata.expect("metadata").key_id);
                }
                Err(_) => answers.failures += 1,
            }
            continue;
        }
        let key = &answers.keys[rand::random_range(0..answers.keys.len())];
        let plaintext = rand::random::<[u8; 24]>().to_vec();
        let call = kms.encrypt().key_id(key).plaintext(Blob::new(plaintext.clone()));
        match call.send().await {
            Ok(answer) => {
                answers.requests.push(answer.request_id().unwrap_or_default().to_owned());
                answers.ciphertexts.push((answer.ciphertext_blob.expect("a blob"), plaintext));
            }
            Err(_) => answers.failures += 1,
        }
    }
    answers
}

fn kill_one(running: &RunningStack, may_die: fn(&str) -> bool) {
    let mut roles = running.roles().expect("the state file");
    roles.retain(|role| may_die(&role.role));
    let chosen = &roles[rand::random_range(0..roles.len())];
    signal("KILL", chosen.pid);
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

/// Every answered request has its record once, no record stands twice, and the chains verify.
fn check_records(running: &RunningStack, requests: &[String]) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let records = trail::records(&running.stack).expect("the trail");
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        let mut events: BTreeMap<&str, u32> = BTreeMap::new();
        for record in &records {
            *counts.entry(record["requestID"].as_str().unwrap_or_default()).or_default() += 1;
            *events.entry(record["eventID"].as_str().expect("an event id")).or_default() += 1;
        }
        assert!(events.values().all(|count| *count == 1), "a record stands twice");
        let missing = requests.iter().filter(|id| !counts.contains_key(id.as_str())).count();
        if missing == 0 {
            assert!(
                requests.iter().all(|id| counts[id.as_str()] == 1),
                "two records of one request"
            );
            break;
        }
        assert!(Instant::now() < end, "{missing} of {} answers have no record", requests.len());
        std::thread::sleep(Duration::from_millis(200));
    }
    let verified = verify(running);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// `trent audit verify` on the stack's trail.
///
/// # Panics
/// When the program is not built.
#[must_use]
pub fn verify(running: &RunningStack) -> std::process::Output {
    let mut command = Command::new(trent_testkit::program("trent").expect("trent"));
    command.args(["audit", "verify"]).env("TRENT_DATA_DIR", running.stack.directory.join("data"));
    if let Some(url) = &running.stack.database_url {
        command.env("TRENT_DATABASE_URL", url);
    }
    command.output().expect("trent audit verify")
}

//! The crash test: roles stand still and die at random while clients work and write down every
//! answer.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::RequestId;
use aws_sdk_kms::primitives::Blob;
use trent_testkit::{Form, RunningStack, trail};

use crate::{block_on, client};

/// A request that was answered, with success or with the code of an error.
struct Answered {
    request: String,
    operation: &'static str,
    error: Option<String>,
}

/// What one client was answered.
#[derive(Default)]
struct Answers {
    requests: Vec<Answered>,
    keys: Vec<String>,
    ciphertexts: Vec<(Blob, Vec<u8>)>,
    failures: u64,
}

impl Answers {
    /// Writes an outcome down; the code of an error is empty when there was no answer, or none that
    /// says what became of the request.
    fn note<T: RequestId, E: ProvideErrorMetadata>(
        &mut self,
        operation: &'static str,
        outcome: Result<T, SdkError<E>>,
    ) -> Result<T, String> {
        let (request, error, outcome) = match outcome {
            Ok(answer) => (answer.request_id().map(ToOwned::to_owned), None, Ok(answer)),
            Err(error) => {
                let status = error.raw_response().map_or(0, |raw| raw.status().as_u16());
                let code = error.code().unwrap_or_default();
                if status != 400 || code == "ThrottlingException" {
                    self.failures += 1;
                    return Err(String::new());
                }
                let code = code.to_owned();
                (error.request_id().map(ToOwned::to_owned), Some(code.clone()), Err(code))
            }
        };
        let request = request.expect("the id of an answered request");
        self.requests.push(Answered { request, operation, error });
        outcome
    }
}

/// Runs so many clients while so many times a role that the filter lets through is stopped for a
/// while and one is killed, then checks every answer.
///
/// # Panics
/// When an answer was lost or untrue, a record is missing or double, or the trail does not verify.
pub fn survive(form: Form, kills: usize, clients: usize, may_die: fn(&str) -> bool) {
    let running = RunningStack::start(form, &["--restart"]).expect("a stack");
    let stop = Arc::new(AtomicBool::new(false));
    let answers = block_on(async {
        let mut tasks = Vec::new();
        for number in 0..clients {
            let gateways = 0..running.stack.endpoints.len();
            let gateways = gateways.map(|gateway| client(&running.stack, gateway)).collect();
            let worker = Worker { number, gateways, answers: Answers::default() };
            tasks.push(tokio::spawn(worker.work(Arc::clone(&stop))));
        }
        for _ in 0..kills {
            // Work goes on between the kills: this is how long, not a wait for anything.
            tokio::time::sleep(Duration::from_millis(rand::random_range(400..1500))).await;
            // One stands still for a while, as on a busy machine, and one dies.
            let stopped = choose(&running, may_die);
            signal("STOP", stopped);
            tokio::time::sleep(Duration::from_millis(rand::random_range(100..2500))).await;
            signal("CONT", stopped);
            tokio::time::sleep(Duration::from_millis(rand::random_range(100..500))).await;
            signal("KILL", choose(&running, may_die));
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
        "{form:?}: {} answers, {} keys, {} ciphertexts, {} requests unanswered, {kills} kills",
        answers.requests.len(),
        answers.keys.len(),
        answers.ciphertexts.len(),
        answers.failures
    );
}

/// One client, which works through every gateway, one request after the other, on keys and aliases
/// that nobody else touches: so it knows what each answer must be.
struct Worker {
    number: usize,
    gateways: Vec<Client>,
    answers: Answers,
}

impl Worker {
    async fn work(mut self, stop: Arc<AtomicBool>) -> Answers {
        let mut round = 0;
        while !stop.load(Ordering::SeqCst) {
            round += 1;
            match rand::random_range(0..12) {
                0 => drop(self.create_key().await),
                1 => self.disable_and_enable().await,
                2 => self.name(round).await,
                3 => self.garble().await,
                _ if self.answers.keys.is_empty() => drop(self.create_key().await),
                _ => self.use_key().await,
            }
        }
        self.answers
    }

    fn gateway(&self) -> &Client {
        &self.gateways[rand::random_range(0..self.gateways.len())]
    }

    async fn create_key(&mut self) -> Option<String> {
        let outcome = self.gateway().create_key().send().await;
        let made = self.answers.note("CreateKey", outcome).ok()?;
        let key = made.key_metadata.expect("metadata").key_id;
        self.answers.keys.push(key.clone());
        Some(key)
    }

    /// Encrypts; answers the ARN of the key that did it.
    async fn encrypt(&mut self, key: &str) -> Result<String, String> {
        let plaintext = rand::random::<[u8; 24]>().to_vec();
        let call = self.gateway().encrypt().key_id(key).plaintext(Blob::new(plaintext.clone()));
        let outcome = call.send().await;
        let answer = self.answers.note("Encrypt", outcome)?;
        self.answers.ciphertexts.push((answer.ciphertext_blob.expect("a blob"), plaintext));
        Ok(answer.key_id.expect("the key's ARN"))
    }

    async fn use_key(&mut self) {
        let key = self.answers.keys[rand::random_range(0..self.answers.keys.len())].clone();
        let done = self.encrypt(&key).await;
        match done {
            Ok(arn) => assert!(arn.ends_with(&key), "{arn}, not {key}"),
            Err(code) => assert_eq!(code, "", "{key} can be used"),
        }
        let Some((blob, plaintext)) = self.answers.ciphertexts.last().cloned() else { return };
        let outcome = self.gateway().decrypt().ciphertext_blob(blob).send().await;
        if let Ok(opened) = self.answers.note("Decrypt", outcome) {
            assert_eq!(opened.plaintext.expect("a plaintext").as_ref(), plaintext);
        }
    }

    /// Once DisableKey is answered nothing is encrypted, through whatever gateway and evaluator,
    /// and once EnableKey is answered nothing is refused.
    async fn disable_and_enable(&mut self) {
        let Some(key) = self.create_key().await else { return };
        // As many decisions as there may be evaluators that remember one.
        for _ in 0..4 {
            let _ = self.encrypt(&key).await;
        }
        let outcome = self.gateway().disable_key().key_id(&key).send().await;
        if self.answers.note("DisableKey", outcome).is_ok() {
            for _ in 0..6 {
                let outcome = self.encrypt(&key).await;
                let refused = outcome.expect_err("an Encrypt after DisableKey");
                assert!(matches!(&*refused, "DisabledException" | ""), "{refused}");
            }
        }
        // Again after each failure: the key must be enabled in the end, as its ciphertexts are
        // checked.
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let outcome = self.gateway().enable_key().key_id(&key).send().await;
            if self.answers.note("EnableKey", outcome).is_ok() {
                break;
            }
            assert!(Instant::now() < end, "EnableKey has no answer");
        }
        for _ in 0..6 {
            let refused = self.encrypt(&key).await.err().unwrap_or_default();
            assert_eq!(refused, "", "an Encrypt after EnableKey");
        }
    }

    /// An alias stands for the key that it was last answered to stand for.
    async fn name(&mut self, round: u64) {
        let (Some(first), Some(second)) = (self.create_key().await, self.create_key().await) else {
            return;
        };
        let alias = format!("alias/crash-{}-{round}", self.number);
        let call = self.gateway().create_alias().alias_name(&alias).target_key_id(&first);
        let outcome = call.send().await;
        if self.answers.note("CreateAlias", outcome).is_err() {
            return;
        }
        self.stands_for(&alias, &first).await;
        let call = self.gateway().update_alias().alias_name(&alias).target_key_id(&second);
        let outcome = call.send().await;
        if self.answers.note("UpdateAlias", outcome).is_err() {
            return;
        }
        self.stands_for(&alias, &second).await;
        let outcome = self.gateway().delete_alias().alias_name(&alias).send().await;
        if self.answers.note("DeleteAlias", outcome).is_ok() {
            for _ in 0..4 {
                let refused = self.encrypt(&alias).await.expect_err("an alias after DeleteAlias");
                assert!(matches!(&*refused, "NotFoundException" | ""), "{refused}");
            }
        }
    }

    async fn stands_for(&mut self, alias: &str, key: &str) {
        for _ in 0..4 {
            match self.encrypt(alias).await {
                Ok(arn) => assert!(arn.ends_with(key), "{alias} stands for {arn}, not {key}"),
                Err(code) => assert_eq!(code, "", "{alias} stands for {key}"),
            }
        }
    }

    /// What is refused has its record as well.
    async fn garble(&mut self) {
        let call = self.gateway().decrypt().ciphertext_blob(Blob::new(vec![7; 99]));
        let outcome = call.send().await;
        let refused = self.answers.note("Decrypt", outcome).expect_err("no plaintext");
        assert!(matches!(&*refused, "InvalidCiphertextException" | ""), "{refused}");
    }
}

/// The process of one role that may die.
fn choose(running: &RunningStack, may_die: fn(&str) -> bool) -> u32 {
    let mut roles = running.roles().expect("the state file");
    roles.retain(|role| may_die(&role.role));
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
fn check_records(running: &RunningStack, requests: &[Answered]) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let records = trail::records(&running.stack).expect("the trail");
        let mut of_request: BTreeMap<&str, &serde_json::Value> = BTreeMap::new();
        let mut events = BTreeSet::new();
        for record in &records {
            let event = record["eventID"].as_str().expect("an event id");
            assert!(events.insert(event), "a record stands twice: {record}");
            if let Some(request) = record["requestID"].as_str() {
                let other = of_request.insert(request, record);
                assert!(other.is_none(), "two records of one request: {record}, {other:?}");
            }
        }
        let has_none = |answered: &&Answered| !of_request.contains_key(&*answered.request);
        let missing = requests.iter().filter(has_none).count();
        if missing == 0 {
            for answered in requests {
                let record = of_request[&*answered.request];
                assert_eq!(record["eventName"], answered.operation, "{record}");
                assert_eq!(record["errorCode"].as_str(), answered.error.as_deref(), "{record}");
            }
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
    command.envs(running.stack.database_as("reader"));
    command.envs(running.stack.signing_key());
    command.output().expect("trent audit verify")
}

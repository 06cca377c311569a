//! Clients that write every answer down, and what must be true of the answers afterwards: of a
//! deployment that was restored, for example.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId;
use aws_sdk_kms::primitives::Blob;
use trent_testkit::{RunningStack, trail};

use crate::crash;

/// What clients were answered, so far.
#[derive(Default, Clone)]
pub struct Answers {
    /// The ids of answered requests.
    pub requests: Vec<String>,
    /// The keys that were made.
    pub keys: Vec<String>,
    /// The aliases that were made, with their keys.
    pub aliases: BTreeMap<String, String>,
    /// The ciphertexts, with their plaintexts.
    pub ciphertexts: Vec<(Blob, Vec<u8>)>,
}

/// One client: makes keys and aliases, encrypts, and writes every answer down,
/// until a request fails for good.
///
/// # Panics
/// When an answer lacks what it must have.
pub async fn work(kms: Client, number: usize, answers: Arc<Mutex<Answers>>) {
    for round in 0.. {
        let Ok(made) = kms.create_key().send().await else { return };
        let request = made.request_id().unwrap().to_owned();
        let key = made.key_metadata.unwrap().key_id;
        note(&answers, |answers| {
            answers.requests.push(request);
            answers.keys.push(key.clone());
        });
        let alias = format!("alias/client-{number}-{round}");
        let named = kms.create_alias().alias_name(&alias).target_key_id(&key).send().await;
        let Ok(named) = named else { return };
        note(&answers, |answers| {
            answers.requests.push(named.request_id().unwrap().to_owned());
            answers.aliases.insert(alias, key.clone());
        });
        for _ in 0..5 {
            let plaintext = rand::random::<[u8; 24]>().to_vec();
            let call = kms.encrypt().key_id(&key).plaintext(Blob::new(plaintext.clone()));
            let Ok(encrypted) = call.send().await else { return };
            note(&answers, |answers| {
                answers.requests.push(encrypted.request_id().unwrap().to_owned());
                answers.ciphertexts.push((encrypted.ciphertext_blob.unwrap(), plaintext));
            });
        }
    }
}

fn note(answers: &Mutex<Answers>, change: impl FnOnce(&mut Answers)) {
    change(&mut answers.lock().unwrap());
}

/// Waits until there are so many answers; returns all of them.
///
/// # Panics
/// When there are not so many within a minute.
pub async fn answered(answers: &Mutex<Answers>, number: usize) -> Answers {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let now = answers.lock().unwrap().clone();
        if now.requests.len() >= number {
            return now;
        }
        assert!(Instant::now() < end, "only {} answers", now.requests.len());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Every key, alias and ciphertext is there and does what it did.
///
/// # Panics
/// When one is not, or does not.
pub async fn check(kms: &Client, answers: &Answers) {
    for key in &answers.keys {
        kms.describe_key().key_id(key).send().await.expect("an answered key");
    }
    for (alias, key) in &answers.aliases {
        let found = kms.describe_key().key_id(alias).send().await.expect("an answered alias");
        assert_eq!(found.key_metadata.unwrap().key_id, *key);
    }
    for (blob, plaintext) in &answers.ciphertexts {
        let opened = kms.decrypt().ciphertext_blob(blob.clone()).send().await;
        let opened = opened.expect("an answered ciphertext").plaintext.unwrap();
        assert_eq!(opened.as_ref(), plaintext);
    }
}

/// Every answered request has exactly one record, no record is there twice, and the chains verify.
/// Records of changes may still be on their way from the outbox.
///
/// # Panics
/// When that is not so within half a minute.
pub fn check_trail(running: &RunningStack, answers: &Answers) {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let records = trail::records(&running.stack).expect("the trail");
        let (mut events, mut requests) = (BTreeSet::new(), BTreeMap::<&str, u32>::new());
        for record in &records {
            assert!(events.insert(record["eventID"].as_str().unwrap()), "twice: {record}");
            *requests.entry(record["requestID"].as_str().unwrap_or_default()).or_default() += 1;
        }
        let count = |request: &String| requests.get(request.as_str()).copied().unwrap_or_default();
        let missing = answers.requests.iter().filter(|request| count(request) == 0).count();
        if missing == 0 {
            assert!(answers.requests.iter().all(|request| count(request) == 1), "two records");
            break;
        }
        assert!(Instant::now() < end, "{missing} of {} have no record", answers.requests.len());
        std::thread::sleep(Duration::from_millis(50));
    }
    let verified = crash::verify(running);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

//! What happens when parts of Trent die, stop, or run out of room. Each test has a stack of its
//! own.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::error::ProvideErrorMetadata;
use aws_sdk_kms::primitives::Blob;
use trent_testkit::{Form, RunningStack, trail};
use trent_tests::bus::change_stream;
use trent_tests::crash::{self, signal};
use trent_tests::{block_on, client, client_with};

/// With two gateways and two evaluators, one evaluator is stopped during DisableKey and resumed
/// with the first answer: no Encrypt that was sent after it succeeds, through either gateway. Two
/// clients ask for it: whoever finds the key disabled already must be answered no sooner.
#[test]
fn no_evaluator_decides_by_what_was_before_a_change() {
    let running = RunningStack::start(Form::Distributed, &[]).expect("a stack");
    let evaluators: Vec<u32> = pids(&running, "policy");
    block_on(async {
        let clients = [client(&running.stack, 0), client(&running.stack, 1)];
        for round in 0..3 {
            let made = clients[0].create_key().send().await.unwrap();
            let key = made.key_metadata.unwrap().key_id;
            for _ in 0..20 {
                // Both evaluators cache the key and their decisions.
                for kms in &clients {
                    encrypt(kms, &key).await.unwrap();
                }
            }
            let stopped = evaluators[round % evaluators.len()];
            signal("STOP", stopped);
            let first = disable(&clients[0], &key);
            let second = async {
                // Time for the first to be committed.
                tokio::time::sleep(Duration::from_millis(300)).await;
                disable(&clients[1], &key).await;
            };
            tokio::select! { () = first => {}, () = second => {} }
            signal("CONT", stopped);
            for _ in 0..30 {
                for kms in &clients {
                    let refused =
                        encrypt(kms, &key).await.expect_err("an Encrypt after DisableKey");
                    assert_eq!(refused, "DisabledException");
                }
            }
        }
    });
}

/// DisableKey. What goes to the evaluator that stands still is sent again by the gateway.
async fn disable(kms: &Client, key: &str) {
    kms.disable_key().key_id(key).send().await.expect("DisableKey is answered");
}

async fn encrypt(kms: &Client, key: &str) -> Result<(), String> {
    let call = kms.encrypt().key_id(key).plaintext(Blob::new("x"));
    let outcome = call.send().await;
    outcome.map(|_| ()).map_err(|error| error.code().unwrap_or("no code").to_owned())
}

/// With the audit stream away, what is not a change fails and may be retried; a change may be
/// answered, its record waiting in the outbox. When the stream is back everything succeeds, and
/// every answer has its record.
#[test]
fn without_the_audit_stream_nothing_is_answered_unrecorded() {
    let running = RunningStack::start(Form::Distributed, &[]).expect("a stack");
    let mut answered = Vec::new();
    block_on(async {
        let kms = client_with(&running.stack, 0, &running.stack.secret_access_key, 1);
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        encrypt(&kms, &key).await.unwrap();
        move_stream_to(&running, "trent.v1.audit.elsewhere").await;
        for _ in 0..3 {
            let refused = kms.encrypt().key_id(&key).plaintext(Blob::new("x")).send().await;
            let refused = refused.expect_err("an answer without its record");
            assert_eq!(refused.code(), Some("KMSInternalException"));
            assert_eq!(refused.raw_response().map(|raw| raw.status().as_u16()), Some(500));
        }
        if let Ok(made) = kms.create_key().send().await {
            answered.push(made.key_metadata.unwrap().key_id);
        }
        move_stream_to(&running, "trent.v1.audit.records").await;
        let patient = client(&running.stack, 0);
        encrypt(&patient, &key).await.expect("the stream is back");
        for key in &answered {
            encrypt(&patient, key).await.expect("an answered key");
        }
    });
    wait_for("the records of the changes", || {
        let records = trail::records(&running.stack).expect("the trail");
        answered.iter().all(|key| {
            let made = records.iter().filter(|record| {
                record["eventName"] == "CreateKey"
                    && record["responseElements"]["keyMetadata"]["keyId"] == key.as_str()
            });
            made.count() == 1
        })
    });
    assert!(crash::verify(&running).status.success());
}

/// Points the audit stream at another subject, so that nobody takes what is published to the old
/// one.
async fn move_stream_to(running: &RunningStack, subject: &str) {
    change_stream(&running.stack, |config| config.subjects = vec![subject.to_owned()]).await;
}

fn pids(running: &RunningStack, role: &str) -> Vec<u32> {
    let roles = running.stack.roles.iter();
    roles.filter(|known| known.role == role).map(|known| known.pid).collect()
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < end, "no {what} in time");
        std::thread::sleep(Duration::from_millis(100));
    }
}

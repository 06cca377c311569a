//! One request is one trace: every role that works on it logs the same trace id.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use aws_sdk_kms::primitives::Blob;
use serde_json::Value;
use trent_testkit::{Form, RunningStack, Stack};

const LOG: &str = "TRENT_LOG=info,trent_gateway=debug,trent_policy_evaluator=debug,\
    trent_crypto_worker=debug,trent_bus=debug";
const DONE: [&str; 3] = ["the gateway is done", "the evaluator is done", "the worker is done"];

#[test]
fn in_one_process() {
    each_request_is_one_trace(Form::Embedded);
}

#[test]
fn over_the_bus() {
    each_request_is_one_trace(Form::Distributed);
}

fn each_request_is_one_trace(form: Form) {
    let arguments = ["--env", LOG, "--env", "TRENT_LOG_FORMAT=json"];
    let running = RunningStack::start(form, &arguments).expect("a stack");
    let kms = trent_tests::client(&running.stack, 0);
    trent_tests::block_on(async {
        let key = kms.create_key().send().await.expect("a key").key_metadata.expect("metadata");
        for _ in 0..2 {
            let call = kms.encrypt().key_id(&key.key_id).plaintext(Blob::new("x"));
            call.send().await.expect("a ciphertext");
        }
    });
    let traces = encrypt_traces(&running.stack);
    assert_eq!(traces.len(), 2, "{traces:?}");
    for (trace, done) in traces {
        assert_eq!(trace.len(), 32);
        assert_eq!(done, DONE.iter().map(ToString::to_string).collect(), "{trace}");
    }
}

/// What was said to be done in the traces of Encrypt requests, from the logs of all processes.
fn encrypt_traces(stack: &Stack) -> BTreeMap<String, BTreeSet<String>> {
    let mut traces: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut encrypt = BTreeSet::new();
    for role in &stack.roles {
        let path = stack.directory.join(format!("{}-{}.log", role.role, role.index));
        let Ok(log) = fs::read_to_string(path) else { continue };
        for line in log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let message = line["fields"]["message"].as_str().unwrap_or_default().to_owned();
            let spans = line["spans"].as_array().cloned().unwrap_or_default();
            let ids: BTreeSet<String> = spans
                .iter()
                .filter_map(|span| span["trace_id"].as_str())
                .map(str::to_owned)
                .collect();
            let Some(id) = ids.first().filter(|_| DONE.contains(&message.as_str())) else {
                continue;
            };
            assert_eq!(ids.len(), 1, "all spans of a line are of one trace: {line}");
            if spans.iter().any(|span| span["operation"] == "Encrypt") {
                encrypt.insert(id.clone());
            }
            traces.entry(id.clone()).or_default().insert(message);
        }
    }
    traces.retain(|id, _| encrypt.contains(id));
    traces
}

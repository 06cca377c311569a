//! One sampled request is one trace, from the gateway to the keeping of its record; and who asks
//! for no traces gets none.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId as _;
use aws_sdk_kms::primitives::Blob;
use trent_testkit::{Form, RunningStack};
use trent_tests::otlp::{Receiver, Span};

const PLAINTEXT: &str = "plaintext-that-no-trace-may-hold";
const CONTEXT: &str = "context-value-that-no-trace-may-hold";

#[test]
fn in_one_process() {
    each_request_is_one_trace(Form::Embedded);
}

#[test]
fn over_the_bus() {
    each_request_is_one_trace(Form::Distributed);
}

fn traced(form: Form, receiver: &Receiver, ratio: &str) -> RunningStack {
    let endpoint = format!("TRENT_OTLP_ENDPOINT={}", receiver.endpoint);
    let ratio = format!("TRENT_TRACE_SAMPLE_RATIO={ratio}");
    let arguments = ["--env", &endpoint, "--env", &ratio, "--env", "TRENT_LOG_FORMAT=json"];
    RunningStack::start(form, &arguments).expect("a stack")
}

async fn key(kms: &Client) -> String {
    kms.create_key().send().await.expect("a key").key_metadata.expect("metadata").key_id
}

fn each_request_is_one_trace(form: Form) {
    let receiver = Receiver::start();
    let running = traced(form, &receiver, "1");
    let kms = trent_tests::client(&running.stack, 0);
    let request_id = trent_tests::block_on(async {
        let key = key(&kms).await;
        let call = kms.encrypt().key_id(&key).plaintext(Blob::new(PLAINTEXT));
        let answer = call.encryption_context("purpose", CONTEXT).send().await.unwrap();
        answer.request_id().expect("a request id").to_owned()
    });
    let encrypt = receiver.trace(|trace| has(trace, "KMS/Encrypt") && roles(trace).len() == 4);
    check_tree(form, &encrypt);
    let root = named(&encrypt, "KMS/Encrypt");
    assert_eq!(root.parent, "");
    assert_eq!((root.kind, root.status), (2, 0));
    for (attribute, value) in [
        ("rpc.system", "aws-api"),
        ("rpc.service", "KMS"),
        ("rpc.method", "Encrypt"),
        ("aws.request_id", &request_id),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(root.attributes.get(attribute).map(String::as_str), Some(value), "{attribute}");
    }
    // A change's record goes another way, through the registry's outbox, and is in the trace all
    // the same.
    if form == Form::Distributed {
        let create = receiver.trace(|trace| has(trace, "KMS/CreateKey") && roles(trace).len() == 4);
        assert!(has(&create, "change") && has(&create, "keep audit record"), "{create:#?}");
    }
    let sent = receiver.bytes();
    for secret in [PLAINTEXT, CONTEXT, &running.stack.secret_access_key, "AWS4-HMAC-SHA256"] {
        assert!(!sent.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
    }
}

/// Every span but the root hangs on another one of the trace, each where it belongs.
fn check_tree(form: Form, trace: &[Span]) {
    let parents: BTreeMap<_, _> = trace.iter().map(|span| (span.id.as_str(), span)).collect();
    assert_eq!(parents.len(), trace.len(), "no id stands twice");
    let parent = |name: &str| {
        let span = named(trace, name);
        parents.get(span.parent.as_str()).map_or("", |parent| parent.name.as_str()).to_owned()
    };
    assert_eq!(parent("policy.authorize"), "KMS/Encrypt");
    assert_eq!(parent("authorize"), "policy.authorize");
    assert_eq!(parent("crypto.fast"), "KMS/Encrypt");
    assert_eq!(parent("crypto Encrypt"), "crypto.fast");
    assert_eq!(parent("audit record"), "KMS/Encrypt");
    assert_eq!(parent("keep audit record"), "audit record");
    let service = |name: &str| named(trace, name).service.as_str();
    let expected = match form {
        Form::Embedded => ["trent-all"; 4],
        Form::Distributed => ["trent-gateway", "trent-policy", "trent-worker", "trent-audit"],
    };
    let found = ["KMS/Encrypt", "authorize", "crypto Encrypt", "keep audit record"].map(service);
    assert_eq!(found, expected);
    for span in trace {
        assert!(span.resource.contains_key("service.instance.id"), "{span:?}");
        assert!(span.resource.contains_key("service.version"), "{span:?}");
    }
}

#[test]
fn only_what_the_client_samples_is_traced_at_a_ratio_of_0() {
    let receiver = Receiver::start();
    let running = traced(Form::Embedded, &receiver, "0");
    let kms = trent_tests::client(&running.stack, 0);
    let given =
        |flags: &str| format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}");
    trent_tests::block_on(async {
        let key = key(&kms).await;
        for traceparent in [None, Some(given("00")), Some(given("01")), None] {
            let call = kms.encrypt().key_id(&key).plaintext(Blob::new("x")).customize();
            let call = call.mutate_request(move |request| {
                if let Some(traceparent) = &traceparent {
                    request.headers_mut().insert("traceparent", traceparent.clone());
                }
            });
            call.send().await.expect("a ciphertext");
        }
    });
    let trace = receiver.trace(|trace| roles(trace).len() == 4);
    let root = named(&trace, "KMS/Encrypt");
    assert_eq!(root.trace, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(root.parent, "00f067aa0ba902b7");
    drop(running);
    let all = receiver.spans();
    assert!(all.iter().all(|span| span.trace == root.trace), "{all:#?}");
    assert_eq!(all.iter().filter(|span| span.name == "KMS/Encrypt").count(), 1);
}

#[test]
fn failures_are_marked_and_a_receiver_that_is_away_holds_nothing_up() {
    let receiver = Receiver::start();
    let running = traced(Form::Embedded, &receiver, "1");
    let kms = trent_tests::client(&running.stack, 0);
    trent_tests::block_on(async {
        let missing = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let call = kms.encrypt().key_id(missing).plaintext(Blob::new("x"));
        call.send().await.expect_err("no such key");
    });
    let refused = receiver.trace(|trace| has(trace, "KMS/Encrypt"));
    let root = named(&refused, "KMS/Encrypt");
    assert_eq!(root.attributes.get("error.type").map(String::as_str), Some("NotFoundException"));
    assert_eq!(root.status, 0, "what a client did wrong is no failure of the server");
    drop(running);

    let nowhere = Receiver::nowhere();
    let running = traced(Form::Embedded, &nowhere, "1");
    let kms = trent_tests::client(&running.stack, 0);
    trent_tests::block_on(async {
        let key = key(&kms).await;
        for _ in 0..200 {
            let call = kms.encrypt().key_id(&key).plaintext(Blob::new("x"));
            call.send().await.expect("a ciphertext");
        }
    });
    let admin = running.stack.roles[0].admin_port;
    let lost = "trent_trace_spans_total{outcome=\"refused\"}";
    trent_testkit::process::wait_for("lost spans", std::time::Duration::from_secs(30), || {
        let text = trent_tests::exposition::scrape(admin).unwrap_or_default();
        text.lines().any(|line| line.starts_with(lost) && !line.ends_with(" 0"))
    })
    .expect("spans that are counted as lost");
}

#[test]
fn without_an_endpoint_nothing_is_traced() {
    let running = RunningStack::start(Form::Embedded, &[]).expect("a stack");
    let kms = trent_tests::client(&running.stack, 0);
    trent_tests::block_on(async { key(&kms).await });
    let text = trent_tests::exposition::scrape(running.stack.roles[0].admin_port).expect("metrics");
    assert!(text.contains("trent_requests_total{operation=\"CreateKey\""), "{text}");
    assert!(!text.contains("trent_trace_spans_total"), "{text}");
}

fn has(trace: &[Span], name: &str) -> bool {
    trace.iter().any(|span| span.name == name)
}

fn named<'a>(trace: &'a [Span], name: &str) -> &'a Span {
    let found: Vec<_> = trace.iter().filter(|span| span.name == name).collect();
    assert_eq!(found.len(), 1, "one {name} in {trace:#?}");
    found[0]
}

fn roles(trace: &[Span]) -> BTreeSet<&str> {
    trace.iter().filter_map(|s| s.attributes.get("trent.role")).map(String::as_str).collect()
}

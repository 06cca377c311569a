//! What the log says of requests: who asks for it gets a line for each, and a failure leaves its
//! cause under the id that the caller got.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::process::Command;
use std::time::Duration;

use aws_sdk_kms::error::ProvideErrorMetadata as _;
use aws_sdk_kms::operation::RequestId as _;
use serde_json::Value;
use trent_testkit::{Form, RunningStack, Stack, process};

fn lines(stack: &Stack, role: &str) -> Vec<Value> {
    let log = fs::read_to_string(stack.directory.join(format!("{role}-0.log"))).unwrap();
    log.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn of_request(stack: &Stack, role: &str, id: &str) -> Vec<Value> {
    let mut lines = lines(stack, role);
    lines.retain(|line| line["fields"]["request_id"] == id);
    lines
}

#[test]
fn an_access_log_has_one_line_for_every_request() {
    let log = "TRENT_LOG=info,trent_gateway::access=debug";
    let arguments = ["--env", log, "--env", "TRENT_LOG_FORMAT=json"];
    let running = RunningStack::start(Form::Embedded, &arguments).expect("a stack");
    let kms = trent_tests::client(&running.stack, 0);
    let (good, bad) = trent_tests::block_on(async {
        let good = kms.list_keys().send().await.expect("keys");
        let bad = kms.describe_key().key_id("alias/none").send().await.expect_err("no alias");
        (good.request_id().unwrap().to_owned(), bad.request_id().unwrap().to_owned())
    });
    for (id, operation, status, code) in
        [(good, "ListKeys", 200, "ok"), (bad, "DescribeKey", 400, "NotFoundException")]
    {
        let lines = of_request(&running.stack, "all", &id);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let (line, fields) = (&lines[0], &lines[0]["fields"]);
        assert_eq!(line["role"], "all");
        assert_eq!(line["target"], "trent_gateway::access");
        assert_eq!((&fields["operation"], &fields["status"]), (&operation.into(), &status.into()));
        assert_eq!((&fields["code"], &fields["client"]), (&code.into(), &"127.0.0.1".into()));
    }
}

#[test]
fn a_failure_of_ours_leaves_its_cause_under_the_callers_request_id() {
    let arguments = ["--env", "TRENT_LOG_FORMAT=json"];
    let running = RunningStack::start(Form::Distributed, &arguments).expect("a stack");
    let stack = &running.stack;
    let kms = trent_tests::client_with(stack, 0, &stack.secret_access_key, 1);
    for worker in stack.roles.iter().filter(|role| role.role == "policy") {
        let killed = Command::new("kill").args(["-KILL", &worker.pid.to_string()]).status();
        assert!(killed.expect("kill").success());
    }
    let failed = trent_tests::block_on(async { kms.list_keys().send().await });
    let failed = failed.expect_err("nobody decides");
    assert_eq!(failed.code(), Some("KMSInternalException"), "{failed:?}");
    let id = failed.request_id().expect("a request id");
    let line = || of_request(stack, "gateway", id).into_iter().find(|l| l["level"] == "WARN");
    process::wait_for("warning", Duration::from_secs(5), || line().is_some()).unwrap();
    let line = line().unwrap();
    assert_eq!(line["role"], "gateway");
    assert_eq!(line["fields"]["operation"], "ListKeys");
    assert_eq!(line["fields"]["code"], "KMSInternalException");
    let cause = line["fields"]["cause"].as_str().unwrap_or_default();
    assert!(!cause.is_empty(), "{line}");
}

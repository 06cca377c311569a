//! The program against the embedded form: what a person runs, and what its report says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use trent_testkit::{Form, RunningStack};

const MIX: &str = "encrypt=20,encrypt:4096=5,decrypt=20,decrypt:4096=5,re-encrypt=10,\
                   generate-data-key=10,generate-data-key-without-plaintext=5,describe-key=5,\
                   generate-random=5,list-aliases=5,list-keys=5,get-key-policy=5";

/// `trent-load run` with the stack's credentials, as variables say.
fn run(stack: &RunningStack, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trent-load"));
    command
        .arg("run")
        .env("AWS_ACCESS_KEY_ID", &stack.stack.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &stack.stack.secret_access_key)
        .env("TRENT_LOAD_ENDPOINT", stack.stack.endpoints.join(","))
        .envs(variables.iter().copied());
    command
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(both).unwrap()
}

fn report(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_load_of_many_keys_and_principals_is_answered_rightly_and_reported_in_full() {
    let stack = RunningStack::start(Form::Embedded, &[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (json, state) = (folder.path().join("report.json"), folder.path().join("state.json"));
    let pid = stack.stack.roles[0].pid.to_string();
    let variables = [
        ("TRENT_LOAD_RATE", "120"),
        ("TRENT_LOAD_SECONDS", "3"),
        ("TRENT_LOAD_WARM_UP", "1"),
        ("TRENT_LOAD_MIX", MIX),
        ("TRENT_LOAD_KEYS", "7"),
        ("TRENT_LOAD_KEY_CHOICE", "zipf"),
        ("TRENT_LOAD_PRINCIPALS", "3"),
        ("TRENT_LOAD_STATE", state.to_str().unwrap()),
        ("TRENT_LOAD_JSON", json.to_str().unwrap()),
        ("TRENT_LOAD_PIDS", &pid),
        ("TRENT_LOAD_VERIFY", "true"),
        ("TRENT_LOAD_MAX_FAILED", "0"),
        ("TRENT_LOAD_P99_MS", "encrypt=60000,all=60000"),
    ];
    let first = run(&stack, &variables).output().unwrap();
    assert!(first.status.success(), "{}", text(&first));

    let found = report(&json);
    let number = |path: &str| {
        let value = found.pointer(path).and_then(Value::as_f64);
        value.unwrap_or_else(|| panic!("no {path} in {found}"))
    };
    assert!((number("/schema") - 1.0).abs() < f64::EPSILON);
    let succeeded = number("/totals/succeeded");
    assert!(succeeded > 200.0, "{found}");
    for path in ["/totals/failed", "/totals/unanswered", "/totals/shed", "/warm_up/failed"] {
        assert!(number(path) < 0.5, "{path}: {found}");
    }
    assert!((number("/totals/arrivals") - succeeded).abs() < 0.5);
    for latency in ["response", "service"] {
        assert!(found["distribution"][latency].as_array().unwrap().len() > 20, "{found}");
        for figure in ["count", "mean_ms", "p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms"] {
            assert!(number(&format!("/latency/{latency}/{figure}")) > 0.0);
        }
    }
    assert!(number("/servers/cpu_seconds") > 0.0 && number("/generator/cpu_seconds") > 0.0);
    assert!(number("/generator/lateness/count") > 0.0 && number("/requests_per_second") > 50.0);
    let operations = found["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 12);
    let each = operations.iter().map(|one| one["succeeded"].as_f64().unwrap());
    assert!((each.sum::<f64>() - succeeded).abs() < 0.5);
    let timeline = found["timeline"].as_array().unwrap();
    assert!(timeline.len() >= 4 && timeline[0]["warm_up"] == true, "{timeline:?}");
    assert_eq!(found["configuration"]["mix"], MIX);
    assert_eq!(found["thresholds"].as_array().unwrap().len(), 4);
    assert_eq!(found["passed"], true);

    // Nothing secret is in what it says, and a second run signs with the users of the first.
    let kept = std::fs::read_to_string(&state).unwrap();
    let parsed: Value = serde_json::from_str(&kept).unwrap();
    for secret in ["/principals/0/secret_access_key", "/principals/2/secret_access_key"] {
        let secret = parsed.pointer(secret).and_then(Value::as_str).unwrap();
        assert!(!text(&first).contains(secret) && !found.to_string().contains(secret));
    }
    assert_eq!(std::fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
    let closed = [("TRENT_LOAD_SECONDS", "1"), ("TRENT_LOAD_CONNECTIONS", "4")];
    let closed = run(&stack, &[&variables[2..], &closed].concat()).output().unwrap();
    assert!(closed.status.success(), "{}", text(&closed));
    assert_eq!(std::fs::read_to_string(&state).unwrap(), kept);
    assert_eq!(report(&json)["loop_kind"], "closed");

    compared_and_plotted(folder.path(), &found);
    interrupted(&stack);
    refused(&stack);
}

/// A report is as fast as itself; a faster one, a different one and a picture are told apart.
fn compared_and_plotted(folder: &Path, report: &Value) {
    let write = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut changed = report.clone();
        change(&mut changed);
        std::fs::write(folder.join(name), changed.to_string()).unwrap();
    };
    write("a.json", &|_| ());
    write("faster.json", &|report| report["requests_per_second"] = 1e6.into());
    write("other.json", &|report| report["configuration"]["connections"] = 63.into());
    for (words, status, said) in [
        ("compare a.json a.json --max-slower 0", 0, "passed: not slower by more than 0 %"),
        ("compare a.json faster.json --max-slower 5", 0, "passed"),
        ("compare faster.json a.json --max-slower 5", 3, "requests per second all: B/A 0.000"),
        ("compare a.json a.json --json", 0, "\"figure\": \"response_p99_ms\""),
        ("compare a.json other.json", 1, "connections: A 64, B 63"),
        ("compare a.json other.json --force", 0, "DIFFERENT connections: A 64, B 63"),
        ("compare a.json nothing.json", 1, "nothing.json: No such file"),
        ("compare a.json a.json --max-slower=-1", 2, "not between"),
        ("plot a.json other.json -o load.svg", 0, ""),
        ("plot a.json", 2, "--output"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trent-load"));
        let output = command.current_dir(folder).args(words.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{words}: {}", text(&output));
        assert!(text(&output).contains(said), "{words}: {}", text(&output));
    }
    let picture = std::fs::read_to_string(folder.join("load.svg")).unwrap();
    let picture = roxmltree::Document::parse(&picture).unwrap();
    let curves = picture.descendants().filter(|node| node.has_tag_name("polyline"));
    assert!(curves.count() >= 12);
}

/// A signal ends the load with its report.
fn interrupted(stack: &RunningStack) {
    let mut command = run(stack, &[("TRENT_LOAD_SECONDS", "600"), ("TRENT_LOAD_RATE", "50")]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(progress.any(|line| line.unwrap().contains(" load ")));
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    assert!(progress.all(|line| line.is_ok()));
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success() && text(&ended).contains("ended early"), "{}", text(&ended));
}

/// What is wrong is said, by the exit status too.
fn refused(stack: &RunningStack) {
    for (variables, status, said) in [
        (&[("AWS_SECRET_ACCESS_KEY", "wrong")][..], 1, "SignatureDoesNotMatch"),
        (&[("TRENT_LOAD_MIX", "fly=1")], 1, "no operation fly"),
        (&[("TRENT_LOAD_RATE", "-3")], 2, "not between"),
        (&[("TRENT_LOAD_P99_MS", "all=0.000001"), ("TRENT_LOAD_SECONDS", "1")], 3, "BROKEN"),
    ] {
        let output = run(stack, variables).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", text(&output));
        assert!(text(&output).contains(said), "{}", text(&output));
    }
    let mut without = run(stack, &[]);
    for name in ["AWS_ACCESS_KEY_ID", "TRENT_ROOT_ACCESS_KEY_ID"] {
        without.env_remove(name);
    }
    let output = without.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("AWS_ACCESS_KEY_ID is not set"), "{}", text(&output));
}

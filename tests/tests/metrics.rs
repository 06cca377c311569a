//! Every role's metrics are those that `docs/metrics.md` lists, described and with these labels;
//! and nothing in them names a key, a principal or a secret.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use aws_sdk_kms::primitives::Blob;
use trent_testkit::{Form, RunningStack, Stack};
use trent_tests::exposition::{Family, parse, scrape};

/// What appears only when something rare has happened.
const RARE: &[&str] = &[];

#[test]
fn in_one_process() {
    exposes_what_is_documented(Form::Embedded);
}

#[test]
fn over_the_bus() {
    exposes_what_is_documented(Form::Distributed);
}

/// A row of the documentation's table.
#[derive(Debug)]
struct Row {
    kind: String,
    labels: BTreeSet<String>,
    roles: String,
}

fn documented() -> BTreeMap<String, Row> {
    let text = fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("docs/metrics.md"),
    )
    .unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let labels = cells[3].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let row = Row { kind: cells[2].into(), labels, roles: cells[4].into() };
        (cells[1].trim_matches('`').to_owned(), row)
    });
    // The second table of the page is about spans.
    rows.filter(|(name, _)| name.starts_with("trent_") || name.starts_with("process_")).collect()
}

fn exposes_what_is_documented(form: Form) {
    // Nobody takes the spans: that is a metric, too.
    let endpoint = "TRENT_OTLP_ENDPOINT=http://127.0.0.1:9";
    let running = RunningStack::start(form, &["--env", endpoint]).expect("a stack");
    let stack = &running.stack;
    let rows = documented();
    for role in stack.roles.iter().filter(|role| role.admin_port != 0) {
        let text = scrape(role.admin_port).unwrap();
        let families = parse(&text).unwrap();
        let zero = families.iter().filter(|(_, family)| family.kind == "counter");
        assert!(zero.count() > 1, "counters begin at 0: {text}");
        if ["all", "gateway"].contains(&role.role.as_str()) {
            let begun = "trent_requests_total{operation=\"Decrypt\",code=\"ok\",status=\"2xx\"} 0";
            assert!(text.contains(begun), "{text}");
        }
    }
    let (key, secret) = work(&running);

    let mut seen: BTreeMap<String, Family> = BTreeMap::new();
    for role in stack.roles.iter().filter(|role| role.admin_port != 0) {
        let text = scrape(role.admin_port).unwrap();
        for hidden in [&key, &secret, &stack.access_key_id, "123456789012"] {
            assert!(!text.contains(hidden), "{} of {}", hidden, role.role);
        }
        let families = parse(&text).unwrap();
        for name in ["trent_build_info", "trent_ready", "process_cpu_seconds_total"] {
            assert!(families.contains_key(name), "{name} of {}", role.role);
        }
        for (name, family) in families.into_iter().filter(|(_, family)| family.samples > 0) {
            let known = seen.entry(name).or_default();
            known.kind.clone_from(&family.kind);
            known.labels.extend(family.labels);
        }
    }
    for (name, family) in &seen {
        let row = rows.get(name).unwrap_or_else(|| panic!("{name} is not in docs/metrics.md"));
        assert_eq!(row.kind, family.kind, "{name}");
        assert_eq!(row.labels, family.labels, "{name}");
    }
    for (name, row) in &rows {
        let other = match form {
            Form::Embedded => row.roles.contains("distributed") || name.contains("database"),
            Form::Distributed => row.roles == "embedded",
        };
        let elsewhere = form == Form::Embedded && is_of_a_process_apart(name);
        let expected = !other && !elsewhere && !RARE.contains(&name.as_str());
        assert!(!expected || seen.contains_key(name), "{name} is documented and not there");
    }
}

/// The audit logger and the bus are not there in one process.
fn is_of_a_process_apart(name: &str) -> bool {
    ["trent_audit_", "trent_bus_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Has every kind of thing happen: successes, refusals, changes. Returns what must not be seen.
fn work(running: &RunningStack) -> (String, String) {
    let stack = &running.stack;
    let kms = trent_tests::client(stack, 0);
    let forger = trent_tests::client_with(stack, 0, "another secret of the same user", 1);
    trent_tests::block_on(async {
        let made = kms.create_key().send().await.expect("a key");
        let key = made.key_metadata.expect("metadata").key_id;
        let call = kms.encrypt().key_id(&key).plaintext(Blob::new("secret"));
        let blob = call.send().await.expect("a ciphertext").ciphertext_blob.unwrap();
        kms.decrypt().ciphertext_blob(blob).send().await.expect("the plaintext");
        kms.describe_key().key_id("alias/nowhere").send().await.expect_err("no such alias");
        forger.list_keys().send().await.expect_err("a forged signature");
        kms.list_keys().send().await.expect("keys");
        look_up(stack);
        (key, stack.secret_access_key.clone())
    })
}

/// Asks the trail something.
fn look_up(stack: &Stack) {
    let mut trent = Command::new(trent_testkit::program("trent").expect("trent"));
    trent.args(["audit", "lookup", "--endpoint", &stack.endpoints[0]]);
    trent.env("AWS_ACCESS_KEY_ID", &stack.access_key_id);
    trent.env("AWS_SECRET_ACCESS_KEY", &stack.secret_access_key);
    trent.env("AWS_REGION", "us-east-1");
    let output = trent.output().expect("trent audit lookup");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

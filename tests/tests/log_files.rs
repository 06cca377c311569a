//! Log files and digests in CloudTrail's layout, in both forms, whatever is killed meanwhile.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use aws_sdk_kms::primitives::Blob;
use serde_json::Value;
use trent_testkit::{Form, RunningStack, program, trail};
use trent_tests::crash::signal;
use trent_tests::{block_on, client};

const ACCOUNT: &str = "123456789012";

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let each = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    let mut found: Vec<_> = paths.flat_map(each).collect();
    found.sort();
    found
}

/// How often each event of the account is in a log file.
fn delivered(logs: &Path) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for file in files(&logs.join(format!("AWSLogs/{ACCOUNT}/CloudTrail"))) {
        if file.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        let content = Command::new("gzip").arg("-dc").arg(&file).output().unwrap();
        assert!(content.status.success(), "{}", file.display());
        let content: Value = serde_json::from_slice(&content.stdout).unwrap();
        for record in content["Records"].as_array().unwrap() {
            *found.entry(record["eventID"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    found
}

fn validate(running: &RunningStack, logs: &Path) -> Output {
    let mut command = Command::new(program("trent").unwrap());
    command.args(["audit", "validate-logs", "--account", ACCOUNT, "--directory"]).arg(logs);
    command.env("TRENT_DATA_DIR", running.stack.directory.join("data"));
    command.envs(running.stack.signing_key()).output().unwrap()
}

fn files_are_whole(form: Form, writer: &str) {
    let folder = std::env::temp_dir().join(format!("trent-logs-{:016x}", rand::random::<u64>()));
    let logs = Folder(folder);
    let directory = format!("TRENT_AUDIT_LOG_DIR={}", logs.0.display());
    let variables =
        [&*directory, "TRENT_AUDIT_LOG_INTERVAL_MS=200", "TRENT_AUDIT_DIGEST_INTERVAL_MS=1000"];
    let mut arguments = vec!["--restart"];
    arguments.extend(variables.iter().flat_map(|variable| ["--env", variable]));
    let running = RunningStack::start(form, &arguments).expect("a stack");
    block_on(async {
        let kms = client(&running.stack, 0);
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        for round in 0..40 {
            let call = kms.encrypt().key_id(&key).plaintext(Blob::new("x"));
            call.send().await.unwrap();
            if round % 10 == 5 {
                let roles = running.roles().unwrap();
                let writer = roles.iter().find(|role| role.role == writer).unwrap();
                signal("KILL", writer.pid);
                tokio::time::sleep(Duration::from_millis(1_200)).await;
            }
        }
    });
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let of_account = |record: &Value| {
            let own = record["recipientAccountId"] == ACCOUNT;
            own.then(|| record["eventID"].as_str().unwrap().to_owned())
        };
        let records = trail::records(&running.stack).unwrap();
        let events: Vec<String> = records.iter().filter_map(of_account).collect();
        let delivered = delivered(&logs.0);
        assert!(delivered.values().all(|times| *times == 1), "{delivered:?}");
        if events.len() >= 41 && events.iter().all(|event| delivered.contains_key(event)) {
            assert_eq!(events.len(), delivered.len());
            break;
        }
        assert!(Instant::now() < end, "{} of {} records", delivered.len(), events.len());
        std::thread::sleep(Duration::from_millis(300));
    }
    // Once more, so that the last files are in a digest.
    std::thread::sleep(Duration::from_millis(2_500));
    let good = validate(&running, &logs.0);
    let said = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(good.status.success() && said.contains("log files are valid"), "{said}");
    let victim = files(&logs.0.join(format!("AWSLogs/{ACCOUNT}/CloudTrail")))[0].clone();
    let name = victim.file_name().unwrap().to_string_lossy().into_owned();
    let whole = fs::read(&victim).unwrap();
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(&victim, &changed).unwrap();
    let found = validate(&running, &logs.0);
    let said = String::from_utf8_lossy(&found.stdout).into_owned();
    assert_eq!(found.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("{name}: changed")), "{said}");
    fs::remove_file(&victim).unwrap();
    let said = String::from_utf8_lossy(&validate(&running, &logs.0).stdout).into_owned();
    assert!(said.contains(&format!("{name}: missing")), "{said}");
    fs::write(&victim, &whole).unwrap();
    assert!(validate(&running, &logs.0).status.success());
}

#[test]
fn embedded_log_files_have_every_record_once_and_validate() {
    files_are_whole(Form::Embedded, "all");
}

#[test]
fn distributed_log_files_have_every_record_once_and_validate() {
    files_are_whole(Form::Distributed, "audit");
}

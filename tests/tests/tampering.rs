//! The trail is tampered with by who may do everything where it is kept: in the journal's files,
//! and in Postgres as its superuser. Each time `trent audit verify` says in one line what was
//! done.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use aws_sdk_kms::primitives::Blob;
use serde_json::Value;
use trent_testkit::{Form, RunningStack, program};
use trent_tests::forging::{Ends, REHASH, between, mark, rehashed, with_checksum};
use trent_tests::{block_on, client, crash};

const ACCOUNT: &str = "123456789012";

/// Records of the account's chain; whatever else is recorded comes before them.
const CALLS: u64 = 12;

/// A stack whose trail is covered by checkpoints, and stands still.
struct Covered {
    running: RunningStack,
    /// Sequence and event id of the account's records.
    events: Vec<(u64, String)>,
}

impl Covered {
    fn start(form: Form) -> Self {
        let interval = "TRENT_AUDIT_CHECKPOINT_INTERVAL_MS=100";
        let running = RunningStack::start(form, &["--env", interval]).expect("a stack");
        block_on(async {
            let kms = client(&running.stack, 0);
            let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
            for _ in 1..CALLS {
                let call = kms.encrypt().key_id(&key).plaintext(Blob::new("x"));
                call.send().await.unwrap();
            }
        });
        let mut covered = Self { running, events: Vec::new() };
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            covered.events = covered.chain();
            let last = covered.events.last().map_or(0, |(sequence, _)| *sequence);
            if last >= CALLS && covered.covered_up_to() >= last {
                return covered;
            }
            assert!(Instant::now() < end, "the trail was not covered");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn checkpoints(&self) -> PathBuf {
        self.running.stack.directory.join("data/checkpoints")
    }

    /// Up to which record of the account's chain checkpoints say what it is.
    fn covered_up_to(&self) -> u64 {
        let Ok(files) = fs::read_dir(self.checkpoints()) else { return 0 };
        let mut last = 0;
        for file in files {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            for line in text.lines() {
                let line: Value = serde_json::from_str(line).unwrap_or_default();
                for head in line["heads"].as_array().into_iter().flatten() {
                    if head["chain"] == ACCOUNT {
                        last = last.max(head["sequence"].as_u64().unwrap());
                    }
                }
            }
        }
        last
    }

    fn chain(&self) -> Vec<(u64, String)> {
        match self.running.stack.form {
            Form::Embedded => Journal(self.running.stack.directory.join("data/journal")).chain(),
            Form::Distributed => {
                let rows = self.sql(
                    "SELECT sequence, encode(event_id, 'hex') FROM audit_event \
                     WHERE chain = '123456789012' ORDER BY sequence",
                );
                let row = |line: &str| {
                    let (sequence, id) = line.split_once('|').unwrap();
                    let dashed = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]];
                    (sequence.parse().unwrap(), dashed.join("-"))
                };
                rows.lines().map(row).collect()
            }
        }
    }

    /// Runs statements as the superuser, without triggers.
    fn sql(&self, statements: &str) -> String {
        let url = self.running.stack.database_url.clone().unwrap();
        let all = format!("SET session_replication_role = replica; {statements}");
        let mut psql = Command::new("psql");
        psql.args(["-qXAt1", "-v", "ON_ERROR_STOP=1", "-c", &all, &url]);
        let done = psql.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// The event at this distance from the end of the account's chain, 1 being the last.
    fn before_end(&self, distance: usize) -> &(u64, String) {
        &self.events[self.events.len() - distance]
    }
}

fn finding(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// The line names all of this.
fn names(output: &Output, parts: &[&str]) {
    let line = finding(output);
    for part in parts {
        assert!(line.contains(part), "'{part}' is not in: {line}");
    }
}

/// What checkpoints alone show: the changed record is between two of them.
fn found_in_range(output: &Output, chain: &str, sequence: u64) {
    let line = finding(output);
    for part in ["broken record", chain, "hashes were computed anew", "the checkpoint of"] {
        assert!(line.contains(part), "'{part}' is not in: {line}");
    }
    let range = between(&line, "one of the records ", ",");
    let (first, last) = range.split_once(" to ").unwrap();
    let range = first.parse::<u64>().unwrap()..=last.parse::<u64>().unwrap();
    assert!(range.contains(&sequence), "{line}");
}

#[test]
fn in_postgres_every_tampering_is_found_and_named() {
    let covered = Covered::start(Form::Distributed);
    // The logger covers what it finds, also what was tampered with: these are the ones of before.
    let kept = covered.running.stack.directory.join("kept");
    copy_files(&covered.checkpoints(), &kept);
    let verify = || {
        let mut command = Command::new(program("trent").unwrap());
        command.args(["audit", "verify", "--checkpoints"]).arg(&kept);
        command.envs(covered.running.stack.database_as("reader"));
        command.envs(covered.running.stack.signing_key()).output().unwrap()
    };
    let good = crash::verify(&covered.running);
    let said = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(good.status.success() && said.contains("checkpoints confirm it"), "{said}");
    covered.sql(
        "CREATE TABLE kept AS TABLE audit_event; CREATE TABLE kept_heads AS TABLE audit_chain",
    );
    let put_back = || {
        covered.sql(
            "TRUNCATE audit_event; INSERT INTO audit_event SELECT * FROM kept; \
             TRUNCATE audit_chain; INSERT INTO audit_chain SELECT * FROM kept_heads",
        );
        assert!(verify().status.success());
    };
    let chain = format!("chain {ACCOUNT}");
    let ((sequence, event), (later, _)) = (covered.before_end(6), covered.before_end(3));
    let at = format!("sequence {sequence},");
    let of = |sequence: &u64| format!("chain = '{ACCOUNT}' AND sequence = {sequence}");
    let (row, later_row) = (of(sequence), of(later));

    covered.sql(&format!(
        "UPDATE audit_event SET cloudtrail_json = set_byte(cloudtrail_json, 40, \
         get_byte(cloudtrail_json, 40) # 1) WHERE {row}"
    ));
    names(&verify(), &["broken record", &chain, &at, event]);
    put_back();

    covered.sql(&format!("DELETE FROM audit_event WHERE {row}"));
    names(&verify(), &["missing record", &chain, &format!("sequence {sequence}:")]);
    put_back();

    let swap = format!(
        "UPDATE audit_event SET sequence = {sequence} + {later} - sequence WHERE ({row}) OR \
         ({later_row})"
    );
    covered.sql(&swap);
    names(&verify(), &["reordered record", &chain, &at, event]);
    put_back();

    covered.sql(&format!("{swap}; {REHASH}"));
    let last = covered.before_end(1);
    found_in_range(&verify(), &chain, *sequence);
    put_back();

    covered
        .sql(&format!("DELETE FROM audit_event WHERE chain = '{ACCOUNT}' AND sequence >= {later}"));
    names(&verify(), &["truncated end", &chain, &format!("sequence {later}:")]);
    put_back();

    covered.sql(&format!(
        "DELETE FROM audit_event WHERE chain = '{ACCOUNT}' AND sequence >= {later}; {REHASH}"
    ));
    let gone = format!("records {later} to {} were there", last.0);
    names(&verify(), &["truncated end", &chain, &gone, "the checkpoint of"]);
    covered.sql(&format!(
        "DELETE FROM audit_event WHERE chain = '{ACCOUNT}'; \
         DELETE FROM audit_chain WHERE chain = '{ACCOUNT}'"
    ));
    let gone = format!("records 1 to {} were there", last.0);
    names(&verify(), &["truncated end", &chain, &gone, "the checkpoint of"]);
    put_back();
}

/// The files of a journal.
struct Journal(PathBuf);

impl Journal {
    fn segments(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let mut segments: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).collect();
        segments.sort();
        segments
    }

    fn lines(&self) -> Vec<String> {
        let [segment] = self.segments().try_into().unwrap();
        let segment: PathBuf = segment;
        let text = fs::read_to_string(segment).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn write(&self, lines: &[String]) {
        let [segment] = self.segments().try_into().unwrap();
        let segment: PathBuf = segment;
        fs::write(segment, lines.join("\n") + "\n").unwrap();
    }

    fn chain(&self) -> Vec<(u64, String)> {
        let parse = |line: &String| serde_json::from_str::<Value>(line).unwrap();
        let records = self.lines().iter().skip(1).map(parse).collect::<Vec<_>>();
        let own = records.iter().filter(|record| record["chain"] == ACCOUNT);
        own.map(|r| (r["sequence"].as_u64().unwrap(), r["event_id"].as_str().unwrap().to_owned()))
            .collect()
    }

    /// The line of a record of the account.
    fn index(&self, sequence: u64) -> usize {
        let start = format!("\"chain\":\"{ACCOUNT}\",\"sequence\":{sequence},");
        self.lines().iter().position(|line| line.contains(&start)).unwrap()
    }
}

#[test]
fn in_the_journal_every_tampering_is_found_and_named() {
    let covered = Covered::start(Form::Embedded);
    let good = crash::verify(&covered.running);
    let said = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(good.status.success() && said.contains("checkpoints confirm it"), "{said}");
    let data = covered.running.stack.directory.join("data");
    // The files are copied away from under the process, with what is needed to verify them.
    let copy = covered.running.stack.directory.join("copy");
    let journal = Journal(copy.join("journal"));
    let put_back = || copy_files(&data.join("journal"), &journal.0);
    put_back();
    let public = public_keys(&data, &copy);
    let verify = || {
        let checkpoints = covered.checkpoints();
        let mut command = Command::new(program("trent").unwrap());
        command.args(["audit", "verify", "--checkpoints"]).arg(checkpoints);
        command.arg("--public-key").arg(&public).env("TRENT_DATA_DIR", &copy).output().unwrap()
    };
    assert!(verify().status.success());
    let chain = format!("chain {ACCOUNT}");
    let ((sequence, event), (later, _)) = (covered.before_end(6), covered.before_end(3));
    let (last, _) = covered.before_end(1);
    let (at, later_at) = (journal.index(*sequence), journal.index(*later));
    let (place, whole) = (format!("sequence {sequence},"), journal.lines());

    let mut lines = whole.clone();
    lines[at] = lines[at].replace("\"eventName\":\"Encrypt\"", "\"eventName\":\"Encrypu\"");
    journal.write(&lines);
    names(&verify(), &["broken record", &chain, &place, event]);
    lines[at] = with_checksum(&lines[at].clone()[21..]);
    journal.write(&lines);
    names(&verify(), &["broken record", &chain, &place, event, "its hash is another"]);

    let mut lines = whole.clone();
    lines.remove(at);
    journal.write(&lines);
    names(&verify(), &["missing record", &chain, &format!("sequence {sequence}, at")]);

    let mut lines = whole.clone();
    lines.swap(at, later_at);
    journal.write(&lines);
    names(&verify(), &["reordered record", &chain, &place, event]);
    journal.write(&rehashed(&lines, &mut Ends::new()));
    found_in_range(&verify(), &chain, *sequence);
    // Only their sequences are swapped, with good checksums.
    let numbered = |line: &str, from: &u64, to: &u64| {
        let (from, to) = (format!("\"sequence\":{from},"), format!("\"sequence\":{to},"));
        with_checksum(&line[21..].replacen(&from, &to, 1))
    };
    lines[at] = numbered(&whole[later_at], later, sequence);
    lines[later_at] = numbered(&whole[at], sequence, later);
    journal.write(&lines);
    names(&verify(), &["reordered record", &chain, &place, event]);

    let mut lines = whole.clone();
    lines.truncate(later_at);
    journal.write(&lines);
    names(&verify(), &["truncated end", &chain, &format!("sequence {later}, at")]);
    fs::write(journal.0.join("mark"), mark(1, &lines)).unwrap();
    let gone = format!("records {later} to {last} were there");
    names(&verify(), &["truncated end", &chain, &gone, "the checkpoint of"]);

    put_back();
    assert!(verify().status.success());
    assert_eq!(
        journal.lines(),
        rehashed(&whole, &mut Ends::new()),
        "the test computes hashes as the journal does"
    );
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// What `trent audit public-keys` prints, in a file.
fn public_keys(data: &Path, folder: &Path) -> PathBuf {
    let mut command = Command::new(program("trent").unwrap());
    command.args(["audit", "public-keys", "--data-dir"]).arg(data);
    let printed = command.output().unwrap();
    assert!(printed.status.success());
    assert!(!String::from_utf8_lossy(&printed.stdout).contains("PRIVATE"));
    let path = folder.join("public-keys.pem");
    fs::write(&path, printed.stdout).unwrap();
    path
}

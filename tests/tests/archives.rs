//! Old records leave the trail as signed files, in both forms, while the service runs or stands.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_sdk_kms::primitives::Blob;
use trent_testkit::{Form, RunningStack, program, trail};
use trent_tests::forging::{Ends, REHASH, between, header, mark, rehashed};
use trent_tests::{block_on, client};

/// Long enough for every record to be in a month that may leave.
const AGE_MS: i64 = 200 * 86_400_000;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("trent-archives-{:016x}", rand::random::<u64>());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(output: &Output) -> String {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&said).into_owned()
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

/// The month so many months before the present one, as in 2026-03.
#[expect(clippy::disallowed_methods, reason = "tests of what the real clock says")]
fn month_before(months: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let date = Command::new("date").args(["-u", "+%Y %m", "-d", &format!("@{now}")]).output();
    let date = String::from_utf8(date.unwrap().stdout).unwrap();
    let (year, month) = date.trim().split_once(' ').unwrap();
    let month = year.parse::<i64>().unwrap() * 12 + month.parse::<i64>().unwrap() - 1 - months;
    format!("{:04}-{:02}", month / 12, month % 12 + 1)
}

fn encrypt(running: &RunningStack, times: usize) {
    block_on(async {
        let kms = client(&running.stack, 0);
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        for _ in 0..times {
            kms.encrypt().key_id(&key).plaintext(Blob::new("x")).send().await.unwrap();
        }
    });
}

fn sql(running: &RunningStack, statements: &str) -> String {
    let url = running.stack.database_url.clone().unwrap();
    let all = format!("SET session_replication_role = replica; {statements}");
    done(Command::new("psql").args(["-qXAt1", "-v", "ON_ERROR_STOP=1", "-c", &all, &url]))
}

#[test]
fn months_leave_postgres_whenever_the_command_is_killed_and_the_chains_stay_whole() {
    let folder = Folder::new();
    // What tests do to the records must not be covered by checkpoints.
    let never = "TRENT_AUDIT_CHECKPOINT_INTERVAL_MS=3600000";
    let running = RunningStack::start(Form::Distributed, &["--env", never]).expect("a stack");
    encrypt(&running, 40);
    while trail::records(&running.stack).unwrap().len() < 41 {
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = fs::remove_dir_all(running.stack.directory.join("data/checkpoints"));
    sql(
        &running,
        &format!(
            "DO $$ BEGIN FOR month IN 5..10 LOOP PERFORM make_audit_month((extract(year FROM \
             now()) * 12 + extract(month FROM now()) - 1)::integer - month); END LOOP; END $$; \
             UPDATE audit_event SET event_time = event_time - {AGE_MS} - 40 * 86400000::bigint * \
             (sequence % 2) WHERE sequence < 30; {REHASH}"
        ),
    );
    let to = folder.0.join("archives");
    let trent = |arguments: &[&str], who: &str| {
        let mut command = Command::new(program("trent").unwrap());
        command.args(["audit"]).args(arguments).envs(running.stack.database_as(who));
        command.env("TRENT_DATA_DIR", &folder.0).envs(running.stack.signing_key());
        command
    };
    let before = month_before(3);
    let archives = to.display().to_string();
    let archive = || trent(&["archive", "--before", &before, "--to", &archives], "owner");
    let verify = || trent(&["verify", "--archives", &archives], "reader");
    let refused = archive().args(["--before", &month_before(2)]).output().unwrap();
    assert!(!refused.status.success());
    let refused = trent(&["archive", "--before", &month_before(2), "--to", &archives], "owner");
    let refused = { refused }.output().unwrap();
    assert!(text(&refused).contains("the three before it stay"), "{}", text(&refused));
    let denied = trent(&["archive", "--before", &before, "--to", &archives], "audit");
    assert!(!{ denied }.output().unwrap().status.success(), "the logger removes nothing");
    assert!(done(&mut verify()).contains("the trail is whole"));

    for delay_ms in [5, 20, 40, 60, 80, 120, 160, 240] {
        let mut killed = archive().spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay_ms));
        let _ = killed.kill();
        killed.wait().unwrap();
        let mut verify = trent(&["verify"], "reader");
        assert!(done(&mut verify).contains("the trail is whole"), "killed after {delay_ms} ms");
    }
    done(&mut archive());
    let left =
        sql(&running, "SELECT count(*) FROM audit_event WHERE sequence < 30 AND chain <> ''");
    assert_eq!(left.trim(), "0");
    let said = done(&mut verify());
    assert!(said.contains("29 of them are in 6 archives, whose files were verified"), "{said}");
    assert!(said.contains("the trail is whole: 41 records"), "{said}");
    // The service goes on, and what it records follows.
    encrypt(&running, 3);
    while trail::records(&running.stack).unwrap().len() < 12 + 4 {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(done(&mut verify()).contains("the trail is whole: 45 records"));
    assert!(done(&mut archive()).contains("nothing older"));
    // Without a manifest its records are missed.
    sql(&running, "DELETE FROM audit_archive");
    let output = verify().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("missing record, chain 123456789012"), "{}", text(&output));
}

#[test]
fn segments_leave_the_journal_and_the_service_goes_on() {
    let folder = Folder::new();
    let home = folder.0.join("home");
    let data = home.join("data");
    let public = folder.0.join("keys");
    let backup = folder.0.join("backup");
    {
        let running = RunningStack::start(Form::Embedded, &[]).expect("a stack");
        encrypt(&running, 20);
        let from = running.stack.directory.join("data");
        let mut trent = Command::new(program("trent").unwrap());
        trent.arg("backup").arg("--data-dir").arg(&from).arg("--to").arg(&backup);
        done(trent.arg("--include-keys").arg(&public));
    }
    let mut restore = Command::new(program("trent").unwrap());
    restore.arg("restore").arg("--from").arg(&backup).arg("--data-dir").arg(&data);
    done(restore.arg("--keys").arg(&public));
    assert!(data.join("keys/audit-signing.key").exists(), "it is among the keys");
    age(&data);
    let trent = |arguments: &[&str]| {
        let mut command = Command::new(program("trent").unwrap());
        command.arg("audit").args(arguments).arg("--data-dir").arg(&data);
        command
    };
    let (before, to) = (month_before(3), folder.0.join("archives").display().to_string());
    let archive = || done(&mut trent(&["archive", "--before", &before, "--to", &to]));
    assert!(archive().contains("nothing older"), "what is read still stays");
    let running =
        RunningStack::start(Form::Embedded, &["--directory", &home.display().to_string()]);
    let running = running.expect("a stack on what is left");
    let end = Instant::now() + Duration::from_secs(30);
    let said = loop {
        let said = archive();
        if !said.contains("nothing older") {
            break said;
        }
        assert!(Instant::now() < end, "the first segment was never read");
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(said.contains("archived 10 records"), "{said}");
    assert!(!data.join("journal/00000000000000000001.jsonl").exists());
    encrypt(&running, 3);
    let said = done(&mut trent(&["verify", "--archives", &to]));
    assert!(said.contains("10 of them are in 1 archives, whose files were verified"), "{said}");
    assert!(said.contains("the trail is whole: 25 records"), "{said}");
    // A backup of it restores elsewhere.
    let again = folder.0.join("again");
    let mut trent = Command::new(program("trent").unwrap());
    done(trent.arg("backup").arg("--data-dir").arg(&data).arg("--to").arg(&again));
}

/// Puts the first ten records into a segment of their own, long ago.
fn age(data: &Path) {
    let segment = |number: u64| data.join(format!("journal/{number:020}.jsonl"));
    let content = fs::read_to_string(segment(1)).unwrap();
    let lines: Vec<String> = content.lines().map(str::to_owned).collect();
    let mut first: Vec<String> = lines[..11].to_vec();
    let mut latest = 0;
    for line in &mut first[1..] {
        let time = between(line, "\"time_ms\":", ",").to_owned();
        latest = time.parse::<i64>().unwrap() - AGE_MS;
        *line = line.replacen(&time, &latest.to_string(), 1);
    }
    let mut ends = Ends::new();
    let first = rehashed(&first, &mut ends);
    let mut second = vec![header(2, latest, &ends)];
    second.extend_from_slice(&lines[11..]);
    let second = rehashed(&second, &mut ends);
    fs::write(segment(1), first.join("\n") + "\n").unwrap();
    fs::write(segment(2), second.join("\n") + "\n").unwrap();
    fs::write(data.join("journal/mark"), mark(2, &second)).unwrap();
}

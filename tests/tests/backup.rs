//! Backups: made under load, restored elsewhere, refused when anything is wrong. Each test has a
//! stack of its own.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_kms::primitives::Blob;
use trent_testkit::{Form, RunningStack, program};
use trent_tests::answers::{Answers, answered, check, check_trail, work};
use trent_tests::{block_on, client, crash};

/// A new temporary folder, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("trent-backup-{:016x}", rand::random::<u64>());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn trent(arguments: &[&str]) -> Output {
    let done = Command::new(program("trent").unwrap()).args(arguments).output();
    done.expect("trent")
}

/// Runs a command that must succeed; returns what it printed.
fn done(arguments: &[&str]) -> String {
    let output = trent(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs a command that must be refused; returns why.
fn refused(arguments: &[&str]) -> String {
    let output = trent(arguments);
    assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
    text(&output.stderr)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn start_on(folder: &str) -> RunningStack {
    RunningStack::start(Form::Embedded, &["--directory", folder]).expect("a restored stack")
}

#[test]
fn a_backup_under_load_restores_every_answer_elsewhere() {
    let folder = Folder::new();
    let running = RunningStack::start(Form::Embedded, &[]).expect("a stack");
    let data = running.stack.directory.join("data").display().to_string();
    let answers = Arc::new(Mutex::new(Answers::default()));
    let before: Vec<Answers> = block_on(async {
        let clients: Vec<_> = (0..4)
            .map(|number| {
                tokio::spawn(work(client(&running.stack, 0), number, Arc::clone(&answers)))
            })
            .collect();
        let mut before = Vec::new();
        for round in 0..3 {
            let so_far = answers.lock().unwrap().requests.len();
            before.push(answered(&answers, so_far + 150).await);
            let (to, keys) = (folder.at(&format!("b{round}")), folder.at(&format!("k{round}")));
            let backup = ["backup", "--data-dir", &data, "--to", &to, "--include-keys", &keys];
            let backup = backup.map(str::to_owned);
            let backup =
                tokio::task::spawn_blocking(move || done(&backup.each_ref().map(String::as_str)));
            let said = backup.await.unwrap();
            assert!(said.contains("keep them apart"), "{said}");
        }
        // The load went on meanwhile, and still does.
        let so_far = answers.lock().unwrap().requests.len();
        answered(&answers, so_far + 50).await;
        clients.iter().for_each(|client| client.abort());
        before
    });
    let last = before.last().unwrap().requests.len();
    assert!(answers.lock().unwrap().requests.len() > last + 50, "nothing was done meanwhile");
    drop(running);
    for (round, before) in before.iter().enumerate() {
        let home = folder.at(&format!("restored-{round}"));
        let (from, keys) = (folder.at(&format!("b{round}")), folder.at(&format!("k{round}")));
        holds_no_key(Path::new(&from), Path::new(&keys));
        let data = format!("{home}/data");
        let said = done(&["restore", "--from", &from, "--keys", &keys, "--data-dir", &data]);
        assert!(said.contains("every audit chain was verified"), "{said}");
        let restored = start_on(&home);
        block_on(async {
            let kms = client(&restored.stack, 0);
            check(&kms, before).await;
            check_trail(&restored, before);
            // It goes on where the backup ended.
            let new = Arc::new(Mutex::new(Answers::default()));
            let working = tokio::spawn(work(kms.clone(), 9, Arc::clone(&new)));
            let more = answered(&new, 20).await;
            working.abort();
            check(&kms, &more).await;
            check_trail(&restored, &more);
            check_trail(&restored, before);
        });
    }
}

/// Folders and files are for their owner only, and none has a key.
fn holds_no_key(backup: &Path, keys: &Path) {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(keys), 0o600);
    let keys = fs::read_to_string(keys).unwrap();
    let keys: Vec<&str> = keys.lines().filter_map(|line| line.strip_prefix("1 ")).collect();
    assert_eq!(keys.len(), 5, "domain, Permit, bus, token and trail key");
    let mut open = vec![backup.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let bytes = fs::read(&path).unwrap();
        for key in &keys {
            let raw: Vec<u8> = (0..key.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap())
                .collect();
            for needle in [key.as_bytes(), &raw] {
                let found = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!found, "a key in {}", path.display());
            }
        }
    }
}

/// A stopped deployment with a key and a ciphertext: its folder (under `home/data`).
fn stopped(folder: &Folder) -> (String, Answers) {
    let home = folder.at("home");
    let running = start_on(&home);
    let answers = Arc::new(Mutex::new(Answers::default()));
    let answers = block_on(async {
        let working = tokio::spawn(work(client(&running.stack, 0), 0, Arc::clone(&answers)));
        let answers = answered(&answers, 30).await;
        working.abort();
        answers
    });
    (format!("{home}/data"), answers)
}

#[test]
fn a_stopped_deployment_is_backed_up_and_only_its_own_domain_key_restores_it() {
    let folder = Folder::new();
    let (data, answers) = stopped(&folder);
    let from = folder.at("backup");
    let said = done(&["backup", "--data-dir", &data, "--to", &from]);
    assert!(said.contains("it needs the domain key of version 1 (check value "), "{said}");
    let again = refused(&["backup", "--data-dir", &data, "--to", &from]);
    assert!(again.contains("the folder is not empty"), "{again}");
    let inside = format!("{from}-2/keys");
    let to = format!("{from}-2");
    let kept = ["backup", "--data-dir", &data, "--to", &to, "--include-keys", &inside];
    assert!(refused(&kept).contains("keys are kept apart"), "the keys in the backup");

    let home = folder.at("restored");
    let restored = format!("{home}/data");
    let restore = |key: &str| {
        refused(&["restore", "--from", &from, "--data-dir", &restored, "--domain-key-file", key])
    };
    let right = fs::read_to_string(format!("{data}/keys/domain.key")).unwrap();
    let (wrong, other) = (folder.at("wrong.key"), folder.at("other.key"));
    fs::write(&wrong, format!("1 {}\n", "ab".repeat(32))).unwrap();
    fs::write(&other, right.replacen("1 ", "2 ", 1)).unwrap();
    let why = restore(&wrong);
    let sentence = "the domain key of version 1 does not open what this deployment sealed";
    assert!(why.contains(sentence), "{why}");
    let why = restore(&other);
    assert!(why.contains("the domain key of version 1 is missing"), "{why}");
    let why = refused(&["restore", "--from", &from, "--data-dir", &restored]);
    assert!(why.contains("the domain key is needed"), "{why}");
    assert!(!Path::new(&home).exists(), "something was written");

    let key = format!("{data}/keys/domain.key");
    let good = ["restore", "--from", &from, "--data-dir", &restored, "--domain-key-file", &key];
    let said = done(&good);
    assert!(
        said.contains(
            "made anew at the first start: permit, bus, token, trail, audit-signing keys"
        ),
        "{said}"
    );
    let again = refused(&good);
    assert!(again.contains("the folder is not empty"), "{again}");
    let running = start_on(&home);
    block_on(check(&client(&running.stack, 0), &answers));
    check_trail(&running, &answers);
    drop(running);

    // Without its domain key a deployment does not start with a new one.
    fs::remove_file(format!("{restored}/keys/domain.key")).unwrap();
    let why = refused(&["all", "--data-dir", &restored, "--listen", "127.0.0.1:0"]);
    assert!(why.contains("the domain key that this deployment sealed under is not there"), "{why}");
    assert!(!Path::new(&format!("{restored}/keys/domain.key")).exists(), "a new domain key");
}

#[test]
fn a_damaged_backup_is_refused_and_each_damaged_file_named() {
    let folder = Folder::new();
    let (data, _) = stopped(&folder);
    let (from, to) = (folder.at("backup"), folder.at("restored"));
    done(&["backup", "--data-dir", &data, "--to", &from]);
    let key = format!("{data}/keys/domain.key");
    let restore = ["restore", "--from", &from, "--data-dir", &to, "--domain-key-file", &key];
    let why = || {
        let why = refused(&restore);
        assert!(!Path::new(&to).exists(), "something was restored");
        why
    };
    let segment = format!("{from}/journal/00000000000000000001.jsonl");
    let registry = format!("{from}/registry.sqlite");
    flip(&segment);
    flip(&registry);
    let named = why();
    assert!(named.contains(&segment) && named.contains(&registry), "{named}");
    flip(&segment);
    let named = why();
    assert!(!named.contains(&segment) && named.contains(&registry), "{named}");
    flip(&registry);
    let length = fs::metadata(&segment).unwrap().len();
    let whole = fs::read(&segment).unwrap();
    fs::File::options().write(true).open(&segment).unwrap().set_len(length - 1).unwrap();
    assert!(why().contains(&segment), "a truncated segment");
    fs::remove_file(&segment).unwrap();
    assert!(why().contains(&segment), "a segment that is not there");
    fs::write(&segment, whole).unwrap();
    let manifest = format!("{from}/manifest.json");
    let said = fs::read_to_string(&manifest).unwrap();
    for (good, bad, reason) in [
        ("trent-backup/1", "trent-backup/2", "this program reads trent-backup/1"),
        ("registry.sqlite", "../../etc/passwd", "is no file of a backup"),
        ("\"sequence\": ", "\"sequence\": 1", "do not end where its manifest says"),
        ("\"format\"", "\"form", "damaged"),
    ] {
        fs::write(&manifest, said.replacen(good, bad, 1)).unwrap();
        let why = why();
        assert!(why.contains(reason), "{why}");
    }
    fs::remove_file(&manifest).unwrap();
    assert!(why().contains("not a whole backup"), "no manifest");
    fs::write(&manifest, said).unwrap();
    done(&restore);
}

/// As docs/backup.md says: a dump as the database's owner over TLS, while clients work; on an empty
/// machine `trent init` with the same keys, `trent migrate`, `pg_restore`, and a new NATS.
#[test]
fn a_distributed_deployment_is_restored_from_a_dump_with_its_keys() {
    let folder = Folder::new();
    let running = RunningStack::start(Form::Distributed, &[]).expect("a stack");
    let dump = folder.at("trent.dump");
    let answers = Arc::new(Mutex::new(Answers::default()));
    let before = block_on(async {
        let clients: Vec<_> = (0..4)
            .map(|number| {
                let kms = client(&running.stack, number % 2);
                tokio::spawn(work(kms, number, Arc::clone(&answers)))
            })
            .collect();
        let before = answered(&answers, 200).await;
        let mut pg_dump = Command::new("pg_dump");
        pg_dump.args(["--format", "custom", "--file", &dump]).arg(running.stack.owner_url());
        let dumped = tokio::task::spawn_blocking(move || pg_dump.output()).await.unwrap().unwrap();
        assert!(dumped.status.success(), "{}", text(&dumped.stderr));
        let so_far = answers.lock().unwrap().requests.len();
        answered(&answers, so_far + 20).await;
        clients.iter().for_each(|client| client.abort());
        before
    });
    let home = folder.at("restored");
    let (from, to) = (running.stack.secrets.clone().unwrap(), Path::new(&home).join("secrets"));
    fs::create_dir_all(&to).unwrap();
    let dumped = fs::read(&dump).unwrap();
    for name in ["domain.key", "permit.key", "bus.key", "token.key", "trail.key"] {
        let key = fs::read_to_string(from.join(name)).unwrap();
        let digits = key.lines().find_map(|line| line.strip_prefix("1 ")).expect("a key");
        let found = dumped.windows(digits.len()).any(|window| window == digits.as_bytes());
        assert!(!found, "{name} is in the dump");
        fs::write(to.join(name), key).unwrap();
        fs::set_permissions(to.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    drop(running);
    let arguments = ["--directory", &home, "--database-dump", &dump];
    let restored = RunningStack::start(Form::Distributed, &arguments).expect("a restored stack");
    block_on(async {
        let kms = client(&restored.stack, 0);
        check(&kms, &before).await;
        // It goes on where the dump ended.
        let new = Arc::new(Mutex::new(Answers::default()));
        let working = tokio::spawn(work(kms.clone(), 9, Arc::clone(&new)));
        let more = answered(&new, 20).await;
        working.abort();
        check(&kms, &more).await;
        check_trail(&restored, &more);
    });
}

/// A worker that comes back with another domain key seals nothing, from its first order on: every
/// key that is answered meanwhile can be used. It says what is wrong with it.
#[test]
fn no_key_is_sealed_by_a_worker_with_another_domain_key() {
    let running = RunningStack::start(Form::Distributed, &["--restart"]).expect("a stack");
    let worker = |running: &RunningStack| {
        let roles = running.roles().unwrap().into_iter();
        let mut workers = roles.filter(|role| role.role == "worker" && role.index == 0);
        workers.next().expect("a worker")
    };
    let before = worker(&running);
    let file = running.stack.key_file("worker", 0, "domain");
    // The file is a link to what all workers read.
    fs::remove_file(&file).unwrap();
    fs::write(&file, format!("1 {}\n", "ab".repeat(32))).unwrap();
    crash::signal("KILL", before.pid);
    block_on(async {
        let kms = client(&running.stack, 0);
        let end = Instant::now() + Duration::from_secs(30);
        let mut keys = Vec::new();
        let mut said = String::new();
        while keys.len() < 50 || !said.contains("does not open what this deployment sealed") {
            assert!(Instant::now() < end, "{} keys, /ready: {said}", keys.len());
            let made = kms.create_key().send().await.expect("a key");
            keys.push(made.key_metadata.unwrap().key_id);
            said = ready(before.admin_port);
        }
        assert_ne!(worker(&running).pid, before.pid);
        for key in &keys {
            let sealed = kms.encrypt().key_id(key).plaintext(Blob::new("x")).send().await;
            sealed.expect("an answered key");
        }
    });
}

/// What `/ready` says.
fn ready(port: u16) -> String {
    use std::io::Read;
    let ask = || -> std::io::Result<String> {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().unwrap_or_default()
}

/// Changes one bit in the middle of a file.
fn flip(path: &str) {
    let bytes = fs::read(path).unwrap();
    let at = bytes.len() / 2;
    let mut file = fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at as u64)).unwrap();
    file.write_all(&[bytes[at] ^ 1]).unwrap();
}

#[test]
fn a_backup_that_was_killed_leaves_nothing_that_restores() {
    let folder = Folder::new();
    let (data, _) = stopped(&folder);
    let key = format!("{data}/keys/domain.key");
    let mut killed = 0;
    for round in 0..40 {
        let to = folder.at(&format!("backup-{round}"));
        let mut backup = Command::new(program("trent").unwrap());
        backup.args(["backup", "--data-dir", &data, "--to", &to]).stdout(Stdio::null());
        let mut backup = backup.spawn().unwrap();
        // At another moment of its work each time.
        std::thread::sleep(Duration::from_micros(rand::random_range(0..40_000)));
        let _ = backup.kill();
        let whole = backup.wait().unwrap().success();
        let restore = |from: &str, to: &str| {
            trent(&["restore", "--from", from, "--data-dir", to, "--domain-key-file", &key])
        };
        if whole || Path::new(&to).exists() {
            // What has its name is whole.
            let output = restore(&to, &folder.at(&format!("restored-{round}")));
            assert!(output.status.success(), "{}", text(&output.stderr));
            continue;
        }
        killed += 1;
        for left in fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().path()) {
            let name = left.file_name().unwrap().to_string_lossy().into_owned();
            if !name.starts_with(&format!(".backup-{round}.unfinished")) {
                continue;
            }
            let from = left.display().to_string();
            let target = folder.at(&format!("left-{round}"));
            assert!(!restore(&from, &target).status.success(), "an interrupted backup");
            assert!(!Path::new(&target).exists(), "something was restored");
        }
    }
    assert!(killed > 0, "no backup was interrupted");
}

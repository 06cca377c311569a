//! Four hundred days of the key clock: every rotation, expiry and deletion happens exactly once,
//! each with its event in the trail, however many lifecycle processes there are, and of what was
//! destroyed nothing is left in the data files.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::{Blob, DateTime};
use aws_sdk_kms::types::{
    AlgorithmSpec, IncludeKeyMaterial, KeyState, OriginType, RotationType, WrappingKeySpec,
};
use serde_json::Value;
use trent_testkit::{Form, RunningStack, Stack, program, trail};
use trent_tests::{block_on, client, client_in};

const DAYS: i32 = 400;
/// Days at a time: less than any period, so that no two rotations of a key fall together.
const STEP: i32 = 5;
/// Rotation periods, in days.
const PERIODS: [i32; 5] = [90, 99, 130, 200, 365];
/// Days after which imported material ends.
const ENDS: [i64; 4] = [3, 42, 180, 364];
/// Waiting periods of deletions, in days.
const WINDOWS: [i32; 4] = [7, 8, 21, 30];
/// How long is waited for what the lifecycle role has to do.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn distributed_with_three_lifecycle_processes() {
    let arguments = ["--lifecycles", "3", "--env", "TRENT_LIFECYCLE_INTERVAL_MS=100"];
    let running = RunningStack::start(Form::Distributed, &arguments).expect("a stack");
    block_on(simulate(&running.stack));
}

#[test]
fn embedded() {
    let arguments = ["--env", "TRENT_LIFECYCLE_INTERVAL_MS=100"];
    let running = RunningStack::start(Form::Embedded, &arguments).expect("a stack");
    block_on(simulate(&running.stack));
}

/// What was set up, by key ARN.
#[derive(Default)]
struct Plan {
    /// How often each key rotates by schedule.
    rotations: BTreeMap<String, usize>,
    imported: Vec<String>,
    deleted: Vec<String>,
    /// A ciphertext from the first day under each key that stays.
    ciphertexts: Vec<(String, Blob)>,
}

async fn simulate(stack: &Stack) {
    let kms = client(stack, 0);
    let abroad = client_in(stack, "eu-west-1");
    let mut plan = Plan::default();
    for period in PERIODS {
        rotating(&kms, period, &mut plan).await;
    }
    let family = multi_region(&kms, &abroad, &mut plan).await;
    for days in ENDS {
        plan.imported.push(expiring(&kms, days).await);
    }
    for days in WINDOWS {
        plan.deleted.push(doomed(&kms, days).await);
    }
    let destroyed = sealed_material(stack, plan.imported.iter().chain(&plan.deleted));
    assert_eq!(destroyed.len(), ENDS.len() + WINDOWS.len());
    assert!(destroyed.iter().all(|sealed| holds(stack, sealed)), "the search finds nothing");
    for _ in 0..DAYS / STEP {
        advance(stack, STEP);
    }
    everything_came_to_pass(&kms, &plan).await;
    let events = events(stack, &plan).await;
    for (arn, rotations) in &plan.rotations {
        assert_eq!(count(&events, "RotateKey", arn), *rotations, "rotations of {arn}");
    }
    for arn in &plan.imported {
        assert_eq!(count(&events, "DeleteExpiredKeyMaterial", arn), 1, "{arn}");
    }
    for arn in &plan.deleted {
        assert_eq!(count(&events, "DeleteKey", arn), 1, "{arn}");
    }
    let synchronized = count(&events, "SynchronizeMultiRegionKey", &family);
    // Once when the replica was made.
    assert_eq!(synchronized, 1 + plan.rotations[&family]);
    for (arn, blob) in &plan.ciphertexts {
        let opened = kms.decrypt().ciphertext_blob(blob.clone()).send().await.expect("decrypt");
        assert_eq!(opened.plaintext().expect("a plaintext").as_ref(), b"the first day", "{arn}");
    }
    let blob = kms.encrypt().key_id(&family).plaintext(Blob::new("today")).send().await.unwrap();
    let blob = blob.ciphertext_blob.unwrap();
    abroad.decrypt().ciphertext_blob(blob).send().await.expect("the new material is abroad too");
    nothing_is_left(stack, &destroyed);
    println!(
        "{DAYS} days: {} rotations of {} keys, {} materials expired, {} keys deleted, each once",
        plan.rotations.values().sum::<usize>(),
        plan.rotations.len(),
        plan.imported.len(),
        plan.deleted.len(),
    );
}

async fn rotating(kms: &Client, period: i32, plan: &mut Plan) {
    let key = kms.create_key().send().await.expect("a key").key_metadata.unwrap();
    let arn = key.arn().unwrap().to_owned();
    kms.enable_key_rotation()
        .key_id(&arn)
        .rotation_period_in_days(period)
        .send()
        .await
        .expect("rotation");
    keep_ciphertext(kms, &arn, plan).await;
    plan.rotations.insert(arn, usize::try_from(DAYS / period).unwrap());
}

async fn keep_ciphertext(kms: &Client, arn: &str, plan: &mut Plan) {
    let blob = kms.encrypt().key_id(arn).plaintext(Blob::new("the first day")).send().await;
    plan.ciphertexts.push((arn.to_owned(), blob.expect("encrypt").ciphertext_blob.unwrap()));
}

async fn multi_region(kms: &Client, abroad: &Client, plan: &mut Plan) -> String {
    let key = kms.create_key().multi_region(true).send().await.expect("a key").key_metadata;
    let arn = key.unwrap().arn().unwrap().to_owned();
    kms.replicate_key().key_id(&arn).replica_region("eu-west-1").send().await.expect("a replica");
    kms.enable_key_rotation()
        .key_id(&arn)
        .rotation_period_in_days(120)
        .send()
        .await
        .expect("rotation");
    keep_ciphertext(kms, &arn, plan).await;
    plan.rotations.insert(arn.clone(), usize::try_from(DAYS / 120).unwrap());
    let key_id = arn.rsplit('/').next().unwrap();
    until("the replica is enabled", async || {
        let seen = abroad.describe_key().key_id(key_id).send().await.ok();
        seen.and_then(|seen| seen.key_metadata).and_then(|key| key.key_state)
            == Some(KeyState::Enabled)
    })
    .await;
    arn
}

/// A key whose imported material ends after so many days.
async fn expiring(kms: &Client, days: i64) -> String {
    let key = kms.create_key().origin(OriginType::External).send().await.expect("a key");
    let arn = key.key_metadata.unwrap().arn().unwrap().to_owned();
    let parameters = kms
        .get_parameters_for_import()
        .key_id(&arn)
        .wrapping_algorithm(AlgorithmSpec::RsaesOaepSha256)
        .wrapping_key_spec(WrappingKeySpec::Rsa2048)
        .send()
        .await
        .expect("import parameters");
    let wrapped = wrap(parameters.public_key().unwrap().as_ref(), &[7; 32]);
    let tomorrow = parameters.parameters_valid_to().unwrap().secs();
    let end = DateTime::from_secs(tomorrow + (days - 1) * 86_400);
    kms.import_key_material()
        .key_id(&arn)
        .import_token(parameters.import_token().unwrap().clone())
        .encrypted_key_material(Blob::new(wrapped))
        .valid_to(end)
        .send()
        .await
        .expect("import");
    arn
}

/// RSA-OAEP with SHA-256 by the openssl command line.
fn wrap(public_key: &[u8], material: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let folder = Command::new("mktemp").arg("-d").output().expect("mktemp").stdout;
    let folder = String::from_utf8(folder).unwrap().trim().to_owned();
    let key = format!("{folder}/key.der");
    fs::write(&key, public_key).unwrap();
    let mut openssl = Command::new("openssl")
        .args(["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", &key])
        .args(["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl");
    openssl.stdin.take().unwrap().write_all(material).unwrap();
    let done = openssl.wait_with_output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(done.status.success());
    done.stdout
}

async fn doomed(kms: &Client, days: i32) -> String {
    let key = kms.create_key().send().await.expect("a key").key_metadata.unwrap();
    let arn = key.arn().unwrap().to_owned();
    kms.schedule_key_deletion()
        .key_id(&arn)
        .pending_window_in_days(days)
        .send()
        .await
        .expect("deletion");
    arn
}

fn advance(stack: &Stack, days: i32) {
    let mut command = Command::new(program("trent").expect("the program"));
    command.args(["dev", "clock", &format!("+{days}d")]);
    command.env("TRENT_DATA_DIR", stack.directory.join("data"));
    let done = command.envs(stack.bus_as("admin")).output().expect("trent dev");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits for everything that is due by now.
async fn everything_came_to_pass(kms: &Client, plan: &Plan) {
    for (arn, wanted) in &plan.rotations {
        until(&format!("{wanted} rotations of {arn}"), async || {
            let rotations = kms.list_key_rotations().key_id(arn).send().await.expect("a list");
            let rotations = rotations.rotations.unwrap_or_default();
            assert!(rotations.len() <= *wanted, "{arn} rotated too often");
            assert!(rotations.iter().all(|r| r.rotation_type == Some(RotationType::Automatic)));
            rotations.len() == *wanted
        })
        .await;
        let all = IncludeKeyMaterial::AllKeyMaterial;
        let all = kms.list_key_rotations().key_id(arn).include_key_material(all).send().await;
        assert_eq!(all.unwrap().rotations.unwrap().len(), wanted + 1);
    }
    for arn in &plan.imported {
        until(&format!("the end of the material of {arn}"), async || {
            let key = kms.describe_key().key_id(arn).send().await.expect("a key").key_metadata;
            key.unwrap().key_state == Some(KeyState::PendingImport)
        })
        .await;
    }
    for arn in &plan.deleted {
        until(&format!("the end of {arn}"), async || {
            match kms.describe_key().key_id(arn).send().await {
                Ok(_) => false,
                Err(error) => error.into_service_error().is_not_found_exception(),
            }
        })
        .await;
    }
}

/// The service events, once the trail has as many as there must be; more would show as well, for
/// the lifecycle processes have looked several times since.
async fn events(stack: &Stack, plan: &Plan) -> Vec<Value> {
    let rotations: usize = plan.rotations.values().sum();
    let wanted = rotations + plan.imported.len() + plan.deleted.len();
    let read = || -> Vec<Value> {
        let of_service = |record: &Value| record["eventType"] == "AwsServiceEvent";
        trail::records(stack).expect("the trail").into_iter().filter(of_service).collect()
    };
    let counted = ["RotateKey", "DeleteExpiredKeyMaterial", "DeleteKey"];
    let enough = |records: &[Value]| {
        let of_them = |record: &&Value| counted.iter().any(|name| record["eventName"] == *name);
        records.iter().filter(of_them).count() >= wanted
    };
    until("the events are in the trail", async || enough(&read())).await;
    read()
}

fn count(events: &[Value], name: &str, arn: &str) -> usize {
    let is_it =
        |record: &&Value| record["eventName"] == name && record["resources"][0]["ARN"] == arn;
    events.iter().filter(is_it).count()
}

/// The sealed bytes of these keys' materials, as the store has them.
fn sealed_material<'a>(stack: &Stack, keys: impl Iterator<Item = &'a String>) -> Vec<Vec<u8>> {
    keys.map(|arn| {
        let id = arn.rsplit('/').next().unwrap().replace('-', "");
        let id = hex_bytes(&id);
        match stack.form {
            Form::Embedded => {
                let file = stack.directory.join("data/registry.sqlite");
                let store = rusqlite::Connection::open(file).expect("the store");
                let sql = "SELECT sealed FROM key_material WHERE key_id = ?1";
                store.query_row(sql, [id], |row| row.get(0)).expect("material")
            }
            Form::Distributed => {
                let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
                let sql = format!(
                    "SELECT encode(sealed, 'hex') FROM key_material \
                     WHERE key_id = decode('{hex}', 'hex')"
                );
                hex_bytes(psql(stack, &sql).trim())
            }
        }
    })
    .collect()
}

fn hex_bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn psql(stack: &Stack, sql: &str) -> String {
    let url = stack.database_url.as_deref().expect("a database");
    let done = Command::new("psql").args(["-qXAt", "-c", sql, url]).output().expect("psql");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// Whether these bytes are in any data file of the store. The write-ahead log of Postgres is the
/// window that is documented (docs/backup.md), and not looked at.
fn holds(stack: &Stack, sealed: &[u8]) -> bool {
    let folder = match stack.form {
        Form::Embedded => stack.directory.join("data"),
        Form::Distributed => {
            psql(stack, "CHECKPOINT");
            Path::new(psql(stack, "SHOW data_directory").trim()).join("base")
        }
    };
    in_files(&folder, sealed)
}

fn in_files(folder: &Path, needle: &[u8]) -> bool {
    fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return in_files(&path, needle);
        }
        // A file may go while it is read.
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

fn nothing_is_left(stack: &Stack, destroyed: &[Vec<u8>]) {
    let end = Instant::now() + PATIENCE;
    while destroyed.iter().any(|sealed| holds(stack, sealed)) {
        assert!(Instant::now() < end, "destroyed material is still in the data files");
        std::thread::sleep(Duration::from_millis(500));
    }
}

//! Nothing secret anywhere: secrets are planted by using Trent, and then looked for in everything
//! that it writes and says. What belongs in each place is looked for as well, so that a search that
//! cannot find anything fails.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_testkit::{Form, RunningStack, Stack, trail};
use trent_tests::canaries::{Canary, Place, Search};
use trent_tests::crash::signal;
use trent_tests::otlp::Receiver;
use trent_tests::tap::Tap;
use trent_tests::{block_on, client, client_with};

/// Everything is logged that the program and its libraries can log.
const LOG: &str = "TRENT_LOG=trace";

#[test]
fn embedded_tells_no_secret() {
    let sink = Receiver::start();
    let running = start(Form::Embedded, &sink, &[]);
    let planted = block_on(plant(&running.stack));
    wait_until_written(&running.stack, &planted, &sink);
    let search = Search::new(planted.secrets.clone());
    let data = running.stack.directory.join("data");
    let about = planted.description.as_bytes();
    let in_journal = |path: &Path| path.starts_with(data.join("journal"));
    let in_database =
        |path: &Path| !in_journal(path) && !path.starts_with(data.join("keys")) && path.is_file();
    let mut places = vec![
        Place::of_files("SQLite and its WAL", &data, in_database, &search, about),
        Place::of_files("the journal", &data, in_journal, &search, about),
    ];
    places.extend(said(&running.stack, &planted, &sink));
    conclude(&places);
}

#[test]
fn distributed_tells_no_secret() {
    let sink = Receiver::start();
    let running = start(Form::Distributed, &sink, &["--tap"]);
    let stack = &running.stack;
    let secrets = stack.secrets.as_deref().expect("secrets");
    let auditor = stack.roles.iter().find(|role| role.role == "audit").expect("an audit logger");
    // The stream keeps only what the logger has not stored yet.
    signal("STOP", auditor.pid);
    let (mut planted, heard) = block_on(async {
        let tap = Tap::begin(stack).await;
        let planted = plant(stack).await;
        let about = Search::new(vec![Canary::new("it", planted.description.as_str())]);
        tap.first(1, |heard| (!about.within(&heard.payload).is_empty()).then_some(())).await;
        (planted, tap.everything())
    });
    planted.secrets.extend(deployment_keys(secrets));
    let search = Search::new(planted.secrets.clone());
    let about = planted.description.as_bytes();
    let directory = &stack.directory;
    let every = |path: &Path| path.is_file();
    let mut places = vec![
        Place::of_bytes("NATS, all subjects", &heard, &search, about),
        Place::of_files("JetStream", &directory.join("jetstream"), every, &search, about),
    ];
    signal("CONT", auditor.pid);
    wait_until_written(stack, &planted, &sink);
    let database = directory.join("postgres/data");
    let dump = dump(stack);
    places.extend([
        Place::of_files("Postgres and its WAL", &database, every, &search, about),
        Place::of_bytes("pg_dump", &dump, &search, about),
    ]);
    places.extend(said(stack, &planted, &sink));
    conclude(&places);
}

fn start(form: Form, sink: &Receiver, further: &[&str]) -> RunningStack {
    let endpoint = format!("TRENT_OTLP_ENDPOINT={}", sink.endpoint);
    let arguments = ["--env", LOG, "--env", &endpoint, "--env", "TRENT_TRACE_SAMPLE_RATIO=1"];
    RunningStack::start(form, &[&arguments, further].concat()).expect("a stack")
}

/// What must not be found, and what must.
struct Planted {
    secrets: Vec<Canary>,
    /// A value of an encryption context: no secret where it is needed, and of no use elsewhere.
    context: Canary,
    /// A key's description: it belongs into registry, records and messages.
    description: String,
    /// A request that was answered: its id belongs into logs and traces.
    request_id: String,
}

/// Uses everything that takes or gives a secret, also wrongly.
async fn plant(stack: &Stack) -> Planted {
    let kms = client(stack, 0);
    let description = format!("no secret {:032x}", rand::random::<u128>());
    let made = kms.create_key().description(&description).send().await.unwrap();
    let key = made.key_metadata.unwrap().key_id;
    let other = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    let root = Canary::new("the root user's secret access key", stack.secret_access_key.as_str());
    let mut secrets = vec![root];
    let context = Canary::text("an encryption context's value");
    let value = String::from_utf8(context.bytes.clone()).unwrap();
    for plaintext in [Canary::text("a plaintext"), Canary::binary("a binary plaintext")] {
        let blob = || Blob::new(plaintext.bytes.clone());
        let sealed = kms.encrypt().key_id(&key).encryption_context("a", &value).plaintext(blob());
        let sealed = sealed.send().await.unwrap().ciphertext_blob.unwrap();
        let moved = kms.re_encrypt().ciphertext_blob(sealed).source_encryption_context("a", &value);
        let moved = moved.destination_key_id(&other).send().await.unwrap().ciphertext_blob.unwrap();
        let opened = kms.decrypt().ciphertext_blob(moved.clone()).send().await.unwrap();
        assert_eq!(opened.plaintext.unwrap(), blob());
        let long = Blob::new(plaintext.bytes.repeat(200));
        kms.encrypt().key_id(&key).plaintext(long).send().await.expect_err("too long a plaintext");
        let wrong = kms.decrypt().ciphertext_blob(moved).encryption_context("not", "its").send();
        wrong.await.expect_err("another context");
        let nowhere = kms.encrypt().key_id("alias/none").plaintext(blob()).send();
        nowhere.await.expect_err("no such key");
        let stranger = client_with(stack, 0, "another/secret/0123456789abcdefghijklmno", 1);
        let forged = stranger.encrypt().key_id(&key).plaintext(blob()).send();
        forged.await.expect_err("a wrong signature");
        send_malformed(stack, &plaintext.bytes);
        secrets.push(plaintext);
    }
    secrets
        .push(Canary::new("a wrong secret access key", "another/secret/0123456789abcdefghijklmno"));
    let made = kms.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256).send();
    let made = made.await.unwrap();
    let request_id = made.request_id().expect("a request id").to_owned();
    secrets.push(Canary::new("a data key", made.plaintext.unwrap().into_inner()));
    let opened = kms.decrypt().ciphertext_blob(made.ciphertext_blob.unwrap()).send().await.unwrap();
    assert_eq!(secrets.last().unwrap().bytes, opened.plaintext.unwrap().into_inner());
    let without = kms.generate_data_key_without_plaintext().key_id(&key);
    let without = without.key_spec(DataKeySpec::Aes256).send().await.unwrap();
    let opened = kms.decrypt().ciphertext_blob(without.ciphertext_blob.unwrap()).send().await;
    let opened = opened.unwrap().plaintext.unwrap();
    secrets.push(Canary::new("a data key made without plaintext", opened.into_inner()));
    let random = kms.generate_random().number_of_bytes(32).send().await.unwrap();
    secrets.push(Canary::new("random bytes", random.plaintext.unwrap().into_inner()));
    secrets.push(create_access_key(stack));
    if stack.form == Form::Embedded {
        secrets.extend(deployment_keys(&stack.directory.join("data/keys")));
    }
    secrets_differ(&secrets);
    use_disabled(&kms, &key, &secrets[1]).await;
    Planted { secrets, context, description, request_id }
}

/// A plaintext for a key that may not be used now.
async fn use_disabled(kms: &Client, key: &str, plaintext: &Canary) {
    kms.disable_key().key_id(key).send().await.unwrap();
    let call = kms.encrypt().key_id(key).plaintext(Blob::new(plaintext.bytes.clone()));
    call.send().await.expect_err("a disabled key");
}

fn secrets_differ(secrets: &[Canary]) {
    let bytes: std::collections::HashSet<_> = secrets.iter().map(|secret| &secret.bytes).collect();
    assert_eq!(bytes.len(), secrets.len());
}

/// A user with an access key, signs with it, and gives its secret.
fn create_access_key(stack: &Stack) -> Canary {
    let root = (stack.access_key_id.as_str(), stack.secret_access_key.as_str());
    aws(stack, root, &["iam", "create-user", "--user-name", "canary"]);
    let made = aws(stack, root, &["iam", "create-access-key", "--user-name", "canary"]);
    let text = |name: &str| made["AccessKey"][name].as_str().expect("an access key").to_owned();
    let (id, secret) = (text("AccessKeyId"), text("SecretAccessKey"));
    aws(stack, (&id, &secret), &["sts", "get-caller-identity"]);
    Canary::new("a user's secret access key", secret)
}

fn aws(stack: &Stack, (id, secret): (&str, &str), arguments: &[&str]) -> serde_json::Value {
    let program = trent_testkit::nats::repository().join(".tools/bin/aws");
    let mut command = Command::new(program);
    command.args(["--endpoint-url", &stack.endpoints[0], "--output", "json"]).args(arguments);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("AWS_DEFAULT_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
    let done = command.output().expect("the AWS CLI: run `make tools`");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

/// Bodies that are no Encrypt, with a plaintext in them: what is said about a mistake must not
/// repeat it.
fn send_malformed(stack: &Stack, plaintext: &[u8]) {
    let sealed = STANDARD.encode(plaintext);
    for body in [
        format!(r#"{{"KeyId":7,"Plaintext":"{sealed}"}}"#),
        format!(r#"{{"KeyId":"x","Plaintext":"{sealed}*"}}"#),
        format!(r#"{{"KeyId":"x","Plaintext":"{sealed}""#),
        format!(r#"{{"KeyId":"x","Plain":"{sealed}"}}"#),
        sealed,
    ] {
        let host = stack.endpoints[0].trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the gateway");
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {host}\r\nx-amz-target: TrentService.Encrypt\r\n\
             content-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
}

/// The keys of a deployment: those of Trent, and the private keys of its certificates.
fn deployment_keys(folder: &Path) -> Vec<Canary> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(folder).expect("the keys") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".key") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a key");
        if let Some((_, private)) = text.split_once("-----BEGIN PRIVATE KEY-----") {
            let (private, _) = private.split_once("-----END").expect("the end of a key");
            let der = STANDARD.decode(private.split_whitespace().collect::<String>());
            let der = der.expect("PEM");
            if der.len() > 1_000 {
                // PKCS#8 of RSA-2048: within the private exponent, and within a prime.
                keys.push(Canary::new(name.clone(), &der[320..352]));
                keys.push(Canary::new(name, &der[600..632]));
                continue;
            }
            // PKCS#8 of P-256: the private key's 32 bytes stand between algorithm and public key.
            keys.push(Canary::new(name, &der[36..68]));
        } else {
            for line in text.lines() {
                let digits = line.split_whitespace().last().expect("a key");
                let pairs =
                    digits.as_bytes().chunks(2).map(|two| std::str::from_utf8(two).unwrap());
                let bytes: Vec<u8> =
                    pairs.map(|two| u8::from_str_radix(two, 16).expect("hex")).collect();
                keys.push(Canary::new(name.clone(), bytes));
            }
        }
    }
    assert!(keys.len() >= 4, "{keys:?}");
    keys
}

/// Returns when the last record is in the trail and the spans of the last request were exported.
fn wait_until_written(stack: &Stack, planted: &Planted, sink: &Receiver) {
    let id = planted.request_id.as_str();
    wait_for("the records", || {
        let records = trail::records(stack).expect("the trail");
        let last = |record: &serde_json::Value| record["errorCode"] == "DisabledException";
        records.iter().any(|record| record["requestID"] == id) && records.iter().any(last)
    });
    let exported = Search::new(vec![Canary::new("the request id", id)]);
    wait_for("the spans", || !exported.within(&sink.bytes()).is_empty());
}

fn dump(stack: &Stack) -> Vec<u8> {
    let url = stack.database_url.as_deref().expect("a database");
    let done = Command::new("pg_dump").arg(url).output().expect("pg_dump");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// What every process says of itself: logs, spans, metrics and its command line. Values of
/// encryption contexts stand in records and in nothing of this.
fn said(stack: &Stack, planted: &Planted, sink: &Receiver) -> Vec<Place> {
    let id = planted.request_id.as_bytes();
    let search =
        &Search::new([&planted.secrets[..], std::slice::from_ref(&planted.context)].concat());
    let is_log = |path: &Path| path.extension().is_some_and(|extension| extension == "log");
    let own = |path: &Path| is_log(path) && path.parent() == Some(&stack.directory);
    let (mut metrics, mut commands) = (Vec::new(), Vec::new());
    for role in stack.roles.iter().filter(|role| role.admin_port != 0) {
        metrics.extend(page(role.admin_port, "/metrics"));
        commands.extend(fs::read(format!("/proc/{}/cmdline", role.pid)).expect("a command line"));
        commands.push(b'\n');
    }
    let program = trent_testkit::program("trent").expect("the program");
    let program = program.display().to_string();
    vec![
        Place::of_files("logs, at trace level", &stack.directory, own, search, id),
        Place::of_bytes("spans", &sink.bytes(), search, id),
        Place::of_bytes("metrics", &metrics, search, b"operation=\"GenerateDataKey\""),
        Place::of_bytes("command lines", &commands, search, program.as_bytes()),
    ]
}

fn page(port: u16, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the admin listener");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("a page");
    answer
}

/// Prints what was searched, and fails where something was found or could not have been.
fn conclude(places: &[Place]) {
    println!("{:24} {:>12} {:>9} {:>6}  control", "place", "bytes", "canaries", "found");
    for Place { name, bytes, canaries, found, control } in places {
        let control = if *control { "found" } else { "MISSING" };
        println!("{name:24} {bytes:>12} {canaries:>9} {:>6}  {control}", found.len());
    }
    let found: HashMap<_, _> = places
        .iter()
        .filter(|place| !place.found.is_empty())
        .map(|place| (&place.name, &place.found))
        .collect();
    assert!(found.is_empty(), "secrets were told: {found:#?}");
    assert!(places.iter().all(|place| place.control), "a search found nothing at all");
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < end, "no {what} in time");
        std::thread::sleep(Duration::from_millis(100));
    }
}

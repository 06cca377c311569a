//! The keys of a deployment rotate while clients work: no request fails, and afterwards nothing
//! needs the old keys. Each test has a stack of its own.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::error::DisplayErrorContext;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use futures_util::future::join_all;
use trent_testkit::{Form, Role, RunningStack, program};
use trent_tests::crash::signal;
use trent_tests::exposition::scrape;
use trent_tests::{block_on, client_with};

/// The attempts that an SDK makes by default.
const ATTEMPTS: u32 = 3;
/// Clients that work during a rotation.
const CLIENTS: usize = 4;
/// For how long work goes on while only half of the processes have taken a step.
const MIXED: Duration = Duration::from_millis(200);
/// Longer than Permits live and orders wait.
const OVERLAP: Duration = Duration::from_secs(3);

/// Who reads which ring in the distributed form.
const READERS: [(&str, &[&str]); 4] = [
    ("domain", &["worker"]),
    ("permit", &["worker", "policy"]),
    ("bus", &["worker", "policy", "gateway"]),
    ("trail", &["policy", "audit"]),
];

#[test]
fn embedded_the_domain_key_rotates_under_load() {
    let rotation = Rotation::start(Form::Embedded);
    rotation.under_load(|| rotation.rotate_embedded(&["domain"]));
    rotation.only_version_two_is_left();
}

#[test]
fn embedded_permit_and_bus_keys_rotate_under_load() {
    let rotation = Rotation::start(Form::Embedded);
    rotation.under_load(|| rotation.rotate_embedded(&["permit", "bus", "token", "trail"]));
    rotation.everything_works_after_a_restart();
}

#[test]
fn distributed_the_domain_key_rotates_under_load() {
    let rotation = Rotation::start(Form::Distributed);
    rotation.under_load(|| rotation.rotate_distributed(&["domain"]));
    rotation.only_version_two_is_left();
}

#[test]
fn distributed_permit_and_bus_keys_rotate_under_load() {
    let rotation = Rotation::start(Form::Distributed);
    rotation.under_load(|| rotation.rotate_distributed(&["permit", "bus", "trail"]));
    rotation.everything_works_after_a_restart();
}

/// A stack whose keys rotate, with what was encrypted before and meanwhile.
struct Rotation {
    running: RunningStack,
    made: std::sync::Mutex<Made>,
}

/// What clients have made.
#[derive(Default)]
struct Made {
    keys: Vec<String>,
    ciphertexts: Vec<(Blob, Vec<u8>)>,
    requests: usize,
}

impl Rotation {
    fn start(form: Form) -> Self {
        let running = RunningStack::start(form, &["--restart"]).expect("a stack");
        Self { running, made: std::sync::Mutex::default() }
    }

    fn client(&self, number: usize) -> Client {
        let stack = &self.running.stack;
        let gateway = number % stack.endpoints.len();
        client_with(stack, gateway, &stack.secret_access_key, ATTEMPTS)
    }

    /// Lets clients work before, during and after the rotation. Any request that fails fails the
    /// test.
    fn under_load(&self, rotate: impl FnOnce() + Send) {
        let stop = Arc::new(AtomicBool::new(false));
        block_on(async {
            let clients = (0..CLIENTS).map(|number| {
                let work = work(self.client(number), number, Arc::clone(&stop));
                tokio::spawn(work)
            });
            let clients: Vec<_> = clients.collect();
            // The rotation waits for processes; the clients have threads of their own.
            tokio::task::block_in_place(rotate);
            tokio::time::sleep(MIXED).await;
            stop.store(true, Ordering::SeqCst);
            for client in clients {
                let mut more = client.await.expect("0 failed requests");
                let mut made = self.made.lock().unwrap();
                made.keys.append(&mut more.keys);
                made.ciphertexts.append(&mut more.ciphertexts);
                made.requests += more.requests;
            }
        });
        let made = self.made.lock().unwrap();
        println!(
            "{} requests, {} keys, none failed; {} answers were 5xx and tried again",
            made.requests,
            made.keys.len(),
            self.server_errors()
        );
        assert!(made.requests > 100, "hardly any load: {}", made.requests);
    }

    /// How many answers of the gateways were 5xx.
    fn server_errors(&self) -> u64 {
        let gateways = self.trents().into_iter().filter(|role| role.port != 0);
        let counted = gateways.map(|role| {
            let metrics = scrape(role.admin_port).expect("metrics");
            let errors = metrics.lines().filter(|line| {
                line.starts_with("trent_requests_total{") && line.contains("status=\"5xx\"")
            });
            errors.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum::<u64>()
        });
        counted.sum()
    }

    /// The whole dance by one command for each ring.
    fn rotate_embedded(&self, rings: &[&str]) {
        let mut running = Vec::new();
        for ring in rings {
            let mut rotate = self.trent(&["keys", "rotate", "--ring", ring]);
            rotate.args(["--overlap-seconds", "3"]);
            running.push((ring, std::thread::spawn(move || rotate.output().expect("trent"))));
        }
        for (ring, rotate) in running {
            let output = text(&rotate.join().unwrap());
            assert!(output.contains(&format!("the {ring} key is rotated")), "{output}");
            assert!(output.contains("version 1 is retired"), "{output}");
        }
    }

    /// The steps of docs/keys.md, each on one half of the machines first.
    fn rotate_distributed(&self, rings: &[&str]) {
        self.step(rings, "newest", 2, |file| self.done(&["keys", "add", file]));
        self.step(rings, "current", 2, |file| self.done(&["keys", "promote", file]));
        if rings.contains(&"domain") {
            self.wait("the end of sealing anew", || self.versions_that_seal() == [2]);
        }
        std::thread::sleep(OVERLAP);
        let retire = |file: &str| self.done(&["keys", "retire", file, "--version", "1"]);
        self.step(rings, "oldest", 2, retire);
    }

    /// Changes the files of some rings, brings them to half of the processes, lets these work
    /// together with the others, and then to all.
    fn step(&self, rings: &[&str], used: &str, version: u8, change: impl Fn(&str) -> String) {
        let secrets = self.running.stack.secrets.as_ref().expect("secrets");
        // The files of the processes are links to these, until each has one of its own.
        self.separate_files(rings);
        for ring in rings {
            let _ = change(&secrets.join(format!("{ring}.key")).display().to_string());
        }
        for half in [1, 0] {
            for (ring, role) in self.readers(rings) {
                if role.index % 2 == half {
                    let from = secrets.join(format!("{ring}.key"));
                    let to = self.running.stack.key_file(&role.role, role.index, ring);
                    replace(&from, &to);
                }
            }
            for (ring, role) in self.readers(rings) {
                if role.index % 2 == half {
                    let what = format!("{used} version {version} of {ring} at {}", role.role);
                    self.wait(&what, || version_at(&role, ring, used) == Some(version));
                }
            }
            std::thread::sleep(MIXED);
        }
    }

    fn separate_files(&self, rings: &[&str]) {
        for (ring, role) in self.readers(rings) {
            let path = self.running.stack.key_file(&role.role, role.index, ring);
            if path.is_symlink() {
                replace(&fs::canonicalize(&path).unwrap(), &path);
            }
        }
    }

    fn readers<'a>(&self, rings: &[&'a str]) -> Vec<(&'a str, Role)> {
        let roles = self.running.roles().expect("the processes");
        let mut readers = Vec::new();
        for ring in rings {
            let (_, names) = READERS.iter().find(|(name, _)| name == ring).unwrap();
            let reading = roles.iter().filter(|role| names.contains(&role.role.as_str()));
            readers.extend(reading.map(|role| (*ring, role.clone())));
        }
        readers
    }

    fn only_version_two_is_left(&self) {
        assert_eq!(self.versions_that_seal(), [2], "in the store");
        let status = self.done(&["keys", "status", &self.domain_key(), "--store"]);
        assert!(status.starts_with("version 2: current, has sealed "), "{status}");
        assert_eq!(status.lines().count(), 1, "{status}");
        self.retiring_what_still_seals_is_refused();
        self.everything_works_after_a_restart();
    }

    /// With another file in which version 2 is not current any more.
    fn retiring_what_still_seals_is_refused(&self) {
        let copy = self.running.stack.directory.join("domain.key");
        fs::copy(self.domain_key(), &copy).unwrap();
        let copy = copy.display().to_string();
        self.done(&["keys", "add", &copy]);
        self.done(&["keys", "promote", &copy]);
        let refused = self.trent(&["keys", "retire", &copy, "--version", "2"]).output().unwrap();
        assert!(!refused.status.success());
        let reason = text(&refused);
        assert!(reason.contains("version 2 of the domain key still seals"), "{reason}");
    }

    /// Every process is started again, with the new keys alone.
    fn everything_works_after_a_restart(&self) {
        let before = self.trents();
        for role in &before {
            signal("KILL", role.pid);
        }
        self.wait("everything again", || {
            let now = self.trents();
            let new = |role: &Role| before.iter().all(|old| old.pid != role.pid);
            now.iter().all(|role| new(role) && trent_testkit::stack::is_ready(role.admin_port))
        });
        let made = self.made.lock().unwrap();
        block_on(async {
            let opened = (0..CLIENTS * 2).map(|number| {
                let (kms, ciphertexts) = (self.client(number), &made.ciphertexts);
                async move {
                    for (ciphertext, plaintext) in
                        ciphertexts.iter().skip(number).step_by(CLIENTS * 2)
                    {
                        decrypt(&kms, ciphertext, plaintext).await;
                    }
                }
            });
            join_all(opened).await;
            let kms = self.client(0);
            for key in &made.keys {
                kms.encrypt().key_id(key).plaintext(Blob::new("x")).send().await.expect("a key");
            }
        });
    }

    fn trents(&self) -> Vec<Role> {
        let mut roles = self.running.roles().expect("the processes");
        roles.retain(|role| role.admin_port != 0);
        roles
    }

    fn domain_key(&self) -> String {
        let file = match &self.running.stack.secrets {
            Some(secrets) => secrets.join("domain.key"),
            None => self.running.stack.key_file("all", 0, "domain"),
        };
        file.display().to_string()
    }

    /// The versions of the domain key that have sealed anything, as the store's own tools tell.
    fn versions_that_seal(&self) -> Vec<u8> {
        let sql = "SELECT DISTINCT hex FROM (\
            SELECT hex(substr(sealed, 2, 1)) AS hex FROM key_material \
            UNION ALL SELECT hex(substr(sealed_secret, 2, 1)) FROM access_key \
            UNION ALL SELECT hex(substr(value, 2, 1)) FROM setting \
            WHERE name = 'domain_key_check') AS sealed ORDER BY hex";
        let digits: Vec<String> = match &self.running.stack.database_url {
            Some(url) => {
                let sql =
                    sql.replace("hex(substr(", "encode(substr(").replace(", 1))", ", 1), 'hex')");
                let output =
                    Command::new("psql").args(["-qXAt", "-c", &sql, url]).output().unwrap();
                text(&output).lines().map(ToOwned::to_owned).collect()
            }
            None => {
                let path = self.running.stack.directory.join("data/registry.sqlite");
                let store = rusqlite::Connection::open(path).unwrap();
                let mut statement = store.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
        };
        digits.iter().map(|digits| u8::from_str_radix(digits, 16).expect(digits)).collect()
    }

    /// `trent` with what an operator of this stack has in the environment.
    fn trent(&self, arguments: &[&str]) -> Command {
        let stack = &self.running.stack;
        let mut command = Command::new(program("trent").unwrap());
        command.args(arguments).envs(stack.database_as("owner"));
        if let (Form::Embedded, Some(all)) = (stack.form, stack.roles.first()) {
            command.env("TRENT_DATA_DIR", stack.directory.join("data"));
            command.env("TRENT_ADMIN_LISTEN", format!("127.0.0.1:{}", all.admin_port));
        }
        // `status` and `add` take no options, and need none.
        command
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.trent(arguments).output().expect("trent");
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
        text(&output)
    }

    fn wait(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !condition() {
            assert!(Instant::now() < end, "no {what} in time");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Works until it is told to stop: encrypts, decrypts what it encrypted long ago and just now,
/// makes data keys and, now and then, keys.
async fn work(kms: Client, number: usize, stop: Arc<AtomicBool>) -> Made {
    let mut made = Made::default();
    while !stop.load(Ordering::SeqCst) {
        if made.requests % 40 == 0 {
            let key = kms.create_key().send().await.unwrap_or_else(failed);
            made.keys.push(key.key_metadata.expect("metadata").key_id);
        }
        let key = &made.keys[made.requests % made.keys.len()];
        let plaintext = format!("plaintext {number} {}", made.requests).into_bytes();
        let sealed = kms.encrypt().key_id(key).plaintext(Blob::new(plaintext.clone())).send().await;
        let sealed = sealed.unwrap_or_else(failed);
        made.ciphertexts.push((sealed.ciphertext_blob.expect("a ciphertext"), plaintext));
        let data_key =
            kms.generate_data_key().key_id(key).key_spec(DataKeySpec::Aes256).send().await;
        let data_key = data_key.unwrap_or_else(failed);
        let plaintext = data_key.plaintext.expect("a plaintext").into_inner();
        made.ciphertexts.push((data_key.ciphertext_blob.expect("a ciphertext"), plaintext));
        let newest = made.ciphertexts.len() - 1;
        for at in [newest, newest / 2] {
            let (ciphertext, plaintext) = &made.ciphertexts[at];
            decrypt(&kms, ciphertext, plaintext).await;
        }
        made.requests += 4;
    }
    made
}

async fn decrypt(kms: &Client, ciphertext: &Blob, plaintext: &[u8]) {
    let opened = kms.decrypt().ciphertext_blob(ciphertext.clone()).send().await;
    let opened = opened.unwrap_or_else(failed);
    assert_eq!(opened.plaintext.expect("a plaintext").as_ref(), plaintext);
}

#[expect(clippy::panic, reason = "a failed request fails the test")]
fn failed<T, E: std::error::Error>(error: E) -> T {
    panic!("a request failed: {}", DisplayErrorContext(&error));
}

/// The version that a process says it has in this use.
fn version_at(role: &Role, ring: &str, used: &str) -> Option<u8> {
    let name = format!("trent_key_ring_version{{ring=\"{ring}\",use=\"{used}\"}} ");
    let metrics = scrape(role.admin_port).ok()?;
    metrics.lines().find_map(|line| line.strip_prefix(&name))?.parse().ok()
}

/// Puts a copy in the place of a file, whole.
fn replace(from: &Path, to: &Path) {
    let mut beside: PathBuf = to.to_owned();
    beside.set_extension("copy");
    fs::copy(from, &beside).unwrap();
    fs::rename(&beside, to).unwrap();
}

fn text(output: &Output) -> String {
    let bytes = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}

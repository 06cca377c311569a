//! What NATS refuses each identity, with `deploy/nats.conf` and the certificates of `trent init`.
//! `--nocapture` prints the tables.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use rcgen::{CertificateParams, DnType, KeyPair};
use tokio::sync::mpsc;
use trent_bus::{NatsBus, NatsOptions, NatsTls, StreamLimits, ensure_stream};
use trent_testkit::nats;
use trent_tests::block_on;
use trent_tests::bus::{Rig, deployment};

/// The identities that have business on the bus.
const ROLES: [&str; 7] = ["gateway", "policy", "worker", "audit", "lifecycle", "consumer", "admin"];

/// The queue group in which services subscribe.
const GROUP: &str = "trent";

/// Subjects to publish to: each of the bus, one inbox of each role, and what JetStream and the
/// server itself listen to.
const PUBLICATIONS: [&str; 50] = [
    "trent.v1.admin",
    "trent.v1.gateway.alive",
    "trent.v1.policy.authorize",
    "trent.v1.policy.invalidate.e1",
    "trent.v1.registry.read",
    "trent.v1.registry.change",
    "trent.v1.registry.claim_due",
    "trent.v1.crypto.fast",
    "trent.v1.crypto.slow",
    "trent.v1.audit.records",
    "trent.v1.audit.query",
    "trent.v2.crypto.fast",
    "_INBOX_gateway.i.bus",
    "_INBOX_policy.i.bus",
    "_INBOX_worker.i.bus",
    "_INBOX_audit.i.bus",
    "_INBOX_lifecycle.i.bus",
    "_INBOX_consumer.i.bus",
    "_INBOX_admin.i.bus",
    "_INBOX.i",
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.CREATE.OTHER",
    "$JS.API.STREAM.CREATE.TRENT_AUDIT_V1",
    "$JS.API.STREAM.UPDATE.TRENT_AUDIT_V1",
    "$JS.API.STREAM.INFO.TRENT_AUDIT_V1",
    "$JS.API.STREAM.PURGE.TRENT_AUDIT_V1",
    "$JS.API.STREAM.DELETE.TRENT_AUDIT_V1",
    "$JS.API.STREAM.SNAPSHOT.TRENT_AUDIT_V1",
    "$JS.API.STREAM.MSG.GET.TRENT_AUDIT_V1",
    "$JS.API.STREAM.MSG.DELETE.TRENT_AUDIT_V1",
    "$JS.API.DIRECT.GET.TRENT_AUDIT_V1",
    "$JS.API.CONSUMER.LIST.TRENT_AUDIT_V1",
    "$JS.API.CONSUMER.NAMES.TRENT_AUDIT_V1",
    "$JS.API.CONSUMER.CREATE.TRENT_AUDIT_V1",
    "$JS.API.CONSUMER.CREATE.TRENT_AUDIT_V1.spy",
    "$JS.API.CONSUMER.CREATE.TRENT_AUDIT_V1.spy.trent.v1.audit.records",
    "$JS.API.CONSUMER.DURABLE.CREATE.TRENT_AUDIT_V1.spy",
    "$JS.API.CONSUMER.DELETE.TRENT_AUDIT_V1.spy",
    "$JS.API.CONSUMER.INFO.TRENT_AUDIT_V1.spy",
    "$JS.API.CONSUMER.PAUSE.TRENT_AUDIT_V1.spy",
    "$JS.API.CONSUMER.MSG.NEXT.TRENT_AUDIT_V1.spy",
    "$JS.ACK.TRENT_AUDIT_V1.spy.1.1.1.1.0",
    "$JS.API.CONSUMER.CREATE.TRENT_AUDIT_V1.audit-logger",
    "$JS.API.CONSUMER.DELETE.TRENT_AUDIT_V1.audit-logger",
    "$JS.API.CONSUMER.INFO.TRENT_AUDIT_V1.audit-logger",
    "$JS.API.CONSUMER.MSG.NEXT.TRENT_AUDIT_V1.audit-logger",
    "$JS.ACK.TRENT_AUDIT_V1.audit-logger.1.1.1.1.0",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.USER.INFO",
];

/// Subjects to subscribe to, alone and in the queue group.
const SUBSCRIPTIONS: [&str; 29] = [
    "trent.v1.admin",
    "trent.v1.gateway.alive",
    "trent.v1.policy.authorize",
    "trent.v1.policy.invalidate.*",
    "trent.v1.registry.read",
    "trent.v1.registry.change",
    "trent.v1.registry.claim_due",
    "trent.v1.crypto.fast",
    "trent.v1.crypto.slow",
    "trent.v1.crypto.*",
    "trent.v1.audit.records",
    "trent.v1.audit.query",
    "trent.>",
    "_INBOX_gateway.>",
    "_INBOX_policy.>",
    "_INBOX_worker.>",
    "_INBOX_audit.>",
    "_INBOX_lifecycle.>",
    "_INBOX_consumer.>",
    "_INBOX_admin.>",
    "_INBOX.>",
    "$JS.>",
    "$JS.API.>",
    "$JS.ACK.>",
    "$JS.EVENT.ADVISORY.>",
    "$SYS.>",
    "*",
    "*.*.*.*",
    ">",
];

/// What a role may publish to and subscribe to, and no more.
#[expect(clippy::too_many_lines, reason = "a table")]
fn allowed(role: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match role {
        "gateway" => (
            &[
                "trent.v1.policy.authorize",
                "trent.v1.registry.read",
                "trent.v1.registry.change",
                "trent.v1.crypto.fast",
                "trent.v1.crypto.slow",
                "trent.v1.audit.records",
                "trent.v1.audit.query",
                "trent.v1.gateway.alive",
            ],
            &["trent.v1.gateway.alive", "_INBOX_gateway.>"],
        ),
        "policy" => (
            &[
                "trent.v1.policy.invalidate.e1",
                "trent.v1.crypto.fast",
                "trent.v1.audit.records",
                "_INBOX_gateway.i.bus",
                "_INBOX_policy.i.bus",
                "_INBOX_lifecycle.i.bus",
                "_INBOX_admin.i.bus",
            ],
            &[
                "trent.v1.policy.authorize trent",
                "trent.v1.policy.invalidate.* trent",
                "trent.v1.registry.read trent",
                "trent.v1.registry.change trent",
                "trent.v1.registry.claim_due trent",
                "trent.v1.admin trent",
                "_INBOX_policy.>",
            ],
        ),
        "worker" => (
            &["_INBOX_gateway.i.bus", "_INBOX_policy.i.bus", "_INBOX_lifecycle.i.bus"],
            &["trent.v1.crypto.fast trent", "trent.v1.crypto.slow trent", "_INBOX_worker.>"],
        ),
        "audit" => (
            &[
                "$JS.API.STREAM.CREATE.TRENT_AUDIT_V1",
                "$JS.API.STREAM.INFO.TRENT_AUDIT_V1",
                "$JS.API.STREAM.PURGE.TRENT_AUDIT_V1",
                "$JS.API.CONSUMER.LIST.TRENT_AUDIT_V1",
                "$JS.API.CONSUMER.CREATE.TRENT_AUDIT_V1.audit-logger",
                "$JS.API.CONSUMER.INFO.TRENT_AUDIT_V1.audit-logger",
                "$JS.API.CONSUMER.MSG.NEXT.TRENT_AUDIT_V1.audit-logger",
                "$JS.ACK.TRENT_AUDIT_V1.audit-logger.1.1.1.1.0",
                "_INBOX_gateway.i.bus",
            ],
            &["trent.v1.audit.query trent", "_INBOX_audit.>"],
        ),
        "lifecycle" => (
            &["trent.v1.registry.claim_due", "trent.v1.registry.change", "trent.v1.crypto.slow"],
            &["_INBOX_lifecycle.>"],
        ),
        "consumer" => (
            &[
                "$JS.API.STREAM.INFO.TRENT_AUDIT_V1",
                "$JS.API.CONSUMER.INFO.TRENT_AUDIT_V1.spy",
                "$JS.API.CONSUMER.MSG.NEXT.TRENT_AUDIT_V1.spy",
                "$JS.ACK.TRENT_AUDIT_V1.spy.1.1.1.1.0",
            ],
            &["_INBOX_consumer.>"],
        ),
        "admin" => (
            &[
                "trent.v1.admin",
                "trent.v1.registry.read",
                "trent.v1.registry.change",
                "$JS.API.STREAM.INFO.TRENT_AUDIT_V1",
                "$JS.API.STREAM.UPDATE.TRENT_AUDIT_V1",
                "$JS.API.CONSUMER.LIST.TRENT_AUDIT_V1",
                "$JS.API.CONSUMER.CREATE.TRENT_AUDIT_V1.spy",
                "$JS.API.CONSUMER.DELETE.TRENT_AUDIT_V1.spy",
            ],
            &["_INBOX_admin.>"],
        ),
        other => panic!("{other} has no business on the bus"),
    }
}

/// A client whose violations are heard of.
struct Suspect {
    client: Client,
    violations: mpsc::UnboundedReceiver<String>,
    attempts: usize,
}

impl Suspect {
    async fn connect(rig: &Rig, role: &str) -> Self {
        let (sender, violations) = mpsc::unbounded_channel();
        let options = rig.identity(&rig.secrets(), role).event_callback(move |event| {
            let sender = sender.clone();
            async move {
                let text = event.to_string();
                if text.to_lowercase().contains("permissions violation") {
                    let _ = sender.send(text);
                }
            }
        });
        let client = options.connect(rig.nats.url()).await.unwrap();
        Self { client, violations, attempts: 0 }
    }

    /// Whether the server objects to what was just sent. It answers in order, and nobody may
    /// publish what is sent after it here.
    async fn is_refused(&mut self, what: &str) -> bool {
        self.attempts += 1;
        let after = format!("nobody.may.publish.this.{}", self.attempts);
        self.client.publish(after.clone(), "".into()).await.unwrap();
        let mut refused = false;
        loop {
            let violation = self.violations.recv().await.unwrap();
            if violation.contains(&after) {
                return refused;
            }
            assert!(violation.contains(what), "{what}: {violation}");
            refused = true;
        }
    }

    async fn may_publish(&mut self, subject: &str) -> bool {
        let subject = subject.to_owned();
        self.client.publish(subject.clone(), "{}".into()).await.unwrap();
        !self.is_refused(&format!("Publish to \"{subject}\"")).await
    }

    async fn may_subscribe(&mut self, subject: &str, group: Option<&str>) -> bool {
        let subscription = match group {
            Some(group) => self.client.queue_subscribe(subject.to_owned(), group.to_owned()).await,
            None => self.client.subscribe(subject.to_owned()).await,
        };
        let refused = self.is_refused(&format!("Subscription to \"{subject}\"")).await;
        drop(subscription.unwrap());
        !refused
    }
}

#[test]
fn no_role_may_publish_or_hear_more_than_its_part() {
    block_on(async {
        let rig = Rig::start();
        let audit = rig.secrets().join("audit.pem");
        let tls = NatsTls {
            authority: rig.secrets().join("ca.pem"),
            identity: Some((audit, rig.secrets().join("audit.key"))),
        };
        let options = NatsOptions { tls: Some(tls), ..NatsOptions::default() };
        let logger = NatsBus::connect_with(&rig.nats.url(), "audit", "t", &options).await.unwrap();
        ensure_stream(&logger, StreamLimits::default()).await.unwrap();
        let streams = async_nats::jetstream::new(logger.client().clone());

        let mut table: BTreeMap<(usize, String), Vec<&str>> = BTreeMap::new();
        for role in ROLES {
            let mut suspect = Suspect::connect(&rig, role).await;
            let (publishes, subscribes) = allowed(role);
            for (at, subject) in PUBLICATIONS.into_iter().enumerate() {
                let may = suspect.may_publish(subject).await;
                assert_eq!(may, publishes.contains(&subject), "{role} publishes to {subject}");
                table.entry((at, format!("publish   {subject}"))).or_default().push(mark(may));
            }
            for (at, subject) in SUBSCRIPTIONS.into_iter().enumerate() {
                for (more, group) in [None, Some(GROUP)].into_iter().enumerate() {
                    let shown = format!("{subject}{}", group.map_or("", |_| " trent"));
                    let may = suspect.may_subscribe(subject, group).await;
                    // Whoever may subscribe alone may also do so in a group.
                    let granted =
                        subscribes.contains(&shown.as_str()) || subscribes.contains(&subject);
                    assert_eq!(may, granted, "{role} subscribes to {shown}");
                    let row = (PUBLICATIONS.len() + 2 * at + more, format!("subscribe {shown}"));
                    table.entry(row).or_default().push(mark(may));
                }
            }
            let mut stream = streams.get_stream("TRENT_AUDIT_V1").await.unwrap();
            assert!(stream.info().await.unwrap().config.deny_delete, "{role} changed the stream");
        }
        println!("{:<64} {}", "", ROLES.map(|role| format!("{role:<10}")).concat());
        for ((_, what), marks) in &table {
            let marks: String = marks.iter().map(|mark| format!("{mark:<10}")).collect();
            println!("{what:<64} {marks}");
        }
    });
}

fn mark(may: bool) -> &'static str {
    if may { "allowed" } else { "-" }
}

#[test]
fn nobody_gets_in_without_a_current_certificate_of_a_role() {
    block_on(async {
        let rig = Rig::start();
        let secrets = rig.secrets();
        for role in ROLES {
            let admitted = rig.identity(&secrets, role).connect(rig.nats.url()).await;
            assert!(admitted.is_ok(), "{role}: {admitted:?}");
        }
        let other = deployment();
        let own = secrets.join("own");
        fs::create_dir(&own).unwrap();
        for file in ["ca.pem", "ca.key"] {
            fs::copy(secrets.join(file), own.join(file)).unwrap();
        }
        let mut expired = CertificateParams::default();
        expired.not_before = rcgen::date_time_ymd(2020, 1, 1);
        expired.not_after = rcgen::date_time_ymd(2021, 1, 1);
        let mut organised = CertificateParams::default();
        organised.distinguished_name.push(DnType::OrganizationName, "someone");
        let mut early = CertificateParams::default();
        early.not_before = rcgen::date_time_ymd(2090, 1, 1);
        let named = CertificateParams::new([String::from("gateway")]).unwrap();
        let mut attempts = Vec::new();
        for (what, name, params) in [
            ("expired", "gateway", expired),
            ("not valid yet", "policy", early),
            ("a subject that is no user", "somebody", CertificateParams::default()),
            ("a user's name and an organisation", "worker", organised),
            ("a user's name as alternative name only", "nobody", named),
        ] {
            nats::issue_from(&own, name, params).unwrap();
            attempts.push((what, rig.identity(&own, name)));
        }
        self_signed(&own, "audit");
        attempts.extend([
            ("self-signed", rig.identity(&own, "audit")),
            ("another authority's", rig.identity(&other.join("secrets"), "gateway")),
            ("the NATS server's own", rig.identity(&secrets, "nats")),
            ("the API's", rig.identity(&secrets, "api")),
            ("the database owner's", rig.identity(&secrets, "owner")),
            ("the audit reader's", rig.identity(&secrets, "reader")),
            ("none", rig.nobody()),
            (
                "none, but user and password",
                rig.nobody().user_and_password("CN=gateway".into(), "x".into()),
            ),
        ]);
        for (what, options) in attempts {
            let refusal = refusal(&rig, options).await;
            println!("{what:<42} {refusal}");
            assert_ne!(refusal, "LET IN", "{what}");
        }
        println!("{:<42} {}", "no TLS at all", without_tls(rig.nats.port));
        fs::remove_dir_all(other).unwrap();
    });
}

/// Why the server does not let in who comes like this.
async fn refusal(rig: &Rig, options: ConnectOptions) -> String {
    match options.connect(rig.nats.url()).await {
        Ok(_) => "LET IN".into(),
        Err(error) => error.to_string(),
    }
}

/// A certificate with this name that vouches for itself.
fn self_signed(folder: &Path, name: &str) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    fs::write(folder.join(format!("{name}.pem")), params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
}

/// What becomes of one who goes on in the clear after the server's greeting.
fn without_tls(port: u16) -> &'static str {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut said = [0; 4096];
    let read = stream.read(&mut said).unwrap();
    assert!(said.get(..read).unwrap().starts_with(b"INFO"));
    stream.write_all(b"CONNECT {\"verbose\":false}\r\nPING\r\n").unwrap();
    let mut rest = Vec::new();
    // The server hangs up, with or without a word; a timeout is neither.
    if let Err(error) = stream.read_to_end(&mut rest) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    let rest = String::from_utf8_lossy(&rest);
    assert!(!rest.contains("PONG"), "{rest}");
    "hung up"
}

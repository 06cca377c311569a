//! Who gets through to NATS, and what each role may do there.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use trent_bus::{BusError, NatsBus, NatsOptions, NatsTls, ServeLimits, Subject};
use uuid::Uuid;

use crate::server::Server;
use crate::services::{Echo, PATIENCE, order};

#[tokio::test]
async fn over_mutual_tls_only_known_certificates_get_through() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    for authority in ["ours", "foreign"] {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new([]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(path(&format!("{authority}-ca.pem")), certificate.pem()).unwrap();
        let issuer = rcgen::Issuer::new(params, key);
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new([String::from("127.0.0.1")]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        std::fs::write(path(&format!("{authority}.pem")), certificate.pem()).unwrap();
        std::fs::write(path(&format!("{authority}.key")), key.serialize_pem()).unwrap();
    }
    let tls = format!(
        "tls {{ cert_file: {:?}, key_file: {:?}, ca_file: {:?}, verify: true }}",
        path("ours.pem"),
        path("ours.key"),
        path("ours-ca.pem"),
    );
    let server = Server::start_with(&tls, directory);
    let options = |authority: &str, own: &str| {
        let path = |name: String| server.directory().join(name);
        let tls = NatsTls {
            authority: path(format!("{authority}-ca.pem")),
            certificate: path(format!("{own}.pem")),
            key: path(format!("{own}.key")),
        };
        NatsOptions { tls: Some(tls), ..NatsOptions::default() }
    };
    let gateway = server.connect_with("gateway", &options("ours", "ours")).await;
    assert_eq!(
        gateway.bus().call(Subject::CryptoFast, order("x")).await,
        Err(BusError::Disconnected)
    );
    assert!(gateway.is_connected());
    let url = server.url("gateway");
    for (authority, own) in [("ours", "foreign"), ("foreign", "ours")] {
        let refused = NatsBus::connect_with(&url, "gateway", "x", &options(authority, own)).await;
        assert!(refused.is_err(), "{authority} {own}");
    }
    assert!(NatsBus::connect(&url, "gateway", "x").await.is_err());
}

#[tokio::test]
async fn every_role_can_do_its_part() {
    let server = Server::start();
    let (worker, policy) = (server.connect("worker").await, server.connect("policy").await);
    let evaluator = Subject::Invalidate(Uuid::from_u128(7));
    let mut serving = Vec::new();
    for (role, subject) in [
        (&worker, Subject::CryptoFast),
        (&worker, Subject::CryptoSlow),
        (&policy, Subject::Authorize),
        (&policy, Subject::RegistryRead),
        (&policy, Subject::RegistryChange),
        (&policy, Subject::ClaimDue),
        (&policy, evaluator),
    ] {
        let limits = ServeLimits::default();
        serving.push(role.serve(subject, Arc::new(Echo), limits).await.unwrap());
    }
    let asked = [
        ("gateway", Subject::CryptoFast),
        ("gateway", Subject::CryptoSlow),
        ("gateway", Subject::Authorize),
        ("gateway", Subject::RegistryRead),
        ("gateway", Subject::RegistryChange),
        ("policy", Subject::CryptoFast),
        ("policy", evaluator),
        ("lifecycle", Subject::ClaimDue),
        ("lifecycle", Subject::RegistryChange),
        ("admin", Subject::RegistryRead),
        ("admin", Subject::RegistryChange),
    ];
    for (role, subject) in asked {
        let connection = server.connect(role).await;
        let begun = Instant::now();
        let mut answer = Err(BusError::Disconnected);
        // The services' subscriptions may still be on their way to the server.
        while answer == Err(BusError::Disconnected) && begun.elapsed() < PATIENCE {
            answer = connection.bus().call(subject, order(role)).await;
        }
        assert_eq!(answer.unwrap(), role, "{role} asks {subject:?}");
    }
}

#[tokio::test]
async fn no_role_may_do_more_than_its_part() {
    let server = Server::start();
    let refused_subscriptions = [
        ("gateway", "trent.v1.crypto.fast"),
        ("gateway", "trent.v1.policy.authorize"),
        ("gateway", "_INBOX_policy.>"),
        ("gateway", ">"),
        ("worker", "trent.v1.crypto.fast"),
        ("worker", "trent.v1.audit.records"),
        ("policy", "trent.v1.crypto.fast"),
        ("lifecycle", "trent.v1.registry.change"),
        ("audit", "trent.v1.audit.records"),
    ];
    for (role, subject) in refused_subscriptions {
        let (client, mut violations) = watched(&server, role).await;
        let _subscription = client.subscribe(subject).await.unwrap();
        let violation = violations.recv().await.unwrap();
        assert!(violation.contains(&format!("Subscription to \"{subject}\"")), "{violation}");
    }
    let refused_publications = [
        ("gateway", "trent.v1.policy.invalidate.x"),
        ("gateway", "trent.v1.registry.claim_due"),
        ("gateway", "_INBOX_policy.x"),
        ("gateway", "$JS.API.STREAM.DELETE.TRENT_AUDIT_V1"),
        ("gateway", "$JS.API.STREAM.PURGE.TRENT_AUDIT_V1"),
        ("worker", "trent.v1.crypto.fast"),
        ("worker", "trent.v1.registry.read"),
        ("worker", "trent.v1.audit.records"),
        ("policy", "trent.v1.policy.authorize"),
        ("lifecycle", "trent.v1.crypto.fast"),
        ("admin", "trent.v1.crypto.fast"),
        ("audit", "trent.v1.audit.records"),
        ("audit", "$JS.API.STREAM.DELETE.TRENT_AUDIT_V1"),
    ];
    for (role, subject) in refused_publications {
        let (client, mut violations) = watched(&server, role).await;
        client.publish(subject, "x".into()).await.unwrap();
        let violation = violations.recv().await.unwrap();
        assert!(violation.contains(&format!("Publish to \"{subject}\"")), "{violation}");
    }
}

/// A plain client of a role, and what the server forbids it.
async fn watched(
    server: &Server,
    role: &str,
) -> (async_nats::Client, mpsc::UnboundedReceiver<String>) {
    let (sender, violations) = mpsc::unbounded_channel();
    let options = async_nats::ConnectOptions::with_user_and_password(
        role.into(),
        server.url("").split([':', '@']).nth(2).unwrap().into(),
    )
    .event_callback(move |event| {
        let sender = sender.clone();
        async move {
            if event.to_string().to_lowercase().contains("permissions violation") {
                let _ = sender.send(event.to_string());
            }
        }
    });
    let client = async_nats::connect_with_options(server.url("x"), options).await.unwrap();
    (client, violations)
}

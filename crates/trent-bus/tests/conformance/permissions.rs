//! Who gets through to NATS, and what each role may do there.

use std::sync::Arc;
use std::time::Instant;

use rcgen::ExtendedKeyUsagePurpose::ClientAuth;
use tokio::sync::mpsc;
use trent_bus::{BusError, NatsBus, NatsOptions, NatsTls, ServeLimits, Subject};
use uuid::Uuid;

use crate::certificates::Authority;
use crate::server::Server;
use crate::services::{Echo, PATIENCE, order};

#[tokio::test]
async fn over_mutual_tls_only_known_certificates_get_through() {
    let server = Server::start();
    let foreign = Authority::new(&server.directory().join("foreign"));
    foreign.issue("gateway", ClientAuth);
    let ours = server.options("gateway").tls.unwrap();
    let gateway = server.connect("gateway").await;
    let answer = gateway.bus().call(Subject::CryptoFast, order("x")).await;
    assert_eq!(answer, Err(BusError::Disconnected));
    assert!(gateway.is_connected());
    let theirs = foreign.tls("gateway");
    let refused = [
        (
            "a certificate of another authority",
            NatsTls { identity: theirs.identity, ..ours.clone() },
        ),
        ("a server of another authority", NatsTls { authority: theirs.authority, ..ours.clone() }),
        ("no certificate", NatsTls { identity: None, ..ours }),
    ];
    for (what, tls) in refused {
        let options = NatsOptions { tls: Some(tls), ..NatsOptions::default() };
        let refused = NatsBus::connect_with(&server.url(), "gateway", "x", &options).await;
        assert!(refused.is_err(), "{what}");
    }
    assert!(NatsBus::connect(&server.url(), "gateway", "x").await.is_err(), "no TLS");
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
        ("audit", "$JS.API.STREAM.UPDATE.TRENT_AUDIT_V1"),
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
    let options = server.plain(role).event_callback(move |event| {
        let sender = sender.clone();
        async move {
            if event.to_string().to_lowercase().contains("permissions violation") {
                let _ = sender.send(event.to_string());
            }
        }
    });
    let client = options.connect(server.url()).await.unwrap();
    (client, violations)
}

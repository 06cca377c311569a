//! Who gets through to NATS, and that each role can do its part there. What each is refused stands
//! in `tests/tests/refused.rs`.

use std::sync::Arc;
use std::time::Instant;

use rcgen::ExtendedKeyUsagePurpose::ClientAuth;
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
        (&policy, Subject::Admin),
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
        ("admin", Subject::Admin),
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

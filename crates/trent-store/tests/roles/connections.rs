//! Who is let in.

use trent_store::{Postgres, PostgresOptions, PostgresTls, StoreError};

use crate::support::authority::Authority;
use crate::support::raw::{connect, word};
use crate::trent;

/// The options as somebody else.
fn with(tls: Option<PostgresTls>, role: &str, port: u16, database: &str) -> PostgresOptions {
    let url = format!("postgres://{role}@127.0.0.1:{port}/{database}");
    PostgresOptions { tls, ..PostgresOptions::new(&url, 1) }
}

#[tokio::test]
async fn nobody_comes_in_but_by_the_certificate_of_the_role() {
    let trent = trent().await;
    let (other, twin) = (Authority::new("Another"), Authority::new("Trent tests"));
    let stranger = |authority: &Authority| {
        let authority_here = trent.authority.certificate.clone().into_bytes();
        Some(PostgresTls { authority: authority_here, ..authority.tls("policy") })
    };
    let known = |name: &str| Some(trent.authority.tls(name));
    let nobody = Some(trent.authority.anonymous());
    let unknown_issuer = "invalid peer certificate: UnknownIssuer";
    let attempts = [
        ("an unknown name's certificate", known("gateway"), "policy@trent", "28000"),
        ("the evaluator's certificate", known("policy"), "audit@trent", "28000"),
        ("the evaluator's certificate", known("policy"), "reader@trent", "28000"),
        ("the logger's certificate", known("audit"), "policy@trent", "28000"),
        ("the reader's certificate", known("reader"), "owner@trent", "28000"),
        ("its own certificate", known("policy"), "policy@postgres", "28000"),
        ("TLS without a certificate", nobody.clone(), "policy@trent", "28000"),
        ("TLS without a certificate", nobody, "audit@trent", "28000"),
        ("no TLS", None, "policy@trent", "28000"),
        ("no TLS", None, "audit@trent", "28000"),
        ("no TLS", None, "reader@trent", "28000"),
        ("no TLS", None, "owner@trent", "28000"),
        ("another authority's", stranger(&other), "policy@trent", "UnknownCA"),
        ("its twin's by name", stranger(&twin), "policy@trent", "DecryptError"),
        ("trust in another authority", Some(other.tls("policy")), "policy@trent", unknown_issuer),
    ];
    println!("{:<31} {:<16} answer", "with", "as");
    for (attempt, tls, place, expected) in attempts {
        let (role, database) = place.split_once('@').unwrap();
        let options = with(tls, &format!("trent_{role}"), trent.port, database);
        let error = connect(&options).await.expect_err(attempt);
        println!("{attempt:<31} {place:<16} {}", word(&error));
        assert!(word(&error).ends_with(expected), "{attempt} as {role}: {error}");
        // The store does not wait for what waiting does not help.
        let refused = Postgres::connect(&options).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{attempt}: {refused:?}");
    }
    for who in ["policy", "audit", "reader", "owner"] {
        Postgres::connect(&trent.of_role(who, "trent")).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_is_not_spoken_to() {
    let trent = trent().await;
    let url = format!(
        "host=db.example hostaddr=127.0.0.1 port={} user=trent_policy dbname=trent sslmode=disable",
        trent.port
    );
    let tls = Some(trent.authority.tls("policy"));
    let refused =
        Postgres::connect(&PostgresOptions { tls, ..PostgresOptions::new(&url, 1) }).await;
    let Err(StoreError::Refused(why)) = refused else { panic!("{refused:?}") };
    println!("another name than the certificate's: {why}");
    assert!(why.contains("not valid for name"), "{why}");
}

#[tokio::test]
async fn a_password_is_as_good_as_the_database_s_own_rules_say() {
    let trent = trent().await;
    let url = format!("postgres://trent_policy:guessed@127.0.0.1:{}/trent", trent.port);
    let anonymous = Some(trent.authority.anonymous());
    let guess = PostgresOptions { tls: anonymous, ..PostgresOptions::new(&url, 1) };
    let error = connect(&guess).await.unwrap_err();
    assert_eq!(word(&error), "28000");
}

//! What no change reaches yet.

use trent_types::{
    ChangeRefused, Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal, GrantTerms,
    Timestamp,
};

use super::*;
use crate::grants;

/// There is no such quota unless one is set.
#[tokio::test]
async fn the_grants_of_a_principal_on_a_key_can_be_limited() {
    let directory = tempfile::tempdir().unwrap();
    let store = Sqlite::open(directory.path().join("trent.db")).unwrap();
    let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let grant = Grant {
        key: key.parse().unwrap(),
        grant_id: GrantId::from_bytes([1; 32]),
        name: None,
        created_at: Timestamp::default(),
        issuing_account: "arn:aws:iam::111122223333:root".into(),
        terms: GrantTerms {
            grantee: GrantPrincipal::Arn("arn:aws:iam::111122223333:user/ann".into()),
            retiring: None,
            operations: vec![GrantOperation::Encrypt],
            constraints: GrantConstraints::default(),
        },
    };
    let raw = Connection::open(directory.path().join("trent.db")).unwrap();
    for id in 1..=2_u8 {
        let insert = "INSERT INTO key_grant VALUES ('us-east-1', ?1, FALSE, ?2, '111122223333', \
            NULL, 0, '', ?3, FALSE, NULL, FALSE, 'Encrypt', NULL, NULL, NULL)";
        let key_id: &[u8] = grant.key.key_id.as_bytes();
        let grantee = grant.terms.grantee.as_str();
        raw.execute(insert, rusqlite::params![key_id, [id; 32], grantee]).unwrap();
    }
    for (limit, refused) in [(None, false), (Some(2), false), (Some(1), true)] {
        let grant = grant.clone();
        let within = store
            .write(async move |session: &SqliteSession| {
                let within = grants::within_principal_quota(session, &grant, limit).await;
                Ok(matches!(within, Err(Stop::Refused(ChangeRefused::LimitExceeded { .. }))))
            })
            .await;
        assert_eq!(within.unwrap(), refused, "{limit:?}");
    }
}

/// A read of a key would otherwise take as long as the account has aliases.
#[tokio::test]
async fn the_aliases_of_a_key_are_found_by_their_target() {
    let directory = tempfile::tempdir().unwrap();
    let _store = Sqlite::open(directory.path().join("trent.db")).unwrap();
    let raw = Connection::open(directory.path().join("trent.db")).unwrap();
    for statement in [crate::keys::KEY, crate::keys::ALIASES_OF_KEY] {
        let mut plan = raw.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
        for at in 1..=plan.parameter_count() {
            plan.raw_bind_parameter(at, "x").unwrap();
        }
        let mut rows = plan.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get::<_, String>(3).unwrap());
        }
        let aliases: Vec<_> = steps.iter().filter(|step| step.contains("key_alias")).collect();
        assert!(!aliases.is_empty(), "{steps:?}");
        assert!(aliases.iter().all(|step| step.contains("key_alias_by_target")), "{steps:?}");
    }
}

/// Parsing and planning the statement costs ten times what the read does.
#[tokio::test]
async fn a_read_of_a_key_is_planned_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("trent.db");
    let _store = Sqlite::open(path.clone()).unwrap();
    let connection = super::connect(&path).unwrap();
    let mut read = connection.prepare(crate::keys::KEY).unwrap();
    for (region, id) in [("us-east-1", [1_u8; 16]), ("eu-west-1", [2; 16]), ("eu-west-1", [3; 16])]
    {
        assert!(!read.exists(rusqlite::params![region, id.as_slice(), false]).unwrap());
    }
    assert_eq!(read.get_status(rusqlite::StatementStatus::RePrepare), 0);
}

//! Every bad policy document is refused in AWS's words. The end-to-end tests read the same table.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use serde_json::Value;
use trent_policy::{Policy, PolicyKind};

const TABLE: &str = include_str!("data/bad_policies.json");

#[test]
fn each_bad_document_is_refused_with_its_reason() {
    let table: Vec<Value> = serde_json::from_str(TABLE).unwrap();
    let mut wrong = Vec::new();
    for entry in &table {
        let text = |field: &str| entry[field].as_str().unwrap();
        let kinds: &[PolicyKind] = match text("kind") {
            "key" => &[PolicyKind::KeyPolicy],
            // A session's policy has the rules of one of a role.
            "identity" => &[PolicyKind::Identity, PolicyKind::Session],
            "trust" => &[PolicyKind::Trust],
            other => panic!("no kind {other}"),
        };
        for kind in kinds {
            let found = match Policy::parse(text("document"), *kind) {
                Ok(_) => "accepted".to_owned(),
                Err(error) => error.to_string(),
            };
            if found != text("message") {
                wrong.push(format!("{kind:?} {}: {found}", text("document")));
            }
        }
    }
    let (documents, refused) = (table.len(), table.len() - wrong.len());
    println!("{documents} bad policy documents, {refused} refused as expected");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(documents >= 100);
}

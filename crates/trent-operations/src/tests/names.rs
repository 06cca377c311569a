//! Aliases.

use serde_json::json;
use trent_types::{Change, ChangeRefused, KeyState};

use crate::testing::*;

fn alias(name: &str, key: &str) -> String {
    format!(r#"{{"AliasName":"{name}","TargetKeyId":"{key}"}}"#)
}

fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:us-east-1:{ACCOUNT}:{name}")
}

#[test]
fn create_alias_asks_for_alias_and_key_and_shows_both() {
    let world = World::new();
    assert_eq!(world.ok("CreateAlias", &alias("alias/a", KEY)), json!(null));
    assert_eq!(*world.asked.borrow(), ["kms:CreateAlias", "kms:CreateAlias"]);
    let record = world.only_record();
    assert_eq!(record["resources"][0]["ARN"], arn_of(KEY));
    assert_eq!(record["resources"][1]["ARN"], alias_arn("alias/a"));
    assert_eq!(record["responseElements"], json!({"keyId": arn_of(KEY)}));
    let parameters = json!({"aliasName": "alias/a", "targetKeyId": KEY});
    assert_eq!(record["requestParameters"], parameters);
}

#[test]
fn bad_alias_names_are_refused_in_aws_words() {
    let error = |name: &str| World::new().error("CreateAlias", &alias(name, KEY));
    assert!(error("a").1.unwrap().starts_with("Alias must start with the prefix \"alias/\"."));
    let text = "alias/a:b contains invalid characters for an alias";
    assert_eq!(error("alias/a:b").1.unwrap(), text);
    assert_eq!(error("alias/aws/s3"), ("NotAuthorizedException".to_owned(), None));
    assert_eq!(
        error("alias/a b").1.unwrap(),
        "1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"
    );
    assert_eq!(error("alias/").0, "ValidationException");
    let target = World::new().error("CreateAlias", &alias("alias/a", "alias/b"));
    assert_eq!(target.1.unwrap(), "Aliases must refer to keys. Not aliases");
}

#[test]
fn taken_names_full_keys_and_doomed_keys_are_refused() {
    let refusing = |reason| {
        let world = World::new();
        world.refusals.borrow_mut().push(refused(reason));
        world.error("CreateAlias", &alias("alias/a", KEY))
    };
    let text = format!("An alias with the name {} already exists", alias_arn("alias/a"));
    let taken = refusing(ChangeRefused::AlreadyExists);
    assert_eq!(taken, ("AlreadyExistsException".to_owned(), Some(text)));
    let what = "Aliases per key".to_owned();
    let full = refusing(ChangeRefused::LimitExceeded { what, limit: 50, current: 50 });
    let text = "Aliases per key quota for this account in this region is 50, current usage is 50.";
    assert_eq!(full, ("LimitExceededException".to_owned(), Some(text.to_owned())));
    let doomed = World::in_state(KeyState::PendingDeletion);
    let (code, _) = doomed.error("CreateAlias", &alias("alias/a", KEY));
    assert_eq!(code, "KMSInvalidStateException");
}

#[test]
fn update_alias_moves_the_name_from_its_present_key() {
    let world = World::new().with_alias("alias/a");
    world.ok("UpdateAlias", &alias("alias/a", OTHER_KEY));
    assert_eq!(world.asked.borrow().len(), 3);
    let changes = world.changes.borrow();
    let Change::UpdateAlias { from, to, .. } = &changes[0] else { panic!("no alias moved") };
    assert_eq!((from.to_string().as_str(), to.to_string().as_str()), (KEY, OTHER_KEY));
    assert_eq!(world.only_record()["resources"][1]["ARN"], arn_of(OTHER_KEY));
    let (code, message) = World::new().error("UpdateAlias", &alias("alias/a", KEY));
    let text = format!("Alias {} is not found.", alias_arn("alias/a"));
    assert_eq!((code.as_str(), message.unwrap()), ("NotFoundException", text));
}

#[test]
fn update_alias_looks_at_the_new_keys_state_only() {
    let doomed = || World::in_state(KeyState::PendingDeletion).with_alias("alias/a");
    doomed().ok("UpdateAlias", &alias("alias/a", OTHER_KEY));
    let (code, _) = doomed().error("UpdateAlias", &alias("alias/a", KEY));
    assert_eq!(code, "KMSInvalidStateException");
}

#[test]
fn delete_alias_works_in_any_state_and_needs_the_alias() {
    let world = World::in_state(KeyState::PendingDeletion).with_alias("alias/a");
    assert_eq!(world.ok("DeleteAlias", r#"{"AliasName":"alias/a"}"#), json!(null));
    assert_eq!(world.only_record()["responseElements"], json!({"keyId": arn_of(KEY)}));
    let missing = World::new().error("DeleteAlias", r#"{"AliasName":"alias/a"}"#);
    assert_eq!(missing.0, "NotFoundException");
    let world = World::new().with_alias("alias/a");
    world.refusals.borrow_mut().push(refused(ChangeRefused::NotFound));
    let gone = world.error("DeleteAlias", r#"{"AliasName":"alias/a"}"#);
    assert_eq!(gone.1.unwrap(), format!("Alias {} is not found.", alias_arn("alias/a")));
}

#[test]
fn aliases_are_listed_in_pages_and_by_key() {
    let world = World::new().with_alias("alias/a").with_alias("alias/b");
    let first = world.ok("ListAliases", r#"{"Limit":1}"#);
    let entry = json!({
        "AliasName": "alias/a", "AliasArn": alias_arn("alias/a"), "TargetKeyId": KEY,
        "CreationDate": 1_672_628_645.678, "LastUpdatedDate": 1_672_628_645.678,
    });
    assert_eq!(first["Aliases"], json!([entry]));
    let next = first["NextMarker"].as_str().unwrap();
    let rest = world.ok("ListAliases", &format!(r#"{{"Marker":"{next}"}}"#));
    assert_eq!(rest["Aliases"][0]["AliasName"], "alias/b");
    let filtered = format!(r#"{{"KeyId":"{KEY}","Marker":"{next}"}}"#);
    assert_eq!(world.error("ListAliases", &filtered).0, "InvalidMarkerException");
    let none = world.ok("ListAliases", &format!(r#"{{"KeyId":"{}"}}"#, arn_of(OTHER_KEY)));
    assert_eq!(none, json!({"Aliases": [], "Truncated": false}));
    let unknown = "00000000-0000-4000-8000-000000000000";
    for key_id in [unknown.to_owned(), arn_of(unknown)] {
        let (code, text) = world.error("ListAliases", &format!(r#"{{"KeyId":"{key_id}"}}"#));
        assert_eq!(code, "NotFoundException");
        assert_eq!(text.unwrap(), format!("Key '{}' does not exist", arn_of(unknown)));
    }
    let foreign = format!(r#"{{"KeyId":"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{KEY}"}}"#);
    assert_eq!(world.error("ListAliases", &foreign).0, "NotFoundException");
    assert_eq!(world.error("ListAliases", r#"{"Limit":101}"#).0, "ValidationException");
    assert_eq!(world.error("ListAliases", r#"{"KeyId":"arn:x"}"#).0, "InvalidArnException");
}

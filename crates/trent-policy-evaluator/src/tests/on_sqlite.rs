//! Users, roles, sessions and AWS managed keys over the real store of the embedded form.

use std::sync::Arc;

use trent_bus::messages::change_answer::Outcome as Changed;
use trent_bus::messages::question::Resource;
use trent_bus::messages::read_answer::Outcome as ReadOutcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{
    EntityKind as WireKind, IssueSession, ListAliases, NamedEntity, NewKey, Question,
    SignedRequest, issue_session,
};
use trent_bus::{Claims, Purpose, Sealer};
use trent_store::Sqlite;
use trent_types::{
    AccessKey, AccessKeyStatus, Change, EntityKind, IdentityChange, KeyArn, KeyManager, KeyRecord,
    KeyRing, SecretBytes,
};

use super::fake_worker::sealed;
use super::people::{allow, entity, named, role, role_arn, user, user_arn};
use super::rig::{
    MARK, ROOT, Rig, SECRET, about_key, account, default_policy, new_material, question, record,
};
use super::signing::{sign, sign_form_by};

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";
const BOB_ID: &str = "AIDABOBBOBBOBBOBBOBBO";

async fn rig(folder: &tempfile::TempDir) -> Rig {
    let store = Sqlite::open(folder.path().join("trent.db")).unwrap();
    Rig::on_real_with_root(Arc::new(store)).await
}

fn new(kind: WireKind, name: &str) -> Resource {
    let (kind, name, new_path) = (kind.into(), name.to_owned(), Some("/".to_owned()));
    Resource::Entity(NamedEntity { kind, name, new_path })
}

async fn made(rig: &Rig, operation: &str, resource: Resource, change: IdentityChange) {
    let outcome = rig.change_identity(operation, resource, change).await;
    assert!(matches!(outcome, Changed::Committed(_)), "{operation}: {outcome:?}");
}

/// Makes the user `bob` with an access key.
async fn make_bob(rig: &Rig, id: &str) {
    let bob = user(account(), "bob", id);
    let create = IdentityChange::CreateUser { user: bob, tags: Vec::new(), boundary: None };
    made(rig, "CreateUser", new(WireKind::User, "bob"), create).await;
    let access_key = AccessKey {
        access_key_id: BOB.into(),
        account: account(),
        user_name: Some("bob".into()),
        status: AccessKeyStatus::Active,
        created_at: rig.now(),
    };
    let key = IdentityChange::CreateAccessKey { access_key, sealed_secret: sealed(MARK, SECRET) };
    made(rig, "CreateAccessKey", named(WireKind::User, "bob"), key).await;
}

/// A key whose policy this is.
async fn make_key(rig: &Rig, policy: String) -> KeyArn {
    rig.next_request();
    let asked = question("kms:CreateKey", Resource::NewKey(NewKey { multi_region: false }));
    let (claims, granted) = rig.granted(ROOT, asked).await;
    let key = *claims.key().unwrap();
    let change = Change::CreateKey {
        record: KeyRecord { key_id: key.key_id, ..record(3) },
        policy,
        bypass_lockout_check: false,
        tags: Vec::new(),
        material: new_material(3),
    };
    let outcome = rig.change(vec![granted.permit], change).await;
    assert!(matches!(outcome, Changed::Committed(_)), "{outcome:?}");
    key
}

async fn decide(rig: &Rig, signed: SignedRequest, asked: Question) -> Option<Claims> {
    rig.decide(signed, asked, "Action=AssumeRole").await.ok().map(|(claims, _)| claims)
}

#[tokio::test]
async fn a_user_lives_and_its_successor_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder).await;
    make_bob(&rig, BOB_ID).await;
    let named_in = default_policy().replace(
        r#""AWS" : "arn:aws:iam::111122223333:root""#,
        &format!(r#""AWS" : ["arn:aws:iam::111122223333:root", "{}"]"#, user_arn("bob")),
    );
    assert_ne!(named_in, default_policy());
    let by_name = make_key(&rig, named_in).await;
    let by_policy = make_key(&rig, default_policy()).await;
    let about = |key: KeyArn| about_key("kms:Encrypt", &key.to_string());
    rig.granted(BOB, about(by_name)).await;
    rig.denied(BOB, about(by_policy)).await;
    let put = IdentityChange::PutInlinePolicy {
        entity: entity(EntityKind::User, "bob"),
        name: "p".into(),
        document: allow("kms:Encrypt"),
    };
    made(&rig, "PutUserPolicy", named(WireKind::User, "bob"), put).await;
    rig.granted(BOB, about(by_policy)).await;

    let thing = || entity(EntityKind::User, "bob");
    let resource = || named(WireKind::User, "bob");
    let gone = IdentityChange::DeleteInlinePolicy { entity: thing(), name: "p".into() };
    made(&rig, "DeleteUserPolicy", resource(), gone).await;
    rig.denied(BOB, about(by_policy)).await;
    let gone = IdentityChange::DeleteAccessKey {
        account: account(),
        user_name: Some("bob".into()),
        access_key_id: BOB.into(),
    };
    made(&rig, "DeleteAccessKey", resource(), gone).await;
    made(&rig, "DeleteUser", resource(), IdentityChange::Delete(thing())).await;
    make_bob(&rig, "AIDASECONDSECONDSECON").await;
    rig.denied(BOB, about(by_name)).await;
}

#[tokio::test]
async fn a_role_is_assumed_and_its_session_decided_by_its_policies() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder).await;
    make_bob(&rig, BOB_ID).await;
    let reader = role("reader", "AROAREADERREADERREADE", &user_arn("bob"));
    let create = IdentityChange::CreateRole { role: reader, tags: Vec::new(), boundary: None };
    made(&rig, "CreateRole", new(WireKind::Role, "reader"), create).await;
    let put = IdentityChange::PutInlinePolicy {
        entity: entity(EntityKind::Role, "reader"),
        name: "p".into(),
        document: allow("kms:Encrypt"),
    };
    made(&rig, "PutRolePolicy", named(WireKind::Role, "reader"), put).await;
    let key = make_key(&rig, default_policy()).await;

    rig.next_request();
    let form = "Action=AssumeRole";
    let asked = question("sts:AssumeRole", Resource::RoleArn(role_arn("reader")));
    let signed = sign_form_by((BOB, SECRET), "sts", form, rig.now());
    let (_, permit) = rig.decide(signed, asked, form).await.unwrap();
    let wanted = IssueSession {
        of: Some(issue_session::Of::RoleSessionName("s".into())),
        duration_seconds: 900,
        ..IssueSession::default()
    };
    let ReadOutcome::Session(issued) = rig.read(permit, Read::IssueSession(wanted)).await else {
        panic!()
    };
    let sealer = Sealer::new(KeyRing::single(SecretBytes::new(vec![2; 32])).unwrap());
    let purpose = Purpose::EvaluatorToGateway;
    let secret = sealer.open(purpose, rig.request_id(), &issued.sealed_secret).unwrap();
    let session = |operation: &str| SignedRequest {
        session_token: issued.token.clone(),
        ..sign(&issued.access_key_id, secret.expose(), operation, rig.now())
    };
    let about = |operation: &str| about_key(&format!("kms:{operation}"), &key.to_string());
    assert!(decide(&rig, session("Encrypt"), about("Encrypt")).await.is_some());
    assert!(decide(&rig, session("Decrypt"), about("Decrypt")).await.is_none());
}

#[tokio::test]
async fn an_aws_managed_key_is_made_once_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder).await;
    let asking = (0..20).map(|_| async {
        let asked = about_key("kms:DescribeKey", "alias/aws/s3");
        let (claims, granted) = rig.granted(ROOT, asked).await;
        (*claims.key().unwrap(), granted.key.unwrap())
    });
    let found = futures_util::future::join_all(asking).await;
    assert!(found.iter().all(|(key, _)| *key == found[0].0));
    let shown = KeyRecord::try_from(found[0].1.clone()).unwrap();
    assert_eq!(shown.manager, KeyManager::Aws);
    rig.next_request();
    let list = rig.granted(ROOT, question("kms:ListAliases", Resource::Arn("*".into()))).await;
    let wanted = ListAliases { limit: 10, ..ListAliases::default() };
    let ReadOutcome::Aliases(page) = rig.read(list.1.permit, Read::ListAliases(wanted)).await
    else {
        panic!()
    };
    assert_eq!(page.aliases.len(), 1);
    let disable = about_key("kms:DisableKey", &found[0].0.to_string());
    rig.denied(ROOT, disable).await;
}

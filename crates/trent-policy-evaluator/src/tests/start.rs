//! What happens before the first request.

use std::sync::Arc;

use trent_bus::messages::authorize_answer::Outcome;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{Authorized, Granted, NewKey, Question, change_answer, decision};
use trent_store::Sqlite;
use trent_types::{Change, KeyRecord, KeyUpdate, SecretBytes};

use super::fake_store::FakeStore;
use super::rig::{
    MARK, ROOT, Rig, SECRET, about_key, default_policy, furnished_store, new_material, question,
    record, sign,
};
use crate::{Form, StartError};

#[tokio::test]
async fn the_first_start_makes_a_root_key_and_shows_it_once() {
    let store = Arc::new(FakeStore::default());
    let rig = Rig::on(Arc::clone(&store), Form::Embedded, MARK, None).await.unwrap();
    let printed = rig.printed.as_ref().unwrap();
    let (id, secret) = (&printed.access_key_id, printed.secret.expose());
    let signed = sign(id, secret, "ListKeys", rig.now());
    assert!(matches!(rig.authorize(signed, vec![]).await, Outcome::Authorized(_)));
    let again = Rig::on(store, Form::Embedded, MARK, None).await.unwrap();
    assert!(again.printed.is_none());
}

#[tokio::test]
async fn a_start_that_stopped_halfway_is_finished_with_the_same_key() {
    let store = Arc::new(FakeStore::default());
    let first = Rig::on(Arc::clone(&store), Form::Embedded, MARK, None).await.unwrap();
    store.state.lock().unwrap().access_keys.clear();
    let second = Rig::on(store, Form::Embedded, MARK, None).await.unwrap();
    let id = |rig: &Rig| rig.printed.as_ref().unwrap().access_key_id.clone();
    assert_eq!(id(&first), id(&second));
}

#[tokio::test]
async fn a_configured_root_key_is_kept_sealed_and_can_be_changed() {
    let store = Arc::new(FakeStore::default());
    for secret in ["the first secret", "the second secret"] {
        let root = Some((ROOT.to_owned(), SecretBytes::new(secret.into())));
        let rig = Rig::on(Arc::clone(&store), Form::Embedded, MARK, root).await.unwrap();
        assert!(rig.printed.is_none());
        let signed = sign(ROOT, secret.as_bytes(), "ListKeys", rig.now());
        assert!(matches!(rig.authorize(signed, vec![]).await, Outcome::Authorized(_)));
    }
}

#[tokio::test]
async fn a_users_access_key_cannot_be_configured_as_roots() {
    let root = Some((super::rig::ANN.to_owned(), SecretBytes::new(SECRET.to_vec())));
    let outcome = Rig::on(furnished_store(), Form::Embedded, MARK, root).await;
    assert!(matches!(outcome.err(), Some(StartError::RootKeyTaken)));
}

#[tokio::test]
async fn under_a_wrong_domain_key_nothing_is_ready_and_nothing_is_decided() {
    let store = furnished_store();
    Rig::on(Arc::clone(&store), Form::Embedded, MARK, None).await.unwrap();
    let rig = Rig::on(store, Form::Embedded, MARK + 1, None).await.unwrap();
    let text = "the domain key does not open what this deployment sealed";
    assert_eq!(rig.evaluator.ready(), Err(text.to_owned()));
    let outcome = rig.authorize(rig.sign(ROOT, "ListKeys"), vec![]).await;
    assert_eq!(outcome, Outcome::Unavailable(text.to_owned()));
}

/// Signs with the root key that was made at the start and asks one question.
async fn granted(rig: &Rig, asked: Question, key: (&str, &[u8])) -> Granted {
    let operation = asked.action.split_once(':').unwrap().1.to_owned();
    let signed = sign(key.0, key.1, &operation, rig.now());
    let Outcome::Authorized(Authorized { mut decisions, .. }) =
        rig.authorize(signed, vec![asked]).await
    else {
        panic!("not authorized")
    };
    match decisions.pop().unwrap().outcome.unwrap() {
        decision::Outcome::Granted(granted) => granted,
        decision::Outcome::Denied(denied) => panic!("{denied:?}"),
    }
}

#[tokio::test]
async fn on_sqlite_a_key_is_made_disabled_and_still_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Arc::new(Sqlite::open(directory.path().join("registry.sqlite")).unwrap());
    let rig = Rig::on_real(open()).await;
    let printed = rig.printed.as_ref().unwrap();
    let root = (printed.access_key_id.as_str(), printed.secret.expose());

    let asked = question("kms:CreateKey", Resource::NewKey(NewKey::default()));
    let new = granted(&rig, asked, root).await;
    let key = trent_types::KeyArn::try_from(&new.key.unwrap()).unwrap();
    let create = Change::CreateKey {
        record: KeyRecord { key_id: key.key_id, ..record(7) },
        policy: default_policy(),
        bypass_lockout_check: false,
        tags: Vec::new(),
        material: new_material(7),
    };
    let done = rig.change(vec![new.permit], create).await;
    assert!(matches!(done, change_answer::Outcome::Committed(_)), "{done:?}");

    rig.next_request();
    let reference = key.to_string();
    let asked = || about_key("kms:DisableKey", &reference);
    let seen = granted(&rig, asked(), root).await;
    assert_eq!(seen.key.as_ref().unwrap().state, "Enabled");
    let disable = Change::UpdateKey { key, version: 1, update: KeyUpdate::Disable };
    let done = rig.change(vec![seen.permit], disable).await;
    assert!(matches!(done, change_answer::Outcome::Committed(_)), "{done:?}");
    assert_eq!(granted(&rig, asked(), root).await.key.unwrap().state, "Disabled");

    let again = Rig::on_real(open()).await;
    assert!(again.printed.is_none());
    assert_eq!(granted(&again, asked(), root).await.key.unwrap().state, "Disabled");
}

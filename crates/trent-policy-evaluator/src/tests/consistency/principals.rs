//! What other evaluators are told of users, groups, roles and policies, and what they forget.

use std::sync::Mutex;

use prost::Message;
use trent_bus::messages::EntityKind as WireKind;
use trent_types::{EntityKind, IdentityChange};

use super::*;
use crate::tests::people::{allow, entity, named, user};
use crate::tests::rig::account;

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";

/// Another evaluator that keeps what it is told.
#[derive(Default)]
struct Listener(Mutex<Vec<messages::Invalidation>>);

impl Service for Listener {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let told = Invalidate::decode(order.payload).unwrap();
            self.0.lock().unwrap().extend(told.invalidations);
            Ok(Unit {}.encode_to_vec().into())
        })
    }
}

#[tokio::test]
async fn principals_are_forgotten_when_another_evaluator_says_so() {
    let rig = Rig::embedded().await;
    let bob = user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO");
    rig.add_user(BOB, bob, Some(&allow("kms:Encrypt")));
    let encrypt = || about_key("kms:Encrypt", &arn(1).to_string());
    rig.granted(BOB, encrypt()).await;
    let place = entity(EntityKind::User, "bob");
    rig.store.state.lock().unwrap().thing(&place).unwrap().inline.clear();
    rig.granted(BOB, encrypt()).await;
    let tell = async |account: &str| {
        let subject = Some(invalidation::Subject::Identities(account.to_owned()));
        let told = Invalidate { invalidations: vec![messages::Invalidation { subject }] };
        call(&rig.bus(), Subject::Invalidate(OWN), &told).await;
    };
    tell("999900001111").await;
    rig.granted(BOB, encrypt()).await;
    tell(account().as_str()).await;
    rig.denied(BOB, encrypt()).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_user_is_told_to_every_evaluator_before_it_is_answered() {
    let rig = Rig::distributed().await;
    let _running = running(&rig).await;
    rig.add_user(BOB, user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO"), None);
    let listener = Arc::new(Listener::default());
    rig.services.serve(Subject::Invalidate(OTHER), listener.clone()).unwrap();
    let other = LeaseHolder { evaluator: OTHER, renewals: 1 };
    rig.store.state.lock().unwrap().holders.push(other);
    let put = IdentityChange::PutInlinePolicy {
        entity: entity(EntityKind::User, "bob"),
        name: "p".into(),
        document: allow("kms:*"),
    };
    let made = rig.change_identity("PutUserPolicy", named(WireKind::User, "bob"), put).await;
    assert!(matches!(made, ChangeOutcome::Committed(_)), "{made:?}");
    let subject = Some(invalidation::Subject::Identities(account().as_str().to_owned()));
    assert_eq!(*listener.0.lock().unwrap(), [messages::Invalidation { subject }]);
}

#[tokio::test]
async fn users_that_are_remembered_take_bounded_room() {
    let cache = crate::cache::Cache::new();
    let document = allow(&format!("kms:{}", "x".repeat(100_000)));
    for number in 0..1_000 {
        let name = format!("user{number}");
        let record = trent_types::EntityRecord::User(user(account(), &name, &name));
        let policies = vec![trent_store::StoredPolicy {
            source: "own".into(),
            document: Some(document.clone()),
        }];
        let stored =
            trent_store::StoredPrincipal { record, tags: Vec::new(), boundary: None, policies };
        cache.fill_principal(cache.begin(), stored);
    }
    assert!(cache.principals_weight() <= 16 * 1024 * 1024);
    assert!(cache.principals_weight() > 1024 * 1024);
}

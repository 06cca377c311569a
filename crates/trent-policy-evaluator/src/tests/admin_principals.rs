//! Accounts and service principals, as an operator makes them.

use prost::Message;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::authorize_answer::Outcome as Authorized;
use trent_bus::messages::{AdminAnswer, AdminRequest, CreateAccount, CreateService, Unit};
use trent_bus::{Purpose, Sealer, Subject, convert};
use trent_types::{CallerKind, KeyRing, SecretBytes};

use super::rig::{Rig, about_key, account, arn, call, request_id};
use super::signing::sign;

async fn ask(rig: &Rig, id: u8, command: Command) -> Outcome {
    let request = AdminRequest {
        request_id: convert::bytes(request_id(id).as_bytes()),
        command: Some(command),
    };
    let answer = call(&rig.bus(), Subject::Admin, &request).await;
    AdminAnswer::decode(answer).unwrap().outcome.unwrap()
}

fn opened(id: u8, key: &trent_bus::messages::NewAccessKey) -> Vec<u8> {
    let sealer = Sealer::new(KeyRing::single(SecretBytes::new(vec![2; 32])).unwrap());
    let purpose = Purpose::EvaluatorToOperator;
    sealer.open(purpose, request_id(id), &key.sealed_secret).unwrap().expose().to_vec()
}

fn account_of(id: &str) -> Command {
    Command::CreateAccount(CreateAccount { name: "blue".into(), id: id.into() })
}

fn service(name: &str) -> Command {
    Command::CreateService(CreateService { name: name.into() })
}

#[tokio::test]
async fn an_account_comes_with_a_root_user_who_can_sign() {
    let rig = Rig::embedded().await;
    let Outcome::AccountCreated(made) = ask(&rig, 50, account_of("444455556666")).await else {
        panic!()
    };
    let key = made.root_key.unwrap();
    assert_eq!(made.account.unwrap().id, "444455556666");
    let secret = opened(50, &key);
    let signed = sign(&key.access_key_id, &secret, "ListKeys", rig.now());
    let Authorized::Authorized(who) = rig.authorize(signed, vec![]).await else { panic!() };
    let caller: trent_types::Caller = who.caller.unwrap().try_into().unwrap();
    assert_eq!((caller.account.as_str(), caller.is_root()), ("444455556666", true));

    let Outcome::AccountCreated(again) = ask(&rig, 50, account_of("444455556666")).await else {
        panic!()
    };
    let again = again.root_key.unwrap();
    assert_eq!((&again.access_key_id, opened(50, &again)), (&key.access_key_id, secret));
    for (id, wrong) in [(51, "444455556666"), (52, "000000000000"), (53, "12")] {
        let refused = ask(&rig, id, account_of(wrong)).await;
        assert!(matches!(refused, Outcome::Refused(_)), "{wrong}: {refused:?}");
    }
    let Outcome::AccountCreated(drawn) = ask(&rig, 54, account_of("")).await else { panic!() };
    let drawn = drawn.account.unwrap();
    assert!(drawn.id.parse::<trent_types::AccountId>().is_ok());
    let Outcome::Accounts(list) = ask(&rig, 55, Command::ListAccounts(Unit {})).await else {
        panic!()
    };
    let ids: Vec<_> = list.accounts.into_iter().map(|one| one.id).collect();
    for id in [account().as_str(), "444455556666", &drawn.id] {
        assert!(ids.iter().any(|known| known == id), "{id}: {ids:?}");
    }
}

#[tokio::test]
async fn a_service_gets_one_more_key_each_time_and_loses_all_at_its_end() {
    let rig = Rig::embedded().await;
    let mut keys = Vec::new();
    for (id, name) in [(50, "s3"), (51, "s3.amazonaws.com")] {
        let Outcome::ServiceCreated(made) = ask(&rig, id, service(name)).await else { panic!() };
        assert_eq!(made.name, "s3.amazonaws.com");
        let key = made.access_key.unwrap();
        keys.push((key.access_key_id.clone(), opened(id, &key)));
    }
    assert_ne!(keys[0].0, keys[1].0);
    let signed = || sign(&keys[0].0, &keys[0].1, "ListKeys", rig.now());
    let Authorized::Authorized(who) = rig.authorize(signed(), vec![]).await else { panic!() };
    let caller: trent_types::Caller = who.caller.unwrap().try_into().unwrap();
    assert!(matches!(caller.kind, CallerKind::Service { name, .. } if name == "s3.amazonaws.com"));
    let list = async || match ask(&rig, 52, Command::ListServices(Unit {})).await {
        Outcome::Services(list) => list.services,
        other => panic!("{other:?}"),
    };
    let services = list().await;
    assert_eq!((services.len(), services[0].access_keys.len()), (1, 2));
    let refused = ask(&rig, 53, service("no/service")).await;
    assert!(matches!(refused, Outcome::Refused(_)), "{refused:?}");
    let done = ask(&rig, 54, Command::DeleteService("s3".into())).await;
    assert_eq!(done, Outcome::Done(Unit {}));
    assert!(list().await.is_empty());
    let outcome = rig.authorize(signed(), vec![]).await;
    assert!(matches!(outcome, Authorized::SignatureRefused(_)), "{outcome:?}");
    let refused = ask(&rig, 55, Command::DeleteService("s3".into())).await;
    assert_eq!(refused, Outcome::Refused("there is no such service".into()));
}

#[tokio::test]
async fn a_new_account_can_be_named_in_key_policies_at_once() {
    let rig = Rig::embedded().await;
    let policy = r#"{"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["111122223333",
        "444455556666"]}, "Action": "kms:*", "Resource": "*"}]}"#;
    let put = async |version| {
        let asked = about_key("kms:PutKeyPolicy", &arn(1).to_string());
        let (_, granted) = rig.granted(super::rig::ROOT, asked).await;
        let change = trent_types::Change::PutKeyPolicy {
            key: arn(1),
            version,
            policy: policy.into(),
            bypass_lockout_check: false,
        };
        rig.change(vec![granted.permit], change).await
    };
    use trent_bus::messages::change_answer::Outcome as Changed;
    assert!(matches!(put(1).await, Changed::Refused(_)));
    ask(&rig, 50, account_of("444455556666")).await;
    assert!(matches!(put(1).await, Changed::Committed(_)));
}

//! What is asked by values and what is asked by messages is decided alike.

use futures_util::FutureExt as _;
use trent_bus::messages::authorize_answer::Outcome;
use trent_bus::messages::question::Resource as Named;
use trent_bus::messages::{self, Authorized, ContextPair, Decision, DenialKind, decision};
use trent_bus::{AuthorizeOrder, convert};
use trent_sigv4::SignedRequest;
use trent_types::{
    AliasRecord, Authorization, Caller, Denied, EncryptionContext, Evaluated, GrantConstraints,
    GrantOperation, GrantPrincipal, GrantTerms, Granted, GrantedKey, KeyRecord, KeyState,
    Primitive, Primitives, Question, Resource, SealedMaterial, SignatureFault,
};

use super::rig::{
    ANN, MARK, ROOT, Rig, about_key, account, arn, furnished_store, material, question, region,
};

fn value(signed: messages::SignedRequest) -> SignedRequest {
    SignedRequest {
        access_key_id: signed.access_key_id,
        scope_date: signed.scope_date,
        scope_region: signed.scope_region,
        scope_service: signed.scope_service,
        timestamp: signed.timestamp,
        expires_seconds: signed.expires_seconds,
        canonical_request: signed.canonical_request.into(),
        signature: signed.signature.as_ref().try_into().unwrap(),
        session_token: None,
    }
}

fn order<'a>(
    rig: &Rig,
    (access_key, operation): (&str, &str),
    questions: &'a [Question<'a>],
) -> AuthorizeOrder<'a> {
    AuthorizeOrder {
        request: rig.request_id(),
        signed: value(rig.sign(access_key, operation)),
        questions,
        form: b"",
        source_ip: "192.0.2.7",
        secure_transport: true,
        user_agent: "aws-cli/2",
    }
}

fn asked<'a>(action: &'a str, resource: Resource<'a>) -> Question<'a> {
    Question {
        action,
        resource,
        primitives: Primitives::NONE,
        material: None,
        all_materials: false,
        encryption_context: None,
        conditions: Vec::new(),
    }
}

async fn by_value(rig: &Rig, by: (&str, &str), questions: &[Question<'_>]) -> Authorization {
    let evaluator = rig.evaluator.local_evaluator();
    match evaluator.authorize(order(rig, by, questions)).await.unwrap() {
        Evaluated::Authorized(authorization) => authorization,
        other => panic!("not authorized: {other:?}"),
    }
}

async fn by_message(rig: &Rig, by: (&str, &str), asked: Vec<messages::Question>) -> Authorized {
    match rig.authorize(rig.sign(by.0, by.1), asked).await {
        Outcome::Authorized(authorized) => authorized,
        other => panic!("not authorized: {other:?}"),
    }
}

fn assert_alike(value: Result<Granted, Denied>, message: Decision) {
    match (value, message.outcome.unwrap()) {
        (Ok(value), decision::Outcome::Granted(message)) => {
            assert_eq!(value.permit.as_wire(), &message.permit[..]);
            match (value.key, message.key) {
                (Some(GrantedKey::Existing(record)), Some(key)) => {
                    assert_eq!(*record, KeyRecord::try_from(key).unwrap());
                }
                (None, None) => {}
                other => panic!("{other:?}"),
            }
            let sealed = |one: messages::SealedMaterial| SealedMaterial::try_from(one).unwrap();
            assert_eq!(value.material.as_deref().cloned(), message.material.map(sealed));
            let others: Vec<_> = message.other_materials.into_iter().map(sealed).collect();
            assert_eq!(value.other_materials, others);
            assert_eq!(value.alias.map(messages::AliasRecord::from), message.alias);
            assert_eq!(value.grant.map(messages::Grant::from), message.grant);
        }
        (Err(value), decision::Outcome::Denied(message)) => {
            assert_eq!(format!("{:?}", value.kind), format!("{:?}", message.kind()));
            assert_eq!((&value.message, &value.reason), (&message.message, &message.reason));
            let key = value.key.map(|arn| arn.to_string()).unwrap_or_default();
            assert_eq!(key, message.key_arn);
        }
        other => panic!("{other:?}"),
    }
}

fn alias(rig: &Rig) -> AliasRecord {
    AliasRecord {
        account: account(),
        region: region(),
        name: "alias/app".parse().unwrap(),
        target: arn(1).key_id,
        created_at: rig.now(),
        updated_at: rig.now(),
    }
}

/// An evaluator of a key with two materials, an alias, and another state than is stored.
async fn of_a_key_with_everything() -> (Rig, AliasRecord) {
    let store = furnished_store();
    {
        let mut state = store.state.lock().unwrap();
        let key = state.keys.get_mut(&(region(), arn(1).key_id)).unwrap();
        key.materials.push(material(2));
        key.passing = Some((KeyState::Updating, trent_types::Timestamp::from_millis(i64::MAX)));
    }
    let rig = Rig::on(store, crate::Form::Embedded, MARK, None).await.unwrap();
    let alias = alias(&rig);
    rig.store.state.lock().unwrap().aliases.insert(alias.arn(), alias.clone());
    (rig, alias)
}

#[tokio::test]
async fn a_question_has_one_answer_however_it_is_asked() {
    let (rig, alias) = of_a_key_with_everything().await;
    let (key, name) = (arn(1).to_string(), alias.name.clone());
    let terms = GrantTerms {
        grantee: GrantPrincipal::Arn("arn:aws:iam::111122223333:user/team/ann".into()),
        retiring: None,
        operations: vec![GrantOperation::Encrypt],
        constraints: GrantConstraints::default(),
    };
    let new_grant = messages::NewGrant { key_reference: key.clone(), terms: Some((&terms).into()) };
    let context: EncryptionContext = [("a".to_owned(), "b".to_owned())].into_iter().collect();
    let pair = ContextPair { key: "a".into(), value: "b".into() };
    let encrypt = Question {
        primitives: Primitives::only(Primitive::Encrypt),
        encryption_context: Some(&context),
        all_materials: true,
        conditions: vec![("kms:EncryptionAlgorithm".into(), vec!["SYMMETRIC_DEFAULT".into()])],
        ..asked("kms:Encrypt", Resource::Key(&key))
    };
    let algorithm = messages::ConditionValue {
        key: "kms:EncryptionAlgorithm".into(),
        values: vec!["SYMMETRIC_DEFAULT".into()],
    };
    let encrypt_message = messages::Question {
        primitives: Primitive::Encrypt as u32,
        encryption_context: vec![pair],
        all_materials: true,
        conditions: vec![algorithm],
        ..about_key("kms:Encrypt", &key)
    };
    let grant = asked("kms:CreateGrant", Resource::NewGrant { key: &key, terms: &terms });
    for (access_key, value, message) in [
        (ROOT, encrypt.clone(), encrypt_message.clone()),
        (ANN, encrypt, encrypt_message),
        (
            ROOT,
            asked("kms:DescribeKey", Resource::Key("alias/app")),
            about_key("kms:DescribeKey", "alias/app"),
        ),
        (
            ROOT,
            asked("kms:UpdateAlias", Resource::Alias(&name)),
            question("kms:UpdateAlias", Named::Alias(name.to_string())),
        ),
        (ROOT, grant, question("kms:CreateGrant", Named::NewGrant(new_grant))),
        (
            ROOT,
            asked("kms:EnableKey", Resource::Key("nonsense")),
            about_key("kms:EnableKey", "nonsense"),
        ),
        (
            ROOT,
            asked("kms:ListKeys", Resource::Arn("*")),
            question("kms:ListKeys", Named::Arn("*".into())),
        ),
    ] {
        let by = (access_key, value.action.strip_prefix("kms:").unwrap());
        let mut values = by_value(&rig, by, std::slice::from_ref(&value)).await;
        let mut answer = by_message(&rig, by, vec![message]).await;
        assert_eq!(*values.caller, Caller::try_from(answer.caller.unwrap()).unwrap());
        assert_eq!(values.key_now.as_millis(), answer.key_now_ms);
        assert_alike(values.decisions.pop().unwrap(), answer.decisions.pop().unwrap());
        assert!(values.decisions.is_empty() && answer.decisions.is_empty());
    }
}

#[tokio::test]
async fn a_key_is_shared_with_whoever_asks_and_not_copied() {
    let rig = Rig::embedded().await;
    let key = arn(1).to_string();
    let encrypt = [Question {
        primitives: Primitives::only(Primitive::Encrypt),
        ..asked("kms:Encrypt", Resource::Key(&key))
    }];
    let ask = async || {
        let mut answer = by_value(&rig, (ROOT, "Encrypt"), &encrypt).await;
        let granted = answer.decisions.pop().unwrap().unwrap();
        let Some(GrantedKey::Existing(record)) = granted.key else { panic!("no key") };
        (answer.caller, record, granted.material.unwrap())
    };
    let (first, second) = (ask().await, ask().await);
    assert!(std::sync::Arc::ptr_eq(&first.0, &second.0));
    assert!(std::sync::Arc::ptr_eq(&first.1, &second.1));
    assert!(std::sync::Arc::ptr_eq(&first.2, &second.2));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_itself() {
    let rig = Rig::embedded().await;
    let key = arn(1).to_string();
    let good = || about_key("kms:Encrypt", &key);
    let pair = |key: &str| ContextPair { key: key.into(), value: "x".into() };
    let asked = vec![
        good(),
        messages::Question { material_id: vec![1; 31].into(), ..good() },
        messages::Question { encryption_context: vec![pair("b"), pair("a")], ..good() },
        messages::Question { encryption_context: vec![pair("a"), pair("a")], ..good() },
        messages::Question { resource: None, ..good() },
        good(),
    ];
    let answer = by_message(&rig, (ROOT, "Encrypt"), asked).await;
    let told: Vec<_> = answer
        .decisions
        .into_iter()
        .map(|decision| match decision.outcome.unwrap() {
            decision::Outcome::Granted(_) => "granted".to_owned(),
            decision::Outcome::Denied(denied) => {
                assert_eq!(denied.kind(), DenialKind::NotAskedByCaller);
                assert!(denied.message.is_empty());
                denied.reason
            }
        })
        .collect();
    let unsorted = "the encryption context is not sorted";
    let expected = [
        "granted",
        "the material id is malformed",
        unsorted,
        unsorted,
        "the question is about nothing",
        "granted",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn values_are_refused_for_what_messages_are_refused_for() {
    let rig = Rig::embedded().await;
    let evaluator = rig.evaluator.local_evaluator();
    let forged = AuthorizeOrder {
        signed: SignedRequest { signature: [0; 32], ..value(rig.sign(ROOT, "ListKeys")) },
        ..order(&rig, (ROOT, "ListKeys"), &[])
    };
    match evaluator.authorize(forged).await.unwrap() {
        Evaluated::SignatureRefused(refused) => assert_eq!(refused.fault, SignatureFault::Mismatch),
        other => panic!("{other:?}"),
    }
    let many = vec![asked("kms:ListKeys", Resource::Arn("*")); 9];
    let rejected = evaluator.authorize(order(&rig, (ROOT, "ListKeys"), &many)).await;
    assert_eq!(rejected.unwrap_err(), messages::Rejection::Malformed);

    let without_lease = Rig::distributed().await;
    let evaluator = without_lease.evaluator.local_evaluator();
    let outcome = evaluator.authorize(order(&without_lease, (ROOT, "ListKeys"), &[])).await;
    assert!(matches!(outcome.unwrap(), Evaluated::Unavailable(_)));
    let unsigned = messages::AuthorizeRequest {
        request_id: convert::bytes(rig.request_id().as_bytes()),
        ..messages::AuthorizeRequest::default()
    };
    let answer = super::rig::call(&rig.bus(), trent_bus::Subject::Authorize, &unsigned).await;
    let answer: messages::AuthorizeAnswer = prost::Message::decode(answer).unwrap();
    let expected = Outcome::Unavailable("the order carries no signed request".to_owned());
    assert_eq!(answer.outcome, Some(expected));
}

/// What one question about a key costs that is remembered, with the decision on it.
#[tokio::test]
#[ignore = "a measurement: cargo test --release -p trent-policy-evaluator --lib -- --ignored \
            --nocapture remembered_question"]
async fn how_long_a_remembered_question_takes() {
    const ROUNDS: u32 = 20_000;
    let rig = Rig::embedded().await;
    let key = arn(1).to_string();
    let encrypt = [Question {
        primitives: Primitives::only(Primitive::Encrypt),
        ..asked("kms:Encrypt", Resource::Key(&key))
    }];
    by_value(&rig, (ROOT, "Encrypt"), &encrypt).await;
    let evaluator = rig.evaluator.local_evaluator();
    let orders: Vec<_> = (0..ROUNDS).map(|_| order(&rig, (ROOT, "Encrypt"), &encrypt)).collect();
    let future = size_of_val(&*evaluator.authorize(order(&rig, (ROOT, "Encrypt"), &encrypt)));
    println!("a future of {future} bytes");
    let began = std::time::Instant::now();
    let mut done = 0;
    let counted = allocation_counter::measure(|| {
        for order in orders {
            done += u32::from(evaluator.authorize(order).now_or_never().is_some());
        }
    });
    let each = began.elapsed().as_nanos() / u128::from(ROUNDS);
    let allocations = counted.count_total as f64 / f64::from(ROUNDS);
    println!("{each} ns and {allocations} allocations for each of {done} remembered questions");
}

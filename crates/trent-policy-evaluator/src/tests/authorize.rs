//! Authorize: signatures, questions, resources and Permits.

use trent_bus::messages::authorize_answer::Outcome;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{
    self, Authorized, CiphertextKey, ContextPair, DenialKind, NewKey, Question, SignatureFault,
    SignedRequest, caller,
};
use trent_bus::{ClaimedResource, Subject};
use trent_types::{
    AccessKeyStatus, AliasRecord, CallerKind, EncryptionContext, KeyState, Primitive, Primitives,
};

use super::rig::{
    ANN, OWN, ROOT, Rig, SECRET, about_key, account, arn, call, question, record, region, sign,
};

const ENCRYPT: u32 = Primitive::Encrypt as u32;

async fn fault(rig: &Rig, signed: SignedRequest) -> SignatureFault {
    match rig.authorize(signed, vec![]).await {
        Outcome::SignatureRefused(refused) => {
            assert!(!refused.message.is_empty());
            refused.fault()
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn encrypt(reference: &str) -> Question {
    Question { primitives: ENCRYPT, ..about_key("kms:Encrypt", reference) }
}

#[tokio::test]
async fn a_good_signature_tells_who_it_is() {
    let rig = Rig::embedded().await;
    for _ in 0..2 {
        let outcome = rig.authorize(rig.sign(ANN, "ListKeys"), vec![]).await;
        let Outcome::Authorized(Authorized { caller, decisions, .. }) = outcome else {
            panic!("not authorized: {outcome:?}")
        };
        let caller = caller.unwrap();
        assert_eq!(caller.account, account().as_str());
        let Some(caller::Kind::User(user)) = caller.kind else { panic!("not a user") };
        assert_eq!((user.path.as_str(), user.name.as_str()), ("/team/", "ann"));
        assert!(decisions.is_empty());
    }
}

#[tokio::test]
async fn a_bad_signature_is_refused_for_what_is_wrong_with_it() {
    let rig = Rig::embedded().await;
    let good = || rig.sign(ROOT, "ListKeys");

    let mut other = good();
    other.canonical_request = [other.canonical_request.as_ref(), b" "].concat().into();
    assert_eq!(fault(&rig, other).await, SignatureFault::Mismatch);
    let other = SignedRequest { signature: vec![0; 31].into(), ..good() };
    assert_eq!(fault(&rig, other).await, SignatureFault::Mismatch);
    let other = SignedRequest { expires_seconds: 604_800, ..good() };
    assert_eq!(fault(&rig, other).await, SignatureFault::Mismatch, "the life was not signed");

    let other = sign("AKIASTRANGERSTRANGER", SECRET, "ListKeys", rig.now());
    assert_eq!(fault(&rig, other).await, SignatureFault::UnknownAccessKey);
    let other = sign(ROOT, SECRET, "ListKeys", rig.now().plus_millis(-16 * 60_000));
    assert_eq!(fault(&rig, other).await, SignatureFault::Expired);
    let other = sign(ROOT, SECRET, "ListKeys", rig.now().plus_millis(16 * 60_000));
    assert_eq!(fault(&rig, other).await, SignatureFault::NotYetCurrent);
    for (region, service) in [("us-east-9", "kms"), ("eu-west-1", "kms"), ("us-east-1", "s3")] {
        let other =
            SignedRequest { scope_region: region.into(), scope_service: service.into(), ..good() };
        assert_eq!(fault(&rig, other).await, SignatureFault::Scope, "{region} {service}");
    }
    let other = SignedRequest { session_token: "token".into(), ..good() };
    assert_eq!(fault(&rig, other).await, SignatureFault::SessionToken);

    let stored = |status| {
        let mut state = rig.store.state.lock().unwrap();
        state.access_keys.get_mut(ANN).unwrap().access_key.status = status;
    };
    stored(AccessKeyStatus::Inactive);
    let other = rig.sign(ANN, "ListKeys");
    assert_eq!(fault(&rig, other).await, SignatureFault::UnknownAccessKey);
}

#[tokio::test]
async fn a_users_access_key_without_its_user_is_not_roots() {
    let rig = Rig::embedded().await;
    rig.store.state.lock().unwrap().access_keys.get_mut(ANN).unwrap().owner =
        trent_store::AccessKeyOwner::Root;
    let signed = rig.sign(ANN, "ListKeys");
    assert_eq!(fault(&rig, signed).await, SignatureFault::UnknownAccessKey);
}

#[tokio::test]
async fn a_permit_says_exactly_what_was_decided() {
    let rig = Rig::embedded().await;
    let pair = ContextPair { key: "a".into(), value: "b".into() };
    let asked = Question { encryption_context: vec![pair], ..encrypt(&arn(1).to_string()) };
    let (claims, granted) = rig.granted(ROOT, asked).await;
    let context: EncryptionContext = [("a".to_owned(), "b".to_owned())].into_iter().collect();
    assert_eq!(claims.action, "kms:Encrypt");
    assert_eq!(claims.resource, ClaimedResource::Key(arn(1)));
    assert_eq!(claims.record_version, 1);
    assert_eq!(claims.primitives, Primitives::only(Primitive::Encrypt));
    assert_eq!(claims.material_ids, [record(1).current_material.unwrap()]);
    assert_eq!(claims.context_digest, context.digest());
    assert_eq!(claims.caller.kind, CallerKind::Root);
    assert!(claims.expires_at <= rig.now().plus_millis(2_000));
    assert_eq!(granted.key.unwrap().version, 1);
    assert_eq!(granted.material.unwrap().sealed, super::rig::material(1).sealed);
}

#[tokio::test]
async fn a_question_must_fit_what_the_caller_signed() {
    let rig = Rig::embedded().await;
    let signed = rig.sign(ROOT, "DescribeKey");
    let asked = vec![about_key("kms:DescribeKey", &arn(1).to_string()), encrypt("alias/a")];
    let Outcome::Authorized(answer) = rig.authorize(signed, asked).await else { panic!() };
    let kinds: Vec<_> = answer
        .decisions
        .into_iter()
        .map(|decision| match decision.outcome.unwrap() {
            trent_bus::messages::decision::Outcome::Granted(_) => None,
            trent_bus::messages::decision::Outcome::Denied(denied) => Some(denied.kind()),
        })
        .collect();
    assert_eq!(kinds, [None, Some(DenialKind::NotAskedByCaller)]);
}

#[tokio::test]
async fn a_disabled_key_gets_a_permit_without_primitives() {
    let rig = Rig::embedded().await;
    let place = (region(), arn(1).key_id);
    rig.store.state.lock().unwrap().keys.get_mut(&place).unwrap().record.state = KeyState::Disabled;
    let (claims, granted) = rig.granted(ROOT, encrypt(&arn(1).to_string())).await;
    assert_eq!(claims.primitives, Primitives::NONE);
    assert_eq!(granted.key.unwrap().state, "Disabled");
}

#[tokio::test]
async fn keys_are_found_by_every_form_of_reference() {
    let rig = Rig::embedded().await;
    let alias = AliasRecord {
        account: account(),
        region: region(),
        name: "alias/app".parse().unwrap(),
        target: arn(1).key_id,
        created_at: rig.now(),
        updated_at: rig.now(),
    };
    rig.store.state.lock().unwrap().aliases.insert(alias.arn(), alias.clone());
    let id = arn(1).key_id.to_string();
    for (reference, by_alias) in [
        (id.as_str(), false),
        (&arn(1).to_string(), false),
        ("alias/app", true),
        (&alias.arn().to_string(), true),
    ] {
        let (claims, granted) = rig.granted(ROOT, encrypt(reference)).await;
        assert_eq!(claims.resource, ClaimedResource::Key(arn(1)), "{reference}");
        assert_eq!(granted.alias.is_some(), by_alias, "{reference}");
    }
}

#[tokio::test]
async fn what_cannot_be_found_is_refused_in_awss_words() {
    let rig = Rig::embedded().await;
    let (known, unknown) = (arn(1), arn(2));
    let (id, other_id) = (known.key_id, unknown.key_id);
    let not_found = |text: String| (DenialKind::NotFound, text);
    let stranger = "because the resource does not exist in this Region, no resource-based \
        policies allow access, or a resource-based policy explicitly denies access";
    let root = "User: arn:aws:iam::111122223333:root is not authorized to perform: kms:Encrypt on";
    for (reference, expected) in [
        (other_id.to_string(), not_found(format!("Key '{unknown}' does not exist"))),
        (unknown.to_string(), not_found(format!("Key '{unknown}' does not exist"))),
        (
            "alias/none".into(),
            not_found("Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.".into()),
        ),
        ("nonsense".into(), not_found("Invalid keyId 'nonsense'".into())),
        (
            format!("arn:aws:kms:eu-west-1:111122223333:key/{id}"),
            not_found("Invalid arn eu-west-1".into()),
        ),
        (
            "arn:aws:s3:::bucket".into(),
            (DenialKind::InvalidArn, "Invalid arn arn:aws:s3:::bucket".into()),
        ),
        (
            format!("arn:aws:kms:us-east-1:999900001111:key/{id}"),
            (DenialKind::AccessDenied, format!("{root} this resource {stranger}")),
        ),
    ] {
        let denied = rig.denied(ROOT, encrypt(&reference)).await;
        assert_eq!((denied.kind(), denied.message.clone()), expected, "{reference}");
    }
    let blob = CiphertextKey { key_id: vec![3; 16].into(), multi_region: false };
    let denied = rig.denied(ROOT, question("kms:Decrypt", Resource::Ciphertext(blob))).await;
    assert!(denied.message.contains("on the resource associated with this ciphertext"));
}

#[tokio::test]
async fn a_stranger_is_denied_with_the_reason() {
    let rig = Rig::embedded().await;
    let denied = rig.denied(ANN, encrypt(&arn(1).to_string())).await;
    assert_eq!(denied.kind(), DenialKind::AccessDenied);
    assert_eq!(
        denied.message,
        format!(
            "User: arn:aws:iam::111122223333:user/team/ann is not authorized to perform: \
             kms:Encrypt on resource: {} because no identity-based policy allows the kms:Encrypt \
             action",
            arn(1)
        )
    );
    assert_eq!(denied.key_arn, arn(1).to_string());
    let listing = rig.denied(ANN, question("kms:ListKeys", Resource::Arn("*".into()))).await;
    assert_eq!(listing.kind(), DenialKind::AccessDenied);
}

#[tokio::test]
async fn nobody_reaches_into_another_account_by_an_arn() {
    let rig = Rig::embedded().await;
    let foreign = Resource::Arn("arn:aws:iam::999900001111:user/bob".into());
    let mut signed = rig.sign(ROOT, "GetUser");
    signed.scope_service = "iam".into();
    // Whatever the form says: this request was signed for KMS.
    assert_eq!(fault(&rig, signed).await, SignatureFault::Mismatch);
    let denied = rig.denied(ROOT, question("kms:ListKeys", foreign)).await;
    assert_eq!(denied.kind(), DenialKind::AccessDenied);
}

#[tokio::test]
async fn conditions_are_decided_anew_for_each_request() {
    let rig = Rig::embedded().await;
    let policy = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
        "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:team": "blue"}}}}"#;
    let place = (region(), arn(1).key_id);
    rig.store.state.lock().unwrap().keys.get_mut(&place).unwrap().policy = policy.into();
    let with = |team: &str| {
        let pair = ContextPair { key: "team".into(), value: team.into() };
        Question { encryption_context: vec![pair], ..encrypt(&arn(1).to_string()) }
    };
    rig.granted(ROOT, with("blue")).await;
    rig.denied(ROOT, with("red")).await;
    rig.granted(ROOT, with("blue")).await;
}

/// A pattern and a value that are made for each other would take a core for a minute.
#[tokio::test]
async fn nothing_is_allowed_by_a_condition_whose_value_takes_too_long_to_match() {
    let rig = Rig::embedded().await;
    let hostile = format!("*{}b*", "a".repeat(30_000));
    let statement = |effect: &str, operator: &str| {
        format!(
            r#"{{"Effect": "{effect}", "Principal": {{"AWS": "111122223333"}}, "Action": "kms:*",
            "Resource": "*", "Condition": {{"{operator}":
            {{"kms:EncryptionContext:team": "{hostile}"}}}}}}"#
        )
    };
    let allow = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
        "Action": "kms:*", "Resource": "*"}"#;
    let with = |team: usize| {
        let pair = ContextPair { key: "team".into(), value: "a".repeat(team) };
        Question { encryption_context: vec![pair], ..encrypt(&arn(1).to_string()) }
    };
    for (statements, short) in [
        (statement("Allow", "StringNotLike"), true),
        (format!("{allow}, {}", statement("Deny", "StringLike")), true),
        (statement("Allow", "StringLike"), false),
    ] {
        let policy = format!(r#"{{"Statement": [{statements}]}}"#);
        replace_policy(&rig, policy).await;
        let began = std::time::Instant::now();
        let denied = rig.denied(ROOT, with(1_000_000)).await;
        assert!(began.elapsed() < std::time::Duration::from_secs(5));
        assert_eq!(denied.kind(), DenialKind::AccessDenied);
        if short {
            rig.granted(ROOT, with(100)).await;
        }
    }
    // Where no policy looks, no value is too long.
    replace_policy(&rig, format!(r#"{{"Statement": [{allow}]}}"#)).await;
    rig.granted(ROOT, with(1_000_000)).await;
}

async fn replace_policy(rig: &Rig, policy: String) {
    let place = (region(), arn(1).key_id);
    rig.store.state.lock().unwrap().keys.get_mut(&place).unwrap().policy = policy;
    let everything = messages::Invalidation { subject: None };
    let told = messages::Invalidate { invalidations: vec![everything] };
    call(&rig.bus(), Subject::Invalidate(OWN), &told).await;
}

/// Anybody can name access keys without end; the store has other things to do.
#[tokio::test]
async fn strangers_access_keys_are_searched_for_a_few_at_a_time() {
    let rig = Rig::embedded().await;
    rig.store.state.lock().unwrap().searches.1 = 0;
    let strangers: Vec<String> =
        (0..100).map(|number| format!("AKIASTRANGER{number:08}")).collect();
    let asking = strangers.iter().map(|id| fault(&rig, sign(id, SECRET, "ListKeys", rig.now())));
    let faults = futures_util::future::join_all(asking).await;
    assert!(faults.iter().all(|fault| *fault == SignatureFault::UnknownAccessKey));
    assert_eq!(rig.store.state.lock().unwrap().searches, (0, 4));
}

#[tokio::test]
async fn every_question_about_a_new_key_is_about_the_same_one() {
    let rig = Rig::embedded().await;
    let new = || Resource::NewKey(NewKey { multi_region: true });
    let asked = vec![question("kms:CreateKey", new()), question("kms:TagResource", new())];
    let Outcome::Authorized(answer) = rig.authorize(rig.sign(ROOT, "CreateKey"), asked).await
    else {
        panic!()
    };
    let keys: Vec<_> = answer
        .decisions
        .into_iter()
        .map(|decision| match decision.outcome.unwrap() {
            trent_bus::messages::decision::Outcome::Granted(granted) => granted.key.unwrap(),
            trent_bus::messages::decision::Outcome::Denied(denied) => panic!("{denied:?}"),
        })
        .collect();
    assert_eq!(keys[0], keys[1]);
    assert!(keys[0].multi_region);
}

//! Temporary credentials: made, used, refused.

use trent_bus::messages::authorize_answer::Outcome as Authorized;
use trent_bus::messages::question::Resource;
use trent_bus::messages::read_answer::Outcome as ReadOutcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::session_refused::Reason;
use trent_bus::messages::{
    self, ConditionValue, EntityKind as WireKind, IssueSession, Question, SignatureFault,
    SignedRequest, issue_session,
};
use trent_bus::{ClaimedResource, Purpose, Sealer};
use trent_types::{
    CallerKind, EntityKind, EntityRecord, IdentityChange, KeyRing, SecretBytes, Tag,
};

use super::fake_store::FakeThing;
use super::people::{ALLOW_ALL, allow, entity, named, role, role_arn, trusting, user, user_arn};
use super::rig::{ANN, ROOT, Rig, SECRET, about_key, account, arn, other_account, question};
use super::signing::{sign, sign_form_by};

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";
const EVE: &str = "AKIAEVEEVEEVEEVEEVEE";
const READER_ID: &str = "AROAREADERREADERREADE";

/// Temporary credentials as their owner has them.
#[derive(Clone)]
struct Credentials {
    id: String,
    secret: Vec<u8>,
    token: String,
}

impl Credentials {
    fn sign(&self, rig: &Rig, operation: &str) -> SignedRequest {
        let signed = sign(&self.id, &self.secret, operation, rig.now());
        SignedRequest { session_token: self.token.clone(), ..signed }
    }

    fn sign_form(&self, rig: &Rig, form: &str) -> SignedRequest {
        let signed = sign_form_by((&self.id, &self.secret), "sts", form, rig.now());
        SignedRequest { session_token: self.token.clone(), ..signed }
    }
}

/// A rig whose `bob` may assume the role `reader`, which may encrypt.
async fn rig() -> Rig {
    let rig = Rig::embedded().await;
    rig.add_user(BOB, user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO"), None);
    let reader = FakeThing::new(EntityRecord::Role(role("reader", READER_ID, &user_arn("bob"))));
    rig.add_thing(reader.with("encrypt", &allow("kms:Encrypt")));
    rig
}

fn assume(seconds: u32) -> IssueSession {
    IssueSession {
        of: Some(issue_session::Of::RoleSessionName("s".into())),
        duration_seconds: seconds,
        ..IssueSession::default()
    }
}

fn role_question(name: &str) -> Question {
    question("sts:AssumeRole", Resource::RoleArn(role_arn(name)))
}

fn bob(rig: &Rig) -> SignedRequest {
    sign_form_by((BOB, SECRET), "sts", "Action=AssumeRole", rig.now())
}

/// Has a role assumed on the strength of this request.
async fn try_assume(
    rig: &Rig,
    signed: SignedRequest,
    role: &str,
    request: IssueSession,
) -> Result<(Credentials, messages::IssuedSession), Reason> {
    rig.next_request();
    let (claims, permit) =
        rig.decide(signed, role_question(role), "Action=AssumeRole").await.expect("may assume");
    assert_eq!(claims.resource, ClaimedResource::Other(role_arn(role)));
    issued(rig, rig.read(permit, Read::IssueSession(request)).await)
}

fn issued(
    rig: &Rig,
    outcome: ReadOutcome,
) -> Result<(Credentials, messages::IssuedSession), Reason> {
    match outcome {
        ReadOutcome::Session(issued) => {
            let ring = KeyRing::single(SecretBytes::new(vec![2; 32])).unwrap();
            let (sealer, sealed) = (Sealer::new(ring), &issued.sealed_secret);
            let secret =
                sealer.open(Purpose::EvaluatorToGateway, rig.request_id(), sealed).unwrap();
            assert_eq!(secret.len(), 40);
            let secret = secret.expose().to_vec();
            let (id, token) = (issued.access_key_id.clone(), issued.token.clone());
            assert!(id.starts_with("ASIA") && id.len() == 20);
            Ok((Credentials { id, secret, token }, issued))
        }
        ReadOutcome::SessionRefused(refused) => Err(refused.reason.unwrap()),
        other => panic!("{other:?}"),
    }
}

async fn reader(rig: &Rig, request: IssueSession) -> Credentials {
    try_assume(rig, bob(rig), "reader", request).await.unwrap().0
}

async fn fault(rig: &Rig, signed: SignedRequest) -> SignatureFault {
    match rig.authorize(signed, vec![]).await {
        Authorized::SignatureRefused(refused) => refused.fault(),
        other => panic!("not refused: {other:?}"),
    }
}

fn about(operation: &str) -> Question {
    about_key(&format!("kms:{operation}"), &arn(1).to_string())
}

async fn may(rig: &Rig, credentials: &Credentials, operation: &str) -> bool {
    rig.decide(credentials.sign(rig, operation), about(operation), "").await.is_ok()
}

#[tokio::test]
async fn a_session_of_a_role_may_what_the_role_may() {
    let rig = rig().await;
    let (session, issued) = try_assume(&rig, bob(&rig), "reader", assume(900)).await.unwrap();
    assert_eq!(issued.role_id, READER_ID);
    assert_eq!(issued.expires_at_ms, rig.now().as_millis() + 900_000);
    assert_eq!(issued.packed_policy_percent, None);
    let (claims, _) =
        rig.decide(session.sign(&rig, "Encrypt"), about("Encrypt"), "").await.unwrap();
    let CallerKind::Role { name, session_name, .. } = &claims.caller.kind else { panic!() };
    assert_eq!((name.as_str(), session_name.as_str()), ("reader", "s"));
    assert_eq!(claims.caller.session.as_ref().unwrap().issued_at, rig.now());
    assert!(!may(&rig, &session, "Decrypt").await);
    let denied = rig.decide(session.sign(&rig, "Decrypt"), about("Decrypt"), "").await;
    let text = denied.unwrap_err().message;
    assert!(text.contains("arn:aws:sts::111122223333:assumed-role/reader/s"), "{text}");
}

#[tokio::test]
async fn whoever_the_trust_policy_does_not_name_may_not_assume_it() {
    let rig = rig().await;
    let ann = sign_form_by((ANN, SECRET), "sts", "Action=AssumeRole", rig.now());
    let denied = rig.decide(ann, role_question("reader"), "Action=AssumeRole").await.unwrap_err();
    assert!(denied.message.contains("sts:AssumeRole on resource: "), "{}", denied.message);
    let root = sign_form_by((ROOT, SECRET), "sts", "Action=AssumeRole", rig.now());
    let denied = rig.decide(root, role_question("reader"), "Action=AssumeRole").await.unwrap_err();
    assert_eq!(denied.message, "Roles may not be assumed by root accounts.");
    let denied = rig.decide(bob(&rig), role_question("none"), "Action=AssumeRole").await;
    let expected = format!(
        "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
        user_arn("bob"),
        role_arn("none")
    );
    assert_eq!(denied.unwrap_err().message, expected);
    for action in ["sts:TagSession", "sts:SetSourceIdentity"] {
        let asked = question(action, Resource::RoleArn(role_arn("reader")));
        assert!(rig.decide(bob(&rig), asked, "Action=AssumeRole").await.is_ok(), "{action}");
    }
    let asked = question("sts:GetSessionToken", Resource::RoleArn(role_arn("reader")));
    assert!(rig.decide(bob(&rig), asked, "Action=AssumeRole").await.is_err());
    let as_name = question("sts:AssumeRole", Resource::Arn(role_arn("reader")));
    assert!(rig.decide(bob(&rig), as_name, "Action=AssumeRole").await.is_err());
}

#[tokio::test]
async fn across_accounts_a_role_is_assumed_only_if_both_allow() {
    let rig = rig().await;
    rig.add_user(EVE, user(other_account(), "eve", "AIDAEVEEVEEVEEVEEVEEV"), None);
    let shared = role("shared", "AROASHAREDSHAREDSHARE", "999900001111");
    rig.add_thing(FakeThing::new(EntityRecord::Role(shared)));
    let eve = || sign_form_by((EVE, SECRET), "sts", "Action=AssumeRole", rig.now());
    let form = "Action=AssumeRole";
    assert!(rig.decide(eve(), role_question("shared"), form).await.is_err());
    assert!(rig.decide(eve(), role_question("reader"), form).await.is_err());
    {
        let place =
            trent_types::Entity { account: other_account(), ..entity(EntityKind::User, "eve") };
        let mut state = rig.store.state.lock().unwrap();
        let thing = state.thing(&place).unwrap().clone().with("all", ALLOW_ALL);
        *state.thing(&place).unwrap() = thing;
    }
    rig.forget_everything();
    let (claims, _) = rig.decide(eve(), role_question("shared"), form).await.unwrap();
    assert_eq!(claims.account, account());
    assert!(rig.decide(eve(), role_question("reader"), form).await.is_err());
}

#[tokio::test]
async fn session_policies_narrow_and_never_widen() {
    let rig = rig().await;
    let with = |policy: String| IssueSession { policy: Some(policy), ..assume(900) };
    let narrowed = reader(&rig, with(allow("kms:DescribeKey"))).await;
    assert!(!may(&rig, &narrowed, "Encrypt").await);
    assert!(!may(&rig, &narrowed, "DescribeKey").await);
    let same = reader(&rig, with(allow("kms:*"))).await;
    assert!(may(&rig, &same, "Encrypt").await);
    assert!(!may(&rig, &same, "Decrypt").await);
    let managed = |arn: &str| IssueSession { policy_arns: vec![arn.into()], ..assume(900) };
    let by_arn = reader(&rig, managed("arn:aws:iam::aws:policy/AdministratorAccess")).await;
    assert!(may(&rig, &by_arn, "Encrypt").await);
    let unknown = managed("arn:aws:iam::111122223333:policy/none");
    let refused = try_assume(&rig, bob(&rig), "reader", unknown).await.err().unwrap();
    assert!(matches!(refused, Reason::MalformedPolicy(_)), "{refused:?}");
    let wrong = try_assume(&rig, bob(&rig), "reader", with("{".into())).await.err().unwrap();
    assert_eq!(wrong, Reason::MalformedPolicy("Syntax errors in policy.".into()));
    let long = with(allow(&"x".repeat(2_100)));
    let refused = try_assume(&rig, bob(&rig), "reader", long).await.err().unwrap();
    assert!(matches!(refused, Reason::TooLarge(_)), "{refused:?}");
}

#[tokio::test]
async fn a_session_is_as_long_as_the_role_allows_and_an_hour_at_most_by_a_chain() {
    let rig = rig().await;
    let refused = try_assume(&rig, bob(&rig), "reader", assume(7_201)).await.err().unwrap();
    let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    assert_eq!(refused, Reason::Invalid(text.into()));
    let first = reader(&rig, assume(7_200)).await;
    let next = role("next", "AROANEXTNEXTNEXTNEXTN", &role_arn("reader"));
    rig.add_thing(FakeThing::new(EntityRecord::Role(next)));
    let chained = || first.sign_form(&rig, "Action=AssumeRole");
    let refused = try_assume(&rig, chained(), "next", assume(3_601)).await.err().unwrap();
    let Reason::Invalid(text) = refused else { panic!("{refused:?}") };
    assert!(text.contains("1 hour session limit for roles assumed by role chaining"), "{text}");
    assert!(try_assume(&rig, chained(), "next", assume(3_600)).await.is_ok());
}

#[tokio::test]
async fn transitive_tags_and_the_source_identity_stay_with_a_chain() {
    let rig = rig().await;
    let tag = |key: &str, value: &str| messages::Tag { key: key.into(), value: value.into() };
    let first = IssueSession {
        tags: vec![tag("team", "blue"), tag("own", "1")],
        transitive_tag_keys: vec!["team".into()],
        source_identity: "ann".into(),
        ..assume(900)
    };
    let (first, issued) = try_assume(&rig, bob(&rig), "reader", first).await.unwrap();
    assert!(issued.packed_policy_percent.is_some());
    let by_tag = r#"{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue",
        "aws:SourceIdentity": "ann", "aws:PrincipalType": "AssumedRole"},
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/next"},
        "Bool": {"aws:MultiFactorAuthPresent": "false"},
        "Null": {"aws:TokenIssueTime": "false", "aws:username": "true"}}}}"#;
    let next = role("next", "AROANEXTNEXTNEXTNEXTN", &role_arn("reader"));
    rig.add_thing(FakeThing::new(EntityRecord::Role(next)).with("by-tag", by_tag));
    let chained = || first.sign_form(&rig, "Action=AssumeRole");
    let (second, _) = try_assume(&rig, chained(), "next", assume(900)).await.unwrap();
    let (claims, _) = rig.decide(second.sign(&rig, "Decrypt"), about("Decrypt"), "").await.unwrap();
    let session = claims.caller.session.as_ref().unwrap();
    assert_eq!(session.tags, [Tag { key: "team".into(), value: "blue".into() }]);
    assert_eq!(session.source_identity.as_deref(), Some("ann"));
    let other = IssueSession { source_identity: "eve".into(), ..assume(900) };
    let refused = try_assume(&rig, chained(), "next", other).await.err().unwrap();
    assert!(matches!(refused, Reason::Denied(_)), "{refused:?}");
    let again = IssueSession { tags: vec![tag("TEAM", "red")], ..assume(900) };
    let refused = try_assume(&rig, chained(), "next", again).await.err().unwrap();
    assert!(matches!(refused, Reason::Invalid(_)), "{refused:?}");
}

#[tokio::test]
async fn a_token_counts_only_with_its_own_key_and_as_long_as_it_lasts() {
    let rig = rig().await;
    let one = reader(&rig, assume(900)).await;
    let other = reader(&rig, assume(900)).await;
    let invalid = SignatureFault::SessionToken;
    for _ in 0..2 {
        assert!(may(&rig, &one, "Encrypt").await);
        let mixed = Credentials { token: other.token.clone(), ..one.clone() };
        assert_eq!(fault(&rig, mixed.sign(&rig, "Encrypt")).await, invalid);
        let mut tampered = one.clone();
        tampered.token.replace_range(100..101, if &one.token[100..101] == "A" { "B" } else { "A" });
        assert_eq!(fault(&rig, tampered.sign(&rig, "Encrypt")).await, invalid);
        for token in ["x", "", &"A".repeat(9_000)] {
            let wrong = Credentials { token: token.into(), ..one.clone() };
            let expected =
                if token.is_empty() { SignatureFault::UnknownAccessKey } else { invalid };
            assert_eq!(fault(&rig, wrong.sign(&rig, "Encrypt")).await, expected);
        }
        rig.forget_everything();
    }
    let long_term = SignedRequest { session_token: one.token.clone(), ..rig.sign(BOB, "Encrypt") };
    assert_eq!(fault(&rig, long_term).await, invalid);
    let wrong_secret = Credentials { secret: SECRET.to_vec(), ..one.clone() };
    let mismatch = SignatureFault::Mismatch;
    assert_eq!(fault(&rig, wrong_secret.sign(&rig, "Encrypt")).await, mismatch);
    rig.clock.advance_millis(899_000);
    assert!(may(&rig, &one, "Encrypt").await);
    rig.clock.advance_millis(1_000);
    assert_eq!(fault(&rig, one.sign(&rig, "Encrypt")).await, SignatureFault::SessionExpired);
    rig.forget_everything();
    assert_eq!(fault(&rig, one.sign(&rig, "Encrypt")).await, SignatureFault::SessionExpired);
}

#[tokio::test]
async fn a_session_ends_with_its_role_and_is_not_one_of_a_successor() {
    let rig = rig().await;
    let session = reader(&rig, assume(900)).await;
    assert!(may(&rig, &session, "Encrypt").await);
    let place = entity(EntityKind::Role, "reader");
    let delete = IdentityChange::Delete(place);
    rig.change_identity("DeleteRole", named(WireKind::Role, "reader"), delete).await;
    let signed = || session.sign(&rig, "Encrypt");
    assert_eq!(fault(&rig, signed()).await, SignatureFault::SessionToken);
    let again = role("reader", "AROASECONDSECONDSECON", &user_arn("bob"));
    rig.add_thing(FakeThing::new(EntityRecord::Role(again)).with("all", ALLOW_ALL));
    assert_eq!(fault(&rig, signed()).await, SignatureFault::SessionToken);
}

#[tokio::test]
async fn whoever_has_a_long_term_key_gets_credentials_of_its_own() {
    let rig = rig().await;
    let form = "Action=GetSessionToken";
    let asked = || question("sts:GetSessionToken", Resource::Arn("*".into()));
    let own = || IssueSession {
        of: Some(issue_session::Of::Caller(messages::Unit {})),
        duration_seconds: 900,
        ..IssueSession::default()
    };
    for (id, is_root) in [(ROOT, true), (BOB, false)] {
        rig.next_request();
        let signed = sign_form_by((id, SECRET), "sts", form, rig.now());
        let (_, permit) = rig.decide(signed, asked(), form).await.unwrap();
        let wrong = rig.read(permit.clone(), Read::IssueSession(assume(900))).await;
        assert!(matches!(wrong, ReadOutcome::NotPermitted(_)), "{wrong:?}");
        let session = rig.read(permit, Read::IssueSession(own())).await;
        let (session, _) = issued(&rig, session).unwrap();
        assert_eq!(may(&rig, &session, "Decrypt").await, is_root);
        let again = session.sign_form(&rig, form);
        let denied = rig.decide(again, asked(), form).await.unwrap_err();
        assert_eq!(denied.message, "Cannot call GetSessionToken with session credentials");
        let form = "Action=GetAccessKeyInfo";
        let other = question("sts:GetAccessKeyInfo", Resource::Arn("*".into()));
        let denied = rig.decide(session.sign_form(&rig, form), other, form).await.unwrap_err();
        assert_eq!(denied.message, "Cannot call sts:GetAccessKeyInfo with session credentials");
    }
    let deny = r#"{"Statement": {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}}"#;
    {
        let mut state = rig.store.state.lock().unwrap();
        let place = entity(EntityKind::User, "bob");
        let thing = state.thing(&place).unwrap().clone().with("deny", deny);
        *state.thing(&place).unwrap() = thing;
    }
    rig.forget_everything();
    let signed = sign_form_by((BOB, SECRET), "sts", form, rig.now());
    assert!(rig.decide(signed, asked(), form).await.is_err());
}

#[tokio::test]
async fn an_external_id_is_for_the_trust_policy_to_ask() {
    let rig = rig().await;
    let trust = trusting(&user_arn("bob")).replace(
        r#""Action""#,
        r#""Condition": {"StringEquals": {"sts:ExternalId": "42"}}, "Action""#,
    );
    let mut guarded = role("guarded", "AROAGUARDEDGUARDEDGUA", "*");
    guarded.trust_policy = trust;
    rig.add_thing(FakeThing::new(EntityRecord::Role(guarded)));
    for (id, expected) in [("42", true), ("43", false)] {
        let condition = ConditionValue { key: "sts:ExternalId".into(), values: vec![id.into()] };
        let asked = Question { conditions: vec![condition], ..role_question("guarded") };
        let decided = rig.decide(bob(&rig), asked, "Action=AssumeRole").await;
        assert_eq!(decided.is_ok(), expected, "{id}");
    }
}

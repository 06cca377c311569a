//! Questions and what comes of them.

use super::*;

#[tokio::test]
async fn a_question_about_a_grant_brings_its_terms_or_its_id() {
    let bus = bus(Subject::Authorize, |_, order| {
        let asked = messages::AuthorizeRequest::decode(order).unwrap();
        let resources: Vec<_> = asked.questions.into_iter().map(|one| one.resource).collect();
        let (key_reference, terms) = ("key".to_owned(), Some(terms().into()));
        let new = messages::NewGrant { key_reference: key_reference.clone(), terms };
        let grant_id = vec![5; 32].into();
        let old = messages::GrantReference { key_reference, grant_id };
        use messages::question::Resource::{Grant, NewGrant};
        assert_eq!(resources, [Some(NewGrant(new)), Some(Grant(old))]);
        good(&authorized(Vec::new()))
    });
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let terms = terms();
    let new = question(Resource::NewGrant { key: "key", terms: &terms });
    let grant_id = GrantId::from_bytes([5; 32]);
    let old = question(Resource::Grant { key: "key", grant_id });
    // Two questions without an answer make no sense; what was asked has been looked at.
    assert!(authorizer.authorize(&[new, old]).await.is_err());
}

#[tokio::test]
async fn a_question_and_its_signature_arrive_as_one_request_and_the_grant_comes_back() {
    let bus = bus(Subject::Authorize, |_, order| {
        let asked = messages::AuthorizeRequest::decode(order).unwrap();
        let signature = asked.signed.unwrap();
        assert_eq!(&signature.canonical_request[..], b"POST\n/");
        assert_eq!(&signature.signature[..], [3; 32]);
        assert_eq!(&asked.request_id[..], REQUEST.as_bytes());
        assert_eq!(signature.session_token, "token");
        assert_eq!(&asked.form_body[..], b"Action=x");
        assert_eq!((&*asked.source_ip, asked.secure_transport), ("203.0.113.9", true));
        assert_eq!(asked.user_agent, "aws-cli/2");
        let [question] = &asked.questions[..] else { panic!("one question") };
        assert_eq!(question.action, "kms:Encrypt");
        assert_eq!(question.primitives, Primitives::only(Primitive::Encrypt).bits());
        assert_eq!(question.conditions[0].values, ["SYMMETRIC_DEFAULT"]);
        good(&authorized(vec![granted(key().into())]))
    });
    let circumstances = Circumstances {
        source_ip: "203.0.113.9",
        secure_transport: true,
        user_agent: "aws-cli/2",
        form: b"Action=x",
    };
    let signed = SignedRequest { session_token: Some("token".into()), ..signed() };
    let sign = || Some(signed.clone());
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &sign, circumstances);
    let answer = authorizer.authorize(&[question(Resource::NewKey { multi_region: false })]).await;
    let answer = answer.unwrap();
    assert_eq!(answer.key_now, Timestamp::from_millis(5));
    let granted = answer.decisions[0].as_ref().unwrap();
    assert_eq!(granted.permit.as_wire(), b"permit");
    assert!(matches!(granted.key, Some(GrantedKey::New(arn)) if arn == key()));
}

#[tokio::test]
async fn entities_and_roles_are_asked_about_by_what_the_caller_wrote() {
    let bus = bus(Subject::Authorize, |_, order| {
        let asked = messages::AuthorizeRequest::decode(order).unwrap();
        assert_eq!((&*asked.source_ip, asked.secure_transport), ("", false));
        let resources: Vec<_> = asked.questions.into_iter().map(|one| one.resource).collect();
        use messages::question::Resource::{Entity, RoleArn};
        let entity = |kind: messages::EntityKind, name: &str, new_path: Option<&str>| {
            let (name, new_path) = (name.to_owned(), new_path.map(str::to_owned));
            Some(Entity(messages::NamedEntity { kind: kind.into(), name, new_path }))
        };
        let expected = [
            entity(messages::EntityKind::User, "", None),
            entity(messages::EntityKind::Policy, "readers", Some("/team/")),
            entity(messages::EntityKind::Group, "staff", None),
            Some(RoleArn("arn:aws:iam::111122223333:role/ops".to_owned())),
        ];
        assert_eq!(resources, expected);
        good(&authorized(vec![granted_nothing(), granted_nothing(), granted_nothing()]))
    });
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let entity = |kind, name, new_path| question(Resource::Entity { kind, name, new_path });
    let asked = [
        entity(EntityKind::User, None, None),
        entity(EntityKind::Policy, Some("readers"), Some("/team/")),
        entity(EntityKind::Group, Some("staff"), None),
        question(Resource::Role("arn:aws:iam::111122223333:role/ops")),
    ];
    // One answer too few; what was asked has been looked at.
    assert!(authorizer.authorize(&asked).await.is_err());
}

#[tokio::test]
async fn a_question_about_a_role_is_granted_without_a_key() {
    let bus = bus(Subject::Authorize, |_, _| good(&authorized(vec![granted_nothing()])));
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let answer = authorizer.authorize(&[question(Resource::Role("role"))]).await.unwrap();
    let granted = answer.decisions[0].as_ref().unwrap();
    assert_eq!((granted.permit.as_wire(), granted.key.is_none()), (&b"permit"[..], true));
}

#[tokio::test]
async fn a_denial_keeps_its_message_and_key() {
    let bus = bus(Subject::Authorize, |_, _| {
        good(&authorized(vec![messages::decision::Outcome::Denied(messages::Denied {
            kind: messages::DenialKind::NotFound.into(),
            message: "not there".into(),
            key_arn: key().to_string(),
            reason: String::new(),
        })]))
    });
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let answer = authorizer.authorize(&[question(Resource::Key("x"))]).await.unwrap();
    let denied = answer.decisions[0].as_ref().unwrap_err();
    assert_eq!((denied.kind, denied.message.as_str()), (DenialKind::NotFound, "not there"));
    assert_eq!(denied.key, Some(key()));
}

#[tokio::test]
async fn an_answer_to_fewer_questions_than_were_asked_allows_nothing() {
    let bus = bus(Subject::Authorize, |_, _| good(&authorized(Vec::new())));
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let answer = authorizer.authorize(&[question(Resource::Key("x"))]).await;
    assert!(matches!(answer, Err(AuthorizeError::Unavailable(_))));
}

#[tokio::test]
async fn a_refused_signature_keeps_its_fault_and_message() {
    let bus = bus(Subject::Authorize, |_, _| {
        let refused = messages::SignatureRefused {
            fault: messages::SignatureFault::Expired.into(),
            message: "too late".into(),
        };
        let outcome = messages::authorize_answer::Outcome::SignatureRefused(refused);
        good(&messages::AuthorizeAnswer { outcome: Some(outcome) })
    });
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let expected =
        AuthorizeError::Signature { fault: SignatureFault::Expired, message: "too late".into() };
    assert_eq!(authorizer.authorize(&[]).await.unwrap_err(), expected);
}

//! IAM's things, temporary credentials and simulations.
#![expect(clippy::wildcard_enum_match_arm, reason = "every other read is a failure of the test")]

use trent_bus::messages::read_answer::Outcome;
use trent_bus::messages::read_request::Read;
use trent_operations::ports::Identities;
use trent_types::{
    AccessKey, AccessKeyStatus, AccessKeyUsed, Entity, EntityRecord, Group, IdentityView,
    IssuedSession, SessionOf, SessionRefused, SessionRequest, SimulatedDecision, SimulatedResult,
    Simulation, SimulationRefused, User,
};

use super::*;

/// A registry that answers one read with what `answer` makes of it.
fn registry(answer: impl Fn(Read) -> Outcome + Send + Sync + 'static) -> Bus {
    bus(Subject::RegistryRead, move |_, order| {
        let request = messages::ReadRequest::decode(order).unwrap();
        assert_eq!(&request.permit[..], b"permit");
        assert_eq!(&request.request_id[..], REQUEST.as_bytes());
        let outcome = Some(answer(request.read.unwrap()));
        good(&messages::ReadAnswer { outcome })
    })
}

fn permit() -> Permit {
    Permit::from_wire(b"permit")
}

fn user(name: &str) -> User {
    User {
        account: account(),
        path: "/".into(),
        name: name.into(),
        user_id: format!("AIDA{name}"),
        created_at: Timestamp::from_millis(1),
    }
}

fn group() -> Group {
    Group {
        account: account(),
        path: "/".into(),
        name: "staff".into(),
        group_id: "AGPASTAFF".into(),
        created_at: Timestamp::from_millis(1),
    }
}

fn ann() -> Entity {
    Entity { account: account(), kind: EntityKind::User, name: "ann".into() }
}

#[tokio::test]
async fn an_identity_comes_with_all_it_has_or_is_missing() {
    let view = IdentityView {
        record: EntityRecord::User(user("ann")),
        tags: Vec::new(),
        boundary: Some("arn:aws:iam::aws:policy/X".into()),
        inline: Vec::new(),
        attached: vec!["arn:aws:iam::aws:policy/Y".into()],
        groups: vec![group()],
        access_keys: Vec::new(),
        versions: Vec::new(),
    };
    let answer = Outcome::Identity(view.clone().into());
    let bus = registry(move |read| {
        let Read::Identity(entity) = read else { panic!("{read:?}") };
        match Entity::try_from(entity).unwrap() {
            entity if entity == ann() => answer.clone(),
            _ => Outcome::Missing(messages::Missing {}),
        }
    });
    let sealer = sealer();
    let identities = BusIdentities::new(line(&bus), &sealer);
    assert_eq!(identities.identity(REQUEST, &permit(), &ann()).await, Ok(Some(view)));
    let bob = Entity { name: "bob".into(), ..ann() };
    assert_eq!(identities.identity(REQUEST, &permit(), &bob).await, Ok(None));
}

#[tokio::test]
async fn an_answer_to_another_read_makes_no_sense() {
    let bus = registry(|_| Outcome::Policy("{}".into()));
    let sealer = sealer();
    let identities = BusIdentities::new(line(&bus), &sealer);
    let read = identities.identity(REQUEST, &permit(), &ann()).await;
    let text = "the registry answered another question, with a policy";
    assert_eq!(read, Err(Unavailable::Away(text.into())));
}

#[tokio::test]
async fn pages_are_asked_for_by_their_place() {
    let bus = registry(|read| match read {
        Read::ListEntities(list) => {
            assert_eq!(list.kind(), messages::EntityKind::Group);
            assert_eq!((&*list.path_prefix, &*list.after, list.limit), ("/team/", "crew", 7));
            let entities = vec![EntityRecord::Group(group()).into()];
            Outcome::Entities(messages::EntityPage { entities, more: true })
        }
        Read::ListGroupMembers(list) => {
            assert_eq!((&*list.group, &*list.after, list.limit), ("staff", "", 3));
            let entities = vec![EntityRecord::User(user("ann")).into()];
            Outcome::Entities(messages::EntityPage { entities, more: false })
        }
        Read::ListPolicyEntities(list) => {
            assert_eq!((&*list.policy_arn, list.limit), ("arn", 2));
            assert_eq!((list.after, list.after_boundary), (Some(ann().into()), true));
            let entity = Some(EntityRecord::User(user("bob")).into());
            let entities = vec![messages::PolicyEntity { entity, as_boundary: true }];
            Outcome::PolicyEntities(messages::PolicyEntityPage { entities, more: true })
        }
        other => panic!("{other:?}"),
    });
    let sealer = sealer();
    let (identities, permit) = (BusIdentities::new(line(&bus), &sealer), permit());
    let kind = EntityKind::Group;
    let page = identities.entities(REQUEST, &permit, kind, "/team/", Some("crew"), 7).await;
    assert_eq!(page, Ok((vec![EntityRecord::Group(group())], true)));
    let page = identities.group_members(REQUEST, &permit, "staff", None, 3).await;
    assert_eq!(page, Ok((vec![user("ann")], false)));
    let ann = ann();
    let after = Some((&ann, true));
    let page = identities.policy_entities(REQUEST, &permit, "arn", after, 2).await;
    assert_eq!(page, Ok((vec![(EntityRecord::User(user("bob")), true)], true)));
}

#[tokio::test]
async fn a_group_whose_member_is_no_user_makes_no_sense() {
    let bus = registry(|_| {
        let entities = vec![EntityRecord::Group(group()).into()];
        Outcome::Entities(messages::EntityPage { entities, more: false })
    });
    let sealer = sealer();
    let identities = BusIdentities::new(line(&bus), &sealer);
    let page = identities.group_members(REQUEST, &permit(), "staff", None, 3).await;
    assert!(matches!(page, Err(Unavailable::Away(_))), "{page:?}");
}

#[tokio::test]
async fn the_use_of_an_access_key_may_be_unknown_and_the_key_too() {
    let key = AccessKey {
        access_key_id: "AKIA1".into(),
        account: account(),
        user_name: Some("ann".into()),
        status: AccessKeyStatus::Inactive,
        created_at: Timestamp::from_millis(2),
    };
    let used = AccessKeyUsed {
        at: Timestamp::from_millis(9),
        service: "kms".into(),
        region: "eu-west-1".into(),
    };
    let (known, use_of) = (key.clone(), used.clone());
    let bus = registry(move |read| {
        let Read::AccessKeyUse(id) = read else { panic!("{read:?}") };
        let used = (id == "AKIA1").then(|| use_of.clone().into());
        match id.as_str() {
            "AKIA0" => Outcome::Missing(messages::Missing {}),
            _ => Outcome::AccessKeyUse(messages::AccessKeyUse {
                access_key: Some((&known).into()),
                used,
            }),
        }
    });
    let sealer = sealer();
    let (identities, permit) = (BusIdentities::new(line(&bus), &sealer), permit());
    let read = |id| identities.access_key_use(REQUEST, &permit, id);
    assert_eq!(read("AKIA0").await, Ok(None));
    assert_eq!(read("AKIA1").await, Ok(Some((key.clone(), Some(used)))));
    assert_eq!(read("AKIA2").await, Ok(Some((key, None))));
}

#[tokio::test]
async fn a_simulation_comes_back_decided_or_refused() {
    let result = SimulatedResult {
        action: "kms:Encrypt".into(),
        resource: "*".into(),
        decision: SimulatedDecision::ImplicitDeny,
        matched: Vec::new(),
        missing_context: vec!["aws:SourceIp".into()],
        allowed_by_boundary: Some(false),
    };
    let decided = result.clone();
    let bus = registry(move |read| {
        let Read::Simulate(simulate) = read else { panic!("{read:?}") };
        let simulation = Simulation::try_from(simulate).unwrap();
        if simulation.source.is_some() {
            let refused = SimulationRefused::NoSuchEntity("no ann".into());
            return Outcome::SimulationRefused(refused.into());
        }
        assert_eq!(simulation.actions, ["kms:Encrypt"]);
        Outcome::Simulated(messages::Simulated { results: vec![decided.clone().into()] })
    });
    let sealer = sealer();
    let (identities, permit) = (BusIdentities::new(line(&bus), &sealer), permit());
    let mut simulation =
        Simulation { actions: vec!["kms:Encrypt".into()], ..Simulation::default() };
    let decided = identities.simulate(REQUEST, &permit, &simulation).await;
    assert_eq!(decided, Ok(Ok(vec![result])));
    simulation.source = Some(ann());
    let refused = identities.simulate(REQUEST, &permit, &simulation).await;
    assert_eq!(refused, Ok(Err(SimulationRefused::NoSuchEntity("no ann".into()))));
}

fn session_request() -> SessionRequest {
    SessionRequest {
        of: SessionOf::Role { session_name: "me".into() },
        duration_seconds: 900,
        policy: None,
        policy_arns: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
    }
}

/// Asks for a session where the registry answers like this.
async fn issue(outcome: Outcome) -> Result<Result<IssuedSession, SessionRefused>, Unavailable> {
    let bus = registry(move |read| {
        let Read::IssueSession(asked) = read else { panic!("{read:?}") };
        assert_eq!(SessionRequest::try_from(asked), Ok(session_request()));
        outcome.clone()
    });
    let sealer = sealer();
    let identities = BusIdentities::new(line(&bus), &sealer);
    identities.issue_session(REQUEST, &permit(), &session_request()).await
}

fn issued(purpose: Purpose, request: RequestId) -> Outcome {
    Outcome::Session(messages::IssuedSession {
        access_key_id: "ASIA1".into(),
        sealed_secret: sealer().seal(purpose, request, b"secret").into(),
        token: "token".into(),
        expires_at_ms: 9,
        role_id: "AROA1".into(),
        packed_policy_percent: Some(6),
    })
}

#[tokio::test]
async fn temporary_credentials_come_sealed_for_this_request_or_not_at_all() {
    let session = issue(issued(Purpose::EvaluatorToGateway, REQUEST)).await.unwrap().unwrap();
    assert_eq!((&*session.access_key_id, &*session.token), ("ASIA1", "token"));
    assert_eq!(session.secret.expose(), b"secret");
    assert_eq!(session.expires_at, Timestamp::from_millis(9));
    assert_eq!(session.role_id.as_deref(), Some("AROA1"));
    assert_eq!(session.packed_policy_percent, Some(6));
    for forged in [
        issued(Purpose::WorkerToGateway, REQUEST),
        issued(Purpose::EvaluatorToGateway, RequestId::from_bytes([8; 16])),
    ] {
        assert!(matches!(issue(forged).await, Err(Unavailable::Away(_))));
    }
    for refused in [
        SessionRefused::Invalid("a".into()),
        SessionRefused::MalformedPolicy("b".into()),
        SessionRefused::TooLarge("c".into()),
        SessionRefused::Denied("d".into()),
    ] {
        let answer = issue(Outcome::SessionRefused(refused.clone().into())).await;
        assert_eq!(answer.unwrap().unwrap_err(), refused);
    }
}

//! Temporary credentials and simulations.

use trent_types::{
    EntityKind, MatchedStatement, SessionOf, SessionRefused, SessionRequest, SimulatedDecision,
    SimulatedResult, Simulation, SimulationRefused,
};

use super::identities::entity;
use super::*;

#[test]
fn session_requests_come_back() {
    let full = SessionRequest {
        of: SessionOf::Role { session_name: "me".into() },
        duration_seconds: 43_200,
        policy: Some(String::new()),
        policy_arns: vec!["arn:aws:iam::aws:policy/X".into()],
        tags: tags(),
        transitive_tag_keys: vec!["team".into()],
        source_identity: Some("ann".into()),
    };
    let bare = SessionRequest {
        of: SessionOf::Caller,
        duration_seconds: 900,
        policy: None,
        policy_arns: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
    };
    for request in [full, bare] {
        let message = back(&messages::IssueSession::from(&request));
        assert_eq!(SessionRequest::try_from(message), Ok(request));
    }
    let nobody = SessionRequest::try_from(messages::IssueSession::default());
    assert_eq!(nobody, Err(InvalidField("of")));
}

#[test]
fn refused_sessions_and_simulations_come_back() {
    let text = || String::from("because");
    for refused in [
        SessionRefused::Invalid(text()),
        SessionRefused::MalformedPolicy(text()),
        SessionRefused::TooLarge(text()),
        SessionRefused::Denied(text()),
    ] {
        let message = back(&messages::SessionRefused::from(refused.clone()));
        assert_eq!(SessionRefused::try_from(message), Ok(refused));
    }
    for refused in
        [SimulationRefused::NoSuchEntity(text()), SimulationRefused::InvalidInput(text())]
    {
        let message = back(&messages::SimulationRefused::from(refused.clone()));
        assert_eq!(SimulationRefused::try_from(message), Ok(refused));
    }
}

#[test]
fn simulations_come_back_with_what_they_come_to() {
    let full = Simulation {
        source: Some(entity(EntityKind::Role)),
        policies: vec!["{}".into()],
        boundaries: vec!["{\"b\":1}".into()],
        actions: vec!["kms:Encrypt".into()],
        resources: vec!["*".into()],
        resource_policy: Some("{\"r\":1}".into()),
        resource_owner: Some("123456789012".into()),
        caller_arn: Some("arn:aws:iam::123456789012:user/ann".into()),
        context: vec![("aws:SourceIp".into(), vec!["1.2.3.4".into(), "::1".into()])],
        at: Some(Timestamp::from_millis(0)),
    };
    for simulation in [full, Simulation::default()] {
        let message = back(&messages::Simulate::from(&simulation));
        assert_eq!(Simulation::try_from(message), Ok(simulation));
    }
    let matched = MatchedStatement {
        source: "PolicyInputList.1".into(),
        source_type: "IAM Policy".into(),
        start: (1, 2),
        end: (3, 4),
    };
    for (decision, allowed_by_boundary) in [
        (SimulatedDecision::Allowed, Some(true)),
        (SimulatedDecision::ExplicitDeny, Some(false)),
        (SimulatedDecision::ImplicitDeny, None),
    ] {
        let result = SimulatedResult {
            action: "kms:Encrypt".into(),
            resource: "*".into(),
            decision,
            matched: vec![matched.clone()],
            missing_context: vec!["aws:SourceIp".into()],
            allowed_by_boundary,
        };
        let message = back(&messages::SimulatedResult::from(result.clone()));
        assert_eq!(SimulatedResult::try_from(message), Ok(result));
    }
    let undecided = SimulatedResult::try_from(messages::SimulatedResult::default());
    assert_eq!(undecided, Err(InvalidField("decision")));
}

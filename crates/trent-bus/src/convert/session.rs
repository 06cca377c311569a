//! Temporary credentials and simulated decisions.

use trent_types::{
    MatchedStatement, SessionOf, SessionRefused, SessionRequest, SimulatedDecision,
    SimulatedResult, Simulation, SimulationRefused, Timestamp,
};

use super::{InvalidField, by_reference, given, required};
use crate::messages::issue_session::Of;
use crate::messages::{self, Unit, session_refused, simulation_refused};

by_reference! {
    SessionRequest => messages::IssueSession,
    Simulation => messages::Simulate,
}

impl From<SessionRequest> for messages::IssueSession {
    fn from(request: SessionRequest) -> Self {
        let of = match request.of {
            SessionOf::Caller => Of::Caller(Unit {}),
            SessionOf::Role { session_name } => Of::RoleSessionName(session_name),
        };
        Self {
            of: Some(of),
            duration_seconds: request.duration_seconds,
            policy: request.policy,
            policy_arns: request.policy_arns,
            tags: request.tags.into_iter().map(Into::into).collect(),
            transitive_tag_keys: request.transitive_tag_keys,
            source_identity: request.source_identity.unwrap_or_default(),
        }
    }
}

impl TryFrom<messages::IssueSession> for SessionRequest {
    type Error = InvalidField;

    fn try_from(request: messages::IssueSession) -> Result<Self, InvalidField> {
        let of = match required(request.of, "of")? {
            Of::Caller(Unit {}) => SessionOf::Caller,
            Of::RoleSessionName(session_name) => SessionOf::Role { session_name },
        };
        Ok(Self {
            of,
            duration_seconds: request.duration_seconds,
            policy: request.policy,
            policy_arns: request.policy_arns,
            tags: request.tags.into_iter().map(Into::into).collect(),
            transitive_tag_keys: request.transitive_tag_keys,
            source_identity: given(request.source_identity),
        })
    }
}

impl From<SessionRefused> for messages::SessionRefused {
    fn from(refused: SessionRefused) -> Self {
        use session_refused::Reason;
        let reason = match refused {
            SessionRefused::Invalid(text) => Reason::Invalid(text),
            SessionRefused::MalformedPolicy(text) => Reason::MalformedPolicy(text),
            SessionRefused::TooLarge(text) => Reason::TooLarge(text),
            SessionRefused::Denied(text) => Reason::Denied(text),
        };
        Self { reason: Some(reason) }
    }
}

impl TryFrom<messages::SessionRefused> for SessionRefused {
    type Error = InvalidField;

    fn try_from(refused: messages::SessionRefused) -> Result<Self, InvalidField> {
        use session_refused::Reason;
        Ok(match required(refused.reason, "reason")? {
            Reason::Invalid(text) => Self::Invalid(text),
            Reason::MalformedPolicy(text) => Self::MalformedPolicy(text),
            Reason::TooLarge(text) => Self::TooLarge(text),
            Reason::Denied(text) => Self::Denied(text),
        })
    }
}

impl From<Simulation> for messages::Simulate {
    fn from(simulation: Simulation) -> Self {
        let values = |(key, values)| messages::ContextValues { key, values };
        Self {
            source: simulation.source.map(Into::into),
            policies: simulation.policies,
            boundaries: simulation.boundaries,
            actions: simulation.actions,
            resources: simulation.resources,
            resource_policy: simulation.resource_policy,
            resource_owner: simulation.resource_owner.unwrap_or_default(),
            caller_arn: simulation.caller_arn.unwrap_or_default(),
            context: simulation.context.into_iter().map(values).collect(),
            at_ms: simulation.at.map(Timestamp::as_millis),
        }
    }
}

impl TryFrom<messages::Simulate> for Simulation {
    type Error = InvalidField;

    fn try_from(simulation: messages::Simulate) -> Result<Self, InvalidField> {
        let values = |one: messages::ContextValues| (one.key, one.values);
        Ok(Self {
            source: simulation.source.map(TryInto::try_into).transpose()?,
            policies: simulation.policies,
            boundaries: simulation.boundaries,
            actions: simulation.actions,
            resources: simulation.resources,
            resource_policy: simulation.resource_policy,
            resource_owner: given(simulation.resource_owner),
            caller_arn: given(simulation.caller_arn),
            context: simulation.context.into_iter().map(values).collect(),
            at: simulation.at_ms.map(Timestamp::from_millis),
        })
    }
}

impl From<SimulatedResult> for messages::SimulatedResult {
    fn from(result: SimulatedResult) -> Self {
        let decision = match result.decision {
            SimulatedDecision::Allowed => messages::SimulatedDecision::Allowed,
            SimulatedDecision::ExplicitDeny => messages::SimulatedDecision::ExplicitDeny,
            SimulatedDecision::ImplicitDeny => messages::SimulatedDecision::ImplicitDeny,
        };
        Self {
            action: result.action,
            resource: result.resource,
            decision: decision.into(),
            matched: result.matched.into_iter().map(Into::into).collect(),
            missing_context: result.missing_context,
            allowed_by_boundary: result.allowed_by_boundary,
        }
    }
}

impl TryFrom<messages::SimulatedResult> for SimulatedResult {
    type Error = InvalidField;

    fn try_from(result: messages::SimulatedResult) -> Result<Self, InvalidField> {
        let decision = match messages::SimulatedDecision::try_from(result.decision) {
            Ok(messages::SimulatedDecision::Allowed) => SimulatedDecision::Allowed,
            Ok(messages::SimulatedDecision::ExplicitDeny) => SimulatedDecision::ExplicitDeny,
            Ok(messages::SimulatedDecision::ImplicitDeny) => SimulatedDecision::ImplicitDeny,
            Ok(messages::SimulatedDecision::Unspecified) | Err(_) => {
                return Err(InvalidField("decision"));
            }
        };
        Ok(Self {
            action: result.action,
            resource: result.resource,
            decision,
            matched: result.matched.into_iter().map(Into::into).collect(),
            missing_context: result.missing_context,
            allowed_by_boundary: result.allowed_by_boundary,
        })
    }
}

impl From<MatchedStatement> for messages::MatchedStatement {
    fn from(matched: MatchedStatement) -> Self {
        let ((start_line, start_column), (end_line, end_column)) = (matched.start, matched.end);
        let MatchedStatement { source, source_type, .. } = matched;
        Self { source, source_type, start_line, start_column, end_line, end_column }
    }
}

impl From<messages::MatchedStatement> for MatchedStatement {
    fn from(matched: messages::MatchedStatement) -> Self {
        Self {
            source: matched.source,
            source_type: matched.source_type,
            start: (matched.start_line, matched.start_column),
            end: (matched.end_line, matched.end_column),
        }
    }
}

impl From<SimulationRefused> for messages::SimulationRefused {
    fn from(refused: SimulationRefused) -> Self {
        use simulation_refused::Reason;
        let reason = match refused {
            SimulationRefused::NoSuchEntity(text) => Reason::NoSuchEntity(text),
            SimulationRefused::InvalidInput(text) => Reason::InvalidInput(text),
        };
        Self { reason: Some(reason) }
    }
}

impl TryFrom<messages::SimulationRefused> for SimulationRefused {
    type Error = InvalidField;

    fn try_from(refused: messages::SimulationRefused) -> Result<Self, InvalidField> {
        use simulation_refused::Reason;
        Ok(match required(refused.reason, "reason")? {
            Reason::NoSuchEntity(text) => Self::NoSuchEntity(text),
            Reason::InvalidInput(text) => Self::InvalidInput(text),
        })
    }
}

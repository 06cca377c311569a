//! Simulated decisions, and what tools ask of an account.

use serde_json::json;
use trent_types::{
    EntityKind, MatchedStatement, SimulatedDecision, SimulatedResult, SimulationRefused,
};

use super::*;

fn result(action: &str) -> SimulatedResult {
    SimulatedResult {
        action: action.to_owned(),
        resource: "*".to_owned(),
        decision: SimulatedDecision::ExplicitDeny,
        matched: vec![MatchedStatement {
            source: "p".to_owned(),
            source_type: "user".to_owned(),
            start: (1, 2),
            end: (3, 4),
        }],
        missing_context: vec!["aws:SourceIp".to_owned()],
        allowed_by_boundary: Some(false),
    }
}

#[test]
fn a_principal_is_simulated() {
    let world = account();
    *world.people.simulated.borrow_mut() =
        Some(Ok(vec![result("kms:Encrypt"), result("kms:Sign")]));
    let body = "Action=SimulatePrincipalPolicy\
                &PolicySourceArn=arn:aws:iam::111122223333:user/team/ann\
                &ActionNames.member.1=kms:Encrypt&ActionNames.member.2=kms:Sign\
                &ResourceArns.member.1=*&PolicyInputList.member.1=%7B%7D&CallerArn=c\
                &ContextEntries.member.1.ContextKeyName=aws:SourceIp\
                &ContextEntries.member.1.ContextKeyType=ip\
                &ContextEntries.member.1.ContextKeyValues.member.1=192.0.2.1";
    let page = ok(&world, &format!("{body}&MaxItems=1"));
    assert_eq!(asked(&world), [about("iam:SimulatePrincipalPolicy", "User", "ann")]);
    let expected = "<EvaluationResults><member><EvalActionName>kms:Encrypt</EvalActionName>\
         <EvalResourceName>*</EvalResourceName><EvalDecision>explicitDeny</EvalDecision>\
         <MatchedStatements><member><SourcePolicyId>p</SourcePolicyId>\
         <SourcePolicyType>user</SourcePolicyType>\
         <StartPosition><Line>1</Line><Column>2</Column></StartPosition>\
         <EndPosition><Line>3</Line><Column>4</Column></EndPosition></member></MatchedStatements>\
         <MissingContextValues><member>aws:SourceIp</member></MissingContextValues>\
         <PermissionsBoundaryDecisionDetail>\
         <AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>\
         </PermissionsBoundaryDecisionDetail></member></EvaluationResults>\
         <IsTruncated>true</IsTruncated><Marker>";
    assert!(page.starts_with(expected), "{page}");
    let rest = ok(&world, &format!("{body}&Marker={}", element(&page, "Marker")));
    assert!(rest.contains("kms:Sign") && !rest.contains("kms:Encrypt"), "{rest}");
    let simulations = world.people.simulations.borrow();
    let simulation = &simulations[0];
    let source = simulation.source.as_ref().unwrap();
    assert_eq!((source.kind, source.name.as_str()), (EntityKind::User, "ann"));
    assert_eq!(simulation.actions, ["kms:Encrypt", "kms:Sign"]);
    assert_eq!((simulation.policies.len(), simulation.resources.len()), (1, 1));
    let context = [("aws:SourceIp".to_owned(), vec!["192.0.2.1".to_owned()])];
    assert_eq!(simulation.context, context);
    let parameters = &record(&world)["requestParameters"];
    assert_eq!(parameters["actionNames"], json!(["kms:Encrypt", "kms:Sign"]));
    assert_eq!(parameters["contextEntries"][0]["contextKeyName"], "aws:SourceIp");
}

#[test]
fn policies_of_the_request_are_simulated() {
    let world = account();
    let body = "Action=SimulateCustomPolicy&PolicyInputList.member.1=%7B%7D\
                &ActionNames.member.1=kms:Sign";
    assert_eq!(
        ok(&world, body),
        "<EvaluationResults></EvaluationResults><IsTruncated>false</IsTruncated>"
    );
    let expected = ("iam:SimulateCustomPolicy".to_owned(), "Arn(\"*\")".to_owned());
    assert_eq!(asked(&world), [expected]);
    assert_eq!(world.people.simulations.borrow()[0].source, None);
    let (_, code, text) = refused(&world, "Action=SimulateCustomPolicy");
    assert_eq!(code, "ValidationError");
    assert!(text.contains("null at 'policyInputList'") && text.contains("null at 'actionNames'"));
}

#[test]
fn bad_simulations_are_refused() {
    let world = account();
    let body = |arn: &str, more: &str| {
        format!(
            "Action=SimulatePrincipalPolicy&PolicySourceArn={arn}&ActionNames.member.1=a:b{more}"
        )
    };
    let ann = "arn:aws:iam::111122223333:user/team/ann";
    let (_, code, text) = refused(&world, &body("arn:aws:iam::111122223333:root", ""));
    assert_eq!(code, "InvalidInput");
    assert!(text.starts_with("Invalid Entity Arn: arn:aws:iam::111122223333:root does"), "{text}");
    assert_eq!(refused(&world, &body("arn:aws:iam::444455556666:user/ann", "")).0, 404);
    let list = "&PolicyExclusionList.member.1.PolicyType=inline";
    assert_eq!(refused(&world, &body(ann, list)).1, "UnsupportedOperation");
    let entry =
        "&ContextEntries.member.1.ContextKeyName=a&ContextEntries.member.1.ContextKeyType=x";
    let (_, code, text) = refused(&world, &body(ann, entry));
    assert_eq!(code, "ValidationError");
    assert!(text.contains("'contextEntries.1.member.contextKeyName'"), "{text}");
    assert!(text.contains("'contextEntries.1.member.contextKeyType'"), "{text}");
    for (reason, status, code) in [
        (SimulationRefused::NoSuchEntity("gone".to_owned()), 404, "NoSuchEntity"),
        (SimulationRefused::InvalidInput("bad".to_owned()), 400, "InvalidInput"),
    ] {
        let text = reason.to_string();
        *world.people.simulated.borrow_mut() = Some(Err(reason));
        assert_eq!(refused(&world, &body(ann, "")), error(status, code, &text));
    }
}

#[test]
fn an_account_is_summed_up() {
    let world = account();
    let xml = ok(&world, "Action=GetAccountSummary");
    assert_eq!(asked(&world), [("iam:GetAccountSummary".to_owned(), "Arn(\"*\")".to_owned())]);
    let entry =
        |key: &str, value: u32| format!("<entry><key>{key}</key><value>{value}</value></entry>");
    assert!(xml.starts_with(&format!("<SummaryMap>{}{}", entry("Users", 2), entry("Groups", 1))));
    for (key, value) in [("Roles", 1), ("Policies", 1), ("AccessKeysPerUserQuota", 2)] {
        assert!(xml.contains(&entry(key, value)), "{key}: {xml}");
    }
    assert_eq!(
        ok(&world, "Action=ListAccountAliases"),
        "<AccountAliases></AccountAliases><IsTruncated>false</IsTruncated>"
    );
}

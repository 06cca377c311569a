//! What holds of every operation of IAM and STS.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::ServiceName::{self, Sts};
use crate::ports::{SignatureFault, Unavailable};
use crate::query_operations;

#[test]
fn every_operation_is_there_once() {
    let names: BTreeSet<_> = query_operations().map(|(_, operation)| operation.name()).collect();
    assert_eq!((names.len(), query_operations().count()), (77, 77));
    assert!(names.contains("PutGroupPolicy") && names.contains("GetPolicyVersion"));
}

/// The page's lists are the tables' operations, no more and no fewer.
#[test]
fn the_documentation_lists_every_operation() {
    let page = include_str!("../../../../../docs/iam.md");
    let (_, lists) = page.split_once("## Operations").unwrap();
    let (lists, _) = lists.split_once("## Limits").unwrap();
    let listed: Vec<&str> = lists
        .lines()
        .filter(|line| line.starts_with("| ") && !line.ends_with("| operations |"))
        .flat_map(|line| line.rsplit('|').nth(1).unwrap().split(',').map(str::trim))
        .collect();
    let served: BTreeSet<_> = query_operations().map(|(_, operation)| operation.name()).collect();
    assert_eq!(listed.len(), served.len(), "nothing is listed twice");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), served);
}

#[test]
fn operations_that_only_read_say_so() {
    for (_, operation) in query_operations() {
        let name = operation.name();
        let reads = ["Get", "List", "Simulate", "Assume"].iter().any(|verb| name.starts_with(verb));
        assert_eq!(operation.read_only(), reads, "{name}");
    }
}

#[test]
fn query_services_have_their_own_signature_errors() {
    let cases = [
        (SignatureFault::Mismatch, 403, "SignatureDoesNotMatch"),
        (SignatureFault::UnknownAccessKey, 403, "InvalidClientTokenId"),
        (SignatureFault::Missing, 403, "MissingAuthenticationToken"),
        (SignatureFault::Incomplete, 400, "IncompleteSignature"),
    ];
    for (fault, status, code) in cases {
        let world = World::new();
        *world.authorize_error.borrow_mut() = Some(signature(fault));
        let (found, xml) = world.query(Sts, "Action=GetCallerIdentity");
        assert_eq!((found, element(&xml, "Code")), (status, code));
        assert_eq!(element(&xml, "Type"), "Sender");
    }
}

#[test]
fn a_bad_request_is_refused_after_its_signature_only() {
    let world = World::new();
    *world.authorize_error.borrow_mut() = Some(signature(SignatureFault::Mismatch));
    assert_eq!(refused(&world, "Action=CreateUser").1, "SignatureDoesNotMatch");
}

#[test]
fn a_registry_that_is_away_is_our_fault() {
    let world = account();
    let away = crate::ports::ChangeError::Unavailable(Unavailable::Away("away".to_owned()));
    world.refusals.borrow_mut().push(away);
    let (status, xml) = world.query(Iam, "Action=CreateUser&UserName=c");
    assert_eq!((status, element(&xml, "Type")), (500, "Receiver"));
    assert_eq!(element(&xml, "Code"), "InternalFailure");
}

#[test]
fn refusals_of_the_registry_have_awss_codes() {
    use trent_types::IdentityRefused as Refused;
    for (reason, status, code) in [
        (Refused::NoSuchEntity("t".to_owned()), 404, "NoSuchEntity"),
        (Refused::AlreadyExists("t".to_owned()), 409, "EntityAlreadyExists"),
        (Refused::DeleteConflict("t".to_owned()), 409, "DeleteConflict"),
        (Refused::LimitExceeded("t".to_owned()), 409, "LimitExceeded"),
        (Refused::InvalidInput("t".to_owned()), 400, "InvalidInput"),
    ] {
        let world = account();
        world.refusals.borrow_mut().push(crate::testing::refused(reason.into()));
        let refusal = refused(&world, "Action=DeleteUser&UserName=ann");
        assert_eq!(refusal, error(status, code, "t"));
        let record = record(&world);
        let exception = format!("{code}Exception");
        assert_eq!(record["errorCode"], exception);
        assert_eq!(record["errorMessage"], "t");
    }
}

/// Parameters that mean something to some operation.
fn parameter() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "UserName",
        "GroupName",
        "RoleName",
        "PolicyName",
        "PolicyArn",
        "PolicyDocument",
        "Path",
        "PathPrefix",
        "NewUserName",
        "NewPath",
        "Marker",
        "MaxItems",
        "AccessKeyId",
        "Status",
        "AssumeRolePolicyDocument",
        "Description",
        "MaxSessionDuration",
        "PermissionsBoundary",
        "Tags.member.1.Key",
        "Tags.member.1.Value",
        "Tags.member.2.Key",
        "TagKeys.member.1",
        "VersionId",
        "SetAsDefault",
        "Scope",
        "OnlyAttached",
        "EntityFilter",
        "RoleArn",
        "RoleSessionName",
        "DurationSeconds",
        "Policy",
        "PolicyArns.member.1.arn",
        "ExternalId",
        "SerialNumber",
        "SourceIdentity",
        "TransitiveTagKeys.member.1",
        "PolicySourceArn",
        "ActionNames.member.1",
        "ContextEntries.member.1.ContextKeyName",
        "PolicyInputList.member.1",
    ]);
    let values = prop_oneof![
        Just("ann".to_owned()),
        Just("app".to_owned()),
        Just("devs".to_owned()),
        Just("read".to_owned()),
        Just(READ.to_owned()),
        Just(AWS_READ.to_owned()),
        Just("arn:aws:iam::444455556666:role/x/r".to_owned()),
        Just("arn:aws:iam::111122223333:user/ann".to_owned()),
        Just("v1".to_owned()),
        Just("true".to_owned()),
        Just("3600".to_owned()),
        Just("1".to_owned()),
        Just("Active".to_owned()),
        Just("%2F".to_owned()),
        "[a-zA-Z0-9%+:/.=-]{0,12}",
    ];
    (names, values).prop_map(|(name, value)| format!("{name}={value}"))
}

fn answers(service: ServiceName, action: &str, world: &World, rest: &str) {
    let (status, xml) = world.query(service, &format!("Action={action}&{rest}"));
    assert!([200, 400, 403, 404, 409].contains(&status), "{action} {rest}: {status} {xml}");
    let root = if status == 200 { format!("<{action}Response ") } else { "<ErrorResponse ".into() };
    assert!(xml.starts_with(&root), "{xml}");
    assert_eq!(xml.matches("<RequestId>").count(), 1);
    let mut open: Vec<&str> = Vec::new();
    for tag in xml.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{xml}"),
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{xml}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Any parameters give an answer in well-formed XML and one record.
    #[test]
    fn any_parameters_are_answered_and_recorded(
        at: prop::sample::Index,
        parameters in prop::collection::vec(parameter(), 0..8),
        as_user: bool,
    ) {
        let world = account();
        if as_user {
            as_ann(&world);
        }
        let operations: Vec<_> = query_operations().collect();
        let (service, operation) = operations[at.index(operations.len())];
        answers(service, operation.name(), &world, &parameters.join("&"));
        prop_assert!(!world.records.borrow().is_empty());
    }

    /// So do any bytes.
    #[test]
    fn any_body_is_answered(at: prop::sample::Index, body in "\\PC{0,80}") {
        let world = World::new();
        let operations: Vec<_> = query_operations().collect();
        let (service, operation) = operations[at.index(operations.len())];
        answers(service, operation.name(), &world, &body);
    }
}

//! STS.

use serde_json::{Value, json};
use trent_types::{CallerKind, SessionOf, SessionRefused};

use super::iam::{account, as_a_role, as_ann, asked, condition, element, record};
use crate::ServiceName::Sts;
use crate::testing::*;

const ROLE: &str = "arn:aws:iam::111122223333:role/x/app";

fn sts(world: &World, body: &str) -> (u16, String) {
    world.query(Sts, body)
}

fn refused(world: &World, body: &str) -> (u16, String, String) {
    let (status, xml) = sts(world, body);
    assert_ne!(status, 200, "{xml}");
    (status, element(&xml, "Code").to_owned(), element(&xml, "Message").to_owned())
}

fn with_session(world: &World) {
    world.caller.borrow_mut().session = Some(Box::default());
}

#[test]
fn anyone_with_a_good_signature_learns_who_they_are() {
    let world = World::new();
    as_ann(&world);
    let (status, xml) = sts(&world, "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(status, 200);
    assert_eq!(
        xml,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/team/ann</Arn>\
         <UserId>AIDAAAAAAAAAAAAAAAAAA</UserId><Account>111122223333</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>\
         4bf92f35-77b3-4da6-a3ce-929d0e0e4736</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
    assert!(asked(&world).is_empty());
    let record = world.only_record();
    assert_eq!(record["eventSource"], "sts.amazonaws.com");
    assert_eq!(record["userIdentity"]["userName"], "ann");
    assert!(record.get("resources").is_none());
}

#[test]
fn every_kind_of_caller_is_told_who_it_is() {
    let world = World::new();
    let identity = |kind: Option<CallerKind>| {
        if let Some(kind) = kind {
            world.caller.borrow_mut().kind = kind;
        }
        let (_, xml) = sts(&world, "Action=GetCallerIdentity");
        (element(&xml, "Arn").to_owned(), element(&xml, "UserId").to_owned())
    };
    let root = ("arn:aws:iam::111122223333:root".to_owned(), "111122223333".to_owned());
    assert_eq!(identity(None), root);
    let role = CallerKind::Role {
        path: "/x/".to_owned(),
        name: "app".to_owned(),
        role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
        session_name: "s1".to_owned(),
    };
    let (arn, id) = identity(Some(role));
    assert_eq!(arn, "arn:aws:sts::111122223333:assumed-role/app/s1");
    assert_eq!(id, "AROAAAAAAAAAAAAAAAAAA:s1");
    let service = CallerKind::Service {
        name: "s3.amazonaws.com".to_owned(),
        source_arn: None,
        source_account: None,
    };
    assert_eq!(identity(Some(service)).0, "s3.amazonaws.com");
}

/// `ann` assumes a role with everything that can be said.
fn assume(world: &World) -> String {
    as_ann(world);
    let (status, xml) = sts(
        world,
        &format!(
            "Action=AssumeRole&RoleArn={ROLE}&RoleSessionName=s1&DurationSeconds=900\
             &ExternalId=e1&SourceIdentity=ann&Policy=%7B%7D&PolicyArns.member.1.arn=\
             arn:aws:iam::aws:policy/ReadOnlyAccess&Tags.member.1.Key=k&Tags.member.1.Value=v\
             &TransitiveTagKeys.member.1=k"
        ),
    );
    assert_eq!(status, 200, "{xml}");
    xml
}

#[test]
fn a_role_is_assumed() {
    let world = account();
    let secret = "t".repeat(40);
    assert_eq!(
        assume(&world),
        format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <AssumeRoleResult><Credentials><AccessKeyId>ASIAAAAAAAAAAAAAAAAA</AccessKeyId>\
             <SecretAccessKey>{secret}</SecretAccessKey><SessionToken>sealed-token</SessionToken>\
             <Expiration>2023-01-02T03:19:05Z</Expiration></Credentials><AssumedRoleUser>\
             <AssumedRoleId>AROAAAAAAAAAAAAAAAAAA:s1</AssumedRoleId>\
             <Arn>arn:aws:sts::111122223333:assumed-role/app/s1</Arn></AssumedRoleUser>\
             <PackedPolicySize>6</PackedPolicySize><SourceIdentity>ann</SourceIdentity>\
             </AssumeRoleResult><ResponseMetadata><RequestId>{REQUEST_ID}</RequestId>\
             </ResponseMetadata></AssumeRoleResponse>"
        )
    );
    let role = format!("Role({ROLE:?})");
    let permissions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    assert_eq!(asked(&world), permissions.map(|one| (one.to_owned(), role.clone())));
    for (name, value) in [
        ("sts:RoleSessionName", "s1"),
        ("sts:DurationSeconds", "900"),
        ("sts:ExternalId", "e1"),
        ("sts:SourceIdentity", "ann"),
        ("aws:RequestTag/k", "v"),
        ("aws:TagKeys", "k"),
        ("sts:TransitiveTagKeys", "k"),
    ] {
        assert_eq!(condition(&world, name).unwrap(), [value], "{name}");
    }
    let sessions = world.people.sessions.borrow();
    let session = &sessions[0];
    assert_eq!(session.of, SessionOf::Role { session_name: "s1".to_owned() });
    assert_eq!((session.duration_seconds, session.policy.as_deref()), (900, Some("{}")));
    assert_eq!(session.policy_arns, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    assert_eq!((session.tags.len(), &session.transitive_tag_keys[..]), (1, &["k".to_owned()][..]));
}

#[test]
fn the_record_of_a_session_shows_no_secret() {
    let world = account();
    assume(&world);
    let secret = "t".repeat(40);
    let record = record(&world);
    assert!(!record.to_string().contains(&secret) && !record.to_string().contains("sealed-token"));
    assert_eq!(
        record["requestParameters"],
        json!({
            "roleArn": ROLE, "roleSessionName": "s1", "policy": "{}",
            "policyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
            "durationSeconds": 900, "tags": [{"key": "k", "value": "v"}],
            "transitiveTagKeys": ["k"], "externalId": "e1", "sourceIdentity": "ann",
        })
    );
    assert_eq!(
        record["responseElements"],
        json!({
            "credentials": {
                "accessKeyId": "ASIAAAAAAAAAAAAAAAAA", "expiration": "Jan 2, 2023, 3:19:05 AM",
            },
            "assumedRoleUser": {
                "assumedRoleId": "AROAAAAAAAAAAAAAAAAAA:s1",
                "arn": "arn:aws:sts::111122223333:assumed-role/app/s1",
            },
            "packedPolicySize": 6,
            "sourceIdentity": "ann",
        })
    );
    let resource = json!([{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": ROLE}]);
    assert_eq!(record["resources"], resource);
    assert_eq!(world.records.borrow().len(), 1);
    assert!(record.get("sharedEventID").is_none());
}

const OTHER_ROLE: &str = "arn:aws:iam::444455556666:role/app";

#[test]
fn a_role_of_another_account_is_recorded_in_both() {
    let world = account();
    as_ann(&world);
    let body = format!("Action=AssumeRole&RoleArn={OTHER_ROLE}&RoleSessionName=s1");
    assert_eq!(sts(&world, &body).0, 200);
    assert_eq!(condition(&world, "sts:DurationSeconds").unwrap(), ["3600"]);
    assert_eq!(asked(&world).len(), 1);
    let records = world.records.borrow();
    let json =
        |at: usize| -> Value { serde_json::from_slice(&records[at].cloudtrail_json).unwrap() };
    let (theirs, own) = (json(0), json(1));
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].account, "444455556666".parse().ok());
    assert_eq!(theirs["recipientAccountId"], "444455556666");
    assert_eq!(
        theirs["userIdentity"],
        json!({
            "type": "AWSAccount", "principalId": "AIDAAAAAAAAAAAAAAAAAA", "accountId": ACCOUNT,
        })
    );
    assert_eq!(own["recipientAccountId"], ACCOUNT);
    assert_eq!(own["sharedEventID"], theirs["sharedEventID"]);
    assert!(own["sharedEventID"].is_string());
    assert_eq!(own["resources"][0]["accountId"], "444455556666");
    assert_eq!(theirs["responseElements"], own["responseElements"]);
}

#[test]
fn a_denied_role_is_recorded_by_the_caller_only() {
    let world = account();
    as_ann(&world);
    for permission in ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] {
        world.denied.set(permission);
        let body = format!(
            "Action=AssumeRole&RoleArn={OTHER_ROLE}&RoleSessionName=s1&SourceIdentity=ann\
             &Tags.member.1.Key=k&Tags.member.1.Value="
        );
        let (status, code, _) = refused(&world, &body);
        assert_eq!((status, code.as_str()), (403, "AccessDenied"));
        assert_eq!(record(&world)["errorCode"], "AccessDenied");
    }
    assert_eq!(world.records.borrow().len(), 3);
    assert!(world.people.sessions.borrow().is_empty());
}

#[test]
fn the_root_user_assumes_no_roles() {
    let world = account();
    world.denied.set("sts:AssumeRole");
    let body = format!("Action=AssumeRole&RoleArn={ROLE}&RoleSessionName=s1");
    let text = "Roles may not be assumed by root accounts.";
    assert_eq!(refused(&world, &body), (403, "AccessDenied".to_owned(), text.to_owned()));
}

#[test]
fn a_session_of_a_role_lasts_an_hour_in_another_role() {
    let world = account();
    as_a_role(&world);
    let body = format!("Action=AssumeRole&RoleArn={ROLE}&RoleSessionName=s1");
    assert_eq!(sts(&world, &body).0, 200);
    let (status, code, text) = refused(&world, &format!("{body}&DurationSeconds=3601"));
    assert_eq!((status, code.as_str()), (400, "ValidationError"));
    assert!(text.starts_with("The requested DurationSeconds exceeds the 1 hour session limit"));
}

#[test]
fn bad_requests_for_a_role_are_refused() {
    let world = account();
    as_ann(&world);
    let body = |more: &str| format!("Action=AssumeRole&RoleArn={ROLE}&RoleSessionName=s1{more}");
    let (_, code, text) = refused(&world, "Action=AssumeRole");
    assert_eq!(code, "ValidationError");
    assert!(text.starts_with("2 validation errors detected: Value null at 'roleArn'"), "{text}");
    assert!(text.contains("Value null at 'roleSessionName'"));
    let arn = "arn:aws:iam::111122223333:user/ann";
    let invalid = refused(&world, &format!("Action=AssumeRole&RoleArn={arn}&RoleSessionName=s1"));
    assert_eq!(invalid, (400, "ValidationError".to_owned(), format!("{arn} is invalid")));
    for (more, at) in [
        ("&RoleSessionName=s", "roleSessionName"),
        ("&RoleSessionName=a%20b", "roleSessionName"),
        ("&DurationSeconds=899", "durationSeconds"),
        ("&DurationSeconds=43201", "durationSeconds"),
        ("&ExternalId=e", "externalId"),
        ("&ExternalId=%C3%BC%C3%BC", "externalId"),
        ("&SourceIdentity=a%3Ab", "sourceIdentity"),
        ("&Policy=", "policy"),
        ("&PolicyArns.member.1.arn=x", "policyArns.1.member.arn"),
        ("&TransitiveTagKeys.member.1=k", "transitive tag key k"),
        ("&SerialNumber=x", "serialNumber"),
    ] {
        let (status, code, text) = refused(&world, &body(more));
        assert_eq!((status, code.as_str()), (400, "ValidationError"), "{more}");
        assert!(text.contains(at), "{text}");
    }
    let twice =
        "&Tags.member.1.Key=k&Tags.member.1.Value=&Tags.member.2.Key=K&Tags.member.2.Value=";
    assert_eq!(refused(&world, &body(twice)).1, "ValidationError");
    let mfa = "&SerialNumber=arn:aws:iam::111122223333:mfa/ann&TokenCode=123456";
    let (status, code, text) = refused(&world, &body(mfa));
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(text.starts_with("MultiFactorAuthentication failed"), "{text}");
    let contexts = "&ProvidedContexts.member.1.ProviderArn=x";
    assert_eq!(refused(&world, &body(contexts)).1, "UnsupportedOperation");
    assert!(world.people.sessions.borrow().is_empty());
}

#[test]
fn refused_sessions_have_awss_codes() {
    let world = account();
    as_ann(&world);
    for (reason, status, code) in [
        (SessionRefused::Invalid("t".to_owned()), 400, "ValidationError"),
        (SessionRefused::MalformedPolicy("t".to_owned()), 400, "MalformedPolicyDocument"),
        (SessionRefused::TooLarge("t".to_owned()), 400, "PackedPolicyTooLarge"),
        (SessionRefused::Denied("t".to_owned()), 403, "AccessDenied"),
    ] {
        *world.people.session_refused.borrow_mut() = Some(reason);
        let body = format!("Action=AssumeRole&RoleArn={ROLE}&RoleSessionName=s1");
        assert_eq!(refused(&world, &body), (status, code.to_owned(), "t".to_owned()));
    }
}

#[test]
fn a_user_gets_a_session_token() {
    let world = account();
    as_ann(&world);
    let (status, xml) = sts(&world, "Action=GetSessionToken&DurationSeconds=129600");
    assert_eq!(status, 200, "{xml}");
    let secret = "t".repeat(40);
    assert_eq!(
        xml,
        format!(
            "<GetSessionTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetSessionTokenResult><Credentials>\
             <AccessKeyId>ASIAAAAAAAAAAAAAAAAA</AccessKeyId>\
             <SecretAccessKey>{secret}</SecretAccessKey><SessionToken>sealed-token</SessionToken>\
             <Expiration>2023-01-03T15:04:05Z</Expiration></Credentials></GetSessionTokenResult>\
             <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>\
             </GetSessionTokenResponse>"
        )
    );
    assert_eq!(asked(&world), [("sts:GetSessionToken".to_owned(), "Arn(\"*\")".to_owned())]);
    let shown = record(&world);
    assert_eq!(shown["requestParameters"], json!({"durationSeconds": 129_600}));
    assert_eq!(shown["responseElements"]["credentials"]["accessKeyId"], "ASIAAAAAAAAAAAAAAAAA");
    assert!(!shown.to_string().contains(&secret) && !shown.to_string().contains("sealed-token"));
    sts(&world, "Action=GetSessionToken");
    let seconds = || world.people.sessions.borrow().last().unwrap().duration_seconds;
    assert_eq!(seconds(), 43_200);
    world.caller.borrow_mut().kind = CallerKind::Root;
    sts(&world, "Action=GetSessionToken");
    assert_eq!(seconds(), 3600);
    sts(&world, "Action=GetSessionToken&DurationSeconds=900");
    assert_eq!(seconds(), 900);
}

#[test]
fn a_session_gets_no_session_token() {
    let world = account();
    as_ann(&world);
    with_session(&world);
    world.denied.set("sts:GetSessionToken");
    let text = "Cannot call GetSessionToken with session credentials";
    assert_eq!(
        refused(&world, "Action=GetSessionToken"),
        (403, "AccessDenied".to_owned(), text.to_owned())
    );
    let world = account();
    let (_, code, text) = refused(&world, "Action=GetSessionToken&DurationSeconds=899");
    assert_eq!(code, "ValidationError");
    assert!(text.contains("'durationSeconds'"), "{text}");
    let mfa = "Action=GetSessionToken&SerialNumber=GAHT12345678&TokenCode=123456";
    assert_eq!(refused(&world, mfa).1, "AccessDenied");
}

#[test]
fn the_account_of_an_access_key_is_told() {
    let world = account();
    let (_, made) = world.query(crate::ServiceName::Iam, "Action=CreateAccessKey&UserName=ann");
    let id = element(&made, "AccessKeyId");
    asked(&world);
    let (_, xml) = sts(&world, &format!("Action=GetAccessKeyInfo&AccessKeyId={id}"));
    assert!(xml.contains(
        "<GetAccessKeyInfoResult><Account>111122223333</Account></GetAccessKeyInfoResult>"
    ));
    assert_eq!(asked(&world), [("sts:GetAccessKeyInfo".to_owned(), "Arn(\"*\")".to_owned())]);
    assert_eq!(record(&world)["requestParameters"], json!({"accessKeyId": id}));
    let (status, code, _) =
        refused(&world, "Action=GetAccessKeyInfo&AccessKeyId=AKIAAAAAAAAAAAAAAAA9");
    assert_eq!((status, code.as_str()), (400, "ValidationError"));
}

//! IAM and STS.

use serde_json::json;
use trent_types::{CallerKind, Change, ChangeRefused};

use crate::ServiceName::{Iam, Sts};
use crate::ports::SignatureFault;
use crate::testing::*;

fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split_once("</").unwrap().0
}

fn as_user(world: &World) {
    world.caller.borrow_mut().kind = CallerKind::User {
        path: "/team/".to_owned(),
        name: "ann".to_owned(),
        user_id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
    };
}

#[test]
fn anyone_with_a_good_signature_learns_who_they_are() {
    let world = World::new();
    as_user(&world);
    let (status, xml) = world.query(Sts, "Action=GetCallerIdentity&Version=2011-06-15");
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
    let record = world.only_record();
    assert_eq!(record["eventSource"], "sts.amazonaws.com");
    assert_eq!(record["userIdentity"]["userName"], "ann");
    assert!(record.get("resources").is_none());
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
fn a_user_is_made() {
    let world = World::new();
    let (status, xml) = world.query(Iam, "Action=CreateUser&UserName=bob&Path=%2Fteam%2F");
    assert_eq!(status, 200);
    assert_eq!(element(&xml, "Arn"), "arn:aws:iam::111122223333:user/team/bob");
    assert_eq!(element(&xml, "CreateDate"), "2023-01-02T03:04:05Z");
    let id = element(&xml, "UserId");
    assert!(id.len() == 21 && id.starts_with("AIDA"), "{id}");
    let record = world.only_record();
    assert_eq!(record["requestParameters"], json!({"userName": "bob", "path": "/team/"}));
    assert_eq!(record["responseElements"]["user"]["userId"], id);
}

#[test]
fn bad_users_are_refused() {
    let code = |body: &str| {
        let (status, xml) = World::new().query(Iam, body);
        (status, element(&xml, "Code").to_owned())
    };
    let invalid = (400, "ValidationError".to_owned());
    assert_eq!(code("Action=CreateUser"), invalid);
    assert_eq!(code("Action=CreateUser&UserName="), invalid);
    assert_eq!(code("Action=CreateUser&UserName=a%20b"), invalid);
    assert_eq!(code("Action=CreateUser&UserName=a&Path=team"), invalid);
    assert_eq!(code(&format!("Action=CreateUser&UserName={}", "a".repeat(65))), invalid);
    assert_eq!(code("Action=CreateUser&UserName=%f"), (400, "MalformedInput".to_owned()));
    let tags = "Action=CreateUser&UserName=a&Tags.member.1.Key=k";
    assert_eq!(code(tags), (400, "UnsupportedOperation".to_owned()));
    let world = World::new();
    world.refusals.borrow_mut().push(refused(ChangeRefused::AlreadyExists));
    let (status, xml) = world.query(Iam, "Action=CreateUser&UserName=bob");
    assert_eq!((status, element(&xml, "Code")), (409, "EntityAlreadyExists"));
    assert_eq!(element(&xml, "Message"), "User with name bob already exists.");
    let world = World::new();
    world.denied.set("iam:CreateUser");
    assert_eq!(world.query(Iam, "Action=CreateUser&UserName=bob").0, 403);
}

#[test]
fn a_user_is_found_by_name_or_is_the_caller() {
    let world = World::new();
    let (_, named) = world.query(Iam, "Action=GetUser&UserName=ann");
    assert_eq!(element(&named, "Path"), "/team/");
    let (status, missing) = world.query(Iam, "Action=GetUser&UserName=eve");
    assert_eq!((status, element(&missing, "Code")), (404, "NoSuchEntity"));
    assert_eq!(element(&missing, "Message"), "The user with name eve cannot be found.");
    let (_, root) = world.query(Iam, "Action=GetUser");
    assert_eq!(element(&root, "Arn"), "arn:aws:iam::111122223333:root");
    as_user(&world);
    assert_eq!(element(&world.query(Iam, "Action=GetUser").1, "UserName"), "ann");
}

#[test]
fn an_access_key_is_made_and_its_secret_is_not_recorded() {
    let world = World::new();
    let (status, xml) = world.query(Iam, "Action=CreateAccessKey&UserName=ann");
    assert_eq!(status, 200);
    let id = element(&xml, "AccessKeyId");
    assert!(id.len() == 20 && id.starts_with("AKIA"), "{id}");
    let secret = element(&xml, "SecretAccessKey");
    assert_eq!(secret, "s".repeat(40));
    let record = world.only_record();
    assert!(!record.to_string().contains(secret));
    let shown = json!({
        "userName": "ann", "accessKeyId": id, "status": "Active",
        "createDate": "Jan 2, 2023, 3:04:05 AM",
    });
    assert_eq!(record["responseElements"]["accessKey"], shown);
    let changes = world.changes.borrow();
    assert!(matches!(&changes[0], Change::CreateAccessKey { access_key, .. }
        if access_key.user_name.as_deref() == Some("ann")));
}

#[test]
fn access_keys_of_nobody_and_third_keys_are_refused() {
    let refusing = |reason| {
        let world = World::new();
        world.refusals.borrow_mut().push(refused(reason));
        let (status, xml) = world.query(Iam, "Action=CreateAccessKey&UserName=eve");
        (status, element(&xml, "Message").to_owned())
    };
    let text = "The user with name eve cannot be found.";
    assert_eq!(refusing(ChangeRefused::NotFound), (404, text.to_owned()));
    let limit = ChangeRefused::LimitExceeded { what: String::new(), limit: 2, current: 2 };
    let text = "Cannot exceed quota for AccessKeysPerUser: 2";
    assert_eq!(refusing(limit), (409, text.to_owned()));
}

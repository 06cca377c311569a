//! Users.

use serde_json::{Value, json};

use super::*;

const BOB: &str = "<Path>/team/</Path><UserName>bob</UserName><UserId>ID</UserId>\
                   <Arn>arn:aws:iam::111122223333:user/team/bob</Arn>\
                   <CreateDate>2023-01-02T03:04:05Z</CreateDate>";

#[test]
fn a_user_is_made_with_tags_and_boundary() {
    let world = World::new();
    let xml = ok(
        &world,
        &format!(
            "Action=CreateUser&UserName=bob&Path=%2Fteam%2F&PermissionsBoundary={READ}\
             &Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b&Tags.member.2.Value="
        ),
    );
    let id = element(&xml, "UserId").to_owned();
    assert!(id.len() == 21 && id.starts_with("AIDA"), "{id}");
    let boundary = format!(
        "<PermissionsBoundary><PermissionsBoundaryType>PermissionsBoundaryPolicy\
         </PermissionsBoundaryType><PermissionsBoundaryArn>{READ}</PermissionsBoundaryArn>\
         </PermissionsBoundary>"
    );
    let tags = "<Tags><member><Key>a</Key><Value>1</Value></member>\
                <member><Key>b</Key><Value></Value></member></Tags>";
    let user = BOB.replace("ID<", &format!("{id}<"));
    assert_eq!(xml, format!("<User>{user}{boundary}{tags}</User>"));
    let new = "Entity { kind: User, name: Some(\"bob\"), new_path: Some(\"/team/\") }".to_owned();
    assert_eq!(
        asked(&world),
        [("iam:CreateUser".to_owned(), new.clone()), ("iam:TagUser".to_owned(), new)]
    );
    assert_eq!(condition(&world, "iam:PermissionsBoundary").unwrap(), [READ]);
    assert_eq!(condition(&world, "aws:RequestTag/a").unwrap(), ["1"]);
    assert_eq!(condition(&world, "aws:TagKeys").unwrap(), ["a", "b"]);
    let record = record(&world);
    let tags = json!([{"key": "a", "value": "1"}, {"key": "b", "value": ""}]);
    assert_eq!(
        record["requestParameters"],
        json!({"path": "/team/", "userName": "bob", "permissionsBoundary": READ, "tags": tags})
    );
    assert_eq!(
        record["responseElements"],
        json!({"user": {
            "path": "/team/", "userName": "bob", "userId": id,
            "arn": "arn:aws:iam::111122223333:user/team/bob",
            "createDate": "Jan 2, 2023, 3:04:05 AM",
            "permissionsBoundary": {
                "permissionsBoundaryType": "PermissionsBoundaryPolicy",
                "permissionsBoundaryArn": READ,
            },
            "tags": tags,
        }})
    );
    assert_eq!(
        (&record["readOnly"], &record["eventSource"]),
        (&json!(false), &json!("iam.amazonaws.com"))
    );
    // GetUser says the same as CreateUser.
    assert_eq!(ok(&world, "Action=GetUser&UserName=bob"), xml);
}

#[test]
fn a_user_without_path_is_at_the_root_and_its_record_does_not_name_one() {
    let world = World::new();
    let xml = ok(&world, "Action=CreateUser&UserName=bob");
    assert_eq!(element(&xml, "Arn"), "arn:aws:iam::111122223333:user/bob");
    assert_eq!(asked(&world).len(), 1);
    assert_eq!(record(&world)["requestParameters"], json!({"userName": "bob"}));
}

#[test]
fn bad_users_are_refused() {
    let world = account();
    let null = "1 validation error detected: Value null at 'userName' failed to satisfy \
                constraint: Member must not be null";
    assert_eq!(refused(&world, "Action=CreateUser"), error(400, "ValidationError", null));
    let name = "The specified value for userName is invalid. It must contain only alphanumeric \
                characters and/or the following: +=,.@_-";
    assert_eq!(
        refused(&world, "Action=CreateUser&UserName=a%20b"),
        error(400, "ValidationError", name)
    );
    let path = "The specified value for path is invalid. It must begin and end with / and contain \
                only alphanumeric characters and/or / characters.";
    assert_eq!(
        refused(&world, "Action=CreateUser&UserName=a&Path=team"),
        error(400, "ValidationError", path)
    );
    let long = format!("Action=CreateUser&UserName={}", "a".repeat(65));
    assert!(refused(&world, &long).2.ends_with("Member must have length less than or equal to 64"));
    assert_eq!(refused(&world, "Action=CreateUser&UserName=%f").1, "MalformedInput");
    let arn = "Action=CreateUser&UserName=a&PermissionsBoundary=arn:aws:iam::1:policy/xyz";
    assert_eq!(
        refused(&world, arn),
        error(400, "InvalidInput", "ARN arn:aws:iam::1:policy/xyz is not valid.")
    );
    assert_eq!(
        refused(&world, "Action=CreateUser&UserName=BOB"),
        error(409, "EntityAlreadyExists", "User with name BOB already exists.")
    );
    world.denied.set("iam:CreateUser");
    let denied = refused(&world, "Action=CreateUser&UserName=c");
    assert_eq!((denied.0, denied.1.as_str()), (403, "AccessDenied"));
    assert!(world.changes.borrow().is_empty());
}

#[test]
fn a_user_is_found_by_name_or_is_the_caller() {
    let world = account();
    assert_eq!(element(&ok(&world, "Action=GetUser&UserName=Ann"), "Path"), "/team/");
    assert_eq!(asked(&world), [about("iam:GetUser", "User", "Ann")]);
    assert_eq!(
        refused(&world, "Action=GetUser&UserName=eve"),
        error(404, "NoSuchEntity", "The user with name eve cannot be found.")
    );
    assert_eq!(
        ok(&world, "Action=GetUser"),
        "<User><UserId>111122223333</UserId><Arn>arn:aws:iam::111122223333:root</Arn></User>"
    );
    as_ann(&world);
    asked(&world);
    assert_eq!(element(&ok(&world, "Action=GetUser"), "UserName"), "ann");
    let own = "Entity { kind: User, name: None, new_path: None }";
    assert_eq!(asked(&world), [("iam:GetUser".to_owned(), own.to_owned())]);
    let record = record(&world);
    assert_eq!(record["requestParameters"], Value::Null);
    assert_eq!(record["responseElements"], Value::Null);
    assert_eq!(record["readOnly"], true);
    as_a_role(&world);
    world.denied.set("iam:GetUser");
    assert_eq!(
        refused(&world, "Action=GetUser"),
        error(
            400,
            "ValidationError",
            "Must specify userName when calling with non-User credentials"
        )
    );
}

#[test]
fn users_are_listed_by_name_under_a_path_without_tags() {
    let world = account();
    done(&world, "Action=TagUser&UserName=ann&Tags.member.1.Key=k&Tags.member.1.Value=v");
    asked(&world);
    let xml = ok(&world, "Action=ListUsers&PathPrefix=%2Fteam");
    let id = element(&xml, "UserId");
    assert_eq!(
        xml,
        format!(
            "<Users><member><Path>/team/</Path><UserName>ann</UserName><UserId>{id}</UserId>\
             <Arn>arn:aws:iam::111122223333:user/team/ann</Arn>\
             <CreateDate>2023-01-02T03:04:05Z</CreateDate></member></Users>\
             <IsTruncated>false</IsTruncated>"
        )
    );
    assert_eq!(asked(&world), [("iam:ListUsers".to_owned(), "Arn(\"*\")".to_owned())]);
    let all = ok(&world, "Action=ListUsers");
    assert!(all.contains("ann") && all.contains("bob"));
    assert_eq!(
        ok(&World::new(), "Action=ListUsers"),
        "<Users></Users><IsTruncated>false</IsTruncated>"
    );
}

#[test]
fn a_user_gets_another_name_and_path() {
    let world = account();
    done(&world, "Action=UpdateUser&UserName=ann&NewUserName=anna&NewPath=%2Fx%2F");
    let new = "Entity { kind: User, name: Some(\"anna\"), new_path: Some(\"/x/\") }".to_owned();
    assert_eq!(
        asked(&world),
        [about("iam:UpdateUser", "User", "ann"), ("iam:UpdateUser".to_owned(), new)]
    );
    assert_eq!(
        record(&world)["requestParameters"],
        json!({"userName": "ann", "newPath": "/x/", "newUserName": "anna"})
    );
    let arn = "arn:aws:iam::111122223333:user/x/anna";
    assert_eq!(element(&ok(&world, "Action=GetUser&UserName=anna"), "Arn"), arn);
    assert_eq!(
        refused(&world, "Action=UpdateUser&UserName=bob&NewUserName=anna"),
        error(409, "EntityAlreadyExists", "User with name anna already exists.")
    );
    let gone = "The user with name ann cannot be found.";
    assert_eq!(
        refused(&world, "Action=UpdateUser&UserName=ann&NewPath=%2F"),
        error(404, "NoSuchEntity", gone)
    );
}

#[test]
fn a_user_goes_when_nothing_belongs_to_it() {
    let world = account();
    ok(&world, "Action=CreateAccessKey&UserName=ann");
    assert_eq!(
        refused(&world, "Action=DeleteUser&UserName=ann"),
        error(409, "DeleteConflict", "Cannot delete entity, must delete access keys first.")
    );
    asked(&world);
    done(&world, "Action=DeleteUser&UserName=bob");
    assert_eq!(asked(&world), [about("iam:DeleteUser", "User", "bob")]);
    assert_eq!(record(&world)["requestParameters"], json!({"userName": "bob"}));
    assert_eq!(record(&world)["responseElements"], Value::Null);
    assert_eq!(
        refused(&world, "Action=DeleteUser&UserName=bob"),
        error(404, "NoSuchEntity", "The user with name bob cannot be found.")
    );
}

#[test]
fn boundaries_of_users_and_roles_are_set_and_removed() {
    let world = account();
    for (kind, parameter, name) in [("User", "UserName", "ann"), ("Role", "RoleName", "app")] {
        asked(&world);
        done(
            &world,
            &format!(
                "Action=Put{kind}PermissionsBoundary&{parameter}={name}\
                 &PermissionsBoundary={READ}"
            ),
        );
        let permission = format!("iam:Put{kind}PermissionsBoundary");
        assert_eq!(asked(&world), [about(&permission, kind, name)]);
        assert_eq!(condition(&world, "iam:PermissionsBoundary").unwrap(), [READ]);
        assert_eq!(record(&world)["requestParameters"]["permissionsBoundary"], READ);
        let shown = ok(&world, &format!("Action=Get{kind}&{parameter}={name}"));
        assert_eq!(element(&shown, "PermissionsBoundaryArn"), READ);
        done(&world, &format!("Action=Delete{kind}PermissionsBoundary&{parameter}={name}"));
        let shown = ok(&world, &format!("Action=Get{kind}&{parameter}={name}"));
        assert!(!shown.contains("PermissionsBoundary"));
        let (status, code, _) =
            refused(&world, &format!("Action=Delete{kind}PermissionsBoundary&{parameter}=eve"));
        assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
        let (_, code, text) =
            refused(&world, &format!("Action=Put{kind}PermissionsBoundary&{parameter}={name}"));
        assert!(text.contains("Value null at 'permissionsBoundary'"), "{text}");
        assert_eq!(code, "ValidationError");
    }
}

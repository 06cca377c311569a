//! Roles.

use serde_json::{Value, json};

use super::*;

const TRUST: &str = r#"{"Version": "2012-10-17"}"#;
const TRUST_FORM: &str = "%7B%22Version%22%3A+%222012-10-17%22%7D";
const TRUST_SHOWN: &str = "%7B%22Version%22%3A%20%222012-10-17%22%7D";

#[test]
fn a_role_is_made_with_everything() {
    let world = World::new();
    let xml = ok(
        &world,
        &format!(
            "Action=CreateRole&RoleName=app&Path=%2Fx%2F&AssumeRolePolicyDocument={TRUST_FORM}\
             &Description=An+app&MaxSessionDuration=7200&PermissionsBoundary={AWS_READ}\
             &Tags.member.1.Key=k&Tags.member.1.Value=v"
        ),
    );
    let id = element(&xml, "RoleId").to_owned();
    assert!(id.len() == 21 && id.starts_with("AROA"), "{id}");
    assert_eq!(
        xml,
        format!(
            "<Role><Path>/x/</Path><RoleName>app</RoleName><RoleId>{id}</RoleId>\
             <Arn>arn:aws:iam::111122223333:role/x/app</Arn>\
             <CreateDate>2023-01-02T03:04:05Z</CreateDate>\
             <AssumeRolePolicyDocument>{TRUST_SHOWN}</AssumeRolePolicyDocument>\
             <Description>An app</Description><MaxSessionDuration>7200</MaxSessionDuration>\
             <PermissionsBoundary><PermissionsBoundaryType>PermissionsBoundaryPolicy\
             </PermissionsBoundaryType><PermissionsBoundaryArn>{AWS_READ}</PermissionsBoundaryArn>\
             </PermissionsBoundary>\
             <Tags><member><Key>k</Key><Value>v</Value></member></Tags></Role>"
        )
    );
    let asked = asked(&world);
    assert_eq!((asked[0].0.as_str(), asked[1].0.as_str()), ("iam:CreateRole", "iam:TagRole"));
    let record = record(&world);
    assert_eq!(
        record["requestParameters"],
        json!({
            "path": "/x/", "roleName": "app", "assumeRolePolicyDocument": TRUST,
            "description": "An app", "maxSessionDuration": 7200, "permissionsBoundary": AWS_READ,
            "tags": [{"key": "k", "value": "v"}],
        })
    );
    let role = &record["responseElements"]["role"];
    assert_eq!(role["assumeRolePolicyDocument"], TRUST_SHOWN);
    assert_eq!(role["maxSessionDuration"], 7200);
    assert_eq!(ok(&world, "Action=GetRole&RoleName=app"), xml);
}

#[test]
fn bad_roles_are_refused() {
    let world = account();
    let body = |more: &str| format!("Action=CreateRole&RoleName=r{more}");
    let (_, code, text) = refused(&world, &body(""));
    assert_eq!(code, "ValidationError");
    assert!(text.contains("Value null at 'assumeRolePolicyDocument'"), "{text}");
    let trust = "&AssumeRolePolicyDocument=%7B%7D";
    for (more, at) in [
        ("&MaxSessionDuration=3599", "maxSessionDuration"),
        ("&MaxSessionDuration=43201", "maxSessionDuration"),
        (&format!("&Description={}", "d".repeat(1001)), "description"),
        ("&Description=%01", "description"),
        ("&Path=x", "path"),
    ] {
        let (status, code, text) = refused(&world, &body(&format!("{trust}{more}")));
        assert_eq!((status, code.as_str()), (400, "ValidationError"));
        assert!(text.contains(at), "{text}");
    }
    let signin = body(&format!("{trust}&MaxSigninSessionDuration=3600"));
    assert_eq!(refused(&world, &signin).1, "UnsupportedOperation");
    let printable = "The specified value for assumeRolePolicyDocument is invalid. It must contain \
                     only printable ASCII characters.";
    assert_eq!(
        refused(&world, &body("&AssumeRolePolicyDocument=%E2%82%AC")),
        error(400, "ValidationError", printable)
    );
    assert_eq!(
        refused(&world, &format!("Action=CreateRole&RoleName=App{trust}")),
        error(409, "EntityAlreadyExists", "Role with name App already exists.")
    );
    let malformed =
        trent_types::ChangeRefused::MalformedPolicy("Has prohibited field Resource.".into());
    world.refusals.borrow_mut().push(crate::testing::refused(malformed));
    assert_eq!(
        refused(&world, &body(trust)),
        error(400, "MalformedPolicyDocument", "Has prohibited field Resource.")
    );
}

#[test]
fn a_role_is_changed() {
    let world = account();
    assert_eq!(
        world.query(Iam, "Action=UpdateRole&RoleName=app&Description=d&MaxSessionDuration=3600").1,
        format!(
            "<UpdateRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <UpdateRoleResult></UpdateRoleResult><ResponseMetadata>\
             <RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></UpdateRoleResponse>"
        )
    );
    assert_eq!(asked(&world), [about("iam:UpdateRole", "Role", "app")]);
    assert_eq!(
        record(&world)["requestParameters"],
        json!({"roleName": "app", "description": "d", "maxSessionDuration": 3600})
    );
    let xml = ok(&world, "Action=UpdateRoleDescription&RoleName=app&Description=e");
    assert_eq!(asked(&world), [about("iam:UpdateRoleDescription", "Role", "app")]);
    assert_eq!(element(&xml, "Description"), "e");
    assert_eq!(xml, ok(&world, "Action=GetRole&RoleName=app"));
    asked(&world);
    done(
        &world,
        &format!("Action=UpdateAssumeRolePolicy&RoleName=app&PolicyDocument={TRUST_FORM}"),
    );
    assert_eq!(asked(&world), [about("iam:UpdateAssumeRolePolicy", "Role", "app")]);
    assert_eq!(
        record(&world)["requestParameters"],
        json!({"roleName": "app", "policyDocument": TRUST})
    );
    let xml = ok(&world, "Action=GetRole&RoleName=app");
    assert_eq!(element(&xml, "AssumeRolePolicyDocument"), TRUST_SHOWN);
    assert_eq!(
        ok(&world, "Action=ListRoles"),
        format!(
            "<Roles><member>{}</member></Roles><IsTruncated>false</IsTruncated>",
            xml.strip_prefix("<Role>").unwrap().strip_suffix("</Role>").unwrap()
        )
    );
}

#[test]
fn a_role_that_is_not_there_is_not_found() {
    let world = account();
    for body in [
        "GetRole&RoleName=none",
        "DeleteRole&RoleName=none",
        "UpdateRole&RoleName=none",
        "UpdateRoleDescription&RoleName=none&Description=",
        "UpdateAssumeRolePolicy&RoleName=none&PolicyDocument=%7B%7D",
    ] {
        assert_eq!(
            refused(&world, &format!("Action={body}")),
            error(404, "NoSuchEntity", "The role with name none cannot be found."),
            "{body}"
        );
    }
    done(&world, "Action=DeleteRole&RoleName=app");
    assert_eq!(record(&world)["responseElements"], Value::Null);
    assert_eq!(refused(&world, "Action=GetRole&RoleName=app").0, 404);
}

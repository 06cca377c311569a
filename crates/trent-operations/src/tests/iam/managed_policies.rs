//! Managed policies, the account's own and AWS's.

use serde_json::{Value, json};

use super::*;

const CREATED: &str = "2023-01-02T03:04:05Z";

#[test]
fn a_policy_is_made_and_read() {
    let world = World::new();
    let xml = ok(
        &world,
        "Action=CreatePolicy&PolicyName=read&Path=%2Fp%2F&PolicyDocument=%7B%7D&Description=To+read\
         &Tags.member.1.Key=k&Tags.member.1.Value=v",
    );
    let id = element(&xml, "PolicyId").to_owned();
    assert!(id.len() == 21 && id.starts_with("ANPA"), "{id}");
    assert_eq!(
        xml,
        format!(
            "<Policy><PolicyName>read</PolicyName><PolicyId>{id}</PolicyId><Arn>{READ}</Arn>\
             <Path>/p/</Path><DefaultVersionId>v1</DefaultVersionId>\
             <AttachmentCount>0</AttachmentCount>\
             <PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount>\
             <IsAttachable>true</IsAttachable><Description>To read</Description>\
             <CreateDate>{CREATED}</CreateDate><UpdateDate>{CREATED}</UpdateDate>\
             <Tags><member><Key>k</Key><Value>v</Value></member></Tags></Policy>"
        )
    );
    let new = "Entity { kind: Policy, name: Some(\"read\"), new_path: Some(\"/p/\") }".to_owned();
    assert_eq!(
        asked(&world),
        [("iam:CreatePolicy".to_owned(), new.clone()), ("iam:TagPolicy".to_owned(), new)]
    );
    let record = record(&world);
    assert_eq!(
        record["requestParameters"],
        json!({
            "policyName": "read", "path": "/p/", "policyDocument": "{}", "description": "To read",
            "tags": [{"key": "k", "value": "v"}],
        })
    );
    let policy = &record["responseElements"]["policy"];
    assert_eq!((&policy["arn"], &policy["defaultVersionId"]), (&json!(READ), &json!("v1")));
    assert_eq!(ok(&world, &format!("Action=GetPolicy&PolicyArn={READ}")), xml);
    assert_eq!(asked(&world), [about("iam:GetPolicy", "Policy", "read")]);
    assert_eq!(
        refused(&world, "Action=CreatePolicy&PolicyName=Read&PolicyDocument=%7B%7D").1,
        "EntityAlreadyExists"
    );
    let (_, code, text) = refused(&world, "Action=CreatePolicy&Path=%2Fa%21%2F");
    assert_eq!(code, "ValidationError");
    assert!(text.starts_with("2 validation errors detected: Value null at 'policyName'"), "{text}");
}

#[test]
fn a_policy_is_found_under_its_own_arn_only() {
    let world = account();
    for arn in [
        "arn:aws:iam::111122223333:policy/read",
        "arn:aws-cn:iam::111122223333:policy/p/read",
        "arn:aws:iam::111122223333:policy/p/none",
        "arn:aws:iam::aws:policy/NoAccess",
    ] {
        let text = format!("Policy {arn} was not found.");
        for action in ["GetPolicy", "ListPolicyVersions", "ListEntitiesForPolicy", "ListPolicyTags"]
        {
            assert_eq!(
                refused(&world, &format!("Action={action}&PolicyArn={arn}")),
                error(404, "NoSuchEntity", &text),
                "{action}"
            );
        }
    }
    assert_eq!(
        refused(&world, "Action=DeletePolicy&PolicyArn=arn:aws:iam::111122223333:policy/read").0,
        404
    );
    let other = "arn:aws:iam::444455556666:policy/p/read";
    let (status, code, text) = refused(&world, &format!("Action=GetPolicy&PolicyArn={other}"));
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(text.starts_with("User: arn:aws:iam::111122223333:root is not authorized"), "{text}");
}

#[test]
fn policies_of_aws_are_read_and_not_changed() {
    let world = account();
    done(&world, &format!("Action=AttachUserPolicy&UserName=ann&PolicyArn={AWS_READ}"));
    done(
        &world,
        &format!("Action=PutRolePermissionsBoundary&RoleName=app&PermissionsBoundary={AWS_READ}"),
    );
    asked(&world);
    assert_eq!(
        ok(&world, &format!("Action=GetPolicy&PolicyArn={AWS_READ}")),
        format!(
            "<Policy><PolicyName>IAMReadOnlyAccess</PolicyName>\
             <PolicyId>ANPAJKSO7NDY4T57MWDSQ</PolicyId><Arn>{AWS_READ}</Arn><Path>/</Path>\
             <DefaultVersionId>v1</DefaultVersionId><AttachmentCount>1</AttachmentCount>\
             <PermissionsBoundaryUsageCount>1</PermissionsBoundaryUsageCount>\
             <IsAttachable>true</IsAttachable><Description>Provides read only access to IAM via \
             the AWS Management Console.</Description></Policy>"
        )
    );
    assert_eq!(asked(&world), [("iam:GetPolicy".to_owned(), format!("Arn({AWS_READ:?})"))]);
    let version = ok(&world, &format!("Action=GetPolicyVersion&PolicyArn={AWS_READ}&VersionId=v1"));
    assert!(version.starts_with("<PolicyVersion><Document>%7B%0A%20%20%20%20%22Version%22"));
    assert!(version.ends_with(
        "</Document><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion>\
         </PolicyVersion>"
    ));
    world.changes.take();
    for body in [
        format!("Action=DeletePolicy&PolicyArn={AWS_READ}"),
        format!("Action=CreatePolicyVersion&PolicyArn={AWS_READ}&PolicyDocument=%7B%7D"),
        format!("Action=DeletePolicyVersion&PolicyArn={AWS_READ}&VersionId=v1"),
        format!("Action=SetDefaultPolicyVersion&PolicyArn={AWS_READ}&VersionId=v1"),
    ] {
        let (status, code, _) = refused(&world, &body);
        assert_eq!((status, code.as_str()), (403, "AccessDenied"), "{body}");
    }
    assert!(world.changes.borrow().is_empty());
}

#[test]
fn versions_come_into_force_and_go() {
    let world = account();
    let body = |action: &str, more: &str| format!("Action={action}&PolicyArn={READ}{more}");
    let new = |default: &str| {
        body("CreatePolicyVersion", &format!("&PolicyDocument=%7B%22b%22%3A2%7D{default}"))
    };
    let version = |id: &str, default: bool| {
        format!(
            "<VersionId>{id}</VersionId><IsDefaultVersion>{default}</IsDefaultVersion>\
             <CreateDate>{CREATED}</CreateDate>"
        )
    };
    assert_eq!(
        ok(&world, &new("")),
        format!("<PolicyVersion>{}</PolicyVersion>", version("v2", false))
    );
    assert_eq!(asked(&world), [about("iam:CreatePolicyVersion", "Policy", "read")]);
    let shown = record(&world);
    assert_eq!(shown["requestParameters"]["policyDocument"], "{\"b\":2}");
    assert_eq!(
        shown["responseElements"]["policyVersion"],
        json!({
            "versionId": "v2", "isDefaultVersion": false, "createDate": "Jan 2, 2023, 3:04:05 AM",
        })
    );
    ok(&world, &new("&SetAsDefault=true"));
    assert_eq!(
        ok(&world, &body("ListPolicyVersions", "")),
        format!(
            "<Versions><member>{}</member><member>{}</member><member>{}</member></Versions>\
             <IsTruncated>false</IsTruncated>",
            version("v3", true),
            version("v2", false),
            version("v1", false)
        )
    );
    assert_eq!(
        ok(&world, &body("GetPolicyVersion", "&VersionId=v2")),
        format!(
            "<PolicyVersion><Document>%7B%22b%22%3A2%7D</Document>{}</PolicyVersion>",
            version("v2", false)
        )
    );
    assert_eq!(
        refused(&world, &body("DeletePolicyVersion", "&VersionId=v3")),
        error(409, "DeleteConflict", "Cannot delete the default version of a policy.")
    );
    asked(&world);
    done(&world, &body("SetDefaultPolicyVersion", "&VersionId=v2"));
    assert_eq!(asked(&world), [about("iam:SetDefaultPolicyVersion", "Policy", "read")]);
    assert_eq!(record(&world)["requestParameters"], json!({"policyArn": READ, "versionId": "v2"}));
    done(&world, &body("DeletePolicyVersion", "&VersionId=v3"));
    assert_eq!(asked(&world), [about("iam:DeletePolicyVersion", "Policy", "read")]);
    let policy = ok(&world, &body("GetPolicy", ""));
    assert_eq!(element(&policy, "DefaultVersionId"), "v2");
    // A number is never used twice.
    assert_eq!(element(&ok(&world, &new("")), "VersionId"), "v4");
}

#[test]
fn versions_that_are_not_there_are_not_found() {
    let world = account();
    let body = |action: &str, id: &str| format!("Action={action}&PolicyArn={READ}&VersionId={id}");
    for id in ["v9", "v1.x", "v99999999999"] {
        let text = format!("Policy {READ} version {id} does not exist or is not attachable.");
        assert_eq!(
            refused(&world, &body("GetPolicyVersion", id)),
            error(404, "NoSuchEntity", &text)
        );
        for action in ["DeletePolicyVersion", "SetDefaultPolicyVersion"] {
            assert_eq!(refused(&world, &body(action, id)).0, 404, "{action} {id}");
        }
    }
    for id in ["1", "v0", "v", "v1,"] {
        let (_, code, text) = refused(&world, &body("GetPolicyVersion", id));
        assert_eq!(code, "ValidationError", "{id}");
        assert!(text.ends_with("pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"), "{text}");
    }
}

#[test]
fn two_new_versions_at_once_get_two_numbers() {
    let world = account();
    let conflict = crate::testing::refused(trent_types::ChangeRefused::Conflict);
    world.refusals.borrow_mut().push(conflict);
    let reads = world.people.reads.get();
    let body = format!("Action=CreatePolicyVersion&PolicyArn={READ}&PolicyDocument=%7B%7D");
    assert_eq!(element(&ok(&world, &body), "VersionId"), "v2");
    assert_eq!(world.people.reads.get(), reads + 2, "the policy is read again");
}

#[test]
fn a_policy_goes_when_nobody_has_it() {
    let world = account();
    done(&world, &format!("Action=DeletePolicy&PolicyArn={READ}"));
    assert_eq!(asked(&world), [about("iam:DeletePolicy", "Policy", "read")]);
    assert_eq!(record(&world)["requestParameters"], json!({"policyArn": READ}));
    assert_eq!(refused(&world, &format!("Action=GetPolicy&PolicyArn={READ}")).0, 404);
}

fn names(xml: &str) -> Vec<&str> {
    xml.split("<PolicyName>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect()
}

#[test]
fn policies_are_listed_by_owner_path_and_use() {
    let world = account();
    ok(&world, "Action=CreatePolicy&PolicyName=Alpha&PolicyDocument=%7B%7D");
    done(&world, &format!("Action=AttachRolePolicy&RoleName=app&PolicyArn={READ}"));
    done(
        &world,
        &format!("Action=PutUserPermissionsBoundary&UserName=ann&PermissionsBoundary={AWS_READ}"),
    );
    asked(&world);
    let list = |more: &str| ok(&world, &format!("Action=ListPolicies{more}"));
    let all = list("");
    assert_eq!(asked(&world), [("iam:ListPolicies".to_owned(), "Arn(\"*\")".to_owned())]);
    let aws = names_of_aws();
    let every = [&["Alpha", "read"], aws.as_slice()].concat();
    assert_eq!(names(&all), every);
    assert!(!all.contains("<Description>") && all.starts_with("<Policies><member><PolicyName>"));
    for (more, expected) in [
        ("&Scope=All", every.as_slice()),
        ("&Scope=Local", &["Alpha", "read"]),
        ("&Scope=AWS", &aws),
        ("&OnlyAttached=true", &["read"]),
        ("&OnlyAttached=false&Scope=Local", &["Alpha", "read"]),
        ("&PathPrefix=%2Fp%2F", &["read"]),
        ("&PathPrefix=%2Fjob-function%2F", &[]),
        ("&PolicyUsageFilter=PermissionsPolicy", &["read"]),
        ("&PolicyUsageFilter=PermissionsBoundary", &["IAMReadOnlyAccess"]),
        ("&PolicyUsageFilter=PermissionsBoundary&OnlyAttached=true", &["IAMReadOnlyAccess"]),
    ] {
        assert_eq!(names(&list(more)), expected, "{more}");
    }
    let record = record(&world);
    assert_eq!(
        record["requestParameters"],
        json!({"onlyAttached": true, "policyUsageFilter": "PermissionsBoundary"})
    );
    assert_eq!(record["responseElements"], Value::Null);
    let (_, code, text) = refused(&world, "Action=ListPolicies&Scope=Mine");
    assert_eq!(code, "ValidationError");
    assert!(text.ends_with("Member must satisfy enum value set: [All, AWS, Local]"), "{text}");
    assert_eq!(refused(&world, "Action=ListPolicies&OnlyAttached=x").1, "MalformedInput");
}

#[test]
fn those_who_have_a_policy_are_listed_by_kind() {
    let world = account();
    for body in [
        format!("Action=AttachUserPolicy&UserName=ann&PolicyArn={READ}"),
        format!("Action=AttachGroupPolicy&GroupName=devs&PolicyArn={READ}"),
        format!("Action=AttachRolePolicy&RoleName=app&PolicyArn={READ}"),
        format!("Action=PutUserPermissionsBoundary&UserName=ann&PermissionsBoundary={READ}"),
        format!("Action=PutUserPermissionsBoundary&UserName=bob&PermissionsBoundary={READ}"),
    ] {
        done(&world, &body);
    }
    asked(&world);
    let list =
        |more: &str| ok(&world, &format!("Action=ListEntitiesForPolicy&PolicyArn={READ}{more}"));
    let all = list("");
    assert_eq!(asked(&world), [about("iam:ListEntitiesForPolicy", "Policy", "read")]);
    let (group, role) = (element(&all, "GroupId").to_owned(), element(&all, "RoleId").to_owned());
    let user = element(&all, "UserId").to_owned();
    let users = |names: &[&str]| -> String {
        let member = |name: &&str| {
            format!("<member><UserName>{name}</UserName><UserId>{user}</UserId></member>")
        };
        names.iter().map(member).collect()
    };
    assert_eq!(
        all,
        format!(
            "<PolicyGroups><member><GroupName>devs</GroupName><GroupId>{group}</GroupId></member>\
             </PolicyGroups><PolicyUsers>{}</PolicyUsers><PolicyRoles><member>\
             <RoleName>app</RoleName><RoleId>{role}</RoleId></member></PolicyRoles>\
             <IsTruncated>false</IsTruncated>",
            users(&["ann", "bob"])
        )
    );
    for (more, expected) in [
        ("&EntityFilter=User", &["ann", "bob"][..]),
        ("&EntityFilter=Role", &["app"]),
        ("&EntityFilter=LocalManagedPolicy", &[]),
        ("&PathPrefix=%2Fteam%2F", &["ann"]),
        ("&PolicyUsageFilter=PermissionsPolicy", &["devs", "ann", "app"]),
        ("&PolicyUsageFilter=PermissionsBoundary", &["ann", "bob"]),
    ] {
        let xml = list(more);
        let names: Vec<&str> =
            xml.split("Name>").skip(1).step_by(2).map(|r| r.split('<').next().unwrap()).collect();
        assert_eq!(names, expected, "{more}");
    }
}

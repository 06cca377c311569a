//! The policies of users, groups and roles: inline ones, and managed ones that are attached.

use serde_json::{Value, json};

use super::*;

/// What each kind is called, the parameter, its name in records, and one that is there.
const HOLDERS: [(&str, &str, &str, &str); 3] = [
    ("User", "UserName", "userName", "ann"),
    ("Group", "GroupName", "groupName", "devs"),
    ("Role", "RoleName", "roleName", "app"),
];

#[test]
fn inline_policies_are_put_read_listed_and_deleted() {
    for (kind, parameter, shown, name) in HOLDERS {
        let world = account();
        let body = |action: &str, more: &str| {
            let action = action.replace('_', kind);
            format!("Action={action}&{parameter}={name}{more}")
        };
        let document = "&PolicyName=p&PolicyDocument=%7B%22a%22%3A+1%7D";
        done(&world, &body("Put_Policy", document));
        assert_eq!(asked(&world), [about(&format!("iam:Put{kind}Policy"), kind, name)]);
        let record = record(&world);
        assert_eq!(
            record["requestParameters"],
            json!({shown: name, "policyName": "p", "policyDocument": "{\"a\": 1}"})
        );
        assert_eq!(record["responseElements"], Value::Null);
        assert_eq!(
            ok(&world, &body("Get_Policy", "&PolicyName=p")),
            format!(
                "<{parameter}>{name}</{parameter}><PolicyName>p</PolicyName>\
                 <PolicyDocument>%7B%22a%22%3A%201%7D</PolicyDocument>"
            )
        );
        assert_eq!(asked(&world), [about(&format!("iam:Get{kind}Policy"), kind, name)]);
        assert_eq!(
            ok(&world, &body("List_Policies", "")),
            "<PolicyNames><member>p</member></PolicyNames><IsTruncated>false</IsTruncated>"
        );
        assert_eq!(asked(&world), [about(&format!("iam:List{kind}Policies"), kind, name)]);
        done(&world, &body("Delete_Policy", "&PolicyName=p"));
        assert_eq!(asked(&world), [about(&format!("iam:Delete{kind}Policy"), kind, name)]);
        let text = format!("The {} policy with name p cannot be found.", kind.to_lowercase());
        for action in ["Get_Policy", "Delete_Policy"] {
            assert_eq!(
                refused(&world, &body(action, "&PolicyName=p")),
                error(404, "NoSuchEntity", &text)
            );
        }
    }
}

#[test]
fn bad_inline_policies_are_refused() {
    let world = account();
    let (_, code, text) = refused(&world, "Action=PutUserPolicy&UserName=ann");
    assert_eq!(code, "ValidationError");
    assert!(text.starts_with("2 validation errors detected: Value null at 'policyName'"), "{text}");
    let long = format!(
        "Action=PutUserPolicy&UserName=ann&PolicyName=p&PolicyDocument={}",
        "x".repeat(131_073)
    );
    assert!(refused(&world, &long).2.ends_with("less than or equal to 131072"));
    let name = "Action=PutUserPolicy&UserName=ann&PolicyName=a%2Fb&PolicyDocument=%7B%7D";
    assert!(refused(&world, name).2.starts_with("The specified value for policyName is invalid."));
    let malformed = trent_types::ChangeRefused::MalformedPolicy("Syntax errors in policy.".into());
    world.refusals.borrow_mut().push(crate::testing::refused(malformed));
    assert_eq!(
        refused(&world, "Action=PutUserPolicy&UserName=ann&PolicyName=p&PolicyDocument=x"),
        error(400, "MalformedPolicyDocument", "Syntax errors in policy.")
    );
    assert_eq!(record(&world)["errorCode"], "MalformedPolicyDocumentException");
}

#[test]
fn managed_policies_are_attached_listed_and_detached() {
    for (kind, parameter, shown, name) in HOLDERS {
        let world = account();
        let body = |action: &str, more: &str| {
            let action = action.replace('_', kind);
            format!("Action={action}&{parameter}={name}{more}")
        };
        for arn in [READ, AWS_READ] {
            done(&world, &body("Attach_Policy", &format!("&PolicyArn={arn}")));
            assert_eq!(asked(&world), [about(&format!("iam:Attach{kind}Policy"), kind, name)]);
            assert_eq!(condition(&world, "iam:PolicyARN").unwrap(), [arn]);
            assert_eq!(record(&world)["requestParameters"], json!({shown: name, "policyArn": arn}));
        }
        let member = |name: &str, arn: &str| {
            format!("<member><PolicyName>{name}</PolicyName><PolicyArn>{arn}</PolicyArn></member>")
        };
        let (own, aws) = (member("read", READ), member("IAMReadOnlyAccess", AWS_READ));
        let listed = |policies: &str| {
            format!(
                "<AttachedPolicies>{policies}</AttachedPolicies><IsTruncated>false</IsTruncated>"
            )
        };
        assert_eq!(ok(&world, &body("ListAttached_Policies", "")), listed(&format!("{aws}{own}")));
        let permission = format!("iam:ListAttached{kind}Policies");
        assert_eq!(asked(&world), [about(&permission, kind, name)]);
        assert_eq!(ok(&world, &body("ListAttached_Policies", "&PathPrefix=%2Fp%2F")), listed(&own));
        asked(&world);
        done(&world, &body("Detach_Policy", &format!("&PolicyArn={READ}")));
        assert_eq!(asked(&world), [about(&format!("iam:Detach{kind}Policy"), kind, name)]);
        assert_eq!(condition(&world, "iam:PolicyARN").unwrap(), [READ]);
        assert_eq!(
            refused(&world, &body("Detach_Policy", &format!("&PolicyArn={READ}"))),
            error(404, "NoSuchEntity", &format!("Policy {READ} was not found."))
        );
        let bad = "arn:aws:iam::111122223333:role/x";
        assert_eq!(
            refused(&world, &body("Attach_Policy", &format!("&PolicyArn={bad}"))),
            error(400, "InvalidInput", &format!("ARN {bad} is not valid."))
        );
        let (_, code, text) = refused(&world, &body("Attach_Policy", "&PolicyArn=x"));
        assert_eq!(code, "ValidationError");
        assert!(text.ends_with("Member must have length greater than or equal to 20"));
    }
}

#[test]
fn nobody_holds_no_policies() {
    let world = account();
    for (kind, parameter, _, _) in HOLDERS {
        let text = format!("The {} with name none cannot be found.", kind.to_lowercase());
        for (action, more) in [
            ("Put_Policy", "&PolicyName=p&PolicyDocument=%7B%7D"),
            ("Get_Policy", "&PolicyName=p"),
            ("List_Policies", ""),
            ("Delete_Policy", "&PolicyName=p"),
            ("Attach_Policy", "&PolicyArn=arn:aws:iam::aws:policy/x"),
            ("Detach_Policy", "&PolicyArn=arn:aws:iam::aws:policy/x"),
            ("ListAttached_Policies", ""),
        ] {
            let action = action.replace('_', kind);
            assert_eq!(
                refused(&world, &format!("Action={action}&{parameter}=none{more}")),
                error(404, "NoSuchEntity", &text),
                "{action}"
            );
        }
    }
}

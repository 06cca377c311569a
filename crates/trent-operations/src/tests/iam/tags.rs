//! Tags of users, roles and policies.

use serde_json::json;

use super::*;

/// What each kind is called, the parameter, one that is there, and its name.
const TAGGED: [(&str, &str, &str, &str); 3] = [
    ("User", "UserName", "ann", "ann"),
    ("Role", "RoleName", "app", "app"),
    ("Policy", "PolicyArn", READ, "read"),
];

#[test]
fn tags_are_added_listed_and_removed() {
    for (kind, parameter, given, name) in TAGGED {
        let world = account();
        done(
            &world,
            &format!(
                "Action=Tag{kind}&{parameter}={given}&Tags.member.1.Key=b&Tags.member.1.Value=2\
                 &Tags.member.2.Key=a&Tags.member.2.Value=1"
            ),
        );
        assert_eq!(asked(&world), [about(&format!("iam:Tag{kind}"), kind, name)]);
        assert_eq!(condition(&world, "aws:TagKeys").unwrap(), ["b", "a"]);
        assert_eq!(condition(&world, "aws:RequestTag/a").unwrap(), ["1"]);
        let shown = record(&world);
        let tags = json!([{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]);
        assert_eq!(shown["requestParameters"]["tags"], tags);
        assert_eq!(
            ok(&world, &format!("Action=List{kind}Tags&{parameter}={given}")),
            "<Tags><member><Key>a</Key><Value>1</Value></member>\
             <member><Key>b</Key><Value>2</Value></member></Tags><IsTruncated>false</IsTruncated>"
        );
        asked(&world);
        done(&world, &format!("Action=Untag{kind}&{parameter}={given}&TagKeys.member.1=a"));
        assert_eq!(asked(&world), [about(&format!("iam:Untag{kind}"), kind, name)]);
        assert_eq!(condition(&world, "aws:TagKeys").unwrap(), ["a"]);
        assert_eq!(record(&world)["requestParameters"]["tagKeys"], json!(["a"]));
        let left = ok(&world, &format!("Action=List{kind}Tags&{parameter}={given}"));
        assert!(left.starts_with("<Tags><member><Key>b</Key>"), "{left}");
    }
}

#[test]
fn bad_tags_are_refused() {
    let world = account();
    let tag = |tags: &str| refused(&world, &format!("Action=TagUser&UserName=ann{tags}"));
    assert!(tag("").2.contains("Value null at 'tags'"));
    let (_, code, text) = tag("&Tags.member.1.Key=%3C&Tags.member.1.Value=v");
    assert_eq!(code, "ValidationError");
    assert_eq!(
        text,
        "1 validation error detected: Value '&lt;' at 'tags.1.member.key' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: \
         [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"
    );
    assert!(tag("&Tags.member.1.Key=k").2.contains("Value null at 'tags.1.member.value'"));
    let long = format!("&Tags.member.1.Key=k&Tags.member.1.Value={}", "v".repeat(257));
    assert!(tag(&long).2.ends_with("Member must have length less than or equal to 256"));
    let many: String =
        (0..51).map(|n| format!("&Tags.member.{n}.Key=k{n}&Tags.member.{n}.Value=")).collect();
    assert!(tag(&many).2.contains("Value at 'tags'"));
    assert_eq!(
        tag("&Tags.member.1.Key=k&Tags.member.1.Value=&Tags.member.2.Key=K&Tags.member.2.Value="),
        error(
            400,
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    );
    assert_eq!(tag("&Tags.member.1.Key=AWS:x&Tags.member.1.Value=").1, "InvalidInput");
    let untag = refused(&world, "Action=UntagUser&UserName=ann&TagKeys.member.1=aws:x");
    assert_eq!(untag.1, "InvalidInput");
    assert!(refused(&world, "Action=UntagUser&UserName=ann").2.contains("null at 'tagKeys'"));
    assert!(world.changes.borrow().is_empty());
}

#[test]
fn things_that_are_not_there_and_policies_of_others_have_no_tags() {
    let world = account();
    for (kind, parameter, given, _) in TAGGED {
        let given = given.replace("ann", "eve").replace("app", "none").replace("/read", "/none");
        for body in [
            format!(
                "Action=Tag{kind}&{parameter}={given}&Tags.member.1.Key=k&Tags.member.1.Value="
            ),
            format!("Action=Untag{kind}&{parameter}={given}&TagKeys.member.1=k"),
            format!("Action=List{kind}Tags&{parameter}={given}"),
        ] {
            let (status, code, _) = refused(&world, &body);
            assert_eq!((status, code.as_str()), (404, "NoSuchEntity"), "{body}");
        }
    }
    let body = format!("Action=UntagPolicy&PolicyArn={AWS_READ}&TagKeys.member.1=k");
    let (status, code, _) = refused(&world, &body);
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert_eq!(
        ok(&world, &format!("Action=ListPolicyTags&PolicyArn={AWS_READ}")),
        "<Tags></Tags><IsTruncated>false</IsTruncated>"
    );
}

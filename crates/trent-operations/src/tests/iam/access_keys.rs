//! Access keys.

use serde_json::json;
use trent_types::{AccessKey, AccessKeyStatus, AccessKeyUsed, EntityKind, Timestamp};

use super::*;

fn with_key(world: &World, user: &str, id: &str) {
    let mut things = world.people.things.borrow_mut();
    let view = things.get_mut(&(EntityKind::User, user.to_owned())).unwrap();
    view.access_keys.push(AccessKey {
        access_key_id: id.to_owned(),
        account: ACCOUNT.parse().unwrap(),
        user_name: Some(user.to_owned()),
        status: AccessKeyStatus::Active,
        created_at: Timestamp::from_millis(NOW),
    });
}

const FIRST: &str = "AKIAAAAAAAAAAAAAAAA2";
const SECOND: &str = "AKIAAAAAAAAAAAAAAAA3";

#[test]
fn an_access_key_is_made_and_its_secret_is_not_recorded() {
    let world = account();
    let xml = ok(&world, "Action=CreateAccessKey&UserName=ann");
    let id = element(&xml, "AccessKeyId").to_owned();
    assert!(id.len() == 20 && id.starts_with("AKIA"), "{id}");
    let secret = "s".repeat(40);
    assert_eq!(
        xml,
        format!(
            "<AccessKey><UserName>ann</UserName><AccessKeyId>{id}</AccessKeyId>\
             <Status>Active</Status><SecretAccessKey>{secret}</SecretAccessKey>\
             <CreateDate>2023-01-02T03:04:05Z</CreateDate></AccessKey>"
        )
    );
    assert_eq!(asked(&world), [about("iam:CreateAccessKey", "User", "ann")]);
    let record = record(&world);
    assert!(!record.to_string().contains(&secret));
    assert_eq!(record["requestParameters"], json!({"userName": "ann"}));
    assert_eq!(
        record["responseElements"],
        json!({"accessKey": {
            "userName": "ann", "accessKeyId": id, "status": "Active",
            "createDate": "Jan 2, 2023, 3:04:05 AM",
        }})
    );
}

#[test]
fn a_third_key_and_keys_of_nobody_are_refused() {
    let world = account();
    with_key(&world, "ann", FIRST);
    with_key(&world, "ann", SECOND);
    assert_eq!(
        refused(&world, "Action=CreateAccessKey&UserName=ann"),
        error(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
    );
    assert_eq!(
        refused(&world, "Action=CreateAccessKey&UserName=eve"),
        error(404, "NoSuchEntity", "The user with name eve cannot be found.")
    );
    as_a_role(&world);
    assert_eq!(refused(&world, "Action=CreateAccessKey").1, "ValidationError");
}

#[test]
fn keys_are_listed_without_secrets() {
    let world = account();
    with_key(&world, "ann", FIRST);
    with_key(&world, "ann", SECOND);
    let member = |id: &str| {
        format!(
            "<member><UserName>ann</UserName><AccessKeyId>{id}</AccessKeyId><Status>Active\
             </Status><CreateDate>2023-01-02T03:04:05Z</CreateDate></member>"
        )
    };
    let (first, second) = (member(FIRST), member(SECOND));
    as_ann(&world);
    assert_eq!(
        ok(&world, "Action=ListAccessKeys"),
        format!(
            "<AccessKeyMetadata>{first}{second}</AccessKeyMetadata><IsTruncated>false</IsTruncated>"
        )
    );
    let page = ok(&world, "Action=ListAccessKeys&UserName=ann&MaxItems=1");
    assert!(
        page.starts_with(&format!(
            "<AccessKeyMetadata>{first}</AccessKeyMetadata><IsTruncated>true"
        ))
    );
    let marker = element(&page, "Marker");
    let rest = ok(&world, &format!("Action=ListAccessKeys&UserName=ann&Marker={marker}"));
    assert!(rest.starts_with(&format!(
        "<AccessKeyMetadata>{second}</AccessKeyMetadata><IsTruncated>false"
    )));
    assert_eq!(refused(&world, "Action=ListAccessKeys&UserName=eve").0, 404);
}

#[test]
fn the_root_user_has_keys_too() {
    let world = account();
    ok(&world, "Action=CreateUser&UserName=root");
    {
        // The fake keeps the root user where it keeps users, without a name.
        let mut things = world.people.things.borrow_mut();
        let view = things.remove(&(EntityKind::User, "root".to_owned())).unwrap();
        things.insert((EntityKind::User, String::new()), view);
    }
    let made = ok(&world, "Action=CreateAccessKey");
    assert_eq!(element(&made, "UserName"), "");
    let listed = ok(&world, "Action=ListAccessKeys");
    assert_eq!(element(&listed, "AccessKeyId"), element(&made, "AccessKeyId"));
    let id = element(&made, "AccessKeyId");
    done(&world, &format!("Action=DeleteAccessKey&AccessKeyId={id}"));
}

#[test]
fn a_key_is_deactivated_and_deleted() {
    let world = account();
    with_key(&world, "ann", FIRST);
    done(
        &world,
        &format!("Action=UpdateAccessKey&UserName=ann&AccessKeyId={FIRST}&Status=Inactive"),
    );
    assert_eq!(asked(&world), [about("iam:UpdateAccessKey", "User", "ann")]);
    assert_eq!(
        record(&world)["requestParameters"],
        json!({"userName": "ann", "accessKeyId": FIRST, "status": "Inactive"})
    );
    let listed = ok(&world, "Action=ListAccessKeys&UserName=ann");
    assert_eq!(element(&listed, "Status"), "Inactive");
    done(&world, &format!("Action=UpdateAccessKey&UserName=ann&AccessKeyId={FIRST}&Status=Active"));
    asked(&world);
    done(&world, &format!("Action=DeleteAccessKey&UserName=ann&AccessKeyId={FIRST}"));
    assert_eq!(asked(&world), [about("iam:DeleteAccessKey", "User", "ann")]);
    let gone = format!("The Access Key with id {FIRST} cannot be found");
    assert_eq!(
        refused(&world, &format!("Action=DeleteAccessKey&UserName=ann&AccessKeyId={FIRST}")),
        error(404, "NoSuchEntity", &gone)
    );
    let (_, code, text) = refused(&world, "Action=UpdateAccessKey&AccessKeyId=short&Status=On");
    assert_eq!(code, "ValidationError");
    assert!(text.starts_with("2 validation errors detected: Value 'short' at 'accessKeyId'"));
    assert!(text.ends_with("Member must satisfy enum value set: [Active, Inactive, Expired]"));
    let expired = format!("Action=UpdateAccessKey&UserName=ann&AccessKeyId={FIRST}&Status=Expired");
    assert_eq!(refused(&world, &expired).1, "InvalidInput");
}

#[test]
fn the_last_use_of_a_key_is_told() {
    let world = account();
    with_key(&world, "ann", FIRST);
    let body = format!("Action=GetAccessKeyLastUsed&AccessKeyId={FIRST}");
    assert_eq!(
        ok(&world, &body),
        "<UserName>ann</UserName><AccessKeyLastUsed><ServiceName>N/A</ServiceName>\
         <Region>N/A</Region></AccessKeyLastUsed>"
    );
    let asked = asked(&world);
    assert_eq!(asked, [("iam:GetAccessKeyLastUsed".to_owned(), "Arn(\"*\")".to_owned())]);
    let used = AccessKeyUsed {
        at: Timestamp::from_millis(NOW),
        service: "kms".to_owned(),
        region: "eu-west-1".to_owned(),
    };
    world.people.uses.borrow_mut().insert(FIRST.to_owned(), used);
    assert_eq!(
        ok(&world, &body),
        "<UserName>ann</UserName><AccessKeyLastUsed>\
         <LastUsedDate>2023-01-02T03:04:05Z</LastUsedDate><ServiceName>kms</ServiceName>\
         <Region>eu-west-1</Region></AccessKeyLastUsed>"
    );
    assert_eq!(record(&world)["requestParameters"], json!({"accessKeyId": FIRST}));
    // A key of another account is as good as none.
    world.caller.borrow_mut().account = "444455556666".parse().unwrap();
    let gone = format!("The Access Key with id {FIRST} cannot be found");
    assert_eq!(refused(&world, &body), error(404, "NoSuchEntity", &gone));
}

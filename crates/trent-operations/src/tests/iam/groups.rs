//! Groups and who is in them.

use serde_json::json;

use super::*;

#[test]
fn a_group_is_made_listed_renamed_and_deleted() {
    let world = World::new();
    let made = ok(&world, "Action=CreateGroup&GroupName=devs&Path=%2Fx%2F");
    let id = element(&made, "GroupId").to_owned();
    assert!(id.len() == 21 && id.starts_with("AGPA"), "{id}");
    let members = format!(
        "<Path>/x/</Path><GroupName>devs</GroupName><GroupId>{id}</GroupId>\
         <Arn>arn:aws:iam::111122223333:group/x/devs</Arn>\
         <CreateDate>2023-01-02T03:04:05Z</CreateDate>"
    );
    assert_eq!(made, format!("<Group>{members}</Group>"));
    let new = "Entity { kind: Group, name: Some(\"devs\"), new_path: Some(\"/x/\") }";
    assert_eq!(asked(&world), [("iam:CreateGroup".to_owned(), new.to_owned())]);
    let shown = record(&world);
    assert_eq!(shown["requestParameters"], json!({"path": "/x/", "groupName": "devs"}));
    assert_eq!(shown["responseElements"]["group"]["groupId"], id);
    assert_eq!(
        ok(&world, "Action=ListGroups"),
        format!("<Groups><member>{members}</member></Groups><IsTruncated>false</IsTruncated>")
    );
    assert_eq!(
        refused(&world, "Action=CreateGroup&GroupName=DEVS"),
        error(409, "EntityAlreadyExists", "Group with name DEVS already exists.")
    );
    done(&world, "Action=UpdateGroup&GroupName=devs&NewGroupName=ops");
    assert_eq!(
        record(&world)["requestParameters"],
        json!({"groupName": "devs", "newGroupName": "ops"})
    );
    done(&world, "Action=DeleteGroup&GroupName=ops");
    assert_eq!(
        refused(&world, "Action=DeleteGroup&GroupName=ops"),
        error(404, "NoSuchEntity", "The group with name ops cannot be found.")
    );
}

#[test]
fn users_come_into_groups_and_leave_them() {
    let world = account();
    done(&world, "Action=AddUserToGroup&GroupName=devs&UserName=bob");
    assert_eq!(asked(&world), [about("iam:AddUserToGroup", "Group", "devs")]);
    assert_eq!(
        record(&world)["requestParameters"],
        json!({"groupName": "devs", "userName": "bob"})
    );
    done(&world, "Action=AddUserToGroup&GroupName=devs&UserName=ann");
    asked(&world);
    let group = ok(&world, "Action=GetGroup&GroupName=devs&MaxItems=1");
    assert_eq!(asked(&world), [about("iam:GetGroup", "Group", "devs")]);
    assert!(group.starts_with("<Group><Path>/</Path><GroupName>devs</GroupName>"), "{group}");
    assert!(group.contains("</Group><Users><member><Path>/team/</Path><UserName>ann</UserName>"));
    assert!(group.contains("</member></Users><IsTruncated>true</IsTruncated><Marker>"));
    let marker = element(&group, "Marker");
    let rest = ok(&world, &format!("Action=GetGroup&GroupName=devs&Marker={marker}"));
    assert!(rest.contains("<UserName>bob</UserName>") && !rest.contains("ann"), "{rest}");
    let groups = ok(&world, "Action=ListGroupsForUser&UserName=bob");
    assert!(groups.starts_with("<Groups><member><Path>/</Path><GroupName>devs</GroupName>"));
    asked(&world);
    done(&world, "Action=RemoveUserFromGroup&GroupName=devs&UserName=bob");
    assert_eq!(asked(&world), [about("iam:RemoveUserFromGroup", "Group", "devs")]);
    assert_eq!(
        ok(&world, "Action=ListGroupsForUser&UserName=bob"),
        "<Groups></Groups><IsTruncated>false</IsTruncated>"
    );
}

#[test]
fn nobody_and_no_group_are_not_found() {
    let world = account();
    let user = error(404, "NoSuchEntity", "The user with name eve cannot be found.");
    let group = error(404, "NoSuchEntity", "The group with name none cannot be found.");
    for body in [
        "Action=AddUserToGroup&GroupName=devs&UserName=eve",
        "Action=RemoveUserFromGroup&GroupName=devs&UserName=eve",
        "Action=ListGroupsForUser&UserName=eve",
    ] {
        assert_eq!(refused(&world, body), user, "{body}");
    }
    for body in [
        "Action=AddUserToGroup&GroupName=none&UserName=ann",
        "Action=GetGroup&GroupName=none",
        "Action=UpdateGroup&GroupName=none&NewPath=%2F",
    ] {
        assert_eq!(refused(&world, body), group, "{body}");
    }
    let (_, _, text) = refused(&world, "Action=AddUserToGroup");
    assert!(text.starts_with("2 validation errors detected: Value null at 'groupName'"), "{text}");
}

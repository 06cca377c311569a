//! Pages of lists: every list goes on where it stopped, and markers are good for one list only.

use super::*;

#[test]
fn pages_of_any_size_make_up_the_whole_list() {
    let world = World::new();
    for name in ["d", "B", "a", "E", "c"] {
        ok(&world, &format!("Action=CreateUser&UserName={name}"));
    }
    for size in 1..=6 {
        let (mut names, mut marker) = (Vec::new(), String::new());
        loop {
            let xml = ok(&world, &format!("Action=ListUsers&MaxItems={size}{marker}"));
            let users = xml.split("<UserName>").skip(1);
            names.extend(users.map(|rest| rest.split('<').next().unwrap().to_owned()));
            if element(&xml, "IsTruncated") == "false" {
                assert!(!xml.contains("<Marker>"));
                break;
            }
            marker = format!("&Marker={}", element(&xml, "Marker"));
        }
        assert_eq!(names, ["a", "B", "c", "d", "E"], "pages of {size}");
    }
}

#[test]
fn policies_of_both_owners_come_in_pages() {
    let world = account();
    ok(&world, "Action=CreatePolicy&PolicyName=Alpha&PolicyDocument=%7B%7D");
    for size in 1..=5 {
        let (mut names, mut marker) = (Vec::new(), String::new());
        loop {
            let xml = ok(&world, &format!("Action=ListPolicies&MaxItems={size}{marker}"));
            let policies = xml.split("<PolicyName>").skip(1);
            names.extend(policies.map(|rest| rest.split('<').next().unwrap().to_owned()));
            if element(&xml, "IsTruncated") == "false" {
                break;
            }
            marker = format!("&Marker={}", element(&xml, "Marker"));
        }
        let expected = [&["Alpha", "read"], names_of_aws().as_slice()].concat();
        assert_eq!(names, expected, "pages of {size}");
    }
}

#[test]
fn those_who_have_a_policy_come_in_pages() {
    let world = account();
    for body in [
        format!("Action=AttachUserPolicy&UserName=ann&PolicyArn={READ}"),
        format!("Action=AttachRolePolicy&RoleName=app&PolicyArn={READ}"),
        format!("Action=PutUserPermissionsBoundary&UserName=bob&PermissionsBoundary={READ}"),
    ] {
        done(&world, &body);
    }
    let body = format!("Action=ListEntitiesForPolicy&PolicyArn={READ}&MaxItems=1");
    let first = ok(&world, &body);
    assert!(first.contains("ann"), "{first}");
    let second = ok(&world, &format!("{body}&Marker={}", element(&first, "Marker")));
    assert!(second.contains("app") && !second.contains("ann"), "{second}");
    let third = ok(&world, &format!("{body}&Marker={}", element(&second, "Marker")));
    assert!(third.contains("bob") && third.contains("<IsTruncated>false"), "{third}");
}

#[test]
fn tags_inline_and_attached_policies_and_versions_come_in_pages() {
    let world = account();
    for name in ["x", "y"] {
        let tag = format!("Tags.member.1.Key={name}&Tags.member.1.Value=");
        done(&world, &format!("Action=TagRole&RoleName=app&{tag}"));
        let policy = format!("PolicyName={name}&PolicyDocument=%7B%7D");
        done(&world, &format!("Action=PutRolePolicy&RoleName=app&{policy}"));
        ok(&world, &format!("Action=CreatePolicyVersion&PolicyArn={READ}&PolicyDocument={name}"));
    }
    for arn in [READ, AWS_READ] {
        done(&world, &format!("Action=AttachRolePolicy&RoleName=app&PolicyArn={arn}"));
    }
    for (body, first, second) in [
        ("ListRoleTags&RoleName=app", "<Key>x</Key>", "<Key>y</Key>"),
        ("ListRolePolicies&RoleName=app", "<member>x</member>", "<member>y</member>"),
        ("ListAttachedRolePolicies&RoleName=app", AWS_READ, READ),
        (&format!("ListPolicyVersions&PolicyArn={READ}"), ">v3<", ">v2<"),
    ] {
        let body = format!("Action={body}&MaxItems=1");
        let page = ok(&world, &body);
        assert!(page.contains(first) && !page.contains(second), "{page}");
        let page = ok(&world, &format!("{body}&Marker={}", element(&page, "Marker")));
        assert!(page.contains(second) && !page.contains(first), "{page}");
    }
}

#[test]
fn a_marker_of_another_list_is_refused() {
    let world = account();
    let page = ok(&world, "Action=ListUsers&MaxItems=1");
    let marker = element(&page, "Marker").to_owned();
    let invalid = error(400, "ValidationError", "Invalid Marker.");
    for body in [
        format!("Action=ListRoles&Marker={marker}"),
        format!("Action=ListUsers&PathPrefix=%2Fx&Marker={marker}"),
        format!("Action=ListUsers&Marker={}", &marker[1..]),
        "Action=ListUsers&Marker=bm90LWpzb24".to_owned(),
        "Action=ListAccountAliases&Marker=x".to_owned(),
    ] {
        assert_eq!(refused(&world, &body), invalid, "{body}");
    }
    assert_eq!(ok(&world, &format!("Action=ListUsers&Marker={marker}")).matches("bob").count(), 2);
    world.caller.borrow_mut().account = "444455556666".parse().unwrap();
    assert_eq!(refused(&world, &format!("Action=ListUsers&Marker={marker}")), invalid);
}

#[test]
fn sizes_and_markers_out_of_range_are_refused() {
    let world = account();
    for (more, rule) in [
        ("MaxItems=0", "greater than or equal to 1"),
        ("MaxItems=1001", "less than or equal to 1000"),
        ("Marker=", "greater than or equal to 1"),
        (&format!("Marker={}", "m".repeat(321)), "less than or equal to 320"),
    ] {
        let (status, code, text) = refused(&world, &format!("Action=ListUsers&{more}"));
        assert_eq!((status, code.as_str()), (400, "ValidationError"));
        assert!(text.ends_with(rule), "{text}");
    }
    assert_eq!(refused(&world, "Action=ListUsers&MaxItems=many").1, "MalformedInput");
}

#[test]
fn markers_of_the_longest_names_are_short_enough() {
    let world = account();
    let (path, name) = (format!("/{}/", "p".repeat(510)), "n".repeat(128));
    for last in ["1", "2"] {
        let name = format!("{}{last}", &name[1..]);
        ok(&world, &format!("Action=CreatePolicy&PolicyName={name}&PolicyDocument=x&Path={path}"));
        let arn = format!("arn:aws:iam::111122223333:policy{path}{name}");
        done(&world, &format!("Action=AttachGroupPolicy&GroupName=devs&PolicyArn={arn}"));
    }
    for body in [
        format!("Action=ListPolicies&MaxItems=1&PathPrefix={path}"),
        format!("Action=ListAttachedGroupPolicies&GroupName=devs&MaxItems=1&PathPrefix={path}"),
    ] {
        let page = ok(&world, &body);
        let marker = element(&page, "Marker");
        assert!(marker.len() <= 320, "{}", marker.len());
        let next = ok(&world, &format!("{body}&Marker={marker}"));
        assert_eq!(element(&next, "IsTruncated"), "false");
    }
}

//! IAM over fake ports: a small account, and what is said of it.

mod access_keys;
mod attachments;
mod errors;
mod groups;
mod managed_policies;
mod pages;
mod roles;
mod simulation;
mod tags;
mod users;

use serde_json::Value;
use trent_types::CallerKind;

use crate::ServiceName::Iam;
use crate::testing::*;

/// The text of the first element of this name.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{name}: {xml}"));
    rest.split_once("</").unwrap().0
}

/// Sends a request that succeeds: what is inside of `<…Result>`; empty without one.
pub(super) fn ok(world: &World, body: &str) -> String {
    let action = body.split('&').next().unwrap().strip_prefix("Action=").unwrap();
    let (status, xml) = world.query(Iam, body);
    assert_eq!(status, 200, "{xml}");
    let open = format!("<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">");
    let close = format!(
        "<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>\
         </{action}Response>"
    );
    let inner = xml.strip_prefix(&open).and_then(|xml| xml.strip_suffix(&close)).unwrap();
    if inner.is_empty() {
        return String::new();
    }
    let (open, close) = (format!("<{action}Result>"), format!("</{action}Result>"));
    inner.strip_prefix(&open).and_then(|xml| xml.strip_suffix(&close)).unwrap().to_owned()
}

/// Sends a request that succeeds and changes something: it has no output.
pub(super) fn done(world: &World, body: &str) {
    assert_eq!(ok(world, body), "");
}

/// Sends a request that fails: status, code and message.
pub(super) fn refused(world: &World, body: &str) -> (u16, String, String) {
    let (status, xml) = world.query(Iam, body);
    assert_ne!(status, 200, "{xml}");
    let text = element(&xml, "Message").replace("&quot;", "\"").replace("&amp;", "&");
    (status, element(&xml, "Code").to_owned(), text)
}

/// A refusal as it is expected.
pub(super) fn error(status: u16, code: &str, message: &str) -> (u16, String, String) {
    (status, code.to_owned(), message.to_owned())
}

/// The last record.
pub(super) fn record(world: &World) -> Value {
    let records = world.records.borrow();
    serde_json::from_slice(&records.last().unwrap().cloudtrail_json).unwrap()
}

/// What was asked since the last time: permission and resource of each question.
pub(super) fn asked(world: &World) -> Vec<(String, String)> {
    let permissions = world.asked.take();
    permissions.into_iter().zip(world.asked_about.take()).collect()
}

/// A question about a user, group or role that is there.
pub(super) fn about(permission: &str, kind: &str, name: &str) -> (String, String) {
    let resource = format!("Entity {{ kind: {kind}, name: Some({name:?}), new_path: None }}");
    (permission.to_owned(), resource)
}

/// The values of a condition of the last question.
pub(super) fn condition(world: &World, name: &str) -> Option<Vec<String>> {
    let conditions = world.conditions.borrow();
    conditions.iter().find(|(key, _)| key == name).map(|(_, values)| values.clone())
}

/// `ann` calls.
pub(super) fn as_ann(world: &World) {
    world.caller.borrow_mut().kind = CallerKind::User {
        path: "/team/".to_owned(),
        name: "ann".to_owned(),
        user_id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
    };
}

/// A session of a role calls.
pub(super) fn as_a_role(world: &World) {
    world.caller.borrow_mut().kind = CallerKind::Role {
        path: "/".to_owned(),
        name: "admin".to_owned(),
        role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
        session_name: "s".to_owned(),
    };
}

/// An account with the users `ann` and `bob`, the group `devs`, the role `app` and the policy
/// `read`; nothing is recorded of how they were made.
pub(super) fn account() -> World {
    let world = World::new();
    done_making(&world, "CreateUser&UserName=ann&Path=%2Fteam%2F");
    done_making(&world, "CreateUser&UserName=bob");
    done_making(&world, "CreateGroup&GroupName=devs");
    done_making(&world, "CreateRole&RoleName=app&AssumeRolePolicyDocument=%7B%7D");
    done_making(&world, "CreatePolicy&PolicyName=read&PolicyDocument=%7B%7D&Path=%2Fp%2F");
    world.records.take();
    world.changes.take();
    asked(&world);
    world
}

fn done_making(world: &World, body: &str) {
    ok(world, &format!("Action={body}"));
}

/// The ARN of the policy `read`, and that of a policy of AWS's.
pub(super) const READ: &str = "arn:aws:iam::111122223333:policy/p/read";
pub(super) const AWS_READ: &str = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

/// The names of AWS's own policies, in the order in which they are listed.
pub(super) fn names_of_aws() -> Vec<&'static str> {
    let mut names: Vec<_> =
        trent_types::aws_managed_policies().iter().map(|policy| policy.name).collect();
    names.sort_by_key(|name| name.to_ascii_lowercase());
    names
}

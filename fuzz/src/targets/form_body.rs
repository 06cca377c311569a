//! Form bodies of IAM and STS: an answer or AWS's error in well-formed XML, with a record of
//! either.

use trent_operations::query_operations;

use super::answers;
use crate::input::Input;
use crate::world::World;

/// Four bytes of world, an operation, the body.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let world = World::new(&mut input);
    let all: Vec<_> = query_operations().collect();
    let (service, operation) = input.one_of(&all);
    let response = world.serve(operation, service, input.rest());
    answers::check(&world, &response, service, operation.name())
}

/// A request of each operation: its body, and where its name stands among the operations.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let names: Vec<&str> = query_operations().map(|(_, operation)| operation.name()).collect();
    let mut seeds = Vec::new();
    for body in BODIES {
        let name = body.split('&').next().and_then(|action| action.strip_prefix("Action="));
        let at = name.and_then(|name| names.iter().position(|known| *known == name));
        let at = at.and_then(|at| u8::try_from(at).ok()).unwrap_or_default();
        seeds.push([&[0, 0, 0, 0, at], body.as_bytes()].concat());
    }
    seeds
}

const BODIES: &[&str] = &[
    "Action=CreateUser&UserName=anna&Path=%2Fteam%2F\
     &PermissionsBoundary=arn:aws:iam::111122223333:policy/p/read&Tags.member.1.Key=k\
     &Tags.member.1.Value=v",
    "Action=GetUser",
    "Action=GetUser&UserName=ann&Tags.member.1.Key=a+b",
    "Action=ListUsers&PathPrefix=%2Fteam&MaxItems=1",
    "Action=UpdateUser&UserName=ann&NewUserName=anna&NewPath=%2F",
    "Action=DeleteUser&UserName=ann",
    "Action=TagUser&UserName=ann&Tags.member.1.Key=k&Tags.member.1.Value=v",
    "Action=UntagUser&UserName=ann&TagKeys.member.1=k",
    "Action=ListUserTags&UserName=ann&MaxItems=1",
    "Action=TagRole&RoleName=app&Tags.member.1.Key=k&Tags.member.1.Value=v",
    "Action=UntagRole&RoleName=app&TagKeys.member.1=k",
    "Action=ListRoleTags&RoleName=app&MaxItems=1",
    "Action=TagPolicy&PolicyArn=arn:aws:iam::111122223333:policy/p/read&Tags.member.1.Key=k\
     &Tags.member.1.Value=v",
    "Action=UntagPolicy&PolicyArn=arn:aws:iam::111122223333:policy/p/read&TagKeys.member.1=k",
    "Action=ListPolicyTags&PolicyArn=arn:aws:iam::111122223333:policy/p/read&MaxItems=1",
    "Action=PutUserPermissionsBoundary&UserName=ann\
     &PermissionsBoundary=arn:aws:iam::111122223333:policy/p/read",
    "Action=DeleteUserPermissionsBoundary&UserName=ann",
    "Action=PutRolePermissionsBoundary&RoleName=app\
     &PermissionsBoundary=arn:aws:iam::111122223333:policy/p/read",
    "Action=DeleteRolePermissionsBoundary&RoleName=app",
    "Action=CreateAccessKey&UserName=ann",
    "Action=ListAccessKeys&UserName=ann&MaxItems=1",
    "Action=UpdateAccessKey&UserName=ann&AccessKeyId=AKIAAAAAAAAAAAAAAAAA&Status=Inactive",
    "Action=DeleteAccessKey&UserName=ann&AccessKeyId=AKIAAAAAAAAAAAAAAAAA",
    "Action=GetAccessKeyLastUsed&AccessKeyId=AKIAAAAAAAAAAAAAAAAA",
    "Action=CreateGroup&GroupName=devs&Path=%2Fx%2F",
    "Action=GetGroup&GroupName=devs&MaxItems=1",
    "Action=ListGroups",
    "Action=UpdateGroup&GroupName=devs&NewGroupName=ops",
    "Action=DeleteGroup&GroupName=devs",
    "Action=AddUserToGroup&GroupName=devs&UserName=ann",
    "Action=RemoveUserFromGroup&GroupName=devs&UserName=ann",
    "Action=ListGroupsForUser&UserName=ann",
    "Action=CreateRole&RoleName=app&AssumeRolePolicyDocument=%7B%7D&Description=d\
     &MaxSessionDuration=3600",
    "Action=GetRole&RoleName=app",
    "Action=ListRoles",
    "Action=UpdateRole&RoleName=app&Description=d",
    "Action=UpdateRoleDescription&RoleName=app&Description=d",
    "Action=UpdateAssumeRolePolicy&RoleName=app&PolicyDocument=%7B%7D",
    "Action=DeleteRole&RoleName=app",
    "Action=PutUserPolicy&UserName=ann&PolicyName=p&PolicyDocument=%7B%7D",
    "Action=GetUserPolicy&UserName=ann&PolicyName=p",
    "Action=ListUserPolicies&UserName=ann",
    "Action=DeleteUserPolicy&UserName=ann&PolicyName=p",
    "Action=AttachUserPolicy&UserName=ann&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=DetachUserPolicy&UserName=ann&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=ListAttachedUserPolicies&UserName=ann&PathPrefix=%2F",
    "Action=PutGroupPolicy&GroupName=devs&PolicyName=p&PolicyDocument=%7B%7D",
    "Action=GetGroupPolicy&GroupName=devs&PolicyName=p",
    "Action=ListGroupPolicies&GroupName=devs",
    "Action=DeleteGroupPolicy&GroupName=devs&PolicyName=p",
    "Action=AttachGroupPolicy&GroupName=devs&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=DetachGroupPolicy&GroupName=devs&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=ListAttachedGroupPolicies&GroupName=devs&PathPrefix=%2F",
    "Action=PutRolePolicy&RoleName=app&PolicyName=p&PolicyDocument=%7B%7D",
    "Action=GetRolePolicy&RoleName=app&PolicyName=p",
    "Action=ListRolePolicies&RoleName=app",
    "Action=DeleteRolePolicy&RoleName=app&PolicyName=p",
    "Action=AttachRolePolicy&RoleName=app&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=DetachRolePolicy&RoleName=app&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=ListAttachedRolePolicies&RoleName=app&PathPrefix=%2F",
    "Action=CreatePolicy&PolicyName=read&PolicyDocument=%7B%7D&Path=%2Fp%2F",
    "Action=GetPolicy&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess",
    "Action=GetPolicy&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=ListPolicies&Scope=All&OnlyAttached=true&PolicyUsageFilter=PermissionsPolicy",
    "Action=DeletePolicy&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=CreatePolicyVersion&PolicyArn=arn:aws:iam::111122223333:policy/p/read\
     &PolicyDocument=%7B%7D&SetAsDefault=true",
    "Action=GetPolicyVersion&PolicyArn=arn:aws:iam::111122223333:policy/p/read&VersionId=v1",
    "Action=ListPolicyVersions&PolicyArn=arn:aws:iam::111122223333:policy/p/read",
    "Action=DeletePolicyVersion&PolicyArn=arn:aws:iam::111122223333:policy/p/read&VersionId=v1",
    "Action=SetDefaultPolicyVersion&PolicyArn=arn:aws:iam::111122223333:policy/p/read&VersionId=v1",
    "Action=ListEntitiesForPolicy&PolicyArn=arn:aws:iam::111122223333:policy/p/read\
     &EntityFilter=User",
    "Action=SimulatePrincipalPolicy&PolicySourceArn=arn:aws:iam::111122223333:user/ann\
     &ActionNames.member.1=kms:Sign&ContextEntries.member.1.ContextKeyName=aws:SourceIp\
     &ContextEntries.member.1.ContextKeyValues.member.1=192.0.2.1\
     &ContextEntries.member.1.ContextKeyType=ip",
    "Action=SimulateCustomPolicy&PolicyInputList.member.1=%7B%7D&ActionNames.member.1=kms:Sign",
    "Action=GetAccountSummary",
    "Action=ListAccountAliases&MaxItems=1",
    "Action=AssumeRole&RoleArn=arn:aws:iam::111122223333:role/app&RoleSessionName=s1\
     &Tags.member.1.Key=k&Tags.member.1.Value=v&TransitiveTagKeys.member.1=k\
     &PolicyArns.member.1.arn=arn:aws:iam::111122223333:policy/p/read&ExternalId=e1\
     &SourceIdentity=ann",
    "Action=GetSessionToken&DurationSeconds=900",
    "Action=GetCallerIdentity",
    "Action=GetAccessKeyInfo&AccessKeyId=AKIAAAAAAAAAAAAAAAAA",
];

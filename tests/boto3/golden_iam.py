"""The cases of the golden records of IAM, STS, CloudTrail and Trent's own operations: each done, and refused."""

import json
from datetime import datetime, timezone

import raw
from golden import Case
from people import document, statement, trusting

TAGS = [{"Key": "team", "Value": "a"}, {"Key": "empty", "Value": ""}]
READING = document(statement("kms:DescribeKey"))
NOBODY = "no-such-name"
OF_AWS = "arn:aws:iam::aws:policy/PowerUserAccess"
INLINE = "golden"


def ok(operation, make, **more):
    return Case(more.pop("service", "iam"), operation, make, **more)


def no(operation, refused, make, **more):
    return Case(more.pop("service", "iam"), operation, make, refused, **more)


def missing(operation, make, **more):
    return no(operation, "NoSuchEntity", make, **more)


def denied(operation, make, **more):
    return no(operation, "AccessDenied", make, caller="stranger", **more)


def invalid(operation, make, **more):
    return no(operation, "ValidationError", make, **more)


def user(w, **given):
    name = w.named("user")
    w.home.iam.create_user(UserName=name, **given)
    return {"UserName": name}


def group(w):
    name = w.named("group")
    w.home.iam.create_group(GroupName=name)
    return {"GroupName": name}


def role(w, **given):
    name = w.named("role")
    made = w.home.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(w), **given)["Role"]
    w.names.give(made["RoleId"], "id of role")
    return {"RoleName": name}


def policy(w, **given):
    name = w.named("policy")
    return {"PolicyArn": w.home.iam.create_policy(PolicyName=name, PolicyDocument=READING, **given)["Policy"]["Arn"]}


def unknown_policy(w):
    return {"PolicyArn": f"arn:aws:iam::{w.home.id}:policy/{NOBODY}"}


def trust(w):
    return document(trusting(w.user.arn, actions=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]))


def access_key(w):
    named = user(w)
    made = w.home.iam.create_access_key(**named)["AccessKey"]
    w.secrets.append(("SecretAccessKey", made["SecretAccessKey"].encode()))
    w.names.give(made["AccessKeyId"], "access key")
    return named | {"AccessKeyId": made["AccessKeyId"]}


def member(w):
    named = user(w) | group(w)
    w.home.iam.add_user_to_group(**named)
    return named


def two_versions(w):
    named = policy(w)
    w.home.iam.create_policy_version(**named, PolicyDocument=READING)
    return named


MAKE = {"User": user, "Group": group, "Role": role}


def on_each(kinds, operation, given, prepare=None):
    """Cases of an operation that there is for several kinds: with one that is there, and with one that is not."""
    cases = []
    for kind in kinds:
        name = operation.replace("*", kind)

        def there(w, kind=kind):
            named = MAKE[kind](w)
            return named | given(w, kind, named)

        def gone(w, kind=kind):
            named = {f"{kind}Name": NOBODY}
            return named | given(w, kind, named)

        def prepared(w, kind=kind):
            named = MAKE[kind](w)
            prepare(w, kind, named)
            return named | given(w, kind, named)

        cases += [ok(name, prepared if prepare else there), missing(name, gone)]
    return cases


def method(w, operation, kind):
    return getattr(w.home.iam, operation.replace("*", kind.lower()))


def put(w, kind, named):
    method(w, "put_*_policy", kind)(**named, PolicyName=INLINE, PolicyDocument=READING)


def attach(w, kind, named):
    attached = policy(w)
    w.attached = attached
    method(w, "attach_*_policy", kind)(**named, **attached)


def bounded(w, kind, named):
    method(w, "put_*_permissions_boundary", kind)(**named, PermissionsBoundary=OF_AWS)


def nothing(w, kind, named):
    return {}


ALL = ["User", "Group", "Role"]
TAGGED = ["User", "Role"]


def own(operation, make, refused=None, **more):
    """A case of one of Trent's own operations, as botocore would answer it."""

    def call(w, caller, given):
        body = json.dumps(given).encode()
        key_id, secret = caller.credentials
        agent = [("User-Agent", "golden")]
        sent = raw.send(w.stack, raw.signed(w.stack, body, f"Trent.{operation}", secret=secret, key_id=key_id, headers=agent), body)
        if sent.status != 200:
            raise raw.refusal(sent)
        return {"ResponseMetadata": {"RequestId": sent.headers["x-amzn-requestid"]}}

    return Case("trent", operation, make, refused, call=call, **more)


def own_denied(operation, make):
    return own(operation, make, "AccessDeniedException", caller="stranger")


DENIED_REQUEST = "1d274d57-5697-462c-a004-f25fcc29fa26"
THIS_HOUR = {"StartTime": 1_796_000_000, "EndTime": 1_796_003_600, "Granularity": "HOURLY"}

OWN = [
    own("Explain", lambda w: {"KeyId": w.symmetric.id, "RequestId": DENIED_REQUEST}),
    own("Explain", lambda w: {"KeyId": w.symmetric.id, "RequestId": "none"}, "ValidationException"),
    own_denied("Explain", lambda w: {"KeyId": w.symmetric.id, "RequestId": DENIED_REQUEST}),
    own("TailEvents", lambda w: {"WaitSeconds": 0, "MaxResults": 5, "EventName": "Encrypt", "ErrorCode": "AccessDenied", "AllRegions": True}),
    own("TailEvents", lambda w: {"WaitSeconds": 0, "StartAfterEventId": "00000000-0000-7000-8000-000000000000"}, "NotFoundException"),
    own_denied("TailEvents", lambda w: {"WaitSeconds": 0}),
    own("GetUsage", lambda w: THIS_HOUR | {
        "GroupBy": ["KEY", "TAG:team"], "MaxResults": 10,
        "Filter": {"KeyId": w.symmetric.arn, "Operation": "Encrypt", "ErrorCode": "AccessDenied", "Region": "us-east-1",
                   "Principal": w.user.arn, "Tag": {"Key": "team", "Value": "a"}}}),
    own("GetUsage", lambda w: THIS_HOUR | {"Granularity": "WEEKLY"}, "ValidationException"),
    own_denied("GetUsage", lambda w: THIS_HOUR),
    own("GetCostReport", lambda w: {"Month": "2026-10", "Granularity": "DAILY", "GroupBy": ["TAG:team"], "Format": "CSV"}),
    own("GetCostReport", lambda w: {"Month": "October"}, "ValidationException"),
    own_denied("GetCostReport", lambda w: {"Month": "2026-10"}),
    own("ListQuotas", lambda w: {}),
    own_denied("ListQuotas", lambda w: {}),
]  # fmt: skip

NOON, ONE = datetime(2026, 11, 30, 12, tzinfo=timezone.utc), datetime(2026, 11, 30, 13, 30, 5, tzinfo=timezone.utc)


def trail(operation, make, refused=None, **more):
    return Case("cloudtrail", operation, make, refused, **more)


TRAIL = [
    trail("LookupEvents", lambda w: {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "Encrypt"}], "StartTime": NOON, "EndTime": ONE, "MaxResults": 1}),
    trail("LookupEvents", lambda w: {"StartTime": ONE, "EndTime": NOON}, "InvalidTimeRangeException"),
    trail("LookupEvents", lambda w: {"MaxResults": 1}, "AccessDeniedException", caller="stranger"),
    trail("ListPublicKeys", lambda w: {"StartTime": NOON, "EndTime": ONE}),
    trail("ListPublicKeys", lambda w: {"StartTime": ONE, "EndTime": NOON}, "InvalidTimeRangeException"),
    trail("ListPublicKeys", lambda w: {}, "AccessDeniedException", caller="stranger"),
]  # fmt: skip

STS = [
    ok("AssumeRole", lambda w: {"RoleArn": role_arn(w, role(w)), "RoleSessionName": "golden"}, service="sts"),
    ok("AssumeRole", lambda w: {
        "RoleArn": role_arn(w, role(w)), "RoleSessionName": "golden", "DurationSeconds": 900, "Tags": TAGS, "TransitiveTagKeys": ["team"],
        "ExternalId": "external", "SourceIdentity": "ann", "Policy": READING, "PolicyArns": [{"arn": OF_AWS}],
    }, service="sts", name="with everything"),
    denied("AssumeRole", lambda w: {"RoleArn": role_arn(w, role(w)), "RoleSessionName": "golden"}, service="sts"),
    invalid("AssumeRole", lambda w: {"RoleArn": "arn:aws:iam::000000000000:nothing", "RoleSessionName": "golden"}, service="sts"),
    ok("GetAccessKeyInfo", lambda w: {"AccessKeyId": w.user.credentials[0]}, service="sts"),
    invalid("GetAccessKeyInfo", lambda w: {"AccessKeyId": "AKIANOSUCHACCESSKEY0"}, service="sts"),
    ok("GetCallerIdentity", lambda w: {}, service="sts"),
    no("GetCallerIdentity", "SignatureDoesNotMatch", lambda w: {}, service="sts", caller="forger"),
    ok("GetSessionToken", lambda w: {"DurationSeconds": 900}, service="sts"),
    invalid("GetSessionToken", lambda w: {"DurationSeconds": 129601}, service="sts"),
]  # fmt: skip


def role_arn(w, named):
    return f"arn:aws:iam::{w.home.id}:role/{named['RoleName']}"


IAM = [
    ok("CreateUser", lambda w: {"UserName": w.named("user")}),
    ok("CreateUser", lambda w: {"UserName": w.named("user"), "Path": "/team/", "PermissionsBoundary": OF_AWS, "Tags": TAGS},
       name="with everything"),
    no("CreateUser", "EntityAlreadyExists", user),
    denied("CreateUser", lambda w: {"UserName": w.named("user")}),
    ok("DeleteUser", user),
    no("DeleteUser", "DeleteConflict", lambda w: {"UserName": access_key(w)["UserName"]}),
    ok("GetUser", user),
    ok("GetUser", lambda w: {}, name="of the caller"),
    missing("GetUser", lambda w: {"UserName": NOBODY}),
    ok("ListUsers", lambda w: {"PathPrefix": "/", "MaxItems": 1}),
    denied("ListUsers", lambda w: {}),
    ok("UpdateUser", lambda w: user(w) | {"NewUserName": w.named("new user"), "NewPath": "/team/"}),
    missing("UpdateUser", lambda w: {"UserName": NOBODY, "NewPath": "/team/"}),
    ok("CreateAccessKey", user),
    missing("CreateAccessKey", lambda w: {"UserName": NOBODY}),
    ok("DeleteAccessKey", access_key),
    missing("DeleteAccessKey", lambda w: user(w) | {"AccessKeyId": "AKIANOSUCHACCESSKEY0"}),
    ok("GetAccessKeyLastUsed", lambda w: {"AccessKeyId": access_key(w)["AccessKeyId"]}),
    no("GetAccessKeyLastUsed", "AccessDenied", lambda w: {"AccessKeyId": access_key(w)["AccessKeyId"]}, caller="stranger"),
    ok("ListAccessKeys", lambda w: {"UserName": access_key(w)["UserName"]}),
    missing("ListAccessKeys", lambda w: {"UserName": NOBODY}),
    ok("UpdateAccessKey", lambda w: access_key(w) | {"Status": "Inactive"}),
    missing("UpdateAccessKey", lambda w: user(w) | {"AccessKeyId": "AKIANOSUCHACCESSKEY0", "Status": "Inactive"}),
    ok("AddUserToGroup", lambda w: user(w) | group(w)),
    missing("AddUserToGroup", lambda w: user(w) | {"GroupName": NOBODY}),
    ok("CreateGroup", lambda w: {"GroupName": w.named("group"), "Path": "/team/"}),
    invalid("CreateGroup", lambda w: {"GroupName": "not a name"}),
    ok("DeleteGroup", group),
    no("DeleteGroup", "DeleteConflict", lambda w: {"GroupName": member(w)["GroupName"]}),
    ok("GetGroup", lambda w: {"GroupName": member(w)["GroupName"], "MaxItems": 10}),
    missing("GetGroup", lambda w: {"GroupName": NOBODY}),
    ok("ListGroups", lambda w: {}),
    denied("ListGroups", lambda w: {"PathPrefix": "/team/"}),
    ok("ListGroupsForUser", lambda w: {"UserName": member(w)["UserName"]}),
    missing("ListGroupsForUser", lambda w: {"UserName": NOBODY}),
    ok("RemoveUserFromGroup", member),
    missing("RemoveUserFromGroup", lambda w: {"GroupName": NOBODY, "UserName": NOBODY}),
    ok("UpdateGroup", lambda w: group(w) | {"NewGroupName": w.named("new group")}),
    missing("UpdateGroup", lambda w: {"GroupName": NOBODY, "NewPath": "/team/"}),
    ok("CreateRole", lambda w: {"RoleName": w.named("role"), "AssumeRolePolicyDocument": trust(w)}),
    ok("CreateRole", lambda w: {
        "RoleName": w.named("role"), "AssumeRolePolicyDocument": trust(w), "Path": "/team/", "Description": "golden",
        "MaxSessionDuration": 7200, "PermissionsBoundary": OF_AWS, "Tags": TAGS}, name="with everything"),
    no("CreateRole", "MalformedPolicyDocument", lambda w: {"RoleName": w.named("role"), "AssumeRolePolicyDocument": "{}"}),
    ok("DeleteRole", role),
    missing("DeleteRole", lambda w: {"RoleName": NOBODY}),
    ok("GetRole", role),
    missing("GetRole", lambda w: {"RoleName": NOBODY}),
    ok("ListRoles", lambda w: {"MaxItems": 1}),
    denied("ListRoles", lambda w: {}),
    ok("UpdateAssumeRolePolicy", lambda w: role(w) | {"PolicyDocument": trust(w)}),
    no("UpdateAssumeRolePolicy", "MalformedPolicyDocument", lambda w: role(w) | {"PolicyDocument": "{}"}),
    ok("UpdateRole", lambda w: role(w) | {"Description": "another", "MaxSessionDuration": 3601}),
    invalid("UpdateRole", lambda w: role(w) | {"MaxSessionDuration": 43201}),
    ok("UpdateRoleDescription", lambda w: role(w) | {"Description": "another"}),
    missing("UpdateRoleDescription", lambda w: {"RoleName": NOBODY, "Description": "another"}),
    ok("CreatePolicy", lambda w: {"PolicyName": w.named("policy"), "PolicyDocument": READING}),
    ok("CreatePolicy", lambda w: {
        "PolicyName": w.named("policy"), "PolicyDocument": READING, "Path": "/team/", "Description": "golden", "Tags": TAGS},
       name="with everything"),
    no("CreatePolicy", "MalformedPolicyDocument", lambda w: {"PolicyName": w.named("policy"), "PolicyDocument": "{}"}),
    ok("DeletePolicy", policy),
    missing("DeletePolicy", unknown_policy),
    ok("GetPolicy", policy),
    missing("GetPolicy", unknown_policy),
    ok("ListEntitiesForPolicy", lambda w: policy(w) | {"EntityFilter": "User", "PathPrefix": "/", "PolicyUsageFilter": "PermissionsPolicy"}),
    missing("ListEntitiesForPolicy", unknown_policy),
    ok("ListPolicies", lambda w: {"Scope": "Local", "OnlyAttached": True, "PathPrefix": "/", "MaxItems": 1}),
    denied("ListPolicies", lambda w: {}),
    ok("CreatePolicyVersion", lambda w: policy(w) | {"PolicyDocument": READING, "SetAsDefault": True}),
    missing("CreatePolicyVersion", lambda w: unknown_policy(w) | {"PolicyDocument": READING}),
    ok("DeletePolicyVersion", lambda w: two_versions(w) | {"VersionId": "v2"}),
    no("DeletePolicyVersion", "DeleteConflict", lambda w: policy(w) | {"VersionId": "v1"}),
    ok("GetPolicyVersion", lambda w: policy(w) | {"VersionId": "v1"}),
    missing("GetPolicyVersion", lambda w: policy(w) | {"VersionId": "v7"}),
    ok("ListPolicyVersions", policy),
    missing("ListPolicyVersions", unknown_policy),
    ok("SetDefaultPolicyVersion", lambda w: two_versions(w) | {"VersionId": "v2"}),
    missing("SetDefaultPolicyVersion", lambda w: policy(w) | {"VersionId": "v7"}),
    *on_each(ALL, "Put*Policy", lambda w, kind, named: {"PolicyName": INLINE, "PolicyDocument": READING}),
    *on_each(ALL, "Get*Policy", lambda w, kind, named: {"PolicyName": INLINE}, put),
    *on_each(ALL, "List*Policies", nothing, put),
    *on_each(ALL, "Delete*Policy", lambda w, kind, named: {"PolicyName": INLINE}, put),
    *on_each(ALL, "Attach*Policy", lambda w, kind, named: policy(w)),
    *on_each(ALL, "ListAttached*Policies", lambda w, kind, named: {"PathPrefix": "/"}, attach),
    *on_each(ALL, "Detach*Policy", lambda w, kind, named: w.attached, attach),
    *on_each(TAGGED, "Put*PermissionsBoundary", lambda w, kind, named: {"PermissionsBoundary": OF_AWS}),
    *on_each(TAGGED, "Delete*PermissionsBoundary", nothing, bounded),
    *on_each(TAGGED, "Tag*", lambda w, kind, named: {"Tags": TAGS}),
    *on_each(TAGGED, "List*Tags", nothing),
    *on_each(TAGGED, "Untag*", lambda w, kind, named: {"TagKeys": ["team"]}),
    ok("TagPolicy", lambda w: policy(w) | {"Tags": TAGS}),
    missing("TagPolicy", lambda w: unknown_policy(w) | {"Tags": TAGS}),
    ok("ListPolicyTags", lambda w: policy(w, Tags=TAGS) | {"MaxItems": 1}),
    missing("ListPolicyTags", unknown_policy),
    ok("UntagPolicy", lambda w: policy(w, Tags=TAGS) | {"TagKeys": ["team"]}),
    no("UntagPolicy", "InvalidInput", lambda w: policy(w) | {"TagKeys": ["aws:mine"]}),
    ok("SimulateCustomPolicy", lambda w: {
        "PolicyInputList": [READING], "ActionNames": ["kms:DescribeKey"], "ResourceArns": [w.symmetric.arn], "CallerArn": w.user.arn,
        "ContextEntries": [{"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["192.0.2.1"], "ContextKeyType": "ip"}]}),
    no("SimulateCustomPolicy", "InvalidInput", lambda w: {"PolicyInputList": [READING], "ActionNames": ["kms:*"]}),
    ok("SimulatePrincipalPolicy", lambda w: {"PolicySourceArn": w.stranger.arn, "ActionNames": ["kms:DescribeKey"]}),
    missing("SimulatePrincipalPolicy", lambda w: {
        "PolicySourceArn": f"arn:aws:iam::{w.home.id}:user/{NOBODY}", "ActionNames": ["kms:DescribeKey"]}),
    ok("GetAccountSummary", lambda w: {}),
    denied("GetAccountSummary", lambda w: {}),
    ok("ListAccountAliases", lambda w: {"MaxItems": 10}),
    denied("ListAccountAliases", lambda w: {}),
]  # fmt: skip


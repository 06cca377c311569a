"""Identity policies on keys: inline, managed, of groups; boundaries; denials; what only they can give."""

import pytest
from people import denied_because, denied_in, document, new_name, of_key, statement, trusting

LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."


def encrypt(caller, key):
    return caller.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def data_key(caller, key):
    return caller.kms.generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")


@pytest.fixture
def user(home):
    return home.user()


@pytest.fixture
def group(home, user):
    """A new group with the user in it: its name."""
    name = new_name("group")
    home.iam.create_group(GroupName=name)
    home.iam.add_user_to_group(GroupName=name, UserName=user.name)
    return name


def test_an_inline_policy(home, key, user, refused):
    user.may(statement("kms:Encrypt", key["Arn"]))
    encrypt(user, key)
    with refused("AccessDeniedException", ending=denied_because("kms:GenerateDataKey", "identity-based policy")):
        data_key(user, key)
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "identity-based policy")):
        encrypt(user, home.key())
    user.may(statement("kms:GenerateDataKey", key["Arn"]), name="second")
    encrypt(user, key)
    data_key(user, key)
    home.iam.delete_user_policy(UserName=user.name, PolicyName="test")
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "identity-based policy")):
        encrypt(user, key)
    data_key(user, key)


def test_a_managed_policy_and_its_versions(home, key, user, refused):
    arn = home.policy(statement("kms:Encrypt"))
    encrypting = {"PolicyArn": arn}
    home.iam.attach_user_policy(UserName=user.name, **encrypting)
    encrypt(user, key)
    made = home.iam.create_policy_version(PolicyDocument=document(statement("kms:GenerateDataKey")), **encrypting)
    assert made["PolicyVersion"]["VersionId"] == "v2" and not made["PolicyVersion"]["IsDefaultVersion"]
    encrypt(user, key)
    home.iam.set_default_policy_version(VersionId="v2", **encrypting)
    data_key(user, key)
    with refused("AccessDeniedException"):
        encrypt(user, key)
    home.iam.create_policy_version(PolicyDocument=document(statement("kms:Encrypt")), SetAsDefault=True, **encrypting)
    encrypt(user, key)
    home.iam.detach_user_policy(UserName=user.name, **encrypting)
    with refused("AccessDeniedException"):
        encrypt(user, key)


def test_a_policy_of_a_group(home, key, user, group, refused):
    home.iam.put_group_policy(GroupName=group, PolicyName="test", PolicyDocument=document(statement("kms:Encrypt")))
    home.iam.attach_group_policy(GroupName=group, PolicyArn=home.policy(statement("kms:GenerateDataKey")))
    encrypt(user, key)
    data_key(user, key)
    other = home.user()
    with refused("AccessDeniedException"):
        encrypt(other, key)
    home.iam.add_user_to_group(GroupName=group, UserName=other.name)
    encrypt(other, key)
    home.iam.remove_user_from_group(GroupName=group, UserName=user.name)
    for call in (encrypt, data_key):
        with refused("AccessDeniedException"):
            call(user, key)
    home.iam.put_group_policy(
        GroupName=group, PolicyName="test", PolicyDocument=document(statement("kms:*", effect="Deny"))
    )
    with refused("AccessDeniedException", ending=denied_in("identity-based policy")):
        data_key(other, key)


def test_aws_managed_policies(home, key, user, refused):
    power = "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser"
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    home.iam.attach_user_policy(UserName=user.name, PolicyArn=power)
    user.kms.describe_key(KeyId=key["KeyId"])
    user.kms.list_keys(Limit=1)
    user.kms.create_key()
    with refused("AccessDeniedException"):
        user.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    home.iam.attach_user_policy(UserName=user.name, PolicyArn=administrator)
    encrypt(user, key)
    user.iam.list_users(MaxItems=1)
    for arn in (power, administrator):
        home.iam.detach_user_policy(UserName=user.name, PolicyArn=arn)
    with refused("AccessDeniedException"):
        encrypt(user, key)


@pytest.mark.parametrize("where", ["inline", "managed", "group", "boundary", "key policy"])
def test_an_explicit_deny_anywhere_wins(home, user, group, refused, where):
    key = home.key(of_key(user.arn, "kms:*"))
    user.may(statement("kms:*"))
    encrypt(user, key)
    deny = document(statement("kms:*"), statement("kms:Encrypt", key["Arn"], "Deny"))
    kind = "identity-based policy"
    if where == "inline":
        home.iam.put_user_policy(UserName=user.name, PolicyName="deny", PolicyDocument=deny)
    elif where == "managed":
        arn = home.iam.create_policy(PolicyName=new_name("policy"), PolicyDocument=deny)["Policy"]["Arn"]
        home.iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    elif where == "group":
        home.iam.put_group_policy(GroupName=group, PolicyName="deny", PolicyDocument=deny)
    elif where == "boundary":
        arn = home.iam.create_policy(PolicyName=new_name("policy"), PolicyDocument=deny)["Policy"]["Arn"]
        home.iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=arn)
        kind = "permissions boundary"
    else:
        home.put(key, home.everything, of_key(user.arn, "kms:*"), of_key(user.arn, "kms:Encrypt", "Deny"))
        kind = "resource-based policy"
    with refused("AccessDeniedException") as error:
        encrypt(user, key)
    assert denied_in(kind) in error.text
    data_key(user, key)


def test_a_boundary_limits_identity_policies_but_not_what_a_key_policy_gives_a_user(home, key, user, refused):
    arn = home.policy(statement(["kms:Encrypt", "kms:DescribeKey"]))
    home.iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=arn)
    with refused("AccessDeniedException", ending=denied_because("kms:Encrypt", "identity-based policy")):
        encrypt(user, key)
    user.may(statement("kms:*"))
    encrypt(user, key)
    with refused("AccessDeniedException", ending=denied_because("kms:GenerateDataKey", "permissions boundary")):
        data_key(user, key)
    with refused("AccessDeniedException"):
        user.kms.create_key()
    home.put(key, home.everything, of_key(user.arn, "kms:GenerateDataKey"))
    data_key(user, key)
    home.iam.delete_user_permissions_boundary(UserName=user.name)
    home.put(key, home.everything)
    data_key(user, key)
    user.kms.create_key()


def test_a_boundary_limits_what_a_key_policy_gives_a_role_but_not_its_session(home, user, refused):
    boundary = home.policy(statement("kms:Encrypt"))
    role = home.role(trusting(user.arn), PermissionsBoundary=boundary)
    session = user.assume(role, "bound")
    key = home.key(of_key(role.arn, ["kms:Encrypt", "kms:GenerateDataKey"]), of_key(session.arn, "kms:DescribeKey"))
    encrypt(session, key)
    with refused("AccessDeniedException", ending=denied_because("kms:GenerateDataKey", "permissions boundary")):
        data_key(session, key)
    session.kms.describe_key(KeyId=key["Arn"])
    home.iam.delete_role_permissions_boundary(RoleName=role.name)
    data_key(session, key)
    home.iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=boundary)
    with refused("AccessDeniedException"):
        data_key(session, key)


def test_operations_on_every_resource_are_iams_alone(home, user, refused):
    key = home.key(of_key(user.arn, "kms:*"))
    calls = {
        "kms:CreateKey": lambda: user.kms.create_key(),
        "kms:ListKeys": lambda: user.kms.list_keys(Limit=1),
        "kms:ListAliases": lambda: user.kms.list_aliases(Limit=1),
        "kms:GenerateRandom": lambda: user.kms.generate_random(NumberOfBytes=1),
    }
    for action, call in calls.items():
        user.may(statement("kms:*", key["Arn"]))
        with refused("AccessDeniedException", ending=denied_because(action, "identity-based policy")) as error:
            call()
        assert f"{action} on resource: * " in error.text
        user.may(statement(action))
        call()
        user.may(statement(action), statement(action, effect="Deny"))
        with refused("AccessDeniedException", ending=denied_in("identity-based policy")):
            call()


def test_retirable_grants_are_listed_by_the_retiring_principals_arn(home, user, refused):
    user.may(statement("kms:ListRetirableGrants", user.arn))
    user.kms.list_retirable_grants(RetiringPrincipal=user.arn)
    with refused("AccessDeniedException"):
        user.kms.list_retirable_grants(RetiringPrincipal=home.user().arn)


def test_the_actions_are_matched_without_regard_to_case(home, key, user, refused):
    user.may(statement("KMS:en?RYPT", key["Arn"]))
    encrypt(user, key)
    user.may(statement("kms:en?rypt", key["Arn"].replace(key["KeyId"], key["KeyId"].upper())))
    with refused("AccessDeniedException"):
        encrypt(user, key)


def test_not_action_and_not_resource(home, key, user, refused):
    other = home.key()
    user.may({"Effect": "Allow", "NotAction": ["kms:GenerateDataKey", "iam:*"], "NotResource": other["Arn"]})
    encrypt(user, key)
    for call in (lambda: data_key(user, key), lambda: encrypt(user, other)):
        with refused("AccessDeniedException"):
            call()


def test_not_principal(home, refused):
    user, other = home.user(), home.user()
    deny = {"Effect": "Deny", "NotPrincipal": {"AWS": [user.arn, home.arn]}, "Action": "kms:Encrypt", "Resource": "*"}
    key = home.key(of_key([user.arn, other.arn], "kms:Encrypt"), deny)
    encrypt(user, key)
    with refused("AccessDeniedException", ending=denied_in("resource-based policy")):
        encrypt(other, key)


def test_a_resource_never_names_a_key_by_its_alias(home, key, user, alias, refused):
    home.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    user.may(statement("kms:Encrypt", key["Arn"].split(":key/")[0] + ":" + alias))
    for name in (alias, key["Arn"]):
        with refused("AccessDeniedException"):
            user.kms.encrypt(KeyId=name, Plaintext=b"x")


def test_lockout_check_with_identity_policies(home, user, refused):
    key = home.key(of_key(user.arn, "kms:PutKeyPolicy"))
    delegating, other = document(home.everything), document(of_key(home.user().arn, "kms:*"))
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        user.kms.put_key_policy(KeyId=key["KeyId"], Policy=delegating)
    user.may(statement("kms:PutKeyPolicy", key["Arn"]))
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        user.kms.put_key_policy(KeyId=key["KeyId"], Policy=other)
    user.kms.put_key_policy(KeyId=key["KeyId"], Policy=delegating)
    user.kms.put_key_policy(KeyId=key["KeyId"], Policy=other, BypassPolicyLockoutSafetyCheck=True)
    with refused("AccessDeniedException"):
        home.kms.get_key_policy(KeyId=key["KeyId"])


def test_principals_of_key_policies_must_exist(home, abroad, key, refused):
    message = "Policy contains a statement with one or more invalid principals."
    before = home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    group = new_name("group")
    home.iam.create_group(GroupName=group)
    user = home.user(Path="/team/")
    for principal in (
        f"arn:aws:iam::{home.id}:user/nobody-here",
        f"arn:aws:iam::{home.id}:user/{user.name}",
        f"arn:aws:iam::{home.id}:role/{user.name}",
        f"arn:aws:iam::{home.id}:group/{group}",
        f"arn:aws:iam::{home.id}:user/team/*",
        f"arn:aws:iam::{home.id}:user/team/{user.name.upper()}",
        f"arn:aws:iam::{abroad.id}:user/team/{user.name}",
        f"arn:aws:sts::{home.id}:assumed-role/nobody/session",
        "AIDAAAAAAAAAAAAAAAAAA",
        "nobody",
        "arn:aws:iam::123:root",
    ):
        for policy in (
            document(home.everything, of_key(principal, "kms:*")),
            document(home.everything, of_key([user.arn, principal], "kms:*", effect="Deny")),
        ):
            with refused("MalformedPolicyDocumentException", message):
                home.kms.put_key_policy(KeyId=key["KeyId"], Policy=policy)
    assert home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"] == before
    for principal in (user.arn, abroad.user().arn, abroad.id):
        home.put(key, home.everything, of_key(principal, "kms:*"))


@pytest.mark.parametrize("kind", ["user", "role"])
def test_a_deleted_principal_leaves_its_unique_id_and_its_successor_has_no_access(home, user, refused, kind):
    name = new_name(kind)
    make = {"user": lambda: home.user(UserName=name), "role": lambda: home.role(trusting(user.arn), RoleName=name)}[kind]
    caller = lambda made: user.assume(made) if kind == "role" else made  # noqa: E731
    made = make()
    key = home.key(of_key(made.arn, "kms:Encrypt"))
    encrypt(caller(made), key)
    assert made.arn in home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    if kind == "user":
        unique = home.iam.get_user(UserName=name)["User"]["UserId"]
        home.iam.delete_access_key(UserName=name, AccessKeyId=made.credentials[0])
        home.iam.delete_user(UserName=name)
    else:
        unique = made.id
        home.iam.delete_role(RoleName=name)
    text = home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    assert unique in text and made.arn not in text
    again = make()
    assert again.arn == made.arn
    with refused("AccessDeniedException"):
        encrypt(caller(again), key)
    assert made.arn not in home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"]
    with refused("MalformedPolicyDocumentException"):
        home.kms.put_key_policy(KeyId=key["KeyId"], Policy=text)
    home.put(key, home.everything, of_key(again.arn, "kms:Encrypt"))
    encrypt(caller(again), key)


def test_a_renamed_user_keeps_its_access(home, refused):
    user = home.user()
    key, renamed = home.key(of_key(user.arn, "kms:Encrypt")), new_name("renamed")
    home.iam.update_user(UserName=user.name, NewUserName=renamed, NewPath="/new/")
    encrypt(user, key)
    arn = f"arn:aws:iam::{home.id}:user/new/{renamed}"
    assert user.sts.get_caller_identity()["Arn"] == arn
    assert arn in home.kms.get_key_policy(KeyId=key["KeyId"])["Policy"]


def test_denials_in_iam_itself(home, user, refused):
    with refused("AccessDenied") as error:
        user.iam.create_user(UserName="mine")
    assert error.text == (
        f"User: {user.arn} is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::{home.id}:user/mine "
        "because no identity-based policy allows the iam:CreateUser action"
    )
    user.may(statement("iam:GetUser", f"arn:aws:iam::{home.id}:user/${{aws:username}}"))
    assert user.iam.get_user()["User"]["UserName"] == user.iam.get_user(UserName=user.name)["User"]["UserName"]
    with refused("AccessDenied"):
        user.iam.get_user(UserName=home.user().name)

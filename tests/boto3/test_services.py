"""Service principals: calls on behalf of somebody and for themselves, and what only they may send."""

import pytest
from botocore.awsrequest import AWSPreparedRequest
from people import denied_in, document, of_key, statement, trusting, with_headers

VIA_S3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
FOR_RESOURCES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.fixture
def s3(service):
    return service("s3")


@pytest.fixture
def user(home):
    return home.user()


def encrypt(kms, key):
    return kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def bucket(account, name="photos"):
    """A resource of S3's in an account, as a full ARN."""
    return f"arn:aws:s3:us-east-1:{account.id}:bucket/{name}"


def test_services_are_made_listed_and_deleted(stack, home, key, refused):
    (made,) = stack.said("service", "create", "glue.amazonaws.com")
    assert made["service"] == "glue.amazonaws.com"
    home.put(key, home.everything, of_key({"Service": "glue.amazonaws.com"}, "kms:Encrypt"))
    kms = stack.client("kms", credentials=(made["accessKeyId"], made["secretAccessKey"]))
    kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert "glue.amazonaws.com" in [one["service"] for one in stack.said("service", "list")]
    assert made["secretAccessKey"] not in stack.trent("service", "list").stdout
    done = stack.trent("service", "delete", "glue")
    assert done.returncode == 0, done.stderr
    assert "glue.amazonaws.com" not in [one["service"] for one in stack.said("service", "list")]
    with refused("UnrecognizedClientException"):
        kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    for nonsense in (["delete", "glue"], ["create", "not a service"], ["create", ""]):
        done = stack.trent("service", *nonsense)
        assert done.returncode != 0 and done.stderr


def test_a_service_acts_with_the_rights_of_the_one_it_calls_for(key, user, s3, refused):
    kms = s3.on_behalf_of(user)
    with refused("AccessDeniedException") as error:
        encrypt(kms, key)
    assert error.text.startswith(f"User: {user.arn} is not authorized to perform: kms:Encrypt ")
    user.may(statement("kms:Encrypt", key["Arn"]))
    sealed = encrypt(kms, key)["CiphertextBlob"]
    with refused("AccessDeniedException"):
        kms.decrypt(CiphertextBlob=sealed)
    user.may(statement("kms:*", effect="Deny"))
    with refused("AccessDeniedException", ending=denied_in("identity-based policy")):
        encrypt(kms, key)


def test_a_service_calls_for_root_users_sessions_and_other_accounts(home, abroad, key, user, s3, refused):
    encrypt(s3.on_behalf_of(home), key)
    session = user.assume(home.role(trusting(user.arn), statement("kms:Encrypt", condition=VIA_S3)))
    encrypt(s3.on_behalf_of(session), key)
    with refused("AccessDeniedException"):
        encrypt(session.kms, key)
    foreigner = abroad.user(statement("kms:Encrypt"))
    with refused("AccessDeniedException"):
        encrypt(s3.on_behalf_of(foreigner), key)
    home.put(key, home.everything, of_key(abroad.arn, "kms:Encrypt", condition=VIA_S3))
    encrypt(s3.on_behalf_of(foreigner), key)
    with refused("AccessDeniedException"):
        encrypt(foreigner.kms, key)


@pytest.mark.parametrize("where", ["identity policy", "key policy"])
def test_via_service(home, key, user, s3, service, refused, where):
    if where == "identity policy":
        user.may(statement("kms:Encrypt", condition=VIA_S3))
    else:
        home.put(key, home.everything, of_key(user.arn, "kms:Encrypt", condition=VIA_S3))
    encrypt(s3.on_behalf_of(user), key)
    for kms in (user.kms, service("rds").on_behalf_of(user)):
        with refused("AccessDeniedException"):
            encrypt(kms, key)


def test_via_service_names_the_region(home, user, s3, refused):
    user.may(statement("kms:*", condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}))
    there, here = home.key(region="eu-west-1"), home.key()
    encrypt(s3.on_behalf_of(user, "eu-west-1"), there)
    with refused("AccessDeniedException"):
        encrypt(s3.on_behalf_of(user), here)


def test_only_directly(key, user, s3, refused):
    for condition in ({"Null": {"kms:ViaService": "true"}}, {"Bool": {"aws:ViaAWSService": "false"}}):
        user.may(statement("kms:Encrypt", condition=condition))
        encrypt(user.kms, key)
        with refused("AccessDeniedException"):
            encrypt(s3.on_behalf_of(user), key)


def test_called_via(key, user, s3, service, refused):
    user.may(statement("kms:Encrypt", condition={"ForAnyValue:StringEquals": {"aws:CalledVia": "s3.amazonaws.com"}}))
    encrypt(s3.on_behalf_of(user), key)
    for kms in (user.kms, service("rds").on_behalf_of(user)):
        with refused("AccessDeniedException"):
            encrypt(kms, key)


def test_a_grant_for_an_aws_resource(home, key, user, s3, refused):
    grants = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    wanted = {"KeyId": key["Arn"], "GranteePrincipal": user.arn, "Operations": ["Decrypt"]}
    for place in ("identity", "key"):
        if place == "identity":
            user.may(statement(grants, condition=FOR_RESOURCES))
        else:
            home.iam.delete_user_policy(UserName=user.name, PolicyName="test")
            home.put(key, home.everything, of_key(user.arn, grants, condition=FOR_RESOURCES))
        with refused("AccessDeniedException"):
            user.kms.create_grant(**wanted)
        with refused("AccessDeniedException"):
            user.kms.list_grants(KeyId=key["Arn"])
        made = s3.on_behalf_of(user).create_grant(**wanted)["GrantId"]
        assert made in [one["GrantId"] for one in s3.on_behalf_of(user).list_grants(KeyId=key["Arn"])["Grants"]]
        with refused("AccessDeniedException"):
            user.kms.revoke_grant(KeyId=key["Arn"], GrantId=made)
        s3.on_behalf_of(user).revoke_grant(KeyId=key["Arn"], GrantId=made)


def test_a_key_policy_lets_a_service_call_for_itself(home, abroad, s3, service, refused):
    source = {"StringEquals": {"aws:SourceAccount": home.id}, "ArnLike": {"aws:SourceArn": bucket(home, "photos*")}}
    key = home.key(of_key({"Service": "s3.amazonaws.com"}, "kms:Encrypt", condition=source))
    right = {"source_arn": bucket(home), "source_account": home.id}
    encrypt(s3.client("kms", **right), key)
    for wrong in (
        {},
        {"source_arn": bucket(home)},
        {"source_account": home.id},
        right | {"source_arn": bucket(home, "texts")},
        right | {"source_account": abroad.id},
    ):
        with refused("AccessDeniedException"):
            encrypt(s3.client("kms", **wrong), key)
    with refused("AccessDeniedException"):
        encrypt(service("rds").client("kms", **right), key)
    with refused("AccessDeniedException"):
        s3.client("kms", **right).generate_data_key(KeyId=key["Arn"], KeySpec="AES_256")


def test_a_deny_of_a_service(home, s3, refused):
    key = home.key(
        of_key({"Service": "s3.amazonaws.com"}, "kms:*"),
        of_key("*", "kms:Encrypt", "Deny", {"Bool": {"aws:PrincipalIsAWSService": "true"}}),
    )
    s3.client("kms").describe_key(KeyId=key["Arn"])
    with refused("AccessDeniedException"):
        encrypt(s3.client("kms"), key)
    encrypt(home.kms, key)


def test_a_grant_to_a_service_is_for_its_resource(home, key, s3, service, refused):
    made = home.kms.create_grant(
        KeyId=key["KeyId"], GranteeServicePrincipal="s3.amazonaws.com", RetiringServicePrincipal="s3.amazonaws.com",
        Operations=["Encrypt"], Constraints={"SourceArn": bucket(home)},
    )  # fmt: skip
    right = {"source_arn": bucket(home), "source_account": home.id}
    encrypt(s3.client("kms", **right), key)
    for kms in (
        s3.client("kms"),
        s3.client("kms", **right | {"source_arn": bucket(home, "texts")}),
        service("rds").client("kms", **right),
        home.user().kms,
    ):
        with refused("AccessDeniedException"):
            encrypt(kms, key)
    with refused("AccessDeniedException"):
        service("rds").client("kms", **right).retire_grant(KeyId=key["Arn"], GrantId=made["GrantId"])
    s3.client("kms", **right).retire_grant(KeyId=key["Arn"], GrantId=made["GrantId"])
    with refused("AccessDeniedException"):
        encrypt(s3.client("kms", **right), key)


def test_a_source_constraint_holds_on_calls_on_behalf_of_a_user(home, key, user, s3, refused):
    home.kms.create_grant(
        KeyId=key["KeyId"], GranteePrincipal=user.arn, Operations=["Encrypt"], Constraints={"SourceArn": bucket(home)}
    )
    encrypt(s3.on_behalf_of(user, source_arn=bucket(home)), key)
    for kms in (user.kms, s3.on_behalf_of(user), s3.on_behalf_of(user, source_arn=bucket(home, "texts"))):
        with refused("AccessDeniedException"):
            encrypt(kms, key)


def test_only_services_may_send_the_headers(home, key, user, s3, refused):
    user.may(statement("kms:*"))
    session = user.assume(home.role(trusting(user.arn), statement("kms:*")))
    for caller in (user, home, session):
        for headers in ({"behalf": home.arn}, {"source_arn": bucket(home)}, {"source_account": home.id}):
            kms = with_headers(home.stack.client("kms", credentials=caller.credentials), **headers)
            with refused("AccessDeniedException", "Only service principals may call on behalf of others."):
                encrypt(kms, key)
    encrypt(user.kms, key)


def test_headers_that_are_not_signed_count_for_nothing(home, key, user, s3, refused):
    user.may(statement("kms:*"))
    kms = s3.client("kms")

    def add(request: AWSPreparedRequest, **_):
        request.headers["X-Trent-On-Behalf-Of"] = user.arn

    kms.meta.events.register("before-send", add)
    with refused("InvalidSignatureException"):
        encrypt(kms, key)


def test_nobody_is_no_one_to_call_for(home, key, user, s3, refused):
    for arn in (
        f"arn:aws:iam::{home.id}:user/nobody",
        f"arn:aws:iam::{home.id}:role/nobody",
        f"arn:aws:sts::{home.id}:assumed-role/nobody/session",
        "arn:aws:iam::987654321098:root",
        "nonsense",
        "*",
        "",
    ):
        with refused("AccessDeniedException"):
            encrypt(s3.client("kms", behalf=arn), key)


def test_the_records_of_calls_by_services(stack, home, key, user, s3):
    user.may(statement("kms:Encrypt"))
    record = stack.record(encrypt(s3.on_behalf_of(user), key))
    identity = record["userIdentity"]
    assert (identity["type"], identity["arn"], identity["invokedBy"]) == ("IAMUser", user.arn, "s3.amazonaws.com")
    assert record["sourceIPAddress"] == record["userAgent"] == "s3.amazonaws.com"
    home.put(key, home.everything, of_key({"Service": "s3.amazonaws.com"}, "kms:Encrypt"))
    record = stack.record(encrypt(s3.client("kms"), key))
    assert record["userIdentity"] == {"type": "AWSService", "invokedBy": "s3.amazonaws.com"}
    assert record["recipientAccountId"] == home.id
    session = user.assume(home.role(trusting(user.arn), statement("kms:Encrypt")))
    identity = stack.record(encrypt(s3.on_behalf_of(session), key))["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("AssumedRole", session.arn)
    assert identity["invokedBy"] == "s3.amazonaws.com"


def test_services_have_no_rights_of_their_own(home, key, s3, refused):
    with refused("AccessDeniedException"):
        encrypt(s3.client("kms"), key)
    with refused("AccessDeniedException"):
        s3.client("kms").create_key(Policy=document(home.everything))
    with refused("AccessDeniedException"):
        s3.client("kms").list_keys()
    with refused("AccessDenied"):
        s3.client("iam").create_user(UserName="mine")

"""Condition keys, each end to end to allow and to deny: in identity policies and in key policies."""

import time
from datetime import datetime, timedelta, timezone

import pytest
from people import document, of_key, statement, trusting
from test_import import import_material

CONTEXT = {"Department": "Finance", "Tier": "1"}


def encrypt(context=None, **more):
    return lambda kms, key: kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context or {}, **more)


def described(kms, key):
    return kms.describe_key(KeyId=key)


def schedule(days=None):
    given = {"PendingWindowInDays": days} if days else {}
    return lambda kms, key: kms.schedule_key_deletion(KeyId=key, **given)


def rotation(days=None):
    given = {"RotationPeriodInDays": days} if days else {}
    return lambda kms, key: kms.enable_key_rotation(KeyId=key, **given)


def grant(*operations, **more):
    def call(kms, key):
        root = f"arn:aws:iam::{key.split(':')[4]}:root"
        given = {"GranteePrincipal": root} | {k: root if v == "ROOT" else v for k, v in more.items()}
        kms.create_grant(KeyId=key, Operations=list(operations), **given)

    return call


def put_policy(**more):
    def call(kms, key):
        kms.put_key_policy(KeyId=key, Policy=kms.get_key_policy(KeyId=key)["Policy"], **more)

    return call


def tag(name, value=""):
    return lambda kms, key: kms.tag_resource(KeyId=key, Tags=[{"TagKey": name, "TagValue": value}])


def untag(*names):
    return lambda kms, key: kms.untag_resource(KeyId=key, TagKeys=list(names))


def signed(algorithm, **more):
    return lambda kms, key: kms.sign(KeyId=key, Message=b"x" * 32, SigningAlgorithm=algorithm, **more)


def mac(kms, key):
    return kms.generate_mac(KeyId=key, Message=b"x", MacAlgorithm="HMAC_SHA_256")


def data_key_pair(spec):
    return lambda kms, key: kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)


def agreed(kms, key):
    public = kms.get_public_key(KeyId=key)["PublicKey"]
    return kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=public)


def parameters(algorithm):
    return lambda kms, key: kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
    )


def re_encrypted(kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    return kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=key)


SYMMETRIC = {}
SIGNING = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
MAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
AGREEMENT = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}
FINANCE = {"StringEquals": {"kms:EncryptionContext:Department": "Finance"}}
KEYS = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["Department", "Tier"]}}

# What the condition is about, the condition, the key, calls that it allows, calls that it does not.
CASES = [
    ("EncryptionContext", FINANCE, SYMMETRIC, [encrypt(CONTEXT)], [encrypt(), encrypt({"Department": "IT"})]),
    ("EncryptionContext, name in any case", FINANCE, SYMMETRIC, [encrypt({"department": "Finance"})], [encrypt({"department": "finance"})]),
    ("EncryptionContext, like", {"StringLike": {"kms:EncryptionContext:Tier": "1*"}}, SYMMETRIC, [encrypt({"Tier": "10"})], [encrypt({"Tier": "2"})]),
    ("EncryptionContextKeys, all", KEYS, SYMMETRIC, [encrypt(CONTEXT), encrypt({"Tier": ""}), encrypt()], [encrypt(CONTEXT | {"more": ""})]),
    ("EncryptionContextKeys, any", {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "Tier"}}, SYMMETRIC, [encrypt(CONTEXT)], [encrypt({"tier": ""}), encrypt()]),
    ("EncryptionContextKeys, none", {"Null": {"kms:EncryptionContextKeys": "false"}}, SYMMETRIC, [encrypt(CONTEXT)], [encrypt()]),
    ("EncryptionAlgorithm, by default", {"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}, SYMMETRIC, [encrypt(), encrypt(EncryptionAlgorithm="SYMMETRIC_DEFAULT")], [described]),
    ("DataKeyPairSpec", {"StringLike": {"kms:DataKeyPairSpec": "ECC*"}}, SYMMETRIC, [data_key_pair("ECC_NIST_P256")], [data_key_pair("RSA_2048")]),
    ("KeySpec", {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}, SYMMETRIC, [encrypt()], []),
    ("KeySpec of another key", {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}, SIGNING, [], [signed("ECDSA_SHA_256")]),
    ("KeyUsage", {"StringEquals": {"kms:KeyUsage": "SIGN_VERIFY"}}, SIGNING, [signed("ECDSA_SHA_256")], []),
    ("CustomerMasterKeyUsage", {"StringEquals": {"kms:CustomerMasterKeyUsage": "SIGN_VERIFY"}}, SIGNING, [signed("ECDSA_SHA_256")], []),
    ("CustomerMasterKeySpec", {"StringEquals": {"kms:CustomerMasterKeySpec": "RSA_2048"}}, SIGNING, [], [signed("ECDSA_SHA_256")]),
    ("KeyOrigin", {"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}}, SYMMETRIC, [encrypt()], []),
    ("KeyOrigin of another key", {"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}}, {"Origin": "EXTERNAL"}, [], [described]),
    ("MultiRegion", {"Bool": {"kms:MultiRegion": "true"}}, {"MultiRegion": True}, [encrypt()], []),
    ("MultiRegion of another key", {"Bool": {"kms:MultiRegion": True}}, SYMMETRIC, [], [encrypt()]),
    ("MultiRegionKeyType", {"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}}, {"MultiRegion": True}, [encrypt()], []),
    ("MultiRegionKeyType of another key", {"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}}, SYMMETRIC, [], [encrypt()]),
    ("SigningAlgorithm", {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_256"}}, SIGNING, [signed("ECDSA_SHA_256")], [signed("ECDSA_SHA_384"), described]),
    ("MessageType", {"StringEquals": {"kms:MessageType": "DIGEST"}}, SIGNING, [signed("ECDSA_SHA_256", MessageType="DIGEST")], [signed("ECDSA_SHA_256"), signed("ECDSA_SHA_256", MessageType="RAW")]),
    ("MacAlgorithm", {"StringEquals": {"kms:MacAlgorithm": "HMAC_SHA_256"}}, MAC, [mac], [described]),
    ("MacAlgorithm, another", {"StringEquals": {"kms:MacAlgorithm": "HMAC_SHA_512"}}, MAC, [], [mac]),
    ("KeyAgreementAlgorithm", {"StringEqualsIfExists": {"kms:KeyAgreementAlgorithm": "ECDH"}}, AGREEMENT, [agreed], []),
    ("KeyAgreementAlgorithm, another", {"StringNotEqualsIfExists": {"kms:KeyAgreementAlgorithm": "ECDH"}}, AGREEMENT, [], [agreed]),
    ("RequestAlias by id", {"Null": {"kms:RequestAlias": "true"}}, SYMMETRIC, [encrypt(), described], []),
    ("ScheduleKeyDeletionPendingWindowInDays", {"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "20"}}, SYMMETRIC, [schedule(20)], [schedule(7), schedule(19)]),
    ("ScheduleKeyDeletionPendingWindowInDays, by default", {"NumericEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}}, SYMMETRIC, [schedule()], []),
    ("RotationPeriodInDays", {"NumericLessThanEquals": {"kms:RotationPeriodInDays": "180"}}, SYMMETRIC, [rotation(180)], [rotation(181)]),
    ("GrantOperations", {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}}, SYMMETRIC, [grant("Encrypt"), grant("Decrypt", "Encrypt")], [grant("Encrypt", "DescribeKey")]),
    ("GrantConstraintType", {"StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}}, SYMMETRIC, [grant("Encrypt", Constraints={"EncryptionContextSubset": CONTEXT})], [grant("Encrypt"), grant("Encrypt", Constraints={"EncryptionContextEquals": CONTEXT})]),
    ("EncryptionContext of a grant", FINANCE, SYMMETRIC, [grant("Encrypt", Constraints={"EncryptionContextSubset": CONTEXT})], [grant("Encrypt"), grant("Encrypt", Constraints={"EncryptionContextSubset": {"Department": "IT"}})]),
    ("GranteePrincipal", {"StringLike": {"kms:GranteePrincipal": "*:root"}}, SYMMETRIC, [grant("Encrypt")], []),
    ("GranteePrincipal, another", {"StringLike": {"kms:GranteePrincipal": "*:user/*"}}, SYMMETRIC, [], [grant("Encrypt")]),
    ("RetiringPrincipal", {"StringLike": {"kms:RetiringPrincipal": "*:root"}}, SYMMETRIC, [grant("Encrypt", RetiringPrincipal="ROOT")], [grant("Encrypt")]),
    ("GrantIsForAWSResource", {"Bool": {"kms:GrantIsForAWSResource": "true"}}, SYMMETRIC, [], [grant("Encrypt")]),
    ("BypassPolicyLockoutSafetyCheck", {"BoolIfExists": {"kms:BypassPolicyLockoutSafetyCheck": "false"}}, SYMMETRIC, [put_policy(), put_policy(BypassPolicyLockoutSafetyCheck=False)], [put_policy(BypassPolicyLockoutSafetyCheck=True)]),
    ("PolicyName", {"StringEquals": {"kms:PolicyName": "default"}}, SYMMETRIC, [lambda kms, key: kms.get_key_policy(KeyId=key)], [described]),
    ("ReEncryptOnSameKey", {"BoolIfExists": {"kms:ReEncryptOnSameKey": "true"}}, SYMMETRIC, [re_encrypted], []),
    ("ReEncryptOnSameKey, forbidden", {"BoolIfExists": {"kms:ReEncryptOnSameKey": "false"}}, SYMMETRIC, [encrypt()], [re_encrypted]),
    ("ReplicaRegion", {"StringEquals": {"kms:ReplicaRegion": "eu-west-1"}}, {"MultiRegion": True}, [], [lambda kms, key: kms.replicate_key(KeyId=key, ReplicaRegion="us-west-2")]),
    ("WrappingAlgorithm", {"StringEquals": {"kms:WrappingAlgorithm": "RSAES_OAEP_SHA_256"}}, {"Origin": "EXTERNAL"}, [parameters("RSAES_OAEP_SHA_256")], [parameters("RSAES_OAEP_SHA_1")]),
    ("RequestTag", {"StringEquals": {"aws:RequestTag/team": "red"}}, SYMMETRIC, [tag("team", "red"), tag("Team", "red")], [tag("team", "blue"), tag("other", "red")]),
    ("TagKeys", {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}, SYMMETRIC, [tag("team", "x"), untag("team", "stage")], [tag("owner"), untag("team", "owner")]),
    ("CallerAccount, another", {"StringEquals": {"kms:CallerAccount": "999999999999"}}, SYMMETRIC, [], [encrypt()]),
    ("ViaService", {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, SYMMETRIC, [], [encrypt()]),
    ("SourceIp", {"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1"]}}, SYMMETRIC, [encrypt()], []),
    ("SourceIp, another", {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, SYMMETRIC, [], [encrypt()]),
    ("SourceIp, not", {"NotIpAddress": {"aws:SourceIp": "127.0.0.1"}}, SYMMETRIC, [], [encrypt()]),
    ("SecureTransport", {"Bool": {"aws:SecureTransport": "false"}}, SYMMETRIC, [encrypt()], []),
    ("SecureTransport, wanted", {"Bool": {"aws:SecureTransport": "true"}}, SYMMETRIC, [], [encrypt()]),
    ("UserAgent", {"StringLike": {"aws:UserAgent": "*Boto3*"}}, SYMMETRIC, [encrypt()], []),
    ("UserAgent, another", {"StringLike": {"aws:UserAgent": "*terraform*"}}, SYMMETRIC, [], [encrypt()]),
    ("PrincipalType", {"StringEquals": {"aws:PrincipalType": "User"}}, SYMMETRIC, [encrypt()], []),
    ("PrincipalArn, another", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, SYMMETRIC, [], [encrypt()]),
    ("PrincipalIsAWSService", {"Bool": {"aws:PrincipalIsAWSService": "false"}}, SYMMETRIC, [encrypt()], []),
    ("ViaAWSService", {"Bool": {"aws:ViaAWSService": "true"}}, SYMMETRIC, [], [encrypt()]),
    ("MultiFactorAuthPresent", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, SYMMETRIC, [], [encrypt()]),
    ("RequestedRegion", {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, SYMMETRIC, [encrypt()], []),
    ("RequestedRegion, another", {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, SYMMETRIC, [], [encrypt()]),
    ("CurrentTime", {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, SYMMETRIC, [encrypt()], []),
    ("CurrentTime, over", {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, SYMMETRIC, [], [encrypt()]),
    ("EpochTime", {"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, SYMMETRIC, [encrypt()], []),
    ("several keys", {"StringEquals": {"kms:EncryptionContext:Tier": "1", "kms:KeySpec": "SYMMETRIC_DEFAULT"}}, SYMMETRIC, [encrypt(CONTEXT)], [encrypt()]),
    ("several operators", FINANCE | {"Bool": {"aws:SecureTransport": "false"}}, SYMMETRIC, [encrypt(CONTEXT)], [encrypt()]),
    ("a key that AWS does not know", {"StringEquals": {"kms:NoSuchKey": "x"}}, SYMMETRIC, [], [encrypt()]),
]  # fmt: skip

# What some calls read before the one that is in question.
HELP = ["kms:GetKeyPolicy", "kms:GetPublicKey"]


@pytest.fixture(scope="module")
def user(home):
    return home.user()


@pytest.mark.parametrize("where", ["identity", "key"])
@pytest.mark.parametrize(("name", "condition", "kind", "allowed", "denied"), CASES, ids=[case[0] for case in CASES])
def test_a_condition(home, user, refused, where, name, condition, kind, allowed, denied):
    key = home.key(**kind)
    first = statement("kms:GetPublicKey" if name == "PolicyName" else HELP)
    if where == "identity":
        user.may(statement("kms:*", key["Arn"], condition=condition), first)
    else:
        user.may(first)
        home.put(key, home.everything, of_key(user.arn, "kms:*", condition=condition))
    for call in allowed:
        call(user.kms, key["Arn"])
    for call in denied:
        with refused("AccessDeniedException"):
            call(user.kms, key["Arn"])


@pytest.mark.parametrize(("name", "condition", "kind", "allowed", "denied"), CASES[:4], ids=[case[0] for case in CASES[:4]])
def test_a_condition_of_a_deny(home, user, refused, name, condition, kind, allowed, denied):
    key = home.key()
    user.may(statement("kms:*"), statement("kms:Encrypt", key["Arn"], "Deny", condition))
    for call in denied:
        call(user.kms, key["Arn"])
    for call in allowed:
        with refused("AccessDeniedException", ending="with an explicit deny in an identity-based policy"):
            call(user.kms, key["Arn"])


def test_request_alias(home, key, alias, refused):
    user, other = home.user(), f"{alias}-other"
    arn = key["Arn"].split(":key/")[0] + ":"
    for name in (alias, other):
        home.kms.create_alias(AliasName=name, TargetKeyId=key["KeyId"])
    condition = {"StringEquals": {"kms:RequestAlias": alias}}
    for place in ("identity", "key"):
        user.may(statement("kms:Encrypt", condition=condition if place == "identity" else None))
        if place == "key":
            home.put(key, of_key(home.arn, "kms:*"), of_key("*", "kms:Encrypt", "Deny", {"StringNotEquals": condition["StringEquals"]}))
        for name in (alias, arn + alias):
            user.kms.encrypt(KeyId=name, Plaintext=b"x")
        for name in (other, arn + other, key["KeyId"], key["Arn"]):
            with refused("AccessDeniedException"):
                user.kms.encrypt(KeyId=name, Plaintext=b"x")


def test_resource_aliases(home, key, alias, refused):
    user = home.user(statement("kms:*", condition={"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/test-*"}}))
    use = lambda: user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")  # noqa: E731
    with refused("AccessDeniedException"):
        use()
    home.kms.create_alias(AliasName=f"alias/other-{alias[-36:]}", TargetKeyId=key["KeyId"])
    with refused("AccessDeniedException"):
        use()
    home.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    use()
    user.kms.encrypt(KeyId=alias, Plaintext=b"x")
    home.kms.delete_alias(AliasName=alias)
    with refused("AccessDeniedException"):
        use()


def test_resource_tags(home, refused):
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    for place in ("identity", "key"):
        user = home.user(*([statement("kms:Encrypt", condition=condition)] if place == "identity" else []))
        key = home.key(*([of_key(user.arn, "kms:Encrypt", condition=condition)] if place == "key" else []))
        use = lambda: user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")  # noqa: B023, E731
        with refused("AccessDeniedException"):
            use()
        for value, works in (("red", True), ("blue", False), ("red", True)):
            home.kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "team", "TagValue": value}])
            if works:
                use()
            else:
                with refused("AccessDeniedException"):
                    use()
        home.kms.untag_resource(KeyId=key["KeyId"], TagKeys=["team"])
        with refused("AccessDeniedException"):
            use()


def test_principal_tags(home, key, refused):
    user = home.user(statement("kms:Encrypt", condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}))
    use = lambda: user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")  # noqa: E731
    with refused("AccessDeniedException"):
        use()
    home.iam.tag_user(UserName=user.name, Tags=[{"Key": "team", "Value": "red"}])
    use()
    home.iam.tag_user(UserName=user.name, Tags=[{"Key": "team", "Value": "blue"}])
    with refused("AccessDeniedException"):
        use()
    home.put(key, home.everything, of_key("*", "kms:Encrypt", condition={"StringEquals": {"aws:PrincipalTag/team": "blue", "aws:PrincipalAccount": home.id}}))
    use()
    home.iam.untag_user(UserName=user.name, TagKeys=["team"])
    with refused("AccessDeniedException"):
        use()


def test_a_tag_of_the_principal_equals_one_of_the_key(home, key, refused):
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    user = home.user(statement("kms:Encrypt", condition=same), Tags=[{"Key": "team", "Value": "red"}])
    for value, works in (("red", True), ("Red", False), ("blue", False), ("red", True)):
        home.kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "team", "TagValue": value}])
        if works:
            user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
        else:
            with refused("AccessDeniedException"):
                user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_a_star_in_a_value_is_no_wildcard(home, key, refused):
    like = {"StringLike": {"kms:EncryptionContext:agent": "${aws:UserAgent}"}}
    user = home.user(statement("kms:Encrypt", condition=like))
    kms = home.stack.client("kms", credentials=user.credentials)
    kms.meta.events.register("before-send", lambda request, **_: request.headers.update({"User-Agent": "a*"}))
    kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext={"agent": "a*"})
    with refused("AccessDeniedException"):
        kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext={"agent": "abc"})


def test_variables_need_the_newer_version(home, key, refused):
    user = home.user()
    policy = document(statement("kms:Encrypt", condition={"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}}))
    for version, good, bad in (("2012-10-17", user.name, "${aws:username}"), ("2008-10-17", "${aws:username}", user.name)):
        text = policy.replace("2012-10-17", version)
        home.iam.put_user_policy(UserName=user.name, PolicyName="test", PolicyDocument=text)
        user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext={"user": good})
        with refused("AccessDeniedException"):
            user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext={"user": bad})


def test_principal_arn_names_the_role_of_a_session(home, refused):
    user = home.user()
    role, other = (home.role(trusting(user.arn)) for _ in range(2))
    key = home.key(of_key("*", "kms:Encrypt", condition={"ArnEquals": {"aws:PrincipalArn": role.arn}}))
    user.assume(role).kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    for caller in (user.assume(other), user):
        with refused("AccessDeniedException"):
            caller.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


def test_caller_account(home, abroad, refused):
    user, foreigner = home.user(statement("kms:*")), abroad.user(statement("kms:*"))
    condition = {"StringEquals": {"kms:CallerAccount": home.id}}
    key = home.kms.create_key(Policy=document(of_key("*", "kms:*", condition=condition)))["KeyMetadata"]
    home.user().kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    with refused("AccessDeniedException"):
        foreigner.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")


NEW_KEYS = [
    ({"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}, {}, SIGNING),
    ({"StringEquals": {"kms:KeyUsage": "SIGN_VERIFY"}}, SIGNING, {}),
    ({"StringEquals": {"kms:KeyOrigin": "EXTERNAL"}}, {"Origin": "EXTERNAL"}, {}),
    ({"Bool": {"kms:MultiRegion": "false"}}, {}, {"MultiRegion": True}),
    ({"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}}, {"MultiRegion": True}, {}),
    ({"StringEquals": {"aws:RequestTag/team": "red"}}, {"Tags": [{"TagKey": "team", "TagValue": "red"}]}, {"Tags": [{"TagKey": "team", "TagValue": "blue"}]}),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, {"Tags": [{"TagKey": "team", "TagValue": "red"}]}, {"Tags": [{"TagKey": "owner", "TagValue": ""}]}),
    ({"BoolIfExists": {"kms:BypassPolicyLockoutSafetyCheck": "false"}}, {}, {"BypassPolicyLockoutSafetyCheck": True}),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "good", "bad"), NEW_KEYS, ids=[next(iter(next(iter(c[0].values())))) for c in NEW_KEYS])
def test_a_condition_on_new_keys(home, user, refused, condition, good, bad):
    service_role = statement("iam:CreateServiceLinkedRole")
    user.may(statement(["kms:CreateKey", "kms:TagResource"], condition=condition), service_role)
    user.kms.create_key(**good)
    with refused("AccessDeniedException"):
        user.kms.create_key(**bad)


def test_a_policy_that_ends(home, key, refused):
    user, now = home.user(), datetime.now(timezone.utc)
    until = (now + timedelta(seconds=2)).replace(microsecond=0)
    user.may(statement("kms:Encrypt", condition={"DateLessThan": {"aws:CurrentTime": until.strftime("%Y-%m-%dT%H:%M:%SZ")}}))
    answers = []
    while datetime.now(timezone.utc) < until + timedelta(seconds=1):
        try:
            user.kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
            answers.append(True)
        except user.kms.exceptions.ClientError:
            answers.append(False)
        time.sleep(0.05)
    assert answers == sorted(answers, reverse=True) and not answers[-1]


def test_the_end_of_imported_material(home, refused):
    user, key = home.user(), home.key(Origin="EXTERNAL")
    soon, late = (datetime.now(timezone.utc) + timedelta(days=days) for days in (10, 100))
    limit = str(int((datetime.now(timezone.utc) + timedelta(days=30)).timestamp()))
    expires = {"StringEquals": {"kms:ExpirationModel": "KEY_MATERIAL_EXPIRES"}, "NumericLessThan": {"kms:ValidTo": limit}}
    user.may(statement("kms:GetParametersForImport"), statement("kms:ImportKeyMaterial", condition=expires))
    material = bytes(32)
    for given in (
        {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": late},
    ):
        with refused("AccessDeniedException"):
            import_material(user.kms, key["KeyId"], material, **given)
    import_material(user.kms, key["KeyId"], material, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=soon)
    assert home.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"

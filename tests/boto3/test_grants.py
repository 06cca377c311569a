"""Grants: their life, constraints, names, tokens, who may end them, and their records."""

import base64
import json
import re
import time
import uuid

import pytest

CONTEXT = {"Department": "Finance", "Tier": "1"}

# Each cryptographic operation of a symmetric key as (grant operation, call of a client on a key under a context).
# `root` has made what a call needs.
USES = {
    "Encrypt": lambda user, root, key, context: user.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context),
    "Decrypt": lambda user, root, key, context: user.decrypt(
        CiphertextBlob=root.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"],
        EncryptionContext=context,
    ),
    "GenerateDataKey": lambda user, root, key, context: user.generate_data_key(
        KeyId=key, KeySpec="AES_256", EncryptionContext=context
    ),
    "GenerateDataKeyWithoutPlaintext": lambda user, root, key, context: user.generate_data_key_without_plaintext(
        KeyId=key, KeySpec="AES_256", EncryptionContext=context
    ),
    "GenerateDataKeyPair": lambda user, root, key, context: user.generate_data_key_pair(
        KeyId=key, KeyPairSpec="ECC_NIST_P256", EncryptionContext=context
    ),
    "GenerateDataKeyPairWithoutPlaintext": lambda user, root, key, context: (
        user.generate_data_key_pair_without_plaintext(
            KeyId=key, KeyPairSpec="ECC_NIST_P256", EncryptionContext=context
        )
    ),
}


def re_encrypt(user, root, source, destination, source_context=None, destination_context=None):
    sealed = root.encrypt(KeyId=source, Plaintext=b"x", EncryptionContext=source_context or {})
    return user.re_encrypt(
        CiphertextBlob=sealed["CiphertextBlob"],
        SourceEncryptionContext=source_context or {},
        DestinationKeyId=destination,
        DestinationEncryptionContext=destination_context or {},
    )


@pytest.fixture
def user(stack, new_user):
    """A user whom no policy names: (ARN, KMS client)."""
    arn, credentials = new_user()
    return arn, stack.client("kms", credentials=credentials)


@pytest.fixture
def other_user(stack, new_user):
    arn, credentials = new_user()
    return arn, stack.client("kms", credentials=credentials)


def grant(kms, key, grantee, *operations, **more):
    return kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=grantee, Operations=list(operations), **more)


def test_the_life_of_a_grant(kms, key, account, user, refused):
    arn, mine = user
    with refused("AccessDeniedException"):
        mine.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    made = grant(kms, key, arn, "Encrypt", "DescribeKey")
    assert re.fullmatch("[0-9a-f]{64}", made["GrantId"])
    assert set(made) == {"GrantId", "GrantToken", "ResponseMetadata"}
    sealed = mine.encrypt(KeyId=key["Arn"], Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    assert mine.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Arn"] == key["Arn"]
    for call in (
        lambda: mine.decrypt(CiphertextBlob=sealed),
        lambda: mine.disable_key(KeyId=key["KeyId"]),
        lambda: mine.list_grants(KeyId=key["KeyId"]),
        lambda: mine.encrypt(KeyId=kms.create_key()["KeyMetadata"]["Arn"], Plaintext=b"x"),
    ):
        with refused("AccessDeniedException"):
            call()
    (entry,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert 0 <= (entry.pop("CreationDate") - key["CreationDate"]).total_seconds() < 60
    assert entry == {
        "KeyId": key["Arn"],
        "GrantId": made["GrantId"],
        "Name": "",
        "GranteePrincipal": arn,
        "IssuingAccount": f"arn:aws:iam::{account}:root",
        "Operations": ["Encrypt", "DescribeKey"],
    }
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])
    with refused("AccessDeniedException"):
        mine.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []
    with refused("NotFoundException"):
        kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])


@pytest.mark.parametrize("operation", USES)
def test_a_constraint_holds_on_each_operation_with_a_context(kms, key, user, refused, operation):
    arn, mine = user
    use = USES[operation]
    for constraint, good, bad in (
        ("EncryptionContextEquals", [CONTEXT, dict(reversed(CONTEXT.items()))], [{**CONTEXT, "more": ""}, {}]),
        ("EncryptionContextSubset", [CONTEXT, {**CONTEXT, "more": ""}], [{"Tier": "1"}, {**CONTEXT, "Tier": "2"}, {}]),
    ):
        made = grant(kms, key, arn, operation, Constraints={constraint: CONTEXT})
        for context in good:
            use(mine, kms, key["Arn"], context)
        for context in bad:
            with refused("AccessDeniedException"):
                use(mine, kms, key["Arn"], context)
        kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])
        with refused("AccessDeniedException"):
            use(mine, kms, key["Arn"], CONTEXT)


def test_constraints_hold_on_both_sides_of_re_encrypt(kms, key, user, refused):
    arn, mine = user
    other = kms.create_key()["KeyMetadata"]
    grant(kms, key, arn, "ReEncryptFrom", Constraints={"EncryptionContextEquals": CONTEXT})
    with refused("AccessDeniedException"):
        re_encrypt(mine, kms, key["Arn"], other["Arn"], CONTEXT, CONTEXT)
    grant(kms, other, arn, "ReEncryptTo", Constraints={"EncryptionContextSubset": {"Tier": "1"}})
    re_encrypt(mine, kms, key["Arn"], other["Arn"], CONTEXT, {"Tier": "1", "x": "y"})
    for source, destination in ((CONTEXT, {}), ({}, {"Tier": "1"}), (CONTEXT, {"Tier": "2"})):
        with refused("AccessDeniedException"):
            re_encrypt(mine, kms, key["Arn"], other["Arn"], source, destination)
    with refused("AccessDeniedException"):
        re_encrypt(mine, kms, other["Arn"], key["Arn"], CONTEXT, CONTEXT)


def test_the_empty_context_is_a_constraint_too(kms, key, user, refused):
    arn, mine = user
    grant(kms, key, arn, "Encrypt", Constraints={"EncryptionContextEquals": {}})
    mine.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    with refused("AccessDeniedException"):
        mine.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=CONTEXT)
    constraints = kms.list_grants(KeyId=key["KeyId"])["Grants"][0]["Constraints"]
    assert constraints == {"EncryptionContextEquals": {}}


def test_a_source_constraint_is_for_calls_on_behalf_of_a_resource(kms, key, user, account, refused):
    arn, mine = user
    source = f"arn:aws:dynamodb:us-east-1:{account}:table/a"
    grant(kms, key, arn, "Encrypt", "DescribeKey", Constraints={"SourceArn": source})
    for call in (lambda: mine.encrypt(KeyId=key["Arn"], Plaintext=b"x"), lambda: mine.describe_key(KeyId=key["Arn"])):
        with refused("AccessDeniedException"):
            call()


def test_a_grant_to_a_service_is_kept_and_listed(kms, key, account, refused):
    service = "dynamodb.amazonaws.com"
    source = f"arn:aws:dynamodb:us-east-1:{account}:table/a"
    wanted = {
        "KeyId": key["KeyId"],
        "GranteeServicePrincipal": service,
        "RetiringServicePrincipal": service,
        "Operations": ["Decrypt"],
        "Constraints": {"SourceArn": source},
    }
    kms.create_grant(**wanted)
    (entry,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert entry["GranteeServicePrincipal"] == entry["RetiringServicePrincipal"] == service
    assert entry["Constraints"] == {"SourceArn": source}
    for without in ("RetiringServicePrincipal", "Constraints"):
        with refused("ValidationException"):
            kms.create_grant(**{k: v for k, v in wanted.items() if k != without})


def test_a_name_makes_a_retry_find_the_same_grant(kms, key, user):
    arn, _ = user
    name = f"name-{uuid.uuid4()}"
    first = grant(kms, key, arn, "Encrypt", "Decrypt", Name=name)
    again = grant(kms, key, arn, "Decrypt", "Encrypt", Name=name)
    assert again["GrantId"] == first["GrantId"] and again["GrantToken"] != first["GrantToken"]
    other = grant(kms, key, arn, "Encrypt", Name=name)
    assert other["GrantId"] != first["GrantId"]
    nameless = {grant(kms, key, arn, "Encrypt")["GrantId"] for _ in range(2)}
    assert len(nameless) == 2
    listed = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert len(listed) == 4 and sorted(entry["Name"] for entry in listed) == ["", "", name, name]


def test_a_grant_token_can_be_used_at_once_and_names_its_grant(kms, key, user, refused):
    arn, mine = user
    made = grant(kms, key, arn, "Encrypt", "RetireGrant")
    token = made["GrantToken"]
    assert 1 <= len(token) <= 8192 and base64.b64decode(token, validate=True)
    mine.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[token])
    with refused("AccessDeniedException"):
        mine.decrypt(CiphertextBlob=kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"], GrantTokens=[token])
    with refused("DryRunOperationException"):
        mine.retire_grant(GrantToken=token, DryRun=True)
    mine.retire_grant(GrantToken=token)
    with refused("AccessDeniedException"):
        mine.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[token])
    with refused("NotFoundException"):
        kms.retire_grant(GrantToken=token)


def test_a_bad_grant_token_is_refused_wherever_tokens_are_taken(kms, key, user, refused):
    arn, _ = user
    good = grant(kms, key, arn, "Encrypt")["GrantToken"]
    changed = base64.b64encode(base64.b64decode(good)[:-1] + b"\0").decode()
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", GrantTokens=[good])["CiphertextBlob"]
    of_key = {"KeyId": key["KeyId"]}
    calls = {
        "encrypt": {**of_key, "Plaintext": b"x"},
        "decrypt": {"CiphertextBlob": sealed},
        "re_encrypt": {"CiphertextBlob": sealed, "DestinationKeyId": key["KeyId"]},
        "generate_data_key": {**of_key, "KeySpec": "AES_256"},
        "generate_data_key_without_plaintext": {**of_key, "KeySpec": "AES_256"},
        "generate_data_key_pair": {**of_key, "KeyPairSpec": "ECC_NIST_P256"},
        "generate_data_key_pair_without_plaintext": {**of_key, "KeyPairSpec": "ECC_NIST_P256"},
        "sign": {**of_key, "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"},
        "verify": {**of_key, "Message": b"x", "Signature": b"x", "SigningAlgorithm": "ECDSA_SHA_256"},
        "generate_mac": {**of_key, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"},
        "verify_mac": {**of_key, "Message": b"x", "Mac": b"x", "MacAlgorithm": "HMAC_SHA_256"},
        "derive_shared_secret": {**of_key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"},
        "encapsulate": {**of_key, "EncapsulationAlgorithm": "ML_KEM"},
        "decapsulate": {**of_key, "EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": b"x"},
        "describe_key": of_key,
        "get_public_key": of_key,
        "create_grant": {**of_key, "GranteePrincipal": arn, "Operations": ["Encrypt"]},
    }
    for name, arguments in calls.items():
        for bad in ("x", changed):
            with refused("InvalidGrantTokenException"):
                getattr(kms, name)(**arguments, GrantTokens=[good, bad])
    for bad in ("x", changed):
        with refused("InvalidGrantTokenException"):
            kms.retire_grant(GrantToken=bad)


def test_who_may_retire_and_revoke(kms, key, user, other_user, refused):
    arn, mine = user
    retiring_arn, retiring = other_user
    plain = grant(kms, key, arn, "Encrypt")["GrantId"]
    by_grantee = grant(kms, key, arn, "Encrypt", "RetireGrant")["GrantId"]
    by_other = grant(kms, key, arn, "Encrypt", RetiringPrincipal=retiring_arn)["GrantId"]
    for client, grant_id in ((mine, plain), (retiring, plain), (retiring, by_grantee), (mine, by_other)):
        with refused("AccessDeniedException"):
            client.retire_grant(KeyId=key["Arn"], GrantId=grant_id)
    for client in (mine, retiring):
        with refused("AccessDeniedException"):
            client.revoke_grant(KeyId=key["Arn"], GrantId=by_grantee)
    mine.retire_grant(KeyId=key["Arn"], GrantId=by_grantee)
    retiring.retire_grant(KeyId=key["KeyId"], GrantId=by_other)
    kms.retire_grant(KeyId=key["Arn"], GrantId=plain)
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_a_policy_can_let_a_user_manage_grants(kms, key, account, user, other_user, refused):
    arn, mine = user
    other_arn, other = other_user
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": arn},
        "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
        "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "DescribeKey"]}},
    }
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [root, allowed]}
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(document))
    made = grant(mine, key, other_arn, "Encrypt", "DescribeKey")
    other.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    with refused("AccessDeniedException"):
        grant(mine, key, other_arn, "Decrypt")
    other.describe_key(KeyId=key["Arn"])
    document["Statement"].append(deny)
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps(document))
    with refused("AccessDeniedException") as error:
        other.describe_key(KeyId=key["Arn"])
    assert error.text.endswith("with an explicit deny in a resource-based policy")
    assert [entry["GrantId"] for entry in mine.list_grants(KeyId=key["KeyId"])["Grants"]] == [made["GrantId"]]
    mine.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])


def test_a_grant_lets_its_grantee_make_grants_within_it(kms, key, user, other_user, refused):
    arn, mine = user
    other_arn, other = other_user
    grant(
        kms, key, arn, "CreateGrant", "Encrypt", "GenerateDataKey",
        Constraints={"EncryptionContextSubset": {"Department": "Finance"}},
    )  # fmt: skip
    for operations, constraints in (
        (["Encrypt"], {}),
        (["Encrypt"], {"EncryptionContextSubset": {"Tier": "1"}}),
        (["Encrypt"], {"EncryptionContextEquals": {"Department": "IT"}}),
        (["Encrypt", "Decrypt"], {"EncryptionContextSubset": CONTEXT}),
    ):
        with refused("AccessDeniedException"):
            grant(mine, key, other_arn, *operations, Constraints=constraints)
    grant(mine, key, other_arn, "Encrypt", Constraints={"EncryptionContextEquals": CONTEXT})
    other.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=CONTEXT)
    with refused("AccessDeniedException"):
        other.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext={"Department": "Finance"})
    with refused("AccessDeniedException"):
        grant(other, key, arn, "Encrypt", Constraints={"EncryptionContextEquals": CONTEXT})


def test_dry_runs_change_nothing(kms, key, user, refused):
    arn, mine = user
    with refused("DryRunOperationException"):
        grant(kms, key, arn, "Encrypt", DryRun=True)
    with refused("AccessDeniedException"):
        mine.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    made = grant(kms, key, arn, "Encrypt")["GrantId"]
    for call in (kms.revoke_grant, kms.retire_grant):
        with refused("DryRunOperationException"):
            call(KeyId=key["Arn"], GrantId=made, DryRun=True)
        with refused("NotFoundException"):
            call(KeyId=key["Arn"], GrantId="0" * 64, DryRun=True)
    with refused("DryRunOperationException"):
        mine.encrypt(KeyId=key["Arn"], Plaintext=b"x", DryRun=True)
    assert len(kms.list_grants(KeyId=key["KeyId"])["Grants"]) == 1


def test_120_grants_are_listed_in_pages(kms, key, user, other_user, refused):
    (arn, _), (retiring, _) = user, other_user
    made = {grant(kms, key, arn, "Encrypt", RetiringPrincipal=retiring)["GrantId"] for _ in range(120)}
    for operation, which in (("list_grants", {"KeyId": key["KeyId"]}), ("list_retirable_grants", {"RetiringPrincipal": retiring})):
        call = getattr(kms, operation)
        pages, marker = [], {}
        while True:
            answer = call(**which, **marker)
            pages.append([entry["GrantId"] for entry in answer["Grants"]])
            if not answer["Truncated"]:
                assert "NextMarker" not in answer
                break
            marker = {"Marker": answer["NextMarker"]}
        assert [len(page) for page in pages] == [50, 50, 20]
        assert {grant_id for page in pages for grant_id in page} == made
        assert len(call(**which, Limit=100)["Grants"]) == 100
        with refused("ValidationException"):
            call(**which, Limit=101)
        with refused("InvalidMarkerException"):
            call(**which, Marker="x")
        pages = kms.get_paginator(operation).paginate(**which, PaginationConfig={"PageSize": 7})
        assert {entry["GrantId"] for page in pages for entry in page["Grants"]} == made


def test_grants_are_filtered(kms, key, user, other_user, refused):
    (arn, _), (other_arn, _) = user, other_user
    one = grant(kms, key, arn, "Encrypt")["GrantId"]
    other = grant(kms, key, other_arn, "Encrypt")["GrantId"]
    ids = lambda **which: [e["GrantId"] for e in kms.list_grants(KeyId=key["KeyId"], **which)["Grants"]]  # noqa: E731
    assert ids(GranteePrincipal=arn) == [one] and ids(GranteePrincipal=other_arn) == [other]
    assert ids(GrantId=one) == [one] and sorted(ids()) == sorted([one, other])
    for unusable in ("0" * 64, "x"):
        with refused("InvalidGrantIdException"):
            ids(GrantId=unusable)
    for call in (kms.revoke_grant, kms.retire_grant):
        with refused("InvalidGrantIdException"):
            call(KeyId=key["Arn"], GrantId="x")


def test_retirable_grants_of_all_keys_of_the_region_and_of_no_other(stack, kms, user, other_user, refused):
    (arn, mine), (retiring, other) = user, other_user
    keys = [kms.create_key()["KeyMetadata"] for _ in range(2)]
    made = {grant(kms, key, arn, "Encrypt", RetiringPrincipal=retiring)["GrantId"] for key in keys}
    grant(kms, keys[0], arn, "Encrypt", RetiringPrincipal=arn)
    listed = kms.list_retirable_grants(RetiringPrincipal=retiring)["Grants"]
    assert {entry["GrantId"] for entry in listed} == made
    assert {entry["KeyId"] for entry in listed} == {key["Arn"] for key in keys}
    assert {entry["RetiringPrincipal"] for entry in listed} == {retiring}
    elsewhere = stack.client("kms", region="us-west-2")
    assert elsewhere.list_retirable_grants(RetiringPrincipal=retiring)["Grants"] == []
    with refused("AccessDeniedException"):
        kms.list_retirable_grants(RetiringPrincipal="arn:aws:iam::999900001111:user/nobody")
    with refused("AccessDeniedException"):
        mine.list_retirable_grants(RetiringPrincipal=retiring)


def test_principals_must_exist(kms, key, account, abroad, user, refused):
    arn, _ = user
    for bad in (
        f"arn:aws:iam::{account}:user/nobody",
        f"arn:aws:iam::{account}:group/all",
        arn.upper(),
        "ann",
        account,
        "arn:aws:iam::999900001111:root",
    ):
        for principals in ({"GranteePrincipal": bad}, {"GranteePrincipal": arn, "RetiringPrincipal": bad}):
            with refused("InvalidArnException"):
                kms.create_grant(KeyId=key["KeyId"], Operations=["Encrypt"], **principals)
    grant(kms, key, f"arn:aws:iam::{account}:root", "Encrypt")
    grant(kms, key, abroad.arn, "Encrypt")


def test_operations_must_fit_the_key(kms, key, user, refused):
    arn, mine = user
    with refused("ValidationException"):
        grant(kms, key, arn, "Encrypt", "Sign")
    with refused("ValidationException"):
        grant(kms, key, arn)
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    with refused("ValidationException"):
        grant(kms, signing, arn, "GenerateDataKey")
    with refused("ValidationException"):
        grant(kms, signing, arn, "Sign", Constraints={"EncryptionContextSubset": CONTEXT})
    grant(kms, signing, arn, "Sign", "GetPublicKey")
    mine.sign(KeyId=signing["Arn"], Message=b"x", SigningAlgorithm="ECDSA_SHA_256")
    mine.get_public_key(KeyId=signing["Arn"])
    with refused("AccessDeniedException"):
        mine.verify(KeyId=signing["Arn"], Message=b"x", Signature=b"x", SigningAlgorithm="ECDSA_SHA_256")


def test_a_disabled_key_gets_no_grants_but_loses_them(kms, key, user, refused):
    arn, mine = user
    made = grant(kms, key, arn, "Encrypt")["GrantId"]
    kms.disable_key(KeyId=key["KeyId"])
    with refused("DisabledException"):
        grant(kms, key, arn, "Decrypt")
    with refused("DisabledException"):
        mine.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert len(kms.list_grants(KeyId=key["KeyId"])["Grants"]) == 1
    kms.enable_key(KeyId=key["KeyId"])
    mine.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    kms.disable_key(KeyId=key["KeyId"])
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=made)
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []


def test_a_deleted_keys_grants_are_gone(stack, kms, key, user, other_user):
    (arn, _), (retiring, _) = user, other_user
    grant(kms, key, arn, "Encrypt", RetiringPrincipal=retiring)
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert len(kms.list_retirable_grants(RetiringPrincipal=retiring)["Grants"]) == 1
    stack.advance_key_clock(days=8)
    end = time.monotonic() + 30
    while kms.list_retirable_grants(RetiringPrincipal=retiring)["Grants"]:
        assert time.monotonic() < end, "the grant outlived its key"
        time.sleep(0.2)


def test_wrong_requests(kms, key, user, refused):
    arn, _ = user
    token = grant(kms, key, arn, "Encrypt")["GrantToken"]
    for arguments in ({}, {"KeyId": key["Arn"]}, {"GrantId": "0" * 64}, {"GrantToken": token, "KeyId": key["Arn"]}):
        with refused("ValidationException"):
            kms.retire_grant(**arguments)
    many = {str(n): "" for n in range(9)}
    for constraints in (
        {"EncryptionContextEquals": many},
        {"EncryptionContextSubset": {"a": "x" * 385}},
        {"SourceArn": "arn:aws:s3:::bucket-of-mine"},
    ):
        with refused("ValidationException"):
            grant(kms, key, arn, "Encrypt", Constraints=constraints)
    with refused("ValidationException"):
        grant(kms, key, arn, "Encrypt", Name="with space")
    with refused("ValidationException"):
        kms.list_retirable_grants()
    for call in (kms.list_grants, lambda **k: kms.revoke_grant(**k, GrantId="0" * 64)):
        with refused("NotFoundException"):
            call(KeyId="alias/a")
        with refused("NotFoundException"):
            call(KeyId=str(uuid.uuid4()))


def resources(key, account):
    return [{"accountId": account, "type": "AWS::KMS::Key", "ARN": key["Arn"]}]


def test_the_records_of_grants(stack, kms, key, account, user, other_user):
    (arn, _), (retiring, _) = user, other_user
    made = grant(
        kms, key, arn, "Encrypt", "Decrypt", RetiringPrincipal=retiring, Name="reader",
        Constraints={"EncryptionContextSubset": CONTEXT},
    )  # fmt: skip
    record = stack.record(made)
    assert record["requestParameters"] == {
        "keyId": key["KeyId"],
        "granteePrincipal": arn,
        "retiringPrincipal": retiring,
        "operations": ["Encrypt", "Decrypt"],
        "constraints": {"encryptionContextSubset": CONTEXT},
        "name": "reader",
    }
    assert record["responseElements"] == {"grantId": made["GrantId"], "keyId": key["Arn"]}
    assert record["resources"] == resources(key, account) and record["readOnly"] is False
    assert made["GrantToken"] not in json.dumps(record)
    record = stack.record(kms.list_grants(KeyId=key["KeyId"], Limit=3))
    assert record["requestParameters"] == {"keyId": key["KeyId"], "limit": 3}
    assert record["responseElements"] is None and record["readOnly"] is True
    record = stack.record(kms.list_retirable_grants(RetiringPrincipal=retiring))
    assert record["requestParameters"] == {"retiringPrincipal": retiring} and record["resources"] == []
    record = stack.record(kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"]))
    assert record["requestParameters"] == {"keyId": key["KeyId"], "grantId": made["GrantId"]}
    assert record["responseElements"] in (None, {"keyId": key["Arn"]})
    again = grant(kms, key, arn, "Encrypt")
    record = stack.record(kms.retire_grant(GrantToken=again["GrantToken"]))
    assert record["requestParameters"] is None and record["responseElements"] == {"keyId": key["Arn"]}
    assert record["additionalEventData"] == {"grantId": again["GrantId"]}
    assert record["resources"] == resources(key, account) and record["readOnly"] is False
    assert again["GrantToken"] not in json.dumps(record)


def test_a_use_by_a_grant_is_recorded_as_the_grantees(stack, kms, key, account, user):
    arn, mine = user
    grant(kms, key, arn, "Encrypt")
    record = stack.record(mine.encrypt(KeyId=key["Arn"], Plaintext=b"x"))
    assert record["userIdentity"]["arn"] == arn and record["resources"] == resources(key, account)

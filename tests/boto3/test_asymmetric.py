"""Asymmetric keys: signatures, encryption and public keys, here and outside by openssl (source texts C)."""

import base64
import json
import re

import pytest

from asymmetric import ENCRYPTION, RSA, RSA_SIGNING, SIGNING, digest, documented_script, key_of, openssl  # noqa: F401

MESSAGE = b"attack at dawn"
PAIRS = [(spec, algorithm) for spec, algorithms in SIGNING.items() for algorithm in algorithms]
HASHED = [pair for pair in PAIRS if not pair[1].startswith(("ED25519", "ML_DSA", "SM2"))]


def test_c1_an_rsa_key_for_encryption_has_the_oaep_algorithms(kms):
    made = kms.create_key(CustomerMasterKeySpec="RSA_4096", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    assert made["EncryptionAlgorithms"] == ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
    assert made["KeySpec"] == made["CustomerMasterKeySpec"] == "RSA_4096"
    assert "SigningAlgorithms" not in made and "CurrentKeyMaterialId" not in made
    today = kms.create_key(KeySpec="RSA_4096", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    assert today["EncryptionAlgorithms"] == made["EncryptionAlgorithms"]


def test_c2_a_p521_key_for_signing_has_ecdsa_with_sha_512(kms):
    made = kms.create_key(CustomerMasterKeySpec="ECC_NIST_P521", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    assert made["SigningAlgorithms"] == ["ECDSA_SHA_512"]
    assert "EncryptionAlgorithms" not in made


@pytest.mark.parametrize("spec", SIGNING)
def test_c3_a_key_usage_must_be_given(kms, refused, spec):
    with refused("ValidationException"):
        kms.create_key(KeySpec=spec)


def test_c3_an_ec_pair_cannot_encrypt_and_no_key_does_both(kms, key_of, refused):
    with refused("ValidationException"):
        kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="ENCRYPT_DECRYPT")
    signing, encrypting = key_of("RSA_2048", "SIGN_VERIFY"), key_of("RSA_2048", "ENCRYPT_DECRYPT")
    message = f"{signing['Arn']} key usage is SIGN_VERIFY which is not valid for Encrypt."
    with refused("InvalidKeyUsageException", message):
        kms.encrypt(KeyId=signing["KeyId"], Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    message = f"{encrypting['Arn']} key usage is ENCRYPT_DECRYPT which is not valid for Sign."
    with refused("InvalidKeyUsageException", message):
        kms.sign(KeyId=encrypting["KeyId"], Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256")


def test_c5_encrypt_under_an_asymmetric_key_works_with_its_algorithm_only(kms, key_of, refused):
    key = key_of("RSA_4096", "ENCRYPT_DECRYPT")
    with refused("InvalidKeyUsageException", "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_4096."):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    assert len(sealed["CiphertextBlob"]) == 512 and sealed["EncryptionAlgorithm"] == "RSAES_OAEP_SHA_256"
    assert "KeyMaterialId" not in sealed


def test_c6_nothing_shows_a_private_key(stack, kms, key_of):
    key = key_of("RSA_2048", "SIGN_VERIFY")
    shown = [kms.describe_key(KeyId=key["KeyId"]), kms.get_public_key(KeyId=key["KeyId"])]
    public = shown[1]["PublicKey"]
    text = openssl("pkey", "-pubin", "-inform", "DER", "-text", "-noout", stdin=public).decode()
    assert "Public-Key: (2048 bit)" in text
    for answer in shown:
        assert "PrivateKey" not in str(answer)
    for operation in kms.meta.service_model.operation_names:
        output = kms.meta.service_model.operation_model(operation).output_shape
        members = set(output.members) if output else set()
        # Data key pairs are their caller's own; no key of the service has such a member.
        assert not {m for m in members if "PrivateKey" in m} or operation.startswith("GenerateDataKeyPair")
    assert not any("PRIVATE KEY" in str(record) for record in stack.records())


@pytest.mark.parametrize("spec, algorithm", PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_what_was_signed_verifies_and_nothing_else_does(kms, key_of, refused, spec, algorithm):
    key = key_of(spec, "SIGN_VERIFY")
    assert key["SigningAlgorithms"] == SIGNING[spec]
    raw = algorithm != "ED25519_PH_SHA_512"
    message = MESSAGE if raw else digest(algorithm, MESSAGE)
    kind = {} if raw else {"MessageType": "DIGEST"}
    signed = kms.sign(KeyId=key["KeyId"], Message=message, SigningAlgorithm=algorithm, **kind)
    assert signed["KeyId"] == key["Arn"] and signed["SigningAlgorithm"] == algorithm
    asked = {"KeyId": key["KeyId"], "SigningAlgorithm": algorithm, **kind}
    good = kms.verify(Message=message, Signature=signed["Signature"], **asked)
    assert good["SignatureValid"] is True and good["KeyId"] == key["Arn"] and good["SigningAlgorithm"] == algorithm
    changed = bytes([signed["Signature"][0] ^ 1]) + signed["Signature"][1:]
    other = message[:-1] + bytes([message[-1] ^ 1])
    for wrong in ((message, changed), (other, signed["Signature"]), (message, signed["Signature"][:-1])):
        with refused("KMSInvalidSignatureException") as error:
            kms.verify(Message=wrong[0], Signature=wrong[1], **asked)
        assert error.error.response["Error"]["Message"] == ""


@pytest.mark.parametrize("spec, algorithm", HASHED, ids=["-".join(pair) for pair in HASHED])
def test_a_message_and_its_digest_have_the_same_signatures(kms, key_of, refused, spec, algorithm):
    asked = {"KeyId": key_of(spec, "SIGN_VERIFY")["KeyId"], "SigningAlgorithm": algorithm}
    hashed = digest(algorithm, MESSAGE)
    of_digest = kms.sign(Message=hashed, MessageType="DIGEST", **asked)["Signature"]
    assert kms.verify(Message=MESSAGE, Signature=of_digest, **asked)["SignatureValid"]
    of_message = kms.sign(Message=MESSAGE, MessageType="RAW", **asked)["Signature"]
    assert kms.verify(Message=hashed, MessageType="DIGEST", Signature=of_message, **asked)["SignatureValid"]
    for length in (len(hashed) - 1, len(hashed) + 1):
        with refused("ValidationException", f"Digest is invalid length for algorithm {algorithm}."):
            kms.sign(Message=b"x" * length, MessageType="DIGEST", **asked)


def test_the_external_mu_of_ml_dsa_is_64_bytes(kms, key_of, refused):
    asked = {"KeyId": key_of("ML_DSA_65", "SIGN_VERIFY")["KeyId"], "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    mu = bytes(64)
    signature = kms.sign(Message=mu, MessageType="EXTERNAL_MU", **asked)["Signature"]
    assert len(signature) == 3309
    assert kms.verify(Message=mu, MessageType="EXTERNAL_MU", Signature=signature, **asked)["SignatureValid"]
    with refused("KMSInvalidSignatureException"):
        kms.verify(Message=mu, Signature=signature, **asked)
    for kind, message in (("EXTERNAL_MU", bytes(63)), ("DIGEST", bytes(64))):
        with refused("ValidationException"):
            kms.sign(Message=message, MessageType=kind, **asked)


def test_algorithms_of_other_specs_are_refused(kms, key_of, refused):
    for spec, algorithm in (("ECC_NIST_P256", "ECDSA_SHA_384"), ("RSA_2048", "ECDSA_SHA_256"), ("ML_DSA_44", "SM2DSA")):
        with refused("InvalidKeyUsageException", f"Algorithm {algorithm} is incompatible with key spec {spec}."):
            kms.sign(KeyId=key_of(spec, "SIGN_VERIFY")["KeyId"], Message=b"x", SigningAlgorithm=algorithm)


def test_a_message_has_4096_bytes_at_most(stack, kms, key_of, refused):
    asked = {"KeyId": key_of("ECC_NIST_P256", "SIGN_VERIFY")["KeyId"], "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(Message=bytes(4096), **asked)["Signature"]
    assert kms.verify(Message=bytes(4096), Signature=signature, **asked)["SignatureValid"]
    unchecked = stack.client("kms", parameter_validation=False)
    for message in (b"", bytes(4097)):
        with refused("ValidationException"):
            unchecked.sign(Message=message, **asked)


@pytest.mark.parametrize("spec, algorithm", ENCRYPTION, ids=["-".join(pair) for pair in ENCRYPTION])
def test_plaintexts_up_to_the_limit_come_back(kms, key_of, refused, spec, algorithm):
    key, most = key_of(spec, "ENCRYPT_DECRYPT"), ENCRYPTION[spec, algorithm]
    asked = {"KeyId": key["KeyId"], "EncryptionAlgorithm": algorithm}
    for size in (1, most):
        sealed = kms.encrypt(Plaintext=b"p" * size, **asked)
        assert sealed["KeyId"] == key["Arn"]
        opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], **asked)
        assert opened["Plaintext"] == b"p" * size and opened["EncryptionAlgorithm"] == algorithm
        assert "KeyMaterialId" not in opened
    message = f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {most} bytes."
    with refused("ValidationException", message):
        kms.encrypt(Plaintext=b"p" * (most + 1), **asked)
    blob = sealed["CiphertextBlob"]
    for changed in (bytes([blob[-1] ^ 1]).join((blob[:-1], b"")), blob[:-1], b"x"):
        with refused("InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=changed, **asked)


def test_an_asymmetric_ciphertext_needs_its_key_and_algorithm_and_no_context(kms, key_of, refused):
    key = key_of("RSA_2048", "ENCRYPT_DECRYPT")["KeyId"]
    algorithm = "RSAES_OAEP_SHA_256"
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
    with refused("ValidationException"):
        kms.decrypt(CiphertextBlob=sealed, EncryptionAlgorithm=algorithm)
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=sealed)
    with refused("InvalidKeyUsageException"):
        kms.decrypt(KeyId=key, CiphertextBlob=sealed)
    with refused("InvalidCiphertextException"):
        kms.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionAlgorithm="RSAES_OAEP_SHA_1")
    with refused("ValidationException"):
        kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionAlgorithm=algorithm, EncryptionContext={"a": "b"})


def test_re_encrypt_moves_between_symmetric_and_asymmetric_keys(kms, key, key_of, refused):
    rsa, algorithm = key_of("RSA_2048", "ENCRYPT_DECRYPT"), "RSAES_OAEP_SHA_256"
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"moving", EncryptionContext={"a": "b"})["CiphertextBlob"]
    there = kms.re_encrypt(
        CiphertextBlob=sealed,
        SourceEncryptionContext={"a": "b"},
        DestinationKeyId=rsa["KeyId"],
        DestinationEncryptionAlgorithm=algorithm,
    )
    assert there["SourceKeyMaterialId"] == key["CurrentKeyMaterialId"] and "DestinationKeyMaterialId" not in there
    back = kms.re_encrypt(
        CiphertextBlob=there["CiphertextBlob"],
        SourceKeyId=rsa["KeyId"],
        SourceEncryptionAlgorithm=algorithm,
        DestinationKeyId=key["KeyId"],
    )
    assert back["DestinationKeyMaterialId"] == key["CurrentKeyMaterialId"] and "SourceKeyMaterialId" not in back
    assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"moving"
    large = kms.encrypt(KeyId=key["KeyId"], Plaintext=bytes(191))["CiphertextBlob"]
    with refused("ValidationException"):
        kms.re_encrypt(CiphertextBlob=large, DestinationKeyId=rsa["KeyId"], DestinationEncryptionAlgorithm=algorithm)


@pytest.mark.parametrize("spec", [*SIGNING, "ML_KEM_768"])
def test_the_public_key_is_shown_with_what_it_is_for(kms, key_of, spec):
    usage = "ENCAPSULATE_DECAPSULATE" if spec.startswith("ML_KEM") else "SIGN_VERIFY"
    key = key_of(spec, usage)
    shown = kms.get_public_key(KeyId=key["Arn"])
    assert shown["KeyId"] == key["Arn"] and shown["KeyUsage"] == usage
    assert shown["KeySpec"] == shown["CustomerMasterKeySpec"] == spec
    assert shown.get("SigningAlgorithms") == SIGNING.get(spec)
    assert shown["PublicKey"][:1] == b"\x30"
    lists = [name for name in shown if name.endswith("Algorithms")]
    assert len(lists) == 1


def test_a_disabled_key_shows_its_public_key_and_does_nothing(kms, refused):
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    asked = {"KeyId": key["KeyId"], "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**asked)["Signature"]
    kms.disable_key(KeyId=key["KeyId"])
    for call in (lambda: kms.sign(**asked), lambda: kms.verify(Signature=signature, **asked)):
        with refused("DisabledException", f"{key['Arn']} is disabled."):
            call()
    assert kms.get_public_key(KeyId=key["KeyId"])["PublicKey"]
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    with refused("KMSInvalidStateException", f"{key['Arn']} is pending deletion."):
        kms.get_public_key(KeyId=key["KeyId"])


def test_keys_without_a_public_key_show_none(kms, key, refused):
    hmac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    for one in (key, hmac):
        with refused("UnsupportedOperationException"):
            kms.get_public_key(KeyId=one["KeyId"])


def test_dry_runs_check_everything(kms, key_of, stranger, refused):
    signing, encrypting = key_of("ECC_NIST_P256", "SIGN_VERIFY"), key_of("RSA_2048", "ENCRYPT_DECRYPT")
    sign = {"KeyId": signing["Arn"], "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256", "DryRun": True}
    with refused("DryRunOperationException"):
        kms.sign(**sign)
    with refused("DryRunOperationException"):
        kms.verify(Signature=b"x", **sign)
    with refused("AccessDeniedException"):
        stranger.sign(**sign)
    with refused("InvalidKeyUsageException"):
        kms.sign(**sign | {"SigningAlgorithm": "ECDSA_SHA_384"})
    encrypt = {"KeyId": encrypting["KeyId"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_1", "DryRun": True}
    with refused("DryRunOperationException"):
        kms.encrypt(Plaintext=b"x", **encrypt)
    with refused("ValidationException"):
        kms.encrypt(Plaintext=bytes(215), **encrypt)


def test_a_dry_run_of_decrypt_can_do_without_a_ciphertext(stack, kms, key, stranger, refused):
    ignore = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    with refused("DryRunOperationException"):
        kms.decrypt(KeyId=key["KeyId"], **ignore)
    with refused("DryRunOperationException"):
        kms.re_encrypt(SourceKeyId=key["KeyId"], DestinationKeyId=key["KeyId"], **ignore)
    with refused("AccessDeniedException"):
        stranger.decrypt(KeyId=key["Arn"], **ignore)
    with refused("ValidationException"):
        kms.decrypt(**ignore)
    with refused("ValidationException"):
        kms.decrypt(KeyId=key["KeyId"], DryRunModifiers=["IGNORE_CIPHERTEXT"])


def public_key_file(kms, key, folder):
    path = folder / "public.der"
    path.write_bytes(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])
    return path


@pytest.mark.parametrize("spec", RSA)
@pytest.mark.parametrize("bits", [1, 256])
def test_c4_openssl_encrypts_under_the_public_key_and_trent_decrypts(kms, key_of, tmp_path, spec, bits):
    key = key_of(spec, "ENCRYPT_DECRYPT")
    oaep = ("rsa_padding_mode:oaep", f"rsa_oaep_md:sha{bits}", f"rsa_mgf1_md:sha{bits}")
    options = [word for option in oaep for word in ("-pkeyopt", option)]
    public = public_key_file(kms, key, tmp_path)
    sealed = openssl("pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", public, *options, stdin=MESSAGE)
    opened = kms.decrypt(KeyId=key["KeyId"], CiphertextBlob=sealed, EncryptionAlgorithm=f"RSAES_OAEP_SHA_{bits}")
    assert opened["Plaintext"] == MESSAGE


def test_c4_the_articles_commands_corrected_work_as_documented(stack, key_of, tmp_path):
    (tmp_path / "secret.txt").write_bytes(MESSAGE)
    assert documented_script(stack, 1, key_of("RSA_4096", "ENCRYPT_DECRYPT")["KeyId"], tmp_path) == MESSAGE


def signature_options(algorithm):
    options = ["-pkeyopt", f"digest:sha{algorithm.rsplit('_', 1)[1]}"]
    if "PSS" in algorithm:
        options += ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"]
    return options


@pytest.mark.parametrize("spec, algorithm", HASHED, ids=["-".join(pair) for pair in HASHED])
def test_openssl_verifies_signatures(kms, key_of, tmp_path, spec, algorithm):
    key = key_of(spec, "SIGN_VERIFY")
    (tmp_path / "signature").write_bytes(
        kms.sign(KeyId=key["KeyId"], Message=MESSAGE, SigningAlgorithm=algorithm)["Signature"]
    )
    (tmp_path / "digest").write_bytes(digest(algorithm, MESSAGE))
    public = public_key_file(kms, key, tmp_path)
    said = openssl(
        *("pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", public),
        *("-in", tmp_path / "digest", "-sigfile", tmp_path / "signature", *signature_options(algorithm)),
    )
    assert b"Verified Successfully" in said


def test_openssl_verifies_ed25519(kms, key_of, tmp_path):
    key = key_of("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    signed = kms.sign(KeyId=key["KeyId"], Message=MESSAGE, SigningAlgorithm="ED25519_SHA_512")
    (tmp_path / "signature").write_bytes(signed["Signature"])
    (tmp_path / "message").write_bytes(MESSAGE)
    public = public_key_file(kms, key, tmp_path)
    said = openssl(
        *("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", public),
        *("-in", tmp_path / "message", "-sigfile", tmp_path / "signature"),
    )
    assert b"Verified Successfully" in said


def test_signatures_under_a_data_key_pair_by_openssl_verify_under_its_public_key(kms, key, tmp_path):
    """openssl signs with a private key that Trent made; what it makes is what Trent's own signatures are."""
    for spec, bits in (("RSA_2048", 256), ("ECC_NIST_P384", 384), ("ECC_SECG_P256K1", 256)):
        pair = kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec=spec)
        private, public = tmp_path / "private.der", tmp_path / "public.der"
        private.write_bytes(pair["PrivateKeyPlaintext"])
        public.write_bytes(pair["PublicKey"])
        (tmp_path / "message").write_bytes(MESSAGE)
        signature = openssl("dgst", f"-sha{bits}", "-sign", private, "-keyform", "DER", tmp_path / "message")
        (tmp_path / "signature").write_bytes(signature)
        said = openssl(
            *("dgst", f"-sha{bits}", "-verify", public, "-keyform", "DER"),
            *("-signature", tmp_path / "signature", tmp_path / "message"),
        )
        assert said == b"Verified OK\n"


def test_policies_can_tell_algorithms_and_message_types_apart(stack, kms, account, new_user, refused):
    arn, credentials = new_user()
    root = f"arn:aws:iam::{account}:root"
    allow = {"Effect": "Allow", "Resource": "*"}
    digests = {"StringEquals": {"kms:MessageType": "DIGEST", "kms:SigningAlgorithm": "RSASSA_PSS_SHA_256"}}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            allow | {"Principal": {"AWS": root}, "Action": "kms:*"},
            allow | {"Principal": {"AWS": arn}, "Action": "kms:Sign", "Condition": digests},
        ],
    }
    made = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", Policy=json.dumps(policy))["KeyMetadata"]
    user = stack.client("kms", credentials=credentials)
    good = {"KeyId": made["Arn"], "Message": bytes(32), "MessageType": "DIGEST", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    assert len(user.sign(**good)["Signature"]) == 256
    for wrong in ({"MessageType": "RAW"}, {"SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"}):
        with refused("AccessDeniedException"):
            user.sign(**good | wrong)


def test_the_records_of_signatures_and_public_keys(stack, kms, key_of, refused):
    key = key_of("ECC_NIST_P256", "SIGN_VERIFY")
    asked = {"KeyId": key["KeyId"], "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    signed = kms.sign(**asked)
    with refused("KMSInvalidSignatureException") as wrong:
        kms.verify(Signature=b"x", **asked)
    parameters = {"keyId": key["KeyId"], "messageType": "RAW", "signingAlgorithm": "ECDSA_SHA_256"}
    for answer, name in (
        (signed, "Sign"),
        (kms.verify(Signature=signed["Signature"], **asked), "Verify"),
        (wrong.error, "Verify"),
    ):
        record = stack.record(answer)
        assert record["eventName"] == name and record["readOnly"] is True
        assert record["requestParameters"] == parameters
        assert record["responseElements"] is None and "additionalEventData" not in record
        assert [one["ARN"] for one in record["resources"]] == [key["Arn"]]
        text = str(record)
        for secret in (MESSAGE, signed["Signature"]):
            assert base64.b64encode(secret).decode() not in text and secret.hex() not in text
    assert record["errorCode"] == "KMSInvalidSignatureException" and "errorMessage" not in record
    record = stack.record(kms.get_public_key(KeyId=key["Arn"]))
    assert record["requestParameters"] == {"keyId": key["Arn"]} and record["readOnly"] is True
    assert record["responseElements"] is None


def test_the_records_of_asymmetric_encryption_show_no_material(stack, kms, key_of):
    key, algorithm = key_of("RSA_2048", "ENCRYPT_DECRYPT"), "RSAES_OAEP_SHA_256"
    asked = {"KeyId": key["KeyId"], "EncryptionAlgorithm": algorithm}
    sealed = kms.encrypt(Plaintext=b"x", **asked)
    for answer, name in ((sealed, "Encrypt"), (kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], **asked), "Decrypt")):
        record = stack.record(answer)
        assert record["eventName"] == name
        assert record["requestParameters"] == {"keyId": key["KeyId"], "encryptionAlgorithm": algorithm}
        assert "additionalEventData" not in record


def test_signatures_of_ecdsa_are_der_and_of_the_right_length(kms, key_of):
    for spec, most in (("ECC_NIST_P256", 72), ("ECC_NIST_P384", 104), ("ECC_NIST_P521", 139), ("ECC_SECG_P256K1", 72)):
        key = key_of(spec, "SIGN_VERIFY")
        signature = kms.sign(KeyId=key["KeyId"], Message=b"x", SigningAlgorithm=SIGNING[spec][0])["Signature"]
        assert len(signature) <= most
        assert re.search(r"prim: +INTEGER", openssl("asn1parse", "-inform", "DER", stdin=signature).decode())
    for bits, algorithm in zip((2048, 3072, 4096), RSA_SIGNING):
        key = key_of(f"RSA_{bits}", "SIGN_VERIFY")
        signature = kms.sign(KeyId=key["KeyId"], Message=b"x", SigningAlgorithm=algorithm)["Signature"]
        assert len(signature) == bits // 8

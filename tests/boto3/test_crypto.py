"""Encrypt, Decrypt, ReEncrypt, data keys and random bytes (source texts D)."""

import pytest

CONTEXT = {"purpose": "test", "user": "ü"}


@pytest.mark.parametrize("size", [1, 32, 4095, 4096])
def test_d1_what_was_encrypted_decrypts_without_naming_the_key(kms, key, size):
    plaintext = bytes(range(256)) * 16
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=plaintext[:size])
    assert sealed["KeyId"] == key["Arn"]
    assert sealed["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert "KeyMaterialId" not in sealed
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])
    assert opened["Plaintext"] == plaintext[:size]
    assert opened["KeyId"] == key["Arn"]
    assert opened["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert opened["KeyMaterialId"] == key["CurrentKeyMaterialId"]


def test_d2_plaintexts_beyond_4096_bytes_are_refused(kms, key, refused):
    with refused("ValidationException") as error:
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x" * 4097)
    assert error.text == (
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096"
    )


def test_a6_every_name_of_a_key_works(kms, key, alias):
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    alias_arn = key["Arn"].split(":key/")[0] + ":" + alias
    for name in (key["KeyId"], key["Arn"], alias, alias_arn):
        sealed = kms.encrypt(KeyId=name, Plaintext=b"x")["CiphertextBlob"]
        assert kms.decrypt(KeyId=name, CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_the_same_plaintext_never_gives_the_same_ciphertext(kms, key):
    sealed = {kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"] for _ in range(20)}
    assert len(sealed) == 20


def test_the_encryption_context_must_be_the_same(kms, key, refused):
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
    again = dict(reversed(CONTEXT.items()))
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=again)["Plaintext"] == b"x"
    for wrong in ({}, {"purpose": "test"}, {**CONTEXT, "more": ""}, {"Purpose": "test", "user": "ü"}):
        with refused("InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=sealed, EncryptionContext=wrong)


def test_a_byte_cannot_move_between_key_and_value_of_the_context(kms, key, refused):
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"a": "bc"})["CiphertextBlob"]
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"ab": "c"})


def test_an_empty_context_is_no_context(kms, key):
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={})["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_a_changed_ciphertext_does_not_decrypt(kms, key):
    sealed = bytearray(kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret")["CiphertextBlob"])
    for at in range(0, len(sealed), 7):
        changed = bytes(sealed[:at]) + bytes([sealed[at] ^ 1]) + bytes(sealed[at + 1 :])
        for named in ({}, {"KeyId": key["KeyId"]}):
            with pytest.raises(Exception) as caught:
                kms.decrypt(CiphertextBlob=changed, **named)
            code = caught.value.response["Error"]["Code"]
            # A change inside the key id names another key.
            assert code in ("InvalidCiphertextException", "AccessDeniedException", "IncorrectKeyException"), code
    for cut in (1, 49, 50, len(sealed) - 1):
        with pytest.raises(Exception) as caught:
            kms.decrypt(CiphertextBlob=bytes(sealed[:cut]))
        assert caught.value.response["Error"]["Code"] == "InvalidCiphertextException"


def test_the_wrong_key_id_on_decrypt_is_an_incorrect_key(kms, key, refused):
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    other = kms.create_key()["KeyMetadata"]
    message = "The key ID in the request does not identify a CMK that can perform this operation."
    with refused("IncorrectKeyException", message):
        kms.decrypt(CiphertextBlob=sealed, KeyId=other["KeyId"])


def test_a_disabled_key_neither_encrypts_nor_decrypts(kms, key, refused):
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key["KeyId"])
    message = f"{key['Arn']} is disabled."
    for call in (
        lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x"),
        lambda: kms.decrypt(CiphertextBlob=sealed),
        lambda: kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256"),
        lambda: kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], KeySpec="AES_256"),
        lambda: kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=key["KeyId"]),
    ):
        with refused("DisabledException", message):
            call()


@pytest.mark.parametrize("asked, size", [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 1024}, 1024)])
def test_d2_data_keys_come_plain_and_sealed(kms, key, asked, size):
    made = kms.generate_data_key(KeyId=key["KeyId"], EncryptionContext=CONTEXT, **asked)
    assert len(made["Plaintext"]) == size
    assert made["KeyId"] == key["Arn"] and made["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    bare = kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], **asked)
    assert "Plaintext" not in bare and bare["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    assert len(kms.decrypt(CiphertextBlob=bare["CiphertextBlob"])["Plaintext"]) == size


@pytest.mark.parametrize("asked", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}])
def test_a_data_key_has_one_size(kms, key, refused, asked):
    with refused("ValidationException", "Please specify either number of bytes or key spec."):
        kms.generate_data_key(KeyId=key["KeyId"], **asked)


def test_re_encrypt_moves_a_ciphertext_to_another_key(kms, key, refused):
    other = kms.create_key()["KeyMetadata"]
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"moving", EncryptionContext={"a": "1"})["CiphertextBlob"]
    moved = kms.re_encrypt(
        CiphertextBlob=sealed,
        SourceEncryptionContext={"a": "1"},
        DestinationKeyId=other["KeyId"],
        DestinationEncryptionContext={"b": "2"},
    )
    assert moved["SourceKeyId"] == key["Arn"] and moved["KeyId"] == other["Arn"]
    assert moved["SourceKeyMaterialId"] == key["CurrentKeyMaterialId"]
    assert moved["DestinationKeyMaterialId"] == other["CurrentKeyMaterialId"]
    assert moved["SourceEncryptionAlgorithm"] == moved["DestinationEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"b": "2"})
    assert opened["Plaintext"] == b"moving" and opened["KeyId"] == other["Arn"]
    with refused("InvalidCiphertextException"):
        kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=other["KeyId"])
    with refused("IncorrectKeyException"):
        kms.re_encrypt(
            CiphertextBlob=sealed,
            SourceKeyId=other["KeyId"],
            SourceEncryptionContext={"a": "1"},
            DestinationKeyId=other["KeyId"],
        )


def test_random_bytes_are_as_many_as_asked_for(stack, kms, refused):
    made = [kms.generate_random(NumberOfBytes=n)["Plaintext"] for n in (1, 32, 1024)]
    assert [len(one) for one in made] == [1, 32, 1024]
    assert kms.generate_random(NumberOfBytes=32)["Plaintext"] != made[1]
    unchecked = stack.client("kms", parameter_validation=False)
    for wrong in ({"NumberOfBytes": 0}, {"NumberOfBytes": 1025}, {}):
        with refused("ValidationException"):
            unchecked.generate_random(**wrong)


def test_dry_run_checks_everything_and_does_nothing(kms, key, stranger, refused):
    with refused("DryRunOperationException"):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", DryRun=True)
    with refused("DryRunOperationException"):
        kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", DryRun=True)
    with refused("AccessDeniedException"):
        stranger.encrypt(KeyId=key["Arn"], Plaintext=b"x", DryRun=True)
    kms.disable_key(KeyId=key["KeyId"])
    with refused("DisabledException"):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", DryRun=True)


@pytest.mark.parametrize(
    "call, parameters, code",
    [
        ("encrypt", {"Plaintext": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}, "InvalidKeyUsageException"),
        ("encrypt", {"Plaintext": b"x", "EncryptionAlgorithm": "ROT13"}, "ValidationException"),
        ("encrypt", {"Plaintext": b"x", "GrantTokens": ["made-up"]}, "InvalidGrantTokenException"),
        ("encrypt", {"Plaintext": b""}, "ValidationException"),
        (
            "generate_data_key",
            {"KeySpec": "AES_256", "Recipient": {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}},
            "UnsupportedOperationException",
        ),
    ],
)
def test_parameters_that_are_not_served_are_refused(kms, key, refused, call, parameters, code):
    with refused(code):
        getattr(kms, call)(KeyId=key["KeyId"], **parameters)

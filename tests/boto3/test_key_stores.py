"""Custom key stores, which Trent does not have: every operation on them is authenticated, refused and recorded."""

import pytest

STORE = {"CustomKeyStoreId": "cks-1234567890abcdef0"}
CALLS = {
    "connect_custom_key_store": STORE,
    "create_custom_key_store": {"CustomKeyStoreName": "store"},
    "delete_custom_key_store": STORE,
    "describe_custom_key_stores": {},
    "disconnect_custom_key_store": STORE,
    "update_custom_key_store": STORE,
}


@pytest.mark.parametrize("method", CALLS)
def test_custom_key_stores_are_refused(stack, kms, refused, method):
    with refused("UnsupportedOperationException") as refusal:
        getattr(kms, method)(**CALLS[method])
    record = stack.record(refusal.error)
    assert record["eventName"] == kms.meta.method_to_api_mapping[method]
    assert record["errorCode"] == "UnsupportedOperationException"


def test_only_those_who_sign_are_told_so(stack, refused):
    forger = stack.client("kms", credentials=(stack.access_key_id, "not the secret"))
    with refused("InvalidSignatureException"):
        forger.describe_custom_key_stores()


def test_random_bytes_of_a_key_store_are_refused(kms, refused):
    with refused("UnsupportedOperationException"):
        kms.generate_random(NumberOfBytes=32, **STORE)

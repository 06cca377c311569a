"""Key specs as AWS documents them: usages, algorithms in AWS's order, sizes (KMS API Reference, CreateKey; AWS KMS
Developer Guide, "Key spec reference")."""

import os

from test_import import import_material

OAEP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
RSA_SIGNATURES = [
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
]
RSA = {"ENCRYPT_DECRYPT": OAEP, "SIGN_VERIFY": RSA_SIGNATURES}
HASH_OF_CURVE = {"P256": 256, "P384": 384, "P521": 512}


def nist(curve):
    return {"SIGN_VERIFY": [f"ECDSA_SHA_{HASH_OF_CURVE[curve]}"], "KEY_AGREEMENT": ["ECDH"]}


# Spec → usage → algorithms.
SPECS = {
    "SYMMETRIC_DEFAULT": {"ENCRYPT_DECRYPT": ["SYMMETRIC_DEFAULT"]},
    "RSA_2048": RSA,
    "RSA_3072": RSA,
    "RSA_4096": RSA,
    "ECC_NIST_P256": nist("P256"),
    "ECC_NIST_P384": nist("P384"),
    "ECC_NIST_P521": nist("P521"),
    "ECC_SECG_P256K1": {"SIGN_VERIFY": ["ECDSA_SHA_256"]},
    "ECC_NIST_EDWARDS25519": {"SIGN_VERIFY": ["ED25519_SHA_512", "ED25519_PH_SHA_512"]},
    "SM2": {"ENCRYPT_DECRYPT": ["SM2PKE"], "SIGN_VERIFY": ["SM2DSA"], "KEY_AGREEMENT": ["ECDH"]},
    "ML_DSA_44": {"SIGN_VERIFY": ["ML_DSA_SHAKE_256"]},
    "ML_DSA_65": {"SIGN_VERIFY": ["ML_DSA_SHAKE_256"]},
    "ML_DSA_87": {"SIGN_VERIFY": ["ML_DSA_SHAKE_256"]},
    "ML_KEM_512": {"ENCAPSULATE_DECAPSULATE": ["ML_KEM"]},
    "ML_KEM_768": {"ENCAPSULATE_DECAPSULATE": ["ML_KEM"]},
    "ML_KEM_1024": {"ENCAPSULATE_DECAPSULATE": ["ML_KEM"]},
    "HMAC_224": {"GENERATE_VERIFY_MAC": ["HMAC_SHA_224"]},
    "HMAC_256": {"GENERATE_VERIFY_MAC": ["HMAC_SHA_256"]},
    "HMAC_384": {"GENERATE_VERIFY_MAC": ["HMAC_SHA_384"]},
    "HMAC_512": {"GENERATE_VERIFY_MAC": ["HMAC_SHA_512"]},
}
USAGES = ["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"]

# The member of KeyMetadata and GetPublicKey that lists a usage's algorithms.
LISTED_AS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}
# `CustomerMasterKeySpec` of the service model: the specs of the time when it was the only name.
OLD_SPECS = [spec for spec in SPECS if not spec.startswith(("ML_", "ECC_NIST_EDWARDS"))]

# Most bytes that an algorithm encrypts under a key of this spec (KMS API Reference, Encrypt).
LARGEST = {
    ("RSA_2048", "RSAES_OAEP_SHA_1"): 214,
    ("RSA_2048", "RSAES_OAEP_SHA_256"): 190,
    ("RSA_3072", "RSAES_OAEP_SHA_1"): 342,
    ("RSA_3072", "RSAES_OAEP_SHA_256"): 318,
    ("RSA_4096", "RSAES_OAEP_SHA_1"): 470,
    ("RSA_4096", "RSAES_OAEP_SHA_256"): 446,
    ("SM2", "SM2PKE"): 1024,
    ("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"): 4096,
}
# Bytes of an encapsulated secret (FIPS 203, table 3), of a signature of fixed length (RFC 8017, RFC 8032, FIPS 204
# table 2), of a derived secret: the x-coordinate of the curve.
ENCAPSULATED = {"ML_KEM_512": 768, "ML_KEM_768": 1088, "ML_KEM_1024": 1568}
SIGNATURE = {
    "RSA_2048": 256,
    "RSA_3072": 384,
    "RSA_4096": 512,
    "ECC_NIST_EDWARDS25519": 64,
    "ML_DSA_44": 2420,
    "ML_DSA_65": 3309,
    "ML_DSA_87": 4627,
}
DERIVED = {"ECC_NIST_P256": 32, "ECC_NIST_P384": 48, "ECC_NIST_P521": 66, "SM2": 32}


def is_symmetric(spec):
    return spec == "SYMMETRIC_DEFAULT" or spec.startswith("HMAC_")


def can_be_imported(spec):
    return not spec.startswith("ML_")


# Every kind of key that AWS allows: spec, usage, origin.
KINDS = [
    (spec, usage, origin)
    for spec, usages in SPECS.items()
    for usage in usages
    for origin in (["AWS_KMS", "EXTERNAL"] if can_be_imported(spec) else ["AWS_KMS"])
]


class Keys:
    """One key of each kind, made when it is first asked for; RSA key pairs are slow to make."""

    def __init__(self, kms):
        self.kms, self.made, self.materials = kms, {}, {}

    def key(self, spec, usage, origin="AWS_KMS"):
        """What CreateKey answered; a key for imported material has its material afterwards."""
        kind = spec, usage, origin
        if kind not in self.made:
            made = self.kms.create_key(KeySpec=spec, KeyUsage=usage, Origin=origin)["KeyMetadata"]
            if origin == "EXTERNAL":
                self.import_into(made["KeyId"], spec)
            self.made[kind] = made
        return self.made[kind]

    def import_into(self, key_id, spec):
        material, _ = self.material(spec)
        within_rsa = not spec.startswith("RSA_") and spec != "ECC_NIST_P521"
        algorithm = "RSAES_OAEP_SHA_256" if within_rsa else "RSA_AES_KEY_WRAP_SHA_256"
        return import_material(self.kms, key_id, material, algorithm)

    def material(self, spec):
        """Material for keys of this spec, and its public key in DER where there is one."""
        if spec not in self.materials:
            if is_symmetric(spec):
                bits = int(spec.removeprefix("HMAC_")) if spec.startswith("HMAC_") else 256
                self.materials[spec] = os.urandom(bits // 8), None
            else:
                under = self.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")["KeyId"]
                pair = self.kms.generate_data_key_pair(KeyId=under, KeyPairSpec=spec)
                self.materials[spec] = pair["PrivateKeyPlaintext"], pair["PublicKey"]
        return self.materials[spec]

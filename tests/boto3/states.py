"""Keys in every state, made ready for whatever an operation needs of them."""

import time
import uuid

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from test_import import import_material, pkcs8, wrap

HERE, THERE, ELSEWHERE = "us-east-1", "eu-west-1", "ap-southeast-2"

# How long a key is Creating or Updating: the deployment shows these states for a second.
PASSING_SECONDS = 1.0

# What CreateKey takes for each kind of key. All are multi-Region keys, which occur in every state.
KINDS = {
    "symmetric": {},
    "external": {"Origin": "EXTERNAL"},
    "sign": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "mac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "agree": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "kem": {"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
}


def public_point():
    """The public key of the other side of a key agreement."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def fresh_material(kind):
    """Key material that can be imported into keys of this kind."""
    if kind in ("sign", "agree"):
        return pkcs8(ec.generate_private_key(ec.SECP256R1()))
    return uuid.uuid4().bytes + uuid.uuid4().bytes


class Key:
    """A key, a client of its Region, and what was made with it before it came into its state."""

    def __init__(self, world, kind, metadata, region):
        self.world, self.kind, self.id, self.region = world, kind, metadata["KeyId"], region
        self.arn = metadata["Arn"]
        self.made = {}
        self.passing_since = None

    @property
    def kms(self):
        return self.world.clients[self.region]

    def in_region(self, region):
        """The related key of this Region, with the same samples."""
        other = Key(self.world, self.kind, {"KeyId": self.id, "Arn": self.arn.replace(self.region, region)}, region)
        other.made = self.made
        return other

    def metadata(self):
        return self.kms.describe_key(KeyId=self.id)["KeyMetadata"]

    def wait_for(self, state):
        end = time.monotonic() + 60
        while self.metadata()["KeyState"] != state:
            assert time.monotonic() < end, f"{self.arn} is not {state} in time"
            time.sleep(0.02)

    def take_samples(self):
        """What the operations that undo something need: ciphertext, signature, MAC, encapsulated secret."""
        if self.kind in ("symmetric", "external"):
            self.made["blob"] = self.kms.encrypt(KeyId=self.id, Plaintext=b"x")["CiphertextBlob"]
        elif self.kind == "sign":
            signed = self.kms.sign(KeyId=self.id, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
            self.made["signature"] = signed["Signature"]
        elif self.kind == "mac":
            self.made["mac"] = self.kms.generate_mac(KeyId=self.id, Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
        elif self.kind == "kem":
            carried = self.kms.encapsulate(KeyId=self.id, EncapsulationAlgorithm="ML_KEM")
            self.made["secret"] = carried["SharedSecretCiphertextBlob"]

    def take_import_parameters(self):
        """An import token of this key, and its material wrapped for it."""
        algorithm = "RSAES_OAEP_SHA_256"
        parameters = self.kms.get_parameters_for_import(
            KeyId=self.id, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
        )
        wrapped = wrap(parameters, algorithm, self.made["material"])
        self.made["import"] = {"ImportToken": parameters["ImportToken"], "EncryptedKeyMaterial": wrapped}

    def import_own(self):
        import_material(self.kms, self.id, self.made["material"])

    def pass_through(self, call):
        """Comes into a passing state by a call, which is when its time begins at the earliest."""
        self.passing_since = time.monotonic()
        call()

    def still_passing(self):
        return time.monotonic() - self.passing_since < PASSING_SECONDS


class World:
    """Makes keys in states, and keeps those that an operation has left as they were."""

    def __init__(self, stack):
        self.clients = {region: stack.client("kms", region=region) for region in (HERE, THERE, ELSEWHERE)}
        self.kept = {}
        self.others = {}

    def enabled(self, kind, imported=False, samples=True):
        """A new primary key; imported keys have their material, unless no samples are wanted."""
        origin = {"Origin": "EXTERNAL"} if imported else {}
        kms = self.clients[HERE]
        metadata = kms.create_key(MultiRegion=True, **KINDS[kind] | origin)["KeyMetadata"]
        key = Key(self, kind, metadata, HERE)
        if metadata["Origin"] == "EXTERNAL":
            key.made["material"] = fresh_material(kind)
            if not samples:
                return key
            key.import_own()
            if kind == "external":
                key.take_import_parameters()
        key.take_samples()
        return key

    def replicate(self, key):
        """The replica of a key, which is Creating."""
        replica = key.in_region(THERE)
        replica.pass_through(lambda: key.kms.replicate_key(KeyId=key.id, ReplicaRegion=THERE))
        return replica

    def make(self, kind, state, prepare=None, family=False):
        """A new key in this state; `prepare` is done with it while it is enabled, or at the latest when it is in a
        passing state. `family`: with a replica that is enabled, or that is itself the key in this state."""
        if state == "Creating":
            key = self.replicate(self.enabled(kind))
        elif state == "Updating":
            key = self.updating(kind)
        else:
            return self.make_lasting(kind, state, prepare, family)
        if prepare:
            prepare(key)
        return key

    def make_lasting(self, kind, state, prepare, family):
        key = self.enabled(kind, imported=state == "PendingImport")
        if prepare:
            prepare(key)
        replica = self.replicate(key) if family or state == "PendingReplicaDeletion" else None
        if state == "Enabled" and replica:
            replica.wait_for("Enabled")
        elif state == "Disabled":
            key.kms.disable_key(KeyId=key.id)
        elif state == "PendingDeletion":
            # A primary key with a replica waits for that; here the replica is the key that is looked at.
            key = replica or key
            key.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
        elif state == "PendingReplicaDeletion":
            key.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
        elif state == "PendingImport":
            key.kms.delete_imported_key_material(KeyId=key.id)
        assert key.metadata()["KeyState"] == state
        return key

    def updating(self, kind):
        """The primary key of a family that has just changed its primary Region."""
        primary = self.kept.pop((kind, "Updating"), None)
        if primary is None:
            primary = self.enabled(kind)
            replica = self.replicate(primary)
            if kind == "external":
                replica.wait_for("PendingImport")
                replica.import_own()
            replica.wait_for("Enabled")
        else:
            primary.wait_for("Enabled")
        to = THERE if primary.region == HERE else HERE
        other = primary.in_region(to)
        if kind == "external":
            other.take_import_parameters()
        other.pass_through(lambda: primary.kms.update_primary_region(KeyId=primary.id, PrimaryRegion=to))
        return other

    def key(self, kind, state):
        """A key in this state: one that operations have left in it, or a new one."""
        kept = self.kept.get((kind, state))
        passing = state in ("Creating", "Updating")
        if kept and (kept.still_passing() if passing else True):
            return kept
        return self.make(kind, state)

    def other(self, region):
        """An enabled symmetric key of this Region, for operations that take two keys."""
        if region not in self.others:
            made = self.clients[region].create_key()["KeyMetadata"]
            self.others[region] = Key(self, "symmetric", made, region)
            self.others[region].take_samples()
        return self.others[region]

    def keep(self, kind, state, key):
        """Keeps a key that is as it was for the next operation."""
        self.kept[kind, state] = key


def new_alias():
    return f"alias/states-{uuid.uuid4()}"

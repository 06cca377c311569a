//! The operations that can be loaded: a table, one row each.

mod kinds;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::LoadError;

pub(crate) use kinds::KeyKind;

/// An operation under load.
pub(crate) struct Operation {
    /// The name on the command line and in reports: AWS's, in kebab case, and the kind of key where
    /// there are several.
    pub(crate) name: &'static str,
    /// The action in `X-Amz-Target`.
    pub(crate) action: &'static str,
    pub(crate) signed_by: SignedBy,
    pub(crate) check: Check,
    /// The kind of key that it is about.
    pub(crate) key: KeyKind,
    /// What has to be asked for before the load, once for each key.
    pub(crate) preparation: Option<Preparation>,
    /// The largest size, where it has one.
    pub(crate) bytes_max: Option<usize>,
    body: fn(&Order<'_>) -> String,
}

/// A request whose answer has what the load's requests need.
#[derive(Clone, Copy)]
pub(crate) struct Preparation {
    pub(crate) action: &'static str,
    pub(crate) body: fn(&Order<'_>) -> String,
    /// The member that becomes [`Order::ciphertext`].
    pub(crate) member: &'static str,
}

/// Whose signature an operation carries when there are several principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedBy {
    /// Any principal: the key's policy lets them.
    Principal,
    /// The credentials given: no key policy can allow what is not about a key.
    Owner,
}

/// What a good answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// Any success.
    Answered,
    /// `Plaintext` is what was sealed.
    Opens,
    /// `CiphertextBlob` seals the plaintext that was sent; a later Decrypt opens it.
    Seals,
    /// The same under the other key.
    SealsAgain,
    /// `Plaintext` has the length asked for, and `CiphertextBlob` seals it.
    MakesAndSeals,
}

/// What one request is about; texts are base64 or key ids and need no escapes.
pub(crate) struct Order<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) other_key_id: &'a str,
    pub(crate) plaintext: &'a str,
    pub(crate) ciphertext: &'a str,
    pub(crate) bytes: usize,
}

/// Every operation that can be loaded.
const OPERATIONS: &[Operation] = &[
    Operation {
        check: Check::Seals,
        bytes_max: Some(4096),
        ..row("encrypt", "Encrypt", |order| {
            let Order { key_id, plaintext, .. } = order;
            format!(r#"{{"KeyId":"{key_id}","Plaintext":"{plaintext}"}}"#)
        })
    },
    Operation {
        check: Check::Opens,
        bytes_max: Some(4096),
        ..row("decrypt", "Decrypt", |order| {
            format!(r#"{{"CiphertextBlob":"{}"}}"#, order.ciphertext)
        })
    },
    Operation {
        check: Check::SealsAgain,
        bytes_max: Some(4096),
        ..row("re-encrypt", "ReEncrypt", |order| {
            let Order { other_key_id, ciphertext, .. } = order;
            format!(r#"{{"CiphertextBlob":"{ciphertext}","DestinationKeyId":"{other_key_id}"}}"#)
        })
    },
    Operation {
        check: Check::MakesAndSeals,
        bytes_max: Some(1024),
        ..row("generate-data-key", "GenerateDataKey", data_key)
    },
    Operation {
        bytes_max: Some(1024),
        ..row("generate-data-key-without-plaintext", "GenerateDataKeyWithoutPlaintext", data_key)
    },
    Operation { key: KeyKind::P256Signing, bytes_max: Some(4096), ..row("sign", "Sign", sign) },
    Operation {
        key: KeyKind::P384Signing,
        bytes_max: Some(4096),
        ..row("sign-p384", "Sign", |order| signed_by("ECDSA_SHA_384", order))
    },
    Operation {
        key: KeyKind::Rsa2048Signing,
        bytes_max: Some(4096),
        ..row("sign-rsa-2048", "Sign", |order| signed_by("RSASSA_PSS_SHA_256", order))
    },
    Operation {
        key: KeyKind::P256Signing,
        preparation: prepared("Sign", sign, "/Signature"),
        bytes_max: Some(4096),
        ..row("verify", "Verify", |order| with(&sign(order), "Signature", order.ciphertext))
    },
    Operation {
        key: KeyKind::Hmac256,
        bytes_max: Some(4096),
        ..row("generate-mac", "GenerateMac", mac)
    },
    Operation {
        key: KeyKind::Hmac256,
        preparation: prepared("GenerateMac", mac, "/Mac"),
        bytes_max: Some(4096),
        ..row("verify-mac", "VerifyMac", |order| with(&mac(order), "Mac", order.ciphertext))
    },
    Operation {
        key: KeyKind::P256Agreement,
        // Its own public key is as good as anybody's.
        preparation: prepared("GetPublicKey", about_key, "/PublicKey"),
        ..row("derive-shared-secret", "DeriveSharedSecret", |order| {
            let body = with(&about_key(order), "KeyAgreementAlgorithm", "ECDH");
            with(&body, "PublicKey", order.ciphertext)
        })
    },
    Operation { key: KeyKind::MlKem768, ..row("encapsulate", "Encapsulate", encapsulate) },
    Operation {
        key: KeyKind::MlKem768,
        preparation: prepared("Encapsulate", encapsulate, "/SharedSecretCiphertextBlob"),
        ..row("decapsulate", "Decapsulate", |order| {
            with(&encapsulate(order), "SharedSecretCiphertextBlob", order.ciphertext)
        })
    },
    row("generate-data-key-pair", "GenerateDataKeyPair", key_pair),
    row(
        "generate-data-key-pair-without-plaintext",
        "GenerateDataKeyPairWithoutPlaintext",
        key_pair,
    ),
    Operation { key: KeyKind::P256Signing, ..row("get-public-key", "GetPublicKey", about_key) },
    row("describe-key", "DescribeKey", about_key),
    row("get-key-policy", "GetKeyPolicy", about_key),
    row("list-key-policies", "ListKeyPolicies", about_key),
    row("list-resource-tags", "ListResourceTags", about_key),
    Operation {
        signed_by: SignedBy::Owner,
        bytes_max: Some(1024),
        ..row("generate-random", "GenerateRandom", |order| {
            format!(r#"{{"NumberOfBytes":{}}}"#, order.bytes)
        })
    },
    Operation {
        signed_by: SignedBy::Owner,
        ..row("list-aliases", "ListAliases", |order| format!(r#"{{"KeyId":"{}"}}"#, order.key_id))
    },
    Operation {
        signed_by: SignedBy::Owner,
        ..row("list-keys", "ListKeys", |_| r#"{"Limit":100}"#.to_owned())
    },
];

/// Shorter names that stand for an operation with a size.
const SHORT: &[(&str, &str)] = &[
    ("encrypt4k", "encrypt:4096"),
    ("decrypt4k", "decrypt:4096"),
    ("datakey", "generate-data-key"),
    ("reencrypt", "re-encrypt"),
    ("describe", "describe-key"),
    ("random", "generate-random"),
];

/// A row of an operation that any principal may ask for and that has no size.
const fn row(
    name: &'static str,
    action: &'static str,
    body: fn(&Order<'_>) -> String,
) -> Operation {
    Operation {
        name,
        action,
        signed_by: SignedBy::Principal,
        check: Check::Answered,
        key: KeyKind::Symmetric,
        preparation: None,
        bytes_max: None,
        body,
    }
}

const fn prepared(
    action: &'static str,
    body: fn(&Order<'_>) -> String,
    member: &'static str,
) -> Option<Preparation> {
    Some(Preparation { action, body, member })
}

/// An object with one more member.
fn with(object: &str, member: &str, value: &str) -> String {
    let open = object.strip_suffix('}').unwrap_or(object);
    format!(r#"{open},"{member}":"{value}"}}"#)
}

fn sign(order: &Order<'_>) -> String {
    signed_by("ECDSA_SHA_256", order)
}

fn signed_by(algorithm: &str, order: &Order<'_>) -> String {
    with(&about_message(order), "SigningAlgorithm", algorithm)
}

fn mac(order: &Order<'_>) -> String {
    with(&about_message(order), "MacAlgorithm", "HMAC_SHA_256")
}

fn about_message(order: &Order<'_>) -> String {
    with(&about_key(order), "Message", &STANDARD.encode(vec![0x5a; order.bytes]))
}

fn encapsulate(order: &Order<'_>) -> String {
    with(&about_key(order), "EncapsulationAlgorithm", "ML_KEM")
}

fn key_pair(order: &Order<'_>) -> String {
    with(&about_key(order), "KeyPairSpec", "ECC_NIST_P256")
}

fn about_key(order: &Order<'_>) -> String {
    format!(r#"{{"KeyId":"{}"}}"#, order.key_id)
}

fn data_key(order: &Order<'_>) -> String {
    let Order { key_id, bytes, .. } = order;
    if *bytes == 32 {
        return format!(r#"{{"KeyId":"{key_id}","KeySpec":"AES_256"}}"#);
    }
    format!(r#"{{"KeyId":"{key_id}","NumberOfBytes":{bytes}}}"#)
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// An operation with the size it works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SizedOperation {
    pub(crate) operation: &'static Operation,
    pub(crate) bytes: usize,
}

impl SizedOperation {
    /// Reads `encrypt` or `encrypt:4096`; `bytes` is the size where none is named.
    pub(crate) fn parse(text: &str, bytes: usize) -> Result<Self, LoadError> {
        let full = SHORT.iter().find(|(short, _)| *short == text).map_or(text, |(_, full)| full);
        let (name, size) = match full.split_once(':') {
            Some((name, size)) => (name, Some(size)),
            None => (full, None),
        };
        let Some(operation) = OPERATIONS.iter().find(|operation| operation.name == name) else {
            let known: Vec<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
            let known = known.join(", ");
            return Err(LoadError::Argument(format!("no operation {name}; there are {known}")));
        };
        let wrong = || LoadError::Argument(format!("{full}: not a size for {name}"));
        let asked = size.map_or(Ok(bytes), |size| size.parse().map_err(|_| wrong()))?;
        match (operation.bytes_max, size) {
            (Some(most), _) if (1..=most).contains(&asked) => Ok(Self { operation, bytes: asked }),
            // The size for all is for those that can have it.
            (Some(most), None) if asked > most => Ok(Self { operation, bytes: most }),
            (None, None) => Ok(Self { operation, bytes: 0 }),
            (Some(_) | None, _) => Err(wrong()),
        }
    }

    /// Whether it works on a plaintext or ciphertext that is made before the load.
    pub(crate) fn needs_sample(&self) -> bool {
        matches!(self.operation.check, Check::Opens | Check::Seals | Check::SealsAgain)
    }

    /// The request's body.
    pub(crate) fn body(&self, order: &Order<'_>) -> String {
        (self.operation.body)(order)
    }
}

impl fmt::Display for SizedOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes {
            0 | 32 => f.write_str(self.operation.name),
            bytes => write!(f, "{}:{bytes}", self.operation.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn names_and_sizes_are_read() {
        for (text, shown) in [
            ("encrypt", "encrypt"),
            ("encrypt:4096", "encrypt:4096"),
            ("encrypt4k", "encrypt:4096"),
            ("describe", "describe-key"),
            ("generate-random:1", "generate-random:1"),
        ] {
            assert_eq!(SizedOperation::parse(text, 32).unwrap().to_string(), shown);
        }
        for wrong in ["", "sing", "encrypt:0", "encrypt:4097", "encrypt:x", "describe-key:3"] {
            assert!(SizedOperation::parse(wrong, 32).is_err(), "{wrong}");
        }
        assert_eq!(SizedOperation::parse("generate-data-key", 4096).unwrap().bytes, 1024);
    }

    #[test]
    fn every_row_has_a_json_body_and_a_name_of_its_own() {
        let order = Order {
            key_id: "k",
            other_key_id: "o",
            plaintext: "AA==",
            ciphertext: "BB==",
            bytes: 16,
        };
        for (at, operation) in OPERATIONS.iter().enumerate() {
            let sized = SizedOperation { operation, bytes: 16 };
            let body: Value = serde_json::from_str(&sized.body(&order)).unwrap();
            assert!(body.is_object());
            let kebab: String = operation.name.split('-').flat_map(str::chars).collect();
            let action = operation.action.to_lowercase();
            assert!(kebab == action || operation.name.starts_with(&format!("{action}-")));
            assert!(OPERATIONS[..at].iter().all(|other| other.name != operation.name));
        }
    }
}

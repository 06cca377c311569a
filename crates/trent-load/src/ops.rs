//! The operations that can be loaded, and what each needs to be prepared.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use serde_json::{Value, json};
use trent_types::{Clock, SystemClock};

use crate::client::{Connection, Endpoint};
use crate::error::LoadError;
use crate::sign::Signer;

/// An operation under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Operation {
    /// Encrypt 32 bytes.
    Encrypt,
    /// Encrypt 4096 bytes.
    Encrypt4k,
    /// Decrypt 32 bytes.
    Decrypt,
    /// GenerateDataKey, 32 bytes.
    Datakey,
    /// ReEncrypt 32 bytes under the same key.
    Reencrypt,
    /// DescribeKey.
    Describe,
    /// GenerateRandom, 32 bytes.
    Random,
}

impl Operation {
    /// The name on the command line and in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Encrypt => "encrypt",
            Self::Encrypt4k => "encrypt4k",
            Self::Decrypt => "decrypt",
            Self::Datakey => "datakey",
            Self::Reencrypt => "reencrypt",
            Self::Describe => "describe",
            Self::Random => "random",
        }
    }

    /// The action in `X-Amz-Target`.
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::Encrypt | Self::Encrypt4k => "Encrypt",
            Self::Decrypt => "Decrypt",
            Self::Datakey => "GenerateDataKey",
            Self::Reencrypt => "ReEncrypt",
            Self::Describe => "DescribeKey",
            Self::Random => "GenerateRandom",
        }
    }

    /// The request's body.
    pub(crate) fn body(self, fixtures: &Fixtures) -> Vec<u8> {
        let Fixtures { key_id, ciphertext } = fixtures;
        let body = match self {
            Self::Encrypt => json!({ "KeyId": key_id, "Plaintext": plaintext(32) }),
            Self::Encrypt4k => json!({ "KeyId": key_id, "Plaintext": plaintext(4096) }),
            Self::Decrypt => json!({ "CiphertextBlob": ciphertext }),
            Self::Datakey => json!({ "KeyId": key_id, "KeySpec": "AES_256" }),
            Self::Reencrypt => json!({ "CiphertextBlob": ciphertext, "DestinationKeyId": key_id }),
            Self::Describe => json!({ "KeyId": key_id }),
            Self::Random => json!({ "NumberOfBytes": 32 }),
        };
        body.to_string().into_bytes()
    }
}

/// What the operations work on.
pub(crate) struct Fixtures {
    key_id: String,
    /// Base64.
    ciphertext: String,
}

impl Fixtures {
    /// Makes a key and a ciphertext.
    pub(crate) async fn prepare(endpoint: &Endpoint, signer: &Signer) -> Result<Self, LoadError> {
        let mut connection = Connection::open(endpoint).await?;
        let mut call = async |action: &str, body: Value| {
            let body = body.to_string();
            let now = SystemClock.now();
            let request = signer.request(&endpoint.host, action, body.as_bytes(), now, 0);
            Ok::<Value, LoadError>(serde_json::from_slice(connection.exchange(&request).await?)?)
        };
        let text = |answer: &Value, path: &str, name| {
            let found = answer.pointer(path).and_then(Value::as_str);
            found.map(str::to_owned).ok_or(LoadError::Missing(name))
        };
        let key = call("CreateKey", json!({ "Description": "trent-load" })).await?;
        let key_id = text(&key, "/KeyMetadata/KeyId", "KeyMetadata.KeyId")?;
        let order = json!({ "KeyId": key_id, "Plaintext": plaintext(32) });
        let encrypted = call("Encrypt", order).await?;
        let ciphertext = text(&encrypted, "/CiphertextBlob", "CiphertextBlob")?;
        Ok(Self { key_id, ciphertext })
    }
}

fn plaintext(bytes: usize) -> String {
    STANDARD.encode(vec![0x5a; bytes])
}

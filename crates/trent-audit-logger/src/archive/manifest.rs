//! What an archive says of itself, signed.

use serde::{Deserialize, Serialize};
use trent_types::{AccountId, Timestamp};

use super::ArchiveError;
use crate::chain::{Chain, Head};
use crate::signing::{PublicKeys, SignatureError, SigningKey, seal};

/// The form of archives that this program makes and reads.
const FORMAT: &str = "trent-archive/1";

/// Records of a chain without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The sequence of the first record.
    pub first: u64,
    /// The sequence of the last record.
    pub last: u64,
    /// The hash of the record before the first one, in hexadecimal digits.
    #[serde(with = "digits")]
    pub previous: [u8; 32],
    /// The hash of the last record.
    #[serde(with = "digits")]
    pub hash: [u8; 32],
}

impl Run {
    /// The chain's head after it.
    #[must_use]
    pub const fn end(&self) -> Head {
        Head { sequence: self.last, hash: self.hash }
    }

    /// How many records it has.
    pub(super) const fn records(&self) -> u64 {
        (self.last + 1).saturating_sub(self.first)
    }
}

/// A hash in hexadecimal digits.
mod digits {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        hash: &[u8; 32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(hash))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 32], D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(text.as_bytes(), &mut hash).map_err(de::Error::custom)?;
        Ok(hash)
    }
}

/// The runs of a chain, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChainRuns {
    /// The account; empty for the system's chain.
    pub(super) chain: String,
    pub(super) runs: Vec<Run>,
}

impl ChainRuns {
    pub(super) fn of(chain: Chain, runs: Vec<Run>) -> Self {
        let chain = chain.as_ref().map_or("", AccountId::as_str).to_owned();
        Self { chain, runs }
    }

    /// The chain; `None` when it is no name of one.
    pub(super) fn name(&self) -> Option<Chain> {
        if self.chain.is_empty() { Some(None) } else { self.chain.parse().ok().map(Some) }
    }
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSum {
    /// Its name in the folder.
    pub(super) name: String,
    /// Its length.
    pub(super) bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub(super) sha256: String,
}

/// What is in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub(super) format: String,
    /// The name of its folder.
    pub(super) name: String,
    /// When it was made.
    pub(super) created: String,
    /// Of a journal: the first and the last segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) segments: Option<(u64, u64)>,
    pub(super) files: Vec<FileSum>,
    pub(super) chains: Vec<ChainRuns>,
}

/// A manifest's line.
#[derive(Deserialize)]
struct Signed {
    #[serde(flatten)]
    manifest: serde_json::Map<String, serde_json::Value>,
    key: String,
    #[serde(rename = "signature")]
    _signature: String,
}

impl Manifest {
    pub(super) fn new(name: &str, created: Timestamp, segments: Option<(u64, u64)>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            name: name.to_owned(),
            created: created.iso8601(),
            segments,
            files: Vec::new(),
            chains: Vec::new(),
        }
    }

    /// The name of its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many records are in it.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.chains.iter().flat_map(|chain| &chain.runs).map(Run::records).sum()
    }

    /// Its line, without its end.
    pub(super) fn signed(&self, key: &SigningKey) -> Result<String, ArchiveError> {
        let failed = |source| ArchiveError::Signature { name: self.name.clone(), source };
        let mut text = serde_json::to_string(self).map_err(|_| failed(SignatureError::NotMade))?;
        text.pop();
        seal::seal(text, key).map_err(failed)
    }

    /// Reads a line, and checks its signature.
    ///
    /// # Errors
    /// [`ArchiveError::Signature`] names the manifest as far as it can.
    pub fn read(line: &str, keys: &PublicKeys) -> Result<Self, ArchiveError> {
        let (manifest, key) = Self::parse(line)?;
        seal::check(line.trim_end_matches('\n'), &key, keys)
            .map_err(|source| ArchiveError::Signature { name: manifest.name.clone(), source })?;
        Ok(manifest)
    }

    /// Takes a line apart, and says which key it claims to be signed with. Nothing is checked.
    pub(super) fn parse(line: &str) -> Result<(Self, String), ArchiveError> {
        let wrong = || ArchiveError::Signature {
            name: "the manifest of an archive".to_owned(),
            source: SignatureError::Wrong,
        };
        let signed: Signed = serde_json::from_str(line).map_err(|_| wrong())?;
        let manifest = serde_json::Value::Object(signed.manifest);
        let manifest: Self = serde_json::from_value(manifest).map_err(|_| wrong())?;
        if manifest.format == FORMAT { Ok((manifest, signed.key)) } else { Err(wrong()) }
    }
}

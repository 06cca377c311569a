//! Digest files: what they say, and what of them is signed.

use std::io;

use serde::{Deserialize, Serialize};
use trent_types::{AccountId, Timestamp};

use super::layout::{self, BUCKET};
use super::plan::{LogFile, PreviousDigest, Region};
use crate::signing::{SignatureError, SigningKey};

pub(super) const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";
pub(super) const HASH_ALGORITHM: &str = "SHA-256";

/// A digest file (CloudTrail user guide, "CloudTrail digest file structure").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DigestFile {
    pub(super) aws_account_id: String,
    pub(super) digest_start_time: String,
    pub(super) digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    pub(super) digest_s3_bucket: String,
    #[serde(rename = "digestS3Object")]
    pub(super) digest_s3_object: String,
    pub(super) digest_public_key_fingerprint: String,
    pub(super) digest_signature_algorithm: String,
    pub(super) newest_event_time: Option<String>,
    pub(super) oldest_event_time: Option<String>,
    #[serde(rename = "previousDigestS3Bucket")]
    pub(super) previous_digest_s3_bucket: Option<String>,
    #[serde(rename = "previousDigestS3Object")]
    pub(super) previous_digest_s3_object: Option<String>,
    pub(super) previous_digest_hash_value: Option<String>,
    pub(super) previous_digest_hash_algorithm: Option<String>,
    pub(super) previous_digest_signature: Option<String>,
    pub(super) log_files: Vec<LogFile>,
}

/// A digest's signature, in the file beside it: what S3 keeps as `x-amz-meta-signature` and
/// `x-amz-meta-signature-algorithm`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) signature: String,
    pub(super) signature_algorithm: String,
}

impl DigestFile {
    /// The digest of a Region's log files that ends at a moment.
    pub(super) fn of(account: &AccountId, name: &str, region: &Region, end: Timestamp) -> Self {
        let previous = region.previous.as_ref();
        let of_previous =
            |value: fn(&PreviousDigest) -> &str| previous.map(|p| value(p).to_owned());
        Self {
            aws_account_id: account.to_string(),
            digest_start_time: Timestamp::from_millis(region.digest_start_ms).iso8601(),
            digest_end_time: end.iso8601(),
            digest_s3_bucket: BUCKET.to_owned(),
            digest_s3_object: layout::digest_object(account, name, end),
            digest_public_key_fingerprint: String::new(),
            digest_signature_algorithm: SIGNATURE_ALGORITHM.to_owned(),
            newest_event_time: region.logs.iter().map(|l| l.newest_event_time.clone()).max(),
            oldest_event_time: region.logs.iter().map(|l| l.oldest_event_time.clone()).min(),
            previous_digest_s3_bucket: of_previous(|_| BUCKET),
            previous_digest_s3_object: of_previous(|previous| &previous.object),
            previous_digest_hash_value: of_previous(|previous| &previous.hash),
            previous_digest_hash_algorithm: of_previous(|_| HASH_ALGORITHM),
            previous_digest_signature: of_previous(|previous| &previous.signature),
            log_files: region.logs.clone(),
        }
    }

    /// The file's content, with the key that signs it, and its signature.
    pub(super) fn signed(
        mut self,
        key: &SigningKey,
    ) -> Result<(Vec<u8>, PreviousDigest), SignatureError> {
        key.fingerprint().clone_into(&mut self.digest_public_key_fingerprint);
        let content = serde_json::to_vec(&self).map_err(|_| SignatureError::NotMade)?;
        let signature = hex::encode(key.sign(&self.signed_text(&content))?);
        let hash = layout::sha256(&content);
        Ok((content, PreviousDigest { object: self.digest_s3_object, hash, signature }))
    }

    /// What is signed (CloudTrail user guide, "Digest file signature").
    pub(super) fn signed_text(&self, content: &[u8]) -> Vec<u8> {
        let previous = self.previous_digest_signature.as_deref().unwrap_or("null");
        let (end, bucket) = (&self.digest_end_time, &self.digest_s3_bucket);
        let (object, hash) = (&self.digest_s3_object, layout::sha256(content));
        format!("{end}\n{bucket}/{object}\n{hash}\n{previous}").into_bytes()
    }
}

impl Metadata {
    pub(super) fn to_bytes(signature: &str) -> io::Result<Vec<u8>> {
        let signature_algorithm = SIGNATURE_ALGORITHM.to_owned();
        let metadata = Self { signature: signature.to_owned(), signature_algorithm };
        serde_json::to_vec(&metadata).map_err(io::Error::other)
    }
}

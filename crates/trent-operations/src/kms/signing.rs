//! What Sign and Verify have in common: a message, an algorithm, and which of them go together.

use trent_types::{KeyRecord, KeyUsage, MessageType, Primitive, SecretBytes, SigningAlgorithm};

use crate::decode::{Blob, Flag, Text};
use crate::error::{AwsError, ErrorCode};
use crate::json::Object;
use crate::key_state;
use crate::ports::Question;
use crate::rules;
use crate::steps::Target;

/// The members that both requests have.
pub(crate) struct Given<'a> {
    pub(crate) key_id: Option<Text<'a>>,
    pub(crate) message: Option<Blob>,
    pub(crate) kind: Option<Text<'a>>,
    pub(crate) algorithm: Option<Text<'a>>,
    pub(crate) dry_run: Option<Flag>,
}

/// A message to be signed, or that was.
pub(crate) struct Message<'a> {
    pub(crate) key_id: Text<'a>,
    pub(crate) message: SecretBytes,
    pub(crate) kind: MessageType,
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) dry_run: bool,
}

impl<'a> Message<'a> {
    /// From members that validation has found to be good.
    pub(crate) fn new(given: Given<'a>) -> Result<Self, AwsError> {
        let kind = given.kind.map_or(Ok(MessageType::Raw), |kind| rules::validated(&kind))?;
        Ok(Self {
            key_id: rules::present(given.key_id)?,
            message: rules::present(given.message)?.0,
            kind,
            algorithm: rules::validated(&rules::present(given.algorithm)?)?,
            dry_run: rules::is_set(given.dry_run),
        })
    }

    /// The one question.
    pub(crate) fn question(&self, action: &'static str, primitive: Primitive) -> Question<'_> {
        let conditions = vec![
            rules::condition("kms:MessageType", self.kind.as_str()),
            rules::condition("kms:SigningAlgorithm", self.algorithm.as_str()),
        ];
        rules::about_use_of(action, &self.key_id, primitive, conditions)
    }

    /// `requestParameters`.
    pub(crate) fn show(&self, out: &mut Object<'_>) {
        out.text("keyId", &self.key_id);
        out.text("messageType", self.kind.as_str());
        out.text("signingAlgorithm", self.algorithm.as_str());
        rules::show_dry_run(out, self.dry_run);
    }

    /// Checks the key's state and usage, the algorithm, and the message against it; a dry run ends
    /// here.
    pub(crate) fn check(&self, key: &Target<'_>, operation: &str) -> Result<(), AwsError> {
        let record: &KeyRecord = key.record;
        key_state::usable(record)?;
        rules::meant_for(record, KeyUsage::SignVerify, operation)?;
        if !record.spec.signing_algorithms().contains(&self.algorithm) {
            return Err(rules::incompatible(record, self.algorithm.as_str()));
        }
        check_message(self.algorithm, self.kind, self.message.len())?;
        rules::end_dry_run(self.dry_run)
    }
}

/// How many bytes a message of this type has, where the algorithm says so; `Err`: the algorithm
/// does not take the type (KMS API Reference, Sign, MessageType).
fn length_of(algorithm: SigningAlgorithm, kind: MessageType) -> Result<Option<usize>, ()> {
    use SigningAlgorithm as A;
    let digest = match algorithm {
        A::RsassaPssSha256 | A::RsassaPkcs1V15Sha256 | A::EcdsaSha256 | A::Sm2Dsa => Some(32),
        A::RsassaPssSha384 | A::RsassaPkcs1V15Sha384 | A::EcdsaSha384 => Some(48),
        A::RsassaPssSha512 | A::RsassaPkcs1V15Sha512 | A::EcdsaSha512 | A::Ed25519PhSha512 => {
            Some(64)
        }
        A::Ed25519Sha512 | A::MlDsaShake256 => None,
    };
    match kind {
        MessageType::Raw if algorithm == A::Ed25519PhSha512 => Err(()),
        MessageType::Raw => Ok(None),
        MessageType::Digest => digest.map(Some).ok_or(()),
        MessageType::ExternalMu if algorithm == A::MlDsaShake256 => Ok(Some(64)),
        MessageType::ExternalMu => Err(()),
    }
}

fn check_message(
    algorithm: SigningAlgorithm,
    kind: MessageType,
    bytes: usize,
) -> Result<(), AwsError> {
    let text = match length_of(algorithm, kind) {
        Ok(None) => return Ok(()),
        Ok(Some(length)) if length == bytes => return Ok(()),
        Ok(Some(_)) => format!("Digest is invalid length for algorithm {algorithm}."),
        // AWS states the rule, not the text.
        Err(()) => format!("MessageType {kind} is not valid for algorithm {algorithm}."),
    };
    Err(AwsError::new(ErrorCode::Validation, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_takes_one_message_type_at_least_and_one_of_fixed_length() {
        for algorithm in SigningAlgorithm::ALL {
            let lengths: Vec<_> =
                MessageType::ALL.iter().filter_map(|k| length_of(*algorithm, *k).ok()).collect();
            let fixed = lengths.iter().flatten().count();
            let only_raw = *algorithm == SigningAlgorithm::Ed25519Sha512;
            assert_eq!(fixed, usize::from(!only_raw), "{algorithm}");
            assert!(!lengths.is_empty(), "{algorithm}");
        }
    }
}

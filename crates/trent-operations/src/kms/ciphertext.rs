//! What Decrypt and ReEncrypt have in common: the ciphertext, and the key that decrypts it.

use trent_types::{
    CiphertextHeader, EncryptionAlgorithm, EncryptionContext, Primitive, SealedMaterial,
    SecretBytes,
};

use crate::decode::{List, Text};
use crate::error::{AwsError, ErrorCode};
use crate::key_state;
use crate::ports::{Ciphering, KeyUse, Question, Resource};
use crate::rules;
use crate::steps::Target;

/// The members of a request that say what is to be decrypted.
pub(crate) struct Given<'a> {
    pub(crate) key_id: Option<Text<'a>>,
    /// `None`: a dry run without one.
    pub(crate) ciphertext: Option<SecretBytes>,
    pub(crate) context: EncryptionContext,
    pub(crate) algorithm: EncryptionAlgorithm,
}

/// What is to be decrypted.
pub(crate) struct Source<'a> {
    given: Given<'a>,
    /// Symmetric ciphertexts have one; others say nothing about themselves.
    header: Option<CiphertextHeader>,
}

/// Whether a dry run is to check permissions only, whatever the ciphertext (`DryRunModifiers`).
/// Without `DryRun` the modifiers mean nothing.
pub(crate) fn ignores_ciphertext(dry_run: bool, modifiers: Option<&List<Text<'_>>>) -> bool {
    dry_run && modifiers.is_some_and(|list| !list.0.is_empty())
}

impl<'a> Source<'a> {
    /// Reads the header. Without a key id, a ciphertext that is not one of ours is known for it
    /// before any key is looked up.
    pub(crate) fn new(given: Given<'a>) -> Result<Self, AwsError> {
        let symmetric = given.algorithm == EncryptionAlgorithm::SymmetricDefault;
        let ciphertext = given.ciphertext.as_ref().filter(|_| symmetric);
        let header = ciphertext.and_then(|bytes| CiphertextHeader::parse(bytes.expose()));
        if given.key_id.is_none() && header.is_none() {
            if symmetric {
                return Err(AwsError::bare(ErrorCode::InvalidCiphertext));
            }
            let text = "A key ID is required to decrypt with an asymmetric algorithm.";
            return Err(AwsError::new(ErrorCode::Validation, text));
        }
        Ok(Self { given, header })
    }

    /// The key as the caller named it.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.given.key_id.as_deref()
    }

    pub(crate) const fn algorithm(&self) -> EncryptionAlgorithm {
        self.given.algorithm
    }

    pub(crate) const fn context(&self) -> &EncryptionContext {
        &self.given.context
    }

    /// May the caller decrypt this?
    pub(crate) fn question(&self, action: &'static str) -> Question<'_> {
        let resource = match (&self.given.key_id, &self.header) {
            (Some(key_id), _) => Resource::Key(key_id),
            (None, Some(header)) => Resource::Ciphertext(header.key_id),
            // Cannot be: `new` wants one of them. No key has the empty name.
            (None, None) => Resource::Key(""),
        };
        let material = self.header.map(|header| header.material_id);
        let use_of = (Primitive::Decrypt, material);
        rules::about_use(action, resource, use_of, &self.given.context, self.given.algorithm)
    }

    /// The key, with all that it decrypts with.
    pub(crate) const fn with<'s>(&'s self, key: KeyUse<'s>) -> Ciphering<'s> {
        Ciphering { key, algorithm: self.given.algorithm, context: &self.given.context }
    }

    /// Checks the key that the question resolved to, against the ciphertext too: the material and
    /// the ciphertext, or nothing where a dry run has none.
    pub(crate) fn check<'s>(
        &'s self,
        key: &Target<'s>,
        operation: &str,
    ) -> Result<Option<(&'s SealedMaterial, &'s [u8])>, AwsError> {
        key_state::usable(key.record)?;
        rules::fits(key.record, self.given.algorithm, operation)?;
        let Some(ciphertext) = &self.given.ciphertext else { return Ok(None) };
        let invalid = AwsError::bare(ErrorCode::InvalidCiphertext);
        if self.given.algorithm != EncryptionAlgorithm::SymmetricDefault {
            return Ok(Some((key.current()?, ciphertext.expose())));
        }
        let Some(header) = self.header else { return Err(invalid) };
        if header.key_id != key.record.key_id {
            return Err(AwsError::new(
                ErrorCode::IncorrectKey,
                "The key ID in the request does not identify a CMK that can perform this \
                 operation.",
            ));
        }
        Ok(Some((key.material.ok_or(invalid)?, ciphertext.expose())))
    }
}

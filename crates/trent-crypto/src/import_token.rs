//! Import tokens: what ImportKeyMaterial needs to know of the GetParametersForImport before it,
//! sealed under the domain key.
//!
//! A token is laid out as sealed key material is (see `sealed`) and belongs to account, Region and
//! key id. In the clear are only the format and the version of the domain key; algorithm, end of
//! validity and the wrapping key pair itself are inside. So nothing has to be kept between the two
//! calls, any worker opens it, and a token of another key or with one bit changed is none.

use trent_types::{KeyArn, Timestamp, WrappingAlgorithm, WrappingKeySpec};

use crate::record::TokenRecord;
use crate::sealed::MaterialOwner;
use crate::{CryptoError, DomainKeys, Random, WrappingKey};

/// No other use of a domain key has this label; see `sealed`.
const LABEL: &[u8] = b"trent import token";

/// What an import token says.
#[derive(Debug)]
pub struct ImportToken {
    /// The key whose material is to be imported.
    pub key: KeyArn,
    /// How the material will be wrapped.
    pub algorithm: WrappingAlgorithm,
    /// The size of the wrapping key.
    pub wrapping_spec: WrappingKeySpec,
    /// When the token ends.
    pub valid_to: Timestamp,
    /// The key pair under which the material will be wrapped.
    pub wrapping_key: WrappingKey,
}

impl DomainKeys {
    /// Seals an import token: about 2,450 bytes with an RSA-4096 key, of the 6,144 that AWS allows.
    ///
    /// # Errors
    /// [`CryptoError::WrongAlgorithm`] for an algorithm or spec that is not served, and for a spec
    /// that is not the wrapping key's; [`CryptoError::NoRandomness`].
    pub fn seal_import_token(
        &self,
        token: &ImportToken,
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        if token.wrapping_spec != token.wrapping_key.spec() {
            return Err(CryptoError::WrongAlgorithm);
        }
        let record = TokenRecord::new(
            token.algorithm,
            token.wrapping_spec,
            token.valid_to.as_millis(),
            token.wrapping_key.to_bytes().expose(),
        )?;
        let owner = MaterialOwner::of(&token.key);
        self.seal(LABEL, &owner.parts(), &record.write()?, random)
    }

    /// Opens an import token that was sealed for exactly this key. Whether it is still valid is for
    /// the caller to say.
    ///
    /// # Errors
    /// [`CryptoError::InvalidImportToken`], whatever is wrong with it.
    pub fn open_import_token(
        &self,
        key: &KeyArn,
        token: &[u8],
    ) -> Result<ImportToken, CryptoError> {
        let invalid = |_| CryptoError::InvalidImportToken;
        let opened = self.open(LABEL, &MaterialOwner::of(key).parts(), token).map_err(invalid)?;
        let record = TokenRecord::read(opened.expose()).map_err(invalid)?;
        let wrapping_key = WrappingKey::from_bytes(&record.wrapping_key).map_err(invalid)?;
        let (Some(algorithm), Some(wrapping_spec)) = (record.algorithm(), record.wrapping_spec())
        else {
            return Err(CryptoError::InvalidImportToken);
        };
        if wrapping_spec != wrapping_key.spec() {
            return Err(CryptoError::InvalidImportToken);
        }
        let valid_to = Timestamp::from_millis(record.valid_to);
        Ok(ImportToken { key: *key, algorithm, wrapping_spec, valid_to, wrapping_key })
    }
}

#[cfg(test)]
mod tests;

//! The digest that is signed: computed from the message, or given by the caller.

use aws_lc_rs::digest::{Algorithm, Digest, digest};
use trent_types::MessageType;

use crate::CryptoError;

/// The digest of a message, or a digest that was computed elsewhere. The latter is safe here: who
/// may sign chooses the message freely anyway, so nothing is gained by a digest of no message.
pub(super) fn digest_of(
    algorithm: &'static Algorithm,
    kind: MessageType,
    message: &[u8],
) -> Result<Digest, CryptoError> {
    match kind {
        MessageType::Raw => Ok(digest(algorithm, message)),
        MessageType::Digest => Digest::import_less_safe(message, algorithm)
            .map_err(|_| CryptoError::InvalidMessageLength),
        MessageType::ExternalMu => Err(CryptoError::WrongAlgorithm),
    }
}

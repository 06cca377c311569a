//! Which states of a key an operation works in (AWS KMS Developer Guide, "Key states of AWS KMS
//! keys"), and how it refuses the others.

use trent_types::{KeyRecord, KeyState};

use crate::error::{AwsError, ErrorCode};

/// Cryptography, and most of what only an enabled key can do.
pub(crate) fn usable(key: &KeyRecord) -> Result<(), AwsError> {
    in_state(key, KeyState::is_usable)
}

/// Most changes need a key that is not pending deletion.
pub(crate) fn not_pending_deletion(key: &KeyRecord) -> Result<(), AwsError> {
    in_state(key, |state| !state.is_pending_deletion())
}

/// EnableKey and DisableKey: neither has a meaning while the key is being made, waits for material
/// or changes its Region.
pub(crate) fn can_be_enabled(key: &KeyRecord) -> Result<(), AwsError> {
    in_state(key, |state| {
        matches!(state, KeyState::Enabled | KeyState::Disabled | KeyState::Unavailable)
    })
}

/// Refuses a key whose state is not one of those that `fits` accepts.
///
/// For a key pending deletion AWS documents DisabledException as well; recorded answers are
/// KMSInvalidStateException.
pub(crate) fn in_state(key: &KeyRecord, fits: impl Fn(KeyState) -> bool) -> Result<(), AwsError> {
    if fits(key.state) {
        return Ok(());
    }
    let why = match key.state {
        KeyState::Disabled => {
            let text = format!("{} is disabled.", key.arn());
            return Err(AwsError::new(ErrorCode::Disabled, text));
        }
        // Only what a key must not be is refused here: an enabled key never is.
        KeyState::Enabled => "enabled",
        KeyState::PendingDeletion => "pending deletion",
        KeyState::PendingReplicaDeletion => "pending replica deletion",
        KeyState::PendingImport => {
            "pending import because no key material has ever been imported or one of the imported \
             key materials is deleted or expired"
        }
        KeyState::Unavailable => "unavailable",
        KeyState::Creating => "creating",
        KeyState::Updating => "updating",
    };
    Err(AwsError::new(ErrorCode::InvalidState, format!("{} is {why}.", key.arn())))
}

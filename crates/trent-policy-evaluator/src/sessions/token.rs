//! The session token as text.
//!
//! A token is base64 (RFC 4648, section 4) of a sealed payload (trent-bus, module sealing, purpose
//! `SessionToken`, the request sixteen zero bytes), which holds an encoded
//! `trent.v1.SessionToken`. Names of paths are not in it: user and role are looked up when the
//! credentials are used, and must still have the unique id that the token names.
//!
//! Whoever holds the token without the secret cannot sign, and whoever holds the secret without the
//! token is nobody: the secret is nowhere but in the token and with its owner.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use trent_bus::messages::SessionToken;
use trent_types::SecretBytes;
use zeroize::Zeroize;

use crate::TokenKeys;

/// The longest token, in characters of base64.
pub(crate) const TOKEN_MAX: usize = 8 * 1024;

/// The text of a token. Its secret is wiped.
pub(super) fn seal(keys: &TokenKeys, mut token: SessionToken) -> String {
    // Room for all of it: what moved would leave copies unwiped.
    let mut plain = Vec::with_capacity(token.encoded_len());
    // Cannot fail: there is room.
    let _ = token.encode(&mut plain);
    let plain = SecretBytes::new(plain);
    wipe(&mut token);
    STANDARD.encode(keys.seal(&plain))
}

/// What a token says, if an evaluator of this deployment made it.
pub(super) fn open(keys: &TokenKeys, text: &str) -> Option<SessionToken> {
    if text.len() > TOKEN_MAX {
        return None;
    }
    let plain = keys.open(&STANDARD.decode(text).ok()?).ok()?;
    SessionToken::decode(plain.expose()).ok()
}

/// Wipes the secret of a token that is no longer needed.
pub(super) fn wipe(token: &mut SessionToken) {
    if let Ok(mut secret) = std::mem::take(&mut token.secret).try_into_mut() {
        secret.as_mut().zeroize();
    }
}

//! Trent's sealed formats, written a second time from their descriptions: it makes sealed bytes
//! with any content, which no caller of `trent-crypto` can, and says what its bytes should be.

use aes_gcm::aead::AeadInOut;
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{Block, BlockCipherEncrypt};
use aes_gcm::{Aes256Gcm, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use trent_types::{KeyArn, MaterialId};

use crate::keys::{DOMAIN_KEY, DOMAIN_KEY_VERSION};

/// The nonce of the key derivation, then the initialisation vector.
pub(crate) const FRESH_BYTES: usize = 28;

/// An envelope (`trent-crypto/src/envelope.rs`): fresh bytes, ciphertext, tag.
pub(crate) fn envelope(
    key: &[u8; 32],
    label: &[u8],
    aad: &[u8],
    content: &[u8],
    fresh: &[u8; FRESH_BYTES],
) -> Vec<u8> {
    let (nonce, iv) = fresh.split_at(16);
    let mut ciphertext = content.to_vec();
    let iv: [u8; 12] = iv.try_into().expect("28 less 16");
    let tag = cipher(key, label, nonce)
        .encrypt_inout_detached(&iv.into(), aad, ciphertext.as_mut_slice().into())
        .expect("a short message");
    [fresh.as_slice(), &ciphertext, &tag].concat()
}

/// The content of an envelope.
pub(crate) fn open_envelope(
    key: &[u8; 32],
    label: &[u8],
    aad: &[u8],
    envelope: &[u8],
) -> Option<Vec<u8>> {
    let (fresh, rest) = envelope.split_at_checked(FRESH_BYTES)?;
    let (ciphertext, tag) = rest.split_last_chunk::<16>()?;
    let (nonce, iv) = fresh.split_at(16);
    let iv: [u8; 12] = iv.try_into().ok()?;
    let mut content = ciphertext.to_vec();
    cipher(key, label, nonce)
        .decrypt_inout_detached(&iv.into(), aad, content.as_mut_slice().into(), &(*tag).into())
        .ok()?;
    Some(content)
}

/// AES-256-GCM under K(1) of NIST SP 800-108r1, section 4.1.
fn cipher(key: &[u8; 32], label: &[u8], nonce: &[u8]) -> Aes256Gcm {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length");
    for part in [&[0, 0, 0, 1], label, &[0], nonce, &[0, 0, 1, 0]] {
        mac.update(part);
    }
    let subkey: [u8; 32] = mac.finalize().into_bytes().into();
    Aes256Gcm::new(&subkey.into())
}

/// Whom sealed bytes belong to, as `trent-crypto/src/sealed.rs` lists the parts.
pub(crate) fn owner(key: &KeyArn, material: Option<&MaterialId>) -> Vec<Vec<u8>> {
    let mut id = vec![u8::from(key.key_id.is_multi_region())];
    id.extend_from_slice(key.key_id.as_bytes());
    let mut parts = vec![key.account.as_str().into(), key.region.as_str().as_bytes().to_vec(), id];
    parts.extend(material.map(|material| material.as_bytes().to_vec()));
    parts
}

/// Seals a record under the domain key (`trent-crypto/src/sealed.rs`).
pub(crate) fn seal(
    purpose: &[u8],
    owner: &[Vec<u8>],
    record: &[u8],
    fresh: &[u8; FRESH_BYTES],
) -> Vec<u8> {
    let prefix = [1, DOMAIN_KEY_VERSION];
    let aad = additional_data(prefix, purpose, owner);
    [&prefix[..], &envelope(&DOMAIN_KEY, purpose, &aad, record, fresh)].concat()
}

/// The record in what [`seal`] makes.
pub(crate) fn open(purpose: &[u8], owner: &[Vec<u8>], sealed: &[u8]) -> Option<Vec<u8>> {
    let (prefix, envelope) = sealed.split_first_chunk::<2>()?;
    let aad = additional_data(*prefix, purpose, owner);
    (*prefix == [1, DOMAIN_KEY_VERSION]).then_some(())?;
    open_envelope(&DOMAIN_KEY, purpose, &aad, envelope)
}

fn additional_data(prefix: [u8; 2], purpose: &[u8], owner: &[Vec<u8>]) -> Vec<u8> {
    let mut aad = prefix.to_vec();
    for part in std::iter::once(purpose).chain(owner.iter().map(Vec::as_slice)) {
        aad.extend_from_slice(&u32::try_from(part.len()).expect("short").to_be_bytes());
        aad.extend_from_slice(part);
    }
    aad
}

/// What RFC 5649 puts before the padded material: its constant and the material's length.
pub(crate) fn alternative_initial_value(length: u32) -> [u8; 8] {
    let [a, b, c, d] = length.to_be_bytes();
    [0xA6, 0x59, 0x59, 0xA6, a, b, c, d]
}

/// The wrapping of RFC 5649, section 4.1, without its padding: one block of AES for eight bytes,
/// else the six rounds of RFC 3394, section 2.2.1. `padded` has eight bytes or a multiple of them.
pub(crate) fn wrap_padded(key: &[u8; 32], initial: [u8; 8], padded: &[u8]) -> Vec<u8> {
    let aes = Aes256::new(&(*key).into());
    let encrypt = |left: [u8; 8], right: &[u8]| {
        let bytes: [u8; 16] = [&left, right].concat().try_into().expect("two halves");
        let mut block: Block<Aes256> = bytes.into();
        aes.encrypt_block(&mut block);
        <[u8; 16]>::from(block)
    };
    if padded.len() == 8 {
        return encrypt(initial, padded).to_vec();
    }
    let mut left = initial;
    let mut registers: Vec<Vec<u8>> = padded.chunks(8).map(<[u8]>::to_vec).collect();
    let mut step = 0_u64;
    for _ in 0..6 {
        for register in &mut registers {
            step += 1;
            let block = encrypt(left, register);
            let (high, low) = block.split_at(8);
            let high: [u8; 8] = high.try_into().expect("half a block");
            left = (u64::from_be_bytes(high) ^ step).to_be_bytes();
            *register = low.to_vec();
        }
    }
    [left.to_vec(), registers.concat()].concat()
}

/// The wrapping of RFC 5649, section 4.1.
pub(crate) fn wrap(key: &[u8; 32], material: &[u8]) -> Vec<u8> {
    let length = u32::try_from(material.len()).expect("short");
    let mut padded = material.to_vec();
    padded.resize(material.len().next_multiple_of(8), 0);
    wrap_padded(key, alternative_initial_value(length), &padded)
}

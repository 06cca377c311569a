//! Sealing of payloads between the roles: AES-256-GCM, so that no transport and no file of it ever
//! holds a secret.
//!
//! A sealed payload is
//!
//! | bytes | content |
//! |---|---|
//! | 0 | version of the bus key |
//! | 1..17 | salt of the sender |
//! | 17..25 | counter of the sender, big-endian |
//! | 25..n-16 | ciphertext |
//! | n-16..n | tag |
//!
//! Subkey: HKDF-SHA-256 (RFC 5869) with the bus key as input, the salt, and `trent bus sealing v1`
//! as info. Nonce: four zero bytes ‖ counter. AAD: purpose ‖ request id. Version, salt and counter
//! need no place in the AAD: they choose key and nonce.
//!
//! Why no nonce is used twice under one subkey: each [`Sealer`] draws its own 128-bit salt when it
//! is made and whenever its ring is replaced, and never uses another's, so two senders share a
//! subkey with a chance below 2^-64 even after 2^32 salts were drawn; for each salt the counter is
//! taken by one atomic increment and 64 bits of it do not run out. The counter is not kept over
//! restarts, because the salt is not either.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use arc_swap::ArcSwap;
use hmac::{Hmac, Mac};
use quick_cache::sync::Cache;
use sha2::Sha256;
use trent_types::{KeyRing, RequestId, SecretBytes};
use zeroize::Zeroizing;

const INFO: &[u8] = b"trent bus sealing v1";
const SALT_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + SALT_BYTES + 8;
const TAG_BYTES: usize = 16;
/// How many senders' subkeys a receiver remembers. One that was forgotten is derived again.
const REMEMBERED_SENDERS: usize = 256;

/// Who seals for whom. What was sealed for one purpose does not open for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Plaintexts to encrypt.
    GatewayToWorker = 1,
    /// Plaintexts, data keys, random bytes and new secret access keys.
    WorkerToGateway = 2,
    /// Secret access keys for the check of signatures.
    WorkerToEvaluator = 3,
    /// Secret access keys to be kept, as the root user's from the configuration.
    EvaluatorToWorker = 4,
    /// Seed files, which hold key material.
    OperatorToEvaluator = 5,
    /// Secret access keys of temporary credentials, for whom they were made.
    EvaluatorToGateway = 6,
    /// Session tokens, sealed with the token keys by evaluators for evaluators.
    SessionToken = 7,
    /// Secret access keys of new accounts and services.
    EvaluatorToOperator = 8,
}

/// Why a sealed payload did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// Too short to be one.
    #[error("not a sealed payload")]
    Malformed,
    /// Sealed under a version of the bus key that this process does not have.
    #[error("sealed under an unknown bus key")]
    UnknownKey,
    /// Changed on its way, or sealed for another purpose, another request or by somebody else.
    #[error("the sealed payload is not authentic")]
    NotAuthentic,
}

/// Names a sender's subkey: version of the bus key and salt.
type SubkeyName = (u8, [u8; SALT_BYTES]);

/// Seals and opens payloads with the bus keys. One for each process. The ring can be replaced while
/// this is in use.
pub struct Sealer(ArcSwap<Keys>);

/// A ring in use, with the counter that belongs to its salt.
struct Keys {
    ring: KeyRing,
    own: SubkeyName,
    cipher: Arc<Aes256Gcm>,
    counter: AtomicU64,
    /// Only senders that have proved to hold a bus key get in, so a stranger cannot push anyone
    /// out. A cipher is wiped when it is dropped. It goes with its ring, so that no sender is
    /// remembered under a key that is no longer accepted.
    senders: Cache<SubkeyName, Arc<Aes256Gcm>>,
}

impl Keys {
    fn new(ring: KeyRing) -> Self {
        let mut salt = [0; SALT_BYTES];
        rand::fill(&mut salt);
        let (version, key) = ring.current();
        let cipher = Arc::new(cipher_of(key, &salt));
        Self {
            own: (version, salt),
            cipher,
            ring,
            counter: AtomicU64::new(0),
            senders: Cache::new(REMEMBERED_SENDERS),
        }
    }

    /// A sender's cipher, and whether it was known already.
    fn cipher(&self, name: &SubkeyName) -> Result<(Arc<Aes256Gcm>, bool), SealingError> {
        if *name == self.own {
            return Ok((Arc::clone(&self.cipher), true));
        }
        if let Some(cipher) = self.senders.get(name) {
            return Ok((cipher, true));
        }
        let key = self.ring.get(name.0).ok_or(SealingError::UnknownKey)?;
        Ok((Arc::new(cipher_of(key, &name.1)), false))
    }
}

impl Sealer {
    /// Takes the ring of bus keys; seals with the first, opens with any.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self(ArcSwap::from_pointee(Keys::new(ring)))
    }

    /// Goes on with another ring, and with a salt and a counter of its own. Whoever is at work
    /// finishes with the old one, which is wiped then.
    pub fn replace(&self, ring: KeyRing) {
        self.0.store(Keys::new(ring).into());
    }

    /// Seals `secret` for one purpose of one request. The answer is 41 bytes longer.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, request: RequestId, secret: &[u8]) -> Vec<u8> {
        let keys = self.0.load();
        let (version, salt) = keys.own;
        let counter = keys.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut sealed = Vec::with_capacity(HEADER_BYTES + secret.len() + TAG_BYTES);
        sealed.push(version);
        sealed.extend_from_slice(&salt);
        sealed.extend_from_slice(&counter);
        sealed.extend_from_slice(secret);
        let body = sealed.get_mut(HEADER_BYTES..).unwrap_or_default();
        let tag = keys.cipher.encrypt_inout_detached(
            &nonce(counter).into(),
            &aad(purpose, request),
            InOutBuf::from(body),
        );
        match tag {
            Ok(tag) => sealed.extend_from_slice(&tag),
            // Cannot happen: GCM refuses only what is longer than 64 GiB. Nothing then leaves
            // unsealed.
            Err(_) => zeroize::Zeroize::zeroize(&mut sealed),
        }
        sealed
    }

    /// Opens what [`Self::seal`] made in this or another process for the same purpose and request.
    ///
    /// # Errors
    /// [`SealingError`]; nothing of the content is revealed then.
    pub fn open(
        &self,
        purpose: Purpose,
        request: RequestId,
        sealed: &[u8],
    ) -> Result<SecretBytes, SealingError> {
        let (header, rest) =
            sealed.split_first_chunk::<HEADER_BYTES>().ok_or(SealingError::Malformed)?;
        let (body, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(SealingError::Malformed)?;
        let [version, salt @ .., c0, c1, c2, c3, c4, c5, c6, c7] = *header;
        let nonce = nonce([c0, c1, c2, c3, c4, c5, c6, c7]);
        let name = (version, salt);
        let keys = self.0.load();
        let (cipher, known) = keys.cipher(&name)?;
        let mut secret = Zeroizing::new(body.to_vec());
        cipher
            .decrypt_inout_detached(
                &nonce.into(),
                &aad(purpose, request),
                InOutBuf::from(secret.as_mut_slice()),
                tag.into(),
            )
            .map_err(|_| SealingError::NotAuthentic)?;
        if !known {
            keys.senders.insert(name, cipher);
        }
        Ok(SecretBytes::new(std::mem::take(&mut *secret)))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("ring", &self.0.load().ring).finish_non_exhaustive()
    }
}

fn nonce(counter: [u8; 8]) -> [u8; 12] {
    let mut nonce = [0; 12];
    if let Some(place) = nonce.last_chunk_mut() {
        *place = counter;
    }
    nonce
}

fn aad(purpose: Purpose, request: RequestId) -> [u8; 17] {
    let mut aad = [purpose as u8; 17];
    if let Some(place) = aad.last_chunk_mut() {
        *place = *request.as_bytes();
    }
    aad
}

fn cipher_of(key: &SecretBytes, salt: &[u8]) -> Aes256Gcm {
    Aes256Gcm::new((&*hkdf(key.expose(), salt, INFO)).into())
}

/// The first 32 bytes of HKDF-SHA-256 (RFC 5869): extract, then one block of expand.
fn hkdf(input: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let pseudorandom = hmac(salt, &[input]);
    hmac(&*pseudorandom, &[info, &[1]])
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    // Cannot fail: HMAC takes keys of any length, and so new_from_slice is total for it.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is allowed");
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REQUEST: RequestId = RequestId::from_bytes([9; 16]);

    fn sealer() -> Sealer {
        Sealer::new(KeyRing::parse(&format!("1 {}", "11".repeat(32))).unwrap())
    }

    #[test]
    fn what_one_process_seals_another_opens() {
        let (sender, receiver) = (sealer(), sealer());
        for secret in [b"".as_slice(), b"attack at dawn"] {
            let sealed = sender.seal(Purpose::GatewayToWorker, REQUEST, secret);
            assert_eq!(sealed.len(), secret.len() + 41);
            for opener in [&sender, &receiver, &receiver] {
                let opened = opener.open(Purpose::GatewayToWorker, REQUEST, &sealed).unwrap();
                assert_eq!(opened.expose(), secret);
            }
        }
    }

    #[test]
    fn another_purpose_request_or_key_does_not_open() {
        let sealed = sealer().seal(Purpose::GatewayToWorker, REQUEST, b"secret");
        let other = RequestId::from_bytes([8; 16]);
        let refused = Err(SealingError::NotAuthentic);
        assert_eq!(sealer().open(Purpose::WorkerToGateway, REQUEST, &sealed), refused);
        assert_eq!(sealer().open(Purpose::GatewayToWorker, other, &sealed), refused);
        let foreign = Sealer::new(KeyRing::parse(&format!("1 {}", "22".repeat(32))).unwrap());
        assert_eq!(foreign.open(Purpose::GatewayToWorker, REQUEST, &sealed), refused);
        let newer = Sealer::new(KeyRing::parse(&format!("2 {}", "22".repeat(32))).unwrap());
        let unknown = Err(SealingError::UnknownKey);
        assert_eq!(newer.open(Purpose::GatewayToWorker, REQUEST, &sealed), unknown);
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let sealed = sealer().seal(Purpose::WorkerToGateway, REQUEST, b"secret");
        let receiver = sealer();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 0x80;
            assert!(receiver.open(Purpose::WorkerToGateway, REQUEST, &changed).is_err());
        }
        assert_eq!(receiver.0.load().senders.len(), 0, "strangers are not remembered");
    }

    #[test]
    fn no_nonce_comes_twice() {
        let sender = sealer();
        let header = |_| sender.seal(Purpose::GatewayToWorker, REQUEST, b"x")[..25].to_vec();
        let mut headers: Vec<_> = (0..1_000).map(header).collect();
        headers.sort();
        headers.dedup();
        assert_eq!(headers.len(), 1_000);
        assert_ne!(sealer().0.load().own.1, sealer().0.load().own.1);
    }

    #[test]
    fn a_fleet_of_which_each_is_at_another_step_of_a_rotation_agrees() {
        let (old, new) = (format!("1 {}\n", "11".repeat(32)), format!("2 {}\n", "22".repeat(32)));
        let ring = |lines: &[&str]| KeyRing::parse(&lines.concat()).unwrap();
        let steps = [vec![&*old], vec![&old, &new], vec![&new, &old], vec![&new]];
        for (at, to) in [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2), (1, 1), (2, 2)] {
            let (sender, receiver) = (sealer(), sealer());
            sender.replace(ring(&steps[at]));
            receiver.replace(ring(&steps[to]));
            let sealed = sender.seal(Purpose::GatewayToWorker, REQUEST, b"secret");
            let opened = receiver.open(Purpose::GatewayToWorker, REQUEST, &sealed);
            assert_eq!(opened.unwrap().expose(), b"secret", "from step {at} to {to}");
        }
    }

    #[test]
    fn who_sealed_under_a_key_that_is_gone_is_not_remembered() {
        let (sender, receiver) = (sealer(), sealer());
        let sealed = sender.seal(Purpose::GatewayToWorker, REQUEST, b"secret");
        assert!(receiver.open(Purpose::GatewayToWorker, REQUEST, &sealed).is_ok());
        receiver.replace(KeyRing::parse(&format!("2 {}", "22".repeat(32))).unwrap());
        let refused = receiver.open(Purpose::GatewayToWorker, REQUEST, &sealed);
        assert_eq!(refused, Err(SealingError::UnknownKey));
    }

    /// RFC 5869, appendix A.1 (IETF Trust, code components under the BSD licence): the first 32
    /// bytes of its OKM.
    #[test]
    fn subkeys_are_hkdf() {
        let (salt, info): (Vec<u8>, Vec<u8>) = ((0..=0x0c).collect(), (0xf0..=0xf9).collect());
        let expected = [
            0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36,
            0x2f, 0x2a, 0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56,
            0xec, 0xc4, 0xc5, 0xbf,
        ];
        assert_eq!(*hkdf(&[0x0b; 22], &salt, &info), expected);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_do_not_open(bytes: Vec<u8>) {
            prop_assert!(sealer().open(Purpose::WorkerToGateway, REQUEST, &bytes).is_err());
        }
    }
}

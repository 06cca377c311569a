//! Randomness for keys, nonces and ids: the system's generator, drawn in blocks.

use std::cell::RefCell;

use rand::TryRng;
use rand::rngs::SysRng;
use trent_types::{MaterialId, SecretBytes};
use zeroize::Zeroizing;

use crate::CryptoError;

/// Where random bytes come from; a parameter, so that tests can fix them.
pub trait Random {
    /// Fills `out` with bytes that nobody can predict.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] when there are none; `out` must not be used then.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}

/// The system's generator.
///
/// On Linux that is the kernel's ChaCha20 generator, which reseeds itself and notices when a
/// virtual machine was cloned or restored. A generator of our own in front of it would be faster
/// still but would lose both, and a repeated nonce is the one thing that AES-GCM does not forgive.
/// A system call for each nonce would cost more than the encryption, so each thread draws a block
/// at a time. Bytes are handed out once and wiped at that moment, so that neither a later look into
/// memory nor a second draw finds them again. The program never forks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

/// How much one system call draws: ten ciphertexts' worth.
const BLOCK_BYTES: usize = 288;

struct Block {
    bytes: Zeroizing<[u8; BLOCK_BYTES]>,
    /// Everything before this has been handed out and wiped.
    used: usize,
}

thread_local! {
    static BLOCK: RefCell<Block> =
        RefCell::new(Block { bytes: Zeroizing::new([0; BLOCK_BYTES]), used: BLOCK_BYTES });
}

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        if out.len() > BLOCK_BYTES / 2 {
            return draw(out);
        }
        BLOCK.with_borrow_mut(|block| block.fill(out))
    }
}

impl Block {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        if BLOCK_BYTES - self.used < out.len() {
            // Until the draw has succeeded there is nothing to hand out.
            self.used = BLOCK_BYTES;
            draw(self.bytes.as_mut_slice())?;
            self.used = 0;
        }
        let end = self.used + out.len();
        let fresh = self.bytes.get_mut(self.used..end).ok_or(CryptoError::NoRandomness)?;
        out.copy_from_slice(fresh);
        fresh.fill(0);
        self.used = end;
        Ok(())
    }
}

fn draw(out: &mut [u8]) -> Result<(), CryptoError> {
    SysRng.try_fill_bytes(out).map_err(|_| CryptoError::NoRandomness)
}

/// The id of new key material: 32 random bytes.
///
/// # Errors
/// [`CryptoError::NoRandomness`].
pub fn material_id(random: &dyn Random) -> Result<MaterialId, CryptoError> {
    let mut bytes = [0; 32];
    random.fill(&mut bytes)?;
    Ok(MaterialId::from_bytes(bytes))
}

/// A new secret access key: 40 characters of the base64 alphabet, 240 random bits.
///
/// # Errors
/// [`CryptoError::NoRandomness`].
pub fn secret_access_key(random: &dyn Random) -> Result<SecretBytes, CryptoError> {
    let mut bytes = vec![0; 40];
    random.fill(&mut bytes)?;
    for byte in &mut bytes {
        // Six bits choose one of 64 characters, each as likely as the other.
        *byte = match *byte & 0x3f {
            upper @ 0..=25 => b'A' + upper,
            lower @ 26..=51 => b'a' + lower - 26,
            digit @ 52..=61 => b'0' + digit - 52,
            62 => b'+',
            _ => b'/',
        };
    }
    Ok(SecretBytes::new(bytes))
}

/// Generators for tests.
#[cfg(test)]
pub(crate) mod fixed {
    use super::{CryptoError, Random};

    /// Gives the same byte for ever.
    pub(crate) struct Repeating(pub(crate) u8);

    impl Random for Repeating {
        fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
            out.fill(self.0);
            Ok(())
        }
    }

    /// Has nothing to give.
    pub(crate) struct Dry;

    impl Random for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
            Err(CryptoError::NoRandomness)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_draw_repeats_within_or_across_blocks_and_threads() {
        let draw_many = || {
            (0..2_000)
                .map(|_| {
                    let mut bytes = [0; 28];
                    SystemRandom.fill(&mut bytes).unwrap();
                    bytes
                })
                .collect::<Vec<_>>()
        };
        let other_thread = std::thread::spawn(draw_many).join().unwrap();
        let all: HashSet<_> = draw_many().into_iter().chain(other_thread).collect();
        assert_eq!(all.len(), 4_000);
    }

    #[test]
    fn every_length_is_filled_to_its_end() {
        for length in 0..=2 * BLOCK_BYTES {
            // A byte that stays zero in all of 16 draws was not filled (chance 2^-128).
            let mut touched = vec![0; length];
            for _ in 0..16 {
                let mut bytes = vec![0; length];
                SystemRandom.fill(&mut bytes).unwrap();
                touched.iter_mut().zip(bytes).for_each(|(seen, byte)| *seen |= byte);
            }
            assert!(touched.iter().all(|seen| *seen != 0), "{length}");
        }
    }

    #[test]
    fn a_secret_access_key_is_forty_characters_of_base64() {
        let mut seen = HashSet::new();
        for _ in 0..200 {
            let secret = secret_access_key(&SystemRandom).unwrap();
            assert_eq!(secret.len(), 40);
            seen.extend(secret.expose().iter().copied());
        }
        let alphabet: HashSet<u8> =
            (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"+/").collect();
        // Each of the 64 characters misses 8,000 draws with a chance of 2^-181.
        assert_eq!(seen, alphabet);
    }

    #[test]
    fn bytes_that_were_handed_out_are_wiped() {
        let mut block = Block { bytes: Zeroizing::new([0; BLOCK_BYTES]), used: BLOCK_BYTES };
        let mut out = [0; 100];
        block.fill(&mut out).unwrap();
        assert_eq!(block.bytes[..100], [0; 100]);
        assert_ne!(out, [0; 100]);
        assert_ne!(block.bytes[100..], [0; BLOCK_BYTES - 100]);
    }
}

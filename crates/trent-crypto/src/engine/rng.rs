//! The caller's randomness, as RustCrypto takes it; and secret scalars drawn from it.

use rand::rand_core::{TryCryptoRng, TryRng};
use trent_types::SecretBytes;
use zeroize::Zeroizing;

use crate::{CryptoError, Random};

/// [`Random`] as a generator of `rand_core`.
pub(super) struct Rng<'a>(pub(super) &'a dyn Random);

/// `rand_core` wants an error of its own making.
#[derive(Debug, thiserror::Error)]
#[error("no randomness from the system")]
pub(super) struct NoRandomness;

impl TryRng for Rng<'_> {
    type Error = NoRandomness;

    fn try_next_u32(&mut self) -> Result<u32, NoRandomness> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, NoRandomness> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.fill(out).map_err(|_| NoRandomness)
    }
}

impl TryCryptoRng for Rng<'_> {}

/// So many random bytes.
pub(super) fn seed<const N: usize>(random: &dyn Random) -> Result<Zeroizing<[u8; N]>, CryptoError> {
    let mut seed = Zeroizing::new([0; N]);
    random.fill(seed.as_mut_slice())?;
    Ok(seed)
}

/// A random scalar of so many bits, big-endian, for which `accept` gives something: key pair
/// generation by rejection sampling (FIPS 186-5, appendix A.2.2). A candidate below the order of
/// the curve is as likely as any other.
pub(super) fn scalar<T>(
    bits: usize,
    random: &dyn Random,
    accept: impl Fn(&[u8]) -> Option<T>,
) -> Result<(SecretBytes, T), CryptoError> {
    // The orders of all our curves begin with at least 31 set bits, so a second candidate is needed
    // once in two thousand million keys at most, and a hundredth never.
    for _ in 0..100 {
        let mut candidate = Zeroizing::new(vec![0; bits.div_ceil(8)]);
        random.fill(&mut candidate)?;
        if let (Some(first), surplus @ 1..) = (candidate.first_mut(), bits % 8) {
            *first &= (1 << surplus) - 1;
        }
        if let Some(accepted) = accept(&candidate) {
            return Ok((SecretBytes::new(std::mem::take(&mut *candidate)), accepted));
        }
    }
    Err(CryptoError::NoRandomness)
}

//! The key derivation function in counter mode with HMAC-SHA-256 (NIST SP 800-108r1, section 4.1).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// A key from which 256-bit subkeys are derived.
///
/// It is kept as HMAC's inner and outer state after the key's block, which halves the work of each
/// derivation. That state is as secret as the key; it is wiped on drop.
pub(crate) struct DerivationKey(Hmac<Sha256>);

// An HMAC's state is two states of SHA-256 and a buffer, each wiped by itself. This fails to
// compile if the `zeroize` feature of sha2 is ever lost.
const _: fn() = || {
    fn wiped_on_drop<T: ZeroizeOnDrop>() {}
    wiped_on_drop::<Sha256>();
};

impl DerivationKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        // Cannot fail: the key is one block after padding, whatever it holds.
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        Self(Hmac::new((&*block).into()))
    }

    /// The subkey K(1) = HMAC(key, \[1\]₄ ‖ Label ‖ 0x00 ‖ Context ‖ \[256\]₄), where \[n\]₄ is n
    /// as 4 bytes big-endian.
    ///
    /// One iteration gives the whole 256 bits. Labels are constants that hold no zero byte and the
    /// context has a fixed length, so no two pairs of label and context give the same input. With a
    /// label of up to 30 bytes the input is one SHA-256 block.
    pub(crate) fn derive(&self, label: &[u8], context: &[u8; 16]) -> Zeroizing<[u8; 32]> {
        self.first_block(&[label, &[0], context, &256_u32.to_be_bytes()])
    }

    /// K(1) over the parts of the fixed input data.
    fn first_block(&self, fixed_input: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = self.0.clone();
        mac.update(&1_u32.to_be_bytes());
        for part in fixed_input {
            mac.update(part);
        }
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
    use proptest::prelude::*;

    use super::*;

    /// NIST CAVP, "Key Derivation using Pseudorandom Functions (SP 800-108)", KDFCTR_gen.rsp:
    /// HMAC_SHA256, CTRLOCATION=BEFORE_FIXED, RLEN=32_BITS, COUNT=0 (a work of the United States
    /// Government, public domain).
    #[test]
    fn the_cavp_counter_mode_vector_is_met() {
        let key = hex::decode("dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0");
        let input = hex::decode(
            "01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b8\
             64a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac",
        );
        let key = DerivationKey::new(&key.unwrap().try_into().unwrap());
        let derived = key.first_block(&[&input.unwrap()]);
        assert_eq!(hex::encode(&derived[..16]), "10621342bfb0fd40046c0e29f2cfdbf0");
    }

    proptest! {
        #[test]
        fn another_implementation_derives_the_same(
            key: [u8; 32],
            label in "[a-z ]{0,60}",
            context: [u8; 16],
        ) {
            let mut info = label.clone().into_bytes();
            info.push(0);
            info.extend_from_slice(&context);
            info.extend_from_slice(&[0, 0, 1, 0]);
            let algorithm = get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).unwrap();
            let mut expected = [0; 32];
            kbkdf_ctr_hmac(algorithm, &key, &info, &mut expected).unwrap();
            let derived = DerivationKey::new(&key).derive(label.as_bytes(), &context);
            prop_assert_eq!(*derived, expected);
        }
    }
}

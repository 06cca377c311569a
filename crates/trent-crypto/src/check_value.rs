//! A value by which people and manifests tell domain keys apart without knowing them.

use trent_types::SecretBytes;

use crate::sealed::derivation_key;

/// No other use of a domain key has this label; see `sealed`.
const LABEL: &[u8] = b"trent domain key check value";

/// The check value of a domain key of 32 bytes: the first 16 bytes of K(1) of the counter-mode KDF
/// (NIST SP 800-108r1, section 4.1, HMAC-SHA-256) from the key, with a label of its own and a
/// context of zeros.
///
/// It may be shown to anybody: the KDF is a pseudorandom function, so its output says nothing about
/// the key or about what else is derived from it, and a key of 256 random bits cannot be searched
/// for by it. A plain hash of the key would promise less: nothing forbids another use of the same
/// hash.
#[must_use]
pub fn check_value(key: &SecretBytes) -> [u8; 16] {
    let derived = derivation_key(key).derive(LABEL, &[0; 16]);
    let mut value = [0; 16];
    value.iter_mut().zip(derived.iter()).for_each(|(to, from)| *to = *from);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_a_key_does_not_change() {
        // Computed with Python's hmac from the description above.
        let key = SecretBytes::new(vec![0x33; 32]);
        assert_eq!(hex::encode(check_value(&key)), "387d847a48d5d86155d3f702d0d54f75");
        assert_ne!(check_value(&SecretBytes::new(vec![0x34; 32])), check_value(&key));
    }
}

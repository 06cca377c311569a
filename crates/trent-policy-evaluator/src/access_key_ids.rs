//! The ids of access keys.

/// A new id: `AKIA` or `ASIA`, and 16 of `A-Z2-7`.
pub(crate) fn new_access_key_id(prefix: &str) -> String {
    let random: [u8; 16] = rand::random();
    id(prefix, &random)
}

/// The long-term id that follows from a hash.
pub(crate) fn access_key_id_of(hash: &[u8; 32]) -> String {
    id("AKIA", hash.first_chunk::<16>().unwrap_or(&[0; 16]))
}

fn id(prefix: &str, random: &[u8; 16]) -> String {
    const ALPHABET: [char; 32] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R',
        'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
    ];
    let letters = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
    prefix.chars().chain(letters.copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_key_ids_have_awss_form() {
        let id = new_access_key_id("AKIA");
        assert_eq!(id.len(), 20);
        assert!(id.starts_with("AKIA"));
        assert!(id.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b)));
        assert_ne!(id, new_access_key_id("AKIA"));
        assert!(new_access_key_id("ASIA").starts_with("ASIA"));
    }
}

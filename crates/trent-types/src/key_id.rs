//! Key ids and key-material ids.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::hex_id::hex_id;
use crate::{Malformed, TextParts, text_parts};

/// A KMS key id: a UUID, or for a multi-Region key `mrk-` and 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    uuid: Uuid,
    multi_region: bool,
}

impl KeyId {
    /// The id with these 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16], multi_region: bool) -> Self {
        Self { uuid: Uuid::from_bytes(bytes), multi_region }
    }

    /// A version 4 UUID made of these random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16], multi_region: bool) -> Self {
        Self { uuid: uuid::Builder::from_random_bytes(bytes).into_uuid(), multi_region }
    }

    /// The 16 bytes, without what tells single-Region from multi-Region.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.uuid.as_bytes()
    }

    /// Whether this names a multi-Region key.
    #[must_use]
    pub const fn is_multi_region(&self) -> bool {
        self.multi_region
    }
}

impl FromStr for KeyId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed::new("key id");
        let (digits, multi_region) = match text.strip_prefix("mrk-") {
            Some(hex) => (hex, true),
            None => (text, false),
        };
        let expected = if multi_region { 32 } else { 36 };
        let lower = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        if digits.len() != expected || !lower {
            return Err(malformed);
        }
        let uuid = Uuid::try_parse(digits).map_err(|_| malformed)?;
        Ok(Self { uuid, multi_region })
    }
}

impl TextParts for KeyId {
    fn each_part(&self, mut part: impl FnMut(&str)) {
        let mut buffer = Uuid::encode_buffer();
        if self.multi_region {
            part("mrk-");
            part(self.uuid.simple().encode_lower(&mut buffer));
        } else {
            part(self.uuid.hyphenated().encode_lower(&mut buffer));
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text_parts::print(self, f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

hex_id! {
    /// The id of one version of a key's material: 32 bytes, written as 64 lower-case hex digits.
    MaterialId as "key material id"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_key_id_come_back_as_they_were_written() {
        for text in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"]
        {
            assert_eq!(text.parse::<KeyId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_spellings_of_a_uuid_are_not_key_ids() {
        for bad in [
            "",
            "1234ABCD-12AB-34CD-56EF-1234567890AB",
            "1234abcd12ab34cd56ef1234567890ab",
            "{1234abcd-12ab-34cd-56ef-1234567890ab}",
            "mrk-1234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            assert!(bad.parse::<KeyId>().is_err(), "{bad}");
        }
    }
}

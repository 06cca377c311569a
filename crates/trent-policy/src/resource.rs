//! The resource of a question as text, made only when a statement looks at it.

use std::cell::OnceCell;
use std::fmt::{self, Write};

use trent_types::KeyArn;

/// The resource that a question is about.
#[derive(Debug)]
pub(crate) enum Resource<'a> {
    Key { arn: KeyArn, text: OnceCell<KeyArnText> },
    Other(&'a str),
}

impl<'a> Resource<'a> {
    pub(crate) const fn key(arn: KeyArn) -> Self {
        Self::Key { arn, text: OnceCell::new() }
    }

    pub(crate) const fn other(arn: &'a str) -> Self {
        Self::Other(arn)
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Key { arn, text } => text.get_or_init(|| KeyArnText::new(arn)).as_str(),
            Self::Other(text) => text,
        }
    }
}

/// A key ARN on the stack. The longest has 103 bytes: `arn:aws-us-gov:kms:`, a Region of at most
/// 32, the account and `:key/` with 36.
#[derive(Debug)]
pub(crate) struct KeyArnText {
    bytes: [u8; 128],
    length: usize,
}

impl KeyArnText {
    fn new(arn: &KeyArn) -> Self {
        let mut text = Self { bytes: [0; 128], length: 0 };
        // Cannot fail: see the length above.
        let _ = write!(text, "{arn}");
        text
    }

    fn as_str(&self) -> &str {
        // Cannot fail: only whole strings were written.
        self.bytes.get(..self.length).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }
}

impl Write for KeyArnText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use trent_types::{KeyId, Region};

    use super::*;

    #[test]
    fn the_arn_of_a_key_in_any_region_fits() {
        for region in Region::all() {
            let key_id = KeyId::from_bytes([0xAB; 16], false);
            let arn = KeyArn { region, account: "111122223333".parse().unwrap(), key_id };
            assert_eq!(Resource::key(arn).as_str(), arn.to_string());
        }
    }
}

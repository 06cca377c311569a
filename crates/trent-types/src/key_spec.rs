//! What a key is: spec, usage, origin, state, manager and algorithms, in AWS's words.

use std::fmt;
use std::str::FromStr;

use crate::Malformed;

/// An enumeration whose variants have AWS's wire names, with parsing and printing.
macro_rules! wire_enum {
    (
        $(#[$doc:meta])*
        $name:ident as $what:literal { $($(#[$vdoc:meta])* $variant:ident = $wire:literal,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the service model.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                match text { $($wire => Ok(Self::$variant),)+ _ => Err(Malformed::new($what)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

wire_enum! {
    /// The kind of key material (`KeySpec`). Specs beyond these join when their operations do.
    KeySpec as "key spec" {
        /// AES-256-GCM under a derived key per call.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
    }
}

wire_enum! {
    /// What a key is for (`KeyUsage`).
    KeyUsage as "key usage" {
        /// Encrypt, Decrypt, ReEncrypt and data keys.
        EncryptDecrypt = "ENCRYPT_DECRYPT",
    }
}

wire_enum! {
    /// Where key material comes from (`Origin`).
    Origin as "origin" {
        /// Made by Trent.
        AwsKms = "AWS_KMS",
    }
}

wire_enum! {
    /// The state of a key (`KeyState`); 02 of the AWS KMS key-state page.
    KeyState as "key state" {
        /// Usable.
        Enabled = "Enabled",
        /// Not usable until enabled.
        Disabled = "Disabled",
        /// Waiting for its deletion date.
        PendingDeletion = "PendingDeletion",
    }
}

wire_enum! {
    /// Who manages a key (`KeyManager`).
    KeyManager as "key manager" {
        /// An AWS managed key.
        Aws = "AWS",
        /// A customer managed key.
        Customer = "CUSTOMER",
    }
}

wire_enum! {
    /// Algorithms of Encrypt and Decrypt (`EncryptionAlgorithmSpec`).
    EncryptionAlgorithm as "encryption algorithm" {
        /// AES-256-GCM.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// RSA OAEP with SHA-1.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// RSA OAEP with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// SM2 public key encryption.
        Sm2Pke = "SM2PKE",
    }
}

impl KeyState {
    /// Whether a key in this state may be used for cryptography.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        match self {
            Self::Enabled => true,
            Self::Disabled | Self::PendingDeletion => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_come_back() {
        for state in KeyState::ALL {
            assert_eq!(state.as_str().parse::<KeyState>().unwrap(), *state);
        }
        assert!("enabled".parse::<KeyState>().is_err());
    }
}

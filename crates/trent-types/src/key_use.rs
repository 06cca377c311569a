//! A key as a crypto worker is given it to work with.

use crate::{EncryptionAlgorithm, EncryptionContext, KeyArn, Permit, SealedMaterial};

/// A key to work with: the Permit that allows it, and its material.
#[derive(Debug, Clone, Copy)]
pub struct KeyUse<'a> {
    /// From the evaluator.
    pub permit: &'a Permit,
    /// The key.
    pub key: KeyArn,
    /// From the evaluator.
    pub material: &'a SealedMaterial,
}

/// A key with all that it encrypts or decrypts with.
#[derive(Debug, Clone, Copy)]
pub struct Ciphering<'a> {
    /// The key.
    pub key: KeyUse<'a>,
    /// One of the key's algorithms.
    pub algorithm: EncryptionAlgorithm,
    /// Empty with an asymmetric algorithm.
    pub context: &'a EncryptionContext,
}

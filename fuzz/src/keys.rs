//! Keys that are the same in every run, so that a seed or a finding means the same in each.

use std::cell::Cell;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use trent_crypto::{CryptoError, DomainKeys, KeyMaterial, PreparedKey, Random, WrappingKey};
use trent_types::{KeyArn, KeyFamily, KeyId, KeyRing, KeySpec, MaterialId, SecretBytes};

/// Made for this crate and used nowhere else: `openssl genpkey -algorithm RSA`, as PKCS#8 in DER.
pub(crate) const RSA: [(KeySpec, &[u8]); 3] = [
    (KeySpec::Rsa2048, include_bytes!("../keys/rsa-2048.der")),
    (KeySpec::Rsa3072, include_bytes!("../keys/rsa-3072.der")),
    (KeySpec::Rsa4096, include_bytes!("../keys/rsa-4096.der")),
];

/// The domain key.
pub(crate) const DOMAIN_KEY: [u8; 32] = [0xD0; 32];

/// The version of [`DOMAIN_KEY`].
pub(crate) const DOMAIN_KEY_VERSION: u8 = 1;

/// Bytes that follow from a label: nothing that anybody else cannot predict.
pub(crate) struct Predictable {
    label: String,
    drawn: Cell<u64>,
}

impl Predictable {
    pub(crate) fn new(label: &str) -> Self {
        Self { label: label.to_owned(), drawn: Cell::new(0) }
    }
}

impl Random for Predictable {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        for chunk in out.chunks_mut(32) {
            let drawn = self.drawn.replace(self.drawn.get() + 1);
            let hash = Sha256::new().chain_update(&self.label).chain_update(drawn.to_be_bytes());
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
        Ok(())
    }
}

/// The key that everything belongs to.
pub(crate) fn key_arn() -> KeyArn {
    KeyArn {
        region: "eu-central-1".parse().expect("a Region"),
        account: "111122223333".parse().expect("an account"),
        key_id: KeyId::from_bytes([7; 16], false),
    }
}

/// The material id that everything belongs to.
pub(crate) fn material_id() -> MaterialId {
    MaterialId::from_bytes([9; 32])
}

/// The deployment's domain keys.
pub(crate) fn domain_keys() -> &'static DomainKeys {
    static KEYS: OnceLock<DomainKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let ring = KeyRing::single(SecretBytes::new(DOMAIN_KEY.to_vec()));
        DomainKeys::new(&ring.expect("32 bytes"))
    })
}

/// Material of a spec.
pub(crate) fn material(spec: KeySpec) -> KeyMaterial {
    if spec.family() == KeyFamily::Rsa {
        let (_, der) = RSA.iter().find(|(size, _)| *size == spec).expect("three sizes");
        return KeyMaterial::from_imported(spec, der).expect("a key pair of OpenSSL's");
    }
    KeyMaterial::generate(spec, &Predictable::new(spec.as_str())).expect("a key")
}

/// [`material`], ready for use.
pub(crate) fn prepared(spec: KeySpec) -> &'static PreparedKey {
    static KEYS: OnceLock<Vec<(KeySpec, PreparedKey)>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let ready = |spec: &KeySpec| (*spec, material(*spec).prepare().expect("a good key"));
        KeySpec::ALL.iter().map(ready).collect()
    });
    &keys.iter().find(|(known, _)| *known == spec).expect("every spec").1
}

/// The key pair under which material is wrapped for its import: RSA-2048.
pub(crate) fn wrapping_key() -> &'static WrappingKey {
    static KEY: OnceLock<WrappingKey> = OnceLock::new();
    KEY.get_or_init(|| WrappingKey::from_bytes(RSA[0].1).expect("a key pair of OpenSSL's"))
}

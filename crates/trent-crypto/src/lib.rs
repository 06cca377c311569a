//! Key material, the algorithms of every key spec, ciphertext blobs, sealing and import; pure,
//! without I/O.
//!
//! Everything that Trent encrypts at rest goes through one construction, the module `envelope`: a
//! subkey for this one message by SP 800-108, then AES-256-GCM. [`encrypt`] uses it under a KMS
//! key, [`DomainKeys`] under the domain key. What asymmetric and HMAC keys do is in `engine`, by
//! kind of key, behind [`KeyMaterial`] and [`PreparedKey`].

mod blob;
mod check_value;
mod encoding;
mod engine;
mod envelope;
mod error;
mod import;
mod import_token;
mod kdf;
mod material;
mod pool;
mod prepared;
mod random;
mod record;
mod sealed;
mod symmetric;
mod wrapping;

pub use blob::{BLOB_OVERHEAD, decrypt, encrypt};
pub use check_value::check_value;
pub use engine::{
    EcKey, EcMaterial, Ed25519Key, Ed25519Material, HmacKey, HmacMaterial, MlDsaKey, MlDsaMaterial,
    MlKemKey, MlKemMaterial, RsaKey, RsaMaterial, Sm2Key, Sm2Material,
};
pub use error::CryptoError;
pub use import::imported_material_id;
pub use import_token::ImportToken;
pub use material::KeyMaterial;
pub use prepared::PreparedKey;
pub use random::{Random, SystemRandom, material_id, secret_access_key};
pub use sealed::DomainKeys;
pub use symmetric::SymmetricKey;
pub use wrapping::WrappingKey;

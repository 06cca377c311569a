//! How keys are written down outside Trent: PKCS#8, SEC 1, SubjectPublicKeyInfo, PEM.

mod ber;
mod oids;
mod pem;
mod private_key;
mod public_key;

pub(crate) use ber::to_der;
pub(crate) use oids::{
    ED25519, ID_EC_PUBLIC_KEY, ML_DSA_44, ML_DSA_65, ML_DSA_87, ML_KEM_512, ML_KEM_768,
    ML_KEM_1024, P256, P384, P521, RSA_ENCRYPTION, SECP256K1, SM2,
};
pub(crate) use pem::{PemKey, read_pem};
pub(crate) use private_key::{
    EcKeyParts, Parameters, Pkcs8Parts, read_octets, read_pkcs8, read_rsa_public, read_sec1,
    write_pkcs8, write_sec1,
};
pub(crate) use public_key::{read_ec_point, write_spki};

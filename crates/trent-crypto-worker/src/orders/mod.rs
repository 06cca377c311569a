//! What each order does, once and only once its Permit has been checked; a file for each family.
//!
//! What can be asked for by value, too, is a method over values; another one of the name with
//! `_order` takes the message apart and seals the answer.

mod agreement;
mod cipher;
mod material;
mod secret;
mod signature;

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::{self, CryptoFault};
use trent_bus::{Claims, Purpose, Sealer, convert};
use trent_crypto::{CryptoError, KeyMaterial, PreparedKey, Random};
use trent_types::{Clock, KeyArn, KeyFamily, KeySpec, MaterialId, RequestId, SecretBytes};
use zeroize::Zeroizing;

use crate::domain::Domain;
use crate::parsed_keys::ParsedKeys;
use crate::permission::{Duty, MessageKey, NamedKey, PermitCheck, PermittedUse};
use crate::ready_keys::ReadyKeys;
use crate::worker::{DOMAIN_KEY_CHECK, DOMAIN_KEY_CHECK_ACCOUNT};

/// The most bytes of a data key or of random bytes (`NumberOfBytes`).
const RANDOM_BYTES_MAX: usize = 1024;

/// How long before its end a Permit must be used, so that it is still good at the registry.
const CHANGE_MS: i64 = 100;

/// Why an order was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The answer says why.
    Fault(CryptoFault),
    /// This worker cannot serve now; another one may.
    Unavailable,
    /// This worker has another domain key than the deployment.
    WrongDomainKey,
}

impl From<CryptoFault> for Refusal {
    fn from(fault: CryptoFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<CryptoError> for Refusal {
    fn from(error: CryptoError) -> Self {
        Self::Fault(match error {
            CryptoError::InvalidCiphertext => CryptoFault::InvalidCiphertext,
            CryptoError::InvalidSignature => CryptoFault::InvalidSignature,
            CryptoError::InvalidMac => CryptoFault::InvalidMac,
            CryptoError::InvalidMessageLength => CryptoFault::InvalidMessageLength,
            CryptoError::InvalidPublicKey => CryptoFault::InvalidPublicKey,
            CryptoError::InvalidMaterial => CryptoFault::InvalidMaterial,
            CryptoError::InvalidImportToken => CryptoFault::InvalidImportToken,
            // Operations know which algorithms a key has.
            CryptoError::WrongAlgorithm => CryptoFault::Malformed,
            CryptoError::UnknownDomainKey(_)
            | CryptoError::NotSealedHere
            | CryptoError::UnreadableRecord => CryptoFault::MaterialUnusable,
            CryptoError::NoRandomness | CryptoError::LibraryFailure => return Self::Unavailable,
        })
    }
}

/// What comes of an order that is a message.
type Done = Result<Outcome, Refusal>;

/// A secret that an order brings from the gateway; one that is sealed is opened only once the
/// Permit has been checked.
#[derive(Clone, Copy)]
pub(crate) enum Brought<'a> {
    Sealed(&'a [u8]),
    /// From the same process.
    Clear(&'a SecretBytes),
}

/// Everything that one request's orders are worked on with.
pub(crate) struct Bench<'a> {
    pub(crate) check: PermitCheck<'a>,
    pub(crate) sealer: &'a Sealer,
    pub(crate) domain: &'a Domain,
    pub(crate) parsed: &'a ParsedKeys,
    pub(crate) ready: &'a ReadyKeys,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) random: &'a dyn Random,
}

impl Bench<'_> {
    /// Does an order.
    pub(crate) fn perform(&self, order: CryptoOrder) -> Done {
        match order {
            CryptoOrder::GenerateMaterial(order) => self.generate_material(order),
            CryptoOrder::Encrypt(order) => self.encrypt_order(order),
            CryptoOrder::Decrypt(order) => self.decrypt_order(order),
            CryptoOrder::ReEncrypt(order) => self.re_encrypt(order),
            CryptoOrder::GenerateDataKey(order) => self.generate_data_key_order(order),
            CryptoOrder::GenerateDataKeyPair(order) => self.generate_data_key_pair(order),
            CryptoOrder::GenerateRandom(order) => self.generate_random_order(&order),
            CryptoOrder::Sign(order) => self.sign(order),
            CryptoOrder::Verify(order) => self.verify(order),
            CryptoOrder::GenerateMac(order) => self.generate_mac_order(order),
            CryptoOrder::VerifyMac(order) => self.verify_mac(order),
            CryptoOrder::DeriveSharedSecret(order) => self.derive_shared_secret(order),
            CryptoOrder::Encapsulate(order) => self.encapsulate(order),
            CryptoOrder::Decapsulate(order) => self.decapsulate(order),
            CryptoOrder::MakeImportParameters(order) => self.make_import_parameters(order),
            CryptoOrder::ImportMaterial(order) => self.import_material(order),
            CryptoOrder::CopyMaterial(order) => self.copy_material(order),
            CryptoOrder::SealMaterial(order) => self.seal_material(order),
            CryptoOrder::SealSecret(order) => self.seal_secret(&order),
            CryptoOrder::OpenSecret(order) => self.open_secret(&order),
            CryptoOrder::ReSeal(order) => self.re_seal(order),
        }
    }

    /// Refuses to seal under a domain key that is not the deployment's, since nobody could open it:
    /// the Permit brings a secret that only the right key opens. Opening it takes a microsecond,
    /// and sealing is rare.
    fn may_seal(&self, claims: &Claims) -> Result<(), Refusal> {
        if claims.domain_key_check.is_empty() {
            return Err(CryptoFault::NotPermitted.into());
        }
        let account = DOMAIN_KEY_CHECK_ACCOUNT.parse().map_err(|_| CryptoFault::Malformed)?;
        let keys = &self.domain.keys;
        self.domain.note_use(&claims.domain_key_check, self.check.now);
        match keys.open_secret(account, DOMAIN_KEY_CHECK, &claims.domain_key_check) {
            Ok(_) => Ok(()),
            // In the midst of a rotation it may come yet.
            Err(CryptoError::UnknownDomainKey(_)) => Err(Refusal::Unavailable),
            Err(error) if Refusal::from(error) == Refusal::Unavailable => Err(Refusal::Unavailable),
            Err(_) => Err(Refusal::WrongDomainKey),
        }
    }

    /// [`Self::open_key`] for what a message names.
    fn open_message_key(
        &self,
        order: Option<messages::KeyUse>,
        duty: Duty,
    ) -> Result<Arc<PreparedKey>, Refusal> {
        self.open_key(MessageKey::read(order)?.named(), duty)
    }

    /// A key of a use that is allowed without an encryption context, opened.
    fn open_key(&self, key: NamedKey<'_>, duty: Duty) -> Result<Arc<PreparedKey>, Refusal> {
        // What has no encryption context is bound to none.
        let permitted = self.check.key_use(key, duty, &[])?;
        self.open_permitted(&permitted)
    }

    /// The key of an allowed use, opened; its version of the domain key is noted.
    fn open_permitted(&self, permitted: &PermittedUse<'_>) -> Result<Arc<PreparedKey>, Refusal> {
        self.domain.note_use(permitted.sealed(), self.check.now);
        Ok(self.parsed.open(&self.domain.keys, permitted)?)
    }

    /// New material; an RSA key pair may have been made before.
    fn make_material(&self, spec: KeySpec) -> Result<KeyMaterial, Refusal> {
        match self.ready.take(spec, &self.domain.keys) {
            Some(material) => Ok(material),
            None => Ok(KeyMaterial::generate(spec, self.random)?),
        }
    }

    /// Gives material back that was long in the making: when the change that it is for comes to the
    /// registry, the Permit will have run out. It lies ready for the next try.
    fn if_in_time(&self, claims: &Claims, material: KeyMaterial) -> Result<KeyMaterial, Refusal> {
        let end = self.clock.now().plus_millis(CHANGE_MS);
        if end < claims.expires_at || material.spec().family() != KeyFamily::Rsa {
            return Ok(material);
        }
        let spec = material.spec();
        if let Some(vacancy) = self.ready.vacancy_of(spec) {
            let sealed = self.domain.keys.seal_pooled(spec, &material, self.random)?;
            self.ready.put(vacancy, sealed);
        }
        Err(CryptoFault::PermitExpired.into())
    }

    /// 1 to 1024 random bytes.
    fn random_bytes(&self, number: u32) -> Result<SecretBytes, Refusal> {
        let number = usize::try_from(number).map_err(|_| CryptoFault::Malformed)?;
        if !(1..=RANDOM_BYTES_MAX).contains(&number) {
            return Err(CryptoFault::Malformed.into());
        }
        let mut bytes = Zeroizing::new(vec![0; number]);
        self.random.fill(&mut bytes)?;
        Ok(SecretBytes::new(std::mem::take(&mut *bytes)))
    }

    fn seal_to_gateway(&self, plaintext: &[u8]) -> Bytes {
        self.sealer.seal(Purpose::WorkerToGateway, self.request(), plaintext).into()
    }

    fn open_from(&self, purpose: Purpose, sealed: &[u8]) -> Result<SecretBytes, Refusal> {
        self.sealer
            .open(purpose, self.request(), sealed)
            .map_err(|_| Refusal::Fault(CryptoFault::Malformed))
    }

    fn open_from_gateway(&self, sealed: &[u8]) -> Result<SecretBytes, Refusal> {
        self.open_from(Purpose::GatewayToWorker, sealed)
    }

    fn brought<'b>(&self, secret: Brought<'b>) -> Result<Cow<'b, SecretBytes>, Refusal> {
        match secret {
            Brought::Sealed(sealed) => self.open_from_gateway(sealed).map(Cow::Owned),
            Brought::Clear(secret) => Ok(Cow::Borrowed(secret)),
        }
    }

    const fn request(&self) -> RequestId {
        self.check.request
    }
}

fn read_key(key: Option<messages::KeyArn>) -> Result<KeyArn, CryptoFault> {
    let key = key.ok_or(CryptoFault::Malformed)?;
    KeyArn::try_from(key).map_err(|_| CryptoFault::Malformed)
}

fn read_material_id(id: &[u8]) -> Result<MaterialId, CryptoFault> {
    convert::material_id(id, "material_id").map_err(|_| CryptoFault::Malformed)
}

/// A name of AWS's: a spec, an algorithm, a Region.
fn read_name<T: FromStr>(name: &str) -> Result<T, CryptoFault> {
    name.parse().map_err(|_| CryptoFault::Malformed)
}

//! What each order does, once and only once its Permit has been checked.

use bytes::Bytes;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::re_seal_order::What;
use trent_bus::messages::{
    CryptoFault, DataKey, DecryptOrder, EncryptOrder, GenerateDataKeyOrder, GenerateMaterialOrder,
    GenerateRandomOrder, KeyMaterial as MaterialInPlace, KeyUse, MadeMaterial, OpenSecretOrder,
    ReEncryptOrder, ReSealOrder, ReSealed, SealSecretOrder, SealedSecret, StoredSecret,
};
use trent_bus::{Claims, Purpose, Sealer, convert};
use trent_crypto::{
    CryptoError, DomainKeys, KeyMaterial, PreparedKey, Random, decrypt, encrypt, material_id,
    secret_access_key,
};
use trent_types::{
    AccountId, CiphertextHeader, KeyArn, KeySpec, RequestId, SecretBytes, sealed_under,
};
use zeroize::Zeroizing;

use crate::domain::Domain;
use crate::parsed_keys::ParsedKeys;
use crate::permission::{Duty, PermitCheck, PermittedUse};
use crate::worker::{DOMAIN_KEY_CHECK, DOMAIN_KEY_CHECK_ACCOUNT};

/// The most bytes of a data key or of random bytes (`NumberOfBytes`).
const RANDOM_BYTES_MAX: usize = 1024;

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
        match error {
            CryptoError::InvalidCiphertext => Self::Fault(CryptoFault::InvalidCiphertext),
            CryptoError::UnknownDomainKey(_)
            | CryptoError::NotSealedHere
            | CryptoError::UnreadableRecord => Self::Fault(CryptoFault::MaterialUnusable),
            CryptoError::NoRandomness => Self::Unavailable,
        }
    }
}

type Done = Result<Outcome, Refusal>;

/// Everything that one request's orders are worked on with.
pub(crate) struct Bench<'a> {
    pub(crate) check: PermitCheck<'a>,
    pub(crate) sealer: &'a Sealer,
    pub(crate) domain: &'a Domain,
    pub(crate) parsed: &'a ParsedKeys,
    pub(crate) random: &'a dyn Random,
}

impl Bench<'_> {
    pub(crate) fn generate_material(&self, order: GenerateMaterialOrder) -> Done {
        let key = KeyArn::try_from(order.key.ok_or(CryptoFault::Malformed)?)
            .map_err(|_| CryptoFault::Malformed)?;
        let spec: KeySpec = order.spec.parse().map_err(|_| CryptoFault::Malformed)?;
        let claims = self.check.key(&order.permit, Duty::GenerateMaterial, &key)?;
        self.may_seal(&claims)?;
        let material = KeyMaterial::generate(spec, self.random)?;
        let id = material_id(self.random)?;
        let sealed = self.domain.keys.seal_material(&key, id, &material, self.random)?;
        Ok(Outcome::Made(MadeMaterial {
            material: Some(sealed.into()),
            replicas: Vec::new(),
            public_key: Bytes::new(),
        }))
    }

    pub(crate) fn encrypt(&self, order: EncryptOrder) -> Done {
        let permitted = self.check.key_use(order.r#use, Duty::Encrypt, &order.context)?;
        let plaintext = self.open_from(Purpose::GatewayToWorker, &order.sealed_plaintext)?;
        let blob = self.seal_blob(&permitted, &order.context, plaintext.expose())?;
        Ok(Outcome::Ciphertext(blob.into()))
    }

    pub(crate) fn decrypt(&self, order: DecryptOrder) -> Done {
        let plaintext =
            self.open_blob(Duty::Decrypt, order.r#use, &order.context, &order.ciphertext)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(plaintext.expose())))
    }

    pub(crate) fn re_encrypt(&self, order: ReEncryptOrder) -> Done {
        // Both Permits before anything is decrypted.
        let destination =
            self.check.key_use(order.destination, Duty::ReEncryptTo, &order.destination_context)?;
        let plaintext = self.open_blob(
            Duty::ReEncryptFrom,
            order.source,
            &order.source_context,
            &order.ciphertext,
        )?;
        let blob = self.seal_blob(&destination, &order.destination_context, plaintext.expose())?;
        Ok(Outcome::Ciphertext(blob.into()))
    }

    pub(crate) fn generate_data_key(&self, order: GenerateDataKeyOrder) -> Done {
        let duty = if order.with_plaintext {
            Duty::GenerateDataKey
        } else {
            Duty::GenerateDataKeyWithoutPlaintext
        };
        let permitted = self.check.key_use(order.r#use, duty, &order.context)?;
        let data_key = self.random_bytes(order.number_of_bytes)?;
        let blob = self.seal_blob(&permitted, &order.context, &data_key)?;
        let sealed_plaintext =
            if order.with_plaintext { self.seal_to_gateway(&data_key) } else { Bytes::new() };
        Ok(Outcome::DataKey(DataKey { ciphertext: blob.into(), sealed_plaintext }))
    }

    pub(crate) fn generate_random(&self, order: &GenerateRandomOrder) -> Done {
        self.check.duty(&order.permit, Duty::GenerateRandom)?;
        let random = self.random_bytes(order.number_of_bytes)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(&random)))
    }

    /// Makes a secret access key for the gateway's caller, or takes one that the evaluator knows
    /// already (the root user's, from the configuration), and seals it for the registry.
    pub(crate) fn seal_secret(&self, order: &SealSecretOrder) -> Done {
        let account: AccountId = order.account.parse().map_err(|_| CryptoFault::Malformed)?;
        let duty = if order.sealed_secret.is_empty() {
            Duty::SealNewSecret
        } else {
            Duty::SealGivenSecret
        };
        let claims = self.check.account(&order.permit, duty, account)?;
        // The check itself is what a new deployment has sealed first.
        if order.access_key_id != DOMAIN_KEY_CHECK {
            self.may_seal(&claims)?;
        }
        let seal = |secret: &SecretBytes| {
            self.domain.keys.seal_secret(account, &order.access_key_id, secret, self.random)
        };
        if order.sealed_secret.is_empty() {
            let secret = secret_access_key(self.random)?;
            return Ok(Outcome::Secret(SealedSecret {
                stored_secret: seal(&secret)?.into(),
                sealed_secret: self.seal_to_gateway(secret.expose()),
            }));
        }
        let secret = self.open_from(Purpose::EvaluatorToWorker, &order.sealed_secret)?;
        // Who sent the secret needs no copy of it.
        Ok(Outcome::Secret(SealedSecret {
            stored_secret: seal(&secret)?.into(),
            sealed_secret: Bytes::new(),
        }))
    }

    /// Opens a secret access key for the evaluator, which checks signatures with it.
    pub(crate) fn open_secret(&self, order: &OpenSecretOrder) -> Done {
        let account: AccountId = order.account.parse().map_err(|_| CryptoFault::Malformed)?;
        let id = &order.access_key_id;
        self.check.access_key(&order.permit, Duty::OpenSecret, account, id)?;
        self.domain.note_use(&order.stored_secret, self.check.now);
        let secret =
            self.domain.keys.open_secret(account, &order.access_key_id, &order.stored_secret)?;
        let sealed = self.sealer.seal(Purpose::WorkerToEvaluator, self.request(), secret.expose());
        Ok(Outcome::Secret(SealedSecret {
            stored_secret: Bytes::new(),
            sealed_secret: sealed.into(),
        }))
    }

    /// Seals under the current domain key what an older one has sealed, for where it belongs. What
    /// is of the current version, or of a newer one that this worker does not seal with yet, is
    /// left as it is.
    pub(crate) fn re_seal(&self, order: ReSealOrder) -> Done {
        let ReSealOrder { permit, what } = order;
        let version = self.domain.keys.current_version();
        let sealed = match what.ok_or(CryptoFault::Malformed)? {
            What::Material(MaterialInPlace { key, material }) => {
                let material = material.ok_or(CryptoFault::Malformed)?;
                let key = KeyArn::try_from(key.ok_or(CryptoFault::Malformed)?)
                    .map_err(|_| CryptoFault::Malformed)?;
                let id = convert::material_id(&material.material_id, "material_id")
                    .map_err(|_| CryptoFault::Malformed)?;
                let claims = self.check.key(&permit, Duty::ReSeal, &key)?;
                if !claims.material_ids.contains(&id) {
                    return Err(CryptoFault::NotPermitted.into());
                }
                self.may_seal(&claims)?;
                self.older(&material.sealed, |keys| {
                    let opened = keys.open_material(&key, &id, &material.sealed)?;
                    Ok(keys.seal_material(&key, id, &opened, self.random)?.sealed)
                })?
            }
            What::Secret(StoredSecret { account, access_key_id: id, stored_secret }) => {
                let account: AccountId = account.parse().map_err(|_| CryptoFault::Malformed)?;
                let claims = self.check.access_key(&permit, Duty::ReSeal, account, &id)?;
                // The check itself must open to be sealed anew.
                if id != DOMAIN_KEY_CHECK {
                    self.may_seal(&claims)?;
                }
                self.older(&stored_secret, |keys| {
                    let opened = keys.open_secret(account, &id, &stored_secret)?;
                    keys.seal_secret(account, &id, &opened, self.random)
                })?
            }
        };
        Ok(Outcome::ReSealed(ReSealed { version: version.into(), sealed: sealed.into() }))
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
            Err(CryptoError::UnknownDomainKey(_) | CryptoError::NoRandomness) => {
                Err(Refusal::Unavailable)
            }
            Err(
                CryptoError::NotSealedHere
                | CryptoError::InvalidCiphertext
                | CryptoError::UnreadableRecord,
            ) => Err(Refusal::WrongDomainKey),
        }
    }

    /// Has it sealed anew if its version is below the current one; nothing otherwise.
    fn older(
        &self,
        sealed: &[u8],
        anew: impl FnOnce(&DomainKeys) -> Result<Vec<u8>, CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        let keys = &self.domain.keys;
        match sealed_under(sealed) {
            Some(version) if version >= keys.current_version() => Ok(Vec::new()),
            Some(_) => {
                self.domain.note_use(sealed, self.check.now);
                anew(keys)
            }
            None => Err(CryptoError::NotSealedHere),
        }
    }

    /// The use, after its version of the domain key was noted.
    fn noted<'u>(&self, permitted: &'u PermittedUse) -> &'u PermittedUse {
        self.domain.note_use(permitted.sealed(), self.check.now);
        permitted
    }

    fn seal_blob(
        &self,
        permitted: &PermittedUse,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let prepared = self.parsed.open(&self.domain.keys, self.noted(permitted))?;
        match &*prepared {
            PreparedKey::Symmetric(key) => {
                Ok(encrypt(key, &header(permitted), context, plaintext, self.random)?)
            }
        }
    }

    fn open_blob(
        &self,
        duty: Duty,
        key_use: Option<KeyUse>,
        context: &[u8],
        ciphertext: &[u8],
    ) -> Result<SecretBytes, Refusal> {
        let permitted = self.check.key_use(key_use, duty, context)?;
        let prepared = self.parsed.open(&self.domain.keys, self.noted(&permitted))?;
        match &*prepared {
            PreparedKey::Symmetric(key) => {
                Ok(decrypt(key, &header(&permitted), context, ciphertext)?)
            }
        }
    }

    /// 1 to 1024 random bytes.
    fn random_bytes(&self, number: u32) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let number = usize::try_from(number).map_err(|_| CryptoFault::Malformed)?;
        if !(1..=RANDOM_BYTES_MAX).contains(&number) {
            return Err(CryptoFault::Malformed.into());
        }
        let mut bytes = Zeroizing::new(vec![0; number]);
        self.random.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn seal_to_gateway(&self, plaintext: &[u8]) -> Bytes {
        self.sealer.seal(Purpose::WorkerToGateway, self.request(), plaintext).into()
    }

    fn open_from(&self, purpose: Purpose, sealed: &[u8]) -> Result<SecretBytes, Refusal> {
        self.sealer
            .open(purpose, self.request(), sealed)
            .map_err(|_| Refusal::Fault(CryptoFault::Malformed))
    }

    const fn request(&self) -> RequestId {
        self.check.request
    }
}

const fn header(permitted: &PermittedUse) -> CiphertextHeader {
    CiphertextHeader { key_id: permitted.key().key_id, material_id: *permitted.material_id() }
}

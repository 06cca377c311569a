//! Secret access keys, and what an older domain key has sealed.

use bytes::Bytes;
use trent_bus::Purpose;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::re_seal_order::What;
use trent_bus::messages::{
    CryptoFault, KeyMaterial as MaterialInPlace, OpenSecretOrder, ReSealOrder, ReSealed,
    SealSecretOrder, SealedSecret, StoredSecret,
};
use trent_crypto::{CryptoError, DomainKeys, secret_access_key};
use trent_types::{AccountId, SecretBytes, sealed_under};

use super::{Bench, Done, read_key, read_material_id, read_name};
use crate::permission::Duty;
use crate::worker::DOMAIN_KEY_CHECK;

impl Bench<'_> {
    /// Makes a secret access key for the gateway's caller, or takes one that the evaluator knows
    /// already (the root user's, from the configuration), and seals it for the registry.
    pub(super) fn seal_secret(&self, order: &SealSecretOrder) -> Done {
        let account: AccountId = read_name(&order.account)?;
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
    pub(super) fn open_secret(&self, order: &OpenSecretOrder) -> Done {
        let account: AccountId = read_name(&order.account)?;
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
    pub(super) fn re_seal(&self, order: ReSealOrder) -> Done {
        let ReSealOrder { permit, what } = order;
        let version = self.domain.keys.current_version();
        let sealed = match what.ok_or(CryptoFault::Malformed)? {
            What::Material(MaterialInPlace { key, material }) => {
                let material = material.ok_or(CryptoFault::Malformed)?;
                let key = read_key(key)?;
                let id = read_material_id(&material.material_id)?;
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
                let account: AccountId = read_name(&account)?;
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
}

//! Access keys that an operator has made.
//!
//! Their ids follow from the id of the operator's request, and what is answered is read out of the
//! store: a request that comes twice gets the same answer twice.

use sha2::{Digest, Sha256};
use trent_bus::Purpose;
use trent_bus::messages::NewAccessKey;
use trent_types::{AccessKey, AccessKeyStatus, AccountId, RequestId, SecretBytes, Timestamp};

use super::{Admin, AdminFault};
use crate::access_key_ids::access_key_id_of;
use crate::core::Unavailable;

/// An access key and its sealed secret, to be committed.
pub(super) struct Prepared {
    pub(super) access_key: AccessKey,
    pub(super) sealed_secret: Vec<u8>,
}

impl Admin {
    /// A new access key, its secret made by a worker.
    pub(super) async fn prepare_key(
        &self,
        id: RequestId,
        account: AccountId,
    ) -> Result<Prepared, AdminFault> {
        let core = &self.registry.core;
        let until = core.may_decide()?.until;
        let access_key_id = access_key_id_of(&hash(id, "access key"));
        let sealed = core.worker.seal_secret(account, &access_key_id, None, until).await;
        let sealed = sealed.map_err(|fault| Unavailable(fault.to_string()))?;
        let access_key = AccessKey {
            access_key_id,
            account,
            user_name: None,
            status: AccessKeyStatus::Active,
            created_at: to_the_second(core.clock.now()),
        };
        Ok(Prepared { access_key, sealed_secret: sealed.into() })
    }

    /// The key of this request as it stands in the store, for the operator's eyes.
    pub(super) async fn shown_key(&self, id: RequestId) -> Result<NewAccessKey, AdminFault> {
        let core = &self.registry.core;
        let access_key_id = access_key_id_of(&hash(id, "access key"));
        let Some(stored) = core.store.access_key(&access_key_id).await? else {
            let why = "the access key is gone again".to_owned();
            return Err(AdminFault::Unavailable(Unavailable(why)));
        };
        let (account, until) = (stored.access_key.account, core.may_decide()?.until);
        let opened =
            core.worker.open_secret(account, &access_key_id, &stored.sealed_secret, until).await;
        let secret: SecretBytes = opened.map_err(|fault| Unavailable(fault.to_string()))?;
        let sealer = &core.worker.sealer;
        let sealed_secret = sealer.seal(Purpose::EvaluatorToOperator, id, secret.expose()).into();
        Ok(NewAccessKey { access_key_id, sealed_secret })
    }
}

/// What follows from a request's id for one purpose.
pub(super) fn hash(id: RequestId, what: &str) -> [u8; 32] {
    Sha256::new().chain_update(id.as_bytes()).chain_update(what).finalize().into()
}

/// IAM's moments have no fractions.
pub(super) const fn to_the_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_millis(moment.as_millis() / 1_000 * 1_000)
}

//! Accounts: what there are, and new ones with an access key of their root user.

use sha2::{Digest, Sha256};
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::{AccountInfo, AccountList, CreateAccount, NewCredentials};
use trent_bus::{Purpose, convert};
use trent_types::{
    AccessKey, AccessKeyStatus, Account, AccountId, AdminChange, RequestId, Timestamp,
};

use super::{Admin, AdminFault, Told};
use crate::core::Unavailable;
use crate::worker::WorkerFault;

/// The longest name of an account (AWS Organizations).
const NAME_MAX: usize = 50;

impl Admin {
    /// Makes an account and its root user's access key, whose secret is answered this once.
    pub(super) async fn create_account(
        &self,
        id: RequestId,
        wanted: CreateAccount,
    ) -> Result<Outcome, AdminFault> {
        let CreateAccount { name, id: given } = wanted;
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control)
        {
            let why = format!("an account's name has 1 to {NAME_MAX} printable characters");
            return Err(AdminFault::Refused(why));
        }
        let account_id = match given.as_str() {
            "" => chosen(id)?,
            given => given.parse().map_err(|_| refused("an account id has 12 digits"))?,
        };
        let now = self.registry.core.clock.now();
        let account = Account { id: account_id, name: name.clone(), created_at: now };
        let (root_key, sealed_secret) = self.new_access_key(id, account_id).await?;
        let access_key_id = root_key.access_key_id.clone();
        let told = Told {
            event: "CreateAccount",
            account: account_id,
            region: self.home().1,
            parameters: vec![("accountName", name.clone())],
        };
        let change = AdminChange::CreateAccount { account, root_key, sealed_secret };
        self.change(id, change, told).await?;
        self.credentials(id, account_id, name, access_key_id).await
    }

    /// The accounts of the deployment.
    pub(super) async fn list_accounts(&self) -> Result<Outcome, AdminFault> {
        let accounts = self.registry.core.store.accounts().await?;
        let info = |account: Account| AccountInfo {
            id: account.id.to_string(),
            name: account.name,
            created_at_ms: account.created_at.as_millis(),
        };
        Ok(Outcome::Accounts(AccountList { accounts: accounts.into_iter().map(info).collect() }))
    }

    /// A new access key with its sealed secret. Its id follows from the request's, so that a request
    /// that is sent again finds the key that it has made.
    pub(super) async fn new_access_key(
        &self,
        id: RequestId,
        account: AccountId,
    ) -> Result<(AccessKey, Vec<u8>), AdminFault> {
        let core = &self.registry.core;
        let until = core.may_decide()?.until;
        let access_key_id = access_key_id(id);
        let sealed = core.worker.seal_secret(account, &access_key_id, None, until).await;
        let sealed = sealed.map_err(of_worker)?;
        let (status, created_at) = (AccessKeyStatus::Active, whole_seconds(core.clock.now()));
        let key = AccessKey { access_key_id, account, user_name: None, status, created_at };
        Ok((key, sealed.into()))
    }

    /// The credentials as the store has them now, for the operator's eyes.
    pub(super) async fn credentials(
        &self,
        id: RequestId,
        account: AccountId,
        name: String,
        access_key_id: String,
    ) -> Result<Outcome, AdminFault> {
        let core = &self.registry.core;
        let until = core.may_decide()?.until;
        let stored = core.store.access_key(&access_key_id).await?;
        let stored = stored.ok_or_else(|| refused("the access key is gone already"))?;
        let opened = core.worker.open_secret(account, &access_key_id, &stored.sealed_secret, until);
        let secret = opened.await.map_err(of_worker)?;
        let sealed = core.worker.sealer.seal(Purpose::EvaluatorToOperator, id, secret.expose());
        Ok(Outcome::Credentials(NewCredentials {
            account: account.to_string(),
            name,
            access_key_id,
            sealed_secret: convert::bytes(&sealed),
        }))
    }
}

pub(super) fn refused(why: &str) -> AdminFault {
    AdminFault::Refused(why.to_owned())
}

fn of_worker(fault: WorkerFault) -> AdminFault {
    AdminFault::Unavailable(Unavailable(fault.to_string()))
}

/// Twelve digits that follow from the request's id.
fn chosen(id: RequestId) -> Result<AccountId, AdminFault> {
    let digits: String = hash(b"account", id).iter().map(|b| char::from(b'0' + b % 10)).collect();
    let digits = digits.get(..12).unwrap_or_default();
    digits.parse().map_err(|_| refused("no account id could be chosen"))
}

/// An access key id that follows from the request's id: 16 of 32 letters, 80 bits.
fn access_key_id(id: RequestId) -> String {
    let letters = hash(b"access key", id);
    let letters = letters.iter().take(16).map(|byte| match byte % 32 {
        letter @ 0..26 => char::from(b'A' + letter),
        digit => char::from(b'2' + (digit - 26)),
    });
    "AKIA".chars().chain(letters).collect()
}

fn hash(what: &[u8], id: RequestId) -> [u8; 32] {
    let hash = Sha256::new().chain_update(b"trent admin ").chain_update(what);
    hash.chain_update([0]).chain_update(id.as_bytes()).finalize().into()
}

const fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_millis(moment.as_seconds() * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_a_request_is_well_formed_and_its_own() {
        let (one, other) = (RequestId::from_bytes([1; 16]), RequestId::from_bytes([2; 16]));
        let id = access_key_id(one);
        assert!(id.len() == 20 && id.starts_with("AKIA"), "{id}");
        assert!(id.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b)), "{id}");
        assert_eq!(id, access_key_id(one));
        assert_ne!(id, access_key_id(other));
        let account = |id| chosen(id).unwrap_or_else(|_| panic!("twelve digits"));
        assert_ne!(account(one), account(other));
    }
}

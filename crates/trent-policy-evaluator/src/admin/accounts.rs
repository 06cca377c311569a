//! Accounts of the deployment.

use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::{self, AccountList, CreateAccount, CreatedAccount};
use trent_types::{Account, AccountId, AdminChange, RequestId};

use super::new_key::{hash, to_the_second};
use super::{Admin, AdminFault, Told};
use crate::DOMAIN_KEY_CHECK_ACCOUNT;

/// The longest name of an account, in characters, as AWS has it.
const NAME_MAX: usize = 50;

impl Admin {
    /// Makes an account with an access key of its root user.
    pub(super) async fn create_account(
        &self,
        id: RequestId,
        wanted: &CreateAccount,
    ) -> Result<Outcome, AdminFault> {
        let name = wanted.name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.contains(char::is_control) {
            let why = format!("an account's name has 1 to {NAME_MAX} characters");
            return Err(AdminFault::Refused(why));
        }
        let account_id = account_id(id, &wanted.id)?;
        let prepared = self.prepare_key(id, account_id).await?;
        let created_at = to_the_second(self.registry.core.clock.now());
        let account = Account { id: account_id, name: name.to_owned(), created_at };
        let change = AdminChange::CreateAccount {
            account,
            root_key: prepared.access_key,
            sealed_secret: prepared.sealed_secret,
        };
        let (_, region) = self.home();
        let parameters =
            vec![("accountId", account_id.to_string()), ("accountName", name.to_owned())];
        let told = Told { event: "CreateAccount", account: account_id, region, parameters };
        self.change(id, change, told).await?;
        let root_key = Some(self.shown_key(id).await?);
        let accounts = self.registry.core.store.accounts().await?;
        let account = accounts.into_iter().find(|account| account.id == account_id);
        Ok(Outcome::AccountCreated(CreatedAccount { account: account.map(to_message), root_key }))
    }

    /// Every account.
    pub(super) async fn list_accounts(&self) -> Result<Outcome, AdminFault> {
        let accounts = self.registry.core.store.accounts().await?;
        let accounts = accounts.into_iter().map(to_message).collect();
        Ok(Outcome::Accounts(AccountList { accounts }))
    }
}

/// The id that the operator gives, or one that follows from the request's.
fn account_id(id: RequestId, given: &str) -> Result<AccountId, AdminFault> {
    let refused = |why: String| Err(AdminFault::Refused(why));
    if given == DOMAIN_KEY_CHECK_ACCOUNT {
        return refused(format!("{given} is nobody's account"));
    }
    if !given.is_empty() {
        return match given.parse() {
            Ok(account) => Ok(account),
            Err(_) => refused(format!("'{given}' is no account id: 12 digits")),
        };
    }
    let [a, b, c, d, e, f, g, h, ..] = hash(id, "account");
    // From 100000000000 on, as AWS's are written without leading zeros nearly always.
    let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % 900_000_000_000 + 100_000_000_000;
    number.to_string().parse().or_else(|_| refused("no account id was found".to_owned()))
}

fn to_message(account: Account) -> messages::Account {
    messages::Account {
        id: account.id.as_str().to_owned(),
        name: account.name,
        created_at_ms: account.created_at.as_millis(),
    }
}

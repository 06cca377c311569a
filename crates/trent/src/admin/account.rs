//! `trent account`: the accounts of a running deployment.

use clap::{Args, Subcommand};
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::{CreateAccount, CreatedAccount, Unit};
use trent_runtime::{Options, StartError};
use trent_types::Timestamp;

use super::credentials::{self, json};
use super::{ask, senseless};

/// Accounts of a running deployment.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account and print its root user's access key, this once, as JSON
    Create(Box<Create>),
    /// Show every account, a line of JSON each
    List(Box<Options>),
}

/// A new account.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What to call it: 1 to 50 characters
    name: String,
    /// Its id, 12 digits [default: chosen]
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    id: String,
    #[command(flatten)]
    options: Options,
}

/// Carries a command out.
pub(crate) fn run(command: AccountCommand) -> Result<(), StartError> {
    match command {
        AccountCommand::Create(create) => {
            let Create { name, id, options } = *create;
            let command = Command::CreateAccount(CreateAccount { name, id });
            let made = credentials::make(&options.settings()?, command)?;
            let Outcome::AccountCreated(CreatedAccount {
                account: Some(account),
                root_key: Some(key),
            }) = &made.outcome
            else {
                return Err(senseless());
            };
            let secret = made.secret(key)?;
            let members = [
                ("account", account.id.as_str()),
                ("name", &account.name),
                ("accessKeyId", &key.access_key_id),
                ("secretAccessKey", credentials::text(&secret)?),
            ];
            println!("{}", json(&members));
        }
        AccountCommand::List(options) => {
            let Outcome::Accounts(list) = ask(*options, Command::ListAccounts(Unit {}))? else {
                return Err(senseless());
            };
            for account in list.accounts {
                let created = Timestamp::from_millis(account.created_at_ms).iso8601();
                let (id, name) = (account.id.as_str(), account.name.as_str());
                println!("{}", json(&[("account", id), ("name", name), ("createdAt", &created)]));
            }
        }
    }
    Ok(())
}

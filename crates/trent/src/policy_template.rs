//! `trent policy template`: the key policy that AWS's console makes.

use clap::{Args, Subcommand};
use trent_policy::{ConsolePolicy, Principal, console_key_policy};
use trent_runtime::StartError;
use trent_types::{AccountId, KeySpec, KeyUsage, Origin, Partition};

/// Key policies.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print the policy that AWS's console would give a key: the account, administrators, users,
    /// other accounts, and grants for AWS resources
    Template(Box<Template>),
}

/// Whom the policy is for.
#[derive(Debug, Args)]
pub(crate) struct Template {
    /// The account of the key, 12 digits
    #[arg(long, value_name = "ID")]
    account: AccountId,
    /// The ARN of a user or role that administers the key; may be repeated
    #[arg(long = "administrator", value_name = "ARN", value_parser = user_or_role)]
    administrators: Vec<String>,
    /// Administrators may not delete the key
    #[arg(long)]
    no_delete: bool,
    /// The ARN of a user or role that uses the key; may be repeated
    #[arg(long = "user", value_name = "ARN", value_parser = user_or_role)]
    users: Vec<String>,
    /// Another account that uses the key, 12 digits; may be repeated
    #[arg(long = "other-account", value_name = "ID")]
    other_accounts: Vec<AccountId>,
    /// The key's spec
    #[arg(long, default_value = "SYMMETRIC_DEFAULT")]
    spec: KeySpec,
    /// The key's usage
    #[arg(long, default_value = "ENCRYPT_DECRYPT")]
    usage: KeyUsage,
    /// Where the key's material comes from
    #[arg(long, default_value = "AWS_KMS")]
    origin: Origin,
    /// A multi-Region primary key
    #[arg(long)]
    multi_region: bool,
}

/// Prints the policy.
pub(crate) fn run(command: PolicyCommand) -> Result<(), StartError> {
    let PolicyCommand::Template(template) = command;
    println!("{}", text(*template));
    Ok(())
}

/// The console offers users and roles.
fn user_or_role(text: &str) -> Result<String, String> {
    match Principal::from_arn(text) {
        Some(Principal::User(_) | Principal::Role(_)) => Ok(text.to_owned()),
        Some(
            Principal::Anyone
            | Principal::Account { .. }
            | Principal::RoleSession(_)
            | Principal::FederatedUser(_)
            | Principal::UniqueId(_)
            | Principal::Service(_)
            | Principal::Federated(_)
            | Principal::CanonicalUser(_),
        )
        | None => Err("not the ARN of a user or role".to_owned()),
    }
}

fn text(template: Template) -> String {
    console_key_policy(&ConsolePolicy {
        account: template.account,
        partition: Partition::Aws,
        administrators: template.administrators,
        administrators_may_delete: !template.no_delete,
        users: template.users,
        other_accounts: template.other_accounts,
        spec: template.spec,
        usage: template.usage,
        origin: template.origin,
        multi_region: template.multi_region,
    })
}

//! `trent quota`: shows the quotas and gives them other values.

use clap::{Args, Subcommand};
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::{ListQuotas, QuotaList, QuotaOverride, QuotaStatus, ResetQuota};
use trent_runtime::{Options, StartError};

use super::{ask, senseless};

/// Quotas of a running deployment.
#[derive(Debug, Subcommand)]
pub(crate) enum QuotaCommand {
    /// Show every quota of an account in a Region: its code, the value in force, AWS's default, how
    /// much is used where that is counted, and AWS's name
    List(Box<List>),
    /// Give a quota another value, for an account, for a Region, for both or for all
    Set(Box<Set>),
    /// Take such a value away again
    Reset(Box<Reset>),
}

/// Whose quotas.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The account, 12 digits [default: the deployment's first]
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    account: String,
    /// The Region [default: us-east-1 where it is served, or else the deployment's first]
    #[arg(long, default_value = "", hide_default_value = true)]
    region: String,
    #[command(flatten)]
    options: Options,
}

/// A value in the place of a default.
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The quota, as `trent quota list` names it
    code: String,
    /// A number of things, or of requests per second
    value: u64,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    options: Options,
}

/// A value that goes.
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// The quota, as `trent quota list` names it
    code: String,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    options: Options,
}

/// Where a value holds.
#[derive(Debug, Args)]
struct Scope {
    /// The account, 12 digits [default: every account]
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    account: String,
    /// The Region [default: every Region]
    #[arg(long, default_value = "", hide_default_value = true)]
    region: String,
}

/// Carries a command out.
pub(crate) fn run(command: QuotaCommand) -> Result<(), StartError> {
    match command {
        QuotaCommand::List(list) => {
            let List { account, region, options } = *list;
            let command = Command::ListQuotas(ListQuotas { account, region });
            let Outcome::Quotas(quotas) = ask(options, command)? else { return Err(senseless()) };
            print!("{}", table(&quotas));
            Ok(())
        }
        QuotaCommand::Set(set) => {
            let Set { code, value, scope: Scope { account, region }, options } = *set;
            let told = format!("{code} is {value}{}", whose(&account, &region));
            let wanted = QuotaOverride { code, account, region, value };
            ask(options, Command::SetQuota(wanted))?;
            println!("{told}");
            Ok(())
        }
        QuotaCommand::Reset(reset) => {
            let Reset { code, scope: Scope { account, region }, options } = *reset;
            let told =
                format!("{code} has no value of its own{} any more", whose(&account, &region));
            ask(options, Command::ResetQuota(ResetQuota { code, account, region }))?;
            println!("{told}");
            Ok(())
        }
    }
}

/// ` for account …, Region …`, as far as they are named.
fn whose(account: &str, region: &str) -> String {
    match (account, region) {
        ("", "") => String::new(),
        (account, "") => format!(" for account {account}"),
        ("", region) => format!(" in {region}"),
        (account, region) => format!(" for account {account} in {region}"),
    }
}

/// The list as a person reads it.
fn table(quotas: &QuotaList) -> String {
    let head = ["CODE", "VALUE", "DEFAULT", "USED", "NAME"].map(str::to_owned);
    let rows: Vec<[String; 5]> =
        std::iter::once(head).chain(quotas.quotas.iter().map(row)).collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths = [0, 1, 2, 3].map(|column| width(column).unwrap_or_default());
    let mut text = format!("Account {}, Region {}\n", quotas.account, quotas.region);
    for [code, value, default, used, name] in &rows {
        let [w0, w1, w2, w3] = widths;
        text.push_str(&format!("{code:<w0$}  {value:>w1$}  {default:>w2$}  {used:>w3$}  {name}\n"));
    }
    text
}

fn row(quota: &QuotaStatus) -> [String; 5] {
    let number = |value: Option<u64>| value.map_or_else(|| "none".to_owned(), |v| v.to_string());
    let mut name = quota.name.clone();
    if !quota.adjustable {
        name.push_str(" (not adjustable)");
    }
    if let Some(set) = &quota.set_by {
        let whose = whose(&set.account, &set.region);
        name.push_str(&format!(" (set{whose})"));
    }
    [
        quota.code.clone(),
        number(quota.value),
        number(quota.default_value),
        quota.used.map_or_else(|| "-".to_owned(), |used| used.to_string()),
        name,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_quota_with_its_default() {
        let text = include_str!("../../../../docs/quotas.md");
        let region = "eu-north-1".parse().unwrap();
        let mut documented = text.lines().filter(|line| line.starts_with("| `")).count();
        for quota in trent_types::Quota::all() {
            let default = quota.default_limit(region);
            let default = default.map_or_else(|| "none".to_owned(), |value| value.to_string());
            let row = format!("| `{quota}` | {} | {default} |", quota.aws_name());
            assert!(text.lines().any(|line| line.starts_with(&row)), "{row}");
            documented -= 1;
        }
        assert_eq!(documented, 0, "rows of quotas that do not exist");
    }

    #[test]
    fn the_list_shows_what_is_in_force_and_where_it_comes_from() {
        let keys = QuotaStatus {
            code: "keys-per-region".into(),
            name: "KMS keys".into(),
            default_value: Some(100_000),
            value: Some(7),
            set_by: Some(QuotaOverride {
                code: "keys-per-region".into(),
                account: "111122223333".into(),
                region: String::new(),
                value: 7,
            }),
            used: Some(3),
            adjustable: true,
        };
        let grants = QuotaStatus {
            code: "grants".into(),
            name: "Grants".into(),
            adjustable: false,
            ..QuotaStatus::default()
        };
        let list = QuotaList {
            account: "111122223333".into(),
            region: "us-east-1".into(),
            quotas: vec![keys, grants],
        };
        let text = table(&list);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Account 111122223333, Region us-east-1");
        assert_eq!(lines[1], "CODE             VALUE  DEFAULT  USED  NAME");
        assert_eq!(
            lines[2],
            "keys-per-region      7   100000     3  KMS keys (set for account 111122223333)"
        );
        assert_eq!(lines[3], "grants            none     none     -  Grants (not adjustable)");
    }
}

//! The command line.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use trent_runtime::{Options, StartError};

use crate::admin::account::AccountCommand;
use crate::admin::clock::Clock;
use crate::admin::consumer::ConsumerCommand;
use crate::admin::explain::Explain;
use crate::admin::quota::QuotaCommand;
use crate::admin::seed::Seed;
use crate::admin::service::ServiceCommand;
use crate::audit::cost::CostCommand;
use crate::audit::recount::RecountUsage;
use crate::audit::usage::Usage;
use crate::audit::{Archive, Lookup, RotateKey, Tail, ValidateLogs, Verify};
use crate::backup::{Backup, Restore};
use crate::init::Init;
use crate::keys::KeysCommand;
use crate::policy_template::PolicyCommand;
use crate::probe::Probe;

/// What has neither a flag nor a line in the file, because others could read it there.
const ROOT_KEY: &str = "Environment only:\n  TRENT_ROOT_ACCESS_KEY_ID, \
    TRENT_ROOT_SECRET_ACCESS_KEY\n          The root user's access key [default: made and \
    printed at the first start]";

/// A self-hosted key management service that speaks the AWS KMS API
#[derive(Debug, Parser)]
#[command(name = "trent", version, disable_help_subcommand = true)]
#[command(after_help = "Every option can also be given as an environment variable or in the file \
    that TRENT_CONFIG names. The root user's access key is taken from TRENT_ROOT_ACCESS_KEY_ID and \
    TRENT_ROOT_SECRET_ACCESS_KEY, or made and printed at the first start.\n\n\
    Try it: `trent all`, then `aws --endpoint-url http://127.0.0.1:8080 kms create-key`.")]
pub(crate) struct Trent {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to run.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Everything in one process, with SQLite and a journal under the data directory
    #[command(after_help = ROOT_KEY)]
    All(Options),
    /// The AWS API (needs TRENT_NATS_URL, TRENT_BUS_KEY_FILE)
    Gateway(Options),
    /// Authentication, authorization and the registry (needs TRENT_NATS_URL, TRENT_DATABASE_URL,
    /// TRENT_PERMIT_KEY_FILE, TRENT_TRAIL_KEY_FILE, TRENT_BUS_KEY_FILE), or a command on policies
    #[command(args_conflicts_with_subcommands = true, after_help = ROOT_KEY)]
    Policy {
        /// A command on policies
        #[command(subcommand)]
        command: Option<PolicyCommand>,
        /// Options of the role
        #[command(flatten)]
        options: Box<Options>,
    },
    /// Cryptography (needs TRENT_NATS_URL, TRENT_DOMAIN_KEY_FILE, TRENT_PERMIT_KEY_FILE,
    /// TRENT_BUS_KEY_FILE)
    Worker(Options),
    /// The audit logger (needs TRENT_NATS_URL, TRENT_DATABASE_URL, TRENT_TRAIL_KEY_FILE), or a
    /// command on the trail
    #[command(args_conflicts_with_subcommands = true)]
    Audit {
        /// A command on the trail
        #[command(subcommand)]
        command: Option<AuditCommand>,
        /// Options of the role
        #[command(flatten)]
        options: Box<Options>,
    },
    /// Timed jobs: deletion of keys whose waiting period is over (needs TRENT_NATS_URL)
    Lifecycle(Options),
    /// Copy an embedded deployment, which may be running, without its keys
    Backup(Box<Backup>),
    /// Make a data directory from a backup and the deployment's keys
    Restore(Box<Restore>),
    /// Look at the deployment's key files and rotate them
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Make or update the database's tables, roles and grants, as their owner (needs
    /// TRENT_DATABASE_URL)
    Migrate(Options),
    /// Make the certificates, keys and configuration of a new deployment; again: make what is
    /// missing
    Init(Init),
    /// Ask a process's admin listener whether it lives; exit 1 if not
    Health(Box<Probe>),
    /// Ask a process's admin listener whether it can serve; exit 1 with the reasons if not
    Ready(Box<Probe>),
    /// Look at the quotas of a running deployment and change them
    #[command(subcommand)]
    Quota(QuotaCommand),
    /// Have a running deployment make the keys and aliases of a file that are not there
    Seed(Box<Seed>),
    /// Look at the accounts of a running deployment and make new ones
    #[command(subcommand)]
    Account(AccountCommand),
    /// Look at the service principals of a running deployment, make and end them
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Say why a request was denied: which statement of which policy, which condition
    Explain(Box<Explain>),
    /// Print how many requests the caller's account made, over the API
    Usage(Box<Usage>),
    /// What the caller's account pays, over the API
    #[command(subcommand)]
    Cost(CostCommand),
    /// Development and tests
    #[command(subcommand)]
    Dev(DevCommand),
    /// Print the version
    Version,
}

/// Commands on the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Walk every hash chain and name the first broken, missing or reordered record; exit 1 if
    /// there is one.
    ///
    /// Reads the journal under the data directory, or the database when TRENT_DATABASE_URL is set;
    /// the service may be running or stopped. Signed checkpoints also show records that were cut
    /// off the end, and hashes that were computed anew.
    Verify(Box<Verify>),
    /// Move old records into signed files and out of the trail, whose chains stay verifiable; never
    /// the present month or the three before it
    ///
    /// Takes whole months out of the database (as the tables' owner, as `trent migrate`) when
    /// TRENT_DATABASE_URL is set, and whole segments out of the journal under the data directory
    /// otherwise. Broken off at any point, it goes on when it is run again.
    Archive(Box<Archive>),
    /// Validate log files and digests in CloudTrail's layout, offline; name what is missing,
    /// changed or out of order; exit 1 if there is any
    ValidateLogs(Box<ValidateLogs>),
    /// Count usage and key events once more from all records, and name what differs from what is
    /// kept; exit 1 if anything does.
    ///
    /// Reads the data directory, or the database when TRENT_DATABASE_URL is set; the service may be
    /// running or stopped.
    Recount(Box<RecountUsage>),
    /// Print the public keys that checkpoints and archives are signed with: keep them where the
    /// trail is verified
    PublicKeys(Box<Options>),
    /// Make a new signing key; the present one is kept as a public key. Running processes follow
    RotateKey(Box<RotateKey>),
    /// Look at the durable consumers of the audit stream, make and remove them
    #[command(subcommand)]
    Consumer(ConsumerCommand),
    /// Follow the trail of the caller's account over the API: print each record as it comes, until
    /// interrupted
    Tail(Box<Tail>),
    /// Print records of the caller's account that are found over the API, newest first
    Lookup(Box<Lookup>),
}

/// Development and tests.
#[derive(Debug, Subcommand)]
pub(crate) enum DevCommand {
    /// Show or move the key clock, which deletion and rotation follow; moving it needs a deployment
    /// that was started with --dev
    Clock(Box<Clock>),
}

/// The command of this process's arguments. Prints help and ends where that is what was asked for.
pub(crate) fn parse() -> Result<Command, StartError> {
    match Trent::try_parse() {
        Ok(trent) => Ok(trent.command),
        Err(error) => Err(explain(&error)),
    }
}

/// In one line, what is wrong with the arguments or with the environment variables in their place.
fn explain(error: &clap::Error) -> StartError {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        error.exit();
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return StartError::Configuration("no command is given; `trent --help` lists them".into());
    }
    let text = error.to_string();
    let lines: Vec<&str> =
        text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let reason = lines.join(" ");
    let reason = reason.strip_prefix("error: ").unwrap_or(&reason);
    StartError::Configuration(match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => match variable_of(flag) {
            Some(variable) => format!("{variable}: {reason}"),
            None => reason.to_owned(),
        },
        _ => reason.to_owned(),
    })
}

/// The environment variable that stands for a flag of [`Options`]: `--admin-listen <…>` is
/// `TRENT_ADMIN_LISTEN`.
fn variable_of(flag: &str) -> Option<String> {
    let name = flag.strip_prefix("--")?.split(' ').next()?;
    Options::augment_args(clap::Command::new("options"))
        .get_arguments()
        .find(|argument| argument.get_long() == Some(name))
        .and_then(|argument| argument.get_env())
        .map(|variable| variable.to_string_lossy().into_owned())
}

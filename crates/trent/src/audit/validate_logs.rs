//! `trent audit validate-logs`: log files and digests, offline.

use std::path::PathBuf;

use trent_audit_logger::log_files::{Validation, validate_logs};
use trent_audit_logger::signing::{PublicKeys, parse_moment};
use trent_runtime::{Options, StartError};
use trent_types::{AccountId, Clock, SystemClock, Timestamp};

use super::signing_key;

/// Which files are validated, and with which keys.
#[derive(Debug, clap::Args)]
pub(crate) struct ValidateLogs {
    /// The directory in which the folder AWSLogs is
    #[arg(long, value_name = "DIR")]
    directory: PathBuf,
    /// The account, 12 digits
    #[arg(long, value_name = "ID")]
    account: String,
    /// Only digests that end at this moment or later, as in 2026-11-30T15:00:00Z
    #[arg(long, value_name = "MOMENT")]
    start: Option<String>,
    /// Only digests that end at this moment or earlier [default: now]
    #[arg(long, value_name = "MOMENT")]
    end: Option<String>,
    /// A file of public keys, as `trent audit public-keys` prints it [default: the file of
    /// --audit-signing-key-file]
    #[arg(long, value_name = "FILE")]
    public_keys: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Validates, and prints what was found; a problem is an error.
pub(super) fn validate(arguments: ValidateLogs) -> Result<(), StartError> {
    let ValidateLogs { directory, account, start, end, public_keys, options } = arguments;
    let wrong = |why: String| StartError::Configuration(why);
    let account: AccountId =
        account.parse().map_err(|error| wrong(format!("--account: {error}")))?;
    let moment = |given: Option<String>, option: &str, default: Timestamp| match given {
        None => Ok(default),
        Some(text) => parse_moment(&text)
            .ok_or_else(|| wrong(format!("{option}: '{text}' is not as in 2026-11-30T15:00:00Z"))),
    };
    let start = moment(start, "--start", Timestamp::default())?;
    let end = moment(end, "--end", SystemClock.now())?;
    let settings = options.settings()?;
    let path = public_keys.unwrap_or_else(|| signing_key::path(&settings));
    let keys = PublicKeys::read(&path).map_err(|error| {
        wrong(format!("{}: {error}; name the public keys with --public-keys", path.display()))
    })?;
    let wanted = Validation { account, start, end };
    let report = validate_logs(&directory, &wanted, &keys)
        .map_err(|source| StartError::File { path: directory, source })?;
    for problem in &report.problems {
        println!("{problem}");
    }
    println!("{} digest files and {} log files are valid", report.digests, report.logs);
    if report.pending > 0 {
        println!("{} log files are newer than the last digest", report.pending);
    }
    match report.problems.len() {
        0 => Ok(()),
        count => Err(StartError::Environment(format!("{count} files are not what they were"))),
    }
}

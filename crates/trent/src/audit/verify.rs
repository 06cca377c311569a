//! `trent audit verify`: walks the chains, and holds them against signed checkpoints.

use std::path::{Path, PathBuf};

use trent_audit_logger::checkpoints::Expected;
use trent_audit_logger::signing::PublicKeys;
use trent_audit_logger::verify::{Report, verify_journal_against, verify_store_against};
use trent_runtime::{Options, Settings, StartError};

use super::signing_key;
use crate::roles;

/// What the trail is held against.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The folder of checkpoints [default: --audit-checkpoint-dir, if it is there]
    #[arg(long, value_name = "DIR")]
    checkpoints: Option<PathBuf>,
    /// A file of public keys, as `trent audit public-keys` prints it [default: the file of
    /// --audit-signing-key-file]
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Verifies the trail and prints what it found; a fault is an error.
pub(super) fn verify(arguments: Verify) -> Result<(), StartError> {
    let Verify { checkpoints, public_key, options } = arguments;
    let settings = options.settings()?;
    // Before the trail, which only moves away from them.
    let expected = expected(checkpoints.as_deref(), public_key.as_deref(), &settings)?;
    let report = if settings.database_url.is_some() {
        in_database(&settings, &expected)?
    } else {
        let directory = settings.data_dir.join("journal");
        verify_journal_against(&directory, &expected)
            .map_err(|source| StartError::File { path: directory, source })?
    };
    for (chain, head) in &report.chains {
        let name = chain.as_ref().map_or("system", |account| account.as_str());
        println!("{name}: {} records", head.sequence);
    }
    if let Some(finding) = report.finding() {
        return Err(StartError::Environment(format!("the trail is broken: {finding}")));
    }
    let (records, checkpoints) = (report.records(), expected.checkpoints());
    if checkpoints == 0 {
        println!(
            "the trail is whole: {records} records; there is no checkpoint to hold it against"
        );
    } else {
        println!("the trail is whole: {records} records; {checkpoints} checkpoints confirm it");
    }
    Ok(())
}

/// Reads the checkpoints: those that are named must be there.
fn expected(
    given: Option<&Path>,
    public_key: Option<&Path>,
    settings: &Settings,
) -> Result<Expected, StartError> {
    let directory = given.unwrap_or(&settings.audit.checkpoint_dir);
    if given.is_none() && !directory.exists() {
        return Ok(Expected::default());
    }
    let keys = public_keys(public_key, settings)?;
    Expected::read(directory, &keys).map_err(|error| StartError::Environment(error.to_string()))
}

/// Reads the public keys.
fn public_keys(given: Option<&Path>, settings: &Settings) -> Result<PublicKeys, StartError> {
    let path = given.map_or_else(|| signing_key::path(settings), Path::to_owned);
    PublicKeys::read(&path).map_err(|error| {
        let path = path.display();
        let hint = "name the public keys with --public-key";
        StartError::Configuration(format!("{path}: {error}; {hint}"))
    })
}

fn in_database(settings: &Settings, expected: &Expected) -> Result<Report, StartError> {
    let failed = |error: &dyn std::error::Error| StartError::Environment(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(&error))?;
    runtime.block_on(async {
        let store = roles::postgres_now(settings).await?;
        verify_store_against(&store, expected).await.map_err(|error| failed(&error))
    })
}

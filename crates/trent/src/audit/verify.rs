//! `trent audit verify`: walks the chains, and holds them against signed checkpoints.

use std::path::{Path, PathBuf};

use trent_audit_logger::archive::{Archives, manifests};
use trent_audit_logger::checkpoints::Expected;
use trent_audit_logger::signing::PublicKeys;
use trent_audit_logger::verify::{Against, Report, verify_journal_against, verify_store_against};
use trent_runtime::{Options, Settings, StartError};
use trent_store::AuditStore;

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
    /// Verify also the files of everything that was archived, which are in this folder
    #[arg(long, value_name = "DIR")]
    archives: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Verifies the trail and prints what it found; a fault is an error.
pub(super) fn verify(arguments: &Verify) -> Result<(), StartError> {
    let settings = arguments.options.clone().settings()?;
    // Before the trail, which only moves away from them.
    let expected = expected(arguments, &settings)?;
    let (report, against) = if settings.database_url.is_some() {
        in_database(arguments, &settings, expected)?
    } else {
        in_journal(arguments, &settings, expected)?
    };
    for (chain, head) in &report.chains {
        let name = chain.as_ref().map_or("system", |account| account.as_str());
        println!("{name}: {} records", head.sequence);
    }
    let archives = &against.archives;
    if !archives.is_empty() {
        let looked = if arguments.archives.is_some() { "verified" } else { "not looked at" };
        let (records, count) = (archives.records(), archives.len());
        println!("{records} of them are in {count} archives, whose files were {looked}");
    }
    if let Some(finding) = report.finding() {
        return Err(failed(&format!("the trail is broken: {finding}")));
    }
    let (records, checkpoints) = (report.records(), against.expected.checkpoints());
    if checkpoints == 0 {
        println!(
            "the trail is whole: {records} records; there is no checkpoint to hold it against"
        );
    } else {
        println!("the trail is whole: {records} records; {checkpoints} checkpoints confirm it");
    }
    Ok(())
}

fn in_journal(
    arguments: &Verify,
    settings: &Settings,
    expected: Expected,
) -> Result<(Report, Against), StartError> {
    let directory = settings.data_dir.join("journal");
    let file = |source| StartError::File { path: directory.clone(), source };
    let manifests = manifests(&directory).map_err(file)?;
    let against = Against { expected, archives: archives(manifests, arguments, settings)? };
    let report = verify_journal_against(&directory, &against).map_err(file)?;
    Ok((report, against))
}

fn in_database(
    arguments: &Verify,
    settings: &Settings,
    expected: Expected,
) -> Result<(Report, Against), StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(&error))?;
    runtime.block_on(async {
        let store = roles::postgres_now(settings).await?;
        let manifests = store.manifests().await.map_err(|error| failed(&error))?;
        let against = Against { expected, archives: archives(manifests, arguments, settings)? };
        let report = verify_store_against(&store, &against).await;
        Ok((report.map_err(|error| failed(&error))?, against))
    })
}

/// What was archived; where files are looked at, they must be whole.
fn archives(
    manifests: Vec<String>,
    arguments: &Verify,
    settings: &Settings,
) -> Result<Archives, StartError> {
    if manifests.is_empty() {
        return Ok(Archives::default());
    }
    let keys = public_keys(arguments.public_key.as_deref(), settings)?;
    let archives = Archives::read(manifests, &keys).map_err(|error| failed(&error))?;
    if let Some(folder) = &arguments.archives {
        archives.verify_files(folder, &keys).map_err(|error| failed(&error))?;
    }
    Ok(archives)
}

fn failed(error: &dyn std::fmt::Display) -> StartError {
    StartError::Environment(error.to_string())
}

/// Reads the checkpoints: those that are named must be there.
fn expected(arguments: &Verify, settings: &Settings) -> Result<Expected, StartError> {
    let (given, public_key) = (arguments.checkpoints.as_ref(), arguments.public_key.as_deref());
    let directory = given.unwrap_or(&settings.audit.checkpoint_dir);
    if given.is_none() && !directory.exists() {
        return Ok(Expected::default());
    }
    let key_is_known = public_key.is_some() || signing_key::path(settings).exists();
    if given.is_none() && !key_is_known {
        let directory = directory.display();
        println!("the checkpoints in {directory} are not looked at: name their --public-key");
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

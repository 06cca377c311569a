//! `trent restore`: a backup becomes the data directory of a new embedded deployment.
//!
//! Everything that can be known is checked before anything is written: the manifest, the sum of
//! every file, the schema, and that the given domain key opens all that is sealed. Then the files
//! are copied beside the data directory, summed again while they are, the audit chains walked and
//! held against the manifest's heads; only then the folder is put in its place, in one step.

use std::path::{Path, PathBuf};

use trent_runtime::{Options, Settings, StartError};
use trent_store::Snapshot;

use super::files::{self, Unfinished};
use super::keys::DeploymentKeys;
use super::manifest::{ChainHead, FileSum, JOURNAL, Manifest, REGISTRY};
use super::{at, sealed, verify_copy};
use crate::key_files;

/// What to restore, and with which keys. The domain key is in the file of either `--keys` or
/// `--domain-key-file`.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The folder of the backup
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// A file that `trent backup --include-keys` made; without it, --domain-key-file is needed, and
    /// all keys but the domain key are made anew at the first start
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Restores a backup into the data directory.
pub(crate) fn restore(arguments: Restore) -> Result<(), StartError> {
    let Restore { from, keys, options } = arguments;
    let settings = options.settings()?;
    let keys = given_keys(keys.as_deref(), &settings)?;
    if files::is_unfinished(&from) {
        let text = format!("{}: a backup that was interrupted", from.display());
        return Err(StartError::Environment(text));
    }
    let manifest = Manifest::read(&from)?;
    check_files(&from, &manifest.files)?;
    check_registry(&from.join(REGISTRY), &manifest, &keys)?;
    let unfinished = Unfinished::beside(&settings.data_dir)?;
    copy(&from, &manifest, unfinished.path())?;
    keys.install(unfinished.path())?;
    unfinished.finish()?;
    let place = settings.data_dir.display();
    println!("restored {place} as of {}: {}", manifest.created, manifest.summary());
    println!("every file, every sealed key and every audit chain was verified");
    let missing = keys.missing();
    if !missing.is_empty() {
        println!("made anew at the first start: {} keys", missing.join(", "));
    }
    Ok(())
}

fn given_keys(keys: Option<&Path>, settings: &Settings) -> Result<DeploymentKeys, StartError> {
    let wrong = |text: &str| Err(StartError::Configuration(text.into()));
    match (keys, &settings.domain_key_file) {
        (Some(keys), None) => DeploymentKeys::read(keys),
        (None, Some(domain)) => Ok(DeploymentKeys::domain_only(key_files::read(domain)?)),
        (Some(_), Some(_)) => wrong("both --keys and --domain-key-file name a domain key"),
        (None, None) => wrong("the domain key is needed: name --keys or --domain-key-file"),
    }
}

/// Every file must be what the manifest says. All that are not are named.
fn check_files(from: &Path, sums: &[FileSum]) -> Result<(), StartError> {
    let damaged: Vec<String> = sums.iter().filter_map(|sum| problem(from, sum)).collect();
    if damaged.is_empty() {
        return Ok(());
    }
    let text = format!("the backup is damaged; nothing was restored: {}", damaged.join("; "));
    Err(StartError::Environment(text))
}

fn problem(from: &Path, sum: &FileSum) -> Option<String> {
    let path = from.join(&sum.path);
    match files::sum(&path) {
        Err(error) => Some(error.to_string()),
        Ok((bytes, _)) if bytes != sum.bytes => {
            Some(format!("{}: {bytes} bytes, not {}", path.display(), sum.bytes))
        }
        Ok((_, sha256)) if sha256 != sum.sha256 => {
            Some(format!("{}: its SHA-256 is another", path.display()))
        }
        Ok(_) => None,
    }
}

/// The registry must be one that this program can serve, with these keys.
fn check_registry(
    path: &Path,
    manifest: &Manifest,
    keys: &DeploymentKeys,
) -> Result<(), StartError> {
    let snapshot = Snapshot::open(path).map_err(|error| at(path, &error))?;
    snapshot.check().map_err(|error| at(path, &error))?;
    let domain = keys.domain().ok_or_else(|| {
        StartError::Configuration("the file of --keys holds no domain key".into())
    })?;
    sealed::check_values(&manifest.domain_keys, domain)?;
    sealed::needed(&snapshot, domain).map(drop)
}

/// Copies every file, and verifies what was copied.
fn copy(from: &Path, manifest: &Manifest, to: &Path) -> Result<(), StartError> {
    let journal = to.join(JOURNAL);
    key_files::private_folder(&journal)?;
    for sum in &manifest.files {
        let (bytes, sha256) = files::copy(&from.join(&sum.path), &to.join(&sum.path))?;
        if (bytes, &sha256) != (sum.bytes, &sum.sha256) {
            let text = format!("{}: it was changed while it was copied", sum.path);
            return Err(StartError::Environment(text));
        }
    }
    files::sync(&journal)?;
    let report = verify_copy(&journal)?;
    if let Some(fault) = report.fault {
        let text = format!("the backup's audit trail is broken: {fault}");
        return Err(StartError::Environment(text));
    }
    let chains: Vec<_> = report.chains.iter().map(ChainHead::of).collect();
    if chains != manifest.chains {
        let text = "the backup's audit chains do not end where its manifest says";
        return Err(StartError::Environment(text.into()));
    }
    Ok(())
}

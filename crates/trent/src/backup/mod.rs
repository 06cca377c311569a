//! `trent backup`: a copy of an embedded deployment, made while it runs or when it is stopped.
//!
//! ```text
//! DIR/                   0700
//!   manifest.json        0600, written last: sizes and SHA-256 of all others, chain heads, schema,
//!                        and which domain keys the registry needs (versions and check values)
//!   registry.sqlite      0600, the registry at one moment
//!   journal/             0700, segments cut after a whole line, and a mark
//! ```
//!
//! # What it promises
//! Every request that was answered before the backup began is in it: its record, and, if it was a
//! change, the change. Nothing is half in it. No help of the running process is needed.
//!
//! # Why registry and journal fit together
//! The registry is copied first, at a moment R (the read transaction of `VACUUM INTO`); the journal
//! after it, up to a place that it had reached at a moment J, and R < J.
//!
//! - *A request that is no change* is answered once its record is in the journal. If it was
//!   answered before the backup began, its record is there before J.
//! - *A change* is answered once one transaction has committed it with its record in the outbox.
//!   If it was answered before the backup began, that was before R, so the change is in the copy.
//!   Its record leaves the outbox only after the journal has accepted it. So either it is in the
//!   outbox of the copy, or it left it before R and is in the journal before R, hence before J. No
//!   record can fall between the two. In the other order one could: accepted after the journal's
//!   copy, removed before the registry's.
//! - *A record may be in both*: in the outbox at R and in the journal at J. When `trent all` starts
//!   it looks for what the outbox holds in the journal and does not write it again (`recall_outbox`
//!   in `roles/all.rs`): what a crash between the two leaves behind looks the same.
//! - *What was done between R and J* is perhaps in the journal's copy and not in the registry's:
//!   records of changes that the restored registry has not seen, of requests that were not answered
//!   when the backup began. They did happen, so they belong to the trail.
//!
//! # What it never holds
//! Destroyed key material: only live rows are copied, neither free pages nor SQLite's log. The
//! domain key: without `--include-keys` no key is written anywhere, and with it to a file of its
//! own, which must not lie in the backup. The domain key is read, to find out that it opens all
//! that is sealed: a backup that nobody could use is refused when it is made, not when it is
//! needed.
//!
//! # Whole or not there
//! Everything is written in a folder beside the target, synced, verified as `trent audit verify`
//! does, and renamed in one step. The manifest is the last file in it, and `trent restore` takes
//! nothing without one.

mod files;
mod keys;
mod manifest;
mod restore;
mod sealed;

use std::path::{Path, PathBuf};

use trent_audit_logger::archive::{Archives, manifests};
use trent_audit_logger::journal;
use trent_audit_logger::verify::{Against, Report, verify_journal_against};
use trent_runtime::{Options, Settings, StartError};
use trent_store::Snapshot;
use trent_types::{Clock, SystemClock};

use crate::roles::policy::chain;
use files::Unfinished;
use manifest::{ChainHead, FileSum, JOURNAL, Manifest, REGISTRY};

pub(crate) use restore::{Restore, restore};

/// What to copy, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The new folder of the backup; it may be there if it is empty
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Write the deployment's keys to this new file as well, which must not lie in the backup:
    /// with both, anybody can open everything
    #[arg(long, value_name = "FILE")]
    include_keys: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Makes a backup of an embedded deployment.
pub(crate) fn backup(arguments: Backup) -> Result<(), StartError> {
    let Backup { to, include_keys, options } = arguments;
    let settings = options.settings()?;
    if settings.database_url.is_some() {
        return Err(StartError::Configuration(
            "`trent backup` copies an embedded deployment; docs/backup.md says how a distributed \
             one is backed up"
                .into(),
        ));
    }
    if let Some(file) = &include_keys {
        keys::check_place(file, &to)?;
    }
    let unfinished = Unfinished::beside(&to)?;
    let manifest = copy(&settings, unfinished.path())?;
    // The keys come before the backup appears: whoever finds it may rely on them.
    if let Some(file) = &include_keys {
        keys::of_deployment(&settings)?.write(file)?;
    }
    unfinished.finish()?;
    println!("backed up to {}: {}", to.display(), manifest.summary());
    match &include_keys {
        Some(file) => println!("its keys are in {}: keep them apart from it", file.display()),
        None => println!("it holds no keys; to restore it needs {}", manifest.needed_keys()),
    }
    Ok(())
}

/// Copies and verifies everything, and writes the manifest.
fn copy(settings: &Settings, target: &Path) -> Result<Manifest, StartError> {
    let (from, to) = (settings.data_dir.join(REGISTRY), target.join(REGISTRY));
    if !from.exists() {
        let directory = settings.data_dir.display();
        return Err(StartError::Environment(format!(
            "TRENT_DATA_DIR: {directory} holds no deployment: there is no {REGISTRY}"
        )));
    }
    // The registry first: see this module's head.
    let snapshot = Snapshot::take(&from, &to).map_err(|error| at(&from, &error))?;
    files::sync(&to)?;
    let (from, to) = (settings.data_dir.join(JOURNAL), target.join(JOURNAL));
    let segments = journal::copy(&from, &to).map_err(|error| at(&from, &error))?;
    let report = verify_copy(&to)?;
    if let Some(fault) = report.fault {
        return Err(at(&from, &fault));
    }
    let domain = keys::domain(settings)?;
    let domain_keys = sealed::needed(&snapshot, &domain)?;
    let counts = snapshot.counts().map_err(|error| at(&from, &error))?;
    let schema = snapshot.schema().map_err(|error| at(&from, &error))?;
    drop(snapshot);
    let names = std::iter::once(REGISTRY.to_owned())
        .chain(segments.iter().map(|name| format!("{JOURNAL}/{name}")));
    let sum = |name: String| {
        let (bytes, sha256) = files::sum(&target.join(&name))?;
        Ok(FileSum { path: name, bytes, sha256 })
    };
    let manifest = Manifest {
        format: manifest::FORMAT.to_owned(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        created: SystemClock.now().iso8601(),
        schema,
        keys: counts.keys,
        aliases: counts.aliases,
        outbox: counts.outbox,
        domain_keys,
        chains: report.chains.iter().map(ChainHead::of).collect(),
        files: names.map(sum).collect::<Result<_, StartError>>()?,
    };
    manifest.write(target)?;
    Ok(manifest)
}

/// Verifies a copied journal. What was archived has left it; whether the archives' manifests are
/// signed `trent audit verify` says.
fn verify_copy(journal: &Path) -> Result<Report, StartError> {
    let manifests = manifests(journal).map_err(|source| files::failed(journal, source))?;
    let archives = Archives::trusted(manifests).map_err(|error| at(journal, &error))?;
    let against = Against { archives, ..Against::default() };
    verify_journal_against(journal, &against).map_err(|source| files::failed(journal, source))
}

/// An error of what is at this path.
fn at(path: &Path, error: &dyn std::error::Error) -> StartError {
    StartError::Environment(format!("{}: {}", path.display(), chain(error)))
}

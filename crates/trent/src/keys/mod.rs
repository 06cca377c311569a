//! `trent keys`: looks at the deployment's key files and rotates them.

pub(crate) mod file;
mod rotate;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use trent_policy_evaluator::sealed_versions;
use trent_runtime::{Options, Settings, StartError};
use trent_store::{RegistryStore, Sqlite};
use trent_types::SecretBytes;

use crate::key_files::{self, RingName};
use crate::roles;
use file::Writing;

/// Commands on key files. None of them shows a key.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Say which versions a key file has, and which one is current
    Status(Box<Status>),
    /// Append a new key, which is accepted from now on and not yet current
    Add(Change),
    /// Make a version the current one
    Promote(Promote),
    /// Remove a version that nobody needs any more
    Retire(Box<Retire>),
    /// Rotate a key of a running embedded deployment from beginning to end
    Rotate(Box<rotate::Rotate>),
}

/// A key file that is looked at.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The key file
    file: PathBuf,
    /// Say also how much each version of the domain key has sealed in the registry
    #[arg(long)]
    store: bool,
    #[command(flatten)]
    options: Options,
}

/// A key file that is changed.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// The key file
    file: PathBuf,
    /// Write over the file instead of renaming a new one over it: for a file that is mounted by
    /// itself into containers
    #[arg(long)]
    in_place: bool,
}

/// A version that becomes current.
#[derive(Debug, Args)]
pub(crate) struct Promote {
    #[command(flatten)]
    change: Change,
    /// Which version [default: the newest]
    #[arg(long)]
    version: Option<u8>,
}

/// A version that is removed.
#[derive(Debug, Args)]
pub(crate) struct Retire {
    #[command(flatten)]
    change: Change,
    /// Which version
    #[arg(long)]
    version: u8,
    /// Which ring it is [default: as the file is named]
    #[arg(long)]
    ring: Option<RingName>,
    /// Do not look into the registry whether the domain key still seals anything there. Whatever it
    /// does can never be opened again
    #[arg(long)]
    unchecked: bool,
    #[command(flatten)]
    options: Options,
}

/// Runs a command.
///
/// # Errors
/// [`StartError`] says why nothing was changed.
pub(crate) fn run(command: KeysCommand) -> Result<(), StartError> {
    match command {
        KeysCommand::Status(arguments) => status(*arguments),
        KeysCommand::Add(arguments) => {
            let version = add(&arguments.file, arguments.writing())?;
            println!("version {version} is added and accepted; it is not current yet");
            Ok(())
        }
        KeysCommand::Promote(Promote { change, version }) => {
            let version = promote(&change.file, change.writing(), version)?;
            println!("version {version} is current");
            Ok(())
        }
        KeysCommand::Retire(arguments) => retire_checked(*arguments),
        KeysCommand::Rotate(arguments) => rotate::run(*arguments),
    }
}

impl Change {
    const fn writing(&self) -> Writing {
        if self.in_place { Writing::InPlace } else { Writing::Renamed }
    }
}

fn status(arguments: Status) -> Result<(), StartError> {
    let Status { file, store, options } = arguments;
    let ring = key_files::read(&file)?;
    let sealed = if store { sealed(&file, &options.settings()?)? } else { BTreeMap::new() };
    let current = ring.current().0;
    for (version, _) in ring.iter() {
        let state = if version == current { "current" } else { "accepted" };
        match sealed.get(&version) {
            Some(count) => println!("version {version}: {state}, has sealed {count}"),
            None if store => println!("version {version}: {state}, has sealed nothing"),
            None => println!("version {version}: {state}"),
        }
    }
    for (version, count) in sealed.iter().filter(|(version, _)| ring.get(**version).is_none()) {
        println!("version {version}: not in the file, has sealed {count}");
    }
    Ok(())
}

fn add(path: &Path, writing: Writing) -> Result<u8, StartError> {
    file::change(path, writing, |ring| {
        let key = SecretBytes::new(rand::random::<[u8; 32]>().to_vec());
        ring.with_new(key).map_err(|_| refused(path, "it has reached version 255, the last one"))
    })
}

fn promote(path: &Path, writing: Writing, version: Option<u8>) -> Result<u8, StartError> {
    file::change(path, writing, |ring| {
        let version = version.unwrap_or_else(|| ring.newest());
        let promoted = ring.promoted(version);
        let promoted = promoted.ok_or_else(|| refused(path, "it does not have this version"))?;
        Ok((promoted, version))
    })
}

fn retire(path: &Path, writing: Writing, version: u8) -> Result<(), StartError> {
    file::change(path, writing, |ring| {
        let rest = ring.without(version).ok_or_else(|| {
            let is_current = ring.current().0 == version;
            let absent = "it does not have this version";
            refused(
                path,
                if is_current { "the current version stays: promote another" } else { absent },
            )
        })?;
        Ok((rest, ()))
    })
}

fn retire_checked(arguments: Retire) -> Result<(), StartError> {
    let Retire { change, version, ring, unchecked, options } = arguments;
    let name = ring.or_else(|| named(&change.file)).ok_or_else(|| {
        StartError::Configuration("the file's name does not tell the ring: give --ring".into())
    })?;
    if name == RingName::Domain && !unchecked {
        let sealed = sealed(&change.file, &options.settings()?)?;
        may_retire(&sealed, version)?;
    }
    retire(&change.file, change.writing(), version)?;
    println!("version {version} is retired");
    Ok(())
}

/// Refuses while the version has sealed anything.
fn may_retire(sealed: &BTreeMap<u8, u64>, version: u8) -> Result<(), StartError> {
    match sealed.get(&version) {
        None | Some(0) => Ok(()),
        Some(count) => Err(StartError::Environment(format!(
            "version {version} of the domain key still seals {count} in the registry; without it \
             they could never be opened again. They are sealed anew once another version is current"
        ))),
    }
}

/// The ring that a file is named for: `domain.key` is the domain ring's.
fn named(path: &Path) -> Option<RingName> {
    let stem = path.file_stem()?.to_str()?;
    RingName::ALL.into_iter().find(|ring| ring.label() == stem)
}

/// How much each version of the domain key has sealed, in the registry that the key file is for.
fn sealed(path: &Path, settings: &Settings) -> Result<BTreeMap<u8, u64>, StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StartError::Environment(error.to_string()))?;
    runtime.block_on(async {
        let store: Box<dyn RegistryStore> = if let Some(registry) = registry_of(path, settings) {
            Box::new(Sqlite::open(&registry).map_err(|error| unreadable(&error))?)
        } else if settings.database_url.is_some() {
            Box::new(roles::postgres_now(settings).await?)
        } else {
            return Err(StartError::Configuration(
                "which registry does this domain key seal? Give --database-url, or --data-dir of \
                 an embedded deployment, or --unchecked where neither can be reached"
                    .into(),
            ));
        };
        sealed_versions(&*store).await.map_err(|error| unreadable(&error))
    })
}

/// The registry of the embedded deployment that keeps this file, if one does: DIR/registry.sqlite
/// for DIR/keys/domain.key, or that of the configured data directory when no database is.
fn registry_of(path: &Path, settings: &Settings) -> Option<PathBuf> {
    let path = std::fs::canonicalize(path).ok()?;
    let beside = path.parent()?.parent()?.join("registry.sqlite");
    let configured = settings.data_dir.join("registry.sqlite");
    if path.parent()?.ends_with("keys") && beside.exists() {
        return Some(beside);
    }
    (settings.database_url.is_none() && configured.exists()).then_some(configured)
}

fn unreadable(error: &trent_store::StoreError) -> StartError {
    StartError::Environment(format!("the registry cannot be read: {error}"))
}

fn refused(path: &Path, why: &str) -> StartError {
    StartError::Configuration(format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn key_file(folder: &Path) -> PathBuf {
        let path = folder.join("domain.key");
        fs::write(&path, format!("1 {}\n", "ab".repeat(32))).unwrap();
        path
    }

    #[test]
    fn a_file_is_rotated_step_by_step_and_the_current_version_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = key_file(folder.path());
        let way = Writing::Renamed;
        assert!(promote(&path, way, Some(2)).is_err() && retire(&path, way, 1).is_err());
        assert_eq!(add(&path, way).unwrap(), 2);
        let both = key_files::read(&path).unwrap();
        assert_eq!((both.current().0, both.newest()), (1, 2));
        assert_ne!(both.get(1), both.get(2));
        assert_eq!(promote(&path, way, None).unwrap(), 2);
        assert!(retire(&path, way, 2).is_err() && retire(&path, way, 3).is_err());
        retire(&path, way, 1).unwrap();
        let last = key_files::read(&path).unwrap();
        assert_eq!((last.current().0, last.oldest()), (2, 2));
        assert_eq!(last.get(2), both.get(2));
    }

    #[test]
    fn a_version_that_seals_anything_is_not_retired() {
        let sealed = BTreeMap::from([(1, 3), (2, 150)]);
        let refusal = may_retire(&sealed, 1).unwrap_err().to_string();
        assert!(refusal.contains("still seals 3"), "{refusal}");
        assert!(may_retire(&sealed, 4).is_ok());
    }

    #[test]
    fn the_ring_is_known_by_the_name_of_its_file() {
        assert_eq!(named(Path::new("/a/domain.key")), Some(RingName::Domain));
        assert_eq!(named(Path::new("bus.key")), Some(RingName::Bus));
        assert_eq!(named(Path::new("trail.key")), Some(RingName::Trail));
        assert_eq!(named(Path::new("keys.txt")), None);
    }
}

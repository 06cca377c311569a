//! What a backup says of itself.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use trent_audit_logger::archive::is_manifest;
use trent_audit_logger::chain::{Chain, Head};
use trent_runtime::StartError;

use super::files;

/// The form of backups that this program makes and reads.
pub(super) const FORMAT: &str = "trent-backup/1";

/// The registry's file, in a backup and in a data directory.
pub(super) const REGISTRY: &str = "registry.sqlite";

/// The journal's folder, in a backup and in a data directory.
pub(super) const JOURNAL: &str = "journal";

const NAME: &str = "manifest.json";

/// More than the manifest of a journal of 6 TiB.
const LENGTH_MAX: u64 = 16 << 20;

/// Which files belong to a backup, and what they must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// [`FORMAT`].
    pub(super) format: String,
    /// The version of the program that made it.
    pub(super) program: String,
    /// When, in UTC.
    pub(super) created: String,
    /// The version of the registry's schema.
    pub(super) schema: i32,
    /// How many keys there are, in any state.
    pub(super) keys: u64,
    /// How many aliases there are.
    pub(super) aliases: u64,
    /// How many audit records are perhaps in the registry's outbox only.
    pub(super) outbox: u64,
    /// The domain keys that something in the registry is sealed under.
    pub(super) domain_keys: Vec<NeededKey>,
    /// The journal's chains.
    pub(super) chains: Vec<ChainHead>,
    /// Every file but the manifest.
    pub(super) files: Vec<FileSum>,
}

/// A domain key, named without telling it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NeededKey {
    /// Its version.
    pub(super) version: u8,
    /// `trent_crypto::check_value` in hexadecimal digits.
    pub(super) check_value: String,
}

/// The end of an audit chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChainHead {
    /// The account; empty for the system's chain.
    chain: String,
    /// The sequence of the last record.
    sequence: u64,
    /// Its hash in hexadecimal digits.
    hash: String,
}

impl ChainHead {
    /// The end of a chain as it was found.
    pub(super) fn of((chain, head): &(Chain, Head)) -> Self {
        Self {
            chain: chain.as_ref().map_or_else(String::new, |account| account.as_str().to_owned()),
            sequence: head.sequence,
            hash: hex::encode(head.hash),
        }
    }
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSum {
    /// Where, under the backup's folder.
    pub(super) path: String,
    /// Its length.
    pub(super) bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub(super) sha256: String,
}

impl Manifest {
    /// Writes it into a backup's folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), StartError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| StartError::Environment(format!("{NAME}: {error}")))?;
        text.push(b'\n');
        files::write_new(&folder.join(NAME), &text)
    }

    /// Reads the manifest of a backup.
    pub(super) fn read(folder: &Path) -> Result<Self, StartError> {
        let path = folder.join(NAME);
        let mut text = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(LENGTH_MAX).read_to_end(&mut text));
        read.map_err(|source| {
            let reason = format!("not a whole backup: {NAME} cannot be read: {source}");
            StartError::Environment(format!("{}: {reason}", folder.display()))
        })?;
        let refused = |reason: &dyn std::fmt::Display| {
            StartError::Environment(format!("{}: {reason}", path.display()))
        };
        Self::parse(&text).map_err(|reason| refused(&reason))
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            format: String,
        }
        let damaged = |error: serde_json::Error| format!("damaged: {error}");
        let form: Form = serde_json::from_slice(text).map_err(damaged)?;
        if form.format != FORMAT {
            return Err(format!(
                "the backup's format is '{}', this program reads {FORMAT}",
                form.format.escape_debug()
            ));
        }
        let manifest: Self = serde_json::from_slice(text).map_err(damaged)?;
        if let Some(file) = manifest.files.iter().find(|file| !is_backups(&file.path)) {
            return Err(format!("'{}' is no file of a backup", file.path.escape_debug()));
        }
        let mut names: Vec<_> = manifest.files.iter().map(|file| &file.path).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err("damaged: a file stands twice".into());
        }
        if !names.iter().any(|name| *name == REGISTRY) {
            return Err("damaged: the registry is not named".into());
        }
        Ok(manifest)
    }

    /// What it holds, in one line.
    pub(super) fn summary(&self) -> String {
        let records: u64 = self.chains.iter().map(|chain| chain.sequence).sum();
        let bytes: u64 = self.files.iter().map(|file| file.bytes).sum();
        format!(
            "{} keys, {} aliases, {records} audit records ({} more may wait in the outbox), {} \
             bytes",
            self.keys, self.aliases, self.outbox, bytes
        )
    }

    /// The domain keys that it needs, in words.
    pub(super) fn needed_keys(&self) -> String {
        let named = |key: &NeededKey| {
            format!("the domain key of version {} (check value {})", key.version, key.check_value)
        };
        self.domain_keys.iter().map(named).collect::<Vec<_>>().join(", ")
    }
}

/// Whether a name is one that this program gives to files of a backup: nothing else is read or
/// written, whatever a manifest says.
fn is_backups(name: &str) -> bool {
    let segment = |name: &str| {
        name.strip_suffix(".jsonl").is_some_and(|digits| {
            digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit())
        })
    };
    let journals = name.strip_prefix(JOURNAL).and_then(|rest| rest.strip_prefix('/'));
    name == REGISTRY
        || journals.is_some_and(|name| name == "mark" || segment(name) || is_manifest(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(paths: &[&str]) -> Vec<u8> {
        let sum = |path: &&str| FileSum { path: (*path).into(), bytes: 1, sha256: String::new() };
        let manifest = Manifest {
            format: FORMAT.into(),
            program: "0".into(),
            created: "2026-01-01T00:00:00Z".into(),
            schema: 1,
            keys: 0,
            aliases: 0,
            outbox: 0,
            domain_keys: Vec::new(),
            chains: Vec::new(),
            files: paths.iter().map(sum).collect(),
        };
        serde_json::to_vec(&manifest).unwrap()
    }

    #[test]
    fn only_files_of_a_backup_can_be_named() {
        let archived = "journal/archived-00000000000000000001.json";
        let good = [REGISTRY, "journal/mark", "journal/00000000000000000001.jsonl", archived];
        assert!(Manifest::parse(&manifest(&good)).is_ok());
        for bad in [
            "/etc/passwd",
            "../x",
            "journal/../../x",
            "journal/",
            "journal/0000000000000000001.jsonl",
            "journal/0000000000000000000x.jsonl",
            "keys/domain.key",
            "manifest.json",
            REGISTRY,
        ] {
            assert!(Manifest::parse(&manifest(&[REGISTRY, bad])).is_err(), "{bad}");
        }
        assert!(Manifest::parse(&manifest(&["journal/mark"])).is_err());
    }

    #[test]
    fn another_format_and_half_a_manifest_are_refused() {
        let whole = manifest(&[REGISTRY]);
        for length in 0..whole.len() {
            assert!(Manifest::parse(&whole[..length]).is_err(), "{length}");
        }
        let newer = String::from_utf8(whole).unwrap().replace("backup/1", "backup/2");
        let text = Manifest::parse(newer.as_bytes()).unwrap_err();
        assert!(text.contains("trent-backup/2"), "{text}");
    }
}

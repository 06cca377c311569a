//! The keys of a deployment in one file, apart from its backup.
//!
//! ```text
//! # comment
//! [domain]
//! 1 64 hex digits
//! [permit]
//! 1 64 hex digits
//! ```
//!
//! Each section is a key file as `trent_types::KeyRing` describes it; `[audit-signing]` is one as
//! `trent_audit_logger::signing::TrailKeyFile` describes it.

use std::fs;
use std::path::Path;

use trent_audit_logger::signing::TrailKeyFile;
use trent_runtime::{Settings, StartError};
use trent_types::{KeyRing, SecretBytes};

use super::files;
use crate::audit::signing_key::{self, FILE_NAME};
use crate::key_files::{self, RingName};
use crate::roles::all::key_file;

const HEAD: &str = "# The keys of a Trent deployment. Whoever has this file and a backup can open \
    all that was ever sealed.\n";

/// The section of the key that signs what is kept of the audit trail.
const SIGNING: &str = "audit-signing";

/// The keys of a deployment by kind; the domain key is among them.
pub(super) struct DeploymentKeys {
    rings: Vec<(RingName, KeyRing)>,
    signing: Option<TrailKeyFile>,
}

/// What a section of the file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Ring(RingName),
    Signing,
}

impl DeploymentKeys {
    /// The domain key alone.
    pub(super) fn domain_only(domain: KeyRing) -> Self {
        Self { rings: vec![(RingName::Domain, domain)], signing: None }
    }

    /// Reads the file form.
    pub(super) fn read(path: &Path) -> Result<Self, StartError> {
        let text = fs::read(path)
            .map(SecretBytes::new)
            .map_err(|source| StartError::Configuration(format!("{}: {source}", path.display())))?;
        let wrong = || {
            let place = path.display();
            StartError::Configuration(format!("{place}: not a file of `backup --include-keys`"))
        };
        let text = std::str::from_utf8(text.expose()).map_err(|_| wrong())?;
        Self::parse(text).ok_or_else(wrong)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut sections: Vec<(Section, Vec<&str>)> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                let ring = RingName::ALL.into_iter().find(|kind| kind.label() == name);
                let signing = (name == SIGNING).then_some(Section::Signing);
                let kind = ring.map(Section::Ring).or(signing)?;
                if sections.iter().any(|(known, _)| *known == kind) {
                    return None;
                }
                sections.push((kind, Vec::new()));
            } else if !line.is_empty() {
                sections.last_mut()?.1.push(line);
            }
        }
        let (mut rings, mut signing) = (Vec::new(), None);
        for (kind, lines) in sections {
            let text = joined(&lines);
            match kind {
                Section::Ring(kind) => rings.push((kind, key_files::parse(&text)?)),
                Section::Signing => signing = Some(TrailKeyFile::parse(&text).ok()?),
            }
        }
        let whole = rings.iter().any(|(kind, _)| *kind == RingName::Domain);
        whole.then_some(Self { rings, signing })
    }

    /// Writes the file form to a new file (mode 0600).
    pub(super) fn write(&self, path: &Path) -> Result<(), StartError> {
        files::write_new(path, self.to_text().expose())?;
        let path = std::path::absolute(path).map_err(|source| files::failed(path, source))?;
        files::sync(path.parent().unwrap_or(Path::new("/")))
    }

    fn to_text(&self) -> SecretBytes {
        let rings = self.rings.iter().map(|(kind, ring)| (kind.label(), ring.to_text()));
        let signing = self.signing.iter().map(|keys| (SIGNING, keys.to_text()));
        let rings: Vec<_> = rings.chain(signing).collect();
        // All the room at once: what grows leaves copies behind.
        let room: usize = rings.iter().map(|(_, ring)| ring.len() + 32).sum();
        let mut text = Vec::with_capacity(room + HEAD.len());
        text.extend_from_slice(HEAD.as_bytes());
        for (kind, ring) in rings {
            text.extend_from_slice(format!("[{kind}]\n").as_bytes());
            text.extend_from_slice(ring.expose());
        }
        SecretBytes::new(text)
    }

    /// The domain key.
    pub(super) fn domain(&self) -> Option<&KeyRing> {
        self.rings.iter().find(|(kind, _)| *kind == RingName::Domain).map(|(_, ring)| ring)
    }

    /// Writes each kind to its own file in a new folder of a data directory.
    pub(super) fn install(&self, data_dir: &Path) -> Result<(), StartError> {
        let folder = data_dir.join("keys");
        key_files::private_folder(&folder)?;
        for (kind, ring) in &self.rings {
            files::write_new(
                &folder.join(format!("{}.key", kind.label())),
                ring.to_text().expose(),
            )?;
        }
        if let Some(signing) = &self.signing {
            files::write_new(&folder.join(FILE_NAME), signing.to_text().expose())?;
        }
        files::sync(&folder)
    }

    /// The kinds that are missing.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let has = |kind: &RingName| self.rings.iter().any(|(known, _)| known == kind);
        let missing = RingName::ALL.into_iter().filter(|kind| !has(kind)).map(RingName::label);
        missing.chain(self.signing.is_none().then_some(SIGNING)).collect()
    }
}

fn joined(lines: &[&str]) -> SecretBytes {
    let mut text = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    SecretBytes::new(text)
}

/// The domain key of a deployment.
pub(super) fn domain(settings: &Settings) -> Result<KeyRing, StartError> {
    key_files::read(&key_file(settings, RingName::Domain))
}

/// Every key of a deployment that has a file.
pub(super) fn of_deployment(settings: &Settings) -> Result<DeploymentKeys, StartError> {
    let mut rings = vec![(RingName::Domain, domain(settings)?)];
    for kind in RingName::ALL.into_iter().filter(|kind| *kind != RingName::Domain) {
        if let Some(ring) = key_files::read_if_there(&key_file(settings, kind))? {
            rings.push((kind, ring));
        }
    }
    let path = signing_key::path(settings);
    let signing = if path.try_exists().map_err(|source| files::failed(&path, source))? {
        Some(signing_key::read(&path)?)
    } else {
        None
    };
    Ok(DeploymentKeys { rings, signing })
}

/// The file for the keys must be new and must not lie in the backup.
pub(super) fn check_place(file: &Path, backup: &Path) -> Result<(), StartError> {
    let refused = |reason: &str| {
        let place = file.display();
        Err(StartError::Configuration(format!("--include-keys: {place}: {reason}")))
    };
    let absolute = |path: &Path| std::path::absolute(path).map_err(|e| files::failed(path, e));
    if file.symlink_metadata().is_ok() {
        return refused("there is such a file already");
    }
    if absolute(file)?.starts_with(absolute(backup)?) {
        return refused("keys are kept apart from their backup");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use trent_types::Timestamp;

    use super::*;

    fn key(byte: u8) -> KeyRing {
        KeyRing::single(SecretBytes::new(vec![byte; 32])).unwrap()
    }

    #[test]
    fn keys_come_back_from_their_file() {
        let rings = vec![(RingName::Domain, key(1)), (RingName::Bus, key(2))];
        let signing = TrailKeyFile::generate(Timestamp::default()).unwrap();
        let signing = signing.rotated(Timestamp::from_millis(5_000)).unwrap();
        let keys = DeploymentKeys { rings, signing: Some(signing) };
        let text = keys.to_text();
        let again = DeploymentKeys::parse(std::str::from_utf8(text.expose()).unwrap()).unwrap();
        assert_eq!(again.to_text(), text);
        assert_eq!(again.domain().unwrap().current().1.expose(), [1; 32]);
        assert_eq!(again.missing(), ["permit", "token", "trail"]);
    }

    #[test]
    fn files_without_a_domain_key_or_with_other_sections_are_refused() {
        let line = format!("1 {}\n", "ab".repeat(32));
        assert!(DeploymentKeys::parse(&format!("[domain]\n{line}")).is_some());
        for bad in [
            line.clone(),
            format!("[permit]\n{line}"),
            format!("[domain]\n{line}[other]\n{line}"),
            format!("[domain]\n{line}[domain]\n{line}"),
            "[domain]\n1 abcd\n".into(),
            "[domain]\n".into(),
            String::new(),
        ] {
            assert!(DeploymentKeys::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn keys_are_not_written_into_the_backup_or_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let backup = folder.path().join("backup");
        assert!(check_place(&backup.join("keys"), &backup).is_err());
        assert!(check_place(&folder.path().join("keys"), &backup).is_ok());
        fs::write(folder.path().join("keys"), "").unwrap();
        assert!(check_place(&folder.path().join("keys"), &backup).is_err());
    }
}

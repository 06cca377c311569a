//! The files that hold the deployment's keys.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use trent_audit_logger::signing::{SigningKeys, TrailKeyFile};
use trent_runtime::StartError;
use trent_types::{Clock, KeyRing, SecretBytes, SystemClock};

/// The rings of keys that a deployment has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RingName {
    /// Seals key material and secret access keys in the registry.
    Domain,
    /// Makes Permits.
    Permit,
    /// Seals payloads between the roles.
    Bus,
    /// Seals session tokens.
    Token,
    /// Makes Permits for reading the audit trail.
    Trail,
}

impl RingName {
    /// Every ring, the domain keys first: the only ones that cannot be made anew.
    pub(crate) const ALL: [Self; 5] =
        [Self::Domain, Self::Permit, Self::Bus, Self::Token, Self::Trail];

    /// The name in metrics, logs and file names.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Permit => "permit",
            Self::Bus => "bus",
            Self::Token => "token",
            Self::Trail => "trail",
        }
    }
}

/// The content of a key file.
pub(crate) fn text(path: &Path) -> std::io::Result<SecretBytes> {
    fs::read(path).map(SecretBytes::new)
}

/// The ring that a key file's content is, if it is one.
pub(crate) fn parse(text: &SecretBytes) -> Option<KeyRing> {
    KeyRing::parse(std::str::from_utf8(text.expose()).ok()?).ok()
}

/// Reads a key file; one that cannot be read is a wrong configuration.
pub(crate) fn read(path: &Path) -> Result<KeyRing, StartError> {
    let wrong = |why: &dyn std::fmt::Display| {
        StartError::Configuration(format!("{}: {why}", path.display()))
    };
    let text = text(path).map_err(|source| wrong(&source))?;
    parse(&text).ok_or_else(|| wrong(&"not a key file"))
}

/// Reads a key file, if it is there.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<KeyRing>, StartError> {
    if path.try_exists().map_err(|source| file(path, source))? {
        return read(path).map(Some);
    }
    Ok(None)
}

/// Reads a key file, or makes one with a new key, mode 0600, on the first start.
pub(crate) fn read_or_make(path: &Path) -> Result<KeyRing, StartError> {
    if let Some(ring) = read_if_there(path)? {
        return Ok(ring);
    }
    let key = SecretBytes::new(rand::random::<[u8; 32]>().to_vec());
    // Cannot fail: the key has 32 bytes.
    let ring = KeyRing::single(key).map_err(|e| StartError::Environment(e.to_string()))?;
    make(path, &ring.to_text())?;
    Ok(ring)
}

/// The file of the embedded form's signing key for the audit trail, made with a new key if it is
/// not there.
pub(crate) fn signing_keys_or_make(path: &Path) -> Result<SigningKeys, StartError> {
    if !path.try_exists().map_err(|source| file(path, source))? {
        let made = TrailKeyFile::generate(SystemClock.now());
        make(path, &made.map_err(|e| StartError::Environment(e.to_string()))?.to_text())?;
    }
    signing_keys(path)
}

/// Reads the file of a signing key; one that cannot be read is a wrong configuration.
pub(crate) fn signing_keys(path: &Path) -> Result<SigningKeys, StartError> {
    SigningKeys::open(path)
        .map_err(|why| StartError::Configuration(format!("{}: {why}", path.display())))
}

/// Writes a new file, mode 0600, beside its place and renames it, so that a crash never leaves half
/// a key.
fn make(path: &Path, text: &SecretBytes) -> Result<(), StartError> {
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    let fresh = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let _ = fs::remove_file(&fresh);
        let mut out = fs::File::options().write(true).create_new(true).mode(0o600).open(&fresh)?;
        out.write_all(text.expose())?;
        out.sync_all()?;
        fs::rename(&fresh, path)?;
        fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|source| file(path, source))
}

/// Makes a folder that only its owner can enter, unless it is there.
pub(crate) fn private_folder(path: &Path) -> Result<(), StartError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| file(path, source))
}

fn file(path: &Path, source: std::io::Error) -> StartError {
    StartError::File { path: path.to_owned(), source }
}

//! What each option may be.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use trent_types::{AccountId, IpNetwork, Partition, Region, SecretBytes};

use super::{AuditSettings, LogSettings, Options, PeerFiles, TlsFiles};
use crate::StartError;

pub(super) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

pub(super) fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(1))
}

pub(super) fn account(text: &str) -> Result<AccountId, StartError> {
    text.parse().map_err(|_| {
        StartError::Configuration(format!("TRENT_ACCOUNT_ID: '{text}' is not 12 digits"))
    })
}

pub(super) fn regions(list: Option<&str>) -> Result<Vec<Region>, StartError> {
    let Some(list) = list else {
        return Ok(Region::all().filter(|r| r.partition() == Partition::Aws).collect());
    };
    let mut seen = BTreeSet::new();
    let mut regions = Vec::new();
    for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let region: Region = name.parse().map_err(|_| {
            StartError::Configuration(format!("TRENT_REGIONS: '{name}' is not an AWS Region"))
        })?;
        if seen.insert(name) {
            regions.push(region);
        }
    }
    if regions.is_empty() {
        return Err(StartError::Configuration("TRENT_REGIONS: no Region".into()));
    }
    Ok(regions)
}

/// The networks whose connections begin with a PROXY protocol header.
pub(super) fn trusted_proxies(list: Option<&str>) -> Result<Vec<IpNetwork>, StartError> {
    let names = list.unwrap_or_default().split(',').map(str::trim);
    let network = |name: &str| {
        name.parse().map_err(|_| {
            StartError::Configuration(format!("TRENT_TRUSTED_PROXIES: '{name}' is no network"))
        })
    };
    names.filter(|name| !name.is_empty()).map(network).collect()
}

/// A URL with one of these schemes. It may hold a password, so it is not repeated.
pub(super) fn url(
    given: Option<String>,
    schemes: &[&str],
    variable: &str,
) -> Result<Option<String>, StartError> {
    match given {
        Some(url) if !schemes.iter().any(|scheme| url.starts_with(scheme)) => {
            let text = format!("{variable}: the URL must start with {}", schemes.join(" or "));
            Err(StartError::Configuration(text))
        }
        Some(_) | None => Ok(given),
    }
}

pub(super) fn positive(value: u32, variable: &str) -> Result<u32, StartError> {
    if value == 0 {
        return Err(StartError::Configuration(format!("{variable}: must be at least 1")));
    }
    Ok(value)
}

pub(super) fn log_json(format: Option<&str>) -> Result<bool, StartError> {
    match format {
        None | Some("text") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => Err(StartError::Configuration(format!(
            "TRENT_LOG_FORMAT: '{other}' is neither text nor json"
        ))),
    }
}

/// A share of a whole.
pub(super) fn ratio(value: f64, variable: &str) -> Result<f64, StartError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(StartError::Configuration(format!("{variable}: must be from 0 to 1")))
}

/// `on`, `off`, or nothing.
pub(super) fn switch(given: Option<&str>, variable: &str) -> Result<Option<bool>, StartError> {
    match given {
        None | Some("") => Ok(None),
        Some("on") => Ok(Some(true)),
        Some("off") => Ok(Some(false)),
        Some(other) => Err(StartError::Configuration(format!(
            "{variable}: '{other}' is neither 'on' nor 'off'"
        ))),
    }
}

/// `allow`, or nothing.
pub(super) fn permission(given: Option<&str>, variable: &str) -> Result<bool, StartError> {
    match given {
        None | Some("") => Ok(false),
        Some("allow") => Ok(true),
        Some(other) => {
            Err(StartError::Configuration(format!("{variable}: '{other}' is not 'allow'")))
        }
    }
}

/// `distributed`, or nothing.
pub(super) fn seed_distributed(given: Option<&str>) -> Result<bool, StartError> {
    match given {
        None | Some("") => Ok(false),
        Some("distributed") => Ok(true),
        Some(other) => Err(StartError::Configuration(format!(
            "TRENT_SEED_ALLOW: '{other}' is not 'distributed'"
        ))),
    }
}

/// Where things belong that name no Region: the first one that is named, or the one that AWS's
/// tools take for themselves.
pub(super) fn home_region(list: Option<&str>, regions: &[Region]) -> Result<Region, StartError> {
    let home = match list {
        None => "us-east-1".parse().ok(),
        Some(_) => regions.first().copied(),
    };
    home.ok_or_else(|| StartError::Configuration("TRENT_REGIONS: no Region".into()))
}

/// A certificate and its key: both or none.
pub(super) fn tls_files(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    certificate_variable: &str,
    key_variable: &str,
) -> Result<Option<TlsFiles>, StartError> {
    let needs =
        |one: &str, other: &str| Err(StartError::Configuration(format!("{one} needs {other}")));
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => needs(certificate_variable, key_variable),
        (None, Some(_)) => needs(key_variable, certificate_variable),
    }
}

/// Whom a connection trusts and as whom it comes: no identity without an authority.
pub(super) fn peer_files(
    authority: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    prefix: &str,
) -> Result<Option<PeerFiles>, StartError> {
    let [authority_variable, certificate_variable, key_variable] =
        ["CA", "CERT", "KEY"].map(|what| format!("{prefix}_{what}_FILE"));
    let identity = tls_files(certificate, key, &certificate_variable, &key_variable)?;
    match (authority, identity) {
        (Some(authority), identity) => Ok(Some(PeerFiles { authority, identity })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(StartError::Configuration(format!(
            "{certificate_variable} needs {authority_variable}"
        ))),
    }
}

pub(super) fn check_plain_http(
    listen: SocketAddr,
    tls: bool,
    insecure: Option<&str>,
) -> Result<(), StartError> {
    if permission(insecure, "TRENT_INSECURE_HTTP")? || tls || listen.ip().is_loopback() {
        return Ok(());
    }
    Err(StartError::Configuration(format!(
        "TRENT_LISTEN: plain HTTP on {listen} is refused; set TRENT_TLS_CERT and TRENT_TLS_KEY, \
         or TRENT_INSECURE_HTTP=allow"
    )))
}

/// The root user's access key from the environment or a file: both halves or none.
pub(super) fn root(file: Option<&Path>) -> Result<Option<(String, SecretBytes)>, StartError> {
    let (id, secret) = match file {
        None => {
            (environment("TRENT_ROOT_ACCESS_KEY_ID"), environment("TRENT_ROOT_SECRET_ACCESS_KEY"))
        }
        Some(path) => root_from(path)?,
    };
    let wrong = |text: &str| Err(StartError::Configuration(text.into()));
    match (id, secret) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => {
            let valid = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if !(4..=128).contains(&id.len()) || !id.bytes().all(valid) {
                return wrong("TRENT_ROOT_ACCESS_KEY_ID: 4 to 128 letters, digits or underscores");
            }
            if !(8..=128).contains(&secret.len()) {
                return wrong("TRENT_ROOT_SECRET_ACCESS_KEY: 8 to 128 characters");
            }
            Ok(Some((id, SecretBytes::new(secret.into_bytes()))))
        }
        (Some(_), None) => wrong("TRENT_ROOT_ACCESS_KEY_ID needs TRENT_ROOT_SECRET_ACCESS_KEY"),
        (None, Some(_)) => wrong("TRENT_ROOT_SECRET_ACCESS_KEY needs TRENT_ROOT_ACCESS_KEY_ID"),
    }
}

/// Both halves as a file has them, a line each; other lines are no concern of this.
fn root_from(path: &Path) -> Result<(Option<String>, Option<String>), StartError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let path = path.display();
        StartError::Configuration(format!("TRENT_ROOT_ACCESS_KEY_FILE: {path}: {error}"))
    })?;
    let value = |name: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    Ok((value("TRENT_ROOT_ACCESS_KEY_ID"), value("TRENT_ROOT_SECRET_ACCESS_KEY")))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What is kept of the audit trail outside the database: checkpoints, and log files where a
/// directory is named for them.
pub(super) fn audit(data_dir: &Path, given: &Options) -> Result<AuditSettings, StartError> {
    let often = |given: Option<u32>, default, name| positive(given.unwrap_or(default), name);
    let (log, digest) = (given.audit_log_interval_ms, given.audit_digest_interval_ms);
    let interval_ms = often(log, 300_000, "TRENT_AUDIT_LOG_INTERVAL_MS")?;
    let digest_interval_ms = often(digest, 3_600_000, "TRENT_AUDIT_DIGEST_INTERVAL_MS")?;
    let logs = given.audit_log_dir.clone();
    let checkpoint_dir = given.audit_checkpoint_dir.clone();
    Ok(AuditSettings {
        signing_key_file: given.audit_signing_key_file.clone(),
        checkpoint_dir: checkpoint_dir.unwrap_or_else(|| data_dir.join("checkpoints")),
        checkpoint_interval_ms: often(
            given.audit_checkpoint_interval_ms,
            60_000,
            "TRENT_AUDIT_CHECKPOINT_INTERVAL_MS",
        )?,
        logs: logs.map(|directory| LogSettings { directory, interval_ms, digest_interval_ms }),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_root_users_access_key_is_read_from_its_file_and_never_repeated() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "# made\nTRENT_ROOT_ACCESS_KEY_ID=AKIAROOT\n").unwrap();
        let text = root(Some(file.path())).unwrap_err().to_string();
        assert!(text.contains("needs TRENT_ROOT_SECRET_ACCESS_KEY"), "{text}");
        writeln!(file, "TRENT_ROOT_SECRET_ACCESS_KEY=a/b+c=d12").unwrap();
        let (id, secret) = root(Some(file.path())).unwrap().unwrap();
        assert_eq!((id.as_str(), secret.expose()), ("AKIAROOT", &b"a/b+c=d12"[..]));
        let text = root(Some(Path::new("/nowhere/at-all"))).unwrap_err().to_string();
        assert!(text.contains("TRENT_ROOT_ACCESS_KEY_FILE"), "{text}");
    }
}

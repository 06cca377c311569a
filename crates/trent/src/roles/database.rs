//! The database as it is configured: URL, password, certificates.

use std::path::Path;

use trent_runtime::{PeerFiles, Settings, StartError};
use trent_store::{Postgres, PostgresOptions, PostgresTls, StoreError};
use trent_types::SecretBytes;

use super::connect::{Fault, described};

const VARIABLE: &str = "TRENT_DATABASE_URL";

/// Reads all that is needed to connect to the database; its files are read once, at the start.
pub(super) fn options(settings: &Settings) -> Result<PostgresOptions, StartError> {
    let url = Settings::required(settings.database_url.as_deref(), VARIABLE)?;
    let tls = settings.database_tls.as_ref().map(peer).transpose()?;
    let password = settings.database_password_file.as_deref().map(password).transpose()?;
    let pool_max = usize::try_from(settings.database_connections_max).unwrap_or(1);
    Ok(PostgresOptions {
        tls,
        password,
        insecure_transport: settings.insecure_transport,
        ..PostgresOptions::new(url, pool_max)
    })
}

fn peer(files: &PeerFiles) -> Result<PostgresTls, StartError> {
    let identity = match &files.identity {
        None => None,
        Some(identity) => {
            Some((read(&identity.certificate)?, SecretBytes::new(read(&identity.key)?)))
        }
    };
    Ok(PostgresTls { authority: read(&files.authority)?, identity })
}

/// What is wrong with the configured database is known before a port is bound.
pub(super) fn check(settings: &Settings) -> Result<(), StartError> {
    checked(settings).map(drop)
}

/// [`options`], if they can be used.
fn checked(settings: &Settings) -> Result<PostgresOptions, StartError> {
    let options = options(settings)?;
    match options.check() {
        Ok(()) => Ok(options),
        // Nobody was asked yet.
        Err(StoreError::Refused(why)) => {
            Err(StartError::Configuration(format!("{VARIABLE}: {why}")))
        }
        Err(error) => Err(StartError::Configuration(described(VARIABLE, &error))),
    }
}

/// Connects once.
pub(super) async fn connect(options: &PostgresOptions) -> Result<Postgres, Fault> {
    Postgres::connect(options).await.map_err(|error| fault(&error))
}

/// Connects to the database if it is there now.
pub(crate) async fn postgres_now(settings: &Settings) -> Result<Postgres, StartError> {
    connect(&checked(settings)?).await.map_err(|fault| match fault {
        Fault::Away(text) => StartError::Environment(text),
        Fault::Final(error) => error,
    })
}

/// Brings the database's schema, roles and grants up to this program's.
pub(crate) fn migrate(settings: &Settings) -> Result<(), StartError> {
    trent_store::migrate(&checked(settings)?).map_err(|error| match fault(&error) {
        Fault::Away(text) => StartError::Environment(text),
        Fault::Final(error) => error,
    })
}

fn fault(error: &StoreError) -> Fault {
    let text = described(VARIABLE, error);
    match error {
        StoreError::Unavailable(_) => Fault::Away(text),
        StoreError::Refused(_) => Fault::Final(StartError::Configuration(text)),
        StoreError::Corrupt(_) | StoreError::Schema(_) => {
            Fault::Final(StartError::Environment(text))
        }
    }
}

/// The first line of the file.
fn password(path: &Path) -> Result<SecretBytes, StartError> {
    let file = SecretBytes::new(read(path)?);
    let line = file.expose().split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    if line.is_empty() {
        let path = path.display();
        return Err(StartError::Configuration(format!(
            "TRENT_DATABASE_PASSWORD_FILE: {path} is empty"
        )));
    }
    Ok(SecretBytes::new(line.to_vec()))
}

fn read(path: &Path) -> Result<Vec<u8>, StartError> {
    std::fs::read(path)
        .map_err(|source| StartError::Configuration(format!("{}: {source}", path.display())))
}

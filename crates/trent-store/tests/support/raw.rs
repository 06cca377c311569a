//! Connections without the store in between: for what the store would never ask.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::{Client, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use trent_store::{PostgresOptions, PostgresTls};

/// Connects by these options, however unwise they are.
pub(crate) async fn connect(options: &PostgresOptions) -> Result<Client, Error> {
    match &options.tls {
        Some(tls) => {
            let url = format!("{}?sslmode=require", options.url);
            let (client, connection) = tokio_postgres::connect(&url, make(tls)).await?;
            tokio::spawn(connection);
            Ok(client)
        }
        None => {
            let (client, connection) = tokio_postgres::connect(&options.url, NoTls).await?;
            tokio::spawn(connection);
            Ok(client)
        }
    }
}

fn make(tls: &PostgresTls) -> MakeRustlsConnect {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&tls.authority).unwrap()).unwrap();
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let builder = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    MakeRustlsConnect::new(match &tls.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(key.expose()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    })
}

/// What was answered, in a word: the SQLSTATE, or what TLS said.
pub(crate) fn word(error: &Error) -> String {
    if let Some(code) = error.code() {
        return code.code().to_owned();
    }
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.unwrap_or_else(|| error.to_string())
}

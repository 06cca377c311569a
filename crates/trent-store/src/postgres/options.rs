//! Which database to speak to, how, and as whom.

use std::net::IpAddr;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Config, Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;
use trent_types::SecretBytes;

use super::WAIT;
use crate::StoreError;

/// A Postgres database, and how to speak to it.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host:port/database`. TLS follows from `tls` alone, whatever its
    /// `sslmode` says.
    pub url: String,
    /// Connections in the pool, at most.
    pub pool_max: usize,
    /// With this every connection is encrypted, and the server's name and certificate are verified.
    /// Without it only loopback addresses and Unix sockets are spoken to.
    pub tls: Option<PostgresTls>,
    /// The password, where the URL has none.
    pub password: Option<SecretBytes>,
    /// Another host may be spoken to without TLS.
    pub insecure_transport: bool,
}

/// Whom a connection to Postgres trusts, and as whom it comes.
#[derive(Debug, Clone)]
pub struct PostgresTls {
    /// The certificates that the server's must go back to, PEM.
    pub authority: Vec<u8>,
    /// This side's certificate chain, PEM, its own first, and the private key to it, PEM.
    pub identity: Option<(Vec<u8>, SecretBytes)>,
}

impl PostgresOptions {
    /// A database on this host, without TLS.
    #[must_use]
    pub fn new(url: &str, pool_max: usize) -> Self {
        Self { url: url.to_owned(), pool_max, tls: None, password: None, insecure_transport: false }
    }

    /// Checks them, without connecting.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when URL or certificates are not usable, or TLS is missing.
    pub fn check(&self) -> Result<(), StoreError> {
        self.target().map(drop)
    }

    /// How to connect. An error names nothing secret.
    pub(crate) fn target(&self) -> Result<(Config, Option<MakeRustlsConnect>), StoreError> {
        let mut config: Config = self.url.parse().map_err(|_| {
            refused(
                "not a database URL (sslmode can be left out: TLS is required with an authority)",
            )
        })?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(WAIT);
        }
        match (&self.password, config.get_password()) {
            (Some(_), Some(_)) => return Err(refused("it has a password, and another is given")),
            (Some(password), None) => drop(config.password(password.expose())),
            (None, _) => {}
        }
        let Some(tls) = &self.tls else {
            check_plain(&config, self.insecure_transport)?;
            config.ssl_mode(SslMode::Disable);
            return Ok((config, None));
        };
        if config.get_hosts().iter().any(|host| matches!(host, Host::Unix(_))) {
            return Err(refused("a Unix socket has no TLS, but an authority for TLS is given"));
        }
        config.ssl_mode(SslMode::Require);
        Ok((config, Some(MakeRustlsConnect::new(tls.client()?))))
    }
}

/// The URL may hold a password.
impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions").field("pool_max", &self.pool_max).finish_non_exhaustive()
    }
}

impl PostgresTls {
    /// TLS 1.2 and 1.3; rustls verifies chain, dates and name, and has no way to leave it out.
    fn client(&self) -> Result<ClientConfig, StoreError> {
        let unusable =
            |what: &str, error: &dyn std::error::Error| refused(&format!("{what}: {error}"));
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&self.authority) {
            let certificate = certificate.map_err(|error| unusable("the authority", &error))?;
            roots.add(certificate).map_err(|error| unusable("the authority", &error))?;
        }
        if roots.is_empty() {
            return Err(refused("the authority's file holds no certificate"));
        }
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let builder = ClientConfig::builder_with_provider(provider.into())
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| unusable("TLS", &error))?
            .with_root_certificates(roots);
        let mut client = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
                    .collect::<Result<_, _>>()
                    .map_err(|error| unusable("the certificate", &error))?;
                let key = PrivateKeyDer::from_pem_slice(key.expose())
                    .map_err(|error| unusable("the certificate's key", &error))?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(|error| unusable("the certificate and its key", &error))?
            }
        };
        // As libpq names it: no server of another protocol can pass for this one (RFC 7301).
        client.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(client)
    }
}

/// Without TLS nobody may listen in between.
fn check_plain(config: &Config, insecure_transport: bool) -> Result<(), StoreError> {
    if config.get_ssl_mode() == SslMode::Require {
        return Err(refused("sslmode=require needs TRENT_DATABASE_CA_FILE"));
    }
    let here = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    // Where addresses are given, they are what is connected to; the hosts only name them.
    let local = if config.get_hostaddrs().is_empty() {
        config.get_hosts().iter().all(here)
    } else {
        config.get_hostaddrs().iter().all(IpAddr::is_loopback)
    };
    if local || insecure_transport {
        return Ok(());
    }
    Err(refused(
        "the database is on another host: TLS needs TRENT_DATABASE_CA_FILE \
         (TRENT_INSECURE_TRANSPORT=allow does without)",
    ))
}

fn refused(why: &str) -> StoreError {
    StoreError::Refused(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(options: &PostgresOptions) -> Result<SslMode, String> {
        match options.target() {
            Ok((config, _)) => Ok(config.get_ssl_mode()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn plain(url: &str) -> Result<SslMode, String> {
        target(&PostgresOptions::new(url, 1))
    }

    fn authority() -> Vec<u8> {
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().pem().into_bytes()
    }

    #[test]
    fn plain_connections_stay_on_this_host() {
        for here in [
            "postgres://u@127.0.0.1/d",
            "postgres://u@127.8.9.1:1/d",
            "postgres://u@[::1]/d",
            "postgres://u@LocalHost/d",
            "postgres://u@%2Frun%2Fpostgresql/d",
            "postgres://u@127.0.0.1,localhost/d",
            "host=db.example hostaddr=127.0.0.1 user=u",
        ] {
            assert_eq!(plain(here), Ok(SslMode::Disable), "{here}");
        }
        for away in [
            "postgres://u@db.example/d",
            "postgres://u@10.0.0.1/d",
            "postgres://u@127.0.0.1,db.example/d",
            "postgres://u@db.example/d?sslmode=disable",
            "postgres://u@localhost.example/d",
            "host=localhost hostaddr=10.0.0.1 user=u",
            "host=127.0.0.1 hostaddr=10.0.0.1 user=u",
        ] {
            let why = plain(away).unwrap_err();
            assert!(why.contains("TRENT_DATABASE_CA_FILE"), "{away}: {why}");
            let insecure =
                PostgresOptions { insecure_transport: true, ..PostgresOptions::new(away, 1) };
            assert_eq!(target(&insecure), Ok(SslMode::Disable));
        }
        let why = plain("postgres://u@127.0.0.1/d?sslmode=require").unwrap_err();
        assert!(why.contains("TRENT_DATABASE_CA_FILE"), "{why}");
    }

    #[test]
    fn a_url_cannot_weaken_tls() {
        let tls = PostgresTls { authority: authority(), identity: None };
        let with = |url: &str| {
            target(&PostgresOptions { tls: Some(tls.clone()), ..PostgresOptions::new(url, 1) })
        };
        for sslmode in ["", "?sslmode=disable", "?sslmode=prefer", "?sslmode=require"] {
            let url = format!("postgres://u@127.0.0.1/d{sslmode}");
            assert_eq!(with(&url), Ok(SslMode::Require), "{url}");
        }
        assert!(with("postgres://u@%2Frun%2Fpostgresql/d").unwrap_err().contains("Unix socket"));
        let empty = PostgresTls { authority: Vec::new(), identity: None };
        let url = "postgres://u@127.0.0.1/d";
        let options = PostgresOptions { tls: Some(empty), ..PostgresOptions::new(url, 1) };
        assert!(target(&options).unwrap_err().contains("no certificate"));
    }

    #[test]
    fn there_is_one_password_and_it_is_never_shown() {
        let password = Some(SecretBytes::new(b"hunter2".to_vec()));
        let options = PostgresOptions {
            password: password.clone(),
            ..PostgresOptions::new("postgres://u@127.0.0.1/d", 1)
        };
        let (config, _) = options.target().unwrap();
        assert_eq!(config.get_password(), Some(b"hunter2".as_slice()));
        let both = PostgresOptions {
            password,
            ..PostgresOptions::new("postgres://u:hunter3@127.0.0.1/d", 1)
        };
        let shown = format!("{both:?} {}", target(&both).unwrap_err());
        assert!(!shown.contains("hunter"), "{shown}");
        let shown = plain("postgres://u:hunter2@127.0.0.1/d?x=y").unwrap_err();
        assert!(!shown.contains("hunter"), "{shown}");
    }
}

//! TLS: versions 1.2 and 1.3, forward-secret suites only, post-quantum key exchange preferred.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ProtocolVersion, ServerConfig, ServerConnection};
use tokio_rustls::TlsAcceptor;
use trent_operations::TlsDetails;

/// A certificate chain with its key, ready to serve.
#[derive(Clone)]
pub struct TlsConfig(Arc<ServerConfig>);

/// Why a certificate or its key cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsConfigError {
    /// The certificate file is not a PEM chain.
    #[error("the TLS certificate cannot be read")]
    Certificate(#[source] rustls::pki_types::pem::Error),
    /// The key file is not a PEM private key.
    #[error("the TLS private key cannot be read")]
    Key(#[source] rustls::pki_types::pem::Error),
    /// They do not fit each other, or are of a kind that cannot be used.
    #[error("the TLS certificate and key cannot be used")]
    Unusable(#[from] rustls::Error),
}

impl TlsConfig {
    /// Takes a PEM certificate chain, the server's own first, and its PEM private key.
    ///
    /// # Errors
    /// [`TlsConfigError`]; nothing of the key is in it.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsConfigError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<_, _>>()
            .map_err(TlsConfigError::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsConfigError::Key)?;
        let mut provider = aws_lc_rs::default_provider();
        // rustls has no suite without forward secrecy; the groups are named here so that their
        // order is ours.
        provider.kx_groups = vec![
            kx_group::X25519MLKEM768,
            kx_group::X25519,
            kx_group::SECP256R1,
            kx_group::SECP384R1,
        ];
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.0).into()
    }
}

impl std::fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsConfig")
    }
}

/// How one connection is secured, in the words of CloudTrail's `tlsDetails`.
pub(crate) struct TlsFacts {
    version: &'static str,
    cipher_suite: String,
    key_exchange: Option<String>,
    /// Whether HTTP/2 was agreed on.
    pub(crate) http2: bool,
}

impl TlsFacts {
    pub(crate) fn of(connection: &ServerConnection) -> Self {
        let suite = connection.negotiated_cipher_suite().map(|suite| suite.suite());
        // TLS 1.3 suites are `TLS13_…` in rustls and `TLS_…` at IANA.
        let name = suite.and_then(|suite| suite.as_str()).unwrap_or_default();
        let group = connection.negotiated_key_exchange_group().map(|group| group.name());
        Self {
            version: match connection.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
                Some(_) | None => "TLSv1.2",
            },
            cipher_suite: name.replacen("TLS13_", "TLS_", 1),
            key_exchange: group.and_then(|group| group.as_str()).map(str::to_owned),
            http2: connection.alpn_protocol() == Some(b"h2"),
        }
    }

    pub(crate) fn details(&self) -> TlsDetails<'_> {
        TlsDetails {
            version: self.version,
            cipher_suite: &self.cipher_suite,
            key_exchange: self.key_exchange.as_deref(),
        }
    }
}

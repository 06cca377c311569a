//! Where requests go: `http://` or `https://`, by name or address.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::error::LoadError;

/// Where Debian, Alpine and most images keep the certificates that they trust.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What a connection is made of.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Socket for S {}

/// Which certificates are trusted.
#[derive(Clone)]
pub(crate) struct Trust(TlsConnector);

impl Trust {
    /// Reads a PEM file of authorities; without one, the system's.
    pub(crate) fn read(ca_file: Option<&Path>) -> Result<Self, LoadError> {
        let path = ca_file.unwrap_or(Path::new(SYSTEM_ROOTS));
        let unusable =
            |why: &dyn std::fmt::Display| LoadError::Trust(path.to_owned(), why.to_string());
        let pem = fs::read(path).map_err(|error| unusable(&error))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| unusable(&error))?;
            roots.add(certificate).map_err(|error| unusable(&error))?;
        }
        if roots.is_empty() {
            return Err(unusable(&"no certificate in it"));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config).into()))
    }
}

/// A server under load.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// The `Host` header.
    pub(crate) host: String,
    name: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Endpoint {
    /// Takes a URL without a path. AWS itself is refused: this makes load, and costs.
    pub(crate) fn parse(url: &str, ca_file: Option<&Path>) -> Result<Self, LoadError> {
        let malformed = || LoadError::Endpoint(url.to_owned());
        let (secure, rest) = match url.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            _ => return Err(malformed()),
        };
        let host = rest.trim_end_matches('/').to_ascii_lowercase();
        let default_port = if secure { 443 } else { 80 };
        let (name, port) = split(&host, default_port).ok_or_else(malformed)?;
        if name.ends_with("amazonaws.com") || name.ends_with("amazonaws.com.cn") {
            return Err(LoadError::Aws);
        }
        let tls = if secure {
            let server = ServerName::try_from(name.clone()).map_err(|_| malformed())?;
            Some((Trust::read(ca_file)?.0, server))
        } else {
            None
        };
        // As the SDKs do, the port is left out where it goes without saying.
        let suffix = format!(":{default_port}");
        let host = host.strip_suffix(&suffix).unwrap_or(&host).to_owned();
        Ok(Self { host, name, port, tls })
    }

    /// Takes `http://` and a loopback address: what is compared with the echo is on this machine.
    pub(crate) fn loopback(url: &str) -> Result<Self, LoadError> {
        let endpoint = Self::parse(url, None)?;
        let address = endpoint.name.parse::<IpAddr>();
        let here = endpoint.name == "localhost" || address.is_ok_and(|ip| ip.is_loopback());
        if here && endpoint.tls.is_none() {
            Ok(endpoint)
        } else {
            Err(LoadError::NotLoopback(url.to_owned()))
        }
    }

    /// Connects; `turn` chooses with which of a name's addresses to begin.
    pub(crate) async fn connect(
        &self,
        turn: usize,
        patience: Duration,
    ) -> Result<Box<dyn Socket>, LoadError> {
        let connecting = async {
            let stream = self.tcp(turn).await?;
            stream.set_nodelay(true)?;
            let Some((connector, server)) = &self.tls else {
                return Ok::<Box<dyn Socket>, LoadError>(Box::new(stream));
            };
            Ok(Box::new(connector.connect(server.clone(), stream).await?))
        };
        tokio::time::timeout(patience, connecting).await.map_err(|_| LoadError::Timeout)?
    }

    async fn tcp(&self, turn: usize) -> Result<TcpStream, LoadError> {
        let found = tokio::net::lookup_host((self.name.as_str(), self.port)).await?;
        let addresses: Vec<_> = found.collect();
        let mut failed = LoadError::Missing("address of the endpoint");
        let first = turn.checked_rem(addresses.len()).unwrap_or_default();
        for address in addresses.iter().cycle().skip(first).take(addresses.len()) {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = error.into(),
            }
        }
        Err(failed)
    }
}

/// A host and its port; an IPv6 address loses its brackets.
fn split(host: &str, default_port: u16) -> Option<(String, u16)> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            address.parse::<std::net::Ipv6Addr>().ok()?;
            (address, after.strip_prefix(':'))
        }
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        },
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    Some((name.to_owned(), port.map_or(Some(default_port), |port| port.parse().ok())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_endpoints() {
        for (url, host, name, port) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", "127.0.0.1", 8080),
            ("http://Gateway/", "gateway", "gateway", 80),
            ("http://gateway:80", "gateway", "gateway", 80),
            ("http://[::1]:4", "[::1]:4", "::1", 4),
        ] {
            let endpoint = Endpoint::parse(url, None).unwrap_or_else(|error| panic!("{error}"));
            let found = (endpoint.host.as_str(), endpoint.name.as_str(), endpoint.port);
            assert_eq!(found, (host, name, port));
        }
        let bad = ["ftp://x", "x:80", "http://", "http://a b", "http://a/b", "http://a:99999"];
        for url in bad {
            assert!(Endpoint::parse(url, None).is_err(), "{url}");
        }
    }

    #[test]
    fn aws_itself_is_not_loaded() {
        let result = Endpoint::parse("http://kms.us-east-1.amazonaws.com", None);
        assert!(matches!(result, Err(LoadError::Aws)));
    }

    #[test]
    fn only_this_machine_is_compared_with_the_echo() {
        for good in ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:1"] {
            assert!(Endpoint::loopback(good).is_ok(), "{good}");
        }
        for bad in ["http://192.0.2.1:80", "http://localhost.example.com:80"] {
            assert!(matches!(Endpoint::loopback(bad), Err(LoadError::NotLoopback(_))), "{bad}");
        }
    }

    /// A server with a certificate for localhost of an authority whose PEM is returned with it.
    async fn serve_tls() -> (String, String) {
        let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let ca = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = rcgen::Issuer::new(authority, authority_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let own = own.signed_by(&key, &issuer).unwrap().der().clone();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut stream = acceptor.accept(stream).await?;
                    let mut request = [0; 1024];
                    while tokio::io::AsyncReadExt::read(&mut stream, &mut request).await? > 0 {
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                        tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await?;
                        tokio::io::AsyncWriteExt::flush(&mut stream).await?;
                    }
                    Ok::<(), std::io::Error>(())
                });
            }
        });
        (format!("https://localhost:{port}"), ca)
    }

    #[tokio::test]
    async fn a_private_authority_is_trusted_when_its_file_is_given_and_no_other() {
        let (url, ca) = serve_tls().await;
        let (_, other) = serve_tls().await;
        for (pem, trusted) in [(ca, true), (other, false)] {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), pem).unwrap();
            let endpoint = Endpoint::parse(&url, Some(file.path())).unwrap();
            match crate::client::Connection::open(&endpoint, 0).await {
                Ok(mut connection) => {
                    let answer = connection.exchange(b"{}").await.unwrap();
                    assert!(trusted && answer.status == 200);
                    assert!(connection.is_usable());
                }
                Err(LoadError::Io(error)) => {
                    assert!(!trusted && error.kind() == std::io::ErrorKind::InvalidData, "{error}");
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn a_file_without_certificates_is_no_trust() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(Trust::read(Some(file.path())), Err(LoadError::Trust(..))));
    }
}

//! One HTTP/1.1 exchange on a connection of its own (RFC 9112), over TCP or TLS.

use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use trent_runtime::StartError;

/// How long a connection may take to come about.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// The most bytes of an answer's head and of its body.
const HEAD_BYTES_MAX: u64 = 64 * 1024;
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Where Debian, Alpine and most images keep the certificates that they trust.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where the API is.
pub(super) struct Endpoint {
    /// The URL without a path.
    url: String,
    /// Host and port.
    address: String,
    /// The `Host` header.
    host: String,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

/// A connection, encrypted or not.
trait Connection: Read + Write {}
impl<C: Read + Write> Connection for C {}

impl Endpoint {
    /// Takes a URL without a path, and the authorities that its certificate may go back to.
    pub(super) fn parse(url: &str, ca_file: Option<&Path>) -> Result<Self, StartError> {
        let wrong =
            |why: &str| StartError::Configuration(format!("AWS_ENDPOINT_URL: {url}: {why}"));
        let trimmed = url.trim_end_matches('/');
        let (secure, host) = match trimmed.split_once("://") {
            Some(("http", host)) => (false, host),
            Some(("https", host)) => (true, host),
            Some(_) | None => return Err(wrong("must start with http:// or https://")),
        };
        if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
            return Err(wrong("must be a host, with or without a port, and nothing else"));
        }
        let after_address = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
        let (name, address) = match after_address.rsplit_once(':') {
            Some((_, port)) => {
                port.parse::<u16>().map_err(|_| wrong("its port is no number"))?;
                (host.strip_suffix(port).and_then(|name| name.strip_suffix(':')), host.to_owned())
            }
            None => (Some(host), format!("{host}:{}", if secure { 443 } else { 80 })),
        };
        let name = name.unwrap_or(host).trim_matches(['[', ']']);
        let tls = if secure {
            let name = ServerName::try_from(name.to_owned()).map_err(|_| wrong("no host name"))?;
            Some((trust(ca_file)?, name))
        } else {
            None
        };
        Ok(Self { url: trimmed.to_owned(), address, host: host.to_owned(), tls })
    }

    /// The `Host` header.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Sends a request; the status and the body of the answer. `patience` is for the answer to
    /// begin, and then for each piece of it.
    pub(super) fn exchange(
        &self,
        request: &[u8],
        patience: Duration,
    ) -> io::Result<(u16, Vec<u8>)> {
        let mut connection = self.connect(patience)?;
        connection.write_all(request)?;
        connection.flush()?;
        let mut reader = BufReader::new(connection);
        loop {
            // 100 (Continue) and its like are no answers.
            match answer(&mut reader)? {
                (100..=199, _) => {}
                answer => return Ok(answer),
            }
        }
    }

    fn connect(&self, patience: Duration) -> io::Result<Box<dyn Connection>> {
        let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in self.address.to_socket_addrs()? {
            let socket = match TcpStream::connect_timeout(&address, CONNECT_TIME) {
                Ok(socket) => socket,
                Err(error) => {
                    failed = error;
                    continue;
                }
            };
            socket.set_read_timeout(Some(patience))?;
            socket.set_write_timeout(Some(CONNECT_TIME))?;
            socket.set_nodelay(true)?;
            let Some((config, name)) = &self.tls else { return Ok(Box::new(socket)) };
            let session = ClientConnection::new(Arc::clone(config), name.clone());
            let session = session.map_err(io::Error::other)?;
            return Ok(Box::new(StreamOwned::new(session, socket)));
        }
        Err(failed)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// TLS with these authorities, or the system's.
fn trust(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, StartError> {
    let path = ca_file.unwrap_or(Path::new(SYSTEM_ROOTS));
    let unusable = |why: &dyn fmt::Display| {
        StartError::Configuration(format!("TRENT_CA_FILE: {}: {why}", path.display()))
    };
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
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Reads the status and the body of one answer.
fn answer(reader: &mut impl BufRead) -> io::Result<(u16, Vec<u8>)> {
    let mut head = reader.take(HEAD_BYTES_MAX);
    let status = line(&mut head)?;
    let status = status.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
    let status = status.and_then(|digits| digits.parse().ok()).ok_or_else(damaged)?;
    let (mut length, mut chunked) = (None, false);
    loop {
        let line = line(&mut head)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(damaged)?;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse::<u64>().map_err(|_| damaged())?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.trim().eq_ignore_ascii_case("chunked");
        }
    }
    let mut body = Vec::new();
    match length {
        _ if matches!(status, 100..=199 | 204 | 304) => {}
        _ if chunked => read_chunks(reader, &mut body)?,
        Some(length) => read_exactly(reader, length, &mut body)?,
        None => {
            reader.take(BODY_BYTES_MAX).read_to_end(&mut body)?;
        }
    }
    Ok((status, body))
}

/// RFC 9112, section 7.1; trailers are passed over.
fn read_chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut head = reader.take(HEAD_BYTES_MAX);
        let size = line(&mut head)?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| damaged())?;
        if size > 0 {
            read_exactly(reader, size, body)?;
        }
        let mut end = reader.take(HEAD_BYTES_MAX);
        while !line(&mut end)?.is_empty() {
            if size > 0 {
                return Err(damaged());
            }
        }
        if size == 0 {
            return Ok(());
        }
    }
}

fn read_exactly(reader: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> io::Result<()> {
    if length > BODY_BYTES_MAX.saturating_sub(body.len() as u64) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is too large"));
    }
    let read = reader.take(length).read_to_end(body)?;
    if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// A line without its end.
fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(rest) => Ok(rest.strip_suffix('\r').unwrap_or(rest).to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not an answer of HTTP/1.1")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn endpoints_are_hosts_with_or_without_ports() {
        let parsed = |url: &str| {
            let endpoint = Endpoint::parse(url, None).unwrap();
            (endpoint.host().to_owned(), endpoint.address.clone())
        };
        let text = |host: &str, address: &str| (host.to_owned(), address.to_owned());
        assert_eq!(parsed("http://localhost:8080/"), text("localhost:8080", "localhost:8080"));
        assert_eq!(parsed("http://kms"), text("kms", "kms:80"));
        assert_eq!(parsed("http://[::1]:8080"), text("[::1]:8080", "[::1]:8080"));
        assert_eq!(parsed("http://[::1]"), text("[::1]", "[::1]:80"));
        for wrong in ["kms", "ftp://kms", "http://", "http://kms/a", "http://a@b", "http://a:b"] {
            assert!(Endpoint::parse(wrong, None).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_an_answer_or_an_error(bytes: Vec<u8>) {
            let _ = answer(&mut &*bytes);
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let _ = answer(&mut &*[head, &*bytes].concat());
        }
    }
}

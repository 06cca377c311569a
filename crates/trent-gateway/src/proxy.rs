//! The PROXY protocol, versions 1 and 2: a load balancer says whose connection it passes on.
//!
//! Written after "The PROXY protocol" by HAProxy, sections 2.1 and 2.2. A trusted load balancer's
//! connection must begin with a header: taking one that has none for a client's own would record
//! the balancer as the source. Nobody else's connection is looked at, so that a client cannot say
//! that it is another one.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use trent_types::IpNetwork;

/// How long a header may take to come.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// What version 2 begins with (section 2.2).
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// What version 1 begins with.
const WORD: &[u8] = b"PROXY ";
/// The longest line of version 1, with its end (section 2.1).
const LINE_MAX: usize = 107;
/// The longest rest of version 2 that is read: addresses take 36 bytes, and what a balancer adds
/// about its own TLS a few hundred.
const REST_MAX: usize = 2_048;

/// Why there is no header.
#[derive(Debug, thiserror::Error)]
enum HeaderError {
    /// The balancer only looked whether somebody listens.
    #[error("the connection ended before its first byte")]
    Nothing,
    #[error("the connection ended within the header")]
    Cut(#[source] io::Error),
    #[error("the header took too long")]
    Late,
    #[error("{0}")]
    Malformed(&'static str),
}

/// Who the client of a new connection is: the peer itself, or whom a trusted one names. Reads no
/// byte beyond the header. `None`: the connection is to be closed.
pub async fn client_address(
    stream: &mut (impl AsyncRead + Unpin),
    peer: IpAddr,
    trusted: &[IpNetwork],
) -> Option<IpAddr> {
    if !trusted.iter().any(|network| network.contains(peer)) {
        return Some(peer);
    }
    let read = tokio::time::timeout(HEADER_TIME, source(stream)).await;
    match read.unwrap_or(Err(HeaderError::Late)) {
        Ok(source) => Some(source.unwrap_or(peer).to_canonical()),
        Err(HeaderError::Nothing) => None,
        Err(error) => {
            crate::meters::refused_proxy_headers().increment(1);
            tracing::warn!(%error, %peer, "no PROXY protocol header from a trusted proxy");
            None
        }
    }
}

/// Reads a header. `None`: it names no client, because the connection is the balancer's own.
async fn source(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<IpAddr>, HeaderError> {
    let mut start = [0; SIGNATURE.len()];
    // Both versions are longer than this. The first byte tells an end from a cut.
    match stream.read(&mut start[..1]).await {
        Ok(1) => {}
        Ok(_) => return Err(HeaderError::Nothing),
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
            return Err(HeaderError::Nothing);
        }
        Err(error) => return Err(HeaderError::Cut(error)),
    }
    stream.read_exact(&mut start[1..]).await.map_err(HeaderError::Cut)?;
    if start == SIGNATURE {
        return version_2(stream).await;
    }
    if start.starts_with(WORD) {
        return version_1(stream, &start).await;
    }
    Err(HeaderError::Malformed("it is no PROXY protocol header"))
}

async fn version_1(
    stream: &mut (impl AsyncRead + Unpin),
    start: &[u8],
) -> Result<Option<IpAddr>, HeaderError> {
    let mut line = Vec::with_capacity(LINE_MAX);
    line.extend_from_slice(start);
    // Byte by byte: how long the line is shows at its end, and what follows is the client's.
    while !line.ends_with(b"\r\n") {
        if line.len() == LINE_MAX {
            return Err(HeaderError::Malformed("the line is too long"));
        }
        line.push(stream.read_u8().await.map_err(HeaderError::Cut)?);
    }
    let text = line.strip_prefix(WORD).and_then(|rest| rest.strip_suffix(b"\r\n"));
    let text = text.and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(read_line).ok_or(HeaderError::Malformed("the line is malformed"))
}

/// What stands between `PROXY ` and the line's end: `TCP4 192.0.2.1 192.0.2.2 56324 443`.
fn read_line(text: &str) -> Option<Option<IpAddr>> {
    let (family, addresses) = text.split_once(' ').unwrap_or((text, ""));
    let mut parts = addresses.split(' ');
    let mut next = || parts.next();
    let (source, _destination): (IpAddr, IpAddr) = match family {
        // Whatever follows is to be ignored.
        "UNKNOWN" => return Some(None),
        "TCP4" => {
            let mut address = || next()?.parse::<Ipv4Addr>().ok();
            (address()?.into(), address()?.into())
        }
        "TCP6" => {
            let mut address = || next()?.parse::<Ipv6Addr>().ok();
            (address()?.into(), address()?.into())
        }
        _ => return None,
    };
    let ports = [next()?, next()?];
    let whole = ports.into_iter().all(is_port) && next().is_none();
    whole.then_some(Some(source))
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// After the signature: version and command, family and protocol, the length of the rest, the rest.
async fn version_2(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<IpAddr>, HeaderError> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.map_err(HeaderError::Cut)?;
    let [command, family, high, low] = head;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > REST_MAX {
        return Err(HeaderError::Malformed("the header is too long"));
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await.map_err(HeaderError::Cut)?;
    match (command, family) {
        // LOCAL: a health check. Or PROXY with a family that is not told.
        (0x20, _) | (0x21, 0x00) => Ok(None),
        (0x21, 0x11) => {
            let (source, _) = endpoints::<4>(&rest)?;
            Ok(Some(Ipv4Addr::from(source).into()))
        }
        (0x21, 0x21) => {
            let (source, _) = endpoints::<16>(&rest)?;
            Ok(Some(Ipv6Addr::from(source).into()))
        }
        (0x21, _) => Err(HeaderError::Malformed("the client did not come over TCP")),
        (_, _) => Err(HeaderError::Malformed("the version or the command is unknown")),
    }
}

/// Source and destination, which two ports of two bytes and further parts follow.
fn endpoints<const N: usize>(rest: &[u8]) -> Result<([u8; N], [u8; N]), HeaderError> {
    let split = rest.split_first_chunk::<N>().and_then(|(source, rest)| {
        let (destination, rest) = rest.split_first_chunk::<N>()?;
        (rest.len() >= 4).then_some((*source, *destination))
    });
    split.ok_or(HeaderError::Malformed("the addresses are cut off"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    const PEER: &str = "10.1.2.3";

    /// Header of version 2 with this command, family and rest.
    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, rest].concat()
    }

    fn tcp4() -> Vec<u8> {
        v2(0x21, 0x11, &[203, 0, 113, 9, 192, 0, 2, 1, 0xdc, 4, 1, 0xbb])
    }

    fn tcp6(further: usize) -> Vec<u8> {
        let source: Ipv6Addr = "2001:db8::9".parse().unwrap();
        let rest = [source.octets(), [0; 16]].concat();
        v2(0x21, 0x21, &[&rest[..], &[0; 4], &vec![0xEE; further]].concat())
    }

    /// What a trusted balancer's connection that begins with these bytes comes from, and what is
    /// left of them.
    async fn told(sent: &[u8]) -> (Option<String>, Vec<u8>) {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let mut stream = sent;
        let found = client_address(&mut stream, PEER.parse().unwrap(), &trusted).await;
        (found.map(|address| address.to_string()), stream.to_vec())
    }

    #[tokio::test]
    async fn headers_name_the_client_and_nothing_behind_them_is_read() {
        for (header, expected) in [
            (b"PROXY TCP4 203.0.113.9 192.0.2.1 56324 443\r\n".to_vec(), "203.0.113.9"),
            (b"PROXY TCP6 2001:db8::9 ::1 1 65535\r\n".to_vec(), "2001:db8::9"),
            (b"PROXY TCP6 ::ffff:203.0.113.9 ::1 1 65535\r\n".to_vec(), "203.0.113.9"),
            (b"PROXY UNKNOWN\r\n".to_vec(), PEER),
            (b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n".to_vec(), PEER),
            (tcp4(), "203.0.113.9"),
            (tcp6(0), "2001:db8::9"),
            (tcp6(500), "2001:db8::9"),
            (v2(0x20, 0x00, &[]), PEER),
            (v2(0x20, 0x11, &[9; 12]), PEER),
            (v2(0x21, 0x00, &[9; 30]), PEER),
        ] {
            let sent = [&header[..], b"POST / HTTP/1.1"].concat();
            let (found, left) = told(&sent).await;
            assert_eq!(found.as_deref(), Some(expected), "{}", header.escape_ascii());
            assert_eq!(left, b"POST / HTTP/1.1");
        }
    }

    #[tokio::test]
    async fn what_is_no_header_closes_the_connection() {
        let long_line = [b"PROXY UNKNOWN ".to_vec(), vec![b'x'; 200], b"\r\n".to_vec()].concat();
        for sent in [
            b"".to_vec(),
            b"POST / HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03rest".to_vec(),
            b"PROXY TCP4 203.0.113.9 192.0.2.1 56324\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.9 192.0.2.1 56324 443 1\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.9 192.0.2.1 56324 65536\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.9 192.0.2.1 +1 443\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.9  192.0.2.1 1 443\r\n".to_vec(),
            b"PROXY TCP4 2001:db8::9 ::1 56324 443\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.9 192.0.2.1 56324 443\n".to_vec(),
            b"PROXY TCP6 203.0.113.9 192.0.2.1 56324 443\r\n".to_vec(),
            b"PROXY UDP4 203.0.113.9 192.0.2.1 56324 443\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.9".to_vec(),
            long_line,
            v2(0x22, 0x11, &[9; 12]),
            v2(0x11, 0x11, &[9; 12]),
            v2(0x21, 0x12, &[9; 12]),
            v2(0x21, 0x31, &[9; 216]),
            v2(0x21, 0x11, &[9; 11]),
            v2(0x21, 0x21, &[9; 35]),
            v2(0x20, 0x00, &[9; REST_MAX + 1]),
            tcp4()[..20].to_vec(),
        ] {
            assert_eq!(told(&sent).await.0, None, "{}", sent.escape_ascii());
        }
    }

    #[tokio::test]
    async fn others_are_not_looked_at() {
        let trusted = ["192.0.2.0/24".parse().unwrap()];
        let sent = tcp4();
        let mut stream = &sent[..];
        let peer: IpAddr = PEER.parse().unwrap();
        assert_eq!(client_address(&mut stream, peer, &trusted).await, Some(peer));
        assert_eq!(stream.len(), sent.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_may_come_in_pieces_but_not_late() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let peer: IpAddr = PEER.parse().unwrap();
        let line = b"PROXY TCP4 203.0.113.9 192.0.2.1 56324 443\r\n".to_vec();
        for (header, pause_ms, expected) in [
            (line.clone(), 10, Some("203.0.113.9")),
            (tcp4(), 10, Some("203.0.113.9")),
            (line, 400, None),
            (tcp4(), 400, None),
        ] {
            let (mut client, mut server) = tokio::io::duplex(1);
            let sending = async {
                for byte in header {
                    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                    client.write_all(&[byte]).await.unwrap();
                }
                std::future::pending::<()>().await;
            };
            let found = tokio::select! {
                () = sending => unreachable!(),
                found = client_address(&mut server, peer, &trusted) => found,
            };
            assert_eq!(found.map(|address| address.to_string()).as_deref(), expected);
        }
    }

    proptest! {
        /// Bytes that begin well, or not.
        #[test]
        fn any_bytes_are_a_header_or_none(
            begun in prop::sample::select(vec![
                b"".to_vec(), b"PROXY ".to_vec(), b"PROXY TCP4 ".to_vec(), SIGNATURE.to_vec(),
                [&SIGNATURE[..], &[0x21, 0x11]].concat(), [&SIGNATURE[..], &[0x21, 0x21]].concat(),
            ]),
            further in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            let sent = [begun, further].concat();
            let (found, left) = runtime.unwrap().block_on(told(&sent));
            prop_assert!(sent.ends_with(&left));
            let header = &sent[..sent.len() - left.len()];
            if found.is_some() {
                prop_assert!(header.starts_with(b"PROXY ") || header.starts_with(&SIGNATURE));
                prop_assert!(header.len() >= b"PROXY UNKNOWN\r\n".len());
            }
        }

        #[test]
        fn every_client_can_be_named(source: IpAddr, destination: IpAddr, port: u16) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            let runtime = runtime.unwrap();
            let (family, word, bytes) = match (source, destination) {
                (IpAddr::V4(from), IpAddr::V4(to)) => {
                    (0x11, "TCP4", [&from.octets()[..], &to.octets()].concat())
                }
                (IpAddr::V6(from), IpAddr::V6(to)) => {
                    (0x21, "TCP6", [&from.octets()[..], &to.octets()].concat())
                }
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return Ok(()),
            };
            let ports = [port.to_be_bytes(), [1, 0xBB]].concat();
            let expected = Some(source.to_canonical().to_string());
            let binary = v2(0x21, family, &[bytes, ports].concat());
            prop_assert_eq!(runtime.block_on(told(&binary)).0, expected.clone());
            let line = format!("PROXY {word} {source} {destination} {port} 443\r\n");
            prop_assert_eq!(runtime.block_on(told(line.as_bytes())).0, expected);
        }
    }
}

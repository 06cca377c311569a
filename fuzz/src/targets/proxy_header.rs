//! The PROXY protocol: a header is read to its end and not further, and only from who is trusted.

use std::net::IpAddr;

use tokio::runtime::{Builder, Runtime};
use trent_gateway::client_address;
use trent_types::IpNetwork;

/// What a new connection begins with.
pub(super) fn run(data: &[u8]) -> bool {
    thread_local! {
        static RUNTIME: Runtime =
            Builder::new_current_thread().enable_time().build().expect("a runtime");
    }
    let peer: IpAddr = "10.1.2.3".parse().expect("an address");
    let trusted: [IpNetwork; 1] = ["10.0.0.0/8".parse().expect("a network")];
    let read = |trusted: &[IpNetwork]| {
        let mut stream = data;
        let found =
            RUNTIME.with(|runtime| runtime.block_on(client_address(&mut stream, peer, trusted)));
        (found, stream)
    };
    assert_eq!(read(&[]), (Some(peer), data), "who is not trusted is not looked at");
    let (Some(found), left) = read(&trusted) else { return false };
    assert_eq!(found, found.to_canonical(), "an address has one form");
    let header = &data[..data.len() - left.len()];
    assert!(data.ends_with(left));
    if let Some(line) = header.strip_prefix(b"PROXY ") {
        let line = line.strip_suffix(b"\r\n").expect("a line has an end");
        assert!(header.len() <= 107, "section 2.1");
        assert!(!line.windows(2).any(|two| two == b"\r\n"), "read past the line's end");
        let line = std::str::from_utf8(line).expect("a line is text");
        let mut words = line.split(' ');
        match words.next() {
            Some("UNKNOWN") => assert_eq!(found, peer),
            _ => {
                let source: IpAddr = words.next().unwrap().parse().expect("an address");
                assert_eq!(found, source.to_canonical());
                assert_eq!(words.count(), 3, "a destination and two ports");
            }
        }
    } else {
        let signature = b"\r\n\r\n\0\r\nQUIT\n";
        let rest = header.strip_prefix(signature).expect("version 1 or 2");
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        assert_eq!(rest.len(), 4 + length, "section 2.2");
        match rest[..2] {
            [0x21, 0x11] => {
                assert_eq!(found, IpAddr::from(<[u8; 4]>::try_from(&rest[4..8]).unwrap()))
            }
            [0x21, 0x21] => {
                let source = IpAddr::from(<[u8; 16]>::try_from(&rest[4..20]).unwrap());
                assert_eq!(found, source.to_canonical());
            }
            _ => assert_eq!(found, peer),
        }
    }
    true
}

/// Headers of both versions, with a request behind some.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let v2 = |head: &[u8], rest: &[u8]| [b"\r\n\r\n\0\r\nQUIT\n", head, rest].concat();
    vec![
        b"PROXY TCP4 203.0.113.9 192.0.2.1 56324 443\r\nPOST / HTTP/1.1\r\n".to_vec(),
        b"PROXY TCP6 2001:db8::9 ::1 1 65535\r\n".to_vec(),
        b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n".to_vec(),
        v2(&[0x21, 0x11, 0, 12], &[203, 0, 113, 9, 192, 0, 2, 1, 0xDC, 4, 1, 0xBB, b'P']),
        v2(&[0x21, 0x21, 0, 36], &[0x20; 36]),
        v2(&[0x21, 0x21, 0, 40], &[0; 40]),
        v2(&[0x20, 0, 0, 0], b"POST"),
        v2(&[0x21, 0, 0, 3], b"abcPOST"),
    ]
}

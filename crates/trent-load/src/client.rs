//! A keep-alive HTTP/1.1 client that does as little as possible for each request.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::error::LoadError;

/// The longest answer that is taken.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A server on this machine.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    /// The `Host` header.
    pub(crate) host: String,
}

impl Endpoint {
    /// Takes `http://` and a loopback address with its port.
    pub(crate) fn parse(url: &str) -> Result<Self, LoadError> {
        let refused = || LoadError::NotLoopback(url.to_owned());
        let host = url.strip_prefix("http://").ok_or_else(refused)?.trim_end_matches('/');
        let numeric = match host.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => host.to_owned(),
        };
        let address: SocketAddr = numeric.parse().map_err(|_| refused())?;
        if !address.ip().is_loopback() {
            return Err(refused());
        }
        Ok(Self { address, host: host.to_owned() })
    }
}

/// One connection, one request at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(endpoint: &Endpoint) -> Result<Self, LoadError> {
        let stream = TcpStream::connect(endpoint.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a whole request and returns the body of the answer, when its status is 2xx.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<&[u8], LoadError> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(head) = Head::parse(&self.buffer)? {
                break head;
            }
            self.read_more().await?;
        };
        let end = head.body_start + head.body_bytes;
        while self.buffer.len() < end {
            self.read_more().await?;
        }
        let body = self.buffer.get(head.body_start..end).unwrap_or_default();
        if (200..300).contains(&head.status) {
            return Ok(body);
        }
        let start = body.get(..body.len().min(300)).unwrap_or_default();
        let body = String::from_utf8_lossy(start).into_owned();
        Err(LoadError::Refused { status: head.status, body })
    }

    async fn read_more(&mut self) -> Result<(), LoadError> {
        if self.buffer.len() > ANSWER_BYTES_MAX {
            return Err(LoadError::NotHttp("longer than 1 MiB"));
        }
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(LoadError::NotHttp("the connection was closed")),
            _ => Ok(()),
        }
    }
}

/// What there is to know of an answer's head.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    body_start: usize,
    body_bytes: usize,
}

impl Head {
    /// Reads a head; `None` while it is not complete.
    fn parse(buffer: &[u8]) -> Result<Option<Self>, LoadError> {
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = buffer.get(..end).unwrap_or_default();
        let head = std::str::from_utf8(head).map_err(|_| LoadError::NotHttp("not text"))?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 "));
        let status = status.and_then(|rest| rest.get(..3)?.parse().ok());
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        Ok(Some(Self {
            status: status.ok_or(LoadError::NotHttp("no status"))?,
            body_start: end + 4,
            body_bytes: length
                .filter(|length| *length <= ANSWER_BYTES_MAX)
                .ok_or(LoadError::NotHttp("no Content-Length"))?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loaded() {
        for good in ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:1"] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://192.0.2.1:80",
            "http://kms.us-east-1.amazonaws.com:80",
            "https://127.0.0.1:1",
            "http://127.0.0.1",
            "http://localhost:80.example.com",
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let answer = b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 12\r\n\r\nhello";
        let expected = Head { status: 200, body_start: 50, body_bytes: 12 };
        assert_eq!(Head::parse(answer).unwrap(), Some(expected));
        assert_eq!(Head::parse(&answer[..40]).unwrap(), None);
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(Head::parse(b"SMTP\r\ncontent-length: 1\r\n\r\n").is_err());
    }
}

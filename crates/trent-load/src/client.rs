//! A keep-alive HTTP/1.1 client that does as little as possible for each request.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};

use crate::endpoint::{Endpoint, Socket};
use crate::error::LoadError;

/// The longest answer that is taken.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// How long a connection may take, TLS included: what the SDKs wait.
pub(crate) const CONNECT_PATIENCE: Duration = Duration::from_millis(3100);

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl<'a> Answer<'a> {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, when the status is 2xx.
    pub(crate) fn success(self) -> Result<&'a [u8], LoadError> {
        if self.is_success() {
            return Ok(self.body);
        }
        let start = self.body.get(..self.body.len().min(300)).unwrap_or_default();
        let body = String::from_utf8_lossy(start).into_owned();
        Err(LoadError::Refused { status: self.status, body })
    }
}

/// One connection, one request at a time.
pub(crate) struct Connection {
    socket: Box<dyn Socket>,
    buffer: Vec<u8>,
    /// Whether the server lets it live on after the last answer.
    kept: bool,
}

impl Connection {
    /// Connects to one of the endpoint's addresses.
    pub(crate) async fn open(endpoint: &Endpoint, turn: usize) -> Result<Self, LoadError> {
        let socket = endpoint.connect(turn, CONNECT_PATIENCE).await?;
        Ok(Self { socket, buffer: Vec::with_capacity(16 * 1024), kept: true })
    }

    /// Sends a whole request and returns the answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>, LoadError> {
        self.socket.write_all(request).await?;
        self.socket.flush().await?;
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
        self.kept = head.kept;
        let body = self.buffer.get(head.body_start..end).unwrap_or_default();
        Ok(Answer { status: head.status, body })
    }

    /// Whether the server lets the connection live on after the last answer.
    pub(crate) const fn is_kept(&self) -> bool {
        self.kept
    }

    /// Whether another request can be sent: neither side has closed it.
    pub(crate) fn is_usable(&mut self) -> bool {
        let mut byte = [0_u8; 1];
        let mut context = Context::from_waker(Waker::noop());
        let polled =
            Pin::new(&mut self.socket).poll_read(&mut context, &mut ReadBuf::new(&mut byte));
        self.kept && matches!(polled, Poll::Pending)
    }

    async fn read_more(&mut self) -> Result<(), LoadError> {
        if self.buffer.len() > ANSWER_BYTES_MAX {
            return Err(LoadError::NotHttp("longer than 1 MiB"));
        }
        match self.socket.read_buf(&mut self.buffer).await? {
            0 => Err(LoadError::Closed),
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
    kept: bool,
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
        let (mut length, mut kept) = (None, true);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            } else if name.eq_ignore_ascii_case("connection") {
                kept = !value.trim().eq_ignore_ascii_case("close");
            }
        }
        Ok(Some(Self {
            status: status.ok_or(LoadError::NotHttp("no status"))?,
            body_start: end + 4,
            body_bytes: length
                .filter(|length| *length <= ANSWER_BYTES_MAX)
                .ok_or(LoadError::NotHttp("no Content-Length"))?,
            kept,
        }))
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let answer = b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 12\r\n\r\nhello";
        let expected = Head { status: 200, body_start: 50, body_bytes: 12, kept: true };
        assert_eq!(Head::parse(answer).unwrap(), Some(expected));
        assert_eq!(Head::parse(&answer[..40]).unwrap(), None);
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(Head::parse(b"SMTP\r\ncontent-length: 1\r\n\r\n").is_err());
        let last = b"HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        assert!(!Head::parse(last).unwrap().unwrap().kept);
    }

    #[tokio::test]
    async fn a_connection_that_the_server_has_closed_is_not_usable() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let endpoint = Endpoint::parse(&url, None).unwrap();
        let mut connection = Connection::open(&endpoint, 0).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        assert!(connection.is_usable());
        drop(stream);
        let closed = async {
            while connection.is_usable() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), closed).await.unwrap();
    }
}

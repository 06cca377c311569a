//! An OTLP receiver that keeps every body as it came.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was exported, byte for byte.
#[derive(Debug)]
pub struct OtlpSink {
    /// For `TRENT_OTLP_ENDPOINT`.
    pub endpoint: String,
    received: Arc<Mutex<Vec<u8>>>,
}

impl OtlpSink {
    /// Listens on a free port, for as long as the process lives.
    ///
    /// # Panics
    /// When there is no port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let received = Arc::<Mutex<Vec<u8>>>::default();
        let kept = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || while take(&stream, &kept).is_ok() {});
            }
        });
        Self { endpoint, received }
    }

    /// Everything so far.
    ///
    /// # Panics
    /// When a connection's thread has panicked.
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        self.received.lock().expect("what was received").clone()
    }
}

/// Takes one request.
fn take(stream: &TcpStream, kept: &Mutex<Vec<u8>>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim().to_ascii_lowercase();
        assert!(!line.starts_with("content-encoding"), "compressed bodies cannot be searched");
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        kept.lock().expect("the others").extend_from_slice(line.as_bytes());
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    kept.lock().expect("the others").extend_from_slice(&body);
    let mut stream = stream;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\n")?;
    stream.write_all(b"content-length: 0\r\n\r\n")
}

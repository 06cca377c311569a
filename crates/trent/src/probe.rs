//! `trent health` and `trent ready`: ask a process's admin listener. They are the health check of
//! images that have no other program to ask with.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use clap::Args;
use trent_runtime::{Options, StartError};

/// How long the listener may take to accept, and then for each piece of its answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is read of an answer, at most.
const ANSWER_MAX_BYTES: u64 = 1024 * 1024;

/// Which process to ask.
#[derive(Debug, Args)]
pub(crate) struct Probe {
    /// The admin listener, as in http://127.0.0.1:8081 [default: where this process's own
    /// configuration (TRENT_ADMIN_LISTEN) puts it]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    options: Options,
}

/// Asks for `/health` or `/ready` and prints the answer.
///
/// # Errors
/// [`StartError::Environment`] (exit status 1) when there is no answer within the time or it is not
/// 200 OK; [`StartError::Configuration`] when the address is none.
pub(crate) fn run(probe: Probe, path: &str) -> Result<(), StartError> {
    let addresses = match &probe.url {
        Some(url) => resolve(url)?,
        None => vec![reachable(probe.options.settings()?.admin_listen)],
    };
    let mut answer = Err(StartError::Configuration("--url: the name has no address".into()));
    for address in addresses {
        answer = ask(address, path);
        if answer.is_ok() {
            break;
        }
    }
    println!("{}", answer?);
    Ok(())
}

/// The metrics of the process whose admin listener is configured as this.
///
/// # Errors
/// [`StartError::Environment`] when there is no answer within the time.
pub(crate) fn metrics(listen: SocketAddr) -> Result<String, StartError> {
    ask(reachable(listen), "/metrics")
}

/// The addresses of `http://host:port`.
fn resolve(url: &str) -> Result<Vec<SocketAddr>, StartError> {
    let wrong = |reason: &str| StartError::Configuration(format!("--url: {url}: {reason}"));
    let rest = url.strip_prefix("http://").ok_or_else(|| wrong("must start with http://"))?;
    let addresses = rest.trim_end_matches('/').to_socket_addrs();
    Ok(addresses.map_err(|error| wrong(&error.to_string()))?.collect())
}

/// Who listens on every address of the host is asked on loopback.
const fn reachable(listen: SocketAddr) -> SocketAddr {
    let address = match listen.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        given @ (IpAddr::V4(_) | IpAddr::V6(_)) => given,
    };
    SocketAddr::new(address, listen.port())
}

/// One GET; the body of an answer with status 200.
fn ask(address: SocketAddr, path: &str) -> Result<String, StartError> {
    let answer = exchange(address, path)
        .map_err(|error| StartError::Environment(format!("http://{address}{path}: {error}")))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let body = body.trim().to_owned();
    if head.split(' ').nth(1) == Some("200") {
        return Ok(body);
    }
    let status = head.lines().next().unwrap_or_default();
    let reason = body.replace('\n', "; ");
    Err(StartError::Environment(format!("http://{address}{path}: {status}: {reason}")))
}

fn exchange(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A listener that gives one answer, and the request line that it got.
    fn one_answer(answer: &'static str) -> (SocketAddr, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let first = lines.next().unwrap();
            lines.find(String::is_empty).unwrap();
            (&stream).write_all(answer.as_bytes()).unwrap();
            first
        });
        (address, asked)
    }

    #[test]
    fn ready_is_what_answers_200() {
        let (address, asked) = one_answer("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nready\n");
        assert_eq!(ask(address, "/ready").unwrap(), "ready");
        assert_eq!(asked.join().unwrap(), "GET /ready HTTP/1.1");
    }

    #[test]
    fn every_other_answer_is_told_with_its_reasons() {
        let answer = "HTTP/1.1 503 Service Unavailable\r\n\r\nbus: disconnected\nlease: none\n";
        let (address, asked) = one_answer(answer);
        let text = ask(address, "/ready").unwrap_err().to_string();
        assert!(
            text.ends_with("503 Service Unavailable: bus: disconnected; lease: none"),
            "{text}"
        );
        asked.join().unwrap();
        let (address, asked) = one_answer("");
        assert_eq!(ask(address, "/health").unwrap_err().exit_status(), 1);
        asked.join().unwrap();
    }

    #[test]
    fn nobody_there_is_a_failure_and_a_wrong_url_is_named() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(ask(free, "/ready").unwrap_err().exit_status(), 1);
        for url in ["127.0.0.1:8081", "https://127.0.0.1:8081", "http://127.0.0.1"] {
            let error = resolve(url).unwrap_err();
            assert_eq!(error.exit_status(), 64);
            assert!(error.to_string().contains(url), "{error}");
        }
        assert_eq!(resolve("http://127.0.0.1:8081/").unwrap(), ["127.0.0.1:8081".parse().unwrap()]);
    }

    #[test]
    fn who_listens_everywhere_is_asked_on_loopback() {
        for (listen, asked) in [
            ("0.0.0.0:8081", "127.0.0.1:8081"),
            ("[::]:8081", "[::1]:8081"),
            ("10.1.2.3:9", "10.1.2.3:9"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}

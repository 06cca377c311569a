//! The closed loop: so many connections, each sending its next request when the answer is there.

mod report;

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Args;
use tokio::task::LocalSet;
use trent_types::{Clock, SystemClock};

pub(crate) use self::report::{Comparison, Failure, Report, Run, SCHEMA};
use crate::client::Connection;
use crate::endpoint::Endpoint;
use crate::error::LoadError;
use crate::fixtures::{Fixtures, Wanted};
use crate::latencies::Latencies;
use crate::ops::SizedOperation;
use crate::sign::{Api, Signer};
use crate::{proc, table};

/// How many differently signed requests take turns.
const VARIANTS: usize = 64;

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// Trent, as in http://127.0.0.1:8080.
    #[arg(long)]
    trent_endpoint: String,
    /// Trent's processes, comma-separated; their descendants count too.
    #[arg(long, visible_alias = "trent-pids", value_delimiter = ',', required = true)]
    trent_pid: Vec<u32>,
    /// The echo, as in http://127.0.0.1:4100.
    #[arg(long)]
    echo_endpoint: String,
    /// The echo's process.
    #[arg(long, value_delimiter = ',', required = true)]
    echo_pid: Vec<u32>,
    /// The Region to sign for.
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// The operations, comma-separated; `encrypt:4096` is one with a size.
    #[arg(long, value_delimiter = ',', default_value = "encrypt,decrypt,datakey,describe,random")]
    ops: Vec<String>,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// The length of each run.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Runs of each server and operation; the median is kept.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Where to write the report as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Loads, prints and reports; fails when an operation had an answer that was no success.
pub(crate) fn run(arguments: &BenchArguments) -> Result<ExitCode, LoadError> {
    let trent = Server::of(&arguments.trent_endpoint, &arguments.trent_pid)?;
    let echo = Server::of(&arguments.echo_endpoint, &arguments.echo_pid)?;
    let signer = Signer::from_environment(&arguments.region)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let comparing = compare_all(arguments, &signer, &trent, &echo);
    let report = runtime.block_on(LocalSet::new().run_until(comparing))?;
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn compare_all(
    arguments: &BenchArguments,
    signer: &Signer,
    trent: &Server,
    echo: &Server,
) -> Result<Report, LoadError> {
    let mut report = Report {
        schema: SCHEMA,
        at: SystemClock.now().iso8601(),
        connections: arguments.connections,
        seconds: arguments.seconds,
        repeat: arguments.repeat,
        rss_before_load_bytes: proc::rss_bytes(&trent.pids),
        results: Vec::new(),
        failures: Vec::new(),
    };
    let ops = arguments.ops.iter().map(|name| SizedOperation::parse(name, 32));
    let ops = ops.collect::<Result<Vec<_>, _>>()?;
    let endpoint = &trent.endpoint;
    let wanted = Wanted { endpoint, signer, prefix: "trent-load-bench", keys: 1, policy: None };
    let fixtures = Fixtures::prepare(&wanted, &ops).await?;
    table::print_head(report.rss_before_load_bytes)?;
    for op in ops {
        let sample = fixtures.sample(op.bytes, 0);
        let body = fixtures.body(&op, (0, 0), sample.as_deref()).into_bytes();
        let load = Load { arguments, signer, op, body };
        match load.compare(trent, echo).await {
            Ok(comparison) => {
                table::print_row(&comparison)?;
                report.results.push(comparison);
            }
            Err(error) => {
                let failure = Failure { op: op.to_string(), error: error.to_string() };
                table::print_failure(&failure.op, &failure.error)?;
                report.failures.push(failure);
            }
        }
    }
    Ok(report)
}

/// A server under load.
struct Server {
    endpoint: Endpoint,
    pids: Vec<u32>,
}

impl Server {
    fn of(endpoint: &str, pids: &[u32]) -> Result<Self, LoadError> {
        if pids.iter().any(|pid| !proc::exists(*pid)) {
            return Err(LoadError::Missing("process for one of the pids"));
        }
        Ok(Self { endpoint: Endpoint::loopback(endpoint)?, pids: pids.to_vec() })
    }
}

/// One operation, to be sent to either server.
struct Load<'a> {
    arguments: &'a BenchArguments,
    signer: &'a Signer,
    op: SizedOperation,
    body: Vec<u8>,
}

impl Load<'_> {
    /// Runs the echo and Trent in turn, so that both meet the same machine.
    async fn compare(&self, trent: &Server, echo: &Server) -> Result<Comparison, LoadError> {
        let (mut trent_runs, mut echo_runs) = (Vec::new(), Vec::new());
        for _ in 0..self.arguments.repeat {
            echo_runs.push(self.run(echo).await?);
            trent_runs.push(self.run(trent).await?);
        }
        let none = LoadError::Missing("run");
        let (Some(trent), Some(echo)) = (median(trent_runs), median(echo_runs)) else {
            return Err(none);
        };
        let share_of_echo = trent.requests_per_cpu_second / echo.requests_per_cpu_second;
        Ok(Comparison { op: self.op.to_string(), trent, echo, share_of_echo })
    }

    async fn run(&self, server: &Server) -> Result<Run, LoadError> {
        let requests: Rc<[Vec<u8>]> = (0..VARIANTS).map(|at| self.signed(server, at)).collect();
        let mut connections = Vec::with_capacity(self.arguments.connections);
        for at in 0..self.arguments.connections {
            // The first request of a connection is not measured, and shows whether it is served.
            let mut connection = Connection::open(&server.endpoint, at).await?;
            let first = requests.get(at % VARIANTS).ok_or(LoadError::Missing("request"))?;
            connection.exchange(first).await?.success()?;
            connections.push(connection);
        }
        let rss = Rc::new(Cell::new(0));
        let sampler = tokio::task::spawn_local(sample_rss(server.pids.clone(), Rc::clone(&rss)));
        let (cpu_before, start) = (proc::cpu_seconds(&server.pids), Instant::now());
        let deadline = start + Duration::from_secs(self.arguments.seconds);
        let loops: Vec<_> = connections
            .into_iter()
            .enumerate()
            .map(|(at, connection)| {
                tokio::task::spawn_local(send_until(deadline, connection, Rc::clone(&requests), at))
            })
            .collect();
        let mut histogram = Latencies::new()?;
        let mut failed = None;
        for one in loops {
            match one.await {
                Ok(Ok(part)) => histogram.merge(&part),
                Ok(Err(error)) => failed = Some(error),
                Err(_) => failed = Some(LoadError::Missing("end of a connection's loop")),
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        let cpu = proc::cpu_seconds(&server.pids) - cpu_before;
        sampler.abort();
        rss.set(rss.get().max(proc::rss_bytes(&server.pids)));
        match failed {
            Some(error) => Err(error),
            None => Ok(Run::of(&histogram, seconds, cpu, rss.get())),
        }
    }

    fn signed(&self, server: &Server, variant: usize) -> Vec<u8> {
        let (host, now) = (&server.endpoint.host, SystemClock.now());
        let api = Api::Kms(self.op.operation.action);
        self.signer.request(host, api, &self.body, now, variant as u128)
    }
}

/// One connection's closed loop; the first answer that is no success ends it.
async fn send_until(
    deadline: Instant,
    mut connection: Connection,
    requests: Rc<[Vec<u8>]>,
    first: usize,
) -> Result<Latencies, LoadError> {
    let mut histogram = Latencies::new()?;
    let mut sent = Instant::now();
    for request in requests.iter().cycle().skip(first % VARIANTS) {
        if sent >= deadline {
            break;
        }
        connection.exchange(request).await?.success()?;
        let answered = Instant::now();
        histogram.record(answered - sent);
        sent = answered;
    }
    Ok(histogram)
}

/// Keeps the largest reading, four times a second, until it is aborted.
async fn sample_rss(pids: Vec<u32>, largest: Rc<Cell<u64>>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(250));
    loop {
        ticks.tick().await;
        largest.set(largest.get().max(proc::rss_bytes(&pids)));
    }
}

/// The run in the middle by CPU cost.
fn median(mut runs: Vec<Run>) -> Option<Run> {
    runs.sort_by(|one, other| {
        one.requests_per_cpu_second.total_cmp(&other.requests_per_cpu_second)
    });
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        bench: BenchArguments,
    }

    fn arguments() -> BenchArguments {
        let line = "x --trent-endpoint http://127.0.0.1:1 --trent-pid 1 \
                    --echo-endpoint http://127.0.0.1:1 --echo-pid 1 \
                    --connections 4 --seconds 1 --repeat 1";
        Line::parse_from(line.split_whitespace()).bench
    }

    async fn listen() -> (TcpListener, Server) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::of(&url, &[std::process::id()]).unwrap();
        (listener, server)
    }

    fn signer() -> Signer {
        Signer::new("a", "s", "us-east-1")
    }

    #[tokio::test]
    async fn a_server_that_answers_is_measured() {
        let (listener, server) = listen().await;
        tokio::spawn(crate::echo::accept(listener));
        let (arguments, signer) = (arguments(), signer());
        let load = Load {
            arguments: &arguments,
            signer: &signer,
            op: SizedOperation::parse("random", 32).unwrap(),
            body: b"{}".to_vec(),
        };
        let run = LocalSet::new().run_until(load.compare(&server, &server)).await.unwrap();
        assert!(run.trent.requests > 4 && run.echo.requests > 4, "{run:?}");
        assert!(run.trent.rss_bytes > 0 && run.trent.p50_ms <= run.trent.p99_ms, "{run:?}");
    }

    #[tokio::test]
    async fn an_answer_that_is_no_success_fails_the_operation() {
        let (listener, server) = listen().await;
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                while stream.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {
                    let answer = b"HTTP/1.1 400 Bad\r\nContent-Length: 4\r\n\r\noops";
                    stream.write_all(answer).await.unwrap();
                }
            }
        });
        let (arguments, signer) = (arguments(), signer());
        let load = Load {
            arguments: &arguments,
            signer: &signer,
            op: SizedOperation::parse("random", 32).unwrap(),
            body: vec![],
        };
        let result = LocalSet::new().run_until(load.run(&server)).await;
        let Err(LoadError::Refused { status, body }) = result else { panic!("not refused") };
        assert_eq!((status, body.as_str()), (400, "oops"));
    }

    #[test]
    fn the_median_is_the_run_in_the_middle_by_cpu_cost() {
        let run = |per_cpu: f64| Run {
            requests_per_cpu_second: per_cpu,
            ..Run::of(&Latencies::new().unwrap(), 1.0, 1.0, 0)
        };
        let middle = median(vec![run(3.0), run(1.0), run(2.0)]).unwrap();
        assert!((middle.requests_per_cpu_second - 2.0).abs() < f64::EPSILON);
    }
}

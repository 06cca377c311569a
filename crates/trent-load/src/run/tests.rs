//! The load as a whole, against servers that misbehave on purpose.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    run: RunArguments,
}

fn arguments(endpoint: &str, more: &str) -> RunArguments {
    let line = format!("x --quiet --endpoint {endpoint} --warm-up 0 --seed 1 {more}");
    Line::parse_from(line.split_whitespace()).run
}

/// Loads without any preparation: DescribeKey of no key.
fn loaded(arguments: &RunArguments) -> Report {
    let mix = Mix::parse("describe-key", 32).unwrap();
    let thresholds = Thresholds::parse(arguments, &mix).unwrap();
    let endpoints = arguments.endpoint.iter();
    let plan = Plan {
        arguments,
        endpoints: endpoints.map(|url| Endpoint::parse(url, None).unwrap()).collect(),
        fixtures: Fixtures::of_samples(32, Vec::new()),
        chooser: Chooser::new(mix, arguments),
        signers: vec![Signer::new("a", "s", "us-east-1")],
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let loaded = runtime.block_on(load(plan)).unwrap();
    let mut report = summarize(arguments.clone(), String::new(), loaded).unwrap();
    report.thresholds = thresholds.judge(&report);
    report.passed = report.thresholds.iter().all(|verdict| verdict.held);
    report
}

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// A server in a thread of its own; `answer` says what the n-th request gets, and may block.
fn serve(answer: impl Fn(usize) -> String + Send + Sync + 'static) -> String {
    let (send, address) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            let (answer, count) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
                tokio::spawn(async move {
                    converse(stream, || answer(count.fetch_add(1, Ordering::SeqCst))).await;
                });
            }
        });
    });
    format!("http://{}", address.recv().unwrap())
}

async fn converse(mut stream: TcpStream, answer: impl Fn() -> String) {
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(bytes @ 1..) = stream.read(&mut buffer).await {
        seen.extend_from_slice(&buffer[..bytes]);
        if seen.ends_with(b"}") {
            seen.clear();
            let answer = answer();
            if answer.is_empty() || stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// A server that stands still for a second delays everyone who arrives in it. Only the time from
/// the intended start shows that; what each request took by itself hides it.
#[test]
fn a_stall_shows_in_response_times_and_hides_in_service_times() {
    let started = Instant::now();
    let stalled = std::sync::Once::new();
    let endpoint = serve(move |_| {
        if started.elapsed() > Duration::from_millis(700) {
            stalled.call_once(|| std::thread::sleep(Duration::from_secs(1)));
        }
        GOOD.to_owned()
    });
    let report =
        loaded(&arguments(&endpoint, "--rate 200 --arrivals uniform --connections 1 --seconds 3"));
    let Latency { response, service } = &report.latency;
    assert!(response.p99_ms > 800.0 && response.p90_ms > 300.0, "{response:?}");
    assert!(service.p99_ms < response.p99_ms / 2.0, "{service:?} {response:?}");
    assert_eq!((report.totals.arrivals, report.totals.succeeded), (600, 600));
    assert!(report.passed && report.totals.shed == 0);
}

#[test]
fn what_arrives_above_the_bound_is_shed_and_counted() {
    let endpoint = serve(|count| {
        if count == 0 {
            std::thread::sleep(Duration::from_millis(800));
        }
        GOOD.to_owned()
    });
    let line = "--rate 100 --arrivals uniform --connections 1 --outstanding 10 --seconds 1 \
                --max-shed 5";
    let report = loaded(&arguments(&endpoint, line));
    let totals = &report.totals;
    assert!(totals.shed > 20, "{totals:?}");
    assert_eq!(totals.arrivals, 100);
    assert_eq!(totals.shed + totals.succeeded, 100);
    let shed = report.thresholds.iter().find(|verdict| verdict.name == "shed").unwrap();
    assert!(!shed.held && !report.passed);
    assert_eq!(report.timeline.iter().map(|row| row.shed).sum::<u64>(), totals.shed);
}

#[test]
fn retryable_errors_are_retried_and_lost_answers_too() {
    let endpoint = serve(|count| match count % 5 {
        1 => "HTTP/1.1 400 Bad\r\nContent-Length: 32\r\n\r\n{\"__type\":\"ThrottlingException\"}"
            .into(),
        3 => String::new(),
        _ => GOOD.to_owned(),
    });
    for kind in ["", "--rate 50 "] {
        let line = "--connections 2 --threads 2 --seconds 1 --backoff-ms 5 --retries 9 \
                    --max-failed 0";
        let report = loaded(&arguments(&endpoint, &format!("{kind}{line}")));
        let totals = &report.totals;
        assert!(report.passed && totals.retries > 5 && totals.succeeded > 10, "{totals:?}");
        assert_eq!(totals.attempts, totals.succeeded + totals.retries);
        assert!(report.errors["ThrottlingException"].attempts > 0);
        assert!(report.errors["ConnectionClosed"].attempts > 0);
        assert!(report.errors.values().all(|count| count.failed == 0));
    }
}

#[test]
fn what_no_sdk_would_retry_fails_at_once() {
    let denied =
        "HTTP/1.1 400 Bad\r\nContent-Length: 34\r\n\r\n{\"__type\":\"AccessDeniedException\"}";
    let endpoint = serve(move |count| if count == 3 { denied } else { GOOD }.to_owned());
    let line = "--rate 50 --seconds 1 --max-failed 0 --p99-ms describe-key=10000,all=10000";
    let report = loaded(&arguments(&endpoint, line));
    assert_eq!((report.totals.failed, report.totals.retries), (1, 0));
    assert_eq!(report.errors["AccessDeniedException"].failed, 1);
    let held: Vec<_> = report.thresholds.iter().map(|verdict| verdict.held).collect();
    assert_eq!(held, [true, false, true, true]);
    assert!(!report.passed);
}

#[test]
fn requests_without_an_answer_are_given_up_and_counted() {
    let endpoint = serve(|count| {
        if count == 1 {
            std::thread::sleep(Duration::from_secs(4));
        }
        GOOD.to_owned()
    });
    let line = "--connections 1 --seconds 1 --drain 1 --fail-on-error";
    let report = loaded(&arguments(&endpoint, line));
    assert_eq!((report.totals.succeeded, report.totals.unanswered), (1, 1));
    assert_eq!(report.errors["Unanswered"].failed, 1);
    assert!(!report.passed);
}

#[test]
fn nobody_there_is_a_failed_load() {
    let line = "--connections 1 --seconds 1 --retries 0 --rate 20";
    let report = loaded(&arguments("http://127.0.0.1:1", line));
    assert!(!report.passed && report.totals.succeeded == 0);
    assert_eq!(report.errors["ConnectionRefused"].failed, report.totals.failed);
}

#[test]
fn an_endpoint_that_is_not_there_is_passed_over() {
    let endpoints = format!("http://127.0.0.1:1,{}", serve(|_| GOOD.to_owned()));
    let report = loaded(&arguments(&endpoints, "--rate 50 --seconds 1 --retries 0 --max-failed 0"));
    assert!(report.passed && report.totals.succeeded > 10, "{:?}", report.totals);
}

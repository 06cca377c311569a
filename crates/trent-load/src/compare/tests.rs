//! Comparisons of reports that the program's own structs were written as.

use std::fs;

use clap::Parser;
use proptest::prelude::*;

use super::*;
use crate::bench;
use crate::latencies::Latencies;
use crate::run::{Report, sample};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    compare: CompareArguments,
}

const LOAD: &str = "--rate 1000 --seconds 2 --warm-up 1 --mix encrypt=3,decrypt=1 --pid 1";

/// 1,500 answers within these milliseconds, and 10 of another operation.
fn report(line: &str, millis: u64) -> Report {
    sample::report(line, &[vec![millis * 1000; 1500], vec![2000; 10]])
}

fn compared(a: &impl Serialize, b: &impl Serialize, more: &str) -> Result<Compared, LoadError> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.json"), serde_json::to_string(a).unwrap()).unwrap();
    fs::write(path("b.json"), serde_json::to_string(b).unwrap()).unwrap();
    let line = ["x".into(), path("a.json").into(), path("b.json").into()];
    let more = more.split_whitespace().map(Into::into);
    compare(
        &Line::parse_from(line.into_iter().chain::<Vec<std::ffi::OsString>>(more.collect()))
            .compare,
    )
}

fn text(compared: &Compared) -> String {
    let mut out = Vec::new();
    text::print(&mut out, compared).unwrap();
    String::from_utf8(out).unwrap()
}

fn pair<'a>(compared: &'a Compared, operation: &str, figure: &str) -> &'a Pair {
    let mut pairs = compared.figures.iter();
    pairs.find(|pair| pair.operation == operation && pair.figure == figure).unwrap()
}

fn broken(compared: &Compared) -> Vec<&str> {
    let broken = compared.thresholds.iter().filter(|verdict| !verdict.held);
    broken.map(|verdict| verdict.name.as_str()).collect()
}

#[test]
fn a_slower_load_is_told_by_its_p99_and_by_the_exit_status() {
    let (fast, slow) = (report(LOAD, 10), report(LOAD, 13));
    let found = compared(&fast, &slow, "--max-slower 20").unwrap();
    assert_eq!(broken(&found), ["response_p99_ms all", "response_p99_ms encrypt"]);
    assert_eq!((found.passed, found.exit_status()), (false, 3));
    let p99 = pair(&found, "encrypt", "response_p99_ms");
    assert!((p99.ratio.unwrap() - 1.3).abs() < 0.01, "{p99:?}");
    let printed = text(&found);
    assert!(printed.contains("response p99.9 ms") && printed.contains("1.30"), "{printed}");
    assert!(printed.ends_with("FAILED: slower by more than 20 %\n"), "{printed}");

    for (a, b, more) in
        [(&fast, &slow, "--max-slower 40"), (&slow, &fast, "--max-slower 0"), (&fast, &slow, "")]
    {
        assert_eq!(compared(a, b, more).unwrap().exit_status(), 0, "{more}");
    }
}

#[test]
fn a_lower_throughput_is_told_too() {
    let full = report(LOAD, 10);
    let fewer = sample::report(LOAD, &[vec![10_000; 1100], vec![2000; 10]]);
    let found = compared(&full, &fewer, "--max-slower 10").unwrap();
    assert_eq!(broken(&found), ["requests_per_second all", "requests_per_cpu_second all"]);
    assert!(compared(&full, &fewer, "--max-slower 30").unwrap().passed);
    assert!(compared(&fewer, &full, "--max-slower 0").unwrap().passed);
}

#[test]
fn what_only_fails_is_slower_than_anything() {
    let nothing = sample::report(LOAD, &[vec![0; 1500], vec![0; 10]]);
    let found = compared(&report(LOAD, 10), &nothing, "--max-slower 50").unwrap();
    assert_eq!(broken(&found).len(), found.thresholds.len());
    assert_eq!(pair(&found, "all", "response_p99_ms").b, None);
    assert_eq!(pair(&found, "all", "failed").b, Some(1510.0));
    assert_eq!(pair(&found, "encrypt", "retries").ratio, None);
    assert!(text(&found).contains("threshold response p99 ms all: B/A nothing"));
}

#[test]
fn the_p99_of_few_requests_is_shown_and_not_judged() {
    let few = |millis: u64| sample::report(LOAD, &[vec![9000; 1500], vec![millis * 1000; 10]]);
    let found = compared(&few(1), &few(8), "--max-slower 10").unwrap();
    assert_eq!(pair(&found, "decrypt", "response_p99_ms").ratio.unwrap().round(), 8.0);
    assert!(found.passed, "{:?}", found.thresholds);
}

#[test]
fn loads_that_differ_are_refused_and_named_unless_forced() {
    let other = "--seconds 2 --warm-up 1 --mix decrypt=1,encrypt:64=1 --pid 1 --connections 8 \
                 --keys 5 --key-choice zipf";
    let (a, b) = (report(LOAD, 10), report(other, 10));
    let error = compared(&a, &b, "").unwrap_err().to_string();
    for named in [
        "--force",
        "loop: A open, B closed",
        "rate: A 1000, B none",
        "mix: A decrypt 25.00% encrypt 75.00%, B decrypt 50.00% encrypt:64 50.00%",
        "connections: A 64, B 8",
        "keys: A 1, B 5",
        "key choice: A uniform, B zipf 1",
    ] {
        assert!(error.contains(named), "{named} in {error}");
    }
    let forced = compared(&a, &b, "--force").unwrap();
    assert_eq!(pair(&forced, "encrypt", "response_p99_ms").b, None);
    assert_eq!(pair(&forced, "encrypt:64", "response_p99_ms").a, None);
    assert!(text(&forced).contains("DIFFERENT connections: A 64, B 8\n"));
}

#[test]
fn where_and_how_a_load_was_reported_makes_no_difference() {
    let other = "--rate 1000 --seconds 2 --warm-up 1 --mix decrypt=20,encrypt=60 --pid 1 --seed 7 \
                 --prefix other --json x.json --p99-ms all=1 --quiet --region eu-west-1";
    let mut b = sample::report(other, &[vec![2000; 10], vec![10_000; 1500]]);
    b.version = "9.9.9".to_owned();
    let found = compared(&report(LOAD, 10), &b, "--max-slower 0").unwrap();
    assert!(found.differences.is_empty() && found.passed, "{found:?}");
    // The memory is that of a process that lives.
    let mut figures = found.figures.iter().filter(|pair| pair.figure != "rss_mib");
    assert!(figures.all(|pair| pair.ratio == Some(1.0)), "{found:?}");
}

fn bench(p99: u64, failing: bool) -> bench::Report {
    let run = |millis: u64| {
        let mut latencies = Latencies::new().unwrap();
        (0..100).for_each(|_| latencies.record(std::time::Duration::from_millis(millis)));
        bench::Run::of(&latencies, 2.0, 1.0, 1 << 20)
    };
    let result = |op: &str| bench::Comparison {
        op: op.to_owned(),
        trent: run(p99),
        echo: run(1),
        share_of_echo: 1.0,
    };
    let failure = bench::Failure { op: "decrypt".into(), error: "HTTP 400".into() };
    bench::Report {
        schema: bench::SCHEMA,
        at: String::new(),
        connections: 8,
        seconds: 2,
        repeat: 3,
        rss_before_load_bytes: 1,
        results: ["encrypt", "decrypt"]
            .into_iter()
            .take(2 - usize::from(failing))
            .map(result)
            .collect(),
        failures: failing.then_some(failure).into_iter().collect(),
    }
}

#[test]
fn reports_of_bench_are_compared_and_not_with_those_of_run() {
    let found = compared(&bench(10, false), &bench(13, false), "--max-slower 20").unwrap();
    assert_eq!(broken(&found), ["p99_ms encrypt", "p99_ms decrypt"]);
    let found = compared(&bench(10, false), &bench(10, true), "--max-slower 20").unwrap();
    assert_eq!(pair(&found, "decrypt", "failed").b, Some(1.0));
    assert_eq!(broken(&found).len(), 3, "{:?}", found.thresholds);

    let mut other = bench(10, false);
    other.connections = 9;
    let error = compared(&bench(10, false), &other, "").unwrap_err().to_string();
    assert!(error.contains("connections: A 8, B 9"), "{error}");
    let error = compared(&report(LOAD, 1), &bench(1, false), "--force").unwrap_err().to_string();
    assert!(error.contains("b.json: a report of `bench`, and the other of `run`"), "{error}");
}

#[test]
fn what_json_says_is_what_the_table_says() {
    let found = compared(&report(LOAD, 10), &report(LOAD, 13), "--max-slower 20").unwrap();
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!((json["schema"].as_u64(), json["command"].as_str()), (Some(1), Some("run")));
    assert_eq!(json["passed"], false);
    assert_eq!(json["max_slower_percent"], 20.0);
    assert_eq!(json["figures"].as_array().unwrap().len(), found.figures.len());
    let first = &json["figures"][0];
    assert_eq!(first["operation"], "all");
    assert_eq!(first["figure"], "requests_per_second");
    assert_eq!(
        (&first["a"], &first["ratio"]),
        (&serde_json::json!(755.0), &serde_json::json!(1.0))
    );
}

fn latencies() -> impl Strategy<Value = Vec<u64>> {
    // 0 fails; beyond an hour everything is an hour.
    prop::collection::vec(prop_oneof![Just(0), 1..5_000_000_u64, Just(u64::MAX / 2)], 0..40)
}

proptest! {
    // Few: other tests of this program watch the clock.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_report_is_as_fast_as_itself(
        one in latencies(),
        other in latencies(),
        rate in prop::option::of(1..1000_u32),
        seconds in 1..5_u32,
    ) {
        let rate = rate.map_or(String::new(), |rate| format!("--rate {rate}"));
        let line = format!("{rate} --seconds {seconds} --mix encrypt,decrypt --pid 1");
        let report = sample::report(&line, &[one, other]);
        let found = compared(&report, &report, "--max-slower 0").unwrap();
        prop_assert!(found.differences.is_empty());
        prop_assert_eq!(found.exit_status(), 0);
        for pair in &found.figures {
            prop_assert_eq!(pair.ratio, pair.a.map(|_| 1.0), "{:?}", pair);
        }
    }

    /// Whatever is slower by more than the limit breaks it, and nothing else does.
    #[test]
    fn the_limit_decides(millis in 1..1000_u64, more in 0..100_u64, percent in 0..100_u32) {
        // Histograms keep three digits.
        prop_assume!(more.abs_diff(u64::from(percent)) > 1);
        let micros = |share: u64| vec![millis * share * 10; 1200];
        let load = |share| sample::report("--seconds 1 --mix encrypt", &[micros(share)]);
        let limit = format!("--max-slower {percent}");
        let found = compared(&load(100), &load(100 + more), &limit).unwrap();
        prop_assert_eq!(found.passed, more < u64::from(percent), "{:?}", found.thresholds);
    }
}

//! What the audit logger costs, and what lookups take in a trail of a million records. It proves
//! nothing that a test should, so it runs only when it is asked for:
//!
//! ```text
//! cargo nextest run --release -p trent-audit-logger --test measure --run-ignored only --no-capture
//! ```
//!
//! Records come over a nats-server as in a deployment, from a gateway's publisher to a logger that
//! has a thread of its own, so that its CPU can be told from everybody else's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement"
)]

#[allow(dead_code, reason = "shared with the tests of the store")]
#[path = "../../../trent-store/tests/support/authority.rs"]
mod authority;
#[allow(dead_code, reason = "shared with the tests of the bus")]
#[path = "../../../trent-bus/tests/conformance/certificates.rs"]
mod certificates;
#[allow(dead_code, reason = "shared with the tests of the store")]
#[path = "../../../trent-store/tests/support/cluster.rs"]
mod cluster;
mod cpu;
mod plans;
mod records;
#[allow(dead_code, reason = "shared with the tests of the bus")]
#[path = "../../../trent-bus/tests/conformance/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cluster::cluster;
use server::Server;
use tokio_postgres::NoTls;
use trent_audit_logger::logger::Logger;
use trent_audit_logger::queries::{StoredTrail, TrailReader};
use trent_bus::{
    AuditConsumer, AuditPublisher, NatsBus, PublishLimits, RecordSink, StreamLimits, ensure_stream,
};
use trent_runtime::{Shutdown, ShutdownTrigger};
use trent_store::Postgres;
use trent_types::{LookupQuery, SystemClock, Timestamp, TrailAttribute, TrailFilter};

/// Records in the trail before anything is looked up, unless `TRENT_MEASURE_RECORDS` says another
/// number.
const RECORDS: u64 = 1_000_000;

#[expect(clippy::disallowed_methods, reason = "how a measurement is told of another size")]
fn records_max() -> u64 {
    std::env::var("TRENT_MEASURE_RECORDS").map_or(RECORDS, |text| text.parse().unwrap())
}

/// Records that one request to the publisher brings.
const TOGETHER: u64 = 16;

/// How many requests to the publisher wait at the same time.
const WAITING: u64 = 64;

#[test]
#[ignore = "a measurement of minutes"]
fn a_million_records_in_and_found() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let count = records_max();
    let server = Server::start();
    let database = cluster().migrated_database().await;
    let (raw, connection) =
        tokio_postgres::connect(&cluster().admin_url(&database), NoTls).await.unwrap();
    tokio::spawn(connection);
    let postmaster =
        cpu::parent_of(raw.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0));
    let clock = Arc::new(AtomicU64::new(0));
    let (stop, logger) = start_logger(&server, &database, Arc::clone(&clock)).await;
    let gateway = server.connect("gateway").await;
    let publisher = Arc::new(AuditPublisher::new(&gateway, PublishLimits::default()));
    let logger_cpu = || Duration::from_micros(clock.load(Ordering::Relaxed));
    let (own, of_postgres, began) = (logger_cpu(), cpu::of_family(postmaster), Instant::now());
    publish(&publisher, 0..count).await;
    println!("published after {:.1} s", began.elapsed().as_secs_f64());
    wait_until_kept(&raw, count).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (own, of_postgres) = (logger_cpu() - own, cpu::of_family(postmaster) - of_postgres);
    let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    println!("kept after {:.1} s", began.elapsed().as_secs_f64());
    println!(
        "logger {:.1} µs of CPU a record: {:.0} records a CPU second",
        each(own),
        1e6 / each(own)
    );
    println!("Postgres {:.1} µs of CPU a record", each(of_postgres));
    sizes(&raw).await;
    raw.batch_execute("ANALYZE audit_event; ANALYZE audit_posting").await.unwrap();

    let more = tokio::spawn({
        let publisher = Arc::clone(&publisher);
        async move {
            for n in 0.. {
                let from = count + n * TOGETHER;
                publish(&publisher, from..from + TOGETHER).await;
                tokio::time::sleep(Duration::from_millis(8)).await;
            }
        }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let reader = StoredTrail::new(Arc::new(
        Postgres::connect(&cluster().of_role("audit", &database)).await.unwrap(),
    ));
    lookups(&reader, count).await;
    plans::show(&raw).await;
    more.abort();
    stop.trigger();
    logger.join().unwrap();
}

/// A logger on a thread of its own, which tells its CPU, in microseconds.
async fn start_logger(
    server: &Server,
    database: &str,
    told: Arc<AtomicU64>,
) -> (ShutdownTrigger, JoinHandle<()>) {
    let (ready, started) = tokio::sync::oneshot::channel();
    let (stop, shutdown) = Shutdown::new();
    let (url, tls) = (server.url(), server.options("audit"));
    let options = cluster().of_role("audit", database);
    let logger = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let store = Arc::new(Postgres::connect(&options).await.unwrap());
            let bus = NatsBus::connect_with(&url, "audit", "test", &tls).await.unwrap();
            ensure_stream(&bus, StreamLimits::default()).await.unwrap();
            let consumer = AuditConsumer::open(&bus, "audit-logger").await.unwrap();
            ready.send(()).unwrap();
            tokio::spawn(async move {
                loop {
                    told.store(cpu::of_this_thread().as_micros() as u64, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            });
            Logger::new(consumer, store, Arc::new(SystemClock)).run(shutdown).await;
        });
    });
    started.await.unwrap();
    (stop, logger)
}

async fn publish(publisher: &Arc<AuditPublisher>, numbers: std::ops::Range<u64>) {
    let mut under_way = tokio::task::JoinSet::new();
    for from in numbers.clone().step_by(TOGETHER as usize) {
        if under_way.len() as u64 == WAITING {
            under_way.join_next().await.unwrap().unwrap();
        }
        let records: Vec<_> =
            (from..(from + TOGETHER).min(numbers.end)).map(records::record).collect();
        let publisher = Arc::clone(publisher);
        under_way.spawn(async move {
            while publisher.accept(&records).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
    while under_way.join_next().await.is_some() {}
}

async fn wait_until_kept(raw: &tokio_postgres::Client, count: u64) {
    loop {
        let kept = "SELECT coalesce(sum(sequence), 0)::bigint FROM audit_chain";
        let kept: i64 = raw.query_one(kept, &[]).await.unwrap().get(0);
        if kept as u64 >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn sizes(raw: &tokio_postgres::Client) {
    for parent in ["audit_event", "audit_posting"] {
        let size = format!(
            "SELECT sum(pg_table_size(relid))::bigint, sum(pg_indexes_size(relid))::bigint, \
             (SELECT count(*) FROM {parent}) FROM pg_partition_tree('{parent}') WHERE isleaf"
        );
        let row = raw.query_one(&size, &[]).await.unwrap();
        let (table, indexes, rows): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        println!("{parent}: {rows} rows, {} MiB and {} MiB of indexes", table >> 20, indexes >> 20);
    }
}

async fn lookups(reader: &StoredTrail<Postgres>, count: u64) {
    use TrailAttribute as A;
    let everything = (Timestamp::from_millis(0), Timestamp::from_millis(records::START * 2));
    let middle = records::START + (count / 2) as i64;
    let ten_seconds = (Timestamp::from_millis(middle), Timestamp::from_millis(middle + 10_000));
    let (account, region) = (records::account(), records::region());
    for (what, filter, (from, to)) in [
        ("key", Some((A::ResourceName, records::key_arn(77))), everything),
        ("key id", Some((A::ResourceName, records::key_id(501))), everything),
        ("user", Some((A::Username, records::user(42))), everything),
        ("access key", Some((A::AccessKeyId, records::access_key_id(7))), everything),
        ("event name", Some((A::EventName, "Decrypt".to_owned())), everything),
        ("a rare name", Some((A::EventName, "DescribeKey".to_owned())), everything),
        ("read only", Some((A::ReadOnly, "true".to_owned())), everything),
        ("error", Some((A::ErrorCode, "AccessDenied".to_owned())), everything),
        ("nothing there", Some((A::EventName, "Sign".to_owned())), everything),
        (
            "event id",
            Some((A::EventId, records::record(count / 3).event_id.to_string())),
            everything,
        ),
        ("newest", None, everything),
        ("ten seconds in the middle", None, ten_seconds),
        ("key in ten seconds", Some((A::ResourceName, records::key_arn(77))), ten_seconds),
    ] {
        let filter = filter.map(|(attribute, value)| TrailFilter { attribute, value });
        let query = LookupQuery { filter, from, to, before: None, limit: 50 };
        let (mut times, mut found) = (Vec::new(), 0);
        for _ in 0..20 {
            let began = Instant::now();
            found = reader.lookup(account, region, &query).await.unwrap().len();
            times.push(began.elapsed());
        }
        times.sort();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "by {what}: {found} found, median {:.1} ms, worst {:.1} ms",
            ms(times[10]),
            ms(times[19])
        );
    }
}

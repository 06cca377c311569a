//! Measures the embedded form's trail: what following and indexing a journal costs, and how long
//! lookups take in a million records (or as many as are named) while more come in.
//!
//! ```text
//! cargo run --release --package trent-audit-logger --example trail-million -- 1000000
//! ```
#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use trent_audit_logger::follower::Follower;
use trent_audit_logger::journal::{Journal, JournalConfig};
use trent_audit_logger::queries::{JournalTrail, TrailReader};
use trent_runtime::Shutdown;
use trent_store::{FollowerStore, Sqlite, TrailIndex};
use trent_types::{
    AccountId, AuditRecord, EventId, LookupQuery, Region, SystemClock, Timestamp, TrailAttribute,
    TrailFilter,
};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";
const KEYS: u64 = 1_000;
const USERS: u64 = 100;
/// Milliseconds from one record to the next: a million fill eleven days.
const STEP_MS: u64 = 1_000;
const BEGIN_MS: u64 = 1_790_000_000_000;
const BATCH: u64 = 500;
const LOOKUPS: u64 = 200;

/// Numbers without a pattern (Knuth's multiplicative hash).
const fn scattered(number: u64, of: u64) -> u64 {
    (number.wrapping_mul(6_364_136_223_846_793_005) >> 33) % of
}

fn key(number: u64) -> String {
    format!("{number:08x}-12ab-34cd-56ef-1234567890ab")
}

fn at(number: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(BEGIN_MS + number * STEP_MS).unwrap_or(i64::MAX))
}

/// An Encrypt as the gateway records it; 1.3 kB.
fn record(number: u64, account: AccountId) -> AuditRecord {
    let (user, time) = (scattered(number + 1, USERS), at(number));
    let random = (u128::from(number) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834).to_be_bytes();
    let event_id = EventId::new(time, random);
    let (iso, key) = (time.iso8601(), key(scattered(number, KEYS)));
    let json = format!(
        concat!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","#,
            r#""principalId":"AIDA{user:017}","#,
            r#""arn":"arn:aws:iam::{ACCOUNT}:user/user{user}","accountId":"{ACCOUNT}","#,
            r#""accessKeyId":"AKIA{user:016}","userName":"user{user}"}},"#,
            r#""eventTime":"{iso}","eventSource":"kms.amazonaws.com","eventName":"Encrypt","#,
            r#""awsRegion":"{REGION}","sourceIPAddress":"192.0.2.7","#,
            r#""userAgent":"aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 "#,
            r#"md/arch#x86_64 lang/python#3.13.7 cfg/retry-mode#standard","#,
            r#""requestParameters":{{"keyId":"alias/orders","#,
            r#""encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{{"#,
            r#""tenant":"t{user}"}}}},"responseElements":null,"additionalEventData":{{"#,
            r#""keyMaterialId":"{number:064x}"}},"requestID":"{event_id}","#,
            r#""eventID":"{event_id}","readOnly":true,"resources":[{{"#,
            r#""accountId":"{ACCOUNT}","type":"AWS::KMS::Key","#,
            r#""ARN":"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"}}],"#,
            r#""eventType":"AwsApiCall","managementEvent":true,"#,
            r#""recipientAccountId":"{ACCOUNT}","eventCategory":"Management","#,
            r#""tlsDetails":{{"tlsVersion":"TLSv1.3","#,
            r#""cipherSuite":"TLS_AES_256_GCM_SHA384","#,
            r#""clientProvidedHostHeader":"kms.{REGION}.amazonaws.com","#,
            r#""keyExchange":"X25519MLKEM768"}}}}"#,
        ),
        ACCOUNT = ACCOUNT,
        REGION = REGION,
        event_id = event_id,
        iso = iso,
        key = key,
        number = number,
        user = user,
    );
    AuditRecord {
        event_id,
        account: Some(account),
        event_time: time,
        cloudtrail_json: json.into_bytes(),
        trace: None,
    }
}

/// The processor time of this process so far, in ticks of ten milliseconds.
fn cpu() -> Result<Duration, Box<dyn Error + Send + Sync>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: u64 = after.split(' ').skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

fn per_record(from: Duration, to: Duration, records: u64) -> f64 {
    (to.saturating_sub(from)).as_secs_f64() * 1e6 / records as f64
}

async fn write(journal: &Journal, from: u64, to: u64) -> Result<(), Box<dyn Error + Send + Sync>> {
    let account: AccountId = ACCOUNT.parse()?;
    let mut next = from;
    while next < to {
        let batch: Vec<_> =
            (next..to.min(next + BATCH)).map(|number| record(number, account)).collect();
        journal.relay(&batch).await?;
        next += BATCH;
    }
    Ok(())
}

fn query(filter: Option<(TrailAttribute, String)>) -> LookupQuery {
    LookupQuery {
        filter: filter.map(|(attribute, value)| TrailFilter { attribute, value }),
        from: Timestamp::from_millis(0),
        to: Timestamp::from_millis(i64::MAX),
        before: None,
        limit: 50,
    }
}

async fn measure(
    trail: &JournalTrail,
    name: &str,
    expected: std::ops::RangeInclusive<usize>,
    make: impl Fn(u64) -> LookupQuery,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (account, region): (AccountId, Region) = (ACCOUNT.parse()?, REGION.parse()?);
    let (mut times, began_cpu) = (Vec::new(), cpu()?);
    for number in 0..LOOKUPS {
        let query = make(number);
        let began = Instant::now();
        let found = trail.lookup(account, region, &query).await?;
        times.push(began.elapsed());
        if !expected.contains(&found.len()) {
            return Err(format!("{name}: {} found by {query:?}", found.len()).into());
        }
    }
    times.sort_unstable();
    let of = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    let worst = times.last().copied().unwrap_or_default();
    let cpu = (cpu()? - began_cpu) / u32::try_from(LOOKUPS)?;
    println!(
        "{name:<22} p50 {:>9.2?}  p90 {:>9.2?}  worst {worst:>9.2?}  (CPU {cpu:.2?})",
        of(50),
        of(90)
    );
    Ok(())
}

async fn lookups(trail: &JournalTrail, records: u64) -> Result<(), Box<dyn Error + Send + Sync>> {
    let by = |attribute, value: String| query(Some((attribute, value)));
    measure(trail, "newest", 50..=50, |_| query(None)).await?;
    measure(trail, "by key (ARN)", 50..=50, |n| {
        let arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{}", key(scattered(n, KEYS)));
        by(TrailAttribute::ResourceName, arn)
    })
    .await?;
    measure(trail, "by user", 50..=50, |n| {
        by(TrailAttribute::Username, format!("user{}", scattered(n + 1, USERS)))
    })
    .await?;
    measure(trail, "by time (one hour)", 50..=50, |n| {
        let from = at(scattered(n, records - 4_000));
        LookupQuery { from, to: from.plus_millis(3_600_000), ..query(None) }
    })
    .await?;
    measure(trail, "by key and time (a day)", 1..=50, |n| {
        let from = at(scattered(n, records - 90_000));
        let filter = by(TrailAttribute::ResourceName, key(scattered(n, KEYS)));
        LookupQuery { from, to: from.plus_millis(86_400_000), ..filter }
    })
    .await?;
    let account: AccountId = ACCOUNT.parse()?;
    measure(trail, "by event id", 1..=1, |n| {
        let event = record(scattered(n, records), account).event_id;
        by(TrailAttribute::EventId, event.to_string())
    })
    .await?;
    measure(trail, "by what is nowhere", 0..=0, |n| {
        by(TrailAttribute::Username, format!("nobody{n}"))
    })
    .await
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let records: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let journal = Journal::open(&JournalConfig::new(folder.path().join("journal")))?;
    let store = Arc::new(Sqlite::open(folder.path().join("registry.sqlite"))?);
    let began = cpu()?;
    let account: AccountId = ACCOUNT.parse()?;
    let bytes: usize = (0..records / 10).map(|n| record(n, account).cloudtrail_json.len()).sum();
    let made = cpu()?;
    write(&journal, 0, records).await?;
    let written = cpu()?;
    let making = per_record(began, made, records / 10);
    let writing = per_record(made, written, records) - making;
    println!("records                {records} of {} bytes", bytes as u64 / (records / 10));
    println!("journal                {writing:.2} µs of CPU a record (batches of {BATCH})");

    let follower = Follower::new(journal.clone(), store.clone(), Arc::new(SystemClock));
    let (trigger, shutdown) = Shutdown::new();
    let (began_cpu, began) = (cpu()?, Instant::now());
    let following = tokio::spawn(follower.run(shutdown));
    let end = journal.end();
    while store.follower_places().await?.derived.is_none_or(|read| read.place < end) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = began.elapsed();
    println!(
        "follower               {:.2} µs of CPU a record",
        per_record(began_cpu, cpu()?, records)
    );
    println!("                       {:.0} records/s", records as f64 / took.as_secs_f64());
    println!("index ends at          {:?} of {end:?}", store.indexed().await?);
    let size = fs::metadata(folder.path().join("registry.sqlite"))?.len();
    println!("SQLite file            {} KiB", size >> 10);

    let trail = JournalTrail::new(journal.clone(), store.clone());
    println!("-- nothing else going on");
    lookups(&trail, records).await?;
    println!("-- while records come in");
    let stop = Arc::new(AtomicBool::new(false));
    let writer = {
        let (journal, stop) = (journal.clone(), stop.clone());
        tokio::spawn(async move {
            let (mut next, began) = (records, Instant::now());
            while !stop.load(Ordering::Relaxed) {
                let written = write(&journal, next, next + BATCH).await;
                if written.is_err() {
                    break;
                }
                next += BATCH;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            (next - records) as f64 / began.elapsed().as_secs_f64()
        })
    };
    lookups(&trail, records).await?;
    stop.store(true, Ordering::Relaxed);
    println!("                       {:.0} records/s came in", writer.await?);
    trigger.trigger();
    following.await?;
    Ok(())
}

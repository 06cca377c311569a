//! The index and its reader, held against a plain reading of everything.

use proptest::prelude::*;
use trent_types::{EventPlace, TrailAttribute, TrailFilter};

use super::*;
use crate::facts::Facts;
use crate::follower::tests::{Embedded, catch_up, follower};
use crate::journal::{list, read_anyway};

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// What a record is about; small numbers stand for everything.
#[derive(Debug, Clone)]
struct About {
    account: u8,
    region: usize,
    key: u8,
    user: u8,
    error: bool,
    /// Milliseconds; not in the order of the journal.
    at: i64,
    padding: usize,
}

fn account(number: u8) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

impl About {
    /// `number` makes its id; of an older program it tells no time.
    fn record(&self, number: u64) -> AuditRecord {
        let Self { account: owner, region, key, user, error, at, padding } = self;
        let (region, at) = (REGIONS[*region], Timestamp::from_millis(*at));
        let random = (u128::from(number) << 64 | 7).to_be_bytes();
        let event_id = match number % 7 {
            0 => EventId::from_bytes(random),
            _ => EventId::new(at, random),
        };
        let user = match user {
            0 => r#"{"type":"Root","arn":"arn:aws:iam::1:root","accessKeyId":"AKIAROOT"}"#.into(),
            1 => r#"{"type":"IAMUser","userName":"a \"b\" ü","accessKeyId":"AKIA1"}"#.to_owned(),
            other => format!(r#"{{"type":"IAMUser","userName":"u{other}"}}"#),
        };
        let failure = if *error { r#""errorCode":"AccessDenied","# } else { "" };
        let name = if key % 2 == 0 { "Encrypt" } else { "DisableKey" };
        let json = format!(
            r#"{{"userIdentity":{user},"eventSource":"kms.amazonaws.com","eventName":"{name}","#
        ) + &format!(
            r#""awsRegion":"{region}","userAgent":"{}",{failure}"readOnly":{},"#,
            "x".repeat(*padding),
            key % 2 == 0,
        ) + &format!(
            r#""resources":[{{"type":"AWS::KMS::Key","ARN":"arn:{}:{owner:012}:key/k{key}"}}],"#,
            format_args!("aws:kms:{region}")
        ) + r#""eventType":"AwsApiCall"}"#;
        let account = Some(account(*owner)).filter(|_| *owner != 0);
        AuditRecord {
            event_id,
            account,
            event_time: at,
            cloudtrail_json: json.into_bytes(),
            trace: None,
        }
    }
}

fn about() -> impl Strategy<Value = About> {
    let numbers = (0u8..3, 0usize..2, 0u8..4, 0u8..4, any::<bool>(), 0i64..40, 0usize..400);
    numbers.prop_map(|(account, region, key, user, error, at, padding)| About {
        account,
        region,
        key,
        user,
        error,
        at,
        padding,
    })
}

fn filters() -> Vec<Option<TrailFilter>> {
    let filter = |attribute, value: &str| Some(TrailFilter { attribute, value: value.to_owned() });
    let arn = "arn:aws:kms:eu-west-1:000000000001:key/k1";
    vec![
        None,
        filter(TrailAttribute::EventName, "Encrypt"),
        filter(TrailAttribute::EventName, "None"),
        filter(TrailAttribute::ReadOnly, "false"),
        filter(TrailAttribute::Username, "root"),
        filter(TrailAttribute::Username, "a \"b\" ü"),
        filter(TrailAttribute::Username, "u2"),
        filter(TrailAttribute::ResourceType, "AWS::KMS::Key"),
        filter(TrailAttribute::ResourceName, arn),
        filter(TrailAttribute::ResourceName, "k2"),
        filter(TrailAttribute::EventSource, "kms.amazonaws.com"),
        filter(TrailAttribute::AccessKeyId, "AKIA1"),
        filter(TrailAttribute::ErrorCode, "AccessDenied"),
    ]
}

/// A plain reading: the records of a chain in their order.
fn chain(directory: &Path, account: AccountId) -> Vec<(u64, AuditRecord)> {
    let mut records = Vec::new();
    for segment in list(directory).unwrap() {
        let visit = |line: &crate::journal::RecordLine<'_>| {
            if line.chain == Some(account) {
                records.push((line.sequence, line.to_record()));
            }
        };
        read_anyway(directory, segment, visit).unwrap();
    }
    records
}

fn naive(records: &[(u64, AuditRecord)], region: &str, query: &LookupQuery) -> Vec<AuditRecord> {
    let place = |r: &AuditRecord| EventPlace { at: r.event_time, event_id: r.event_id };
    let fits = |r: &&AuditRecord| {
        let facts = Facts::of(&r.cloudtrail_json).unwrap();
        (query.from..=query.to).contains(&r.event_time)
            && query.before.is_none_or(|before| place(r) < before)
            && facts.aws_region == region
            && query.filter.as_ref().is_none_or(|f| facts.has(&r.event_id.to_string(), f))
    };
    let mut found: Vec<_> = records.iter().map(|(_, r)| r).filter(fits).cloned().collect();
    found.sort_by_key(|record| std::cmp::Reverse(place(record)));
    found.truncate(query.limit as usize);
    found
}

/// Everything that can be asked is answered as a plain reading says.
async fn agrees(trail: &JournalTrail, window: (i64, i64), limit: u32) {
    let directory = trail.journal.directory().to_owned();
    let (from, to) = (Timestamp::from_millis(window.0), Timestamp::from_millis(window.1));
    for account in [1, 2, 3].map(account) {
        let records = chain(&directory, account);
        let mut wanted = filters();
        for (_, record) in records.iter().take(3) {
            let value = record.event_id.to_string();
            wanted.push(Some(TrailFilter { attribute: TrailAttribute::EventId, value }));
        }
        for (filter, region) in wanted.iter().flat_map(|filter| REGIONS.map(|r| (filter, r))) {
            let filter = filter.clone();
            let mut query = LookupQuery { filter, from, to, before: None, limit };
            loop {
                let found = trail.lookup(account, region.parse().unwrap(), &query).await.unwrap();
                assert_eq!(found, naive(&records, region, &query), "{account} {region} {query:?}");
                let Some(last) = found.last() else { break };
                let (at, event_id) = (last.event_time, last.event_id);
                query.before = Some(EventPlace { at, event_id });
            }
        }
        assert_eq!(trail.head(account).await.unwrap(), records.len() as u64);
        let mut read = Vec::new();
        while let Some(page) = Some(trail.after(account, read.len() as u64, limit).await.unwrap())
            .filter(|p| !p.is_empty())
        {
            read.extend(page);
        }
        assert_eq!(read, records);
        for (sequence, record) in records {
            let place = trail.place_of(account, record.event_id).await.unwrap();
            assert_eq!(place, Some(sequence));
        }
    }
    let unknown = EventId::new(from, [0xff; 16]);
    assert_eq!(trail.place_of(account(1), unknown).await.unwrap(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_a_plain_reading_finds(
        rounds in prop::collection::vec((prop::collection::vec(about(), 0..25), 0usize..12), 1..5),
        segment_bytes in 1u64..12_000,
        (from, length) in (0i64..40, 0i64..40),
        limit in 1u32..6,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let embedded = Embedded::new(segment_bytes);
            let mut number = 0;
            for (records, steps) in rounds {
                let (journal, store) = (embedded.journal(), embedded.store());
                for about in records {
                    number += 1;
                    journal.relay(&[about.record(number)]).await.unwrap();
                }
                // It ends wherever it stands.
                let (follower, mut progress) = (follower(&journal, store.clone()), None);
                follower.prepare().await.unwrap();
                for _ in 0..steps {
                    follower.step(&mut progress).await.unwrap();
                }
                let trail = JournalTrail::new(journal.clone(), store);
                agrees(&trail, (from, from + length), limit).await;
            }
        });
    }
}

#[tokio::test]
async fn blocks_within_a_segment_are_short_and_whole_and_a_tail_goes_on_over_them() {
    let embedded = Embedded::new(64 << 20);
    let (journal, store) = (embedded.journal(), embedded.store());
    let about = |number: u64| About {
        account: if number.is_multiple_of(9) { 2 } else { 1 },
        region: 0,
        key: (number % 4) as u8,
        user: (number % 4) as u8,
        error: number == 13,
        at: (number as i64 * 7) % 40,
        padding: 90_000,
    };
    let trail = JournalTrail::new(journal.clone(), store.clone());
    let mut tailed = Vec::new();
    for number in 1..=60 {
        journal.relay(&[about(number).record(number)]).await.unwrap();
        if number % 20 == 0 {
            catch_up(&follower(&journal, store.clone())).await;
        }
        let after = tailed.len() as u64;
        tailed.extend(trail.after(account(1), after, 10).await.unwrap());
    }
    assert_eq!(tailed, chain(journal.directory(), account(1)));
    let chained = store.chain_blocks(account(2), 0, 100).await.unwrap();
    assert!(chained.len() >= 3, "{chained:?}");
    for block in &chained {
        let length = block.finish - block.start.offset;
        assert!((900_000..=2 << 20).contains(&length), "{length}");
    }
    // Another process, which remembers no places.
    let later = JournalTrail::new(journal.clone(), store);
    let records = chain(journal.directory(), account(1));
    assert_eq!(later.after(account(1), 17, 99).await.unwrap(), &records[17..]);
    for filter in filters().into_iter().step_by(4) {
        let (from, to) = (Timestamp::from_millis(5), Timestamp::from_millis(35));
        let query = LookupQuery { filter, from, to, before: None, limit: 20 };
        let found = later.lookup(account(1), REGIONS[0].parse().unwrap(), &query).await.unwrap();
        assert_eq!(found, naive(&records, REGIONS[0], &query), "{query:?}");
    }
}

fn plain(number: u64) -> AuditRecord {
    let (key, user) = ((number % 4) as u8, (number % 3) as u8);
    let at = number as i64 % 40;
    About { account: 1, region: 0, key, user, error: false, at, padding: 10 }.record(number)
}

#[tokio::test]
async fn what_was_archived_is_not_found_and_hides_nothing_else() {
    let embedded = Embedded::new(2_000);
    let (journal, store) = (embedded.journal(), embedded.store());
    for number in 1..=40 {
        journal.relay(&[plain(number)]).await.unwrap();
    }
    let follower = follower(&journal, store.clone());
    catch_up(&follower).await;
    let archived = |to: u64| {
        for segment in list(journal.directory()).unwrap().into_iter().filter(|s| *s <= to) {
            std::fs::remove_file(journal.directory().join(format!("{segment:020}.jsonl"))).unwrap();
        }
        let left = chain(journal.directory(), account(1));
        assert!((1..40).contains(&left.len()));
        left
    };
    let trail = JournalTrail::new(journal.clone(), store.clone());
    let query = LookupQuery {
        filter: None,
        from: Timestamp::from_millis(0),
        to: Timestamp::from_millis(99),
        before: None,
        limit: 99,
    };
    let region: Region = REGIONS[0].parse().unwrap();
    // While the process runs, and after another one has looked which segments there are.
    for to in [3, 5] {
        let left = archived(to);
        let found = trail.lookup(account(1), region, &query).await.unwrap();
        assert_eq!(found, naive(&left, REGIONS[0], &query));
        assert_eq!(trail.after(account(1), 0, 99).await.unwrap(), left);
        assert_eq!(trail.head(account(1)).await.unwrap(), 40);
        follower.prepare().await.unwrap();
        let any = BlockQuery { mark: None, from: query.from, to: query.to, after: None };
        let blocks = store.blocks(any).await.unwrap().blocks;
        assert!(blocks.iter().all(|block| block.start.segment > to), "{blocks:?}");
        assert_eq!(trail.lookup(account(1), region, &query).await.unwrap(), found);
    }
}

#[tokio::test]
async fn the_index_of_a_backup_may_be_behind_its_journal_or_ahead_of_it() {
    for ahead in [false, true] {
        let (embedded, restored) = (Embedded::new(3_000), Embedded::new(3_000));
        let path = |of: &Embedded, name| of.folder.path().join(name);
        let (journal, store) = (embedded.journal(), embedded.store());
        let copy_journal = || {
            let (from, to) = (path(&embedded, "journal"), path(&restored, "journal"));
            crate::journal::copy(&from, &to).unwrap();
        };
        let copy_index = || {
            let name = "registry.sqlite";
            let (from, to) = (path(&embedded, name), path(&restored, name));
            drop(trent_store::Snapshot::take(&from, &to).unwrap());
        };
        let write = async |numbers: std::ops::Range<u64>| {
            for number in numbers {
                journal.relay(&[plain(number)]).await.unwrap();
            }
            catch_up(&follower(&journal, store.clone())).await;
        };
        write(1..30).await;
        if ahead {
            copy_journal()
        } else {
            copy_index()
        }
        write(30..60).await;
        if ahead {
            copy_index()
        } else {
            copy_journal()
        }
        let (journal, store) = (restored.journal(), restored.store());
        let had = store.indexed().await.unwrap().unwrap();
        assert_eq!(ahead, had > journal.end());
        // What comes now is not what the index has seen in its place.
        for number in 100..140 {
            journal.relay(&[plain(number)]).await.unwrap();
        }
        assert!(had < journal.end());
        let follower = follower(&journal, store.clone());
        follower.prepare().await.unwrap();
        assert_eq!(store.indexed().await.unwrap(), Some(had).filter(|_| !ahead));
        let trail = JournalTrail::new(journal.clone(), store.clone());
        agrees(&trail, (0, 40), 7).await;
        catch_up(&follower).await;
        assert!(store.indexed().await.unwrap().is_some());
        agrees(&trail, (0, 40), 7).await;
    }
}

#[tokio::test]
async fn a_journal_that_is_far_from_indexed_is_not_read_through_for_an_answer() {
    let embedded = Embedded::new(1);
    let (journal, store) = (embedded.journal(), embedded.store());
    for number in 1..=2 {
        journal.relay(&[plain(number)]).await.unwrap();
    }
    // As long as it says, without taking so much room.
    let first = journal.directory().join("00000000000000000001.jsonl");
    std::fs::OpenOptions::new().write(true).open(first).unwrap().set_len(300 << 20).unwrap();
    let trail = JournalTrail::new(journal.clone(), store);
    let query = LookupQuery {
        filter: None,
        from: Timestamp::from_millis(0),
        to: Timestamp::from_millis(9),
        before: None,
        limit: 1,
    };
    let refused = trail.lookup(account(1), REGIONS[0].parse().unwrap(), &query).await;
    assert!(refused.unwrap_err().0.contains("still to be indexed"));
}

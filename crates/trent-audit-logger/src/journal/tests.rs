//! The journal on a real disk: acceptance, reopening, repeats and bounds.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::thread;

use proptest::prelude::*;
use tokio::task::{LocalSet, spawn_local};
use trent_types::{AccountId, EventId, Timestamp};

use super::*;
use crate::verify::{Report, verify_journal};

/// A record that can be told from every other.
pub(super) fn record(number: u64, account: Option<AccountId>) -> AuditRecord {
    let mut id = [0x40; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    AuditRecord {
        event_id: EventId::from_bytes(id),
        account,
        event_time: Timestamp::from_millis(1_700_000_000_000 + number as i64),
        cloudtrail_json: format!(r#"{{"eventName":"Encrypt","n":{number}}}"#).into_bytes(),
        trace: None,
    }
}

pub(super) fn account() -> Option<AccountId> {
    Some("123456789012".parse().unwrap())
}

pub(super) fn on_core<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, work)
}

pub(super) fn config(directory: &Path) -> JournalConfig {
    JournalConfig::new(directory.join("journal"))
}

/// A journal of `count` records of one account, closed again.
pub(super) fn written(directory: &Path, count: u64) -> PathBuf {
    let config = config(directory);
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        for number in 1..=count {
            journal.relay(&[record(number, account())]).await.unwrap();
        }
    });
    config.directory
}

pub(super) fn verified(directory: &Path) -> Report {
    verify_journal(directory).unwrap()
}

fn events(directory: &Path) -> Vec<EventId> {
    let mut events = Vec::new();
    for segment in list(directory).unwrap() {
        read_anyway(directory, segment, |line| events.push(line.event_id)).unwrap();
    }
    events
}

#[test]
fn what_was_accepted_is_there_after_reopening_and_the_chains_go_on() {
    let temporary = tempfile::tempdir().unwrap();
    let config = config(temporary.path());
    for round in 0..3 {
        on_core(async {
            let journal = Journal::open(&config).unwrap();
            let core = journal.core();
            core.accept(record(round * 2, None)).await.unwrap();
            core.accept(record(round * 2 + 1, account())).await.unwrap();
        });
    }
    let report = verified(&config.directory);
    assert_eq!(report.fault, None);
    let ends: Vec<_> = report.chains.iter().map(|(chain, head)| (*chain, head.sequence)).collect();
    assert_eq!(ends, [(None, 3), (account(), 3)]);
    assert_eq!(events(&config.directory).len(), 6);
}

#[test]
fn two_cores_get_each_record_durable_exactly_once() {
    const TASKS: u64 = 40;
    const ROUNDS: u64 = 25;
    let temporary = tempfile::tempdir().unwrap();
    let config = JournalConfig { segment_bytes: 64 << 10, ..config(temporary.path()) };
    let journal = Journal::open(&config).unwrap();
    thread::scope(|scope| {
        for core in 0..2 {
            let journal = journal.clone();
            scope.spawn(move || {
                on_core(async move {
                    let core_journal = std::rc::Rc::new(journal.core());
                    let tasks: Vec<_> = (0..TASKS)
                        .map(|task| {
                            let core_journal = core_journal.clone();
                            spawn_local(async move {
                                for round in 0..ROUNDS {
                                    let number = (core * TASKS + task) * ROUNDS + round;
                                    let chain = account().filter(|_| !number.is_multiple_of(3));
                                    core_journal.accept(record(number, chain)).await.unwrap();
                                }
                            })
                        })
                        .collect();
                    for task in tasks {
                        task.await.unwrap();
                    }
                });
            });
        }
    });
    // Accepted means on disk: nothing has been closed yet.
    let report = verified(&config.directory);
    assert_eq!((report.fault.clone(), report.records()), (None, 2 * TASKS * ROUNDS));
    let events = events(&config.directory);
    assert_eq!(events.len() as u64, 2 * TASKS * ROUNDS);
    assert_eq!(events.iter().collect::<HashSet<_>>().len(), events.len());
    assert!(list(&config.directory).unwrap().len() > 1, "the segments rotate");
}

#[test]
fn records_of_one_turn_travel_as_one_batch() {
    let temporary = tempfile::tempdir().unwrap();
    let config = config(temporary.path());
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        let core = journal.core();
        let accepts: Vec<_> = (0..100).map(|number| core.accept(record(number, None))).collect();
        for accept in accepts {
            accept.await.unwrap();
        }
    });
    assert_eq!(verified(&config.directory).records(), 100);
}

#[test]
fn a_request_that_gives_up_still_leaves_its_record() {
    let temporary = tempfile::tempdir().unwrap();
    let config = config(temporary.path());
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        let core = journal.core();
        drop(core.accept(record(1, None)));
        core.accept(record(2, None)).await.unwrap();
    });
    assert_eq!(verified(&config.directory).records(), 2);
}

#[test]
fn too_much_waiting_is_refused_and_room_comes_back() {
    let temporary = tempfile::tempdir().unwrap();
    let room = 3 * weight(&record(1, None));
    let config = JournalConfig { waiting_bytes_max: room, ..config(temporary.path()) };
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        let core = journal.core();
        let accepts: Vec<_> = (0..4).map(|number| core.accept(record(number, None))).collect();
        let mut outcomes = Vec::new();
        for accept in accepts {
            outcomes.push(accept.await);
        }
        assert_eq!(outcomes, [Ok(()), Ok(()), Ok(()), Err(AcceptError::Full)]);
        core.accept(record(4, None)).await.unwrap();
    });
    assert_eq!(verified(&config.directory).records(), 4);
}

#[test]
fn records_that_cannot_be_lines_are_refused() {
    let temporary = tempfile::tempdir().unwrap();
    on_core(async {
        let journal = Journal::open(&config(temporary.path())).unwrap();
        let core = journal.core();
        let broken = AuditRecord { cloudtrail_json: b"{\n}".to_vec(), ..record(1, None) };
        assert_eq!(core.accept(broken.clone()).await, Err(AcceptError::Unfit));
        assert_eq!(journal.relay(&[broken]).await, Err(AcceptError::Unfit));
        let long = AuditRecord { cloudtrail_json: vec![b' '; (1 << 20) + 1], ..record(1, None) };
        assert_eq!(core.accept(long).await, Err(AcceptError::Unfit));
        let longest = AuditRecord { cloudtrail_json: vec![b' '; 1 << 20], ..record(1, None) };
        core.accept(longest).await.unwrap();
    });
    assert_eq!(verified(&config(temporary.path()).directory).records(), 1);
}

#[test]
fn only_one_process_has_a_journal() {
    let temporary = tempfile::tempdir().unwrap();
    let config = config(temporary.path());
    let first = Journal::open(&config).unwrap();
    let Err(JournalError::Io(second)) = Journal::open(&config) else { panic!("opened twice") };
    assert_eq!(second.kind(), io::ErrorKind::ResourceBusy);
    drop(first);
    Journal::open(&config).unwrap();
}

#[test]
fn a_relayed_record_that_comes_again_is_written_once() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 5);
    let outbox = [record(5, account()), record(6, account())];
    on_core(async {
        let journal = Journal::open(&config(temporary.path())).unwrap();
        // After a crash: record 5 had been accepted, but not removed from the outbox.
        journal.recall(&outbox).unwrap();
        journal.relay(&outbox).await.unwrap();
        journal.relay(&outbox).await.unwrap();
    });
    let events = events(&directory);
    assert_eq!(events.len(), 6);
    assert_eq!(events.iter().collect::<HashSet<_>>().len(), 6);
}

#[test]
fn recalling_reads_back_over_segments() {
    let temporary = tempfile::tempdir().unwrap();
    let config = JournalConfig { segment_bytes: 1, ..config(temporary.path()) };
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        for number in 1..=4 {
            journal.relay(&[record(number, None)]).await.unwrap();
        }
    });
    assert!(list(&config.directory).unwrap().len() >= 4);
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        journal.recall(&[record(1, None)]).unwrap();
        journal.relay(&[record(1, None)]).await.unwrap();
    });
    assert_eq!(verified(&config.directory).records(), 4);
}

#[test]
fn a_segment_that_was_begun_but_never_finished_is_begun_again() {
    let temporary = tempfile::tempdir().unwrap();
    let config = JournalConfig { segment_bytes: 1, ..config(temporary.path()) };
    fs::create_dir(&config.directory).unwrap();
    let mut left = fs::File::create(config.directory.join("00000000000000000001.new")).unwrap();
    left.write_all(b"{\"crc").unwrap();
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        journal.relay(&[record(1, None)]).await.unwrap();
    });
    assert_eq!(verified(&config.directory).records(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_batches_verify_and_hold_each_event_once(
        batches in prop::collection::vec(prop::collection::vec(0u8..4, 1..20), 1..12),
        segment_bytes in 500u64..5_000,
    ) {
        let temporary = tempfile::tempdir().unwrap();
        let config = JournalConfig { segment_bytes, ..config(temporary.path()) };
        let mut sent = 0;
        for half in batches.chunks(batches.len().div_ceil(2)) {
            on_core(async {
                let journal = Journal::open(&config).unwrap();
                let core = journal.core();
                for batch in half {
                    let accepts: Vec<_> = batch.iter().map(|chain| {
                        sent += 1;
                        let account = format!("{chain:012}").parse().ok().filter(|_| *chain != 0);
                        core.accept(record(sent, account))
                    }).collect();
                    for accept in accepts {
                        accept.await.unwrap();
                    }
                }
            });
        }
        let report = verified(&config.directory);
        prop_assert_eq!(report.fault.clone(), None);
        prop_assert_eq!(report.records(), sent);
        let events = events(&config.directory);
        prop_assert_eq!(events.len() as u64, sent);
        prop_assert_eq!(events.iter().collect::<HashSet<_>>().len() as u64, sent);
    }
}

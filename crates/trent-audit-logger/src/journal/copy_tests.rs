//! Copies of a journal that is being written, torn or damaged.

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::tests::{account, config, on_core, record, verified, written};
use super::*;

#[test]
fn a_copy_of_a_journal_that_is_being_written_has_every_record_accepted_before() {
    let temporary = tempfile::tempdir().unwrap();
    let config = JournalConfig { segment_bytes: 20_000, ..config(temporary.path()) };
    let journal = Journal::open(&config).unwrap();
    let (accepted, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|threads| {
        threads.spawn(|| {
            on_core(async {
                while !stop.load(Ordering::SeqCst) {
                    let next = accepted.load(Ordering::SeqCst) + 1;
                    journal.relay(&[record(next, account())]).await.unwrap();
                    accepted.store(next, Ordering::SeqCst);
                }
            });
        });
        for round in 0..20 {
            let before = accepted.load(Ordering::SeqCst);
            let target = temporary.path().join(format!("copy-{round}"));
            let names = copy(&config.directory, &target).unwrap();
            let report = verified(&target);
            assert_eq!(report.fault, None);
            assert!(report.records() >= before, "{} of {before}", report.records());
            assert_eq!(names.len(), list(&target).unwrap().len() + 1);
        }
        while list(&config.directory).unwrap().len() < 3 {
            thread::yield_now();
        }
        stop.store(true, Ordering::SeqCst);
    });
    let target = temporary.path().join("last");
    copy(&config.directory, &target).unwrap();
    assert_eq!(verified(&target).records(), accepted.load(Ordering::SeqCst));
}

#[test]
fn a_copy_can_be_opened_and_its_chain_goes_on() {
    let temporary = tempfile::tempdir().unwrap();
    let from = written(temporary.path(), 5);
    let copied = temporary.path().join("copied");
    let segment = from.join("00000000000000000001.jsonl");
    let mut segment = fs::OpenOptions::new().append(true).open(segment).unwrap();
    segment.write_all(b"{\"crc32c\":\"0000").unwrap();
    fs::create_dir(&copied).unwrap();
    copy(&from, &copied.join("journal")).unwrap();
    assert_eq!(verified(&copied.join("journal")).records(), 5);
    let last = fs::read(copied.join("journal/00000000000000000001.jsonl")).unwrap();
    assert_eq!(last.last(), Some(&b'\n'), "the torn end is not copied");
    on_core(async {
        let journal = Journal::open(&config(&copied)).unwrap();
        journal.relay(&[record(6, account())]).await.unwrap();
    });
    assert_eq!(verified(&copied.join("journal")).records(), 6);
}

#[test]
fn a_journal_that_has_lost_its_end_or_is_damaged_is_not_copied() {
    let temporary = tempfile::tempdir().unwrap();
    let from = written(temporary.path(), 5);
    let segment = from.join("00000000000000000001.jsonl");
    let whole = fs::read(&segment).unwrap();
    let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    fs::write(&segment, lines[..5].concat()).unwrap();
    let lost = copy(&from, &temporary.path().join("lost"));
    assert!(matches!(lost, Err(JournalError::Damaged(_))), "{lost:?}");
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(&segment, changed).unwrap();
    let damaged = copy(&from, &temporary.path().join("damaged"));
    assert!(matches!(damaged, Err(JournalError::Damaged(_))), "{damaged:?}");
}

//! The journal on a disk that fails: nothing is accepted that is not there, and it recovers by
//! itself.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::storage::{Disk, SegmentFile, Storage};
use super::tests::{account, record};
use super::writer::Writer;
use super::{JournalError, list, read_anyway};
use crate::verify::verify_journal;

/// What goes wrong, in the order of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fail {
    /// Half of the bytes are written, then the disk is full.
    HalfWrite,
    Sync,
    Truncate,
    Create,
    Reopen,
}

#[derive(Clone, Default)]
struct Plan(Arc<Mutex<VecDeque<Fail>>>);

impl Plan {
    fn next(&self, fails: &[Fail]) {
        self.0.lock().unwrap().extend(fails);
    }

    fn now(&self, fail: Fail) -> bool {
        let mut plan = self.0.lock().unwrap();
        let now = plan.front() == Some(&fail);
        if now {
            plan.pop_front();
        }
        now
    }

    fn check(&self, fail: Fail) -> io::Result<()> {
        if self.now(fail) { Err(io::Error::other(format!("{fail:?}"))) } else { Ok(()) }
    }
}

struct Faulty(Disk, Plan);

struct FaultyFile(Box<dyn SegmentFile>, Plan);

impl Storage for Faulty {
    fn create(&mut self, path: &Path, first_line: &[u8]) -> io::Result<Box<dyn SegmentFile>> {
        self.1.check(Fail::Create)?;
        Ok(Box::new(FaultyFile(self.0.create(path, first_line)?, self.1.clone())))
    }

    fn reopen(&mut self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        self.1.check(Fail::Reopen)?;
        Ok(Box::new(FaultyFile(self.0.reopen(path)?, self.1.clone())))
    }

    fn mark(&mut self, line: &[u8]) -> io::Result<()> {
        self.0.mark(line)
    }

    fn try_room(&mut self) -> io::Result<()> {
        self.1.check(Fail::Create)?;
        self.0.try_room()
    }
}

impl SegmentFile for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.1.now(Fail::HalfWrite) {
            self.0.append(&bytes[..bytes.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.1.check(Fail::Sync)?;
        self.0.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.1.check(Fail::Truncate)?;
        self.0.truncate(length)
    }
}

struct Bench {
    temporary: tempfile::TempDir,
    plan: Plan,
    writer: Writer,
    sent: u64,
    accepted: Vec<u64>,
}

impl Bench {
    fn new(segment_bytes: u64) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let plan = Plan::default();
        let storage = Box::new(Faulty(Disk::new(temporary.path()), plan.clone()));
        let writer = Writer::open(storage, temporary.path(), segment_bytes).unwrap();
        Self { temporary, plan, writer, sent: 0, accepted: Vec::new() }
    }

    /// Commits three records of two chains.
    fn commit(&mut self) -> Result<(), JournalError> {
        let numbers = [self.sent + 1, self.sent + 2, self.sent + 3];
        self.sent += 3;
        let records = numbers.map(|number| record(number, account().filter(|_| number % 2 == 0)));
        self.writer.commit(records.iter())?;
        self.accepted.extend(numbers);
        Ok(())
    }

    /// Everything accepted is there once, in sound chains, and nothing else.
    fn check(&self) {
        let directory = self.temporary.path();
        let report = verify_journal(directory).unwrap();
        assert_eq!(report.fault, None);
        let mut found = Vec::new();
        for segment in list(directory).unwrap() {
            read_anyway(directory, segment, |line| found.push(line.event_id)).unwrap();
        }
        let accepted: Vec<_> =
            self.accepted.iter().map(|number| record(*number, None).event_id).collect();
        assert_eq!(found, accepted);
    }
}

#[test]
fn a_full_disk_refuses_the_batch_and_nothing_else() {
    let mut bench = Bench::new(1 << 20);
    bench.commit().unwrap();
    bench.plan.next(&[Fail::HalfWrite]);
    let Err(JournalError::Io(error)) = bench.commit() else { panic!("accepted") };
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    bench.check();
    bench.commit().unwrap();
    bench.check();
}

#[test]
fn a_first_batch_that_fails_leaves_empty_chains() {
    let mut bench = Bench::new(1 << 20);
    bench.plan.next(&[Fail::HalfWrite]);
    bench.commit().unwrap_err();
    bench.check();
    bench.commit().unwrap();
    bench.check();
}

#[test]
fn a_half_batch_that_cannot_be_cut_off_is_cut_off_later() {
    let mut bench = Bench::new(1 << 20);
    bench.commit().unwrap();
    bench.plan.next(&[Fail::HalfWrite, Fail::Truncate, Fail::Reopen]);
    bench.commit().unwrap_err();
    bench.commit().unwrap_err();
    bench.commit().unwrap();
    bench.check();
    assert_eq!(list(bench.temporary.path()).unwrap(), [1]);
}

#[test]
fn after_a_failed_sync_the_journal_goes_on_in_a_new_segment() {
    let mut bench = Bench::new(1 << 20);
    bench.commit().unwrap();
    bench.plan.next(&[Fail::Sync]);
    bench.commit().unwrap_err();
    bench.commit().unwrap();
    bench.check();
    assert_eq!(list(bench.temporary.path()).unwrap(), [1, 2]);
}

#[test]
fn repair_may_fail_at_every_step_and_is_tried_again() {
    let mut bench = Bench::new(1 << 20);
    bench.commit().unwrap();
    bench.plan.next(&[Fail::Sync, Fail::Reopen, Fail::Truncate, Fail::Sync, Fail::Create]);
    for _ in 0..5 {
        bench.commit().unwrap_err();
    }
    bench.commit().unwrap();
    bench.check();
    assert_eq!(list(bench.temporary.path()).unwrap(), [1, 2]);
}

#[test]
fn a_segment_that_cannot_be_begun_is_begun_later() {
    let mut bench = Bench::new(1);
    bench.plan.next(&[Fail::Create]);
    bench.commit().unwrap_err();
    bench.commit().unwrap();
    bench.commit().unwrap();
    bench.check();
}

#[test]
fn a_tail_that_is_not_what_was_accepted_stops_the_journal() {
    let mut bench = Bench::new(1 << 20);
    bench.commit().unwrap();
    bench.plan.next(&[Fail::Sync]);
    bench.commit().unwrap_err();
    let file = bench.temporary.path().join(super::segment::file_name(1));
    let good = std::fs::read(&file).unwrap();
    let mut bad = good.clone();
    bad[400] ^= 1;
    std::fs::write(&file, bad).unwrap();
    for _ in 0..2 {
        let Err(JournalError::Damaged(_)) = bench.commit() else { panic!("accepted") };
    }
    std::fs::write(&file, good).unwrap();
    bench.commit().unwrap();
    bench.check();
}

#[test]
fn a_disk_that_takes_nothing_is_tried_without_a_record_until_it_does() {
    let mut bench = Bench::new(1 << 20);
    bench.commit().unwrap();
    bench.plan.next(&[Fail::Sync, Fail::Reopen, Fail::Create]);
    bench.commit().unwrap_err();
    // The segment cannot be opened, then the next one cannot be begun.
    for _ in 0..2 {
        bench.writer.try_disk().unwrap_err();
    }
    bench.writer.try_disk().unwrap();
    // There is no room for a batch.
    bench.plan.next(&[Fail::Create]);
    bench.writer.try_disk().unwrap_err();
    bench.writer.try_disk().unwrap();
    bench.commit().unwrap();
    bench.check();
    assert_eq!(list(bench.temporary.path()).unwrap(), [1, 2]);
}

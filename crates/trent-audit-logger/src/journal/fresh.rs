//! What was written last, kept in memory for the one who reads behind the writer: nearly always it
//! need not be read back and taken apart again.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use trent_store::JournalPlace;
use trent_types::{AuditRecord, EventId, Timestamp};

use super::line::{AFTER_RECORD, Placed};
use super::tail;
use crate::chain::Chain;

/// With so many bytes unread the reader is called: a little less than a block of the index holds.
const CALL_AT: usize = 7 << 18;

/// The most bytes that are kept. Who is further behind reads the files.
const KEPT_MAX: usize = 4 << 20;

/// The end of the journal, as far as it has not been taken yet.
#[derive(Default)]
pub(crate) struct Fresh {
    lines: Mutex<FreshLines>,
    bell: Notify,
}

/// Lines that follow each other in one segment.
#[derive(Debug, Default)]
pub(crate) struct FreshLines {
    start: JournalPlace,
    bytes: Vec<u8>,
    lines: Vec<LineEnd>,
}

/// What a line says besides its record, and where the two end among the bytes around them.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineEnd {
    chain: Chain,
    sequence: u64,
    event_id: EventId,
    event_time: Timestamp,
    record_bytes: usize,
    record_end: usize,
    /// After the line break.
    pub(super) end: usize,
}

impl LineEnd {
    /// Of the line of this record, which was appended last to what has now `end` bytes.
    pub(super) const fn new(record: &AuditRecord, sequence: u64, end: usize) -> Self {
        Self {
            chain: record.account,
            sequence,
            event_id: record.event_id,
            event_time: record.event_time,
            record_bytes: record.cloudtrail_json.len(),
            record_end: end.saturating_sub(AFTER_RECORD),
            end,
        }
    }
}

impl Fresh {
    /// Keeps what has become durable at this place.
    pub(super) fn append(&self, start: JournalPlace, bytes: &[u8], lines: &[LineEnd]) {
        let mut kept = self.lock();
        if kept.end() != start || kept.bytes.len() + bytes.len() > KEPT_MAX {
            kept.clear(start);
        }
        if bytes.len() <= KEPT_MAX {
            kept.extend(bytes, lines);
        }
        let calls = kept.bytes.len() >= CALL_AT;
        drop(kept);
        if calls {
            self.bell.notify_one();
        }
    }

    /// Moves the lines from this place on into `lines`, as many as have `size` bytes together; says
    /// false when they are not here. What stands before the place is forgotten.
    pub(crate) fn take(&self, from: JournalPlace, size: u64, lines: &mut FreshLines) -> bool {
        let mut kept = self.lock();
        lines.clear(from);
        let Some(before) = kept.lines_before(from) else { return false };
        kept.drop_front(before);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if kept.bytes.len() <= size {
            mem::swap(&mut *kept, lines);
            kept.start = lines.end();
        } else {
            let fitting = kept.lines.partition_point(|line| line.end <= size);
            let front = kept.lines.get(..fitting).unwrap_or_default();
            let bytes = front.last().map_or(0, |line| line.end);
            lines.extend(kept.bytes.get(..bytes).unwrap_or_default(), front);
            kept.drop_front(fitting);
        }
        !lines.lines.is_empty()
    }

    /// Returns once so much is here that it should be taken.
    pub(crate) async fn is_plenty(&self) {
        loop {
            let rung = self.bell.notified();
            if self.lock().bytes.len() >= CALL_AT {
                return;
            }
            rung.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, FreshLines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FreshLines {
    /// Where the journal goes on after them.
    pub(crate) const fn end(&self) -> JournalPlace {
        let offset = self.start.offset.saturating_add(self.bytes.len() as u64);
        JournalPlace { segment: self.start.segment, offset }
    }

    /// The checksum of what stands before their end; see [`super::check_before`].
    pub(crate) fn check(&self) -> Option<u32> {
        self.bytes.last_chunk().map(tail::check)
    }

    /// Their records.
    pub(crate) fn records(&self) -> impl Iterator<Item = Placed<'_>> {
        self.lines.iter().map(|line| {
            let end = line.record_end;
            let json = self.bytes.get(end.saturating_sub(line.record_bytes)..end);
            Placed {
                chain: line.chain,
                sequence: line.sequence,
                event_id: line.event_id,
                event_time: line.event_time,
                json: json.unwrap_or_default(),
            }
        })
    }

    fn clear(&mut self, start: JournalPlace) {
        self.start = start;
        self.bytes.clear();
        self.lines.clear();
    }

    fn extend(&mut self, bytes: &[u8], lines: &[LineEnd]) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.lines.extend(lines.iter().map(|line| LineEnd {
            record_end: before + line.record_end,
            end: before + line.end,
            ..*line
        }));
    }

    /// How many lines end before this place; `None` when no line begins there, nor the last ends.
    fn lines_before(&self, place: JournalPlace) -> Option<usize> {
        if place.segment != self.start.segment {
            return None;
        }
        let bytes = usize::try_from(place.offset.checked_sub(self.start.offset)?).ok()?;
        let lines = self.lines.partition_point(|line| line.end <= bytes);
        let last = lines.checked_sub(1).and_then(|last| self.lines.get(last));
        (last.map_or(0, |line| line.end) == bytes).then_some(lines)
    }

    fn drop_front(&mut self, lines: usize) {
        let last = lines.checked_sub(1).and_then(|last| self.lines.get(last));
        let Some(&LineEnd { end: bytes, .. }) = last else { return };
        self.bytes.drain(..bytes);
        self.lines.drain(..lines);
        for line in &mut self.lines {
            line.record_end -= bytes;
            line.end -= bytes;
        }
        self.start.offset = self.start.offset.saturating_add(bytes as u64);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::line;
    use super::super::tests::record;
    use super::*;
    use crate::chain::Head;

    const SEGMENT: u64 = 3;
    const START: u64 = 100;

    const fn at(offset: u64) -> JournalPlace {
        JournalPlace { segment: SEGMENT, offset }
    }

    /// The lines of these records, and where each of them ends.
    fn batch(numbers: std::ops::Range<u64>) -> (Vec<u8>, Vec<LineEnd>) {
        let (mut bytes, mut lines) = (Vec::new(), Vec::new());
        for number in numbers {
            let record = record(number, None);
            let head = Head { sequence: number, ..Head::default() };
            line::push_record(&mut bytes, &record, &[0; 32], &head);
            lines.push(LineEnd::new(&record, number, bytes.len()));
        }
        (bytes, lines)
    }

    fn sequences(lines: &FreshLines) -> Vec<u64> {
        lines.records().map(|record| record.sequence).collect()
    }

    #[test]
    fn records_come_back_as_their_lines_say_them() {
        let (bytes, lines) = batch(1..4);
        let fresh = Fresh::default();
        fresh.append(at(START), &bytes, &lines);
        let mut taken = FreshLines::default();
        assert!(fresh.take(at(START), u64::MAX, &mut taken));
        assert_eq!(taken.end(), at(START + bytes.len() as u64));
        let parsed = bytes.split(|byte| *byte == b'\n').filter_map(line::parse_record);
        let parsed: Vec<_> = parsed.map(|line| line.placed()).collect();
        assert_eq!(taken.records().collect::<Vec<_>>(), parsed);
        assert!(!fresh.take(taken.end(), u64::MAX, &mut taken));
    }

    #[test]
    fn nothing_is_had_from_between_lines_or_another_segment_or_before_and_after() {
        let (bytes, lines) = batch(1..4);
        let fresh = Fresh::default();
        fresh.append(at(START), &bytes, &lines);
        let mut taken = FreshLines::default();
        let elsewhere = JournalPlace { segment: SEGMENT + 1, offset: START };
        let end = START + bytes.len() as u64;
        for place in [elsewhere, at(START + 1), at(START - 1), at(end + 1), at(end - 1)] {
            assert!(!fresh.take(place, u64::MAX, &mut taken), "{place:?}");
        }
        let second = START + lines[0].end as u64;
        assert!(fresh.take(at(second), u64::MAX, &mut taken));
        assert_eq!(sequences(&taken), [2, 3]);
    }

    #[test]
    fn a_gap_and_too_much_begin_anew() {
        let (bytes, lines) = batch(1..4);
        let fresh = Fresh::default();
        let mut taken = FreshLines::default();
        fresh.append(at(START), &bytes, &lines);
        fresh.append(at(9000), &bytes, &lines);
        assert!(!fresh.take(at(START), u64::MAX, &mut taken));
        let mut place = 9000 + bytes.len() as u64;
        for _ in 0..=KEPT_MAX / bytes.len() {
            fresh.append(at(place), &bytes, &lines);
            place += bytes.len() as u64;
            assert!(fresh.lock().bytes.len() <= KEPT_MAX);
        }
        assert!(!fresh.take(at(9000), u64::MAX, &mut taken));
        assert!(fresh.take(at(place - bytes.len() as u64), u64::MAX, &mut taken));
        let large = vec![b'x'; KEPT_MAX + 1];
        fresh.append(taken.end(), &large, &[]);
        assert!(fresh.lock().bytes.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_reader_is_called_when_there_is_plenty_and_not_twice_for_it() {
        let (bytes, lines) = batch(1..40);
        let fresh = Fresh::default();
        let (mut place, mut taken) = (at(START), FreshLines::default());
        while fresh.lock().bytes.len() < CALL_AT {
            let called = tokio::time::timeout(std::time::Duration::from_secs(9), fresh.is_plenty());
            assert!(called.await.is_err());
            fresh.append(place, &bytes, &lines);
            place.offset += bytes.len() as u64;
        }
        fresh.is_plenty().await;
        assert!(fresh.take(at(START), u64::MAX, &mut taken));
        let again = tokio::time::timeout(std::time::Duration::from_secs(9), fresh.is_plenty());
        assert!(again.await.is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_taken_comes_once_and_in_order(
            steps in prop::collection::vec((0_u64..4, 0_u64..1500), 1..40),
        ) {
            let fresh = Fresh::default();
            let (mut written, mut number) = (at(START), 1);
            let (mut read, mut seen) = (at(START), Vec::new());
            let mut taken = FreshLines::default();
            for (records, size) in steps {
                let (bytes, lines) = batch(number..number + records);
                fresh.append(written, &bytes, &lines);
                number += records;
                written.offset += bytes.len() as u64;
                if fresh.take(read, size, &mut taken) {
                    let length = taken.end().offset - read.offset;
                    prop_assert!(length <= size);
                    seen.extend(sequences(&taken));
                    read = taken.end();
                }
            }
            if fresh.take(read, u64::MAX, &mut taken) {
                seen.extend(sequences(&taken));
            }
            prop_assert_eq!(seen, (1..number).collect::<Vec<_>>());
        }
    }
}

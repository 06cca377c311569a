//! The index of the journal: blocks, and marks of what records in them can be found by.
//!
//! A block is a piece of a segment of 1 to 2 MiB (less at a segment's end). Small pieces are not
//! indexed: what follows the last whole block is read whenever somebody looks something up. A mark
//! says that a value stands somewhere in a block:
//!
//! ```text
//! mark = the first four bytes of SHA-256( "trent trail mark v1\0" ‖ account ‖ Region ‖ "\0"
//!                                         ‖ attribute ‖ "\0" ‖ value )
//! ```
//!
//! Two values can share a mark, by chance in one block of a million: who looks into a block holds
//! its records against what was asked, and has then read one block for nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use sha2::{Digest, Sha256};
use trent_store::{BlockSpan, JournalPlace, TrailBlock};
use trent_types::{AccountId, Timestamp, TrailAttribute};

use crate::derive::postings::each_value;
use crate::derive::{Batch, Kind};
use crate::journal::PIECE_MAX;

/// A block never gets longer than this, in bytes.
pub(crate) const BLOCK_MAX: u64 = PIECE_MAX;

/// A block that is so long is whole: the longest line might not fit any more.
const WHOLE: u64 = (1 << 20) - 1024;

/// Values whose marks are remembered.
const REMEMBERED: usize = 1 << 15;

const DOMAIN: &[u8] = b"trent trail mark v1\0";

/// The mark of a value; of any record with no attribute and the empty value.
pub(crate) fn mark(
    chain: AccountId,
    region: &str,
    attribute: Option<TrailAttribute>,
    value: &str,
) -> u32 {
    let mut key = Vec::new();
    push_key(&mut key, chain, region, attribute, value);
    of_key(&key)
}

fn push_key(
    key: &mut Vec<u8>,
    chain: AccountId,
    region: &str,
    attribute: Option<TrailAttribute>,
    value: &str,
) {
    key.clear();
    key.extend_from_slice(chain.as_str().as_bytes());
    key.extend_from_slice(region.as_bytes());
    key.push(0);
    key.extend_from_slice(attribute.map_or("", TrailAttribute::as_str).as_bytes());
    key.push(0);
    key.extend_from_slice(value.as_bytes());
}

fn of_key(key: &[u8]) -> u32 {
    let hash: [u8; 32] = Sha256::new().chain_update(DOMAIN).chain_update(key).finalize().into();
    let [a, b, c, d, ..] = hash;
    u32::from_be_bytes([a, b, c, d])
}

/// Makes marks, and remembers those of the values that come again and again.
#[derive(Debug, Default)]
struct Marker {
    known: HashMap<Box<[u8]>, u32>,
    key: Vec<u8>,
}

impl Marker {
    fn mark(
        &mut self,
        chain: AccountId,
        region: &str,
        attribute: Option<TrailAttribute>,
        value: &str,
    ) -> u32 {
        push_key(&mut self.key, chain, region, attribute, value);
        if let Some(mark) = self.known.get(self.key.as_slice()) {
            return *mark;
        }
        let mark = of_key(&self.key);
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(self.key.as_slice().into(), mark);
        mark
    }
}

/// A block that is being read.
#[derive(Debug, Default)]
pub(crate) struct OpenBlock {
    start: Option<JournalPlace>,
    finish: u64,
    times: Option<(Timestamp, Timestamp)>,
    marks: HashSet<u32>,
    firsts: BTreeMap<AccountId, u64>,
    marker: Marker,
}

impl OpenBlock {
    /// How much of the journal it may still take in.
    pub(crate) fn room(&self) -> u64 {
        BLOCK_MAX.saturating_sub(self.len())
    }

    fn len(&self) -> u64 {
        self.start.map_or(0, |start| self.finish.saturating_sub(start.offset))
    }

    /// Takes in the records of a piece between these places, which follow what it has.
    pub(crate) fn add(&mut self, batch: &Batch<'_>, from: JournalPlace, to: JournalPlace) {
        self.start.get_or_insert(from);
        self.finish = to.offset;
        for record in batch.records() {
            let Some(chain) = record.chain else { continue };
            let (earliest, latest) = self.times.get_or_insert((record.at, record.at));
            (*earliest, *latest) = (record.at.min(*earliest), record.at.max(*latest));
            self.firsts.entry(chain).or_insert(record.sequence);
        }
        for Kind { account, facts, .. } in batch.kinds() {
            let (marks, marker) = (&mut self.marks, &mut self.marker);
            each_value(facts, |attribute, value| {
                marks.insert(marker.mark(*account, &facts.aws_region, attribute, value));
            });
        }
    }

    /// Whether nothing more fits.
    pub(crate) fn is_whole(&self) -> bool {
        self.len() >= WHOLE
    }

    /// Ends the block and begins another. `None` when no account can find anything in it.
    pub(crate) fn take(&mut self) -> Option<TrailBlock> {
        let (start, times) = (self.start.take(), self.times.take());
        let mut marks: Vec<u32> = self.marks.drain().collect();
        marks.sort_unstable();
        let firsts = std::mem::take(&mut self.firsts).into_iter().collect();
        let (start, (earliest, latest)) = start.zip(times)?;
        let span = BlockSpan { start, finish: self.finish, earliest, latest };
        Some(TrailBlock { span, marks, firsts })
    }
}

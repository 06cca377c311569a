//! What checkpoints say that the trail holds.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use trent_types::{EventId, Timestamp};

use super::line::{CheckpointLine, line_hash};
use crate::chain::{Chain, Head};
use crate::signing::{PublicKeys, seal};
use crate::walk::{Fault, FaultKind, Heads};

/// More places than this are not remembered of one chain: every second one is let go then, so that
/// years of checkpoints fit into memory. The last one stays.
const POINTS_MAX: usize = 1 << 15;

/// Checkpoints cannot be believed or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not what was signed.
    #[error("broken checkpoint, at {path}:{line}: {detail}", path = path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// In what way.
        detail: String,
    },
}

/// A checkpoint, named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When it was written.
    pub time: Timestamp,
    /// Its file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// The last record of the chain that it covers.
    pub sequence: u64,
    /// The last record up to which an earlier checkpoint was found right; 0 when there is none.
    pub sound: u64,
}

/// A record that must be there.
#[derive(Debug, Clone, Copy)]
struct Point {
    sequence: u64,
    hash: [u8; 32],
    time: Timestamp,
    file: usize,
    line: u64,
}

/// What checkpoints say that the chains hold.
#[derive(Debug, Default)]
pub struct Expected {
    files: Vec<Arc<Path>>,
    chains: HashMap<Chain, Vec<Point>>,
    lines: u64,
}

impl Expected {
    /// Reads every file of checkpoints in a folder, and checks signatures and order. Half a line at
    /// the end of a file is one that is being written.
    ///
    /// # Errors
    /// The first line that is not what was signed.
    pub fn read(directory: &Path, keys: &PublicKeys) -> Result<Self, CheckpointError> {
        let failed = |path: &Path, source| CheckpointError::Io { path: path.to_owned(), source };
        let mut expected = Self::default();
        let mut paths = Vec::new();
        for entry in fs::read_dir(directory).map_err(|error| failed(directory, error))? {
            let path = entry.map_err(|error| failed(directory, error))?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                paths.push(path);
            }
        }
        paths.sort();
        for path in paths {
            expected.read_file(&path, keys)?;
        }
        for points in expected.chains.values_mut() {
            points.sort_by_key(|point| point.sequence);
        }
        Ok(expected)
    }

    fn read_file(&mut self, path: &Path, keys: &PublicKeys) -> Result<(), CheckpointError> {
        let failed = |source| CheckpointError::Io { path: path.to_owned(), source };
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let file = self.files.len();
        self.files.push(path.into());
        let (mut bytes, mut previous, mut line) = (Vec::new(), None, 0);
        loop {
            bytes.clear();
            reader.read_until(b'\n', &mut bytes).map_err(failed)?;
            if bytes.pop() != Some(b'\n') {
                return Ok(());
            }
            line += 1;
            let broken = |detail: &dyn std::fmt::Display| CheckpointError::Broken {
                path: path.to_owned(),
                line,
                detail: detail.to_string(),
            };
            let text = std::str::from_utf8(&bytes).map_err(|error| broken(&error))?;
            let parsed = CheckpointLine::parse(text);
            let (checkpoint, key) = parsed.ok_or_else(|| broken(&"it is no checkpoint"))?;
            seal::check(text, &key, keys).map_err(|error| broken(&error))?;
            if !follows(previous.as_ref(), &checkpoint) {
                return Err(broken(&"it does not follow from the checkpoint before it"));
            }
            previous = Some((checkpoint.number, line_hash(text)));
            self.lines += 1;
            let time = checkpoint.time;
            for (chain, Head { sequence, hash }) in checkpoint.heads {
                let points = self.chains.entry(chain).or_default();
                points.push(Point { sequence, hash, time, file, line });
                if points.len() > POINTS_MAX {
                    thin(points);
                }
            }
        }
    }

    /// How many checkpoints there are.
    #[must_use]
    pub const fn checkpoints(&self) -> u64 {
        self.lines
    }

    /// The chains that checkpoints know.
    pub(crate) fn chains(&self) -> impl Iterator<Item = Chain> {
        self.chains.keys().copied()
    }

    fn mark(&self, point: &Point, sound: u64) -> Option<Mark> {
        let file = self.files.get(point.file)?.to_path_buf();
        let Point { sequence, time, line, .. } = *point;
        Some(Mark { time, file, line, sequence, sound })
    }

    /// The checkpoint that covers most of a chain.
    pub(crate) fn last(&self, chain: Chain) -> Option<Mark> {
        self.mark(self.chains.get(&chain)?.last()?, 0)
    }
}

fn follows(previous: Option<&(u64, [u8; 32])>, next: &CheckpointLine) -> bool {
    match previous {
        Some((number, hash)) => next.number == number + 1 && next.previous == *hash,
        None => next.number == 1 && next.previous == [0; 32],
    }
}

fn thin(points: &mut Vec<Point>) {
    // They come from several files.
    points.sort_by_key(|point| point.sequence);
    let last = points.len() - 1;
    let mut index = 0;
    points.retain(|_| {
        let keep = index % 2 == 1 || index == last;
        index += 1;
        keep
    });
}

/// Holds records that are walked against what is expected.
#[derive(Debug)]
pub(crate) struct Comparison<'a> {
    expected: &'a Expected,
    /// The next point of each chain, and up to where it was found right.
    reached: HashMap<Chain, (usize, u64)>,
}

/// A chain is not what a checkpoint says.
pub(crate) type Contradiction = Box<(Fault, Option<Mark>)>;

impl<'a> Comparison<'a> {
    pub(crate) fn new(expected: &'a Expected) -> Self {
        Self { expected, reached: HashMap::new() }
    }

    /// A record that follows from those before it was met; `event_id` is `None` where only its
    /// place and hash are known.
    pub(crate) fn meet(
        &mut self,
        chain: Chain,
        head: &Head,
        event_id: Option<EventId>,
    ) -> Result<(), Contradiction> {
        let Some(points) = self.expected.chains.get(&chain) else { return Ok(()) };
        let (next, sound) = self.reached.entry(chain).or_default();
        while let Some(point) = points.get(*next).filter(|point| point.sequence <= head.sequence) {
            // An earlier one was passed over in one step: nothing is known of it.
            if point.sequence == head.sequence {
                if point.hash != head.hash {
                    let fault = Fault {
                        kind: FaultKind::Broken,
                        chain: Some(chain),
                        sequence: Some(head.sequence),
                        event_id,
                        place: None,
                        detail: "it is not the record that was written, or one before it is not: \
                                 hashes were computed anew",
                    };
                    return Err(Box::new((fault, self.expected.mark(point, *sound))));
                }
                *sound = point.sequence;
            }
            *next += 1;
        }
        Ok(())
    }

    /// Every chain that was walked to its end must reach what checkpoints cover: names the first
    /// that does not.
    pub(crate) fn end(&self, heads: &Heads) -> Result<(), Contradiction> {
        let mut chains: Vec<_> = self.expected.chains().collect();
        chains.sort_unstable();
        chains.into_iter().try_for_each(|chain| self.end_of(chain, heads))
    }

    /// As [`Self::end`], for one chain.
    pub(crate) fn end_of(&self, chain: Chain, heads: &Heads) -> Result<(), Contradiction> {
        let sequence = heads.get(&chain).map_or(0, |head| head.sequence);
        let (_, sound) = self.reached.get(&chain).copied().unwrap_or_default();
        let last = self.expected.chains.get(&chain).and_then(|points| points.last());
        match last {
            Some(last) if last.sequence > sequence => {
                let fault = Fault {
                    kind: FaultKind::Truncated,
                    chain: Some(chain),
                    sequence: Some(sequence + 1),
                    event_id: None,
                    place: None,
                    detail: "the end of the chain was cut off",
                };
                Err(Box::new((fault, self.expected.mark(last, sound))))
            }
            Some(_) | None => Ok(()),
        }
    }
}

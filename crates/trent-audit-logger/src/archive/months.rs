//! Months of the distributed form's trail.

use std::path::Path;

use trent_store::{ArchiveStore, ArchivedPart};
use trent_types::{AccountId, Timestamp};

use super::ArchiveError;
use super::files::{self, Packed, Unfinished};
use super::manifest::{ChainRuns, Manifest, Run};
use crate::chain::{self, Chain, Head};
use crate::journal::push_record;
use crate::signing::{SignatureError, TrailKeyFile};
use crate::walk::{Fault, FaultKind};

/// How many records are read at a time.
const PAGE: u32 = 1_000;

/// How often a month is written anew into which records came meanwhile.
const ATTEMPTS: u32 = 3;

/// The month that a text like `2026-03` names, counted from January of year 0.
#[must_use]
pub fn parse_month(text: &str) -> Option<i64> {
    let (year, month) = text.split_once('-')?;
    if (year.len(), month.len()) != (4, 2) {
        return None;
    }
    let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then(|| i64::from(year) * 12 + i64::from(month) - 1)
}

fn month_name(month: i64) -> String {
    format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

/// Moves a month's records into a new folder under `to`. May be called again after whatever
/// happened. Says what was moved.
///
/// # Errors
/// [`ArchiveError`]; the records are in the trail then, unless it is the database that was lost
/// while it was asked to remove them.
pub async fn archive_month(
    store: &dyn ArchiveStore,
    month: i64,
    to: &Path,
    keys: &TrailKeyFile,
    now: Timestamp,
) -> Result<Manifest, ArchiveError> {
    let archived = store.archived().await?;
    let part = archived.iter().filter(|known| known.month == month).map(|known| known.part).max();
    let part = part.unwrap_or_default() + 1;
    let name = match part {
        1 => month_name(month),
        later => format!("{}.{later}", month_name(month)),
    };
    let public = keys.public_keys();
    for _ in 0..ATTEMPTS {
        let whole = to.join(&name);
        let (manifest, line) = if whole.exists() {
            files::verify(&whole, &public)?
        } else {
            write(store, month, to, &name, keys, now).await?
        };
        let records = manifest.records();
        if store.drop_month(&ArchivedPart { month, part, manifest: line }, records).await? {
            return Ok(manifest);
        }
        // What is in the files is in the trail, too, and more.
        std::fs::remove_dir_all(&whole).map_err(ArchiveError::io(&whole))?;
        files::sync(to)?;
    }
    Err(ArchiveError::Busy(name))
}

async fn write(
    store: &dyn ArchiveStore,
    month: i64,
    to: &Path,
    name: &str,
    keys: &TrailKeyFile,
    now: Timestamp,
) -> Result<(Manifest, String), ArchiveError> {
    let no_key =
        || ArchiveError::Signature { name: name.to_owned(), source: SignatureError::NotMade };
    let key = keys.signing().ok_or_else(no_key)?;
    let folder = Unfinished::begin(to, name)?;
    let mut manifest = Manifest::new(name, now, None);
    let mut chain = store.next_chain_of_month(month, None).await?;
    while let Some(present) = chain {
        let file = present.as_ref().map_or("system", AccountId::as_str);
        let mut file = Packed::begin(folder.path(), format!("{file}.jsonl.gz"))?;
        let runs = write_chain(store, month, present, &mut file).await?;
        manifest.files.push(file.finish()?);
        manifest.chains.push(ChainRuns::of(present, runs));
        chain = store.next_chain_of_month(month, Some(present)).await?;
    }
    let line = folder.finish(&manifest, key, &keys.public_keys())?;
    Ok((manifest, line))
}

/// Writes a chain's records of a month. Each of them must be what was written: a damaged trail is
/// not moved.
async fn write_chain(
    store: &dyn ArchiveStore,
    month: i64,
    chain: Chain,
    file: &mut Packed,
) -> Result<Vec<Run>, ArchiveError> {
    let (mut runs, mut after, mut line) = (Vec::<Run>::new(), 0, Vec::new());
    loop {
        let page = store.records_of_month(month, chain, after, PAGE).await?;
        for stored in &page {
            let (sequence, previous, hash) = (stored.sequence, stored.previous_hash, stored.hash);
            let broken = |detail| {
                ArchiveError::Trail(Fault {
                    kind: FaultKind::Broken,
                    chain: Some(chain),
                    sequence: Some(sequence),
                    event_id: Some(stored.record.event_id),
                    place: None,
                    detail,
                })
            };
            if chain::hash(&previous, sequence, &stored.record) != hash {
                return Err(broken("its hash is another"));
            }
            match runs.last_mut() {
                Some(run) if run.last + 1 == sequence => {
                    if run.hash != previous {
                        return Err(broken("it does not follow from the record before it"));
                    }
                    (run.last, run.hash) = (sequence, hash);
                }
                Some(_) | None => {
                    runs.push(Run { first: sequence, last: sequence, previous, hash });
                }
            }
            line.clear();
            push_record(&mut line, &stored.record, &previous, &Head { sequence, hash });
            file.write(&line)?;
            after = sequence;
        }
        if page.is_empty() {
            return Ok(runs);
        }
    }
}

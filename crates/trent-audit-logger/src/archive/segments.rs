//! Segments of the embedded form's journal. Only whole ones leave it, never the last.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use trent_types::Timestamp;

use super::ArchiveError;
use super::archives::Archives;
use super::files::{self, Packed, Unfinished};
use super::manifest::{ChainRuns, Manifest, Run};
use crate::chain::Chain;
use crate::journal::{self, ScanError};
use crate::signing::{PublicKeys, SignatureError, TrailKeyFile};
use crate::walk::Heads;

/// Manifests stay in the journal's folder.
const PREFIX: &str = "archived-";

/// The manifests of a journal, in order.
///
/// # Errors
/// When the folder or one of them cannot be read.
pub fn manifests(journal: &Path) -> io::Result<Vec<String>> {
    let names = manifest_names(journal)?;
    names.iter().map(|name| fs::read_to_string(journal.join(name))).collect()
}

/// The names of their files, in order.
pub(crate) fn manifest_names(journal: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(journal)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if is_manifest(&name) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Whether a file of a journal has the name of a manifest.
#[must_use]
pub fn is_manifest(name: &str) -> bool {
    let digits = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(".json"));
    digits.is_some_and(|digits| digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Moves the segments that hold nothing of `before` or later, and none after `last`, into a new
/// folder under `to`. The journal may be in use. May be called again after whatever happened. Says
/// what was moved; `None` when there is nothing.
///
/// # Errors
/// [`ArchiveError`]; the records are in the journal then.
pub fn archive_segments(
    directory: &Path,
    to: &Path,
    (before, last): (Timestamp, u64),
    keys: &TrailKeyFile,
    now: Timestamp,
) -> Result<Option<Manifest>, ArchiveError> {
    let public = keys.public_keys();
    let known = manifests(directory).map_err(ArchiveError::io(directory))?;
    let archives = Archives::read(known, &public)?;
    let archived = archives.last_segment();
    remove(directory, archived)?;
    let segments = journal::list(directory).map_err(ArchiveError::io(directory))?;
    // The last one is written, and what follows it is in no header yet.
    let (Some(first), Some(newest)) = (segments.first().copied(), segments.last().copied()) else {
        return Ok(None);
    };
    if first != archived + 1 {
        return Err(ArchiveError::Trail(journal::segment_gone(directory, archived + 1)));
    }
    let mut end = None;
    for segment in first..newest.min(last.saturating_add(1)) {
        let latest =
            journal::latest_before(directory, segment + 1).map_err(|e| scan(directory, e))?;
        if latest >= before {
            break;
        }
        end = Some(segment);
    }
    let Some(end) = end else { return Ok(None) };
    let name = format!("journal-{first}-{end}");
    let whole = to.join(&name);
    let (manifest, line) = if whole.exists() {
        files::verify(&whole, &public)?
    } else {
        write(directory, to, (first, end, archives.heads()), keys, now)?
    };
    note(directory, end, &line, &public)?;
    remove(directory, end)?;
    Ok(Some(manifest))
}

fn write(
    directory: &Path,
    to: &Path,
    (first, end, mut heads): (u64, u64, Heads),
    keys: &TrailKeyFile,
    now: Timestamp,
) -> Result<(Manifest, String), ArchiveError> {
    let name = format!("journal-{first}-{end}");
    let no_key = || ArchiveError::Signature { name: name.clone(), source: SignatureError::NotMade };
    let key = keys.signing().ok_or_else(no_key)?;
    let folder = Unfinished::begin(to, &name)?;
    let mut manifest = Manifest::new(&name, now, Some((first, end)));
    let mut runs = BTreeMap::<Chain, Run>::new();
    for segment in first..=end {
        let scanned = journal::scan(directory, segment, Some(&heads), |record| {
            let (sequence, hash) = (record.sequence, record.hash);
            let new = || Run { first: sequence, last: 0, previous: record.previous, hash };
            let run = runs.entry(record.chain).or_insert_with(new);
            (run.last, run.hash) = (sequence, hash);
        });
        let scanned = scanned.map_err(|error| scan(directory, error))?;
        if scanned.torn {
            return Err(ArchiveError::Trail(journal::lines_gone(directory, segment)));
        }
        heads = scanned.heads;
        let source = directory.join(journal::file_name(segment));
        let mut file = Packed::begin(folder.path(), format!("{}.gz", journal::file_name(segment)))?;
        file.copy(File::open(&source).map_err(ArchiveError::io(&source))?)?;
        manifest.files.push(file.finish()?);
    }
    manifest.chains =
        runs.into_iter().map(|(chain, run)| ChainRuns::of(chain, vec![run])).collect();
    let line = folder.finish(&manifest, key, &keys.public_keys())?;
    Ok((manifest, line))
}

/// Puts the manifest into the journal's folder: from then on the segments are not missed.
fn note(directory: &Path, end: u64, line: &str, keys: &PublicKeys) -> Result<(), ArchiveError> {
    Manifest::read(line, keys)?;
    let path = directory.join(format!("{PREFIX}{end:020}.json"));
    let beside = path.with_extension("new");
    let written = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(line.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    };
    written().map_err(ArchiveError::io(&path))?;
    files::sync(directory)
}

/// Removes the segments up to this one, the oldest first.
fn remove(directory: &Path, end: u64) -> Result<(), ArchiveError> {
    let segments = journal::list(directory).map_err(ArchiveError::io(directory))?;
    let archived: Vec<_> = segments.into_iter().filter(|segment| *segment <= end).collect();
    for segment in &archived {
        let path = directory.join(journal::file_name(*segment));
        fs::remove_file(&path).map_err(ArchiveError::io(&path))?;
    }
    if archived.is_empty() { Ok(()) } else { files::sync(directory) }
}

fn scan(directory: &Path, error: ScanError) -> ArchiveError {
    match error {
        ScanError::Io(source) => ArchiveError::io(directory)(source),
        ScanError::Fault(fault) => ArchiveError::Trail(fault),
    }
}

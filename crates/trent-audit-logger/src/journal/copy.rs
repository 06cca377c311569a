//! A copy of a journal, made while a process writes it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::JournalError;
use super::line;
use super::mark::{check_mark, lines_gone, read_mark};
use super::segment::{self, ScanError};
use super::storage::MARK;
use crate::archive::manifest_names;

/// How often the last segment is copied at most. It is copied again when its writer cut off and
/// rewrote what was just being read, which it does after a failed write only.
const ATTEMPTS: usize = 5;

/// Copies the journal in `from` to the new directory `to` (mode 0700, files 0600), durably, and
/// returns the names of its files. Every record that was accepted before the call is in the copy.
/// Blocks, for as long as reading all of it takes.
///
/// Only the last segment is ever written, by appending; so only its end needs care. How far it
/// counts is found as a restart after a crash finds it: up to its last whole line whose checksum
/// and chain are right. A record is accepted only once its whole line is in the file, so none is
/// missed; what follows, the beginning of a line, is cut off. Whole lines that were not yet synced
/// may be among what is copied: a restart would keep them as well, and nobody was answered for
/// them. The mark of the journal is a lower bound that the copy must reach; it gets one of its own.
///
/// # Errors
/// [`JournalError::Damaged`] when the journal is, [`JournalError::Io`] when it cannot be read or
/// the copy not written.
pub fn copy(from: &Path, to: &Path) -> Result<Vec<String>, JournalError> {
    // In this order: the journal only moves away from its mark, and to segments after these.
    let mark = read_mark(from)?;
    let segments = segment::list(from)?;
    fs::DirBuilder::new().mode(0o700).create(to)?;
    let mut names = Vec::with_capacity(segments.len() + 1);
    let Some((&last, finished)) = segments.split_last() else {
        return Err(JournalError::Damaged(lines_gone(from, 1)));
    };
    for &number in finished {
        let name = segment::file_name(number);
        copy_file(&from.join(&name), &to.join(&name))?;
        names.push(name);
    }
    for name in manifest_names(from)? {
        copy_file(&from.join(&name), &to.join(&name))?;
        names.push(name);
    }
    let length = copy_last(from, to, last)?;
    check_mark(mark, last, length, to)?;
    names.push(segment::file_name(last));
    let mut own_mark = Vec::with_capacity(line::MARK_LENGTH);
    line::push_mark(&mut own_mark, last, length);
    let mut file = new_file(&to.join(MARK))?;
    file.write_all(&own_mark)?;
    file.sync_all()?;
    names.push(MARK.to_owned());
    File::open(to)?.sync_all()?;
    Ok(names)
}

/// Copies the segment that is being written, and cuts the copy after its last whole line. Returns
/// the copy's length.
fn copy_last(from: &Path, to: &Path, last: u64) -> Result<u64, JournalError> {
    let (source, target) = (from.join(segment::file_name(last)), to.join(segment::file_name(last)));
    let mut attempt = 1;
    loop {
        let file = copy_file(&source, &target)?;
        match segment::scan(to, last, None, |_| ()) {
            Ok(scanned) => {
                file.set_len(scanned.good_length)?;
                file.sync_all()?;
                return Ok(scanned.good_length);
            }
            Err(ScanError::Fault(_)) if attempt < ATTEMPTS => {
                attempt += 1;
                fs::remove_file(&target)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn copy_file(from: &Path, to: &Path) -> io::Result<File> {
    let mut source = File::open(from)?;
    let mut target = new_file(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()?;
    Ok(target)
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

//! Reading behind the writer, piece by piece, without walking the chains.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use trent_store::JournalPlace;
use trent_types::Timestamp;

use super::line::{self, BLOCK};
use super::segment;

/// How much is read at a time at most; there is always a whole line in it.
pub(crate) const PIECE_MAX: u64 = 2 << 20;

/// How much before a place its checksum covers, without the spaces that fill a block.
const CHECKED: usize = 256;

/// In so many bytes before a place there is as much, unless the segment begins among them.
const LOOKED_AT: usize = CHECKED + BLOCK;

/// A piece of a segment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Whole lines with their ends, perhaps none; never a segment's first line.
    pub(crate) bytes: Vec<u8>,
    /// Where to go on; never after the end, unless nothing is left before it.
    pub(crate) next: JournalPlace,
}

impl Piece {
    /// Its lines, without their ends.
    pub(crate) fn lines(&self) -> Lines<'_> {
        Lines(&self.bytes)
    }
}

/// Lines that are taken from either end.
pub(crate) struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.0).unwrap_or(self.0.len());
        let (line, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..).unwrap_or_default();
        Some(line)
    }
}

impl DoubleEndedIterator for Lines<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let whole = self.0.strip_suffix(b"\n").unwrap_or(self.0);
        let start = memchr::memrchr(b'\n', whole).map_or(0, |at| at + 1);
        let (rest, line) = whole.split_at_checked(start)?;
        self.0 = rest;
        Some(line)
    }
}

/// Reads a piece after `from`, of up to `size` bytes. Nothing at or after `end` is read. A segment
/// that is not there any more is passed over. Blocks.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn piece(
    directory: &Path,
    from: JournalPlace,
    end: JournalPlace,
    size: u64,
) -> io::Result<Piece> {
    let nothing = |next| Ok(Piece { bytes: Vec::new(), next });
    // Only the last segment is ever written.
    let finished = from.segment < end.segment;
    let after = JournalPlace { segment: from.segment.saturating_add(1), offset: 0 };
    let file = match File::open(directory.join(segment::file_name(from.segment))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && finished => return nothing(after),
        opened => opened?,
    };
    let limit = if finished { file.metadata()?.len() } else { end.offset };
    let left = limit.saturating_sub(from.offset);
    if left == 0 {
        return nothing(if finished { after } else { end });
    }
    if from.offset == 0 {
        let header = BufReader::new(file.take(limit)).skip_until(b'\n')? as u64;
        return nothing(JournalPlace { offset: header, ..from });
    }
    let mut bytes = vec![0; usize::try_from(left.min(size)).unwrap_or(usize::MAX)];
    let read = read_at(&file, &mut bytes, from.offset)?;
    bytes.truncate(read);
    // What follows the last whole line is read with the next piece. There is always a whole one,
    // unless the file is damaged: then nothing in this piece can be.
    let whole = memchr::memrchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1);
    bytes.truncate(whole);
    let offset = if read == 0 { limit } else { from.offset.saturating_add(whole as u64) };
    Ok(Piece { bytes, next: JournalPlace { offset: offset.min(limit), ..from } })
}

/// As many bytes as there are.
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..)
        && !rest.is_empty()
    {
        match file.read_at(rest, offset.saturating_add(read as u64)) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// The checksum of what stands before a place, when it is at hand.
pub(super) fn check(before: &[u8; LOOKED_AT]) -> u32 {
    check_of(before)
}

fn check_of(before: &[u8]) -> u32 {
    let last = line::without_spaces(before.strip_suffix(b"\n").unwrap_or(before));
    let end = last.get(last.len().saturating_sub(CHECKED - 1)..).unwrap_or_default();
    crc32c::crc32c_append(crc32c::crc32c(end), b"\n")
}

/// A checksum of what stands before a place; `None` when the journal does not reach it, or has
/// given that segment away.
///
/// # Errors
/// When the file is there and cannot be read.
pub(crate) fn check_before(directory: &Path, place: JournalPlace) -> io::Result<Option<u32>> {
    let file = match File::open(directory.join(segment::file_name(place.segment))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let length = place.offset.min(LOOKED_AT as u64);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    let read = read_at(&file, &mut bytes, place.offset.saturating_sub(length))?;
    Ok((read as u64 == length).then(|| check_of(&bytes)))
}

/// The number of the first segment that is there; 1 when there is none.
///
/// # Errors
/// When the directory cannot be read.
pub(crate) fn first_segment(directory: &Path) -> io::Result<u64> {
    Ok(segment::list(directory)?.first().copied().unwrap_or(1))
}

/// How many bytes lie between two places.
///
/// # Errors
/// When the length of a file cannot be told.
pub(crate) fn distance(directory: &Path, from: JournalPlace, end: JournalPlace) -> io::Result<u64> {
    let mut bytes = 0_u64;
    for number in segment::list(directory)? {
        if (from.segment..=end.segment).contains(&number) {
            let begin = if number == from.segment { from.offset } else { 0 };
            let until = if number == end.segment {
                end.offset
            } else {
                directory.join(segment::file_name(number)).metadata()?.len()
            };
            bytes = bytes.saturating_add(until.saturating_sub(begin));
        }
    }
    Ok(bytes)
}

/// The moment of the first record; `None` while there is none.
///
/// # Errors
/// When the journal cannot be read.
pub(crate) fn first_event_time(directory: &Path) -> io::Result<Option<Timestamp>> {
    for number in segment::list(directory)? {
        let mut lines = BufReader::new(File::open(directory.join(segment::file_name(number)))?);
        lines.skip_until(b'\n')?;
        let mut first = Vec::new();
        lines.take(line::MAX_LINE).read_until(b'\n', &mut first)?;
        let record = first.strip_suffix(b"\n").and_then(line::parse_record);
        if let Some(record) = record {
            return Ok(Some(record.event_time));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_place_is_told_from_anything_else_also_behind_spaces() {
        let end = [&[b'x'; CHECKED - 1][..], b"\n"].concat();
        assert_eq!(check_of(&end), crc32c::crc32c(&end));
        let filled = |byte: u8| {
            let spaces = vec![b' '; BLOCK - 1];
            [&b"y".repeat(CHECKED)[..], b"before", &[byte], &spaces, b"\n"].concat()
        };
        let check = |byte| check(filled(byte).last_chunk().unwrap());
        assert_eq!(check(b'1'), check_of(&filled(b'1')));
        assert_ne!(check(b'1'), check(b'2'));
    }

    #[test]
    fn lines_are_the_same_from_either_end() {
        for (text, lines) in [
            ("", vec![]),
            ("a\nbc\n", vec!["a", "bc"]),
            ("a\n\nbc", vec!["a", "", "bc"]),
            ("\n", vec![""]),
        ] {
            let forth: Vec<_> = Lines(text.as_bytes()).collect();
            let mut back: Vec<_> = Lines(text.as_bytes()).rev().collect();
            back.reverse();
            let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
            assert_eq!((&forth, &back), (&lines, &lines), "{text:?}");
        }
    }
}

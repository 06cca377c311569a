//! Files of checkpoints: written, read, damaged.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use trent_types::{ManualClock, Timestamp};

use super::appender::Appender;
use super::line::CheckpointLine;
use super::*;
use crate::chain::{Chain, Head};
use crate::signing::{PublicKeys, SigningKey, SigningKeys, TrailKeyFile};

/// Appends checkpoints of these heads, a line each.
pub(crate) fn write(directory: &Path, key: &SigningKey, lines: &[Vec<(Chain, Head)>]) {
    let mut appender = Appender::open(directory, "host").unwrap();
    for heads in lines {
        let (number, previous) = appender.next();
        let time = Timestamp::from_millis(1_700_000_000_000 + number as i64 * 60_000);
        let line = CheckpointLine { number, time, previous, heads: heads.clone() };
        appender.append(&line.signed(key).unwrap()).unwrap();
    }
}

/// A key with its public keys.
pub(crate) fn key() -> (TrailKeyFile, PublicKeys) {
    let file = TrailKeyFile::generate(Timestamp::default()).unwrap();
    let keys = file.public_keys();
    (file, keys)
}

fn head(sequence: u64) -> Head {
    Head { sequence, hash: [sequence as u8; 32] }
}

fn lines() -> Vec<Vec<(Chain, Head)>> {
    let account = Some("123456789012".parse().unwrap());
    vec![vec![(None, head(1)), (account, head(7))], vec![(None, head(2))], vec![(account, head(9))]]
}

fn broken(directory: &Path, keys: &PublicKeys) -> (u64, String) {
    match Expected::read(directory, keys).unwrap_err() {
        CheckpointError::Broken { line, detail, .. } => (line, detail),
        CheckpointError::Io { source, .. } => panic!("{source}"),
    }
}

#[test]
fn what_was_written_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = key();
    write(folder.path(), file.signing().unwrap(), &lines());
    let expected = Expected::read(folder.path(), &keys).unwrap();
    assert_eq!((expected.checkpoints(), expected.chains().count()), (3, 2));
    let last = expected.last(Some("123456789012".parse().unwrap())).unwrap();
    assert_eq!((last.sequence, last.line), (9, 3));
    assert_eq!(last.file, folder.path().join("host-1.jsonl"));
    assert_eq!(last.time, Timestamp::from_millis(1_700_000_180_000));
}

#[test]
fn no_byte_of_a_file_can_change_unnoticed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = key();
    write(folder.path(), file.signing().unwrap(), &lines());
    let path = folder.path().join("host-1.jsonl");
    let good = fs::read(&path).unwrap();
    for place in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[place] ^= 1;
        fs::write(&path, &bad).unwrap();
        let line = 1 + good[..place].iter().filter(|byte| **byte == b'\n').count() as u64;
        let found = broken(folder.path(), &keys).0;
        // A changed end of a line joins two lines.
        assert!(found == line || found == line + 1, "byte {place}: line {found}, not {line}");
    }
}

#[test]
fn lines_that_are_left_out_swapped_or_anothers_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = key();
    write(folder.path(), file.signing().unwrap(), &lines());
    let path = folder.path().join("host-1.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let whole: Vec<&str> = text.split_inclusive('\n').collect();
    for (order, line) in [([0, 2, 2], 2), ([1, 0, 2], 1), ([0, 2, 1], 2)] {
        fs::write(&path, order.map(|index| whole[index]).concat()).unwrap();
        assert_eq!(broken(folder.path(), &keys).0, line, "{order:?}");
    }
    fs::write(&path, &text).unwrap();
    let (line, detail) = broken(folder.path(), &key().1);
    assert!(line == 1 && detail.contains("no public key with the fingerprint"), "{detail}");
}

#[test]
fn half_a_line_is_cut_off_and_the_file_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = key();
    let signing = file.signing().unwrap();
    write(folder.path(), signing, &lines());
    let path = folder.path().join("host-1.jsonl");
    let length = fs::metadata(&path).unwrap().len();
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"format\":\"tr").unwrap();
    assert_eq!(Expected::read(folder.path(), &keys).unwrap().checkpoints(), 3);
    write(folder.path(), signing, &[vec![(None, head(5))]]);
    assert_eq!(Expected::read(folder.path(), &keys).unwrap().checkpoints(), 4);
    assert!(fs::metadata(&path).unwrap().len() > length);
}

#[test]
fn two_at_once_have_a_file_each() {
    let folder = tempfile::tempdir().unwrap();
    let first = Appender::open(folder.path(), "host").unwrap();
    let second = Appender::open(folder.path(), "host").unwrap();
    assert_ne!(first.path(), second.path());
    drop(first);
    let again = Appender::open(folder.path(), "host").unwrap();
    assert_eq!(again.path(), folder.path().join("host-1.jsonl"));
}

#[derive(Default)]
struct Moving(Mutex<BTreeMap<Chain, Head>>);

#[async_trait]
impl ChainHeads for Moving {
    async fn chain_heads(&self) -> Result<Vec<(Chain, Head)>, HeadsUnknown> {
        Ok(self.0.lock().unwrap().iter().map(|(chain, head)| (*chain, *head)).collect())
    }
}

#[tokio::test]
async fn only_what_moved_is_written_and_after_a_key_rotation_the_new_key_signs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit-signing.key");
    let first = TrailKeyFile::generate(Timestamp::default()).unwrap();
    fs::write(&path, first.to_text().expose()).unwrap();
    let keys = Arc::new(SigningKeys::open(&path).unwrap());
    let heads = Arc::new(Moving::default());
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_700_000_000_000)));
    let directory = folder.path().join("checkpoints");
    let minute = Duration::from_secs(60);
    let mut checkpoints = Checkpoints::new(heads.clone(), keys, clock, directory.clone(), minute);
    checkpoints.write().await;
    assert!(!directory.exists(), "there is nothing to say yet");
    let account = Some("123456789012".parse().unwrap());
    heads.0.lock().unwrap().extend([(None, head(3)), (account, head(4))]);
    checkpoints.write().await;
    checkpoints.write().await;
    heads.0.lock().unwrap().insert(account, head(5));
    let second = first.rotated(Timestamp::from_millis(1_700_000_000_000)).unwrap();
    fs::write(&path, second.to_text().expose()).unwrap();
    checkpoints.write().await;
    let files: Vec<_> = fs::read_dir(&directory).unwrap().collect();
    let text = fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
    let lines: Vec<_> = text.lines().map(|line| CheckpointLine::parse(line).unwrap()).collect();
    let [(one, old), (two, new)] = lines.as_slice() else { panic!("{text}") };
    assert_eq!(one.heads, [(None, head(3)), (account, head(4))]);
    assert_eq!(two.heads, [(account, head(5))]);
    assert_eq!(old, first.signing().unwrap().fingerprint());
    assert_eq!(new, second.signing().unwrap().fingerprint());
    Expected::read(&directory, &second.public_keys()).unwrap();
}

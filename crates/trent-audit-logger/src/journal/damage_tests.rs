//! A journal that was damaged: cut off, changed, shortened or mixed up, and what is found of it.

use std::fs;
use std::path::{Path, PathBuf};

use super::tests::{account, config, on_core, record, verified, written};
use super::*;
use crate::chain::Head;
use crate::checkpoints::{self, Expected};
use crate::verify::{Against, FaultKind, verify_journal_against};

fn first_segment(directory: &Path) -> PathBuf {
    directory.join(segment::file_name(1))
}

fn change_lines(file: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(file).unwrap();
    let mut lines: Vec<_> = text.split_inclusive('\n').map(str::to_owned).collect();
    change(&mut lines);
    fs::write(file, lines.concat()).unwrap();
}

#[test]
fn a_last_line_torn_at_any_byte_is_cut_off_and_the_journal_goes_on() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 3);
    let file = first_segment(&directory);
    let whole = fs::read(&file).unwrap();
    let mut torn_line = Vec::new();
    let head = verified(&directory).chains[0].1;
    let next = Head { sequence: 4, hash: [1; 32] };
    line::push_record(&mut torn_line, &record(4, account()), &head.hash, &next);
    for length in 0..torn_line.len() {
        for zeros in [0, 7] {
            let mut bytes = whole.clone();
            bytes.extend_from_slice(&torn_line[..length]);
            bytes.resize(bytes.len() + zeros, 0);
            fs::write(&file, &bytes).unwrap();
            let report = verified(&directory);
            assert_eq!((report.fault.clone(), report.records()), (None, 3), "torn at {length}");
            drop(Journal::open(&config(temporary.path())).unwrap());
            assert_eq!(fs::read(&file).unwrap(), whole, "torn at {length}");
        }
    }
    written(temporary.path(), 1);
    assert_eq!(verified(&directory).records(), 4);
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 2);
    let file = first_segment(&directory);
    let whole = fs::read(&file).unwrap();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        fs::write(&file, &bytes).unwrap();
        assert!(verified(&directory).fault.is_some(), "byte {place}");
        assert!(Journal::open(&config(temporary.path())).is_err(), "byte {place}");
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(verified(&directory).fault, None);
}

#[test]
fn a_deleted_line_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 5);
    change_lines(&first_segment(&directory), |lines| drop(lines.remove(3)));
    let fault = verified(&directory).fault.unwrap();
    assert_eq!(
        (fault.kind, fault.chain, fault.sequence),
        (FaultKind::Missing, Some(account()), Some(3))
    );
    assert_eq!(fault.place.clone().unwrap().line, 4);
    let Err(JournalError::Damaged(refusal)) = Journal::open(&config(temporary.path())) else {
        panic!("a damaged journal was opened");
    };
    assert!(refusal.to_string().contains("00000000000000000001.jsonl:4"), "{refusal}");
}

#[test]
fn swapped_lines_are_named() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 5);
    change_lines(&first_segment(&directory), |lines| lines.swap(2, 3));
    let fault = verified(&directory).fault.unwrap();
    assert_eq!((fault.kind, fault.sequence), (FaultKind::Reordered, Some(2)));
    assert_eq!(fault.event_id, Some(record(2, None).event_id));
}

#[test]
fn a_line_that_stands_twice_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 5);
    change_lines(&first_segment(&directory), |lines| lines.insert(3, lines[2].clone()));
    let fault = verified(&directory).fault.unwrap();
    assert_eq!((fault.kind, fault.sequence), (FaultKind::Reordered, Some(2)));
}

#[test]
fn a_record_that_was_rewritten_with_a_right_checksum_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 3);
    let file = first_segment(&directory);
    let text = fs::read_to_string(&file).unwrap();
    let second = text.lines().nth(2).unwrap();
    let parsed = line::parse_record(second.as_bytes()).unwrap();
    let head = Head { sequence: 2, hash: parsed.hash };
    let forged = AuditRecord { cloudtrail_json: b"{}".to_vec(), ..record(2, account()) };
    let mut line = Vec::new();
    line::push_record(&mut line, &forged, &parsed.previous, &head);
    let line = String::from_utf8(line).unwrap();
    change_lines(&file, |lines| lines[2] = line);
    let fault = verified(&directory).fault.unwrap();
    assert_eq!((fault.kind, fault.sequence), (FaultKind::Broken, Some(2)));
    assert_eq!(fault.place.unwrap().line, 3);
}

#[test]
fn an_end_that_was_cut_off_is_noticed() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 5);
    change_lines(&first_segment(&directory), |lines| drop(lines.pop()));
    assert_eq!(verified(&directory).fault.unwrap().kind, FaultKind::Truncated);
    assert!(Journal::open(&config(temporary.path())).is_err());
}

#[test]
fn a_missing_segment_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let config = JournalConfig { segment_bytes: 1, ..config(temporary.path()) };
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        for number in 1..=5 {
            journal.relay(&[record(number, None)]).await.unwrap();
        }
    });
    let gone = config.directory.join(segment::file_name(2));
    fs::remove_file(&gone).unwrap();
    let fault = verified(&config.directory).fault.unwrap();
    assert_eq!((fault.kind, fault.place.unwrap().file), (FaultKind::Missing, gone));
}

#[test]
fn lines_missing_at_the_end_of_an_older_segment_are_named() {
    let temporary = tempfile::tempdir().unwrap();
    let config = JournalConfig { segment_bytes: 700, ..config(temporary.path()) };
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        for number in 1..=6 {
            journal.relay(&[record(number, None)]).await.unwrap();
        }
    });
    change_lines(&first_segment(&config.directory), |lines| drop(lines.pop()));
    let fault = verified(&config.directory).fault.unwrap();
    assert_eq!((fault.kind, fault.chain), (FaultKind::Missing, Some(None)));
}

/// Checkpoints that cover the journal as it is now.
fn covered(directory: &Path) -> Against {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = checkpoints::tests::key();
    let heads = verified(directory).chains;
    checkpoints::tests::write(folder.path(), file.signing().unwrap(), &[heads]);
    let expected = Expected::read(folder.path(), &keys).unwrap();
    Against { expected, ..Against::default() }
}

/// Writes a whole journal of these records, as who has all of Trent's code can.
fn forged(directory: &Path, records: &[AuditRecord]) {
    fs::remove_dir_all(directory).unwrap();
    let config = JournalConfig::new(directory.to_owned());
    on_core(async {
        let journal = Journal::open(&config).unwrap();
        journal.relay(records).await.unwrap();
    });
    assert_eq!(verified(directory).fault, None, "the journal alone shows nothing");
}

fn found(directory: &Path, expected: &Against) -> (FaultKind, Option<u64>) {
    let report = verify_journal_against(directory, expected).unwrap();
    let line = report.finding().unwrap();
    assert!(line.contains("checkpoint of 2023-11-14T22:14:20Z ("), "{line}");
    let fault = report.fault.unwrap();
    (fault.kind, fault.sequence)
}

#[test]
fn a_journal_that_was_written_anew_is_found_by_checkpoints() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 5);
    let expected = covered(&directory);
    assert_eq!(verify_journal_against(&directory, &expected).unwrap().fault, None);
    let mut records: Vec<_> = (1..=5).map(|number| record(number, account())).collect();
    records.swap(1, 3);
    forged(&directory, &records);
    assert_eq!(found(&directory, &expected), (FaultKind::Broken, Some(5)));
    records.swap(1, 3);
    records[2].cloudtrail_json = b"{}".to_vec();
    forged(&directory, &records);
    assert_eq!(found(&directory, &expected), (FaultKind::Broken, Some(5)));
}

#[test]
fn an_end_that_was_cut_off_with_its_mark_is_found_by_checkpoints() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = written(temporary.path(), 5);
    let expected = covered(&directory);
    change_lines(&first_segment(&directory), |lines| lines.truncate(4));
    let report = verify_journal_against(&directory, &expected).unwrap();
    let (fault, mark) = (report.fault.unwrap(), report.checkpoint.unwrap());
    assert_eq!((fault.kind, fault.sequence, mark.sequence), { (FaultKind::Truncated, Some(4), 5) });
    fs::remove_file(directory.join("mark")).unwrap();
    assert_eq!(verified(&directory).fault, None, "the journal alone shows nothing");
    assert_eq!(found(&directory, &expected), (FaultKind::Truncated, Some(4)));
    fs::remove_file(first_segment(&directory)).unwrap();
    assert_eq!(found(&directory, &expected), (FaultKind::Truncated, Some(1)));
}

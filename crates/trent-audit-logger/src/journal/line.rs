//! The lines of a segment: written by pushes, read by the same layout.
//!
//! A line is one JSON object that starts with the CRC-32C (RFC 3720, appendix B.4) of everything
//! after the checksum's comma, up to the line's end. The layout is fixed to the byte, so reading
//! needs no JSON parser, and `jq` reads it too.

use std::str;

use trent_types::{AuditRecord, EventId, Timestamp};

use crate::chain::{Chain, Head};

/// The longest record that the journal takes: four times what CloudTrail allows an event to be.
pub(super) const MAX_RECORD: usize = 1 << 20;

/// What stands around a record in its line is shorter: 348 bytes at most.
pub(super) const AROUND: usize = 512;

/// The longest line of a record: the record, what stands around it, and spaces to the end of a
/// block.
pub(super) const MAX_LINE: u64 = (MAX_RECORD + AROUND + BLOCK) as u64;

/// Every batch ends at a multiple of so many bytes of its segment, as disks take them without a
/// copy (open(2), `O_DIRECT`). So no block that holds accepted records is ever written again.
pub(super) const BLOCK: usize = 512;

/// How many bytes of a line follow its record, without spaces.
pub(super) const AFTER_RECORD: usize = b"}\n".len();

const OPEN: &[u8] = b"{\"crc32c\":\"";
const FORMAT: &[u8] = b"\"format\":\"trent-journal/1\",\"segment\":";

/// A record's line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RecordLine<'a> {
    pub(crate) chain: Chain,
    pub(crate) sequence: u64,
    pub(crate) previous: [u8; 32],
    pub(crate) hash: [u8; 32],
    pub(crate) event_id: EventId,
    pub(crate) event_time: Timestamp,
    pub(crate) json: &'a [u8],
}

/// A record in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed<'a> {
    pub(crate) chain: Chain,
    pub(crate) sequence: u64,
    pub(crate) event_id: EventId,
    pub(crate) event_time: Timestamp,
    pub(crate) json: &'a [u8],
}

impl<'a> RecordLine<'a> {
    /// The record in its place, without what ties it to others.
    pub(crate) const fn placed(&self) -> Placed<'a> {
        let Self { chain, sequence, event_id, event_time, json, .. } = *self;
        Placed { chain, sequence, event_id, event_time, json }
    }

    /// The record.
    pub(crate) fn to_record(&self) -> AuditRecord {
        AuditRecord {
            event_id: self.event_id,
            account: self.chain,
            event_time: self.event_time,
            cloudtrail_json: self.json.to_vec(),
            trace: None,
        }
    }
}

/// A segment's first line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HeaderLine {
    pub(crate) segment: u64,
    /// The latest event time of all segments before this one.
    pub(crate) latest: Timestamp,
    /// The chains as they stood when this segment was begun.
    pub(crate) heads: Vec<(Chain, Head)>,
}

/// Appends the line of a record whose hash is known.
pub(crate) fn push_record(
    buffer: &mut Vec<u8>,
    record: &AuditRecord,
    previous: &[u8; 32],
    head: &Head,
) {
    let start = open(buffer);
    push_chain(buffer, record.account);
    push_place(buffer, head.sequence);
    buffer.extend_from_slice(b",\"previous\":\"");
    push_hex(buffer, previous);
    buffer.extend_from_slice(b"\",\"hash\":\"");
    push_hex(buffer, &head.hash);
    buffer.extend_from_slice(b"\",\"event_id\":\"");
    push_event_id(buffer, record.event_id);
    buffer.extend_from_slice(b"\",\"time_ms\":");
    push_signed(buffer, record.event_time.as_millis());
    buffer.extend_from_slice(b",\"record\":");
    buffer.extend_from_slice(&record.cloudtrail_json);
    close(buffer, start);
}

/// Appends the line that begins a segment.
pub(super) fn push_header(buffer: &mut Vec<u8>, header: &HeaderLine) {
    let start = open(buffer);
    buffer.extend_from_slice(FORMAT);
    push_unsigned(buffer, header.segment);
    buffer.extend_from_slice(b",\"latest_ms\":");
    push_signed(buffer, header.latest.as_millis());
    buffer.extend_from_slice(b",\"heads\":[");
    for (index, (chain, head)) in header.heads.iter().enumerate() {
        buffer.extend_from_slice(if index == 0 { b"{" } else { b",{" });
        push_chain(buffer, *chain);
        push_place(buffer, head.sequence);
        buffer.extend_from_slice(b",\"hash\":\"");
        push_hex(buffer, &head.hash);
        buffer.extend_from_slice(b"\"}");
    }
    buffer.push(b']');
    close(buffer, start);
}

/// Lengthens the last line of a buffer, which begins at `start`, by spaces to the next whole block.
/// The buffer ends `length` bytes after a segment's beginning.
pub(super) fn fill_block(buffer: &mut Vec<u8>, start: usize, length: u64) {
    let missing = BLOCK - 1 - (length.wrapping_sub(1) % BLOCK as u64) as usize;
    if missing > 0 {
        buffer.pop();
        buffer.resize(buffer.len() + missing, b' ');
        seal(buffer, start);
    }
}

/// Appends the line that says how far the journal has come; as long as every other such line.
pub(super) fn push_mark(buffer: &mut Vec<u8>, segment: u64, length: u64) {
    let start = open(buffer);
    buffer.extend_from_slice(b"\"segment\":");
    push_unsigned(buffer, segment);
    buffer.extend_from_slice(b",\"bytes\":");
    push_unsigned(buffer, length);
    let filled = buffer.len() - start;
    buffer.resize(buffer.len() + MARK_LENGTH.saturating_sub(filled + 2), b' ');
    close(buffer, start);
}

/// The length of what [`push_mark`] appends: the longest numbers fit.
pub(super) const MARK_LENGTH: usize = 96;

/// Segment and length of a mark; `None` when it is not one.
pub(super) fn parse_mark(line: &[u8]) -> Option<(u64, u64)> {
    let mut rest = Cursor(checked(line.strip_suffix(b"\n")?)?);
    rest.literal(b"\"segment\":")?;
    let segment = rest.number()?;
    rest.literal(b",\"bytes\":")?;
    Some((segment, rest.number()?))
}

/// Takes a line (without its end) apart; `None` when it is not a whole and undamaged record.
pub(crate) fn parse_record(line: &[u8]) -> Option<RecordLine<'_>> {
    parse_fields(checked(line)?)
}

/// The account whose chain a line is of, as digits, at once and unchecked; empty for the system's.
pub(crate) fn chain_of(line: &[u8]) -> Option<&[u8]> {
    let mut rest = Cursor(line.get(OPEN.len() + 10..)?);
    rest.literal(b"\"chain\":\"")?;
    let end = rest.0.iter().take(13).position(|byte| *byte == b'"')?;
    rest.take(end)
}

/// What a damaged line seems to say, to name it by; never to be believed.
pub(crate) fn guess_record(line: &[u8]) -> Option<RecordLine<'_>> {
    parse_fields(line.get(OPEN.len() + 10..)?)
}

/// Takes a segment's first line (without its end) apart; `None` when it is not one, whole and
/// undamaged.
pub(crate) fn parse_header(line: &[u8]) -> Option<HeaderLine> {
    let mut rest = Cursor(checked(line)?);
    rest.literal(FORMAT)?;
    let segment = rest.number()?;
    rest.literal(b",\"latest_ms\":")?;
    let latest = Timestamp::from_millis(rest.number()?);
    rest.literal(b",\"heads\":[")?;
    let mut heads = Vec::new();
    while rest.literal(if heads.is_empty() { b"{" } else { b",{" }).is_some() {
        let (chain, sequence) = rest.place()?;
        rest.literal(b",\"hash\":\"")?;
        let hash = rest.hash()?;
        rest.literal(b"\"}")?;
        heads.push((chain, Head { sequence, hash }));
    }
    (without_spaces(rest.0) == b"]}").then_some(HeaderLine { segment, latest, heads })
}

fn parse_fields(fields: &[u8]) -> Option<RecordLine<'_>> {
    let mut rest = Cursor(fields);
    let (chain, sequence) = rest.place()?;
    rest.literal(b",\"previous\":\"")?;
    let previous = rest.hash()?;
    rest.literal(b"\",\"hash\":\"")?;
    let hash = rest.hash()?;
    rest.literal(b"\",\"event_id\":\"")?;
    let event_id = str::from_utf8(rest.take(36)?).ok()?.parse().ok()?;
    rest.literal(b"\",\"time_ms\":")?;
    let event_time = Timestamp::from_millis(rest.number()?);
    rest.literal(b",\"record\":")?;
    let json = without_spaces(rest.0).strip_suffix(b"}")?;
    Some(RecordLine { chain, sequence, previous, hash, event_id, event_time, json })
}

/// What follows the checksum, if the checksum is right and written as [`close`] writes it.
fn checked(line: &[u8]) -> Option<&[u8]> {
    let mut rest = Cursor(line);
    rest.literal(OPEN)?;
    let digits = rest.take(8)?;
    rest.literal(b"\",")?;
    (digits == crc_digits(rest.0)).then_some(rest.0)
}

fn open(buffer: &mut Vec<u8>) -> usize {
    let start = buffer.len();
    buffer.extend_from_slice(OPEN);
    buffer.extend_from_slice(b"00000000\",");
    start
}

fn close(buffer: &mut Vec<u8>, start: usize) {
    buffer.push(b'}');
    seal(buffer, start);
}

/// Ends the line that begins at `start` with the right checksum.
fn seal(buffer: &mut Vec<u8>, start: usize) {
    let digits_at = start + OPEN.len();
    let digits = crc_digits(buffer.get(digits_at + 10..).unwrap_or_default());
    if let Some(place) = buffer.get_mut(digits_at..digits_at + 8) {
        place.copy_from_slice(&digits);
    }
    buffer.push(b'\n');
}

/// What stands before the spaces at the end.
pub(super) fn without_spaces(mut line: &[u8]) -> &[u8] {
    while let Some(shorter) = line.strip_suffix(b" ") {
        line = shorter;
    }
    line
}

fn crc_digits(bytes: &[u8]) -> [u8; 8] {
    let mut digits = [0; 8];
    // Cannot fail: four bytes are eight digits.
    let _ = hex::encode_to_slice(crc32c::crc32c(bytes).to_be_bytes(), &mut digits);
    digits
}

fn push_chain(buffer: &mut Vec<u8>, chain: Chain) {
    buffer.extend_from_slice(b"\"chain\":\"");
    if let Some(account) = &chain {
        buffer.extend_from_slice(account.as_str().as_bytes());
    }
    buffer.push(b'"');
}

fn push_place(buffer: &mut Vec<u8>, sequence: u64) {
    buffer.extend_from_slice(b",\"sequence\":");
    push_unsigned(buffer, sequence);
}

fn push_event_id(buffer: &mut Vec<u8>, id: EventId) {
    let id = uuid::Uuid::from_bytes(*id.as_bytes());
    let mut text = uuid::Uuid::encode_buffer();
    buffer.extend_from_slice(id.hyphenated().encode_lower(&mut text).as_bytes());
}

fn push_hex(buffer: &mut Vec<u8>, hash: &[u8; 32]) {
    let mut digits = [0; 64];
    // Cannot fail: 32 bytes are 64 digits.
    let _ = hex::encode_to_slice(hash, &mut digits);
    buffer.extend_from_slice(&digits);
}

fn push_signed(buffer: &mut Vec<u8>, number: i64) {
    if number < 0 {
        buffer.push(b'-');
    }
    push_unsigned(buffer, number.unsigned_abs());
}

fn push_unsigned(buffer: &mut Vec<u8>, mut number: u64) {
    let start = buffer.len();
    loop {
        buffer.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = buffer.get_mut(start..) {
        digits.reverse();
    }
}

/// Bytes that are taken from the front.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn literal(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number<T: str::FromStr>(&mut self) -> Option<T> {
        let end = self.0.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'-')?;
        str::from_utf8(self.take(end)?).ok()?.parse().ok()
    }

    fn hash(&mut self) -> Option<[u8; 32]> {
        let mut hash = [0; 32];
        hex::decode_to_slice(self.take(64)?, &mut hash).ok()?;
        Some(hash)
    }

    /// Chain and sequence, as [`push_chain`] and [`push_place`] write them.
    fn place(&mut self) -> Option<(Chain, u64)> {
        self.literal(b"\"chain\":\"")?;
        let chain = if self.0.starts_with(b"\"") {
            None
        } else {
            Some(str::from_utf8(self.take(12)?).ok()?.parse().ok()?)
        };
        self.literal(b"\",\"sequence\":")?;
        Some((chain, self.number()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record() -> AuditRecord {
        AuditRecord {
            event_id: EventId::from_bytes([0xab; 16]),
            account: Some("123456789012".parse().unwrap()),
            event_time: Timestamp::from_millis(1_700_000_000_123),
            cloudtrail_json: br#"{"eventName":"Encrypt","x":[1,{}]}"#.to_vec(),
            trace: None,
        }
    }

    fn line(record: &AuditRecord) -> Vec<u8> {
        let mut line = Vec::new();
        push_record(&mut line, record, &[1; 32], &Head { sequence: 17, hash: [2; 32] });
        line
    }

    #[test]
    fn a_line_is_json_that_says_what_was_recorded() {
        let record = record();
        let line = line(&record);
        let json: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(json["chain"], "123456789012");
        assert_eq!(json["sequence"], 17);
        assert_eq!(json["previous"], "01".repeat(32));
        assert_eq!(json["hash"], "02".repeat(32));
        assert_eq!(json["event_id"], record.event_id.to_string());
        assert_eq!(json["time_ms"], 1_700_000_000_123_i64);
        assert_eq!(json["record"]["eventName"], "Encrypt");
    }

    #[test]
    fn a_line_comes_back_as_it_was_written() {
        for account in [None, Some("123456789012".parse().unwrap())] {
            let record = AuditRecord { account, ..record() };
            let line = line(&record);
            let parsed = parse_record(line.strip_suffix(b"\n").unwrap()).unwrap();
            assert_eq!(parsed.chain, account);
            assert_eq!((parsed.sequence, parsed.previous, parsed.hash), (17, [1; 32], [2; 32]));
            assert_eq!((parsed.event_id, parsed.event_time), (record.event_id, record.event_time));
            assert_eq!(parsed.json, record.cloudtrail_json);
        }
    }

    #[test]
    fn a_line_that_fills_a_block_comes_back_without_its_spaces() {
        let record = record();
        let short = line(&record).len() as u64;
        for before in [0, 1, 511 - short % 512, 512 - short % 512, 513 - short % 512] {
            let mut buffer = b"something".to_vec();
            let start = buffer.len();
            push_record(&mut buffer, &record, &[1; 32], &Head { sequence: 17, hash: [2; 32] });
            fill_block(&mut buffer, start, before + short);
            assert_eq!((before + (buffer.len() - start) as u64) % 512, 0);
            assert!((buffer.len() - start) as u64 - short < 512);
            let filled = buffer[start..].strip_suffix(b"\n").unwrap();
            serde_json::from_slice::<serde_json::Value>(filled).unwrap();
            assert_eq!(parse_record(filled).unwrap().json, record.cloudtrail_json);
            let shorter = filled.strip_suffix(b" ").unwrap_or(b"");
            assert_eq!(parse_record(shorter), None);
        }
    }

    #[test]
    fn a_header_comes_back_as_it_was_written() {
        let head = Head { sequence: u64::MAX, hash: [3; 32] };
        let account = Some("123456789012".parse().unwrap());
        for heads in [vec![], vec![(None, head)], vec![(account, head), (None, head)]] {
            let header = HeaderLine { segment: 9, latest: Timestamp::from_millis(-5), heads };
            let mut line = Vec::new();
            push_header(&mut line, &header);
            let length = line.len() as u64;
            fill_block(&mut line, 0, length);
            assert_eq!(line.len() % BLOCK, 0);
            serde_json::from_slice::<serde_json::Value>(&line).unwrap();
            assert_eq!(parse_header(line.strip_suffix(b"\n").unwrap()), Some(header));
        }
    }

    #[test]
    fn a_mark_comes_back_and_has_always_the_same_length() {
        for (segment, length) in [(0, 0), (u64::MAX, u64::MAX), (12, 3_456)] {
            let mut line = Vec::new();
            push_mark(&mut line, segment, length);
            assert_eq!(line.len(), MARK_LENGTH);
            assert_eq!(parse_mark(&line), Some((segment, length)));
        }
    }

    #[test]
    fn no_bit_can_flip_unnoticed() {
        let good = line(&record());
        let good = good.strip_suffix(b"\n").unwrap();
        for place in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.to_vec();
                bad[place] ^= 1 << bit;
                assert_eq!(parse_record(&bad), None, "bit {bit} of byte {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(parse_record(&bytes), None);
            prop_assert_eq!(parse_header(&bytes), None);
            prop_assert_eq!(parse_mark(&bytes), None);
            let _ = guess_record(&bytes);
        }
    }
}

//! What somebody can do to the trail who may do everything where it is kept.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};

/// All hashes, and the heads, by `trent_audit_logger::chain`.
pub const REHASH: &str = r"
DO $$
DECLARE
    r record;
    previous bytea;
    known text := NULL;
BEGIN
    FOR r IN SELECT * FROM audit_event ORDER BY chain, sequence LOOP
        IF known IS DISTINCT FROM r.chain THEN
            known := r.chain;
            previous := decode(repeat('00', 32), 'hex');
        END IF;
        UPDATE audit_event SET previous_hash = previous
            WHERE event_time = r.event_time AND event_id = r.event_id;
        previous := sha256('trent audit chain v1'::bytea || '\x00'::bytea || previous
            || int8send(r.sequence) || r.event_id
            || int8send(length(r.chain)) || r.chain::bytea || int8send(r.event_time)
            || int8send(length(r.cloudtrail_json)) || r.cloudtrail_json);
        UPDATE audit_event SET hash = previous
            WHERE event_time = r.event_time AND event_id = r.event_id;
        UPDATE audit_chain SET sequence = r.sequence, hash = previous WHERE chain = r.chain;
    END LOOP;
END
$$";

/// What stands between two texts of a line.
///
/// # Panics
/// When they are not in it.
#[must_use]
pub fn between<'a>(line: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = line.split_once(from).unwrap();
    rest.split_once(to).unwrap().0
}

/// CRC-32C (RFC 3720, appendix B.4), bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

/// A line of the journal: its checksum, and these fields.
#[must_use]
pub fn with_checksum(fields: &str) -> String {
    format!("{{\"crc32c\":\"{:08x}\",{fields}", crc32c(fields.as_bytes()))
}

/// Where each chain of a journal ends.
pub type Ends = BTreeMap<String, (u64, [u8; 32])>;

/// Gives every record of a segment the place at which it stands, and computes its hash and checksum
/// anew; the first line stays. `ends` are the chains before, and then after it.
///
/// # Panics
/// When the lines are no segment's.
#[must_use]
pub fn rehashed(lines: &[String], ends: &mut Ends) -> Vec<String> {
    let mut out = vec![lines[0].clone()];
    for line in &lines[1..] {
        let chain = between(line, "\"chain\":\"", "\"").to_owned();
        let event = between(line, "\"event_id\":\"", "\"");
        let time = between(line, "\"time_ms\":", ",");
        let (_, json) = line.split_once(",\"record\":").unwrap();
        // The last line of a batch fills its block with spaces.
        let spaces = &json[json.trim_end_matches(' ').len()..];
        let json = json.trim_end_matches(' ').strip_suffix('}').unwrap();
        let (sequence, previous) = ends.entry(chain.clone()).or_default();
        *sequence += 1;
        let id: Vec<u8> = (0..32)
            .step_by(2)
            .map(|at| u8::from_str_radix(&event.replace('-', "")[at..at + 2], 16).unwrap())
            .collect();
        let mut hashed = b"trent audit chain v1\0".to_vec();
        hashed.extend_from_slice(previous);
        hashed.extend_from_slice(&sequence.to_be_bytes());
        hashed.extend_from_slice(&id);
        hashed.extend_from_slice(&(chain.len() as u64).to_be_bytes());
        hashed.extend_from_slice(chain.as_bytes());
        hashed.extend_from_slice(&time.parse::<i64>().unwrap().to_be_bytes());
        hashed.extend_from_slice(&(json.len() as u64).to_be_bytes());
        hashed.extend_from_slice(json.as_bytes());
        let hash: [u8; 32] = digest(&SHA256, &hashed).as_ref().try_into().unwrap();
        out.push(with_checksum(&format!(
            "\"chain\":\"{chain}\",\"sequence\":{sequence},\"previous\":\"{}\",\"hash\":\"{}\",\
             \"event_id\":\"{event}\",\"time_ms\":{time},\"record\":{json}}}{spaces}",
            hex(previous),
            hex(&hash)
        )));
        *previous = hash;
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first line of a segment that begins where these chains end.
#[must_use]
pub fn header(segment: u64, latest_ms: i64, ends: &Ends) -> String {
    let head = |(chain, (sequence, hash)): (&String, &(u64, [u8; 32]))| {
        let hash = hex(hash);
        format!("{{\"chain\":\"{chain}\",\"sequence\":{sequence},\"hash\":\"{hash}\"}}")
    };
    let heads: Vec<String> = ends.iter().map(head).collect();
    with_checksum(&format!(
        "\"format\":\"trent-journal/1\",\"segment\":{segment},\"latest_ms\":{latest_ms},\
         \"heads\":[{}]}}",
        heads.join(",")
    ))
}

/// The mark of a journal whose last segment has these lines.
#[must_use]
pub fn mark(segment: u64, lines: &[String]) -> String {
    let length: usize = lines.iter().map(|line| line.len() + 1).sum();
    let fields = format!("\"segment\":{segment},\"bytes\":{length}");
    // The line has 96 bytes: the checksum's part has 21, the end two.
    with_checksum(&format!("{fields:<73}}}")) + "\n"
}

//! Records of a batch, taken apart; those that are alike, once.
//!
//! Most records of a busy hour differ from another one by their moment, their ids and their request
//! parameters alone, and nothing that is derived looks at those. So a record is taken apart only
//! when no other one of the batch has the same bytes everywhere else.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use memchr::memmem::{Finder, FinderRev};
use trent_types::{AccountId, AuditRecord, Counted, EventId, Timestamp};

use super::key_events;
use crate::facts::Facts;
use crate::journal::RecordLine;

/// A record in its place.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) chain: Option<AccountId>,
    pub(crate) sequence: u64,
    pub(crate) event_id: EventId,
    pub(crate) at: Timestamp,
    pub(crate) json: &'a [u8],
    /// What it says, in [`Batch::kinds`]. `None` where nobody asks: what is about no account is
    /// found by nobody and used no key.
    pub(crate) kind: Option<usize>,
}

/// What records that are alike say.
#[derive(Debug)]
pub(crate) struct Kind<'a> {
    pub(crate) account: AccountId,
    /// Of the first of them. Moment, ids and parameters are its own.
    pub(crate) facts: Facts<'a>,
    first: &'a [u8],
    /// Whether each of them tells something of a key's life.
    pub(crate) is_of_life: bool,
}

impl Kind<'_> {
    /// Whether its facts are this record's own.
    pub(crate) fn is_of(&self, record: &Told<'_>) -> bool {
        std::ptr::eq(self.first, record.json)
    }
}

/// Records in the order of their chains.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    told: Vec<Told<'a>>,
    kinds: Vec<Kind<'a>>,
    known: HashMap<Likeness<'a>, usize, RandomState>,
    cutter: Cutter,
}

/// The bytes that records share.
type Likeness<'a> = (AccountId, [&'a [u8]; 5]);

impl<'a> Batch<'a> {
    pub(crate) fn new() -> Self {
        let (told, kinds, known) = (Vec::new(), Vec::new(), HashMap::default());
        Self { told, kinds, known, cutter: Cutter::new() }
    }

    /// Takes in the record of a journal's line.
    pub(crate) fn push_line(&mut self, line: &RecordLine<'a>) {
        let RecordLine { chain, sequence, event_id, event_time: at, json, .. } = *line;
        let kind = chain.and_then(|account| self.kind(account, event_id, json));
        self.told.push(Told { chain, sequence, event_id, at, json, kind });
    }

    /// Takes in a record at this place of its chain.
    pub(crate) fn push_record(&mut self, sequence: u64, record: &'a AuditRecord) {
        let AuditRecord { event_id, account: chain, event_time: at, .. } = *record;
        let json = record.cloudtrail_json.as_slice();
        let kind = chain.and_then(|account| self.kind(account, event_id, json));
        self.told.push(Told { chain, sequence, event_id, at, json, kind });
    }

    pub(crate) fn records(&self) -> &[Told<'a>] {
        &self.told
    }

    pub(crate) fn kinds(&self) -> &[Kind<'a>] {
        &self.kinds
    }

    /// What a record of this batch says.
    pub(crate) fn kind_of(&self, record: &Told<'_>) -> Option<&Kind<'a>> {
        self.kinds.get(record.kind?)
    }

    fn kind(&mut self, account: AccountId, event_id: EventId, json: &'a [u8]) -> Option<usize> {
        let likeness = self.cutter.likeness(json).map(|shared| (account, shared));
        let known = likeness.as_ref().and_then(|likeness| self.known.get(likeness));
        if let Some(known) = known {
            return Some(*known);
        }
        let Some(facts) = Facts::of(json) else {
            tracing::error!(event = %event_id, "a record cannot be read: kept unindexed");
            return None;
        };
        let at = self.kinds.len();
        // Of what pairs are made of, the parameters tell.
        let likeness = likeness.filter(|_| Counted::of(&facts.event_name) != Counted::ByPair);
        self.known.extend(likeness.map(|likeness| (likeness, at)));
        let is_of_life = key_events::is_told(&facts);
        self.kinds.push(Kind { account, facts, first: json, is_of_life });
        Some(at)
    }
}

/// Cuts out of records what may differ between those that are alike.
///
/// Quotes within a JSON string are escaped, so the names looked for are names of members wherever
/// they stand. At whatever depth that is, what is cut out is their value and nothing that anybody
/// looks at.
#[derive(Debug)]
struct Cutter {
    event_time: Finder<'static>,
    parameters: Finder<'static>,
    request_id: FinderRev<'static>,
    event_id: FinderRev<'static>,
}

const EVENT_TIME: &[u8] = b",\"eventTime\":\"";
const PARAMETERS: &[u8] = b",\"requestParameters\":";
const REQUEST_ID: &[u8] = b",\"requestID\":\"";
const EVENT_ID: &[u8] = b",\"eventID\":\"";

impl Cutter {
    fn new() -> Self {
        Self {
            event_time: Finder::new(EVENT_TIME),
            parameters: Finder::new(PARAMETERS),
            request_id: FinderRev::new(REQUEST_ID),
            event_id: FinderRev::new(EVENT_ID),
        }
    }

    /// Everything but the moment, the parameters and the ids; `None` when the record is not laid
    /// out as records are.
    fn likeness<'a>(&self, json: &'a [u8]) -> Option<[&'a [u8]; 5]> {
        let (start, rest) =
            json.split_at_checked(self.event_time.find(json)? + EVENT_TIME.len())?;
        let rest = after_text(rest)?;
        let (named, rest) =
            rest.split_at_checked(self.parameters.find(rest)? + PARAMETERS.len())?;
        let rest = after_value(rest)?;
        let at = self.request_id.rfind(rest)? + REQUEST_ID.len();
        let (middle, rest) = rest.split_at_checked(at)?;
        let rest = after_text(rest)?;
        let (between, rest) = rest.split_at_checked(self.event_id.rfind(rest)? + EVENT_ID.len())?;
        Some([start, named, middle, between, after_text(rest)?])
    }
}

/// What follows a text without escapes, from its closing quote on.
fn after_text(json: &[u8]) -> Option<&[u8]> {
    let end = memchr::memchr2(b'"', b'\\', json)?;
    json.get(end..).filter(|rest| rest.starts_with(b"\""))
}

/// What follows an object, or null.
fn after_value(json: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = json.strip_prefix(b"null") {
        return Some(rest);
    }
    let (mut depth, mut at) = (0_u32, 0);
    loop {
        match json.get(at)? {
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            b'"' => at = end_of_text(json, at + 1)?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return json.get(at..);
        }
    }
}

/// Where the text that begins here has its closing quote.
fn end_of_text(json: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', json.get(at..)?)?;
        match json.get(at)? {
            b'"' => return Some(at),
            _ => at += 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNT: &str = "111122223333";

    fn record(name: &str, time: &str, parameters: &str, ids: [&str; 2], tail: &str) -> AuditRecord {
        let [request, event] = ids;
        let json = format!(
            r#"{{"userIdentity":{{"type":"Root"}},"eventTime":"{time}","eventSource":
            "kms.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1","requestParameters":
            {parameters},"responseElements":null,"requestID":"{request}","eventID":"{event}",
            "readOnly":true,"eventType":"AwsApiCall"{tail}}}"#
        );
        let lines = json.lines().map(str::trim_start);
        AuditRecord {
            event_id: EventId::from_bytes([1; 16]),
            account: Some(ACCOUNT.parse().unwrap()),
            event_time: Timestamp::from_millis(1),
            cloudtrail_json: lines.collect::<String>().into_bytes(),
            trace: None,
        }
    }

    /// The numbers of the kinds that the records are of.
    fn kinds(records: &[AuditRecord]) -> Vec<Option<usize>> {
        let mut batch = Batch::new();
        for record in records {
            batch.push_record(1, record);
        }
        batch.records().iter().map(|told| told.kind).collect()
    }

    #[test]
    fn moment_ids_and_parameters_make_no_difference() {
        let context =
            r#"{"encryptionContext":{"a\"}":"{","requestParameters":{},"eventTime":"x"}}"#;
        assert_eq!(
            kinds(&[
                record("Encrypt", "t1", "null", ["r1", "e1"], ""),
                record("Encrypt", "t2", r#"{"keyId":"k"}"#, ["r2", "e2"], ""),
                record("Encrypt", "t3", context, ["r3", "e3"], ""),
            ]),
            [Some(0); 3]
        );
    }

    #[test]
    fn whatever_else_differs_does() {
        let one = || record("Encrypt", "t", "null", ["r", "e"], "");
        let foreign = AuditRecord { account: Some("444455556666".parse().unwrap()), ..one() };
        assert_eq!(
            kinds(&[
                one(),
                record("Decrypt", "t", "null", ["r", "e"], ""),
                record("Encrypt", "t", "null", ["r", "e"], r#","recipientAccountId":"1""#),
                foreign,
                AuditRecord { account: None, ..one() },
                AuditRecord { cloudtrail_json: b"{}".to_vec(), ..one() },
                one(),
            ]),
            [Some(0), Some(1), Some(2), Some(3), None, None, Some(0)]
        );
    }

    #[test]
    fn pairs_are_told_apart_by_their_parameters() {
        let pair = || record("GenerateDataKeyPair", "t", "null", ["r", "e"], "");
        assert_eq!(kinds(&[pair(), pair()]), [Some(0), Some(1)]);
    }

    #[test]
    fn what_is_laid_out_differently_is_taken_apart_by_itself() {
        let other = |find: &str, instead: &str| {
            let record = record("Encrypt", "t", "null", ["r", "e"], "");
            let json = String::from_utf8(record.cloudtrail_json.clone()).unwrap();
            let cloudtrail_json = json.replace(find, instead).into_bytes();
            AuditRecord { cloudtrail_json, ..record }
        };
        for (find, instead) in [
            (r#""requestID":"r""#, r#""requestID":"r\"""#),
            (r#""eventTime":"t""#, r#""eventTime":null"#),
            (r#","requestParameters":null"#, ""),
            (r#","eventID":"e""#, ""),
        ] {
            let odd = other(find, instead);
            assert_eq!(kinds(&[odd.clone(), odd]), [Some(0), Some(1)], "{find}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_cutter_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = after_value(&bytes);
            let _ = after_text(&bytes);
            let mut json = br#"{"a":1,"eventTime":"t","requestParameters":"#.to_vec();
            json.extend(bytes);
            let _ = Cutter::new().likeness(&json);
        }
    }
}

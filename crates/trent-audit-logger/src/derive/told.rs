//! Records of a batch, taken apart; those that are alike, once.
//!
//! Most records of a busy hour differ from another one by their moment, their ids and their request
//! parameters alone, and nothing that is derived looks at those. So a record is taken apart only
//! when no other one of the batch has the same bytes everywhere else.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use trent_types::{AccountId, AuditRecord, Counted, EventId, Timestamp};

use super::key_events;
use super::likeness::{Cuts, Cutter};
use crate::facts::Facts;
use crate::journal::Placed;

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
    /// The record before, when another one may be like it: like records come in runs.
    before: Option<Before<'a>>,
    cutter: Cutter,
}

#[derive(Debug)]
struct Before<'a> {
    account: AccountId,
    json: &'a [u8],
    cuts: Cuts,
    kind: usize,
}

/// The bytes that records share.
type Likeness<'a> = (AccountId, [&'a [u8]; 5]);

impl<'a> Batch<'a> {
    pub(crate) fn new() -> Self {
        let (told, kinds, known) = (Vec::new(), Vec::new(), HashMap::default());
        Self { told, kinds, known, before: None, cutter: Cutter::new() }
    }

    /// Takes in a record.
    pub(crate) fn push(&mut self, record: Placed<'a>) {
        let Placed { chain, sequence, event_id, event_time: at, json } = record;
        let kind = chain.and_then(|account| self.kind(account, event_id, json));
        self.told.push(Told { chain, sequence, event_id, at, json, kind });
    }

    /// Takes in a record at this place of its chain.
    pub(crate) fn push_record(&mut self, sequence: u64, record: &'a AuditRecord) {
        let AuditRecord { event_id, account: chain, event_time, .. } = *record;
        let json = record.cloudtrail_json.as_slice();
        self.push(Placed { chain, sequence, event_id, event_time, json });
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
        if let Some(before) = &self.before
            && before.account == account
            && before.cuts.are_those_of(json, before.json)
        {
            return Some(before.kind);
        }
        self.before = None;
        let cuts = self.cutter.cuts(json);
        let likeness = cuts.as_ref().map(|cuts| (account, cuts.shared(json)));
        let known = likeness.as_ref().and_then(|likeness| self.known.get(likeness)).copied();
        let (kind, may_repeat) = match known {
            Some(kind) => (kind, true),
            None => self.new_kind(account, event_id, json)?,
        };
        if may_repeat && let (Some(likeness), Some(cuts)) = (likeness, cuts) {
            if known.is_none() {
                self.known.insert(likeness, kind);
            }
            self.before = Some(Before { account, json, cuts, kind });
        }
        Some(kind)
    }

    /// The number of a kind that is new, and whether other records can be of it.
    fn new_kind(
        &mut self,
        account: AccountId,
        event_id: EventId,
        json: &'a [u8],
    ) -> Option<(usize, bool)> {
        let Some(facts) = Facts::of(json) else {
            tracing::error!(event = %event_id, "a record cannot be read: kept unindexed");
            return None;
        };
        let kind = self.kinds.len();
        // Of what pairs are made of, the parameters tell.
        let may_repeat = Counted::of(&facts.event_name) != Counted::ByPair;
        let is_of_life = key_events::is_told(&facts);
        self.kinds.push(Kind { account, facts, first: json, is_of_life });
        Some((kind, may_repeat))
    }
}

#[cfg(test)]
mod tests {
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
                record("Encrypt", "t4", context, ["r4", "e4"], ""),
            ]),
            [Some(0); 4]
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
            assert_eq!(kinds(&[odd.clone(), odd.clone()]), [Some(0), Some(1)], "{find}");
            // Not even after one that is as long and laid out as usual.
            let usual = record("Encrypt", "t", "null", ["rrr", "e"], "");
            assert_eq!(kinds(&[usual, odd]), [Some(0), Some(1)], "{find}");
        }
    }
}

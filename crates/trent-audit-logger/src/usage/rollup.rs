//! From audit records to the last use of each key.

use std::borrow::Cow;
use std::collections::HashMap;

use memchr::memmem::{self, Finder, FinderRev};
use serde::Deserialize;
use serde::de::IgnoredAny;
use trent_types::{
    AccountId, AuditRecord, EventId, KeyArn, KeyUsed, RequestId, Timestamp, TrackedOperation,
};

use crate::facts::Facts;

/// How every record that tells of a use names its operation.
const EVENT_NAME: &[u8] = b"\"eventName\":\"";

/// Whose records tell of the use of keys.
const SOURCE: &str = "kms.amazonaws.com";

/// How the keys of a record begin.
const RESOURCES: &[u8] = b"\"resources\":[";

/// What a record says about a use; everything else in it is passed over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    #[serde(borrow)]
    event_name: Cow<'a, str>,
    error_code: Option<IgnoredAny>,
    #[serde(borrow, rename = "requestID")]
    request_id: Cow<'a, str>,
    #[serde(borrow)]
    resources: Vec<Resource<'a>>,
}

#[derive(Debug, Deserialize)]
struct Resource<'a> {
    #[serde(borrow, rename = "ARN")]
    arn: Cow<'a, str>,
}

/// The newest use of each key in a batch of records.
#[derive(Debug)]
pub struct Rollup {
    uses: HashMap<KeyArn, KeyUsed>,
    /// The keys of records that counted, as they are written, with the latest moment of each: an
    /// older record about the same keys has nothing to tell.
    known: HashMap<AccountId, HashMap<Box<[u8]>, Timestamp>>,
    event_name: Finder<'static>,
    resources: FinderRev<'static>,
}

impl Default for Rollup {
    fn default() -> Self {
        Self {
            uses: HashMap::new(),
            known: HashMap::new(),
            event_name: Finder::new(EVENT_NAME),
            resources: FinderRev::new(RESOURCES),
        }
    }
}

impl Rollup {
    /// The uses that these records tell of.
    #[must_use]
    pub fn of<'a>(
        records: impl DoubleEndedIterator<Item = &'a AuditRecord>,
    ) -> Vec<(KeyArn, KeyUsed)> {
        let mut rollup = Self::default();
        // Newest first, so that most are known to be old without being parsed.
        for record in records.rev() {
            let AuditRecord { event_id, account, event_time, cloudtrail_json, trace: _ } = record;
            rollup.add(*account, *event_id, *event_time, cloudtrail_json);
        }
        rollup.finish()
    }

    /// Takes a record in: whose it is, which, of when, and its JSON. In whatever order records
    /// come, the outcome is the same; newest first costs least.
    pub fn add(
        &mut self,
        account: Option<AccountId>,
        event_id: EventId,
        event_time: Timestamp,
        json: &[u8],
    ) {
        let Some(owner) = account else { return };
        if !self.names_tracked_operation(json) {
            return;
        }
        let keys = self.resources.rfind(json).and_then(|at| until_bracket(json.get(at..)?));
        let known = self.known.get(&owner).and_then(|known| known.get(keys?));
        if known.is_some_and(|latest| *latest > event_time) {
            return;
        }
        let Some((told, operation, request_id)) = use_of(json) else { return };
        let used = KeyUsed { operation, at: event_time, event_id, request_id };
        self.note(owner, used, told.resources.iter().map(|resource| &*resource.arn));
        if let Some(keys) = keys {
            let known = self.known.entry(owner).or_default();
            let latest = known.entry(keys.into()).or_insert(event_time);
            *latest = event_time.max(*latest);
        }
    }

    /// [`Self::add`] of a record that was taken apart already.
    pub(crate) fn add_facts(
        &mut self,
        owner: AccountId,
        event_id: EventId,
        event_time: Timestamp,
        facts: &Facts<'_>,
    ) {
        if facts.error_code.is_some() || facts.event_source != SOURCE {
            return;
        }
        let Ok(operation) = facts.event_name.parse() else { return };
        let Some(Ok(request_id)) = facts.request_id.as_deref().map(str::parse) else { return };
        let used = KeyUsed { operation, at: event_time, event_id, request_id };
        self.note(owner, used, facts.resources.iter().map(|resource| &*resource.arn));
    }

    fn note<'a>(&mut self, owner: AccountId, used: KeyUsed, arns: impl Iterator<Item = &'a str>) {
        for key in arns.filter_map(|arn| arn.parse::<KeyArn>().ok()) {
            // A caller's own record of another account's key is a copy: the key's owner has one
            // too, with the event id by which the owner finds it.
            if key.account == owner {
                let newest = self.uses.entry(key).or_insert(used);
                if used.is_newer_than(newest) {
                    *newest = used;
                }
            }
        }
    }

    /// How many keys were used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.uses.len()
    }

    /// Whether no key was used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.uses.is_empty()
    }

    /// The newest use of each key, in no order.
    #[must_use]
    pub fn finish(self) -> Vec<(KeyArn, KeyUsed)> {
        self.uses.into_iter().collect()
    }

    /// Whether the record can be of an operation that counts. Strings in a record are escaped, so
    /// these bytes stand for a member's name and value; perhaps not for the record's own, which
    /// parsing tells. But where they are nowhere, nothing counts.
    fn names_tracked_operation(&self, json: &[u8]) -> bool {
        self.event_name.find_iter(json).any(|at| {
            let name = json.get(at + EVENT_NAME.len()..).unwrap_or_default();
            let end = memchr::memchr(b'"', name).unwrap_or_default();
            let name = name.get(..end).and_then(|name| std::str::from_utf8(name).ok());
            name.is_some_and(|name| name.parse::<TrackedOperation>().is_ok())
        })
    }
}

/// What a record tells, if it tells of a use.
fn use_of(json: &[u8]) -> Option<(Told<'_>, TrackedOperation, RequestId)> {
    let told: Told<'_> = serde_json::from_slice(json).ok()?;
    if told.error_code.is_some() || told.event_source != SOURCE {
        return None;
    }
    let operation = told.event_name.parse().ok()?;
    let request_id = told.request_id.parse().ok()?;
    Some((told, operation, request_id))
}

/// A list from its beginning to its first closing bracket, which no ARN contains.
fn until_bracket(list: &[u8]) -> Option<&[u8]> {
    let end = memmem::find(list, b"]")?;
    list.get(..end)
}

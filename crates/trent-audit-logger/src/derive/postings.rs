//! From records to what they can be found by: an inverted index of a batch or block of records.
//!
//! Nothing is posted for an event id, which tells its time, nor for the system's own chain, which
//! no account can look into. Whoever reads postings holds the records against the filter: a value
//! is cut, and a resource is posted by its short name only, by which its ARN is found too.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use trent_store::{POSTING_SPAN_MAX, Posting};
use trent_types::{AccountId, Timestamp, TrailAttribute, TrailFilter};

use crate::facts::{Facts, short_name};

/// The longest posted value, in bytes.
const VALUE_MAX: usize = 512;

/// What the records of a batch can be found by.
#[derive(Debug)]
pub(crate) struct Postings<'a> {
    /// The most records of one posting.
    records_max: usize,
    trails: HashMap<(AccountId, &'a str), usize>,
    /// The last posting of each value.
    rows: HashMap<Value<'a>, Row>,
    /// Those before it.
    full: Vec<(Value<'a>, Row)>,
}

/// A trail, by its number, an attribute and a value.
type Value<'a> = (usize, Option<TrailAttribute>, &'a str);

/// Where a value stands.
#[derive(Debug)]
struct Row {
    earliest: Timestamp,
    latest: Timestamp,
    sequences: Vec<u64>,
}

impl Row {
    /// Takes a record in; gives back the row that it has no room in.
    fn push(&mut self, sequence: u64, at: Timestamp, records_max: usize) -> Option<Self> {
        // A record can have a value twice.
        if self.sequences.last() == Some(&sequence) {
            return None;
        }
        let (earliest, latest) = (self.earliest.min(at), self.latest.max(at));
        let span = latest.as_millis().saturating_sub(earliest.as_millis());
        if self.sequences.len() >= records_max || span > POSTING_SPAN_MAX.as_millis() as i64 {
            return Some(std::mem::replace(self, Self::of(sequence, at)));
        }
        (self.earliest, self.latest) = (earliest, latest);
        self.sequences.push(sequence);
        None
    }

    fn of(sequence: u64, at: Timestamp) -> Self {
        Self { earliest: at, latest: at, sequences: vec![sequence] }
    }
}

impl<'a> Postings<'a> {
    /// None yet. A value that more records have gets several postings, so that whoever looks for a
    /// few reads few.
    pub(crate) fn new(records_max: usize) -> Self {
        Self { records_max, trails: HashMap::new(), rows: HashMap::new(), full: Vec::new() }
    }

    /// Takes in a record of this chain. The records of a chain must come in its order.
    pub(crate) fn add(
        &mut self,
        chain: AccountId,
        sequence: u64,
        at: Timestamp,
        facts: &'a Facts<'_>,
    ) {
        let next = self.trails.len();
        let trail = *self.trails.entry((chain, &*facts.aws_region)).or_insert(next);
        each_value(facts, |attribute, value| {
            let value = (trail, attribute, value);
            match self.rows.entry(value) {
                Entry::Vacant(place) => drop(place.insert(Row::of(sequence, at))),
                Entry::Occupied(mut row) => {
                    let full = row.get_mut().push(sequence, at, self.records_max);
                    self.full.extend(full.map(|full| (value, full)));
                }
            }
        });
    }

    /// The postings, by chain, attribute, Region and value.
    pub(crate) fn finish(self) -> Vec<Posting> {
        let mut trails: Vec<_> = self.trails.into_iter().map(|(trail, at)| (at, trail)).collect();
        trails.sort_unstable();
        let posting = |((trail, attribute, value), row): (Value<'_>, Row)| {
            let (_, (chain, region)) = trails.get(trail)?;
            Some(Posting {
                chain: Some(*chain),
                region: (*region).to_owned(),
                attribute,
                value: value.to_owned(),
                earliest: row.earliest,
                latest: row.latest,
                sequences: row.sequences,
            })
        };
        // Every number was given for a trail.
        let mut postings: Vec<Posting> =
            self.full.into_iter().chain(self.rows).filter_map(posting).collect();
        postings.sort_unstable_by(|a, b| {
            let place = |p: &Posting| (p.chain, p.attribute);
            let order = (place(a), &a.region, &a.value).cmp(&(place(b), &b.region, &b.value));
            order.then_with(|| a.sequences.cmp(&b.sequences))
        });
        postings
    }
}

/// Everything that a record can be found by, cut; perhaps some of it twice.
pub(crate) fn each_value<'a>(
    facts: &'a Facts<'_>,
    mut post: impl FnMut(Option<TrailAttribute>, &'a str),
) {
    post(None, "");
    post(Some(TrailAttribute::EventName), cut(&facts.event_name));
    post(Some(TrailAttribute::ReadOnly), facts.read_only_text());
    post(Some(TrailAttribute::EventSource), cut(&facts.event_source));
    let access_key_id = facts.user_identity.access_key_id.as_deref();
    for (attribute, value) in [
        (TrailAttribute::Username, facts.username()),
        (TrailAttribute::AccessKeyId, access_key_id),
        (TrailAttribute::ErrorCode, facts.error_code.as_deref()),
    ] {
        if let Some(value) = value {
            post(Some(attribute), cut(value));
        }
    }
    for resource in &facts.resources {
        post(Some(TrailAttribute::ResourceType), cut(&resource.kind));
        post(Some(TrailAttribute::ResourceName), cut(resource.short_name()));
    }
}

/// As what the records that fit a filter are posted: attribute and value. `None` where nothing is
/// posted: for an event id.
pub(crate) fn posted(
    filter: Option<&TrailFilter>,
) -> Option<(Option<TrailAttribute>, Cow<'_, str>)> {
    let Some(TrailFilter { attribute, value }) = filter else { return Some((None, "".into())) };
    let value = match attribute {
        TrailAttribute::EventId => return None,
        // No short name begins like an ARN.
        TrailAttribute::ResourceName if value.starts_with("arn:") => short_name(value),
        TrailAttribute::ResourceName
        | TrailAttribute::EventName
        | TrailAttribute::ReadOnly
        | TrailAttribute::Username
        | TrailAttribute::ResourceType
        | TrailAttribute::EventSource
        | TrailAttribute::AccessKeyId
        | TrailAttribute::ErrorCode => value,
    };
    Some((Some(*attribute), cut(value).into()))
}

/// What of a value is kept: no store takes a NUL in a text.
fn cut(value: &str) -> &str {
    let value = value.split('\0').next().unwrap_or_default();
    value.get(..value.floor_char_boundary(VALUE_MAX)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(name: &str, user: &str, resources: &[&str]) -> String {
        let resource = |arn: &&str| format!(r#"{{"type":"AWS::KMS::Key","ARN":"{arn}"}}"#);
        let resources: Vec<_> = resources.iter().map(resource).collect();
        format!(
            r#"{{"userIdentity":{{"type":"IAMUser","userName":"{user}","accessKeyId":"AKIA{user}"}},
            "eventSource":"kms.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1",
            "readOnly":true,"resources":[{}],"eventType":"AwsApiCall"}}"#,
            resources.join(",")
        )
    }

    fn account(last: u8) -> AccountId {
        format!("{last:012}").parse().unwrap()
    }

    fn rows(records: &[(AccountId, u64, i64, String)]) -> Vec<Posting> {
        rows_of(usize::MAX, records)
    }

    fn rows_of(records_max: usize, records: &[(AccountId, u64, i64, String)]) -> Vec<Posting> {
        let facts: Vec<_> = records.iter().map(|r| Facts::of(r.3.as_bytes()).unwrap()).collect();
        let mut postings = Postings::new(records_max);
        for ((chain, sequence, at, _), facts) in records.iter().zip(&facts) {
            postings.add(*chain, *sequence, Timestamp::from_millis(*at), facts);
        }
        postings.finish()
    }

    const KEY: &str = "arn:aws:kms:eu-west-1:000000000001:key/k";
    const ALIAS: &str = "arn:aws:kms:eu-west-1:000000000001:alias/a:b";

    #[test]
    fn each_value_has_one_row_with_its_places_and_times() {
        let rows = rows(&[
            (account(1), 7, 50, json("Encrypt", "ann", &[KEY])),
            (account(2), 1, 10, json("Encrypt", "ann", &[KEY])),
            (account(1), 8, 40, json("CreateAlias", "bob", &[ALIAS, KEY])),
        ]);
        let of = |chain: u8, attribute: Option<TrailAttribute>, value: &str| {
            let found = |p: &&Posting| {
                p.chain == Some(account(chain)) && p.attribute == attribute && p.value == value
            };
            let found: Vec<_> = rows.iter().filter(found).collect();
            let [row] = found.as_slice() else { panic!("{attribute:?} {value}: {found:?}") };
            assert_eq!(row.region, "eu-west-1");
            (row.earliest.as_millis(), row.latest.as_millis(), row.sequences.clone())
        };
        assert_eq!(of(1, None, ""), (40, 50, vec![7, 8]));
        assert_eq!(of(2, None, ""), (10, 10, vec![1]));
        assert_eq!(of(1, Some(TrailAttribute::ResourceName), "k"), (40, 50, vec![7, 8]));
        assert_eq!(of(1, Some(TrailAttribute::ResourceName), "alias/a:b"), (40, 40, vec![8]));
        let kind = "AWS::KMS::Key";
        assert_eq!(of(1, Some(TrailAttribute::ResourceType), kind), (40, 50, vec![7, 8]));
        assert_eq!(of(1, Some(TrailAttribute::Username), "bob"), (40, 40, vec![8]));
        assert_eq!(of(1, Some(TrailAttribute::AccessKeyId), "AKIAann"), (50, 50, vec![7]));
        assert_eq!(of(1, Some(TrailAttribute::EventName), "Encrypt"), (50, 50, vec![7]));
        assert_eq!(of(1, Some(TrailAttribute::ReadOnly), "true"), (40, 50, vec![7, 8]));
        assert!(rows.iter().all(|row| row.attribute != Some(TrailAttribute::ErrorCode)));
    }

    #[test]
    fn a_posting_has_neither_more_records_nor_a_longer_time_than_it_may() {
        let at = |sequence, at| (account(1), sequence, at, json("Encrypt", "ann", &[KEY, KEY]));
        let of = |records_max: usize, records: &[_]| -> Vec<_> {
            let rows = rows_of(records_max, records);
            let rows = rows.iter().filter(|p| p.attribute == Some(TrailAttribute::ResourceName));
            rows.map(|p| (p.earliest.as_millis(), p.latest.as_millis(), p.sequences.clone()))
                .collect()
        };
        let many: Vec<_> = (1..=5).map(|n| at(n, 10 - n as i64)).collect();
        let parts = [(8, 9, vec![1, 2]), (6, 7, vec![3, 4]), (5, 5, vec![5])];
        assert_eq!(of(2, &many), parts);
        let long = [at(1, 0), at(2, 60_000), at(3, 60_001), at(4, 0)];
        let parts = [(0, 60_000, vec![1, 2]), (60_001, 60_001, vec![3]), (0, 0, vec![4])];
        assert_eq!(of(9, &long), parts);
    }

    #[test]
    fn what_fits_a_filter_was_posted_as_the_filter_says() {
        let long = "ä".repeat(300);
        let long = format!("{long}\\u0000");
        let record = json("Encrypt", &long, &[KEY, ALIAS]);
        let long = long.replace("\\u0000", "\0");
        let facts = Facts::of(record.as_bytes()).unwrap();
        let rows = rows(&[(account(1), 1, 1, record.clone())]);
        for (attribute, value) in [
            (TrailAttribute::ResourceName, KEY),
            (TrailAttribute::ResourceName, "k"),
            (TrailAttribute::ResourceName, ALIAS),
            (TrailAttribute::ResourceName, "alias/a:b"),
            (TrailAttribute::ResourceType, "AWS::KMS::Key"),
            (TrailAttribute::Username, &long),
            (TrailAttribute::EventName, "Encrypt"),
            (TrailAttribute::ReadOnly, "true"),
            (TrailAttribute::EventSource, "kms.amazonaws.com"),
        ] {
            let filter = TrailFilter { attribute, value: value.to_owned() };
            assert!(facts.has("", &filter), "{filter:?}");
            let (attribute, value) = posted(Some(&filter)).unwrap();
            let fits = |row: &Posting| row.attribute == attribute && row.value == value;
            assert!(rows.iter().any(fits), "{filter:?}");
        }
        assert_eq!(posted(None), Some((None, "".into())));
        assert!(rows.iter().all(|row| row.value.len() <= VALUE_MAX));
    }
}

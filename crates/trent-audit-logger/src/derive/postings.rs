//! From records to what they can be found by: an inverted index of a batch or block of records.
//!
//! Nothing is posted for an event id, which tells its time, nor for the system's own chain, which
//! no account can look into. Whoever reads postings holds the records against the filter: a value
//! is cut, and a resource is posted by its short name only, by which its ARN is found too.

use std::borrow::Cow;
use std::collections::HashMap;

use trent_store::Posting;
use trent_types::{AccountId, Timestamp, TrailAttribute, TrailFilter};

use crate::facts::{Facts, short_name};

/// The longest posted value, in bytes.
const VALUE_MAX: usize = 512;

/// What the records of a batch can be found by.
#[derive(Debug, Default)]
pub(crate) struct Postings<'a> {
    trails: HashMap<(AccountId, &'a str), usize>,
    rows: HashMap<(usize, Option<TrailAttribute>, &'a str), Row>,
}

/// Where a value stands.
#[derive(Debug)]
struct Row {
    earliest: Timestamp,
    latest: Timestamp,
    sequences: Vec<u64>,
}

impl<'a> Postings<'a> {
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
        let mut post = |attribute: Option<TrailAttribute>, value: &'a str| {
            let row = self.rows.entry((trail, attribute, cut(value))).or_insert_with(|| Row {
                earliest: at,
                latest: at,
                sequences: Vec::new(),
            });
            row.earliest = row.earliest.min(at);
            row.latest = row.latest.max(at);
            // A record can have a value twice.
            if row.sequences.last() != Some(&sequence) {
                row.sequences.push(sequence);
            }
        };
        post(None, "");
        post(Some(TrailAttribute::EventName), &facts.event_name);
        post(Some(TrailAttribute::ReadOnly), facts.read_only_text());
        post(Some(TrailAttribute::EventSource), &facts.event_source);
        let access_key_id = facts.user_identity.access_key_id.as_deref();
        for (attribute, value) in [
            (TrailAttribute::Username, facts.username()),
            (TrailAttribute::AccessKeyId, access_key_id),
            (TrailAttribute::ErrorCode, facts.error_code.as_deref()),
        ] {
            if let Some(value) = value {
                post(Some(attribute), value);
            }
        }
        for resource in &facts.resources {
            post(Some(TrailAttribute::ResourceType), &resource.kind);
            post(Some(TrailAttribute::ResourceName), resource.short_name());
        }
    }

    /// The rows, by chain, Region, attribute and value.
    pub(crate) fn finish(self) -> Vec<Posting> {
        let mut trails: Vec<_> = self.trails.into_iter().map(|(trail, at)| (at, trail)).collect();
        trails.sort_unstable();
        let posting = |((trail, attribute, value), row): ((usize, _, &str), Row)| {
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
        let mut postings: Vec<Posting> = self.rows.into_iter().filter_map(posting).collect();
        postings.sort_unstable_by(|a, b| {
            let place = |p: &Posting| (p.chain, p.attribute);
            (place(a), &a.region, &a.value).cmp(&(place(b), &b.region, &b.value))
        });
        postings
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

fn cut(value: &str) -> &str {
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
        let facts: Vec<_> = records.iter().map(|r| Facts::of(r.3.as_bytes()).unwrap()).collect();
        let mut postings = Postings::default();
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
    fn what_fits_a_filter_was_posted_as_the_filter_says() {
        let long = "ä".repeat(300);
        let record = json("Encrypt", &long, &[KEY, ALIAS]);
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

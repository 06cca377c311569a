//! From records to requests counted by the hour.
//!
//! Every record of a request counts, also of one that failed; what Trent does by itself, or an
//! operator has it do, is no request. Which requests are paid for is said in `docs/cost.md`.

use std::collections::HashMap;

use serde::Deserialize;
use trent_store::{UsageCount, UsageGroup};
use trent_types::{AccountId, Counted, KeySpec, Timestamp};

use crate::facts::Facts;

/// Milliseconds of an hour.
pub(crate) const HOUR_MS: i64 = 3_600_000;

/// Requests that were not worked on, or failed by no fault of the caller's.
const UNPAID: &[&str] = &["ThrottlingException", "KMSInternalException"];

/// The requests of a batch of records.
#[derive(Debug, Default)]
pub(crate) struct Requests<'a> {
    counts: HashMap<Kind<'a>, u64>,
}

/// As [`UsageGroup`], borrowed from the records.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Kind<'a> {
    account: AccountId,
    hour: i64,
    region: &'a str,
    key: &'a str,
    operation: &'a str,
    pair_spec: Option<KeySpec>,
    service: &'a str,
    error: &'a str,
    billed: bool,
    principal: &'a str,
}

/// What only records of data key pairs are asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfPair {
    request_parameters: Option<PairParameters>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PairParameters {
    key_pair_spec: Option<String>,
}

/// The hour of a moment, counted from the epoch.
pub(crate) const fn hour_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(HOUR_MS)
}

impl<'a> Requests<'a> {
    /// Takes in so many records of this account and hour; the JSON is that of one of them.
    pub(crate) fn add(
        &mut self,
        account: AccountId,
        (hour, count): (i64, u64),
        json: &[u8],
        facts: &'a Facts<'_>,
    ) {
        if facts.event_type != "AwsApiCall" {
            return;
        }
        let source = &*facts.event_source;
        let kind = Kind {
            account,
            hour,
            region: &facts.aws_region,
            key: key_of(facts).unwrap_or_default(),
            operation: &facts.event_name,
            pair_spec: pair_spec(facts, json),
            service: source.strip_suffix(".amazonaws.com").unwrap_or(source),
            error: facts.error_code.as_deref().unwrap_or_default(),
            billed: is_billed(account, facts),
            principal: facts.principal(),
        };
        *self.counts.entry(kind).or_default() += count;
    }

    /// The counts, each group once, in no order.
    pub(crate) fn finish(self) -> Vec<UsageCount> {
        let counts = self.counts.into_iter();
        counts.map(|(kind, requests)| kind.counted(requests)).collect()
    }
}

impl Kind<'_> {
    fn counted(&self, requests: u64) -> UsageCount {
        let group = UsageGroup {
            hour: self.hour,
            region: self.region.to_owned(),
            key: self.key.to_owned(),
            operation: self.operation.to_owned(),
            pair_spec: self.pair_spec.map_or_else(String::new, |spec| spec.as_str().to_owned()),
            service: self.service.to_owned(),
            error: self.error.to_owned(),
            billed: self.billed,
            principal: self.principal.to_owned(),
        };
        UsageCount { account: self.account, group, requests }
    }
}

/// The ARN of the first key of a record's resources: aliases, which have the same type, come before
/// their keys.
pub(crate) fn key_of<'a>(facts: &'a Facts<'_>) -> Option<&'a str> {
    let is_key = |arn: &&str| arn.split(':').nth(5).is_some_and(|name| name.starts_with("key/"));
    facts.resources.iter().map(|resource| &*resource.arn).find(is_key)
}

/// The account that asks pays. What it has seen of another account's caller is that one's to pay,
/// and what a service asks for itself the key's owner's.
fn is_billed(account: AccountId, facts: &Facts<'_>) -> bool {
    let owner = || key_of(facts).and_then(|arn| arn.split(':').nth(4));
    let pays = match facts.user_identity.kind.as_deref() {
        Some("AWSAccount") => false,
        Some("AWSService") => owner().is_none_or(|owner| owner == account.as_str()),
        Some(_) | None => true,
    };
    facts.event_source == "kms.amazonaws.com"
        && pays
        && Counted::of(&facts.event_name) != Counted::Not
        && !facts.error_code.as_deref().is_some_and(|error| UNPAID.contains(&error))
}

fn pair_spec(facts: &Facts<'_>, json: &[u8]) -> Option<KeySpec> {
    if Counted::of(&facts.event_name) != Counted::ByPair {
        return None;
    }
    let told: OfPair = serde_json::from_slice(json).ok()?;
    told.request_parameters?.key_pair_spec?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_asks_for_itself_is_billed_to_the_keys_owner_once() {
        let record = |identity: &str, resources: &str| {
            format!(
                r#"{{"userIdentity":{identity},"eventSource":"kms.amazonaws.com",
                "eventName":"Encrypt","awsRegion":"us-east-1","eventType":"AwsApiCall",
                "resources":{resources}}}"#
            )
        };
        let key = r#"[{"type":"AWS::KMS::Key",
            "ARN":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}]"#;
        let service = r#"{"type":"AWSService","invokedBy":"s3.amazonaws.com"}"#;
        let foreign = r#"{"type":"AWSAccount","principalId":"x","accountId":"444455556666"}"#;
        let root = r#"{"type":"Root","accountId":"444455556666"}"#;
        let (owner, other) = ("111122223333", "444455556666");
        for (identity, resources, account, billed) in [
            (service, key, owner, true),
            (service, key, other, false),
            (service, "[]", other, true),
            (foreign, key, owner, false),
            (root, key, other, true),
        ] {
            let json = record(identity, resources);
            let facts = Facts::of(json.as_bytes()).unwrap();
            assert_eq!(is_billed(account.parse().unwrap(), &facts), billed, "{identity} {account}");
        }
    }
}

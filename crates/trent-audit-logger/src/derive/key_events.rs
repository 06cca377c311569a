//! From records to what happened to keys, as far as their cost and tags depend on it.

use serde::{Deserialize, Serialize};
use trent_store::KeyEvent;
use trent_types::{AccountId, KeyArn};

use super::told::Told;
use super::usage::key_of;
use crate::facts::Facts;

/// What matters of the record of an event; JSON in [`KeyEvent::detail`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Detail {
    /// `keySpec` of a new key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spec: Option<String>,
    /// `keyUsage` of a new key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<String>,
    /// `origin` of a new key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// An AWS managed key: keeping it costs nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) managed: bool,
    /// Tags that the key has from now on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<(String, String)>,
    /// Tags that the key has no longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) untagged: Vec<String>,
}

/// A record, with what is said in its parts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parts {
    request_parameters: Option<Parameters>,
    response_elements: Option<Elements>,
    service_event_details: Option<Described>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Parameters {
    tags: Vec<ShownTag>,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Elements {
    key_metadata: Option<Described>,
}

/// `keyMetadata`, or `serviceEventDetails` of a key that nobody asked for.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Described {
    key_spec: Option<String>,
    key_usage: Option<String>,
    origin: Option<String>,
    tags: Vec<ShownTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShownTag {
    tag_key: String,
    tag_value: String,
}

/// Whether a record tells of a key's life; most do not.
pub(crate) fn is_told(facts: &Facts<'_>) -> bool {
    !facts.read_only
        && facts.error_code.is_none()
        && facts.event_source == "kms.amazonaws.com"
        && matters(&facts.event_name)
}

/// What this record of this account, of which [`is_told`] is true, tells of one of its keys.
pub(crate) fn key_event(
    account: AccountId,
    record: &Told<'_>,
    facts: &Facts<'_>,
) -> Option<KeyEvent> {
    // Of another account's key its owner has a record, too.
    let key: KeyArn = key_of(facts)?.parse().ok()?;
    if key.account != account {
        return None;
    }
    let detail = detail(record.json, key, facts);
    let detail = serde_json::to_string(&detail?).ok()?;
    let (at, event_id) = (record.at, record.event_id);
    Some(KeyEvent { key, at, event_id, name: facts.event_name.clone().into_owned(), detail })
}

fn matters(name: &str) -> bool {
    makes_key(name)
        || matches!(
            name,
            "TagResource"
                | "UntagResource"
                | "ScheduleKeyDeletion"
                | "CancelKeyDeletion"
                | "DeleteKey"
                | "RotateKey"
        )
}

/// Whether the event with this name makes a key.
pub(crate) fn makes_key(name: &str) -> bool {
    matches!(name, "CreateKey" | "ImportSeedKey")
}

fn detail(json: &[u8], key: KeyArn, facts: &Facts<'_>) -> Option<Detail> {
    let name = &*facts.event_name;
    let tags = |shown: Vec<ShownTag>| {
        shown.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect::<Vec<_>>()
    };
    if !makes_key(name) && !matches!(name, "TagResource" | "UntagResource") {
        return Some(Detail::default());
    }
    let told: Parts = serde_json::from_slice(json).ok()?;
    let parameters = told.request_parameters.unwrap_or_default();
    if !makes_key(name) {
        let (tags, untagged) = (tags(parameters.tags), parameters.tag_keys);
        return Some(Detail { tags, untagged, ..Detail::default() });
    }
    let by_trent = facts.event_type == "AwsServiceEvent";
    let described = match told.service_event_details {
        Some(details) => details,
        None => told.response_elements.and_then(|e| e.key_metadata).unwrap_or_default(),
    };
    let mut all = tags(parameters.tags);
    all.extend(tags(described.tags));
    Some(Detail {
        spec: described.key_spec,
        usage: described.key_usage,
        origin: described.origin,
        // What Trent makes by itself is a replica or a key that AWS manages.
        managed: by_trent && name == "CreateKey" && !key.key_id.is_multi_region(),
        tags: all,
        untagged: Vec::new(),
    })
}

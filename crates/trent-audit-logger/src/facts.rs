//! What a record says, as far as anybody looks for it: read once, borrowed from its JSON.

use std::borrow::Cow;

use serde::Deserialize;
use trent_types::{AuditRecord, TrailAttribute, TrailEvent, TrailFilter};

/// A record taken apart; what is not named here is passed over.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts<'a> {
    #[serde(borrow, default)]
    pub(crate) user_identity: Identity<'a>,
    #[serde(borrow)]
    pub(crate) event_source: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) event_name: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) aws_region: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(crate) error_code: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "requestID", deserialize_with = "text")]
    pub(crate) request_id: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) read_only: bool,
    #[serde(borrow, default)]
    pub(crate) resources: Vec<Resource<'a>>,
    #[serde(borrow)]
    pub(crate) event_type: Cow<'a, str>,
}

/// `userIdentity`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity<'a> {
    /// `Root`, `IAMUser`, `AssumedRole`, `AWSService`, `AWSAccount` or `Unknown`; service events
    /// have none.
    #[serde(borrow, default, rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(crate) arn: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(crate) account_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(crate) access_key_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(crate) user_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(crate) invoked_by: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) session_context: Option<SessionContext<'a>>,
}

/// `userIdentity.sessionContext`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionContext<'a> {
    #[serde(borrow, default)]
    pub(crate) session_issuer: Option<Issuer<'a>>,
}

/// `userIdentity.sessionContext.sessionIssuer`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Issuer<'a> {
    #[serde(borrow)]
    pub(crate) arn: Cow<'a, str>,
}

/// One of `resources`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Resource<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow, rename = "ARN")]
    pub(crate) arn: Cow<'a, str>,
}

/// Text that is borrowed wherever it has no escapes; a `Cow` in an `Option` would always be copied.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn text<'de, D>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    Ok(Option::<Text<'de>>::deserialize(deserializer)?.map(|Text(text)| text))
}

impl<'a> Facts<'a> {
    /// What this JSON says; `None` when it is no record.
    pub(crate) fn of(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Who is meant by `Username` of `LookupEvents`.
    pub(crate) fn username(&self) -> Option<&str> {
        let identity = &self.user_identity;
        match identity.kind.as_deref() {
            Some("Root") => Some("root"),
            // `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
            Some("AssumedRole") => identity.arn.as_deref().and_then(|arn| arn.rsplit('/').next()),
            Some("AWSService") => identity.invoked_by.as_deref(),
            Some(_) => identity.user_name.as_deref(),
            None => None,
        }
    }

    /// Who is meant by the principal of usage: the role and not its session, so that there are not
    /// more principals than somebody has made.
    pub(crate) fn principal(&self) -> &str {
        let identity = &self.user_identity;
        let issuer = identity.session_context.as_ref().and_then(|c| c.session_issuer.as_ref());
        let named = issuer.map(|issuer| &*issuer.arn).or(identity.arn.as_deref());
        let service = identity.invoked_by.as_deref().filter(|_| identity.account_id.is_none());
        named.or(service).or(identity.account_id.as_deref()).unwrap_or_default()
    }

    /// The values of an attribute, of which there can be several.
    pub(crate) fn has(&self, record_id: &str, filter: &TrailFilter) -> bool {
        let wanted = filter.value.as_str();
        let identity = &self.user_identity;
        match filter.attribute {
            TrailAttribute::EventId => record_id == wanted,
            TrailAttribute::EventName => self.event_name == wanted,
            TrailAttribute::ReadOnly => self.read_only_text() == wanted,
            TrailAttribute::Username => self.username() == Some(wanted),
            TrailAttribute::ResourceType => self.resources.iter().any(|r| r.kind == wanted),
            TrailAttribute::ResourceName => self.resources.iter().any(|r| r.is_named(wanted)),
            TrailAttribute::EventSource => self.event_source == wanted,
            TrailAttribute::AccessKeyId => identity.access_key_id.as_deref() == Some(wanted),
            TrailAttribute::ErrorCode => self.error_code.as_deref() == Some(wanted),
        }
    }

    /// `readOnly` as `LookupEvents` writes it.
    pub(crate) const fn read_only_text(&self) -> &'static str {
        if self.read_only { "true" } else { "false" }
    }

    /// The record with what it can be found by.
    pub(crate) fn event(&self, record: AuditRecord) -> TrailEvent {
        let owned = |text: &Cow<'_, str>| text.clone().into_owned();
        TrailEvent {
            name: owned(&self.event_name),
            source: owned(&self.event_source),
            read_only: self.read_only,
            username: self.username().map(ToOwned::to_owned),
            access_key_id: self.user_identity.access_key_id.as_ref().map(owned),
            resources: self.resources.iter().map(|r| (owned(&r.kind), owned(&r.arn))).collect(),
            record,
        }
    }
}

impl Resource<'_> {
    /// Whether the name is the ARN or what stands after its last slash or colon: the id of a key,
    /// the name of an alias.
    fn is_named(&self, name: &str) -> bool {
        let short = || self.short_name() == name;
        self.arn == name || short()
    }

    /// The id of a key, `alias/…`, or the name of a role.
    pub(crate) fn short_name(&self) -> &str {
        short_name(&self.arn)
    }
}

/// What stands for an ARN: see [`Resource::short_name`].
pub(crate) fn short_name(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    resource.strip_prefix("key/").or_else(|| resource.strip_prefix("role/")).unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole",
        "principalId":"AROA:s","arn":"arn:aws:sts::111122223333:assumed-role/R/s",
        "accountId":"111122223333","accessKeyId":"ASIA1","sessionContext":{"sessionIssuer":
        {"type":"Role","arn":"arn:aws:iam::111122223333:role/R"},"attributes":{}}},
        "eventTime":"2026-01-01T00:00:00Z","eventSource":"kms.amazonaws.com","eventName":"Encrypt",
        "awsRegion":"eu-west-1","errorCode":"AccessDenied","requestID":"r","readOnly":true,
        "resources":[{"accountId":"111122223333","type":"AWS::KMS::Key",
        "ARN":"arn:aws:kms:eu-west-1:111122223333:key/k"}],"eventType":"AwsApiCall",
        "recipientAccountId":"111122223333"}"#;

    fn filter(attribute: TrailAttribute, value: &str) -> TrailFilter {
        TrailFilter { attribute, value: value.to_owned() }
    }

    #[test]
    fn a_record_is_found_by_each_attribute_and_by_no_other_value() {
        let facts = Facts::of(RECORD.as_bytes()).unwrap();
        for (attribute, value) in [
            (TrailAttribute::EventId, "e"),
            (TrailAttribute::EventName, "Encrypt"),
            (TrailAttribute::ReadOnly, "true"),
            (TrailAttribute::Username, "s"),
            (TrailAttribute::ResourceType, "AWS::KMS::Key"),
            (TrailAttribute::ResourceName, "arn:aws:kms:eu-west-1:111122223333:key/k"),
            (TrailAttribute::ResourceName, "k"),
            (TrailAttribute::EventSource, "kms.amazonaws.com"),
            (TrailAttribute::AccessKeyId, "ASIA1"),
            (TrailAttribute::ErrorCode, "AccessDenied"),
        ] {
            assert!(facts.has("e", &filter(attribute, value)), "{attribute}");
            assert!(!facts.has("e", &filter(attribute, "other")), "{attribute}");
        }
    }

    #[test]
    fn usage_counts_the_role_and_a_lookup_the_session() {
        let facts = Facts::of(RECORD.as_bytes()).unwrap();
        assert_eq!(facts.principal(), "arn:aws:iam::111122223333:role/R");
        assert_eq!(facts.username(), Some("s"));
        let named = |identity: &str| {
            let (start, rest) = RECORD.split_once("{\"type\":\"AssumedRole\"").unwrap();
            let (_, rest) = rest.split_once("\"attributes\":{}}}").unwrap();
            let text = format!("{start}{identity}{rest}");
            let facts = Facts::of(text.as_bytes()).unwrap();
            (facts.username().map(ToOwned::to_owned), facts.principal().to_owned())
        };
        let service = r#"{"type":"AWSService","invokedBy":"s3.amazonaws.com"}"#;
        let s3 = "s3.amazonaws.com".to_owned();
        assert_eq!(named(service), (Some(s3.clone()), s3));
        let foreign = r#"{"type":"AWSAccount","principalId":"x","accountId":"444455556666"}"#;
        assert_eq!(named(foreign), (None, "444455556666".to_owned()));
        let event = r#"{"accountId":"111122223333","invokedBy":"AWS Internal"}"#;
        assert_eq!(named(event), (None, "111122223333".to_owned()));
        assert_eq!(named(r#"{"type":"Unknown"}"#), (None, String::new()));
    }
}

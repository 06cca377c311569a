//! CloudTrail records (CloudTrail User Guide, "Record contents"; KMS Developer Guide, "Logging with
//! CloudTrail").

mod service_event;

use trent_types::{
    AccountId, AliasArn, AuditRecord, Caller, CallerKind, EventId, GrantId, KeyArn, MaterialId,
    Session, TextParts, Timestamp,
};

use crate::error::AwsError;
use crate::json::{Object, object};
use crate::request::{Request, ServiceName};

pub use service_event::{NewKey, ServiceEvent, admin_event};

/// `additionalEventData`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Additional {
    /// Left out.
    #[default]
    None,
    /// `keyMaterialId`, where there is one.
    Material(Option<MaterialId>),
    /// `sourceKeyMaterialId` and `destinationKeyMaterialId`, as far as there are any.
    Materials(Option<MaterialId>, Option<MaterialId>),
    /// `grantId`.
    Grant(GrantId),
}

/// Everything that a record of a request says.
#[derive(Clone, Copy)]
pub(crate) struct Story<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) event_id: EventId,
    /// `eventName`.
    pub(crate) name: &'static str,
    pub(crate) read_only: bool,
    /// `None` while nobody is authenticated.
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) error: Option<&'a AwsError>,
    /// The alias that an alias operation is about, and whether it is listed after the keys.
    pub(crate) alias: Option<&'a AliasArn>,
    pub(crate) alias_last: bool,
    pub(crate) keys: &'a [KeyArn],
    /// Whether a record of KMS has `resources`.
    pub(crate) with_resources: bool,
    /// The role that STS is asked for: its ARN and account.
    pub(crate) role: Option<(&'a str, AccountId)>,
    /// `responseElements`, as JSON.
    pub(crate) response: Option<&'a [u8]>,
    pub(crate) additional: Additional,
    /// The service that calls in the caller's name, where the request does not say it.
    pub(crate) invoked_by: Option<&'static str>,
    /// The owner of a key or role that another account's caller used, and the `sharedEventID` of
    /// both records.
    pub(crate) recipient: Option<AccountId>,
    pub(crate) shared: Option<EventId>,
}

/// The most bytes of `requestParameters` and `responseElements`.
const ELEMENTS_MAX: usize = 100 * 1024;
/// The most bytes of `userAgent` and `errorMessage`.
const TEXT_MAX: usize = 1024;

impl Story<'_> {
    /// The finished record; `parameters` fills in `requestParameters`, which are null when there
    /// are none.
    pub(crate) fn record(&self, parameters: &dyn Fn(&mut Object<'_>)) -> AuditRecord {
        let mut out = Vec::with_capacity(1536 + self.response.map_or(0, <[u8]>::len));
        let mut record = Object::begin(&mut out);
        self.head(&mut record);
        write_parameters(&mut record, parameters);
        match self.response {
            Some(json) if json.len() > ELEMENTS_MAX => {
                omitted(record.member("responseElements"), "responseElements", json.len());
            }
            elements => record.raw("responseElements", elements.unwrap_or(b"null")),
        }
        self.tail(&mut record);
        record.end();
        AuditRecord {
            event_id: self.event_id,
            account: self.recipient.or(self.caller.map(|caller| caller.account)),
            event_time: self.request.received_at,
            cloudtrail_json: out,
            trace: None,
        }
    }

    fn head(&self, record: &mut Object<'_>) {
        let request = self.request;
        record.constant(r#""eventVersion":"1.11""#);
        self.identity(record);
        record.id("eventTime", &request.received_at);
        record.plain("eventSource", request.service.event_source());
        record.plain("eventName", self.name);
        record.plain("awsRegion", request.region.as_str());
        // Of a call by a service these are not its address and program but its name.
        match self.caller.and_then(Caller::signing_service) {
            Some(service) => {
                record.text("sourceIPAddress", service);
                record.text("userAgent", service);
            }
            None => {
                record.plain("sourceIPAddress", request.source_ip);
                record.text("userAgent", cut(request.user_agent));
            }
        }
        if let Some(error) = self.error {
            record.text("errorCode", error.recorded_code(request.service));
            record.text_if("errorMessage", error.text(request.service).map(cut));
        }
    }

    /// The same for every record of a caller, but for copies and where a service is named.
    fn identity(&self, record: &mut Object<'_>) {
        const NAME: &str = "userIdentity";
        if let (Some(caller), None, None) = (self.caller, self.recipient, self.invoked_by) {
            let partition = self.request.region.partition();
            let make = || (partition, object(256, |identity| self.fill_identity(identity)));
            let (of, json) = caller.recorded.once(make);
            if *of == partition {
                return record.raw(NAME, json);
            }
        }
        record.object(NAME, |identity| self.fill_identity(identity));
    }

    fn fill_identity(&self, out: &mut Object<'_>) {
        let Some(caller) = self.caller else {
            out.text("type", "Unknown");
            out.text_if("accessKeyId", self.request.access_key_id.map(cut));
            return;
        };
        let (kind, user_name) = match &caller.kind {
            // A service is of no account.
            CallerKind::Service { name, .. } => {
                out.text("type", "AWSService");
                out.text("invokedBy", name);
                return;
            }
            CallerKind::Root => ("Root", None),
            CallerKind::User { name, .. } => ("IAMUser", Some(name.as_str())),
            CallerKind::Role { .. } => ("AssumedRole", None),
        };
        let via = caller.via.as_ref().map(|via| via.service.as_str());
        if self.recipient.is_some() {
            // What the owner of a key or role sees of a caller of another account.
            out.text("type", "AWSAccount");
            out.text("principalId", &caller.principal_id());
            out.text("accountId", caller.account.as_str());
            out.text_if("invokedBy", via);
            return;
        }
        out.plain("type", kind);
        out.text("principalId", &caller.principal_id());
        out.shown("arn", &caller.arn_parts(self.request.region.partition()));
        out.plain("accountId", caller.account.as_str());
        out.text("accessKeyId", &caller.access_key_id);
        out.text_if("userName", user_name);
        if let Some(session) = &caller.session {
            out.object("sessionContext", |context| self.session(context, caller, session));
        }
        out.text_if("invokedBy", self.invoked_by.or(via));
    }

    fn session(&self, out: &mut Object<'_>, caller: &Caller, session: &Session) {
        if let CallerKind::Role { name, role_id, .. } = &caller.kind {
            out.object("sessionIssuer", |issuer| {
                issuer.text("type", "Role");
                issuer.text("principalId", role_id);
                issuer.text("arn", &caller.principal_arn(self.request.region.partition()));
                issuer.text("accountId", caller.account.as_str());
                issuer.text("userName", name);
            });
            out.object("webIdFederationData", |_| {});
        }
        out.object("attributes", |attributes| {
            attributes.text("creationDate", &session.issued_at.iso8601());
            attributes.text("mfaAuthenticated", "false");
        });
        out.text_if("sourceIdentity", session.source_identity.as_deref());
    }

    fn tail(&self, record: &mut Object<'_>) {
        match self.additional {
            Additional::None | Additional::Material(None) | Additional::Materials(None, None) => {}
            Additional::Material(Some(id)) => record.object("additionalEventData", |data| {
                data.id("keyMaterialId", &id);
            }),
            Additional::Materials(from, to) => record.object("additionalEventData", |data| {
                if let Some(from) = from {
                    data.id("sourceKeyMaterialId", &from);
                }
                if let Some(to) = to {
                    data.id("destinationKeyMaterialId", &to);
                }
            }),
            Additional::Grant(id) => record.object("additionalEventData", |data| {
                data.id("grantId", &id);
            }),
        }
        record.id("requestID", &self.request.request_id);
        record.id("eventID", &self.event_id);
        record.boolean("readOnly", self.read_only);
        if self.with_resources && self.request.service == ServiceName::Kms {
            self.resources(record.member("resources"));
        }
        if let Some((arn, account)) = self.role {
            record.list("resources", [arn], |out, arn| {
                let mut resource = Object::begin(out);
                resource.text("accountId", account.as_str());
                resource.text("type", "AWS::IAM::Role");
                resource.text("ARN", arn);
                resource.end();
            });
        }
        record.constant(r#""eventType":"AwsApiCall","managementEvent":true"#);
        let account = self.recipient.or(self.caller.map(|caller| caller.account));
        if let Some(account) = account {
            record.plain("recipientAccountId", account.as_str());
        }
        if let Some(shared) = self.shared {
            record.id("sharedEventID", &shared);
        }
        record.constant(r#""eventCategory":"Management""#);
        if let Some(tls) = self.request.tls {
            record.object("tlsDetails", |details| {
                details.text("tlsVersion", tls.version);
                details.text("cipherSuite", tls.cipher_suite);
                details.text("clientProvidedHostHeader", self.request.host);
                details.text_if("keyExchange", tls.key_exchange);
            });
        }
    }

    fn resources(&self, out: &mut Vec<u8>) {
        // The owner of one of two keys sees that one only, and each Region its own.
        let is_seen = |key: &&KeyArn| {
            key.region == self.request.region
                && self.recipient.is_none_or(|owner| owner == key.account)
        };
        let (first, last) = if self.alias_last { (None, self.alias) } else { (self.alias, None) };
        out.push(b'[');
        if let Some(alias) = first {
            resource(out, alias.account, alias);
        }
        for key in self.keys.iter().filter(is_seen) {
            resource(out, key.account, key);
        }
        if let Some(alias) = last {
            resource(out, alias.account, alias);
        }
        out.push(b']');
    }
}

/// Appends to a list.
fn resource(list: &mut Vec<u8>, account: AccountId, arn: &impl TextParts) {
    if !list.ends_with(b"[") {
        list.push(b',');
    }
    let mut resource = Object::begin(list);
    resource.plain("accountId", account.as_str());
    resource.constant(r#""type":"AWS::KMS::Key""#);
    resource.id("ARN", arn);
    resource.end();
}

fn write_parameters(record: &mut Object<'_>, parameters: &dyn Fn(&mut Object<'_>)) {
    let out = record.member("requestParameters");
    let start = out.len();
    let mut object = Object::begin(out);
    parameters(&mut object);
    let empty = object.is_empty();
    object.end();
    let size = out.len() - start;
    if empty {
        out.truncate(start);
        out.extend_from_slice(b"null");
    } else if size > ELEMENTS_MAX {
        out.truncate(start);
        omitted(out, "requestParameters", size);
    }
}

/// What stands in the place of an element that is too large for a record.
fn omitted(out: &mut Vec<u8>, name: &str, size: usize) {
    let mut note = Object::begin(out);
    note.boolean("omitted", true);
    note.number("originalSize", i64::try_from(size).unwrap_or(i64::MAX));
    note.shown("reason", &format_args!("{name} too large"));
    note.end();
}

/// At most [`TEXT_MAX`] bytes, at a character's end.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_MAX)).unwrap_or(text)
}

/// `Aug 10, 2022, 10:38:27 PM`: how CloudTrail prints moments inside request and response elements.
pub(crate) fn java_date(moment: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day, hour, minute, second) = moment.civil();
    let name = MONTHS.get(month.saturating_sub(1) as usize).copied().unwrap_or_default();
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = match hour % 12 {
        0 => 12,
        other => other,
    };
    format!("{name} {day}, {year}, {hour}:{minute:02}:{second:02} {half}")
}

#[cfg(test)]
mod tests;

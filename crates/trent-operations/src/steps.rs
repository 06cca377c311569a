//! What one operation adds to the common steps, and what it works with once it is allowed.

use std::sync::Arc;

use trent_types::{
    AccountId, AliasArn, AliasName, AuditRecord, Caller, Change, ChangeRefused, EventId, KeyArn,
    KeyRecord, KeySpec, Permit, QuotaOverride, Region, RequestClass, SealedMaterial, Timestamp,
};

use crate::call::Attempts;
use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::ports::{Granted, GrantedKey, KeyUse, Ports, Question};
use crate::record::{Additional, ServiceEvent, Story};
use crate::refusals::refused_change;
use crate::request::Request;

/// What one operation adds to the common steps.
pub(crate) trait Steps: Sync + 'static {
    /// The name on the wire.
    const NAME: &'static str;
    /// `readOnly` of the record.
    const READ_ONLY: bool;
    /// The decoded and validated request.
    type Input<'a>;

    /// Decodes and validates. A failure is held back until the signature has been verified.
    ///
    /// Parameters that are not served and grant tokens are refused here, too: AWS publishes no
    /// order of these checks against authorization, and here they have one place.
    fn decode<'a>(request: &Request<'a>) -> Result<Self::Input<'a>, AwsError>;

    /// What the caller must be allowed, in the order in which denials are answered.
    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>>;

    /// What a caller of this kind can never do, whatever policies say.
    fn barred(_input: &Self::Input<'_>, _caller: &Caller) -> Result<(), AwsError> {
        Ok(())
    }

    /// The alias that the operation is about.
    fn alias<'q>(_input: &'q Self::Input<'_>) -> Option<&'q AliasName> {
        None
    }

    /// Whether records name the alias after its key.
    const ALIAS_LAST: bool = false;

    /// The ARN of the role that the operation is about, and the account that the ARN names. Another
    /// account gets a record of its own.
    fn role<'q>(_input: &'q Self::Input<'_>) -> Option<(&'q str, AccountId)> {
        None
    }

    /// The spec of the data key pair that is asked for, by which its rate is counted.
    fn pair_spec(_input: &Self::Input<'_>) -> Option<KeySpec> {
        None
    }

    /// What the request counts as besides, in another Region.
    fn counted_elsewhere(_input: &Self::Input<'_>) -> Option<(Region, RequestClass, u32)> {
        None
    }

    /// `requestParameters`.
    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>);

    /// Checks state and usage, and does it; a change is handed back, to be committed with its
    /// record.
    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault>;

    /// The error for a change that the registry did not make.
    fn refused(_input: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        refused_change(call, reason)
    }
}

/// What an allowed operation works with.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) ports: &'a Ports<'a>,
    pub(crate) caller: Arc<Caller>,
    /// The key clock.
    pub(crate) key_now: Timestamp,
    /// One for each question.
    pub(crate) granted: Vec<Granted>,
    /// Request quotas of the caller's account that have another value than their default; for
    /// ListQuotas resource quotas besides.
    pub(crate) quota_overrides: Vec<QuotaOverride>,
}

/// A key that a question resolved to, with its Permit.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) permit: &'a Permit,
    pub(crate) record: &'a KeyRecord,
    pub(crate) material: Option<&'a SealedMaterial>,
}

impl<'a> Target<'a> {
    /// The key as a worker takes it, with the material that was asked for.
    pub(crate) fn with(&self, material: &'a SealedMaterial) -> KeyUse<'a> {
        KeyUse { permit: self.permit, key: self.record.arn(), material }
    }

    /// The current material. A key without it is broken.
    pub(crate) fn current(&self) -> Result<&'a SealedMaterial, AwsError> {
        self.material.ok_or_else(|| AwsError::internal(&"the key has no current material"))
    }
}

impl Call<'_> {
    /// The answer to the question at this place.
    pub(crate) fn grant(&self, at: usize) -> Result<&Granted, AwsError> {
        self.granted.get(at).ok_or_else(|| AwsError::internal(&"a question has no answer"))
    }

    /// The Permit of the question at this place.
    pub(crate) fn permit(&self, at: usize) -> Result<&Permit, AwsError> {
        Ok(&self.grant(at)?.permit)
    }

    /// The existing key of the question at this place.
    pub(crate) fn key(&self, at: usize) -> Result<Target<'_>, AwsError> {
        let Granted { permit, key, material, .. } = self.grant(at)?;
        match key {
            Some(GrantedKey::Existing(record)) => {
                Ok(Target { permit, record, material: material.as_deref() })
            }
            Some(GrantedKey::New(_)) | None => {
                Err(AwsError::internal(&"an allowed question has no key"))
            }
        }
    }

    /// The record of what Trent does to a key by itself, with what the caller asked for.
    pub(crate) fn event(&self, event: ServiceEvent, key: &KeyArn) -> AuditRecord {
        let at = self.request.received_at;
        event.record(key, EventId::new(at, self.ports.random.sixteen_bytes()), at)
    }

    /// The record of what a request does in another Region, to this key: AWS KMS calls itself there
    /// in the caller's name.
    pub(crate) fn elsewhere<O: Steps>(
        &self,
        key: &KeyArn,
        parameters: &dyn Fn(&mut Object<'_>),
    ) -> AuditRecord {
        let request = Request { region: key.region, tls: None, ..*self.request };
        let elements = crate::json::object(128, |out| out.id("keyId", key));
        let attempts = Attempts::of(&request, self.ports);
        let story = Story {
            caller: Some(&self.caller),
            keys: std::slice::from_ref(key),
            response: Some(&elements),
            invoked_by: Some("kms.amazonaws.com"),
            ..attempts.story(O::NAME, O::READ_ONLY)
        };
        story.record(parameters)
    }

    /// The request id as text.
    pub(crate) fn request_id(&self) -> String {
        self.request.request_id.to_string()
    }

    /// An alias of the caller's account in the request's Region.
    pub(crate) fn alias_arn(&self, name: &AliasName) -> AliasArn {
        alias_arn(self.request, &self.caller, name)
    }
}

pub(crate) fn alias_arn(request: &Request<'_>, caller: &Caller, name: &AliasName) -> AliasArn {
    AliasArn { region: request.region, account: caller.account, name: name.clone() }
}

/// What an operation did, or wants to have changed.
#[derive(Default)]
pub(crate) struct Done {
    /// The answer's body.
    pub(crate) body: Vec<u8>,
    /// To be committed with the record before the answer goes out; `None` when nothing changes.
    pub(crate) change: Option<Change>,
    /// `responseElements`, as JSON.
    pub(crate) elements: Option<Vec<u8>>,
    /// `additionalEventData`.
    pub(crate) additional: Additional,
    /// A key that this operation makes.
    pub(crate) new_key: Option<KeyArn>,
    /// Records of what Trent does by itself with the change.
    pub(crate) events: Vec<AuditRecord>,
}

impl Done {
    /// An answer with this body.
    pub(crate) fn answer(body: Vec<u8>) -> Self {
        Self { body, ..Self::default() }
    }

    /// An answer with an empty body whose record shows the key's ARN.
    pub(crate) fn key_changed(key: &KeyArn, change: Option<Change>) -> Self {
        let elements = crate::json::object(128, |out| out.id("keyId", key));
        Self { change, elements: Some(elements), ..Self::default() }
    }
}

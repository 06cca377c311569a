//! Fakes of the ports: a small world of keys, and what it wrote down.

mod identities;
mod identity_changes;
mod ports;
mod trail;
mod worker;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::Value;
use trent_types::{
    AliasRecord, AuditRecord, Caller, CallerKind, Change, ChangeRefused, CiphertextHeader, Grant,
    GrantTerms, KeyArn, KeyId, KeyManager, KeyRecord, KeySpec, KeyState, KeyUpdate, KeyUsage,
    LastUsage, MaterialId, MaterialRecord, Origin, Permit, QuotaOverride, Region, RequestClass,
    RequestId, SealedMaterial, Tag, Timestamp,
};

pub(crate) use self::identities::People;
pub(crate) use self::trail::{Trails, event};
use crate::ports::*;
use crate::{Request, Response, ServiceName, operation_by_action, operation_by_target, serve};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
pub(crate) const OTHER_KEY: &str = "0987dcba-09fe-87dc-65ba-ab0987654321";
pub(crate) const REQUEST_ID: &str = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736";
/// 2023-01-02T03:04:05.678Z.
pub(crate) const NOW: i64 = 1_672_628_645_678;

pub(crate) fn arn_of(key: &str) -> String {
    format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{key}")
}

pub(crate) fn material_hex() -> String {
    "07".repeat(32)
}

/// Runs a future whose parts are all ready.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a fake port was not ready"),
    }
}

pub(crate) fn signature(fault: SignatureFault) -> AuthorizeError {
    AuthorizeError::Signature { fault, message: "bad signature".to_owned() }
}

/// Everything behind the ports.
pub(crate) struct World {
    pub(crate) keys: RefCell<BTreeMap<KeyId, KeyRecord>>,
    pub(crate) aliases: RefCell<BTreeMap<String, AliasRecord>>,
    pub(crate) tags: RefCell<Vec<Tag>>,
    pub(crate) grants: RefCell<Vec<Grant>>,
    /// The terms of the grants that were asked about.
    pub(crate) asked_terms: RefCell<Vec<GrantTerms>>,
    pub(crate) materials: RefCell<Vec<MaterialRecord>>,
    pub(crate) records: RefCell<Vec<AuditRecord>>,
    pub(crate) changes: RefCell<Vec<Change>>,
    pub(crate) asked: RefCell<Vec<String>>,
    /// The conditions that the last question set.
    pub(crate) conditions: RefCell<Vec<(String, Vec<String>)>>,
    pub(crate) authorize_error: RefCell<Option<AuthorizeError>>,
    /// A permission that the caller does not have.
    pub(crate) denied: Cell<&'static str>,
    /// Answers of the registry before it makes a change.
    pub(crate) refusals: RefCell<Vec<ChangeError>>,
    /// The public key of every key.
    pub(crate) public_key: RefCell<Option<Vec<u8>>>,
    /// What the worker was asked to do, without secrets.
    pub(crate) ordered: RefCell<Vec<String>>,
    pub(crate) worker_error: RefCell<Option<WorkerError>>,
    pub(crate) audit_away: Cell<bool>,
    /// Of every key; `None`: they are gone.
    pub(crate) last_usage: Cell<Option<LastUsage>>,
    /// Why requests were denied.
    pub(crate) explained: RefCell<Vec<(RequestId, Explanation)>>,
    pub(crate) caller: RefCell<Caller>,
    /// What was counted, and how many requests there may be before the rate is exceeded.
    pub(crate) counted: RefCell<Vec<(RequestClass, Region, u32, u64)>>,
    pub(crate) requests_left: Cell<usize>,
    pub(crate) quota_overrides: RefCell<Vec<QuotaOverride>>,
    /// The resources of the questions, as `asked` has their permissions.
    pub(crate) asked_about: RefCell<Vec<String>>,
    pub(crate) people: People,
    pub(crate) trails: Trails,
}

fn record(account: &str, id: &str) -> KeyRecord {
    KeyRecord {
        account: account.parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        key_id: id.parse().unwrap(),
        created_at: Timestamp::from_millis(NOW - 1_000),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: KeyManager::Customer,
        state: KeyState::Enabled,
        description: String::new(),
        deletion_date: None,
        pending_window_days: None,
        current_material: Some(MaterialId::from_bytes([7; 32])),
        expiration: None,
        multi_region: None,
        rotation: None,
        version: 3,
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let records = [record(ACCOUNT, KEY), record(ACCOUNT, OTHER_KEY)];
        Self {
            keys: RefCell::new(records.into_iter().map(|key| (key.key_id, key)).collect()),
            aliases: RefCell::default(),
            tags: RefCell::default(),
            grants: RefCell::default(),
            asked_terms: RefCell::default(),
            materials: RefCell::default(),
            records: RefCell::default(),
            changes: RefCell::default(),
            asked: RefCell::default(),
            conditions: RefCell::default(),
            authorize_error: RefCell::default(),
            denied: Cell::new(""),
            refusals: RefCell::default(),
            public_key: RefCell::default(),
            ordered: RefCell::default(),
            worker_error: RefCell::default(),
            audit_away: Cell::new(false),
            last_usage: Cell::default(),
            explained: RefCell::default(),
            caller: RefCell::new(Caller::new(
                ACCOUNT.parse().unwrap(),
                "AKIAIOSFODNN7EXAMPLE".to_owned(),
                CallerKind::Root,
            )),
            counted: RefCell::default(),
            requests_left: Cell::new(usize::MAX),
            quota_overrides: RefCell::default(),
            asked_about: RefCell::default(),
            people: People::default(),
            trails: Trails::default(),
        }
    }

    pub(crate) fn in_state(state: KeyState) -> Self {
        let world = Self::new();
        world.keys.borrow_mut().get_mut(&KEY.parse().unwrap()).unwrap().state = state;
        world
    }

    /// With a key of this kind in the place of the usual one.
    pub(crate) fn with_key(spec: KeySpec, usage: KeyUsage) -> Self {
        let world = Self::new();
        {
            let mut keys = world.keys.borrow_mut();
            let key = keys.get_mut(&KEY.parse().unwrap()).unwrap();
            (key.spec, key.usage) = (spec, usage);
        }
        *world.public_key.borrow_mut() = spec.is_asymmetric().then(|| b"public".to_vec());
        world
    }

    /// The usual key in another state.
    pub(crate) fn but_in_state(self, state: KeyState) -> Self {
        self.keys.borrow_mut().get_mut(&KEY.parse().unwrap()).unwrap().state = state;
        self
    }

    pub(crate) fn with_alias(self, name: &str) -> Self {
        let alias = AliasRecord {
            account: ACCOUNT.parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            name: name.parse().unwrap(),
            target: KEY.parse().unwrap(),
            created_at: Timestamp::from_millis(NOW),
            updated_at: Timestamp::from_millis(NOW),
        };
        self.aliases.borrow_mut().insert(name.to_owned(), alias);
        self
    }

    pub(crate) fn ports(&self) -> Ports<'_> {
        Ports {
            authorizer: self,
            worker: self,
            registry: self,
            identities: self,
            audit: self,
            trail: self,
            random: self,
            quota: self,
        }
    }

    /// Sends a request of KMS, CloudTrail or Trent's own.
    pub(crate) fn kms(&self, operation: &str, body: &str) -> Response {
        let target = |service: &str| operation_by_target(&format!("{service}.{operation}"));
        let found = target("TrentService").or_else(|| target("Trent"));
        let (service, found) = found.or_else(|| target("CloudTrail_20131101")).unwrap();
        run(serve(found, &request(service, body.as_bytes()), &self.ports()))
    }

    /// Sends one that succeeds, and reads the answer.
    pub(crate) fn ok(&self, operation: &str, body: &str) -> Value {
        let response = self.kms(operation, body);
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
        if response.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&response.body).unwrap()
    }

    /// Sends one that fails; the code and the message.
    pub(crate) fn error(&self, operation: &str, body: &str) -> (String, Option<String>) {
        let response = self.kms(operation, body);
        assert!(matches!(response.status, 400 | 500), "{}", response.status);
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        let message = body.get("message").map(|text| text.as_str().unwrap().to_owned());
        (body["__type"].as_str().unwrap().to_owned(), message)
    }

    /// Sends an IAM or STS request; the status and the XML.
    pub(crate) fn query(&self, service: ServiceName, body: &str) -> (u16, String) {
        let action = body.split('&').next().unwrap().strip_prefix("Action=").unwrap();
        let version = if service == ServiceName::Iam { "2010-05-08" } else { "2011-06-15" };
        let found = operation_by_action(service, action, version).unwrap();
        let response = run(serve(found, &request(service, body.as_bytes()), &self.ports()));
        (response.status, String::from_utf8(response.body).unwrap())
    }

    /// The one record that was written.
    pub(crate) fn only_record(&self) -> Value {
        let records = self.records.borrow();
        assert_eq!(records.len(), 1);
        serde_json::from_slice(&records[0].cloudtrail_json).unwrap()
    }

    fn decide(&self, question: &Question<'_>) -> Result<Granted, Denied> {
        self.asked.borrow_mut().push(question.action.to_owned());
        self.asked_about.borrow_mut().push(format!("{:?}", question.resource));
        self.conditions.borrow_mut().clone_from(&question.conditions);
        let denied = |kind, message: String, key| {
            let reason = message.clone();
            Denied { kind, message, key, reason }
        };
        let key = match &question.resource {
            Resource::Key(text)
            | Resource::Grant { key: text, .. }
            | Resource::NewGrant { key: text, .. } => Some(
                self.find(text).map_err(|message| denied(DenialKind::NotFound, message, None))?,
            ),
            Resource::Ciphertext(id) => self.keys.borrow().get(id).cloned(),
            Resource::Related { key, region } => {
                self.find(key).ok().map(|record| KeyRecord { region: *region, ..record })
            }
            Resource::NewKey { .. }
            | Resource::Alias(_)
            | Resource::Entity { .. }
            | Resource::Role(_)
            | Resource::Arn(_) => None,
        };
        if let Resource::NewGrant { terms, .. } = question.resource {
            self.asked_terms.borrow_mut().push(terms.clone());
        }
        let grant = match &question.resource {
            Resource::Grant { grant_id, .. } => {
                let grants = self.grants.borrow();
                grants.iter().find(|grant| grant.grant_id == *grant_id).cloned()
            }
            Resource::Key(_)
            | Resource::Ciphertext(_)
            | Resource::NewKey { .. }
            | Resource::Alias(_)
            | Resource::Related { .. }
            | Resource::NewGrant { .. }
            | Resource::Entity { .. }
            | Resource::Role(_)
            | Resource::Arn(_) => None,
        };
        if question.action == self.denied.get() {
            let message = format!("User is not authorized to perform: {}", question.action);
            return Err(denied(DenialKind::AccessDenied, message, key.map(|key| key.arn())));
        }
        let wanted = question.material.unwrap_or(MaterialId::from_bytes([7; 32]));
        let material = SealedMaterial { material_id: wanted, sealed: vec![1] };
        let new = matches!(question.resource, Resource::NewKey { .. });
        let new_arn = || GrantedKey::New(arn_of(KEY).parse().unwrap());
        Ok(Granted {
            permit: Permit::from_wire(question.action.as_bytes()),
            key: key
                .map(|record| GrantedKey::Existing(record.into()))
                .or_else(|| new.then(new_arn)),
            material: Some(material.into()),
            other_materials: Vec::new(),
            alias: None,
            grant,
        })
    }

    fn find(&self, text: &str) -> Result<KeyRecord, String> {
        let keys = self.keys.borrow();
        if text.starts_with("alias/") {
            let missing = || format!("Alias arn:aws:kms:us-east-1:{ACCOUNT}:{text} is not found.");
            let aliases = self.aliases.borrow();
            return aliases
                .get(text)
                .and_then(|a| keys.get(&a.target))
                .cloned()
                .ok_or_else(missing);
        }
        let id = text.rsplit('/').next().unwrap_or(text);
        let found = id.parse::<KeyId>().ok().and_then(|id| keys.get(&id).cloned());
        found.ok_or_else(|| format!("Key '{}' does not exist", arn_of(id)))
    }

    fn worker<T>(&self, order: String, done: T) -> Result<T, WorkerError> {
        self.ordered.borrow_mut().push(order);
        self.worker_error.borrow_mut().take().map_or(Ok(done), Err)
    }

    fn blob(&self, key: KeyArn, material_id: MaterialId) -> Vec<u8> {
        let mut blob = Vec::new();
        CiphertextHeader { key_id: key.key_id, material_id }.write(&mut blob);
        blob.extend_from_slice(b"sealed");
        blob
    }

    fn apply(&self, change: &Change) {
        let Change::UpdateKey { key, update, .. } = change else { return };
        let mut keys = self.keys.borrow_mut();
        let record = keys.get_mut(&key.key_id).unwrap();
        match update {
            KeyUpdate::Enable => record.state = KeyState::Enabled,
            KeyUpdate::Disable | KeyUpdate::CancelDeletion => record.state = KeyState::Disabled,
            KeyUpdate::Describe(text) => record.description.clone_from(text),
            KeyUpdate::ScheduleDeletion { deletion_date } => {
                record.state = KeyState::PendingDeletion;
                record.deletion_date = Some(*deletion_date);
            }
            KeyUpdate::ScheduleReplicaDeletion { pending_window_days } => {
                record.state = KeyState::PendingReplicaDeletion;
                record.pending_window_days = Some(*pending_window_days);
            }
            KeyUpdate::EnableRotation(rotation) => record.rotation = Some(*rotation),
            KeyUpdate::DisableRotation => record.rotation = None,
        }
    }
}

/// The Regions of the small world.
fn served() -> &'static [Region] {
    static SERVED: std::sync::OnceLock<Vec<Region>> = std::sync::OnceLock::new();
    let names = ["us-east-1", "eu-west-1", "cn-north-1"];
    SERVED.get_or_init(|| names.iter().map(|name| name.parse().unwrap()).collect())
}

/// A request as a gateway makes it.
pub(crate) fn request(service: ServiceName, body: &[u8]) -> Request<'_> {
    Request {
        request_id: REQUEST_ID.parse().unwrap(),
        received_at: Timestamp::from_millis(NOW),
        region: "us-east-1".parse::<Region>().unwrap(),
        served_regions: served(),
        source_ip: "192.0.2.1",
        user_agent: "aws-cli/2 \"quoted\"",
        host: "kms.us-east-1.amazonaws.com",
        tls: Some(crate::TlsDetails {
            version: "TLSv1.3",
            cipher_suite: "TLS_AES_256_GCM_SHA384",
            key_exchange: Some("X25519MLKEM768"),
        }),
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE"),
        service,
        body,
    }
}

/// A refusal of the registry.
pub(crate) fn refused(reason: ChangeRefused) -> ChangeError {
    ChangeError::Refused(reason)
}

//! Everything that the operations need, without a deployment: one key, whose nature the input
//! decides, one caller, and a trail that keeps what it is given.

mod identities;
mod registry;
mod trail;
mod worker;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use trent_bus::{ClaimedResource, Claims, PermitKeys};
use trent_operations::ports::{
    AuditTrail, Authorization, AuthorizeError, Authorizer, DenialKind, Denied, Granted, GrantedKey,
    PortFuture, Ports, Question, Random, Resource, Unavailable, Unlimited, WorkerError,
};
use trent_operations::{Operation, Request, Response, ServiceName, TlsDetails, serve};
use trent_types::{
    AuditRecord, Caller, CallerKind, Change, Expiration, Grant, GrantConstraints, GrantId,
    GrantOperation, GrantPrincipal, GrantTerms, KeyManager, KeyRecord, KeyRing, KeySpec, KeyState,
    MultiRegion, Origin, Permit, Primitives, Region, RequestId, Rotation, SealedMaterial,
    SecretBytes, Timestamp,
};

use crate::input::Input;
use crate::keys::{key_arn, material_id};

/// 2023-01-02T03:04:05.678Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_672_628_645_678);

/// One key and its caller.
pub(crate) struct World {
    key: KeyRecord,
    allows: bool,
    /// What the worker answers with instead of doing its work.
    fault: Option<WorkerError>,
    /// Whether lists go on after their first page.
    more: bool,
    /// Every record that was accepted or committed.
    pub(crate) records: RefCell<Vec<AuditRecord>>,
    /// Every change that was committed.
    pub(crate) changes: RefCell<Vec<Change>>,
}

impl World {
    /// The world of an input's next four bytes. All zeros: an enabled symmetric key, and a caller
    /// who may do everything.
    pub(crate) fn new(input: &mut Input<'_>) -> Self {
        let [flags, spec, state, usage] = input.array();
        let spec = match spec {
            0 => KeySpec::SymmetricDefault,
            other => KeySpec::ALL[usize::from(other - 1) % KeySpec::ALL.len()],
        };
        let states: Vec<KeyState> = std::iter::once(KeyState::Enabled)
            .chain(KeyState::ALL.iter().copied().filter(|state| *state != KeyState::Enabled))
            .collect();
        let usages = spec.usages();
        let key = KeyRecord {
            usage: usages[usize::from(usage) % usages.len()],
            state: states[usize::from(state) % states.len()],
            ..key(spec, flags)
        };
        Self {
            key,
            allows: flags & 1 == 0,
            fault: (flags & 2 != 0).then(|| faults()[usize::from(usage) % faults().len()].clone()),
            more: flags & 4 != 0,
            records: RefCell::default(),
            changes: RefCell::default(),
        }
    }

    /// Lets an operation answer a request with this body.
    pub(crate) fn serve(
        &self,
        operation: &'static dyn Operation,
        service: ServiceName,
        body: &[u8],
    ) -> Response {
        let ports = Ports {
            authorizer: self,
            worker: self,
            registry: self,
            identities: self,
            audit: self,
            trail: self,
            random: self,
            quota: &Unlimited,
        };
        run(serve(operation, &request(service, body), &ports))
    }

    fn decide(&self, question: &Question<'_>) -> Result<Granted, Denied> {
        let arn = self.key.arn();
        let key = match &question.resource {
            Resource::Key(_)
            | Resource::Ciphertext(_)
            | Resource::Grant { .. }
            | Resource::NewGrant { .. } => Some(GrantedKey::Existing(self.key.clone().into())),
            Resource::Related { region, .. } => {
                let related = KeyRecord { region: *region, ..self.key.clone() };
                Some(GrantedKey::Existing(related.into()))
            }
            Resource::NewKey { .. } => Some(GrantedKey::New(arn)),
            Resource::Alias(_) | Resource::Arn(_) | Resource::Entity { .. } | Resource::Role(_) => {
                None
            }
        };
        if !self.allows {
            let message = format!("User is not authorized to perform: {}", question.action);
            let key = key.map(|_| arn);
            let reason = message.clone();
            return Err(Denied { kind: DenialKind::AccessDenied, message, key, reason });
        }
        let material_id = question.material.unwrap_or_else(material_id);
        Ok(Granted {
            permit: permit(),
            key,
            material: Some(SealedMaterial { material_id, sealed: vec![1] }.into()),
            other_materials: Vec::new(),
            alias: None,
            grant: None,
        })
    }
}

/// A grant of the key.
pub(crate) fn grant() -> Grant {
    let principal = |name| GrantPrincipal::Arn(format!("arn:aws:iam::111122223333:user/{name}"));
    let pairs = [("a".to_owned(), "b".to_owned())];
    Grant {
        key: key_arn(),
        grant_id: GrantId::from_bytes([6; 32]),
        name: Some("reader".to_owned()),
        created_at: NOW,
        issuing_account: "arn:aws:iam::111122223333:root".to_owned(),
        terms: GrantTerms {
            grantee: principal("ann"),
            retiring: Some(principal("bob")),
            operations: vec![GrantOperation::Decrypt, GrantOperation::RetireGrant],
            constraints: GrantConstraints {
                context_subset: Some(pairs.into_iter().collect()),
                ..GrantConstraints::default()
            },
        },
    }
}

/// A future that is ready.
fn ready<'a, T: 'a>(value: T) -> PortFuture<'a, T> {
    Box::pin(std::future::ready(value))
}

/// Runs a future whose parts are all ready.
fn run<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here is waited for"),
    }
}

fn key(spec: KeySpec, flags: u8) -> KeyRecord {
    let arn = key_arn();
    let imported = flags & 8 != 0;
    KeyRecord {
        account: arn.account,
        region: arn.region,
        key_id: arn.key_id,
        created_at: Timestamp::from_millis(NOW.as_millis() - 1_000),
        spec,
        usage: spec.usages()[0],
        origin: if imported { Origin::External } else { Origin::AwsKms },
        manager: KeyManager::Customer,
        state: KeyState::Enabled,
        description: String::new(),
        deletion_date: None,
        pending_window_days: None,
        current_material: Some(material_id()),
        expiration: imported.then_some(Expiration::Never),
        multi_region: (flags & 16 != 0).then(|| MultiRegion {
            primary: arn.region,
            replicas: vec!["us-east-1".parse().expect("a Region")],
        }),
        rotation: (flags & 32 != 0).then_some(Rotation { period_days: 365, next: NOW }),
        version: 3,
    }
}

fn permit() -> Permit {
    static PERMIT: OnceLock<Permit> = OnceLock::new();
    let make = || {
        let ring = KeyRing::single(SecretBytes::new(vec![0x77; 32])).expect("32 bytes");
        let arn = key_arn();
        PermitKeys::new(ring).mint(Claims {
            request_id: RequestId::from_bytes([1; 16]),
            action: "kms:Encrypt".to_owned(),
            account: arn.account,
            region: arn.region,
            resource: ClaimedResource::Key(arn),
            record_version: 3,
            primitives: Primitives::NONE,
            material_ids: Vec::new(),
            context_digest: [0; 32],
            expires_at: NOW,
            caller: caller().into(),
            domain_key_check: Bytes::new(),
            key_now: None,
        })
    };
    PERMIT.get_or_init(make).clone()
}

fn caller() -> Caller {
    Caller::new(key_arn().account, "AKIAIOSFODNN7EXAMPLE".to_owned(), CallerKind::Root)
}

fn faults() -> &'static [WorkerError] {
    &[
        WorkerError::InvalidCiphertext,
        WorkerError::InvalidSignature,
        WorkerError::InvalidMac,
        WorkerError::InvalidMessageLength,
        WorkerError::InvalidPublicKey,
        WorkerError::InvalidImportToken,
        WorkerError::ExpiredImportToken,
        WorkerError::InvalidMaterial,
    ]
}

fn served() -> &'static [Region] {
    static SERVED: OnceLock<Vec<Region>> = OnceLock::new();
    let regions = ["eu-central-1", "eu-west-1", "us-east-1"];
    SERVED.get_or_init(|| regions.map(|name| name.parse().expect("a Region")).to_vec())
}

fn request(service: ServiceName, body: &[u8]) -> Request<'_> {
    Request {
        request_id: RequestId::from_bytes([1; 16]),
        received_at: NOW,
        region: key_arn().region,
        served_regions: served(),
        source_ip: "192.0.2.1",
        user_agent: "aws-cli/2 \"quoted\"",
        host: "kms.eu-central-1.amazonaws.com",
        tls: Some(TlsDetails {
            version: "TLSv1.3",
            cipher_suite: "TLS_AES_256_GCM_SHA384",
            key_exchange: None,
        }),
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE"),
        service,
        body,
    }
}

impl Random for World {
    fn sixteen_bytes(&self) -> [u8; 16] {
        [5; 16]
    }
}

impl Authorizer for World {
    fn authorize<'a>(
        &'a self,
        questions: &'a [Question<'a>],
    ) -> PortFuture<'a, Result<Authorization, AuthorizeError>> {
        ready(Ok(Authorization {
            caller: caller().into(),
            decisions: questions.iter().map(|question| self.decide(question)).collect(),
            key_now: NOW,
            quota_overrides: Vec::new(),
        }))
    }
}

impl AuditTrail for World {
    fn accept(&self, record: AuditRecord) -> PortFuture<'_, Result<(), Unavailable>> {
        self.records.borrow_mut().push(record);
        ready(Ok(()))
    }
}

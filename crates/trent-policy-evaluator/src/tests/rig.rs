//! One evaluator with everything around it faked, and a caller who can sign.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use prost::Message;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{
    self, AuthorizeAnswer, AuthorizeRequest, Authorized, Decision, Denied, Granted, Question,
    authorize_answer, change_answer, decision,
};
use trent_bus::{Bus, Claims, InProcessBus, Order, PermitKeys, Sealer, Subject, convert};
use trent_store::{AccessKeyOwner, RegistryStore, StoredAccessKey, StoredKey};
use trent_types::{
    AccessKey, AccessKeyStatus, Account, AccountId, AuditRecord, Change, Clock, EntityRecord,
    EventId, KeyArn, KeyId, KeyManager, KeyRecord, KeyRing, KeySpec, KeyState, KeyUsage,
    ManualClock, MaterialId, NewMaterial, Origin, Partition, Region, RequestId, SealedMaterial,
    SecretBytes, Timestamp,
};
use uuid::Uuid;

pub(super) use super::fake_sink::FakeSink;
use super::fake_store::{FakeStore, FakeThing};
use super::fake_worker::{FakeWorker, sealed};
pub(super) use super::people::ann;
pub(super) use super::signing::{about_key, question, sign, sign_form};
use crate::{
    Evaluator, EvaluatorConfig, Form, PrintedRootKey, Seed, SeedHome, StartError, TokenKeys,
};

pub(super) const ROOT: &str = "AKIAROOTROOTROOTROOT";
pub(super) const ANN: &str = "AKIAANNANNANNANNANNA";
pub(super) const SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(super) const MARK: u8 = 7;
/// Ten days before now.
pub(super) const TRACKING_START: Timestamp =
    Timestamp::from_millis(1_700_000_000_000 - 10 * 86_400_000);
pub(super) const OWN: Uuid = Uuid::from_bytes([1; 16]);

pub(super) struct Rig {
    pub(super) store: Arc<FakeStore>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) services: InProcessBus,
    pub(super) permit_keys: Arc<PermitKeys>,
    pub(super) trail_keys: Arc<PermitKeys>,
    pub(super) sink: Arc<FakeSink>,
    pub(super) evaluator: Arc<Evaluator>,
    pub(super) printed: Option<PrintedRootKey>,
    /// The version that the worker's domain key is rotated to; 0 before.
    pub(super) next_version: Arc<AtomicU8>,
    request: AtomicU8,
}

pub(super) fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

/// Another account of the deployment.
pub(super) fn other_account() -> AccountId {
    "999900001111".parse().unwrap()
}

pub(super) fn region() -> Region {
    "us-east-1".parse().unwrap()
}

pub(super) fn arn(id: u8) -> KeyArn {
    KeyArn { region: region(), account: account(), key_id: KeyId::from_bytes([id; 16], false) }
}

pub(super) fn default_policy() -> String {
    trent_types::default_key_policy(account(), Partition::Aws)
}

pub(super) fn record(id: u8) -> KeyRecord {
    KeyRecord {
        account: account(),
        region: region(),
        key_id: arn(id).key_id,
        created_at: Timestamp::from_millis(1),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: KeyManager::Customer,
        state: KeyState::Enabled,
        description: String::new(),
        deletion_date: None,
        pending_window_days: None,
        current_material: Some(MaterialId::from_bytes([id; 32])),
        expiration: None,
        multi_region: None,
        rotation: None,
        version: 1,
    }
}

pub(super) fn new_material(id: u8) -> Option<NewMaterial> {
    Some(NewMaterial { sealed: material(id), public_key: None, replicas: Vec::new() })
}

pub(super) fn material(id: u8) -> SealedMaterial {
    SealedMaterial {
        material_id: MaterialId::from_bytes([id; 32]),
        sealed: sealed(MARK, &[id; 78]),
    }
}

pub(super) fn audit_record(event: u8) -> AuditRecord {
    AuditRecord {
        event_id: EventId::from_bytes([event; 16]),
        account: Some(account()),
        event_time: Timestamp::from_millis(1),
        cloudtrail_json: b"{}".to_vec(),
        trace: None,
    }
}

pub(super) fn request_id(id: u8) -> RequestId {
    RequestId::from_bytes([id; 16])
}

/// A store with key 1, its root user, and the user `ann` with an access key.
pub(super) fn furnished_store() -> Arc<FakeStore> {
    let store = FakeStore::default();
    {
        let mut state = store.state.lock().unwrap();
        let stored = StoredKey {
            record: record(1),
            policy: default_policy(),
            tags: Vec::new(),
            materials: vec![material(1)],
            material_records: Vec::new(),
            passing: None,
            public_key: None,
            aliases: Vec::new(),
        };
        state.keys.insert((region(), stored.record.key_id), stored);
        state.things.push(FakeThing::new(EntityRecord::User(ann())));
        state.accounts.push(Account {
            id: other_account(),
            name: "other".into(),
            created_at: Timestamp::from_millis(1),
        });
        for (id, user) in [(ROOT, None), (ANN, Some(ann()))] {
            let access_key = AccessKey {
                access_key_id: id.into(),
                account: account(),
                user_name: user.as_ref().map(|user| user.name.clone()),
                status: AccessKeyStatus::Active,
                created_at: Timestamp::from_millis(1),
            };
            let sealed_secret = sealed(MARK, SECRET);
            let owner = user.map_or(AccessKeyOwner::Root, AccessKeyOwner::User);
            state
                .access_keys
                .insert(id.into(), StoredAccessKey { access_key, owner, sealed_secret });
        }
    }
    Arc::new(store)
}

impl Rig {
    pub(super) async fn embedded() -> Self {
        Self::on(furnished_store(), Form::Embedded, MARK, None).await.unwrap()
    }

    /// An evaluator that has its first lease once it runs.
    pub(super) async fn distributed() -> Self {
        Self::on(furnished_store(), Form::Distributed, MARK, None).await.unwrap()
    }

    pub(super) async fn on(
        store: Arc<FakeStore>,
        form: Form,
        mark: u8,
        root: Option<(String, SecretBytes)>,
    ) -> Result<Self, StartError> {
        Self::with(store.clone(), store, (form, mark), (root, None), false).await
    }

    /// An evaluator whose key clock may be moved.
    pub(super) async fn for_development(store: Arc<FakeStore>, form: Form) -> Self {
        Self::with(store.clone(), store, (form, MARK), (None, None), true).await.unwrap()
    }

    /// An embedded one that begins with the keys of a seed file.
    pub(super) async fn seeded(store: Arc<FakeStore>, seed: Seed) -> Result<Self, StartError> {
        Self::with(store.clone(), store, (Form::Embedded, MARK), (None, Some(seed)), false).await
    }

    /// On a real store, embedded.
    pub(super) async fn on_real(store: Arc<dyn RegistryStore>) -> Self {
        let unused = Arc::new(FakeStore::default());
        Self::with(unused, store, (Form::Embedded, MARK), (None, None), false).await.unwrap()
    }

    /// The same with this root access key.
    pub(super) async fn on_real_with_root(store: Arc<dyn RegistryStore>) -> Self {
        let unused = Arc::new(FakeStore::default());
        let root = Some((ROOT.to_owned(), SecretBytes::new(SECRET.to_vec())));
        Self::with(unused, store, (Form::Embedded, MARK), (root, None), false).await.unwrap()
    }

    async fn with(
        fake: Arc<FakeStore>,
        store: Arc<dyn RegistryStore>,
        (form, mark): (Form, u8),
        (root, seed): (Option<(String, SecretBytes)>, Option<Seed>),
        dev: bool,
    ) -> Result<Self, StartError> {
        let ring = |byte| KeyRing::single(SecretBytes::new(vec![byte; 32])).unwrap();
        let permit_keys = Arc::new(PermitKeys::new(ring(1)));
        let trail_keys = Arc::new(PermitKeys::new(ring(4)));
        let sealer = Arc::new(Sealer::new(ring(2)));
        let token_keys = Arc::new(TokenKeys::new(ring(3)));
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_700_000_000_000)));
        let services = InProcessBus::new();
        let next_version = Arc::new(AtomicU8::new(0));
        let worker = FakeWorker {
            permit_keys: Arc::clone(&permit_keys),
            sealer: Arc::clone(&sealer),
            clock: Arc::clone(&clock),
            mark,
            next: Arc::clone(&next_version),
        };
        services.serve(Subject::CryptoFast, Arc::new(worker)).unwrap();
        let sink = Arc::new(FakeSink::default());
        let (evaluator, printed) = Evaluator::start(EvaluatorConfig {
            store,
            bus: services.bus(),
            permit_keys: Arc::clone(&permit_keys),
            trail_keys: Arc::clone(&trail_keys),
            sealer,
            token_keys: Some(Arc::clone(&token_keys)),
            sink: sink.clone(),
            clock: clock.clone(),
            account: account(),
            regions: vec![region()],
            instance: OWN,
            form,
            root,
            dev,
            tracking_start: TRACKING_START,
            seed,
            seed_home: (form == Form::Embedded).then(|| SeedHome {
                account: account(),
                region: region(),
                regions: vec![region()],
            }),
        })
        .await?;
        services.serve(Subject::Authorize, evaluator.authorize_service()).unwrap();
        services.serve(Subject::RegistryRead, evaluator.read_service()).unwrap();
        services.serve(Subject::RegistryChange, evaluator.change_service()).unwrap();
        services.serve(Subject::ClaimDue, evaluator.claim_service()).unwrap();
        services.serve(Subject::Admin, evaluator.admin_service()).unwrap();
        services.serve(Subject::Invalidate(OWN), evaluator.invalidate_service()).unwrap();
        Ok(Self {
            store: fake,
            clock,
            services,
            permit_keys,
            trail_keys,
            sink,
            evaluator,
            printed,
            next_version,
            request: AtomicU8::new(9),
        })
    }

    /// What is asked and changed belongs to one request until another one is begun.
    pub(super) fn next_request(&self) {
        self.request.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn request_id(&self) -> RequestId {
        request_id(self.request.load(Ordering::SeqCst))
    }

    pub(super) fn bus(&self) -> Bus {
        self.services.bus()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn sign(&self, access_key: &str, operation: &str) -> messages::SignedRequest {
        sign(access_key, SECRET, operation, self.clock.now())
    }

    pub(super) async fn authorize(
        &self,
        signed: messages::SignedRequest,
        questions: Vec<Question>,
    ) -> authorize_answer::Outcome {
        self.authorize_form(signed, questions, "").await
    }

    pub(super) async fn authorize_form(
        &self,
        signed: messages::SignedRequest,
        questions: Vec<Question>,
        form: &str,
    ) -> authorize_answer::Outcome {
        let request = AuthorizeRequest {
            request_id: convert::bytes(self.request_id().as_bytes()),
            signed: Some(signed),
            questions,
            form_body: convert::bytes(form.as_bytes()),
            source_ip: "192.0.2.7".into(),
            secure_transport: true,
            user_agent: "aws-cli/2".into(),
        };
        let answer = call(&self.bus(), Subject::Authorize, &request).await;
        AuthorizeAnswer::decode(answer).unwrap().outcome.unwrap()
    }

    /// Signs the operation and asks one question about it.
    pub(super) async fn ask(&self, access_key: &str, question: Question) -> Decision {
        let operation = question.action.split_once(':').unwrap().1.to_owned();
        let signed = self.sign(access_key, &operation);
        match self.authorize(signed, vec![question]).await {
            authorize_answer::Outcome::Authorized(Authorized { mut decisions, .. }) => {
                decisions.pop().unwrap()
            }
            other => panic!("not authorized: {other:?}"),
        }
    }

    pub(super) async fn granted(&self, access_key: &str, question: Question) -> (Claims, Granted) {
        match self.ask(access_key, question).await.outcome.unwrap() {
            decision::Outcome::Granted(granted) => {
                let permit = convert::permit(&granted.permit, "permit").unwrap();
                (self.permit_keys.verify(&permit, self.clock.now()).unwrap().into_owned(), granted)
            }
            decision::Outcome::Denied(denied) => panic!("denied: {denied:?}"),
        }
    }

    /// A Permit of root's for a new key.
    pub(super) async fn new_key_permit(&self) -> bytes::Bytes {
        let new = messages::NewKey { multi_region: false };
        self.granted(ROOT, question("kms:CreateKey", Resource::NewKey(new))).await.1.permit
    }

    pub(super) async fn denied(&self, access_key: &str, question: Question) -> Denied {
        match self.ask(access_key, question).await.outcome.unwrap() {
            decision::Outcome::Denied(denied) => denied,
            decision::Outcome::Granted(granted) => panic!("granted: {granted:?}"),
        }
    }

    pub(super) async fn change(
        &self,
        permits: Vec<bytes::Bytes>,
        change: Change,
    ) -> change_answer::Outcome {
        self.attempt(b"", permits, change).await
    }

    pub(super) async fn attempt(
        &self,
        attempt: &'static [u8],
        permits: Vec<bytes::Bytes>,
        change: Change,
    ) -> change_answer::Outcome {
        let request = messages::ChangeRequest {
            attempt: attempt.into(),
            request_id: convert::bytes(self.request_id().as_bytes()),
            permits,
            change: Some(change.into()),
            record: Some(audit_record(self.request.load(Ordering::SeqCst)).into()),
            events: Vec::new(),
        };
        let answer = call(&self.bus(), Subject::RegistryChange, &request).await;
        messages::ChangeAnswer::decode(answer).unwrap().outcome.unwrap()
    }
}

pub(super) async fn call(bus: &Bus, subject: Subject, request: &impl Message) -> bytes::Bytes {
    let payload = request.encode_to_vec().into();
    let order = Order { deadline: Duration::from_secs(30), traceparent: None, payload };
    bus.call(subject, order).await.unwrap()
}

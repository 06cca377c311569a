//! Orders as a gateway and an evaluator send them, good ones and all that must be refused.

mod actions;
mod agreement;
mod asymmetric;
mod done;
mod importing;
mod local;
mod material;
mod re_seal;
mod refused;
mod slow;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::re_seal_order::What;
use trent_bus::messages::{
    CryptoAnswer, CryptoFault, CryptoRequest, DecryptOrder, EncryptOrder, GenerateDataKeyOrder,
    GenerateMaterialOrder, GenerateRandomOrder, KeyMaterial, KeyUse, MadeMaterial, OpenSecretOrder,
    ReEncryptOrder, ReSealOrder, Rejection, SealSecretOrder, SealedMaterial, SealedSecret,
};
use trent_bus::{
    Answer, ClaimedResource, Claims, Order, PermitKeys, Purpose, Sealer, Service, convert,
};
use trent_crypto::{DomainKeys, SystemRandom};
use trent_types::{
    Caller, CallerKind, EncryptionContext, KeyArn, KeyId, KeyRing, ManualClock, Primitives,
    RequestId, SecretBytes, Timestamp,
};

use crate::permission::Duty;
use crate::worker::DOMAIN_KEY_CHECK_ACCOUNT;
use crate::{DOMAIN_KEY_CHECK, Worker, WorkerConfig};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);
/// The key clock need not be near the other one.
const KEY_NOW: Timestamp = Timestamp::from_millis(9_000_000);
const REQUEST: RequestId = RequestId::from_bytes([1; 16]);
const USER: &str = "arn:aws:iam::123456789012:user/alice";

/// A worker and what its clients share with it.
struct Rig {
    worker: Arc<Worker>,
    clock: Arc<ManualClock>,
    permits: Arc<PermitKeys>,
    /// The clients' sealer: another process has another one.
    sealer: Sealer,
}

fn ring(byte: u8) -> KeyRing {
    KeyRing::single(SecretBytes::new(vec![byte; 32])).unwrap()
}

fn rig_with_domain_key(byte: u8, parsed_keys_max: usize) -> Rig {
    let clock = Arc::new(ManualClock::at(NOW));
    let permits = Arc::new(PermitKeys::new(ring(0xbb)));
    let worker = Worker::new(WorkerConfig {
        domain_keys: ring(byte),
        permit_keys: Arc::clone(&permits),
        sealer: Arc::new(Sealer::new(ring(0xcc))),
        clock: Arc::clone(&clock) as _,
        parsed_keys_max,
    });
    Rig { worker, clock, permits, sealer: Sealer::new(ring(0xcc)) }
}

fn rig() -> Rig {
    rig_with_domain_key(0xaa, 100)
}

fn key(byte: u8) -> KeyArn {
    KeyArn {
        region: "eu-west-1".parse().unwrap(),
        account: "123456789012".parse().unwrap(),
        key_id: KeyId::from_bytes([byte; 16], false),
    }
}

fn context(pairs: &[(&str, &str)]) -> Bytes {
    let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    pairs.collect::<EncryptionContext>().canonical_bytes().into()
}

/// What an evaluator would claim for an order on a key; each test changes what it is about.
fn claims(key: KeyArn, duty: Duty, material: &[&SealedMaterial], ctx: &[u8]) -> Claims {
    let (primitive, actions) = duty.needs();
    let id = |m: &&SealedMaterial| convert::material_id(&m.material_id, "").unwrap();
    Claims {
        request_id: REQUEST,
        action: actions[0].into(),
        account: key.account,
        region: key.region,
        resource: ClaimedResource::Key(key),
        record_version: 1,
        primitives: Primitives::only(primitive),
        material_ids: material.iter().map(id).collect(),
        context_digest: EncryptionContext::digest_of(ctx),
        expires_at: NOW.plus_millis(2_000),
        caller: Caller::new(key.account, "AKIAIOSFODNN7EXAMPLE".into(), CallerKind::Root).into(),
        domain_key_check: check(0xaa),
        key_now: Some(KEY_NOW),
    }
}

/// The check of the deployment with this domain key.
fn check(byte: u8) -> Bytes {
    let account = DOMAIN_KEY_CHECK_ACCOUNT.parse().unwrap();
    let secret = SecretBytes::new(b"check".to_vec());
    let keys = DomainKeys::new(&ring(byte));
    keys.seal_secret(account, DOMAIN_KEY_CHECK, &secret, &SystemRandom).unwrap().into()
}

fn about(resource: &str, duty: Duty) -> Claims {
    let resource = ClaimedResource::Other(resource.into());
    Claims { resource, ..claims(key(1), duty, &[], &[]) }
}

impl Rig {
    fn permit(&self, claims: &Claims) -> Bytes {
        self.permits.mint_wire(claims).into()
    }

    async fn send_raw(&self, payload: Bytes) -> Answer {
        let deadline = Duration::from_secs(1);
        self.worker.handle(Order { deadline, traceparent: None, payload }).await
    }

    async fn send(&self, order: CryptoOrder) -> Outcome {
        let request_id = convert::bytes(REQUEST.as_bytes());
        let request = CryptoRequest { request_id, order: Some(order) };
        let answer = self.send_raw(request.encode_to_vec().into()).await.unwrap();
        CryptoAnswer::decode(answer).unwrap().outcome.unwrap()
    }

    async fn material_of(&self, key: KeyArn) -> SealedMaterial {
        self.new_key(key, "SYMMETRIC_DEFAULT").await.material.unwrap()
    }

    async fn new_key(&self, key: KeyArn, spec: &str) -> MadeMaterial {
        let allowed = claims(key, Duty::GenerateMaterial, &[], &[]);
        made(self.send(self.generate_order(&allowed, key, spec, &[])).await)
    }

    fn material_order(&self, claims: &Claims, key: KeyArn) -> CryptoOrder {
        self.generate_order(claims, key, "SYMMETRIC_DEFAULT", &[])
    }

    fn generate_order(
        &self,
        claims: &Claims,
        key: KeyArn,
        spec: &str,
        replicas: &[&str],
    ) -> CryptoOrder {
        CryptoOrder::GenerateMaterial(GenerateMaterialOrder {
            permit: self.permit(claims),
            key: Some(key.into()),
            spec: spec.to_owned(),
            replica_regions: replicas.iter().map(|region| (*region).to_owned()).collect(),
        })
    }

    fn seal(&self, plaintext: &[u8]) -> Bytes {
        self.sealer.seal(Purpose::GatewayToWorker, REQUEST, plaintext).into()
    }

    fn key_use(&self, claims: &Claims, key: KeyArn, material: &SealedMaterial) -> KeyUse {
        let permit = self.permit(claims);
        KeyUse { permit, key: Some(key.into()), material: Some(material.clone()) }
    }

    fn encrypt_order(&self, key_use: KeyUse, ctx: &Bytes) -> CryptoOrder {
        CryptoOrder::Encrypt(EncryptOrder {
            r#use: Some(key_use),
            context: ctx.clone(),
            sealed_plaintext: self.seal(b"plaintext"),
            algorithm: String::new(),
        })
    }

    async fn encrypt(&self, key: KeyArn, material: &SealedMaterial, ctx: &Bytes) -> Outcome {
        let claims = claims(key, Duty::Encrypt, &[material], ctx);
        self.send(self.encrypt_order(self.key_use(&claims, key, material), ctx)).await
    }

    async fn decrypt(
        &self,
        claims: &Claims,
        key: KeyArn,
        material: &SealedMaterial,
        ctx: &Bytes,
        ciphertext: &Bytes,
    ) -> Outcome {
        let order = DecryptOrder {
            r#use: Some(self.key_use(claims, key, material)),
            context: ctx.clone(),
            ciphertext: ciphertext.clone(),
            algorithm: String::new(),
        };
        self.send(CryptoOrder::Decrypt(order)).await
    }

    fn open(&self, purpose: Purpose, sealed: &[u8]) -> SecretBytes {
        self.sealer.open(purpose, REQUEST, sealed).unwrap()
    }

    async fn seal_secret(&self, claims: &Claims, account: &str, given: Bytes) -> Outcome {
        let order = SealSecretOrder {
            permit: self.permit(claims),
            account: account.into(),
            access_key_id: DOMAIN_KEY_CHECK.into(),
            sealed_secret: given,
        };
        self.send(CryptoOrder::SealSecret(order)).await
    }

    async fn open_secret(&self, claims: &Claims, id: &str, stored_secret: Bytes) -> Outcome {
        let order = OpenSecretOrder {
            permit: self.permit(claims),
            account: "123456789012".into(),
            access_key_id: id.into(),
            stored_secret,
        };
        self.send(CryptoOrder::OpenSecret(order)).await
    }
}

fn re_seal_material(permit: Bytes, key: KeyArn, material: &SealedMaterial) -> CryptoOrder {
    let what = KeyMaterial { key: Some(key.into()), material: Some(material.clone()) };
    CryptoOrder::ReSeal(ReSealOrder { permit, what: Some(What::Material(what)) })
}

fn made(outcome: Outcome) -> MadeMaterial {
    let Outcome::Made(made) = outcome else { panic!("no material: {outcome:?}") };
    made
}

fn fault(fault: CryptoFault) -> Outcome {
    Outcome::Fault(fault.into())
}

fn ciphertext(outcome: Outcome) -> Bytes {
    let Outcome::Ciphertext(blob) = outcome else { panic!("no ciphertext: {outcome:?}") };
    blob
}

fn sealed_plaintext(outcome: Outcome) -> Bytes {
    let Outcome::SealedPlaintext(sealed) = outcome else { panic!("no plaintext: {outcome:?}") };
    sealed
}

fn sealed_secret(outcome: Outcome) -> SealedSecret {
    let Outcome::Secret(secret) = outcome else { panic!("no secret: {outcome:?}") };
    secret
}

//! Each port against a role that is a few lines long.

mod authorizer;
mod identities;
mod line;
mod local_evaluator;
mod local_worker;
mod registry;
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever a test does not expect fails it")]
mod trail;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use prost::Message;
use tokio::time::Instant;
use trent_bus::messages::{self, Rejection, crypto_answer, crypto_request, read_answer};
use trent_bus::{
    Answer, Bus, BusError, InProcessBus, Order, Purpose, RecordSink, Sealer, Service,
    ServiceFuture, Subject, convert,
};
use trent_operations::ports::{
    AuditTrail, AuthorizeError, Authorizer, ChangeError, CipherWorker, Ciphering, DenialKind,
    GrantFilter, GrantedKey, KeyUse, Question, Registry, Resource, SignatureFault, Unavailable,
    WorkerError,
};
use trent_sigv4::SignedRequest;
use trent_types::{
    AccountId, AuditRecord, Change, ChangeRefused, EncryptionAlgorithm, EncryptionContext,
    EntityKind, EventId, Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal,
    GrantTerms, KeyArn, KeyId, KeyRing, KeyUpdate, MaterialId, Permit, Primitive, Primitives,
    RequestId, SealedMaterial, SecretBytes, Timestamp,
};

use super::{
    BusAuthorizer, BusIdentities, BusRegistry, BusWorker, Circumstances, Line, StreamTrail,
};

const REQUEST: RequestId = RequestId::from_bytes([7; 16]);

/// A role that answers with a function of the call's number and its payload.
struct Role<F>(F, AtomicU32);

impl<F: Fn(u32, &[u8]) -> Option<Answer> + Send + Sync + 'static> Service for Role<F> {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        let number = self.1.fetch_add(1, Ordering::SeqCst);
        let answer = (self.0)(number, &order.payload);
        Box::pin(async move {
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        })
    }
}

fn bus(
    subject: Subject,
    role: impl Fn(u32, &[u8]) -> Option<Answer> + Send + Sync + 'static,
) -> Bus {
    let bus = InProcessBus::new();
    bus.serve(subject, Arc::new(Role(role, AtomicU32::new(0)))).unwrap();
    bus.bus()
}

fn line(bus: &Bus) -> Line<'_> {
    Line { bus, traceparent: None }
}

fn good(message: &impl Message) -> Option<Answer> {
    Some(Ok(message.encode_to_vec().into()))
}

fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

fn key() -> KeyArn {
    let region = "us-east-1".parse().unwrap();
    KeyArn { region, account: account(), key_id: KeyId::from_bytes([1; 16], false) }
}

fn signed() -> SignedRequest {
    SignedRequest {
        access_key_id: "AKIDEXAMPLE".into(),
        scope_date: "20150830".into(),
        scope_region: "us-east-1".into(),
        scope_service: "kms".into(),
        timestamp: "20150830T123600Z".into(),
        expires_seconds: 0,
        canonical_request: b"POST\n/".to_vec(),
        signature: [3; 32],
        session_token: None,
    }
}

/// A request of which there is nothing more to tell.
fn plain() -> Circumstances<'static> {
    Circumstances { source_ip: "", secure_transport: false, user_agent: "", form: b"" }
}

fn question(resource: Resource<'_>) -> Question<'_> {
    Question {
        action: "kms:Encrypt",
        resource,
        primitives: Primitives::only(Primitive::Encrypt),
        material: None,
        all_materials: false,
        encryption_context: None,
        conditions: vec![("kms:EncryptionAlgorithm".into(), vec!["SYMMETRIC_DEFAULT".into()])],
    }
}

fn terms() -> GrantTerms {
    GrantTerms {
        grantee: GrantPrincipal::Arn("arn:aws:iam::111122223333:user/ann".into()),
        retiring: None,
        operations: vec![GrantOperation::Encrypt],
        constraints: GrantConstraints::default(),
    }
}

fn authorized(decisions: Vec<messages::decision::Outcome>) -> messages::AuthorizeAnswer {
    let decision = |outcome| messages::Decision { outcome: Some(outcome) };
    let kind = messages::caller::Kind::Root(messages::RootUser {});
    let caller = messages::Caller {
        account: account().to_string(),
        access_key_id: "AKIDEXAMPLE".into(),
        kind: Some(kind),
        ..messages::Caller::default()
    };
    messages::AuthorizeAnswer {
        outcome: Some(messages::authorize_answer::Outcome::Authorized(messages::Authorized {
            caller: Some(caller),
            decisions: decisions.into_iter().map(decision).collect(),
            key_now_ms: 5,
            quota_overrides: Vec::new(),
        })),
    }
}

fn granted_nothing() -> messages::decision::Outcome {
    let permit = b"permit".as_slice().into();
    messages::decision::Outcome::Granted(messages::Granted { permit, ..Default::default() })
}

fn granted(key: messages::KeyRecord) -> messages::decision::Outcome {
    messages::decision::Outcome::Granted(messages::Granted {
        permit: b"permit".as_slice().into(),
        key: Some(key),
        material: None,
        alias: None,
        grant: None,
        other_materials: Vec::new(),
    })
}

#[tokio::test(start_paused = true)]
async fn an_order_is_sent_again_until_somebody_can_serve() {
    let bus = bus(Subject::Authorize, |number, _| match number {
        0 => Some(Err(Rejection::Unavailable)),
        1 => None,
        2 => {
            let outcome = messages::authorize_answer::Outcome::Unavailable("no lease".into());
            good(&messages::AuthorizeAnswer { outcome: Some(outcome) })
        }
        _ => good(&authorized(Vec::new())),
    });
    let authorizer = BusAuthorizer::new(line(&bus), REQUEST, &|| Some(signed()), plain());
    let started = Instant::now();
    assert!(authorizer.authorize(&[]).await.is_ok());
    // 20 ms after the first, 300 ms for the second, 40 ms after the third.
    assert_eq!(started.elapsed().as_millis(), 360);
}

#[tokio::test(start_paused = true)]
async fn patience_ends_and_overload_is_not_made_worse() {
    let silent = bus(Subject::CryptoFast, |_, _| None);
    let sealer = sealer();
    let started = Instant::now();
    let worker = BusWorker::new(line(&silent), &sealer);
    let permit = Permit::from_wire(b"permit");
    let random = worker.generate_random(REQUEST, &permit, 32).await;
    assert!(matches!(random, Err(WorkerError::Unavailable(_))));
    assert_eq!(started.elapsed().as_secs(), 8);

    let full = bus(Subject::CryptoFast, |number, _| {
        assert_eq!(number, 0, "asked once only");
        Some(Err(Rejection::Overloaded))
    });
    let worker = BusWorker::new(line(&full), &sealer);
    let random = worker.generate_random(REQUEST, &permit, 32).await;
    assert!(matches!(random, Err(WorkerError::Unavailable(Unavailable::Overloaded(_)))));

    let nobody = InProcessBus::new().bus();
    let authorizer = BusAuthorizer::new(line(&nobody), REQUEST, &|| Some(signed()), plain());
    assert!(matches!(authorizer.authorize(&[]).await, Err(AuthorizeError::Unavailable(_))));
}

fn sealer() -> Sealer {
    Sealer::new(KeyRing::single(SecretBytes::new(vec![9; 32])).unwrap())
}

fn crypto(outcome: crypto_answer::Outcome) -> Option<Answer> {
    good(&messages::CryptoAnswer { outcome: Some(outcome) })
}

/// Encrypts `attack at dawn` with a worker that answers like this.
async fn encrypt(
    role: impl Fn(crypto_request::Order) -> Option<Answer> + Send + Sync + 'static,
) -> Result<Vec<u8>, WorkerError> {
    let bus = bus(Subject::CryptoFast, move |_, order| {
        role(messages::CryptoRequest::decode(order).unwrap().order.unwrap())
    });
    let sealer = sealer();
    let material =
        SealedMaterial { material_id: MaterialId::from_bytes([2; 32]), sealed: vec![1, 2, 3] };
    let permit = Permit::from_wire(b"permit");
    let key = KeyUse { permit: &permit, key: key(), material: &material };
    let context: EncryptionContext = [("a".to_owned(), "bc".to_owned())].into_iter().collect();
    let plaintext = SecretBytes::new(b"attack at dawn".to_vec());
    let algorithm = EncryptionAlgorithm::SymmetricDefault;
    let with = Ciphering { key, algorithm, context: &context };
    BusWorker::new(line(&bus), &sealer).encrypt(REQUEST, with, &plaintext).await
}

#[tokio::test]
async fn a_plaintext_goes_to_the_worker_sealed() {
    let ciphertext = encrypt(|order| {
        let crypto_request::Order::Encrypt(order) = order else { panic!("Encrypt") };
        let sealed = &order.sealed_plaintext;
        assert!(!sealed.windows(6).any(|window| window == b"attack"));
        let opened = sealer().open(Purpose::GatewayToWorker, REQUEST, sealed).unwrap();
        assert_eq!(opened.expose(), b"attack at dawn");
        let key_use = order.r#use.unwrap();
        assert_eq!(&key_use.permit[..], b"permit");
        assert_eq!(KeyArn::try_from(key_use.key.unwrap()).unwrap(), key());
        assert_eq!(&order.context[..], b"\0\0\0\x01a\0\0\0\x02bc");
        crypto(crypto_answer::Outcome::Ciphertext(b"blob".as_slice().into()))
    });
    assert_eq!(ciphertext.await.unwrap(), b"blob");
}

#[tokio::test]
async fn a_workers_faults_are_told_apart() {
    use messages::CryptoFault::{InvalidCiphertext, NotPermitted, PermitExpired};
    let fault = |fault: messages::CryptoFault| {
        encrypt(move |_| crypto(crypto_answer::Outcome::Fault(fault.into())))
    };
    assert_eq!(fault(PermitExpired).await, Err(WorkerError::PermitExpired));
    assert_eq!(fault(InvalidCiphertext).await, Err(WorkerError::InvalidCiphertext));
    assert!(matches!(fault(NotPermitted).await, Err(WorkerError::Refused(_))));
    let unknown = encrypt(|_| crypto(crypto_answer::Outcome::Fault(99))).await;
    assert!(matches!(unknown, Err(WorkerError::Refused(_))));
    let other = encrypt(|_| crypto(crypto_answer::Outcome::SealedPlaintext("x".into()))).await;
    assert!(matches!(other, Err(WorkerError::Unavailable(_))));
}

#[tokio::test]
async fn a_data_key_comes_back_opened_and_a_forged_one_does_not() {
    let made = |sealed: Vec<u8>| {
        bus(Subject::CryptoFast, move |_, _| {
            crypto(crypto_answer::Outcome::DataKey(messages::DataKey {
                ciphertext: b"blob".as_slice().into(),
                sealed_plaintext: sealed.clone().into(),
            }))
        })
    };
    let sealer = sealer();
    let permit = Permit::from_wire(b"permit");
    let material = SealedMaterial { material_id: MaterialId::from_bytes([2; 32]), sealed: vec![1] };
    let key = KeyUse { permit: &permit, key: key(), material: &material };
    let context = EncryptionContext::default();
    let bus = made(sealer.seal(Purpose::WorkerToGateway, REQUEST, b"data key"));
    let worker = BusWorker::new(line(&bus), &sealer);
    let (blob, plain) = worker.generate_data_key(REQUEST, key, &context, 8, true).await.unwrap();
    assert_eq!((blob.as_slice(), plain.unwrap().expose()), (&b"blob"[..], &b"data key"[..]));
    let bus = made(sealer.seal(Purpose::GatewayToWorker, REQUEST, b"data key"));
    let worker = BusWorker::new(line(&bus), &sealer);
    let forged = worker.generate_data_key(REQUEST, key, &context, 8, true).await;
    assert!(matches!(forged, Err(WorkerError::Refused(_))));
}

/// A stream that takes the records of one account only.
struct Stream(Option<AccountId>);

#[async_trait::async_trait]
impl RecordSink for Stream {
    async fn accept(&self, records: &[AuditRecord]) -> Result<(), BusError> {
        let known = records.iter().all(|record| record.account == self.0);
        if known { Ok(()) } else { Err(BusError::Timeout) }
    }
}

#[tokio::test]
async fn a_record_is_accepted_when_the_stream_says_so() {
    let trail = StreamTrail::new(Arc::new(Stream(None)));
    let record = |account| AuditRecord {
        event_id: EventId::from_bytes([1; 16]),
        account,
        event_time: Timestamp::from_millis(1),
        cloudtrail_json: b"{}".to_vec(),
        trace: None,
    };
    assert_eq!(trail.accept(record(None)).await, Ok(()));
    let refused = Err(Unavailable::Away("the audit trail: no answer in time".into()));
    assert_eq!(trail.accept(record(Some(account()))).await, refused);
}

//! A worker in the same process, which is asked without messages.

use trent_bus::{LocalWorker, NotDone, Work};
use trent_operations::ports::SignatureWorker;
use trent_types::{MacAlgorithm, TraceParent};

use super::*;

/// Answers like this; what it makes are the bytes that it was given.
struct Fake(Option<NotDone>);

impl Fake {
    fn done<T>(&self, request: RequestId, value: T) -> Work<T> {
        assert_eq!(request, REQUEST);
        self.0.map_or(Ok(value), Err)
    }
}

impl LocalWorker for Fake {
    fn encrypt(
        &self,
        request: RequestId,
        with: Ciphering<'_>,
        plaintext: &SecretBytes,
    ) -> Work<Vec<u8>> {
        assert_eq!(with.algorithm, EncryptionAlgorithm::SymmetricDefault);
        self.done(request, [with.key.permit.as_wire(), b" ", plaintext.expose()].concat())
    }

    fn decrypt(
        &self,
        request: RequestId,
        with: Ciphering<'_>,
        ciphertext: &[u8],
    ) -> Work<SecretBytes> {
        assert_eq!(with.algorithm, EncryptionAlgorithm::SymmetricDefault);
        self.done(request, SecretBytes::new(ciphertext.to_vec()))
    }

    fn generate_data_key(
        &self,
        request: RequestId,
        key: KeyUse<'_>,
        context: &EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> Work<(Vec<u8>, Option<SecretBytes>)> {
        assert_eq!((key.key, context.is_empty()), (super::key(), false));
        let secret = SecretBytes::new(vec![1; number_of_bytes as usize]);
        self.done(request, (key.material.sealed.clone(), with_plaintext.then_some(secret)))
    }

    fn generate_random(
        &self,
        request: RequestId,
        _: &Permit,
        number_of_bytes: u32,
    ) -> Work<SecretBytes> {
        self.done(request, SecretBytes::new(vec![2; number_of_bytes as usize]))
    }

    fn generate_mac(
        &self,
        request: RequestId,
        _: KeyUse<'_>,
        algorithm: MacAlgorithm,
        message: &SecretBytes,
    ) -> Work<SecretBytes> {
        assert_eq!(algorithm, MacAlgorithm::HmacSha384);
        self.done(request, message.clone())
    }
}

/// A worker that answers by values with this, and by messages with that.
fn with_local(
    local: Option<NotDone>,
    role: impl Fn(crypto_request::Order) -> Option<Answer> + Clone + Send + Sync + 'static,
) -> Bus {
    let role =
        move |_, order: &[u8]| role(messages::CryptoRequest::decode(order).unwrap().order.unwrap());
    let bus = InProcessBus::new();
    for subject in [Subject::CryptoFast, Subject::CryptoSlow] {
        bus.serve(subject, Arc::new(Role(role.clone(), AtomicU32::new(0)))).unwrap();
    }
    bus.give_worker(Arc::new(Fake(local))).unwrap();
    bus.bus()
}

/// What the tests work with.
struct Things {
    permit: Permit,
    material: SealedMaterial,
    context: EncryptionContext,
    sealer: Sealer,
    secret: SecretBytes,
}

impl Things {
    fn new() -> Self {
        let material_id = MaterialId::from_bytes([2; 32]);
        Self {
            permit: Permit::from_wire(b"permit"),
            material: SealedMaterial { material_id, sealed: vec![1, 2, 3] },
            context: [("a".to_owned(), "bc".to_owned())].into_iter().collect(),
            sealer: sealer(),
            secret: SecretBytes::new(b"secret".to_vec()),
        }
    }

    fn key(&self) -> KeyUse<'_> {
        KeyUse { permit: &self.permit, key: key(), material: &self.material }
    }

    fn with(&self, algorithm: EncryptionAlgorithm) -> Ciphering<'_> {
        Ciphering { key: self.key(), algorithm, context: &self.context }
    }

    async fn encrypt(&self, line: Line<'_>) -> Result<Vec<u8>, WorkerError> {
        let with = self.with(EncryptionAlgorithm::SymmetricDefault);
        BusWorker::new(line, &self.sealer).encrypt(REQUEST, with, &self.secret).await
    }
}

fn by_message(order: &crypto_request::Order) -> Option<Answer> {
    panic!("came by message: {order:?}")
}

#[tokio::test]
async fn symmetric_cryptography_is_done_by_values() {
    let (bus, things) = (with_local(None, |order| by_message(&order)), Things::new());
    let worker = BusWorker::new(line(&bus), &things.sealer);
    assert_eq!(things.encrypt(line(&bus)).await.unwrap(), b"permit secret");
    let with = things.with(EncryptionAlgorithm::SymmetricDefault);
    assert_eq!(worker.decrypt(REQUEST, with, b"blob").await.unwrap().expose(), b"blob");
    let made = worker.generate_data_key(REQUEST, things.key(), &things.context, 4, true).await;
    assert_eq!(made.unwrap(), (vec![1, 2, 3], Some(SecretBytes::new(vec![1; 4]))));
    let made = worker.generate_data_key(REQUEST, things.key(), &things.context, 4, false).await;
    assert_eq!(made.unwrap(), (vec![1, 2, 3], None));
    let random = worker.generate_random(REQUEST, &things.permit, 3).await;
    assert_eq!(random.unwrap().expose(), [2; 3]);
    let algorithm = MacAlgorithm::HmacSha384;
    let mac = worker.generate_mac(REQUEST, things.key(), algorithm, &things.secret).await;
    assert_eq!(mac.unwrap().expose(), b"secret");
}

#[tokio::test]
async fn what_may_take_long_and_what_is_traced_goes_by_message() {
    let bus = with_local(None, |order| {
        let encrypted = matches!(order, crypto_request::Order::Encrypt(_));
        crypto(if encrypted {
            crypto_answer::Outcome::Ciphertext(b"by message".as_slice().into())
        } else {
            let sealed = sealer().seal(Purpose::WorkerToGateway, REQUEST, b"by message");
            crypto_answer::Outcome::SealedPlaintext(sealed.into())
        })
    });
    let things = Things::new();
    let worker = BusWorker::new(line(&bus), &things.sealer);
    for algorithm in [
        EncryptionAlgorithm::RsaesOaepSha1,
        EncryptionAlgorithm::RsaesOaepSha256,
        EncryptionAlgorithm::Sm2Pke,
    ] {
        let encrypted = worker.encrypt(REQUEST, things.with(algorithm), &things.secret).await;
        assert_eq!(encrypted.unwrap(), b"by message");
        let decrypted = worker.decrypt(REQUEST, things.with(algorithm), b"blob").await;
        assert_eq!(decrypted.unwrap().expose(), b"by message");
    }
    let traceparent: Option<TraceParent> =
        Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap());
    let traced = Line { traceparent, ..line(&bus) };
    assert_eq!(things.encrypt(traced).await.unwrap(), b"by message");
}

#[tokio::test]
async fn a_local_workers_refusals_mean_what_those_of_others_mean() {
    use messages::CryptoFault::{InvalidCiphertext, NotPermitted, PermitExpired};
    let things = Things::new();
    let refused = async |why: NotDone| {
        let bus = with_local(Some(why), |order| by_message(&order));
        things.encrypt(line(&bus)).await.unwrap_err()
    };
    assert_eq!(refused(NotDone::Fault(PermitExpired)).await, WorkerError::PermitExpired);
    assert_eq!(refused(NotDone::Fault(InvalidCiphertext)).await, WorkerError::InvalidCiphertext);
    let not_permitted = refused(NotDone::Fault(NotPermitted)).await;
    assert!(matches!(not_permitted, WorkerError::Refused(_)));
    let overloaded = refused(NotDone::Rejected(Rejection::Overloaded)).await;
    assert!(matches!(overloaded, WorkerError::Unavailable(Unavailable::Overloaded(_))));
    let malformed = refused(NotDone::Rejected(Rejection::Malformed)).await;
    assert!(matches!(malformed, WorkerError::Unavailable(Unavailable::Away(_))));
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_local_worker_is_asked_again_by_message() {
    let tries = Arc::new(AtomicU32::new(0));
    let bus = with_local(Some(NotDone::Rejected(Rejection::Unavailable)), move |_| {
        match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Some(Err(Rejection::Unavailable)),
            _ => crypto(crypto_answer::Outcome::Ciphertext(b"by message".as_slice().into())),
        }
    });
    let encrypted = Things::new().encrypt(line(&bus)).await;
    assert_eq!(encrypted.unwrap(), b"by message");
}

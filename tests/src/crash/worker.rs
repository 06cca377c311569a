//! A client that knows what each answer must be, and writes down every one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::RequestId;
use aws_sdk_kms::primitives::Blob;

/// A request that was answered, with success or with the code of an error.
pub(super) struct Answered {
    pub(super) request: String,
    pub(super) operation: &'static str,
    pub(super) error: Option<String>,
}

/// What one client was answered.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) requests: Vec<Answered>,
    pub(super) keys: Vec<String>,
    pub(super) ciphertexts: Vec<(Blob, Vec<u8>)>,
    pub(super) failures: u64,
}

impl Answers {
    /// Writes an outcome down; the code of an error is empty when there was no answer, or none that
    /// says what became of the request.
    fn note<T: RequestId, E: ProvideErrorMetadata>(
        &mut self,
        operation: &'static str,
        outcome: Result<T, SdkError<E>>,
    ) -> Result<T, String> {
        let (request, error, outcome) = match outcome {
            Ok(answer) => (answer.request_id().map(ToOwned::to_owned), None, Ok(answer)),
            Err(error) => {
                let status = error.raw_response().map_or(0, |raw| raw.status().as_u16());
                let code = error.code().unwrap_or_default();
                if status != 400 || code == "ThrottlingException" {
                    self.failures += 1;
                    return Err(String::new());
                }
                let code = code.to_owned();
                (error.request_id().map(ToOwned::to_owned), Some(code.clone()), Err(code))
            }
        };
        let request = request.expect("the id of an answered request");
        self.requests.push(Answered { request, operation, error });
        outcome
    }
}

/// One client, which works through every gateway, one request after the other, on keys and aliases
/// that nobody else touches: so it knows what each answer must be.
pub(super) struct Worker {
    pub(super) number: usize,
    pub(super) gateways: Vec<Client>,
    pub(super) answers: Answers,
}

impl Worker {
    pub(super) async fn work(mut self, stop: Arc<AtomicBool>) -> Answers {
        let mut round = 0;
        while !stop.load(Ordering::SeqCst) {
            round += 1;
            match rand::random_range(0..12) {
                0 => drop(self.create_key().await),
                1 => self.disable_and_enable().await,
                2 => self.name(round).await,
                3 => self.garble().await,
                _ if self.answers.keys.is_empty() => drop(self.create_key().await),
                _ => self.use_key().await,
            }
        }
        self.answers
    }

    fn gateway(&self) -> &Client {
        &self.gateways[rand::random_range(0..self.gateways.len())]
    }

    async fn create_key(&mut self) -> Option<String> {
        let outcome = self.gateway().create_key().send().await;
        let made = self.answers.note("CreateKey", outcome).ok()?;
        let key = made.key_metadata.expect("metadata").key_id;
        self.answers.keys.push(key.clone());
        Some(key)
    }

    /// Encrypts; answers the ARN of the key that did it.
    async fn encrypt(&mut self, key: &str) -> Result<String, String> {
        let plaintext = rand::random::<[u8; 24]>().to_vec();
        let call = self.gateway().encrypt().key_id(key).plaintext(Blob::new(plaintext.clone()));
        let outcome = call.send().await;
        let answer = self.answers.note("Encrypt", outcome)?;
        self.answers.ciphertexts.push((answer.ciphertext_blob.expect("a blob"), plaintext));
        Ok(answer.key_id.expect("the key's ARN"))
    }

    async fn use_key(&mut self) {
        let key = self.answers.keys[rand::random_range(0..self.answers.keys.len())].clone();
        let done = self.encrypt(&key).await;
        match done {
            Ok(arn) => assert!(arn.ends_with(&key), "{arn}, not {key}"),
            Err(code) => assert_eq!(code, "", "{key} can be used"),
        }
        let Some((blob, plaintext)) = self.answers.ciphertexts.last().cloned() else { return };
        let outcome = self.gateway().decrypt().ciphertext_blob(blob).send().await;
        if let Ok(opened) = self.answers.note("Decrypt", outcome) {
            assert_eq!(opened.plaintext.expect("a plaintext").as_ref(), plaintext);
        }
    }

    /// Once DisableKey is answered nothing is encrypted, through whatever gateway and evaluator,
    /// and once EnableKey is answered nothing is refused.
    async fn disable_and_enable(&mut self) {
        let Some(key) = self.create_key().await else { return };
        // As many decisions as there may be evaluators that remember one.
        for _ in 0..4 {
            let _ = self.encrypt(&key).await;
        }
        let outcome = self.gateway().disable_key().key_id(&key).send().await;
        if self.answers.note("DisableKey", outcome).is_ok() {
            for _ in 0..6 {
                let outcome = self.encrypt(&key).await;
                let refused = outcome.expect_err("an Encrypt after DisableKey");
                assert!(matches!(&*refused, "DisabledException" | ""), "{refused}");
            }
        }
        // Again after each failure: the key must be enabled in the end, as its ciphertexts are
        // checked.
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let outcome = self.gateway().enable_key().key_id(&key).send().await;
            if self.answers.note("EnableKey", outcome).is_ok() {
                break;
            }
            assert!(Instant::now() < end, "EnableKey has no answer");
        }
        for _ in 0..6 {
            let refused = self.encrypt(&key).await.err().unwrap_or_default();
            assert_eq!(refused, "", "an Encrypt after EnableKey");
        }
    }

    /// An alias stands for the key that it was last answered to stand for.
    async fn name(&mut self, round: u64) {
        let (Some(first), Some(second)) = (self.create_key().await, self.create_key().await) else {
            return;
        };
        let alias = format!("alias/crash-{}-{round}", self.number);
        let call = self.gateway().create_alias().alias_name(&alias).target_key_id(&first);
        let outcome = call.send().await;
        if self.answers.note("CreateAlias", outcome).is_err() {
            return;
        }
        self.stands_for(&alias, &first).await;
        let call = self.gateway().update_alias().alias_name(&alias).target_key_id(&second);
        let outcome = call.send().await;
        if self.answers.note("UpdateAlias", outcome).is_err() {
            return;
        }
        self.stands_for(&alias, &second).await;
        let outcome = self.gateway().delete_alias().alias_name(&alias).send().await;
        if self.answers.note("DeleteAlias", outcome).is_ok() {
            for _ in 0..4 {
                let refused = self.encrypt(&alias).await.expect_err("an alias after DeleteAlias");
                assert!(matches!(&*refused, "NotFoundException" | ""), "{refused}");
            }
        }
    }

    async fn stands_for(&mut self, alias: &str, key: &str) {
        for _ in 0..4 {
            match self.encrypt(alias).await {
                Ok(arn) => assert!(arn.ends_with(key), "{alias} stands for {arn}, not {key}"),
                Err(code) => assert_eq!(code, "", "{alias} stands for {key}"),
            }
        }
    }

    /// What is refused has its record as well.
    async fn garble(&mut self) {
        let call = self.gateway().decrypt().ciphertext_blob(Blob::new(vec![7; 99]));
        let outcome = call.send().await;
        let refused = self.answers.note("Decrypt", outcome).expect_err("no plaintext");
        assert!(matches!(&*refused, "InvalidCiphertextException" | ""), "{refused}");
    }
}

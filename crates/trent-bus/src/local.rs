//! What the roles of one process give each other as values, where over a wire they would send
//! messages.
//!
//! Nothing is encoded, sealed or copied on such a way, and a Permit is known by the object that it
//! is. What is not here goes as a message in one process, too: it is rare, or waits for others; and
//! so does everything of a request that is traced, whose steps are those of messages.

use std::future::Future;
use std::pin::Pin;

use trent_types::{
    Ciphering, EncryptionContext, Evaluated, KeyUse, MacAlgorithm, Permit, Question, RequestId,
    SecretBytes, SignedRequest,
};

use crate::messages::{CryptoFault, Rejection};

/// A request as a gateway has an evaluator authorize it.
#[derive(Debug)]
pub struct AuthorizeOrder<'a> {
    /// The request.
    pub request: RequestId,
    /// What was signed.
    pub signed: SignedRequest,
    /// At most eight.
    pub questions: &'a [Question<'a>],
    /// The body of a query-protocol request, else empty.
    pub form: &'a [u8],
    /// `aws:SourceIp`; empty when it is not known.
    pub source_ip: &'a str,
    /// `aws:SecureTransport`.
    pub secure_transport: bool,
    /// `aws:UserAgent`, or empty.
    pub user_agent: &'a str,
}

/// The work of an evaluator in the same process.
pub type Evaluation<'a> = Pin<Box<dyn Future<Output = Result<Evaluated, Rejection>> + Send + 'a>>;

/// A policy evaluator in the same process.
pub trait LocalEvaluator: Send + Sync {
    /// Verifies the signature and answers the questions, as `Subject::Authorize` does.
    fn authorize<'a>(&'a self, order: AuthorizeOrder<'a>) -> Evaluation<'a>;
}

/// Why a worker in the same process did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDone {
    /// What is wrong with the order.
    Fault(CryptoFault),
    /// Why it was not begun.
    Rejected(Rejection),
}

/// What a worker takes some microseconds for.
pub type Work<T> = Result<T, NotDone>;

/// A crypto worker in the same process: what it does at once, on the caller's thread. Each is what
/// the order of the same name does, and is held against its Permit as that is.
pub trait LocalWorker: Send + Sync {
    /// Encrypts under a symmetric key; the answer is a ciphertext blob.
    fn encrypt(
        &self,
        request: RequestId,
        with: Ciphering<'_>,
        plaintext: &SecretBytes,
    ) -> Work<Vec<u8>>;

    /// Decrypts a ciphertext blob of a symmetric key.
    fn decrypt(
        &self,
        request: RequestId,
        with: Ciphering<'_>,
        ciphertext: &[u8],
    ) -> Work<SecretBytes>;

    /// Makes a data key of 1 to 1024 bytes: its ciphertext blob, and its plaintext when asked for.
    fn generate_data_key(
        &self,
        request: RequestId,
        key: KeyUse<'_>,
        context: &EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> Work<(Vec<u8>, Option<SecretBytes>)>;

    /// Makes 1 to 1024 random bytes.
    fn generate_random(
        &self,
        request: RequestId,
        permit: &Permit,
        number_of_bytes: u32,
    ) -> Work<SecretBytes>;

    /// Makes a MAC.
    fn generate_mac(
        &self,
        request: RequestId,
        key: KeyUse<'_>,
        algorithm: MacAlgorithm,
        message: &SecretBytes,
    ) -> Work<SecretBytes>;
}

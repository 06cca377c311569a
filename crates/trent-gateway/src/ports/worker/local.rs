//! A worker in the same process: what it does at once, and what is left to messages.

use trent_bus::messages::Rejection;
use trent_bus::{BusError, LocalWorker, NotDone, Work};
use trent_operations::ports::{PortFuture, WorkerError};
use trent_types::EncryptionAlgorithm;

use super::{BusWorker, read_fault};
use crate::ports::line::given_up;

impl<'a> BusWorker<'a> {
    /// The worker in the same process, where there is one. A request that is traced goes by
    /// messages, whose steps its trace shows.
    pub(super) fn local(&self) -> Option<&'a dyn LocalWorker> {
        match self.line.traceparent {
            None => self.line.bus.local_worker(),
            Some(_) => None,
        }
    }

    /// [`Self::local`] for what does not take long with this algorithm.
    pub(super) fn local_cipher(
        &self,
        algorithm: EncryptionAlgorithm,
    ) -> Option<&'a dyn LocalWorker> {
        match algorithm {
            EncryptionAlgorithm::SymmetricDefault => self.local(),
            EncryptionAlgorithm::RsaesOaepSha1
            | EncryptionAlgorithm::RsaesOaepSha256
            | EncryptionAlgorithm::Sm2Pke => None,
        }
    }
}

/// What a port answers at once; `None`: the worker cannot serve now, and the order goes by
/// messages, which are sent again until it can.
pub(super) fn settled<'f, T: 'f>(work: Work<T>) -> Option<PortFuture<'f, Result<T, WorkerError>>> {
    let done = match work {
        Ok(done) => Ok(done),
        Err(NotDone::Fault(fault)) => Err(read_fault(fault)),
        Err(NotDone::Rejected(Rejection::Unavailable)) => return None,
        Err(NotDone::Rejected(rejection)) => Err(given_up(BusError::Rejected(rejection)).into()),
    };
    Some(Box::pin(std::future::ready(done)))
}

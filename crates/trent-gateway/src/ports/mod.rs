//! The operations' ports, over the bus.

mod authorizer;
mod identities;
mod line;
mod registry;
mod trail;
mod trail_queries;
mod worker;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use trent_operations::ports::{Random, Unavailable};
use trent_types::Permit;

pub use authorizer::{BusAuthorizer, Circumstances, Unsigned};
pub use identities::BusIdentities;
pub use line::Line;
use line::{PATIENT, QUICK, THOROUGH, Told};
pub use registry::BusRegistry;
pub use trail::StreamTrail;
pub(crate) use trail::TracedTrail;
pub use trail_queries::BusTrail;
pub use worker::BusWorker;

/// Randomness for ids, from the generator of the thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThreadRandom;

impl Random for ThreadRandom {
    fn sixteen_bytes(&self) -> [u8; 16] {
        rand::random()
    }
}

fn wire_permit(permit: &Permit) -> Bytes {
    Bytes::copy_from_slice(permit.as_wire())
}

/// An answer that no correct role gives.
fn senseless(what: &dyn std::fmt::Display) -> Unavailable {
    Unavailable::Away(format!("an answer that makes no sense: {what}"))
}

//! The operations' ports, over the bus.
//!
//! Every order is safe to send twice: authorizing, reading and cryptography change nothing, and a
//! change is known by its request id. So an order without an answer is sent again, to whoever else
//! serves, until patience ends.

mod authorizer;
mod registry;
mod trail;
mod worker;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use tokio::time::Instant;
use trent_bus::messages::{
    AuthorizeAnswer, ChangeAnswer, CryptoAnswer, ReadAnswer, Rejection, authorize_answer,
    change_answer, read_answer,
};
use trent_bus::{Bus, BusError, Subject};
use trent_operations::ports::{Random, Unavailable};
use trent_types::{Permit, TraceParent};

pub use authorizer::{BusAuthorizer, Unsigned};
pub use registry::BusRegistry;
pub use trail::StreamTrail;
pub use worker::BusWorker;

/// How long an order may take in all, with every repetition.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long the first try of most orders may take; it doubles from try to try.
const QUICK: Duration = Duration::from_millis(300);
/// The same for changes, which may wait two seconds for the lease of an evaluator that is gone.
const THOROUGH: Duration = Duration::from_millis(2_500);
/// How long to wait when somebody said at once that nobody serves; it doubles up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(640);

/// A way to the other roles, for one request.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The bus.
    pub bus: &'a Bus,
    /// The trace that the request belongs to.
    pub traceparent: Option<TraceParent>,
}

/// An answer that may say that the role could not serve.
trait Reply: Message + Default {
    /// Why nothing was done, if that is so.
    fn unavailable(&self) -> Option<&str>;
}

/// The answer to an order.
struct Told<A> {
    answer: A,
    /// Whether an earlier try may have been worked on, though nobody said so.
    perhaps_before: bool,
}

impl Line<'_> {
    /// Sends an order until it is answered; it is made anew for each try.
    async fn ask<Q: Message + 'static, A: Reply + 'static>(
        &self,
        subject: Subject,
        first_wait: Duration,
        order: impl Fn() -> Q,
    ) -> Result<A, Unavailable> {
        self.ask_and_count(subject, first_wait, order).await.map(|told| told.answer)
    }

    /// Sends an order until it is answered, and says whether an earlier try may have been worked
    /// on.
    async fn ask_and_count<Q: Message + 'static, A: Reply + 'static>(
        &self,
        subject: Subject,
        first_wait: Duration,
        order: impl Fn() -> Q,
    ) -> Result<Told<A>, Unavailable> {
        let give_up = Instant::now() + PATIENCE;
        let (mut wait, mut pause) = (first_wait, PAUSE);
        let mut perhaps_before = false;
        loop {
            let deadline = wait.min(give_up.saturating_duration_since(Instant::now()));
            let asked = self.bus.ask(subject, deadline, self.traceparent, order());
            let answer: Result<A, BusError> = asked.await;
            let (why, at_once) = match answer {
                Ok(answer) => match answer.unavailable() {
                    None => return Ok(Told { answer, perhaps_before }),
                    Some(why) => {
                        // Whoever failed may have failed to hear of its own success.
                        perhaps_before = true;
                        (why.to_owned(), true)
                    }
                },
                Err(error @ BusError::Timeout) => {
                    perhaps_before = true;
                    (error.to_string(), false)
                }
                Err(
                    error @ (BusError::Disconnected | BusError::Rejected(Rejection::Unavailable)),
                ) => (error.to_string(), true),
                // Sending more to who has too much, or the same to who cannot read it, helps
                // nobody.
                Err(error @ BusError::Rejected(Rejection::Overloaded)) if !perhaps_before => {
                    return Err(Unavailable::Overloaded(error.to_string()));
                }
                Err(
                    error @ BusError::Rejected(
                        Rejection::Overloaded | Rejection::Malformed | Rejection::Unspecified,
                    ),
                ) => return Err(Unavailable::Away(error.to_string())),
            };
            let rest = if at_once { pause } else { Duration::ZERO };
            if Instant::now() + rest >= give_up {
                return Err(Unavailable::Away(why));
            }
            if at_once {
                tokio::time::sleep(rest).await;
                pause = (pause * 2).min(PAUSE_MAX);
            } else {
                wait *= 2;
            }
        }
    }
}

impl Reply for AuthorizeAnswer {
    fn unavailable(&self) -> Option<&str> {
        match &self.outcome {
            Some(authorize_answer::Outcome::Unavailable(why)) => Some(why),
            Some(
                authorize_answer::Outcome::SignatureRefused(_)
                | authorize_answer::Outcome::Authorized(_),
            )
            | None => None,
        }
    }
}

impl Reply for ReadAnswer {
    fn unavailable(&self) -> Option<&str> {
        use read_answer::Outcome::{
            Aliases, Keys, Missing, NotPermitted, Policy, Tags, Unavailable, User,
        };
        match &self.outcome {
            Some(Unavailable(why)) => Some(why),
            Some(
                Keys(_) | Aliases(_) | Policy(_) | Tags(_) | User(_) | Missing(_) | NotPermitted(_),
            )
            | None => None,
        }
    }
}

impl Reply for ChangeAnswer {
    fn unavailable(&self) -> Option<&str> {
        match &self.outcome {
            Some(change_answer::Outcome::Unavailable(why)) => Some(why),
            Some(change_answer::Outcome::Committed(_) | change_answer::Outcome::Refused(_))
            | None => None,
        }
    }
}

impl Reply for CryptoAnswer {
    fn unavailable(&self) -> Option<&str> {
        None
    }
}

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

//! A request's way to the other roles: an order is sent again while it is unanswered.
//!
//! Every order is safe to send twice: authorizing, reading and cryptography change nothing, and a
//! change is known by its request id. NATS hands an order to any replica, also to one that stands
//! still or whose machine is gone, until its pings to that one are unanswered (`ping_interval` in
//! `deploy/nats.conf`: four seconds at most). So whoever is silent is not waited for: the order is
//! sent again, and the first answer to any of its tries counts. A slow replica's answer is still
//! taken, so that no work is lost where all of them are slow.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use prost::Message;
use tokio::time::Instant;
use trent_bus::messages::{
    AuthorizeAnswer, ChangeAnswer, CryptoAnswer, ReadAnswer, Rejection, TrailAnswer,
    authorize_answer, change_answer, read_answer,
};
use trent_bus::{Bus, BusError, Subject};
use trent_operations::ports::Unavailable;
use trent_types::TraceParent;

/// How long most orders may take in all, with every repetition: twice as long as NATS may take to
/// drop a replica that stands still, and less than clients wait for one attempt.
const PATIENCE: Duration = Duration::from_secs(8);
/// After how long a silence most orders are sent again. They take less than a millisecond, and some
/// tens of them on a machine with too much to do, where repeating each order would make it worse.
pub(super) const QUICK: Duration = Duration::from_millis(300);
/// The same for changes: longer than a commit, and short enough that the second try comes while the
/// Permits are good (they last from one and a half to two seconds). Its answer may take two seconds
/// more, which is the lease of an evaluator that stands still.
pub(super) const THOROUGH: Duration = Duration::from_secs(1);
/// The same for orders that may need a new RSA key pair: longer than the making of one of 4096
/// bits, which takes half a second on an idle core, varies, and takes several seconds where no core
/// is idle. The Permits have run out by then, so a try that reaches another worker has the request
/// authorized anew; one that reaches the same worker changes nothing, since a worker does not begin
/// an order twice, and keeps what came too late for the next (`trent-crypto-worker`, modules `slow`
/// and `ready_keys`). So tries do not pile up, and none is in vain.
pub(super) const PATIENT: Duration = Duration::from_secs(5);
/// The time between tries doubles up to this, or stays as it is where it is longer.
const SILENCE_MAX: Duration = Duration::from_secs(1);
/// How long to wait when somebody said at once that nobody serves; it doubles up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(640);

/// How long an order may take in all: at least [`PATIENCE`], and several tries.
fn patience(silence: Duration) -> Duration {
    PATIENCE.max(silence * 5)
}

/// A way to the other roles, for one request.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The bus.
    pub bus: &'a Bus,
    /// The trace that the request belongs to.
    pub traceparent: Option<TraceParent>,
}

/// An answer that may say that the role could not serve.
pub(super) trait Reply: Message + Default {
    /// Why nothing was done, if that is so.
    fn unavailable(&self) -> Option<&str>;
}

/// The answer to an order.
pub(super) struct Told<A> {
    pub(super) answer: A,
    /// Whether another try may have been worked on, though nobody said so.
    pub(super) perhaps_before: bool,
}

/// What came of one try.
type Outcome<A> = Result<A, BusError>;

/// Tries of one order, from the first failure or silence on.
struct Tries<'f, A> {
    open: FuturesUnordered<Pin<Box<dyn Future<Output = Outcome<A>> + 'f>>>,
    give_up: Instant,
    /// When the next try is due; `None`: there is to be none.
    next: Option<Instant>,
    silence: Duration,
    pause: Duration,
    perhaps_before: bool,
    why: String,
}

impl Line<'_> {
    /// Sends an order until it is answered; it is made anew for each try.
    pub(super) async fn ask<Q: Message + 'static, A: Reply + 'static>(
        &self,
        subject: Subject,
        silence: Duration,
        order: impl Fn() -> Q,
    ) -> Result<A, Unavailable> {
        self.ask_and_count(subject, silence, order).await.map(|told| told.answer)
    }

    /// Sends an order once: one that waits for something, so that silence says nothing.
    pub(super) async fn ask_once<Q: Message + 'static, A: Message + Default + 'static>(
        &self,
        subject: Subject,
        deadline: Duration,
        order: Q,
    ) -> Result<A, Unavailable> {
        self.bus.ask(subject, deadline, self.traceparent, order).await.map_err(given_up)
    }

    /// Sends an order until it is answered, and says whether another try may have been worked on.
    pub(super) async fn ask_and_count<Q: Message + 'static, A: Reply + 'static>(
        &self,
        subject: Subject,
        silence: Duration,
        order: impl Fn() -> Q,
    ) -> Result<Told<A>, Unavailable> {
        let patience = patience(silence);
        let give_up = Instant::now() + patience;
        let mut first = pin!(self.bus.ask::<Q, A>(subject, patience, self.traceparent, order()));
        // Where the role is in the same process, most orders are done at the first poll.
        let polled = std::future::poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx))).await;
        match polled {
            Poll::Ready(Ok(answer)) if answer.unavailable().is_none() => {
                Ok(Told { answer, perhaps_before: false })
            }
            polled @ (Poll::Ready(_) | Poll::Pending) => {
                let another = || {
                    let deadline = give_up.saturating_duration_since(Instant::now());
                    self.bus.ask(subject, deadline, self.traceparent, order())
                };
                // On the heap, so that the futures of requests stay small.
                Box::pin(wait(polled, first, another, silence, give_up)).await
            }
        }
    }
}

/// What an error means for who does not try again.
pub(super) fn given_up(error: BusError) -> Unavailable {
    match error {
        BusError::Rejected(Rejection::Overloaded) => Unavailable::Overloaded(error.to_string()),
        BusError::Timeout | BusError::Disconnected | BusError::Rejected(_) => {
            Unavailable::Away(error.to_string())
        }
    }
}

/// Waits for the first try, and makes others where nothing comes of it.
async fn wait<'f, A: Reply, F: Future<Output = Outcome<A>> + 'f>(
    polled: Poll<Outcome<A>>,
    mut first: Pin<&'f mut impl Future<Output = Outcome<A>>>,
    another: impl Fn() -> F,
    silence: Duration,
    give_up: Instant,
) -> Result<Told<A>, Unavailable> {
    let heard = match polled {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => tokio::time::timeout(silence, first.as_mut()).await.ok(),
    };
    let heard = match heard {
        Some(Ok(answer)) if answer.unavailable().is_none() => {
            return Ok(Told { answer, perhaps_before: false });
        }
        heard => heard,
    };
    let mut tries = Tries {
        open: FuturesUnordered::new(),
        give_up,
        next: Some(Instant::now()),
        silence,
        pause: PAUSE,
        perhaps_before: false,
        why: BusError::Timeout.to_string(),
    };
    match heard.map(|outcome| tries.judge(outcome)) {
        Some(Some(end)) => return end,
        Some(None) => {}
        None => {
            tries.silence = longer(silence);
            tries.open.push(Box::pin(first));
        }
    }
    tries.go_on(|| Box::pin(another())).await
}

/// The silence after the next try.
fn longer(silence: Duration) -> Duration {
    (silence * 2).min(SILENCE_MAX).max(silence)
}

impl<'f, A: Reply> Tries<'f, A> {
    async fn go_on(
        mut self,
        another: impl Fn() -> Pin<Box<dyn Future<Output = Outcome<A>> + 'f>>,
    ) -> Result<Told<A>, Unavailable> {
        loop {
            let next = self.next.filter(|next| *next < self.give_up);
            if next.is_none() && self.open.is_empty() {
                return Err(Unavailable::Away(self.why));
            }
            let heard = tokio::select! {
                biased;
                Some(outcome) = self.open.next() => Some(outcome),
                () = tokio::time::sleep_until(next.unwrap_or(self.give_up)) => None,
            };
            match heard {
                Some(outcome) => {
                    if let Some(end) = self.judge(outcome) {
                        return end;
                    }
                }
                None if next.is_none() => return Err(Unavailable::Away(self.why)),
                None => {
                    self.perhaps_before |= !self.open.is_empty();
                    self.open.push(another());
                    self.next = Some(Instant::now() + self.silence);
                    self.silence = longer(self.silence);
                }
            }
        }
    }

    /// What a try's outcome means for the order; `None`: it is not at its end.
    fn judge(&mut self, outcome: Outcome<A>) -> Option<Result<Told<A>, Unavailable>> {
        match outcome {
            Ok(answer) => {
                let Some(why) = answer.unavailable() else {
                    return Some(Ok(Told { answer, perhaps_before: self.perhaps_before }));
                };
                self.why = why.to_owned();
                // Whoever failed may have failed to hear of its own success.
                self.perhaps_before = true;
                self.pause();
            }
            Err(error @ (BusError::Disconnected | BusError::Rejected(Rejection::Unavailable))) => {
                self.why = error.to_string();
                self.pause();
            }
            // Its time was up; so is the order's.
            Err(BusError::Timeout) => self.perhaps_before = true,
            // Sending more to who has too much helps nobody.
            Err(error @ BusError::Rejected(Rejection::Overloaded)) => {
                if !self.perhaps_before {
                    return Some(Err(Unavailable::Overloaded(error.to_string())));
                }
                self.why = error.to_string();
                self.next = None;
            }
            // Nor does sending the same to who cannot read it.
            Err(error @ BusError::Rejected(Rejection::Malformed | Rejection::Unspecified)) => {
                return Some(Err(Unavailable::Away(error.to_string())));
            }
        }
        None
    }

    /// Sends again after a pause: somebody said at once that nobody serves.
    fn pause(&mut self) {
        self.next = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(PAUSE_MAX);
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
            AccessKeyUse, Aliases, Entities, Explanations, Grants, Identity, Keys, LastUsage,
            Materials, Missing, NotPermitted, Policy, PolicyEntities, PublicKey, Session,
            SessionRefused, Simulated, SimulationRefused, Tags, Unavailable,
        };
        match &self.outcome {
            Some(Unavailable(why)) => Some(why),
            Some(
                Keys(_) | Aliases(_) | Policy(_) | Tags(_) | Missing(_) | NotPermitted(_)
                | PublicKey(_) | Materials(_) | Grants(_) | LastUsage(_) | Identity(_)
                | Entities(_) | PolicyEntities(_) | AccessKeyUse(_) | Session(_)
                | SessionRefused(_) | Simulated(_) | SimulationRefused(_) | Explanations(_),
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

impl Reply for TrailAnswer {
    // Its Permit would run out while it is sent again and again.
    fn unavailable(&self) -> Option<&str> {
        None
    }
}

impl Reply for CryptoAnswer {
    fn unavailable(&self) -> Option<&str> {
        None
    }
}

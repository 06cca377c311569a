//! Replicas of a role that know of each other: each tells the others twice a second that it is
//! there.
//!
//! Nobody compares clocks. Who has not been heard of while three of one's own heartbeats came back
//! is gone; as long as one's own do not come back, the connection is what is gone, and nobody is
//! judged. Who hears of a new one answers at once, so that the new one need not wait for the next
//! turn.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::{Client, Subscriber};
use futures_util::StreamExt;
use prost::Message;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use crate::messages::Heartbeat;
use crate::{NatsBus, NatsError};

/// The subject on which gateways hear of each other.
pub const GATEWAYS_SUBJECT: &str = "trent.v1.gateway.alive";

/// How often a replica says that it is there.
const INTERVAL: Duration = Duration::from_millis(500);

/// Own heartbeats that come back before one who was not heard of meanwhile is gone.
const SILENT_MAX: u32 = 3;

/// Replicas that are believed at most: whoever may speak here cannot fill the memory.
const OTHERS_MAX: usize = 1_023;

/// Which of the replicas this one is, in an order that all of them see, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 0.
    pub position: u32,
    /// At least 1.
    pub count: u32,
}

/// The replicas that are there now, as one of them sees it. Looking costs one load.
#[derive(Debug, Clone)]
pub struct Presence(Arc<AtomicU64>);

impl Presence {
    /// That of the only one, which is always alone.
    #[must_use]
    pub fn alone() -> Self {
        Self(Arc::new(AtomicU64::new(packed(Place { position: 0, count: 1 }))))
    }

    /// The present place of this replica.
    #[must_use]
    pub fn place(&self) -> Place {
        let packed = self.0.load(Ordering::Relaxed);
        // Cannot fail: both halves have 32 bits.
        let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or_default();
        Place { position: half(packed >> 32), count: half(packed).max(1) }
    }
}

fn packed(place: Place) -> u64 {
    u64::from(place.position) << 32 | u64::from(place.count)
}

/// A replica among the others. Dropping it ends its heartbeats: the others notice within two
/// seconds.
#[derive(Debug)]
#[must_use = "dropping it ends the heartbeats"]
pub struct Member {
    client: Client,
    instance: Uuid,
    task: JoinHandle<()>,
}

impl Member {
    /// Joins the gateways on this connection as `instance`, a new id for each process.
    ///
    /// # Errors
    /// [`NatsError::Subscribe`] when the connection is closed.
    pub async fn join_gateways(
        nats: &NatsBus,
        instance: Uuid,
    ) -> Result<(Self, Presence), NatsError> {
        let client = nats.client().clone();
        let subscriber = client.subscribe(GATEWAYS_SUBJECT).await?;
        let presence = Presence::alone();
        let replica = Replica {
            client: client.clone(),
            others: Others { own: instance, silent: BTreeMap::new(), awaited: false },
            presence: presence.clone(),
        };
        let task = tokio::spawn(replica.run(subscriber));
        Ok((Self { client, instance, task }, presence))
    }

    /// Tells the others that this one goes, so that they need not notice it.
    pub async fn leave(self) {
        self.task.abort();
        say(&self.client, self.instance, true).await;
        let _ = self.client.flush().await;
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The task of a member.
struct Replica {
    client: Client,
    others: Others,
    presence: Presence,
}

impl Replica {
    async fn run(mut self, mut subscriber: Subscriber) {
        let mut every = tokio::time::interval(INTERVAL);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = every.tick() => {
                    self.others.awaited = true;
                    self.speak().await;
                }
                message = subscriber.next() => match message {
                    Some(message) => self.hear(&message.payload).await,
                    None => return,
                },
            }
        }
    }

    async fn hear(&mut self, payload: &[u8]) {
        let Ok(heartbeat) = Heartbeat::decode(payload) else { return };
        let Ok(instance) = Uuid::from_slice(&heartbeat.instance) else { return };
        let before = self.presence.place();
        let is_new = self.others.heard(instance, heartbeat.leaving);
        let place = self.others.place();
        if place != before {
            self.presence.0.store(packed(place), Ordering::Relaxed);
            tracing::info!(gateways = place.count, "the gateways that are there have changed");
        }
        if is_new {
            self.speak().await;
        }
    }

    async fn speak(&self) {
        say(&self.client, self.others.own, false).await;
    }
}

async fn say(client: &Client, instance: Uuid, leaving: bool) {
    let heartbeat = Heartbeat { instance: instance.as_bytes().to_vec().into(), leaving };
    if let Err(error) = client.publish(GATEWAYS_SUBJECT, heartbeat.encode_to_vec().into()).await {
        tracing::debug!(%error, "a heartbeat was not sent");
    }
}

/// Who else is there.
struct Others {
    own: Uuid,
    /// How many own heartbeats came back since each was last heard of.
    silent: BTreeMap<Uuid, u32>,
    /// A regular heartbeat of one's own has not come back yet. Those that answer a new one do not
    /// count: the others send none as often.
    awaited: bool,
}

impl Others {
    /// Takes a heartbeat; says whether it is of somebody new.
    fn heard(&mut self, instance: Uuid, leaving: bool) -> bool {
        if instance == self.own {
            if std::mem::take(&mut self.awaited) {
                self.silent.retain(|_, silent| {
                    *silent += 1;
                    *silent <= SILENT_MAX
                });
            }
            return false;
        }
        if leaving {
            self.silent.remove(&instance);
            return false;
        }
        if let Some(silent) = self.silent.get_mut(&instance) {
            *silent = 0;
            return false;
        }
        let room = self.silent.len() < OTHERS_MAX;
        if room {
            self.silent.insert(instance, 0);
        }
        room
    }

    fn place(&self) -> Place {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let before = self.silent.range(..self.own).count();
        Place { position: count(before), count: count(self.silent.len() + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others() -> Others {
        Others { own: Uuid::from_u128(5), silent: BTreeMap::new(), awaited: false }
    }

    fn own_beat(others: &mut Others) {
        others.awaited = true;
        others.heard(others.own, false);
    }

    #[test]
    fn whoever_is_heard_of_is_there_and_all_see_one_order() {
        let mut others = others();
        assert_eq!(others.place(), Place { position: 0, count: 1 });
        assert!(others.heard(Uuid::from_u128(1), false));
        assert!(others.heard(Uuid::from_u128(9), false));
        assert!(!others.heard(Uuid::from_u128(1), false), "known");
        assert_eq!(others.place(), Place { position: 1, count: 3 });
    }

    #[test]
    fn one_who_leaves_is_gone_at_once_and_one_who_is_silent_after_three_own_heartbeats() {
        let mut others = others();
        for id in [1, 2, 3] {
            others.heard(Uuid::from_u128(id), false);
        }
        others.heard(Uuid::from_u128(2), true);
        assert_eq!(others.place().count, 3);
        for _ in 0..3 {
            own_beat(&mut others);
            others.heard(Uuid::from_u128(3), false);
        }
        assert_eq!(others.place(), Place { position: 2, count: 3 });
        own_beat(&mut others);
        assert_eq!(others.place(), Place { position: 1, count: 2 });
    }

    #[test]
    fn nobody_is_judged_while_own_heartbeats_do_not_come_back() {
        let mut others = others();
        others.heard(Uuid::from_u128(1), false);
        for _ in 0..10 {
            others.awaited = true;
        }
        assert_eq!(others.place().count, 2);
        // Several that come back together are one turn.
        for _ in 0..10 {
            others.heard(others.own, false);
        }
        assert_eq!(others.place().count, 2);
    }

    #[test]
    fn no_more_are_believed_than_there_can_be() {
        let mut others = others();
        for id in 0..2_000 {
            others.heard(Uuid::from_u128(1_000 + id), false);
        }
        assert_eq!(others.place().count, 1_024);
    }
}

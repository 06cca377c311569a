//! Making room in the audit stream: what goes, and when.
//!
//! The stream refuses what goes beyond its bounds, and requests with it, so the audit logger makes
//! room. What every consumer has acknowledged goes when the stream is half full. A consumer that is
//! slow, or never comes, must not fill it: at three quarters what the logger has kept goes all the
//! same, the oldest first, down to a half. Such a consumer sees that sequences are missing.

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::stream::{Info, Stream};
use futures_util::StreamExt;

use super::AuditStreamError;
use super::meters::ConsumeMeters;

/// How many messages are delivered between two looks at how full the stream is.
const MESSAGES_BETWEEN: u64 = 1_024;

/// The part of the stream's bounds that may come in between two looks.
const PART_BETWEEN: u64 = 16;

/// When to look at the stream again.
#[derive(Debug, Default)]
pub(super) struct Look {
    messages: u64,
    bytes: u64,
    /// Whether there was something to remove that was not removed, or something new came.
    worth: bool,
}

impl Look {
    /// Whether it is time. At first it is.
    pub(super) const fn is_due(&self) -> bool {
        self.messages == 0 || self.bytes == 0
    }

    /// Notes what was delivered; nothing is an idle moment. A stream that is full takes nothing
    /// new: nobody else would ever make room again. Where nothing has come since the last look,
    /// there is nothing to remove.
    pub(super) const fn delivered(&mut self, messages: u64, bytes: u64) {
        if messages == 0 {
            if self.worth {
                self.messages = 0;
            }
            return;
        }
        self.worth = true;
        self.messages = self.messages.saturating_sub(messages);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// The next look after one at a stream with these bounds.
    fn after(bounds: &Bounds, still_full: bool) -> Self {
        Self {
            messages: MESSAGES_BETWEEN.min(bounds.messages_max / PART_BETWEEN).max(1),
            bytes: (bounds.bytes_max / PART_BETWEEN).max(1),
            worth: still_full,
        }
    }
}

/// How full the stream is.
struct Bounds {
    bytes: u64,
    bytes_max: u64,
    messages: u64,
    messages_max: u64,
    first: u64,
}

impl Bounds {
    fn of(info: &Info) -> Self {
        let bound = |bound: i64| u64::try_from(bound).unwrap_or(u64::MAX);
        Self {
            bytes: info.state.bytes,
            bytes_max: bound(info.config.max_bytes),
            messages: info.state.messages,
            messages_max: bound(info.config.max_messages),
            first: info.state.first_sequence,
        }
    }

    const fn is_beyond(&self, bytes: u64, messages: u64) -> bool {
        self.bytes > bytes || self.messages > messages
    }

    /// More than a half is taken.
    const fn is_half_full(&self) -> bool {
        self.is_beyond(self.bytes_max / 2, self.messages_max / 2)
    }

    /// More than three quarters are taken.
    const fn is_nearly_full(&self) -> bool {
        self.is_beyond(self.bytes_max / 4 * 3, self.messages_max / 4 * 3)
    }

    /// The last sequence that must go so that about a half is taken, all messages being as long.
    fn beyond_half(&self) -> u64 {
        let over = |taken: u64, bound: u64| match taken {
            0 => 0.0,
            _ => taken.saturating_sub(bound / 2) as f64 / taken as f64,
        };
        let share = over(self.bytes, self.bytes_max).max(over(self.messages, self.messages_max));
        self.first + (self.messages as f64 * share) as u64
    }

    /// The last sequence to remove, when the logger has acknowledged up to `own` and the slowest
    /// other consumer up to `slowest`.
    fn last_to_remove(&self, own: u64, slowest: u64) -> u64 {
        let by_all = own.min(slowest);
        if self.is_nearly_full() { by_all.max(own.min(self.beyond_half())) } else { by_all }
    }
}

/// Removes what may go; when to look again.
pub(super) async fn trim(
    stream: &mut Stream,
    consumer: &mut PullConsumer,
    meters: &ConsumeMeters,
) -> Result<Look, AuditStreamError> {
    let info = stream.info().await.map_err(AuditStreamError::to("tell its state"))?;
    let bounds = Bounds::of(info);
    if !bounds.is_half_full() {
        return Ok(Look::after(&bounds, false));
    }
    let own = consumer.info().await.map_err(AuditStreamError::to("tell its consumer's state"))?;
    let (own_name, own) = (own.name.clone(), own.ack_floor.stream_sequence);
    let slowest = match slowest(stream, &own_name).await {
        Ok(slowest) => slowest.unwrap_or(own),
        Err(error) => {
            // A server with an older configuration does not tell: then there may be anybody.
            tracing::warn!(%error, "the audit stream is trimmed when it is nearly full only");
            0
        }
    };
    let last = bounds.last_to_remove(own, slowest);
    if last < bounds.first {
        return Ok(Look::after(&bounds, true));
    }
    let purged = stream.purge().sequence(last + 1).await;
    let purged = purged.map_err(AuditStreamError::to("be trimmed"))?.purged;
    let passed_over = last.saturating_sub(slowest.max(bounds.first.saturating_sub(1)));
    if passed_over > 0 {
        meters.passed_over.increment(passed_over);
        tracing::warn!(
            passed_over,
            "the audit stream was nearly full: messages went that a slow consumer has not had"
        );
    }
    tracing::info!(purged, "removed acknowledged messages from the audit stream");
    // The server may not have heard of the last acknowledgements yet.
    Ok(Look::after(&bounds, purged < bounds.messages))
}

/// Up to where the slowest consumer but `own` has acknowledged; nothing where there is no other.
async fn slowest(stream: &Stream, own: &str) -> Result<Option<u64>, AuditStreamError> {
    let mut consumers = stream.consumers();
    let mut slowest: Option<u64> = None;
    while let Some(consumer) = consumers.next().await {
        let consumer = consumer.map_err(AuditStreamError::to("tell its consumers"))?;
        if consumer.name != own {
            let floor = consumer.ack_floor.stream_sequence;
            slowest = Some(slowest.map_or(floor, |known| known.min(floor)));
        }
    }
    Ok(slowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(bytes: u64, messages: u64) -> Bounds {
        Bounds { bytes, bytes_max: 1_000, messages, messages_max: 100, first: 11 }
    }

    #[test]
    fn what_all_have_goes_and_at_three_quarters_what_the_logger_has_down_to_a_half() {
        assert!(!bounds(500, 50).is_half_full());
        assert!(bounds(501, 1).is_half_full() && bounds(1, 51).is_half_full());
        // Half full: nobody loses anything.
        assert_eq!(bounds(700, 40).last_to_remove(40, 20), 20);
        assert_eq!(bounds(700, 40).last_to_remove(40, 0), 0);
        assert_eq!(bounds(700, 40).last_to_remove(30, 40), 30);
        // Nearly full: 300 of 800 bytes are too many, so 15 of 40 messages; never what the logger
        // has not got.
        assert_eq!(bounds(800, 40).last_to_remove(40, 0), 26);
        assert_eq!(bounds(800, 40).last_to_remove(20, 0), 20);
        assert_eq!(bounds(800, 40).last_to_remove(45, 40), 40);
    }

    #[test]
    fn the_stream_is_looked_at_after_messages_after_bytes_and_when_idle_after_something_came() {
        let mut look = Look::default();
        assert!(look.is_due());
        look = Look::after(&bounds(600, 10), false);
        look.delivered(0, 0);
        assert!(!look.is_due());
        look.delivered(5, 20);
        assert!(!look.is_due());
        look.delivered(1, 42);
        assert!(look.is_due());
        look = Look::after(&bounds(600, 10), false);
        look.delivered(1, 1);
        look.delivered(0, 0);
        assert!(look.is_due());
        look = Look::after(&bounds(600, 10), true);
        look.delivered(0, 0);
        assert!(look.is_due());
    }
}

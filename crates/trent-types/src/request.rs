//! What ties one request's parts together: ids and trace context.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::{Malformed, TextParts, Timestamp, text_parts};

/// A UUID that names something about a request.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with exactly these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                Uuid::try_parse(text).map(Self).map_err(|_| Malformed::new($what))
            }
        }

        impl TextParts for $name {
            fn each_part(&self, mut part: impl FnMut(&str)) {
                part(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                text_parts::print(self, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

uuid_id! {
    /// Names one request: `x-amzn-RequestId`, and `requestID` in its audit record.
    RequestId, "request id"
}

uuid_id! {
    /// Names one audit record: `eventID`. Each record exists once, whatever was retried.
    EventId, "event id"
}

impl RequestId {
    /// A version 4 UUID made of these random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}

impl EventId {
    /// A version 7 UUID (RFC 9562, section 5.7): the event's time in milliseconds, and random
    /// bytes. So a record is found by its id alone.
    #[must_use]
    pub fn new(at: Timestamp, random: [u8; 16]) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or_default();
        let [random @ .., _, _, _, _, _, _] = random;
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The event's time; `None` when this is no id that [`Self::new`] made.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        if self.0.get_version_num() != 7 {
            return None;
        }
        let [a, b, c, d, e, f, ..] = *self.0.as_bytes();
        let millis = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        i64::try_from(millis).ok().map(Timestamp::from_millis)
    }
}

/// The `tracing` target of the spans that are exported; nothing else is.
pub const SPAN_TARGET: &str = "trent_trace";

/// A W3C trace context: trace id, parent span id and flags (W3C Trace Context, section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// 16 bytes, not all zero.
    pub trace_id: [u8; 16],
    /// 8 bytes, not all zero.
    pub span_id: [u8; 8],
    /// Bit 0: sampled.
    pub flags: u8,
}

impl TraceParent {
    /// Whether whoever began the trace has it recorded.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }

    /// The trace id as it is written, 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id_text(&self) -> String {
        hex::encode(self.trace_id)
    }
}

impl FromStr for TraceParent {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed::new("traceparent");
        let mut parts = text.split('-');
        let (Some("00"), Some(trace), Some(span), Some(flags), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let (mut trace_id, mut span_id, mut flag) = ([0; 16], [0; 8], [0; 1]);
        let decoded = hex::decode_to_slice(trace, &mut trace_id)
            .and_then(|()| hex::decode_to_slice(span, &mut span_id))
            .and_then(|()| hex::decode_to_slice(flags, &mut flag));
        if decoded.is_err() || trace_id == [0; 16] || span_id == [0; 8] {
            return Err(malformed);
        }
        let [flags] = flag;
        Ok(Self { trace_id, span_id, flags })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, span) = (hex::encode(self.trace_id), hex::encode(self.span_id));
        write!(f, "00-{trace}-{span}-{:02x}", self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_comes_back_as_it_was_written() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(text.parse::<TraceParent>().unwrap().to_string(), text);
        assert!(
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01"
                .parse::<TraceParent>()
                .is_err()
        );
    }

    #[test]
    fn only_the_first_flag_says_that_a_trace_is_sampled() {
        let parse = |flags: &str| {
            let text = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}");
            text.parse::<TraceParent>().unwrap()
        };
        assert!(parse("01").is_sampled() && parse("03").is_sampled());
        assert!(!parse("00").is_sampled() && !parse("02").is_sampled());
        assert_eq!(parse("01").trace_id_text(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn an_event_id_tells_the_time_of_its_event() {
        for millis in [0, 1, 1_700_000_000_123, (1 << 48) - 1] {
            let at = Timestamp::from_millis(millis);
            let id = EventId::new(at, [0xff; 16]);
            assert_eq!(id.time(), Some(at));
            assert_eq!(id.to_string().parse::<EventId>().unwrap(), id);
            assert_eq!((id.as_bytes()[6] >> 4, id.as_bytes()[8] >> 6), (7, 2));
        }
        let later = EventId::new(Timestamp::from_millis(2), [0; 16]);
        assert!(EventId::new(Timestamp::from_millis(1), [0xff; 16]) < later);
        assert_eq!(EventId::from_bytes([7; 16]).time(), None);
    }
}

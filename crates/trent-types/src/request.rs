//! What ties one request's parts together: ids and trace context.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::Malformed;

/// A UUID that names something about a request.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A version 4 UUID made of these random bytes.
            #[must_use]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

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

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
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
}

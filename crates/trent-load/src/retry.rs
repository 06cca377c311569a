//! Which failures are worth another attempt and how long to wait for it: the standard mode of the
//! AWS SDKs (AWS SDKs and Tools Reference Guide, "Retry behavior"), without its token bucket, which
//! is kept per client and would let one outage exhaust the share of every simulated client.

use std::io::ErrorKind;
use std::time::Duration;

use crate::client::Answer;
use crate::error::LoadError;

/// The codes that mean "slower, please" or "not now", whatever the status.
const RETRYABLE: &[&str] = &[
    "BandwidthLimitExceeded",
    "DependencyTimeoutException",
    "InternalError",
    "InternalFailure",
    "KMSInternalException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// How often to ask again, and after how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPolicy {
    /// Attempts after the first.
    pub(crate) retries: u32,
    /// The longest wait before the second attempt; it doubles for each further one.
    pub(crate) base: Duration,
    /// What no wait exceeds.
    pub(crate) most: Duration,
}

impl RetryPolicy {
    /// How long to wait after so many attempts; `None` when there is no other. `part` is a random
    /// number in 0..1: full jitter.
    pub(crate) fn wait(&self, attempts: u32, part: f64) -> Option<Duration> {
        if attempts > self.retries {
            return None;
        }
        let doubled = self.base.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        Some(doubled.min(self.most).mul_f64(part.clamp(0.0, 1.0)))
    }
}

/// One failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// AWS's error code, or what happened to the connection.
    pub(crate) code: String,
    /// Whether an SDK would try again.
    pub(crate) retryable: bool,
}

impl Fault {
    /// What an answer that is no success says.
    pub(crate) fn of_answer(answer: &Answer<'_>) -> Self {
        let code = code(answer.body).unwrap_or_else(|| format!("HTTP{}", answer.status));
        let status = matches!(answer.status, 500 | 502 | 503 | 504);
        Self { retryable: status || RETRYABLE.contains(&code.as_str()), code }
    }

    /// What happened to the connection: always worth another attempt.
    pub(crate) fn of_connection(error: &LoadError) -> Self {
        let code = match error {
            LoadError::Closed => "ConnectionClosed",
            LoadError::Timeout => "Timeout",
            LoadError::NotHttp(_) => "NotHttp",
            LoadError::Io(error) => io_code(error.kind()),
            LoadError::Refused { .. }
            | LoadError::Missing(_)
            | LoadError::NotLoopback(_)
            | LoadError::Endpoint(_)
            | LoadError::Aws
            | LoadError::Trust(..)
            | LoadError::Argument(_)
            | LoadError::Credentials(_)
            | LoadError::State(..)
            | LoadError::Histogram(_)
            | LoadError::Report(..)
            | LoadError::Different(_)
            | LoadError::Json(_) => "Network",
        };
        Self { code: code.to_owned(), retryable: true }
    }

    /// A success that is not right; asking again would hide it.
    pub(crate) fn wrong(code: &str) -> Self {
        Self { code: code.to_owned(), retryable: false }
    }
}

fn io_code(kind: ErrorKind) -> &'static str {
    let closed = [
        ErrorKind::BrokenPipe,
        ErrorKind::ConnectionAborted,
        ErrorKind::ConnectionReset,
        ErrorKind::UnexpectedEof,
    ];
    if kind == ErrorKind::ConnectionRefused {
        "ConnectionRefused"
    } else if closed.contains(&kind) {
        "ConnectionClosed"
    } else if kind == ErrorKind::InvalidData {
        // What rustls makes of a certificate that is not trusted, and of other protocol errors.
        "Tls"
    } else {
        "Network"
    }
}

/// `__type` of a JSON body or `<Code>` of an XML one.
fn code(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (after, end) = match text.split_once("\"__type\":\"") {
        Some((_, after)) => (after, '"'),
        None => (text.split_once("<Code>")?.1, '<'),
    };
    let name = after.split(end).next()?.rsplit('#').next()?;
    let plain = name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric());
    (plain && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy =
        RetryPolicy { retries: 3, base: Duration::from_secs(1), most: Duration::from_millis(3500) };

    #[test]
    fn waits_double_up_to_the_most_and_are_jittered_in_full() {
        let waits: Vec<_> = (1..=4).map(|attempts| POLICY.wait(attempts, 1.0)).collect();
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(waits, [millis(1000), millis(2000), millis(3500), None]);
        assert_eq!(POLICY.wait(2, 0.25), millis(500));
        assert_eq!(POLICY.wait(1, 0.0), millis(0));
        assert_eq!(RetryPolicy { retries: 0, ..POLICY }.wait(1, 0.5), None);
    }

    #[test]
    fn only_what_an_sdk_would_repeat_is_retryable() {
        for (status, body, code, retryable) in [
            (400, r#"{"__type":"ThrottlingException"}"#, "ThrottlingException", true),
            (500, r#"{"__type":"KMSInternalException"}"#, "KMSInternalException", true),
            (
                500,
                r#"{"__type":"a.b#DependencyTimeoutException"}"#,
                "DependencyTimeoutException",
                true,
            ),
            (503, "<html>busy</html>", "HTTP503", true),
            (400, "<ErrorResponse><Error><Code>Throttling</Code>", "Throttling", true),
            (400, r#"{"__type":"AccessDeniedException"}"#, "AccessDeniedException", false),
            (403, "<Error><Code>SignatureDoesNotMatch</Code>", "SignatureDoesNotMatch", false),
            (404, "", "HTTP404", false),
        ] {
            let found = Fault::of_answer(&Answer { status, body: body.as_bytes() });
            assert_eq!(found, Fault { code: code.to_owned(), retryable });
        }
        assert!(Fault::of_connection(&LoadError::Closed).retryable);
        assert!(!Fault::wrong("WrongPlaintext").retryable);
    }
}

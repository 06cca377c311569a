//! Logs to standard error: text for people, JSON for machines; and the way of spans to their
//! exporter.

use std::io::{self, IsTerminal, Write};

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};
use trent_types::SPAN_TARGET;

use crate::traces::Traces;
use crate::{Settings, StartError};

/// Starts logging for the process, and the export of spans if there is one.
pub(crate) fn start(
    settings: &Settings,
    role: &'static str,
    traces: Option<&Traces>,
) -> Result<(), StartError> {
    let filter = EnvFilter::try_new(&settings.log).map_err(|error| {
        StartError::Configuration(format!("TRENT_LOG: {}: {error}", settings.log))
    })?;
    let started = match traces {
        // One filter for everything: what nobody wants is found out once for each place in the
        // code.
        None => tracing_subscriber::registry()
            .with(filter)
            .with(filter_fn(may_be_logged))
            .with(lines(settings, role))
            .try_init(),
        Some(traces) => {
            let spans = tracing_opentelemetry::layer::<Registry>()
                .with_tracer(traces.tracer())
                .with_location(false)
                .with_threads(false)
                .with_target(false)
                .with_level(false)
                .with_tracked_inactivity(false);
            let exported = Targets::new().with_target(SPAN_TARGET, Level::INFO);
            tracing_subscriber::registry()
                .with(spans.with_filter(exported))
                .with(lines(settings, role).with_filter(filter.and(filter_fn(may_be_logged))))
                .try_init()
        }
    };
    started.map_err(|error| StartError::Environment(format!("logging: {error}")))
}

/// Whatever is asked for, the NATS client does not log whole messages, as it does at its finest
/// level: Permits, signatures, encryption contexts and audit records are in them.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    *metadata.level() < Level::TRACE || !metadata.target().starts_with("async_nats")
}

/// The lines of the log.
fn lines<S>(settings: &Settings, role: &'static str) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = fmt::layer()
        .with_ansi(!settings.log_json && io::stderr().is_terminal())
        // A log that cannot be written, on a full disk say, must not stop what it tells about: the
        // report of that would panic.
        .log_internal_errors(false);
    if settings.log_json {
        lines.json().with_writer(Stamped { role }).boxed()
    } else {
        lines.compact().with_writer(io::stderr).boxed()
    }
}

/// Standard error, with the role in every JSON object.
struct Stamped {
    role: &'static str,
}

impl<'a> MakeWriter<'a> for Stamped {
    type Writer = Stamp;

    fn make_writer(&'a self) -> Stamp {
        Stamp { role: self.role }
    }
}

/// One line on its way. It comes in one piece.
struct Stamp {
    role: &'static str,
}

impl Write for Stamp {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let stamped = stamped(line, self.role);
        io::stderr().write_all(&stamped)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The same object with a first member `role`. Roles are words.
fn stamped(line: &[u8], role: &str) -> Vec<u8> {
    match line.strip_prefix(b"{") {
        Some(rest) => {
            let mut stamped = Vec::with_capacity(line.len() + role.len() + 11);
            stamped.extend_from_slice(b"{\"role\":\"");
            stamped.extend_from_slice(role.as_bytes());
            stamped.extend_from_slice(b"\",");
            stamped.extend_from_slice(rest);
            stamped
        }
        None => line.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_json_line_names_the_role() {
        let line = stamped(b"{\"level\":\"INFO\"}\n", "gateway");
        assert_eq!(line, b"{\"role\":\"gateway\",\"level\":\"INFO\"}\n");
        assert_eq!(stamped(b"text\n", "gateway"), b"text\n");
    }
}

//! Whether the audit trail takes records, as those who hand them in find it.

use std::sync::{Arc, Mutex, PoisonError};

use metrics::{Gauge, describe_gauge, gauge};

const ACCEPTING: &str = "trent_audit_accepting";

/// Whether the trail took the last records that it was given, and why not. Clones tell the same.
///
/// Whoever owns one tries again by itself while the trail takes nothing: a process that is not
/// ready is asked nothing, and would never find out.
#[derive(Debug, Clone)]
pub struct TrailHealth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    refusing: Mutex<Option<&'static str>>,
    accepting: Gauge,
}

impl Default for TrailHealth {
    fn default() -> Self {
        describe_gauge!(ACCEPTING, "1 while the audit trail takes this process's records");
        let accepting = gauge!(ACCEPTING);
        accepting.set(1.0);
        Self(Arc::new(Inner { refusing: Mutex::new(None), accepting }))
    }
}

impl TrailHealth {
    /// Notes how an attempt ended: well, or why not. What changes is logged.
    pub fn note(&self, outcome: Result<(), &'static str>) {
        let refusing = outcome.err();
        let mut known = self.0.refusing.lock().unwrap_or_else(PoisonError::into_inner);
        if *known == refusing {
            return;
        }
        match refusing {
            Some(reason) => tracing::error!("the audit trail does not accept records: {reason}"),
            None => tracing::info!("the audit trail accepts records again"),
        }
        *known = refusing;
        self.0.accepting.set(if refusing.is_none() { 1.0 } else { 0.0 });
    }

    /// Whether the last attempt failed.
    #[must_use]
    pub fn is_refusing(&self) -> bool {
        self.0.refusing.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// For `/ready`.
    ///
    /// # Errors
    /// Why the trail takes nothing: no request can be answered then.
    pub fn ready(&self) -> Result<(), String> {
        match *self.0.refusing.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(reason) => Err(format!("the audit trail does not accept records: {reason}")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_told_until_records_are_accepted_again() {
        let health = TrailHealth::default();
        let told = health.clone();
        assert_eq!((told.ready(), told.is_refusing()), (Ok(()), false));
        health.note(Err("no space"));
        let reason = "the audit trail does not accept records: no space".to_owned();
        assert_eq!((told.ready(), told.is_refusing()), (Err(reason), true));
        health.note(Ok(()));
        assert_eq!(told.ready(), Ok(()));
    }
}

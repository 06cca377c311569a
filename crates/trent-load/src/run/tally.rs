//! What is counted while the load runs, by each thread for itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::latencies::Latencies;
use crate::retry::Fault;

/// How often a code was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ErrorCount {
    /// Attempts that ended with it.
    pub(crate) attempts: u64,
    /// Requests that failed for good with it.
    pub(crate) failed: u64,
}

/// Errors by code.
pub(crate) type Errors = BTreeMap<String, ErrorCount>;

/// One operation's counts.
#[derive(Clone)]
pub(crate) struct OperationTally {
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) attempts: u64,
    pub(crate) retries: u64,
    pub(crate) errors: Errors,
    /// From the intended start to the last byte of a success, waiting and retries included.
    pub(crate) response: Latencies,
    /// From the first byte sent of the attempt that succeeded to its last byte received.
    pub(crate) service: Latencies,
}

impl OperationTally {
    pub(crate) fn new() -> Result<Self, LoadError> {
        let (response, service) = (Latencies::new()?, Latencies::new()?);
        let errors = Errors::new();
        Ok(Self { succeeded: 0, failed: 0, attempts: 0, retries: 0, errors, response, service })
    }

    fn fail(&mut self, fault: &Fault, for_good: bool) {
        let count = match self.errors.get_mut(&fault.code) {
            Some(count) => count,
            None => self.errors.entry(fault.code.clone()).or_default(),
        };
        count.attempts += 1;
        count.failed += u64::from(for_good);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.attempts += other.attempts;
        self.retries += other.retries;
        self.response.merge(&other.response);
        self.service.merge(&other.service);
        for (code, count) in &other.errors {
            let sum = self.errors.entry(code.clone()).or_default();
            sum.attempts += count.attempts;
            sum.failed += count.failed;
        }
    }
}

/// What ended within one second.
#[derive(Clone)]
pub(crate) struct Second {
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) retries: u64,
    pub(crate) response: Latencies,
}

impl Second {
    pub(crate) fn new() -> Result<Self, LoadError> {
        Ok(Self { succeeded: 0, failed: 0, retries: 0, response: Latencies::new()? })
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.retries += other.retries;
        self.response.merge(&other.response);
    }

    pub(crate) fn clear(&mut self) {
        (self.succeeded, self.failed, self.retries) = (0, 0, 0);
        self.response.clear();
    }
}

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Succeeded {
        response: Duration,
        service: Duration,
    },
    /// There will be another attempt.
    Retried(Fault),
    Failed(Fault),
}

/// One thread's counts.
#[derive(Clone)]
pub(crate) struct Tally {
    /// As in the mix.
    pub(crate) operations: Vec<OperationTally>,
    pub(crate) warm_up_succeeded: u64,
    pub(crate) warm_up_failed: u64,
    pub(crate) second: Second,
}

impl Tally {
    pub(crate) fn new(operations: usize) -> Result<Self, LoadError> {
        let operations = (0..operations).map(|_| OperationTally::new());
        Ok(Self {
            operations: operations.collect::<Result<_, _>>()?,
            warm_up_succeeded: 0,
            warm_up_failed: 0,
            second: Second::new()?,
        })
    }

    /// Counts an attempt; those that were due in the warm-up only into its own counts.
    pub(crate) fn count(&mut self, operation: usize, measured: bool, ended: &Ended) {
        match ended {
            Ended::Succeeded { response, .. } => {
                self.second.succeeded += 1;
                self.second.response.record(*response);
                self.warm_up_succeeded += u64::from(!measured);
            }
            Ended::Retried(_) => self.second.retries += 1,
            Ended::Failed(_) => {
                self.second.failed += 1;
                self.warm_up_failed += u64::from(!measured);
            }
        }
        let Some(tally) = self.operations.get_mut(operation).filter(|_| measured) else { return };
        tally.attempts += 1;
        match ended {
            Ended::Succeeded { response, service } => {
                tally.succeeded += 1;
                tally.response.record(*response);
                tally.service.record(*service);
            }
            Ended::Retried(fault) => {
                tally.retries += 1;
                tally.fail(fault, false);
            }
            Ended::Failed(fault) => {
                tally.failed += 1;
                tally.fail(fault, true);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.operations.iter_mut().zip(&other.operations).for_each(|(to, from)| to.merge(from));
        self.warm_up_succeeded += other.warm_up_succeeded;
        self.warm_up_failed += other.warm_up_failed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_retries_and_failures_are_counted_apart() {
        let fault = Fault { code: "Timeout".into(), retryable: true };
        let took = Duration::from_millis(3);
        let success = Ended::Succeeded { response: took, service: took };
        let mut tally = Tally::new(1).unwrap();
        tally.count(0, false, &Ended::Failed(fault.clone()));
        tally.count(0, true, &Ended::Retried(fault.clone()));
        tally.count(0, true, &success);
        tally.count(0, true, &Ended::Failed(fault));
        let mut sum = Tally::new(1).unwrap();
        sum.merge(&tally);
        let found = &sum.operations[0];
        assert_eq!((found.succeeded, found.failed, found.attempts, found.retries), (1, 1, 3, 1));
        assert_eq!(found.errors["Timeout"], ErrorCount { attempts: 2, failed: 1 });
        assert_eq!((sum.warm_up_failed, found.response.count()), (1, 1));
    }
}

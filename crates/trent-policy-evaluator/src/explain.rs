//! Why requests were denied: explanations on their way to the store, off the way of requests.
//!
//! An explanation names policies, statements, operators and condition keys, and never a value: not
//! the policy's and not the request's.

use std::sync::{Arc, Mutex, PoisonError};

use metrics::{Counter, counter, describe_counter};
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, Receiver, Sender};
use trent_bus::messages;
use trent_policy::{
    Decision, Effect, Explained, FailedTest, Inputs, Outcome, StatementOutcome, Verdict,
};
use trent_runtime::Shutdown;
use trent_store::StoredExplanation;
use trent_types::{Grant, KeyArn};

use crate::core::Core;

/// Explanations that wait for the store; more are dropped.
const WAITING_MAX: usize = 4_096;
/// Explanations that are written at a time.
const BATCH: usize = 256;
/// How long an explanation is kept: 90 days.
const KEPT_MS: i64 = 90 * 86_400_000;

const DROPPED: &str = "trent_policy_explanations_dropped_total";

/// Explanations that wait for the store.
pub(crate) struct Explanations {
    sender: Sender<StoredExplanation>,
    receiver: Mutex<Option<Receiver<StoredExplanation>>>,
    dropped: Counter,
}

impl Explanations {
    pub(crate) fn new() -> Self {
        describe_counter!(DROPPED, "Explanations of denials that were not kept");
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        Self { sender, receiver: Mutex::new(Some(receiver)), dropped: counter!(DROPPED) }
    }

    /// Hands an explanation over, if there is room.
    pub(crate) fn keep(&self, explanation: StoredExplanation) {
        if self.sender.try_send(explanation).is_err() {
            self.dropped.increment(1);
        }
    }

    /// Those that wait; `None` when somebody has them already.
    fn waiting(&self) -> Option<Receiver<StoredExplanation>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Writes explanations until shutdown, and then once more what is there.
pub(crate) async fn write(core: Arc<Core>, mut shutdown: Shutdown) {
    let Some(mut waiting) = core.explanations.waiting() else { return };
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let ends = tokio::select! {
            () = shutdown.requested() => true,
            _ = waiting.recv_many(&mut batch, BATCH) => false,
        };
        if ends {
            while let Ok(one) = waiting.try_recv() {
                batch.push(one);
            }
        }
        for part in batch.chunks(BATCH) {
            let forget_before = core.clock.now().plus_millis(-KEPT_MS);
            if let Err(error) = core.store.put_explanations(part, forget_before).await {
                core.explanations.dropped.increment(part.len() as u64);
                tracing::warn!(%error, lost = part.len(), "explanations were not kept");
            }
        }
        batch.clear();
        if ends {
            return;
        }
    }
}

/// What a decision is about, as its explanation tells it.
pub(crate) struct Asked<'a> {
    pub(crate) action: &'a str,
    /// The key, where it is one.
    pub(crate) key: Option<KeyArn>,
    /// The grants that were considered.
    pub(crate) grants: &'a [Grant],
}

/// The explanation of a decision, as JSON.
pub(crate) fn json(decision: &Decision<'_>, inputs: &Inputs<'_>, asked: &Asked<'_>) -> String {
    let explanation = decision.explain(inputs);
    let verdicts = explanation.verdicts;
    let value = json!({
        "action": asked.action,
        "keyArn": asked.key.map(|arn| arn.to_string()),
        "outcome": outcome(explanation.outcome),
        "decidedBy": explanation.decided_by.map(policy_type),
        "verdicts": {
            "resourceBased": verdict(verdicts.resource_based),
            "identityBased": verdict(verdicts.identity_based),
            "permissionsBoundary": verdict(verdicts.boundary),
            "session": verdict(verdicts.session),
        },
        "statements": explanation.statements.iter().map(statement).collect::<Vec<_>>(),
        "grants": asked.grants.iter().map(|one| one.grant_id.to_string()).collect::<Vec<_>>(),
    });
    value.to_string()
}

/// The explanation of a denial that no statement has to do with.
pub(crate) fn plain(action: &str, key: Option<KeyArn>, reason: &str) -> String {
    let key = key.map(|arn| arn.to_string());
    json!({ "action": action, "keyArn": key, "outcome": "denied", "reason": reason }).to_string()
}

fn statement(explained: &Explained) -> Value {
    let (became, failed) = match &explained.outcome {
        StatementOutcome::Applied => ("applied", Vec::new()),
        StatementOutcome::NotCovering => ("notCovering", Vec::new()),
        StatementOutcome::ConditionsFailed(tests) => {
            let test = |one: &FailedTest| json!({ "operator": one.operator, "key": one.key });
            ("conditionsFailed", tests.iter().map(test).collect())
        }
    };
    let effect = match explained.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    json!({
        "policyType": policy_type(explained.policy_type),
        "source": explained.source,
        "sid": explained.sid,
        "index": explained.index,
        "effect": effect,
        "outcome": became,
        "failedConditions": failed,
        "decisive": explained.decisive,
    })
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::ExplicitlyDenied => "explicitDeny",
        Outcome::ImplicitlyDenied => "implicitDeny",
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Absent => "absent",
        Verdict::Silent => "silent",
        Verdict::Allows => "allows",
        Verdict::Denies => "denies",
    }
}

fn policy_type(policy_type: trent_policy::PolicyType) -> &'static str {
    policy_type.as_str()
}

/// The explanations as they travel.
pub(crate) fn to_message(stored: Vec<StoredExplanation>) -> messages::Explanations {
    let explanation = |one: StoredExplanation| messages::Explanation {
        request_id: trent_bus::convert::bytes(one.request_id.as_bytes()),
        at_ms: one.at.as_millis(),
        key_arn: one.key.map(|arn| arn.to_string()).unwrap_or_default(),
        account: one.account.as_str().to_owned(),
        json: one.json,
    };
    messages::Explanations { explanations: stored.into_iter().map(explanation).collect() }
}

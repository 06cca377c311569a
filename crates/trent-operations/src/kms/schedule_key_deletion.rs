//! `ScheduleKeyDeletion`: the key becomes unusable at once and is destroyed after 7 to 30 days.

use trent_types::{Change, KeyState, KeyUpdate};

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state::in_state;
use crate::kms::rotation::DAY_MS;
use crate::ports::Question;
use crate::record::java_date;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, condition, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ScheduleKeyDeletion;

shape! {
    ScheduleKeyDeletionShape<'a> {
        key_id: "KeyId" => Text<'a>,
        days: "PendingWindowInDays" => Integer,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    /// 7 to 30.
    days: i64,
}

impl Steps for ScheduleKeyDeletion {
    const NAME: &'static str = "ScheduleKeyDeletion";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ScheduleKeyDeletionShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.range("pendingWindowInDays", shape.days, 1..=365);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let days = shape.days.map_or(30, |Integer(days)| days);
        if !(7..=30).contains(&days) {
            // The model allows 1 to 365; the service's own text for its narrower rule is not
            // published.
            return Err(AwsError::new(
                ErrorCode::Validation,
                "PendingWindowInDays must be between 7 and 30 days (inclusive).",
            ));
        }
        Ok(Input { key_id, days })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let mut question = about_key("kms:ScheduleKeyDeletion", &input.key_id);
        let name = "kms:ScheduleKeyDeletionPendingWindowInDays";
        question.conditions.push(condition(name, &input.days.to_string()));
        vec![question]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.number("pendingWindowInDays", input.days);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        in_state(key, |state| !state.is_pending_deletion() && state != KeyState::Updating)?;
        let arn = key.arn();
        // A primary key outlives its replicas: its waiting period begins when the last one is gone.
        let waits = key.is_primary() && key.related().next().is_some();
        let date = call.key_now.plus_millis(input.days * DAY_MS);
        let (update, state, deletion_date) = if waits {
            // Cannot be cut short: at most 30.
            let pending_window_days = input.days as u32;
            let update = KeyUpdate::ScheduleReplicaDeletion { pending_window_days };
            (update, KeyState::PendingReplicaDeletion, None)
        } else {
            let update = KeyUpdate::ScheduleDeletion { deletion_date: date };
            (update, KeyState::PendingDeletion, Some(date))
        };
        let state = state.as_str();
        let body = object(256, |out| {
            out.id("KeyId", &arn);
            if let Some(date) = deletion_date {
                out.epoch_seconds("DeletionDate", date);
            }
            out.text("KeyState", state);
            out.number("PendingWindowInDays", input.days);
        });
        let elements = object(256, |out| {
            out.id("keyId", &arn);
            out.text("keyState", state);
            if let Some(date) = deletion_date {
                out.text("deletionDate", &java_date(date));
            }
            out.number("pendingWindowInDays", input.days);
        });
        let change = Change::UpdateKey { key: arn, version: key.version, update };
        Ok(Done { body, change: Some(change), elements: Some(elements), ..Done::default() })
    }
}

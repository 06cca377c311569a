//! `ListPublicKeys`: the keys that digest files and checkpoints of a time are signed with.

use trent_types::Timestamp;

use super::in_order;
use crate::decode::{Moment, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::record::java_date;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct ListPublicKeys;

shape! {
    ListPublicKeysShape<'a> {
        start: "StartTime" => Moment,
        end: "EndTime" => Moment,
    }
}

/// A validated request.
pub(crate) struct Input {
    given: [Option<Timestamp>; 2],
    from: Timestamp,
    to: Timestamp,
}

impl Steps for ListPublicKeys {
    const NAME: &'static str = "ListPublicKeys";
    const READ_ONLY: bool = true;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        let shape: ListPublicKeysShape<'a> = body(request.body)?;
        let given = [shape.start, shape.end].map(|one| one.map(|Moment(moment)| moment));
        let [from, to] = given.map(|one| one.unwrap_or(request.received_at));
        in_order(from, to)?;
        Ok(Input { given, from, to })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("cloudtrail:ListPublicKeys", Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        for (name, moment) in ["startTime", "endTime"].into_iter().zip(input.given) {
            if let Some(moment) = moment {
                out.text(name, &java_date(moment));
            }
        }
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let keys = call.ports.trail.public_keys(id, permit, input.from, input.to).await?;
        Ok(Done::answer(object(64 + keys.len() * 640, |out| {
            out.list("PublicKeyList", &keys, |out, key| {
                let mut shown = Object::begin(out);
                shown.blob("Value", &key.der);
                shown.epoch_seconds("ValidityStartTime", key.from);
                shown.epoch_seconds("ValidityEndTime", key.to);
                shown.text("Fingerprint", &key.fingerprint);
                shown.end();
            });
        })))
    }
}

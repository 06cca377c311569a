//! `GenerateRandom`: 1 to 1024 random bytes.

use serde::de::IgnoredAny;
use trent_types::{Primitive, Primitives};

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::request::Request;
use crate::rules;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct GenerateRandom;

shape! {
    GenerateRandomShape<'a> {
        number_of_bytes: "NumberOfBytes" => Integer,
        custom_key_store_id: "CustomKeyStoreId" => Text<'a>,
        recipient: "Recipient" => IgnoredAny,
    }
}

impl Steps for GenerateRandom {
    const NAME: &'static str = "GenerateRandom";
    const READ_ONLY: bool = true;
    /// The number of bytes.
    type Input<'a> = u32;

    fn decode<'a>(request: &Request<'a>) -> Result<u32, AwsError> {
        let shape: GenerateRandomShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        // The model says optional; the service refuses a request without it.
        found.required("numberOfBytes", shape.number_of_bytes.as_ref());
        found.range("numberOfBytes", shape.number_of_bytes, 1..=1024);
        found.length("customKeyStoreId", shape.custom_key_store_id.as_ref(), 1..=64);
        found.finish()?;
        rules::not_served("CustomKeyStoreId", shape.custom_key_store_id.is_some())?;
        rules::not_served("Recipient", shape.recipient.is_some())?;
        // Cannot be cut short: at most 1024.
        Ok(rules::present(shape.number_of_bytes)?.0 as u32)
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let question = rules::about("kms:GenerateRandom", Resource::Arn("*"));
        vec![Question { primitives: Primitives::only(Primitive::GenerateRandom), ..question }]
    }

    fn parameters(_: &Self::Input<'_>, _: &mut Object<'_>) {}

    async fn perform(number_of_bytes: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let bytes = call.ports.worker.generate_random(id, permit, *number_of_bytes).await?;
        Ok(Done::answer(object(64 + bytes.len() * 4 / 3, |out| {
            out.blob("Plaintext", bytes.expose());
        })))
    }
}

//! `GenerateDataKey`: a data key, in the clear and under a key.

use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::kms::data_key::{self, Input};
use crate::ports::Question;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GenerateDataKey;

impl Steps for GenerateDataKey {
    const NAME: &'static str = "GenerateDataKey";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        data_key::decode(request, true)
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        data_key::questions("kms:GenerateDataKey", input)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        data_key::parameters(input, out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        data_key::perform(input, call, true).await
    }
}

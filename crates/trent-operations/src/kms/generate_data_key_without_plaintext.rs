//! `GenerateDataKeyWithoutPlaintext`: a data key, under a key only.

use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::kms::data_key::{self, Input};
use crate::ports::Question;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Steps for GenerateDataKeyWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyWithoutPlaintext";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        data_key::decode(request, false)
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        data_key::questions("kms:GenerateDataKeyWithoutPlaintext", input)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        data_key::parameters(input, out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        data_key::perform(input, call, false).await
    }
}

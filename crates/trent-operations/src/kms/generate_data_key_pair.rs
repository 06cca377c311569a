//! `GenerateDataKeyPair`: a key pair, its private key in the clear and under a key.

use trent_types::KeySpec;

use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::kms::data_key_pair::{self, Input};
use crate::ports::Question;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct GenerateDataKeyPair;

impl Steps for GenerateDataKeyPair {
    const NAME: &'static str = "GenerateDataKeyPair";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        data_key_pair::decode(request, true)
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        data_key_pair::questions("kms:GenerateDataKeyPair", input)
    }

    fn pair_spec(input: &Self::Input<'_>) -> Option<KeySpec> {
        Some(input.spec)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        data_key_pair::parameters(input, out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        data_key_pair::perform(input, call, Self::NAME, true).await
    }
}

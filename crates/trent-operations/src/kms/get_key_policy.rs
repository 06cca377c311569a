//! `GetKeyPolicy`: the key policy, exactly as it was stored.

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::ports::Question;
use crate::refusals::not_found;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, condition, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::{POLICY_NAME, Violations};

/// The operation.
pub(crate) struct GetKeyPolicy;

shape! {
    GetKeyPolicyShape<'a> {
        key_id: "KeyId" => Text<'a>,
        policy_name: "PolicyName" => Text<'a>,
    }
}

impl Steps for GetKeyPolicy {
    const NAME: &'static str = "GetKeyPolicy";
    const READ_ONLY: bool = true;
    type Input<'a> = Text<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
        let shape: GetKeyPolicyShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.length("policyName", shape.policy_name.as_ref(), 1..=128);
        found.pattern("policyName", shape.policy_name.as_ref(), &POLICY_NAME);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        if shape.policy_name.is_some_and(|name| &*name != "default") {
            return Err(AwsError::new(ErrorCode::NotFound, "No such policy exists"));
        }
        Ok(key_id)
    }

    fn questions<'q>(key_id: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let mut question = about_key("kms:GetKeyPolicy", key_id);
        question.conditions.push(condition("kms:PolicyName", "default"));
        vec![question]
    }

    fn parameters(key_id: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", key_id);
        out.text("policyName", "default");
    }

    async fn perform(_: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?;
        let found = call.ports.registry.key_policy(call.request.request_id, key.permit).await?;
        let policy = found.ok_or_else(|| not_found(&key.record.arn()))?;
        Ok(Done::answer(object(64 + policy.len() * 5 / 4, |out| {
            out.text("Policy", &policy);
            out.text("PolicyName", "default");
        })))
    }
}

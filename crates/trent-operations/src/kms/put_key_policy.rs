//! `PutKeyPolicy`: replaces the key policy.

use trent_types::Change;

use crate::decode::{Flag, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::ports::Question;
use crate::request::Request;
use crate::rules::{about_key, check_key_id, condition, is_set, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::{POLICY, POLICY_NAME, Violations};

/// The operation.
pub(crate) struct PutKeyPolicy;

/// The largest key policy, in bytes.
const POLICY_MAX: usize = 32_768;

shape! {
    PutKeyPolicyShape<'a> {
        key_id: "KeyId" => Text<'a>,
        policy_name: "PolicyName" => Text<'a>,
        policy: "Policy" => Text<'a>,
        bypass: "BypassPolicyLockoutSafetyCheck" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    policy: Text<'a>,
    bypass: bool,
}

/// Whether a policy that fits the model is small enough for a key.
pub(crate) fn check_size(policy: &str) -> Result<(), AwsError> {
    if policy.len() > POLICY_MAX {
        let text = format!("Key policy size quota is {POLICY_MAX} bytes, got {}.", policy.len());
        return Err(AwsError::new(ErrorCode::LimitExceeded, text));
    }
    Ok(())
}

impl Steps for PutKeyPolicy {
    const NAME: &'static str = "PutKeyPolicy";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: PutKeyPolicyShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.length("policyName", shape.policy_name.as_ref(), 1..=128);
        found.pattern("policyName", shape.policy_name.as_ref(), &POLICY_NAME);
        found.required("policy", shape.policy.as_ref());
        found.length("policy", shape.policy.as_ref(), 1..=131_072);
        found.pattern("policy", shape.policy.as_ref(), &POLICY);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        match shape.policy_name.as_deref() {
            None | Some("default") => {}
            Some("AWS_RAM") => {
                let text = "The AWS_RAM policy can only be managed by the RAM service.";
                return Err(AwsError::new(ErrorCode::Validation, text));
            }
            // The API reference says that the only valid value is `default`, not how others are
            // refused.
            Some(_) => {
                let text = "The only valid policy name is default.";
                return Err(AwsError::new(ErrorCode::Validation, text));
            }
        }
        let policy = present(shape.policy)?;
        check_size(&policy)?;
        Ok(Input { key_id, policy, bypass: is_set(shape.bypass) })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let mut question = about_key("kms:PutKeyPolicy", &input.key_id);
        question.conditions.push(condition("kms:PolicyName", "default"));
        if input.bypass {
            question.conditions.push(condition("kms:BypassPolicyLockoutSafetyCheck", "true"));
        }
        vec![question]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.text("policyName", "default");
        out.text("policy", &input.policy);
        out.boolean("bypassPolicyLockoutSafetyCheck", input.bypass);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record;
        let change = Change::PutKeyPolicy {
            key: key.arn(),
            version: key.version,
            policy: input.policy.to_string(),
            bypass_lockout_check: input.bypass,
        };
        Ok(Done::key_changed(&key.arn(), Some(change)))
    }
}

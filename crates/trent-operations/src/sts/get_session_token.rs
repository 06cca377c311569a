//! `GetSessionToken`: temporary credentials of the user who calls.
//!
//! AWS asks for no permission, but a policy can deny it: the evaluator allows the question to users
//! and to the root user unless a policy says no.

use trent_types::{Caller, SessionOf, SessionRequest};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::xml::answer;
use crate::request::{Request, ServiceName};
use crate::rules::about;
use crate::steps::{Call, Done, Steps};
use crate::sts::credentials;

/// How long they are good when nobody says, in seconds.
const DURATION_DEFAULT: u32 = 43_200;
/// How long those of the root user are good at most.
const DURATION_OF_ROOT_MAX: u32 = 3600;

/// The operation.
pub(crate) struct GetSessionToken;

impl Steps for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    const READ_ONLY: bool = true;
    type Input<'a> = Option<u32>;

    fn decode<'a>(request: &Request<'a>) -> Result<Option<u32>, AwsError> {
        read(request, |fields| {
            let duration = fields.number("DurationSeconds", 900..=129_600);
            credentials::refuse_mfa(fields);
            fields.not_served("MinimumSessionTokenSize");
            duration.and_then(|seconds| u32::try_from(seconds).ok())
        })
    }

    fn barred(_: &Self::Input<'_>, caller: &Caller) -> Result<(), AwsError> {
        if caller.session.is_some() {
            let text = "Cannot call GetSessionToken with session credentials";
            return Err(AwsError::new(ErrorCode::AccessDenied, text));
        }
        Ok(())
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("sts:GetSessionToken", Resource::Arn("*"))]
    }

    fn parameters(duration: &Self::Input<'_>, out: &mut Object<'_>) {
        if let Some(seconds) = duration {
            out.number("durationSeconds", i64::from(*seconds));
        }
    }

    async fn perform(duration: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let asked = duration.unwrap_or(DURATION_DEFAULT);
        let root = call.caller.is_root();
        let session = SessionRequest {
            of: SessionOf::Caller,
            duration_seconds: if root { asked.min(DURATION_OF_ROOT_MAX) } else { asked },
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
        };
        let issued = credentials::issue(call, &session).await?;
        let mut written = Ok(());
        let body = answer(ServiceName::Sts, Self::NAME, &call.request_id(), |out| {
            written = credentials::elements(out, &issued);
        });
        written?;
        let elements = object(160, |out| credentials::show(out, &issued));
        Ok(Done { elements: Some(elements), ..Done::answer(body) })
    }
}

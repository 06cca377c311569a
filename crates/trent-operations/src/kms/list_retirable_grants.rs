//! `ListRetirableGrants`: the grants that a principal may retire, on whatever keys of the Region.

use trent_types::{GrantId, GrantPrincipal, KeyArn};

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::kms::grant::{self, PAGE, invalid};
use crate::kms::page::{self, Page};
use crate::ports::{Question, Resource};
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ListRetirableGrants;

shape! {
    ListRetirableGrantsShape<'a> {
        limit: "Limit" => Integer,
        marker: "Marker" => Text<'a>,
        retiring: "RetiringPrincipal" => Text<'a>,
        retiring_service: "RetiringServicePrincipal" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    /// The ARN of the principal, which is what the permission is for.
    retiring: String,
    page: Page<'a>,
}

impl Steps for ListRetirableGrants {
    const NAME: &'static str = "ListRetirableGrants";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ListRetirableGrantsShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        page::check(&mut found, shape.limit, shape.marker.as_ref());
        grant::check_principal(&mut found, "retiringPrincipal", shape.retiring.as_ref());
        let service = shape.retiring_service.as_ref();
        grant::check_service(&mut found, "retiringServicePrincipal", service);
        found.finish()?;
        let retiring = grant::one_principal(
            ("RetiringPrincipal", shape.retiring.as_ref()),
            ("RetiringServicePrincipal", service),
        )?;
        let retiring = match retiring {
            Some(GrantPrincipal::Arn(arn)) => arn,
            Some(GrantPrincipal::Service(_)) => {
                return Err(grant::for_services_only("RetiringServicePrincipal"));
            }
            None => {
                let text = "Specify either RetiringPrincipal or RetiringServicePrincipal.";
                return Err(invalid(text));
            }
        };
        if !is_iam_arn(&retiring) {
            let text = format!("Invalid arn {retiring}");
            return Err(AwsError::new(ErrorCode::InvalidArn, text));
        }
        Ok(Input { retiring, page: Page::new(shape.limit, shape.marker, PAGE)? })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("kms:ListRetirableGrants", Resource::Arn(&input.retiring))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("retiringPrincipal", &input.retiring);
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let of = &input.retiring;
        let after = match input.page.after(call, Self::NAME, of)? {
            Some(text) => Some(position(&text).ok_or(AwsError::bare(ErrorCode::InvalidMarker))?),
            None => None,
        };
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let registry = call.ports.registry;
        let (grants, more) =
            registry.retirable_grants(id, permit, of, after, input.page.limit).await?;
        let last = grants.last().filter(|_| more);
        let last = last.map(|grant| format!("{} {}", grant.key, grant.grant_id));
        Ok(Done::answer(object(64 + grants.len() * 640, |out| {
            grant::list(out, &grants);
            page::finish(out, call, Self::NAME, of, last.as_deref());
        })))
    }
}

/// Whether a text is an ARN of IAM or STS with an account in it.
fn is_iam_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam" | "sts", "", account, resource]
        if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())
            && !resource.is_empty())
}

/// The entry that a marker names.
fn position(text: &str) -> Option<(KeyArn, GrantId)> {
    let (key, grant) = text.split_once(' ')?;
    Some((key.parse().ok()?, grant.parse().ok()?))
}

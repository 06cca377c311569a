//! `ListGrants`: the grants of a key.

use trent_types::{GrantId, GrantPrincipal};

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::kms::grant::{self, PAGE};
use crate::kms::page::{self, Page};
use crate::ports::{GrantFilter, Question};
use crate::request::Request;
use crate::rules::{about_key, check_key_id, no_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ListGrants;

shape! {
    ListGrantsShape<'a> {
        limit: "Limit" => Integer,
        marker: "Marker" => Text<'a>,
        key_id: "KeyId" => Text<'a>,
        grant_id: "GrantId" => Text<'a>,
        grantee: "GranteePrincipal" => Text<'a>,
        grantee_service: "GranteeServicePrincipal" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    grant_id: Option<GrantId>,
    grantee: Option<GrantPrincipal>,
    page: Page<'a>,
}

impl Steps for ListGrants {
    const NAME: &'static str = "ListGrants";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ListGrantsShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        page::check(&mut found, shape.limit, shape.marker.as_ref());
        check_key_id(&mut found, shape.key_id.as_ref());
        found.length("grantId", shape.grant_id.as_ref(), 1..=128);
        grant::check_principal(&mut found, "granteePrincipal", shape.grantee.as_ref());
        grant::check_service(&mut found, "granteeServicePrincipal", shape.grantee_service.as_ref());
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let grantee = grant::one_principal(
            ("GranteePrincipal", shape.grantee.as_ref()),
            ("GranteeServicePrincipal", shape.grantee_service.as_ref()),
        )?;
        Ok(Input {
            key_id,
            grant_id: shape.grant_id.as_deref().map(grant::grant_id).transpose()?,
            grantee,
            page: Page::new(shape.limit, shape.marker, PAGE)?,
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about_key("kms:ListGrants", &input.key_id)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        if let Some(id) = &input.grant_id {
            out.id("grantId", id);
        }
        match &input.grantee {
            Some(GrantPrincipal::Arn(arn)) => out.text("granteePrincipal", arn),
            Some(GrantPrincipal::Service(name)) => out.text("granteeServicePrincipal", name),
            None => {}
        }
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        if matches!(input.grantee, Some(GrantPrincipal::Service(_))) {
            return Err(grant::for_services_only("GranteeServicePrincipal").into());
        }
        let key = call.key(0)?;
        let filter = GrantFilter { grant_id: input.grant_id, grantee: input.grantee.as_ref() };
        let of = filter_text(input, &key.record.arn());
        let after = match input.page.after(call, Self::NAME, &of)? {
            Some(id) => Some(id.parse().map_err(|_| AwsError::bare(ErrorCode::InvalidMarker))?),
            None => None,
        };
        let (id, registry) = (call.request.request_id, call.ports.registry);
        let (grants, more) =
            registry.grants(id, key.permit, filter, after, input.page.limit).await?;
        if input.grant_id.is_some() && input.grantee.is_none() && grants.is_empty() {
            return Err(AwsError::bare(ErrorCode::InvalidGrantId).into());
        }
        let last = grants.last().filter(|_| more).map(|grant| grant.grant_id.to_string());
        Ok(Done::answer(object(64 + grants.len() * 640, |out| {
            grant::list(out, &grants);
            page::finish(out, call, Self::NAME, &of, last.as_deref());
        })))
    }
}

/// What a marker is good for: the same grants of the same key.
fn filter_text(input: &Input<'_>, key: &dyn std::fmt::Display) -> String {
    let grant_id = input.grant_id.map(|id| id.to_string()).unwrap_or_default();
    let grantee = input.grantee.as_ref().map_or("", GrantPrincipal::as_str);
    format!("{key} {grant_id} {grantee}")
}

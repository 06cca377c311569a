//! Pages of lists: limits, and markers that are good for one list only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode};
use crate::json::{Object, object};
use crate::steps::Call;
use crate::validate::{MARKER, Violations};

/// Which part of a list is asked for.
pub(crate) struct Page<'a> {
    given_limit: Option<i64>,
    marker: Option<Text<'a>>,
    /// How many entries a page has at most.
    pub(crate) limit: u32,
}

shape! {
    /// What a marker holds: the list it belongs to, and where that goes on.
    MarkerShape<'a> {
        operation: "o" => Text<'a>,
        account: "a" => Text<'a>,
        region: "r" => Text<'a>,
        filter: "f" => Text<'a>,
        after: "k" => Text<'a>,
    }
}

/// Validates `Limit` and `Marker`, in the model's order.
pub(crate) fn check(found: &mut Violations, limit: Option<Integer>, marker: Option<&Text<'_>>) {
    found.range("limit", limit, 1..=1000);
    found.length("marker", marker, 1..=1024);
    found.pattern("marker", marker, &MARKER);
}

impl<'a> Page<'a> {
    /// The page, with the operation's own limits: its default, and its maximum below the model's
    /// 1000.
    pub(crate) fn new(
        limit: Option<Integer>,
        marker: Option<Text<'a>>,
        (default, max): (u32, u32),
    ) -> Result<Self, AwsError> {
        let mut found = Violations::default();
        found.range("limit", limit, 1..=i64::from(max));
        found.finish()?;
        let given_limit = limit.map(|Integer(limit)| limit);
        let limit = given_limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(default);
        Ok(Self { given_limit, marker, limit })
    }

    /// Where to go on: after this entry.
    pub(crate) fn after(
        &self,
        call: &Call<'_>,
        operation: &str,
        filter: &str,
    ) -> Result<Option<String>, AwsError> {
        let Some(marker) = &self.marker else { return Ok(None) };
        let bad = || AwsError::bare(ErrorCode::InvalidMarker);
        let bytes = STANDARD.decode(&**marker).map_err(|_| bad())?;
        let shape: MarkerShape<'_> = body(&bytes).map_err(|_| bad())?;
        let is = |member: &Option<Text<'_>>, value: &str| member.as_deref() == Some(value);
        let ours = is(&shape.operation, operation)
            && is(&shape.account, call.caller.account.as_str())
            && is(&shape.region, call.request.region.as_str())
            && is(&shape.filter, filter);
        match shape.after {
            Some(after) if ours => Ok(Some(after.0.into_owned())),
            Some(_) | None => Err(bad()),
        }
    }

    /// `requestParameters`.
    pub(crate) fn parameters(&self, out: &mut Object<'_>) {
        if let Some(limit) = self.given_limit {
            out.number("limit", limit);
        }
        out.text_if("marker", self.marker.as_deref());
    }
}

/// Writes `Truncated`, and `NextMarker` when the list goes on after an entry.
pub(crate) fn finish(
    out: &mut Object<'_>,
    call: &Call<'_>,
    operation: &str,
    filter: &str,
    last: Option<&str>,
) {
    if let Some(last) = last {
        let marker = object(256, |marker| {
            marker.text("o", operation);
            marker.text("a", call.caller.account.as_str());
            marker.text("r", call.request.region.as_str());
            marker.text("f", filter);
            marker.text("k", last);
        });
        out.blob("NextMarker", &marker);
    }
    out.boolean("Truncated", last.is_some());
}

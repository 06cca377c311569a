//! Pages of lists: limits, and markers that are good for one list only.

use crate::decode::{Integer, Text};
use crate::error::{AwsError, ErrorCode};
use crate::json::Object;
use crate::steps::Call;
use crate::token;
use crate::validate::{MARKER, Violations};

/// Which part of a list is asked for.
pub(crate) struct Page<'a> {
    given_limit: Option<i64>,
    marker: Option<Text<'a>>,
    /// How many entries a page has at most.
    pub(crate) limit: u32,
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
        let after = token::read(marker, call, operation, filter);
        after.map(Some).ok_or(AwsError::bare(ErrorCode::InvalidMarker))
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
        token::write(out, "NextMarker", call, (operation, filter), last);
    }
    out.boolean("Truncated", last.is_some());
}

//! Pages of lists: `MaxItems`, and markers that are good for one list only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, ErrorCode};
use crate::json::{Object, object};
use crate::query::fields::Fields;
use crate::query::rule::MARKER;
use crate::query::xml::{element, flag};
use crate::steps::Call;

/// How many entries a page has when nobody says.
const DEFAULT: u32 = 100;

/// Which part of a list is asked for.
pub(crate) struct Page {
    given: Option<i64>,
    marker: Option<String>,
    /// How many entries a page has at most.
    pub(crate) limit: u32,
}

shape! {
    /// What a marker holds: the list it belongs to, and where that goes on.
    MarkerShape<'a> {
        operation: "o" => Text<'a>,
        account: "a" => Text<'a>,
        filter: "f" => Text<'a>,
        after: "k" => Text<'a>,
    }
}

impl Page {
    /// Reads `Marker` and `MaxItems`.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        let marker = fields.text("Marker", &MARKER);
        let given = fields.number("MaxItems", 1..=1000);
        let limit = given.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(DEFAULT);
        Self { given, marker, limit }
    }

    /// `requestParameters`.
    pub(crate) fn parameters(&self, out: &mut Object<'_>) {
        out.text_if("marker", self.marker.as_deref());
        if let Some(given) = self.given {
            out.number("maxItems", given);
        }
    }

    /// Where to go on: after this entry. The marker must be of this operation with this filter, in
    /// this account.
    pub(crate) fn after(
        &self,
        call: &Call<'_>,
        operation: &str,
        filter: &[&str],
    ) -> Result<Option<String>, AwsError> {
        let Some(marker) = &self.marker else { return Ok(None) };
        let bad = || AwsError::new(ErrorCode::Validation, "Invalid Marker.");
        let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| bad())?;
        let shape: MarkerShape<'_> = body(&bytes).map_err(|_| bad())?;
        let is = |member: &Option<Text<'_>>, value: &str| member.as_deref() == Some(value);
        let ours = is(&shape.operation, operation)
            && is(&shape.account, call.caller.account.as_str())
            && is(&shape.filter, &digest(filter));
        match shape.after {
            Some(after) if ours => Ok(Some(after.0.into_owned())),
            Some(_) | None => Err(bad()),
        }
    }
}

/// Appends `IsTruncated`, and `Marker` when the list goes on after an entry.
pub(crate) fn finish(
    out: &mut String,
    call: &Call<'_>,
    operation: &str,
    filter: &[&str],
    last: Option<&str>,
) {
    flag(out, "IsTruncated", last.is_some());
    if let Some(last) = last {
        let marker = object(256, |marker| {
            marker.text("o", operation);
            marker.text("a", call.caller.account.as_str());
            marker.text("f", &digest(filter));
            marker.text("k", last);
        });
        element(out, "Marker", &URL_SAFE_NO_PAD.encode(marker));
    }
}

/// The part of a list that a page shows, out of all of it, and the place of the last entry when it
/// goes on. `place` names each entry once; the list is in the order of these names.
pub(crate) fn cut<T>(
    all: Vec<T>,
    page: &Page,
    after: Option<&str>,
    place: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut left: Vec<T> =
        all.into_iter().filter(|entry| after.is_none_or(|after| *place(entry) > *after)).collect();
    left.sort_by_cached_key(&place);
    let more = left.len() > limit;
    left.truncate(limit);
    let last = if more { left.last().map(place) } else { None };
    (left, last)
}

/// A short form of the filters, which can be longer than a marker: FNV-1a, 64 bits. Nothing is
/// secret here; whoever makes up a marker asks for a page of a list that is theirs anyway.
fn digest(filter: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in filter.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}

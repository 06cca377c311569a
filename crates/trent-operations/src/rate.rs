//! Request quotas: as what a request counts, and how many of these there may be (AWS KMS Developer
//! Guide, "Request quotas"). The caller's account is charged, whoever owns the key.

use trent_types::{Counted, Quota, QuotaOverride, Region, RequestClass};

use crate::error::{AwsError, ErrorCode};
use crate::ports::GrantedKey;
use crate::steps::{Call, Steps};

/// Counts an allowed request, or refuses it as one too many.
pub(crate) fn count<O: Steps>(input: &O::Input<'_>, call: &Call<'_>) -> Result<(), AwsError> {
    let own = call.request.region;
    let take = |class: RequestClass, region: Region, count: u32| {
        let account = call.caller.account;
        let limit = limit(class, call, region);
        if call.ports.quota.take(account, region, class, count, limit) {
            Ok(())
        } else {
            Err(AwsError::bare(ErrorCode::Throttling))
        }
    };
    match const { Counted::of(O::NAME) } {
        Counted::Not => return Ok(()),
        Counted::Alone(class) => take(class, own, 1)?,
        // A request without its spec is refused anyway; it counts like the slowest.
        Counted::ByPair => {
            take(
                O::pair_spec(input).map_or(RequestClass::PairRsa4096, RequestClass::by_pair),
                own,
                1,
            )?;
        }
        Counted::ByKey => {
            let [first, second] = kinds(call);
            take(first.unwrap_or(RequestClass::Symmetric), own, 1)?;
            // ReEncrypt between keys of two kinds is work for both.
            if let Some(second) = second.filter(|second| Some(*second) != first) {
                take(second, own, 1)?;
            }
        }
    }
    if let Some((region, class, count)) = O::counted_elsewhere(input) {
        take(class, region, count)?;
    }
    Ok(())
}

fn limit(class: RequestClass, call: &Call<'_>, region: Region) -> u64 {
    let overrides = call.quota_overrides.as_slice();
    // Nearly always there is none.
    if overrides.is_empty() {
        return class.default_rate(region);
    }
    let quota = Quota::Request(class);
    let found = QuotaOverride::in_force(overrides, quota, call.caller.account, region);
    found.map_or_else(|| class.default_rate(region), |found| found.value)
}

/// The kinds of the keys that the request uses: ReEncrypt has two, GenerateRandom none.
fn kinds(call: &Call<'_>) -> [Option<RequestClass>; 2] {
    [0, 1].map(|at| match call.granted.get(at)?.key.as_ref()? {
        GrantedKey::Existing(record) => Some(RequestClass::by_key(record.spec)),
        GrantedKey::New(_) => None,
    })
}

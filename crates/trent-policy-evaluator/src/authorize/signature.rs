//! Is the signature good, and whose is it?

use std::sync::Arc;

use trent_sigv4::{SignedRequest, TimeFault};
use trent_types::{Region, SignatureFault, SignatureRefused, Timestamp};

use crate::cache::CachedAccessKey;
use crate::core::{Core, Unavailable};
use crate::sessions::{self, OpenFault};

/// AWS's text for an access key that does not exist, is inactive, or comes with a session token
/// that is not valid.
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
/// AWS's text for temporary credentials whose time is over.
const EXPIRED_TOKEN: &str = "The security token included in the request is expired";
/// What ids of temporary credentials begin with.
const TEMPORARY: &str = "ASIA";
const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the \
    service documentation for details.";

/// Longer texts are not access key ids (IAM: 16 to 128 word characters).
const ACCESS_KEY_ID_MAX: usize = 128;

/// A service that requests are signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Kms,
    Iam,
    Sts,
    CloudTrail,
}

impl Service {
    fn of_scope(name: &str) -> Option<Self> {
        match name {
            "kms" => Some(Self::Kms),
            "iam" => Some(Self::Iam),
            "sts" => Some(Self::Sts),
            "cloudtrail" => Some(Self::CloudTrail),
            _ => None,
        }
    }
}

/// Who signed, and what.
pub(crate) struct Verified {
    pub(crate) access_key: Arc<CachedAccessKey>,
    pub(crate) service: Service,
    pub(crate) region: Region,
    pub(crate) canonical_request: Vec<u8>,
}

/// Why there is nobody to decide about.
pub(crate) enum Refusal {
    Signature(SignatureRefused),
    Unavailable(Unavailable),
}

impl From<Unavailable> for Refusal {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

/// Verifies a signature: its scope, its access key, its time, and the signature itself.
pub(crate) async fn verify(
    core: &Core,
    signed: SignedRequest,
    until: Timestamp,
) -> Result<Verified, Refusal> {
    let (service, region) = scope(core, &signed)?;
    let id = signed.access_key_id.as_str();
    if id.len() > ACCESS_KEY_ID_MAX || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(refused(SignatureFault::UnknownAccessKey, INVALID_TOKEN));
    }
    let session_token = signed.session_token.as_deref().unwrap_or_default();
    let access_key = access_key(core, id, session_token, until).await?;
    let now = core.clock.now();
    trent_sigv4::check_time(&signed, now).map_err(|fault| match fault {
        TimeFault::Expired(text) => refused(SignatureFault::Expired, text),
        TimeFault::NotYetCurrent(text) => refused(SignatureFault::NotYetCurrent, text),
        TimeFault::ScopeDate(text) => refused(SignatureFault::Scope, text),
    })?;
    let (date, region_name, service_name) =
        (&*signed.scope_date, &*signed.scope_region, &*signed.scope_service);
    let scoped = (date, region_name, service_name);
    let (key, is_kept) = match access_key.kept_signing_key(scoped) {
        Some(kept) => (kept, true),
        None => (access_key.derive_signing_key(scoped), false),
    };
    trent_sigv4::verify(&signed, &key).map_err(|_| mismatch())?;
    if !is_kept {
        access_key.keep_signing_key(scoped, &key);
    }
    core.key_uses.note(&access_key, now, (service_name, region_name));
    let canonical_request = signed.canonical_request;
    Ok(Verified { access_key, service, region, canonical_request })
}

/// The access key that signed: temporary credentials come with their token, long-term ones without.
async fn access_key(
    core: &Core,
    id: &str,
    session_token: &str,
    until: Timestamp,
) -> Result<Arc<CachedAccessKey>, Refusal> {
    let unknown = || Refusal::Signature(unknown_access_key());
    match (id.starts_with(TEMPORARY), session_token) {
        (false, "") => {
            let found = core.access_key(id, until).await?;
            found.filter(|key| key.active).ok_or_else(unknown)
        }
        (true, "") => Err(unknown()),
        (false, _) => Err(refused(SignatureFault::SessionToken, INVALID_TOKEN)),
        (true, token) => {
            Box::pin(sessions::open(core, id, token)).await.map_err(|fault| match fault {
                OpenFault::Invalid => refused(SignatureFault::SessionToken, INVALID_TOKEN),
                OpenFault::Expired => refused(SignatureFault::SessionExpired, EXPIRED_TOKEN),
                OpenFault::Unavailable(unavailable) => Refusal::Unavailable(unavailable),
            })
        }
    }
}

/// The refusal of an access key that is not there, or whose user is not.
pub(super) fn unknown_access_key() -> SignatureRefused {
    let fault = SignatureFault::UnknownAccessKey;
    SignatureRefused { fault, message: INVALID_TOKEN.to_owned() }
}

/// The service and Region of the credential scope, if they are served. IAM is one service per
/// partition: its scope may name any Region, whatever Regions are served here, as clients with an
/// endpoint of their own do. That of STS may name the partition's first Region besides.
fn scope(core: &Core, signed: &SignedRequest) -> Result<(Service, Region), Refusal> {
    let service = Service::of_scope(&signed.scope_service)
        .ok_or_else(|| refused(SignatureFault::Scope, trent_sigv4::wrong_service("kms")))?;
    let global = matches!(&*signed.scope_region, "us-east-1" | "us-gov-west-1" | "cn-north-1");
    signed
        .scope_region
        .parse::<Region>()
        .ok()
        .filter(|region| match service {
            Service::Kms | Service::CloudTrail => core.regions.contains(region),
            Service::Iam => true,
            Service::Sts => global || core.regions.contains(region),
        })
        .map(|region| match service {
            Service::Iam => (service, region.of_iam()),
            Service::Kms | Service::Sts | Service::CloudTrail => (service, region),
        })
        .ok_or_else(|| {
            refused(SignatureFault::Scope, trent_sigv4::wrong_region(&signed.scope_region))
        })
}

/// The refusal of a signature that is another one.
pub(super) fn mismatch() -> Refusal {
    refused(SignatureFault::Mismatch, MISMATCH)
}

fn refused(fault: SignatureFault, message: impl Into<String>) -> Refusal {
    Refusal::Signature(SignatureRefused { fault, message: message.into() })
}

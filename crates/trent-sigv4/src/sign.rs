//! Signs a request, by the same canonical form that is verified.

use std::borrow::Cow;

use trent_types::{SecretBytes, Timestamp};

use crate::authorization::{Claim, Credential};
use crate::{ParseError, RequestParts, SignedRequest, canonical, signature};

/// Who signs, and what for.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// `AKIA…` or `ASIA…`. The session token of temporary credentials is a header of the request.
    pub access_key_id: &'a str,
    /// 40 characters.
    pub secret: &'a SecretBytes,
    /// As in `eu-west-1`.
    pub region: &'a str,
    /// As in `kms`.
    pub service: &'a str,
}

impl Signer<'_> {
    /// The value of the `Authorization` header. Every header that the request has is signed; `host`
    /// and `x-amz-date`, which says this moment, must be among them (IAM User Guide, "Create a
    /// signed AWS API request").
    ///
    /// # Errors
    /// [`ParseError`] when this crate would not take such a request.
    pub fn authorization(
        &self,
        request: &RequestParts<'_>,
        payload_sha256: &[u8; 32],
        at: Timestamp,
    ) -> Result<String, ParseError> {
        let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        let timestamp = at.iso8601_basic();
        let date = timestamp.get(..8).unwrap_or_default().to_owned();
        let credential = Credential {
            access_key_id: self.access_key_id.to_owned(),
            date: date.clone(),
            region: self.region.to_owned(),
            service: self.service.to_owned(),
        };
        let claim = Claim {
            credential,
            signed_headers: Cow::Owned(names.join(";")),
            signature: [0; 32],
            timestamp,
            expires_seconds: 0,
            session_token: None,
            presigned: false,
        };
        let canonical_request = canonical::build(request, &claim, payload_sha256)?;
        let Claim { credential, signed_headers, timestamp, .. } = claim;
        let signed = SignedRequest {
            access_key_id: credential.access_key_id,
            scope_date: credential.date,
            scope_region: credential.region,
            scope_service: credential.service,
            timestamp,
            expires_seconds: 0,
            canonical_request,
            signature: [0; 32],
            session_token: None,
        };
        let key = signature::signing_key(self.secret, &date, self.region, self.service);
        let signature = hex::encode(signature::of(&signed, &key));
        let (id, region, service) = (self.access_key_id, self.region, self.service);
        Ok(format!(
            "AWS4-HMAC-SHA256 Credential={id}/{date}/{region}/{service}/aws4_request, \
             SignedHeaders={signed_headers}, Signature={signature}"
        ))
    }
}

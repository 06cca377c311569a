//! What a caller signed.

/// A request that says who signed it. Whether that is true, `trent-sigv4`
/// tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// `AKIA…`.
    pub access_key_id: String,
    /// The credential scope's date, `YYYYMMDD`.
    pub scope_date: String,
    /// The credential scope's Region.
    pub scope_region: String,
    /// The credential scope's service.
    pub scope_service: String,
    /// When it was signed, `YYYYMMDDTHHMMSSZ`.
    pub timestamp: String,
    /// `X-Amz-Expires` of the presigned form; 0 for the header form.
    pub expires_seconds: u32,
    /// The canonical request, with the hash of the body that was received.
    pub canonical_request: Vec<u8>,
    /// What the caller computed.
    pub signature: [u8; 32],
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

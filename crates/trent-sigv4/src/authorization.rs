//! What a request claims about its signature: the `Authorization` header or the presigned query.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::canonical::{decode_percent, query_pairs};
use crate::time::{basic_from_http_date, parse_basic};
use crate::{EXPIRES_SECONDS_MAX, MISMATCH, ParseError, RequestParts};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The parts of a signature, before anything about them is known to be true.
pub(crate) struct Claim<'a> {
    pub(crate) credential: Credential,
    /// Names in lower case, sorted, separated by `;`.
    pub(crate) signed_headers: Cow<'a, str>,
    pub(crate) signature: [u8; 32],
    pub(crate) timestamp: String,
    pub(crate) expires_seconds: u32,
    pub(crate) session_token: Option<String>,
    /// Whether it came in the query, whose `X-Amz-Signature` is then not part of the canonical
    /// request.
    pub(crate) presigned: bool,
}

pub(crate) struct Credential {
    pub(crate) access_key_id: String,
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

/// Reads the claim in whichever form it comes.
pub(crate) fn read<'a>(request: &RequestParts<'a>) -> Result<Claim<'a>, ParseError> {
    let mut headers = request.headers.iter().filter(|(name, _)| *name == "authorization");
    let header = headers.next();
    if headers.next().is_some() {
        return Err(incomplete("Authorization header must be given once."));
    }
    let presigned = request.query.filter(|query| {
        query_pairs(query).any(|(name, _)| matches!(name, "X-Amz-Algorithm" | "X-Amz-Signature"))
    });
    match (header, presigned) {
        (None, None) => Err(ParseError::Missing),
        (Some(_), Some(_)) => Err(incomplete(
            "Only one of the Authorization header and the X-Amz-Signature query parameter may be \
             given.",
        )),
        (Some((_, value)), None) => read_header(request, value),
        (None, Some(query)) => read_query(query),
    }
}

fn read_header<'a>(request: &RequestParts<'a>, value: &'a [u8]) -> Result<Claim<'a>, ParseError> {
    let value = std::str::from_utf8(value)
        .map_err(|_| incomplete("Authorization header is not valid UTF-8."))?
        .trim();
    if value.is_empty() {
        return Err(incomplete("Authorization header cannot be empty."));
    }
    let (algorithm, parameters) = value.split_once(' ').unwrap_or((value, ""));
    if algorithm != ALGORITHM {
        return Err(ParseError::Incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for pair in parameters.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, text) = pair.split_once('=').ok_or_else(|| not_a_pair(pair))?;
        let place = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            _ => continue,
        };
        if place.replace(text).is_some() {
            return Err(ParseError::Incomplete(format!(
                "Authorization header must give '{name}' once."
            )));
        }
    }
    let date = date_of(request)?;
    let (Some(credential), Some(signed_headers), Some(signature), Some(timestamp)) =
        (credential, signed_headers, signature, &date)
    else {
        let given =
            [credential.is_some(), signature.is_some(), signed_headers.is_some(), date.is_some()];
        return Err(lacking(given, value));
    };
    Ok(Claim {
        credential: read_credential(credential)?,
        signed_headers: Cow::Borrowed(signed_headers),
        signature: read_signature(signature)?,
        timestamp: timestamp.clone(),
        expires_seconds: 0,
        session_token: header_text(request, "x-amz-security-token")?.map(str::to_owned),
        presigned: false,
    })
}

fn read_query(query: &str) -> Result<Claim<'_>, ParseError> {
    let parameter = |wanted: &str| -> Result<Option<Cow<'_, str>>, ParseError> {
        let mut values = query_pairs(query).filter(|(name, _)| *name == wanted);
        let value = values.next().map(|(_, value)| decode_percent(value));
        if values.next().is_some() {
            return Err(ParseError::Incomplete(format!(
                "AWS query-string parameters must include '{wanted}' once."
            )));
        }
        value
            .map(|bytes| match bytes {
                Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).ok(),
                Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
            })
            .map(|text| {
                text.ok_or_else(|| incomplete("A query-string parameter is not valid UTF-8."))
            })
            .transpose()
    };
    let mut lacking = String::new();
    let mut required = |wanted: &str| -> Result<Cow<'_, str>, ParseError> {
        let value = parameter(wanted)?;
        if value.is_none() {
            lacking.push_str(&format!("AWS query-string parameters must include '{wanted}'. "));
        }
        Ok(value.unwrap_or_default())
    };
    let algorithm = required("X-Amz-Algorithm")?;
    let credential = required("X-Amz-Credential")?;
    let signature = required("X-Amz-Signature")?;
    let signed_headers = required("X-Amz-SignedHeaders")?;
    let timestamp = required("X-Amz-Date")?;
    let expires = required("X-Amz-Expires")?;
    if !lacking.is_empty() {
        lacking.push_str("Re-examine the query-string parameters.");
        return Err(ParseError::Incomplete(lacking));
    }
    if algorithm != ALGORITHM {
        return Err(ParseError::Incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let plain = expires.bytes().all(|b| b.is_ascii_digit());
    let expires_seconds =
        expires.parse().ok().filter(|life| plain && (1..=EXPIRES_SECONDS_MAX).contains(life));
    let expires_seconds = expires_seconds.ok_or_else(|| {
        ParseError::Incomplete(format!(
            "X-Amz-Expires must be between 1 and {EXPIRES_SECONDS_MAX} seconds."
        ))
    })?;
    check_date(&timestamp)?;
    Ok(Claim {
        credential: read_credential(&credential)?,
        signed_headers,
        signature: read_signature(&signature)?,
        timestamp: timestamp.into_owned(),
        expires_seconds,
        session_token: parameter("X-Amz-Security-Token")?.map(Cow::into_owned),
        presigned: true,
    })
}

/// `<access key id>/<date>/<region>/<service>/aws4_request`.
fn read_credential(text: &str) -> Result<Credential, ParseError> {
    let mut parts = text.split('/');
    let (Some(id), Some(date), Some(region), Some(service), Some(terminator), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(ParseError::Incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term, got '{text}'."
        )));
    };
    if terminator != "aws4_request" {
        return Err(ParseError::Scope(format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not \
             '{terminator}'."
        )));
    }
    Ok(Credential {
        access_key_id: id.to_owned(),
        date: date.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
    })
}

fn read_signature(text: &str) -> Result<[u8; 32], ParseError> {
    let mut signature = [0; 32];
    hex::decode_to_slice(text, &mut signature)
        .map_err(|_| ParseError::Mismatch(MISMATCH.to_owned()))?;
    Ok(signature)
}

/// `X-Amz-Date`, or `Date` when that is not there, in SigV4's form.
fn date_of(request: &RequestParts<'_>) -> Result<Option<String>, ParseError> {
    if let Some(text) = header_text(request, "x-amz-date")? {
        check_date(text)?;
        return Ok(Some(text.to_owned()));
    }
    let Some(text) = header_text(request, "date")? else { return Ok(None) };
    if let Some(basic) = basic_from_http_date(text) {
        return Ok(Some(basic));
    }
    check_date(text)?;
    Ok(Some(text.to_owned()))
}

fn check_date(text: &str) -> Result<(), ParseError> {
    match parse_basic(text) {
        Some(_) => Ok(()),
        None => Err(ParseError::Incomplete(format!(
            "Date must be in ISO-8601 'basic format'. Got '{text}'. See \
             http://en.wikipedia.org/wiki/ISO_8601"
        ))),
    }
}

fn header_text<'a>(
    request: &RequestParts<'a>,
    wanted: &str,
) -> Result<Option<&'a str>, ParseError> {
    let mut found = request.headers.iter().filter(|(name, _)| *name == wanted);
    let Some((_, value)) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(ParseError::Incomplete(format!("Header '{wanted}' must be given once.")));
    }
    match std::str::from_utf8(value) {
        Ok(text) => Ok(Some(text.trim())),
        Err(_) => Err(ParseError::Incomplete(format!("Header '{wanted}' is not valid UTF-8."))),
    }
}

fn lacking(given: [bool; 4], header: &str) -> ParseError {
    const TEXTS: [&str; 4] = [
        "Authorization header requires 'Credential' parameter. ",
        "Authorization header requires 'Signature' parameter. ",
        "Authorization header requires 'SignedHeaders' parameter. ",
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
    ];
    let missing = TEXTS.iter().zip(given).filter(|(_, given)| !given).map(|(text, _)| *text);
    ParseError::Incomplete(missing.chain(["Authorization=", header]).collect())
}

fn not_a_pair(pair: &str) -> ParseError {
    let hash = STANDARD.encode(Sha256::digest(pair));
    ParseError::Incomplete(format!(
        "The signature contains an in-valid key=value pair (missing equal-sign) in Authorization \
         header (hashed with SHA-256 and encoded with Base64): '{hash}'."
    ))
}

fn incomplete(text: &str) -> ParseError {
    ParseError::Incomplete(text.to_owned())
}

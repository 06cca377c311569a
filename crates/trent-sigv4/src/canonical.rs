//! The canonical request: built from what was received, read again where it was verified.
//!
//! ```text
//! METHOD \n path \n query \n (name:value \n)* \n signed header names \n hex SHA-256 of the body
//! ```
//!
//! Header values with control characters are refused, so no value can end its line and pose as
//! another.

use std::borrow::Cow;

use crate::authorization::Claim;
use crate::{MISMATCH, ParseError, RequestParts};

/// Builds the canonical request of a claim (IAM User Guide, "Create a canonical request").
pub(crate) fn build(
    request: &RequestParts<'_>,
    claim: &Claim<'_>,
    payload_sha256: &[u8; 32],
) -> Result<Vec<u8>, ParseError> {
    let names = &*claim.signed_headers;
    let signed = signed_names(request, names)?;
    if !request.method.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(ParseError::Incomplete("The request method cannot be signed.".into()));
    }
    let mut digest = [0; 64];
    // Cannot fail: 64 digits are what 32 bytes need.
    let _ = hex::encode_to_slice(payload_sha256, &mut digest);
    let declared = request.headers.iter().filter(|(name, _)| *name == "x-amz-content-sha256");
    if declared.into_iter().any(|(_, value)| *value != digest) {
        return Err(ParseError::Mismatch(MISMATCH.to_owned()));
    }
    let mut out = Vec::with_capacity(768);
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    write_path(request.path, &mut out);
    out.push(b'\n');
    if let Some(query) = request.query.filter(|query| !query.is_empty()) {
        write_query(query, claim.presigned, &mut out);
    }
    out.push(b'\n');
    for name in signed {
        write_header(request, name, &mut out)?;
    }
    out.push(b'\n');
    out.extend_from_slice(names.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(&digest);
    Ok(out)
}

/// The value of a signed header in a canonical request; `None` when it was not signed or is not
/// text.
#[must_use]
pub fn signed_header<'a>(canonical_request: &'a [u8], name: &str) -> Option<&'a str> {
    let (_, value) =
        signed_headers(canonical_request).find(|(signed, _)| *signed == name.as_bytes())?;
    std::str::from_utf8(value).ok()
}

/// The signed headers of a canonical request, each with its value, in its order.
pub fn signed_headers(canonical_request: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let headers = lines(canonical_request).skip(3).take_while(|line| !line.is_empty());
    headers.filter_map(|line| {
        let (name, value) = line.split_at_checked(memchr::memchr(b':', line)?)?;
        Some((name, value.get(1..)?))
    })
}

/// Every request's are gone through several times; so many bytes are looked at at once.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut begin = 0;
    memchr::memchr_iter(b'\n', text).chain([text.len()]).map(move |end| {
        let line = text.get(begin..end).unwrap_or_default();
        begin = end + 1;
        line
    })
}

/// The hash of the body in a canonical request, 64 hex digits.
#[must_use]
pub fn payload_hash(canonical_request: &[u8]) -> Option<&[u8]> {
    let last = canonical_request.rsplit(|byte| *byte == b'\n').next()?;
    (last.len() == 64).then_some(last)
}

/// `X-Amz-Expires` in the query of a canonical request.
pub(crate) fn signed_expires(canonical_request: &[u8]) -> Option<u32> {
    let query = canonical_request.split(|byte| *byte == b'\n').nth(2)?;
    query_pairs(std::str::from_utf8(query).ok()?)
        .find(|(name, _)| *name == "X-Amz-Expires")
        .and_then(|(_, value)| value.parse().ok())
}

/// The pairs of a query, as they stand.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Undoes percent-encoding; what is not an encoded byte stays as it is.
pub(crate) fn decode_percent(text: &str) -> Cow<'_, [u8]> {
    if !text.contains('%') {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let mut byte = [0; 1];
        match after.split_at_checked(2) {
            Some((digits, after))
                if *first == b'%' && hex::decode_to_slice(digits, &mut byte).is_ok() =>
            {
                decoded.extend_from_slice(&byte);
                rest = after;
            }
            Some(_) | None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(decoded)
}

/// The names, which must be sorted, and hold the host and every `x-amz-*` and `x-trent-*` header
/// that the request has: whom a service calls for is worth nothing unsigned.
fn signed_names<'a>(
    request: &RequestParts<'_>,
    names: &'a str,
) -> Result<Vec<&'a str>, ParseError> {
    let names: Vec<&str> = names.split(';').collect();
    let is_name = |name: &str| {
        let allowed = |b: u8| b > b' ' && b < 0x7f && !b.is_ascii_uppercase() && b != b':';
        !name.is_empty() && name.bytes().all(allowed)
    };
    let sorted = names.iter().zip(names.iter().skip(1)).all(|(one, next)| one < next);
    if !sorted || !names.iter().all(|name| is_name(name)) {
        return Err(ParseError::Incomplete(
            "'SignedHeaders' must be lower-case header names, sorted and separated by semicolons."
                .into(),
        ));
    }
    let signs = |wanted: &str| names.contains(&wanted);
    if !signs("host") {
        return Err(ParseError::Mismatch(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".into(),
        ));
    }
    let must_be_signed = |name: &str| name.starts_with("x-amz-") || name.starts_with("x-trent-");
    match request.headers.iter().find(|(name, _)| must_be_signed(name) && !signs(name)) {
        None => Ok(names),
        Some((name, _)) => Err(ParseError::Mismatch(format!(
            "'{name}' must be a 'SignedHeader' in the AWS Authorization."
        ))),
    }
}

/// The path without empty and dot segments (RFC 3986, section 5.2.4), each byte encoded again as
/// AWS does for every service but S3.
fn write_path(path: &str, out: &mut Vec<u8>) {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    for segment in &segments {
        out.push(b'/');
        encode(segment.as_bytes(), out);
    }
    let ends_in_directory = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    if segments.is_empty() || ends_in_directory {
        out.push(b'/');
    }
}

/// The pairs of a query, encoded alike whatever their encoding was, sorted by name and then by
/// value.
fn write_query(query: &str, presigned: bool, out: &mut Vec<u8>) {
    let encoded = |text: &str| {
        let mut bytes = Vec::with_capacity(text.len());
        encode(&decode_percent(text), &mut bytes);
        bytes
    };
    let mut pairs: Vec<_> = query_pairs(query)
        .filter(|(name, _)| !(presigned && *name == "X-Amz-Signature"))
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort();
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// One header with all its values, trimmed, runs of blanks made one.
fn write_header(
    request: &RequestParts<'_>,
    name: &str,
    out: &mut Vec<u8>,
) -> Result<(), ParseError> {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    let mut found = false;
    for (_, value) in request.headers.iter().filter(|(given, _)| *given == name) {
        if found {
            out.push(b',');
        }
        found = true;
        write_value(name, value, out)?;
    }
    match request.authority {
        Some(authority) if !found && name == "host" => {
            write_value(name, authority.as_bytes(), out)?
        }
        Some(_) | None if !found => {
            // A header that was signed and is not there any more: whatever its value was, it was
            // not this.
            return Err(ParseError::Mismatch(MISMATCH.to_owned()));
        }
        Some(_) | None => {}
    }
    out.push(b'\n');
    Ok(())
}

fn write_value(name: &str, value: &[u8], out: &mut Vec<u8>) -> Result<(), ParseError> {
    let value = value.trim_ascii();
    // No `any`: without an early exit many bytes are compared at once.
    let control = value.iter().fold(false, |found, byte| found | (*byte < b' '));
    let pairs = value.iter().zip(value.iter().skip(1));
    let blanks = pairs.fold(false, |found, (one, next)| found | ((*one == b' ') & (*next == b' ')));
    if !control && !blanks {
        out.extend_from_slice(value);
        return Ok(());
    }
    let mut after_blank = false;
    for byte in value {
        match byte {
            b' ' | b'\t' => {
                if !after_blank {
                    out.push(b' ');
                }
                after_blank = true;
            }
            0..=0x1f => {
                return Err(ParseError::Incomplete(format!(
                    "Header '{name}' has a control character in its value."
                )));
            }
            _ => {
                out.push(*byte);
                after_blank = false;
            }
        }
    }
    Ok(())
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(*byte);
        } else {
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
}

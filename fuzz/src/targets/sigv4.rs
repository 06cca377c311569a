//! Signed requests, in header and presigned form: a canonical request has one line for each part,
//! whatever the parts hold, and only the signature of exactly this request verifies.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use trent_sigv4::{
    RequestParts, SignedRequest, check_time, parse, payload_hash, signed_header, signing_key,
    verify,
};
use trent_types::{SecretBytes, Timestamp};

const SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const BODY: &[u8] = b"{}";

/// Lines: method, path, query, `:authority`, then a header in each, its name before the first `:`.
/// An empty query or authority is none.
pub(super) fn run(data: &[u8]) -> bool {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(lines.next().unwrap_or_default()).ok();
    let (Some(method), Some(path), Some(query), Some(authority)) = (text(), text(), text(), text())
    else {
        return false;
    };
    let headers: Vec<(String, &[u8])> = lines.filter_map(header).collect();
    let headers: Vec<(&str, &[u8])> = headers.iter().map(|(n, v)| (n.as_str(), *v)).collect();
    let parts = RequestParts {
        method,
        path,
        query: Some(query).filter(|query| !query.is_empty()),
        headers: &headers,
        authority: Some(authority).filter(|authority| !authority.is_empty()),
    };
    let hash: [u8; 32] = Sha256::digest(BODY).into();
    let Ok(signed) = parse(&parts, &hash) else { return false };
    is_in_lines(&signed, &parts, &hash);
    only_its_signature_verifies(&signed);
    // Whenever it comes, early or late.
    for now in [i64::MIN, -1, 0, 1_440_938_160_000, i64::MAX] {
        let _ = check_time(&signed, Timestamp::from_millis(now));
    }
    true
}

/// A header as the gateway hands it over: its name in lower case.
fn header(line: &[u8]) -> Option<(String, &[u8])> {
    let at = line.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(&line[..at]).ok()?;
    Some((name.to_ascii_lowercase(), &line[at + 1..]))
}

fn is_in_lines(signed: &SignedRequest, parts: &RequestParts<'_>, hash: &[u8; 32]) {
    let canonical = &signed.canonical_request;
    let lines: Vec<&[u8]> = canonical.split(|byte| *byte == b'\n').collect();
    let shown = || canonical.escape_ascii().to_string();
    let names = lines[lines.len() - 2];
    let count = names.split(|byte| *byte == b';').count();
    assert_eq!(lines.len(), 3 + count + 3, "{}", shown());
    assert!(lines[lines.len() - 3].is_empty(), "{}", shown());
    assert_eq!(lines[0], parts.method.as_bytes());
    assert_eq!(payload_hash(canonical), Some(hex::encode(hash).as_bytes()));
    for (line, name) in lines[3..].iter().zip(names.split(|byte| *byte == b';')) {
        let value = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(b":"));
        let value = value.expect("each name has its line");
        let name = std::str::from_utf8(name).expect("names are ASCII");
        assert_eq!(signed_header(canonical, name), std::str::from_utf8(value).ok());
    }
    // The query is in the form that it would be given again.
    let encoded = std::str::from_utf8(lines[2]).expect("the query is ASCII");
    let again = RequestParts { query: Some(encoded).filter(|query| !query.is_empty()), ..*parts };
    if signed.expires_seconds == 0 && parts.query.is_some() {
        let again = parse(&again, hash).expect("an encoded query is one");
        let query = again.canonical_request.split(|byte| *byte == b'\n').nth(2);
        assert_eq!(query, Some(lines[2]), "{}", shown());
    }
}

fn only_its_signature_verifies(signed: &SignedRequest) {
    let SignedRequest { scope_date, scope_region, scope_service, .. } = signed;
    let secret = SecretBytes::new(SECRET.to_vec());
    let key = signing_key(&secret, scope_date, scope_region, scope_service);
    let signature = signature(signed);
    let right = SignedRequest { signature, ..signed.clone() };
    assert!(verify(&right, &key).is_ok(), "the signature of this request");
    assert_eq!(verify(signed, &key).is_ok(), signed.signature == signature);
    let mut longer = right.clone();
    longer.canonical_request.push(b' ');
    assert!(verify(&longer, &key).is_err(), "another request");
    let unsigned_life = SignedRequest { expires_seconds: right.expires_seconds + 1, ..right };
    assert!(verify(&unsigned_life, &key).is_err(), "a life that was not signed");
}

/// The signature, a second time (IAM User Guide, "Create a signed AWS API request").
fn signature(signed: &SignedRequest) -> [u8; 32] {
    let SignedRequest { scope_date, scope_region, scope_service, .. } = signed;
    let mac = |key: &[u8], text: &[u8]| {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length");
        mac.update(text);
        <[u8; 32]>::from(mac.finalize().into_bytes())
    };
    let mut key = [b"AWS4", SECRET].concat();
    for part in [scope_date, scope_region, scope_service, "aws4_request"] {
        key = mac(&key, part.as_bytes()).to_vec();
    }
    let text = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope_date}/{scope_region}/{scope_service}/aws4_request\n{}",
        signed.timestamp,
        hex::encode(Sha256::digest(&signed.canonical_request)),
    );
    mac(&key, text.as_bytes())
}

/// A request of each form.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let digits = "0123456789abcdef".repeat(4);
    let credential = "AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request";
    let header = |signed: &str| {
        format!(
            "Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, \
             Signature={digits}"
        )
    };
    let date = "x-amz-date:20150830T123600Z";
    let encoded = credential.replace('/', "%2F");
    let presigned = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={encoded}&X-Amz-Date=20150830T123600Z\
         &X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature={digits}"
    );
    let texts = [
        format!("POST\n/\n\n\n{}\n{date}\nHost:kms.amazonaws.com", header("host;x-amz-date")),
        format!(
            "POST\n/a/./../b//c%20d/\nb=2&a=%7e&a=1&c\nkms:443\n{}\n\
             date:Sun, 30 Aug 2015 12:36:00 GMT\nmy-header:  a   b \nmy-header:c",
            header("date;host;my-header"),
        ),
        format!("GET\n/\n{presigned}\n\nhost:example.com"),
        format!("GET\n/\n{presigned}&X-Amz-Security-Token=a%2Bb\nexample.com"),
    ];
    texts.map(String::into_bytes).to_vec()
}

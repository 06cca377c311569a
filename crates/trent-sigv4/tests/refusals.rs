//! Requests that are not well signed, and what AWS says about them; and that nothing makes the
//! parser panic.
#![allow(missing_docs, clippy::unwrap_used, clippy::type_complexity, reason = "tests")]

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use trent_sigv4::{
    ParseError, RequestParts, SignedRequest, parse, payload_hash, signed_header, signing_key,
    verify,
};
use trent_types::SecretBytes;

const CREDENTIAL: &str = "AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request";
const SIGNATURE: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

fn authorization(signed_headers: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders={signed_headers}, \
         Signature={SIGNATURE}"
    )
}

fn parse_with(headers: &[(&str, &str)], query: Option<&str>) -> Result<SignedRequest, ParseError> {
    let headers: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let parts =
        RequestParts { method: "POST", path: "/", query, headers: &headers, authority: None };
    parse(&parts, &Sha256::digest(b"{}").into())
}

fn with_authorization(value: &str) -> ParseError {
    let headers = [("host", "kms"), ("x-amz-date", "20150830T123600Z"), ("authorization", value)];
    parse_with(&headers, None).unwrap_err()
}

#[test]
fn a_request_without_a_signature_is_missing_its_token() {
    let error = parse_with(&[("host", "kms")], Some("a=b")).unwrap_err();
    assert_eq!(error, ParseError::Missing);
    assert_eq!(error.to_string(), "Missing Authentication Token");
}

#[test]
fn malformed_authorization_headers_are_answered_in_aws_words() {
    let incomplete = |text: &str| ParseError::Incomplete(text.to_owned());
    let value = format!("AWS4-HMAC-SHA256 Credential={CREDENTIAL}");
    for (header, text) in [
        ("", "Authorization header cannot be empty."),
        ("Basic Zm9v", "Unsupported AWS 'algorithm': 'Basic'."),
        (
            "AWS4-HMAC-SHA256 Credential=x, nonsense",
            "The signature contains an in-valid key=value pair (missing equal-sign) in \
             Authorization header (hashed with SHA-256 and encoded with Base64): \
             'mZqqhkW7cv9ZnhQ7Hj0qlHdxJ/R4OmnwZyUfe768WrY='.",
        ),
        (
            &value,
            "Authorization header requires 'Signature' parameter. Authorization header requires \
             'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential=\
             AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00",
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term, got 'a/b/c'.",
        ),
    ] {
        assert_eq!(with_authorization(header), incomplete(text));
    }
}

#[test]
fn a_header_form_without_a_date_or_with_another_kind_of_date_is_incomplete() {
    let authorization = authorization("host");
    let headers = [("host", "kms"), ("authorization", authorization.as_str())];
    let text = parse_with(&headers, None).unwrap_err().to_string();
    assert!(text.starts_with(
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. \
         Authorization="
    ));
    let headers = [headers[0], headers[1], ("date", "yesterday")];
    assert_eq!(
        parse_with(&headers, None).unwrap_err().to_string(),
        "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See \
         http://en.wikipedia.org/wiki/ISO_8601"
    );
}

#[test]
fn a_plain_date_header_may_stand_for_the_amz_date() {
    let authorization = authorization("date;host");
    let headers = [
        ("host", "kms"),
        ("date", "Sun, 30 Aug 2015 12:36:00 GMT"),
        ("authorization", authorization.as_str()),
    ];
    assert_eq!(parse_with(&headers, None).unwrap().timestamp, "20150830T123600Z");
}

#[test]
fn a_wrong_terminator_is_a_wrong_scope() {
    let header = authorization("host;x-amz-date").replace("aws4_request", "aws5_request");
    let text =
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.";
    assert_eq!(with_authorization(&header), ParseError::Scope(text.into()));
}

#[test]
fn host_and_every_amz_header_must_be_signed() {
    let text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    let error = with_authorization(&authorization("x-amz-date"));
    assert_eq!(error, ParseError::Mismatch(text.into()));
    let text = "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.";
    assert_eq!(with_authorization(&authorization("host")), ParseError::Mismatch(text.into()));
}

#[test]
fn whom_a_service_calls_for_must_be_signed() {
    let authorization = authorization("host;x-amz-date");
    let headers = [
        ("host", "kms"),
        ("x-amz-date", "20150830T123600Z"),
        ("x-trent-on-behalf-of", "arn:aws:iam::111122223333:root"),
        ("authorization", &authorization),
    ];
    let error = parse_with(&headers, None).unwrap_err();
    let text = "'x-trent-on-behalf-of' must be a 'SignedHeader' in the AWS Authorization.";
    assert_eq!(error, ParseError::Mismatch(text.into()));
}

#[test]
fn signed_headers_out_of_order_twice_or_not_there_are_refused() {
    for names in
        ["x-amz-date;host", "host;host;x-amz-date", "Host;x-amz-date", ";host;x-amz-date", ""]
    {
        assert!(
            matches!(with_authorization(&authorization(names)), ParseError::Incomplete(_)),
            "{names}"
        );
    }
    let error = with_authorization(&authorization("host;x-amz-date;x-not-there"));
    assert!(matches!(error, ParseError::Mismatch(_)));
}

#[test]
fn a_declared_body_hash_must_be_the_bodys() {
    let authorization = authorization("host;x-amz-content-sha256;x-amz-date");
    let with = |hash: &str| {
        parse_with(
            &[
                ("host", "kms"),
                ("x-amz-date", "20150830T123600Z"),
                ("x-amz-content-sha256", hash),
                ("authorization", &authorization),
            ],
            None,
        )
    };
    let right = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let signed = with(right).unwrap();
    assert_eq!(payload_hash(&signed.canonical_request), Some(right.as_bytes()));
    for wrong in ["UNSIGNED-PAYLOAD", "", SIGNATURE] {
        assert!(matches!(with(wrong), Err(ParseError::Mismatch(_))), "{wrong}");
    }
}

#[test]
fn two_signatures_at_once_are_refused() {
    let authorization = authorization("host;x-amz-date");
    let headers = [
        ("host", "kms"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization.as_str()),
    ];
    assert!(parse_with(&headers, None).is_ok());
    let presigned = parse_with(&headers, Some("X-Amz-Signature=00"));
    assert!(matches!(presigned, Err(ParseError::Incomplete(_))));
    let twice = [headers[0], headers[1], headers[2], headers[2]];
    assert!(matches!(parse_with(&twice, None), Err(ParseError::Incomplete(_))));
}

#[test]
fn a_presigned_request_names_each_parameter_that_it_lacks_and_bounds_its_life() {
    let query = |expires: &str| {
        format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date=20150830T123600Z\
             &X-Amz-Expires={expires}&X-Amz-SignedHeaders=host&X-Amz-Signature={SIGNATURE}",
            CREDENTIAL.replace('/', "%2F")
        )
    };
    let parse = |query: &str| parse_with(&[("host", "kms")], Some(query));
    assert_eq!(parse(&query("604800")).unwrap().expires_seconds, 604_800);
    for bad in ["0", "604801", "+60", "", "x", "99999999999"] {
        assert!(matches!(parse(&query(bad)), Err(ParseError::Incomplete(_))), "{bad}");
    }
    let error = parse(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=00&X-Amz-Date=x",
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string \
         parameters must include 'X-Amz-Expires'. Re-examine the query-string parameters."
    );
}

#[test]
fn a_life_that_was_not_signed_does_not_count() {
    let secret = SecretBytes::new(b"secret".to_vec());
    let key = signing_key(&secret, "20150830", "us-east-1", "kms");
    let authorization = authorization("host;x-amz-date");
    let headers = [
        ("host", "kms"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization.as_str()),
    ];
    let mut signed = parse_with(&headers, None).unwrap();
    // Computed with botocore 1.44.5, SigV4Auth.string_to_sign and SigV4Auth.signature.
    let right = "b6942797bdc432c0538cc387b2b942c0889f250996444d2e98ed9419cc3e1613";
    for (byte, pair) in signed.signature.iter_mut().zip(right.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    }
    assert!(verify(&signed, &key).is_ok());
    signed.expires_seconds = 604_800;
    assert!(verify(&signed, &key).is_err());
}

#[test]
fn the_authority_stands_for_the_host_header() {
    let authorization = authorization("host;x-amz-date");
    let headers: [(&str, &[u8]); 2] =
        [("x-amz-date", b"20150830T123600Z"), ("authorization", authorization.as_bytes())];
    let parts = RequestParts {
        method: "POST",
        path: "/",
        query: None,
        headers: &headers,
        authority: Some("kms.example:8443"),
    };
    let signed = parse(&parts, &[0; 32]).unwrap();
    assert_eq!(signed_header(&signed.canonical_request, "host"), Some("kms.example:8443"));
    assert_eq!(signed_header(&signed.canonical_request, "hos"), None);
    let parts = RequestParts { authority: None, ..parts };
    assert!(matches!(parse(&parts, &[0; 32]), Err(ParseError::Mismatch(_))));
}

#[test]
fn a_value_cannot_pose_as_a_header_of_its_own() {
    let authorization = authorization("host;x-amz-date;x-amz-target");
    let headers = [
        ("host", "kms"),
        ("x-amz-date", "20150830T123600Z"),
        ("x-amz-target", "a\nx-other:b"),
        ("authorization", authorization.as_str()),
    ];
    assert!(matches!(parse_with(&headers, None), Err(ParseError::Incomplete(_))));
}

const PARAMETERS: &str = "((X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)|\
    [a-z%é])=?[A-Za-z0-9%/;é-]{0,16}&?){0,8}";
const NAME: &str = "(authorization|host|date|x-amz-date|x-amz-security-token|[a-z-]{0,8})";
const AUTHORIZATION: &str = "(AWS4-HMAC-SHA256 )?\
    ((Credential|SignedHeaders|Signature)=[A-Za-z0-9/;_-]{0,20}[, ]{0,2}){0,4}";

proptest! {
    #[test]
    fn nothing_makes_the_parser_panic(
        method in ".{0,8}",
        path in "(/|\\.|%|[a-z0-9 é]){0,20}",
        query in proptest::option::of(PARAMETERS),
        headers in proptest::collection::vec((NAME, any::<Vec<u8>>()), 0..6),
        authorization in AUTHORIZATION,
        authority in proptest::option::of(".{0,8}"),
    ) {
        let mut headers: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        headers.push(("authorization", authorization.as_bytes()));
        let parts = RequestParts {
            method: &method, path: &path, query: query.as_deref(), headers: &headers,
            authority: authority.as_deref(),
        };
        if let Ok(signed) = parse(&parts, &[0; 32]) {
            let key = signing_key(&SecretBytes::new(vec![1]), "d", "r", "s");
            prop_assert!(verify(&signed, &key).is_err());
            let _ = trent_sigv4::check_time(&signed, trent_types::Timestamp::from_millis(0));
        }
    }

    #[test]
    fn reading_any_bytes_as_a_canonical_request_is_harmless(
        bytes: Vec<u8>,
        name in "[a-z:-]{0,6}",
    ) {
        let _ = signed_header(&bytes, &name);
        let _ = payload_hash(&bytes);
    }
}

//! AWS's own signing test suite, read backwards: each signed request must parse to the suite's
//! canonical request and verify. Source and licence are named in the data file.
#![allow(missing_docs, clippy::unwrap_used, clippy::type_complexity, reason = "tests")]

use sha2::{Digest, Sha256};
use trent_sigv4::{RequestParts, SignedRequest, Signer, parse, signing_key, verify};
use trent_types::{SecretBytes, Timestamp};

#[derive(serde::Deserialize)]
struct Suite {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    method: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
    canonical_request: String,
    signature: String,
}

impl Case {
    fn parse(&self) -> Result<SignedRequest, trent_sigv4::ParseError> {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let parts = RequestParts {
            method: &self.method,
            path: &self.path,
            query: self.query.as_deref(),
            headers: &headers,
            authority: None,
        };
        parse(&parts, &Sha256::digest(&self.body).into())
    }
}

fn cases() -> Vec<Case> {
    let text = include_str!("data/aws-signing-test-suite.json");
    serde_json::from_str::<Suite>(text).unwrap().cases
}

#[test]
fn every_case_of_the_suite_parses_to_its_canonical_request_and_verifies() {
    let secret = SecretBytes::new(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec());
    let key = signing_key(&secret, "20150830", "us-east-1", "service");
    // The one case whose session token is added after signing is refused below: KMS wants it
    // signed.
    let cases: Vec<_> = cases()
        .into_iter()
        .filter(|case| !case.name.starts_with("post-sts-header-after"))
        .collect();
    assert_eq!(cases.len(), 60);
    for case in cases {
        let signed = case.parse().unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(
            String::from_utf8_lossy(&signed.canonical_request),
            case.canonical_request,
            "{}",
            case.name
        );
        assert_eq!(hex_of(&signed.signature), case.signature, "{}", case.name);
        assert_eq!(verify(&signed, &key), Ok(()), "{}", case.name);
        assert_eq!(signed.access_key_id, "AKIDEXAMPLE");
        assert_eq!(signed.timestamp, "20150830T123600Z");
    }
}

#[test]
fn every_header_of_the_suite_is_made_again() {
    let secret = SecretBytes::new(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec());
    let signer = Signer {
        access_key_id: "AKIDEXAMPLE",
        secret: &secret,
        region: "us-east-1",
        service: "service",
    };
    let at = Timestamp::from_millis(1_440_938_160_000);
    let mut made = 0;
    for case in cases() {
        let after = case.name.starts_with("post-sts-header-after");
        let given = case.headers.iter().find(|(name, _)| name == "authorization");
        let Some((_, given)) = given.filter(|_| !after) else { continue };
        let others = case.headers.iter().filter(|(name, _)| name != "authorization");
        let headers: Vec<(&str, &[u8])> =
            others.map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let parts = RequestParts {
            method: &case.method,
            path: &case.path,
            query: case.query.as_deref(),
            headers: &headers,
            authority: None,
        };
        let payload = Sha256::digest(&case.body).into();
        let authorization = signer.authorization(&parts, &payload, at).unwrap();
        assert_eq!(&authorization, given, "{}", case.name);
        made += 1;
    }
    assert!(made >= 25, "{made}");
}

#[test]
fn what_was_made_is_verified_and_nothing_else_is() {
    let secret = SecretBytes::new(b"secret".to_vec());
    let signer = Signer {
        access_key_id: "ASIAEXAMPLE",
        secret: &secret,
        region: "eu-west-1",
        service: "kms",
    };
    let at = Timestamp::from_millis(1_440_938_160_999);
    let date = at.iso8601_basic();
    let payload: [u8; 32] = Sha256::digest(b"{}").into();
    let mut headers: Vec<(&str, &[u8])> = vec![
        ("x-amz-target", b"Trent.TailEvents"),
        ("host", b"localhost:8080"),
        ("x-amz-date", date.as_bytes()),
        ("x-amz-security-token", b"token"),
    ];
    let parts = |headers: &[(&str, &[u8])], payload: &[u8; 32]| {
        let parts =
            RequestParts { method: "POST", path: "/", query: None, headers, authority: None };
        (signer.authorization(&parts, payload, at), parse(&parts, payload))
    };
    let (authorization, _) = parts(&headers, &payload);
    let authorization = authorization.unwrap();
    headers.push(("authorization", authorization.as_bytes()));
    let key = signing_key(&secret, "20150830", "eu-west-1", "kms");
    let (_, signed) = parts(&headers, &payload);
    let signed = signed.unwrap();
    assert_eq!(verify(&signed, &key), Ok(()));
    assert_eq!(signed.session_token.as_deref(), Some("token"));
    let (_, other) = parts(&headers, &[0; 32]);
    assert!(verify(&other.unwrap(), &key).is_err(), "another body");
    headers[0].1 = b"Trent.GetUsage";
    let (_, other) = parts(&headers, &payload);
    assert!(verify(&other.unwrap(), &key).is_err(), "another target");
    let without_host = headers.get(2..4).unwrap();
    assert!(parts(without_host, &payload).0.is_err());
}

#[test]
fn a_session_token_that_is_not_signed_is_refused() {
    let secret = SecretBytes::new(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec());
    let key = signing_key(&secret, "20150830", "us-east-1", "service");
    for case in cases().iter().filter(|case| case.name.starts_with("post-sts-header-after")) {
        let accepted = case.parse().is_ok_and(|signed| verify(&signed, &key).is_ok());
        assert!(!accepted, "{}", case.name);
    }
}

#[test]
fn no_case_verifies_with_another_body_path_method_or_signed_header() {
    let secret = SecretBytes::new(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec());
    let key = signing_key(&secret, "20150830", "us-east-1", "service");
    let tampering: [(&str, fn(&mut Case)); 5] = [
        ("body", |case| case.body.push('x')),
        ("path", |case| case.path.push('x')),
        ("method", |case| case.method = "PUT".into()),
        ("host", |case| {
            case.headers.iter_mut().for_each(|(name, value)| {
                if name == "host" {
                    value.push('x')
                }
            })
        }),
        ("query", |case| case.query = Some(case.query.take().unwrap_or_default() + "&x=y")),
    ];
    for (what, tamper) in tampering {
        for mut case in cases() {
            tamper(&mut case);
            let accepted = case.parse().is_ok_and(|signed| verify(&signed, &key).is_ok());
            assert!(!accepted, "{what} of {}", case.name);
        }
    }
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

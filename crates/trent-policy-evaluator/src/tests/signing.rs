//! Questions, and requests as an SDK signs them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use trent_bus::messages::question::Resource;
use trent_bus::messages::{self, Question};
use trent_types::Timestamp;

use super::rig::{ROOT, SECRET};

pub(super) fn question(action: &str, resource: Resource) -> Question {
    Question { action: action.into(), resource: Some(resource), ..Question::default() }
}

pub(super) fn about_key(action: &str, reference: &str) -> Question {
    question(action, Resource::KeyReference(reference.into()))
}

/// Signs an operation of KMS as an SDK does (SigV4, header form).
pub(super) fn sign(
    access_key: &str,
    secret: &[u8],
    operation: &str,
    at: Timestamp,
) -> messages::SignedRequest {
    let target = format!("\nx-amz-target:TrentService.{operation}");
    sign_for("kms", (access_key, secret), (&target, ";x-amz-target"), b"{}", at)
}

/// Signs a request with this target for a service.
pub(super) fn sign_target(
    by: (&str, &[u8]),
    service: &str,
    target: &str,
    at: Timestamp,
) -> messages::SignedRequest {
    let target = format!("\nx-amz-target:{target}");
    sign_for(service, by, (&target, ";x-amz-target"), b"{}", at)
}

/// Signs a form for a query service.
pub(super) fn sign_form(service: &str, form: &str, at: Timestamp) -> messages::SignedRequest {
    sign_form_by((ROOT, SECRET), service, form, at)
}

/// The same by anybody.
pub(super) fn sign_form_by(
    by: (&str, &[u8]),
    service: &str,
    form: &str,
    at: Timestamp,
) -> messages::SignedRequest {
    sign_for(service, by, ("", ""), form.as_bytes(), at)
}

/// Signs an operation of KMS with more headers, sorted after `x-amz-target`.
pub(super) fn sign_with_headers(
    by: (&str, &[u8]),
    operation: &str,
    headers: &[(&str, &str)],
    at: Timestamp,
) -> messages::SignedRequest {
    let mut lines = format!("\nx-amz-target:TrentService.{operation}");
    let mut names = ";x-amz-target".to_owned();
    for (name, value) in headers {
        lines.push_str(&format!("\n{name}:{value}"));
        names.push_str(&format!(";{name}"));
    }
    sign_for("kms", by, (&lines, &names), b"{}", at)
}

fn sign_for(
    service: &str,
    (access_key, secret): (&str, &[u8]),
    (header, name): (&str, &str),
    body: &[u8],
    at: Timestamp,
) -> messages::SignedRequest {
    let timestamp = at.iso8601_basic();
    let date = &timestamp[..8];
    let body = hex::encode(Sha256::digest(body));
    let canonical = format!(
        "POST\n/\n\nhost:localhost\nx-amz-date:{timestamp}{header}\n\nhost;x-amz-date{name}\n{body}"
    );
    let digest = hex::encode(Sha256::digest(canonical.as_bytes()));
    let scope = format!("{date}/us-east-1/{service}/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}");
    let key = [date, "us-east-1", service, "aws4_request"]
        .iter()
        .fold([b"AWS4", secret].concat(), |key, part| mac(&key, part));
    messages::SignedRequest {
        access_key_id: access_key.into(),
        scope_date: date.into(),
        scope_region: "us-east-1".into(),
        scope_service: service.into(),
        signature: mac(&key, &text).into(),
        timestamp,
        canonical_request: canonical.into(),
        ..messages::SignedRequest::default()
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

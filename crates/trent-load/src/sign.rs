//! Signs requests as the SDKs do (IAM User Guide, "Create a signed AWS API request").

use std::cell::RefCell;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use trent_types::{SecretBytes, Timestamp};

use crate::error::LoadError;

/// Which of AWS's protocols a request speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    /// AWS JSON 1.1: KMS, with the action in `X-Amz-Target`.
    Kms(&'static str),
    /// The query protocol, with the action in the form: `iam` or `sts`.
    Query(&'static str),
}

/// Who signs, and for which Region.
#[derive(Clone)]
pub(crate) struct Signer {
    access_key: String,
    secret_key: SecretBytes,
    region: String,
    /// Day, service and signing key of the last request.
    last: RefCell<Option<(String, &'static str, [u8; 32])>>,
}

impl Signer {
    pub(crate) fn new(access_key: &str, secret_key: &str, region: &str) -> Self {
        Self {
            access_key: access_key.to_owned(),
            secret_key: SecretBytes::new(secret_key.as_bytes().to_vec()),
            region: region.to_owned(),
            last: RefCell::new(None),
        }
    }

    /// Takes the usual AWS variables, or those that `trent init` writes for the root user.
    pub(crate) fn from_environment(region: &str) -> Result<Self, LoadError> {
        let access_key = ["AWS_ACCESS_KEY_ID", "TRENT_ROOT_ACCESS_KEY_ID"];
        let secret_key = ["AWS_SECRET_ACCESS_KEY", "TRENT_ROOT_SECRET_ACCESS_KEY"];
        Ok(Self::new(&variable(access_key)?, &variable(secret_key)?, region))
    }

    /// The Region that requests are signed for.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The same for another Region: IAM is signed for the first of its partition.
    pub(crate) fn for_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), last: RefCell::new(None), ..self.clone() }
    }

    /// A whole HTTP/1.1 request, ready to be sent. `invocation` goes into `amz-sdk-invocation-id`,
    /// so that no two requests have the same signature.
    pub(crate) fn request(
        &self,
        host: &str,
        api: Api,
        body: &[u8],
        now: Timestamp,
        invocation: u128,
    ) -> Vec<u8> {
        let timestamp = now.iso8601_basic();
        let date = timestamp.get(..8).unwrap_or_default();
        let (service, media, target, target_name) = match api {
            Api::Kms(action) => {
                let target = format!("x-amz-target:TrentService.{action}\n");
                ("kms", "application/x-amz-json-1.1", target, ";x-amz-target")
            }
            Api::Query(service) => {
                (service, "application/x-www-form-urlencoded", String::new(), "")
            }
        };
        let headers = format!(
            "amz-sdk-invocation-id:{id}\ncontent-type:{media}\nhost:{host}\n\
             x-amz-date:{timestamp}\n{target}",
            id = uuid(invocation),
        );
        let names = format!("amz-sdk-invocation-id;content-type;host;x-amz-date{target_name}");
        let canonical = format!("POST\n/\n\n{headers}\n{names}\n{}", sha256(body));
        let scope = format!("{date}/{}/{service}/aws4_request", self.region);
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{}", sha256(canonical.as_bytes()));
        let signature = hex::encode(hmac(&self.signing_key(date, service), &to_sign));
        let mut request = format!(
            "POST / HTTP/1.1\r\n{headers}authorization: AWS4-HMAC-SHA256 \
             Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}\r\n\
             content-length: {length}\r\n\r\n",
            headers = headers.replace('\n', "\r\n"),
            key = self.access_key,
            length = body.len(),
        )
        .into_bytes();
        request.extend_from_slice(body);
        request
    }

    /// Made once for each day and service, as in the SDKs.
    fn signing_key(&self, date: &str, service: &'static str) -> [u8; 32] {
        let mut last = self.last.borrow_mut();
        if let Some((day, of, key)) = &*last
            && (day.as_str(), *of) == (date, service)
        {
            return *key;
        }
        let secret = [b"AWS4", self.secret_key.expose()].concat();
        let key = [date, &self.region, service, "aws4_request"]
            .iter()
            .fold(secret, |key, part| hmac(&key, part).to_vec())
            .try_into()
            .unwrap_or_default();
        *last = Some((date.to_owned(), service, key));
        key
    }
}

/// The first of these variables that is set.
#[expect(clippy::disallowed_methods, reason = "credentials: read once, and never from argv")]
fn variable(names: [&'static str; 2]) -> Result<String, LoadError> {
    let found = names.iter().filter_map(|name| std::env::var(name).ok());
    let [usual, _] = names;
    found.into_iter().find(|value| !value.is_empty()).ok_or(LoadError::Credentials(usual))
}

/// The bytes in the form of a random UUID (RFC 9562, version 4).
fn uuid(bytes: u128) -> String {
    let bytes = (bytes & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let (high, low) = ((bytes >> 64) as u64, bytes as u64);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff,
    )
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    // Cannot fail: HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1")
    }

    const NOW: Timestamp = Timestamp::from_millis(1_440_938_160_000);

    /// Computed with botocore's `SigV4Auth`.
    #[test]
    fn requests_are_signed_as_botocore_signs_them() {
        for (api, body, signature) in [
            (
                Api::Kms("GenerateRandom"),
                &b"{}"[..],
                "2a3f239e11d798e584a79b1b962f9997645821720602d1f3ec6a75f88c5a3a5f",
            ),
            (
                Api::Query("iam"),
                b"Action=CreateUser&Version=2010-05-08&UserName=a",
                "719a3006c1dccf9277ca58ecc7dd6accbf1503d897373021f5d95432f97014fa",
            ),
        ] {
            let request = signer().request("127.0.0.1:8080", api, body, NOW, 3);
            let text = String::from_utf8(request).unwrap();
            assert!(text.contains(&format!("Signature={signature}\r\n")), "{text}");
        }
    }

    #[test]
    fn each_invocation_has_a_signature_of_its_own() {
        let sign = |id| signer().request("127.0.0.1:1", Api::Kms("Encrypt"), b"{}", NOW, id);
        let mut all: Vec<_> = (0..64).map(sign).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 64);
    }

    #[test]
    fn the_signing_key_follows_the_day() {
        let signer = signer();
        let sign = |now| signer.request("a:1", Api::Kms("Encrypt"), b"{}", now, 0);
        let tomorrow = NOW.plus_millis(86_400_000);
        let (today, next) = (sign(NOW), sign(tomorrow));
        assert_eq!(today, sign(NOW));
        let fresh = self::signer().request("a:1", Api::Kms("Encrypt"), b"{}", tomorrow, 0);
        assert_eq!(next, fresh);
    }
}

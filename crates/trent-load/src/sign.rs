//! Signs requests as the SDKs do (IAM User Guide, "Create a signed AWS API request").

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use trent_types::Timestamp;

/// Who signs, and for which Region.
pub(crate) struct Signer {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    pub(crate) region: String,
}

impl Signer {
    /// A whole HTTP/1.1 request for a KMS action, ready to be sent. `variant` goes into
    /// `amz-sdk-invocation-id`, so that no two variants have the same signature.
    pub(crate) fn request(
        &self,
        host: &str,
        action: &str,
        body: &[u8],
        now: Timestamp,
        variant: usize,
    ) -> Vec<u8> {
        let timestamp = now.iso8601_basic();
        let date = timestamp.get(..8).unwrap_or_default();
        let headers = format!(
            "amz-sdk-invocation-id:{id}\ncontent-type:application/x-amz-json-1.1\nhost:{host}\n\
             x-amz-date:{timestamp}\nx-amz-target:TrentService.{action}\n",
            id = invocation_id(&timestamp, action, variant),
        );
        let names = "amz-sdk-invocation-id;content-type;host;x-amz-date;x-amz-target";
        let canonical = format!("POST\n/\n\n{headers}\n{names}\n{}", sha256(body));
        let scope = format!("{date}/{}/kms/aws4_request", self.region);
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{}", sha256(canonical.as_bytes()));
        let signature = hex::encode(hmac(&self.signing_key(date), &to_sign));
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

    fn signing_key(&self, date: &str) -> [u8; 32] {
        let secret = format!("AWS4{}", self.secret_key);
        [date, &self.region, "kms", "aws4_request"]
            .iter()
            .fold(secret.into_bytes(), |key, part| hmac(&key, part).to_vec())
            .try_into()
            .unwrap_or_default()
    }
}

/// Something with the form of a UUID that differs for each variant.
fn invocation_id(timestamp: &str, action: &str, variant: usize) -> String {
    let digits = sha256(format!("{timestamp} {action} {variant}").as_bytes());
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let (one, two, three) = (part(0, 8), part(8, 12), part(12, 15));
    format!("{one}-{two}-4{three}-8{}-{}", part(15, 18), part(18, 30))
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
        Signer {
            access_key: "AKIDEXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            region: "us-east-1".into(),
        }
    }

    /// Computed with botocore's `SigV4Auth`.
    #[test]
    fn a_request_is_signed_as_botocore_signs_it() {
        let now = Timestamp::from_millis(1_440_938_160_000);
        let request = signer().request("127.0.0.1:8080", "GenerateRandom", b"{}", now, 3);
        let text = String::from_utf8(request).unwrap();
        let signature = "ddd747d3303b133f07cbfe3a308f98e1f4f6ff952699a6f1931b074a0c68be17";
        assert!(text.contains(&format!("Signature={signature}\r\n")), "{text}");
    }

    #[test]
    fn each_variant_has_a_signature_of_its_own() {
        let now = Timestamp::from_millis(1_440_938_160_000);
        let sign = |variant| signer().request("127.0.0.1:1", "Encrypt", b"{}", now, variant);
        let mut all: Vec<_> = (0..64).map(sign).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 64);
    }
}

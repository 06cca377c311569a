//! A small client of the API, for commands: it signs as the SDKs do, over HTTP or HTTPS.

mod http;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use sha2::{Digest, Sha256};
use trent_runtime::StartError;
use trent_sigv4::{RequestParts, Signer};
use trent_types::{Clock, SecretBytes, SystemClock};

use http::Endpoint;

/// How much longer than it is meant to wait an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Which API is asked. Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
/// AWS_SESSION_TOKEN.
#[derive(Debug, Args)]
pub(crate) struct ApiOptions {
    /// The API, as in https://kms.example.com
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL", hide_env_values = true)]
    endpoint: Option<String>,
    /// The Region [default: that of AWS_DEFAULT_REGION]
    #[arg(long, env = "AWS_REGION", hide_env_values = true)]
    region: Option<String>,
    /// The authorities that the API's certificate must go back to, PEM [default: that of
    /// AWS_CA_BUNDLE, or the system's]
    #[arg(long, env = "TRENT_CA_FILE", value_name = "FILE", hide_env_values = true)]
    ca_file: Option<PathBuf>,
}

/// An operation of the API.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// One of Trent's own.
    Own(&'static str),
    /// One of CloudTrail's.
    CloudTrail(&'static str),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The API could not be reached, or could not serve: the same may work later.
    #[error("{0}")]
    Away(String),
    /// Too often.
    #[error("{0}")]
    Throttled(String),
    /// The API refused.
    #[error("{code}: {message}")]
    Refused {
        /// As in `AccessDeniedException`.
        code: String,
        /// What the API says.
        message: String,
    },
}

/// Puts a member into a request, in the place of the one that is there.
pub(crate) fn set(body: &mut Value, name: &str, value: Value) {
    if let Some(members) = body.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

impl From<CallError> for StartError {
    fn from(error: CallError) -> Self {
        Self::Environment(error.to_string())
    }
}

/// Signs and sends requests.
pub(crate) struct Client {
    endpoint: Endpoint,
    access_key_id: String,
    secret: SecretBytes,
    session_token: Option<String>,
    region: String,
}

impl Client {
    /// Takes options and environment.
    ///
    /// # Errors
    /// [`StartError::Configuration`] when something is missing or cannot be used.
    pub(crate) fn of(options: &ApiOptions) -> Result<Self, StartError> {
        let missing = |what: &str| StartError::Configuration(format!("{what} is not set"));
        let endpoint = options.endpoint.as_deref().filter(|url| !url.is_empty());
        let endpoint = endpoint.ok_or_else(|| missing("--endpoint or AWS_ENDPOINT_URL"))?;
        let ca_file = options.ca_file.clone().or_else(|| variable("AWS_CA_BUNDLE").map(Into::into));
        let region = options.region.clone().filter(|region| !region.is_empty());
        let region = region.or_else(|| variable("AWS_DEFAULT_REGION"));
        let required = |name: &str| variable(name).ok_or_else(|| missing(name));
        Ok(Self {
            endpoint: Endpoint::parse(endpoint, ca_file.as_deref())?,
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret: SecretBytes::new(required("AWS_SECRET_ACCESS_KEY")?.into_bytes()),
            session_token: variable("AWS_SESSION_TOKEN"),
            region: region.ok_or_else(|| missing("--region, AWS_REGION or AWS_DEFAULT_REGION"))?,
        })
    }

    /// Has an operation answer a request; it may wait so long before it does.
    ///
    /// # Errors
    /// [`CallError`] says whether the same may work later.
    pub(crate) fn call(
        &self,
        target: Target,
        body: &Value,
        wait: Duration,
    ) -> Result<Value, CallError> {
        let body = body.to_string();
        let request = self.request(target, &body)?;
        let (status, answer) = self
            .endpoint
            .exchange(&request, wait + PATIENCE)
            .map_err(|error| CallError::Away(format!("{}: {error}", self.endpoint)))?;
        let parsed: Option<Value> = serde_json::from_slice(&answer).ok();
        if status == 200 {
            let text = || CallError::Away(format!("{}: no answer of Trent", self.endpoint));
            return parsed.ok_or_else(text);
        }
        Err(self.refusal(status, &parsed.unwrap_or_default()))
    }

    fn refusal(&self, status: u16, body: &Value) -> CallError {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
        let message = text("message").to_owned();
        match status {
            _ if code == "ThrottlingException" => {
                CallError::Throttled(format!("{code}: {message}"))
            }
            500.. => CallError::Away(format!("{}: status {status} {code}", self.endpoint)),
            _ if code.is_empty() => {
                CallError::Refused { code: format!("status {status}"), message }
            }
            _ => CallError::Refused { code, message },
        }
    }

    /// The request as it is sent.
    fn request(&self, target: Target, body: &str) -> Result<Vec<u8>, CallError> {
        let now = SystemClock.now();
        let date = now.iso8601_basic();
        let (service, target) = match target {
            Target::Own(operation) => ("kms", format!("Trent.{operation}")),
            Target::CloudTrail(operation) => {
                let prefix = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
                ("cloudtrail", format!("{prefix}.{operation}"))
            }
        };
        let mut headers: Vec<(&str, &[u8])> = vec![
            ("content-type", b"application/x-amz-json-1.1"),
            ("host", self.endpoint.host().as_bytes()),
            ("x-amz-date", date.as_bytes()),
            ("x-amz-target", target.as_bytes()),
        ];
        let token = self.session_token.as_deref().map(str::as_bytes);
        headers.extend(token.map(|token| ("x-amz-security-token", token)));
        let parts = RequestParts {
            method: "POST",
            path: "/",
            query: None,
            headers: &headers,
            authority: None,
        };
        let signer = Signer {
            access_key_id: &self.access_key_id,
            secret: &self.secret,
            region: &self.region,
            service,
        };
        let payload = Sha256::digest(body).into();
        let authorization =
            signer.authorization(&parts, &payload, now).map_err(|error| CallError::Refused {
                code: "the request cannot be signed".into(),
                message: error.to_string(),
            })?;
        let mut out = b"POST / HTTP/1.1\r\nconnection: close\r\n".to_vec();
        let length = body.len().to_string();
        // Not signed, as the SDKs do not: proxies may change them.
        let agent = concat!("trent/", env!("CARGO_PKG_VERSION"));
        let more: [(&str, &[u8]); 3] = [
            ("authorization", authorization.as_bytes()),
            ("content-length", length.as_bytes()),
            ("user-agent", agent.as_bytes()),
        ];
        for (name, value) in headers.iter().chain(&more) {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body.as_bytes());
        Ok(out)
    }
}

#[expect(clippy::disallowed_methods, reason = "credentials: read once, and never from argv")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use serde_json::json;
    use trent_sigv4::{parse, signing_key, verify};

    use super::*;

    fn client(endpoint: &str) -> Client {
        Client {
            endpoint: Endpoint::parse(endpoint, None).unwrap(),
            access_key_id: "ASIAEXAMPLE".into(),
            secret: SecretBytes::new(b"secret".to_vec()),
            session_token: Some("token".into()),
            region: "eu-west-1".into(),
        }
    }

    #[test]
    fn a_request_is_signed_as_the_server_verifies_it() {
        let client = client("http://localhost:8080");
        let request = client.request(Target::CloudTrail("LookupEvents"), "{}").unwrap();
        let request = String::from_utf8(request).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let headers: Vec<(&str, &[u8])> = head
            .lines()
            .skip(1)
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name, value.as_bytes()))
            .collect();
        let parts = RequestParts {
            method: "POST",
            path: "/",
            query: None,
            headers: &headers,
            authority: None,
        };
        let signed = parse(&parts, &Sha256::digest(body).into()).unwrap();
        let key = signing_key(&client.secret, &signed.scope_date, "eu-west-1", "cloudtrail");
        assert_eq!(verify(&signed, &key), Ok(()));
        assert_eq!(signed.session_token.as_deref(), Some("token"));
    }

    /// What comes of an answer like this.
    fn call(answer: &'static str) -> Result<Value, CallError> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            assert!(socket.read(&mut request).unwrap() > 0);
            socket.write_all(answer.as_bytes()).unwrap();
        });
        let client = client(&format!("http://{address}"));
        let called = client.call(Target::Own("TailEvents"), &json!({}), Duration::ZERO);
        server.join().unwrap();
        called
    }

    #[test]
    fn answers_and_refusals_are_told_apart() {
        let good = call("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}");
        assert_eq!(good.unwrap(), json!({"a": 1}));
        let chunked = call(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n{\"a\r\n4\r\n\":1}\r\n\
             0\r\n\r\n",
        );
        assert_eq!(chunked.unwrap(), json!({"a": 1}));
        let refused = call(
            "HTTP/1.1 400 Bad\r\n\r\n{\"__type\":\"x#AccessDeniedException\",\"message\":\"no\"}",
        );
        assert_eq!(refused.unwrap_err().to_string(), "AccessDeniedException: no");
        let throttled = "HTTP/1.1 400 Bad\r\n\r\n{\"__type\":\"ThrottlingException\"}";
        assert!(matches!(call(throttled), Err(CallError::Throttled(_))));
        for away in
            ["HTTP/1.1 503 Away\r\n\r\n", "", "HTTP/1.1 200 OK\r\n\r\nhello", "junk\r\n\r\n"]
        {
            assert!(matches!(call(away), Err(CallError::Away(_))), "{away}");
        }
        let cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"a\":1}";
        assert!(matches!(call(cut), Err(CallError::Away(_))));
    }
}

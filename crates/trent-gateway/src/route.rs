//! Which operation a request is for, and whether it is signed at all.
//!
//! JSON requests name their operation in `X-Amz-Target`, which is looked up before the signature
//! is. Form-encoded ones name it in their body; the service is the one that they are signed for.

use std::borrow::Cow;

use trent_operations::ports::{AuthorizeError, SignatureFault};
use trent_operations::{
    AwsError, ErrorCode, Operation, ServiceName, operation_by_action, operation_by_target,
};
use trent_sigv4::{ParseError, RequestParts, SignedRequest, wrong_region, wrong_service};
use trent_types::Region;

/// What routing looks at.
pub(crate) struct Incoming<'a> {
    pub(crate) parts: RequestParts<'a>,
    pub(crate) payload_sha256: [u8; 32],
    pub(crate) body: &'a [u8],
    /// The Regions that are served.
    pub(crate) regions: &'a [Region],
}

/// Where a request goes.
pub(crate) struct Route {
    pub(crate) service: ServiceName,
    /// From the credential scope, when it names one that is served.
    pub(crate) region: Option<Region>,
    /// What the request claims, verified or not.
    pub(crate) access_key_id: Option<String>,
    pub(crate) operation: Option<&'static dyn Operation>,
    pub(crate) verdict: Verdict,
}

/// Whether an operation shall run.
pub(crate) enum Verdict {
    Run(&'static dyn Operation, SignedRequest),
    Refuse(AwsError),
}

impl Route {
    /// What was signed, where an operation shall run.
    pub(crate) fn signed(self) -> Option<SignedRequest> {
        match self.verdict {
            Verdict::Run(_, signed) => Some(signed),
            Verdict::Refuse(_) => None,
        }
    }
}

impl Incoming<'_> {
    /// Finds the operation and reads the signature.
    pub(crate) fn route(&self) -> Route {
        let target = self.header("x-amz-target");
        if target.is_none() && self.is_form() { self.route_form() } else { self.route_json(target) }
    }

    fn route_json(&self, target: Option<&str>) -> Route {
        let at_root = self.parts.method == "POST" && self.parts.path == "/";
        let operation = target.filter(|_| at_root).and_then(operation_by_target);
        let Some((service, operation)) = operation else {
            let error = AwsError::bare(ErrorCode::UnknownOperation);
            let service = guessed_service(target);
            return match trent_sigv4::parse(&self.parts, &self.payload_sha256) {
                Ok(signed) => self.refuse_signed(service, None, &signed, error),
                Err(_) => refuse(service, None, error),
            };
        };
        let signed = match trent_sigv4::parse(&self.parts, &self.payload_sha256) {
            Ok(signed) => signed,
            Err(error) => return refuse(service, Some(operation), unsigned(&error)),
        };
        if signed.scope_service != service.as_str() {
            let error = scope(wrong_service(service.as_str()));
            return self.refuse_signed(service, Some(operation), &signed, error);
        }
        self.run(service, operation, signed)
    }

    fn route_form(&self) -> Route {
        let (action, version) = action_of(self.body);
        let guess = if version == "2011-06-15" { ServiceName::Sts } else { ServiceName::Iam };
        let signed = match trent_sigv4::parse(&self.parts, &self.payload_sha256) {
            Ok(signed) => signed,
            Err(error) => {
                let operation = operation_by_action(guess, action, version);
                return refuse(guess, operation, unsigned(&error));
            }
        };
        let service = match signed.scope_service.as_str() {
            "iam" => ServiceName::Iam,
            "sts" => ServiceName::Sts,
            _ => {
                let error = scope(wrong_service(guess.as_str()));
                return self.refuse_signed(guess, None, &signed, error);
            }
        };
        let at_root = self.parts.method == "POST" && self.parts.path == "/";
        let found = operation_by_action(service, action, version).filter(|_| at_root);
        let Some(operation) = found else {
            let text = format!("Could not find operation {action} for version {version}");
            let error = AwsError::new(ErrorCode::InvalidAction, text);
            return self.refuse_signed(service, None, &signed, error);
        };
        self.run(service, operation, signed)
    }

    fn run(
        &self,
        service: ServiceName,
        operation: &'static dyn Operation,
        signed: SignedRequest,
    ) -> Route {
        let Some(region) = self.region(service, &signed) else {
            let error = scope(wrong_region(&signed.scope_region));
            return self.refuse_signed(service, Some(operation), &signed, error);
        };
        Route {
            service,
            region: Some(region),
            access_key_id: Some(signed.access_key_id.clone()),
            operation: Some(operation),
            verdict: Verdict::Run(operation, signed),
        }
    }

    fn refuse_signed(
        &self,
        service: ServiceName,
        operation: Option<&'static dyn Operation>,
        signed: &SignedRequest,
        error: AwsError,
    ) -> Route {
        Route {
            region: self.region(service, signed),
            access_key_id: Some(signed.access_key_id.clone()),
            ..refuse(service, operation, error)
        }
    }

    /// The scope's Region, if it is served. IAM is one service for a partition: AWS's endpoint for
    /// it makes clients sign for the partition's first Region, an endpoint of one's own for any.
    fn region(&self, service: ServiceName, signed: &SignedRequest) -> Option<Region> {
        let name = signed.scope_region.as_str();
        let served = || self.regions.iter().find(|region| region.as_str() == name).copied();
        match service {
            ServiceName::Iam => Some(name.parse::<Region>().ok()?.of_iam()),
            ServiceName::Kms | ServiceName::Sts | ServiceName::CloudTrail => served(),
        }
    }

    fn is_form(&self) -> bool {
        let media = self.header("content-type").unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        media.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    /// A header that is there once and is text.
    fn header(&self, wanted: &str) -> Option<&str> {
        let mut found = self.parts.headers.iter().filter(|(name, _)| *name == wanted);
        let (_, value) = found.next()?;
        std::str::from_utf8(value).ok().filter(|_| found.next().is_none())
    }
}

/// The service that an unknown target seems to be for.
fn guessed_service(target: Option<&str>) -> ServiceName {
    match target.and_then(|target| target.rsplit_once('.')) {
        Some((service, _)) if service.ends_with("CloudTrail_20131101") => ServiceName::CloudTrail,
        Some(_) | None => ServiceName::Kms,
    }
}

fn refuse(
    service: ServiceName,
    operation: Option<&'static dyn Operation>,
    error: AwsError,
) -> Route {
    let verdict = Verdict::Refuse(error);
    Route { service, region: None, access_key_id: None, operation, verdict }
}

fn unsigned(error: &ParseError) -> AwsError {
    let message = error.to_string();
    let fault = match error {
        ParseError::Missing => SignatureFault::Missing,
        ParseError::Incomplete(_) => SignatureFault::Incomplete,
        ParseError::Scope(_) => SignatureFault::Scope,
        ParseError::Mismatch(_) => SignatureFault::Mismatch,
    };
    AuthorizeError::Signature { fault, message }.into()
}

fn scope(message: String) -> AwsError {
    AuthorizeError::Signature { fault: SignatureFault::Scope, message }.into()
}

/// `Action` and `Version` of a form; empty when one is missing, stands twice or would have to be
/// decoded first: no name of either needs that.
fn action_of(body: &[u8]) -> (&str, &str) {
    let Ok(text) = std::str::from_utf8(body) else { return ("", "") };
    let value = |wanted: &str| {
        let mut values =
            text.split('&').filter_map(|pair| pair.split_once('=')).filter(|(n, _)| *n == wanted);
        let value = values.next().map(|(_, value)| value);
        let plain = |value: &&str| value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        value.filter(|_| values.next().is_none()).filter(plain).unwrap_or_default()
    };
    (value("Action"), value("Version"))
}

/// Text out of a header, whatever its bytes.
pub(crate) fn lossy(value: Option<&hyper::header::HeaderValue>) -> Cow<'_, str> {
    value.map_or(Cow::Borrowed(""), |value| String::from_utf8_lossy(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    const JSON: &str = "application/x-amz-json-1.1";
    const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

    /// Routes a POST whose credential scope is `scope` (Region and service); unsigned when that is
    /// empty.
    fn route(media: &str, target: Option<&str>, scope: &str, body: &str) -> Route {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/{scope}/aws4_request, \
             SignedHeaders=host;x-amz-date{}, Signature={}",
            if target.is_some() { ";x-amz-target" } else { "" },
            "ab".repeat(32)
        );
        let mut headers: Vec<(&str, &[u8])> = vec![
            ("host", b"kms"),
            ("x-amz-date", b"20150830T123600Z"),
            ("content-type", media.as_bytes()),
        ];
        headers.extend(target.map(|target| ("x-amz-target", target.as_bytes())));
        if !scope.is_empty() {
            headers.push(("authorization", authorization.as_bytes()));
        }
        let regions: Vec<Region> = Region::all().filter(|r| r.as_str() != "eu-west-3").collect();
        let incoming = Incoming {
            parts: RequestParts {
                method: "POST",
                path: "/",
                query: None,
                headers: &headers,
                authority: None,
            },
            payload_sha256: Sha256::digest(body).into(),
            body: body.as_bytes(),
            regions: &regions,
        };
        incoming.route()
    }

    fn refused(route: &Route) -> (ErrorCode, &str) {
        match &route.verdict {
            Verdict::Refuse(error) => (error.code, error.message.as_deref().unwrap_or_default()),
            Verdict::Run(operation, _) => panic!("{} would run", operation.name()),
        }
    }

    fn runs(route: &Route) -> &'static str {
        match &route.verdict {
            Verdict::Run(operation, _) => operation.name(),
            Verdict::Refuse(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_signed_target_runs_in_the_region_of_its_scope() {
        let route = route(JSON, Some("TrentService.Encrypt"), "eu-west-1/kms", "{}");
        assert_eq!(runs(&route), "Encrypt");
        assert_eq!(route.region.unwrap().as_str(), "eu-west-1");
        assert_eq!(route.access_key_id.as_deref(), Some("AKIDEXAMPLE"));
    }

    #[test]
    fn an_unknown_target_is_refused_before_the_signature_is_looked_at() {
        for target in [None, Some("TrentService.Nonsense"), Some("DynamoDB_20120810.GetItem")] {
            let route = route(JSON, target, "", "{}");
            assert_eq!(refused(&route).0, ErrorCode::UnknownOperation);
        }
    }

    #[test]
    fn an_unsigned_request_is_told_so_and_keeps_its_operation_for_the_record() {
        let route = route(JSON, Some("TrentService.Encrypt"), "", "{}");
        let wanted = (ErrorCode::MissingAuthenticationToken, "Missing Authentication Token");
        assert_eq!(refused(&route), wanted);
        assert_eq!(route.operation.unwrap().name(), "Encrypt");
    }

    #[test]
    fn scopes_of_other_services_and_regions_that_are_not_served_are_refused() {
        let target = Some("TrentService.Encrypt");
        let wrong = route(JSON, target, "us-east-1/sts", "{}");
        let text = "Credential should be scoped to correct service: 'kms'.";
        assert_eq!(refused(&wrong), (ErrorCode::SignatureMismatch, text));
        for region in ["eu-west-3", "xx"] {
            let wrong = route(JSON, target, &format!("{region}/kms"), "{}");
            let text = format!("Credential should be scoped to a valid Region, not '{region}'.");
            assert_eq!(refused(&wrong), (ErrorCode::SignatureMismatch, text.as_str()));
        }
    }

    #[test]
    fn cloudtrail_is_a_service_of_its_own() {
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
        let found = route(JSON, Some(target), "eu-west-1/cloudtrail", "{}");
        assert_eq!((runs(&found), found.service), ("LookupEvents", ServiceName::CloudTrail));
        assert_eq!(found.region.unwrap().as_str(), "eu-west-1");
        let wrong = route(JSON, Some(target), "eu-west-1/kms", "{}");
        let text = "Credential should be scoped to correct service: 'cloudtrail'.";
        assert_eq!(refused(&wrong), (ErrorCode::SignatureMismatch, text));
        let elsewhere = route(JSON, Some(target), "eu-west-3/cloudtrail", "{}");
        assert_eq!(refused(&elsewhere).0, ErrorCode::SignatureMismatch);
        let unknown = "CloudTrail_20131101.CreateTrail";
        let unknown = route(JSON, Some(unknown), "eu-west-1/cloudtrail", "{}");
        let known = (ErrorCode::UnknownOperation, "");
        assert_eq!((refused(&unknown), unknown.service), (known, ServiceName::CloudTrail));
        let own = route(JSON, Some("Trent.TailEvents"), "eu-west-1/kms", "{}");
        assert_eq!((runs(&own), own.service), ("TailEvents", ServiceName::Kms));
    }

    #[test]
    fn a_forms_action_is_looked_up_in_the_service_of_its_scope() {
        let sts = "Action=GetCallerIdentity&Version=2011-06-15";
        assert_eq!(runs(&route(FORM, None, "eu-west-1/sts", sts)), "GetCallerIdentity");
        let iam = "Action=CreateUser&Version=2010-05-08&UserName=a";
        assert_eq!(runs(&route(FORM, None, "us-east-1/iam", iam)), "CreateUser");
        let refused_code = |scope, body| refused(&route(FORM, None, scope, body)).0;
        let anywhere = route(FORM, None, "eu-west-1/iam", iam);
        assert_eq!(runs(&anywhere), "CreateUser");
        assert_eq!(anywhere.region.unwrap().as_str(), "us-east-1");
        assert_eq!(refused_code("xx/iam", iam), ErrorCode::SignatureMismatch);
        assert_eq!(refused_code("us-east-1/iam", sts), ErrorCode::InvalidAction);
        assert_eq!(refused_code("us-east-1/kms", iam), ErrorCode::SignatureMismatch);
        let twice = "Action=CreateUser&Action=GetUser&Version=2010-05-08";
        assert_eq!(refused_code("us-east-1/iam", twice), ErrorCode::InvalidAction);
        assert_eq!(refused_code("us-east-1/iam", ""), ErrorCode::InvalidAction);
        assert_eq!(refused_code("", iam), ErrorCode::MissingAuthenticationToken);
    }
}

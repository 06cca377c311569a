//! Temporary credentials: how they are made, answered and recorded, and what is not served.

use trent_types::{IssuedSession, SessionRefused, SessionRequest};

use crate::error::{AwsError, ErrorCode};
use crate::json::Object;
use crate::query::fields::Fields;
use crate::query::rule::{SERIAL_NUMBER, TOKEN_CODE};
use crate::query::xml::{element, within};
use crate::record::java_date;
use crate::steps::Call;

/// Makes credentials with the first question's Permit.
pub(crate) async fn issue(
    call: &Call<'_>,
    session: &SessionRequest,
) -> Result<IssuedSession, AwsError> {
    let (id, permit) = (call.request.request_id, call.permit(0)?);
    let issued = call.ports.identities.issue_session(id, permit, session).await?;
    issued.map_err(|refused| {
        let (code, text) = match refused {
            SessionRefused::Invalid(text) => (ErrorCode::Validation, text),
            SessionRefused::MalformedPolicy(text) => (ErrorCode::MalformedPolicyDocument, text),
            SessionRefused::TooLarge(text) => (ErrorCode::PackedPolicyTooLarge, text),
            SessionRefused::Denied(text) => (ErrorCode::AccessDenied, text),
        };
        AwsError::new(code, text)
    })
}

/// Appends `<Credentials>`.
pub(crate) fn elements(out: &mut String, session: &IssuedSession) -> Result<(), AwsError> {
    let secret = std::str::from_utf8(session.secret.expose())
        .map_err(|_| AwsError::internal(&"a secret access key is not text"))?;
    within(out, "Credentials", |out| {
        element(out, "AccessKeyId", &session.access_key_id);
        element(out, "SecretAccessKey", secret);
        element(out, "SessionToken", &session.token);
        element(out, "Expiration", &session.expires_at.iso8601());
    });
    Ok(())
}

/// Shows credentials in a record, without what they prove themselves with.
pub(crate) fn show(out: &mut Object<'_>, session: &IssuedSession) {
    out.object("credentials", |shown| {
        shown.text("accessKeyId", &session.access_key_id);
        shown.text("expiration", &java_date(session.expires_at));
    });
}

/// Reads `SerialNumber` and `TokenCode`. Nobody has an MFA device here, so whoever names one is
/// refused like someone who names a device that is not theirs.
pub(crate) fn refuse_mfa(fields: &mut Fields<'_>) {
    let serial = fields.text("SerialNumber", &SERIAL_NUMBER);
    let code = fields.text("TokenCode", &TOKEN_CODE);
    if serial.is_some() || code.is_some() {
        let text = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify \
                    your MFA serial number is valid and associated with this user.";
        fields.refuse(AwsError::new(ErrorCode::AccessDenied, text));
    }
}

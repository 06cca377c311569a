//! What users and ids are called, and how a user is shown.

use trent_types::{AccountId, Caller, Timestamp, User};

use crate::error::{AwsError, ErrorCode};
use crate::iam::form::Form;
use crate::json::Object;
use crate::record::java_date;
use crate::request::Request;
use crate::steps::Call;
use crate::xml::element;

/// `UserName`: 1 to `max` of the allowed characters; `None` when it is not given.
pub(crate) fn user_name(form: &Form, max: usize) -> Result<Option<String>, AwsError> {
    let Some(name) = form.value("UserName") else { return Ok(None) };
    let invalid = |text: String| Err(AwsError::new(ErrorCode::Validation, text));
    let rule = |rule: &str, limit: usize| {
        invalid(format!(
            "1 validation error detected: Value '{name}' at 'userName' failed to satisfy \
             constraint: Member must have length {rule} than or equal to {limit}"
        ))
    };
    match name.chars().count() {
        0 => return rule("greater", 1),
        count if count > max => return rule("less", max),
        _ => {}
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !name.chars().all(allowed) {
        return invalid(
            "The specified value for userName is invalid. It must contain only alphanumeric \
             characters and/or the following: +=,.@_-"
                .to_owned(),
        );
    }
    Ok(Some(name.to_owned()))
}

/// `Path`: `/`, or up to 512 printable characters between two slashes.
pub(crate) fn path(form: &Form) -> Result<String, AwsError> {
    let path = form.value("Path").unwrap_or("/");
    let framed = path.starts_with('/') && path.ends_with('/') && path.len() <= 512;
    if framed && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(path.to_owned());
    }
    Err(AwsError::new(
        ErrorCode::Validation,
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    ))
}

/// `NoSuchEntity` for a user.
pub(crate) fn no_such_user(name: &str) -> AwsError {
    let text = format!("The user with name {name} cannot be found.");
    AwsError::new(ErrorCode::NoSuchEntity, text)
}

/// A new id: the prefix and random characters of `A-Z2-7`, `length` in all.
pub(crate) fn new_id(call: &Call<'_>, prefix: &str, length: usize) -> String {
    const ALPHABET: [char; 32] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R',
        'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
    ];
    let mut bits = u128::from_be_bytes(call.ports.random.sixteen_bytes());
    let mut id = prefix.to_owned();
    while id.len() < length {
        // Cannot be cut short: five bits. At most 25 characters come out of 128 bits; ids need 17.
        id.extend(ALPHABET.get((bits & 31) as usize));
        bits >>= 5;
    }
    id
}

/// A user's ARN.
pub(crate) fn user_arn(request: &Request<'_>, user: &User) -> String {
    arn(request, user.account, &user.path, &user.name)
}

/// The ARN of a user of this path and name.
pub(crate) fn arn(request: &Request<'_>, account: AccountId, path: &str, name: &str) -> String {
    let partition = request.region.partition().as_str();
    ["arn:", partition, ":iam::", account.as_str(), ":user", path, name].concat()
}

/// The ARN of the user that a request names, or of the caller. A name does not tell the path: names
/// are unique without it, and it is left out.
pub(crate) fn named_or_caller(
    name: Option<&str>,
    request: &Request<'_>,
    caller: &Caller,
) -> String {
    match name {
        Some(name) => arn(request, caller.account, "/", name),
        None => caller.arn(request.region.partition()),
    }
}

/// Appends `<User>`.
pub(crate) fn user_element(out: &mut String, request: &Request<'_>, user: &User) {
    out.push_str("<User>");
    element(out, "Path", &user.path);
    element(out, "UserName", &user.name);
    element(out, "UserId", &user.user_id);
    element(out, "Arn", &user_arn(request, user));
    element(out, "CreateDate", &user.created_at.iso8601());
    out.push_str("</User>");
}

/// Shows a user in a record.
pub(crate) fn show_user(out: &mut Object<'_>, request: &Request<'_>, user: &User) {
    out.object("user", |shown| {
        shown.text("path", &user.path);
        shown.text("userName", &user.name);
        shown.text("userId", &user.user_id);
        shown.text("arn", &user_arn(request, user));
        shown.text("createDate", &java_date(user.created_at));
    });
}

/// The moment as IAM keeps it: whole seconds.
pub(crate) const fn to_the_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_millis(moment.as_seconds() * 1000)
}

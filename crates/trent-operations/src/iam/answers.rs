//! The two forms of IAM's answers: with output, and with none.

use trent_types::{Change, IdentityChange};

use crate::query::xml::{answer, empty_answer};
use crate::request::ServiceName;
use crate::steps::{Call, Done};

/// An answer with output.
pub(crate) fn answered(call: &Call<'_>, name: &str, fill: impl FnOnce(&mut String)) -> Done {
    Done::answer(answer(ServiceName::Iam, name, &call.request_id(), fill))
}

/// An answer without output, for a change.
pub(crate) fn changed(call: &Call<'_>, name: &str, change: IdentityChange) -> Done {
    let body = empty_answer(ServiceName::Iam, name, &call.request_id());
    Done { body, change: Some(Change::Identity(change)), ..Done::default() }
}

/// An answer with output, for a change; `elements` are `responseElements`.
pub(crate) fn made(done: Done, change: IdentityChange, elements: Vec<u8>) -> Done {
    Done { change: Some(Change::Identity(change)), elements: Some(elements), ..done }
}

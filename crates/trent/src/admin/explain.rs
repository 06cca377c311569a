//! `trent explain`: why a request was denied.

use clap::Args;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::{self, Explanation};
use trent_runtime::{Options, StartError};
use trent_types::{RequestId, Timestamp};

use super::{ask, senseless};

/// Which request.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The request id, as in the error's message and the audit record
    #[arg(value_name = "REQUEST-ID")]
    request: RequestId,
    #[command(flatten)]
    options: Options,
}

/// Prints an object of JSON for each question of the request that was denied.
pub(crate) fn run(explain: Explain) -> Result<(), StartError> {
    let Explain { request, options } = explain;
    let request_id = request.as_bytes().to_vec().into();
    let command = Command::Explain(messages::Explain { request_id });
    let Outcome::Explanations(found) = ask(options, command)? else { return Err(senseless()) };
    if found.explanations.is_empty() {
        let why = format!(
            "nothing is known of {request}: it was not denied by a policy, has just been, or is \
             older than 90 days"
        );
        return Err(StartError::Environment(why));
    }
    for explanation in &found.explanations {
        println!("{}", line(request, explanation)?);
    }
    Ok(())
}

/// The stored object, with what names the request.
fn line(request: RequestId, told: &Explanation) -> Result<String, StartError> {
    let mut object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&told.json).map_err(|_| senseless())?;
    let at = Timestamp::from_millis(told.at_ms).iso8601();
    for (name, value) in
        [("requestId", request.to_string()), ("time", at), ("account", told.account.clone())]
    {
        object.insert(name.to_owned(), value.into());
    }
    Ok(serde_json::Value::Object(object).to_string())
}

//! The operator's commands on a running deployment: over NATS as the identity `admin`, or by the
//! socket of an embedded one.

pub(crate) mod account;
pub(crate) mod clock;
pub(crate) mod consumer;
mod credentials;
pub(crate) mod explain;
pub(crate) mod quota;
pub(crate) mod seed;
pub(crate) mod service;
mod socket;

use std::time::Duration;

use prost::Message;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::{AdminAnswer, AdminRequest};
use trent_bus::{Bus, BusError, Order, Subject};
use trent_runtime::{Options, Settings, StartError};

use crate::roles;
pub(crate) use socket::AdminSocket;

/// How often a request is sent that nobody answers.
const ATTEMPTS: usize = 3;

/// How long an answer over NATS is waited for: a change waits two seconds for each evaluator that
/// is silent, all at once.
const DEADLINE: Duration = Duration::from_secs(6);

/// Has a running deployment carry out a command: the one whose bus is configured, or else the
/// embedded one whose data directory is.
///
/// # Errors
/// [`StartError`] with the deployment's reason, or why it was not reached.
fn ask(options: Options, command: Command) -> Result<Outcome, StartError> {
    ask_as(&options.settings()?, rand::random(), command)
}

/// [`ask`] under this request id. It is one for all attempts: a change that was made and not
/// answered is not made again.
fn ask_as(settings: &Settings, id: [u8; 16], command: Command) -> Result<Outcome, StartError> {
    let request = AdminRequest { request_id: id.to_vec().into(), command: Some(command) };
    let request = request.encode_to_vec();
    let answer = if settings.nats_url.is_some() {
        over_nats(settings, &request)?
    } else {
        socket::ask(&settings.data_dir, &request).map_err(|error| {
            StartError::Environment(format!(
                "no running Trent was reached in {}: {error}",
                settings.data_dir.display()
            ))
        })?
    };
    let answer = AdminAnswer::decode(answer).map_err(|_| senseless())?;
    match answer.outcome {
        Some(Outcome::Refused(why)) => Err(StartError::Environment(why)),
        Some(Outcome::Unavailable(why)) => Err(StartError::Environment(format!(
            "not served now, and not known whether anything was changed: {why}"
        ))),
        Some(outcome) => Ok(outcome),
        None => Err(senseless()),
    }
}

fn over_nats(settings: &Settings, request: &[u8]) -> Result<bytes::Bytes, StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StartError::Environment(error.to_string()))?;
    runtime.block_on(async {
        let nats = roles::nats_now(settings, "admin").await?;
        call(&nats.bus(), request).await.map_err(|error| {
            StartError::Environment(format!("no policy evaluator answered: {error}"))
        })
    })
}

async fn call(bus: &Bus, request: &[u8]) -> Result<bytes::Bytes, BusError> {
    let mut attempt = 1;
    loop {
        let payload = bytes::Bytes::copy_from_slice(request);
        let order = Order { deadline: DEADLINE, traceparent: None, payload };
        match bus.call(Subject::Admin, order).await {
            Err(BusError::Timeout | BusError::Disconnected) if attempt < ATTEMPTS => {
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            answer => return answer,
        }
    }
}

fn senseless() -> StartError {
    StartError::Environment("the answer makes no sense: another version is running".to_owned())
}

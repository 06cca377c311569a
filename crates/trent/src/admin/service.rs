//! `trent service`: the service principals of a running deployment.

use clap::{Args, Subcommand};
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::{CreateService, CreatedService, Unit};
use trent_runtime::{Options, StartError};
use trent_types::Timestamp;

use super::credentials::{self, json};
use super::{ask, senseless};

/// Services that call for themselves and on behalf of others; docs/services.md.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Make a service principal where it is missing, and print a new access key of it, this once,
    /// as JSON
    Create(Box<Named>),
    /// Show every service principal, a line of JSON each
    List(Box<Options>),
    /// End a service principal and its access keys
    Delete(Box<Named>),
}

/// A service by its name.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// As in s3, or s3.amazonaws.com
    name: String,
    #[command(flatten)]
    options: Options,
}

/// Carries a command out.
pub(crate) fn run(command: ServiceCommand) -> Result<(), StartError> {
    match command {
        ServiceCommand::Create(named) => {
            let Named { name, options } = *named;
            let command = Command::CreateService(CreateService { name });
            let made = credentials::make(&options.settings()?, command)?;
            let Outcome::ServiceCreated(CreatedService { name, access_key: Some(key) }) =
                &made.outcome
            else {
                return Err(senseless());
            };
            let secret = made.secret(key)?;
            let members = [
                ("service", name.as_str()),
                ("accessKeyId", &key.access_key_id),
                ("secretAccessKey", credentials::text(&secret)?),
            ];
            println!("{}", json(&members));
        }
        ServiceCommand::List(options) => {
            let Outcome::Services(list) = ask(*options, Command::ListServices(Unit {}))? else {
                return Err(senseless());
            };
            for service in list.services {
                let created = Timestamp::from_millis(service.created_at_ms).iso8601();
                let ids: Vec<_> =
                    service.access_keys.into_iter().map(|key| key.access_key_id).collect();
                let line = serde_json::json!({
                    "service": service.name,
                    "createdAt": created,
                    "accessKeyIds": ids,
                });
                println!("{line}");
            }
        }
        ServiceCommand::Delete(named) => {
            let Named { name, options } = *named;
            let Outcome::Done(Unit {}) = ask(options, Command::DeleteService(name))? else {
                return Err(senseless());
            };
        }
    }
    Ok(())
}

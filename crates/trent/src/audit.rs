//! `trent audit …`: commands on the trail of a running or a stopped instance; `trent usage` and
//! `trent cost`, which follow from it.

mod archive;
pub(crate) mod cost;
mod lookup;
mod printed;
pub(crate) mod recount;
pub(crate) mod signing_key;
mod table;
mod tail;
pub(crate) mod usage;
mod validate_logs;
mod verify;

use trent_runtime::StartError;

use crate::commands::AuditCommand;

pub(crate) use archive::Archive;
pub(crate) use lookup::Lookup;
pub(crate) use signing_key::RotateKey;
pub(crate) use tail::Tail;
pub(crate) use validate_logs::ValidateLogs;
pub(crate) use verify::Verify;

/// Runs a command on the trail.
pub(crate) fn run(command: AuditCommand) -> Result<(), StartError> {
    match command {
        AuditCommand::Verify(arguments) => verify::verify(&arguments),
        AuditCommand::Archive(arguments) => archive::archive(*arguments),
        AuditCommand::ValidateLogs(arguments) => validate_logs::validate(*arguments),
        AuditCommand::Recount(arguments) => recount::run(*arguments),
        AuditCommand::PublicKeys(options) => signing_key::public_keys(*options),
        AuditCommand::Consumer(command) => crate::admin::consumer::run(command),
        AuditCommand::RotateKey(arguments) => signing_key::rotate(*arguments),
        AuditCommand::Tail(arguments) => tail::run(&arguments),
        AuditCommand::Lookup(arguments) => lookup::run(&arguments),
    }
}

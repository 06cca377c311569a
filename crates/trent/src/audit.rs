//! `trent audit …`: commands on the trail of a running or a stopped instance.

mod archive;
pub(crate) mod signing_key;
mod validate_logs;
mod verify;

use trent_runtime::StartError;

use crate::commands::AuditCommand;

pub(crate) use archive::Archive;
pub(crate) use signing_key::RotateKey;
pub(crate) use validate_logs::ValidateLogs;
pub(crate) use verify::Verify;

/// Runs a command on the trail.
pub(crate) fn run(command: AuditCommand) -> Result<(), StartError> {
    match command {
        AuditCommand::Verify(arguments) => verify::verify(*arguments),
        AuditCommand::Archive(arguments) => archive::archive(*arguments),
        AuditCommand::ValidateLogs(arguments) => validate_logs::validate(*arguments),
        AuditCommand::PublicKeys(options) => signing_key::public_keys(options),
        AuditCommand::RotateKey(arguments) => signing_key::rotate(*arguments),
    }
}

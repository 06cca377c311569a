//! Access keys that the deployment makes for the operator: their secrets come sealed, and are
//! printed this once.

use trent_bus::messages::NewAccessKey;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::{Purpose, Sealer};
use trent_runtime::{Settings, StartError};
use trent_types::{RequestId, SecretBytes};

use super::{ask_as, senseless};
use crate::key_files::{self, RingName};
use crate::roles::all::key_file;

/// An answer with a new access key in it, and what opens the key's secret.
pub(super) struct Made {
    pub(super) outcome: Outcome,
    sealer: Sealer,
    id: RequestId,
}

/// Carries out a command that makes an access key.
pub(super) fn make(settings: &Settings, command: Command) -> Result<Made, StartError> {
    // Before anything is made: without the bus key nobody could read the secret.
    let sealer = sealer(settings)?;
    let id: [u8; 16] = rand::random();
    let outcome = ask_as(settings, id, command)?;
    Ok(Made { outcome, sealer, id: RequestId::from_bytes(id) })
}

impl Made {
    /// The secret of a key in the answer.
    pub(super) fn secret(&self, key: &NewAccessKey) -> Result<SecretBytes, StartError> {
        let opened = self.sealer.open(Purpose::EvaluatorToOperator, self.id, &key.sealed_secret);
        opened.map_err(|error| StartError::Environment(error.to_string()))
    }
}

/// A secret as text.
pub(super) fn text(secret: &SecretBytes) -> Result<&str, StartError> {
    std::str::from_utf8(secret.expose()).map_err(|_| senseless())
}

/// Secrets go over no bus and no socket in the clear.
pub(super) fn sealer(settings: &Settings) -> Result<Sealer, StartError> {
    let path = if settings.nats_url.is_some() {
        let given = settings.bus_key_file.as_ref();
        Settings::required(given, "TRENT_BUS_KEY_FILE")?.clone()
    } else {
        key_file(settings, RingName::Bus)
    };
    Ok(Sealer::new(key_files::read(&path)?))
}

/// An object with these members, in their order.
pub(super) fn json(members: &[(&str, &str)]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let pairs: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}: {}", quoted(name), quoted(value)))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_are_quoted() {
        let text = json(&[("b", "x\"y"), ("a", "")]);
        assert_eq!(text, r#"{"b": "x\"y", "a": ""}"#);
    }
}

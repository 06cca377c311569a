//! The price list for cost reports.

use trent_audit_logger::cost::Prices;
use trent_runtime::{Settings, StartError};

/// Reads the price file, or takes the default prices.
///
/// # Errors
/// [`StartError::Configuration`] names the file and what is wrong with it.
pub(crate) fn read(settings: &Settings) -> Result<Prices, StartError> {
    let Some(path) = &settings.prices_file else { return Ok(Prices::default()) };
    let wrong = |error: &dyn std::fmt::Display| {
        StartError::Configuration(format!("TRENT_PRICES_FILE: {}: {error}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    Prices::parse(&text).map_err(|error| wrong(&error))
}

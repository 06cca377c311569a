//! `trent audit verify`: walks the chains of a running or a stopped instance.

pub(crate) mod recount;

use trent_audit_logger::verify::{Report, verify_journal, verify_store};
use trent_runtime::{Options, Settings, StartError};

use crate::roles;

/// Verifies the trail and prints what it found; a fault is an error.
pub(crate) fn verify(options: Options) -> Result<(), StartError> {
    let settings = options.settings()?;
    let report = if settings.database_url.is_some() {
        in_database(&settings)?
    } else {
        let directory = settings.data_dir.join("journal");
        verify_journal(&directory).map_err(|source| StartError::File { path: directory, source })?
    };
    for (chain, head) in &report.chains {
        let name = chain.as_ref().map_or("system", |account| account.as_str());
        println!("{name}: {} records", head.sequence);
    }
    match &report.fault {
        None => {
            println!("the trail is whole: {} records", report.records());
            Ok(())
        }
        Some(fault) => Err(StartError::Environment(format!("the trail is broken: {fault}"))),
    }
}

fn in_database(settings: &Settings) -> Result<Report, StartError> {
    let failed = |error: &dyn std::error::Error| StartError::Environment(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(&error))?;
    runtime.block_on(async {
        let store = roles::postgres_now(settings).await?;
        verify_store(&store).await.map_err(|error| failed(&error))
    })
}

//! The schema of both stores, and bringing a store up to it.

use refinery::{Migration, Runner};

use crate::StoreError;

/// The version that this program needs of a Postgres store: the last of [`postgres`].
pub(crate) const POSTGRES_VERSION: i32 = 3;

/// Name and text of one step.
type Step = (&'static str, &'static str);

const REGISTRY: Step = ("V1__registry", include_str!("../migrations/V1__registry.sql"));

/// Brings a Postgres database up to this program's schema. Blocks; may be called from anywhere. Two
/// at once take turns.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be reached, [`StoreError::Schema`] when its
/// schema is not one that this program has made or can build on.
pub fn migrate(url: &str) -> Result<(), StoreError> {
    let url = url.to_owned();
    // A thread of its own, because the synchronous client must not run inside an async runtime.
    let worker = std::thread::Builder::new().name("migrate".to_owned());
    let running = worker
        .spawn(move || migrate_here(&url))
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    running.join().unwrap_or_else(|_| Err(StoreError::Schema("the migration broke off".into())))
}

fn migrate_here(url: &str) -> Result<(), StoreError> {
    let unavailable = |error: postgres::Error| {
        StoreError::Unavailable(
            error
                .as_db_error()
                .map_or_else(|| error.to_string(), |refusal| refusal.message().to_owned()),
        )
    };
    let mut config: postgres::Config = url.parse().map_err(unavailable)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(std::time::Duration::from_secs(5));
    }
    let mut client = config.connect(postgres::NoTls).map_err(unavailable)?;
    // Held until the connection ends.
    client.batch_execute("SELECT pg_advisory_lock(7239481)").map_err(unavailable)?;
    runner(&[
        REGISTRY,
        ("V2__queues", include_str!("../migrations/postgres/V2__queues.sql")),
        ("V3__audit", include_str!("../migrations/postgres/V3__audit.sql")),
    ])?
    .run(&mut client)
    .map_err(schema)?;
    Ok(())
}

/// Brings a SQLite file up to this program's schema.
pub(crate) fn migrate_sqlite(connection: &mut rusqlite::Connection) -> Result<(), StoreError> {
    runner(&[REGISTRY, ("V2__queues", include_str!("../migrations/sqlite/V2__queues.sql"))])?
        .run(connection)
        .map_err(schema)?;
    Ok(())
}

fn runner(steps: &[Step]) -> Result<Runner, StoreError> {
    let steps: Result<Vec<_>, _> =
        steps.iter().map(|(name, sql)| Migration::unapplied(name, sql)).collect();
    // All steps in one transaction: a store is at one version or at another, never between.
    Ok(Runner::new(&steps.map_err(schema)?).set_grouped(true))
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function of map_err")]
fn schema(error: refinery::Error) -> StoreError {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    StoreError::Schema(text)
}

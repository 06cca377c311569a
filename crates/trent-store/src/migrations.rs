//! The schema of both stores, and bringing a store up to it.

use refinery::{Migration, Runner};

use crate::postgres::refusal;
use crate::{PostgresOptions, StoreError};

/// The version that this program needs of a Postgres store: the last of [`postgres`].
pub(crate) const POSTGRES_VERSION: i32 = 15;

/// The version that this program makes of a SQLite store: the last of [`migrate_sqlite`].
pub(crate) const SQLITE_VERSION: i32 = 14;

/// Name and text of one step.
type Step = (&'static str, &'static str);

const REGISTRY: Step = ("V1__registry", include_str!("../migrations/V1__registry.sql"));

const SEALED_VERSIONS: Step =
    ("V5__sealed_versions", include_str!("../migrations/V5__sealed_versions.sql"));

const MATERIALS: Step =
    ("V6__materials_and_families", include_str!("../migrations/V6__materials_and_families.sql"));
const GRANTS: Step = ("V7__grants", include_str!("../migrations/V7__grants.sql"));

const QUOTA_OVERRIDES: Step =
    ("V8__quota_overrides", include_str!("../migrations/V8__quota_overrides.sql"));

const KEY_LAST_USAGE: Step =
    ("V9__key_last_usage", include_str!("../migrations/V9__key_last_usage.sql"));

const IDENTITIES: Step = ("V11__identities", include_str!("../migrations/V11__identities.sql"));

/// Makes the roles and grants them what they need; see the file.
const ROLES: &str = include_str!("../migrations/postgres/roles.sql");

/// Whose tables they are, when they are not this user's.
const FOREIGN_OWNER: &str = "SELECT pg_get_userbyid(relowner)::text FROM pg_class \
    WHERE relname = 'kms_key' AND relnamespace = current_schema()::regnamespace \
    AND NOT pg_has_role(relowner, 'USAGE')";

/// Brings a Postgres database up to this program's schema, makes the roles of Trent's services
/// where they are missing, and grants them what they need. Blocks; may be called from anywhere. Two
/// at once take turns.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be reached, [`StoreError::Refused`] as with
/// [`crate::Postgres::connect`], [`StoreError::Schema`] when the schema is not one that this
/// program has made or can build on, or this user may not do what has to be done.
pub fn migrate(options: &PostgresOptions) -> Result<(), StoreError> {
    let options = options.clone();
    // A thread of its own, because the synchronous client must not run inside an async runtime.
    let worker = std::thread::Builder::new().name("migrate".to_owned());
    let running = worker
        .spawn(move || migrate_here(&options))
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    running.join().unwrap_or_else(|_| Err(StoreError::Schema("the migration broke off".into())))
}

fn migrate_here(options: &PostgresOptions) -> Result<(), StoreError> {
    let refused = |error: postgres::Error| refusal(&error);
    let (config, tls) = options.target()?;
    let config = postgres::Config::from(config);
    let connected = match tls {
        Some(tls) => config.connect(tls),
        None => config.connect(postgres::NoTls),
    };
    let mut client = connected.map_err(refused)?;
    // Held until the connection ends.
    client.batch_execute("SELECT pg_advisory_lock(7239481)").map_err(refused)?;
    if let Some(row) = client.query_opt(FOREIGN_OWNER, &[]).map_err(refused)? {
        let owner: String = row.try_get(0).map_err(refused)?;
        return Err(StoreError::Schema(format!(
            "its tables belong to {owner}: run trent migrate as {owner}, or once as a superuser, \
             who hands them over to trent_owner"
        )));
    }
    runner(&[
        REGISTRY,
        ("V2__queues", include_str!("../migrations/postgres/V2__queues.sql")),
        ("V3__audit", include_str!("../migrations/postgres/V3__audit.sql")),
        ("V4__audit_guard", include_str!("../migrations/postgres/V4__audit_guard.sql")),
        SEALED_VERSIONS,
        MATERIALS,
        GRANTS,
        QUOTA_OVERRIDES,
        KEY_LAST_USAGE,
        ("V10__scrub", include_str!("../migrations/postgres/V10__scrub.sql")),
        IDENTITIES,
        ("V12__identity_order", include_str!("../migrations/postgres/V12__identity_order.sql")),
        ("V13__trail_index", include_str!("../migrations/postgres/V13__trail_index.sql")),
        ("V14__usage", include_str!("../migrations/postgres/V14__usage.sql")),
        ("V15__archives", include_str!("../migrations/postgres/V15__archives.sql")),
    ])?
    .run(&mut client)
    .map_err(schema)?;
    let mut transaction = client.transaction().map_err(refused)?;
    transaction.batch_execute(ROLES).map_err(refused)?;
    transaction.commit().map_err(refused)
}

/// Brings a SQLite file up to this program's schema.
pub(crate) fn migrate_sqlite(connection: &mut rusqlite::Connection) -> Result<(), StoreError> {
    runner(&[
        REGISTRY,
        ("V2__queues", include_str!("../migrations/sqlite/V2__queues.sql")),
        SEALED_VERSIONS,
        MATERIALS,
        GRANTS,
        QUOTA_OVERRIDES,
        KEY_LAST_USAGE,
        IDENTITIES,
        ("V13__trail_blocks", include_str!("../migrations/sqlite/V13__trail_blocks.sql")),
        ("V14__usage", include_str!("../migrations/sqlite/V14__usage.sql")),
    ])?
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

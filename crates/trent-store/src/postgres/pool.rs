//! Connections from the pool, and what metrics tell of them.

use std::ops::{Deref, DerefMut};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use metrics::Gauge;

use super::session::stop;
use super::{PostgresOptions, SERVER_LIMITS, WAIT};
use crate::StoreError;

/// A pool of connections that counts them.
pub(super) struct Connections {
    pool: Pool,
    meters: Meters,
}

#[derive(Clone)]
struct Meters {
    used: Gauge,
    idle: Gauge,
    waiting: Gauge,
}

const CONNECTIONS: &str = "trent_database_pool_connections";
const CONNECTIONS_MAX: &str = "trent_database_pool_connections_max";
const WAITING: &str = "trent_database_pool_waiting";
const ERRORS: &str = "trent_database_errors_total";

/// The kinds of [`count_error`].
const KINDS: [&str; 6] = ["unavailable", "refused", "corrupt", "schema", "aborted", "pool_timeout"];

impl Meters {
    /// The metrics of a pool of so many connections.
    fn new(max: usize) -> Self {
        use metrics::{describe_counter, describe_gauge};
        describe_gauge!(CONNECTIONS, "Connections to Postgres, by whether they are in use");
        describe_gauge!(CONNECTIONS_MAX, "How many connections to Postgres there may be");
        describe_gauge!(WAITING, "How many wait for a connection to Postgres");
        describe_counter!(ERRORS, "Errors of the database, by kind");
        for kind in KINDS {
            metrics::counter!(ERRORS, "kind" => kind).increment(0);
        }
        metrics::gauge!(CONNECTIONS_MAX).set(max as f64);
        let connections = |state: &'static str| metrics::gauge!(CONNECTIONS, "state" => state);
        Self {
            used: connections("used"),
            idle: connections("idle"),
            waiting: metrics::gauge!(WAITING),
        }
    }
}

impl Connections {
    /// A pool that opens its connections when they are needed.
    pub(super) fn new(options: &PostgresOptions) -> Result<Self, StoreError> {
        let (mut config, tls) = options.target()?;
        let given = config.get_options().unwrap_or_default();
        config.options(format!("{SERVER_LIMITS} {given}"));
        config.tcp_user_timeout(WAIT * 2);
        let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match tls {
            Some(tls) => Manager::from_config(config, tls, how),
            None => Manager::from_config(config, tokio_postgres::NoTls, how),
        };
        let max = options.pool_max.max(1);
        let pool = Pool::builder(manager)
            .max_size(max)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { pool, meters: Meters::new(max) })
    }

    /// A connection; waits for one while all are in use.
    pub(super) async fn take(&self) -> Result<Connection, StoreError> {
        let taken = {
            let _waiting = Waiting::begin(&self.meters.waiting);
            self.pool.get().await
        };
        let object = taken.map_err(|error| match error {
            PoolError::Backend(error) => stop(&error).into(),
            PoolError::Timeout(_) => {
                count_error("pool_timeout");
                StoreError::Unavailable("no connection became free in time".to_owned())
            }
            PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                StoreError::Unavailable(error.to_string())
            }
        })?;
        let noting = Noting { pool: self.pool.clone(), meters: self.meters.clone() };
        noting.note();
        Ok(Connection { object, _noting: noting })
    }
}

/// Counts an error by its kind: `unavailable`, `refused`, `corrupt`, `schema`, `aborted`,
/// `pool_timeout`.
pub(super) fn count_error(kind: &'static str) {
    metrics::counter!(ERRORS, "kind" => kind).increment(1);
}

/// A connection that goes back to the pool when dropped.
pub(super) struct Connection {
    object: Object,
    // After `object`, because fields are dropped in their order: it counts the pool as it is then.
    _noting: Noting,
}

impl Deref for Connection {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.object
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut Object {
        &mut self.object
    }
}

struct Noting {
    pool: Pool,
    meters: Meters,
}

impl Noting {
    fn note(&self) {
        let status = self.pool.status();
        self.meters.used.set(status.size.saturating_sub(status.available) as f64);
        self.meters.idle.set(status.available as f64);
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        self.note();
    }
}

/// One who waits, also when it gives up waiting.
struct Waiting<'a>(&'a Gauge);

impl<'a> Waiting<'a> {
    fn begin(gauge: &'a Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

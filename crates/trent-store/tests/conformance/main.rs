//! Both stores keep the same promises: each test here runs against a fresh SQLite file and a fresh
//! Postgres database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

/// Makes of each promise a test per store.
macro_rules! on_both_stores {
    ($($promise:ident)+) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $promise() {
                let fresh = crate::support::fresh_sqlite();
                super::$promise(&fresh.store).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&crate::support::fresh_postgres().await).await;
            })+
        }
    };
}

mod access_keys;
mod accounts;
mod changes;
mod explanations;
mod grants;
mod identities;
mod identity_pages;
mod keys;
mod last_usage;
mod life;
mod policies;
mod principals;
mod quotas;
mod sealed;
mod seeds;
#[path = "../support/mod.rs"]
mod support;
mod trail_blocks;
mod usage;

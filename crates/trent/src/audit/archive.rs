//! `trent audit archive`: old records leave the trail as signed files.

use std::path::{Path, PathBuf};

use trent_audit_logger::archive::{
    ArchiveError, Manifest, archive_month, archive_segments, parse_month,
};
use trent_audit_logger::signing::TrailKeyFile;
use trent_runtime::{Options, Settings, StartError};
use trent_store::{ArchiveStore, FollowerStore};
use trent_types::{Clock, SystemClock, Timestamp};

use super::signing_key;
use crate::{key_files, roles};

/// So many months before the present one stay, for `LookupEvents`, which shows 90 days.
const MONTHS_KEPT: i64 = 3;

/// What is moved, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Archive {
    /// Move what is older than this month, as in 2026-03
    #[arg(long, value_name = "YYYY-MM")]
    before: String,
    /// The folder for the archives; each becomes a folder in it
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    options: Options,
}

/// Archives what there is, and says what was archived.
pub(super) fn archive(arguments: Archive) -> Result<(), StartError> {
    let Archive { before, to, options } = arguments;
    let settings = options.settings()?;
    let now = SystemClock.now();
    let month = checked(&before, now)?;
    let keys = signing_key::read(&signing_key::path(&settings))?;
    if keys.signing().is_none() {
        let path = signing_key::path(&settings);
        let text = format!("{}: it holds no private key", path.display());
        return Err(StartError::Configuration(text));
    }
    key_files::private_folder(&to)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StartError::Environment(error.to_string()))?;
    let archived = runtime.block_on(async {
        if settings.database_url.is_some() {
            months(&settings, month, &to, &keys, now).await
        } else {
            segments(&settings, month, &to, &keys, now).await
        }
    })?;
    if archived == 0 {
        println!("there is nothing older than {before} to archive");
    }
    Ok(())
}

/// The month, if it is none of those that stay.
fn checked(before: &str, now: Timestamp) -> Result<i64, StartError> {
    let wrong = |why: String| Err(StartError::Configuration(format!("--before: {why}")));
    let Some(month) = parse_month(before) else {
        return wrong(format!("'{before}' is no month, as in 2026-03"));
    };
    let (year, of_year, ..) = now.civil();
    let latest = year * 12 + i64::from(of_year) - 1 - MONTHS_KEPT;
    if month > latest {
        let (year, of_year) = (latest.div_euclid(12), latest.rem_euclid(12) + 1);
        return wrong(format!(
            "the present month and the three before it stay: not later than \
            {year:04}-{of_year:02}"
        ));
    }
    Ok(month)
}

async fn months(
    settings: &Settings,
    before: i64,
    to: &Path,
    keys: &TrailKeyFile,
    now: Timestamp,
) -> Result<u64, StartError> {
    let store = roles::postgres_now(settings).await?;
    let months = store.months().await.map_err(|error| failed(&error.into()))?;
    let mut archived = 0;
    for month in months.into_iter().filter(|month| *month < before) {
        let made = archive_month(&store, month, to, keys, now).await;
        tell(&made.map_err(|error| failed(&error))?, to);
        archived += 1;
    }
    Ok(archived)
}

/// Only segments from which everything was read that is kept beside the journal.
async fn segments(
    settings: &Settings,
    before: i64,
    to: &Path,
    keys: &TrailKeyFile,
    now: Timestamp,
) -> Result<u64, StartError> {
    let of_year = u32::try_from(before.rem_euclid(12) + 1).unwrap_or(1);
    let before = Timestamp::from_civil(before.div_euclid(12), of_year, 1, 0, 0, 0);
    let places = roles::sqlite(settings)?.follower_places().await;
    let places = places.map_err(|error| failed(&error.into()))?;
    // The index needs no more than what is there.
    let read = places.derived.map_or(0, |read| read.place.segment.saturating_sub(1));
    let journal = settings.data_dir.join("journal");
    let bounds = (before.unwrap_or_default(), read);
    let made = archive_segments(&journal, to, bounds, keys, now);
    let Some(manifest) = made.map_err(|error| failed(&error))? else { return Ok(0) };
    tell(&manifest, to);
    Ok(1)
}

fn tell(manifest: &Manifest, to: &Path) {
    let folder = to.join(manifest.name());
    println!("archived {} records to {}", manifest.records(), folder.display());
}

fn failed(error: &ArchiveError) -> StartError {
    StartError::Environment(roles::policy::chain(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_month_and_three_before_it_stay() {
        let now = Timestamp::from_civil(2026, 2, 28, 23, 59, 59).unwrap();
        assert_eq!(checked("2025-11", now).unwrap(), 2025 * 12 + 10);
        let refused = checked("2025-12", now).unwrap_err().to_string();
        assert!(refused.contains("not later than 2025-11"), "{refused}");
        assert!(checked("2025-1", now).is_err());
    }
}

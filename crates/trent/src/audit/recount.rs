//! `trent audit recount`: usage once more from all records, against what is kept.

use clap::Args;
use trent_audit_logger::recount::{Difference, Recount, correction};
use trent_runtime::{Options, Settings, StartError};
use trent_store::{AuditStore, KeyEvent, StoreError, UsageCount, UsageTables};
use trent_types::AccountId;

use crate::roles;

/// How many differences are printed.
const SHOWN_MAX: usize = 1_000;

/// What to recount.
#[derive(Debug, Args)]
pub(crate) struct RecountUsage {
    /// Put what the records say in the place of what differs; in the distributed form by the
    /// tables' owner
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    options: Options,
}

/// What was found.
#[derive(Debug, Default)]
struct Found {
    records: u64,
    differences: usize,
    /// Accounts whose oldest records are not there any more.
    shortened: usize,
}

/// Recounts usage, and prints what differs.
///
/// # Errors
/// [`StartError`] when something differs and was not repaired, or trail or store cannot be read.
pub(crate) fn run(recount: RecountUsage) -> Result<(), StartError> {
    let RecountUsage { repair, options } = recount;
    let settings = options.settings()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StartError::Environment(error.to_string()))?;
    let found = runtime.block_on(async {
        if settings.database_url.is_some() {
            in_database(&settings, repair).await
        } else {
            in_journal(&settings, repair).await
        }
    })?;
    if found.shortened > 0 {
        let shortened = found.shortened;
        println!("accounts whose oldest records are gone, compared from then on: {shortened}");
    }
    match (found.differences, repair) {
        (0, _) => println!("usage is what {} records say", found.records),
        (differences, true) => println!("{differences} differences repaired"),
        (differences, false) => {
            return Err(StartError::Environment(format!(
                "usage differs from the records in {differences} places; --repair puts it right"
            )));
        }
    }
    Ok(())
}

async fn in_database(settings: &Settings, repair: bool) -> Result<Found, StartError> {
    let store = roles::postgres_now(settings).await?;
    let mut accounts: Vec<_> =
        store.chains().await.map_err(failed)?.into_iter().flatten().collect();
    accounts.extend(store.usage_accounts().await.map_err(failed)?);
    accounts.sort_unstable();
    accounts.dedup();
    let mut found = Found::default();
    for account in accounts {
        let (head, counts, events) = store.kept_usage(account).await.map_err(failed)?;
        let recount = Recount::of_chain(&store, account, head).await.map_err(failed)?;
        found.records += recount.records;
        compare(&store, account, &recount, (&counts, &events), repair, &mut found).await?;
    }
    Ok(found)
}

async fn in_journal(settings: &Settings, repair: bool) -> Result<Found, StartError> {
    // Opening would make it.
    if !settings.data_dir.exists() {
        let path = settings.data_dir.display();
        return Err(StartError::Environment(format!("TRENT_DATA_DIR: {path} is not there")));
    }
    let store = roles::sqlite(settings)?;
    let (place, counts, events) = store.kept_usage().await.map_err(failed)?;
    let mut found = Found::default();
    let Some(place) = place else { return Ok(found) };
    let directory = settings.data_dir.join("journal");
    let recount = Recount::of_journal(&directory, place)
        .map_err(|source| StartError::File { path: directory, source })?;
    found.records = recount.records;
    let mut accounts = recount.accounts();
    accounts.extend(counts.iter().map(|count| count.account));
    accounts.extend(events.iter().map(|event| event.key.account));
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts {
        compare(&store, account, &recount, (&counts, &events), repair, &mut found).await?;
    }
    Ok(found)
}

async fn compare(
    store: &dyn UsageTables,
    account: AccountId,
    recount: &Recount,
    (counts, events): (&[UsageCount], &[KeyEvent]),
    repair: bool,
    found: &mut Found,
) -> Result<(), StartError> {
    let differences = recount.differences(account, counts, events);
    found.shortened += usize::from(recount.since().is_some());
    let left = SHOWN_MAX.saturating_sub(found.differences);
    for difference in differences.iter().take(left) {
        println!("{account}: {}", shown(difference));
    }
    found.differences += differences.len();
    if repair && !differences.is_empty() {
        let correction = correction(&differences);
        store.correct_usage(account, &correction).await.map_err(failed)?;
    }
    Ok(())
}

/// What callers chose goes to a terminal: it must not steer it.
fn shown(difference: &Difference) -> String {
    difference.to_string().replace(char::is_control, "?")
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function of map_err")]
fn failed(error: StoreError) -> StartError {
    StartError::Environment(error.to_string())
}

//! Histories, taken in in random batches, against a plain recount.

#[expect(clippy::wildcard_enum_match_arm, reason = "what a rule does not name it passes over")]
mod naive;
mod recounts;
mod world;

use std::sync::Arc;

use proptest::prelude::*;
use trent_store::{Derive, Followed, FollowerStore, JournalPlace, ReadPlace, Sqlite};
use trent_types::{
    CostDimension, CostQuery, Granularity, Tag, Timestamp, UsageDimension, UsageFilter, UsageQuery,
};

use super::Deriver;
use crate::cost::Prices;
use crate::queries::{Books, UsageReader};
use naive::{HOUR, Report, Tariff};
use world::{BEGINNING, REGIONS, TAGS, World, account, choices};

const PRICES: &str = "free_requests = 9\n[default]\nkey_month = \"1.00\"\nrequests = \"0.03\"\n\
    [regions.us-east-1]\nkey_month = \"0.777777777\"\nrequests = \"0.041234567\"\n";

fn tariff(region: &str) -> Tariff {
    let there = region == "us-east-1";
    Tariff {
        key_month: if there { 777_777_777 } else { 1_000_000_000 },
        requests: if there { 41_234_567 } else { 30_000_000 },
        rsa_2048: 30_000_000,
        asymmetric: 150_000_000,
        pair_ecc: 100_000_000,
        pair_rsa: 12_000_000_000,
    }
}

/// A store that has taken in a history, and its books.
struct Taken {
    _folder: tempfile::TempDir,
    store: Arc<Sqlite>,
    books: Books,
}

/// Takes the records in, in batches of these sizes, batches and records in an order that the seed
/// tells.
async fn taken(world: &World, sizes: &[usize], seed: u64) -> Taken {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(folder.path().join("trent.db")).unwrap());
    let mut records: Vec<_> = world.records.iter().collect();
    let mut state = seed | 1;
    for at in (1..records.len()).rev() {
        // Any mixing will do.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        records.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
    }
    let (deriver, mut left, mut sizes) = (Deriver::new(), records.as_slice(), sizes.iter().cycle());
    while !left.is_empty() {
        let size = (*sizes.next().unwrap()).min(left.len());
        let (batch, rest) = left.split_at(size);
        left = rest;
        let batch: Vec<_> = (1..).zip(batch.iter().copied()).collect();
        let derived = deriver.derive(&batch);
        let place = JournalPlace { segment: 1, offset: 1 };
        let derived = Some((derived, ReadPlace { place, check: 0 }));
        store.keep_followed(Followed { derived, ..Followed::default() }).await.unwrap();
    }
    let books = Books::new(store.clone(), Prices::parse(PRICES).unwrap());
    Taken { _folder: folder, store, books }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn dimensions() -> impl Strategy<Value = Vec<UsageDimension>> {
    let all = vec![
        UsageDimension::Key,
        UsageDimension::Principal,
        UsageDimension::Operation,
        UsageDimension::Error,
        UsageDimension::Region,
        UsageDimension::Tag(TAGS[0].to_owned()),
        UsageDimension::Tag(TAGS[1].to_owned()),
    ];
    prop::sample::subsequence(all, 0..=4).prop_shuffle()
}

fn queries() -> impl Strategy<Value = UsageQuery> {
    let granularity = prop::sample::select(vec![
        Granularity::Hourly,
        Granularity::Daily,
        Granularity::Monthly,
        Granularity::Total,
    ]);
    let only = |values: &[&str]| {
        let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
        prop::option::weighted(0.15, prop::sample::select(values))
    };
    let filter = (
        only(&["Encrypt", "CreateKey", "GenerateDataKeyPair"]),
        only(&["", "AccessDenied"]),
        only(&REGIONS),
        prop::option::weighted(0.2, prop::sample::select(vec!["red", "", "blü\n"])),
    );
    let span = (-100_000_000..3_000_000_000_i64, 1..5_000_000_000_i64);
    (granularity, dimensions(), filter, span).prop_map(|(granularity, group_by, filter, span)| {
        let (operation, error, region, tag) = filter;
        let tag = tag.map(|value| Tag { key: TAGS[0].to_owned(), value: value.to_owned() });
        let from = Timestamp::from_millis(BEGINNING + span.0);
        UsageQuery {
            from,
            to: from.plus_millis(span.1),
            granularity,
            group_by,
            filter: UsageFilter { operation, error, region, tag, ..UsageFilter::default() },
            skip: 0,
            limit: u32::MAX,
        }
    })
}

fn cost_dimensions() -> impl Strategy<Value = Vec<CostDimension>> {
    let all = vec![
        CostDimension::Tag(TAGS[0].to_owned()),
        CostDimension::Tag(TAGS[1].to_owned()),
        CostDimension::Key,
        CostDimension::Region,
        CostDimension::UsageType,
    ];
    prop::sample::subsequence(all, 0..=4).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn usage_is_what_a_recount_says(
        choices in choices(),
        sizes in prop::collection::vec(1..40_usize, 1..6),
        seed in any::<u64>(),
        mut queries in prop::collection::vec(queries(), 6),
        who in any::<u8>(),
        page in 1..9_u32,
    ) {
        let world = World::of(&choices);
        let who = naive::some_account(who);
        // Of one query the keys are asked for, too.
        if let Some(key) = world.keys.first() {
            queries[0].filter.key = Some(key.arn.clone());
        }
        run(async {
            let taken = taken(&world, &sizes, seed).await;
            for query in &queries {
                let rows = taken.books.usage(account(who), query).await.unwrap();
                // Paging changes nothing.
                let mut paged = Vec::new();
                loop {
                    let skip = u32::try_from(paged.len()).unwrap();
                    let query = UsageQuery { skip, limit: page, ..query.clone() };
                    let more = taken.books.usage(account(who), &query).await.unwrap();
                    if more.is_empty() {
                        break;
                    }
                    paged.extend(more);
                }
                assert_eq!(paged, rows, "{query:?}");
                let mut found: Vec<_> = rows
                    .into_iter()
                    .map(|row| {
                        let hours = |at: Timestamp| at.as_millis() / HOUR;
                        (hours(row.from), hours(row.to), row.group, row.requests, row.errors)
                    })
                    .collect();
                found.sort();
                assert_eq!(found, naive::usage(&world, who, query), "{query:?}");
            }
        });
    }

    #[test]
    fn cost_is_what_a_recount_says(
        choices in choices(),
        sizes in prop::collection::vec(1..40_usize, 1..6),
        seed in any::<u64>(),
        asked in prop::collection::vec((cost_dimensions(), any::<bool>()), 4),
        who in any::<u8>(),
        later in 0..4_000_000_000_i64,
    ) {
        let world = World::of(&choices);
        let who = naive::some_account(who);
        let now = naive::end(&world) + later;
        run(async {
            let taken = taken(&world, &sizes, seed).await;
            for (group_by, daily) in asked {
                let (year, month) = (2026, 11);
                let query = CostQuery { year, month, daily, group_by };
                let now_at = Timestamp::from_millis(now);
                let report = taken.books.cost(account(who), &query, now_at).await.unwrap();
                let start = Timestamp::from_civil(year, month, 1, 0, 0, 0).unwrap();
                let month = naive::month_of(start.as_millis() / HOUR);
                let by = query.group_by.as_slice();
                let naive = Report {
                    world: &world, account: who, month, now, daily, by, tariff, free: 9,
                };
                let expected: Vec<_> = naive.lines().into_iter().map(|(line, (quantity, amount))| {
                    let (start, group, usage_type, unit) = line;
                    (start, group, usage_type, unit, quantity.nano(), amount.nano())
                }).collect();
                let found: Vec<_> = report.lines.into_iter().map(|line| {
                    let start = line.from.as_millis() / HOUR;
                    let end = if daily { start + 24 } else { month.1 };
                    assert_eq!(line.to.as_millis() / HOUR, end);
                    let (quantity, amount) = (line.quantity_nano, line.amount_nano);
                    (start, line.group, line.usage_type, line.unit, quantity, amount)
                }).collect();
                assert_eq!(found, expected, "{query:?}");
                assert_eq!(report.complete, now >= month.1 * HOUR);
            }
        });
    }
}

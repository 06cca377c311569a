//! A recount of random histories agrees with what was kept, names what was changed since, and puts
//! it right.

use async_trait::async_trait;
use proptest::prelude::*;
use trent_store::{
    AuditStore, ChainHash, ChainedRecord, Derive, StoreError, UsageCorrection, UsageTables,
};
use trent_types::{AccountId, AuditRecord, Timestamp};

use super::naive::{HOUR, month_of, some_account};
use super::world::{World, account, choices};
use super::{run, taken};
use crate::recount::{Difference, Recount, correction};

/// The chain of one account, perhaps without its oldest months.
struct Chain(Vec<ChainedRecord>);

impl Chain {
    fn of(world: &World, whose: AccountId) -> Self {
        let own = world.records.iter().filter(|record| record.account == Some(whose));
        let rows = (1..).zip(own).map(|(sequence, record)| ChainedRecord {
            record: record.clone(),
            sequence,
            previous_hash: [0; 32],
            hash: [0; 32],
        });
        Self(rows.collect())
    }

    fn head(&self) -> u64 {
        self.0.last().map_or(0, |row| row.sequence)
    }
}

#[async_trait]
impl AuditStore for Chain {
    async fn append(
        &self,
        _: &[AuditRecord],
        _: ChainHash,
        _: &dyn Derive,
    ) -> Result<u64, StoreError> {
        unreachable!("a recount appends nothing")
    }

    async fn chains(&self) -> Result<Vec<Option<AccountId>>, StoreError> {
        unreachable!("a recount is of one account")
    }

    async fn head(&self, _: Option<AccountId>) -> Result<(u64, [u8; 32]), StoreError> {
        unreachable!("a recount ends where it is told to")
    }

    async fn records(
        &self,
        _: Option<AccountId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError> {
        let page = self.0.iter().filter(|row| row.sequence > after).take(limit as usize);
        Ok(page.cloned().collect())
    }

    async fn ensure_partitions(&self, _: Timestamp, _: Timestamp) -> Result<(), StoreError> {
        unreachable!("a recount makes nothing")
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_recount_finds_what_was_changed_and_puts_it_right(
        choices in choices(),
        sizes in prop::collection::vec(1..40_usize, 1..6),
        seed in any::<u64>(),
        who in any::<u8>(),
        which in any::<prop::sample::Index>(),
    ) {
        let world = World::of(&choices);
        let who = account(some_account(who));
        run(async {
            let taken = taken(&world, &sizes, seed).await;
            let mut chain = Chain::of(&world, who);
            let head = chain.head();
            let recount = Recount::of_chain(&chain, who, head).await.unwrap();
            assert_eq!((recount.records, recount.since()), (head, None));
            let compared = async |recount: &Recount| {
                let (_, counts, events) = taken.store.kept_usage().await.unwrap();
                recount.differences(who, &counts, &events)
            };
            assert_eq!(compared(&recount).await, []);

            // Something is added, something is gone, something was never there.
            let (_, counts, events) = taken.store.kept_usage().await.unwrap();
            let own: Vec<_> = counts.iter().filter(|count| count.account == who).collect();
            let kept: Vec<_> = events.iter().filter(|event| event.key.account == who).collect();
            let mut changed = UsageCorrection::default();
            let mut expected = Vec::new();
            if !own.is_empty() {
                let count = which.get(&own);
                changed.counts.push((count.group.clone(), 3));
                let (group, told) = (count.group.clone(), count.requests);
                expected.push(Difference::Requests { group, kept: told + 3, told });
            }
            if !kept.is_empty() {
                let event = (**which.get(&kept)).clone();
                changed.extra.push(event.clone());
                expected.push(Difference::Missing(event.clone()));
                let at = event.at.plus_millis(1);
                let invented = trent_store::KeyEvent { at, ..event };
                if !kept.contains(&&invented) {
                    changed.missing.push(invented.clone());
                    expected.push(Difference::Extra(invented));
                }
            }
            taken.store.correct_usage(who, &changed).await.unwrap();
            let found = compared(&recount).await;
            assert_eq!(found, expected);
            taken.store.correct_usage(who, &correction(&found)).await.unwrap();
            assert_eq!(compared(&recount).await, []);

            // The oldest month goes; what was counted of it stays.
            let Some(first) = chain.0.first() else { return };
            let (_, end) = month_of(first.record.event_time.as_millis() / HOUR);
            chain.0.retain(|row| row.record.event_time.as_millis() / HOUR >= end);
            let recount = Recount::of_chain(&chain, who, head).await.unwrap();
            assert!(recount.since().is_some_and(|since| since >= end));
            assert_eq!(compared(&recount).await, []);
        });
    }
}

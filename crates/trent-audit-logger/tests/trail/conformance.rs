//! What every form of the trail must do.

use trent_audit_logger::queries::TrailReader;
use trent_types::{AuditRecord, EventId, EventPlace, Timestamp};

use crate::history::{self, Numbers, Told, account, region};

/// A trail under test.
pub(crate) trait Form {
    /// Keeps a batch as the form does; what was kept before is not kept again.
    async fn keep(&self, records: &[AuditRecord]);

    /// Reads it.
    fn trail(&self) -> &dyn TrailReader;
}

async fn keep(form: &impl Form, numbers: &mut Numbers, history: &[Told]) {
    let mut rest = history;
    while !rest.is_empty() {
        let size = (1 + numbers.below(120) as usize).min(rest.len());
        let (batch, after) = rest.split_at(size);
        let records: Vec<_> = batch.iter().map(|told| told.record.clone()).collect();
        form.keep(&records).await;
        rest = after;
    }
}

/// Every page of random lookups is what a walk through everything finds.
pub(crate) async fn lookups_find_what_a_walk_finds(form: &impl Form) {
    let mut numbers = Numbers(7);
    let history = history::history(3, 900);
    keep(form, &mut numbers, &history).await;
    let mut found_any = 0;
    for _ in 0..150 {
        let (account, region, mut query) = history::lookup(&mut numbers, &history);
        let expected = history::expected(&history, account, region, &query);
        let mut found = Vec::new();
        loop {
            let page = form.trail().lookup(account, region, &query).await.unwrap();
            assert!(page.len() <= query.limit as usize);
            let Some(last) = page.last() else { break };
            query.before = Some(EventPlace { at: last.event_time, event_id: last.event_id });
            found.extend(page);
        }
        assert_eq!(found, expected, "{query:?}");
        found_any += usize::from(!found.is_empty());
    }
    assert!(found_any > 70, "the lookups find hardly anything");
}

/// What was kept before is found once, and what another account has is not.
pub(crate) async fn what_comes_again_is_found_once(form: &impl Form) {
    let history = history::history(5, 60);
    let records: Vec<_> = history.iter().map(|told| told.record.clone()).collect();
    form.keep(&records[..40]).await;
    form.keep(&records[20..]).await;
    let mut found = 0;
    for (a, r) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (account, region) = (account(a), region(r));
        let query = trent_types::LookupQuery {
            filter: None,
            from: Timestamp::from_millis(0),
            to: Timestamp::from_millis(i64::MAX / 4),
            before: None,
            limit: 100,
        };
        let page = form.trail().lookup(account, region, &query).await.unwrap();
        assert_eq!(page, history::expected(&history, account, region, &query));
        found += page.len();
    }
    assert_eq!(found, 60);
}

/// The chain of an account is followed from any of its events.
pub(crate) async fn a_chain_is_followed_in_its_order(form: &impl Form) {
    let (ours, theirs) = (account(0), account(1));
    assert_eq!(form.trail().head(ours).await.unwrap(), 0);
    assert_eq!(form.trail().after(ours, 0, 10).await.unwrap(), []);
    let history = history::history(9, 80);
    let mut numbers = Numbers(1);
    keep(form, &mut numbers, &history).await;
    let of = |account| history.iter().filter(move |told| told.record.account == Some(account));
    let head = form.trail().head(ours).await.unwrap();
    assert_eq!(head, of(ours).count() as u64);
    let (mut place, mut seen) = (0, Vec::new());
    loop {
        let page = form.trail().after(ours, place, 7).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        let places: Vec<_> = page.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, (place + 1..=*last).collect::<Vec<_>>(), "no gap and no double");
        place = *last;
        seen.extend(page.into_iter().map(|(_, record)| record));
    }
    assert_eq!(place, head);
    for told in of(ours) {
        let place = form.trail().place_of(ours, told.record.event_id).await.unwrap().unwrap();
        assert_eq!(seen[place as usize - 1], told.record);
        assert_eq!(form.trail().place_of(theirs, told.record.event_id).await.unwrap(), None);
    }
    let unknown = EventId::new(history[0].record.event_time, [9; 16]);
    assert_eq!(form.trail().place_of(ours, unknown).await.unwrap(), None);
    let foreign = EventId::from_bytes([7; 16]);
    assert_eq!(form.trail().place_of(ours, foreign).await.unwrap(), None);
}

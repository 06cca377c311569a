//! The trail in the world of the one key: an event, a row and a line of everything.

use trent_operations::ports::{PortFuture, Trail, TrailError};
use trent_types::{
    AuditRecord, CostLine, CostQuery, CostReport, CostUnit, EventId, LookupQuery, Permit,
    RequestId, TailPage, TailQuery, TailStart, Timestamp, TrailEvent, TrailPublicKey, UsageQuery,
    UsageRow,
};

use super::{NOW, World, ready};
use crate::keys::key_arn;

impl Trail for World {
    fn lookup<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        query: LookupQuery,
    ) -> PortFuture<'a, Result<(Vec<TrailEvent>, bool), TrailError>> {
        assert!((1..=50).contains(&query.limit) && query.from <= query.to, "{query:?}");
        ready(Ok((vec![event()], self.more)))
    }

    fn tail<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        query: TailQuery,
    ) -> PortFuture<'a, Result<Option<TailPage>, TrailError>> {
        assert!((1..=1000).contains(&query.limit) && query.wait.as_secs() <= 20, "{query:?}");
        let sequence = match query.start {
            TailStart::After(sequence) => sequence,
            TailStart::Now | TailStart::AfterEvent(_) => 7,
        };
        ready(Ok(Some(TailPage { events: vec![event()], sequence })))
    }

    fn usage<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        query: UsageQuery,
    ) -> PortFuture<'a, Result<Vec<UsageRow>, TrailError>> {
        assert!(query.from < query.to && query.group_by.len() <= 4, "{query:?}");
        let row = UsageRow {
            from: query.from,
            to: query.to,
            group: vec!["\u{1}\"".to_owned(); query.group_by.len()],
            requests: u64::MAX,
            errors: 1,
        };
        let limit = usize::try_from(query.limit).expect("it fits");
        ready(Ok(vec![row; if self.more { limit } else { 1 }]))
    }

    fn cost<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        query: CostQuery,
    ) -> PortFuture<'a, Result<CostReport, TrailError>> {
        assert!((1..=12).contains(&query.month) && query.group_by.len() <= 4, "{query:?}");
        let line = CostLine {
            from: NOW,
            to: NOW,
            group: vec!["a,\"b\"\r\n".to_owned(); query.group_by.len()],
            usage_type: "EUC1-KMS-Keys".to_owned(),
            unit: CostUnit::KeyMonths,
            quantity_nano: i64::MAX,
            amount_nano: i64::MIN,
        };
        ready(Ok(CostReport { complete: true, lines: vec![line; 2] }))
    }

    fn public_keys<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        from: Timestamp,
        to: Timestamp,
    ) -> PortFuture<'a, Result<Vec<TrailPublicKey>, TrailError>> {
        assert!(from <= to, "{from:?} {to:?}");
        ready(Ok(vec![TrailPublicKey { der: vec![0x30], fingerprint: "ab".repeat(16), from, to }]))
    }
}

fn event() -> TrailEvent {
    let arn = key_arn();
    TrailEvent {
        record: AuditRecord {
            event_id: EventId::new(NOW, [7; 16]),
            account: Some(arn.account),
            event_time: NOW,
            cloudtrail_json: br#"{"userAgent":"a \"b\""}"#.to_vec(),
            trace: None,
        },
        name: "Encrypt".to_owned(),
        source: "kms.amazonaws.com".to_owned(),
        read_only: true,
        username: Some("ann".to_owned()),
        access_key_id: None,
        resources: vec![("AWS::KMS::Key".to_owned(), arn.to_string())],
    }
}

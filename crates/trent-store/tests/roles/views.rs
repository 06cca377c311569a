//! The views for SQL: what they show, and that the examples in `docs/audit-sql.md` work.

use trent_store::{AuditStore, Derive, Derived, KeyEvent, UsageCount, UsageGroup};
use trent_types::{AuditRecord, EventId};

use crate::support::connected;
use crate::support::raw::connect;
use crate::support::samples::*;
use crate::trent;

const DOCUMENT: &str = include_str!("../../../../docs/audit-sql.md");

/// The record of a request, with a zero character in its user agent and what only looks like one.
fn told(name: &str, error: &str) -> AuditRecord {
    let record = record_at(NOW);
    let json = format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","arn":
        "arn:aws:sts::111122223333:assumed-role/R/s","accountId":"111122223333","accessKeyId":
        "ASIA1","sessionContext":{{"sessionIssuer":{{"arn":
        "arn:aws:iam::111122223333:role/R"}}}}}},"eventSource":"kms.amazonaws.com","eventName":
        "{name}","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1","userAgent":
        "a\u0000b\\u0000c\\\u0000","errorCode":{error},"requestID":"r-1","readOnly":true,
        "resources":[{{"type":"AWS::KMS::Key","ARN":
        "arn:aws:kms:eu-west-1:111122223333:key/k1"}}],"eventType":"AwsApiCall"}}"#
    );
    AuditRecord { cloudtrail_json: json.into_bytes(), ..record }
}

struct Counts;

impl Derive for Counts {
    fn derive(&self, records: &[(u64, &AuditRecord)]) -> Derived {
        let group = UsageGroup {
            hour: NOW.as_millis() / 3_600_000,
            region: "eu-west-1".to_owned(),
            key: "arn:aws:kms:eu-west-1:111122223333:key/k1".to_owned(),
            operation: "Encrypt".to_owned(),
            service: "kms".to_owned(),
            billed: true,
            ..UsageGroup::default()
        };
        let usage = vec![UsageCount { account: account(), group, requests: records.len() as u64 }];
        let event = KeyEvent {
            key: new_key().arn(),
            at: NOW,
            event_id: EventId::from_bytes(new_bytes()),
            name: "CreateKey".to_owned(),
            detail: "{}".to_owned(),
        };
        Derived { usage, key_events: vec![event], ..Derived::default() }
    }
}

#[tokio::test]
async fn the_views_show_records_and_usage_and_the_examples_work() {
    let database = trent().await.migrated_database().await;
    let audit = connected("audit", &database).await;
    let records = [told("Encrypt", "null"), told("Decrypt", "\"AccessDenied\""), record_at(NOW)];
    audit.append(&records, |_, sequence, _| [sequence as u8; 32], &Counts).await.unwrap();

    let reader = connect(&trent().await.of_role("reader", &database)).await.unwrap();
    let rows = reader
        .query(
            "SELECT event_id::text, event_name, coalesce(error_code, '-'), principal, user_agent, \
             resources[1], request_id, read_only::text, account, \
             extract(epoch FROM event_time)::text \
             FROM audit_events WHERE event_name IS NOT NULL ORDER BY sequence",
            &[],
        )
        .await
        .unwrap();
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k1";
    for (row, (record, name, error)) in
        rows.iter().zip([(&records[0], "Encrypt", "-"), (&records[1], "Decrypt", "AccessDenied")])
    {
        let shown: Vec<String> = (0..10).map(|column| row.get(column)).collect();
        let id = record.event_id.to_string();
        let role = "arn:aws:iam::111122223333:role/R";
        let expected = [
            &id,
            name,
            error,
            role,
            "ab\\u0000c\\",
            key,
            "r-1",
            "true",
            "111122223333",
            "1800000000.000000",
        ];
        assert_eq!(shown, expected);
    }
    assert_eq!(rows.len(), 2);
    let usage = "SELECT key_id, operation, requests::text, coalesce(error, '-'), hour::text \
        FROM usage_by_hour";
    let row = reader.query_one(usage, &[]).await.unwrap();
    let shown: Vec<String> = (0..4).map(|column| row.get(column)).collect();
    assert_eq!(shown, ["k1", "Encrypt", "3", "-"]);

    let examples: Vec<_> = DOCUMENT
        .split("```sql\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(sql, _)| sql))
        .collect();
    assert!(examples.len() >= 6, "{} examples", examples.len());
    let mut found = 0;
    for example in examples {
        let rows = reader.simple_query(example).await;
        let rows = rows.unwrap_or_else(|error| panic!("{example}: {error:?}"));
        found += rows
            .iter()
            .filter(|row| matches!(row, tokio_postgres::SimpleQueryMessage::Row(_)))
            .count();
    }
    assert!(found > 0);
}

//! Trent's own operations on the trail: the live tail, usage, cost and quotas.

use std::time::Duration;

use serde_json::{Value, json};
use trent_types::{
    CostDimension, CostLine, CostReport, CostUnit, Granularity, Quota, QuotaOverride, QuotaScope,
    ResourceQuota, TailPage, TailStart, Timestamp, TrailAttribute, UsageDimension, UsageRow,
};

use crate::testing::*;

const EVENT: &str = "01010101-0101-0101-0101-010101010101";

fn page(sequence: u64) -> TailPage {
    TailPage { events: vec![event(1, 0)], sequence }
}

#[test]
fn a_tail_goes_on_where_it_ended() {
    let world = World::new();
    *world.trails.page.borrow_mut() = Some(page(7));
    let first = world.ok("TailEvents", r#"{"WaitSeconds":0}"#);
    assert_eq!(first["Events"][0]["EventId"], EVENT);
    let body = json!({"NextToken": first["NextToken"], "AllRegions": true, "MaxResults": 1000});
    world.ok("TailEvents", &body.to_string());
    world.ok("TailEvents", &json!({"StartAfterEventId": EVENT}).to_string());
    let asked = world.trails.tails.borrow();
    let starts: Vec<_> = asked.iter().map(|query| query.start).collect();
    let after = TailStart::AfterEvent(EVENT.parse().unwrap());
    assert_eq!(starts, [TailStart::Now, TailStart::After(7), after]);
    assert_eq!((asked[0].wait, asked[0].limit), (Duration::ZERO, 100));
    assert_eq!((asked[1].wait, asked[1].limit), (Duration::from_secs(10), 1000));
    assert!(asked[1].all_regions && !asked[0].all_regions);
    assert_eq!(*world.trails.permits.borrow(), ["cloudtrail:LookupEvents"; 3]);
    let records = world.records.borrow();
    let record: Value = serde_json::from_slice(&records[0].cloudtrail_json).unwrap();
    assert_eq!((&record["eventName"], &record["resources"]), (&"TailEvents".into(), &json!([])));
    assert_eq!(record["requestParameters"], json!({"waitSeconds": 0, "maxResults": 100}));
}

#[test]
fn every_filter_of_a_tail_is_asked_for() {
    let world = World::new();
    *world.trails.page.borrow_mut() = Some(page(1));
    let body = json!({
        "EventName": "Encrypt", "Username": "ann", "ResourceName": "arn", "EventSource": "kms",
        "ErrorCode": "AccessDenied", "AccessKeyId": "AKIA", "ReadOnly": "false",
    });
    world.ok("TailEvents", &body.to_string());
    let asked = &world.trails.tails.borrow()[0];
    let filters: Vec<_> =
        asked.filters.iter().map(|filter| (filter.attribute, filter.value.as_str())).collect();
    let expected = [
        (TrailAttribute::EventName, "Encrypt"),
        (TrailAttribute::Username, "ann"),
        (TrailAttribute::ResourceName, "arn"),
        (TrailAttribute::EventSource, "kms"),
        (TrailAttribute::ErrorCode, "AccessDenied"),
        (TrailAttribute::AccessKeyId, "AKIA"),
        (TrailAttribute::ReadOnly, "false"),
    ];
    assert_eq!(filters, expected);
    let shown = world.only_record()["requestParameters"].clone();
    assert_eq!(
        (&shown["errorCode"], &shown["readOnly"]),
        (&"AccessDenied".into(), &"false".into())
    );
}

#[test]
fn a_tail_that_cannot_begin_says_why() {
    let world = World::new();
    let both = format!(r#"{{"StartAfterEventId":"{EVENT}","NextToken":"x"}}"#);
    for (body, code) in [
        (r#"{"WaitSeconds":21}"#, "ValidationException"),
        (r#"{"MaxResults":1001}"#, "ValidationException"),
        (r#"{"ReadOnly":"yes"}"#, "ValidationException"),
        (r#"{"EventName":""}"#, "ValidationException"),
        (r#"{"StartAfterEventId":"1"}"#, "ValidationException"),
        (&*both, "ValidationException"),
        (r#"{"NextToken":"x"}"#, "InvalidNextTokenException"),
    ] {
        assert_eq!(world.error("TailEvents", body).0, code, "{body}");
    }
    assert!(world.trails.tails.borrow().is_empty());
    let unknown = format!(r#"{{"StartAfterEventId":"{EVENT}"}}"#);
    let text = format!("Event '{EVENT}' does not exist");
    let expected = ("NotFoundException".to_owned(), Some(text));
    assert_eq!(world.error("TailEvents", &unknown), expected);
}

fn usage(more: &Value) -> String {
    let mut body = json!({
        "StartTime": 1_672_617_600, "EndTime": 1_672_704_000, "Granularity": "DAILY",
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.to_string()
}

#[test]
fn usage_is_told_by_group_and_page() {
    let world = World::new();
    let row = |number: u64| UsageRow {
        from: Timestamp::from_millis(1_672_617_600_000),
        to: Timestamp::from_millis(1_672_704_000_000),
        group: vec!["Encrypt".to_owned(), String::new()],
        requests: number,
        errors: 1,
    };
    world.trails.rows.borrow_mut().extend((1..=3).map(row));
    let mut more = json!({
        "GroupBy": ["OPERATION", "TAG:team"],
        "Filter": {
            "KeyId": "k", "Principal": "p", "Operation": "o", "ErrorCode": "", "Region": "r",
            "Tag": {"Key": "a", "Value": "b"},
        },
        "MaxResults": 2,
    });
    let first = world.ok("GetUsage", &usage(&more));
    let shown = |number: u64| {
        json!({
            "Start": 1_672_617_600, "End": 1_672_704_000,
            "Group": {"OPERATION": "Encrypt", "TAG:team": ""}, "Requests": number, "Errors": 1,
        })
    };
    assert_eq!(first["Rows"], json!([shown(1), shown(2)]));
    more["NextToken"] = first["NextToken"].clone();
    assert_eq!(world.ok("GetUsage", &usage(&more)), json!({"Rows": [shown(3)]}));
    {
        let asked = world.trails.usages.borrow();
        let tag = UsageDimension::Tag("team".to_owned());
        assert_eq!(asked[0].group_by, [UsageDimension::Operation, tag]);
        assert_eq!((asked[1].skip, asked[0].granularity), (2, Granularity::Daily));
        let filter = &asked[0].filter;
        assert_eq!((filter.error.as_deref(), filter.key.as_deref()), (Some(""), Some("k")));
        assert_eq!(filter.tag.as_ref().unwrap().value, "b");
    }
    assert_eq!(world.trails.permits.borrow()[0], "trent:GetUsage");
    more["GroupBy"] = json!(["OPERATION"]);
    assert_eq!(world.error("GetUsage", &usage(&more)).0, "InvalidNextTokenException");
}

#[test]
fn usage_of_no_time_or_by_nothing_known_is_refused() {
    for more in [
        json!({"StartTime": 1_672_704_000}),
        json!({"StartTime": null}),
        json!({"Granularity": "WEEKLY"}),
        json!({"Granularity": "HOURLY", "StartTime": 1_600_000_000}),
        json!({"GroupBy": ["key"]}),
        json!({"GroupBy": ["TAG:"]}),
        json!({"GroupBy": ["KEY", "KEY"]}),
        json!({"GroupBy": ["KEY", "ERROR", "REGION", "TAG:a", "TAG:b"]}),
        json!({"GroupBy": [null]}),
        json!({"Filter": {"Tag": {"Key": "a"}}}),
        json!({"MaxResults": 0}),
    ] {
        let world = World::new();
        assert_eq!(world.error("GetUsage", &usage(&more)).0, "ValidationException", "{more}");
        assert!(world.trails.usages.borrow().is_empty());
    }
    let world = World::new();
    world.denied.set("trent:GetUsage");
    assert_eq!(world.error("GetUsage", &usage(&json!({}))).0, "AccessDeniedException");
}

fn report() -> CostReport {
    let line = |tag: &str, unit, quantity_nano, amount_nano| CostLine {
        from: Timestamp::from_millis(1_672_531_200_000),
        to: Timestamp::from_millis(1_675_209_600_000),
        group: vec![tag.to_owned(), "eu-west-1".to_owned(), "EUW1-KMS-Keys".to_owned()],
        usage_type: "EUW1-KMS-Keys".to_owned(),
        unit,
        quantity_nano,
        amount_nano,
    };
    let lines = vec![
        line("red, \"hot\"", CostUnit::KeyMonths, 1_500_000_000, 1_500_000_001),
        line("", CostUnit::Requests, 3_000_000_000, 9_000),
    ];
    CostReport { complete: false, lines }
}

const MONTH: &str = r#""Month":"2023-01","GroupBy":["TAG:Team","REGION","USAGE_TYPE"]"#;

#[test]
fn a_cost_report_adds_up_exactly() {
    let world = World::new();
    *world.trails.report.borrow_mut() = Some(report());
    let answer = world.ok("GetCostReport", &format!("{{{MONTH}}}"));
    let line = |tag: &str, unit: &str, quantity: &str, amount: &str| {
        json!({
            "Start": 1_672_531_200, "End": 1_675_209_600,
            "Group": {"TAG:Team": tag, "REGION": "eu-west-1", "USAGE_TYPE": "EUW1-KMS-Keys"},
            "UsageType": "EUW1-KMS-Keys", "Unit": unit, "Quantity": quantity, "Amount": amount,
        })
    };
    let expected = json!({
        "Month": "2023-01", "Currency": "USD", "Complete": false,
        "Lines": [
            line("red, \"hot\"", "Key-months", "1.5", "1.500000001"),
            line("", "Requests", "3", "0.000009"),
        ],
        "Total": "1.500009001",
    });
    assert_eq!(answer, expected);
    let asked = &world.trails.costs.borrow()[0];
    assert_eq!((asked.year, asked.month, asked.daily), (2023, 1, false));
    let team = CostDimension::Tag("Team".to_owned());
    assert_eq!(asked.group_by, [team, CostDimension::Region, CostDimension::UsageType]);
    assert_eq!(*world.trails.permits.borrow(), ["trent:GetCostReport"]);
}

#[test]
fn a_cost_report_as_csv_has_awss_columns() {
    let world = World::new();
    *world.trails.report.borrow_mut() = Some(report());
    let body = format!(r#"{{{MONTH},"Format":"CSV","Granularity":"DAILY"}}"#);
    let answer = world.ok("GetCostReport", &body);
    let expected = [
        "lineItem/UsageAccountId,lineItem/UsageStartDate,lineItem/UsageEndDate,\
         lineItem/ProductCode,lineItem/UsageType,lineItem/UsageAmount,pricing/unit,\
         lineItem/CurrencyCode,lineItem/UnblendedCost,resourceTags/user:Team,product/region",
        "111122223333,2023-01-01T00:00:00Z,2023-02-01T00:00:00Z,awskms,EUW1-KMS-Keys,1.5,\
         Key-months,USD,1.500000001,\"red, \"\"hot\"\"\",eu-west-1",
        "111122223333,2023-01-01T00:00:00Z,2023-02-01T00:00:00Z,awskms,EUW1-KMS-Keys,3,\
         Requests,USD,0.000009,,eu-west-1",
        "",
    ];
    assert_eq!(answer["Report"], expected.join("\r\n"));
    assert!(world.trails.costs.borrow()[0].daily);
}

#[test]
fn a_cost_report_is_of_a_month_that_has_begun() {
    let wrong = ["2023-02", "2023-13", "2023-00", "2023-1", "23-01", "2023", "1969-12", "2023-+1"];
    for month in wrong {
        let world = World::new();
        let (code, _) = world.error("GetCostReport", &json!({"Month": month}).to_string());
        assert_eq!(code, "ValidationException", "{month}");
        assert!(world.trails.costs.borrow().is_empty());
    }
    for more in [r#""Format":"XML""#, r#""Granularity":"HOURLY""#, r#""GroupBy":["OPERATION"]"#] {
        let world = World::new();
        let (code, _) = world.error("GetCostReport", &format!(r#"{{"Month":"2023-01",{more}}}"#));
        assert_eq!(code, "ValidationException", "{more}");
    }
}

#[test]
fn quotas_are_listed_with_the_values_in_force() {
    let world = World::new();
    let keys = Quota::Resource(ResourceQuota::KeysPerRegion);
    let other = QuotaScope { account: None, region: Some("eu-west-1".parse().unwrap()) };
    world.quota_overrides.borrow_mut().extend([
        QuotaOverride { quota: keys, scope: QuotaScope::default(), value: 5 },
        QuotaOverride { quota: keys, scope: other, value: 6 },
    ]);
    let answer = world.ok("ListQuotas", "");
    let quotas = answer["Quotas"].as_array().unwrap();
    assert_eq!(quotas.len(), Quota::all().count());
    let of = |code: &str| quotas.iter().find(|quota| quota["Code"] == code).unwrap();
    let expected = json!({
        "Code": "keys-per-region", "Name": "KMS keys", "Kind": "RESOURCE", "Value": 5,
        "Default": 100_000, "Adjustable": true,
    });
    assert_eq!(of("keys-per-region"), &expected);
    let expected = json!({
        "Code": "lookup-events-requests", "Name": "LookupEvents request rate", "Kind": "REQUEST",
        "Value": 2, "Default": 2, "Adjustable": true,
    });
    assert_eq!(of("lookup-events-requests"), &expected);
    let unlimited = of("grants-per-principal-per-key");
    assert!(unlimited.get("Value").is_none() && unlimited.get("Default").is_none());
    assert_eq!(*world.asked.borrow(), ["trent:ListQuotas"]);
}

//! ListGrants and ListRetirableGrants.

use super::*;

#[test]
fn list_grants_shows_every_member() {
    let full = Grant {
        name: Some("reader".into()),
        terms: GrantTerms {
            constraints: GrantConstraints {
                context_equals: Some([("a".to_owned(), "b".to_owned())].into()),
                context_subset: None,
                source_arn: Some(SOURCE.into()),
            },
            ..grant(1).terms
        },
        ..grant(1)
    };
    let plain = Grant {
        terms: GrantTerms {
            grantee: GrantPrincipal::Service(SERVICE.into()),
            retiring: None,
            ..grant(2).terms
        },
        ..grant(2)
    };
    let world = world_with(vec![full, plain]);
    let answer = world.ok("ListGrants", &json!({"KeyId": KEY}).to_string());
    let account = format!("arn:aws:iam::{ACCOUNT}:root");
    let entry = |id: &str| {
        json!({
            "KeyId": arn_of(KEY), "GrantId": id.repeat(32), "Name": "",
            "CreationDate": 1_672_628_645.678, "IssuingAccount": account,
            "Operations": ["Encrypt", "RetireGrant"],
        })
    };
    let (mut first, mut second) = (entry("01"), entry("02"));
    first["Name"] = json!("reader");
    first["GranteePrincipal"] = json!(ANN);
    first["RetiringPrincipal"] = json!(BOB);
    first["Constraints"] = json!({"EncryptionContextEquals": {"a": "b"}, "SourceArn": SOURCE});
    second["GranteePrincipal"] = json!(SERVICE);
    second["GranteeServicePrincipal"] = json!(SERVICE);
    assert_eq!(answer, json!({"Grants": [first, second], "Truncated": false}));
    let record = world.only_record();
    assert_eq!(record["requestParameters"], json!({"keyId": KEY}));
    assert_eq!((&record["responseElements"], &record["readOnly"]), (&Value::Null, &json!(true)));
}

#[test]
fn grants_are_listed_in_pages_and_filtered() {
    let world = world_with((1..=120).map(grant).collect());
    let ids = |answer: &Value| {
        let grants = answer["Grants"].as_array().unwrap();
        grants.iter().map(|grant| grant["GrantId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (operation, which) in [
        ("ListGrants", json!({"KeyId": KEY})),
        ("ListRetirableGrants", json!({"RetiringPrincipal": BOB})),
    ] {
        let mut body = which.clone();
        let mut seen = Vec::new();
        for size in [50, 50, 20] {
            let answer = world.ok(operation, &body.to_string());
            assert_eq!(ids(&answer).len(), size);
            seen.extend(ids(&answer));
            assert_eq!(answer["Truncated"], size == 50);
            body["Marker"] = answer["NextMarker"].clone();
        }
        seen.dedup();
        assert_eq!(seen.len(), 120);
        let mut body = which.clone();
        body["Limit"] = json!(100);
        assert_eq!(ids(&world.ok(operation, &body.to_string())).len(), 100);
        for (limit, marker, code) in [
            (json!(101), Value::Null, "ValidationException"),
            (json!(0), Value::Null, "ValidationException"),
            (Value::Null, json!("x"), "InvalidMarkerException"),
        ] {
            let mut body = which.clone();
            (body["Limit"], body["Marker"]) = (limit, marker);
            assert_eq!(world.error(operation, &body.to_string()).0, code);
        }
    }
    let list = |more: Value| {
        let mut body = json!({"KeyId": KEY});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body.to_string()
    };
    let one = world.ok("ListGrants", &list(json!({"GrantId": "07".repeat(32)})));
    assert_eq!(ids(&one), ["07".repeat(32)]);
    assert_eq!(ids(&world.ok("ListGrants", &list(json!({"GranteePrincipal": BOB})))).len(), 0);
    assert_eq!(ids(&world.ok("ListGrants", &list(json!({"GranteePrincipal": ANN})))).len(), 50);
    let first = world.ok("ListGrants", &list(json!({})))["NextMarker"].clone();
    for (more, code) in [
        (json!({"GrantId": "00".repeat(32)}), "InvalidGrantIdException"),
        (json!({"GrantId": "abc"}), "InvalidGrantIdException"),
        (
            json!({"GranteePrincipal": ANN, "GranteeServicePrincipal": SERVICE}),
            "ValidationException",
        ),
        (json!({"GranteeServicePrincipal": SERVICE}), "ValidationException"),
        (json!({"Marker": first, "GranteePrincipal": ANN}), "InvalidMarkerException"),
    ] {
        assert_eq!(world.error("ListGrants", &list(more.clone())).0, code, "{more}");
    }
}

#[test]
fn list_retirable_grants_wants_one_principal() {
    let world = World::new();
    for (body, code) in [
        (json!({}), "ValidationException"),
        (
            json!({"RetiringPrincipal": ANN, "RetiringServicePrincipal": SERVICE}),
            "ValidationException",
        ),
        (json!({"RetiringServicePrincipal": SERVICE}), "ValidationException"),
        (json!({"RetiringPrincipal": "ann"}), "InvalidArnException"),
        (json!({"RetiringPrincipal": "arn:aws:s3:::bucket"}), "InvalidArnException"),
    ] {
        assert_eq!(world.error("ListRetirableGrants", &body.to_string()).0, code, "{body}");
    }
    let world = World::new();
    world.ok("ListRetirableGrants", &json!({"RetiringPrincipal": ANN}).to_string());
    let record = world.only_record();
    assert_eq!(record["requestParameters"], json!({"retiringPrincipal": ANN}));
    assert_eq!(record["resources"], json!([]));
}

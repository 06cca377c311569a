//! Condition keys of callers, requests and resources.

use super::*;

#[tokio::test]
async fn tags_and_the_way_of_the_request_are_conditions() {
    let statement = |operator: &str, key: &str, value: &str| {
        format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Condition": {{"{operator}": {{"{key}": "{value}"}}}}}}}}"#
        )
    };
    for (operator, key, value, expected) in [
        ("StringEquals", "aws:PrincipalTag/team", "blue", true),
        ("StringEquals", "aws:PrincipalTag/TEAM", "blue", true),
        ("StringEquals", "aws:PrincipalTag/team", "red", false),
        ("StringEquals", "aws:userid", BOB_ID, true),
        ("StringEquals", "aws:username", "bob", true),
        ("StringEquals", "aws:PrincipalType", "User", true),
        ("IpAddress", "aws:SourceIp", "192.0.2.0/24", true),
        ("IpAddress", "aws:SourceIp", "198.51.100.0/24", false),
        ("Bool", "aws:SecureTransport", "true", true),
        ("StringLike", "aws:UserAgent", "aws-cli/*", true),
        ("Null", "aws:TokenIssueTime", "true", true),
        ("Null", "aws:MultiFactorAuthPresent", "true", true),
        ("Bool", "aws:PrincipalIsAWSService", "false", true),
        ("Bool", "aws:ViaAWSService", "false", true),
        ("Null", "kms:ViaService", "true", true),
        ("StringEquals", "kms:CallerAccount", "111122223333", true),
        ("StringEquals", "aws:ResourceAccount", "111122223333", true),
        ("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/app", true),
        ("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/other", false),
        ("Null", "kms:MultiRegionKeyType", "true", true),
    ] {
        let rig = with_bob(Some(&statement(operator, key, value))).await;
        {
            let mut state = rig.store.state.lock().unwrap();
            let bob = state.thing(&entity(EntityKind::User, "bob")).unwrap();
            bob.tags = vec![Tag { key: "team".into(), value: "blue".into() }];
            let place = (crate::tests::rig::region(), arn(1).key_id);
            state.keys.get_mut(&place).unwrap().aliases = vec!["alias/app".parse().unwrap()];
        }
        rig.forget_everything();
        let decided = rig.decide(rig.sign(BOB, "Encrypt"), encrypt(), "").await;
        assert_eq!(decided.is_ok(), expected, "{operator} {key} {value}: {decided:?}");
    }
}

#[tokio::test]
async fn re_encryption_under_the_same_key_is_known_as_such() {
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"Bool": {"kms:ReEncryptOnSameKey": "true"}}}}"#;
    let rig = with_bob(Some(document)).await;
    {
        let mut state = rig.store.state.lock().unwrap();
        let first = state.keys[&(crate::tests::rig::region(), arn(1).key_id)].clone();
        let record = crate::tests::rig::record(2);
        let second = trent_store::StoredKey { record, ..first };
        state.keys.insert((crate::tests::rig::region(), arn(2).key_id), second);
    }
    for (to, expected) in [(1, true), (2, false)] {
        let asked = vec![
            about_key("kms:ReEncryptFrom", &arn(1).to_string()),
            about_key("kms:ReEncryptTo", &arn(to).to_string()),
        ];
        let outcome = rig.authorize(rig.sign(BOB, "ReEncrypt"), asked).await;
        let trent_bus::messages::authorize_answer::Outcome::Authorized(answer) = outcome else {
            panic!("{outcome:?}")
        };
        let granted = answer.decisions.iter().all(|decision| {
            let granted = trent_bus::messages::decision::Outcome::Granted;
            matches!(&decision.outcome, Some(one) if std::mem::discriminant(one)
                == std::mem::discriminant(&granted(trent_bus::messages::Granted::default())))
        });
        assert_eq!(granted, expected, "to key {to}");
    }
}

#[tokio::test]
async fn a_gateway_cannot_say_where_a_request_comes_from() {
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.1"}}}}"#;
    let rig = with_bob(Some(document)).await;
    let said = trent_bus::messages::ConditionValue {
        key: "aws:SourceIp".into(),
        values: vec!["198.51.100.1".into()],
    };
    rig.denied(BOB, Question { conditions: vec![said], ..encrypt() }).await;
}

#[tokio::test]
async fn a_key_with_more_than_fifty_aliases_never_has_the_condition_on_them() {
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/a*"}}}}"#;
    let rig = with_bob(Some(document)).await;
    for (count, expected) in [(50, true), (51, false)] {
        {
            let names = (0..count).map(|n| format!("alias/a{n:02}").parse().unwrap());
            let mut state = rig.store.state.lock().unwrap();
            let place = (crate::tests::rig::region(), arn(1).key_id);
            state.keys.get_mut(&place).unwrap().aliases = names.collect();
        }
        rig.forget_everything();
        let decided = rig.decide(rig.sign(BOB, "Encrypt"), encrypt(), "").await;
        assert_eq!(decided.is_ok(), expected, "{count} aliases");
    }
}

#[tokio::test]
async fn tags_of_users_and_roles_are_conditions_of_iam() {
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*",
        "Condition": {"StringEquals": {"iam:ResourceTag/team": "blue"}}}}"#;
    let rig = with_bob(Some(document)).await;
    let form = "Action=GetUser";
    let ask = async || {
        let asked = question("iam:GetUser", named(WireKind::User, "ann"));
        let signed = sign_form_by((BOB, crate::tests::rig::SECRET), "iam", form, rig.now());
        rig.decide(signed, asked, form).await.is_ok()
    };
    assert!(!ask().await);
    {
        let mut state = rig.store.state.lock().unwrap();
        let ann = state.thing(&entity(EntityKind::User, "ann")).unwrap();
        ann.tags = vec![Tag { key: "team".into(), value: "blue".into() }];
    }
    assert!(ask().await);
}

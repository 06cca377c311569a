//! A million requests: a thousand keys, a hundred users, a millisecond from each to the next.

use trent_types::{AccountId, AuditRecord, EventId, Region, Timestamp};

/// 2026-11-20T00:00:00Z.
pub(crate) const START: i64 = 1_795_132_800_000;

pub(crate) fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

pub(crate) fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

pub(crate) fn key_id(n: u64) -> String {
    format!("{:08x}-12ab-34cd-56ef-{n:012x}", (n * 2_654_435_761) & 0xffff_ffff)
}

pub(crate) fn key_arn(n: u64) -> String {
    format!("arn:aws:kms:eu-west-1:111122223333:key/{}", key_id(n))
}

pub(crate) fn user(n: u64) -> String {
    format!("user-{n:03}")
}

pub(crate) fn access_key_id(n: u64) -> String {
    format!("AKIA{n:016}")
}

fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    n ^ (n >> 29)
}

/// As Trent's gateway writes one (`trent-operations/src/record.rs`).
pub(crate) fn record(n: u64) -> AuditRecord {
    let at = Timestamp::from_millis(START + n as i64);
    let dice = mixed(n + 1);
    // Each key is used by two users, as applications have keys of their own.
    let (key, who) = (dice % 1_000, (dice % 1_000 / 10 + (dice >> 20) % 2) % 100);
    let key = key_arn(key);
    let name = match (dice >> 40) % 1_000 {
        0 => "DescribeKey",
        1..500 => "Encrypt",
        _ => "Decrypt",
    };
    let failure = if (dice >> 50).is_multiple_of(100) {
        r#""errorCode":"AccessDenied","errorMessage":"not allowed","#
    } else {
        ""
    };
    let mut random = [0; 16];
    random[..8].copy_from_slice(&dice.to_be_bytes());
    random[8..].copy_from_slice(&mixed(dice).to_be_bytes());
    let event_id = EventId::new(at, random);
    let (user, access_key, time) = (user(who), access_key_id(who), at.iso8601());
    let json = format!(
        concat!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","#,
            r#""principalId":"AIDA{who:017}","#,
            r#""arn":"arn:aws:iam::111122223333:user/{user}","accountId":"111122223333","#,
            r#""accessKeyId":"{access_key}","userName":"{user}"}},"eventTime":"{time}","#,
            r#""eventSource":"kms.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1","#,
            r#""sourceIPAddress":"10.1.2.3","userAgent":"Boto3/1.40.1 "#,
            r#"md/Botocore#1.40.1 ua/2.1 os/linux","#,
            r#"{failure}"requestParameters":{{"keyId":"{key}","#,
            r#""encryptionAlgorithm":"SYMMETRIC_DEFAULT","#,
            r#""encryptionContext":{{"tenant":"{who}"}}}},"responseElements":null,"#,
            r#""additionalEventData":{{"keyMaterialId":"{n:064x}"}},"#,
            r#""requestID":"4bf92f35-77b3-4da6-a3ce-{n:012x}","eventID":"{event_id}","#,
            r#""readOnly":true,"#,
            r#""resources":[{{"accountId":"111122223333","type":"AWS::KMS::Key","ARN":"{key}"}}],"#,
            r#""eventType":"AwsApiCall","managementEvent":true,"#,
            r#""recipientAccountId":"111122223333","#,
            r#""eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","#,
            r#""cipherSuite":"TLS_AES_256_GCM_SHA384","#,
            r#""clientProvidedHostHeader":"kms.example:8443"}}}}"#,
        ),
        who = who,
        user = user,
        access_key = access_key,
        time = time,
        name = name,
        failure = failure,
        key = key,
        n = n,
        event_id = event_id,
    );
    AuditRecord {
        event_id,
        account: Some(account()),
        event_time: at,
        cloudtrail_json: json.into_bytes(),
        trace: None,
    }
}

//! JSON bodies of every operation of KMS, CloudTrail and Trent's own: an answer or AWS's error,
//! with a record of either, and no change by what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_operations::{Operation, ServiceName, operation_by_target, operation_names};
use trent_types::GrantToken;

use super::answers;
use crate::input::Input;
use crate::world::{World, grant};

/// Four bytes of world, an operation's name with its length before it, the body. A name that is
/// none stands for some operation.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let world = World::new(&mut input);
    let (service, operation) = operation(input.piece());
    let response = world.serve(operation, service, input.rest());
    answers::check(&world, &response, service, operation.name())
}

fn operation(name: &[u8]) -> (ServiceName, &'static dyn Operation) {
    let find = |name: &str| {
        let target = |service: &str| operation_by_target(&format!("{service}.{name}"));
        let kms = target("TrentService").or_else(|| target("Trent"));
        kms.or_else(|| target("CloudTrail_20131101"))
    };
    let named = std::str::from_utf8(name).ok().and_then(find);
    named.unwrap_or_else(|| {
        let all: Vec<_> = operation_names().filter_map(find).collect();
        let at = name.iter().fold(0, |sum: usize, byte| sum * 31 % 65_521 + usize::from(*byte));
        all[at % all.len()]
    })
}

/// A request of each operation that is served, in a world in which it succeeds.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let blob = "AQAHBwcHBwcHBwcHBwcHBwcHCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
    let grant = grant();
    let token = GrantToken { key: grant.key, grant_id: grant.grant_id };
    let token = STANDARD.encode(token.to_bytes([8; 16]));
    let seed = |(world, name, body): &(&[u8; 4], &str, &str)| {
        let key = "07070707-0707-0707-0707-070707070707";
        let body = body.replace("$K", &format!("\"KeyId\":\"{key}\"")).replace("$B", blob);
        let body = body.replace("$T", &token).replace("$G", &grant.grant_id.to_string());
        let length = u8::try_from(name.len()).expect("short");
        [&world[..], &[length], name.as_bytes(), body.as_bytes()].concat()
    };
    REQUESTS.iter().map(seed).collect()
}

/// Worlds for [`World::new`]: the second byte is a spec's place in `KeySpec::ALL`, from 1.
const PLAIN: &[u8; 4] = &[0; 4];
const MORE: &[u8; 4] = &[4, 0, 0, 0];
const RSA_SIGNS: &[u8; 4] = &[0, 1, 0, 0];
const P256_AGREES: &[u8; 4] = &[0, 4, 0, 1];
const HMAC: &[u8; 4] = &[0, 10, 0, 0];
const ML_KEM: &[u8; 4] = &[0, 18, 0, 0];
const IMPORTED: &[u8; 4] = &[8, 0, 0, 0];
const PRIMARY: &[u8; 4] = &[16, 0, 0, 0];
const ROTATES: &[u8; 4] = &[32, 0, 0, 0];
const DISABLED: &[u8; 4] = &[0, 0, 2, 0];
const PENDING_DELETION: &[u8; 4] = &[0, 0, 3, 0];
const DENIED: &[u8; 4] = &[1, 0, 0, 0];

/// `$K` is the key id's member, `$B` a ciphertext blob, `$T` a grant token and `$G` a grant's id.
const REQUESTS: &[(&[u8; 4], &str, &str)] = &[
    (PENDING_DELETION, "CancelKeyDeletion", "{$K}"),
    (
        PLAIN,
        "CreateAlias",
        r#"{"AliasName":"alias/a","TargetKeyId":"07070707-0707-0707-0707-070707070707"}"#,
    ),
    (
        PLAIN,
        "CreateKey",
        r#"{"KeySpec":"RSA_2048","KeyUsage":"SIGN_VERIFY","Origin":"AWS_KMS","Description":"d",
          "MultiRegion":true,"Tags":[{"TagKey":"a","TagValue":"b"}],
          "BypassPolicyLockoutSafetyCheck":true}"#,
    ),
    (PLAIN, "CreateKey", ""),
    (
        PLAIN,
        "CreateGrant",
        r#"{$K,"GranteePrincipal":"arn:aws:iam::111122223333:user/ann","Name":"n","DryRun":false,
          "RetiringPrincipal":"arn:aws:iam::111122223333:user/bob",
          "Operations":["Decrypt","RetireGrant"],
          "Constraints":{"EncryptionContextSubset":{"a":"b"}}}"#,
    ),
    (ML_KEM, "Decapsulate", r#"{$K,"EncapsulationAlgorithm":"ML_KEM","Ciphertext":"YQ=="}"#),
    (PLAIN, "Decrypt", r#"{"CiphertextBlob":"$B","EncryptionContext":{"a":"b"},"DryRun":false}"#),
    (PLAIN, "Decrypt", r#"{$K,"CiphertextBlob":"$B","EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    (PLAIN, "DeleteAlias", r#"{"AliasName":"alias/a"}"#),
    (IMPORTED, "DeleteImportedKeyMaterial", "{$K}"),
    (
        P256_AGREES,
        "DeriveSharedSecret",
        r#"{$K,"KeyAgreementAlgorithm":"ECDH","PublicKey":"MFkwEwYH"}"#,
    ),
    (PLAIN, "DescribeKey", r#"{$K,"GrantTokens":["YQ=="]}"#),
    (DENIED, "DescribeKey", "{$K}"),
    (PLAIN, "DisableKey", "{$K}"),
    (ROTATES, "DisableKeyRotation", "{$K}"),
    (DISABLED, "EnableKey", "{$K}"),
    (PLAIN, "EnableKeyRotation", r#"{$K,"RotationPeriodInDays":90}"#),
    (ML_KEM, "Encapsulate", r#"{$K,"EncapsulationAlgorithm":"ML_KEM"}"#),
    (PLAIN, "Encrypt", r#"{$K,"Plaintext":"YQ==","EncryptionContext":{"a":"b\u00e9"}}"#),
    (PLAIN, "GenerateDataKey", r#"{$K,"KeySpec":"AES_256"}"#),
    (PLAIN, "GenerateDataKey", r#"{$K,"NumberOfBytes":1024,"EncryptionContext":{}}"#),
    (PLAIN, "GenerateDataKeyPair", r#"{$K,"KeyPairSpec":"ECC_NIST_P256"}"#),
    (PLAIN, "GenerateDataKeyPairWithoutPlaintext", r#"{$K,"KeyPairSpec":"RSA_2048"}"#),
    (PLAIN, "GenerateDataKeyWithoutPlaintext", r#"{$K,"KeySpec":"AES_128"}"#),
    (HMAC, "GenerateMac", r#"{$K,"Message":"YQ==","MacAlgorithm":"HMAC_SHA_256"}"#),
    (PLAIN, "GenerateRandom", r#"{"NumberOfBytes":32}"#),
    (PLAIN, "GetKeyPolicy", r#"{$K,"PolicyName":"default"}"#),
    (PLAIN, "Explain", r#"{$K,"RequestId":"07070707-0707-0707-0707-070707070707"}"#),
    (PLAIN, "GetKeyLastUsage", "{$K}"),
    (ROTATES, "GetKeyRotationStatus", "{$K}"),
    (
        IMPORTED,
        "GetParametersForImport",
        r#"{$K,"WrappingAlgorithm":"RSA_AES_KEY_WRAP_SHA_256","WrappingKeySpec":"RSA_4096"}"#,
    ),
    (RSA_SIGNS, "GetPublicKey", "{$K}"),
    (
        IMPORTED,
        "ImportKeyMaterial",
        r#"{$K,"ImportToken":"YQ==","EncryptedKeyMaterial":"YQ==",
          "ExpirationModel":"KEY_MATERIAL_EXPIRES","ValidTo":1675000000.5,
          "ImportType":"NEW_KEY_MATERIAL","KeyMaterialDescription":"d"}"#,
    ),
    (
        IMPORTED,
        "ImportKeyMaterial",
        r#"{$K,"ImportToken":"YQ==","EncryptedKeyMaterial":"YQ==",
          "ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE"}"#,
    ),
    (
        PLAIN,
        "GetCostReport",
        r#"{"Month":"2023-01","Granularity":"DAILY","GroupBy":["TAG:team","KEY"],"Format":"CSV"}"#,
    ),
    (PLAIN, "GetCostReport", r#"{"Month":"2022-12","GroupBy":["REGION","USAGE_TYPE"]}"#),
    (
        MORE,
        "GetUsage",
        r#"{"StartTime":1672531200,"EndTime":1672617600.5,"Granularity":"DAILY",
          "GroupBy":["KEY","PRINCIPAL","OPERATION","TAG:a"],"MaxResults":1,
          "Filter":{"ErrorCode":"","Tag":{"Key":"a","Value":"b"}}}"#,
    ),
    (MORE, "ListAliases", r#"{$K,"Limit":1}"#),
    (PLAIN, "ListPublicKeys", r#"{"StartTime":1,"EndTime":2}"#),
    (PLAIN, "ListQuotas", ""),
    (
        MORE,
        "LookupEvents",
        r#"{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"Encrypt"}],
          "StartTime":1672531200,"EndTime":1672617600,"MaxResults":1}"#,
    ),
    (PLAIN, "LookupEvents", r#"{"EventCategory":"insight"}"#),
    (
        PLAIN,
        "TailEvents",
        r#"{"StartAfterEventId":"07070707-0707-0707-0707-070707070707","AllRegions":true,
          "WaitSeconds":20,"MaxResults":1000,"EventName":"Encrypt","ReadOnly":"true"}"#,
    ),
    (MORE, "ListGrants", r#"{$K,"GranteePrincipal":"arn:aws:iam::111122223333:user/ann"}"#),
    (
        MORE,
        "ListRetirableGrants",
        r#"{"RetiringPrincipal":"arn:aws:iam::111122223333:user/bob","Limit":1}"#,
    ),
    (PLAIN, "ListKeyPolicies", r#"{$K,"Limit":1}"#),
    (MORE, "ListKeyRotations", r#"{$K,"IncludeKeyMaterial":"ALL_KEY_MATERIAL"}"#),
    (MORE, "ListKeys", r#"{"Limit":1}"#),
    (MORE, "ListResourceTags", r#"{$K,"Limit":50}"#),
    (
        PLAIN,
        "PutKeyPolicy",
        r#"{$K,"PolicyName":"default",
          "Policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\"}}",
          "BypassPolicyLockoutSafetyCheck":true}"#,
    ),
    (
        PLAIN,
        "ReEncrypt",
        r#"{"CiphertextBlob":"$B","DestinationKeyId":"07070707-0707-0707-0707-070707070707",
          "SourceEncryptionContext":{"a":"b"}}"#,
    ),
    (
        PRIMARY,
        "ReplicateKey",
        r#"{$K,"ReplicaRegion":"eu-west-1","Description":"d","Tags":[{"TagKey":"a",
          "TagValue":""}]}"#,
    ),
    (PLAIN, "RetireGrant", r#"{"GrantToken":"$T"}"#),
    (PLAIN, "RetireGrant", r#"{$K,"GrantId":"$G","DryRun":true}"#),
    (PLAIN, "RevokeGrant", r#"{$K,"GrantId":"$G"}"#),
    (PLAIN, "RotateKeyOnDemand", "{$K}"),
    (PLAIN, "ScheduleKeyDeletion", r#"{$K,"PendingWindowInDays":7}"#),
    (
        RSA_SIGNS,
        "Sign",
        r#"{$K,"Message":"YQ==","MessageType":"RAW","SigningAlgorithm":"RSASSA_PSS_SHA_256"}"#,
    ),
    (PLAIN, "TagResource", r#"{$K,"Tags":[{"TagKey":"a","TagValue":"b"}]}"#),
    (PLAIN, "UntagResource", r#"{$K,"TagKeys":["a"]}"#),
    (
        PLAIN,
        "UpdateAlias",
        r#"{"AliasName":"alias/a","TargetKeyId":"07070707-0707-0707-0707-070707070707"}"#,
    ),
    (PLAIN, "UpdateKeyDescription", r#"{$K,"Description":"d"}"#),
    (PRIMARY, "UpdatePrimaryRegion", r#"{$K,"PrimaryRegion":"us-east-1"}"#),
    (
        RSA_SIGNS,
        "Verify",
        r#"{$K,"Message":"YQ==","Signature":"YQ==",
          "SigningAlgorithm":"RSASSA_PKCS1_V1_5_SHA_512"}"#,
    ),
    (HMAC, "VerifyMac", r#"{$K,"Message":"YQ==","Mac":"YQ==","MacAlgorithm":"HMAC_SHA_256"}"#),
];

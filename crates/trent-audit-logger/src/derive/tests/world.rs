//! Histories of accounts, keys and requests, with their records and, beside them, what each record
//! means.

use proptest::prelude::*;
use serde_json::{Value, json};
use trent_types::{AccountId, AuditRecord, EventId, Timestamp};

pub(super) const ACCOUNTS: [&str; 3] = ["111122223333", "222233334444", "333344445555"];
pub(super) const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
pub(super) const TAGS: [&str; 2] = ["team", "cost centre \"x\""];
const VALUES: [&str; 3] = ["red", "blü\n", ""];
const SPECS: [&str; 5] = ["SYMMETRIC_DEFAULT", "RSA_2048", "RSA_4096", "ECC_NIST_P256", "HMAC_256"];
const PAIRS: [&str; 4] = ["RSA_2048", "RSA_4096", "ECC_NIST_P384", "SM2"];
const ERRORS: [&str; 6] = [
    "",
    "AccessDenied",
    "ThrottlingException",
    "DryRunOperationException",
    "KMSInternalException",
    "KMSInvalidStateException",
];
const OPERATIONS: [&str; 6] =
    ["Encrypt", "Sign", "DescribeKey", "GenerateMac", "GetPublicKey", "ReEncrypt"];
/// Eight days before the month that is asked for.
pub(super) const BEGINNING: i64 = 1_792_800_000_000;

/// A choice for one step; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) what: u8,
    pub(super) actor: u8,
    pub(super) key: u8,
    pub(super) value: u8,
    pub(super) error: u8,
    pub(super) after_ms: u32,
}

pub(super) fn choices() -> impl Strategy<Value = Vec<Choice>> {
    // Most things happen close together, some days later.
    let after = prop_oneof![3 => 1..300_000_u32, 2 => 1..40_000_000_u32, 1 => 1..400_000_000_u32];
    let numbers = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), after);
    let choice = numbers.prop_map(|(what, actor, key, value, error, after_ms)| Choice {
        what,
        actor,
        key,
        value,
        error,
        after_ms,
    });
    prop::collection::vec(choice, 1..120)
}

/// A key as the world knows it.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) arn: String,
    pub(super) id: String,
    pub(super) account: usize,
    pub(super) spec: &'static str,
    pub(super) managed: bool,
}

/// What happened to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    Made,
    Scheduled,
    Cancelled,
    Deleted,
    Rotated,
    Tagged(&'static str, &'static str),
    Untagged(&'static str),
}

/// A request, as one account's trail tells of it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) account: usize,
    pub(super) at: i64,
    pub(super) region: &'static str,
    pub(super) key: Option<usize>,
    pub(super) operation: &'static str,
    pub(super) pair: Option<&'static str>,
    pub(super) error: &'static str,
    pub(super) principal: String,
    pub(super) paid: bool,
}

/// Everything that happened.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) records: Vec<AuditRecord>,
    pub(super) keys: Vec<Key>,
    pub(super) turns: Vec<(i64, usize, Turn)>,
    pub(super) asked: Vec<Asked>,
    now: i64,
    ids: u128,
}

pub(super) fn account(at: usize) -> AccountId {
    ACCOUNTS[at].parse().unwrap()
}

fn pick<T: Copy>(from: &[T], number: u8) -> T {
    from[usize::from(number) % from.len()]
}

impl World {
    pub(super) fn of(choices: &[Choice]) -> Self {
        let mut world = Self { now: BEGINNING, ..Self::default() };
        for choice in choices {
            world.now += i64::from(choice.after_ms);
            world.step(choice);
        }
        world
    }

    fn step(&mut self, choice: &Choice) {
        let actor = usize::from(choice.actor) % ACCOUNTS.len();
        let region = pick(&REGIONS, choice.value);
        if self.keys.is_empty() || choice.what.is_multiple_of(12) {
            return self.create(choice, actor, region);
        }
        let key = usize::from(choice.key) % self.keys.len();
        let (tag, value) = (pick(&TAGS, choice.value), pick(&VALUES, choice.actor));
        let shown = json!([{"tagKey": tag, "tagValue": value}]);
        match choice.what % 12 {
            1 => self.change(
                choice,
                key,
                "TagResource",
                json!({"tags": shown}),
                Turn::Tagged(tag, value),
            ),
            2 => self.change(
                choice,
                key,
                "UntagResource",
                json!({"tagKeys": [tag]}),
                Turn::Untagged(tag),
            ),
            3 => self.change(choice, key, "ScheduleKeyDeletion", json!({}), Turn::Scheduled),
            4 => self.change(choice, key, "CancelKeyDeletion", json!({}), Turn::Cancelled),
            5 => self.happens(key, "DeleteKey", json!(null), Turn::Deleted),
            6 => {
                self.happens(key, "RotateKey", json!({"rotationType": "AUTOMATIC"}), Turn::Rotated)
            }
            7 => self.replicate(key, &shown, (tag, value)),
            8 => {
                let pair = pick(&PAIRS, choice.value);
                let parameters = json!({"keyPairSpec": pair, "keyId": "alias/x"});
                let error = pick(&ERRORS, choice.error);
                self.ask("GenerateDataKeyPair", (actor, Some(key)), error, parameters, Some(pair));
            }
            9 => self.other(choice, actor, region),
            _ => {
                let operation = pick(&OPERATIONS, choice.value);
                let error = pick(&ERRORS, choice.error);
                self.ask(operation, (actor, Some(key)), error, json!({"keyId": "x"}), None);
            }
        }
    }

    fn create(&mut self, choice: &Choice, actor: usize, region: &'static str) {
        let multi = choice.error.is_multiple_of(4);
        let managed = !multi && choice.error % 4 == 1;
        let number = self.keys.len();
        let id = match multi {
            true => format!("mrk-{number:032x}"),
            false => format!("{number:08x}-1111-4111-8111-111111111111"),
        };
        let spec = if managed { SPECS[0] } else { pick(&SPECS, choice.key) };
        let arn = format!("arn:aws:kms:{region}:{}:key/{id}", ACCOUNTS[actor]);
        let (tag, value) = (pick(&TAGS, choice.value), pick(&VALUES, choice.actor));
        let tags = json!([{"tagKey": tag, "tagValue": value}]);
        self.keys.push(Key { arn: arn.clone(), id, account: actor, spec, managed });
        if managed || choice.error % 4 == 2 {
            let name = if managed { "CreateKey" } else { "ImportSeedKey" };
            let mut details = json!({"keySpec": spec, "keyUsage": "ENCRYPT_DECRYPT",
                "origin": "AWS_KMS", "multiRegion": multi});
            if !managed {
                details["tags"] = tags;
            }
            self.happens(number, name, details, Turn::Made);
        } else {
            let mut json = self.request("CreateKey", actor, Some(number), "");
            json["requestParameters"] = json!({"tags": tags, "policy": "{}"});
            json["responseElements"] = json!({"keyMetadata": {"arn": arn, "keySpec": spec,
                "keyUsage": "ENCRYPT_DECRYPT", "origin": "EXTERNAL", "enabled": true}});
            json["readOnly"] = json!(false);
            self.keep(Some(actor), &json);
            self.note("CreateKey", (actor, actor), Some(number), "", None);
            self.turns.push((self.now, number, Turn::Made));
        }
        if !managed {
            self.turns.push((self.now, number, Turn::Tagged(tag, value)));
        }
    }

    fn change(
        &mut self,
        choice: &Choice,
        key: usize,
        name: &'static str,
        parameters: Value,
        turn: Turn,
    ) {
        let error =
            if choice.error.is_multiple_of(3) { pick(&ERRORS, choice.error / 3) } else { "" };
        let owner = self.keys[key].account;
        let mut json = self.request(name, owner, Some(key), error);
        json["requestParameters"] = parameters;
        json["readOnly"] = json!(false);
        self.keep(Some(owner), &json);
        self.note(name, (owner, owner), Some(key), error, None);
        if error.is_empty() {
            self.turns.push((self.now, key, turn));
        }
    }

    /// Something that Trent does by itself.
    fn happens(&mut self, key: usize, name: &'static str, details: Value, turn: Turn) {
        let owner = self.keys[key].account;
        let mut json = self.request(name, owner, Some(key), "");
        json["eventType"] = json!("AwsServiceEvent");
        json["readOnly"] = json!(false);
        json["userIdentity"] = json!({"accountId": ACCOUNTS[owner], "invokedBy": "AWS Internal"});
        if !details.is_null() {
            json["serviceEventDetails"] = details;
        }
        json.as_object_mut().unwrap().remove("requestID");
        self.keep(Some(owner), &json);
        self.turns.push((self.now, key, turn));
    }

    fn replicate(&mut self, key: usize, tags: &Value, tag: (&'static str, &'static str)) {
        let Key { arn, id, account, spec, .. } = self.keys[key].clone();
        let here = arn.split(':').nth(3).unwrap();
        let there = REGIONS.into_iter().find(|region| *region != here).unwrap();
        let arn = arn.replace(here, there);
        if !id.starts_with("mrk-") || self.keys.iter().any(|known| known.arn == arn) {
            return;
        }
        let number = self.keys.len();
        self.keys.push(Key { arn, id, account, spec, managed: false });
        let details = json!({"keySpec": spec, "multiRegion": true, "tags": tags});
        self.happens(number, "CreateKey", details, Turn::Made);
        self.turns.push((self.now, number, Turn::Tagged(tag.0, tag.1)));
    }

    /// A request with or without a key, by its owner's account or another one.
    fn ask(
        &mut self,
        name: &'static str,
        (actor, key): (usize, Option<usize>),
        error: &'static str,
        parameters: Value,
        pair: Option<&'static str>,
    ) {
        let mut json = self.request(name, actor, key, error);
        json["requestParameters"] = parameters;
        let owner = key.map_or(actor, |key| self.keys[key].account);
        if owner != actor && error != "AccessDenied" {
            let mut copy = json.clone();
            copy["userIdentity"] = json!({"type": "AWSAccount", "principalId": "AIDA",
                "accountId": ACCOUNTS[actor]});
            copy["recipientAccountId"] = json!(ACCOUNTS[owner]);
            self.keep(Some(owner), &copy);
            self.note(name, (owner, actor), key, error, pair);
        }
        self.keep(Some(actor), &json);
        self.note(name, (actor, actor), key, error, pair);
    }

    /// What is no request about a key.
    fn other(&mut self, choice: &Choice, actor: usize, region: &'static str) {
        let mut json = self.request("GenerateRandom", actor, None, "");
        json["awsRegion"] = json!(region);
        let (name, paid) = match choice.error % 4 {
            0 => {
                // Nobody's: no account has its record.
                json["userIdentity"] = json!({"type": "Unknown", "accessKeyId": "AKIAX"});
                json["errorCode"] = json!("UnrecognizedClientException");
                return self.keep(None, &json);
            }
            1 => {
                json["eventSource"] = json!("iam.amazonaws.com");
                ("CreateUser", false)
            }
            2 => ("Explain", false),
            _ => ("GenerateRandom", true),
        };
        json["eventName"] = json!(name);
        self.keep(Some(actor), &json);
        let (at, principal) = (self.now, principal(actor));
        let (key, pair, error) = (None, None, "");
        let asked = Asked {
            account: actor,
            at,
            region,
            key,
            operation: name,
            pair,
            error,
            principal,
            paid,
        };
        self.asked.push(asked);
    }

    fn note(
        &mut self,
        operation: &'static str,
        (account, actor): (usize, usize),
        key: Option<usize>,
        error: &'static str,
        pair: Option<&'static str>,
    ) {
        let region = key.map_or(REGIONS[0], |key| {
            let arn = &self.keys[key].arn;
            REGIONS.into_iter().find(|region| arn.contains(region)).unwrap()
        });
        let own = account == actor;
        let principal = if own { principal(actor) } else { ACCOUNTS[actor].to_owned() };
        let paid = own && error != "ThrottlingException" && error != "KMSInternalException";
        let at = self.now;
        let asked = Asked { account, at, region, key, operation, pair, error, principal, paid };
        self.asked.push(asked);
    }

    fn request(&self, name: &str, actor: usize, key: Option<usize>, error: &str) -> Value {
        let region = key.map_or(REGIONS[0], |key| self.keys[key].arn.split(':').nth(3).unwrap());
        let resource = |arn: String| json!({"type": "AWS::KMS::Key", "ARN": arn});
        let key = key.map(|key| self.keys[key].arn.clone());
        // An alias comes before its key.
        let alias = key.clone().map(|arn| arn.replace(":key/", ":alias/x"));
        let resources: Vec<_> = alias.into_iter().chain(key).map(resource).collect();
        let mut json = json!({
            "eventVersion": "1.11",
            "userIdentity": {"type": "IAMUser", "principalId": "AIDA", "arn": principal(actor),
                "accountId": ACCOUNTS[actor], "accessKeyId": "AKIA", "userName": "zoë\"\\"},
            "eventSource": "kms.amazonaws.com", "eventName": name, "awsRegion": region,
            "requestParameters": null, "responseElements": null, "readOnly": true,
            "requestID": "11111111-1111-4111-8111-111111111111", "resources": resources,
            "eventType": "AwsApiCall", "recipientAccountId": ACCOUNTS[actor],
        });
        if !error.is_empty() {
            json["errorCode"] = json!(error);
        }
        json
    }

    fn keep(&mut self, account: Option<usize>, json: &Value) {
        self.ids += 1;
        self.records.push(AuditRecord {
            event_id: EventId::from_bytes(self.ids.to_be_bytes()),
            account: account.map(self::account),
            event_time: Timestamp::from_millis(self.now),
            cloudtrail_json: serde_json::to_vec(json).unwrap(),
            trace: None,
        });
    }
}

fn principal(actor: usize) -> String {
    format!("arn:aws:iam::{}:user/zoë\"\\", ACCOUNTS[actor])
}

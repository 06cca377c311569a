//! Made-up requests, with what a lookup should find them by.

use trent_types::{
    AccountId, AuditRecord, EventId, EventPlace, LookupQuery, Region, Timestamp, TrailAttribute,
    TrailFilter,
};

/// 2026-12-31T12:00:00Z: what follows crosses a month.
pub(crate) const START: i64 = 1_798_718_400_000;

/// A request, and its record.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) region: Region,
    pub(crate) name: &'static str,
    pub(crate) user: String,
    pub(crate) key: Option<u64>,
    pub(crate) alias: Option<String>,
    pub(crate) failed: bool,
    pub(crate) record: AuditRecord,
}

/// Numbers that look random and are the same each time (Knuth, "The Art of Computer Programming",
/// volume 2, section 3.3.4: MMIX's generator).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

pub(crate) fn account(n: u64) -> AccountId {
    format!("{:012}", 111_122_223_333 + n).parse().unwrap()
}

pub(crate) fn region(n: u64) -> Region {
    ["eu-west-1", "eu-central-1"][n as usize].parse().unwrap()
}

const NAMES: [(&str, bool); 5] = [
    ("Encrypt", true),
    ("Decrypt", true),
    ("CreateAlias", false),
    ("GenerateRandom", true),
    ("TailEvents", true),
];

/// No two accounts or Regions have a key with the same id.
fn key_id(account: AccountId, region: Region, n: u64) -> String {
    format!("1234abcd-12ab-34cd-{:04x}-{account}", n * 16 + region.as_str().len() as u64)
}

impl Told {
    /// One request of an account at a moment.
    pub(crate) fn new(numbers: &mut Numbers, account: AccountId, at: Timestamp) -> Self {
        let region = region(numbers.below(2));
        let (name, read_only) = NAMES[numbers.below(5) as usize];
        let user = format!("user-{}", numbers.below(4));
        let key = (name != "GenerateRandom").then(|| numbers.below(6));
        let alias = (name == "CreateAlias").then(|| format!("alias/a:b/{}", numbers.below(3)));
        let failed = numbers.below(5) == 0;
        let random: [u8; 16] = std::array::from_fn(|_| numbers.below(256) as u8);
        let event_id = EventId::new(at, random);
        let arn = |name: String| {
            format!(
                r#"{{"accountId":"{account}","type":"AWS::KMS::Key",
                "ARN":"arn:aws:kms:{region}:{account}:{name}"}}"#
            )
        };
        let alias_arn = alias.clone().map(arn);
        let key_arn = key.map(|n| arn(format!("key/{}", key_id(account, region, n))));
        let resources: Vec<_> = alias_arn.into_iter().chain(key_arn).collect();
        let error = if failed { r#""errorCode":"AccessDenied","# } else { "" };
        let json = format!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","principalId":"AIDA",
            "arn":"arn:aws:iam::{account}:user/{user}","accountId":"{account}",
            "accessKeyId":"AKIA{user}","userName":"{user}"}},"eventTime":"{}",
            "eventSource":"kms.amazonaws.com","eventName":"{name}","awsRegion":"{region}",{error}
            "requestParameters":{{"eventName":"Sign"}},"responseElements":null,
            "requestID":"4bf92f35-77b3-4da6-a3ce-929d0e0e4736","eventID":"{event_id}",
            "readOnly":{read_only},"resources":[{}],"eventType":"AwsApiCall",
            "recipientAccountId":"{account}"}}"#,
            at.iso8601(),
            resources.join(","),
        );
        let record = AuditRecord {
            event_id,
            account: Some(account),
            event_time: at,
            cloudtrail_json: json
                .replace("\n            ", "")
                .replace("\n                ", "")
                .into_bytes(),
            trace: None,
        };
        Self { region, name, user, key, alias, failed, record }
    }

    pub(crate) fn place(&self) -> EventPlace {
        EventPlace { at: self.record.event_time, event_id: self.record.event_id }
    }

    fn fits(&self, filter: &TrailFilter) -> bool {
        let value = filter.value.as_str();
        let account = self.record.account.unwrap();
        let arn = |name: &str| format!("arn:aws:kms:{}:{account}:{name}", self.region);
        let read_only = NAMES.iter().find(|name| name.0 == self.name).unwrap().1;
        match filter.attribute {
            TrailAttribute::EventId => self.record.event_id.to_string() == value,
            TrailAttribute::EventName => self.name == value,
            TrailAttribute::ReadOnly => read_only.to_string() == value,
            TrailAttribute::Username => self.user == value,
            TrailAttribute::ResourceType => self.key.is_some() && value == "AWS::KMS::Key",
            TrailAttribute::ResourceName => {
                let key = self.key.map(|n| key_id(account, self.region, n));
                let of_key =
                    key.is_some_and(|id| id == value || arn(&format!("key/{id}")) == value);
                let alias = self.alias.as_deref();
                of_key || alias.is_some_and(|name| name == value || arn(name) == value)
            }
            TrailAttribute::EventSource => value == "kms.amazonaws.com",
            TrailAttribute::AccessKeyId => format!("AKIA{}", self.user) == value,
            TrailAttribute::ErrorCode => self.failed && value == "AccessDenied",
        }
    }
}

/// A history of two accounts: bursts in which many events share their millisecond and come out of
/// their order, and pauses, one of them over the end of a month.
pub(crate) fn history(seed: u64, length: usize) -> Vec<Told> {
    let mut numbers = Numbers(seed);
    let mut now = START;
    let mut told = Vec::with_capacity(length);
    while told.len() < length {
        now += match numbers.below(20) {
            0 => 3 * 3_600_000,
            1 => 50_000,
            2..=9 => 1,
            _ => 0,
        };
        let late = if numbers.below(8) == 0 { numbers.below(2_000) as i64 } else { 0 };
        let account = account(numbers.below(2));
        told.push(Told::new(&mut numbers, account, Timestamp::from_millis(now - late)));
    }
    told
}

/// A lookup of this history, of one of its accounts and in one of its Regions.
pub(crate) fn lookup(numbers: &mut Numbers, history: &[Told]) -> (AccountId, Region, LookupQuery) {
    let one = &history[numbers.below(history.len() as u64) as usize];
    let (account, region) = (one.record.account.unwrap(), region(numbers.below(2)));
    let arn = |name: &str| format!("arn:aws:kms:{region}:{account}:{name}");
    let key = key_id(account, region, numbers.below(7));
    let alias = format!("alias/a:b/{}", numbers.below(4));
    use TrailAttribute as A;
    let filters = [
        None,
        Some((A::EventId, one.record.event_id.to_string())),
        Some((A::EventId, "no id".to_owned())),
        Some((A::EventName, one.name.to_owned())),
        Some((A::EventName, "Sign".to_owned())),
        Some((A::ReadOnly, (numbers.below(2) == 0).to_string())),
        Some((A::Username, one.user.clone())),
        Some((A::ResourceType, "AWS::KMS::Key".to_owned())),
        Some((A::ResourceName, arn(&format!("key/{key}")))),
        Some((A::ResourceName, key)),
        Some((A::ResourceName, arn(&alias))),
        Some((A::ResourceName, alias)),
        Some((A::ResourceName, "arn:aws:kms:eu-west-1:999999999999:key/k".to_owned())),
        Some((A::EventSource, "kms.amazonaws.com".to_owned())),
        Some((A::AccessKeyId, format!("AKIA{}", one.user))),
        Some((A::ErrorCode, "AccessDenied".to_owned())),
    ];
    let filter = filters[numbers.below(filters.len() as u64) as usize].clone();
    let filter = filter.map(|(attribute, value)| TrailFilter { attribute, value });
    let last = history.iter().map(|told| told.record.event_time).max().unwrap();
    let span = (last.as_millis() - START + 4_000) as u64;
    let moment = |numbers: &mut Numbers| {
        let exact = history[numbers.below(history.len() as u64) as usize].record.event_time;
        let any = Timestamp::from_millis(START - 2_000 + numbers.below(span) as i64);
        if numbers.below(2) == 0 { exact } else { any }
    };
    let (a, b) = (moment(numbers), moment(numbers));
    let (from, to) = match numbers.below(3) {
        0 => (Timestamp::from_millis(0), Timestamp::from_millis(START * 2)),
        _ => (a.min(b), a.max(b)),
    };
    let limit = [3, 20, 50][numbers.below(3) as usize];
    (account, region, LookupQuery { filter, from, to, before: None, limit })
}

/// What a lookup should find, all pages together.
pub(crate) fn expected(
    history: &[Told],
    account: AccountId,
    region: Region,
    query: &LookupQuery,
) -> Vec<AuditRecord> {
    let mut found: Vec<&Told> = history
        .iter()
        .filter(|told| told.record.account == Some(account) && told.region == region)
        .filter(|told| query.from <= told.record.event_time && told.record.event_time <= query.to)
        .filter(|told| query.filter.as_ref().is_none_or(|filter| told.fits(filter)))
        .collect();
    found.sort_by_key(|told| std::cmp::Reverse(told.place()));
    found.into_iter().map(|told| told.record.clone()).collect()
}

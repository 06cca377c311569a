//! Requests and key events: added up with the records that tell of them, told by period and group,
//! and put right where they differ from the records.

use trent_store::{
    AuditStore, Derive, Derived, Followed, FollowerStore, JournalPlace, KeyEvent, Postgres,
    ReadPlace, UsageCorrection, UsageCount, UsageGroup, UsageSelection, UsageSum, UsageTables,
};
use trent_types::{AccountId, AuditRecord, EventId, KeyArn, KeyId, Timestamp};

use crate::support::cluster::cluster;
use crate::support::samples::*;
use crate::support::{FreshSqlite, connected, fresh_sqlite};

/// Tables, and whoever adds to them.
trait Counted {
    type Tables: UsageTables;

    fn tables(&self) -> &Self::Tables;

    /// The same, by who may remove.
    fn owned(&self) -> &Self::Tables;

    async fn add(&self, usage: &[UsageCount], key_events: &[KeyEvent]);
}

fn derived(usage: &[UsageCount], key_events: &[KeyEvent]) -> Derived {
    Derived { usage: usage.to_vec(), key_events: key_events.to_vec(), ..Derived::default() }
}

impl Counted for FreshSqlite {
    type Tables = trent_store::Sqlite;

    fn tables(&self) -> &Self::Tables {
        &self.store
    }

    fn owned(&self) -> &Self::Tables {
        &self.store
    }

    async fn add(&self, usage: &[UsageCount], key_events: &[KeyEvent]) {
        let place = JournalPlace { segment: 1, offset: 9 };
        let derived = Some((derived(usage, key_events), ReadPlace { place, check: 0 }));
        self.store.keep_followed(Followed { derived, ..Followed::default() }).await.unwrap();
    }
}

/// The audit logger's and the owner's connections.
struct Distributed {
    audit: Postgres,
    owner: Postgres,
}

impl Distributed {
    async fn new() -> Self {
        let database = cluster().migrated_database().await;
        let (audit, owner) =
            tokio::join!(connected("audit", &database), connected("owner", &database));
        Self { audit, owner }
    }
}

struct Kept(Derived);

impl Derive for Kept {
    fn derive(&self, _: &[(u64, &AuditRecord)]) -> Derived {
        self.0.clone()
    }
}

impl Counted for Distributed {
    type Tables = Postgres;

    fn tables(&self) -> &Postgres {
        &self.audit
    }

    fn owned(&self) -> &Postgres {
        &self.owner
    }

    async fn add(&self, usage: &[UsageCount], key_events: &[KeyEvent]) {
        let kept = Kept(derived(usage, key_events));
        self.audit.append(&[record_at(NOW)], |_, _, _| [7; 32], &kept).await.unwrap();
    }
}

/// The first hour of a day.
const HOUR: i64 = 24 * 20_000;

fn group(hour: i64, key: &str, operation: &str, error: &str) -> UsageGroup {
    UsageGroup {
        hour,
        region: "eu-west-1".to_owned(),
        key: key.to_owned(),
        operation: operation.to_owned(),
        pair_spec: String::new(),
        service: "kms".to_owned(),
        error: error.to_owned(),
        billed: true,
        principal: "arn:aws:iam::111122223333:user/zoë'\"".to_owned(),
    }
}

fn count(group: UsageGroup, requests: u64) -> UsageCount {
    UsageCount { account: account(), group, requests }
}

fn everything(from: i64, to: i64) -> UsageSelection {
    UsageSelection { from, to, period: 24, by: [false; 5], only: [const { None }; 5] }
}

fn texts(sum: &UsageSum) -> [&str; 5] {
    sum.group.each_ref().map(String::as_str)
}

async fn adds_up(counted: &impl Counted) {
    let tables = counted.tables();
    assert_eq!(tables.usage_bounds(account(), 0, i64::MAX).await.unwrap(), None);
    let encrypt = |hour| group(hour, "k1", "Encrypt", "");
    let denied = group(HOUR + 1, "k2", "Encrypt", "AccessDenied");
    let other: AccountId = "999988887777".parse().unwrap();
    let foreign = UsageCount { account: other, ..count(encrypt(HOUR), 1_000) };
    let unpaid = UsageGroup { billed: false, ..encrypt(HOUR) };
    let first = [count(encrypt(HOUR), 3), count(denied.clone(), 2), foreign];
    counted.add(&first, &[]).await;
    counted.add(&[count(encrypt(HOUR), 4), count(encrypt(HOUR + 25), 5)], &[]).await;
    counted.add(&[count(unpaid, 6)], &[]).await;
    counted.add(&[], &[]).await;

    let bounds = async |from, to| tables.usage_bounds(account(), from, to).await.unwrap();
    assert_eq!(bounds(0, i64::MAX).await, Some((HOUR, HOUR + 25)));
    assert_eq!(bounds(HOUR + 1, HOUR + 25).await, Some((HOUR + 1, HOUR + 1)));
    assert_eq!(bounds(HOUR + 2, HOUR + 25).await, None);

    let sums = async |selection: &UsageSelection, skip, limit| {
        let sums = tables.usage_sums(account(), selection, skip, limit).await.unwrap();
        let told = |sum: &UsageSum| {
            let group = texts(sum).join("|");
            format!("{}/{group}/{}/{}", sum.period - HOUR / 24, sum.requests, sum.errors)
        };
        sums.iter().map(told).collect::<Vec<_>>()
    };
    let all = everything(0, HOUR + 100);
    assert_eq!(sums(&all, 0, 10).await, ["0/||||/15/2", "1/||||/5/0"]);
    let total = UsageSelection { period: i64::MAX, ..all.clone() };
    assert_eq!(tables.usage_sums(account(), &total, 0, 9).await.unwrap()[0].requests, 20);
    let by = UsageSelection { by: [true, false, true, true, false], ..all.clone() };
    let rows = ["0/k1||Encrypt||/13/0", "0/k2||Encrypt|AccessDenied|/2/2", "1/k1||Encrypt||/5/0"];
    assert_eq!(sums(&by, 0, 10).await, rows);
    assert_eq!(sums(&by, 1, 1).await, rows[1..2]);
    assert_eq!(sums(&by, 3, 1).await, [""; 0]);
    assert_eq!(tables.usage_groups(account(), &by).await.unwrap(), 3);
    let mut only = by.clone();
    only.only[0] = Some("k1".to_owned());
    only.to = HOUR + 25;
    assert_eq!(sums(&only, 0, 10).await, rows[..1]);
    only.only[3] = Some("AccessDenied".to_owned());
    assert_eq!(sums(&only, 0, 10).await, [""; 0]);

    // Pages, in order, of everything and of what is paid.
    let mut pages = Vec::new();
    let mut after = UsageGroup::default();
    loop {
        let page = tables.usage_page(account(), &after, i64::MAX, 1).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.group.clone();
        pages.extend(page.iter().map(|count| count.requests));
    }
    assert_eq!(pages, [6, 7, 2, 5]);
    let paid = tables.billed_page(account(), &UsageGroup::default(), HOUR + 25, 9).await.unwrap();
    let told =
        |count: &UsageCount| (count.group.hour - HOUR, count.group.key.clone(), count.requests);
    let paid: Vec<_> = paid.iter().map(told).collect();
    assert_eq!(paid, [(0, "k1".to_owned(), 7), (1, "k2".to_owned(), 2)]);

    let counts = vec![(encrypt(HOUR), -7), (denied, 3), (encrypt(HOUR + 9), 8)];
    let correction = UsageCorrection { counts, ..UsageCorrection::default() };
    counted.owned().correct_usage(account(), &correction).await.unwrap();
    assert_eq!(
        sums(&by, 0, 9).await[..2],
        ["0/k1||Encrypt||/14/0", "0/k2||Encrypt|AccessDenied|/5/5"]
    );
    let page = tables.usage_page(account(), &UsageGroup::default(), i64::MAX, 9).await.unwrap();
    let left: Vec<_> = page.iter().map(|count| (count.group.hour - HOUR, count.requests)).collect();
    assert_eq!(left, [(0, 6), (1, 5), (9, 8), (25, 5)], "what there is none of is gone");
}

fn event(key: KeyArn, at: Timestamp, name: &str) -> KeyEvent {
    let event_id = EventId::from_bytes(new_bytes());
    KeyEvent {
        key,
        at,
        event_id,
        name: name.to_owned(),
        detail: format!("{{\"at\":{}}}", at.as_millis()),
    }
}

async fn tells_of_keys(counted: &impl Counted) {
    let tables = counted.tables();
    let key = |number: u8| {
        let key_id = KeyId::from_bytes([number; 16], false);
        KeyArn { region: region(), account: account(), key_id }
    };
    let made = event(key(1), NOW, "CreateKey");
    let tagged = event(key(1), NOW.plus_millis(5), "TagResource");
    let seeded = event(key(2), NOW.plus_millis(-5), "ImportSeedKey");
    counted.add(&[], &[tagged.clone(), seeded.clone()]).await;
    counted.add(&[], &[made.clone(), tagged.clone()]).await;
    let all = tables.key_events(account(), None, 9).await.unwrap();
    assert_eq!(all, [made.clone(), tagged.clone(), seeded.clone()], "by key and time, each once");
    let next = tables.key_events(account(), Some(&made), 1).await.unwrap();
    assert_eq!(next, std::slice::from_ref(&tagged));
    assert_eq!(tables.key_events(account(), Some(&seeded), 1).await.unwrap(), []);
    assert_eq!(tables.key_made(key(1)).await.unwrap(), Some(made.clone()));
    assert_eq!(tables.key_made(key(2)).await.unwrap(), Some(seeded.clone()));
    assert_eq!(tables.key_made(key(3)).await.unwrap(), None);

    let late = event(key(3), NOW, "CreateKey");
    let correction = UsageCorrection {
        missing: vec![late.clone()],
        extra: vec![tagged],
        ..UsageCorrection::default()
    };
    counted.owned().correct_usage(account(), &correction).await.unwrap();
    let all = tables.key_events(account(), None, 9).await.unwrap();
    assert_eq!(all, [made, seeded, late]);
}

#[tokio::test]
async fn sqlite_adds_up_and_tells_of_keys() {
    adds_up(&fresh_sqlite()).await;
    tells_of_keys(&fresh_sqlite()).await;
}

#[tokio::test]
async fn postgres_adds_up_and_tells_of_keys() {
    adds_up(&Distributed::new().await).await;
    tells_of_keys(&Distributed::new().await).await;
}

#[tokio::test]
async fn what_is_kept_is_told_with_how_far_it_goes() {
    let fresh = fresh_sqlite();
    assert_eq!(fresh.store.kept_usage().await.unwrap(), (None, Vec::new(), Vec::new()));
    let (counted, key) = (count(group(HOUR, "k", "Sign", ""), 2), new_key().arn());
    let made = event(key, NOW, "CreateKey");
    fresh.add(std::slice::from_ref(&counted), std::slice::from_ref(&made)).await;
    let place = Some(JournalPlace { segment: 1, offset: 9 });
    let kept = (place, vec![counted.clone()], vec![made.clone()]);
    assert_eq!(fresh.store.kept_usage().await.unwrap(), kept);
    fresh.store.forget_derived().await.unwrap();
    assert_eq!(fresh.store.kept_usage().await.unwrap(), (None, Vec::new(), Vec::new()));

    let stores = Distributed::new().await;
    assert_eq!(stores.audit.kept_usage(account()).await.unwrap(), (0, Vec::new(), Vec::new()));
    stores.add(std::slice::from_ref(&counted), std::slice::from_ref(&made)).await;
    stores.add(&[], &[]).await;
    let kept = stores.audit.kept_usage(account()).await.unwrap();
    assert_eq!(kept, (2, vec![counted], vec![made]));
    assert_eq!(stores.audit.usage_accounts().await.unwrap(), [account()]);
}

#[tokio::test]
async fn appends_of_many_loggers_add_up() {
    let stores = Distributed::new().await;
    let counts: Vec<_> =
        (0..30).map(|hour| count(group(HOUR + hour, "k", "Encrypt", ""), 1)).collect();
    let work = async |turn: usize| {
        for round in 0..8 {
            let mut counts = counts.clone();
            // In whatever order a logger has them.
            counts.rotate_left((round + turn * 7) % 30);
            stores.add(&counts, &[]).await;
        }
    };
    tokio::join!(work(0), work(1), work(2));
    let start = UsageGroup::default();
    let page = stores.audit.usage_page(account(), &start, i64::MAX, 99).await.unwrap();
    assert_eq!((page.len(), page.iter().all(|count| count.requests == 24)), (30, true));
}

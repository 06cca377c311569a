//! Usage and cost once more, as plainly as can be: every request one by one, every key hour by
//! hour, in fractions.

use std::collections::BTreeMap;

use trent_types::{CostDimension, CostUnit, Granularity, Timestamp, UsageDimension, UsageQuery};

use super::world::{ACCOUNTS, Asked, REGIONS, Turn, World};

pub(super) const HOUR: i64 = 3_600_000;

/// A number as numerator and denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction(i128, i128);

impl Fraction {
    pub(super) fn plus(self, other: Self) -> Self {
        let (number, by) = (self.0 * other.1 + other.0 * self.1, self.1 * other.1);
        let (mut a, mut b) = (number.max(1), by);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        if number == 0 { Self(0, 1) } else { Self(number / a, by / a) }
    }

    /// Billionths, to the nearest, the half up.
    pub(super) fn nano(self) -> i64 {
        let scaled = self.0 * 1_000_000_000;
        let (whole, rest) = (scaled / self.1, scaled % self.1);
        i64::try_from(if rest * 2 >= self.1 { whole + 1 } else { whole }).unwrap()
    }
}

/// The value of a tag at the end of an hour.
fn tag(world: &World, key: usize, wanted: &str, hour: i64) -> String {
    let mut value = "";
    for (at, which, turn) in &world.turns {
        if *which != key || *at >= (hour + 1) * HOUR {
            continue;
        }
        match turn {
            Turn::Tagged(tag, to) if *tag == wanted => value = to,
            Turn::Untagged(tag) if *tag == wanted => value = "",
            _ => {}
        }
    }
    value.to_owned()
}

/// Another account's keys have no tags for this one.
fn seen_tag(world: &World, asked: &Asked, wanted: &str) -> String {
    match asked.key {
        Some(key) if world.keys[key].account == asked.account => {
            tag(world, key, wanted, asked.at / HOUR)
        }
        _ => String::new(),
    }
}

fn arn(world: &World, asked: &Asked) -> String {
    asked.key.map(|key| world.keys[key].arn.clone()).unwrap_or_default()
}

/// The beginning of the month that a moment is in, in hours, and that of the next.
pub(super) fn month_of(hour: i64) -> (i64, i64) {
    let first = |hour: i64| {
        let (_, _, day, hours, ..) = Timestamp::from_millis(hour * HOUR).civil();
        hour - i64::from(day - 1) * 24 - i64::from(hours)
    };
    let start = first(hour);
    (start, first(start + 32 * 24))
}

/// What [`crate::queries::UsageReader::usage`] must say: period, group, requests, errors; sorted.
pub(super) fn usage(
    world: &World,
    account: usize,
    query: &UsageQuery,
) -> Vec<(i64, i64, Vec<String>, u64, u64)> {
    let from = query.from.as_millis() / HOUR;
    let to = (query.to.as_millis() + HOUR - 1) / HOUR;
    let mut rows: BTreeMap<(i64, i64, Vec<String>), (u64, u64)> = BTreeMap::new();
    for asked in world.asked.iter().filter(|asked| asked.account == account) {
        let hour = asked.at / HOUR;
        if hour < from || hour >= to {
            continue;
        }
        let value = |dimension: &UsageDimension| match dimension {
            UsageDimension::Key => arn(world, asked),
            UsageDimension::Principal => asked.principal.clone(),
            UsageDimension::Operation => asked.operation.to_owned(),
            UsageDimension::Error => asked.error.to_owned(),
            UsageDimension::Region => asked.region.to_owned(),
            UsageDimension::Tag(key) => seen_tag(world, asked, key),
        };
        let filter = &query.filter;
        let is = |only: &Option<String>, dimension: UsageDimension| match only {
            Some(only) => value(&dimension) == *only,
            None => true,
        };
        let fits = is(&filter.key, UsageDimension::Key)
            && is(&filter.principal, UsageDimension::Principal)
            && is(&filter.operation, UsageDimension::Operation)
            && is(&filter.error, UsageDimension::Error)
            && is(&filter.region, UsageDimension::Region)
            && filter
                .tag
                .as_ref()
                .is_none_or(|tag| value(&UsageDimension::Tag(tag.key.clone())) == tag.value);
        if !fits {
            continue;
        }
        let (start, end) = match query.granularity {
            Granularity::Hourly => (hour, hour + 1),
            Granularity::Daily => (hour / 24 * 24, hour / 24 * 24 + 24),
            Granularity::Monthly => month_of(hour),
            Granularity::Total => (from, to),
        };
        let group = query.group_by.iter().map(value).collect();
        let row = rows.entry((start.max(from), end.min(to), group)).or_default();
        row.0 += 1;
        row.1 += u64::from(!asked.error.is_empty());
    }
    rows.into_iter().map(|((from, to, group), (all, bad))| (from, to, group, all, bad)).collect()
}

/// Prices in billionths of a US dollar.
#[derive(Clone, Copy)]
pub(super) struct Tariff {
    pub(super) key_month: i128,
    pub(super) requests: i128,
    pub(super) rsa_2048: i128,
    pub(super) asymmetric: i128,
    pub(super) pair_ecc: i128,
    pub(super) pair_rsa: i128,
}

pub(super) type Lines = BTreeMap<(i64, Vec<String>, String, CostUnit), (Fraction, Fraction)>;

/// What a cost report is asked for, and by which prices.
pub(super) struct Report<'a> {
    pub(super) world: &'a World,
    pub(super) account: usize,
    /// Hours.
    pub(super) month: (i64, i64),
    pub(super) now: i64,
    pub(super) daily: bool,
    pub(super) by: &'a [CostDimension],
    pub(super) tariff: fn(&str) -> Tariff,
    pub(super) free: usize,
}

impl Report<'_> {
    fn add(
        &self,
        lines: &mut Lines,
        (hour, usage_type, unit): (i64, String, CostUnit),
        value: impl Fn(&CostDimension) -> String,
        (quantity, amount): (Fraction, Fraction),
    ) {
        let start = if self.daily { hour / 24 * 24 } else { self.month.0 };
        let value = |dimension: &CostDimension| match dimension {
            CostDimension::UsageType => usage_type.clone(),
            other => value(other),
        };
        let group = self.by.iter().map(value).collect();
        let line = lines.entry((start, group, usage_type.clone(), unit));
        let line = line.or_insert((Fraction(0, 1), Fraction(0, 1)));
        *line = (line.0.plus(quantity), line.1.plus(amount));
    }

    pub(super) fn lines(&self) -> Lines {
        let mut lines = Lines::new();
        for hour in self.month.0..self.month.1 {
            if hour * HOUR > self.now {
                break;
            }
            for key in 0..self.world.keys.len() {
                self.keep(&mut lines, key, hour);
            }
        }
        self.ask(&mut lines);
        lines
    }

    /// One hour of one key.
    fn keep(&self, lines: &mut Lines, key: usize, hour: i64) {
        let world = self.world;
        let about = &world.keys[key];
        let of_key = |turn: &&(i64, usize, Turn)| turn.1 == key;
        let turns: Vec<_> = world.turns.iter().filter(of_key).collect();
        let made = turns.iter().any(|(at, _, turn)| *turn == Turn::Made && *at < (hour + 1) * HOUR);
        let over = turns.iter().enumerate().any(|(place, (at, _, turn))| {
            let cancelled = || turns[place..].iter().any(|(_, _, turn)| *turn == Turn::Cancelled);
            *at < hour * HOUR
                && (*turn == Turn::Deleted || (*turn == Turn::Scheduled && !cancelled()))
        });
        if about.account != self.account || about.managed || !made || over {
            return;
        }
        let rotations = world.turns.iter().filter(|(at, which, turn)| {
            *turn == Turn::Rotated && world.keys[*which].id == about.id && *at < (hour + 1) * HOUR
        });
        let parts = 1 + rotations.count().min(2) as i128;
        let hours = i128::from(self.month.1 - self.month.0);
        let region = REGIONS.into_iter().find(|region| about.arn.contains(region)).unwrap();
        let price = (self.tariff)(region).key_month;
        let value = |dimension: &CostDimension| match dimension {
            CostDimension::Tag(wanted) => tag(world, key, wanted, hour),
            CostDimension::Key => about.arn.clone(),
            CostDimension::Region | CostDimension::UsageType => region.to_owned(),
        };
        let usage_type = format!("{region}-KMS-Keys");
        let amount = Fraction(parts * price, hours * 1_000_000_000);
        let what = (hour, usage_type, CostUnit::KeyMonths);
        self.add(lines, what, value, (Fraction(parts, hours), amount));
    }

    /// All requests, one by one, in the order in which they are free.
    fn ask(&self, lines: &mut Lines) {
        let world = self.world;
        let mut paid: Vec<_> = world
            .asked
            .iter()
            .filter(|asked| asked.account == self.account && asked.paid)
            .filter(|asked| (self.month.0..self.month.1).contains(&(asked.at / HOUR)))
            .collect();
        paid.sort_by_key(|asked| {
            let pair = asked.pair.unwrap_or_default();
            (asked.at / HOUR, asked.region, arn(world, asked), asked.operation, pair)
        });
        let mut free = self.free;
        for asked in paid {
            let tariff = (self.tariff)(asked.region);
            let spec = asked.key.map(|key| world.keys[key].spec);
            let (class, mut price) = match (asked.operation, asked.pair, spec) {
                (_, Some(pair), _) if pair.starts_with("RSA") => {
                    ("-GenerateDatakeyPair-RSA", tariff.pair_rsa)
                }
                (_, Some(_), _) => ("-GenerateDatakeyPair-ECC", tariff.pair_ecc),
                (
                    "Encrypt" | "Sign" | "GenerateMac" | "GetPublicKey" | "ReEncrypt",
                    _,
                    Some("RSA_2048"),
                ) => ("-Asymmetric-RSA_2048", tariff.rsa_2048),
                (
                    "Encrypt" | "Sign" | "GenerateMac" | "GetPublicKey" | "ReEncrypt",
                    _,
                    Some("RSA_4096" | "ECC_NIST_P256"),
                ) => ("-Asymmetric", tariff.asymmetric),
                _ => ("", tariff.requests),
            };
            if class.is_empty() && free > 0 {
                (free, price) = (free - 1, 0);
            }
            let value = |dimension: &CostDimension| match dimension {
                CostDimension::Tag(wanted) => seen_tag(world, asked, wanted),
                CostDimension::Key => arn(world, asked),
                CostDimension::Region | CostDimension::UsageType => asked.region.to_owned(),
            };
            let usage_type = format!("{}-KMS-Requests{class}", asked.region);
            let what = (asked.at / HOUR, usage_type, CostUnit::Requests);
            let amount = Fraction(price, 10_000 * 1_000_000_000);
            self.add(lines, what, value, (Fraction(1, 1), amount));
        }
    }
}

/// The last moment of a history.
pub(super) fn end(world: &World) -> i64 {
    world.records.iter().map(|record| record.event_time.as_millis()).max().unwrap_or_default()
}

/// Some account's number, by any number.
pub(super) fn some_account(number: u8) -> usize {
    usize::from(number) % ACCOUNTS.len()
}

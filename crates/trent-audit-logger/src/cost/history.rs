//! The life of each key as far as it costs: from when to when, its rotations, and its tags.

use std::collections::HashMap;

use trent_store::KeyEvent;
use trent_types::{KeyArn, KeyId, KeySpec, Timestamp};

use crate::derive::key_events::{Detail, makes_key};
use crate::derive::usage::HOUR_MS;

/// Rotations that cost; further ones do not.
const ROTATIONS_PAID: usize = 2;

/// What became of an account's keys.
#[derive(Debug)]
pub(crate) struct Keys {
    /// The keys of the tags that are asked for.
    wanted: Vec<String>,
    lives: HashMap<KeyArn, Life>,
    /// Related multi-Region keys share their material, and each of them keeps it.
    rotations: HashMap<KeyId, Vec<Timestamp>>,
}

/// What became of one key.
#[derive(Debug, Default)]
pub(crate) struct Life {
    spec: Option<KeySpec>,
    managed: bool,
    made: Option<Timestamp>,
    /// Its deletion was scheduled, and not cancelled since.
    scheduled: Option<Timestamp>,
    deleted: Option<Timestamp>,
    /// For each tag that is asked for, from which hour on which value.
    tags: Vec<Vec<(i64, String)>>,
}

impl Keys {
    /// No keys yet, and the keys of the tags that will be asked for.
    pub(crate) fn new(wanted: Vec<String>) -> Self {
        Self { wanted, lives: HashMap::new(), rotations: HashMap::new() }
    }

    /// Takes in an event; those of a key must come in the order of their times.
    pub(crate) fn take(&mut self, event: &KeyEvent) {
        let detail: Detail = serde_json::from_str(&event.detail).unwrap_or_default();
        let count = self.wanted.len();
        let fresh = || Life { tags: vec![Vec::new(); count], ..Life::default() };
        let life = self.lives.entry(event.key).or_insert_with(fresh);
        let at = event.at;
        match event.name.as_str() {
            name if makes_key(name) => {
                life.made = Some(life.made.unwrap_or(at));
                life.spec = detail.spec.as_deref().and_then(|spec| spec.parse().ok());
                life.managed = detail.managed;
            }
            "ScheduleKeyDeletion" => life.scheduled = Some(life.scheduled.unwrap_or(at)),
            "CancelKeyDeletion" => life.scheduled = None,
            "DeleteKey" => life.deleted = Some(life.deleted.unwrap_or(at)),
            "RotateKey" => self.rotations.entry(event.key.key_id).or_default().push(at),
            _ => {}
        }
        let hour = at.as_millis().div_euclid(HOUR_MS);
        for (wanted, changes) in self.wanted.iter().zip(&mut life.tags) {
            let tagged = detail.tags.iter().find(|(key, _)| key == wanted);
            let value = match tagged {
                Some((_, value)) => value.clone(),
                None if detail.untagged.contains(wanted) => String::new(),
                None => continue,
            };
            // What counts is the value at the end of an hour.
            match changes.last_mut() {
                Some((last, old)) if *last == hour => *old = value,
                Some(_) | None => changes.push((hour, value)),
            }
        }
    }

    /// `keySpec` of the key that this event made.
    pub(crate) fn spec_of(made: &KeyEvent) -> Option<KeySpec> {
        let detail: Detail = serde_json::from_str(&made.detail).ok()?;
        detail.spec?.parse().ok()
    }

    /// All keys, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&KeyArn, &Life)> {
        self.lives.iter()
    }

    /// A key.
    pub(crate) fn of(&self, key: &KeyArn) -> Option<&Life> {
        self.lives.get(key)
    }

    /// The hours in which there is something to pay for a key: for itself, and for each of the
    /// rotations that cost. From the first hour to the one after the last; without end, there is
    /// none yet. Every hour that has begun is paid.
    pub(crate) fn paid(&self, key: &KeyArn, life: &Life) -> Vec<(i64, i64)> {
        let Some(made) = life.made.filter(|_| !life.managed) else { return Vec::new() };
        let hour = |at: Timestamp| at.as_millis().div_euclid(HOUR_MS);
        let ended = [life.scheduled, life.deleted].into_iter().flatten().min();
        let end = ended.map_or(i64::MAX, |end| hour(end) + 1);
        let mut rotations = self.rotations.get(&key.key_id).cloned().unwrap_or_default();
        rotations.sort_unstable();
        let rotated = rotations.into_iter().take(ROTATIONS_PAID).map(|at| at.max(made));
        let spans = std::iter::once(made).chain(rotated).map(|from| (hour(from), end));
        spans.filter(|(from, to)| from < to).collect()
    }
}

impl Life {
    /// `keySpec`, where the records tell it.
    pub(crate) const fn spec(&self) -> Option<KeySpec> {
        self.spec
    }

    /// The value of a tag at the end of an hour; the tag by its place among those that are asked
    /// for.
    pub(crate) fn tag(&self, at: usize, hour: i64) -> &str {
        let changes = self.tags.get(at).map(Vec::as_slice).unwrap_or_default();
        let before = changes.partition_point(|(from, _)| *from <= hour);
        let last = before.checked_sub(1).and_then(|last| changes.get(last));
        last.map_or("", |(_, value)| value)
    }

    /// The next hour after this one in which a tag that is asked for has another value.
    pub(crate) fn next_change(&self, hour: i64) -> Option<i64> {
        let next = |changes: &Vec<(i64, String)>| {
            let after = changes.partition_point(|(from, _)| *from <= hour);
            changes.get(after).map(|(from, _)| *from)
        };
        self.tags.iter().filter_map(next).min()
    }
}

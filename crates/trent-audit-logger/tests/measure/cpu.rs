//! The CPU of threads and processes, from `/proc` (proc(5)).

use std::fs;
use std::time::Duration;

/// What `sysconf(_SC_CLK_TCK)` says on every Linux.
const TICKS: u64 = 100;

pub(crate) fn of_this_thread() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

/// The fields of `stat` after the name, which may hold spaces; the first is the state.
fn stat(pid: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split(' ').map(ToOwned::to_owned).collect())
}

pub(crate) fn parent_of(pid: i32) -> i32 {
    stat(&pid.to_string()).unwrap()[1].parse().unwrap()
}

/// A process and its children, also those that have ended.
pub(crate) fn of_family(parent: i32) -> Duration {
    let ticks = |stat: &[String], fields: std::ops::Range<usize>| -> u64 {
        stat[fields].iter().map(|field| field.parse::<u64>().unwrap()).sum()
    };
    let own = stat(&parent.to_string()).unwrap();
    let mut sum = ticks(&own, 11..15);
    for entry in fs::read_dir("/proc").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(stat) = name.parse::<i32>().ok().and_then(|_| stat(&name))
            && stat[1] == parent.to_string()
        {
            sum += ticks(&stat, 11..13);
        }
    }
    Duration::from_millis(sum * 1_000 / TICKS)
}

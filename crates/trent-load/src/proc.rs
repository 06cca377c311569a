//! What the kernel says about the servers: CPU time and memory of whole process trees.

use std::collections::HashMap;
use std::fs;

/// `USER_HZ`: the unit of CPU times in `/proc/PID/stat` (proc(5)), 100 a second on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// User and system time that these processes and their descendants have used so far.
pub(crate) fn cpu_seconds(pids: &[u32]) -> f64 {
    let ticks = |pid: u32| {
        let fields = stat_fields(pid)?;
        // Fields 14 and 15 of stat; the list starts with field 3.
        let field = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(field(11)? + field(12)?)
    };
    tree(pids).into_iter().filter_map(ticks).sum::<u64>() as f64 / TICKS_PER_SECOND
}

/// Resident memory of these processes and their descendants.
pub(crate) fn rss_bytes(pids: &[u32]) -> u64 {
    let rss = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    };
    tree(pids).into_iter().filter_map(rss).sum()
}

/// Whether a process exists.
pub(crate) fn exists(pid: u32) -> bool {
    stat_fields(pid).is_some()
}

/// The fields of stat from the third on; the second, the name, may hold anything.
fn stat_fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    Some(after_name.split_whitespace().map(str::to_owned).collect())
}

/// The processes and all their descendants, each once.
fn tree(pids: &[u32]) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
        let parent = stat_fields(pid).and_then(|fields| fields.get(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut found, mut queue) = (Vec::new(), pids.to_vec());
    while let Some(pid) = queue.pop() {
        if !found.contains(&pid) {
            found.push(pid);
            queue.extend(children.get(&pid).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_tree_has_this_process_and_its_children_once() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let own = std::process::id();
        let tree = tree(&[own, child.id(), own]);
        assert_eq!(tree.iter().filter(|pid| **pid == own).count(), 1);
        assert_eq!(tree.iter().filter(|pid| **pid == child.id()).count(), 1);
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn this_process_uses_memory_and_exists() {
        assert!(rss_bytes(&[std::process::id()]) > 100_000);
        assert!(cpu_seconds(&[std::process::id()]) >= 0.0);
        assert!(exists(std::process::id()) && !exists(u32::MAX));
    }
}

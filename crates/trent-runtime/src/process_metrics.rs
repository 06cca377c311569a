//! What the system says of this process, as every Prometheus client library names it.

use std::fmt::{Display, Write as _};
use std::fs;

/// What the kernel's files say; each is left out of the metrics when it cannot be read.
#[derive(Debug, Default, PartialEq)]
struct Facts {
    cpu_seconds: Option<f64>,
    resident_bytes: Option<u64>,
    virtual_bytes: Option<u64>,
    start_seconds: Option<f64>,
    threads: Option<u64>,
    open_fds: Option<u64>,
    max_fds: Option<u64>,
}

/// Appends this process's metrics in the Prometheus text format.
pub(crate) fn render(out: &mut String) {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let open = fs::read_dir("/proc/self/fd").map(|entries| entries.count() as u64).ok();
    let facts = Facts {
        // The listing itself needs one.
        open_fds: open.map(|count| count.saturating_sub(1)),
        ..facts(&read("/proc/self/stat"), &read("/proc/stat"), &read("/proc/self/limits"))
    };
    write(out, &facts);
}

fn write(out: &mut String, facts: &Facts) {
    let mut metric = |name: &str, kind: &str, help: &str, value: Option<&dyn Display>| {
        if let Some(value) = value {
            // Cannot fail: it is a string.
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        }
    };
    let float = |value: &'_ Option<f64>| *value;
    let cpu = float(&facts.cpu_seconds);
    let start = float(&facts.start_seconds);
    let shown = |value: &'static str| value;
    let (counter, gauge) = (shown("counter"), shown("gauge"));
    metric(
        "process_cpu_seconds_total",
        counter,
        "User and system CPU time of the process",
        cpu.as_ref().map(|value| value as &dyn Display),
    );
    metric(
        "process_start_time_seconds",
        gauge,
        "When the process started, in seconds since the epoch",
        start.as_ref().map(|value| value as &dyn Display),
    );
    for (name, help, value) in [
        ("process_resident_memory_bytes", "Resident memory", &facts.resident_bytes),
        ("process_virtual_memory_bytes", "Virtual memory", &facts.virtual_bytes),
        ("process_threads", "Threads of the process", &facts.threads),
        ("process_open_fds", "Open file descriptors", &facts.open_fds),
        ("process_max_fds", "The limit of open file descriptors", &facts.max_fds),
    ] {
        metric(name, gauge, help, value.as_ref().map(|value| value as &dyn Display));
    }
}

/// Reads proc(5)'s `/proc/self/stat`, `/proc/stat` and `/proc/self/limits`.
fn facts(stat: &str, system: &str, limits: &str) -> Facts {
    // The second field is the program's name in brackets and may hold anything.
    let fields: Vec<u64> = stat
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace()
        .skip(1)
        .map(|field| field.parse().unwrap_or_default())
        .collect();
    // Numbered as in proc(5), of which the fourth is the first here.
    let field = |number: usize| fields.get(number - 4).copied();
    let ticks = rustix::param::clock_ticks_per_second().max(1) as f64;
    let page = rustix::param::page_size() as u64;
    let boot: Option<f64> = system
        .lines()
        .find_map(|line| line.strip_prefix("btime "))
        .and_then(|seconds| seconds.trim().parse().ok());
    let max_fds = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    Facts {
        cpu_seconds: field(14).zip(field(15)).map(|(user, system)| (user + system) as f64 / ticks),
        threads: field(20),
        start_seconds: boot.zip(field(22)).map(|(boot, since)| boot + since as f64 / ticks),
        virtual_bytes: field(23),
        resident_bytes: field(24).map(|pages| pages * page),
        open_fds: None,
        max_fds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_files_are_read_by_their_documented_places() {
        let ticks = rustix::param::clock_ticks_per_second();
        let page = rustix::param::page_size() as u64;
        let stat = format!(
            "7 (a) b (c) S 1 7 7 0 -1 41 1 0 0 0 {ticks} {ticks} 0 0 20 0 9 0 {ticks} 4096 3 18"
        );
        let limits = "Limit  Soft Limit\nMax open files            1024   4096   files\n";
        let expected = Facts {
            cpu_seconds: Some(2.0),
            resident_bytes: Some(3 * page),
            virtual_bytes: Some(4096),
            start_seconds: Some(1_001.0),
            threads: Some(9),
            open_fds: None,
            max_fds: Some(1024),
        };
        assert_eq!(facts(&stat, "cpu 1 2\nbtime 1000\n", limits), expected);
        assert_eq!(facts("", "", ""), Facts::default());
    }

    #[test]
    fn this_process_has_all_of_them() {
        let mut out = String::new();
        render(&mut out);
        assert_eq!(out.matches("# TYPE process_").count(), 7, "{out}");
    }
}

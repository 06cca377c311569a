//! The example consumers in Rust and Python read the audit stream of a running deployment, are
//! killed at random and go on: in the end each has every record once.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use trent_testkit::nats::repository;
use trent_testkit::{Form, RunningStack, process, program, trail};
use trent_tests::crash::{self, Load, Victim, signal};

/// How often each consumer is killed.
const KILLS: usize = 6;

/// How many clients make records meanwhile.
const CLIENTS: usize = 3;

#[test]
fn consumers_that_are_killed_at_random_have_every_record_once() {
    let running = RunningStack::start(Form::Distributed, &["--restart"]).expect("a stack");
    let mut consumers =
        [Consumer::start(&running, "rust-example"), Consumer::start(&running, "python-example")];
    let load = Load::start(&running, CLIENTS);
    for kill in 0..KILLS {
        for consumer in &mut consumers {
            // Work goes on between the kills: this is how long, not a wait for anything.
            std::thread::sleep(Duration::from_millis(rand::random_range(200..1500)));
            consumer.kill();
            consumer.run(&running);
        }
        if kill == KILLS / 2 {
            crash::kill(&running, Victim::Nats);
        }
    }
    let figures = load.end(&running);
    let trail: BTreeMap<String, serde_json::Value> = trail::records(&running.stack)
        .expect("the trail")
        .into_iter()
        .map(|record| (record["eventID"].as_str().expect("an event id").to_owned(), record))
        .collect();
    for consumer in &mut consumers {
        let kept = consumer.wait_for(trail.len());
        println!("{}: {} records after {KILLS} kills, {figures:?}", consumer.name, kept.len());
        assert!(kept == trail, "{}: other records than the trail", consumer.name);
        assert_eq!(consumer.count("gap"), 0, "{}: gaps", consumer.name);
    }
}

/// One of the examples, its store and its process.
struct Consumer {
    name: &'static str,
    store: PathBuf,
    process: Option<Child>,
}

impl Consumer {
    /// Has the operator make the consumer, and starts the example.
    fn start(running: &RunningStack, name: &'static str) -> Self {
        let mut add = Command::new(program("trent").expect("trent"));
        add.args(["audit", "consumer", "add", name]).envs(running.stack.bus_as("admin"));
        process::run(&mut add).expect("a consumer");
        let store = running.stack.directory.join(format!("{name}.sqlite"));
        let mut consumer = Self { name, store, process: None };
        consumer.run(running);
        consumer
    }

    fn run(&mut self, running: &RunningStack) {
        let mut command = if self.name == "rust-example" {
            process::bound(&program("trent-example-consumer").expect("the example"))
        } else {
            let installed = repository().join(".tools/venv/bin/python");
            let mut command = process::bound(&installed);
            command.arg(repository().join("deploy/examples/python-consumer/consumer.py"));
            command
        };
        command.arg(self.name).arg(&self.store).envs(running.stack.bus_as("consumer"));
        let log = running.stack.directory.join(format!("{}.log", self.name));
        self.process = Some(process::spawn(command, &log).expect("the example"));
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.process.take() {
            signal("KILL", child.id());
            let _ = child.wait();
        }
    }

    /// Every record that it has, by event id, once there are so many.
    fn wait_for(&self, records: usize) -> BTreeMap<String, serde_json::Value> {
        let end = Instant::now() + Duration::from_secs(90);
        while self.count("record") < records {
            let log = self.store.with_extension("log");
            assert!(
                Instant::now() < end,
                "{}: {} of {records} records\n{}",
                self.name,
                self.count("record"),
                std::fs::read_to_string(log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(200));
        }
        let store = self.open().expect("its store");
        let mut query =
            store.prepare("SELECT event_id, cloudtrail_json FROM record").expect("its records");
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        let parse = |row: rusqlite::Result<(String, String)>| {
            let (event, text) = row.expect("a row");
            (event, serde_json::from_str(&text).expect("a record"))
        };
        rows.map(parse).collect()
    }

    /// How many rows a table has; none before the consumer has made it.
    fn count(&self, table: &str) -> usize {
        let count = || {
            let count = format!("SELECT count(*) FROM {table}");
            self.open()?.query_row(&count, [], |row| row.get::<_, i64>(0))
        };
        usize::try_from(count().unwrap_or(0)).expect("a number of rows")
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        Connection::open_with_flags(&self.store, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.kill();
    }
}

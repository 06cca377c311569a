//! A stack that a test starts as a child process.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{Form, Role, Stack};

/// Lines of each log that a failed test shows.
const COMPLAINTS: usize = 12;

/// A stack in a child process; it ends when this is dropped, or when the test's process ends in any
/// way.
#[derive(Debug)]
pub struct RunningStack {
    child: Child,
    /// As it was when it had started.
    pub stack: Stack,
}

impl RunningStack {
    /// Starts a stack and waits until it is ready. `arguments` are further ones for `trent-testkit
    /// up`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(form: Form, arguments: &[&str]) -> io::Result<Self> {
        let form = match form {
            Form::Embedded => "embedded",
            Form::Distributed => "distributed",
        };
        let mut child = Command::new(program("trent-testkit")?)
            .args(["up", "--form", form])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or_else(|| io::Error::other("no standard output"))?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let stack = serde_json::from_str(&line)
            .map_err(|error| io::Error::other(format!("the stack did not start: {error}")))?;
        Ok(Self { child, stack })
    }

    /// The processes as they are now; those that were killed have been started again under
    /// `--restart`.
    ///
    /// # Errors
    /// When the state file cannot be read.
    pub fn roles(&self) -> io::Result<Vec<Role>> {
        let text = fs::read_to_string(self.stack.directory.join("state.json"))?;
        let stack: Stack = serde_json::from_str(&text)?;
        Ok(stack.roles)
    }
}

impl Drop for RunningStack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            print_complaints(&self.stack.directory);
        }
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What the processes of a failed test's stack warned of last, since their logs go with the stack.
#[expect(clippy::print_stderr, reason = "for whoever reads why a test failed")]
fn print_complaints(directory: &Path) {
    let logs = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut logs: Vec<PathBuf> =
        logs.filter(|path| path.extension().is_some_and(|end| end == "log")).collect();
    logs.sort();
    for log in logs {
        let Ok(text) = fs::read_to_string(&log) else { continue };
        let serious = |line: &&str| line.contains("ERROR") || line.contains("WARN");
        let lines: Vec<&str> = text.lines().rev().filter(serious).take(COMPLAINTS).collect();
        for line in lines.into_iter().rev() {
            eprintln!("{}: {line}", log.file_name().unwrap_or_default().display());
        }
    }
}

/// A program of this workspace, next to the test that runs.
///
/// # Errors
/// When it has not been built.
pub fn program(name: &str) -> io::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folders = test.ancestors().skip(1).take(2);
    let found = folders.map(|folder: &Path| folder.join(name)).find(|path| path.exists());
    found.ok_or_else(|| io::Error::other(format!("{name} is not built: run `make build`")))
}

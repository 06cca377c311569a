//! The audit trail of a running stack, as its keeper wrote it.

use std::fs;
use std::io;
use std::process::Command;

use serde_json::Value;

use crate::{Form, Stack};

/// Every audit record, as parsed CloudTrail JSON.
///
/// # Errors
/// When the trail cannot be read.
pub fn records(stack: &Stack) -> io::Result<Vec<Value>> {
    match stack.form {
        Form::Embedded => journal(stack),
        Form::Distributed => database(stack),
    }
}

/// The journal's segments; the last line of a live one may be half written and is then left out.
fn journal(stack: &Stack) -> io::Result<Vec<Value>> {
    let folder = stack.directory.join("data/journal");
    let mut segments: Vec<_> =
        fs::read_dir(folder)?.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    segments.sort();
    let mut records = Vec::new();
    for segment in segments {
        let text = fs::read(segment)?;
        for line in String::from_utf8_lossy(&text).lines() {
            let Ok(mut entry) = serde_json::from_str::<Value>(line) else { continue };
            if let Some(record) = entry.get_mut("record") {
                records.push(record.take());
            }
        }
    }
    Ok(records)
}

fn database(stack: &Stack) -> io::Result<Vec<Value>> {
    let url = stack.database_url.as_deref().unwrap_or_default();
    let sql = "SELECT convert_from(cloudtrail_json, 'UTF8') FROM audit_event";
    let done = Command::new("psql").args(["-qXAt", "-c", sql, url]).output()?;
    if !done.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()));
    }
    let text = String::from_utf8_lossy(&done.stdout);
    let parse = |line: &str| serde_json::from_str(line).map_err(io::Error::from);
    text.lines().filter(|line| !line.is_empty()).map(parse).collect()
}

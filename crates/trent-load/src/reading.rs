//! Reads the reports that `run` and `bench` have written.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::LoadError;
use crate::{bench, run};

/// A report of either command.
#[derive(Debug, Clone)]
pub(crate) enum Read {
    Run(Box<run::Report>),
    Bench(bench::Report),
}

impl Read {
    /// Reads a file. It may be of an older version of this program, but not of a later schema.
    pub(crate) fn file(path: &Path) -> Result<Self, LoadError> {
        let wrong = |why: String| LoadError::Report(path.to_owned(), why);
        let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let report: Value =
            serde_json::from_slice(&text).map_err(|error| wrong(format!("not JSON: {error}")))?;
        Self::value(report).map_err(wrong)
    }

    fn value(report: Value) -> Result<Self, String> {
        let has = |names: [&str; 3]| names.iter().all(|name| report.get(name).is_some());
        let schema = report.get("schema").cloned();
        if has(["schema", "configuration", "totals"]) {
            known(schema, run::SCHEMA)?;
            typed(report).map(Self::Run)
        } else if has(["rss_before_load_bytes", "results", "repeat"]) {
            known(schema, bench::SCHEMA)?;
            typed(report).map(Self::Bench)
        } else {
            Err("neither a report of `trent-load run` nor one of `trent-load bench`".to_owned())
        }
    }

    /// The command that wrote it.
    pub(crate) const fn command(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Bench(_) => "bench",
        }
    }
}

/// The first reports of `bench` named no schema.
fn known(schema: Option<Value>, newest: u32) -> Result<(), String> {
    match schema {
        None => Ok(()),
        Some(schema) if schema == newest => Ok(()),
        Some(schema) => Err(format!("its schema is {schema}, and {newest} the only one known")),
    }
}

fn typed<T: DeserializeOwned>(report: Value) -> Result<T, String> {
    serde_json::from_value(report).map_err(|error| format!("not a whole report: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run::sample;

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let line = "--rate 10 --seconds 2 --mix encrypt=1,decrypt=3 --pid 1 --p99-ms all=5";
        let written = sample::report(line, &[vec![3000, 0, 900], vec![77]]);
        let written = serde_json::to_value(written).unwrap();
        let Ok(Read::Run(read)) = Read::value(written.clone()) else { panic!("not a run") };
        assert_eq!(serde_json::to_value(read).unwrap(), written);
    }

    #[test]
    fn reports_from_before_there_were_curves_and_schemas_are_read() {
        let mut report = serde_json::to_value(sample::report("--mix encrypt", &[vec![5]])).unwrap();
        report.as_object_mut().unwrap().remove("distribution").unwrap();
        assert!(Read::value(report).is_ok());
        let bench = json!({
            "at": "", "connections": 1, "seconds": 1, "repeat": 1, "rss_before_load_bytes": 1,
            "results": [], "failures": [],
        });
        let Ok(Read::Bench(read)) = Read::value(bench) else { panic!("not a bench") };
        assert_eq!(read.schema, 1);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let whole = serde_json::to_value(sample::report("--mix encrypt", &[vec![5]])).unwrap();
        let mut newer = whole.clone();
        newer["schema"] = json!(2);
        let mut part = whole;
        part["totals"] = json!({});
        let foreign = json!({"connections": 32, "repeat": 2, "results": [{"op": "encrypt"}]});
        for (text, said) in [
            (None, "No such file"),
            (Some("{\"schema\": ".to_owned()), "not JSON: EOF"),
            (Some("[1]".to_owned()), "neither a report of `trent-load run` nor"),
            (Some(foreign.to_string()), "neither a report of `trent-load run` nor"),
            (Some(newer.to_string()), "its schema is 2, and 1 the only one known"),
            (Some(part.to_string()), "not a whole report: missing field `arrivals`"),
        ] {
            let path = folder.path().join("some.json");
            let _ = fs::remove_file(&path);
            text.iter().for_each(|text| fs::write(&path, text).unwrap());
            let error = Read::file(&path).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{}: ", path.display())), "{error}");
            assert!(error.contains(said), "{error}");
        }
    }
}

//! The house rules that neither the compiler nor clippy checks. All findings are printed, not only
//! the first.

mod crates;
mod dashboards;
mod operations;
mod sources;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use operations::snake_case;

use crate::{coverage, proto};

/// What was found: errors fail the check, warnings do not.
#[derive(Debug, Default, PartialEq, Eq)]
struct Findings {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn error(&mut self, text: impl Into<String>) {
        self.errors.push(text.into());
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

/// A text file of the repository.
pub(crate) struct Source {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Runs every check.
///
/// # Errors
/// When there is a finding, or something cannot be read.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let root = proto::repository().canonicalize()?;
    let sources = all_sources(&root)?;
    let mut findings = Findings::default();
    crates::check(&crates::metadata(&root)?, &mut findings)?;
    sources::check(&sources, &mut findings);
    operations::check(&sources, &mut findings);
    findings.errors.extend(coverage::missing(&root, &sources)?);
    dashboards::check(&root, &mut findings)?;
    if let Err(error) = proto::check() {
        findings.error(error.to_string());
    }

    for warning in &findings.warnings {
        println!("warning: {warning}");
    }
    for error in &findings.errors {
        println!("error: {error}");
    }
    match findings.errors.len() {
        0 => Ok(()),
        count => Err(format!("tidy: {count} findings").into()),
    }
}

/// Every source file that a person wrote, in the order of their paths.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn all_sources(root: &Path) -> Result<Vec<Source>, Box<dyn Error>> {
    let mut sources = Vec::new();
    for folder in ["crates", "fuzz", "tests"] {
        collect(root, &root.join(folder), &mut sources)?;
    }
    sources.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

/// Reads every source file under a folder that a person wrote.
fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&name) {
                collect(root, &path, sources)?;
            }
            continue;
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if ["rs", "py", "sh"].contains(&ending) {
            let text = fs::read_to_string(&path)?;
            let path = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            sources.push(Source { path, text });
        }
    }
    Ok(())
}

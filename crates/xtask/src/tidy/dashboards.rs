//! Dashboards and alerts name only metrics and labels that `docs/metrics.md` lists.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Findings;

const DOCUMENTED: &str = "docs/metrics.md";
const RULES: &str = "deploy/prometheus-rules.yml";
const DASHBOARDS: &str = "deploy/grafana/dashboards";

/// Labels that Prometheus adds, and the metric that it makes itself.
const SCRAPED: &[&str] = &["job", "instance"];
const OF_PROMETHEUS: &str = "up";

/// Words of PromQL that stand where a metric could.
const WORDS: &[&str] = &["and", "or", "unless", "bool", "offset", "Inf", "NaN"];
/// Words before a list of labels.
const LISTS: &[&str] = &["by", "without", "on", "ignoring", "group_left", "group_right"];

/// A documented metric.
#[derive(Debug, Default)]
struct Metric {
    histogram: bool,
    labels: BTreeSet<String>,
}

/// Checks every expression of `deploy/`.
pub(super) fn check(root: &Path, findings: &mut Findings) -> Result<(), Box<dyn Error>> {
    let metrics = documented(&fs::read_to_string(root.join(DOCUMENTED))?);
    if metrics.is_empty() {
        findings.error(format!("{DOCUMENTED}: no table of metrics"));
    }
    let mut names: Vec<_> = fs::read_dir(root.join(DASHBOARDS))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    names.sort_unstable();
    for path in names {
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let dashboard: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        let mut expressions = Vec::new();
        collect(&dashboard, &mut expressions);
        if expressions.is_empty() {
            findings.error(format!("{name}: no expression"));
        }
        for expression in expressions {
            check_expression(&name, &expression, &metrics, findings);
        }
    }
    for line in fs::read_to_string(root.join(RULES))?.lines() {
        if let Some(expression) = line.trim_start().strip_prefix("expr:") {
            check_expression(RULES, expression.trim(), &metrics, findings);
        }
    }
    Ok(())
}

/// The rows of the table: name, type and labels.
fn documented(text: &str) -> BTreeMap<String, Metric> {
    let quoted = |cell: &str| -> BTreeSet<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let row = |line: &str| {
        let cells: Vec<_> = line.strip_prefix("| `")?.split(" | ").collect();
        let (name, rest) = cells.split_first()?;
        let (kind, rest) = rest.split_first()?;
        // Without labels the cell is empty, and its separators stand together.
        let labels = rest.first().map(|cell| quoted(cell)).unwrap_or_default();
        let (kind, labels) = match kind.split_once(" |") {
            Some((kind, _)) => (kind, BTreeSet::new()),
            None => (*kind, labels),
        };
        let known = ["counter", "gauge", "histogram"].contains(&kind);
        let metric = Metric { histogram: kind == "histogram", labels };
        known.then(|| (name.trim_end_matches('`').to_owned(), metric))
    };
    text.lines().filter_map(row).collect()
}

/// Every `expr` of a dashboard.
fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str().filter(|_| name == "expr") {
                    Some(text) => into.push(text.to_owned()),
                    None => collect(value, into),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check_expression(
    place: &str,
    expression: &str,
    metrics: &BTreeMap<String, Metric>,
    findings: &mut Findings,
) {
    let used = Used::of(expression);
    if used.metrics.is_empty() {
        findings.error(format!("{place}: no metric in `{expression}`; it must be on one line"));
    }
    let mut possible: BTreeSet<&str> = SCRAPED.iter().copied().collect();
    for (name, labels) in &used.metrics {
        if name == OF_PROMETHEUS {
            continue;
        }
        let bare = ["_bucket", "_sum", "_count"].iter().find_map(|s| name.strip_suffix(s));
        let histogram = bare.and_then(|bare| metrics.get(bare)).filter(|m| m.histogram);
        let plain = metrics.get(name).filter(|metric| !metric.histogram);
        let Some(metric) = plain.or(histogram) else {
            findings.error(format!("{place}: {name} is no metric of {DOCUMENTED}"));
            continue;
        };
        possible.extend(metric.labels.iter().map(String::as_str));
        if histogram.is_some() {
            possible.insert("le");
        }
        for label in labels {
            if !metric.labels.contains(label) && !SCRAPED.contains(&label.as_str()) {
                findings.error(format!("{place}: {name} has no label {label}"));
            }
        }
    }
    for label in used.listed.iter().filter(|label| !possible.contains(label.as_str())) {
        findings.error(format!("{place}: nothing in `{expression}` has a label {label}"));
    }
}

/// What an expression of PromQL names.
#[derive(Debug, Default, PartialEq)]
struct Used {
    /// Metrics with the labels in their braces.
    metrics: Vec<(String, Vec<String>)>,
    /// Labels in lists, as after `by`.
    listed: Vec<String>,
}

impl Used {
    /// Reads as much of PromQL as it takes to tell metrics and labels from functions and words.
    fn of(expression: &str) -> Self {
        let mut used = Self::default();
        let tokens = tokens(expression);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            let next = tokens.get(at).map_or("", String::as_str);
            if !token.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            if LISTS.contains(&token.as_str()) {
                let labels = until(&tokens, &mut at, ")");
                used.listed.extend(labels.into_iter().filter(|t| is_name(t)));
            } else if next == "{" {
                let inside = until(&tokens, &mut at, "}");
                let labels = inside.chunk_by(|_, next| next != ",");
                let names = labels.filter_map(|matcher| matcher.iter().find(|t| is_name(t)));
                used.metrics.push((token.clone(), names.cloned().collect()));
            } else if !["(", "by", "without"].contains(&next) && !WORDS.contains(&token.as_str()) {
                used.metrics.push((token.clone(), Vec::new()));
            }
        }
        used
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The tokens up to this one, and past it.
fn until(tokens: &[String], at: &mut usize, end: &str) -> Vec<String> {
    let rest = tokens.get(*at..).unwrap_or_default();
    let inside: Vec<_> = rest.iter().take_while(|token| *token != end).cloned().collect();
    *at += inside.len() + 1;
    inside
}

/// Names, signs and numbers. Strings (of label matchers) and ranges are left out.
fn tokens(expression: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '$');
        let length = match first {
            '"' => rest.get(1..).and_then(|r| r.find('"')).map_or(rest.len(), |at| at + 2),
            '[' => rest.find(']').map_or(rest.len(), |at| at + 1),
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (token, tail) = rest.split_at(length);
        if !matches!(first, '"' | '[') && !first.is_whitespace() {
            tokens.push(token.to_owned());
        }
        rest = tail;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| metric | type | labels | roles | meaning |\n|---|---|---|---|---|\n\
        | `a_total` | counter | `x` `y` | each | with `z` |\n\
        | `b_seconds` | histogram | | each | none |\n";

    fn findings(expression: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check_expression("here", expression, &documented(TABLE), &mut findings);
        findings.errors
    }

    #[test]
    fn the_table_is_read() {
        let metrics = documented(TABLE);
        assert_eq!(metrics.len(), 2);
        assert_eq!(metrics["a_total"].labels.len(), 2);
        assert!(metrics["b_seconds"].histogram && metrics["b_seconds"].labels.is_empty());
    }

    #[test]
    fn what_is_documented_passes() {
        for expression in [
            "sum by (x, job) (rate(a_total{y=~\"z|w\", x!=\"a{b\"}[$__rate_interval])) > 0.5",
            "histogram_quantile(0.99, sum by (le) (rate(b_seconds_bucket[5m])))",
            "a_total and on (instance) up{job=\"x\"} == 0",
            "rate(b_seconds_sum[5m]) / rate(b_seconds_count[5m])",
        ] {
            assert_eq!(findings(expression), Vec::<String>::new(), "{expression}");
        }
    }

    #[test]
    fn what_is_not_documented_is_named() {
        for (expression, part) in [
            ("rate(c_total[5m])", "c_total"),
            ("a_total{z=\"1\"}", "no label z"),
            ("sum by (z) (a_total)", "a label z"),
            ("b_seconds", "b_seconds"),
            ("sum by (le) (a_total)", "a label le"),
            ("a_total_count", "a_total_count"),
            ("|", "no metric"),
        ] {
            let found = findings(expression);
            assert!(found.len() == 1 && found[0].contains(part), "{expression}: {found:?}");
        }
    }
}

//! The Prometheus text format (version 0.0.4), read strictly.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// One metric: its type, its labels and the values of its samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Family {
    /// `counter`, `gauge`, `histogram` or `summary`.
    pub kind: String,
    /// What `# HELP` says.
    pub help: String,
    /// The names of its labels, without those of the format itself (`le`, `quantile`).
    pub labels: BTreeSet<String>,
    /// The values of its labels.
    pub label_values: BTreeSet<String>,
    /// How many samples there are.
    pub samples: usize,
}

/// What `/metrics` answers on this admin port.
///
/// # Errors
/// When it cannot be asked, or does not answer 200.
pub fn scrape(admin_port: u16) -> io::Result<String> {
    let (head, body) = ask(admin_port, "/metrics")?;
    if !head.starts_with("HTTP/1.1 200") || head.contains("chunked") {
        return Err(io::Error::other(head));
    }
    Ok(body)
}

/// What `/ready` says on this admin port, be it good or bad.
///
/// # Errors
/// When it cannot be asked.
pub fn readiness(admin_port: u16) -> io::Result<String> {
    ask(admin_port, "/ready").map(|(_, body)| body)
}

fn ask(admin_port: u16, path: &str) -> io::Result<(String, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", admin_port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok((head.to_owned(), body.to_owned()))
}

/// The metrics by name.
///
/// # Errors
/// Names the first line that is not of the format, or that belongs to no metric with type and help.
pub fn parse(text: &str) -> Result<BTreeMap<String, Family>, String> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let wrong = || format!("not understood: {line}");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').ok_or_else(wrong)?;
            families.entry(name.to_owned()).or_default().help = help.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or_else(wrong)?;
            families.entry(name.to_owned()).or_default().kind = kind.to_owned();
        } else {
            let (series, value) = line.rsplit_once(' ').ok_or_else(wrong)?;
            value.parse::<f64>().map_err(|_| wrong())?;
            let (name, labels) = match series.split_once('{') {
                Some((name, rest)) => (name, rest.strip_suffix('}').ok_or_else(wrong)?),
                None => (series, ""),
            };
            let (base, family) = family_of(&mut families, name).ok_or_else(wrong)?;
            if family.kind.is_empty() || family.help.is_empty() {
                return Err(format!("{base} has no type or no help"));
            }
            family.samples += 1;
            for (label, value) in pairs(labels).ok_or_else(wrong)? {
                if !["le", "quantile"].contains(&label.as_str()) {
                    family.labels.insert(label);
                    family.label_values.insert(value);
                }
            }
        }
    }
    Ok(families)
}

/// The metric that a sample belongs to: a histogram's samples have suffixes.
fn family_of<'f>(
    families: &'f mut BTreeMap<String, Family>,
    sample: &str,
) -> Option<(String, &'f mut Family)> {
    let suffixed = ["_bucket", "_sum", "_count"].iter().filter_map(|s| sample.strip_suffix(s));
    let histogram = suffixed
        .filter(|base| families.get(*base).is_some_and(|family| family.kind == "histogram"))
        .map(str::to_owned)
        .next();
    let name = histogram.unwrap_or_else(|| sample.to_owned());
    let family = families.get_mut(&name)?;
    Some((name, family))
}

/// `a="x",b="y"`; no value of ours has a quotation mark.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split("\",").filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once("=\"")?;
        Some((name.to_owned(), value.trim_end_matches('"').to_owned()))
    };
    parts.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_read_and_what_is_not_of_it_is_named() {
        let text = "# HELP a_total An a\n# TYPE a_total counter\na_total{x=\"1\",y=\"2\"} 3\n\
            # HELP b_seconds A b\n# TYPE b_seconds histogram\nb_seconds_bucket{le=\"1\"} 1\n\
            b_seconds_sum 0.5\nb_seconds_count 1\n";
        let families = parse(text).unwrap();
        assert_eq!(families["a_total"].labels.len(), 2);
        assert_eq!((families["b_seconds"].samples, families["b_seconds"].labels.len()), (3, 0));
        assert!(parse("c 1\n").is_err());
        assert!(parse("# TYPE c gauge\nc 1\n").is_err());
        assert!(parse("# HELP c C\n# TYPE c gauge\nc one\n").is_err());
    }
}

//! Which crate may name which: the layers, and what each trusted base must not contain.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Findings;

/// The crates by layer. A crate names crates of lower layers only, so that none of one layer names
/// another of it.
const LAYERS: &[&[&str]] = &[
    &["trent-types"],
    &["trent-sigv4", "trent-policy", "trent-crypto"],
    &["trent-operations", "trent-bus", "trent-store", "trent-runtime"],
    &[
        "trent-gateway",
        "trent-policy-evaluator",
        "trent-crypto-worker",
        "trent-audit-logger",
        "trent-lifecycle",
        "trent-console",
    ],
    &["trent"],
];

/// Nothing that is shipped depends on these, and they may depend on anything.
const DEVELOPMENT: &[&str] = &[
    "trent-testkit",
    "trent-load",
    "trent-fuzz",
    "xtask",
    "trent-tests",
    "trent-example-consumer",
];

/// Crates that name no crate of ours but `trent-types`: operations know the rest of Trent by their
/// ports only.
const TYPES_ONLY: &[&str] = &[
    "trent-sigv4",
    "trent-policy",
    "trent-crypto",
    "trent-operations",
    "trent-bus",
    "trent-store",
    "trent-runtime",
];

/// Pure crates: whatever they depend on, directly or not, is none of these.
const PURE: &[&str] =
    &["trent-types", "trent-sigv4", "trent-policy", "trent-crypto", "trent-operations"];
const IMPURE: &[&str] = &["tokio", "hyper", "async-nats", "rusqlite", "tokio-postgres"];

/// The crypto worker holds the domain key: this is all of ours that it is made of.
const WORKER: &str = "trent-crypto-worker";
const WORKER_BASE: &[&str] = &["trent-types", "trent-crypto", "trent-bus", "trent-runtime", WORKER];
const NOT_IN_WORKER: &[&str] =
    &["tokio-postgres", "postgres", "deadpool-postgres", "rusqlite", "libsqlite3-sys", "refinery"];

/// `cargo metadata` of the workspace.
pub(super) fn metadata(root: &Path) -> Result<Value, Box<dyn Error>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Checks every crate of the workspace.
pub(super) fn check(metadata: &Value, findings: &mut Findings) -> Result<(), Box<dyn Error>> {
    let graph = Graph::read(metadata).ok_or("cargo metadata has another form than expected")?;
    for name in &graph.members {
        let Some(own) = layer(name) else {
            findings.error(format!("{name}: is in no layer (crates/xtask/src/tidy/crates.rs)"));
            continue;
        };
        for dependency in graph.of(name).filter(|other| graph.members.contains(*other)) {
            let lower = layer(dependency).is_some_and(|other| other < own);
            let known = !TYPES_ONLY.contains(&name.as_str()) || dependency == "trent-types";
            let allowed = DEVELOPMENT.contains(&name.as_str()) || (lower && known);
            if !allowed {
                findings.error(format!("{name}: must not depend on {dependency} (layers)"));
            }
        }
    }
    for name in PURE {
        let closure = graph.closure(name);
        for impure in IMPURE.iter().filter(|impure| closure.contains(**impure)) {
            findings.error(format!("{name}: is pure, but its dependencies contain {impure}"));
        }
    }
    let worker = graph.closure(WORKER);
    for name in &worker {
        let foreign = graph.members.contains(name) && !WORKER_BASE.contains(&name.as_str());
        if foreign || NOT_IN_WORKER.contains(&name.as_str()) {
            findings.error(format!("{WORKER}: its trusted base must not contain {name}"));
        }
    }
    Ok(())
}

/// The place of a crate, from below; development is on top.
fn layer(name: &str) -> Option<usize> {
    if DEVELOPMENT.contains(&name) {
        return Some(LAYERS.len());
    }
    LAYERS.iter().position(|layer| layer.contains(&name))
}

/// Who depends on whom at run time or build time; dependencies of tests are left out.
#[derive(Default)]
struct Graph {
    members: BTreeSet<String>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read(metadata: &Value) -> Option<Self> {
        let mut names = BTreeMap::new();
        for package in metadata.get("packages")?.as_array()? {
            names.insert(package.get("id")?.as_str()?, package.get("name")?.as_str()?);
        }
        let name = |id: &Value| Some((*names.get(id.as_str()?)?).to_owned());
        let mut graph = Self::default();
        for member in metadata.get("workspace_members")?.as_array()? {
            graph.members.insert(name(member)?);
        }
        for node in metadata.get("resolve")?.get("nodes")?.as_array()? {
            let edges = graph.edges.entry(name(node.get("id")?)?).or_default();
            for dependency in node.get("deps")?.as_array()? {
                let kinds = dependency.get("dep_kinds")?.as_array()?;
                if kinds.iter().any(|kind| kind.get("kind").and_then(Value::as_str) != Some("dev"))
                {
                    edges.insert(name(dependency.get("pkg")?)?);
                }
            }
        }
        Some(graph)
    }

    fn of(&self, name: &str) -> impl Iterator<Item = &String> {
        self.edges.get(name).into_iter().flatten()
    }

    /// The crate and everything that it depends on, directly or not.
    fn closure(&self, name: &str) -> BTreeSet<String> {
        let mut closure = BTreeSet::from([name.to_owned()]);
        let mut open = vec![name.to_owned()];
        while let Some(next) = open.pop() {
            for dependency in self.of(&next) {
                if closure.insert(dependency.clone()) {
                    open.push(dependency.clone());
                }
            }
        }
        closure
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Another crate, and what it is needed for (`dev` or nothing).
    type Edge<'a> = (&'a str, Option<&'a str>);

    /// Metadata of crates with these dependencies; every crate whose name begins with `trent` is a
    /// member.
    fn findings(crates: &[(&str, &[Edge<'_>])]) -> Vec<String> {
        let packages: Vec<_> = crates
            .iter()
            .map(|(name, _)| json!({"id": format!("{name}#1"), "name": name}))
            .collect();
        let members: Vec<_> = crates
            .iter()
            .filter(|(name, _)| name.starts_with("trent"))
            .map(|(name, _)| format!("{name}#1"))
            .collect();
        let nodes: Vec<_> = crates
            .iter()
            .map(|(name, dependencies)| {
                let deps: Vec<_> = dependencies
                    .iter()
                    .map(|(to, kind)| (format!("{to}#1"), kind))
                    .map(|(to, kind)| json!({"pkg": to, "dep_kinds": [{"kind": kind}]}))
                    .collect();
                json!({"id": format!("{name}#1"), "deps": deps})
            })
            .collect();
        let metadata = json!({
            "packages": packages, "workspace_members": members, "resolve": {"nodes": nodes}
        });
        let mut findings = Findings::default();
        check(&metadata, &mut findings).unwrap();
        findings.errors
    }

    #[test]
    fn a_crate_may_name_what_is_below_it() {
        let crates: &[(&str, &[_])] = &[
            ("trent-types", &[]),
            ("trent-bus", &[("trent-types", None)]),
            ("trent-gateway", &[("trent-bus", None), ("trent-types", None)]),
            ("trent-testkit", &[("trent-gateway", None)]),
        ];
        assert_eq!(findings(crates), Vec::<String>::new());
    }

    #[test]
    fn a_crate_may_not_name_its_own_layer_or_a_higher_one() {
        let crates: &[(&str, &[_])] = &[
            ("trent-types", &[("trent-bus", None)]),
            ("trent-bus", &[]),
            ("trent-lifecycle", &[("trent-gateway", None)]),
            ("trent-gateway", &[("trent-testkit", None)]),
            ("trent-testkit", &[]),
            ("trent-operations", &[("trent-crypto", None)]),
            ("trent-crypto", &[]),
            ("trent-new", &[]),
        ];
        assert_eq!(findings(crates).len(), 5, "{:?}", findings(crates));
    }

    #[test]
    fn what_only_tests_need_does_not_count() {
        let crates: &[(&str, &[_])] =
            &[("trent-types", &[("trent-testkit", Some("dev"))]), ("trent-testkit", &[])];
        assert_eq!(findings(crates), Vec::<String>::new());
    }

    #[test]
    fn the_worker_reaches_no_store_by_any_way() {
        let crates: &[(&str, &[_])] = &[
            (WORKER, &[("trent-bus", None)]),
            ("trent-bus", &[("pool", None)]),
            ("pool", &[("tokio-postgres", None)]),
            ("tokio-postgres", &[]),
        ];
        let expected = format!("{WORKER}: its trusted base must not contain tokio-postgres");
        assert_eq!(findings(crates), [expected]);
    }

    #[test]
    fn a_pure_crate_has_no_runtime_by_any_way() {
        let crates: &[(&str, &[_])] = &[
            ("trent-policy", &[("between", None)]),
            ("between", &[("tokio", None)]),
            ("tokio", &[]),
        ];
        assert_eq!(findings(crates).len(), 1);
    }
}

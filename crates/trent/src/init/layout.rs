//! What a deployment consists of, and who reads each of its files.

/// A certificate with its key, `NAME.pem` and `NAME.key`.
pub(super) struct Identity {
    /// The file's name and the subject's common name.
    pub(super) name: &'static str,
    /// The host names that a server's certificate holds for, beside loopback and those that
    /// `--host` adds; a client's has none.
    pub(super) server_of: Option<&'static str>,
    /// Who reads the key.
    pub(super) reader: &'static str,
}

/// The authority's certificate and key.
pub(super) const AUTHORITY: &str = "ca";

/// Every certificate that the authority issues.
pub(super) const IDENTITIES: [Identity; 12] = [
    client("gateway", "gateway, for NATS"),
    client("policy", "policy, for NATS and Postgres"),
    client("worker", "worker, for NATS"),
    client("audit", "audit, for NATS and Postgres"),
    client("lifecycle", "lifecycle, for NATS"),
    client("consumer", "consumers of the audit stream, for NATS"),
    client("admin", "the operator's commands, for NATS"),
    client("owner", "`trent migrate`, for Postgres"),
    client("reader", "who reads the audit trail in Postgres"),
    server("nats", "nats", "the NATS server"),
    server("postgres", "postgres", "the Postgres server"),
    server("api", "gateway", "gateway, for the API's clients"),
];

/// The files of versioned keys, and who reads each.
pub(super) const KEY_FILES: [(&str, &str); 5] = [
    ("domain.key", "worker; keep a copy apart from the data"),
    ("permit.key", "policy, worker"),
    ("bus.key", "gateway, policy, worker"),
    ("token.key", "policy"),
    ("trail.key", "policy, audit"),
];

/// The key that signs checkpoints and archives of the audit trail, with those that did before.
pub(super) const SIGNING_KEY_FILE: &str = "audit-signing.key";

/// The root user's access key, as lines of an environment file.
pub(super) const ROOT_KEY_FILE: &str = "root-access-key.env";

/// Configuration of the servers, as this program's version needs it, and who reads each.
pub(super) const CONFIGURATION: [(&str, &str, &str); 3] = [
    ("nats.conf", include_str!("../../../../deploy/nats.conf"), "the NATS server"),
    ("pg_hba.conf", include_str!("../../../../deploy/pg_hba.conf"), "the Postgres server"),
    ("pg_ident.conf", include_str!("../../../../deploy/pg_ident.conf"), "the Postgres server"),
];

/// The names and addresses by which this host reaches its own servers.
pub(super) const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

const fn client(name: &'static str, reader: &'static str) -> Identity {
    Identity { name, server_of: None, reader }
}

const fn server(name: &'static str, host: &'static str, reader: &'static str) -> Identity {
    Identity { name, server_of: Some(host), reader }
}

impl Identity {
    /// The names that the certificate must hold for.
    pub(super) fn names(&self, hosts: &[String]) -> Vec<String> {
        let Some(own) = self.server_of else { return Vec::new() };
        let mut names = vec![own.to_owned()];
        for name in LOOPBACK.into_iter().chain(hosts.iter().map(String::as_str)) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }
}

/// Every name that a server's certificate holds for: all that the authority may ever certify.
pub(super) fn all_names(hosts: &[String]) -> Vec<String> {
    let mut names: Vec<String> =
        IDENTITIES.iter().flat_map(|identity| identity.names(hosts)).collect();
    names.sort();
    names.dedup();
    names
}

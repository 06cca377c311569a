//! Every option, once: as a flag, an environment variable and a line of the configuration file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::StartError;

/// Declares every option once: as a flag, an environment variable and a line of the configuration
/// file.
macro_rules! options {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident: $type:ty = $env:literal $(, $key:ident = $value:expr)*;
    )+) => {
        /// What was given on the command line and in the environment. Secrets have no flag and no
        /// line in a file.
        #[derive(Debug, Default, Clone, clap::Args)]
        pub struct Options {
            /// A TOML file with any of these options, in `snake_case`
            #[arg(long, env = "TRENT_CONFIG", value_name = "FILE", hide_env_values = true)]
            pub config: Option<PathBuf>,
            $(
                $(#[doc = $doc])+
                #[arg(long, env = $env, hide_env_values = true $(, $key = $value)*)]
                pub $name: Option<$type>,
            )+
        }

        /// The configuration file.
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct File { $(pub(super) $name: Option<$type>,)+ }

        impl Options {
            /// Takes from the file what was not given otherwise.
            pub(super) fn or(self, file: File) -> Self {
                Self { config: self.config, $($name: self.$name.or(file.$name),)+ }
            }
        }
    };
}

options! {
    /// Where the AWS API is served [default: 127.0.0.1:8080]
    listen: SocketAddr = "TRENT_LISTEN";
    /// Where /health, /ready and /metrics are served [default: 127.0.0.1:8081]
    admin_listen: SocketAddr = "TRENT_ADMIN_LISTEN";
    /// Where the embedded form keeps its data [default: ./trent-data]
    data_dir: PathBuf = "TRENT_DATA_DIR";
    /// The account whose root user signs the first requests [default: 123456789012]
    account_id: String = "TRENT_ACCOUNT_ID";
    /// Allowed Regions, comma-separated [default: all of the partition aws]
    regions: String = "TRENT_REGIONS";
    /// A file with the lines TRENT_ROOT_ACCESS_KEY_ID=… and TRENT_ROOT_SECRET_ACCESS_KEY=…, in
    /// place of these two variables
    root_access_key_file: PathBuf = "TRENT_ROOT_ACCESS_KEY_FILE";
    /// The bus, as in `nats://host:4222`; another host than loopback needs --nats-ca-file
    nats_url: String = "TRENT_NATS_URL";
    /// postgres://user:password@host:port/database
    database_url: String = "TRENT_DATABASE_URL";
    /// The certificates that the bus's certificate must go back to, PEM; the bus is then spoken to
    /// over TLS only
    nats_ca_file: PathBuf = "TRENT_NATS_CA_FILE";
    /// This role's certificate towards the bus, PEM
    nats_cert_file: PathBuf = "TRENT_NATS_CERT_FILE";
    /// The private key of --nats-cert-file, PEM
    nats_key_file: PathBuf = "TRENT_NATS_KEY_FILE";
    /// The certificates that the database's certificate must go back to, PEM; the database is then
    /// spoken to over TLS only
    database_ca_file: PathBuf = "TRENT_DATABASE_CA_FILE";
    /// This role's certificate towards the database, PEM
    database_cert_file: PathBuf = "TRENT_DATABASE_CERT_FILE";
    /// The private key of --database-cert-file, PEM
    database_key_file: PathBuf = "TRENT_DATABASE_KEY_FILE";
    /// A file with the database password, where the URL has none
    database_password_file: PathBuf = "TRENT_DATABASE_PASSWORD_FILE";
    /// `allow` speaks to a bus or database on another host than loopback without TLS
    insecure_transport: String = "TRENT_INSECURE_TRANSPORT";
    /// Connections to the database, at most [default: 8]
    database_connections_max: u32 = "TRENT_DATABASE_CONNECTIONS_MAX";
    /// The keys that seal key material [default, embedded: DATA_DIR/keys/domain.key]
    domain_key_file: PathBuf = "TRENT_DOMAIN_KEY_FILE";
    /// The keys that Permits are made with [default, embedded: DATA_DIR/keys/permit.key]
    permit_key_file: PathBuf = "TRENT_PERMIT_KEY_FILE";
    /// The keys that seal payloads between roles [default, embedded: DATA_DIR/keys/bus.key]
    bus_key_file: PathBuf = "TRENT_BUS_KEY_FILE";
    /// The keys that seal session tokens [default, embedded: DATA_DIR/keys/token.key]
    token_key_file: PathBuf = "TRENT_TOKEN_KEY_FILE";
    /// The keys that Permits for reading the trail are made with [default, embedded:
    /// DATA_DIR/keys/trail.key]
    trail_key_file: PathBuf = "TRENT_TRAIL_KEY_FILE";
    /// The key that signs the audit trail's checkpoints and archives [default, embedded:
    /// DATA_DIR/keys/audit-signing.key]; docs/audit-integrity.md
    audit_signing_key_file: PathBuf = "TRENT_AUDIT_SIGNING_KEY_FILE";
    /// Where signed checkpoints of the audit trail are written; better on another disk or machine
    /// than the trail [default: DATA_DIR/checkpoints; distributed: nowhere without a signing key]
    audit_checkpoint_dir: PathBuf = "TRENT_AUDIT_CHECKPOINT_DIR";
    /// How often a checkpoint is written, in milliseconds, while records come [default: 60000]
    audit_checkpoint_interval_ms: u32 = "TRENT_AUDIT_CHECKPOINT_INTERVAL_MS";
    /// Where log files and digests of the audit trail are written in CloudTrail's layout [default:
    /// nowhere]
    audit_log_dir: PathBuf = "TRENT_AUDIT_LOG_DIR";
    /// How often log files are written, in milliseconds [default: 300000]
    audit_log_interval_ms: u32 = "TRENT_AUDIT_LOG_INTERVAL_MS";
    /// How much time a digest of log files covers, in milliseconds: whole seconds [default:
    /// 3600000]
    audit_digest_interval_ms: u32 = "TRENT_AUDIT_DIGEST_INTERVAL_MS";
    /// Keys and aliases that are made at the start where they are missing, YAML; docs/seeding.md
    seed_file: PathBuf = "TRENT_SEED_FILE";
    /// Prices for cost reports, TOML; docs/cost.md [default: AWS's for us-east-1]
    prices_file: PathBuf = "TRENT_PRICES_FILE";
    /// `distributed` lets --seed-file seed a deployment with a database of its own
    seed_allow: String = "TRENT_SEED_ALLOW";
    /// The certificate chain, PEM; with --tls-key the API is served over TLS
    tls_cert: PathBuf = "TRENT_TLS_CERT";
    /// The private key of the certificate, PEM
    tls_key: PathBuf = "TRENT_TLS_KEY";
    /// `allow` serves plain HTTP on other addresses than loopback
    insecure_http: String = "TRENT_INSECURE_HTTP";
    /// Networks of load balancers, comma-separated, as in `10.0.0.0/8,192.0.2.7`: a connection from
    /// there must begin with a PROXY protocol header, which says who the client is [default: none]
    trusted_proxies: String = "TRENT_TRUSTED_PROXIES";
    /// Threads that serve requests [default: one per core; embedded one less, at least one]
    threads: u32 = "TRENT_THREADS";
    /// Client connections at once, at most [default: 10000]
    connections_max: u32 = "TRENT_CONNECTIONS_MAX";
    /// What is logged, as in `info` or `info,trent_gateway=debug` [default: info]
    log: String = "TRENT_LOG";
    /// `text` or `json` [default: text]
    log_format: String = "TRENT_LOG_FORMAT";
    /// Where traces are sent by OTLP over HTTP, as in `http://127.0.0.1:4318` [default: nowhere]
    otlp_endpoint: String = "TRENT_OTLP_ENDPOINT";
    /// The share of requests that are traced, 0 to 1; a request that comes with a sampled
    /// traceparent always is [default: 0.01]
    trace_sample_ratio: f64 = "TRENT_TRACE_SAMPLE_RATIO";
    /// How often timed jobs look for work, in milliseconds [default: 60000; with --dev 1000]
    lifecycle_interval_ms: u32 = "TRENT_LIFECYCLE_INTERVAL_MS";
    /// `on` or `off`: whether requests are limited to AWS's request quotas [default: on; embedded:
    /// off]
    request_quotas: String = "TRENT_REQUEST_QUOTAS";
    /// Development and tests: lets `trent dev` move the key clock
    dev: bool = "TRENT_DEV", num_args = 0..=1, default_missing_value = "true";
}

/// Reads the configuration file.
pub(super) fn read_file(path: &Path) -> Result<File, StartError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| StartError::Configuration(format!("{}: {source}", path.display())))?;
    toml::from_str(&text).map_err(|error| {
        let reason = error.message().lines().next().unwrap_or_default().to_owned();
        StartError::Configuration(format!("{}: {reason}", path.display()))
    })
}

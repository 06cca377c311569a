//! Configuration: flags, then environment (`TRENT_*`), then a TOML file, then defaults.

mod checks;
mod options;

use std::net::SocketAddr;
use std::path::PathBuf;

use trent_types::{AccountId, IpNetwork, Region, SecretBytes};

use crate::StartError;
use checks::{
    account, audit, check_plain_http, cores, home_region, log_json, loopback, peer_files,
    permission, positive, ratio, regions, root, seed_distributed, switch, tls_files,
    trusted_proxies, url,
};
pub use options::Options;

/// The configuration of a process, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the AWS API is served.
    pub listen: SocketAddr,
    /// Where health and metrics are served.
    pub admin_listen: SocketAddr,
    /// Where the embedded form keeps its data.
    pub data_dir: PathBuf,
    /// The first account.
    pub account: AccountId,
    /// Allowed Regions.
    pub regions: Vec<Region>,
    /// The one of them for what names no Region.
    pub home_region: Region,
    /// The root user's access key, when it is given and not to be made.
    pub root: Option<(String, SecretBytes)>,
    /// The bus of the distributed form.
    pub nats_url: Option<String>,
    /// The database of the distributed form.
    pub database_url: Option<String>,
    /// TLS towards the bus; without it, only a bus on this host is spoken to.
    pub nats_tls: Option<PeerFiles>,
    /// TLS towards the database; without it, only a database on this host is spoken to.
    pub database_tls: Option<PeerFiles>,
    /// The file with the database password, where the URL has none.
    pub database_password_file: Option<PathBuf>,
    /// Bus and database on other hosts may be spoken to without TLS.
    pub insecure_transport: bool,
    /// Connections to the database, at most.
    pub database_connections_max: u32,
    /// The domain key file.
    pub domain_key_file: Option<PathBuf>,
    /// The Permit key file.
    pub permit_key_file: Option<PathBuf>,
    /// The bus key file.
    pub bus_key_file: Option<PathBuf>,
    /// The token key file.
    pub token_key_file: Option<PathBuf>,
    /// The file of the trail's Permit keys.
    pub trail_key_file: Option<PathBuf>,
    /// What is kept of the audit trail outside the database.
    pub audit: AuditSettings,
    /// Keys and aliases that are made at the start where they are missing.
    pub seed_file: Option<PathBuf>,
    /// Prices for cost reports.
    pub prices_file: Option<PathBuf>,
    /// A distributed deployment may be seeded.
    pub seed_distributed: bool,
    /// TLS for the AWS API.
    pub tls: Option<TlsFiles>,
    /// Where load balancers connect from, which say by the PROXY protocol who the client is.
    pub trusted_proxies: Vec<IpNetwork>,
    /// Threads that serve requests.
    pub threads: u32,
    /// The same embedded, which leaves a core to the journal: one more costs more than it gives.
    pub embedded_threads: u32,
    /// Client connections at once, at most.
    pub connections_max: u32,
    /// The log filter.
    pub log: String,
    /// Logs as JSON.
    pub log_json: bool,
    /// Where traces are sent, an OTLP receiver's base URL; `None` sends none.
    pub otlp_endpoint: Option<String>,
    /// The share of requests that are traced, 0 to 1.
    pub trace_sample_ratio: f64,
    /// How often timed jobs look for work, in milliseconds.
    pub lifecycle_interval_ms: u32,
    /// Whether AWS's request quotas are kept; `None`: as the form has it.
    pub request_quotas: Option<bool>,
    /// Development and tests.
    pub dev: bool,
}

/// Where the certificate and its key are.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

/// Whom a connection trusts, and as whom it comes.
#[derive(Debug, Clone)]
pub struct PeerFiles {
    /// The certificates that the other side's certificate must go back to, PEM.
    pub authority: PathBuf,
    /// This side's certificate and its key.
    pub identity: Option<TlsFiles>,
}

/// How URLs of each kind begin.
const NATS: [&str; 2] = ["nats://", "tls://"];
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];
/// What is kept of the audit trail outside the database, and signed.
#[derive(Debug, Clone)]
pub struct AuditSettings {
    /// The file of the key that signs.
    pub signing_key_file: Option<PathBuf>,
    /// Where checkpoints are written.
    pub checkpoint_dir: PathBuf,
    /// How often a checkpoint is written while records come, in milliseconds.
    pub checkpoint_interval_ms: u32,
    /// Log files in CloudTrail's layout, where they are wanted.
    pub logs: Option<LogSettings>,
}

/// Where log files of the audit trail go, and how often.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// The directory that stands for the bucket.
    pub directory: PathBuf,
    /// How often they are written, in milliseconds.
    pub interval_ms: u32,
    /// How much time a digest of them covers, in milliseconds.
    pub digest_interval_ms: u32,
}

const HTTP: [&str; 2] = ["http://", "https://"];

impl Options {
    /// Reads the file, applies the defaults and checks everything.
    ///
    /// # Errors
    /// [`StartError::Configuration`] names the first option that is wrong.
    pub fn settings(self) -> Result<Settings, StartError> {
        let file = self.config.as_deref().map(options::read_file).transpose()?.unwrap_or_default();
        let given = self.or(file);
        let dev = given.dev.unwrap_or(false);
        let data_dir = given.data_dir.clone().unwrap_or_else(|| "trent-data".into());
        let audit = audit(&data_dir, &given)?;
        let listen = given.listen.unwrap_or(loopback(8080));
        let tls = tls_files(given.tls_cert, given.tls_key, "TRENT_TLS_CERT", "TRENT_TLS_KEY")?;
        let nats_tls = peer_files(
            given.nats_ca_file,
            given.nats_cert_file,
            given.nats_key_file,
            "TRENT_NATS",
        )?;
        let database_tls = peer_files(
            given.database_ca_file,
            given.database_cert_file,
            given.database_key_file,
            "TRENT_DATABASE",
        )?;
        let regions = regions(given.regions.as_deref())?;
        let trace_sample_ratio = given.trace_sample_ratio.unwrap_or(0.01);
        let trace_sample_ratio = ratio(trace_sample_ratio, "TRENT_TRACE_SAMPLE_RATIO")?;
        let insecure_transport = given.insecure_transport.as_deref();
        let insecure_transport = permission(insecure_transport, "TRENT_INSECURE_TRANSPORT")?;
        let connections_max = given.connections_max.unwrap_or(10_000);
        let connections_max = positive(connections_max, "TRENT_CONNECTIONS_MAX")?;
        let connections = given.database_connections_max.unwrap_or(8);
        let database_connections_max = positive(connections, "TRENT_DATABASE_CONNECTIONS_MAX")?;
        check_plain_http(listen, tls.is_some(), given.insecure_http.as_deref())?;
        let interval = given.lifecycle_interval_ms.unwrap_or(if dev { 1_000 } else { 60_000 });
        Ok(Settings {
            listen,
            admin_listen: given.admin_listen.unwrap_or(loopback(8081)),
            data_dir: data_dir.clone(),
            account: account(given.account_id.as_deref().unwrap_or("123456789012"))?,
            home_region: home_region(given.regions.as_deref(), &regions)?,
            regions,
            root: root(given.root_access_key_file.as_deref())?,
            nats_url: url(given.nats_url, &NATS, "TRENT_NATS_URL")?,
            database_url: url(given.database_url, &POSTGRES, "TRENT_DATABASE_URL")?,
            nats_tls,
            database_tls,
            database_password_file: given.database_password_file,
            insecure_transport,
            database_connections_max,
            domain_key_file: given.domain_key_file,
            permit_key_file: given.permit_key_file,
            bus_key_file: given.bus_key_file,
            token_key_file: given.token_key_file,
            trail_key_file: given.trail_key_file,
            audit,
            seed_file: given.seed_file,
            prices_file: given.prices_file,
            seed_distributed: seed_distributed(given.seed_allow.as_deref())?,
            tls,
            trusted_proxies: trusted_proxies(given.trusted_proxies.as_deref())?,
            threads: positive(given.threads.unwrap_or_else(cores), "TRENT_THREADS")?,
            embedded_threads: given.threads.unwrap_or_else(|| cores().saturating_sub(1).max(1)),
            connections_max,
            log: given.log.unwrap_or_else(|| "info".into()),
            log_json: log_json(given.log_format.as_deref())?,
            otlp_endpoint: url(given.otlp_endpoint, &HTTP, "TRENT_OTLP_ENDPOINT")?,
            trace_sample_ratio,
            request_quotas: switch(given.request_quotas.as_deref(), "TRENT_REQUEST_QUOTAS")?,
            lifecycle_interval_ms: positive(interval, "TRENT_LIFECYCLE_INTERVAL_MS")?,
            dev,
        })
    }
}

impl Settings {
    /// The value of an option that a role cannot do without.
    ///
    /// # Errors
    /// [`StartError::Configuration`] names the variable.
    pub fn required<'a, T: ?Sized>(
        value: Option<&'a T>,
        variable: &str,
    ) -> Result<&'a T, StartError> {
        value.ok_or_else(|| StartError::Configuration(format!("{variable} is not set")))
    }
}

#[cfg(test)]
mod tests {
    use trent_types::Partition;

    use super::*;

    fn wrong(options: Options) -> String {
        options.settings().unwrap_err().to_string()
    }

    #[test]
    fn defaults_are_those_of_the_readme() {
        let settings = Options::default().settings().unwrap();
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.admin_listen.to_string(), "127.0.0.1:8081");
        assert_eq!(settings.account.as_str(), "123456789012");
        assert!(settings.regions.iter().all(|r| r.partition() == Partition::Aws));
        assert_eq!(settings.embedded_threads, settings.threads.saturating_sub(1).max(1));
    }

    #[test]
    fn plain_http_beyond_loopback_must_be_asked_for() {
        let listen = Some("0.0.0.0:8080".parse().unwrap());
        let text = wrong(Options { listen, ..Options::default() });
        assert!(text.contains("plain HTTP on 0.0.0.0:8080 is refused"), "{text}");
        let insecure_http = Some("allow".to_owned());
        assert!(Options { listen, insecure_http, ..Options::default() }.settings().is_ok());
    }

    #[test]
    fn each_wrong_option_is_named() {
        let account_id = Some("12".to_owned());
        assert!(wrong(Options { account_id, ..Options::default() }).contains("TRENT_ACCOUNT_ID"));
        let regions = Some("us-east-1,mars-1".to_owned());
        assert!(wrong(Options { regions, ..Options::default() }).contains("mars-1"));
        let tls_cert = Some(PathBuf::from("a.pem"));
        assert!(wrong(Options { tls_cert, ..Options::default() }).contains("TRENT_TLS_KEY"));
        let nats_url = Some("http://u:secret@h".to_owned());
        let text = wrong(Options { nats_url, ..Options::default() });
        assert!(text.contains("TRENT_NATS_URL") && !text.contains("secret"), "{text}");
        let nats_cert_file = Some(PathBuf::from("worker.pem"));
        let nats_key_file = Some(PathBuf::from("worker.key"));
        let text = wrong(Options { nats_cert_file, nats_key_file, ..Options::default() });
        assert!(text.contains("TRENT_NATS_CERT_FILE needs TRENT_NATS_CA_FILE"), "{text}");
        let trace_sample_ratio = Some(1.5);
        let text = wrong(Options { trace_sample_ratio, ..Options::default() });
        assert!(text.contains("TRENT_TRACE_SAMPLE_RATIO"), "{text}");
        let trusted_proxies = Some("10.0.0.0/8, 10.0.0.0/33".to_owned());
        let text = wrong(Options { trusted_proxies, ..Options::default() });
        assert!(text.contains("TRENT_TRUSTED_PROXIES: '10.0.0.0/33'"), "{text}");
        let request_quotas = Some("yes".to_owned());
        let text = wrong(Options { request_quotas, ..Options::default() });
        assert!(text.contains("TRENT_REQUEST_QUOTAS: 'yes'"), "{text}");
        let threads = Some(0);
        assert!(wrong(Options { threads, ..Options::default() }).contains("TRENT_THREADS"));
    }

    #[test]
    fn a_file_gives_what_flags_do_not_and_unknown_lines_are_refused() {
        let file: options::File = toml::from_str("log = \"debug\"\nthreads = 3\n").unwrap();
        let given = Options { threads: Some(5), ..Options::default() }.or(file);
        assert_eq!((given.threads, given.log.as_deref()), (Some(5), Some("debug")));
        assert!(toml::from_str::<options::File>("root_secret_access_key = \"x\"").is_err());
    }
}

//! Configuration: flags, then environment (`TRENT_*`), then a TOML file, then defaults.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use trent_types::{AccountId, Partition, Region, SecretBytes};

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
        struct File { $($name: Option<$type>,)+ }

        impl Options {
            /// Takes from the file what was not given otherwise.
            fn or(self, file: File) -> Self {
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
    /// nats://user:password@host:port
    nats_url: String = "TRENT_NATS_URL";
    /// postgres://user:password@host:port/database
    database_url: String = "TRENT_DATABASE_URL";
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
    /// The certificate chain, PEM; with --tls-key the API is served over TLS
    tls_cert: PathBuf = "TRENT_TLS_CERT";
    /// The private key of the certificate, PEM
    tls_key: PathBuf = "TRENT_TLS_KEY";
    /// `allow` serves plain HTTP on other addresses than loopback
    insecure_http: String = "TRENT_INSECURE_HTTP";
    /// Threads that serve requests [default: one per core; embedded one less, at least one]
    threads: u32 = "TRENT_THREADS";
    /// Client connections at once, at most [default: 10000]
    connections_max: u32 = "TRENT_CONNECTIONS_MAX";
    /// What is logged, as in `info` or `info,trent_gateway=debug` [default: info]
    log: String = "TRENT_LOG";
    /// `text` or `json` [default: text]
    log_format: String = "TRENT_LOG_FORMAT";
    /// How often timed jobs look for work, in milliseconds [default: 60000; with --dev 1000]
    lifecycle_interval_ms: u32 = "TRENT_LIFECYCLE_INTERVAL_MS";
    /// Development and tests: lets `trent dev` move the key clock
    dev: bool = "TRENT_DEV", num_args = 0..=1, default_missing_value = "true";
}

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
    /// The root user's access key, when it is given and not to be made.
    pub root: Option<(String, SecretBytes)>,
    /// The bus of the distributed form.
    pub nats_url: Option<String>,
    /// The database of the distributed form.
    pub database_url: Option<String>,
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
    /// TLS for the AWS API.
    pub tls: Option<TlsFiles>,
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
    /// How often timed jobs look for work, in milliseconds.
    pub lifecycle_interval_ms: u32,
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

impl Options {
    /// Reads the file, applies the defaults and checks everything.
    ///
    /// # Errors
    /// [`StartError::Configuration`] names the first option that is wrong.
    pub fn settings(self) -> Result<Settings, StartError> {
        let file = self.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let given = self.or(file);
        let dev = given.dev.unwrap_or(false);
        let listen = given.listen.unwrap_or(loopback(8080));
        let tls = tls_files(given.tls_cert, given.tls_key)?;
        check_plain_http(listen, tls.is_some(), given.insecure_http.as_deref())?;
        let interval = given.lifecycle_interval_ms.unwrap_or(if dev { 1_000 } else { 60_000 });
        Ok(Settings {
            listen,
            admin_listen: given.admin_listen.unwrap_or(loopback(8081)),
            data_dir: given.data_dir.unwrap_or_else(|| "trent-data".into()),
            account: account(given.account_id.as_deref().unwrap_or("123456789012"))?,
            regions: regions(given.regions.as_deref())?,
            root: root()?,
            nats_url: url(given.nats_url, &["nats://", "tls://"], "TRENT_NATS_URL")?,
            database_url: url(
                given.database_url,
                &["postgres://", "postgresql://"],
                "TRENT_DATABASE_URL",
            )?,
            database_connections_max: positive(
                given.database_connections_max.unwrap_or(8),
                "TRENT_DATABASE_CONNECTIONS_MAX",
            )?,
            domain_key_file: given.domain_key_file,
            permit_key_file: given.permit_key_file,
            bus_key_file: given.bus_key_file,
            token_key_file: given.token_key_file,
            tls,
            threads: positive(given.threads.unwrap_or_else(cores), "TRENT_THREADS")?,
            embedded_threads: given.threads.unwrap_or_else(|| cores().saturating_sub(1).max(1)),
            connections_max: positive(
                given.connections_max.unwrap_or(10_000),
                "TRENT_CONNECTIONS_MAX",
            )?,
            log: given.log.unwrap_or_else(|| "info".into()),
            log_json: log_json(given.log_format.as_deref())?,
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

fn read_file(path: &Path) -> Result<File, StartError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| StartError::Configuration(format!("{}: {source}", path.display())))?;
    toml::from_str(&text).map_err(|error| {
        let reason = error.message().lines().next().unwrap_or_default().to_owned();
        StartError::Configuration(format!("{}: {reason}", path.display()))
    })
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(1))
}

fn account(text: &str) -> Result<AccountId, StartError> {
    text.parse().map_err(|_| {
        StartError::Configuration(format!("TRENT_ACCOUNT_ID: '{text}' is not 12 digits"))
    })
}

fn regions(list: Option<&str>) -> Result<Vec<Region>, StartError> {
    let Some(list) = list else {
        return Ok(Region::all().filter(|r| r.partition() == Partition::Aws).collect());
    };
    let mut seen = BTreeSet::new();
    let mut regions = Vec::new();
    for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let region: Region = name.parse().map_err(|_| {
            StartError::Configuration(format!("TRENT_REGIONS: '{name}' is not an AWS Region"))
        })?;
        if seen.insert(name) {
            regions.push(region);
        }
    }
    if regions.is_empty() {
        return Err(StartError::Configuration("TRENT_REGIONS: no Region".into()));
    }
    Ok(regions)
}

/// A URL with one of these schemes. It may hold a password, so it is not repeated.
fn url(
    given: Option<String>,
    schemes: &[&str],
    variable: &str,
) -> Result<Option<String>, StartError> {
    match given {
        Some(url) if !schemes.iter().any(|scheme| url.starts_with(scheme)) => {
            let text = format!("{variable}: the URL must start with {}", schemes.join(" or "));
            Err(StartError::Configuration(text))
        }
        Some(_) | None => Ok(given),
    }
}

fn positive(value: u32, variable: &str) -> Result<u32, StartError> {
    if value == 0 {
        return Err(StartError::Configuration(format!("{variable}: must be at least 1")));
    }
    Ok(value)
}

fn log_json(format: Option<&str>) -> Result<bool, StartError> {
    match format {
        None | Some("text") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => Err(StartError::Configuration(format!(
            "TRENT_LOG_FORMAT: '{other}' is neither text nor json"
        ))),
    }
}

fn tls_files(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<TlsFiles>, StartError> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => {
            Err(StartError::Configuration("TRENT_TLS_CERT needs TRENT_TLS_KEY".into()))
        }
        (None, Some(_)) => {
            Err(StartError::Configuration("TRENT_TLS_KEY needs TRENT_TLS_CERT".into()))
        }
    }
}

fn check_plain_http(
    listen: SocketAddr,
    tls: bool,
    insecure: Option<&str>,
) -> Result<(), StartError> {
    match insecure {
        None | Some("") => {}
        Some("allow") => return Ok(()),
        Some(other) => {
            return Err(StartError::Configuration(format!(
                "TRENT_INSECURE_HTTP: '{other}' is not 'allow'"
            )));
        }
    }
    if tls || listen.ip().is_loopback() {
        return Ok(());
    }
    Err(StartError::Configuration(format!(
        "TRENT_LISTEN: plain HTTP on {listen} is refused; set TRENT_TLS_CERT and TRENT_TLS_KEY, \
         or TRENT_INSECURE_HTTP=allow"
    )))
}

/// The root user's access key from the environment: both halves or none.
fn root() -> Result<Option<(String, SecretBytes)>, StartError> {
    let id = environment("TRENT_ROOT_ACCESS_KEY_ID");
    let secret = environment("TRENT_ROOT_SECRET_ACCESS_KEY");
    let wrong = |text: &str| Err(StartError::Configuration(text.into()));
    match (id, secret) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => {
            let valid = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if !(4..=128).contains(&id.len()) || !id.bytes().all(valid) {
                return wrong("TRENT_ROOT_ACCESS_KEY_ID: 4 to 128 letters, digits or underscores");
            }
            if !(8..=128).contains(&secret.len()) {
                return wrong("TRENT_ROOT_SECRET_ACCESS_KEY: 8 to 128 characters");
            }
            Ok(Some((id, SecretBytes::new(secret.into_bytes()))))
        }
        (Some(_), None) => wrong("TRENT_ROOT_ACCESS_KEY_ID needs TRENT_ROOT_SECRET_ACCESS_KEY"),
        (None, Some(_)) => wrong("TRENT_ROOT_SECRET_ACCESS_KEY needs TRENT_ROOT_ACCESS_KEY_ID"),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
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
        let threads = Some(0);
        assert!(wrong(Options { threads, ..Options::default() }).contains("TRENT_THREADS"));
    }

    #[test]
    fn a_file_gives_what_flags_do_not_and_unknown_lines_are_refused() {
        let file: File = toml::from_str("log = \"debug\"\nthreads = 3\n").unwrap();
        let given = Options { threads: Some(5), ..Options::default() }.or(file);
        assert_eq!((given.threads, given.log.as_deref()), (Some(5), Some("debug")));
        assert!(toml::from_str::<File>("root_secret_access_key = \"x\"").is_err());
    }
}

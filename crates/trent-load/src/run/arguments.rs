//! What a load is: every option is a flag and an environment variable.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::retry::RetryPolicy;

/// Credentials are not here: they come from `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or
/// from `TRENT_ROOT_ACCESS_KEY_ID` and `TRENT_ROOT_SECRET_ACCESS_KEY`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct RunArguments {
    /// Endpoints, comma-separated, as in https://gateway:8443; connections take turns.
    #[arg(long, env = "TRENT_LOAD_ENDPOINT", value_delimiter = ',', required = true)]
    pub(crate) endpoint: Vec<String>,
    /// A PEM file of the authorities that are trusted instead of the system's.
    #[arg(long, env = "AWS_CA_BUNDLE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// The Region to sign for.
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// How long to wait at first until the endpoints serve, in seconds.
    #[arg(long, env = "TRENT_LOAD_WAIT", default_value_t = 30, value_name = "SECONDS")]
    pub(crate) wait: u64,

    /// Operations with their weights; `encrypt:4096=5` is one with a size.
    #[arg(
        long,
        env = "TRENT_LOAD_MIX",
        default_value = "encrypt=40,decrypt=40,generate-data-key=10,describe-key=10"
    )]
    pub(crate) mix: String,
    /// The size where the mix names none, in bytes.
    #[arg(long, env = "TRENT_LOAD_BYTES", default_value_t = 32)]
    pub(crate) bytes: usize,
    /// Open loop: requests that arrive per second. Closed loop where there is none.
    #[arg(long, env = "TRENT_LOAD_RATE", value_parser = positive)]
    pub(crate) rate: Option<f64>,
    /// Open loop: how arrivals are spaced.
    #[arg(long, env = "TRENT_LOAD_ARRIVALS", value_enum, default_value = "poisson")]
    pub(crate) arrivals: Arrivals,
    /// Connections, each with one request in flight.
    #[arg(long, env = "TRENT_LOAD_CONNECTIONS", default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) connections: u32,
    /// Open loop: requests that have arrived and have no answer yet; above it they are shed.
    #[arg(long, env = "TRENT_LOAD_OUTSTANDING", default_value_t = 4096,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) outstanding: u32,
    /// How long to measure, in seconds.
    #[arg(long, env = "TRENT_LOAD_SECONDS", default_value_t = 30, value_name = "SECONDS")]
    pub(crate) seconds: u64,
    /// How long to load before that, in seconds.
    #[arg(long, env = "TRENT_LOAD_WARM_UP", default_value_t = 2, value_name = "SECONDS")]
    pub(crate) warm_up: u64,
    /// How long to wait in the end for answers that are still out, in seconds.
    #[arg(long, env = "TRENT_LOAD_DRAIN", default_value_t = 30, value_name = "SECONDS")]
    pub(crate) drain: u64,
    /// Threads that send; as many as there are cores, at most four, where not given.
    #[arg(long, env = "TRENT_LOAD_THREADS", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) threads: Option<u32>,
    /// Makes choices and arrivals repeatable.
    #[arg(long, env = "TRENT_LOAD_SEED")]
    pub(crate) seed: Option<u64>,

    /// Keys: found by their aliases, `alias/PREFIX/0` and so on, or made.
    #[arg(long, env = "TRENT_LOAD_KEYS", default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) keys: u32,
    /// How keys are chosen.
    #[arg(long, env = "TRENT_LOAD_KEY_CHOICE", value_enum, default_value = "uniform")]
    pub(crate) key_choice: KeyChoice,
    /// How uneven `zipf` is.
    #[arg(long, env = "TRENT_LOAD_ZIPF_EXPONENT", default_value_t = 1.0, value_parser = positive)]
    pub(crate) zipf_exponent: f64,
    /// IAM users that sign, each with an access key; with none the credentials given sign.
    #[arg(long, env = "TRENT_LOAD_PRINCIPALS", default_value_t = 0,
        value_parser = clap::value_parser!(u32).range(0..=5000))]
    pub(crate) principals: u32,
    /// What aliases and user names begin with.
    #[arg(long, env = "TRENT_LOAD_PREFIX", default_value = "trent-load", value_parser = prefix)]
    pub(crate) prefix: String,
    /// A file that keeps the users' access keys from run to run; mode 0600.
    #[arg(long, env = "TRENT_LOAD_STATE")]
    pub(crate) state: Option<PathBuf>,

    /// Attempts after the first, for what an SDK would retry.
    #[arg(long, env = "TRENT_LOAD_RETRIES", default_value_t = 2,
        value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) retries: u32,
    /// The longest wait before the second attempt, in milliseconds; doubles up to 20 s.
    #[arg(long, env = "TRENT_LOAD_BACKOFF_MS", default_value_t = 1000)]
    pub(crate) backoff_ms: u64,
    /// How long one attempt may take, in milliseconds.
    #[arg(long, env = "TRENT_LOAD_TIMEOUT_MS", default_value_t = 10_000)]
    pub(crate) timeout_ms: u64,
    /// Compares every plaintext with what was sealed, and opens what was sealed under load.
    #[arg(long, env = "TRENT_LOAD_VERIFY")]
    pub(crate) verify: bool,

    /// Where to write the report as JSON.
    #[arg(long, env = "TRENT_LOAD_JSON")]
    pub(crate) json: Option<PathBuf>,
    /// The servers' processes, for their CPU time; their descendants count too.
    #[arg(long, env = "TRENT_LOAD_PIDS", value_delimiter = ',')]
    pub(crate) pid: Vec<u32>,
    /// No line of progress each second.
    #[arg(long, env = "TRENT_LOAD_QUIET")]
    pub(crate) quiet: bool,

    /// Fails (exit status 3) on any error answer, also one that a retry healed.
    #[arg(long, env = "TRENT_LOAD_FAIL_ON_ERROR")]
    pub(crate) fail_on_error: bool,
    /// Fails when more requests than these failed for good, wrong answers included.
    #[arg(long, env = "TRENT_LOAD_MAX_FAILED")]
    pub(crate) max_failed: Option<u64>,
    /// Fails when more arrivals than these could not be started.
    #[arg(long, env = "TRENT_LOAD_MAX_SHED")]
    pub(crate) max_shed: Option<u64>,
    /// Fails when a response time is longer: `encrypt=50,all=100`, in milliseconds.
    #[arg(long, env = "TRENT_LOAD_P99_MS", value_delimiter = ',')]
    pub(crate) p99_ms: Vec<String>,
}

/// How arrivals are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Arrivals {
    /// Exponential gaps: clients that know nothing of each other.
    Poisson,
    /// Equal gaps.
    Uniform,
}

/// How keys are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyChoice {
    /// All alike.
    Uniform,
    /// The n-th as often as 1/n to the power of the exponent.
    Zipf,
}

impl RunArguments {
    /// The loop in words, as in `open loop at 2000/s`.
    pub(crate) fn loop_in_words(&self) -> String {
        match self.rate {
            Some(rate) => format!("open loop at {rate}/s"),
            None => "closed loop".to_owned(),
        }
    }

    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy {
            retries: self.retries,
            base: Duration::from_millis(self.backoff_ms),
            most: Duration::from_secs(20),
        }
    }

    pub(crate) fn thread_count(&self) -> u32 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let wanted = self.threads.unwrap_or(u32::try_from(cores.min(4)).unwrap_or(1));
        wanted.min(self.connections)
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let fits = number.is_finite() && number > 0.0 && number <= 1e7;
    if fits { Ok(number) } else { Err("not between 0 and ten million".to_owned()) }
}

fn prefix(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let fits = (1..=40).contains(&text.len()) && text.chars().all(plain);
    if fits { Ok(text.to_owned()) } else { Err("1 to 40 of a-z A-Z 0-9 - _".to_owned()) }
}

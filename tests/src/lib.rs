//! Trent through the AWS SDK for Rust, in both forms: the scenarios, and what they share.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "everything in this crate is a test: a panic is how it fails"
)]

pub mod answers;
pub mod bus;
pub mod canaries;
pub mod crash;
pub mod disk;
pub mod exposition;
pub mod forging;
pub mod otlp;
pub mod scenarios;
pub mod tap;

use std::future::Future;
use std::sync::OnceLock;

use aws_sdk_kms::Client;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::config::timeout::TimeoutConfig;
use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use std::time::Duration;
use trent_testkit::{Form, RunningStack, Stack};

/// Each scenario as a test of the form that the test binary is for. The list stands once, so that
/// both forms run the same names.
#[macro_export]
macro_rules! scenarios {
    ($form:expr) => {
        $crate::scenarios! { $form =>
            what_was_encrypted_decrypts
            ciphertexts_move_between_keys
            data_keys_open_again
            aliases_follow_their_keys
            disabled_keys_refuse
            deletion_can_be_cancelled
            policies_and_tags_come_back
            wrong_policies_tags_and_keys_are_refused
            signatures_verify
            macs_verify
            two_keys_agree_on_a_secret
            encapsulated_secrets_come_out
            data_key_pairs_open_again
            rotated_keys_open_what_they_closed
            only_symmetric_keys_rotate
            imported_material_comes_and_goes
            nothing_is_imported_into_other_keys
            replicas_open_what_the_primary_closed
            single_region_keys_have_no_replicas
            grants_come_and_go
            grants_that_are_none_are_refused
            the_last_use_of_a_key_is_known
            custom_key_stores_are_refused
            lists_page_to_their_end
            random_bytes_differ
            wrong_secrets_are_refused
        }
        $crate::scenarios! { operated $form =>
            keys_are_shared_with_another_account
            grants_reach_another_account
            services_call_on_behalf_of_others
            only_services_call_on_behalf_of_others
        }
    };
    (operated $form:expr => $($name:ident)+) => {
        $(#[test] fn $name() { $crate::in_operated_stack($form, $crate::scenarios::$name); })+
    };
    ($form:expr => $($name:ident)+) => {
        $(#[test] fn $name() { $crate::in_shared_stack($form, $crate::scenarios::$name); })+
    };
}

/// Runs a scenario against the one stack that a test binary shares.
///
/// # Panics
/// When the stack does not start, or the scenario fails.
pub fn in_shared_stack<F: Future<Output = ()>>(form: Form, scenario: impl Fn(Client) -> F) {
    block_on(scenario(client(&shared(form).stack, 0)));
}

/// [`in_shared_stack`] for a scenario that is the stack's operator too.
///
/// # Panics
/// When the stack does not start, or the scenario fails.
pub fn in_operated_stack<F: Future<Output = ()>>(
    form: Form,
    scenario: impl Fn(Client, Stack) -> F,
) {
    let stack = shared(form).stack.clone();
    block_on(scenario(client(&stack, 0), stack));
}

fn shared(form: Form) -> &'static RunningStack {
    static STACK: OnceLock<RunningStack> = OnceLock::new();
    STACK.get_or_init(|| RunningStack::start(form, &[]).expect("a stack"))
}

/// Runs a future on a runtime of its own.
///
/// # Panics
/// When there is no runtime to be had.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().worker_threads(2).build();
    runtime.expect("a runtime").block_on(future)
}

/// A client of the stack's gateway with this index, with the retries that SDK users have.
#[must_use]
pub fn client(stack: &Stack, gateway: usize) -> Client {
    client_with(stack, gateway, &stack.secret_access_key, 6)
}

/// [`client`] in another Region.
#[must_use]
pub fn client_in(stack: &Stack, region: &'static str) -> Client {
    let config = client(stack, 0).config().to_builder().region(Region::new(region)).build();
    Client::from_conf(config)
}

/// [`client`] with another secret and number of attempts.
///
/// # Panics
/// When the stack has no such gateway.
#[must_use]
pub fn client_with(stack: &Stack, gateway: usize, secret: &str, attempts: u32) -> Client {
    let credentials = Credentials::new(&stack.access_key_id, secret, None, None, "test");
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(10));
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&stack.endpoints[gateway])
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .retry_config(RetryConfig::standard().with_max_attempts(attempts))
        .timeout_config(timeouts.build())
        .build();
    Client::from_conf(config)
}

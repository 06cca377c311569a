//! Whatever dies, under load from clients that write down every answer: each answered request has
//! exactly one record. `TRENT_SOAK` says how many rounds; `--nocapture` prints the figures.
#![allow(clippy::expect_used, reason = "tests")]

use trent_testkit::Form;
use trent_tests::crash::{self, Victim};

/// How many clients there are at once.
const CLIENTS: usize = 4;

#[test]
fn embedded_every_answer_has_its_record_whenever_the_process_dies() {
    crash::survive(Form::Embedded, &rounds(&[Victim::All, Victim::Role], 6), CLIENTS);
}

#[test]
fn distributed_every_answer_has_its_record_whatever_dies() {
    let victims = [Victim::All, Victim::Nats, Victim::Role, Victim::Postgres, Victim::Role];
    crash::survive(Form::Distributed, &rounds(&victims, 7), CLIENTS);
}

/// The victims in turn, for the usual number of rounds or what `make soak` asks for.
#[expect(clippy::disallowed_methods, reason = "a test is configured by nothing else")]
fn rounds(victims: &[Victim], usual: usize) -> Vec<Victim> {
    let rounds = match std::env::var("TRENT_SOAK") {
        Ok(number) => number.parse().expect("TRENT_SOAK: a number of rounds"),
        Err(_) => usual,
    };
    victims.iter().copied().cycle().take(rounds).collect()
}

//! The evaluator against an oracle that says the rules as plainly as they can be said, on random
//! questions; and what must hold of every answer.
//!
//! `TRENT_ORACLE_PAIRS` sets how many pairs are compared, `TRENT_ORACLE_SEED` from where.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod conditions;
mod properties;
mod random;
mod random_conditions;
mod rules;
mod scene;
mod texts;

use self::random::Rng;
use self::scene::{ALLOWED, DENIED, by_the_crate_with};

fn number(name: &str, default: u64) -> u64 {
    #[allow(clippy::disallowed_methods, reason = "a test's own switch")]
    let found = std::env::var(name).ok();
    found.map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn the_evaluator_agrees_with_the_oracle() {
    let pairs = number("TRENT_ORACLE_PAIRS", 20_000);
    let seed = number("TRENT_ORACLE_SEED", 1);
    let (mut allowed, mut denied, mut not_allowed, mut disagreements) = (0, 0, 0, 0);
    let mut by_type = std::collections::BTreeMap::<_, u64>::new();
    for pair in 0..pairs {
        let scene = random::scene(&mut Rng(seed.wrapping_mul(0x1_0000_0001).wrapping_add(pair)));
        let expected = rules::answer(&scene);
        // Explanations take longer than decisions: every tenth is enough.
        let found = by_the_crate_with(&scene, &scene.context, pair.is_multiple_of(10));
        match expected.outcome {
            ALLOWED => allowed += 1,
            DENIED => denied += 1,
            _ => not_allowed += 1,
        }
        *by_type.entry((expected.outcome, expected.decided_by)).or_default() += 1;
        if expected != found {
            disagreements += 1;
            if disagreements <= 3 {
                println!("pair {pair}: expected {expected:?}, found {found:?}: {scene:#?}");
            }
        }
    }
    println!(
        "{pairs} pairs from seed {seed}: {allowed} allowed, {denied} explicitly denied, \
         {not_allowed} implicitly denied, {disagreements} disagreements"
    );
    for ((outcome, by), count) in by_type {
        println!("  {outcome} by {}: {count}", by.unwrap_or("no policy"));
    }
    assert_eq!(disagreements, 0);
    for count in [allowed, denied, not_allowed] {
        assert!(count * 10 >= pairs, "each outcome happens often");
    }
}

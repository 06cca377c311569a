//! The tables of the policy language and of the decision, case by case. Each table prints how many
//! cases it has.

#![allow(
    clippy::type_complexity,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod algorithm;
mod case;
mod language;
mod operators;
mod principals;
mod services;
mod trust;

/// Says how many cases a table has.
fn count(table: &str, cases: usize) {
    println!("{table}: {cases} cases");
}

//! The tables of the policy language and of the decision, case by case. Each table prints how many
//! cases it has.

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

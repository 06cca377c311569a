//! Condition operators, one by one.

use std::net::IpAddr;

use serde_json::Value;

use crate::rules::{equal, texts};
use crate::texts::{Char, expand, like, values};

type Context = [(String, Vec<String>)];

pub(crate) fn all_conditions_hold(
    condition: Option<&Value>,
    context: &Context,
    variables: bool,
) -> bool {
    let Some(condition) = condition else { return true };
    let operators = condition.as_object().expect("operators");
    operators.iter().all(|(operator, tests)| {
        let tests = tests.as_object().expect("keys");
        tests.iter().all(|(key, wanted)| holds(operator, key, &texts(wanted), context, variables))
    })
}

fn holds(operator: &str, key: &str, wanted: &[String], context: &Context, variables: bool) -> bool {
    let given = values(context, key);
    if operator == "Null" {
        let absent = given.is_empty().to_string();
        return wanted.iter().any(|wanted| wanted.to_lowercase() == absent);
    }
    let (quantifier, operator) = operator.split_once(':').unwrap_or(("", operator));
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let negated = operator.contains("Not");
    let positive = operator.replace("Not", "");
    if given.is_empty() {
        return if_exists
            || match quantifier {
                "ForAllValues" => true,
                "ForAnyValue" => false,
                _ => negated,
            };
    }
    let one = |given: &String| {
        let found = wanted.iter().any(|w| compares(&positive, given, w, context, variables));
        found != negated
    };
    match quantifier {
        "ForAllValues" => given.iter().all(one),
        "ForAnyValue" => given.iter().any(one),
        _ if negated => given.iter().all(one),
        _ => given.iter().any(one),
    }
}

fn compares(operator: &str, given: &str, wanted: &str, context: &Context, variables: bool) -> bool {
    let pattern = |wildcards| expand(wanted, wildcards, variables, context);
    match operator {
        "StringEquals" => pattern(false).is_some_and(|pattern| equal(&pattern, given)),
        "StringEqualsIgnoreCase" => pattern(false).is_some_and(|pattern| {
            let lower = |one: &Char| match one {
                Char::Written(c) | Char::FromValue(c) => Char::Written(c.to_ascii_lowercase()),
                Char::AnyRun | Char::AnyOne => *one,
            };
            let pattern: Vec<Char> = pattern.iter().map(lower).collect();
            equal(&pattern, &given.to_lowercase())
        }),
        "StringLike" => pattern(true).is_some_and(|pattern| like(&pattern, given)),
        "ArnEquals" | "ArnLike" => {
            wanted == "*" || pattern(true).is_some_and(|pattern| arn_like(&pattern, given))
        }
        "Bool" => given.to_lowercase() == wanted.to_lowercase(),
        "BinaryEquals" => given == wanted,
        "IpAddress" => in_network(given, wanted),
        _ => {
            let (comparison, given, wanted) = match operator.strip_prefix("Numeric") {
                Some(comparison) => (comparison, given.parse().ok(), wanted.parse().ok()),
                None => {
                    let comparison = operator.strip_prefix("Date").expect("an operator");
                    (comparison, seconds(given), seconds(wanted))
                }
            };
            let (Some(given), Some(wanted)): (Option<f64>, Option<f64>) = (given, wanted) else {
                return false;
            };
            match comparison {
                "Equals" => (given - wanted).abs() < 1e-9,
                "LessThan" => given < wanted,
                "LessThanEquals" => given <= wanted,
                "GreaterThan" => given > wanted,
                "GreaterThanEquals" => given >= wanted,
                other => panic!("an operator {other}"),
            }
        }
    }
}

/// Part by part; only colons that the author wrote part the pattern.
fn arn_like(pattern: &[Char], given: &str) -> bool {
    let mut parts: Vec<Vec<Char>> = vec![vec![]];
    for one in pattern {
        if *one == Char::Written(':') && parts.len() < 6 {
            parts.push(vec![]);
        } else {
            parts.last_mut().expect("a part").push(*one);
        }
    }
    let given: Vec<&str> = given.splitn(6, ':').collect();
    parts.len() == 6
        && given.len() == 6
        && parts.iter().zip(given).all(|(part, given)| like(part, given))
}

fn in_network(given: &str, network: &str) -> bool {
    let (base, length) = network.split_once('/').unwrap_or((network, ""));
    let (Ok(given), Ok(base)) = (given.parse::<IpAddr>(), base.parse::<IpAddr>()) else {
        return false;
    };
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => v4.octets().iter().map(|b| format!("{b:08b}")).collect::<String>(),
        IpAddr::V6(v6) => v6.octets().iter().map(|b| format!("{b:08b}")).collect::<String>(),
    };
    let (given, base) = (bits(given), bits(base));
    let length = length.parse().unwrap_or(base.len());
    given.len() == base.len() && given[..length] == base[..length]
}

/// `2020-01-02T03:04:05Z`, or seconds since 1970.
fn seconds(text: &str) -> Option<f64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let fields: Vec<u32> =
        text.split(['-', 'T', ':', 'Z']).filter_map(|field| field.parse().ok()).collect();
    let [year, month, day, hour, minute, second] = fields[..] else { return None };
    let leap = |year: u32| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut days = day - 1;
    for year in 1970..year {
        days += if leap(year) { 366 } else { 365 };
    }
    for month in 1..month {
        days += match month {
            2 if leap(year) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
    }
    Some(f64::from(days) * 86_400.0 + f64::from(hour * 3_600 + minute * 60 + second))
}

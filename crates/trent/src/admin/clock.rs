//! `trent dev clock`: shows and moves the key clock, which deletion and rotation follow.

use std::str::FromStr;

use clap::Args;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::admin_request::Command;
use trent_bus::messages::{KeyClock, MoveKeyClock, Unit};
use trent_runtime::{Options, StartError};
use trent_types::Timestamp;

use super::{ask, senseless};

/// What to do with the key clock.
#[derive(Debug, Args)]
pub(crate) struct Clock {
    /// `show`, `reset`, or how far to move it: a sign, a number and one of d, h, m and s, as in
    /// +30d or -2h
    #[arg(default_value = "show", allow_hyphen_values = true)]
    what: Wish,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Show,
    Reset,
    /// By so many milliseconds.
    Move(i64),
}

/// The units of time, and their milliseconds.
const UNITS: [(char, i64); 4] = [('d', 86_400_000), ('h', 3_600_000), ('m', 60_000), ('s', 1_000)];

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "show" => return Ok(Self::Show),
            "reset" => return Ok(Self::Reset),
            _ => {}
        }
        let wrong = || format!("'{text}' is neither show nor reset nor a time as in +30d or -2h");
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            Some(_) | None => return Err(wrong()),
        };
        let unit = rest.chars().next_back().ok_or_else(wrong)?;
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let number = rest.strip_suffix(unit).ok_or_else(wrong)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let number: i64 = number.parse().map_err(|_| wrong())?;
        number.checked_mul(sign * millis).map(Self::Move).ok_or_else(wrong)
    }
}

/// Carries it out and says what the clock shows then.
pub(crate) fn run(clock: Clock) -> Result<(), StartError> {
    let command = match clock.what {
        Wish::Show => Command::ShowKeyClock(Unit {}),
        Wish::Reset => Command::ResetKeyClock(Unit {}),
        Wish::Move(by_ms) => Command::MoveKeyClock(MoveKeyClock { by_ms }),
    };
    let Outcome::KeyClock(shown) = ask(clock.options, command)? else { return Err(senseless()) };
    println!("{}", told(&shown));
    Ok(())
}

fn told(shown: &KeyClock) -> String {
    let now = Timestamp::from_millis(shown.now_ms).iso8601();
    let offset = match shown.offset_ms {
        0 => "as the wall clock".to_owned(),
        ahead @ 1.. => format!("{} ahead of the wall clock", length(ahead)),
        behind => format!("{} behind the wall clock", length(behind.saturating_neg())),
    };
    format!("the key clock shows {now}, {offset}")
}

/// `1d 2h 30m`: a time without its sign.
fn length(mut millis: i64) -> String {
    let mut parts = Vec::new();
    for (unit, size) in UNITS {
        let number = millis / size;
        millis %= size;
        if number > 0 {
            parts.push(format!("{number}{unit}"));
        }
    }
    if parts.is_empty() { "less than a second".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_sign_a_number_and_a_unit() {
        let day = 86_400_000;
        for (text, millis) in
            [("+30d", 30 * day), ("-2h", -7_200_000), ("+90m", 5_400_000), ("+0s", 0)]
        {
            assert_eq!(text.parse(), Ok(Wish::Move(millis)), "{text}");
        }
        assert_eq!("show".parse(), Ok(Wish::Show));
        assert_eq!("reset".parse(), Ok(Wish::Reset));
        let wrong =
            ["", "30d", "+", "+d", "+30", "+3.5d", "+-3d", "+30w", "+9223372036854775807d", "++1d"];
        for wrong in wrong {
            assert!(wrong.parse::<Wish>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_the_clock_shows_is_told_in_words() {
        let told = |offset_ms| told(&KeyClock { offset_ms, now_ms: 1_672_628_645_678 });
        assert_eq!(told(0), "the key clock shows 2023-01-02T03:04:05Z, as the wall clock");
        assert!(told(95_400_000).ends_with("1d 2h 30m ahead of the wall clock"));
        assert!(told(-7_200_000).ends_with(", 2h behind the wall clock"));
        assert!(told(5).ends_with("less than a second ahead of the wall clock"));
    }
}

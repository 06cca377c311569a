//! Decimal numbers of any length, compared exactly.

use std::cmp::Ordering;

/// A number as its digits: no zeros before the integer part, none behind the fraction, no sign on
/// zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal<T = Box<str>> {
    negative: bool,
    integer: T,
    fraction: T,
}

impl Decimal {
    /// Reads a number that outlives its text.
    pub(crate) fn of_policy(text: &str) -> Option<Self> {
        let Decimal { negative, integer, fraction } = Decimal::parse(text)?;
        Some(Self { negative, integer: integer.into(), fraction: fraction.into() })
    }

    /// The same without its digits' own memory.
    pub(crate) fn borrowed(&self) -> Decimal<&str> {
        let Self { negative, integer, fraction } = self;
        Decimal { negative: *negative, integer, fraction }
    }
}

impl<'a> Decimal<&'a str> {
    /// Reads `-12`, `+3.50`, `.5`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = integer.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        if !all_digits || (integer.is_empty() && fraction.is_empty()) {
            return None;
        }
        let (integer, fraction) = (integer.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let is_zero = integer.is_empty() && fraction.is_empty();
        let negative = negative && !is_zero;
        Some(Self { negative, integer, fraction })
    }
}

impl Decimal<&str> {
    fn magnitude(&self, other: &Self) -> Ordering {
        let by_length = self.integer.len().cmp(&other.integer.len());
        by_length
            .then_with(|| self.integer.cmp(other.integer))
            // Without zeros at their ends, fractions compare as texts do: a shorter one that agrees
            // is smaller.
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

impl Ord for Decimal<&str> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal<&str> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_number_are_equal() {
        for (one, other) in [("1", "01.0"), ("-0", "0"), (".5", "0.50"), ("+7", "7."), ("0", "0.0")]
        {
            assert_eq!(Decimal::parse(one).unwrap(), Decimal::parse(other).unwrap());
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", "-", ".", "1e3", "1,5", " 1", "0x1", "NaN", "--1", "1.2.3", "\u{661}"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_numbers(
            one in -100_000_i64..100_000,
            other in -100_000_i64..100_000,
        ) {
            let thousandths = |n: i64| {
                let (sign, n) = (if n < 0 { "-" } else { "" }, n.unsigned_abs());
                Decimal::of_policy(&format!("{sign}{}.{:03}", n / 1000, n % 1000)).unwrap()
            };
            let (first, second) = (thousandths(one), thousandths(other));
            prop_assert_eq!(first.borrowed().cmp(&second.borrowed()), one.cmp(&other));
        }
    }
}

//! Billionths as decimals, exactly.

const BILLION: u128 = 1_000_000_000;

/// So many billionths, with as many decimals as they need.
pub(super) fn decimal(billionths: i128) -> String {
    let sign = if billionths < 0 { "-" } else { "" };
    let (whole, rest) = (billionths.unsigned_abs() / BILLION, billionths.unsigned_abs() % BILLION);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let text = format!("{sign}{whole}.{rest:09}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn billionths_are_shown_exactly() {
        for (billionths, text) in [
            (0, "0"),
            (1, "0.000000001"),
            (1_000_000_000, "1"),
            (1_500_000_000, "1.5"),
            (-30_000, "-0.00003"),
            (100_000_000_000_000_000_010, "100000000000.00000001"),
        ] {
            assert_eq!(decimal(billionths), text);
        }
    }

    proptest! {
        #[test]
        fn every_amount_comes_back(billionths: i64) {
            let text = decimal(billionths.into());
            let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
            let digits = format!("{whole}{rest:0<9}");
            prop_assert_eq!(digits.parse::<i128>().unwrap(), i128::from(billionths));
        }
    }
}

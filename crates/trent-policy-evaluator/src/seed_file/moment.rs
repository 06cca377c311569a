//! Dates as the file has them.

use trent_types::Timestamp;

/// The moment that `YYYY-MM-DD` (its beginning in UTC) or an RFC 3339 text (section 5.6) names;
/// `None` for everything else, and for leap seconds, which Unix time does not have.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, parts.next()?, parts.next()?);
    let (month, day) = (digits(month, 2)?, digits(day, 2)?);
    if parts.next().is_some() {
        return None;
    }
    if rest.is_empty() {
        return Timestamp::from_civil(i64::from(year), month, day, 0, 0, 0);
    }
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let mut parts = clock.split(':').map(|part| digits(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || second > 59 {
        return None;
    }
    let moment = Timestamp::from_civil(i64::from(year), month, day, hour, minute, second)?;
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let end = fraction.find(|c: char| !c.is_ascii_digit())?;
            fraction.get(end..).filter(|_| end > 0)?
        }
    };
    Some(moment.plus_millis(-offset(zone)?))
}

/// How far a zone is ahead of UTC, in milliseconds.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, time) = zone.split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = time.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let in_range = hours < 24 && minutes < 60;
    in_range.then(|| sign * (i64::from(hours) * 60 + i64::from(minutes)) * 60_000)
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_and_moments_of_rfc_3339_are_read() {
        let day = Timestamp::from_civil(2026, 3, 1, 0, 0, 0).unwrap();
        let noon = Timestamp::from_civil(2026, 3, 1, 12, 30, 45).unwrap();
        for (text, moment) in [
            ("2026-03-01", day),
            ("2026-03-01T12:30:45Z", noon),
            ("2026-03-01 12:30:45.999z", noon),
            ("2026-03-01T14:00:45+01:30", noon),
            ("2026-03-01T07:30:45-05:00", noon),
        ] {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-3-1",
            "2026-13-01",
            "2026-02-30",
            "2026-03-01T",
            "2026-03-01T12:30Z",
            "2026-03-01T12:30:45",
            "2026-03-01T12:30:60Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T12:30:45.Z",
            "2026-03-01T12:30:45+25:00",
            "2026-03-01T12:30:45+0100",
            "2026-03-01Z",
            "+026-03-01",
            "20260301",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = parse(&text);
        }
    }
}

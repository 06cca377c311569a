//! Dates in the forms that conditions take: W3C's profile of ISO 8601, or seconds since the epoch.

use trent_types::Timestamp;

/// The moment in milliseconds since the epoch. Four digits are a year; any other number is seconds.
pub(crate) fn moment(text: &str) -> Option<i64> {
    if text.len() != 4
        && let Some(millis) = epoch(text)
    {
        return Some(millis);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut fields = date.split('-');
    let year = number(fields.next()?, 4)?;
    let month = fields.next().map_or(Some(1), |month| number(month, 2))?;
    let day = fields.next().map_or(Some(1), |day| number(day, 2))?;
    if fields.next().is_some() || (time.is_some() && date.len() != 10) {
        return None;
    }
    let (time, offset_minutes) = time.map_or(Some(("00:00", 0)), split_zone)?;
    let (hour, minute, second, millis) = clock(time)?;
    let moment = Timestamp::from_civil(i64::from(year), month, day, hour, minute, second)?;
    Some(moment.as_millis() + millis - offset_minutes * 60_000)
}

fn epoch(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if seconds.is_empty() || !seconds.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let millis =
        seconds.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(milliseconds(fraction)?)?;
    Some(if negative { -millis } else { millis })
}

/// The first three digits of a fraction of a second.
fn milliseconds(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |b| i64::from(b - b'0'));
    Some(digit(0) * 100 + digit(1) * 10 + digit(2))
}

/// The time, and how far ahead of UTC it is.
fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let (time, zone) = time.split_at_checked(time.find(['+', '-'])?)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    let offset = i64::from(hours * 60 + minutes);
    let in_range = hours <= 23 && minutes <= 59;
    in_range.then_some((time, if zone.starts_with('-') { -offset } else { offset }))
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`.
fn clock(time: &str) -> Option<(u32, u32, u32, i64)> {
    let mut fields = time.split(':');
    let (hour, minute) = (number(fields.next()?, 2)?, number(fields.next()?, 2)?);
    let (second, millis) = match fields.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (number(seconds, 2)?, 0),
            Some((second, fraction)) => (number(second, 2)?, milliseconds(fraction)?),
        },
    };
    fields.next().is_none().then_some((hour, minute, second, millis))
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let fits = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_names_its_moment() {
        for (text, millis) in [
            ("1970", 0),
            ("1970-02", 2_678_400_000),
            ("1970-01-02", 86_400_000),
            ("1970-01-01T00:01Z", 60_000),
            ("1970-01-01T00:00:01Z", 1_000),
            ("1970-01-01t00:00:01.25z", 1_250),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1969-12-31T23:30-00:30", 0),
            ("0", 0),
            ("86400", 86_400_000),
            ("1546257599.5", 1_546_257_599_500),
            ("-1", -1_000),
        ] {
            assert_eq!(moment(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "now",
            "2020-13",
            "2020-02-30",
            "2020-1-1",
            "2020-01-01T00:00",
            "2020-01-01T24:00Z",
            "2020-01-01T00:00:00,5Z",
            "2020-01T00:00Z",
            "2020-01-01T00:00+1:00",
            "2020-01-01T00:00:00.Z",
            "2020-01-01-01",
            "99999999999999999999",
            "1.",
            "abcd",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}

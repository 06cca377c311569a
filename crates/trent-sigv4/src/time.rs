//! Whether a signature is of the present.

use trent_types::Timestamp;

use crate::SignedRequest;

/// How far a signature's time may be from ours, in either direction. AWS's documentation says 15
/// minutes.
pub const CLOCK_SKEW_SECONDS: i64 = 15 * 60;

/// What is wrong with a signature's time; each carries AWS's message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeFault {
    /// Signed too long ago.
    #[error("{0}")]
    Expired(String),
    /// Signed too far in the future.
    #[error("{0}")]
    NotYetCurrent(String),
    /// The credential scope is of another day.
    #[error("{0}")]
    ScopeDate(String),
}

/// Compares the signature's time with ours: within [`CLOCK_SKEW_SECONDS`], and for the presigned
/// form not after its `X-Amz-Expires`. The scope's date must be the signature's.
///
/// # Errors
/// [`TimeFault`], with AWS's message.
pub fn check_time(request: &SignedRequest, now: Timestamp) -> Result<(), TimeFault> {
    let (signed, date) = (&request.timestamp, &request.scope_date);
    let day = signed.get(..8).unwrap_or_default();
    let Some(moment) = parse_basic(signed).filter(|_| day == date) else {
        return Err(TimeFault::ScopeDate(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '{date}' != '{day}', from '{signed}'."
        )));
    };
    let latest = now.plus_millis(CLOCK_SKEW_SECONDS * 1000);
    if moment.as_seconds() > latest.as_seconds() {
        return Err(TimeFault::NotYetCurrent(format!(
            "Signature not yet current: {signed} is still later than {} ({} + 15 min.)",
            latest.iso8601_basic(),
            now.iso8601_basic()
        )));
    }
    let life = match request.expires_seconds {
        0 => CLOCK_SKEW_SECONDS,
        seconds => i64::from(seconds),
    };
    let earliest = now.plus_millis(-life * 1000);
    if moment.as_seconds() < earliest.as_seconds() {
        let unit = match request.expires_seconds {
            0 => "15 min.".to_owned(),
            seconds => format!("{seconds} sec."),
        };
        return Err(TimeFault::Expired(format!(
            "Signature expired: {signed} is now earlier than {} ({} - {unit})",
            earliest.iso8601_basic(),
            now.iso8601_basic()
        )));
    }
    Ok(())
}

/// Reads `YYYYMMDDTHHMMSSZ`.
pub(crate) fn parse_basic(text: &str) -> Option<Timestamp> {
    let (digits, rest) = text.as_bytes().split_at_checked(8)?;
    let [b'T', clock @ .., b'Z'] = rest else { return None };
    let [y1, y2, y3, y4, m1, m2, d1, d2] = *digits else { return None };
    let [h1, h2, n1, n2, s1, s2] = *clock else { return None };
    Timestamp::from_civil(
        i64::from(number([y1, y2, y3, y4])?),
        number([m1, m2])?,
        number([d1, d2])?,
        number([h1, h2])?,
        number([n1, n2])?,
        number([s1, s2])?,
    )
}

/// Reads HTTP's preferred date form, `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110, section 5.6.7), and
/// writes it in SigV4's.
pub(crate) fn basic_from_http_date(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, date) = text.split_once(", ")?;
    let mut words = date.split(' ');
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let (clock, "GMT", None) = (words.next()?, words.next()?, words.next()) else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let basic = format!("{year}{month:02}{day}T{hour}{minute}{second}Z");
    parse_basic(&basic).filter(|_| parts.next().is_none()).map(|_| basic)
}

/// A number of so few digits that it fits.
fn number<const N: usize>(digits: [u8; N]) -> Option<u32> {
    const { assert!(N <= 9) };
    digits.iter().try_fold(0_u32, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "20150830T123600Z";

    fn request(timestamp: &str, expires_seconds: u32) -> SignedRequest {
        SignedRequest {
            access_key_id: "AKIDEXAMPLE".into(),
            scope_date: "20150830".into(),
            scope_region: "us-east-1".into(),
            scope_service: "kms".into(),
            timestamp: timestamp.into(),
            expires_seconds,
            canonical_request: Vec::new(),
            signature: [0; 32],
            session_token: None,
        }
    }

    fn seconds_after(seconds: i64) -> Timestamp {
        parse_basic(SIGNED).unwrap().plus_millis(seconds * 1000)
    }

    #[test]
    fn fifteen_minutes_either_way_are_accepted_and_a_second_more_is_not() {
        let signed = request(SIGNED, 0);
        assert_eq!(check_time(&signed, seconds_after(900)), Ok(()));
        assert_eq!(check_time(&signed, seconds_after(-900)), Ok(()));
        assert_eq!(
            check_time(&signed, seconds_after(901)).unwrap_err().to_string(),
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
             (20150830T125101Z - 15 min.)"
        );
        assert_eq!(
            check_time(&signed, seconds_after(-901)).unwrap_err().to_string(),
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z \
             (20150830T122059Z + 15 min.)"
        );
    }

    #[test]
    fn a_presigned_request_lives_as_long_as_it_says() {
        let signed = request(SIGNED, 3600);
        assert_eq!(check_time(&signed, seconds_after(3600)), Ok(()));
        assert!(matches!(check_time(&signed, seconds_after(3601)), Err(TimeFault::Expired(_))));
        let late = check_time(&signed, seconds_after(-901));
        assert!(matches!(late, Err(TimeFault::NotYetCurrent(_))));
    }

    #[test]
    fn the_scope_must_be_of_the_signatures_day() {
        let fault = check_time(&request("20150831T000000Z", 0), seconds_after(0)).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '20150830' != '20150831', from '20150831T000000Z'."
        );
    }

    #[test]
    fn times_in_other_forms_are_not_times() {
        for bad in [
            "",
            "20150830",
            "2015-08-30T12:36:00Z",
            "20150830T123600",
            "20150830T12360Z",
            "20150830T1236000Z",
            "20151330T123600Z",
            "+0150830T123600Z",
            "20150830T12é0Z",
            // Found by the fuzz target `sigv4`: the minute overflowed before its length was seen.
            "20150830T12364444444444444444Z",
        ] {
            assert_eq!(parse_basic(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_http_date_becomes_a_sigv4_date() {
        let basic = basic_from_http_date("Sun, 30 Aug 2015 12:36:00 GMT");
        assert_eq!(basic.as_deref(), Some(SIGNED));
        for bad in ["Sun, 30 Aug 2015 12:36:00 CET", "Sun, 3 Aug 2015 12:36:00 GMT", "x, y"] {
            assert_eq!(basic_from_http_date(bad), None, "{bad}");
        }
    }
}

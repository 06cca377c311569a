//! Time as a parameter: the wall clock, and a clock that tests move.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::UNIX_EPOCH;

use crate::TextParts;

/// A moment: milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment so many milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment moved by so many milliseconds, without wrapping.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Year, month (1-12), day (1-31), hour, minute and second in UTC.
    ///
    /// Days to civil date by the 400-year cycle of the proleptic Gregorian calendar.
    #[must_use]
    pub const fn civil(self) -> (i64, u32, u32, u32, u32, u32) {
        let seconds = self.as_seconds();
        let days = seconds.div_euclid(86_400);
        let of_day = seconds.rem_euclid(86_400) as u32;
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month_index + 2) / 5 + 1) as u32;
        let month = (if month_index < 10 { month_index + 3 } else { month_index - 9 }) as u32;
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day, of_day / 3_600, of_day / 60 % 60, of_day % 60)
    }

    /// `YYYY-MM-DDTHH:MM:SSZ`, as CloudTrail and IAM write moments.
    #[must_use]
    pub fn iso8601(self) -> String {
        let mut text = String::new();
        self.each_part(|part| text.push_str(part));
        text
    }

    /// `YYYYMMDDTHHMMSSZ`, as SigV4 writes moments.
    #[must_use]
    pub fn iso8601_basic(self) -> String {
        let (year, month, day, hour, minute, second) = self.civil();
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }

    /// The moment that a UTC civil date and time names; `None` for fields out of range.
    #[must_use]
    pub fn from_civil(
        year: i64,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
    ) -> Option<Self> {
        if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let month_index = i64::from(if month > 2 { month - 3 } else { month + 9 });
        let day_of_year = (153 * month_index + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let of_day = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
        let moment = Self((days * 86_400 + of_day) * 1_000);
        // A day that the month does not have comes back as another day.
        let (_, back_month, back_day, ..) = Self(days * 86_400_000).civil();
        (back_month == month && back_day == day).then_some(moment)
    }
}

/// A year of our era in a buffer for the rest; every audit record has such a moment, so it is not
/// left to the formatting machinery. `None` for other years.
/// As [`Timestamp::iso8601`] has it.
impl TextParts for Timestamp {
    fn each_part(&self, mut part: impl FnMut(&str)) {
        let (year, month, day, hour, minute, second) = self.civil();
        let Some(year) = u32::try_from(year).ok().filter(|year| *year <= 9_999) else {
            return part(&format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
            ));
        };
        let mut text = *b"0000-00-00T00:00:00Z";
        for (at, number) in [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day),
            (11, hour),
            (14, minute),
            (17, second),
        ] {
            if let Some([tens, ones]) = text.get_mut(at..at + 2) {
                // Cannot be cut short: both are below ten.
                (*tens, *ones) = (b'0' + (number / 10) as u8, b'0' + (number % 10) as u8);
            }
        }
        part(std::str::from_utf8(&text).unwrap_or_default());
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is moved; for tests.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows this moment.
    #[must_use]
    pub const fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.0))
    }

    /// Moves the clock forward (or back) by so many milliseconds.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_print_as_aws_prints_them() {
        let moment = Timestamp::from_millis(1_448_050_688_123);
        assert_eq!(moment.iso8601_basic(), "20151120T201808Z");
        assert_eq!(moment.iso8601(), "2015-11-20T20:18:08Z");
        assert_eq!(Timestamp::from_millis(951_782_400_000).iso8601(), "2000-02-29T00:00:00Z");
    }

    #[test]
    fn civil_dates_round_trip_over_four_centuries() {
        for day in (-200_000..200_000).step_by(97) {
            let moment = Timestamp::from_millis(day * 86_400_000 + 45_296_000);
            let (year, month, day, hour, minute, second) = moment.civil();
            assert_eq!(Timestamp::from_civil(year, month, day, hour, minute, second), Some(moment));
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert_eq!(Timestamp::from_civil(2023, 2, 29, 0, 0, 0), None);
        assert_eq!(Timestamp::from_civil(2023, 13, 1, 0, 0, 0), None);
        assert_eq!(Timestamp::from_civil(2023, 4, 31, 0, 0, 0), None);
    }
}

//! Instants and calendar periods. Everything is UTC; a session's time zone never enters.

use chrono::{DateTime, Datelike, Months, SecondsFormat, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const MICROS_PER_HOUR: i64 = 3_600_000_000;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
///
/// Facts lie between [`Time::MIN`] and [`Time::MAX`], the years that RFC 3339 can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(#[serde(deserialize_with = "within_range")] i64);

/// Reads microseconds that make a [`Time`]: arithmetic relies on the range.
fn within_range<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let micros = i64::deserialize(deserializer)?;
    let time = Time::from_unix_micros(micros);
    time.map(Time::unix_micros)
        .ok_or_else(|| serde::de::Error::custom("outside the years 1 to 9999"))
}

impl Time {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Time = Time(-62_135_596_800_000_000);
    /// The last microsecond of the year 9999.
    pub const MAX: Time = Time(253_402_300_799_999_999);

    /// The instant `micros` microseconds after 1970, or `None` outside the years 1 to 9999.
    pub const fn from_unix_micros(micros: i64) -> Option<Time> {
        if micros < Self::MIN.0 || micros > Self::MAX.0 { None } else { Some(Time(micros)) }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_micros(self) -> i64 {
        self.0
    }

    /// One microsecond later (the last instant stays).
    pub fn next(self) -> Time {
        Time(self.0 + 1).min(Time::MAX)
    }

    /// One microsecond earlier (the first instant stays).
    pub fn previous(self) -> Time {
        Time(self.0 - 1).max(Time::MIN)
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).expect("years 1 to 9999 are within chrono's range")
    }

    fn from_utc(at: DateTime<Utc>) -> Option<Time> {
        Time::from_unix_micros(at.timestamp_micros())
    }
}

/// RFC 3339 in UTC, with as many decimals of a second as the instant needs.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.utc().to_rfc3339_opts(SecondsFormat::Micros, false);
        let without_zone = text.trim_end_matches("+00:00");
        write!(f, "{}Z", without_zone.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// The text is no RFC 3339 time of the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATime;

/// From RFC 3339; what is finer than a microsecond is rounded, as PostgreSQL does.
impl FromStr for Time {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Time, NotATime> {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| NotATime)?;
        Time::from_utc(at.to_utc().round_subsecs(6)).ok_or(NotATime)
    }
}

/// The unit of a [`Period`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// 3,600 seconds.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// A calendar month, clamped to the last day where the month is shorter.
    Month,
    /// 12 calendar months.
    Year,
}

impl Unit {
    /// All units, shortest first.
    pub const ALL: [Unit; 5] = [Unit::Hour, Unit::Day, Unit::Week, Unit::Month, Unit::Year];

    /// The unit's name in SQL and JSON: `HOUR`, `DAY`, `WEEK`, `MONTH`, `YEAR`.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Hour => "HOUR",
            Unit::Day => "DAY",
            Unit::Week => "WEEK",
            Unit::Month => "MONTH",
            Unit::Year => "YEAR",
        }
    }

    /// The unit of that [`name`](Unit::name).
    pub fn from_name(name: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.name() == name)
    }

    /// Fixed length in microseconds, or the number of months of a calendar unit.
    fn length(self) -> Length {
        match self {
            Unit::Hour => Length::Micros(MICROS_PER_HOUR),
            Unit::Day => Length::Micros(MICROS_PER_DAY),
            Unit::Week => Length::Micros(7 * MICROS_PER_DAY),
            Unit::Month => Length::Months(1),
            Unit::Year => Length::Months(12),
        }
    }
}

enum Length {
    Micros(i64),
    Months(i64),
}

/// A positive whole number of one calendar unit, at most [`Period::MAX_YEARS`] long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    count: u32,
    unit: Unit,
}

impl Period {
    /// The longest period in years; what lasts longer should have no end.
    pub const MAX_YEARS: u32 = 100;

    /// `count` units, or `None` where that is zero or longer than [`Period::MAX_YEARS`].
    pub fn new(count: u32, unit: Unit) -> Option<Period> {
        let most = Self::MAX_YEARS
            * match unit {
                Unit::Hour => 8_766,
                Unit::Day => 366,
                Unit::Week => 53,
                Unit::Month => 12,
                Unit::Year => 1,
            };
        (1..=most).contains(&count).then_some(Period { count, unit })
    }

    /// How many units.
    pub fn count(self) -> u32 {
        self.count
    }

    /// The unit.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// `anchor + n × period`, computed in one step so that month ends do not drift: 31 January
    /// plus two months is 31 March, not 29. `None` outside the years 1 to 9999.
    pub fn nth(self, anchor: Time, n: i64) -> Option<Time> {
        let n = n.checked_mul(i64::from(self.count))?;
        match self.unit.length() {
            Length::Micros(micros) => {
                Time::from_unix_micros(anchor.0.checked_add(n.checked_mul(micros)?)?)
            }
            Length::Months(months) => {
                let months = n.checked_mul(months)?;
                let distance = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
                let at = anchor.utc();
                let moved = if months < 0 {
                    at.checked_sub_months(distance)
                } else {
                    at.checked_add_months(distance)
                };
                Time::from_utc(moved?)
            }
        }
    }

    /// The smallest `n` whose [`nth`](Period::nth) instant from `anchor` is later than `after`.
    pub fn first_after(self, anchor: Time, after: Time) -> i64 {
        let count = i64::from(self.count);
        // Off by at most one, because a clamped month end can lie on either side of `after`.
        let mut n = match self.unit.length() {
            Length::Micros(micros) => (after.0 - anchor.0).div_euclid(micros * count),
            Length::Months(months) => {
                (month_number(after) - month_number(anchor)).div_euclid(months * count) - 1
            }
        };
        // Before the year 1 there is no instant, but it would be earlier all the same.
        while self.nth(anchor, n).map_or(n < 0, |at| at <= after) {
            n += 1;
        }
        n
    }
}

fn month_number(at: Time) -> i64 {
    let at = at.utc();
    i64::from(at.year()) * 12 + i64::from(at.month0())
}

/// The start of the calendar bucket of `unit` that contains `at`: hours, days, weeks from Monday,
/// months and years, in UTC. Before the first Monday of the year 1 a week starts at [`Time::MIN`].
pub fn bucket_start(unit: Unit, at: Time) -> Time {
    // 0001-01-01 was a Monday, as every bucket's origin must be its start.
    let origin = Time::MIN;
    let period = Period { count: 1, unit };
    period.nth(origin, period.first_after(origin, at) - 1).expect("a bucket starts before its end")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn months(count: u32) -> Period {
        Period::new(count, Unit::Month).unwrap()
    }

    #[test]
    fn a_month_end_clamps_and_does_not_drift() {
        let anchor = at("2024-01-31T00:00:00Z");
        assert_eq!(months(1).nth(anchor, 1), Some(at("2024-02-29T00:00:00Z")));
        assert_eq!(months(1).nth(anchor, 2), Some(at("2024-03-31T00:00:00Z")));
        assert_eq!(months(1).nth(anchor, -2), Some(at("2023-11-30T00:00:00Z")));
        assert_eq!(months(1).nth(anchor, 13), Some(at("2025-02-28T00:00:00Z")));
    }

    #[test]
    fn first_after_is_strict_and_minimal() {
        let anchor = at("2024-01-31T00:00:00Z");
        for (after, n) in [
            ("2024-01-30T23:59:59Z", 0),
            ("2024-01-31T00:00:00Z", 1),
            ("2024-02-28T00:00:00Z", 1),
            ("2024-02-29T00:00:00Z", 2),
            ("2023-12-31T00:00:00Z", 0),
            ("2023-12-30T00:00:00Z", -1),
        ] {
            assert_eq!(months(1).first_after(anchor, at(after)), n, "{after}");
        }
        let hours = Period::new(5, Unit::Hour).unwrap();
        assert_eq!(hours.first_after(anchor, at("2024-01-31T10:00:00Z")), 3);
        assert_eq!(hours.first_after(anchor, at("2024-01-30T23:00:00Z")), 0);
    }

    #[test]
    fn buckets_start_where_a_calendar_says() {
        let moment = at("2024-02-29T13:45:00.000001Z"); // a Thursday
        for (unit, start) in [
            (Unit::Hour, "2024-02-29T13:00:00Z"),
            (Unit::Day, "2024-02-29T00:00:00Z"),
            (Unit::Week, "2024-02-26T00:00:00Z"),
            (Unit::Month, "2024-02-01T00:00:00Z"),
            (Unit::Year, "2024-01-01T00:00:00Z"),
        ] {
            assert_eq!(bucket_start(unit, moment), at(start), "{}", unit.name());
            assert_eq!(bucket_start(unit, at(start)), at(start), "{}", unit.name());
        }
    }

    #[test]
    fn ranges_hold() {
        assert_eq!(Time::MIN, at("0001-01-01T00:00:00Z"));
        assert_eq!(Time::MAX, at("9999-12-31T23:59:59.999999Z"));
        assert_eq!(Time::from_unix_micros(Time::MAX.0 + 1), None);
        assert_eq!(Period::new(255, Unit::Year), None);
        assert_eq!(Period::new(0, Unit::Day), None);
        assert_eq!(Period::new(100, Unit::Year).unwrap().nth(Time::MAX, 1), None);
        assert_eq!(at("2024-01-01T10:00:00Z").to_string(), "2024-01-01T10:00:00Z");
        assert_eq!(at("2024-01-01T00:00:00.5Z").to_string(), "2024-01-01T00:00:00.5Z");
    }
}

//! `interval` and the engine's periods: one unit, kept as count and duration.

use crate::error::{Error, Result};
use credit_engine::{Period, Time, Unit};
use pgrx::datum::Interval;
use pgrx::{IntoDatum, pg_sys};

const MICROS_PER_HOUR: i64 = 3_600_000_000;
const DAYS_PER_WEEK: i32 = 7;
const MONTHS_PER_YEAR: i32 = 12;

/// The period of an argument. PostgreSQL keeps months, days and microseconds: weeks are whole
/// sevens of days, and years whole twelves of months.
///
/// # Errors
/// 22023 where the interval is not a positive number of one unit; 22003 where it is longer than
/// [`Period::MAX_YEARS`]; `name` is the argument's.
pub fn entered(interval: &Interval, name: &str) -> Result<Period> {
    let (count, unit) = match (interval.months(), interval.days(), interval.micros()) {
        (months, 0, 0) if months % MONTHS_PER_YEAR == 0 => {
            (i64::from(months / MONTHS_PER_YEAR), Unit::Year)
        }
        (months, 0, 0) => (i64::from(months), Unit::Month),
        (0, days, 0) if days % DAYS_PER_WEEK == 0 => (i64::from(days / DAYS_PER_WEEK), Unit::Week),
        (0, days, 0) => (i64::from(days), Unit::Day),
        (0, 0, micros) if micros % MICROS_PER_HOUR == 0 => (micros / MICROS_PER_HOUR, Unit::Hour),
        _ => (0, Unit::Hour),
    };
    if count <= 0 {
        return Err(Error::bad_argument(
            format!("\"{name}\" must be a positive interval of one unit"),
            format!("It is {}.", shown(interval)),
        )
        .hint("Give whole hours, days, weeks, months or years, and only one of them."));
    }
    let period = u32::try_from(count).ok().and_then(|count| Period::new(count, unit));
    period.ok_or_else(|| {
        let message = format!("\"{name}\" is too long");
        let most = Period::MAX_YEARS;
        Error::out_of_range(message, format!("It is {}.", shown(interval)))
            .hint(format!("Give at most {most} years, or leave it out for no end."))
    })
}

/// The instant an interval after `at`: months by the calendar, in UTC, then days of 24 hours.
///
/// # Errors
/// 22023 where that is not later; 22003 where it is after the year 9999; `name` is the argument's.
pub fn after(at: Time, interval: &Interval, name: &str) -> Result<Time> {
    const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;
    let out_of_range = || {
        let message = format!("\"{name}\" is out of range");
        Error::out_of_range(message, format!("It is {}.", shown(interval)))
            .hint("Give an interval that ends before the year 10000.")
    };
    let by_calendar = match u32::try_from(interval.months()) {
        Ok(0) => Some(at),
        Ok(months) => Period::new(months, Unit::Month).and_then(|months| months.nth(at, 1)),
        Err(_) => None,
    };
    let micros = i64::from(interval.days())
        .checked_mul(MICROS_PER_DAY)
        .and_then(|days| days.checked_add(interval.micros()));
    let ends_at = by_calendar
        .zip(micros)
        .and_then(|(from, micros)| Time::from_unix_micros(from.unix_micros().checked_add(micros)?));
    let is_negative = interval.months() < 0;
    match ends_at {
        Some(ends_at) if ends_at > at => Ok(ends_at),
        None if !is_negative => Err(out_of_range()),
        _ => Err(Error::bad_argument(
            format!("\"{name}\" must be positive"),
            format!("It is {}.", shown(interval)),
        )
        .hint("Give the time that the hold is to last at most, such as '15 minutes'.")),
    }
}

/// The interval as PostgreSQL writes it.
fn shown(interval: &Interval) -> String {
    let datum = (*interval).into_datum().expect("an interval is not NULL");
    // SAFETY: the datum is an interval.
    unsafe { super::shown(pg_sys::interval_out, datum) }
}

/// The period for SQL.
pub fn to_sql(period: Period) -> Interval {
    let count = i32::try_from(period.count()).expect("a period's count is small");
    let (months, days, micros) = match period.unit() {
        Unit::Hour => (0, 0, i64::from(count) * MICROS_PER_HOUR),
        Unit::Day => (0, count, 0),
        Unit::Week => (0, count * DAYS_PER_WEEK, 0),
        Unit::Month => (count, 0, 0),
        Unit::Year => (count * MONTHS_PER_YEAR, 0, 0),
    };
    Interval::new(months, days, micros).expect("only one part is not zero")
}

/// A period out of the columns `…_count` and `…_duration` of a table of ours.
pub fn stored(count: Option<i32>, duration: Option<&str>) -> Option<Period> {
    let (count, duration) = (count?, duration?);
    let unit = Unit::from_name(duration).expect("the tables hold known units");
    let count = u32::try_from(count).expect("the tables hold positive counts");
    Some(Period::new(count, unit).expect("the tables hold periods in range"))
}

//! Calendar arithmetic by walking: slow, and nothing to get wrong.

use credit_engine::{Period, Time, Unit};
use std::ops::Range;

const MICROS_PER_HOUR: i64 = 3_600_000_000;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_in_year(year: i64) -> i64 {
    337 + days_in_month(year, 2)
}

/// Year, month and day of a day counted from 1970-01-01.
fn date_of(mut day: i64) -> (i64, i64, i64) {
    let (mut year, mut month) = (1970, 1);
    while day < 0 {
        year -= 1;
        day += days_in_year(year);
    }
    while day >= days_in_year(year) {
        day -= days_in_year(year);
        year += 1;
    }
    while day >= days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

/// The day, counted from 1970-01-01, of a date.
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = if year >= 1970 {
        (1970..year).map(days_in_year).sum()
    } else {
        -(year..1970).map(days_in_year).sum::<i64>()
    };
    years + (1..month).map(|month| days_in_month(year, month)).sum::<i64>() + day - 1
}

/// `anchor + n × period`; months clamp to the last day.
pub fn plus(anchor: Time, n: i64, period: Period) -> Time {
    let count = n * i64::from(period.count());
    let micros = anchor.unix_micros();
    let moved = match period.unit() {
        Unit::Hour => micros + count * MICROS_PER_HOUR,
        Unit::Day => micros + count * MICROS_PER_DAY,
        Unit::Week => micros + count * 7 * MICROS_PER_DAY,
        Unit::Month => plus_months(micros, count),
        Unit::Year => plus_months(micros, 12 * count),
    };
    Time::from_unix_micros(moved).expect("scenarios stay far from the years 1 and 9999")
}

fn plus_months(micros: i64, months: i64) -> i64 {
    let (year, month, day) = date_of(micros.div_euclid(MICROS_PER_DAY));
    let month_count = year * 12 + (month - 1) + months;
    let (year, month) = (month_count.div_euclid(12), month_count.rem_euclid(12) + 1);
    let day = day.min(days_in_month(year, month));
    day_of(year, month, day) * MICROS_PER_DAY + micros.rem_euclid(MICROS_PER_DAY)
}

/// Every `anchor + n × period` in the range, its start excluded.
pub fn instants(anchor: Time, period: Period, range: Range<Time>) -> Vec<Time> {
    let mut n = 0;
    while plus(anchor, n, period) > range.start {
        n -= 1;
    }
    while plus(anchor, n, period) <= range.start {
        n += 1;
    }
    (n..).map(|n| plus(anchor, n, period)).take_while(|at| *at < range.end).collect()
}

/// The calendar boundaries of `unit` inside the window, its ends excluded.
pub fn boundaries(unit: Unit, from: Time, to: Time) -> Vec<Time> {
    let first_hour = from.unix_micros().div_euclid(MICROS_PER_HOUR) + 1;
    (first_hour..)
        .map(|hour| (hour, Time::from_unix_micros(hour * MICROS_PER_HOUR).expect("a window")))
        .take_while(|(_, at)| *at < to)
        .filter(|(hour, _)| {
            let (day, midnight) = (hour.div_euclid(24), hour.rem_euclid(24) == 0);
            match unit {
                Unit::Hour => true,
                Unit::Day => midnight,
                // 1970-01-01 was a Thursday.
                Unit::Week => midnight && (day + 3).rem_euclid(7) == 0,
                Unit::Month => midnight && matches!(date_of(day), (_, _, 1)),
                Unit::Year => midnight && matches!(date_of(day), (_, 1, 1)),
            }
        })
        .map(|(_, at)| at)
        .collect()
}

//! `timestamptz` and the engine's instants.

use crate::error::{Error, Result};
use credit_engine::Time;
use pgrx::prelude::*;

/// Microseconds between the epochs of Unix (1970) and PostgreSQL (2000).
const POSTGRES_EPOCH_UNIX_MICROS: i64 = 946_684_800_000_000;

/// The instant of an argument.
///
/// # Errors
/// 22023 for infinities and for years outside 1 to 9999; `name` is the argument's.
pub fn entered(at: TimestampWithTimeZone, name: &str) -> Result<Time> {
    from_postgres_micros(at.into_inner()).ok_or_else(|| {
        Error::bad_argument(format!("\"{name}\" is out of range"), format!("It is {at}."))
            .hint("Give a time in the years 1 to 9999.")
    })
}

/// An instant out of a table of ours, which holds only what was entered; raises XX001 otherwise.
pub fn stored(at: TimestampWithTimeZone) -> Time {
    from_postgres_micros(at.into_inner())
        .unwrap_or_else(|| Error::foreign_row(&format!("the time {at}")).raise())
}

/// The instant `micros` microseconds after PostgreSQL's epoch, if it lies in the years 1 to 9999.
pub fn from_postgres_micros(micros: i64) -> Option<Time> {
    Time::from_unix_micros(micros.checked_add(POSTGRES_EPOCH_UNIX_MICROS)?)
}

/// The instant for SQL.
pub fn to_sql(at: Time) -> TimestampWithTimeZone {
    TimestampWithTimeZone::try_from(at.unix_micros() - POSTGRES_EPOCH_UNIX_MICROS)
        .expect("the years 1 to 9999 are within timestamptz's range")
}

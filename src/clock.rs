//! The clock, and the default times that are read from it.

use crate::convert::time::from_postgres_micros;
use credit_engine::Time;
use pgrx::pg_sys;
use std::cell::Cell;

/// Microseconds since 1970 by the server's clock, which can step back.
pub fn read_unix_micros() -> i64 {
    read().unix_micros()
}

/// The server's clock, which can step back.
pub fn read() -> Time {
    // SAFETY: reads the clock.
    let micros = unsafe { pg_sys::GetCurrentTimestamp() };
    from_postgres_micros(micros).expect("the server's clock shows a year from 1 to 9999")
}

/// A time for a call that named none: the clock, but later than every default time that this
/// backend has given, so that what its transaction did before lies before.
pub fn default_time() -> Time {
    default_time_from(Time::MIN)
}

/// The same, and not earlier than `ledger_latest`, the latest default time given on a ledger by
/// any session.
pub fn default_time_from(ledger_latest: Time) -> Time {
    thread_local! {
        static LAST: Cell<Time> = const { Cell::new(Time::MIN) };
    }
    let time = read().max(LAST.get().next()).max(ledger_latest);
    LAST.set(time);
    time
}

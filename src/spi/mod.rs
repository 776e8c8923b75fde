//! SQL from Rust: kept plans, and every read of one computation under one snapshot.
//!
//! pgrx's own SPI client reads under a new snapshot for every query once a transaction has an id,
//! which tears a computation apart. Here a read always uses the active snapshot.

mod argument;
mod rows;
mod statement;

pub use argument::{Argument, ToArgument};
pub use rows::{Row, Rows};
pub use statement::Statement;

use crate::error::Result;
use pgrx::pg_sys::{self, Datum};
use std::ffi::{CStr, CString};

fn check(code: i32, sql: &str) {
    if code < 0 {
        panic!("SPI error {code} in {sql}");
    }
}

/// An open SPI session.
pub struct Session(());

/// Runs `body` in an SPI session. What it returns must not live in PostgreSQL's memory.
///
/// # Errors
/// What `body` gives. An error of PostgreSQL itself unwinds, and the abort closes the session.
pub fn session<T>(body: impl FnOnce(&Session) -> Result<T>) -> Result<T> {
    // SAFETY: the session is finished below, or by the abort of the transaction.
    unsafe {
        check(pg_sys::SPI_connect(), "SPI_connect");
        let result = body(&Session(()));
        check(pg_sys::SPI_finish(), "SPI_finish");
        result
    }
}

impl Session {
    /// Reads under the active snapshot.
    pub fn read(&self, statement: &Statement, arguments: &[Argument]) -> Rows<'_> {
        self.execute(statement, arguments, true)
    }

    /// Writes, or takes row locks; sees all that committed before it.
    pub fn write(&self, statement: &Statement, arguments: &[Argument]) -> Rows<'_> {
        self.execute(statement, arguments, false)
    }

    fn execute(&self, statement: &Statement, arguments: &[Argument], read_only: bool) -> Rows<'_> {
        let (mut values, nulls) = split(statement, arguments);
        // SAFETY: values and nulls have one element per argument of the plan.
        unsafe {
            check(
                pg_sys::SPI_execute_plan(
                    statement.plan(),
                    values.as_mut_ptr(),
                    nulls.as_ptr(),
                    read_only,
                    0,
                ),
                statement.sql,
            );
            Rows::taken()
        }
    }

    /// Reads under the active snapshot, a batch of rows at a time, in memory that does not grow.
    ///
    /// # Errors
    /// What `each` gives, which ends the reading.
    pub fn read_batches(
        &self,
        statement: &Statement,
        arguments: &[Argument],
        mut each: impl FnMut(&Rows) -> Result<()>,
    ) -> Result<()> {
        const BATCH_ROWS: i64 = 4096;
        let (mut values, nulls) = split(statement, arguments);
        // SAFETY: as in execute(); the portal is closed here or by the abort.
        unsafe {
            let portal = pg_sys::SPI_cursor_open(
                std::ptr::null(),
                statement.plan(),
                values.as_mut_ptr(),
                nulls.as_ptr(),
                true,
            );
            let result = loop {
                pg_sys::SPI_cursor_fetch(portal, true, BATCH_ROWS as _);
                let rows = Rows::taken();
                if rows.len() == 0 {
                    break Ok(());
                }
                if let Err(error) = each(&rows) {
                    break Err(error);
                }
            };
            pg_sys::SPI_cursor_close(portal);
            result
        }
    }
}

fn split(statement: &Statement, arguments: &[Argument]) -> (Vec<Datum>, Vec<i8>) {
    assert_eq!(arguments.len(), statement.types.len(), "{}", statement.sql);
    let values = arguments.iter().map(|value| value.unwrap_or(Datum::from(0))).collect();
    let null = |value: &Argument| if value.is_some() { b' ' as i8 } else { b'n' as i8 };
    (values, arguments.iter().map(null).collect())
}

/// Runs `body` under a snapshot that sees all that committed before now (READ COMMITTED), or what
/// the transaction's snapshot sees, and in any case what this transaction did.
pub fn with_fresh_snapshot<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: popped below; an error unwinds to an abort, which clears the stack.
    unsafe {
        pg_sys::CommandCounterIncrement();
        pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot());
        let result = body();
        pg_sys::PopActiveSnapshot();
        result
    }
}

/// Runs `body` under the latest snapshot, even where the transaction has one of its own.
pub fn with_latest_snapshot<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: as above.
    unsafe {
        pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
        let result = body();
        pg_sys::PopActiveSnapshot();
        result
    }
}

/// Runs `body` with at least `kilobytes` of `work_mem`, and without the compiler of expressions,
/// which does not pay for itself in statements of less than seconds.
pub fn with_work_mem<T>(kilobytes: i32, body: impl FnOnce() -> T) -> T {
    // SAFETY: the settings are put back below; after an error the abort does it.
    unsafe {
        let level = pg_sys::NewGUCNestLevel();
        if pg_sys::work_mem < kilobytes {
            set(c"work_mem", &CString::new(kilobytes.to_string()).expect("digits have no NUL"));
        }
        set(c"jit", c"off");
        let result = body();
        pg_sys::AtEOXact_GUC(true, level);
        result
    }
}

/// Changes a setting until its nest level ends.
unsafe fn set(name: &CStr, value: &CStr) {
    // SAFETY: the texts live as long as the call, which copies them.
    unsafe {
        pg_sys::set_config_option(
            name.as_ptr(),
            value.as_ptr(),
            pg_sys::GucContext::PGC_USERSET,
            pg_sys::GucSource::PGC_S_SESSION,
            pg_sys::GucAction::GUC_ACTION_SAVE,
            true,
            0,
            false,
        );
    }
}

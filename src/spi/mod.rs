//! SQL from Rust: kept plans, and every read of one computation under one snapshot.
//!
//! pgrx's own SPI client reads under a new snapshot for every query once a transaction has an id,
//! which tears a computation apart. Here a read always uses the active snapshot.

mod append;
mod argument;
mod lock;
mod places;
mod rows;
mod scan;
mod statement;
mod table;

pub use append::AppendTable;
pub use argument::{Argument, ToArgument, ToElement, array};
pub use lock::{lock_row, lock_to_write, remove_rows, wait_for_writers};
pub use places::named_row;
pub use rows::{Row, RowId, Rows};
pub use scan::{IndexedTable, Key};
pub use statement::Statement;
pub use table::always_fires;

use crate::error::Result;
use pgrx::pg_sys::{self, Datum};

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

/// Runs `body` under a snapshot that sees all that committed before now, in any isolation level and
/// beside parallel workers too, where PostgreSQL takes no other.
pub fn with_snapshot_of_now<T>(table: pg_sys::Oid, body: impl FnOnce() -> T) -> T {
    // SAFETY: as above; the snapshot is copied when it is pushed.
    unsafe {
        pg_sys::PushActiveSnapshot(pg_sys::GetCatalogSnapshot(table));
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

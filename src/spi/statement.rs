//! Statements with kept plans, in which no search path has a say.

use super::check;
use pgrx::pg_sys::{self, BuiltinOid, Oid};
use std::cell::Cell;
use std::ffi::CString;

/// A statement whose plan is kept for the life of the backend.
pub struct Statement {
    pub(super) sql: &'static str,
    pub(super) types: &'static [BuiltinOid],
    plan: Cell<pg_sys::SPIPlanPtr>,
}

// SAFETY: a backend has one thread.
unsafe impl Sync for Statement {}

impl Statement {
    /// A statement with arguments of `types`. Operators are written bare and surrounded by spaces;
    /// they are qualified when the statement is prepared. An assignment's `=` has no spaces.
    pub const fn new(sql: &'static str, types: &'static [BuiltinOid]) -> Statement {
        Statement { sql, types, plan: Cell::new(std::ptr::null_mut()) }
    }

    /// The plan, prepared at first use; called inside an SPI session.
    pub(super) fn plan(&self) -> pg_sys::SPIPlanPtr {
        if self.plan.get().is_null() {
            let sql = CString::new(qualify_operators(self.sql)).expect("SQL has no NUL");
            let mut types: Vec<Oid> = self.types.iter().map(|oid| oid.value()).collect();
            // SAFETY: called inside an SPI session; SPI_keepplan takes the plan out of it.
            unsafe {
                let count = types.len() as i32;
                let plan = pg_sys::SPI_prepare(sql.as_ptr(), count, types.as_mut_ptr());
                check(if plan.is_null() { pg_sys::SPI_result } else { 0 }, self.sql);
                check(pg_sys::SPI_keepplan(plan), self.sql);
                self.plan.set(plan);
            }
        }
        self.plan.get()
    }
}

/// Writes every comparison as `OPERATOR(pg_catalog.…)`: nobody's search path supplies another, not
/// even while the extension's owner runs the statement.
fn qualify_operators(sql: &str) -> String {
    (sql.split(' '))
        .map(|word| match word {
            "=" | "<>" | "<" | "<=" | ">" | ">=" => format!("OPERATOR(pg_catalog.{word})"),
            _ => word.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

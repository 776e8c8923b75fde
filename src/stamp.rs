//! The stamp of facts, and the guard that keeps them append-only.

use crate::convert::xid::Xid8;
use crate::error::Error;
use pgrx::prelude::*;
use std::cell::Cell;

/// `credit.stamp()`: the id of the top transaction, assigned if need be.
///
/// It stands in `GENERATED ALWAYS` columns, which nobody can set and every way of loading rows
/// (COPY, a restore, logical apply) computes anew.
#[pg_extern(sql = false)]
fn stamp() -> Xid8 {
    take()
}

/// The stamp of a row that is written now.
pub fn take() -> Xid8 {
    // SAFETY: called inside a transaction.
    Xid8(unsafe { pg_sys::GetTopFullTransactionId() }.value)
}

/// The id of the running transaction, if it has one yet.
pub fn own() -> Option<u64> {
    // SAFETY: called inside a transaction; assigns no id.
    let own = unsafe { pg_sys::GetTopFullTransactionIdIfAny() }.value;
    (own != 0).then_some(own)
}

/// Whether a row with this stamp was written by the running transaction.
pub fn is_own(xid: u64) -> bool {
    own() == Some(xid)
}

thread_local! {
    static CHANGES_ALLOWED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `change` with the guard of the fact tables lifted.
pub fn with_changes_allowed<T>(change: impl FnOnce() -> T) -> T {
    /// Closes the guard however the change ends.
    struct Lifted;
    impl Drop for Lifted {
        fn drop(&mut self) {
            CHANGES_ALLOWED.set(false);
        }
    }
    CHANGES_ALLOWED.set(true);
    let _lifted = Lifted;
    change()
}

/// The statement trigger of the fact tables: UPDATE, DELETE and TRUNCATE are refused to everybody.
#[pg_trigger(sql = false)]
fn refuse_change<'a>(
    trigger: &'a PgTrigger<'a>,
) -> Result<Option<PgHeapTuple<'a, impl WhoAllocated>>, PgTriggerError> {
    if !CHANGES_ALLOWED.get() {
        let table = trigger.table_name()?;
        Error::append_only(&table).raise();
    }
    Ok(None::<PgHeapTuple<'a, AllocatedByRust>>)
}

//! The stamp of facts, and the guard that keeps them append-only.

use crate::error::Error;
use pgrx::callconv::{BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::prelude::*;
use std::cell::Cell;

/// An `xid8`.
pub struct FullTransactionId(u64);

crate::sql_type!(FullTransactionId, "xid8");

unsafe impl BoxRet for FullTransactionId {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        // SAFETY: an xid8 is 64 bits passed by value.
        unsafe { fcinfo.return_raw_datum(pg_sys::Datum::from(self.0)) }
    }
}

/// `credit.stamp()`: the id of the top transaction, assigned if need be.
///
/// It stands in `GENERATED ALWAYS` columns, which nobody can set and every way of loading rows
/// (COPY, a restore, logical apply) computes anew.
#[pg_extern(sql = false)]
fn stamp() -> FullTransactionId {
    // SAFETY: called inside a transaction.
    FullTransactionId(unsafe { pg_sys::GetTopFullTransactionId() }.value)
}

/// Whether a row with this stamp was written by the running transaction.
pub fn is_own(xid: i64) -> bool {
    // SAFETY: called inside a transaction; assigns no id.
    let own = unsafe { pg_sys::GetTopFullTransactionIdIfAny() }.value;
    own == xid as u64
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

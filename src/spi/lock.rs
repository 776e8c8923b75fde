//! Locking and removing rows without SQL, by where they lie.

use super::rows::RowId;
use crate::catalog;
use crate::ids;
use pgrx::pg_sys::{self, LockTupleMode, LockWaitPolicy, TM_Result};
use pgrx::prelude::*;
use std::ffi::CStr;
use uuid::Uuid;

/// Waits for the lock of a row of `credit.<table>`, whose first column is `id`, as
/// `SELECT FOR NO KEY UPDATE` does, and holds it to the end of the transaction; false where the row
/// is not there, or no longer: a row that was updated is not followed. Raises 25006, 55P03, 40P01.
pub fn lock_row(table: &'static CStr, row: RowId, id: Uuid) -> bool {
    // SAFETY: reads the state of the transaction.
    unsafe { pg_sys::PreventCommandIfReadOnly(c"SELECT FOR NO KEY UPDATE".as_ptr()) };
    let table = Table::open(table, pg_sys::RowShareLock);
    let (mode, wait) = (LockTupleMode::LockTupleNoKeyExclusive, LockWaitPolicy::LockWaitBlock);
    table.lock(row, mode, wait, |tuple| {
        let mut is_null = false;
        // SAFETY: the tuple is one of the table's, whose first column is a UUID.
        let found = unsafe {
            let datum = pg_sys::heap_getattr(tuple, 1, (*table.0).rd_att, &mut is_null);
            pgrx::Uuid::from_datum(datum, is_null)
        };
        found.map(ids::from_sql) == Some(id)
    })
}

/// Removes rows of `credit.<table>` that the active snapshot sees, but those that others have
/// locked or removed.
pub fn remove_rows(table: &'static CStr, rows: impl IntoIterator<Item = RowId>) {
    let table = Table::open(table, pg_sys::RowExclusiveLock);
    for mut row in rows {
        let (mode, wait) = (LockTupleMode::LockTupleExclusive, LockWaitPolicy::LockWaitSkip);
        if table.lock(row, mode, wait, |_| true) {
            // SAFETY: the row is there, and nobody else's.
            unsafe { pg_sys::simple_heap_delete(table.0, &raw mut row.0) };
        }
    }
}

/// Holds to the end of the transaction the lock that writing to `credit.<table>` takes, and so is
/// one of those for whom [`wait_for_writers`] waits. On a standby nothing is written.
pub fn lock_to_write(table: &'static CStr) {
    let lock = pg_sys::RowExclusiveLock as pg_sys::LOCKMODE;
    // SAFETY: released at the end of the transaction.
    unsafe {
        if !pg_sys::RecoveryInProgress() {
            pg_sys::LockRelationOid(catalog::relation(table), lock);
        }
    }
}

/// Waits for the end of every transaction that has written to `credit.<table>` by now, or holds the
/// lock to do so; those that begin meanwhile are not kept waiting. Raises 55P03, 40P01, 57014.
pub fn wait_for_writers(table: &'static CStr) {
    // SAFETY: the tag is that of a table of this database.
    unsafe {
        let tag = pg_sys::LOCKTAG {
            locktag_field1: pg_sys::MyDatabaseId.into(),
            locktag_field2: catalog::relation(table).into(),
            locktag_field3: 0,
            locktag_field4: 0,
            locktag_type: pg_sys::LockTagType::LOCKTAG_RELATION as u8,
            locktag_lockmethodid: pg_sys::DEFAULT_LOCKMETHOD as u8,
        };
        pg_sys::WaitForLockers(tag, pg_sys::ShareLock as pg_sys::LOCKMODE, false);
    }
}

/// A table of schema `credit` whose rows are a heap's; closed when dropped.
struct Table(pg_sys::Relation);

impl Table {
    fn open(table: &'static CStr, lock: u32) -> Table {
        // SAFETY: closed when dropped, or by the abort of the transaction.
        Table(unsafe { pg_sys::table_open(catalog::relation(table), lock as pg_sys::LOCKMODE) })
    }

    /// Locks a row; whether it could be locked and is the one that is `wanted`.
    fn lock(
        &self,
        row: RowId,
        mode: LockTupleMode::Type,
        wait: LockWaitPolicy::Type,
        wanted: impl FnOnce(pg_sys::HeapTuple) -> bool,
    ) -> bool {
        let mut tuple = pg_sys::HeapTupleData { t_self: row.0, ..Default::default() };
        let mut buffer = 0;
        let mut failure = pg_sys::TM_FailureData::default();
        // SAFETY: the buffer comes back pinned, whatever the result, and is released when the row
        // has been looked at, or by the abort of the transaction.
        unsafe {
            let locked = pg_sys::heap_lock_tuple(
                self.0,
                &raw mut tuple,
                pg_sys::GetCurrentCommandId(true),
                mode,
                wait,
                true,
                &raw mut buffer,
                &raw mut failure,
            );
            let is_wanted = locked == TM_Result::TM_Ok && wanted(&raw mut tuple);
            pg_sys::ReleaseBuffer(buffer);
            is_wanted
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // SAFETY: opened by open(). The lock stays to the end of the transaction.
            unsafe { pg_sys::table_close(self.0, pg_sys::NoLock as pg_sys::LOCKMODE) };
        }
    }
}

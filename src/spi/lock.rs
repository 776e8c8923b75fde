//! Locking and removing rows without SQL, by where they lie.

use super::rows::{Row, RowId};
use super::table::Table;
use crate::catalog;
use pgrx::pg_sys::ffi::pg_guard_ffi_boundary;
use pgrx::pg_sys::{self, LockTupleMode, LockWaitPolicy, TM_Result};
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
    table.lock(row, mode, wait, |row| row.uuid() == id)
}

/// Removes rows of `credit.<table>` that the active snapshot sees, but those that others have
/// locked or removed.
pub fn remove_rows(table: &'static CStr, rows: impl IntoIterator<Item = RowId>) {
    let table = Table::open(table, pg_sys::RowExclusiveLock);
    for mut row in rows {
        let (mode, wait) = (LockTupleMode::LockTupleExclusive, LockWaitPolicy::LockWaitSkip);
        if table.lock(row, mode, wait, |_| true) {
            // SAFETY: the row is there, and nobody else's.
            unsafe {
                let snapshot = pg_sys::GetActiveSnapshot();
                pg_sys::simple_table_tuple_delete(table.0, &raw mut row.0, snapshot);
            }
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

impl Table {
    /// Locks a row; whether it could be locked and is the one that is `wanted`.
    fn lock(
        &self,
        row: RowId,
        mode: LockTupleMode::Type,
        wait: LockWaitPolicy::Type,
        wanted: impl FnOnce(&Row) -> bool,
    ) -> bool {
        let mut tid = row.0;
        let mut failure = pg_sys::TM_FailureData::default();
        // SAFETY: the table is open, and an active snapshot is set wherever SQL runs.
        let lock = |slot| unsafe {
            let lock = (*(*self.0).rd_tableam).tuple_lock.expect("every table can lock its rows");
            let (snapshot, command) =
                (pg_sys::GetActiveSnapshot(), pg_sys::GetCurrentCommandId(true));
            let flags = pg_sys::TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS as u8;
            let locked = pg_guard_ffi_boundary(|| {
                let tid = &raw mut tid;
                lock(self.0, tid, snapshot, slot, command, mode, wait, flags, &raw mut failure)
            });
            locked == TM_Result::TM_Ok
        };
        self.row(1, lock, wanted).unwrap_or(false)
    }
}

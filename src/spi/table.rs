//! A table that is open, and rows of it by where they lie.

use super::rows::Row;
use crate::catalog;
use pgrx::pg_sys;
use std::ffi::CStr;

/// A table of schema `credit`; closed when dropped.
pub(super) struct Table(pub pg_sys::Relation);

impl Table {
    /// Opens `credit.<table>` with a lock that is held to the end of the transaction.
    pub(super) fn open(table: &'static CStr, lock: u32) -> Table {
        // SAFETY: closed when dropped, or by the abort of the transaction.
        Table(unsafe { pg_sys::table_open(catalog::relation(table), lock as pg_sys::LOCKMODE) })
    }

    /// The first `columns` of the row that `fetch` puts into a slot, turned into what is wanted of
    /// it; `None` where it puts none there.
    pub(super) fn row<T>(
        &self,
        columns: i16,
        fetch: impl FnOnce(*mut pg_sys::TupleTableSlot) -> bool,
        read: impl FnOnce(&Row) -> T,
    ) -> Option<T> {
        // SAFETY: the table is open; the slot, and the page that it holds, are released when the row
        // has been read, or by the abort of the transaction.
        unsafe {
            let slot = pg_sys::table_slot_create(self.0, std::ptr::null_mut());
            let found = fetch(slot).then(|| {
                pg_sys::slot_getsomeattrs_int(slot, columns.into());
                read(&Row::of_slot(&*slot))
            });
            pg_sys::ExecDropSingleTupleTableSlot(slot);
            found
        }
    }
}

/// Whether the trigger `name` of `credit.<table>` is there and fires in every session, whatever its
/// `session_replication_role`: it is `ENABLE ALWAYS`.
pub fn always_fires(table: &'static CStr, name: &CStr) -> bool {
    let table = Table::open(table, pg_sys::AccessShareLock);
    // SAFETY: the table is open, and has as many triggers.
    unsafe {
        let triggers = (*table.0).trigdesc.as_ref().map_or(&[][..], |all| {
            std::slice::from_raw_parts(all.triggers, all.numtriggers as usize)
        });
        triggers.iter().any(|trigger| {
            CStr::from_ptr(trigger.tgname) == name
                && trigger.tgenabled as u8 == pg_sys::TRIGGER_FIRES_ALWAYS
        })
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

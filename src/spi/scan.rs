//! Index scans without SQL, for the rows that every read and every event come to.
//!
//! No plan is made, so none can be wrong: a plan that was kept while a table was small, or before
//! its first ANALYZE, is a sequential scan when it has grown. A row takes 0.1 µs instead of 0.3.

use super::rows::Row;
use crate::catalog;
use crate::convert::time;
use crate::error::Result;
use crate::ids;
use credit_engine::Time;
use pgrx::pg_sys::{self, Datum, ScanDirection};
use pgrx::prelude::*;
use std::ffi::CStr;
use std::ops::ControlFlow;
use uuid::Uuid;

/// A condition on a column of an index.
#[derive(Clone, Copy)]
pub struct Key {
    strategy: u32,
    procedure: u32,
    value: Datum,
}

impl Key {
    const fn new(strategy: u32, procedure: u32, value: Datum) -> Key {
        Key { strategy, procedure, value }
    }

    /// Equal to a bigint.
    pub fn bigint(value: i64) -> Key {
        Key::new(pg_sys::BTEqualStrategyNumber, pg_sys::F_INT8EQ, Datum::from(value))
    }

    /// Not below a bigint.
    pub fn bigint_from(value: i64) -> Key {
        Key::new(pg_sys::BTGreaterEqualStrategyNumber, pg_sys::F_INT8GE, Datum::from(value))
    }

    /// Not above a bigint.
    pub fn bigint_to(value: i64) -> Key {
        Key::new(pg_sys::BTLessEqualStrategyNumber, pg_sys::F_INT8LE, Datum::from(value))
    }

    /// Equal to a text.
    pub fn text(value: &str) -> Key {
        let value = value.into_datum().expect("a text is a datum");
        Key::new(pg_sys::BTEqualStrategyNumber, pg_sys::F_TEXTEQ, value)
    }

    /// After a text.
    pub fn text_after(value: &str) -> Key {
        let value = value.into_datum().expect("a text is a datum");
        Key::new(pg_sys::BTGreaterStrategyNumber, pg_sys::F_TEXT_GT, value)
    }

    /// Equal to a UUID.
    pub fn uuid(value: Uuid) -> Key {
        let value = ids::to_sql(value).into_datum().expect("a UUID is a datum");
        Key::new(pg_sys::BTEqualStrategyNumber, pg_sys::F_UUID_EQ, value)
    }

    /// Equal to an instant.
    pub fn time(value: Time) -> Key {
        let value = Datum::from(time::to_sql(value).into_inner());
        Key::new(pg_sys::BTEqualStrategyNumber, pg_sys::F_TIMESTAMPTZ_EQ, value)
    }

    /// Not before an instant.
    pub fn time_from(value: Time) -> Key {
        let value = Datum::from(time::to_sql(value).into_inner());
        Key::new(pg_sys::BTGreaterEqualStrategyNumber, pg_sys::F_TIMESTAMPTZ_GE, value)
    }

    /// After an instant.
    pub fn time_after(value: Time) -> Key {
        let value = Datum::from(time::to_sql(value).into_inner());
        Key::new(pg_sys::BTGreaterStrategyNumber, pg_sys::F_TIMESTAMPTZ_GT, value)
    }

    /// Not below an `xid8`.
    pub fn xid_from(value: u64) -> Key {
        Key::new(pg_sys::BTGreaterEqualStrategyNumber, pg_sys::F_XID8GE, Datum::from(value))
    }

    /// Below an `xid8`.
    pub fn xid_below(value: u64) -> Key {
        Key::new(pg_sys::BTLessStrategyNumber, pg_sys::F_XID8LT, Datum::from(value))
    }
}

/// A table of schema `credit`, opened with one of its indexes; closed when dropped.
pub struct IndexedTable {
    table: pg_sys::Relation,
    index: pg_sys::Relation,
    slot: *mut pg_sys::TupleTableSlot,
}

impl IndexedTable {
    /// Opens `credit.<table>` and its index `credit.<index>`, of type btree.
    pub fn open(table: &'static CStr, index: &'static CStr) -> IndexedTable {
        let lock = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
        // SAFETY: closed when dropped, or by the abort of the transaction.
        unsafe {
            let table = pg_sys::table_open(catalog::relation(table), lock);
            let index = pg_sys::index_open(catalog::relation(index), lock);
            let slot = pg_sys::table_slot_create(table, std::ptr::null_mut());
            IndexedTable { table, index, slot }
        }
    }

    /// Gives the rows that the active snapshot sees, in the order of the index or backwards, to
    /// `each`, until it breaks off. Keys are for the columns of the index by their numbers from 1.
    ///
    /// # Errors
    /// What `each` gives, which ends the scan.
    pub fn scan(
        &self,
        keys: &[(i16, Key)],
        direction: ScanDirection::Type,
        mut each: impl FnMut(&Row) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut keys: Vec<pg_sys::ScanKeyData> = keys.iter().map(|key| self.key(key)).collect();
        let count = keys.len() as i32;
        // SAFETY: the relations are open, and an active snapshot is set wherever SQL runs. An error
        // of PostgreSQL unwinds to an abort, which releases what the scan holds.
        unsafe {
            let snapshot = pg_sys::GetActiveSnapshot();
            #[cfg(feature = "pg18")]
            let scan = pg_sys::index_beginscan(
                self.table,
                self.index,
                snapshot,
                std::ptr::null_mut(),
                count,
                0,
            );
            #[cfg(not(feature = "pg18"))]
            let scan = pg_sys::index_beginscan(self.table, self.index, snapshot, count, 0);
            pg_sys::index_rescan(scan, keys.as_mut_ptr(), count, std::ptr::null_mut(), 0);
            let attributes = i32::from((*(*self.table).rd_att).natts as i16);
            let mut result = Ok(());
            let mut steps = 0_usize;
            while pg_sys::index_getnext_slot(scan, direction, self.slot) {
                pg_sys::slot_getsomeattrs_int(self.slot, attributes);
                match each(&Row::of_slot(&*self.slot)) {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => break,
                    Err(error) => {
                        result = Err(error);
                        break;
                    }
                }
                steps += 1;
                if steps.is_multiple_of(4096) {
                    pgrx::check_for_interrupts!();
                }
            }
            pg_sys::index_endscan(scan);
            result
        }
    }

    /// All rows that the active snapshot sees, turned into what is wanted of them, in the order of
    /// the index.
    pub fn all<T>(&self, keys: &[(i16, Key)], mut read: impl FnMut(&Row) -> T) -> Vec<T> {
        let mut rows = Vec::new();
        let scanned = self.scan(keys, ScanDirection::ForwardScanDirection, |row| {
            rows.push(read(row));
            Ok(ControlFlow::Continue(()))
        });
        scanned.unwrap_or_else(|error| error.raise());
        rows
    }

    /// The last row in the order of the index, turned into what is wanted of it.
    pub fn last<T>(&self, keys: &[(i16, Key)], mut read: impl FnMut(&Row) -> T) -> Option<T> {
        let mut last = None;
        let scanned = self.scan(keys, ScanDirection::BackwardScanDirection, |row| {
            last = Some(read(row));
            Ok(ControlFlow::Break(()))
        });
        scanned.unwrap_or_else(|error| error.raise());
        last
    }

    fn key(&self, &(column, key): &(i16, Key)) -> pg_sys::ScanKeyData {
        let mut data = pg_sys::ScanKeyData::default();
        // SAFETY: the index has this column, and the procedure compares values of its type.
        unsafe {
            pg_sys::ScanKeyInit(
                &mut data,
                column,
                key.strategy as pg_sys::StrategyNumber,
                key.procedure.into(),
                key.value,
            );
            data.sk_collation = *(*self.index).rd_indcollation.add(column as usize - 1);
        }
        data
    }
}

impl Drop for IndexedTable {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return; // the abort does it, and may have done it already
        }
        let keep_lock = pg_sys::NoLock as pg_sys::LOCKMODE;
        // SAFETY: opened by open(). The locks stay to the end of the transaction, as a query's do.
        unsafe {
            pg_sys::ExecDropSingleTupleTableSlot(self.slot);
            pg_sys::index_close(self.index, keep_lock);
            pg_sys::table_close(self.table, keep_lock);
        }
    }
}

//! Adding rows without SQL, for those that every event and every spend writes.
//!
//! An INSERT of one row starts and ends an executor, which takes longer than to write the row and
//! its index entries. What only an executor minds (triggers, rules, checks, policies, bounds of a
//! partition, columns that somebody added or made NOT NULL) is looked for first: a table that has any
//! of it is left to SQL.

use super::Argument;
use crate::catalog;
use pgrx::PgTupleDesc;
use pgrx::pg_sys;
use std::ffi::CStr;

/// A table of schema `credit`, opened to add rows to; closed when dropped.
pub struct AppendTable {
    table: pg_sys::Relation,
    indexes: pg_sys::CatalogIndexState,
}

impl AppendTable {
    /// Opens `credit.<table>`, which has so many columns of ours, of which those at `nullable` (from
    /// 0) may be NULL; `None` where rows must be inserted by SQL. Raises 25006 in a read-only
    /// transaction.
    pub fn open(table: &'static CStr, columns: usize, nullable: &[usize]) -> Option<AppendTable> {
        let lock = pg_sys::RowExclusiveLock as pg_sys::LOCKMODE;
        // SAFETY: closed when dropped, or by the abort of the transaction.
        unsafe {
            pg_sys::PreventCommandIfReadOnly(c"INSERT".as_ptr());
            pg_sys::PreventCommandIfParallelMode(c"INSERT".as_ptr());
            let table = pg_sys::table_open(catalog::relation(table), lock);
            let indexes = pg_sys::CatalogOpenIndexes(table);
            let opened = AppendTable { table, indexes };
            opened.is_plain(columns, nullable).then_some(opened)
        }
    }

    /// Whether to write rows and index entries is all that an INSERT does.
    unsafe fn is_plain(&self, columns: usize, nullable: &[usize]) -> bool {
        // SAFETY: the relation and its indexes are open.
        unsafe {
            let table = &*self.table;
            let class = &*table.rd_rel;
            let descriptor = &*table.rd_att;
            let checks = descriptor.constr.as_ref().map_or(0, |constr| constr.num_check);
            let has_triggers = table.trigdesc.as_ref().is_some_and(|triggers| {
                triggers.trig_insert_before_row
                    || triggers.trig_insert_after_row
                    || triggers.trig_insert_before_statement
                    || triggers.trig_insert_after_statement
            });
            class.relam == pg_sys::HEAP_TABLE_AM_OID
                && class.relkind as u8 == pg_sys::RELKIND_RELATION
                && !class.relispartition
                && !class.relrowsecurity
                && descriptor.natts as usize == columns
                && self.may_be_null(nullable)
                && checks == 0
                && table.rd_rules.is_null()
                && !has_triggers
                && self.has_plain_indexes()
        }
    }

    /// Whether these columns may be NULL.
    unsafe fn may_be_null(&self, columns: &[usize]) -> bool {
        // SAFETY: the relation is open, and longer than its descriptor is used.
        let descriptor = unsafe { PgTupleDesc::from_pg_unchecked((*self.table).rd_att) };
        columns.iter().all(|column| descriptor.get(*column).is_some_and(|of| !of.attnotnull))
    }

    /// Whether no index has expressions or a condition, and all tell duplicates at once.
    unsafe fn has_plain_indexes(&self) -> bool {
        // SAFETY: the state has so many indexes, all open.
        unsafe {
            let state = &*self.indexes;
            (0..state.ri_NumIndices as usize).all(|number| {
                let info = &**state.ri_IndexRelationInfo.add(number);
                let index = &**state.ri_IndexRelationDescs.add(number);
                info.ii_Expressions.is_null()
                    && info.ii_Predicate.is_null()
                    && info.ii_ExclusionOps.is_null()
                    && (*index.rd_index).indimmediate
            })
        }
    }

    /// Adds a row; `values` are its columns in order, generated ones included.
    pub fn add(&self, values: &[Argument]) {
        pgrx::check_for_interrupts!();
        let mut nulls: Vec<bool> = values.iter().map(Option::is_none).collect();
        let mut datums: Vec<pg_sys::Datum> =
            values.iter().map(|value| value.unwrap_or(pg_sys::Datum::null())).collect();
        // SAFETY: there are as many values as columns, of their types; the tuple is copied into
        // the table and then freed.
        unsafe {
            let descriptor = (*self.table).rd_att;
            assert_eq!((*descriptor).natts as usize, values.len(), "columns");
            let tuple =
                pg_sys::heap_form_tuple(descriptor, datums.as_mut_ptr(), nulls.as_mut_ptr());
            pg_sys::CatalogTupleInsertWithInfo(self.table, tuple, self.indexes);
            pg_sys::heap_freetuple(tuple);
        }
    }
}

impl Drop for AppendTable {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return; // the abort does it, and may have done it already
        }
        let keep_lock = pg_sys::NoLock as pg_sys::LOCKMODE;
        // SAFETY: opened by open(). What was added is seen by what comes next, as after an INSERT.
        unsafe {
            pg_sys::CatalogCloseIndexes(self.indexes);
            pg_sys::table_close(self.table, keep_lock);
            pg_sys::CommandCounterIncrement();
        }
    }
}

//! Rows that are named by two texts, found where they lay the last time.
//!
//! To look where a row lay takes a third of the time that an index takes to lead there. What is read
//! there tells whether it is still the one; if not, the index is asked.

use super::rows::{Row, RowId};
use super::scan::{IndexedTable, Key};
use super::table::Table;
use crate::known::{Known, PairMap};
use pgrx::itemptr::item_pointer_get_block_number_no_check;
use pgrx::pg_sys::ffi::pg_guard_ffi_boundary;
use pgrx::pg_sys::{self, ForkNumber};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, c_char};

thread_local! {
    /// By the place of the table's name and the texts.
    static PLACES: RefCell<HashMap<*const c_char, PairMap<String, String, RowId>>> =
        RefCell::default();
}

/// The row of `credit.<table>` that the active snapshot sees under two texts in its unique index
/// `credit.<index>`. `read` gives `None` for any other row.
pub fn named_row<T>(
    table: &'static CStr,
    index: &'static CStr,
    (first, second): (&str, &str),
    read: impl Fn(&Row) -> Option<T>,
) -> Option<T> {
    let place = PLACES.with_borrow(|places| {
        places.get(&table.as_ptr()).and_then(|places| places.get(first, second)).copied()
    });
    let found = place.and_then(|place| row_at(table, place, &read));
    if found.is_some() {
        return found;
    }
    let keys = [(1, Key::text(first)), (2, Key::text(second))];
    let (place, found) =
        IndexedTable::open(table, index).last(&keys, |row| (row.id(), read(row)))?;
    PLACES.with_borrow_mut(|places| {
        let places = places.entry(table.as_ptr()).or_default();
        if places.len() >= Known::MOST {
            *places = PairMap::default();
        }
        places.insert(first.to_owned(), second.to_owned(), place);
    });
    found
}

/// The row at a place in `credit.<table>`, if the active snapshot sees one there, turned into
/// what is wanted of it. Whether it is the one that was there once is for `read` to tell.
fn row_at<T>(
    table: &'static CStr,
    place: RowId,
    read: impl FnOnce(&Row) -> Option<T>,
) -> Option<T> {
    let table = Table::open(table, pg_sys::AccessShareLock);
    let mut tid = place.0;
    // SAFETY: the table is open, and an active snapshot is set wherever SQL runs. Pages that are no
    // longer the table's are not asked for.
    let fetch = |slot| unsafe {
        let blocks = pg_sys::RelationGetNumberOfBlocksInFork(table.0, ForkNumber::MAIN_FORKNUM);
        let snapshot = pg_sys::GetActiveSnapshot();
        item_pointer_get_block_number_no_check(tid) < blocks
            && (*(*table.0).rd_tableam).tuple_fetch_row_version.is_some_and(|fetch| {
                pg_guard_ffi_boundary(|| fetch(table.0, &raw mut tid, snapshot, slot))
            })
    };
    // SAFETY: as above.
    let columns = unsafe { (*(*table.0).rd_att).natts as i16 };
    table.row(columns, fetch, read).flatten()
}

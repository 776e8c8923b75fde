//! Rows that are named by two texts, found where they lay the last time.
//!
//! To look where a row lay takes a third of the time that an index takes to lead there. What is read
//! there tells whether it is still the one; if not, the index is asked.

use super::rows::{Row, RowId};
use super::scan::{IndexedTable, Key};
use crate::known::PairMap;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, c_char};

/// A backend that has met more rows of a table than this starts anew.
const MOST: usize = 50_000;

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
    let found = place.and_then(|place| IndexedTable::at(table, place, &read));
    if found.is_some() {
        return found;
    }
    let keys = [(1, Key::text(first)), (2, Key::text(second))];
    let (place, found) =
        IndexedTable::open(table, index).last(&keys, |row| (row.id(), read(row)))?;
    PLACES.with_borrow_mut(|places| {
        let places = places.entry(table.as_ptr()).or_default();
        if places.len() >= MOST {
            *places = PairMap::default();
        }
        places.insert(first.to_owned(), second.to_owned(), place);
    });
    found
}

//! Rows, read column by column.

use super::Session;
use crate::convert::json::{JsonText, StringMap};
use crate::convert::{numeric::Numeric, time};
use crate::ids;
use credit_engine::{Amount, Time};
use pgrx::prelude::*;
use std::cell::Cell;
use uuid::Uuid;

/// The rows that a statement gave; freed when dropped.
pub struct Rows<'a> {
    table: *mut pg_sys::SPITupleTable,
    count: usize,
    session: std::marker::PhantomData<&'a Session>,
}

impl Rows<'_> {
    /// The rows of the statement that was executed last.
    pub(super) unsafe fn taken() -> Self {
        // SAFETY: the caller has just executed a statement.
        let (table, count) = unsafe { (pg_sys::SPI_tuptable, pg_sys::SPI_processed as usize) };
        Rows { table, count, session: std::marker::PhantomData }
    }

    /// How many rows there are, or were written.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let count = if self.table.is_null() { 0 } else { self.count };
        (0..count).map(|index| Row { rows: self, index, column: Cell::new(0) })
    }

    /// The first row.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        // SAFETY: the table was made in the session that is still open. During an unwind it is
        // left to the abort, which may have freed it already.
        if !self.table.is_null() && !std::thread::panicking() {
            unsafe { pg_sys::SPI_freetuptable(self.table) };
        }
    }
}

/// A row, read column by column from the left.
pub struct Row<'a> {
    rows: &'a Rows<'a>,
    index: usize,
    column: Cell<i32>,
}

impl Row<'_> {
    /// The next column, `None` where NULL.
    pub fn option<T: FromDatum>(&self) -> Option<T> {
        let column = self.column.get() + 1;
        self.column.set(column);
        // SAFETY: the table is valid while the rows are, and T is the column's type.
        unsafe {
            let table = &*self.rows.table;
            let tuple = *table.vals.add(self.index);
            let mut is_null = false;
            let datum = pg_sys::SPI_getbinval(tuple, table.tupdesc, column, &mut is_null);
            T::from_datum(datum, is_null)
        }
    }

    /// The next column, which is never NULL.
    pub fn value<T: FromDatum>(&self) -> T {
        self.option().expect("the column is not NULL")
    }

    /// The next column as a UUID.
    pub fn uuid(&self) -> Uuid {
        self.option_uuid().expect("the column is not NULL")
    }

    /// The next column as a UUID, `None` where NULL.
    pub fn option_uuid(&self) -> Option<Uuid> {
        self.option().map(ids::from_sql)
    }

    /// The next column as an instant.
    pub fn time(&self) -> Time {
        time::stored(self.value())
    }

    /// The next column as an instant, `None` where NULL.
    pub fn option_time(&self) -> Option<Time> {
        self.option().map(time::stored)
    }

    /// The next column as an amount.
    pub fn amount(&self) -> Amount {
        self.value::<Numeric>().stored()
    }

    /// The next column as an amount, `None` where NULL.
    pub fn option_amount(&self) -> Option<Amount> {
        self.option::<Numeric>().map(Numeric::stored)
    }

    /// The next column as JSON text.
    pub fn json(&self) -> JsonText {
        self.value()
    }

    /// The next column as a JSON object of strings.
    pub fn string_map(&self) -> StringMap {
        self.value::<JsonText>().stored()
    }

    /// The next column as a JSON object of strings, `None` where NULL.
    pub fn option_string_map(&self) -> Option<StringMap> {
        self.option::<JsonText>().map(|json| json.stored())
    }
}

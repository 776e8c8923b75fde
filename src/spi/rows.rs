//! Rows, read column by column.

use super::Session;
use crate::convert::json::{Json, StringMap};
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
        // SAFETY: the table is valid while the rows are, and has as many tuples.
        let tuple = |index| unsafe { *(*self.table).vals.add(index) };
        let tuples = (0..count).map(tuple);
        tuples.map(|tuple| Row { source: Source::Tuple(self, tuple), column: Cell::new(0) })
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
    source: Source<'a>,
    column: Cell<i32>,
}

/// Where a row lies in its table: a `tid`.
#[derive(Debug, Clone, Copy)]
pub struct RowId(pub pg_sys::ItemPointerData);

/// Where a row's columns are.
enum Source<'a> {
    /// A tuple of these rows.
    Tuple(&'a Rows<'a>, pg_sys::HeapTuple),
    /// A slot with all its attributes taken apart.
    Slot(&'a pg_sys::TupleTableSlot),
}

impl<'a> Row<'a> {
    /// The row in a slot, all attributes of which have been taken apart.
    pub(super) fn of_slot(slot: &'a pg_sys::TupleTableSlot) -> Row<'a> {
        Row { source: Source::Slot(slot), column: Cell::new(0) }
    }

    /// Passes over columns.
    pub fn skip(&self, columns: i32) {
        self.column.set(self.column.get() + columns);
    }

    /// The next column, `None` where NULL.
    pub fn option<T: FromDatum>(&self) -> Option<T> {
        self.skip(1);
        let column = self.column.get();
        // SAFETY: the tuple or slot has this column, of the type that T stands for.
        unsafe {
            let mut is_null = false;
            let datum = match self.source {
                Source::Tuple(rows, tuple) => {
                    pg_sys::SPI_getbinval(tuple, (*rows.table).tupdesc, column, &mut is_null)
                }
                Source::Slot(slot) => {
                    let attribute = column as usize - 1;
                    is_null = *slot.tts_isnull.add(attribute);
                    *slot.tts_values.add(attribute)
                }
            };
            T::from_datum(datum, is_null)
        }
    }

    /// Where the row of a table lies.
    pub fn id(&self) -> RowId {
        self.place().expect("the row is one of a table")
    }

    /// Where the row lies, if it is one of a table and not of a statement's result.
    pub fn place(&self) -> Option<RowId> {
        match self.source {
            Source::Tuple(..) => None,
            Source::Slot(slot) => Some(RowId(slot.tts_tid)),
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

    /// The next column as an instant, `None` outside of the years that an instant can have.
    pub fn finite_time(&self) -> Option<Time> {
        let at: TimestampWithTimeZone = self.value();
        time::from_postgres_micros(at.into_inner())
    }

    /// The next column as an instant, `None` where NULL.
    pub fn option_time(&self) -> Option<Time> {
        self.option().map(time::stored)
    }

    /// The next column as the id of a transaction.
    pub fn xid(&self) -> u64 {
        self.value::<i64>() as u64
    }

    /// The next column as an amount.
    pub fn amount(&self) -> Amount {
        self.value::<Numeric>().stored()
    }

    /// The next column as an amount, `None` where NULL.
    pub fn option_amount(&self) -> Option<Amount> {
        self.option::<Numeric>().map(Numeric::stored)
    }

    /// The next column as JSON.
    pub fn json(&self) -> Json<'_> {
        self.value()
    }

    /// The next column as a JSON object of strings.
    pub fn string_map(&self) -> StringMap {
        self.value::<Json>().stored()
    }

    /// The next column as a JSON object of strings, `None` where NULL.
    pub fn option_string_map(&self) -> Option<StringMap> {
        self.option::<Json>().map(Json::stored)
    }
}

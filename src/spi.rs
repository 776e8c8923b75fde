//! SQL from Rust: kept plans, and every read of one computation under one snapshot.
//!
//! pgrx's own SPI client reads under a new snapshot for every query once a transaction has an id,
//! which tears a computation apart. Here a read always uses the active snapshot.

use crate::convert::json::{JsonText, StringMap, map_to_datum};
use crate::convert::{numeric::Numeric, time};
use crate::error::Result;
use credit_engine::{Amount, Time};
use pgrx::pg_sys::{self, BuiltinOid, Datum, Oid};
use pgrx::prelude::*;
use std::cell::Cell;
use std::ffi::CString;
use uuid::Uuid;

/// An argument of a statement; `None` is NULL.
pub type Argument = Option<Datum>;

/// A statement whose plan is kept for the life of the backend.
pub struct Statement {
    sql: &'static str,
    types: &'static [BuiltinOid],
    plan: Cell<pg_sys::SPIPlanPtr>,
}

// SAFETY: a backend has one thread.
unsafe impl Sync for Statement {}

impl Statement {
    /// A statement with arguments of `types`. Operators are written bare and surrounded by spaces;
    /// they are qualified when the statement is prepared. An assignment's `=` has no spaces.
    pub const fn new(sql: &'static str, types: &'static [BuiltinOid]) -> Statement {
        Statement { sql, types, plan: Cell::new(std::ptr::null_mut()) }
    }

    fn plan(&self) -> pg_sys::SPIPlanPtr {
        if self.plan.get().is_null() {
            let sql = CString::new(qualify_operators(self.sql)).expect("SQL has no NUL");
            let mut types: Vec<Oid> = self.types.iter().map(|oid| oid.value()).collect();
            // SAFETY: called inside an SPI session; SPI_keepplan takes the plan out of it.
            unsafe {
                let count = types.len() as i32;
                let plan = pg_sys::SPI_prepare(sql.as_ptr(), count, types.as_mut_ptr());
                check(if plan.is_null() { pg_sys::SPI_result } else { 0 }, self.sql);
                check(pg_sys::SPI_keepplan(plan), self.sql);
                self.plan.set(plan);
            }
        }
        self.plan.get()
    }
}

/// Writes every comparison as `OPERATOR(pg_catalog.…)`: nobody's search path supplies another, not
/// even while the extension's owner runs the statement.
fn qualify_operators(sql: &str) -> String {
    (sql.split(' '))
        .map(|word| match word {
            "=" | "<>" | "<" | "<=" | ">" | ">=" => format!("OPERATOR(pg_catalog.{word})"),
            _ => word.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn check(code: i32, sql: &str) {
    if code < 0 {
        panic!("SPI error {code} in {sql}");
    }
}

/// An open SPI session.
pub struct Session(());

/// Runs `body` in an SPI session. What it returns must not live in PostgreSQL's memory.
///
/// # Errors
/// What `body` gives. An error of PostgreSQL itself unwinds, and the abort closes the session.
pub fn session<T>(body: impl FnOnce(&Session) -> Result<T>) -> Result<T> {
    // SAFETY: the session is finished below, or by the abort of the transaction.
    unsafe {
        check(pg_sys::SPI_connect(), "SPI_connect");
        let result = body(&Session(()));
        check(pg_sys::SPI_finish(), "SPI_finish");
        result
    }
}

impl Session {
    /// Reads under the active snapshot.
    pub fn read(&self, statement: &Statement, arguments: &[Argument]) -> Rows<'_> {
        self.execute(statement, arguments, true)
    }

    /// Writes, or takes row locks; sees all that committed before it.
    pub fn write(&self, statement: &Statement, arguments: &[Argument]) -> Rows<'_> {
        self.execute(statement, arguments, false)
    }

    fn execute(&self, statement: &Statement, arguments: &[Argument], read_only: bool) -> Rows<'_> {
        let (mut values, nulls) = split(statement, arguments);
        // SAFETY: values and nulls have one element per argument of the plan.
        unsafe {
            check(
                pg_sys::SPI_execute_plan(
                    statement.plan(),
                    values.as_mut_ptr(),
                    nulls.as_ptr(),
                    read_only,
                    0,
                ),
                statement.sql,
            );
            Rows::taken()
        }
    }

    /// Reads under the active snapshot, a batch of rows at a time, in memory that does not grow.
    ///
    /// # Errors
    /// What `each` gives, which ends the reading.
    pub fn read_batches(
        &self,
        statement: &Statement,
        arguments: &[Argument],
        mut each: impl FnMut(&Rows) -> Result<()>,
    ) -> Result<()> {
        const BATCH_ROWS: i64 = 4096;
        let (mut values, nulls) = split(statement, arguments);
        // SAFETY: as in execute(); the portal is closed here or by the abort.
        unsafe {
            let portal = pg_sys::SPI_cursor_open(
                std::ptr::null(),
                statement.plan(),
                values.as_mut_ptr(),
                nulls.as_ptr(),
                true,
            );
            let result = loop {
                pg_sys::SPI_cursor_fetch(portal, true, BATCH_ROWS as _);
                let rows = Rows::taken();
                if rows.len() == 0 {
                    break Ok(());
                }
                if let Err(error) = each(&rows) {
                    break Err(error);
                }
            };
            pg_sys::SPI_cursor_close(portal);
            result
        }
    }
}

fn split(statement: &Statement, arguments: &[Argument]) -> (Vec<Datum>, Vec<i8>) {
    assert_eq!(arguments.len(), statement.types.len(), "{}", statement.sql);
    let values = arguments.iter().map(|value| value.unwrap_or(Datum::from(0))).collect();
    let null = |value: &Argument| if value.is_some() { b' ' as i8 } else { b'n' as i8 };
    (values, arguments.iter().map(null).collect())
}

/// The rows that a statement gave; freed when dropped.
pub struct Rows<'a> {
    table: *mut pg_sys::SPITupleTable,
    count: usize,
    session: std::marker::PhantomData<&'a Session>,
}

impl Rows<'_> {
    unsafe fn taken() -> Self {
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
        self.option::<pgrx::Uuid>().map(|uuid| Uuid::from_bytes(*uuid.as_bytes()))
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

    /// The next column as a JSON object of strings.
    pub fn string_map(&self) -> StringMap {
        self.value::<JsonText>().stored()
    }

    /// The next column as a JSON object of strings, `None` where NULL.
    pub fn option_string_map(&self) -> Option<StringMap> {
        self.option::<JsonText>().map(|json| json.stored())
    }
}

/// What can be an argument of a statement.
pub trait ToArgument {
    /// The datum; it lives in the current memory context.
    fn to_argument(&self) -> Argument;
}

impl<T: ToArgument> ToArgument for Option<T> {
    fn to_argument(&self) -> Argument {
        self.as_ref().and_then(ToArgument::to_argument)
    }
}

impl<T: ToArgument + ?Sized> ToArgument for &T {
    fn to_argument(&self) -> Argument {
        (**self).to_argument()
    }
}

macro_rules! to_argument {
    ($($type:ty: $self:ident => $datum:expr;)*) => {
        $(impl ToArgument for $type {
            fn to_argument(&$self) -> Argument {
                IntoDatum::into_datum($datum)
            }
        })*
    };
}

impl ToArgument for StringMap {
    fn to_argument(&self) -> Argument {
        map_to_datum(self)
    }
}

to_argument! {
    str: self => self;
    String: self => self.as_str();
    bool: self => *self;
    i16: self => *self;
    i32: self => *self;
    i64: self => *self;
    Uuid: self => pgrx::Uuid::from_bytes(*self.as_bytes());
    Time: self => time::to_sql(*self);
    Amount: self => Numeric::from(*self);
    Vec<Uuid>: self => self
        .iter()
        .map(|uuid| pgrx::Uuid::from_bytes(*uuid.as_bytes()))
        .collect::<Vec<_>>();
    Vec<i64>: self => self.clone();
    Vec<Option<i64>>: self => self.clone();
    Vec<Time>: self => self.iter().map(|at| time::to_sql(*at)).collect::<Vec<_>>();
    Vec<Amount>: self => self.iter().map(|amount| Numeric::from(*amount)).collect::<Vec<_>>();
}

/// The arguments of a statement: anything that is [`ToArgument`], in order.
#[macro_export]
macro_rules! arguments {
    ($($value:expr),* $(,)?) => {
        &[$($crate::spi::ToArgument::to_argument(&$value)),*]
    };
}

/// Runs `body` under a snapshot that sees all that committed before now (READ COMMITTED), or what
/// the transaction's snapshot sees, and in any case what this transaction did.
pub fn with_fresh_snapshot<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: popped below; an error unwinds to an abort, which clears the stack.
    unsafe {
        pg_sys::CommandCounterIncrement();
        pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot());
        let result = body();
        pg_sys::PopActiveSnapshot();
        result
    }
}

/// Runs `body` under the latest snapshot, even where the transaction has one of its own.
pub fn with_latest_snapshot<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: as above.
    unsafe {
        pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
        let result = body();
        pg_sys::PopActiveSnapshot();
        result
    }
}

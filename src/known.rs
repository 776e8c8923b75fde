//! What a backend remembers of committed rows that never change.

use crate::catalog;
use crate::convert::json::StringMap;
use crate::ingest::Meter;
use pgrx::pg_sys;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use uuid::Uuid;

/// Interned rows by their keys.
#[derive(Default)]
pub struct Known {
    /// Meters by namespace and slug.
    pub meters: HashMap<(String, String), Rc<Meter>>,
    /// Streams by meter and subject.
    pub streams: HashMap<(Uuid, String), i64>,
    /// Dimension sets by meter and content.
    pub dimension_sets: HashMap<(Uuid, StringMap), i64>,
    /// The contents of dimension sets by id.
    pub dimensions: HashMap<i64, Rc<StringMap>>,
}

impl Known {
    /// A backend that has met more keys than this starts anew.
    const MOST: usize = 50_000;

    fn len(&self) -> usize {
        self.meters.len() + self.streams.len() + self.dimension_sets.len() + self.dimensions.len()
    }
}

thread_local! {
    static COMMITTED: RefCell<Known> = RefCell::default();
    /// `credit.streams`, from which COMMITTED was read; it goes with the extension.
    static STREAMS_TABLE: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::InvalidOid) };
    static IS_STALE: Cell<bool> = const { Cell::new(false) };
}

/// Has PostgreSQL tell when the extension is dropped; called when the library is loaded.
pub fn watch() {
    // SAFETY: the callback lives as long as the library, which is never unloaded.
    unsafe {
        pg_sys::CacheRegisterRelcacheCallback(Some(table_changed), pg_sys::Datum::from(0));
    }
}

/// Called for any table that changed in any session; must not look anything up.
unsafe extern "C-unwind" fn table_changed(_: pg_sys::Datum, table: pg_sys::Oid) {
    if table == pg_sys::InvalidOid || table == STREAMS_TABLE.get() {
        IS_STALE.set(true);
    }
}

/// Forgets everything if the tables are no longer those that were read.
pub fn refresh() {
    // SAFETY: called inside a transaction.
    unsafe { pg_sys::AcceptInvalidationMessages() };
    let table = catalog::relation(c"streams");
    let is_full = COMMITTED.with_borrow(|known| known.len() > Known::MOST);
    if IS_STALE.replace(false) || STREAMS_TABLE.replace(table) != table || is_full {
        COMMITTED.replace(Known::default());
    }
}

/// Looks among the committed rows.
pub fn committed<T>(look: impl Fn(&Known) -> Option<T>) -> Option<T> {
    COMMITTED.with_borrow(look)
}

/// Remembers a row that is committed.
pub fn remember<T>(insert: impl FnOnce(&mut Known) -> T) {
    COMMITTED.with_borrow_mut(insert);
}

//! What a backend remembers of committed rows that never change.

use crate::catalog;
use crate::convert::json::StringMap;
use crate::ingest::Meter;
use credit_engine::Time;
use pgrx::pg_sys;
use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::CStr;
use std::hash::Hash;
use std::rc::Rc;
use uuid::Uuid;

/// Interned rows by their keys.
#[derive(Default)]
pub struct Known {
    /// Meters by namespace and slug.
    pub meters: PairMap<String, String, Rc<Meter>>,
    /// Streams by meter and subject.
    pub streams: PairMap<Uuid, String, i64>,
    /// Dimension sets by meter and content, as one text.
    pub dimension_sets: PairMap<Uuid, String, i64>,
    /// The contents of dimension sets by id.
    pub dimensions: HashMap<i64, Rc<StringMap>>,
}

impl Known {
    /// A backend that has met more keys than this starts anew.
    pub const MOST: usize = 50_000;

    fn len(&self) -> usize {
        self.meters.len() + self.streams.len() + self.dimension_sets.len() + self.dimensions.len()
    }
}

/// Values by two keys. Unlike a map by pairs, it is asked with borrowed keys.
pub struct PairMap<A, B, T> {
    maps: HashMap<A, HashMap<B, T>>,
    len: usize,
}

impl<A, B, T> Default for PairMap<A, B, T> {
    fn default() -> Self {
        PairMap { maps: HashMap::new(), len: 0 }
    }
}

impl<A: Eq + Hash, B: Eq + Hash, T> PairMap<A, B, T> {
    /// The value of two keys.
    pub fn get<P, Q>(&self, first: &P, second: &Q) -> Option<&T>
    where
        A: Borrow<P>,
        B: Borrow<Q>,
        P: Eq + Hash + ?Sized,
        Q: Eq + Hash + ?Sized,
    {
        self.maps.get(first)?.get(second)
    }

    /// Sets the value of two keys.
    pub fn insert(&mut self, first: A, second: B, value: T) {
        let before = self.maps.entry(first).or_default().insert(second, value);
        self.len += usize::from(before.is_none());
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }
}

thread_local! {
    static COMMITTED: RefCell<Known> = RefCell::default();
    /// The seals of namespaces, those that have none included.
    static SEALS: RefCell<HashMap<String, Option<Time>>> = RefCell::default();
}

/// A table that something is remembered of.
struct Watched {
    name: &'static CStr,
    table: Cell<pg_sys::Oid>,
    is_changed: Cell<bool>,
}

thread_local! {
    static WATCHED: [Watched; 4] =
        [c"streams", c"seals", c"snapshots", c"usage_events"].map(|name| Watched {
            name,
            table: Cell::new(pg_sys::InvalidOid),
            is_changed: Cell::new(false),
        });
}

/// Has PostgreSQL tell when a table has another form, or is gone; called when the library is loaded.
pub fn watch() {
    // SAFETY: the callback lives as long as the library, which is never unloaded.
    unsafe {
        pg_sys::CacheRegisterRelcacheCallback(Some(table_changed), pg_sys::Datum::from(0));
    }
}

/// Called for any table that changed in any session; must not look anything up.
unsafe extern "C-unwind" fn table_changed(_: pg_sys::Datum, table: pg_sys::Oid) {
    let is_meant = |watched: &&Watched| table == pg_sys::InvalidOid || table == watched.table.get();
    WATCHED.with(|all| all.iter().filter(is_meant).for_each(|one| one.is_changed.set(true)));
}

/// Whether `credit.<name>`, one of the tables that are watched, has changed since this was asked
/// last: its form or its triggers, not its rows; or is not even the same table.
pub fn has_changed(name: &'static CStr) -> bool {
    // SAFETY: called inside a transaction.
    unsafe { pg_sys::AcceptInvalidationMessages() };
    let table = catalog::relation(name);
    WATCHED.with(|all| {
        let watched = all.iter().find(|one| one.name == name).expect("the table is watched");
        watched.is_changed.replace(false) | (watched.table.replace(table) != table)
    })
}

/// The seal of a namespace, as `read` finds it, or found it since one was written last: whoever
/// writes one has PostgreSQL tell so.
pub fn seal(namespace: &str, read: impl FnOnce() -> Option<Time>) -> Option<Time> {
    let is_full = SEALS.with_borrow(|seals| seals.len() > Known::MOST);
    if has_changed(c"seals") || is_full {
        SEALS.replace(HashMap::new());
    }
    let known = SEALS.with_borrow(|seals| seals.get(namespace).copied());
    known.unwrap_or_else(|| {
        let found = read();
        SEALS.with_borrow_mut(|seals| seals.insert(namespace.to_owned(), found));
        found
    })
}

/// Forgets everything if the tables are no longer those that were read.
pub fn refresh() {
    let is_full = COMMITTED.with_borrow(|known| known.len() > Known::MOST);
    if has_changed(c"streams") || is_full {
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

//! Look-ups in PostgreSQL's catalogue, answered by its caches.

use pgrx::pg_sys::{self, Oid};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{CStr, c_char};

/// Schema `credit`; raises 3F000 where the extension is gone.
pub fn schema() -> Oid {
    // SAFETY: a cache look-up inside a transaction.
    unsafe { pg_sys::get_namespace_oid(c"credit".as_ptr(), false) }
}

/// Whether the extension is there: it may have been dropped by the transaction that used it, or
/// made in a subtransaction that was rolled back.
pub fn is_there() -> bool {
    // SAFETY: as above.
    let schema = unsafe { pg_sys::get_namespace_oid(c"credit".as_ptr(), true) };
    schema != pg_sys::InvalidOid && relation(c"snapshots") != pg_sys::InvalidOid
}

thread_local! {
    /// The tables, indexes and types that were looked up, by the place of their names.
    static RELATIONS: RefCell<HashMap<*const c_char, Oid>> = RefCell::default();
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
}

/// The table, index or composite type `credit.<name>`; invalid where there is none.
pub fn relation(name: &'static CStr) -> Oid {
    let known = RELATIONS.with_borrow(|relations| relations.get(&name.as_ptr()).copied());
    known.unwrap_or_else(|| {
        watch();
        // SAFETY: as above.
        let found = unsafe { pg_sys::get_relname_relid(name.as_ptr(), schema()) };
        if found != pg_sys::InvalidOid {
            RELATIONS.with_borrow_mut(|relations| relations.insert(name.as_ptr(), found));
        }
        found
    })
}

/// Has PostgreSQL tell when a relation or a schema has another name or is gone.
fn watch() {
    use pg_sys::SysCacheIdentifier::{NAMESPACENAME, RELNAMENSP};
    if !IS_WATCHED.replace(true) {
        for cache in [NAMESPACENAME, RELNAMENSP] {
            let nothing = pg_sys::Datum::from(0);
            // SAFETY: the callback lives as long as the library, which is never unloaded.
            unsafe {
                pg_sys::CacheRegisterSyscacheCallback(cache as i32, Some(names_changed), nothing);
            }
        }
    }
}

/// Must not look anything up.
unsafe extern "C-unwind" fn names_changed(_: pg_sys::Datum, _: i32, _: u32) {
    RELATIONS.with_borrow_mut(HashMap::clear);
}

/// The function `credit.<name>()`; invalid where there is none.
pub fn function_without_arguments(name: &CStr) -> Oid {
    let cache = pg_sys::SysCacheIdentifier::PROCNAMEARGSNSP as i32;
    // SAFETY: as above; the keys are a name, a vector of types and a schema.
    unsafe {
        let no_types = pg_sys::buildoidvector(std::ptr::null(), 0);
        pg_sys::GetSysCacheOid(
            cache,
            pg_sys::Anum_pg_proc_oid as pg_sys::AttrNumber,
            pg_sys::Datum::from(name.as_ptr()),
            pg_sys::Datum::from(no_types),
            pg_sys::Datum::from(schema()),
            pg_sys::Datum::null(),
        )
    }
}

/// The owner of schema `credit`.
pub fn owner() -> Oid {
    // SAFETY: as above; the tuple is released after its last use.
    unsafe {
        let cache = pg_sys::SysCacheIdentifier::NAMESPACEOID as i32;
        let tuple = pg_sys::SearchSysCache1(cache, pg_sys::Datum::from(schema()));
        assert!(!tuple.is_null(), "schema credit has just been found");
        let form = pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_namespace>(tuple);
        let owner = (*form).nspowner;
        pg_sys::ReleaseSysCache(tuple);
        owner
    }
}

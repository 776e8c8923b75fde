//! Look-ups in PostgreSQL's catalogue, answered by its caches.

use pgrx::pg_sys::{self, Oid};
use std::ffi::CStr;

/// Schema `credit`; raises 3F000 where the extension is gone.
pub fn schema() -> Oid {
    // SAFETY: a cache look-up inside a transaction.
    unsafe { pg_sys::get_namespace_oid(c"credit".as_ptr(), false) }
}

/// The table or composite type `credit.<name>`; invalid where there is none.
pub fn relation(name: &CStr) -> Oid {
    // SAFETY: as above.
    unsafe { pg_sys::get_relname_relid(name.as_ptr(), schema()) }
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

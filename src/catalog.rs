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

//! Whose rights a query runs with.
//!
//! A ledger is looked up as the caller, so that the operator's privileges and row-level policies
//! on `credit.ledgers` bind every function. What follows needs tables that no caller may touch,
//! and runs as the owner of the extension's tables.

use pgrx::pg_sys;

/// Runs `body` as the owner of the extension's tables.
pub fn as_owner<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: the caller's identity is put back below; after an error the abort does it.
    unsafe {
        let mut caller = pg_sys::InvalidOid;
        let mut context = 0;
        pg_sys::GetUserIdAndSecContext(&mut caller, &mut context);
        let local = pg_sys::SECURITY_LOCAL_USERID_CHANGE as i32;
        pg_sys::SetUserIdAndSecContext(owner(), context | local);
        let result = body();
        pg_sys::SetUserIdAndSecContext(caller, context);
        result
    }
}

/// The owner of schema `credit`.
fn owner() -> pg_sys::Oid {
    // SAFETY: a system cache lookup inside a transaction; the tuple is released below.
    unsafe {
        let schema = pg_sys::get_namespace_oid(c"credit".as_ptr(), false);
        let cache = pg_sys::SysCacheIdentifier::NAMESPACEOID as i32;
        let tuple = pg_sys::SearchSysCache1(cache, pg_sys::Datum::from(schema));
        assert!(!tuple.is_null(), "schema credit has just been found");
        let form = pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_namespace>(tuple);
        let owner = (*form).nspowner;
        pg_sys::ReleaseSysCache(tuple);
        owner
    }
}

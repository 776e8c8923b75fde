//! Whose rights a query runs with.
//!
//! A ledger is looked up as the caller, so that the operator's privileges and row-level policies
//! on `credit.ledgers` bind every function. What follows needs tables that no caller may touch,
//! and runs as the owner of the extension's tables.

use crate::catalog;
use pgrx::pg_sys;
use std::ffi::CStr;

/// Runs `body` as the owner of the extension's tables.
pub fn as_owner<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: the caller's identity is put back below; after an error the abort does it.
    unsafe {
        let mut caller = pg_sys::InvalidOid;
        let mut context = 0;
        pg_sys::GetUserIdAndSecContext(&mut caller, &mut context);
        let local = pg_sys::SECURITY_LOCAL_USERID_CHANGE as i32;
        pg_sys::SetUserIdAndSecContext(catalog::owner(), context | local);
        let result = body();
        pg_sys::SetUserIdAndSecContext(caller, context);
        result
    }
}

/// Whether an SQL statement of the current user would read all of `credit.<table>`, with every row
/// and column: then rows may be read without one.
pub fn sees_all_of(table: &'static CStr) -> bool {
    let table = catalog::relation(table);
    // SAFETY: look-ups in caches inside a transaction.
    unsafe {
        let user = pg_sys::GetUserId();
        let may = |result| result == pg_sys::AclResult::ACLCHECK_OK;
        may(may_use_schema(user))
            && may(pg_sys::pg_class_aclcheck(table, user, pg_sys::ACL_SELECT as pg_sys::AclMode))
            && pg_sys::check_enable_rls(table, pg_sys::InvalidOid, true)
                == pg_sys::CheckEnableRlsResult::RLS_NONE as i32
    }
}

/// What the privileges on schema `credit` say.
unsafe fn may_use_schema(user: pg_sys::Oid) -> pg_sys::AclResult::Type {
    let usage = pg_sys::ACL_USAGE as pg_sys::AclMode;
    // SAFETY: as above.
    #[cfg(feature = "pg15")]
    unsafe {
        pg_sys::pg_namespace_aclcheck(catalog::schema(), user, usage)
    }
    // SAFETY: as above.
    #[cfg(not(feature = "pg15"))]
    unsafe {
        pg_sys::object_aclcheck(pg_sys::NamespaceRelationId, catalog::schema(), user, usage)
    }
}

//! Whose rights a query runs with.
//!
//! A ledger is looked up as the caller, so that the operator's privileges and row-level policies
//! on `credit.ledgers` bind every function. What follows needs tables that no caller may touch,
//! and runs as the owner of the extension's tables.

use crate::catalog;
use pgrx::pg_sys;

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

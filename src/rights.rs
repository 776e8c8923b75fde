//! Whose rights a query runs with.
//!
//! A ledger is looked up as the caller, so that the operator's privileges and row-level policies
//! on `credit.ledgers` bind every function. What follows needs tables that no caller may touch,
//! and runs as the owner of the extension's tables.
//!
//! Nothing of the caller's runs as the owner: arguments are evaluated before the function is, and
//! are read by Rust (no cast, no domain, no input function); rows are given back after the owner's
//! rights; a statement names the schema of everything, takes operators of `pg_catalog` only, and
//! holds none of the caller's text; indexes, triggers and policies of the tables are made by those
//! who own them, or whom they trust with TRIGGER. `SECURITY_LOCAL_USERID_CHANGE` forbids SET ROLE
//! meanwhile. `SECURITY_RESTRICTED_OPERATION` is not set: it protects a caller from code of
//! somebody else, and all that runs here is the owner's own; what it forbids, deferred triggers
//! among it, the operator may have put on the tables.

use crate::catalog;
use crate::error::{Error, Result};
use credit_engine::Amount;
use pgrx::pg_sys;
use std::ffi::CStr;

/// A user, and how its rights were come by.
#[derive(Clone, Copy)]
pub struct Identity {
    user: pg_sys::Oid,
    context: i32,
}

impl Identity {
    /// Whose rights are used now.
    pub fn current() -> Identity {
        let mut current = Identity { user: pg_sys::InvalidOid, context: 0 };
        // SAFETY: writes what it is given.
        unsafe { pg_sys::GetUserIdAndSecContext(&mut current.user, &mut current.context) };
        current
    }

    /// Runs `body` with the rights of this user.
    pub fn run<T>(self, body: impl FnOnce() -> T) -> T {
        let before = Identity::current();
        self.assume();
        let result = body();
        before.assume();
        result
    }

    /// Whether row-level policies on `credit.ledgers` restrict this user. An error if the user
    /// turned `row_security` off is left to the query.
    pub fn is_bound_by_policies(self) -> bool {
        let applies = pg_sys::CheckEnableRlsResult::RLS_ENABLED as i32;
        // SAFETY: look-ups in PostgreSQL's caches, inside a transaction.
        unsafe {
            pg_sys::check_enable_rls(catalog::relation(c"ledgers"), self.user, true) == applies
        }
    }

    /// Whether this is the owner of the extension's tables, bound by policies or not.
    pub fn is_owner(self) -> bool {
        self.user == catalog::owner()
    }

    /// Whether this user may execute `credit.may_refund()`.
    fn may_refund(self) -> bool {
        let function = catalog::function_without_arguments(c"may_refund");
        if function == pg_sys::InvalidOid {
            // The objects are of version 0.1.0, in which whoever could spend could refund.
            return true;
        }
        let mode = pg_sys::ACL_EXECUTE as pg_sys::AclMode;
        // SAFETY: as above.
        let result = unsafe {
            #[cfg(feature = "pg15")]
            let result = pg_sys::pg_proc_aclcheck(function, self.user, mode);
            #[cfg(not(feature = "pg15"))]
            let result =
                pg_sys::object_aclcheck(pg_sys::ProcedureRelationId, function, self.user, mode);
            result
        };
        result == pg_sys::AclResult::ACLCHECK_OK
    }

    /// Refuses a negative amount to who may not refund: it makes credit, as a grant does.
    ///
    /// # Errors
    /// 42501.
    pub fn check_amount(self, amount: Amount, name: &str) -> Result<()> {
        if amount.is_negative() && !self.may_refund() {
            return Err(Error::may_not_refund(amount, name));
        }
        Ok(())
    }

    fn assume(self) {
        // SAFETY: an error of what runs so unwinds to an abort, which puts back who called.
        unsafe { pg_sys::SetUserIdAndSecContext(self.user, self.context) };
    }
}

/// Runs `body` as the owner of the extension's tables.
pub fn as_owner<T>(body: impl FnOnce() -> T) -> T {
    let context = Identity::current().context | pg_sys::SECURITY_LOCAL_USERID_CHANGE as i32;
    Identity { user: catalog::owner(), context }.run(body)
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

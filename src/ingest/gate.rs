//! What a caller may send.
//!
//! Usage needs no ledger, and whoever may execute an ingest function may send it for any subject:
//! unless row-level policies on `credit.ledgers` restrict the caller. Then they say whose usage it
//! may be, and a subject needs a ledger that the caller sees. Without policies that is one look-up
//! in a cache a call.

use crate::error::Result;
use crate::ledger::Ledger;
use crate::rights::Identity;
use crate::spi::Session;
use credit_engine::Amount;
use std::collections::HashSet;

/// Lets events of one call pass, or not.
pub struct Gate<'a> {
    session: &'a Session,
    namespace: &'a str,
    caller: Identity,
    is_bound_by_policies: bool,
    /// Subjects whose ledger the caller sees.
    seen: HashSet<String>,
}

impl<'a> Gate<'a> {
    /// The gate for who is calling, before any right of the owner is used.
    pub fn of_caller(session: &'a Session, namespace: &'a str) -> Gate<'a> {
        let caller = Identity::current();
        let is_bound_by_policies = caller.is_bound_by_policies();
        Gate { session, namespace, caller, is_bound_by_policies, seen: HashSet::new() }
    }

    /// Refuses usage that the caller may not send.
    ///
    /// # Errors
    /// UC001, 42501.
    pub fn check(&mut self, subject: &str, value: Amount) -> Result<()> {
        if self.is_bound_by_policies && !self.seen.contains(subject) {
            self.caller.run(|| Ledger::require(self.session, subject, self.namespace))?;
            self.seen.insert(subject.to_owned());
        }
        self.caller.check_amount(value, "value")
    }
}

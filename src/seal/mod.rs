//! Retention: the history of a namespace is sealed at a time, and the events before it are deleted.
//!
//! A seal goes in steps, each in a transaction of its own, which [`crate::seal`]'s functions take and
//! `credit_retire` calls one after the other:
//!
//! 1. ANNOUNCED. From now on no event, grant, void or reset before the seal is taken, nothing before
//!    it is asked, no ledger is measured from before it. Everybody learns of it by the message that
//!    PostgreSQL sends when a row of `credit.seals` is written.
//! 2. CLOSED. All transactions have ended that might not have known: those that held the lock to
//!    write events, or ledgers.
//! 3. Each ledger is locked and gets a checkpoint: what is known of it at the seal.
//! 4. COMPLETE. All ledgers have theirs. The events before the seal are of no use any more.
//! 5. They are deleted.
//!
//! Whoever sees the checkpoint of a ledger goes on from it. Whoever does not sees the events: they
//! are deleted in a later transaction.

mod announce;
mod checkpoint;
mod delete;
mod ledgers;

pub use checkpoint::Checkpoint;

use crate::catalog;
use crate::convert::time;
use crate::error::{Error, Result, or_raise, required};
use crate::known;
use crate::rights::{Identity, as_owner};
use crate::settings::namespace_or_default;
use crate::snapshot::is_read_committed;
use crate::spi::{IndexedTable, Key, Session, session, with_snapshot_of_now};
use crate::{arguments, queries};
use credit_engine::Time;
use pgrx::prelude::*;

/// The seal of a namespace by now, whatever the transaction's snapshot sees: `None` where nothing is
/// sealed. Costs nothing but a look at what is remembered.
pub fn of(namespace: &str) -> Option<Time> {
    let table = catalog::relation(c"seals");
    // The library may be newer than the tables.
    if table == pg_sys::InvalidOid {
        return None;
    }
    known::seal(namespace, || {
        with_snapshot_of_now(table, || {
            seals().last(&[(1, Key::text(namespace))], |row| {
                row.skip(1);
                row.time()
            })
        })
    })
}

/// Whether a namespace was ever sealed at this time.
pub fn has(namespace: &str, at: Time) -> bool {
    of(namespace).is_some() && step_xid(namespace, at, Step::Announced).is_some()
}

fn seals() -> IndexedTable {
    IndexedTable::open(c"seals", c"seals_pkey")
}

/// What has been done of a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Announced,
    Closed,
    Complete,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Step::Announced => "ANNOUNCED",
            Step::Closed => "CLOSED",
            Step::Complete => "COMPLETE",
        }
    }
}

/// The transaction that did a step, as is known by now.
fn step_xid(namespace: &str, at: Time, step: Step) -> Option<u64> {
    let keys = [(1, Key::text(namespace)), (2, Key::time(at)), (3, Key::text(step.name()))];
    with_snapshot_of_now(catalog::relation(c"seals"), || {
        seals().last(&keys, |row| {
            row.skip(4);
            row.xid()
        })
    })
}

/// Writes down that a step is done; whether it was not before.
fn write_step(session: &Session, namespace: &str, at: Time, step: Step) -> bool {
    let arguments = arguments![namespace, at, step.name(), crate::clock::read()];
    session.write(&queries::INSERT_SEAL, arguments).len() > 0
}

/// Runs a function of a seal: as the owner, for it is about all ledgers of a namespace, and about
/// usage without one. So it is not for whom policies bind: a tenant would seal the history of others.
fn sealing<T>(
    sealed_at: Option<TimestampWithTimeZone>,
    namespace: Option<&str>,
    body: impl FnOnce(&Session, &str, Time) -> Result<T>,
) -> T {
    or_raise(|| {
        let at = time::entered(required(sealed_at, "sealed_at")?, "sealed_at")?;
        let namespace = namespace_or_default(namespace)?;
        if !is_read_committed() {
            return Err(Error::sealed_in_old_state());
        }
        let caller = Identity::current();
        if caller.is_bound_by_policies() && !caller.is_owner() {
            return Err(Error::may_not_seal());
        }
        session(|session| as_owner(|| body(session, &namespace, at)))
    })
}

/// `credit.stamp_seal()`: [`crate::stamp`]'s stamp of a row of `credit.seals`. However a seal is
/// written, by a restore or by logical replication too, all sessions learn that there is another one.
#[pg_extern(sql = false)]
fn stamp_seal() -> crate::convert::xid::Xid8 {
    // SAFETY: the table is being written to, so it is there.
    unsafe { pg_sys::CacheInvalidateRelcacheByRelid(catalog::relation(c"seals")) };
    crate::stamp::take()
}

/// `credit.sealed_at(namespace)`: the seal of a namespace.
#[pg_extern(sql = false)]
fn sealed_at(namespace: Option<&str>) -> Option<TimestampWithTimeZone> {
    or_raise(|| {
        let namespace = namespace_or_default(namespace)?;
        Ok(as_owner(|| of(&namespace)).map(time::to_sql))
    })
}

//! Snapshots that a backend keeps to itself, of what it has measured last.
//!
//! They are made and gone on from as those of `credit.snapshots` are, and are as good: each tells
//! which facts it has counted. Those lie there because somebody's writing made them due; these cost
//! nobody a row, so that who spends from a ledger again and again reads what came since and no more.
//!
//! A row is visible to those for whom all that it counted has ended; of these that is found out
//! ([`Counted::has_ended`]). Rows go with the transaction that took them; what is kept here has
//! counted nothing of the running one. And rows can be deleted, by who has changed a fact by hand:
//! whoever does either has PostgreSQL tell every session so ([`forget_snapshots`]), and his own even if
//! it is rolled back.

use super::counted::{Counted, next_xid};
use super::store::{Place, Stored};
use crate::catalog;
use crate::known;
use crate::spi::always_fires;
use credit_engine::Snapshot;
use pgrx::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use uuid::Uuid;

/// A backend that remembers snapshots with more parts than this, some megabytes, starts anew.
const MOST_PARTS: usize = 100_000;

#[derive(Default)]
struct Memory {
    /// By ledger, and what they are kept under there.
    snapshots: HashMap<(Uuid, Uuid), Rc<Stored>>,
    /// How many parts they have.
    parts: usize,
    /// Who was told of a change by hand may still measure under a snapshot that does not see it: only
    /// those count that see the end of all transactions before this one.
    since: u64,
    /// Whether [`forget_snapshots`] is called whoever changes the tables; `None`: not looked yet.
    is_told: Option<bool>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

impl Memory {
    /// Forgets everything if it was told to, or the table of events is another, or somebody may have
    /// lifted its guard.
    fn refresh(&mut self) {
        // Both are asked: each is told of once.
        if [c"snapshots", c"usage_events"].map(known::has_changed).contains(&true) {
            *self = Memory { since: next_xid(), ..Memory::default() };
        }
    }
}

/// By what the size of a snapshot is reckoned.
fn parts(stored: &Stored) -> usize {
    const ALWAYS: usize = 10;
    ALWAYS + stored.snapshot.parts() + stored.place.counted.left_out()
}

/// The snapshot that this backend keeps of a feature of a ledger, under the same id as rows, where
/// the active snapshot sees all that it has counted.
pub fn remembered(ledger: Uuid, id: Uuid) -> Option<Rc<Stored>> {
    MEMORY.with_borrow_mut(|memory| {
        memory.refresh();
        let stored = memory.snapshots.get(&(ledger, id))?;
        stored.place.counted.has_ended().then(|| Rc::clone(stored))
    })
}

/// Keeps a snapshot that has counted all that the active snapshot sees, but nothing of the running
/// transaction: its maker knows that there is nothing.
pub fn remember(ledger: Uuid, id: Uuid, snapshot: Snapshot) {
    let Some(counted) = Counted::all_but_own() else { return };
    MEMORY.with_borrow_mut(|memory| {
        memory.refresh();
        if !counted.has_all_below(memory.since) {
            return;
        }
        if !*memory.is_told.get_or_insert_with(is_told) {
            return;
        }
        let stored = Stored { place: Place::without_chain(counted), snapshot };
        let size = parts(&stored);
        if memory.parts + size > MOST_PARTS {
            memory.snapshots.clear();
            memory.parts = 0;
        }
        let before = memory.snapshots.insert((ledger, id), Rc::new(stored));
        memory.parts += size;
        memory.parts -= before.map_or(0, |before| parts(&before));
    });
}

fn is_told() -> bool {
    let tables = [c"snapshots", c"usage_events", c"grants", c"grant_voids", c"resets"];
    tables.into_iter().all(|table| always_fires(table, c"forget_snapshots"))
}

/// The statement trigger of `credit.snapshots`, on DELETE, and of what they are made of, on any change
/// but an INSERT: has every session forget what it remembers, this one at once and when the
/// transaction ends, the others when it commits.
#[pg_trigger(sql = false)]
fn forget_snapshots<'a>(
    _: &'a PgTrigger<'a>,
) -> Result<Option<PgHeapTuple<'a, AllocatedByRust>>, PgTriggerError> {
    // SAFETY: the table is there as long as its triggers are.
    unsafe { pg_sys::CacheInvalidateRelcacheByRelid(catalog::relation(c"snapshots")) };
    Ok(None)
}

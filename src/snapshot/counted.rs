//! Which facts a snapshot counted, told by the transactions that wrote them.

use crate::stamp;
use pgrx::pg_sys;
use serde::{Deserialize, Serialize};

/// A set of transactions, all of which have ended: those below a horizon but a few.
///
/// Every fact carries the id of the transaction that wrote it. A fact of a transaction in this set
/// is one that the snapshot counted, or was never there; all others are yet to be counted. The
/// oldest running transaction as the horizon would be simpler and useless: one that idles, in any
/// database of the cluster, would hold it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    horizon: u64,
    /// Ascending, all below the horizon.
    running: Vec<u64>,
}

impl Counted {
    /// The most transactions below the horizon that are left out.
    const MOST_RUNNING: usize = 16;

    /// No transaction at all.
    pub const NOTHING: Counted = Counted { horizon: 0, running: Vec::new() };

    /// The transactions that have ended for the active snapshot. `with_own` counts the running
    /// transaction too, where that can be: it must not write facts any more.
    pub fn of_active_snapshot(with_own: bool) -> Counted {
        let mut all = Counted::ended();
        let xmax = all.horizon;
        let own = stamp::own();
        all.running.extend(own); // a snapshot does not list its own transaction
        if let Some(own) = own.filter(|_| with_own) {
            // What began since the snapshot's end is running, as far as the snapshot knows.
            all.running.extend(xmax..own);
            all.horizon = xmax.max(own + 1);
            all.running.retain(|xid| *xid != own);
        }
        all.narrowed()
    }

    /// All transactions that have ended for the active snapshot, however many are left out, and not
    /// the running one. `None` where a snapshot does not tell which have: on a standby.
    pub fn all_but_own() -> Option<Counted> {
        if is_of_standby() {
            return None;
        }
        let mut all = Counted::ended();
        all.running.extend(stamp::own());
        Some(all.sorted())
    }

    /// Whether it has all transactions below this one.
    pub fn has_all_below(&self, xid: u64) -> bool {
        self.horizon >= xid && self.running.first().is_none_or(|first| *first >= xid)
    }

    /// How many transactions below the horizon are left out.
    pub fn left_out(&self) -> usize {
        self.running.len()
    }

    /// Whether all transactions of the set have ended for the active snapshot.
    pub fn has_ended(&self) -> bool {
        let Counted { horizon, running } = Counted::ended();
        !is_of_standby() && self.horizon <= horizon && !running.iter().any(|xid| self.has(*xid))
    }

    /// The transactions that have ended for the active snapshot, in the order of its lists; it has
    /// none of its own transaction.
    fn ended() -> Counted {
        // SAFETY: an active snapshot is set wherever this is called; its arrays have these lengths.
        unsafe {
            let snapshot = &*pg_sys::GetActiveSnapshot();
            let running = match snapshot.xcnt {
                0 => &[],
                count => std::slice::from_raw_parts(snapshot.xip, count as usize),
            };
            let next = next_xid();
            Counted {
                horizon: widen(snapshot.xmax, next),
                running: running.iter().map(|xid| widen(*xid, next)).collect(),
            }
        }
    }

    /// In order, without what is left out anyway.
    fn sorted(mut self) -> Counted {
        self.running.retain(|xid| *xid < self.horizon);
        self.running.sort_unstable();
        self.running.dedup();
        self
    }

    /// Moves the horizon down to where few enough are left out.
    fn narrowed(self) -> Counted {
        let mut sorted = self.sorted();
        if let Some(xid) = sorted.running.get(Self::MOST_RUNNING) {
            sorted.horizon = *xid;
            sorted.running.truncate(Self::MOST_RUNNING);
        }
        sorted
    }

    /// Whether such a set was ever made.
    pub fn is_sound(&self) -> bool {
        self.running.is_sorted_by(|one, next| one < next)
            && self.running.last().is_none_or(|last| *last < self.horizon)
    }

    /// Whether the transaction is in the set.
    pub fn has(&self, xid: u64) -> bool {
        xid < self.horizon && self.running.binary_search(&xid).is_err()
    }

    /// All transactions of the set are below it, and it is the place of a snapshot in their order.
    pub fn horizon(&self) -> u64 {
        self.horizon
    }
}

/// The transactions that a later set has and an earlier one lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The earlier set.
    pub after: Counted,
    /// The later set; `None` for all transactions.
    pub before: Option<Counted>,
}

impl Gap {
    /// Whether the gap has a transaction.
    pub fn has(&self, xid: u64) -> bool {
        !self.after.has(xid) && self.before.as_ref().is_none_or(|before| before.has(xid))
    }

    /// The first transaction that the gap can have, from an id on.
    pub fn next(&self, from: u64) -> u64 {
        let next = self.after.running.partition_point(|xid| *xid < from);
        let single = self.after.running[next..].iter().copied().find(|xid| self.has(*xid));
        single.unwrap_or(self.after.horizon).max(from)
    }

    /// Where the transactions that the gap can have end; `None` where they do not.
    pub fn end(&self) -> Option<u64> {
        self.before.as_ref().map(Counted::horizon)
    }
}

/// Where the ids that a snapshot has seen assigned end.
pub fn next_xid() -> u64 {
    // SAFETY: reads shared memory.
    unsafe { pg_sys::ReadNextFullTransactionId() }.value
}

/// Whether the active snapshot was taken on a standby: it lists the running transactions elsewhere.
fn is_of_standby() -> bool {
    // SAFETY: as above.
    unsafe { (*pg_sys::GetActiveSnapshot()).takenDuringRecovery }
}

/// A 32-bit id of a transaction near the present as a 64-bit one; `next` is the next one.
fn widen(xid: pg_sys::TransactionId, next: u64) -> u64 {
    let distance = (next as u32).wrapping_sub(xid.into_inner()) as i32;
    next.wrapping_sub(distance as i64 as u64)
}

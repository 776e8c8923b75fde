//! Taking snapshots: by whoever writes usage, now and then, when its transaction commits.
//!
//! Each event makes the snapshot of its stream due with a probability of one in
//! `credit.snapshot_interval`, so that a reader finds about so many events beyond the newest one,
//! and a writer pays for one snapshot in so many events. At the commit, because the transaction
//! writes no fact any more: its own can be counted. Only in READ COMMITTED: later isolation levels
//! see an old state, and would fail where two remove the same old snapshot.

use super::chain::Chain;
use super::counted::Counted;
use super::store::{self, Place, Stored};
use crate::account::Account;
use crate::catalog;
use crate::clock;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::measure::{Measured, Reading, Which};
use crate::rights::as_owner;
use crate::settings;
use crate::spi::{Session, session, with_fresh_snapshot};
use credit_engine::Snapshot;
use pgrx::prelude::*;
use pgrx::{PgXactCallbackEvent, register_xact_callback};
use std::cell::RefCell;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Snapshots that no chain leads to are looked for so rarely because behind an old MVCC snapshot
/// every one that was ever taken is come across.
const TAKES_BETWEEN_CLEANUPS: u64 = 256;

/// Snapshots that are due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    /// Of the ledger of this stream.
    stream: i64,
    /// Of this feature; `None`: of all features of the stream's meter.
    feature: Option<Uuid>,
}

thread_local! {
    /// What is due at the end of the running transaction.
    static DUE: RefCell<BTreeSet<Due>> = const { RefCell::new(BTreeSet::new()) };
}

/// Tells of events that were written to these streams, one mention an event.
pub fn wrote(streams: impl Iterator<Item = i64>) {
    let Some(interval) = settings::snapshot_interval() else { return };
    let due = streams.filter(|_| one_in(interval));
    make_due(due.map(|stream| Due { stream, feature: None }));
}

/// Tells of usage of a feature that is written to a stream by who had to read so many events beyond
/// its newest snapshot: no chance is needed to know that one is due.
pub fn wrote_after(stream: i64, feature: Uuid, events_beyond: usize) {
    if settings::snapshot_interval().is_some() && events_beyond >= least_events() {
        make_due(std::iter::once(Due { stream, feature: Some(feature) }));
    }
}

/// Tells that there are no snapshots to go on from any more.
pub fn dropped_all(stream: i64) {
    if settings::snapshot_interval().is_some() {
        make_due(std::iter::once(Due { stream, feature: None }));
    }
}

/// How many events must lie beyond the newest snapshot for another to be worth taking.
fn least_events() -> usize {
    (settings::snapshot_interval().unwrap_or(1) as usize / 4).max(1)
}

fn make_due(due: impl Iterator<Item = Due>) {
    let mut due = due.peekable();
    if due.peek().is_none() || !is_read_committed() {
        return;
    }
    DUE.with_borrow_mut(|all| {
        if all.is_empty() {
            register_xact_callback(PgXactCallbackEvent::PreCommit, take_due);
            register_xact_callback(PgXactCallbackEvent::Abort, forget_due);
            register_xact_callback(PgXactCallbackEvent::PrePrepare, forget_due);
        }
        all.extend(due);
    });
}

/// True with a probability of one in so many.
fn one_in(many: u64) -> bool {
    // SAFETY: the backend's own generator.
    let random = unsafe { pg_sys::pg_prng_uint64(&raw mut pg_sys::pg_global_prng_state) };
    random.is_multiple_of(many)
}

/// Whether the transaction sees what others commit, statement by statement.
pub fn is_read_committed() -> bool {
    // SAFETY: reads the transaction's isolation level.
    unsafe { pg_sys::XactIsoLevel <= pg_sys::XACT_READ_COMMITTED as i32 }
}

fn forget_due() {
    DUE.take();
}

/// Whether snapshots can be written: the transaction may have become read-only since it wrote usage,
/// or have dropped the extension.
fn can_take() -> bool {
    // SAFETY: reads the state of the transaction.
    let is_read_only = unsafe { pg_sys::XactReadOnly };
    !is_read_only && catalog::is_there()
}

/// Takes what is due. What cannot be summed is left to the readers, who tell the error.
fn take_due() {
    if !can_take() {
        return forget_due();
    }
    // PostgreSQL runs SQL under some snapshot only, and the last statement's is gone by now.
    with_fresh_snapshot(|| {
        let due = DUE.take();
        let is_among_all = |one: &Due| due.contains(&Due { feature: None, ..*one });
        for one in due.iter().filter(|one| one.feature.is_none() || !is_among_all(one)) {
            let _ = session(|session| as_owner(|| take_one(session, *one)));
        }
    });
}

fn take_one(session: &Session, Due { stream, feature }: Due) -> Result<()> {
    let found = with_fresh_snapshot(|| Ledger::of_stream(stream));
    // Usage may come before its ledger.
    let Some((ledger, meter)) = found else { return Ok(()) };
    let which = feature.map_or(Which::OfMeter(meter), Which::WithId);
    take(session, ledger, which, true, least_events()).map(|_| ())
}

/// Takes snapshots of those features that have at least so many events beyond their newest one;
/// gives how many. `with_own`: the transaction writes no facts any more.
///
/// # Errors
/// 22003, 54000.
pub fn take(
    session: &Session,
    ledger: Ledger,
    which: Which,
    with_own: bool,
    least_events: usize,
) -> Result<usize> {
    let taken = with_fresh_snapshot(|| {
        let counted = Counted::of_active_snapshot(with_own);
        let account = Account::load(ledger);
        let now = clock::read();
        if now < account.counted_from() {
            return Ok(Vec::new());
        }
        let reading = Reading::For(&counted);
        let measured = account.measure_reading(which, now, &[], reading)?;
        let worthwhile = measured.iter().filter(|measured| is_worthwhile(measured, least_events));
        let taken = worthwhile.filter_map(|measured| {
            let (stored, dropped) = of_measured(measured, &counted)?;
            Some((account.ledger.id, account.snapshot_id(&measured.feature), stored, dropped))
        });
        Ok(taken.collect())
    });
    let taken: Vec<(Uuid, Uuid, Stored, Vec<u64>)> = taken?;
    for (ledger, id, stored, dropped) in &taken {
        store::insert(session, *ledger, *id, stored, clock::read());
        with_fresh_snapshot(|| {
            store::remove(*ledger, *id, dropped);
            if one_in(TAKES_BETWEEN_CLEANUPS) {
                store::clean_up(*ledger, *id);
            }
        });
    }
    Ok(taken.len())
}

fn is_worthwhile(measured: &Measured, least_events: usize) -> bool {
    measured.tail.events >= least_events || measured.timeline.points() > Snapshot::MANY_PHASES
}

/// The snapshot of what was measured, and the horizons of those that it makes useless.
fn of_measured(measured: &Measured, counted: &Counted) -> Option<(Stored, Vec<u64>)> {
    let Measured { timeline, usage, tail, .. } = measured;
    if tail.is_unknown {
        return None;
    }
    let base = tail.base.as_ref().map(|base| (base.chain(), base.counted.clone()));
    let (chain, dropped) = Chain::grown(base, tail.least, counted);
    let snapshot = Snapshot::take(timeline, usage)?;
    Some((Stored { place: Place::new(counted.clone(), &chain), snapshot }, dropped))
}

/// Refuses where snapshots cannot be taken.
///
/// # Errors
/// 25001.
pub fn require_read_committed() -> Result<()> {
    if is_read_committed() { Ok(()) } else { Err(Error::not_read_committed()) }
}

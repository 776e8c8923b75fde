//! The step of a seal in which ledgers get their checkpoints.

use super::{Checkpoint, Step, sealing, step_xid};
use crate::account::Account;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::measure::{Reading, Which};
use crate::snapshot;
use crate::spi::{Session, session, with_fresh_snapshot};
use credit_engine::Time;
use pgrx::prelude::*;
use std::time::{Duration, Instant};

/// How long ledgers are locked for others to be sealed; each is locked as long as it takes itself.
const LONGEST: Duration = Duration::from_millis(250);

/// `credit.seal_ledgers`: writes the checkpoints of the next ledgers, `most` of them, by subject.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity)]
fn seal_ledgers(
    sealed_at: Option<TimestampWithTimeZone>,
    after_subject: Option<&str>,
    most: Option<i32>,
    namespace: Option<&str>,
) -> TableIterator<
    'static,
    (name!(last_subject, Option<String>), name!(sealed, i64), name!(already_sealed, i64)),
> {
    let after = after_subject.unwrap_or_default();
    let most = usize::try_from(most.unwrap_or(1)).unwrap_or(0).max(1);
    let row = sealing(sealed_at, namespace, |_, namespace, at| {
        if step_xid(namespace, at, Step::Closed).is_none() {
            return Err(Error::seal_not_ready(at, "It is not closed."));
        }
        let ledgers = with_fresh_snapshot(|| Ledger::measured_before(namespace, after, at, most));
        let mut last = None;
        let mut locked_at = None;
        let (mut sealed, mut already_sealed) = (0, 0);
        for ledger in ledgers {
            pgrx::check_for_interrupts!();
            if locked_at.is_some_and(|at: Instant| at.elapsed() > LONGEST) {
                break;
            }
            last = Some(ledger.subject.clone());
            // What PostgreSQL allocates lasts as long as the session.
            if session(|session| seal_ledger(session, ledger, at, &mut locked_at))? {
                sealed += 1;
            } else {
                already_sealed += 1;
            }
        }
        Ok((last, sealed, already_sealed))
    });
    TableIterator::once(row)
}

/// Seals a ledger, unless it has a checkpoint there or later. `locked_at` is when the first was
/// locked.
fn seal_ledger(
    session: &Session,
    ledger: Ledger,
    at: Time,
    locked_at: &mut Option<Instant>,
) -> Result<bool> {
    // A first look takes no lock: what is done waits for nobody.
    if with_fresh_snapshot(|| Checkpoint::reaches(ledger.id, at)) {
        return Ok(false);
    }
    ledger.lock(session)?;
    locked_at.get_or_insert_with(Instant::now);
    with_fresh_snapshot(|| {
        if Checkpoint::reaches(ledger.id, at) {
            return Ok(false);
        }
        let account = Account::load(ledger);
        account.holds.refuse_before(at, &account.ledger.subject)?;
        let measured = account.measure_reading(Which::Every, at, &[at], Reading::FromBeginning)?;
        if measured.iter().any(|one| one.tail.is_unknown) {
            let reason = "Events carry dimensions that are not there: a restore is under way.";
            return Err(Error::seal_not_ready(at, reason));
        }
        Checkpoint::insert(session, account.ledger.id, at, &measured, account.now());
        // Those that there are cannot be gone on from. Another is taken when the transaction commits.
        snapshot::remove_all(account.ledger.id);
        for stream in account.streams() {
            snapshot::dropped_all(stream.id);
        }
        Ok(true)
    })
}

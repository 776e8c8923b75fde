//! `credit.reset_ledgers`, for `credit_reset_all`: many ledgers in one transaction.

use crate::account::Account;
use crate::convert::time;
use crate::error::{Result, or_raise, required};
use crate::ids;
use crate::ledger::Ledger;
use crate::reset;
use crate::rights::as_owner;
use crate::settings::namespace_or_default;
use crate::spi::{Session, session, with_fresh_snapshot};
use credit_engine::Time;
use pgrx::prelude::*;

/// What became of a ledger.
enum Outcome {
    /// It was reset.
    Reset,
    /// It had that reset already.
    AlreadyReset,
    /// It is closed at that time: its high watermark is not before it, by another reset or because
    /// measurement starts no earlier.
    Skipped,
}

/// `credit.reset_ledgers`: resets ledgers of the caller at one time, in the order given, and counts
/// what became of them. No answers are derived, so no usage is read.
#[pg_extern(sql = false)]
fn reset_ledgers(
    subjects: Option<Vec<Option<String>>>,
    effective_at: Option<TimestampWithTimeZone>,
    preserve_overage: Option<bool>,
    namespace: Option<&str>,
) -> TableIterator<'static, (name!(reset, i64), name!(already_reset, i64), name!(skipped, i64))> {
    let counts = or_raise(|| {
        let subjects = required(subjects, "subjects")?;
        let at = time::entered(required(effective_at, "effective_at")?, "effective_at")?;
        let preserve_overage = required(preserve_overage, "preserve_overage")?;
        let namespace = namespace_or_default(namespace)?;
        let mut counts = (0, 0, 0);
        for subject in subjects {
            // What PostgreSQL allocates lasts as long as the session.
            let outcome = session(|session| {
                let ledger =
                    Ledger::find_for_change(session, subject.as_deref(), Some(&namespace))?;
                as_owner(|| reset_ledger(session, ledger, at, preserve_overage))
            })?;
            match outcome {
                Outcome::Reset => counts.0 += 1,
                Outcome::AlreadyReset => counts.1 += 1,
                Outcome::Skipped => counts.2 += 1,
            }
        }
        Ok(counts)
    });
    TableIterator::once(counts)
}

fn reset_ledger(
    session: &Session,
    ledger: Ledger,
    at: Time,
    preserve_overage: bool,
) -> Result<Outcome> {
    // A first look takes no lock: a run that goes on where another one stopped waits for nobody
    // whose ledger it leaves as it is.
    let account = with_fresh_snapshot(|| Account::load(ledger));
    if let Some(outcome) = closed(&account, at, preserve_overage) {
        return Ok(outcome);
    }
    account.ledger.lock(session)?;
    let account = with_fresh_snapshot(|| Account::load(account.ledger));
    if let Some(outcome) = closed(&account, at, preserve_overage) {
        return Ok(outcome);
    }
    let now = account.now();
    reset::refuse_future(at, now)?;
    let Ledger { namespace, subject, .. } = &account.ledger;
    let id = ids::new_uuid(ids::subject_hash(namespace, subject));
    reset::write(session, &account, id, at, preserve_overage, now);
    Ok(Outcome::Reset)
}

/// What a ledger is that cannot be reset at `at`, or need not; `None` where it can.
fn closed(account: &Account, at: Time, preserve_overage: bool) -> Option<Outcome> {
    let mut resets = account.resets.iter().map(|record| record.reset);
    if resets.any(|reset| reset.at == at && reset.preserve_overage == preserve_overage) {
        return Some(Outcome::AlreadyReset);
    }
    account.high_watermark().closes(at).then_some(Outcome::Skipped)
}

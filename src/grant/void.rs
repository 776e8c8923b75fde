//! `credit_void_grant`.

use super::{Derived, GrantRecord, GrantRow, derive_grants, find_derived};
use crate::account::Account;
use crate::arguments;
use crate::convert::time;
use crate::error::{Error, Result, or_raise, required};
use crate::grant::read::ledger_of_grant;
use crate::ids;
use crate::measure::{Measured, Which};
use crate::queries;
use crate::rights::as_owner;
use crate::settings::namespace_or_default;
use crate::spi::{Session, session, with_fresh_snapshot};
use credit_engine::{Amount, Ending, Time, replay};
use pgrx::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// `credit_void_grant`: locks the ledger, checks, and writes a void.
#[pg_extern(sql = false)]
fn credit_void_grant(
    grant_id: Option<pgrx::Uuid>,
    voided_at: Option<TimestampWithTimeZone>,
    forfeit_remaining: Option<bool>,
    namespace: Option<&str>,
) -> GrantRow {
    or_raise(|| {
        let id = ids::from_sql(required(grant_id, "grant_id")?);
        let voided_at = voided_at.map(|at| time::entered(at, "voided_at")).transpose()?;
        let forfeit_remaining = required(forfeit_remaining, "forfeit_remaining")?;
        let namespace = namespace_or_default(namespace)?;
        session(|session| {
            let ledger = with_fresh_snapshot(|| ledger_of_grant(session, id, &namespace))?;
            as_owner(|| {
                ledger.lock(session)?;
                with_fresh_snapshot(|| {
                    let account = Account::load(ledger);
                    void(session, account, id, voided_at, forfeit_remaining)
                })
            })
        })
    })
}

/// Writes the void; the ledger is locked.
fn void(
    session: &Session,
    mut account: Account,
    id: Uuid,
    voided_at: Option<Time>,
    forfeit_remaining: bool,
) -> Result<GrantRow> {
    let mut record = (account.grant(id))
        .ok_or_else(|| Error::grant_not_found(id, &account.ledger.namespace))?
        .clone();
    let now = account.now();
    let features = BTreeSet::from([record.feature_id]);
    let derived = derive_grants(&account, &features, now, |other| other.id() == id)?;
    let derived = *find_derived(&derived, id).expect("a grant of the account is derived");
    refuse_ended(&account, &record, &derived)?;
    let voided_at = checked_time(&account, &record, voided_at, now)?;
    if !forfeit_remaining {
        let paid = paid_before(&mut account, id, voided_at)?;
        if !paid.is_zero() {
            return Err(Error::grant_used(id, paid, voided_at));
        }
    }
    session.write(
        &queries::INSERT_VOID,
        arguments![id, account.ledger.id, voided_at, forfeit_remaining, now],
    );
    record.void_recorded_at = Some(now);
    let derived = Derived { voided_at: Some(voided_at), ..derived };
    Ok(GrantRow::new(&account, &record, Some(&derived)))
}

/// Refuses a grant that is void, or has ended by now.
fn refuse_ended(account: &Account, record: &GrantRecord, derived: &Derived) -> Result<()> {
    if let Some(voided_at) = derived.voided_at {
        return Err(Error::grant_void(record.id(), voided_at));
    }
    let Some((at, ending)) = derived.ended else { return Ok(()) };
    let child = (account.grants.iter())
        .find(|child| child.grant.parent == Some(record.grant.id))
        .map(GrantRecord::id);
    let reason = match ending {
        Ending::Expired => "expired",
        Ending::Voided => "void",
        Ending::Reset(_) => "reset",
    };
    Err(Error::grant_ended(record.id(), at, reason, child))
}

/// When the void takes effect.
fn checked_time(
    account: &Account,
    record: &GrantRecord,
    given: Option<Time>,
    now: Time,
) -> Result<Time> {
    let grant = &record.grant;
    if grant.is_debit() {
        return match given {
            Some(given) if given != grant.effective_at => Err(Error::bad_argument(
                "a debit can only be voided as never having happened",
                format!("It is effective at {}, the void at {given}.", grant.effective_at),
            )
            .hint("Leave \"voided_at\" out.")),
            _ => account.refuse_sealed(grant.effective_at).map(|()| grant.effective_at),
        };
    }
    let voided_at = given.unwrap_or(now);
    if voided_at > now {
        return Err(Error::bad_argument(
            "\"voided_at\" must not be in the future",
            format!("It is {voided_at}, now is {now}."),
        ));
    }
    let watermark = account.high_watermark();
    if voided_at < watermark.at {
        return Err(Error::before_high_watermark(voided_at, &account.ledger.subject, watermark));
    }
    Ok(voided_at)
}

/// What the grant paid, net, before `voided_at`: over its whole life, if it ends there.
fn paid_before(account: &mut Account, id: Uuid, voided_at: Time) -> Result<Amount> {
    let record = (account.grants.iter_mut())
        .find(|record| record.id() == id)
        .expect("the grant is of this account");
    record.grant.voided_at = Some(voided_at);
    let which = Which::WithId(record.feature_id);
    let mut paid = Amount::ZERO;
    for Measured { timeline, usage, .. } in account.measure(which, voided_at, &[])? {
        let outcome = replay(&timeline, &usage, None);
        paid = outcome.grant(id.as_u128()).map_or(Amount::ZERO, |grant| grant.paid);
    }
    Ok(paid)
}

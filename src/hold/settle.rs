//! `credit_settle` and `credit_release`.

use super::record::{End, Hold, ReleaseRow, Settlement, State};
use crate::account::Account;
use crate::arguments;
use crate::convert::json::{Json, StringMap};
use crate::convert::numeric::Numeric;
use crate::error::{Error, Result, or_raise, required};
use crate::ids;
use crate::ingest::Interner;
use crate::ledger::Ledger;
use crate::measure::Which;
use crate::queries;
use crate::rights::as_owner;
use crate::settings::namespace_or_default;
use crate::snapshot;
use crate::spend::{Answer, Settled, Spend, SpendRow, Tally, checked_overdraft};
use crate::spi::{Session, session, with_fresh_snapshot};
use credit_engine::{Amount, Time};
use pgrx::prelude::*;
use uuid::Uuid;

/// The arguments of `credit_settle`.
struct Request {
    amount: Amount,
    overdraft: Amount,
    metadata: Option<StringMap>,
}

/// `credit_settle`: turns a hold into usage at the time of the hold.
#[pg_extern(sql = false)]
fn credit_settle(
    hold_id: Option<pgrx::Uuid>,
    amount: Option<Numeric>,
    overdraft: Option<Numeric>,
    metadata: Option<Json<'_>>,
    namespace: Option<&str>,
) -> SpendRow {
    or_raise(|| {
        let hold_id = ids::from_sql(required(hold_id, "hold_id")?);
        let amount = required(amount, "amount")?.entered("amount")?;
        if amount.is_negative() {
            let detail = format!("It is {amount}.");
            return Err(Error::out_of_range("\"amount\" must not be negative", detail)
                .hint("Give 0 for nothing; refund with credit_consume."));
        }
        let request = Request {
            amount,
            overdraft: checked_overdraft(required(overdraft, "overdraft")?.entered("overdraft")?)?,
            metadata: metadata.map(|given| given.string_map("metadata")).transpose()?,
        };
        with_locked_hold(hold_id, namespace, |session, account, hold, at| {
            settle(session, account, hold, at, &request)
        })
    })
}

/// `credit_release`: ends a hold that comes to nothing.
#[pg_extern(sql = false)]
fn credit_release(hold_id: Option<pgrx::Uuid>, namespace: Option<&str>) -> ReleaseRow {
    or_raise(|| {
        let hold_id = ids::from_sql(required(hold_id, "hold_id")?);
        with_locked_hold(hold_id, namespace, release)
    })
}

/// Runs `body` with a hold and its account at a time taken after the lock.
fn with_locked_hold<T>(
    hold_id: Uuid,
    namespace: Option<&str>,
    body: impl FnOnce(&Session, &Account, &Hold, Time) -> Result<T>,
) -> Result<T> {
    let namespace = namespace_or_default(namespace)?;
    session(|session| {
        let ledger = with_fresh_snapshot(|| ledger_of_hold(session, hold_id, &namespace))?;
        as_owner(|| {
            ledger.lock(session)?;
            with_fresh_snapshot(|| {
                let rows = session.read(&queries::HOLD, arguments![hold_id]);
                let hold = rows.first().map(|row| Hold::from_row(&row));
                let hold = hold.ok_or_else(|| Error::hold_not_found(hold_id, &namespace))?;
                let account = Account::load(ledger);
                let at = account.now();
                body(session, &account, &hold, at)
            })
        })
    })
}

/// The ledger of a hold, found as the caller.
///
/// # Errors
/// UC005 where there is no such hold, or the caller does not see its ledger.
fn ledger_of_hold(session: &Session, id: Uuid, namespace: &str) -> Result<Ledger> {
    let rows = as_owner(|| session.read(&queries::LEDGER_OF_HOLD, arguments![id]));
    (rows.first())
        .and_then(|row| Ledger::find_by_id(session, row.uuid(), namespace))
        .ok_or_else(|| Error::hold_not_found(id, namespace))
}

/// What is held becomes usage at the time of the hold, what is more is spent now: so no instant in
/// between has less than was told then.
fn settle(
    session: &Session,
    account: &Account,
    hold: &Hold,
    at: Time,
    request: &Request,
) -> Result<SpendRow> {
    if let Some(End { settlement: Some(settlement), .. }) = &hold.end
        && let Some(answer) = first_answer(session, *settlement, request)
    {
        return Ok(SpendRow { answer, replayed: true });
    }
    hold.require_open(at)?;
    let settled = Settled { id: hold.id, held_at: hold.held_at };
    let mut tally = Tally::read(account, Which::WithId(hold.feature_id), at, Some(settled))?;
    let within = request.amount.min(hold.amount);
    let excess = request.amount - within;
    if request.amount != hold.amount {
        check_count(session, account, &tally.feature().meter_slug, request.amount)?;
    }
    if excess.is_positive() {
        let available = tally.available();
        if excess > available + request.overdraft {
            let (subject, feature) = (&account.ledger.subject, &tally.feature().name);
            let amounts = (excess, available, request.overdraft);
            return Err(
                Error::insufficient_credit(subject, feature, amounts).of_hold(hold.id, hold.amount)
            );
        }
    }

    let spend = |burned, amount, occurred_at, tally: &Tally| Spend {
        answer: Answer {
            spend_id: new_id(&account.ledger),
            amount,
            balance: tally.balance(),
            available: tally.available(),
            burned,
            occurred_at,
        },
        ledger_id: hold.ledger_id,
        feature_id: hold.feature_id,
        requested: amount,
        stream_id: hold.stream_id,
        dims_id: hold.dims_id,
        metadata: request.metadata.clone().unwrap_or_else(|| hold.metadata.clone()),
        hold_id: Some(hold.id),
        created_at: at,
    };
    let burned = tally.settle(account, settled, within)?;
    let first = spend(burned, within, hold.held_at, &tally);
    first.insert(session);
    snapshot::wrote_after(hold.stream_id, tally.feature().id, tally.tail_events());
    let second = if excess.is_positive() {
        let burned = tally.burn(excess)?;
        let second = spend(burned, excess, at, &tally);
        second.insert(session);
        Some(second.answer)
    } else {
        None
    };
    let settlement = Settlement {
        amount: request.amount,
        spend_id: first.answer.spend_id,
        excess_id: second.as_ref().map(|answer| answer.spend_id),
    };
    hold.insert_end(session, &End { settlement: Some(settlement), at });
    account.holds.write_list(session, hold.ledger_id, at);
    Ok(SpendRow { answer: together(first.answer, second), replayed: false })
}

/// Refuses what is no event on a COUNT meter, where a hold is of one.
fn check_count(session: &Session, account: &Account, slug: &str, amount: Amount) -> Result<()> {
    let meter = Interner::new(session, &account.ledger.namespace).meter(slug)?;
    if meter.is_count && ![0, 1, 2].map(Amount::whole).contains(&amount) {
        let message = format!("\"amount\" must be 0, 1 or 2 on the COUNT meter \"{slug}\"");
        return Err(Error::bad_argument(message, format!("It is {amount}."))
            .hint("Give 1 for the event that is held, 0 for none, 2 for another one now."));
    }
    Ok(())
}

fn new_id(ledger: &Ledger) -> Uuid {
    ids::new_uuid(ids::subject_hash(&ledger.namespace, &ledger.subject))
}

/// The answer of a settlement: that of its spend, or of both.
fn together(first: Answer, second: Option<Answer>) -> Answer {
    let Some(second) = second else { return first };
    Answer {
        amount: first.amount + second.amount,
        burned: first.burned.and(&second.burned),
        balance: second.balance,
        available: second.available,
        ..first
    }
}

/// What the same call answered before; `None` where the call is another one.
fn first_answer(session: &Session, settlement: Settlement, request: &Request) -> Option<Answer> {
    let ids: Vec<Uuid> =
        [Some(settlement.spend_id), settlement.excess_id].into_iter().flatten().collect();
    let rows = session.read(&queries::SPENDS, arguments![ids]);
    let mut spends = rows.iter().map(|row| (Answer::from_columns(&row), row.string_map()));
    let (first, metadata) = spends.next()?;
    let is_same = request.amount == settlement.amount
        && request.metadata.as_ref().is_none_or(|given| *given == metadata);
    is_same.then(|| together(first, spends.next().map(|(answer, _)| answer)))
}

/// Writes the end of a hold that comes to nothing, or answers a replay.
fn release(session: &Session, account: &Account, hold: &Hold, at: Time) -> Result<ReleaseRow> {
    let row = |released_at, replayed| ReleaseRow {
        hold_id: hold.id,
        amount: hold.amount,
        released_at,
        replayed,
    };
    if let (State::Released, Some(end)) = (hold.state(at), &hold.end) {
        return Ok(row(end.at, true));
    }
    hold.require_open(at)?;
    hold.insert_end(session, &End { settlement: None, at });
    account.holds.write_list(session, hold.ledger_id, at);
    Ok(row(at, false))
}

//! `credit_reserve`.

use crate::arguments;
use crate::convert::interval;
use crate::convert::json::Json;
use crate::convert::numeric::Numeric;
use crate::error::{Error, Result, or_raise, required};
use crate::ids;
use crate::ledger::Ledger;
use crate::queries;
use crate::rights::as_owner;
use crate::spend::{Desk, Request};
use crate::spi::{Row, Session, session, with_fresh_snapshot};
use credit_engine::Time;
use pgrx::datum::Interval;
use pgrx::prelude::*;
use uuid::Uuid;

/// `credit_reserve`: locks the ledger, checks, and writes a hold.
#[allow(clippy::too_many_arguments)]
#[pg_extern(sql = false)]
fn credit_reserve(
    ledger: Option<&str>,
    feature: Option<&str>,
    amount: Option<Numeric>,
    expires_in: Option<Interval>,
    idempotency_key: Option<&str>,
    dimensions: Option<Json<'_>>,
    overdraft: Option<Numeric>,
    metadata: Option<Json<'_>>,
    namespace: Option<&str>,
) -> pgrx::Uuid {
    or_raise(|| {
        let request =
            Request::new(feature, amount, idempotency_key, dimensions, overdraft, metadata)?;
        if !request.amount.is_positive() {
            let detail = format!("It is {}.", request.amount);
            return Err(Error::out_of_range("\"amount\" must be positive", detail)
                .hint("Hold the most that the spend can come to."));
        }
        let expires_in = required(expires_in, "expires_in")?;
        session(|session| {
            let ledger = Ledger::find_for_change(session, ledger, namespace)?;
            as_owner(|| {
                ledger.lock(session)?;
                let id = with_fresh_snapshot(|| reserve(session, ledger, &request, &expires_in))?;
                Ok(ids::to_sql(id))
            })
        })
    })
}

/// Writes the hold, or answers a replay; the ledger is locked.
fn reserve(
    session: &Session,
    ledger: Ledger,
    request: &Request,
    expires_in: &Interval,
) -> Result<Uuid> {
    let read = |row: &Row| (row.uuid(), row.time(), row.time());
    if let Some(first) = request.find_replay(session, &ledger, &queries::HOLD_OF_KEY, read)? {
        return check_replay(request, first, expires_in);
    }
    let mut desk = Desk::open(session, ledger)?;
    let order = desk.order(request)?;
    let amount = desk.covered(&order)?;
    let (at, ledger_id, feature_id) = (desk.at, desk.account.ledger.id, order.feature.id);
    let expires_at = interval::after(at, expires_in, "expires_in")?;
    let id = desk.take_id(request, &queries::HOLD_OF_KEY)?;
    let (stream_id, dims_id) = desk.intern(&order)?;
    let metadata = request.metadata.clone().unwrap_or_default();
    session.write(
        &queries::INSERT_HOLD,
        arguments![id, ledger_id, feature_id, amount, at, expires_at, stream_id, dims_id, metadata],
    );
    desk.close();
    Ok(id)
}

/// The first answer, if the hold was to last as long.
fn check_replay(
    request: &Request,
    (id, held_at, expires_at): (Uuid, Time, Time),
    expires_in: &Interval,
) -> Result<Uuid> {
    if interval::after(held_at, expires_in, "expires_in")? == expires_at {
        return Ok(id);
    }
    let key = request.key.as_deref().unwrap_or_default();
    Err(Error::idempotency_conflict(key, "expires_in"))
}

//! `credit_consume` and `credit_try_consume`.

use super::desk::{Attempt, spend};
use super::request::Request;
use super::row::{SpendRow, TrySpendRow};
use crate::convert::json::Json;
use crate::convert::numeric::Numeric;
use crate::error::{Result, or_raise, required};
use crate::ledger::Ledger;
use crate::rights::as_owner;
use crate::spi::{session, with_fresh_snapshot};
use pgrx::prelude::*;

/// `credit_consume`: spends, or raises that there is not enough.
#[allow(clippy::too_many_arguments)]
#[pg_extern(sql = false)]
fn credit_consume(
    ledger: Option<&str>,
    feature: Option<&str>,
    amount: Option<Numeric>,
    idempotency_key: Option<&str>,
    dimensions: Option<Json<'_>>,
    overdraft: Option<Numeric>,
    metadata: Option<Json<'_>>,
    namespace: Option<&str>,
) -> SpendRow {
    or_raise(|| {
        let request =
            Request::new(feature, amount, idempotency_key, dimensions, overdraft, metadata)?;
        match consume(ledger, namespace, &request)? {
            Attempt::Spent(row) => Ok(row),
            Attempt::Refused { error, .. } => Err(error),
        }
    })
}

/// `credit_try_consume`: spends, or answers that there is not enough.
#[allow(clippy::too_many_arguments)]
#[pg_extern(sql = false)]
fn credit_try_consume(
    ledger: Option<&str>,
    feature: Option<&str>,
    amount: Option<Numeric>,
    idempotency_key: Option<&str>,
    dimensions: Option<Json<'_>>,
    overdraft: Option<Numeric>,
    metadata: Option<Json<'_>>,
    partial: Option<bool>,
    namespace: Option<&str>,
) -> TrySpendRow {
    or_raise(|| {
        let mut request =
            Request::new(feature, amount, idempotency_key, dimensions, overdraft, metadata)?;
        request.partial = required(partial, "partial")?;
        Ok(match consume(ledger, namespace, &request)? {
            Attempt::Spent(row) => TrySpendRow::Allowed(row),
            Attempt::Refused { balance, available, .. } => {
                TrySpendRow::Refused { balance, available }
            }
        })
    })
}

/// Locks the ledger and spends.
fn consume(ledger: Option<&str>, namespace: Option<&str>, request: &Request) -> Result<Attempt> {
    request.check_permitted()?;
    session(|session| {
        let ledger = Ledger::find_for_change(session, ledger, namespace)?;
        as_owner(|| {
            ledger.lock(session)?;
            with_fresh_snapshot(|| spend(session, ledger, request))
        })
    })
}

//! `credit_reset`: the end of a usage period.

use crate::account::{Account, ResetRecord};
use crate::arguments;
use crate::convert::time;
use crate::document::{GrantDocument, ResetAnswer, to_jsonb};
use crate::error::{Error, Result, or_raise, required};
use crate::grant::{self, GrantRecord};
use crate::idempotency::{self, Scope};
use crate::ids;
use crate::ledger::Ledger;
use crate::queries;
use crate::rights::as_owner;
use crate::settings::check_name;
use crate::spi::{Session, session, with_fresh_snapshot};
use credit_engine::{Grant, Time, children_of_reset};
use pgrx::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The arguments as they were given, each checked by itself.
struct Request {
    effective_at: Option<Time>,
    preserve_overage: bool,
    key: Option<String>,
}

/// `credit_reset`: locks the ledger, checks, and writes the reset with the identities of children.
#[pg_extern(sql = false)]
fn credit_reset(
    ledger: Option<&str>,
    effective_at: Option<TimestampWithTimeZone>,
    preserve_overage: Option<bool>,
    idempotency_key: Option<&str>,
    namespace: Option<&str>,
) -> pgrx::JsonB {
    let answer = or_raise(|| {
        if let Some(key) = idempotency_key {
            check_name(key, "idempotency_key")?;
        }
        let request = Request {
            effective_at: effective_at.map(|at| time::entered(at, "effective_at")).transpose()?,
            preserve_overage: required(preserve_overage, "preserve_overage")?,
            key: idempotency_key.map(str::to_owned),
        };
        session(|session| {
            let ledger = Ledger::find_for_change(session, ledger, namespace)?;
            as_owner(|| {
                ledger.lock(session)?;
                reset(session, ledger, &request)
            })
        })
    });
    to_jsonb(&answer)
}

/// Resets, or answers a replay; the ledger is locked.
fn reset(session: &Session, ledger: Ledger, request: &Request) -> Result<ResetAnswer> {
    let account = with_fresh_snapshot(|| Account::load(ledger));
    let namespace = account.ledger.namespace.as_str();
    if let Some(key) = &request.key
        && let Some(first) = idempotency::find(session, namespace, Scope::Reset, key)
    {
        return with_fresh_snapshot(|| replay_of(&account, &first, request, key));
    }
    let now = account.now();
    let at = request.effective_at.unwrap_or(now);
    let (subject, watermark) = (&account.ledger.subject, account.high_watermark());
    if let Some(last) = account.resets.last()
        && last.reset.at == at
    {
        if last.reset.preserve_overage != request.preserve_overage {
            return Err(Error::other_reset(at, subject, watermark));
        }
        return with_fresh_snapshot(|| answer(&account, last, true));
    }
    if watermark.closes(at) {
        return Err(Error::not_after_high_watermark(at, subject, watermark));
    }
    refuse_future(at, now)?;
    let id = ids::new_uuid(ids::subject_hash(namespace, subject));
    if let Some(key) = &request.key {
        let time_given = request.effective_at.is_some();
        let taken = idempotency::take(session, namespace, Scope::Reset, key, id, time_given);
        if let Some(first) = taken {
            return with_fresh_snapshot(|| replay_of(&account, &first, request, key));
        }
    }
    write(session, &account, id, at, request.preserve_overage, now);
    let account = with_fresh_snapshot(|| Account::load(account.ledger));
    let last = *account.resets.last().expect("the reset has just been written");
    with_fresh_snapshot(|| answer(&account, &last, false))
}

/// # Errors
/// 22023.
pub fn refuse_future(at: Time, now: Time) -> Result<()> {
    if at <= now {
        return Ok(());
    }
    Err(Error::bad_argument(
        "\"effective_at\" must not be in the future",
        format!("It is {at}, now is {now}."),
    ))
}

/// Writes a reset and the identities of its children.
pub fn write(
    session: &Session,
    account: &Account,
    id: Uuid,
    at: Time,
    preserve_overage: bool,
    now: Time,
) {
    let ledger = account.ledger.id;
    session.write(&queries::INSERT_RESET, arguments![id, ledger, at, preserve_overage, now]);
    for child in children(account, id, at) {
        grant::insert(session, ledger, &child);
    }
}

/// The identities of the children that a reset gives, for every grant that could roll over.
fn children(account: &Account, reset: Uuid, at: Time) -> Vec<GrantRecord> {
    let children = (account.granted_features().into_iter())
        .flat_map(|feature| children_of_reset(&account.facts(feature), at));
    children
        .map(|child| {
            let parent = Uuid::from_u128(child.parent);
            let record = account.grant(parent).expect("a child's parent is of this account");
            GrantRecord {
                grant: Grant {
                    id: ids::child_uuid(parent, reset).as_u128(),
                    parent: Some(child.parent),
                    created_at: at,
                    effective_at: at,
                    expires_at: child.expires_at,
                    voided_at: None,
                    ..record.grant.clone()
                },
                reset_id: Some(reset),
                void_recorded_at: None,
                xid: GrantRecord::NOT_WRITTEN,
                void_xid: None,
                ..record.clone()
            }
        })
        .collect()
}

/// The first answer to a key, after its arguments were compared with what was stored.
fn replay_of(
    account: &Account,
    first: &idempotency::Taken,
    request: &Request,
    key: &str,
) -> Result<ResetAnswer> {
    let conflict = |argument| Err(Error::idempotency_conflict(key, argument));
    let stored = account.resets.iter().find(|record| record.reset.id == first.row.as_u128());
    let Some(stored) = stored else { return conflict("ledger") };
    let given = request.effective_at.filter(|_| first.time_given);
    if !idempotency::compare(given, Some(stored.reset.at)) {
        return conflict("effective_at");
    }
    if stored.reset.preserve_overage != request.preserve_overage {
        return conflict("preserve_overage");
    }
    answer(account, stored, true)
}

/// The reset with the grants that rolled over into it, as they are now.
fn answer(account: &Account, record: &ResetRecord, replayed: bool) -> Result<ResetAnswer> {
    let reset = record.reset;
    let id = Uuid::from_u128(reset.id);
    let is_child = |record: &&GrantRecord| record.reset_id == Some(id);
    let features: BTreeSet<Uuid> =
        account.grants.iter().filter(is_child).map(|child| child.feature_id).collect();
    let derived = grant::derive_grants(account, &features, reset.at, |record| is_child(&record))?;
    let grants = (derived.iter().filter(|derived| !derived.amount.is_zero()))
        .filter_map(|derived| {
            let child = account.grant(derived.id).filter(is_child)?;
            Some(GrantDocument::new(&account.ledger, child, derived, reset.at))
        })
        .collect();
    Ok(ResetAnswer::new(&account.ledger, record, grants, replayed))
}

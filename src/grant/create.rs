//! `credit_create_grant`.

use super::request::{Request, checked_priority, checked_rollover, grant_without_feature};
use super::{GrantRecord, GrantRow, derive_grants, find_derived, rollover_name};
use crate::account::Account;
use crate::arguments;
use crate::convert::json::Json;
use crate::convert::{interval, numeric::Numeric, time};
use crate::error::{Error, Result, or_raise, required};
use crate::feature::{Feature, require_active};
use crate::idempotency::{self, Scope, compare};
use crate::ids;
use crate::ledger::Ledger;
use crate::queries;
use crate::rights::as_owner;
use crate::spi::{Session, session, with_fresh_snapshot};
use credit_engine::{Facts, Grant, MAX_POINTS, Period, Rollover, Time};
use pgrx::datum::Interval;
use pgrx::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// `credit_create_grant`: locks the ledger, checks, and writes a grant.
#[allow(clippy::too_many_arguments)]
#[pg_extern(sql = false)]
fn credit_create_grant(
    ledger: Option<&str>,
    feature: Option<&str>,
    amount: Option<Numeric>,
    priority: Option<i32>,
    effective_at: Option<TimestampWithTimeZone>,
    expires_after: Option<Interval>,
    expires_at: Option<TimestampWithTimeZone>,
    rollover_type: Option<&str>,
    rollover_max_amount: Option<Numeric>,
    recurs_every: Option<Interval>,
    recurrence_anchor: Option<TimestampWithTimeZone>,
    metadata: Option<Json<'_>>,
    idempotency_key: Option<&str>,
    namespace: Option<&str>,
) -> GrantRow {
    or_raise(|| {
        let time = |at: Option<_>, name| at.map(|at| time::entered(at, name)).transpose();
        let period =
            |given: Option<Interval>, name| given.map(|given| interval::entered(&given, name));
        let metadata = metadata.map(|metadata| metadata.string_map("metadata"));
        let request = Request {
            amount: required(amount, "amount")?.entered("amount")?,
            priority: priority.map(checked_priority).transpose()?,
            effective_at: time(effective_at, "effective_at")?,
            expiration: period(expires_after, "expires_after").transpose()?,
            expires_at: time(expires_at, "expires_at")?,
            rollover: checked_rollover(rollover_type, rollover_max_amount)?,
            interval: period(recurs_every, "recurs_every").transpose()?,
            anchor: time(recurrence_anchor, "recurrence_anchor")?,
            metadata: metadata.transpose()?,
            key: idempotency_key.map(str::to_owned),
        };
        request.check()?;
        let feature = feature.ok_or_else(grant_without_feature)?;
        session(|session| {
            let ledger = Ledger::find_for_change(session, ledger, namespace)?;
            as_owner(|| {
                let found =
                    with_fresh_snapshot(|| Feature::find(Some(feature), &ledger.namespace))?;
                ledger.lock(session)?;
                with_fresh_snapshot(|| create(session, ledger, feature, found.id, &request))
            })
        })
    })
}

/// Writes the grant, or answers a replay; the ledger is locked.
fn create(
    session: &Session,
    ledger: Ledger,
    feature: &str,
    feature_id: Uuid,
    request: &Request,
) -> Result<GrantRow> {
    let namespace = ledger.namespace.clone();
    let hash = ids::subject_hash(&namespace, &ledger.subject);
    let id = ids::new_uuid(hash);
    if let Some(key) = &request.key {
        let time_given = request.effective_at.is_some();
        let taken = idempotency::take(session, &namespace, Scope::Grant, key, id, time_given);
        if let Some(first) = taken {
            let account = Account::load(ledger);
            return replay_of(&account, feature_id, &first, request, key);
        }
    }
    require_active(session, feature_id, feature, &namespace)?;
    let account = Account::load(ledger);
    let now = account.now();
    let grant = request.to_grant(id, now)?;
    let watermark = account.high_watermark();
    if grant.effective_at < watermark.at {
        return Err(Error::before_high_watermark(
            grant.effective_at,
            &account.ledger.subject,
            watermark,
        ));
    }
    refuse_endless_refills(&account, feature_id, &grant, now)?;
    let record = GrantRecord {
        grant,
        feature_id,
        reset_id: None,
        metadata: request.metadata.clone().unwrap_or_default(),
        void_recorded_at: None,
        xid: GrantRecord::NOT_WRITTEN,
        void_xid: None,
    };
    insert(session, account.ledger.id, &record);
    Ok(GrantRow::new(&account, &record, None))
}

/// Refuses a recurrence that fills a good part of what a read can compute by now already: no later
/// call could read the ledger, nor void the grant.
fn refuse_endless_refills(
    account: &Account,
    feature_id: Uuid,
    grant: &Grant,
    now: Time,
) -> Result<()> {
    let Some(recurrence) = grant.recurrence else { return Ok(()) };
    let points = |facts: &Facts| {
        account.timeline_of(feature_id, facts, now, &[]).map(|timeline| timeline.points())
    };
    let mut facts = account.facts(feature_id);
    let before = points(&facts).unwrap_or(MAX_POINTS);
    facts.grants.push(grant.clone());
    let after = points(&facts).unwrap_or(usize::MAX);
    let most_added = MAX_POINTS / 20;
    if after <= MAX_POINTS / 2 && after - before <= most_added {
        return Ok(());
    }
    Err(Error::bad_argument(
        "\"recurs_every\" is too short for a grant so old",
        format!(
            "Every {} {} from {} on, it would add more than {most_added} phases by now.",
            recurrence.interval.count(),
            recurrence.interval.unit().name(),
            grant.effective_at,
        ),
    )
    .hint("Give a longer interval or a later \"effective_at\"."))
}

/// Writes the row of a grant; a child's amount is not stored, as it is derived.
pub fn insert(session: &Session, ledger_id: Uuid, record: &GrantRecord) {
    let grant = &record.grant;
    let count = |period: Period| i32::try_from(period.count()).expect("a count is small");
    let interval = grant.recurrence.map(|recurrence| recurrence.interval);
    let amount = grant.parent.is_none().then_some(grant.amount);
    session.write(
        &queries::INSERT_GRANT,
        arguments![
            record.id(),
            ledger_id,
            record.feature_id,
            grant.parent.map(Uuid::from_u128),
            record.reset_id,
            amount,
            i16::from(grant.priority),
            grant.effective_at,
            grant.expires_at,
            grant.expiration.map(count),
            grant.expiration.map(|period| period.unit().name()),
            grant.rollover.map(|rollover| rollover_name(rollover.kind)),
            grant.rollover.and_then(|rollover| rollover.max_amount),
            interval.map(count),
            interval.map(|period| period.unit().name()),
            grant.recurrence.map(|recurrence| recurrence.anchor),
            record.metadata,
            grant.created_at,
        ],
    );
}

/// The first answer to a key, after its arguments were compared with what was stored.
fn replay_of(
    account: &Account,
    feature_id: Uuid,
    first: &idempotency::Taken,
    request: &Request,
    key: &str,
) -> Result<GrantRow> {
    let conflict = |argument| Error::idempotency_conflict(key, argument);
    let record = account.grant(first.row).ok_or_else(|| conflict("ledger"))?;
    let grant = &record.grant;
    let check = |same: bool, argument| if same { Ok(()) } else { Err(conflict(argument)) };
    check(record.feature_id == feature_id, "feature")?;
    check(grant.amount == request.amount, "amount")?;
    check(compare(request.priority, Some(grant.priority)), "priority")?;
    let effective_at = request.effective_at.filter(|_| first.time_given);
    check(compare(effective_at, Some(grant.effective_at)), "effective_at")?;
    check(compare(request.expiration, grant.expiration), "expires_after")?;
    check(compare(request.expires_at, grant.expires_at), "expires_at")?;
    let kind = |rollover: Option<Rollover>| rollover.map(|rollover| rollover.kind);
    let cap = |rollover: Option<Rollover>| rollover.and_then(|rollover| rollover.max_amount);
    check(compare(kind(request.rollover), kind(grant.rollover)), "rollover_type")?;
    check(compare(cap(request.rollover), cap(grant.rollover)), "rollover_max_amount")?;
    let stored = grant.recurrence;
    check(compare(request.interval, stored.map(|stored| stored.interval)), "recurs_every")?;
    // An anchor at a defaulted time was defaulted with it.
    let anchor_given =
        first.time_given || stored.is_none_or(|stored| stored.anchor != grant.effective_at);
    let anchor = request.anchor.filter(|_| anchor_given);
    check(compare(anchor, stored.map(|stored| stored.anchor)), "recurrence_anchor")?;
    let metadata = request.metadata.as_ref();
    check(compare(metadata, Some(&record.metadata)), "metadata")?;
    let features = BTreeSet::from([feature_id]);
    let derived = derive_grants(account, &features, Time::MIN, |other| other.id() == record.id())?;
    Ok(GrantRow::new(account, record, find_derived(&derived, record.id())))
}

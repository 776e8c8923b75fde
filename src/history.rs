//! `credit_history`.

use crate::account::Account;
use crate::convert::{numeric::Numeric, time};
use crate::error::{Error, Result, or_raise};
use crate::ids;
use crate::ledger::Ledger;
use crate::measure::Which;
use crate::page::Page;
use crate::rights::as_owner;
use crate::spi::{Session, session};
use credit_engine::{Entry, Id, Kind, Time, Timeline, Unit, Window, replay};
use pgrx::prelude::*;
use uuid::Uuid;

/// The granularity of an argument.
///
/// # Errors
/// 22023.
pub fn checked_granularity(granularity: Option<&str>) -> Result<Option<Unit>> {
    let Some(name) = granularity else { return Ok(None) };
    match Unit::from_name(name) {
        Some(unit) if unit != Unit::Year => Ok(Some(unit)),
        _ => Err(Error::unknown_choice("granularity", name, "HOUR, DAY, WEEK, MONTH")),
    }
}

/// The ends of a window and the calendar boundaries inside it, in order.
///
/// # Errors
/// 54000.
pub fn cuts(window: Window, granularity: Option<Unit>) -> Result<Vec<Time>> {
    let mut cuts = vec![window.from];
    if let Some(unit) = granularity {
        let inside = Timeline::calendar_cuts(unit, window.from, window.to);
        cuts.extend(inside.map_err(|_| Error::too_many_phases())?);
    }
    cuts.push(window.to);
    Ok(cuts)
}

/// An entry with the feature it belongs to; a reset's marker belongs to none.
struct Row {
    feature: Option<Id>,
    entry: Entry,
    /// A marker has no running totals.
    is_marker: bool,
}

fn rows(
    session: &Session,
    account: &Account,
    window: Window,
    granularity: Option<Unit>,
) -> Result<Vec<Row>> {
    let cuts = cuts(window, granularity)?;
    let mut rows: Vec<Row> = markers(account, window).collect();
    for measured in account.measure(session, Which::All, window.to, &cuts)? {
        let outcome = replay(&measured.timeline, &measured.usage, Some(window));
        let feature = Some(measured.feature.id.as_u128());
        let entries = outcome.entries.into_iter();
        rows.extend(entries.map(|entry| Row { feature, entry, is_marker: false }));
    }
    // Stable: inside of one step, a feature's entries keep the engine's order.
    rows.sort_by_key(|row| (row.entry.at, row.entry.stage, row.feature));
    Ok(rows)
}

/// One row a reset, whatever it did.
fn markers(account: &Account, window: Window) -> impl Iterator<Item = Row> {
    let zero = credit_engine::Amount::ZERO;
    (account.resets.iter().map(|record| record.reset))
        .filter(move |reset| window.from <= reset.at && reset.at < window.to)
        .map(move |reset| Row {
            feature: None,
            entry: Entry {
                at: reset.at,
                stage: Entry::RESET_STAGE,
                kind: Kind::Reset,
                grant: None,
                reset: Some(reset.id),
                amount: zero,
                balance_after: zero,
                overage: zero,
                overage_after: zero,
                period: None,
            },
            is_marker: true,
        })
}

/// `credit_history`: what happened to the credit of a ledger.
#[allow(clippy::too_many_arguments, clippy::type_complexity)]
#[pg_extern(sql = false)]
fn credit_history(
    ledger: Option<&str>,
    from_time: Option<TimestampWithTimeZone>,
    to_time: Option<TimestampWithTimeZone>,
    row_limit: Option<i32>,
    row_offset: Option<i32>,
    granularity: Option<&str>,
    namespace: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(at, TimestampWithTimeZone),
        name!(type_, &'static str),
        name!(grant_id, Option<pgrx::Uuid>),
        name!(reset_id, Option<pgrx::Uuid>),
        name!(feature_id, Option<pgrx::Uuid>),
        name!(amount, Numeric),
        name!(balance_after, Option<Numeric>),
        name!(overage, Numeric),
        name!(overage_after, Option<Numeric>),
        name!(period_from, Option<TimestampWithTimeZone>),
        name!(period_to, Option<TimestampWithTimeZone>),
    ),
> {
    let page = or_raise(|| {
        let page = Page::new(row_limit, row_offset)?;
        let granularity = checked_granularity(granularity)?;
        session(|session| {
            let ledger = Ledger::find(session, ledger, namespace)?;
            as_owner(|| {
                let account = Account::load(ledger);
                let window = account.window_of_read(from_time, to_time)?;
                Ok(page.of(rows(session, &account, window, granularity)?))
            })
        })
    });
    let uuid = |id: Id| ids::to_sql(Uuid::from_u128(id));
    TableIterator::new(page.map(move |Row { feature, entry, is_marker }| {
        let total = |amount| (!is_marker).then(|| Numeric::from(amount));
        (
            time::to_sql(entry.at),
            entry.kind.name(),
            entry.grant.map(uuid),
            entry.reset.map(uuid),
            feature.map(uuid),
            entry.amount.into(),
            total(entry.balance_after),
            entry.overage.into(),
            total(entry.overage_after),
            entry.period.map(|(from, _)| time::to_sql(from)),
            entry.period.map(|(_, to)| time::to_sql(to)),
        )
    }))
}

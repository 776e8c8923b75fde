//! `credit_get_grant` and `credit_list_grants`.

use super::{GrantRecord, GrantRow, derive_grants, find_derived};
use crate::account::{Account, ResetRecord};
use crate::arguments;
use crate::convert::time;
use crate::error::{Error, Result, or_raise, required};
use crate::ids;
use crate::ledger::Ledger;
use crate::page::Page;
use crate::queries;
use crate::rights::as_owner;
use crate::settings::namespace_or_default;
use crate::spi::{Session, session};
use credit_engine::Time;
use pgrx::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The ledger of a grant, found as the caller.
///
/// # Errors
/// UC003 where there is no such grant, or the caller does not see its ledger.
pub fn ledger_of_grant(session: &Session, id: Uuid, namespace: &str) -> Result<Ledger> {
    let rows = as_owner(|| session.read(&queries::LEDGER_OF_GRANT, arguments![id]));
    (rows.first())
        .and_then(|row| Ledger::find_by_id(session, row.uuid(), namespace))
        .ok_or_else(|| Error::grant_not_found(id, namespace))
}

/// `credit_get_grant`.
#[pg_extern(sql = false)]
fn credit_get_grant(grant_id: Option<pgrx::Uuid>, namespace: Option<&str>) -> GrantRow {
    or_raise(|| {
        let id = ids::from_sql(required(grant_id, "grant_id")?);
        let namespace = namespace_or_default(namespace)?;
        session(|session| {
            let ledger = ledger_of_grant(session, id, &namespace)?;
            as_owner(|| {
                let account = Account::load(ledger);
                let record =
                    account.grant(id).ok_or_else(|| Error::grant_not_found(id, &namespace))?;
                let features = BTreeSet::from([record.feature_id]);
                let wanted = |record: &GrantRecord| record.id() == id;
                let derived = derive_grants(session, &account, &features, Time::MIN, wanted)?;
                Ok(GrantRow::new(&account, record, find_derived(&derived, id)))
            })
        })
    })
}

/// `credit_list_grants`.
#[allow(clippy::too_many_arguments)]
#[pg_extern(sql = false)]
fn credit_list_grants(
    ledgers: Option<Vec<Option<String>>>,
    from_time: Option<TimestampWithTimeZone>,
    to_time: Option<TimestampWithTimeZone>,
    from_high_watermark: Option<bool>,
    include_void: Option<bool>,
    row_limit: Option<i32>,
    row_offset: Option<i32>,
    namespace: Option<&str>,
) -> SetOfIterator<'static, GrantRow> {
    let rows = or_raise(|| {
        let page = Page::new(row_limit, row_offset)?;
        let from = from_time.map(|at| time::entered(at, "from_time")).transpose()?;
        let to = to_time.map(|at| time::entered(at, "to_time")).transpose()?;
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Error::empty_window(from, to));
        }
        let filter = Filter {
            from,
            to,
            from_high_watermark: required(from_high_watermark, "from_high_watermark")?,
            include_void: required(include_void, "include_void")?,
        };
        session(|session| {
            let mut rows = Vec::new();
            for ledger in named_ledgers(session, ledgers, namespace)? {
                as_owner(|| filter.list(session, ledger, &mut rows))?;
            }
            rows.sort_by_key(|row| (row.record.grant.created_at, row.record.grant.id));
            Ok(page.of(rows))
        })
    });
    SetOfIterator::new(rows)
}

/// The ledgers of an argument, each once, or all that the caller sees.
fn named_ledgers(
    session: &Session,
    names: Option<Vec<Option<String>>>,
    namespace: Option<&str>,
) -> Result<Vec<Ledger>> {
    let Some(names) = names else {
        return Ok(Ledger::all(session, &namespace_or_default(namespace)?));
    };
    let mut ledgers: Vec<Ledger> = Vec::new();
    for name in names {
        let ledger = Ledger::find(session, name.as_deref(), namespace)?;
        if ledgers.iter().all(|other| other.id != ledger.id) {
            ledgers.push(ledger);
        }
    }
    Ok(ledgers)
}

/// Which grants are listed: those active at some time of the window, void or not.
struct Filter {
    from: Option<Time>,
    to: Option<Time>,
    from_high_watermark: bool,
    include_void: bool,
}

impl Filter {
    /// Adds the grants of a ledger; a child that nothing rolled into is none.
    fn list(&self, session: &Session, ledger: Ledger, rows: &mut Vec<GrantRow>) -> Result<()> {
        let account = Account::load(ledger);
        let watermark = self.from_high_watermark.then(|| account.high_watermark().at);
        let from = self.from.max(watermark);
        let features: BTreeSet<Uuid> = (account.grants.iter())
            .filter(|record| self.may_list(&account, record, from))
            .map(|record| record.feature_id)
            .collect();
        let wanted = |record: &GrantRecord| self.may_list(&account, record, from);
        let derived = derive_grants(session, &account, &features, Time::MIN, wanted)?;
        for derived in &derived {
            let Some(record) = account.grant(derived.id) else { continue };
            let is_void = derived.voided_at.is_some();
            let end = [record.grant.expires_at, derived.voided_at, derived.ended.map(|(at, _)| at)];
            let end = end.into_iter().flatten().min();
            let begins_late = self.to.is_some_and(|to| record.grant.effective_at >= to);
            let ends_early = from.is_some_and(|from| end.is_some_and(|end| end <= from));
            let is_left_out = is_void && !self.include_void;
            if is_left_out || begins_late || ends_early || record.is_nothing(derived.amount) {
                continue;
            }
            rows.push(GrantRow::new(&account, record, Some(derived)));
        }
        Ok(())
    }

    /// Whether a grant may be listed, by what was written down.
    fn may_list(&self, account: &Account, record: &GrantRecord, from: Option<Time>) -> bool {
        let grant = &record.grant;
        let is_ended_by = |reset: &&ResetRecord| {
            grant.recurrence.is_none() && grant.effective_at < reset.reset.at
        };
        let reset = account.resets.iter().find(is_ended_by).map(|reset| reset.reset.at);
        let end = [grant.expires_at, grant.voided_at, reset].into_iter().flatten().min();
        self.to.is_none_or(|to| grant.effective_at < to)
            && from.is_none_or(|from| end.is_none_or(|end| from < end))
    }
}

//! `credit_list_holds`.

use super::record::{Hold, HoldRow, State};
use crate::account::Account;
use crate::error::{or_raise, required};
use crate::feature::Feature;
use crate::ledger::Ledger;
use crate::page::Page;
use crate::rights::as_owner;
use crate::spi::session;
use crate::{arguments, queries};
use pgrx::iter::SetOfIterator;
use pgrx::prelude::*;

/// `credit_list_holds`: the open holds of a ledger, or all of them, in order.
#[pg_extern(sql = false)]
fn credit_list_holds(
    ledger: Option<&str>,
    feature: Option<&str>,
    include_closed: Option<bool>,
    row_limit: Option<i32>,
    row_offset: Option<i32>,
    namespace: Option<&str>,
) -> SetOfIterator<'static, HoldRow> {
    let rows = or_raise(|| {
        let page = Page::new(row_limit, row_offset)?;
        let include_closed = required(include_closed, "include_closed")?;
        session(|session| {
            let ledger = Ledger::find(session, ledger, namespace)?;
            as_owner(|| {
                let feature = feature
                    .map(|feature| {
                        Feature::find(Some(feature), &ledger.namespace).map(|found| found.id)
                    })
                    .transpose()?;
                let account = Account::load(ledger);
                let ledger_id = account.ledger.id;
                let now = account.now();
                let row = |hold: Hold| HoldRow { state: hold.state(now), hold };
                if include_closed {
                    // All of them can be many: the query cuts the page.
                    let arguments = arguments![ledger_id, feature, page.limit(), page.offset()];
                    let rows = session.read(&queries::HOLDS_OF_LEDGER, arguments);
                    return Ok(rows.iter().map(|found| row(Hold::from_row(&found))).collect());
                }
                let mut holds: Vec<Hold> = (account.holds.holds.iter())
                    .filter_map(|open| {
                        let rows = session.read(&queries::HOLD, arguments![open.id()]);
                        rows.first().map(|found| Hold::from_row(&found))
                    })
                    .filter(|hold| feature.is_none_or(|feature| hold.feature_id == feature))
                    .filter(|hold| hold.state(now) == State::Open)
                    .collect();
                holds.sort_by_key(|hold| hold.held_at);
                Ok(page.of(holds).map(row).collect::<Vec<_>>())
            })
        })
    });
    SetOfIterator::new(rows)
}

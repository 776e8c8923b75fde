//! `credit_ledger_balances`: the balances of all ledgers of a namespace, as one query.

use crate::account::Account;
use crate::balance::Standing;
use crate::clock;
use crate::convert::{numeric::Numeric, time};
use crate::error::{Result, or_raise};
use crate::feature::Feature;
use crate::ids;
use crate::ledger::Ledger;
use crate::measure::{Reading, Which};
use crate::rights::as_owner;
use crate::settings::{check_name, namespace_or_default};
use crate::spi::session;
use credit_engine::Time;
use pgrx::prelude::*;
use std::rc::Rc;

/// The ledgers of the first chunk; each is `CHUNK_GROWTH` times the one before, so that a LIMIT
/// pays for little that it does not take.
const FIRST_CHUNK: i64 = 16;
const CHUNK_GROWTH: i64 = 4;
const LARGEST_CHUNK: i64 = 1024;

/// One feature of one ledger.
struct LedgerBalance {
    ledger: Rc<Ledger>,
    standing: Standing,
}

/// The balances of a namespace, computed as they are asked for, in memory that does not grow with
/// their number. All is read under the snapshot of the calling query, which a cursor keeps.
struct Balances {
    namespace: String,
    /// The name or id of the feature that was asked for; `None`: all.
    asked: Option<String>,
    /// That feature. It is looked for once there is a ledger: who sees none learns nothing.
    feature: Option<Feature>,
    /// The time that was asked for; `None`: the clock.
    at: Option<Time>,
    /// The clock, read once.
    now: Time,
    /// The last ledger that was read.
    last_subject: String,
    /// How many ledgers the next chunk has.
    chunk: i64,
    computed: std::vec::IntoIter<LedgerBalance>,
}

impl Iterator for Balances {
    type Item = LedgerBalance;

    fn next(&mut self) -> Option<LedgerBalance> {
        loop {
            if let Some(balance) = self.computed.next() {
                return Some(balance);
            }
            self.computed = or_raise(|| self.compute())?.into_iter();
        }
    }
}

impl Balances {
    /// The balances of the next ledgers; `None` after the last. What PostgreSQL allocates on the
    /// way lasts as long as the session: each chunk has one of its own.
    fn compute(&mut self) -> Result<Option<Vec<LedgerBalance>>> {
        session(|session| {
            let until = self.at.unwrap_or(self.now);
            let last = &self.last_subject;
            let ledgers = Ledger::after_subject(session, &self.namespace, last, until, self.chunk);
            self.chunk = LARGEST_CHUNK.min(self.chunk * CHUNK_GROWTH);
            let Some(last) = ledgers.last() else { return Ok(None) };
            self.last_subject.clone_from(&last.subject);
            if let (Some(asked), None) = (&self.asked, &self.feature) {
                let found = as_owner(|| Feature::find(Some(asked), &self.namespace))?;
                self.feature = Some(found);
            }
            let mut balances = Vec::new();
            for ledger in ledgers {
                as_owner(|| self.add(ledger, &mut balances))?;
                pgrx::check_for_interrupts!();
            }
            Ok(Some(balances))
        })
    }

    fn add(&self, ledger: Ledger, balances: &mut Vec<LedgerBalance>) -> Result<()> {
        let account = Account::load(ledger);
        // Where a clock has stepped back, not before a default time that was given on the ledger.
        let at = self.at.unwrap_or_else(|| self.now.max(account.latest_default_time()));
        account.refuse_sealed(at)?;
        let which = match &self.feature {
            Some(feature) => Which::IfUsed(feature.clone()),
            None => Which::All,
        };
        let measured = account.measure_with_holds(which, at, None, Reading::FromSnapshots)?;
        let standings = measured.into_iter().map(|measured| Standing::of(&account, measured, at));
        let standings: Vec<Standing> = standings.collect::<Result<_>>()?;
        let ledger = Rc::new(account.ledger);
        let of_ledger = |standing| LedgerBalance { ledger: Rc::clone(&ledger), standing };
        balances.extend(standings.into_iter().map(of_ledger));
        Ok(())
    }
}

/// `credit_ledger_balances`: one row a feature of a ledger.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity)]
fn credit_ledger_balances(
    feature: Option<&str>,
    at: Option<TimestampWithTimeZone>,
    namespace: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(ledger_id, pgrx::Uuid),
        name!(subject, String),
        name!(feature_id, pgrx::Uuid),
        name!(name, String),
        name!(balance, Numeric),
        name!(usage, Numeric),
        name!(overage, Numeric),
        name!(available, Numeric),
        name!(held, Numeric),
    ),
> {
    let balances = or_raise(|| {
        if let Some(feature) = feature {
            check_name(feature, "feature")?;
        }
        Ok(Balances {
            namespace: namespace_or_default(namespace)?,
            asked: feature.map(str::to_owned),
            feature: None,
            at: at.map(|at| time::entered(at, "at")).transpose()?,
            now: clock::default_time(),
            last_subject: String::new(),
            chunk: FIRST_CHUNK,
            computed: Vec::new().into_iter(),
        })
    });
    TableIterator::new(balances.map(|LedgerBalance { ledger, standing }| {
        let available = standing.available();
        let Standing { feature, outcome, held } = standing;
        (
            ids::to_sql(ledger.id),
            ledger.subject.clone(),
            ids::to_sql(feature.id),
            feature.name,
            outcome.balance.into(),
            outcome.usage.into(),
            outcome.overage.into(),
            available.into(),
            held.into(),
        )
    }))
}

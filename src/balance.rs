//! `credit_balance`, as a document and as rows, and `credit_available`.

use crate::account::Account;
use crate::convert::{numeric::Numeric, time};
use crate::document::{BalanceDocument, FeatureBalance, GrantBalance, to_jsonb};
use crate::error::{Result, or_raise};
use crate::feature::Feature;
use crate::grant::GrantRecord;
use crate::ids;
use crate::ledger::Ledger;
use crate::measure::{Measured, Reading, Which};
use crate::rights::as_owner;
use crate::spi::session;
use credit_engine::{Amount, Ending, GrantOutcome, Outcome, Time, replay};
use pgrx::prelude::*;
use uuid::Uuid;

/// The balance of every feature of a ledger at a time.
struct Balance {
    account: Account,
    at: Time,
    features: Vec<Standing>,
}

/// One feature at a time.
pub struct Standing {
    /// The feature.
    pub feature: Feature,
    /// What became of its grants and usage.
    pub outcome: Outcome,
    /// What open holds take.
    pub held: Amount,
}

impl Standing {
    /// What was measured, with the holds of the account.
    ///
    /// # Errors
    /// 22003.
    pub fn of(account: &Account, measured: Measured, at: Time) -> Result<Standing> {
        let outcome = replay(&measured.timeline, &measured.usage, None);
        let held = account.held(&measured, &outcome, at, None)?;
        Ok(Standing { feature: measured.feature, outcome, held })
    }

    /// What can be spent: the balance less what is owed and what is held.
    pub fn available(&self) -> Amount {
        self.outcome.unspent() - self.held
    }
}

impl Balance {
    fn read(
        ledger: Option<&str>,
        at: Option<TimestampWithTimeZone>,
        namespace: Option<&str>,
    ) -> Result<Balance> {
        session(|session| {
            let ledger = Ledger::find(session, ledger, namespace)?;
            as_owner(|| {
                let account = Account::load(ledger);
                let at = account.time_of_read(at, "at")?;
                let reading = Reading::FromSnapshots;
                let measured = account.measure_with_holds(Which::All, at, None, reading)?;
                let features = (measured.into_iter())
                    .map(|measured| Standing::of(&account, measured, at))
                    .collect::<Result<_>>()?;
                Ok(Balance { account, at, features })
            })
        })
    }

    /// The grants that a balance lists, by feature and in burn order: the active ones, and those
    /// that expired since the last reset.
    fn grants(&self) -> impl Iterator<Item = (&Feature, &GrantRecord, &GrantOutcome)> {
        let since = (self.account.resets.iter())
            .rfind(|record| record.reset.at <= self.at)
            .map(|record| record.reset.at);
        let listed = move |grant: &GrantOutcome| match grant.ended {
            None => grant.active,
            Some((end, Ending::Expired)) => since.is_none_or(|since| end > since),
            Some(_) => false,
        };
        self.features.iter().flat_map(move |Standing { feature, outcome, .. }| {
            outcome.grants.iter().filter(move |grant| listed(grant)).filter_map(move |grant| {
                let record = self.account.grant(Uuid::from_u128(grant.id))?;
                (!record.is_nothing(grant.amount)).then_some((feature, record, grant))
            })
        })
    }

    fn document(&self) -> BalanceDocument {
        let ledger = &self.account.ledger;
        let features = (self.features.iter()).map(|standing| {
            let Standing { feature, outcome, held } = standing;
            FeatureBalance::new(feature, outcome, *held, standing.available())
        });
        let grants = (self.grants())
            .map(|(_, record, outcome)| GrantBalance::new(ledger, record, outcome, self.at));
        BalanceDocument::new(ledger, features.collect(), grants.collect())
    }
}

/// `credit_balance`: the Balance document.
#[pg_extern(sql = false)]
fn credit_balance(
    ledger: Option<&str>,
    at: Option<TimestampWithTimeZone>,
    namespace: Option<&str>,
) -> pgrx::JsonB {
    to_jsonb(&or_raise(|| Balance::read(ledger, at, namespace)).document())
}

/// `credit_feature_balances`: one row a feature.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity)]
fn credit_feature_balances(
    ledger: Option<&str>,
    at: Option<TimestampWithTimeZone>,
    namespace: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(feature_id, pgrx::Uuid),
        name!(name, String),
        name!(balance, Numeric),
        name!(usage, Numeric),
        name!(overage, Numeric),
        name!(available, Numeric),
        name!(held, Numeric),
    ),
> {
    let balance = or_raise(|| Balance::read(ledger, at, namespace));
    TableIterator::new(balance.features.into_iter().map(|standing| {
        let available = standing.available();
        let Standing { feature, outcome, held } = standing;
        (
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

/// `credit_grant_balances`: one row a grant.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity)]
fn credit_grant_balances(
    ledger: Option<&str>,
    at: Option<TimestampWithTimeZone>,
    namespace: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(grant_id, pgrx::Uuid),
        name!(parent_id, Option<pgrx::Uuid>),
        name!(feature_id, pgrx::Uuid),
        name!(feature, String),
        name!(amount, Numeric),
        name!(priority, i16),
        name!(effective_at, TimestampWithTimeZone),
        name!(expires_at, Option<TimestampWithTimeZone>),
        name!(balance, Numeric),
    ),
> {
    let balance = or_raise(|| Balance::read(ledger, at, namespace));
    let rows: Vec<_> = (balance.grants())
        .map(|(feature, record, outcome)| {
            let grant = &record.grant;
            (
                ids::to_sql(record.id()),
                grant.parent.map(|parent| ids::to_sql(Uuid::from_u128(parent))),
                ids::to_sql(feature.id),
                feature.name.clone(),
                outcome.amount.into(),
                i16::from(grant.priority),
                time::to_sql(grant.effective_at),
                grant.expires_at.map(time::to_sql),
                outcome.balance.into(),
            )
        })
        .collect();
    TableIterator::new(rows)
}

/// `credit_available`: balance less overage and holds of one feature.
#[pg_extern(sql = false)]
fn credit_available(
    ledger: Option<&str>,
    feature: Option<&str>,
    at: Option<TimestampWithTimeZone>,
    namespace: Option<&str>,
) -> Numeric {
    or_raise(|| {
        session(|session| {
            let ledger = Ledger::find(session, ledger, namespace)?;
            as_owner(|| {
                let feature = Feature::find(feature, &ledger.namespace)?;
                let account = Account::load(ledger);
                let reading = at.map_or(Reading::Present, |_| Reading::FromSnapshots);
                let at = account.time_of_read(at, "at")?;
                let which = Which::One(feature);
                let mut measured = account.measure_with_holds(which, at, None, reading)?;
                let standing =
                    measured.pop().map(|one| Standing::of(&account, one, at)).transpose()?;
                let available = standing.map_or(Amount::ZERO, |standing| standing.available());
                Ok(Numeric::from(available))
            })
        })
    })
}

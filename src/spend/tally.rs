//! What there is of one feature of a ledger at a time.

use super::burned::Burned;
use super::desk::Spent;
use crate::account::Account;
use crate::error::Result;
use crate::feature::Feature;
use crate::measure::{Measured, Reading, Which, usage_too_large};
use credit_engine::{Amount, Outcome, Time, replay};
use std::cell::OnceCell;
use uuid::Uuid;

/// A feature at a time, with all that was spent of it in this call.
pub struct Tally {
    measured: Measured,
    outcome: Outcome,
    /// What open holds take.
    held: Amount,
    at: Time,
    /// When a pivot comes, or a hold ends by itself; not asked for by most calls.
    next_change: OnceCell<Option<Time>>,
}

/// A hold that is being settled.
#[derive(Clone, Copy)]
pub struct Settled {
    /// Which.
    pub id: Uuid,
    /// When it was made.
    pub held_at: Time,
}

impl Tally {
    /// Reads a feature of a ledger at a time; a hold that is being settled is there still.
    ///
    /// # Errors
    /// 54000, 22003.
    pub fn read(
        account: &Account,
        feature: Which,
        at: Time,
        settled: Option<Settled>,
    ) -> Result<Tally> {
        let since = settled.map(|hold| hold.held_at);
        let mut measured = account.measure_with_holds(feature, at, since, Reading::Present)?;
        let measured = measured.pop().expect("a feature that was found has a meter");
        let outcome = replay(&measured.timeline, &measured.usage, None);
        let held = account.held(&measured, &outcome, at, None)?;
        Ok(Tally { measured, outcome, held, at, next_change: OnceCell::new() })
    }

    /// Whether nothing but usage happens after the tally up to a time.
    pub fn lasts(&self, account: &Account, until: Time) -> bool {
        let next_change = self.next_change.get_or_init(|| {
            let pivot = account.facts(self.feature().id).next_pivot(self.at);
            pivot.into_iter().chain(account.holds.next_end(self.at)).min()
        });
        next_change.is_none_or(|at| until < at)
    }

    /// Whether usage of a spend counts for the feature.
    pub fn counts(&self, spent: &Spent) -> bool {
        spent.meter_id == self.feature().meter_id && self.feature().matches(Some(&spent.dimensions))
    }

    /// Adds usage that is not written yet, of earlier times.
    ///
    /// # Errors
    /// 22003.
    pub fn add_earlier(&mut self, account: &Account, spent: &[Spent]) -> Result<()> {
        for one in spent {
            if self.counts(one) {
                let Measured { timeline, usage, .. } = &mut self.measured;
                usage.add(timeline, one.at, one.amount).map_err(|_| usage_too_large())?;
            }
        }
        if !spent.is_empty() {
            self.replay();
            // What a hold takes hangs on what else was burned before a pivot.
            self.held = account.held(&self.measured, &self.outcome, self.at, None)?;
        }
        Ok(())
    }

    /// The feature.
    pub fn feature(&self) -> &Feature {
        &self.measured.feature
    }

    /// How many events had to be read beyond a snapshot.
    pub fn tail_events(&self) -> usize {
        self.measured.tail.events
    }

    /// What is left in its grants.
    pub fn balance(&self) -> Amount {
        self.outcome.balance
    }

    /// What can be spent.
    pub fn available(&self) -> Amount {
        self.outcome.unspent() - self.held
    }

    /// Burns usage at the time of the tally, and tells which grants paid.
    ///
    /// # Errors
    /// 22003.
    pub fn burn(&mut self, amount: Amount) -> Result<Burned> {
        self.measured.usage.add_at_end(amount).map_err(|_| usage_too_large())?;
        Ok(self.replay())
    }

    /// Turns a hold into usage at its time, and tells which grants paid.
    ///
    /// # Errors
    /// 22003.
    pub fn settle(&mut self, account: &Account, hold: Settled, amount: Amount) -> Result<Burned> {
        let Measured { timeline, usage, .. } = &mut self.measured;
        usage.add(timeline, hold.held_at, amount).map_err(|_| usage_too_large())?;
        let burned = self.replay();
        self.held = account.held(&self.measured, &self.outcome, self.at, Some(hold.id))?;
        Ok(burned)
    }

    fn replay(&mut self) -> Burned {
        let after = replay(&self.measured.timeline, &self.measured.usage, None);
        let before = std::mem::replace(&mut self.outcome, after);
        Burned::between(&before, &self.outcome)
    }
}

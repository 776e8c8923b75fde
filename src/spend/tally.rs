//! What there is of one feature of a ledger at a time.

use crate::account::{Account, Measured, Which, usage_too_large};
use crate::convert::json::JsonText;
use crate::document::number;
use crate::error::Result;
use crate::feature::Feature;
use crate::spi::Session;
use credit_engine::{Amount, Outcome, Time, replay};
use serde::Serialize;
use serde_json::Number;
use uuid::Uuid;

/// A feature at a time, with all that was spent of it in this call.
pub struct Tally {
    measured: Measured,
    outcome: Outcome,
}

/// What a grant paid of a spend.
#[derive(Serialize)]
struct Burned {
    #[serde(rename = "grantID")]
    grant_id: String,
    amount: Number,
}

impl Tally {
    /// Reads a feature of a ledger at a time.
    ///
    /// # Errors
    /// 54000, 22003.
    pub fn read(session: &Session, account: &Account, feature: Uuid, at: Time) -> Result<Tally> {
        let mut measured = account.measure(session, Which::One(feature), at, &[])?;
        let measured = measured.pop().expect("a feature that was found has a meter");
        let outcome = replay(&measured.timeline, &measured.usage, None);
        Ok(Tally { measured, outcome })
    }

    /// The feature.
    pub fn feature(&self) -> &Feature {
        &self.measured.feature
    }

    /// What is left in its grants.
    pub fn balance(&self) -> Amount {
        self.outcome.balance
    }

    /// What can be spent.
    pub fn available(&self) -> Amount {
        self.outcome.balance - self.outcome.overage
    }

    /// Burns usage at the time of the tally, and tells which grants paid.
    ///
    /// # Errors
    /// 22003.
    pub fn burn(&mut self, amount: Amount) -> Result<JsonText> {
        let Measured { timeline, usage, .. } = &mut self.measured;
        usage.add_at_end(amount).map_err(|_| usage_too_large())?;
        let before = std::mem::replace(&mut self.outcome, replay(timeline, usage, None));
        let pairs = before.grants.iter().zip(&self.outcome.grants);
        let burned = pairs.map(|(before, after)| Burned {
            grant_id: Uuid::from_u128(after.id).to_string(),
            amount: number(after.paid - before.paid),
        });
        let burned: Vec<Burned> =
            burned.filter(|burned| burned.amount != number(Amount::ZERO)).collect();
        Ok(JsonText::of(&burned))
    }
}

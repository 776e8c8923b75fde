//! Checks requests against what there is, and writes spends.

use super::request::{Request, dimensions_of_usage};
use super::row::{Answer, Spend, SpendRow};
use super::tally::Tally;
use crate::account::Account;
use crate::convert::json::StringMap;
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::idempotency::{self, Scope};
use crate::ids;
use crate::ingest::{Interner, Meter, check_value};
use crate::ledger::Ledger;
use crate::queries;
use crate::spi::{Session, Statement};
use credit_engine::{Amount, Time};
use std::rc::Rc;
use uuid::Uuid;

/// What became of a request.
pub enum Attempt {
    /// It was spent, now or by an earlier call with its key.
    Spent(SpendRow),
    /// There is not enough; nothing is written.
    Refused {
        /// What is left in the grants.
        balance: Amount,
        /// What can be spent.
        available: Amount,
        /// Why, as an error.
        error: Error,
    },
}

/// A request on a ledger that is locked, at a time taken after the lock.
pub struct Desk<'a> {
    session: &'a Session,
    request: &'a Request,
    /// The ledger.
    pub account: Account,
    /// The feature whose credit is asked for.
    pub feature_id: Uuid,
    /// The time.
    pub at: Time,
    /// What there is of the feature.
    pub tally: Tally,
    meter: Rc<Meter>,
    /// Of the usage.
    dimensions: StringMap,
}

impl<'a> Desk<'a> {
    /// Reads what there is.
    ///
    /// # Errors
    /// UC002, UC202, 22023, 22003, 54000.
    pub fn open(session: &'a Session, ledger: Ledger, request: &'a Request) -> Result<Desk<'a>> {
        let namespace = ledger.namespace.clone();
        let feature_id = Feature::find_id(session, Some(&request.feature), &namespace)?;
        let account = Account::load(session, ledger);
        let at = account.now();
        account.refuse_unmeasured(at)?;
        let tally = Tally::read(session, &account, feature_id, at, None)?;
        let feature = tally.feature();
        if feature.archived_at.is_some() {
            return Err(Error::feature_archived(&request.feature, &namespace));
        }
        let meter = Interner::new(session, &namespace).meter(&feature.meter_slug)?;
        let dimensions = dimensions_of_usage(feature, &meter, request.dimensions.as_ref())?;
        check_value(&meter, &feature.meter_slug, request.amount, "amount")?;
        Ok(Desk { session, request, account, feature_id, at, tally, meter, dimensions })
    }

    /// How much of the request there is credit for.
    ///
    /// # Errors
    /// UC301.
    pub fn covered(&self) -> Result<Amount> {
        let Request { amount, overdraft, partial, .. } = *self.request;
        let available = self.tally.available();
        let most = available + overdraft;
        if amount <= most || !amount.is_positive() {
            return Ok(amount);
        }
        // An event on a COUNT meter is not taken in part.
        if partial && most.is_positive() && !self.meter.is_count {
            return Ok(most);
        }
        let (ledger, feature) = (&self.account.ledger, &self.tally.feature().name);
        Err(Error::insufficient_credit(&ledger.subject, feature, (amount, available, overdraft)))
    }

    /// A new id of the ledger, for which the key of the request is taken. `statement` says what it
    /// stands for.
    ///
    /// # Errors
    /// UC104 where a call that does not wait for this ledger has taken it a moment ago.
    pub fn take_id(&self, statement: &Statement) -> Result<Uuid> {
        let (session, ledger) = (self.session, &self.account.ledger);
        let Ledger { namespace, subject, .. } = ledger;
        let id = ids::new_uuid(ids::subject_hash(namespace, subject));
        let Some(key) = &self.request.key else { return Ok(id) };
        match idempotency::take(session, namespace, Scope::Usage, key, id, false) {
            None => Ok(id),
            Some(_) => {
                self.request.find_replay(session, ledger, statement, |_| ())?;
                Err(Error::idempotency_conflict(key, "ledger"))
            }
        }
    }

    /// The stream and the dimension set of the usage.
    ///
    /// # Errors
    /// 22023.
    pub fn intern(&self) -> Result<(i64, Option<i64>)> {
        let Ledger { namespace, subject, .. } = &self.account.ledger;
        let mut interner = Interner::new(self.session, namespace);
        let stream_id = interner.stream(&self.meter, subject)?;
        Ok((stream_id, interner.dimension_set(&self.meter, &self.dimensions)))
    }

    /// Spends `amount`.
    fn spend(mut self, amount: Amount) -> Result<Answer> {
        let burned = self.tally.burn(amount)?;
        let spend_id = self.take_id(&queries::SPEND_OF_KEY)?;
        let (stream_id, dims_id) = self.intern()?;
        let spend = Spend {
            answer: Answer {
                spend_id,
                amount,
                balance: self.tally.balance(),
                available: self.tally.available(),
                burned,
                occurred_at: self.at,
            },
            ledger_id: self.account.ledger.id,
            feature_id: self.feature_id,
            requested: self.request.amount,
            dims_id,
            metadata: self.request.metadata.clone().unwrap_or_default(),
            hold_id: None,
            created_at: self.at,
        };
        spend.insert(self.session, stream_id);
        self.account.holds.write_list(self.session, self.account.ledger.id, self.at);
        Ok(spend.answer)
    }
}

/// Spends a request on a ledger that is locked.
///
/// # Errors
/// UC002, UC104, UC202, 22023, 22003, 54000.
pub fn spend(session: &Session, ledger: Ledger, request: &Request) -> Result<Attempt> {
    let statement = &queries::SPEND_OF_KEY;
    let first = request.find_replay(session, &ledger, statement, Answer::from_columns)?;
    if let Some(answer) = first {
        return Ok(Attempt::Spent(SpendRow { answer, replayed: true }));
    }
    let desk = Desk::open(session, ledger, request)?;
    let (balance, available) = (desk.tally.balance(), desk.tally.available());
    match desk.covered() {
        Ok(amount) => Ok(Attempt::Spent(SpendRow { answer: desk.spend(amount)?, replayed: false })),
        Err(error) => Ok(Attempt::Refused { balance, available, error }),
    }
}

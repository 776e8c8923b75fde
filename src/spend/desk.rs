//! Where requests on a locked ledger are checked against what there is, and served.

use super::request::{Request, Stored, dimensions_of_usage};
use super::row::{Answer, Spend, SpendRow};
use super::tally::Tally;
use crate::account::Account;
use crate::convert::json::{StringMap, borrowed};
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::idempotency::{self, Scope};
use crate::ids;
use crate::ingest::{Interner, Meter, check_value};
use crate::ledger::Ledger;
use crate::measure::Which;
use crate::queries;
use crate::snapshot;
use crate::spi::{Session, Statement};
use credit_engine::{Amount, Time};
use std::rc::Rc;
use uuid::Uuid;

/// A ledger that is locked, at a time taken after the lock.
pub struct Desk<'a> {
    session: &'a Session,
    /// The ledger.
    pub account: Account,
    /// The time of what is served next.
    pub at: Time,
    /// The features that were asked for, with all that was spent of them here.
    tallies: Vec<Tally>,
    /// What was spent here, and is not written yet.
    spent: Vec<Spent>,
}

/// Usage of a spend.
pub struct Spent {
    /// The meter that it is on.
    pub meter_id: Uuid,
    /// The dimensions that it carries.
    pub dimensions: StringMap,
    /// When.
    pub at: Time,
    /// How much.
    pub amount: Amount,
}

/// What a request comes to.
pub struct Order<'a> {
    request: &'a Request,
    /// The feature.
    pub feature: Feature,
    meter: Rc<Meter>,
    /// Of the usage.
    dimensions: StringMap,
    /// What is left in the grants.
    pub balance: Amount,
    /// What can be spent.
    pub available: Amount,
}

impl Order<'_> {
    /// What a replay of it is compared with.
    pub fn stored(&self, ledger_id: Uuid) -> Stored {
        Stored::new(ledger_id, self.request, &self.feature, &self.dimensions)
    }
}

impl<'a> Desk<'a> {
    /// Reads what is known of a ledger but usage.
    ///
    /// # Errors
    /// UC202 where it is not measured yet.
    pub fn open(session: &'a Session, ledger: Ledger) -> Result<Desk<'a>> {
        let account = Account::load(ledger);
        let at = account.now();
        account.refuse_unmeasured(at)?;
        Ok(Desk { session, account, at, tallies: Vec::new(), spent: Vec::new() })
    }

    /// Looks at what there is for a request.
    ///
    /// # Errors
    /// UC002, 22023, 22003, 54000.
    pub fn order<'r>(&mut self, request: &'r Request) -> Result<Order<'r>> {
        let namespace = self.account.ledger.namespace.as_str();
        let feature = Feature::find(Some(&request.feature), namespace)?;
        let index = self.tally(feature)?;
        let tally = &self.tallies[index];
        let (balance, available) = (tally.balance(), tally.available());
        let feature = tally.feature().clone();
        let namespace = self.account.ledger.namespace.as_str();
        if feature.archived_at.is_some() {
            return Err(Error::feature_archived(&request.feature, namespace));
        }
        let meter = Interner::new(self.session, namespace).meter(&feature.meter_slug)?;
        let dimensions = dimensions_of_usage(&feature, &meter, request.dimensions.as_ref())?;
        check_value(&meter, &feature.meter_slug, request.amount, "amount")?;
        Ok(Order { request, feature, meter, dimensions, balance, available })
    }

    /// The tally of a feature at the time of the desk.
    fn tally(&mut self, feature: Feature) -> Result<usize> {
        let known = self.tallies.iter().position(|tally| tally.feature().id == feature.id);
        if let Some(index) = known {
            if self.tallies[index].lasts(&self.account, self.at) {
                return Ok(index);
            }
            self.tallies.remove(index);
        }
        let mut tally = Tally::read(&self.account, Which::One(feature), self.at, None)?;
        tally.add_earlier(&self.account, &self.spent)?;
        self.tallies.push(tally);
        Ok(self.tallies.len() - 1)
    }

    /// How much of an order there is credit for.
    ///
    /// # Errors
    /// UC301.
    pub fn covered(&self, order: &Order) -> Result<Amount> {
        let Request { amount, overdraft, partial, .. } = *order.request;
        let most = order.available + overdraft;
        if amount <= most || !amount.is_positive() {
            return Ok(amount);
        }
        // An event on a COUNT meter is not taken in part.
        if partial && most.is_positive() && !order.meter.is_count {
            return Ok(most);
        }
        let (subject, feature) = (&self.account.ledger.subject, &order.feature.name);
        let amounts = (amount, order.available, overdraft);
        Err(Error::insufficient_credit(subject, feature, amounts))
    }

    /// A new id of the ledger, for which the key of the request is taken. `statement` says what it
    /// stands for.
    ///
    /// # Errors
    /// UC104 where a call that does not wait for this ledger has taken it a moment ago.
    pub fn take_id(&self, request: &Request, statement: &Statement) -> Result<Uuid> {
        let (session, ledger) = (self.session, &self.account.ledger);
        let Ledger { namespace, subject, .. } = ledger;
        let id = ids::new_uuid(ids::subject_hash(namespace, subject));
        let Some(key) = &request.key else { return Ok(id) };
        if idempotency::try_take(session, namespace, Scope::Usage, key, id, false) {
            return Ok(id);
        }
        request.find_replay(session, ledger, statement, |_| ())?;
        Err(Error::idempotency_conflict(key, "ledger"))
    }

    /// The stream and the dimension set of the usage of an order.
    ///
    /// # Errors
    /// 22023.
    pub fn intern(&self, order: &Order) -> Result<(i64, Option<i64>)> {
        let Ledger { namespace, subject, .. } = &self.account.ledger;
        let mut interner = Interner::new(self.session, namespace);
        let stream_id = interner.stream(&order.meter, subject)?;
        Ok((stream_id, interner.dimension_set(&order.meter, &borrowed(&order.dimensions))))
    }

    /// Spends `amount` on an order: what is left to do is to write it. Then the time goes on.
    ///
    /// # Errors
    /// UC104, 22023, 22003.
    pub fn spend(&mut self, order: Order, amount: Amount) -> Result<Spend> {
        let spend_id = self.take_id(order.request, &queries::SPEND_OF_KEY)?;
        let (stream_id, dims_id) = self.intern(&order)?;
        let Order { request, feature, dimensions, .. } = order;
        let spent = Spent { meter_id: feature.meter_id, dimensions, at: self.at, amount };
        let mut answer = None;
        let tally = self.tallies.iter().find(|tally| tally.feature().id == feature.id);
        snapshot::wrote_after(stream_id, feature.id, tally.map_or(0, Tally::tail_events));
        for tally in &mut self.tallies {
            let is_own = tally.feature().id == feature.id;
            if is_own || tally.counts(&spent) {
                let burned = tally.burn(amount)?;
                let left = (tally.balance(), tally.available());
                answer = if is_own { Some((burned, left)) } else { answer };
            }
        }
        let (burned, (balance, available)) = answer.expect("what was ordered has a tally");
        self.at = self.at.next();
        let at = spent.at;
        self.spent.push(spent);
        Ok(Spend {
            answer: Answer { spend_id, amount, balance, available, burned, occurred_at: at },
            ledger_id: self.account.ledger.id,
            feature_id: feature.id,
            requested: request.amount,
            stream_id,
            dims_id,
            metadata: request.metadata.clone().unwrap_or_default(),
            hold_id: None,
            created_at: at,
        })
    }

    /// Called when all is written.
    pub fn close(&self) {
        let last_at = self.spent.last().map_or(self.at, |spent| spent.at);
        self.account.holds.write_list(self.session, self.account.ledger.id, last_at);
    }
}

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
    let mut desk = Desk::open(session, ledger)?;
    let order = desk.order(request)?;
    let Order { balance, available, .. } = order;
    match desk.covered(&order) {
        Ok(amount) => {
            let spend = desk.spend(order, amount)?;
            spend.insert(session);
            desk.close();
            Ok(Attempt::Spent(SpendRow { answer: spend.answer, replayed: false }))
        }
        Err(error) => Ok(Attempt::Refused { balance, available, error }),
    }
}

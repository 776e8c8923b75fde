//! Checks spends against what there is, and writes them.

use super::request::{Request, dimensions_of_usage};
use super::row::{Answer, Spend, SpendRow};
use super::tally::Tally;
use crate::account::Account;
use crate::arguments;
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::idempotency::{self, Scope, compare};
use crate::ids;
use crate::ingest::{self, Interner, StoredEvent, check_value};
use crate::ledger::Ledger;
use crate::queries;
use crate::spi::{Session, with_fresh_snapshot};
use credit_engine::Amount;

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

/// Spends `request` on a ledger that is locked.
///
/// # Errors
/// UC002, UC104, UC202, 22023, 22003, 54000.
pub fn spend(session: &Session, ledger: Ledger, request: &Request) -> Result<Attempt> {
    let namespace = ledger.namespace.clone();
    let mut interner = Interner::new(session, &namespace);
    if let Some(key) = &request.key
        && let Some(answer) = find_replay(session, &ledger, request, key)?
    {
        return Ok(Attempt::Spent(SpendRow { answer, replayed: true }));
    }
    let feature_id = Feature::find_id(session, Some(&request.feature), &namespace)?;
    let account = Account::load(session, ledger);
    let at = account.now();
    account.refuse_unmeasured(at)?;
    let mut tally = Tally::read(session, &account, feature_id, at)?;
    if tally.feature().archived_at.is_some() {
        return Err(Error::feature_archived(&request.feature, &namespace));
    }
    let slug = tally.feature().meter_slug.clone();
    let meter = interner.meter(&slug)?;
    let dimensions = dimensions_of_usage(tally.feature(), &meter, request.dimensions.as_ref())?;
    check_value(&meter, &slug, request.amount, "amount")?;

    let (balance, available) = (tally.balance(), tally.available());
    let Some(amount) = allowed(request, available, meter.is_count) else {
        let subject = &account.ledger.subject;
        let amounts = (request.amount, available, request.overdraft);
        let error = Error::insufficient_credit(subject, &tally.feature().name, amounts);
        return Ok(Attempt::Refused { balance, available, error });
    };
    let burned = tally.burn(amount)?;
    let subject = &account.ledger.subject;
    let spend_id = ids::new_uuid(ids::subject_hash(&namespace, subject));
    if let Some(key) = &request.key {
        take_key(session, &account.ledger, request, key, spend_id)?;
    }
    let event = StoredEvent {
        stream_id: interner.stream(&meter, subject)?,
        occurred_at: at,
        dims_id: interner.dimension_set(&meter, &dimensions),
        value: amount,
    };
    let spend = Spend {
        answer: Answer {
            spend_id,
            amount,
            balance: tally.balance(),
            available: tally.available(),
            burned,
            occurred_at: at,
        },
        ledger_id: account.ledger.id,
        feature_id,
        requested: request.amount,
        dims_id: event.dims_id,
        metadata: request.metadata.clone().unwrap_or_default(),
        hold_id: None,
        created_at: at,
    };
    ingest::insert(session, &[event]);
    spend.insert(session);
    Ok(Attempt::Spent(SpendRow { answer: spend.answer, replayed: false }))
}

/// How much may be spent; `None` for nothing.
fn allowed(request: &Request, available: Amount, is_count: bool) -> Option<Amount> {
    let most = available + request.overdraft;
    if request.amount <= most || !request.amount.is_positive() {
        return Some(request.amount);
    }
    // An event on a COUNT meter is not taken in part.
    (request.partial && most.is_positive() && !is_count).then_some(most)
}

/// The first answer to a key, after its arguments were compared with what was stored.
fn find_replay(
    session: &Session,
    ledger: &Ledger,
    request: &Request,
    key: &str,
) -> Result<Option<Answer>> {
    with_fresh_snapshot(|| {
        let arguments = arguments![ledger.namespace, key];
        let rows = session.read(&queries::SPEND_OF_KEY, arguments);
        let Some(row) = rows.first() else { return Ok(None) };
        let conflict = |argument| Error::idempotency_conflict(key, argument);
        let answer = Answer::from_columns(&row).ok_or_else(|| conflict("function"))?;
        let requested = row.amount();
        let ledger_id = row.uuid();
        let metadata = row.string_map();
        let feature_id = row.uuid();
        let feature_name: String = row.value();
        let filters = row.option_string_map().unwrap_or_default();
        let dimensions = row.option_string_map().unwrap_or_default();
        let check = |same: bool, argument| if same { Ok(()) } else { Err(conflict(argument)) };
        check(ledger_id == ledger.id, "ledger")?;
        let by_id = || ids::parse_uuid(&request.feature) == Some(feature_id);
        check(request.feature == feature_name || by_id(), "feature")?;
        check(request.amount == requested, "amount")?;
        let given = request.dimensions.as_ref();
        let expected = given.map(|given| filters.into_iter().chain(given.clone()).collect());
        check(compare(expected, Some(dimensions)), "dimensions")?;
        check(compare(request.metadata.as_ref(), Some(&metadata)), "metadata")?;
        Ok(Some(answer))
    })
}

/// Takes a key that was free a moment ago.
///
/// # Errors
/// UC104 where a call that does not wait for this ledger has taken it since.
fn take_key(
    session: &Session,
    ledger: &Ledger,
    request: &Request,
    key: &str,
    spend_id: uuid::Uuid,
) -> Result<()> {
    let Ledger { namespace, .. } = ledger;
    match idempotency::take(session, namespace, Scope::Usage, key, spend_id, false) {
        None => Ok(()),
        Some(_) => {
            find_replay(session, ledger, request, key)?;
            Err(Error::idempotency_conflict(key, "ledger"))
        }
    }
}

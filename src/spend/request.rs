//! What is to be spent, checked before any ledger is looked at.

use crate::arguments;
use crate::convert::json::{Json, StringMap};
use crate::convert::numeric::Numeric;
use crate::error::{Error, Result, required};
use crate::feature::Feature;
use crate::idempotency::compare;
use crate::ids;
use crate::ingest::{Meter, check_dimensions};
use crate::ledger::Ledger;
use crate::rights::Identity;
use crate::settings::check_name;
use crate::spi::{Row, Session, Statement, with_fresh_snapshot};
use credit_engine::Amount;
use uuid::Uuid;

/// The arguments of a spend.
pub struct Request {
    /// The feature whose credit pays: its name or id.
    pub feature: String,
    /// How much; negative for a refund.
    pub amount: Amount,
    /// The idempotency key.
    pub key: Option<String>,
    /// The dimensions of the usage, besides the values that the feature filters by.
    pub dimensions: Option<StringMap>,
    /// How far available may fall below zero.
    pub overdraft: Amount,
    /// The caller's labels.
    pub metadata: Option<StringMap>,
    /// Whether to take what there is where it is less.
    pub partial: bool,
}

impl Request {
    /// The request of these arguments of an SQL function.
    ///
    /// # Errors
    /// 22023, 22003, 22004.
    pub fn new(
        feature: Option<&str>,
        amount: Option<Numeric>,
        key: Option<&str>,
        dimensions: Option<Json<'_>>,
        overdraft: Option<Numeric>,
        metadata: Option<Json<'_>>,
    ) -> Result<Request> {
        let feature = required(feature, "feature")?;
        let amount = required(amount, "amount")?.entered("amount")?;
        if let Some(key) = key {
            check_name(key, "idempotency_key")?;
        }
        Ok(Request {
            feature: feature.to_owned(),
            amount,
            key: key.map(str::to_owned),
            dimensions: dimensions.map(|given| given.string_map("dimensions")).transpose()?,
            overdraft: checked_overdraft(required(overdraft, "overdraft")?.entered("overdraft")?)?,
            metadata: metadata.map(|given| given.string_map("metadata")).transpose()?,
            partial: false,
        })
    }

    /// Refuses a refund to a caller who may not.
    ///
    /// # Errors
    /// 42501.
    pub fn check_permitted(&self) -> Result<()> {
        Identity::current().check_amount(self.amount, "amount")
    }
}

/// What the first call with a key was given.
pub struct Stored {
    ledger_id: Uuid,
    feature_id: Uuid,
    feature_name: String,
    filters: StringMap,
    dimensions: StringMap,
    amount: Amount,
    metadata: StringMap,
}

impl Stored {
    /// The same of a call that is not written yet.
    pub fn new(
        ledger_id: Uuid,
        request: &Request,
        feature: &Feature,
        dimensions: &StringMap,
    ) -> Stored {
        Stored {
            ledger_id,
            feature_id: feature.id,
            feature_name: feature.name.clone(),
            filters: feature.filters.clone().unwrap_or_default(),
            dimensions: dimensions.clone(),
            amount: request.amount,
            metadata: request.metadata.clone().unwrap_or_default(),
        }
    }

    /// The first columns of a row; `None` where the first call was of another function.
    fn from_columns(row: &Row) -> Option<Stored> {
        Some(Stored {
            ledger_id: row.option_uuid()?,
            feature_id: row.uuid(),
            feature_name: row.value(),
            filters: row.option_string_map().unwrap_or_default(),
            dimensions: row.option_string_map().unwrap_or_default(),
            amount: row.amount(),
            metadata: row.string_map(),
        })
    }
}

impl Request {
    /// What the first call with the key wrote, after its arguments were compared; `statement`
    /// gives the columns of [`Stored`], and then those that `read` takes.
    ///
    /// # Errors
    /// UC104.
    pub fn find_replay<T>(
        &self,
        session: &Session,
        ledger: &Ledger,
        statement: &Statement,
        read: impl FnOnce(&Row) -> T,
    ) -> Result<Option<T>> {
        let Some(key) = &self.key else { return Ok(None) };
        with_fresh_snapshot(|| {
            let rows = session.read(statement, arguments![ledger.namespace, key]);
            let Some(row) = rows.first() else { return Ok(None) };
            self.check_replay(ledger, key, Stored::from_columns(&row).as_ref())?;
            Ok(Some(read(&row)))
        })
    }

    /// Compares a replay with the first call; `None`: that was of another function. The feature is
    /// the one that had the name at the first call.
    ///
    /// # Errors
    /// UC104.
    pub fn check_replay(&self, ledger: &Ledger, key: &str, stored: Option<&Stored>) -> Result<()> {
        let conflict = |argument| Error::idempotency_conflict(key, argument);
        let check = |same: bool, argument| if same { Ok(()) } else { Err(conflict(argument)) };
        let stored = stored.ok_or_else(|| conflict("function"))?;
        check(ledger.id == stored.ledger_id, "ledger")?;
        let by_id = || ids::parse_uuid(&self.feature) == Some(stored.feature_id);
        check(self.feature == stored.feature_name || by_id(), "feature")?;
        check(self.amount == stored.amount, "amount")?;
        let with_filters =
            |given: &StringMap| stored.filters.clone().into_iter().chain(given.clone());
        let dimensions = self.dimensions.as_ref().map(|given| with_filters(given).collect());
        check(compare(dimensions.as_ref(), Some(&stored.dimensions)), "dimensions")?;
        check(compare(self.metadata.as_ref(), Some(&stored.metadata)), "metadata")
    }
}

/// How far available may fall below zero.
///
/// # Errors
/// 22003.
pub fn checked_overdraft(overdraft: Amount) -> Result<Amount> {
    if overdraft.is_negative() {
        let detail = format!("It is {overdraft}.");
        return Err(Error::out_of_range("\"overdraft\" must not be negative", detail)
            .hint("Give how far below zero what is available may fall."));
    }
    Ok(overdraft)
}

/// The dimensions of usage of a feature: the values that it filters by and those `given`.
///
/// # Errors
/// 22023 where they contradict, or the meter has no such dimension.
pub fn dimensions_of_usage(
    feature: &Feature,
    meter: &Meter,
    given: Option<&StringMap>,
) -> Result<StringMap> {
    let mut dimensions = given.cloned().unwrap_or_default();
    check_dimensions(meter, &feature.meter_slug, dimensions.keys().map(String::as_str))?;
    for (name, wanted) in feature.filters.iter().flatten() {
        let value = dimensions.entry(name.clone()).or_insert_with(|| wanted.clone());
        if value != wanted {
            return Err(Error::bad_argument(
                format!("\"dimensions\" contradict the filters of feature \"{}\"", feature.name),
                format!("It counts usage with {name:?} {wanted:?}, not {value:?}."),
            )
            .hint("Leave out the dimensions that the feature filters by."));
        }
    }
    Ok(dimensions)
}

//! What is to be spent, checked before any ledger is looked at.

use crate::convert::json::{JsonText, StringMap};
use crate::convert::numeric::Numeric;
use crate::error::{Error, Result, required};
use crate::feature::Feature;
use crate::ingest::{Meter, check_dimensions};
use crate::settings::check_name;
use credit_engine::Amount;

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
        dimensions: Option<JsonText>,
        overdraft: Option<Numeric>,
        metadata: Option<JsonText>,
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
            overdraft: checked_overdraft(required(overdraft, "overdraft")?)?,
            metadata: metadata.map(|given| given.string_map("metadata")).transpose()?,
            partial: false,
        })
    }
}

/// How far available may fall below zero.
///
/// # Errors
/// 22003.
pub fn checked_overdraft(overdraft: Numeric) -> Result<Amount> {
    let overdraft = overdraft.entered("overdraft")?;
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
    check_dimensions(meter, &feature.meter_slug, &dimensions)?;
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

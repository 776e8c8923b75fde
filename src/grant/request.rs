//! What a grant is asked to be, checked before any ledger is looked at.

use super::kind_from_name;
use crate::convert::json::StringMap;
use crate::convert::numeric::Numeric;
use crate::error::{Error, Result};
use crate::settings::check_name;
use credit_engine::{Amount, Grant, Period, Recurrence, Rollover, Time};
use uuid::Uuid;

/// The arguments of `credit_create_grant` as they were given; `None` is the default.
pub struct Request {
    /// How much; negative for a debit.
    pub amount: Amount,
    /// 0 burns first.
    pub priority: Option<u8>,
    /// When it begins.
    pub effective_at: Option<Time>,
    /// How long it lasts.
    pub expiration: Option<Period>,
    /// When it ends.
    pub expires_at: Option<Time>,
    /// What a reset leaves.
    pub rollover: Option<Rollover>,
    /// How often it is refilled.
    pub interval: Option<Period>,
    /// An instant at which a refill falls.
    pub anchor: Option<Time>,
    /// The caller's labels.
    pub metadata: Option<StringMap>,
    /// The idempotency key.
    pub key: Option<String>,
}

const DEFAULT_PRIORITY: u8 = 1;

impl Request {
    /// Checks what needs no ledger.
    ///
    /// # Errors
    /// 22023.
    pub fn check(&self) -> Result<()> {
        let refuse = |message: &str, detail: String, hint: &str| {
            Err(Error::bad_argument(message, detail).hint(hint))
        };
        let amount = self.amount;
        if amount.is_zero() {
            let hint = "Give a positive amount for a grant, a negative one for a debit.";
            return refuse("\"amount\" must not be zero", "It is 0.".into(), hint);
        }
        let extras = [
            ("expires_after", self.expiration.is_some()),
            ("expires_at", self.expires_at.is_some()),
            ("rollover_type", self.rollover.is_some()),
            ("recurs_every", self.interval.is_some()),
        ];
        if amount.is_negative()
            && let Some((extra, _)) = extras.iter().find(|(_, given)| *given)
        {
            return refuse(
                "a debit takes no expiration, rollover or recurrence",
                format!("\"amount\" is {amount}, and \"{extra}\" is given."),
                "A debit is burned at once, like usage: leave it out.",
            );
        }
        if let (Some(period), Some(expires_at)) = (self.expiration, self.expires_at) {
            return refuse(
                "\"expires_after\" and \"expires_at\" exclude each other",
                format!("They are {} {} and {expires_at}.", period.count(), period.unit().name()),
                "Give the expiry as a period or as a time.",
            );
        }
        if let (Some(anchor), None) = (self.anchor, self.interval) {
            return refuse(
                "\"recurrence_anchor\" needs \"recurs_every\"",
                format!("\"recurrence_anchor\" is {anchor}."),
                "Give \"recurs_every\" too, or leave both out.",
            );
        }
        if let Some(key) = &self.key {
            check_name(key, "idempotency_key")?;
        }
        Ok(())
    }

    /// The grant that is asked for, with defaults filled in and times computed.
    ///
    /// # Errors
    /// 22023, 22003.
    pub fn to_grant(&self, id: Uuid, now: Time) -> Result<Grant> {
        let effective_at = self.effective_at.unwrap_or(now);
        let expires_at = match self.expiration {
            Some(period) => Some(period.nth(effective_at, 1).ok_or_else(|| {
                Error::out_of_range(
                    "the expiry is out of range",
                    "It would lie after the year 9999.",
                )
            })?),
            None => self.expires_at,
        };
        if expires_at.is_some_and(|expires_at| expires_at <= effective_at) {
            return Err(Error::bad_argument(
                "\"expires_at\" must be after \"effective_at\"",
                format!(
                    "Effective at {effective_at}, expiring at {}.",
                    expires_at.map(|at| at.to_string()).unwrap_or_default()
                ),
            ));
        }
        Ok(Grant {
            id: id.as_u128(),
            parent: None,
            amount: self.amount,
            priority: self.priority.unwrap_or(DEFAULT_PRIORITY),
            created_at: now,
            effective_at,
            expires_at,
            expiration: self.expiration,
            rollover: self.rollover,
            recurrence: self.interval.map(|interval| Recurrence {
                interval,
                anchor: self.anchor.unwrap_or(effective_at),
            }),
            voided_at: None,
        })
    }
}

/// The priority of an argument.
///
/// # Errors
/// 22003.
pub fn checked_priority(priority: i32) -> Result<u8> {
    u8::try_from(priority).map_err(|_| {
        Error::out_of_range("\"priority\" is out of range", format!("It is {priority}."))
            .hint("Give 0, which burns first, to 255.")
    })
}

/// The rollover of the two arguments about it.
///
/// # Errors
/// 22023, 22003.
pub fn checked_rollover(
    rollover_type: Option<&str>,
    max_amount: Option<Numeric>,
) -> Result<Option<Rollover>> {
    let max_amount = max_amount.map(|amount| amount.entered("rollover_max_amount")).transpose()?;
    let Some(name) = rollover_type else {
        return match max_amount {
            None => Ok(None),
            Some(max_amount) => Err(Error::bad_argument(
                "\"rollover_max_amount\" needs \"rollover_type\"",
                format!("\"rollover_max_amount\" is {max_amount}."),
            )
            .hint("Give \"rollover_type\" too: a grant without it does not roll over.")),
        };
    };
    if let Some(max_amount) = max_amount.filter(|amount| amount.is_negative()) {
        let message = "\"rollover_max_amount\" is out of range";
        return Err(Error::out_of_range(message, format!("It is {max_amount}."))
            .hint("The cap of a rollover is not negative."));
    }
    let kind = kind_from_name(name).ok_or_else(|| {
        let allowed = "ORIGINAL_AMOUNT, REMAINING_AMOUNT";
        Error::unknown_choice("rollover_type", name, allowed)
    })?;
    Ok(Some(Rollover { kind, max_amount }))
}

/// 22004: the seed declares grants for all features and never implements them.
pub fn grant_without_feature() -> Error {
    Error::null_argument("feature")
        .hint("A grant is for one feature; a grant for all of them is not implemented.")
}

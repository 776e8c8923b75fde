//! Exact amounts of credit and usage.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

/// Decimal places that an amount carries.
pub const SCALE: u32 = 12;

const UNITS_PER_ONE: i128 = 10_i128.pow(SCALE);

/// An exact decimal with [`SCALE`] places, held as a whole number of 10⁻¹² units.
///
/// What enters the engine is below [`Amount::INPUT_LIMIT`] in absolute value; an `i128` then holds
/// the sum of 10¹¹ of the largest, more events than a table can keep.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);
    /// The first amount too large to be entered: 10¹⁵.
    pub const INPUT_LIMIT: Amount = Amount(10_i128.pow(15) * UNITS_PER_ONE);
    /// The largest sum of usage: 10¹¹ of the largest events, with room for the grants above it.
    const SUM_LIMIT: i128 = 10_i128.pow(11) * Self::INPUT_LIMIT.0;

    /// The amount of `units` × 10⁻¹².
    pub const fn from_units(units: i128) -> Amount {
        Amount(units)
    }

    /// A whole amount.
    pub const fn whole(value: i64) -> Amount {
        Amount(value as i128 * UNITS_PER_ONE)
    }

    /// This amount as a number of 10⁻¹² units.
    pub const fn units(self) -> i128 {
        self.0
    }

    /// Whether the amount may be entered: its absolute value is below [`Amount::INPUT_LIMIT`].
    pub fn is_enterable(self) -> bool {
        self.abs() < Self::INPUT_LIMIT
    }

    /// The absolute value.
    pub fn abs(self) -> Amount {
        Amount(self.0.abs())
    }

    /// Whether this is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is above zero.
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether this is below zero.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum, or `None` where it leaves the range in which the engine computes.
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        let sum = self.0.checked_add(other.0)?;
        (sum.abs() <= Self::SUM_LIMIT).then_some(Amount(sum))
    }

    /// The sum with an absolute value, or `None` outside of that range.
    pub(crate) fn checked_add_abs(self, other: Amount) -> Option<Amount> {
        self.checked_add(Amount(other.0.checked_abs()?))
    }
}

impl Add for Amount {
    type Output = Amount;
    fn add(self, other: Amount) -> Amount {
        Amount(self.0 + other.0)
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Amount) {
        *self = *self + other;
    }
}

impl Sub for Amount {
    type Output = Amount;
    fn sub(self, other: Amount) -> Amount {
        Amount(self.0 - other.0)
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Amount) {
        *self = *self - other;
    }
}

impl Neg for Amount {
    type Output = Amount;
    fn neg(self) -> Amount {
        Amount(-self.0)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Amount {
        amounts.fold(Amount::ZERO, Add::add)
    }
}

/// Why a text is no [`Amount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAnAmount {
    /// Not a plain decimal: an optional sign, digits, and perhaps a point and digits.
    Malformed,
    /// At least [`Amount::INPUT_LIMIT`] in absolute value.
    TooLarge,
    /// More than [`SCALE`] decimals.
    TooPrecise,
}

impl Amount {
    /// The most digits before the point of what may be entered.
    const INPUT_DIGITS: usize = 15;
    /// The same of any amount.
    const MOST_DIGITS: usize = 27;

    /// The amount that `Display` shows so, a sum beyond what may be entered included.
    ///
    /// # Errors
    /// [`NotAnAmount`].
    pub fn from_shown(text: &str) -> Result<Amount, NotAnAmount> {
        Amount::parse(text, Self::MOST_DIGITS)
    }

    fn parse(text: &str, most_digits: usize) -> Result<Amount, NotAnAmount> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (ones, places) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(ones) || !all_digits(places) {
            return Err(NotAnAmount::Malformed);
        }
        let ones: i128 = match ones.trim_start_matches('0') {
            "" => 0,
            ones if ones.len() > most_digits => return Err(NotAnAmount::TooLarge),
            ones => ones.parse().map_err(|_| NotAnAmount::Malformed)?,
        };
        let places = places.trim_end_matches('0');
        if places.len() > SCALE as usize {
            return Err(NotAnAmount::TooPrecise);
        }
        let places = format!("{places:0<width$}", width = SCALE as usize);
        let places: i128 = places.parse().map_err(|_| NotAnAmount::Malformed)?;
        let units = ones.checked_mul(UNITS_PER_ONE).and_then(|units| units.checked_add(places));
        let units = units.ok_or(NotAnAmount::TooLarge)?;
        Ok(Amount(if text.starts_with('-') { -units } else { units }))
    }
}

impl FromStr for Amount {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Amount, NotAnAmount> {
        Amount::parse(text, Self::INPUT_DIGITS)
    }
}

/// Plain decimal digits without trailing zeros: `60`, `-0.000001`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        let (ones, rest) = (units / UNITS_PER_ONE as u128, units % UNITS_PER_ONE as u128);
        if rest == 0 {
            return write!(f, "{sign}{ones}");
        }
        let places = format!("{rest:0width$}", width = SCALE as usize);
        write!(f, "{sign}{ones}.{}", places.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_plain_and_exact() {
        for (units, text) in [
            (0, "0"),
            (1, "0.000000000001"),
            (-1, "-0.000000000001"),
            (UNITS_PER_ONE, "1"),
            (-3 * UNITS_PER_ONE / 2, "-1.5"),
            (Amount::INPUT_LIMIT.0 - 1, "999999999999999.999999999999"),
        ] {
            assert_eq!(Amount(units).to_string(), text);
            assert_eq!(text.parse(), Ok(Amount(units)));
        }
    }

    #[test]
    fn only_plain_decimals_in_range_are_amounts() {
        assert_eq!("1.500000000000000".parse(), Ok(Amount(3 * UNITS_PER_ONE / 2)));
        assert_eq!("000000000000000000001".parse(), Ok(Amount::whole(1)));
        for text in ["", "-", ".5", "5.", "1e3", "+1", "1 ", "--1", "NaN", "1.2.3"] {
            assert_eq!(text.parse::<Amount>(), Err(NotAnAmount::Malformed), "{text:?}");
        }
        assert_eq!("1000000000000000".parse::<Amount>(), Err(NotAnAmount::TooLarge));
        assert_eq!("0.0000000000001".parse::<Amount>(), Err(NotAnAmount::TooPrecise));
    }

    #[test]
    fn limits_hold() {
        assert!(!Amount::INPUT_LIMIT.is_enterable());
        assert!(!(-Amount::INPUT_LIMIT).is_enterable());
        assert!(Amount(Amount::INPUT_LIMIT.0 - 1).is_enterable());
        assert_eq!(Amount(Amount::SUM_LIMIT).checked_add(Amount(1)), None);
        for sum in [Amount(Amount::SUM_LIMIT), Amount(-i128::MAX)] {
            assert_eq!(Amount::from_shown(&sum.to_string()), Ok(sum));
            assert_eq!(sum.to_string().parse::<Amount>(), Err(NotAnAmount::TooLarge));
        }
        let beyond = "999999999999999999999999999";
        assert_eq!(Amount::from_shown(beyond), Err(NotAnAmount::TooLarge));
    }
}

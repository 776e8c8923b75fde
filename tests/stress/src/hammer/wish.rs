//! What spends and holds ask for, at random.

use super::round::{FEATURES, Round, subject};
use crate::grid::Dice;

/// A number for keys, of the whole run.
pub fn key(round: &Round, dice: &mut Dice, percent: u32) -> Option<String> {
    dice.chance(percent).then(|| format!("key {}", round.tick()))
}

/// A key as an SQL literal.
pub fn literal(key: Option<&String>) -> String {
    key.map_or("NULL".to_owned(), |key| format!("'{key}'"))
}

/// What a spend or a hold asks for.
pub struct Wish {
    pub ledger: usize,
    pub feature: &'static str,
    pub amount: String,
    pub overdraft: i64,
    pub dimensions: &'static str,
    pub key: Option<String>,
}

impl Wish {
    /// Any wish, on any ledger.
    pub fn any(round: &Round, dice: &mut Dice, refunds: bool) -> Wish {
        let (feature, meter, _, most_overdraft) = FEATURES[dice.weighted(&[40, 20, 20, 20])];
        let sign = if refunds && dice.chance(10) { "-" } else { "" };
        let amount = if meter == "calls" { "1".to_owned() } else { dice.amount() };
        let overdraft = if dice.chance(20) { most_overdraft } else { 0 };
        let dimensions = match feature {
            "all" if round.plan.noisy => {
                dice.one_of(&["{}", r#"{"model": "small"}"#, r#"{"model": "medium"}"#])
            }
            "all" => dice.one_of(&["{}", r#"{"model": "medium"}"#]),
            _ => "{}",
        };
        let ledger = dice.below(round.plan.ledgers as i64) as usize;
        let key = key(round, dice, 40);
        Wish { ledger, feature, amount: format!("{sign}{amount}"), overdraft, dimensions, key }
    }

    /// What the checks have to know of it, in its own row.
    pub fn metadata(&self) -> String {
        let key = self.key.as_ref().map_or(String::new(), |key| format!(r#", "key": "{key}""#));
        format!(r#"{{"overdraft": "{}"{key}}}"#, self.overdraft)
    }

    /// The arguments from `ledger` to `feature`, and those from the key on.
    pub fn arguments(&self) -> (String, String) {
        let Wish { ledger, feature, amount, overdraft, dimensions, key } = self;
        (
            format!("'{}', '{feature}', {amount}", subject(*ledger)),
            format!(
                "idempotency_key => {}, dimensions => '{dimensions}', overdraft => {overdraft}, \
                 metadata => '{}'",
                literal(key.as_ref()),
                self.metadata()
            ),
        )
    }
}

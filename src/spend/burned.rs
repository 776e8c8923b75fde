//! Which grants paid how much of a spend.

use crate::convert::json::JsonText;
use crate::document::{amount, number};
use credit_engine::{Amount, Id, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use uuid::Uuid;

/// What grants paid, in burn order; negative where they were given back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Burned(Vec<(Id, Amount)>);

/// An element of the JSON.
#[derive(Serialize, Deserialize)]
struct Element {
    #[serde(rename = "grantID")]
    grant_id: String,
    amount: Number,
}

impl Burned {
    /// What grants have paid more `after` than `before`.
    pub fn between(before: &Outcome, after: &Outcome) -> Burned {
        debug_assert_eq!(before.grants.len(), after.grants.len());
        let pairs = before.grants.iter().zip(&after.grants);
        let paid = pairs.map(|(before, after)| (after.id, after.paid - before.paid));
        Burned(paid.filter(|(_, amount)| !amount.is_zero()).collect())
    }

    /// Both together.
    pub fn and(mut self, more: &Burned) -> Burned {
        for (id, amount) in &more.0 {
            match self.0.iter_mut().find(|(known, _)| known == id) {
                Some((_, sum)) => *sum += *amount,
                None => self.0.push((*id, *amount)),
            }
        }
        self
    }

    /// As JSON.
    pub fn to_json(&self) -> JsonText {
        let element = |(id, amount): &(Id, Amount)| Element {
            grant_id: Uuid::from_u128(*id).to_string(),
            amount: number(*amount),
        };
        JsonText::of(&self.0.iter().map(element).collect::<Vec<_>>())
    }

    /// From a column of a table of ours, which holds only what [`Burned::to_json`] gave; raises
    /// XX001 otherwise.
    pub fn stored(json: &JsonText) -> Burned {
        let elements: Vec<Element> = json.stored();
        let pair = |element: &Element| {
            let id = Uuid::parse_str(&element.grant_id).ok()?.as_u128();
            Some((id, amount(&element.amount)?))
        };
        match elements.iter().map(pair).collect() {
            Some(pairs) => Burned(pairs),
            None => json.refuse_stored(),
        }
    }
}

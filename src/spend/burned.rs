//! Which grants paid how much of a spend.

use crate::convert::json::{Json, JsonText};
use crate::document::number;
use crate::error::Error;
use credit_engine::{Amount, Id, Outcome};
use serde::Serialize;
use serde_json::Number;
use uuid::Uuid;

/// What grants paid, in burn order; negative where they were given back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Burned(Vec<(Id, Amount)>);

/// An element of the JSON.
#[derive(Serialize)]
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
    pub fn stored(json: Json<'_>) -> Burned {
        let Json::Array(elements) = json else { refuse_stored() };
        let pairs = elements.map(|element| pair(element).unwrap_or_else(|| refuse_stored()));
        Burned(pairs.collect())
    }
}

/// An element of the JSON.
fn pair(element: Json<'_>) -> Option<(Id, Amount)> {
    let Json::Object(members) = element else { return None };
    let (mut id, mut amount) = (None, None);
    for (name, value) in members {
        match (name, value) {
            ("grantID", Json::String(text)) => id = Uuid::parse_str(text).ok(),
            ("amount", Json::Number(number)) => amount = Some(number.stored()),
            _ => return None,
        }
    }
    Some((id?.as_u128(), amount?))
}

fn refuse_stored() -> ! {
    Error::foreign_row("JSON that is no list of what grants paid").raise()
}

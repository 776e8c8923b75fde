//! Which grants paid how much of a spend.

use crate::convert::json::Json;
use crate::convert::jsonb::Part;
use crate::error::Error;
use crate::spi::{Argument, ToArgument, ToElement};
use credit_engine::{Amount, Id, Outcome};
use pgrx::pg_sys::BuiltinOid;
use uuid::Uuid;

/// What grants paid, in burn order; negative where they were given back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Burned(Vec<(Id, Amount)>);

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

    /// From a column of a table of ours, which holds only what [`Burned::to_argument`] gave; raises
    /// XX001 otherwise.
    pub fn stored(json: Json<'_>) -> Burned {
        let Json::Array(elements) = json else { refuse_stored() };
        let pairs = elements.map(|element| pair(element).unwrap_or_else(|| refuse_stored()));
        Burned(pairs.collect())
    }
}

impl ToArgument for Burned {
    /// As JSON: `[{"grantID": …, "amount": …}, …]`.
    fn to_argument(&self) -> Argument {
        let ids: Vec<String> =
            self.0.iter().map(|(id, _)| Uuid::from_u128(*id).to_string()).collect();
        let element = |(id, (_, amount)): (_, &(Id, Amount))| {
            Part::Object(vec![("grantID", Part::String(id)), ("amount", Part::Number(*amount))])
        };
        let elements = ids.iter().map(String::as_str).zip(&self.0).map(element);
        Part::Array(elements.collect()).to_datum()
    }
}

impl ToElement for Burned {
    const TYPE: BuiltinOid = BuiltinOid::JSONBOID;
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

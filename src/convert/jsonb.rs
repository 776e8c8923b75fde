//! `jsonb` that is made part by part: no text of it is written and parsed again.

use crate::convert::numeric::Numeric;
use credit_engine::Amount;
use pgrx::pg_sys::{self, JsonbPair, JsonbValue, jbvType};
use pgrx::prelude::*;

/// A value to be made.
pub enum Part<'a> {
    /// A string.
    String(&'a str),
    /// A number.
    Number(Amount),
    /// An array of its elements.
    Array(Vec<Part<'a>>),
    /// An object of its members, each name once.
    Object(Vec<(&'a str, Part<'a>)>),
}

impl Part<'_> {
    /// The `jsonb`; the part must be an array or an object.
    pub fn to_datum(&self) -> Option<pg_sys::Datum> {
        let mut held = Held::default();
        let mut value = held.value(self);
        // SAFETY: what the value points to is held until it has been copied into the jsonb.
        Some(pg_sys::Datum::from(unsafe { pg_sys::JsonbValueToJsonb(&raw mut value) }))
    }
}

/// What values point to.
#[derive(Default)]
struct Held {
    elements: Vec<Vec<JsonbValue>>,
    pairs: Vec<Vec<JsonbPair>>,
}

impl Held {
    fn value(&mut self, part: &Part) -> JsonbValue {
        let mut value = JsonbValue::default();
        match part {
            Part::String(text) => {
                value.type_ = jbvType::jbvString;
                value.val.string.val = text.as_ptr().cast_mut().cast();
                value.val.string.len = length(text.len());
            }
            Part::Number(amount) => {
                value.type_ = jbvType::jbvNumeric;
                let number = Numeric::from(*amount).into_datum().expect("a number is a datum");
                value.val.numeric = number.cast_mut_ptr();
            }
            Part::Array(parts) => {
                let mut elements: Vec<JsonbValue> =
                    parts.iter().map(|part| self.value(part)).collect();
                value.type_ = jbvType::jbvArray;
                value.val.array.nElems = length(elements.len());
                value.val.array.elems = elements.as_mut_ptr();
                value.val.array.rawScalar = false;
                self.elements.push(elements);
            }
            Part::Object(members) => {
                let mut members: Vec<&(&str, Part)> = members.iter().collect();
                // The order of jsonb, in which members are looked for.
                members.sort_by_key(|(name, _)| (name.len(), *name));
                let pair = |(name, part): &(&str, Part)| JsonbPair {
                    key: self.value(&Part::String(name)),
                    value: self.value(part),
                    order: 0,
                };
                let mut pairs: Vec<JsonbPair> = members.into_iter().map(pair).collect();
                value.type_ = jbvType::jbvObject;
                value.val.object.nPairs = length(pairs.len());
                value.val.object.pairs = pairs.as_mut_ptr();
                self.pairs.push(pairs);
            }
        }
        value
    }
}

/// What is too long for a jsonb does not come here: it came out of one, or is short.
fn length(length: usize) -> i32 {
    i32::try_from(length).expect("a jsonb holds less")
}

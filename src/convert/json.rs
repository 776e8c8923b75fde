//! Numbers, times and maps of strings in JSON.

use crate::error::{Error, Result};
use credit_engine::{Amount, Time};
use serde_json::{Map, Value};

/// A decimal as an exact JSON number.
pub fn number(decimal: &str) -> Value {
    serde_json::from_str(decimal).expect("a plain decimal is a JSON number")
}

/// An amount as an exact JSON number.
pub fn amount(amount: Amount) -> Value {
    number(&amount.to_string())
}

/// An instant as RFC 3339 in UTC.
pub fn time(at: Time) -> Value {
    Value::String(at.to_string())
}

/// An argument that must be a JSON object whose values are strings.
///
/// # Errors
/// 22023; `name` is the argument's.
pub fn string_map(value: &Value, name: &str) -> Result<Map<String, Value>> {
    let Value::Object(members) = value else {
        return Err(Error::bad_argument(
            format!("\"{name}\" must be a JSON object"),
            format!("It is {}.", kind(value)),
        ));
    };
    match members.iter().find(|(_, member)| !member.is_string()) {
        None => Ok(members.clone()),
        Some((key, member)) => Err(Error::bad_argument(
            format!("\"{name}\" must map strings to strings"),
            format!("The value of \"{key}\" is {}.", kind(member)),
        )
        .hint("Quote it.")),
    }
}

/// What a JSON value is, in words.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

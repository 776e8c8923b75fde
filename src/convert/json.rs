//! Numbers, times and maps of strings in JSON.

use crate::error::{Error, Result};
use credit_engine::{Amount, Time};
use serde_json::{Map, Value, json};

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
            format!("It is of JSON type {}.", kind(value)),
        )
        .hint("Give an object whose values are strings, such as {\"plan\": \"pro\"}."));
    };
    match members.iter().find(|(_, member)| !member.is_string()) {
        None => Ok(members.clone()),
        Some((key, member)) => Err(Error::bad_argument(
            format!("\"{name}\" must map strings to strings"),
            format!("The value of {} is of JSON type {}.", json!(key), kind(member)),
        )
        .hint("Quote it: write numbers and booleans as strings.")),
    }
}

/// The type of a JSON value, as `jsonb_typeof` names it.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

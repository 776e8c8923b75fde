//! Numbers, times and maps of strings in JSON.

use crate::error::{Error, Result};
use credit_engine::{Amount, Time};
use pgrx::prelude::*;
use pgrx::{IntoDatum, direct_function_call};
use serde_json::{Map, Value, json};
use std::ffi::CStr;

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

/// The text that PostgreSQL gives for this JSON, so that Rust and SQL write one spelling.
pub fn as_jsonb_text(value: Value) -> String {
    let jsonb = pgrx::JsonB(value).into_datum();
    // SAFETY: jsonb_out takes a jsonb and gives a C string.
    let text = unsafe { direct_function_call::<&CStr>(pg_sys::jsonb_out, &[jsonb]) };
    text.map(|text| text.to_string_lossy().into_owned()).unwrap_or_default()
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

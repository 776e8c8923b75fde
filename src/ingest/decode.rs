//! An event of a JSON batch.

use super::Event;
use crate::convert::json;
use crate::error::{Error, Result, required};
use credit_engine::{NotAnAmount, Time};
use serde_json::Value;

/// Reads an object whose members are the arguments of `credit_ingest`; null is the default.
pub fn event(value: Value) -> Result<Event> {
    let Value::Object(members) = value else {
        return Err(Error::bad_argument(
            "an event must be a JSON object",
            format!("It is of JSON type {}.", json::kind(&value)),
        ));
    };
    let mut event = Event::default();
    let (mut subject, mut meter) = (None, None);
    for (name, member) in members {
        if member.is_null() {
            continue;
        }
        match name.as_str() {
            "subject" => subject = Some(text(member, "subject")?),
            "meter" => meter = Some(text(member, "meter")?),
            "value" => event.value = Some(number(&member)?),
            "occurred_at" => event.occurred_at = Some(time(text(member, "occurred_at")?)?),
            "dimensions" => event.dimensions = Some(json::string_map(&member, "dimensions")?),
            "idempotency_key" => event.key = Some(text(member, "idempotency_key")?),
            _ => {
                return Err(Error::bad_argument(
                    format!("unknown member \"{name}\""),
                    "An event has subject, meter, value, occurred_at, dimensions and \
                     idempotency_key.",
                ));
            }
        }
    }
    event.subject = required(subject, "subject")?;
    event.meter = required(meter, "meter")?;
    Ok(event)
}

fn text(value: Value, name: &str) -> Result<String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(Error::bad_argument(
            format!("\"{name}\" must be a string"),
            format!("It is of JSON type {}.", json::kind(&other)),
        )),
    }
}

/// A JSON number, or a string for clients whose JSON writer would make it a float.
fn number(value: &Value) -> Result<credit_engine::Amount> {
    let decimal = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        other => {
            return Err(Error::bad_argument(
                "\"value\" must be a number",
                format!("It is of JSON type {}.", json::kind(other)),
            ));
        }
    };
    decimal.parse().map_err(|error| match error {
        NotAnAmount::Malformed => Error::bad_argument(
            "\"value\" is not a number",
            format!("It is \"{decimal}\"; a plain decimal is wanted."),
        ),
        NotAnAmount::TooLarge => Error::out_of_range(
            "\"value\" is out of range",
            "Its absolute value must be below 10^15.",
        ),
        NotAnAmount::TooPrecise => Error::out_of_range(
            "\"value\" has too many decimals",
            "Numbers are exact to 12 decimals and never rounded.",
        ),
    })
}

fn time(text: String) -> Result<Time> {
    text.parse().map_err(|_| {
        Error::bad_argument(
            "\"occurred_at\" is not a time",
            format!("It is \"{text}\"; RFC 3339 is wanted, as in 2024-01-31T12:00:00Z."),
        )
    })
}

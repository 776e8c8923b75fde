//! An event of a JSON batch.

use super::Event;
use crate::convert::json::Json;
use crate::convert::numeric;
use crate::error::{Error, Result, required, shortened};
use credit_engine::{Amount, NotAnAmount, Time};
use credit_numeric::Unreadable;

/// Reads an object whose members are the arguments of `credit_ingest`; null is the default.
pub fn event(event: Json<'_>) -> Result<Event<'_>> {
    let members = match event {
        Json::Object(members) => members,
        other => return Err(other.refused("an event must be a JSON object")),
    };
    let mut event = Event::default();
    let (mut subject, mut meter) = (None, None);
    for (name, value) in members {
        if matches!(value, Json::Null) {
            continue;
        }
        match name {
            "subject" => subject = Some(string(value, name)?),
            "meter" => meter = Some(string(value, name)?),
            "value" => event.value = Some(amount(value)?),
            "occurred_at" => event.occurred_at = Some(time(string(value, name)?)?),
            "dimensions" => event.dimensions = Some(value.string_map(name)?),
            "idempotency_key" => event.key = Some(string(value, name)?),
            _ => {
                return Err(Error::bad_argument(
                    "unknown member",
                    format!("It is {:?}.", shortened(name)),
                )
                .hint(
                    "Give subject, meter, value, occurred_at, dimensions and idempotency_key, \
                     the last four where wanted.",
                ));
            }
        }
    }
    event.subject = required(subject, "subject")?;
    event.meter = required(meter, "meter")?;
    Ok(event)
}

fn string<'a>(value: Json<'a>, name: &str) -> Result<&'a str> {
    match value {
        Json::String(text) => Ok(text),
        other => Err(other.refused(format!("\"{name}\" must be a string"))),
    }
}

/// A JSON number, or a string for clients whose JSON writer would make it a float.
fn amount(value: Json<'_>) -> Result<Amount> {
    let text = match value {
        Json::Number(number) => return number.entered("value"),
        Json::String(text) => text,
        other => return Err(other.refused("\"value\" must be a number")),
    };
    text.parse().map_err(|error| match error {
        NotAnAmount::Malformed => Error::bad_argument(
            "\"value\" is not a number",
            format!("It is {:?}.", shortened(text)),
        )
        .hint("Give a plain decimal, such as 12.5."),
        NotAnAmount::TooLarge => numeric::refused(Unreadable::TooLarge, "value", text),
        NotAnAmount::TooPrecise => numeric::refused(Unreadable::TooPrecise, "value", text),
    })
}

fn time(text: &str) -> Result<Time> {
    text.parse().map_err(|_| {
        Error::bad_argument(
            "\"occurred_at\" is not a time",
            format!("It is {:?}.", shortened(text)),
        )
        .hint("Give RFC 3339 in the years 1 to 9999, such as 2024-01-31T12:00:00Z.")
    })
}

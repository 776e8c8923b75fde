//! An event of a JSON batch.

use super::Event;
use crate::convert::{json, numeric};
use crate::error::{Error, Result, required, shortened};
use credit_engine::{Amount, NotAnAmount, Time};
use credit_numeric::Unreadable;

/// Reads an object whose members are the arguments of `credit_ingest`; null is the default.
pub fn event(text: &str) -> Result<Event> {
    let members = json::members(text).ok_or_else(|| {
        Error::bad_argument("an event must be a JSON object", json::wrong_kind(text))
    })?;
    let mut event = Event::default();
    let (mut subject, mut meter) = (None, None);
    for (name, member) in members {
        let member = member.get();
        if json::kind(member) == "null" {
            continue;
        }
        match name.as_str() {
            "subject" => subject = Some(string(member, "subject")?),
            "meter" => meter = Some(string(member, "meter")?),
            "value" => event.value = Some(number(member)?),
            "occurred_at" => event.occurred_at = Some(time(string(member, "occurred_at")?)?),
            "dimensions" => event.dimensions = Some(json::string_map(member, "dimensions")?),
            "idempotency_key" => event.key = Some(string(member, "idempotency_key")?),
            _ => {
                return Err(Error::bad_argument(
                    "unknown member",
                    format!("It is {:?}.", shortened(&name)),
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

fn string(member: &str, name: &str) -> Result<String> {
    json::string(member).ok_or_else(|| {
        Error::bad_argument(format!("\"{name}\" must be a string"), json::wrong_kind(member))
    })
}

/// A JSON number, or a string for clients whose JSON writer would make it a float.
fn number(member: &str) -> Result<Amount> {
    let decimal = match json::kind(member) {
        "number" => member.to_owned(),
        "string" => string(member, "value")?,
        _ => {
            let message = "\"value\" must be a number";
            return Err(Error::bad_argument(message, json::wrong_kind(member)));
        }
    };
    decimal.parse().map_err(|error| match error {
        NotAnAmount::Malformed => Error::bad_argument(
            "\"value\" is not a number",
            format!("It is {:?}.", shortened(&decimal)),
        )
        .hint("Give a plain decimal, such as 12.5."),
        NotAnAmount::TooLarge => numeric::refused(Unreadable::TooLarge, "value", &decimal),
        NotAnAmount::TooPrecise => numeric::refused(Unreadable::TooPrecise, "value", &decimal),
    })
}

fn time(text: String) -> Result<Time> {
    text.parse().map_err(|_| {
        Error::bad_argument(
            "\"occurred_at\" is not a time",
            format!("It is {:?}.", shortened(&text)),
        )
        .hint("Give RFC 3339 in the years 1 to 9999, such as 2024-01-31T12:00:00Z.")
    })
}

//! An event of a JSON batch.

use super::Event;
use crate::convert::json;
use crate::error::{Error, Result, required, shortened};
use credit_engine::Time;

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
            "subject" => subject = Some(json::text_member(member, "subject")?),
            "meter" => meter = Some(json::text_member(member, "meter")?),
            "value" => event.value = Some(json::amount_member(member, "value")?),
            "occurred_at" => {
                event.occurred_at = Some(time(json::text_member(member, "occurred_at")?)?)
            }
            "dimensions" => event.dimensions = Some(json::string_map(member, "dimensions")?),
            "idempotency_key" => event.key = Some(json::text_member(member, "idempotency_key")?),
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

fn time(text: String) -> Result<Time> {
    text.parse().map_err(|_| {
        Error::bad_argument(
            "\"occurred_at\" is not a time",
            format!("It is {:?}.", shortened(&text)),
        )
        .hint("Give RFC 3339 in the years 1 to 9999, such as 2024-01-31T12:00:00Z.")
    })
}

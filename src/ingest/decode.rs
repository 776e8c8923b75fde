//! An event of a JSON batch.

use super::Event;
use crate::convert::json::Json;
use crate::error::{Error, Result, required, shortened};
use credit_engine::Time;

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
            "subject" => subject = Some(value.string(name)?),
            "meter" => meter = Some(value.string(name)?),
            "value" => event.value = Some(value.amount(name)?),
            "occurred_at" => event.occurred_at = Some(time(value.string(name)?)?),
            "dimensions" => event.dimensions = Some(value.string_map(name)?),
            "idempotency_key" => event.key = Some(value.string(name)?),
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

fn time(text: &str) -> Result<Time> {
    text.parse().map_err(|_| {
        Error::bad_argument(
            "\"occurred_at\" is not a time",
            format!("It is {:?}.", shortened(text)),
        )
        .hint("Give RFC 3339 in the years 1 to 9999, such as 2024-01-31T12:00:00Z.")
    })
}

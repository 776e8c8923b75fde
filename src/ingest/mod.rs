//! Ingest: one event, a JSON array of events, or arrays of their parts.
//!
//! All three go one way: events are checked and interned one by one, in order, and then inserted
//! by one statement. The first bad event refuses the call.

mod decode;
mod gate;
mod intern;
mod sealed;

pub use intern::{Interner, Meter};
use sealed::Sealed;

use crate::convert::json::{Json, StrMap, borrowed};
use crate::convert::{numeric::Numeric, time, xid::Xid8};
use crate::error::{Error, Result, or_raise, required};
use crate::idempotency::{self, TakenEvent, compare};
use crate::rights::as_owner;
use crate::settings::{check_name, namespace_or_default};
use crate::spi::{AppendTable, Argument, Session, array, session};
use crate::{arguments, queries, snapshot, stamp};
use credit_engine::{Amount, Time};
use gate::Gate;
use pgrx::datum::UnboxDatum;
use pgrx::prelude::*;

/// An event as it was given; `None` is the default.
#[derive(Debug, Default)]
struct Event<'a> {
    subject: &'a str,
    meter: &'a str,
    value: Option<Amount>,
    occurred_at: Option<Time>,
    dimensions: Option<StrMap<'a>>,
    key: Option<&'a str>,
}

/// An event as it is stored.
pub struct StoredEvent {
    /// Whose usage on which meter.
    pub stream_id: i64,
    /// When it was used.
    pub occurred_at: Time,
    /// The set of its dimensions.
    pub dims_id: Option<i64>,
    /// How much.
    pub value: Amount,
}

impl StoredEvent {
    /// How many columns `credit.usage_events` has.
    const COLUMNS: usize = 5;
    /// Which of them may be NULL.
    const NULLABLE: &[usize] = &[3];

    /// The columns of `credit.usage_events`, in order.
    fn columns(&self, xid: Xid8) -> [Argument; Self::COLUMNS] {
        let StoredEvent { stream_id, occurred_at, dims_id, value } = self;
        *arguments![*stream_id, xid, *occurred_at, *dims_id, *value]
    }
}

const DEFAULT_VALUE: Amount = Amount::whole(1);

/// Ingests events in order; gives how many were new.
///
/// # Errors
/// Of the first bad event; `is_batch` says whether its position is told.
fn ingest<'a>(
    namespace: Option<&str>,
    events: impl Iterator<Item = Result<Event<'a>>>,
    is_batch: bool,
) -> Result<i64> {
    let namespace = namespace_or_default(namespace)?;
    session(|session| {
        let mut gate = Gate::of_caller(session, &namespace);
        as_owner(|| {
            let sealed = Sealed::of(&namespace);
            let mut interner = Interner::new(session, &namespace);
            let mut fresh = Vec::new();
            for (index, event) in events.enumerate() {
                pgrx::check_for_interrupts!();
                let taken = event.and_then(|event| take(&mut interner, &mut gate, &sealed, event));
                match taken {
                    Ok(stored) => fresh.extend(stored),
                    Err(error) if is_batch => return Err(error.of_element("event", index + 1)),
                    Err(error) => return Err(error),
                }
            }
            let count = fresh.len() as i64;
            insert(session, fresh);
            Ok(count)
        })
    })
}

/// Checks an event and takes its key; `None` for a replay.
fn take(
    interner: &mut Interner,
    gate: &mut Gate,
    sealed: &Sealed,
    event: Event<'_>,
) -> Result<Option<StoredEvent>> {
    check_name(event.subject, "subject")?;
    check_name(event.meter, "meter")?;
    let value = event.value.unwrap_or(DEFAULT_VALUE);
    gate.check(event.subject, value)?;
    let meter = interner.meter(event.meter)?;
    if let Some(dimensions) = &event.dimensions {
        check_dimensions(&meter, event.meter, dimensions.keys().copied())?;
    }
    check_value(&meter, event.meter, value, "value")?;
    let stored = StoredEvent {
        stream_id: interner.stream(&meter, event.subject)?,
        occurred_at: sealed.time_of(event.occurred_at),
        dims_id: (event.dimensions.as_ref())
            .and_then(|dimensions| interner.dimension_set(&meter, dimensions)),
        value,
    };
    let Some(key) = event.key else {
        sealed.refuse(&stored, event.subject)?;
        return Ok(Some(stored));
    };
    check_name(key, "idempotency_key")?;
    let first = idempotency::take_for_event(
        interner.session(),
        interner.namespace(),
        key,
        (stored.stream_id, stored.occurred_at, stored.dims_id, stored.value),
        event.occurred_at.is_some(),
    )?;
    match first {
        None => sealed.refuse(&stored, event.subject).map(|()| Some(stored)),
        Some(first) => {
            check_replay(interner.namespace(), &meter, &event, first, key).map(|()| None)
        }
    }
}

/// Refuses a value that is no event on a COUNT meter; `name` is the argument's.
///
/// # Errors
/// 22023.
pub fn check_value(meter: &Meter, slug: &str, value: Amount, name: &str) -> Result<()> {
    if meter.is_count && value.abs() != DEFAULT_VALUE {
        return Err(Error::bad_argument(
            format!("\"{name}\" must be 1 or -1 on the COUNT meter \"{slug}\""),
            format!("It is {value}."),
        )
        .hint("Give 1 for an event, or -1 to take one back."));
    }
    Ok(())
}

/// Refuses dimensions that the meter does not declare.
///
/// # Errors
/// 22023.
pub fn check_dimensions<'a>(
    meter: &Meter,
    slug: &str,
    mut dimensions: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let has = |name: &str| meter.group_by.iter().any(|dimension| dimension == name);
    match dimensions.find(|name| !has(name)) {
        None => Ok(()),
        Some(name) => Err(Error::bad_argument(
            format!("meter \"{slug}\" has no dimension \"{name}\""),
            format!("Its dimensions: {}.", meter.shown_dimensions()),
        )),
    }
}

/// Compares the arguments of a replay with what the first call stored.
fn check_replay(
    namespace: &str,
    meter: &Meter,
    event: &Event<'_>,
    first: TakenEvent,
    key: &str,
) -> Result<()> {
    let occurred_at = event.occurred_at.filter(|_| first.time_given);
    let stored = first.dimensions.unwrap_or_default();
    let conflict = if first.meter_id != meter.id {
        "meter"
    } else if first.subject != event.subject {
        "subject"
    } else if !compare(event.value, Some(first.value)) {
        "value"
    } else if !compare(occurred_at, Some(first.occurred_at))
        && !occurred_at.is_some_and(|at| Sealed::has_moved(namespace, at, first.occurred_at))
    {
        "occurred_at"
    } else if !compare(event.dimensions.as_ref(), Some(&borrowed(&stored))) {
        "dimensions"
    } else {
        return Ok(());
    };
    Err(Error::idempotency_conflict(key, conflict))
}

/// Writes events, those of a stream together: the index is then written, and later the table read,
/// page by page.
pub fn insert(session: &Session, mut events: Vec<StoredEvent>) {
    snapshot::wrote(events.iter().map(|event| event.stream_id));
    events.sort_by_key(|event| event.stream_id);
    if events.is_empty() {
        return;
    }
    if let Some(table) =
        AppendTable::open(c"usage_events", StoredEvent::COLUMNS, StoredEvent::NULLABLE)
    {
        let xid = stamp::take();
        for event in &events {
            table.add(&event.columns(xid));
        }
        return;
    }
    let streams = array(events.iter().map(|event| event.stream_id));
    let times = array(events.iter().map(|event| event.occurred_at));
    let dims = array(events.iter().map(|event| event.dims_id));
    let values = array(events.iter().map(|event| event.value));
    session.write(&queries::INSERT_EVENTS, &[streams, times, dims, values]);
}

/// `credit_ingest`: one event; false for a replay.
#[pg_extern(sql = false)]
fn credit_ingest(
    subject: Option<&str>,
    meter: Option<&str>,
    value: Option<Numeric>,
    occurred_at: Option<TimestampWithTimeZone>,
    dimensions: Option<Json<'_>>,
    idempotency_key: Option<&str>,
    namespace: Option<&str>,
) -> bool {
    or_raise(|| {
        let event = Event {
            subject: required(subject, "subject")?,
            meter: required(meter, "meter")?,
            value: Some(required(value, "value")?.entered("value")?),
            occurred_at: occurred_at.map(|at| time::entered(at, "occurred_at")).transpose()?,
            dimensions: (dimensions)
                .map(|dimensions| dimensions.string_map("dimensions"))
                .transpose()?,
            key: idempotency_key,
        };
        Ok(ingest(namespace, std::iter::once(Ok(event)), false)? == 1)
    })
}

/// `credit_ingest_batch`: a JSON array of events.
#[pg_extern(sql = false)]
fn credit_ingest_batch(events: Option<Json<'_>>, namespace: Option<&str>) -> i64 {
    or_raise(|| {
        let events = required(events, "events")?.elements("events")?;
        ingest(namespace, events.map(decode::event), true)
    })
}

/// `credit_ingest_arrays`: arrays of equal length; NULL elements are defaults.
#[pg_extern(sql = false)]
fn credit_ingest_arrays<'a>(
    subjects: Option<Array<'a, &'a str>>,
    meters: Option<Array<'a, &'a str>>,
    amounts: Option<Array<'a, Numeric>>,
    occurred_ats: Option<Array<'a, TimestampWithTimeZone>>,
    idempotency_keys: Option<Array<'a, &'a str>>,
    dimensions: Option<Array<'a, Json<'a>>>,
    namespace: Option<&'a str>,
) -> i64 {
    or_raise(|| {
        let subjects = required(subjects, "subjects")?;
        let length = subjects.len();
        let meters = Some(required(meters, "meters")?);
        let mut meters = column(&meters, length, "meters")?;
        let mut amounts = column(&amounts, length, "amounts")?;
        let mut times = column(&occurred_ats, length, "occurred_ats")?;
        let mut keys = column(&idempotency_keys, length, "idempotency_keys")?;
        let mut dimensions = column(&dimensions, length, "dimensions")?;
        let events = subjects.iter().map(|subject| {
            let (meter, amount) = (meters.next().flatten(), amounts.next().flatten());
            let (at, key) = (times.next().flatten(), keys.next().flatten());
            let dimensions = dimensions.next().flatten();
            Ok(Event {
                subject: required(subject, "subject")?,
                meter: required(meter, "meter")?,
                value: amount.map(|amount| amount.entered("value")).transpose()?,
                occurred_at: at.map(|at| time::entered(at, "occurred_at")).transpose()?,
                dimensions: (dimensions)
                    .map(|dimensions| dimensions.string_map("dimensions"))
                    .transpose()?,
                key,
            })
        });
        ingest(namespace, events, true)
    })
}

/// The elements of an optional array; NULLs without end where there is no array.
fn column<'a, T: UnboxDatum>(
    array: &'a Option<Array<'_, T>>,
    length: usize,
    name: &str,
) -> Result<impl Iterator<Item = Option<T::As<'a>>>> {
    if let Some(array) = array.as_ref().filter(|array| array.len() != length) {
        return Err(Error::bad_argument(
            "arrays must be of equal length",
            format!("\"subjects\" has {length} elements, \"{name}\" has {}.", array.len()),
        ));
    }
    Ok(array.iter().flat_map(Array::iter).chain(std::iter::repeat_with(|| None)))
}

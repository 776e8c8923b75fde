//! Idempotency keys: the first call takes its key, the next is answered as the first was.
//!
//! Keys have a table of their own, so that only a call with a key pays for it. Taking a key waits
//! for another transaction that is taking the same one.

use crate::arguments;
use crate::convert::json::StringMap;
use crate::error::{Error, Result};
use crate::queries;
use crate::spi::{Session, with_fresh_snapshot};
use credit_engine::{Amount, Time};
use uuid::Uuid;

/// What a key is unique among, inside of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Usage events and spends.
    Usage,
    /// Grants.
    Grant,
    /// Resets.
    Reset,
}

impl Scope {
    fn name(self) -> &'static str {
        match self {
            Scope::Usage => "usage",
            Scope::Grant => "grant",
            Scope::Reset => "reset",
        }
    }
}

/// A grant's or a reset's key that was taken before.
pub struct Taken {
    /// The row that the first call wrote.
    pub row: Uuid,
    /// Whether the first call named a time; a default is not compared.
    pub time_given: bool,
}

/// Takes a key for the row `id`, or says that it is taken already.
pub fn try_take(
    session: &Session,
    namespace: &str,
    scope: Scope,
    key: &str,
    id: Uuid,
    time_given: bool,
) -> bool {
    let (no_id, no_time, no_value) = (None::<i64>, None::<Time>, None::<Amount>);
    let taken = session.write(
        &queries::TAKE_KEY,
        arguments![namespace, scope.name(), key, id, no_id, no_time, no_id, no_value, time_given],
    );
    taken.len() > 0
}

/// Takes a key for the grant or reset `id`, or says what it stands for already.
pub fn take(
    session: &Session,
    namespace: &str,
    scope: Scope,
    key: &str,
    id: Uuid,
    time_given: bool,
) -> Option<Taken> {
    if try_take(session, namespace, scope, key, id, time_given) {
        return None;
    }
    let first = find(session, namespace, scope, key);
    assert!(first.is_some(), "a key that cannot be taken is there");
    first
}

/// What a grant's or a reset's key stands for.
pub fn find(session: &Session, namespace: &str, scope: Scope, key: &str) -> Option<Taken> {
    with_fresh_snapshot(|| {
        let rows = session.read(&queries::KEY_OF_ROW, arguments![namespace, scope.name(), key]);
        rows.first().map(|row| Taken { row: row.uuid(), time_given: row.value() })
    })
}

/// A usage event as its key keeps it.
pub struct TakenEvent {
    /// The meter.
    pub meter_id: Uuid,
    /// The subject.
    pub subject: String,
    /// When it occurred.
    pub occurred_at: Time,
    /// Its dimensions, where it has any.
    pub dimensions: Option<StringMap>,
    /// How much.
    pub value: Amount,
    /// Whether the first call named a time; a default is not compared.
    pub time_given: bool,
}

/// Takes a key for an event, or gives the event that it stands for already.
///
/// # Errors
/// UC104 where it stands for a spend.
pub fn take_for_event(
    session: &Session,
    namespace: &str,
    key: &str,
    (stream_id, occurred_at, dims_id, value): (i64, Time, Option<i64>, Amount),
    time_given: bool,
) -> Result<Option<TakenEvent>> {
    let scope = Scope::Usage.name();
    let no_row = None::<Uuid>;
    let taken = session.write(
        &queries::TAKE_KEY,
        arguments![
            namespace,
            scope,
            key,
            no_row,
            stream_id,
            occurred_at,
            dims_id,
            value,
            time_given
        ],
    );
    if taken.len() > 0 {
        return Ok(None);
    }
    with_fresh_snapshot(|| {
        let rows = session.read(&queries::KEY_OF_EVENT, arguments![namespace, key]);
        let row = rows.first().ok_or_else(|| Error::idempotency_conflict(key, "function"))?;
        Ok(Some(TakenEvent {
            meter_id: row.uuid(),
            subject: row.value(),
            occurred_at: row.time(),
            dimensions: row.option_string_map(),
            value: row.amount(),
            time_given: row.value(),
        }))
    })
}

/// Whether an argument is what was stored; one that was not given is.
pub fn compare<T: PartialEq>(given: Option<T>, stored: Option<T>) -> bool {
    given.is_none() || given == stored
}

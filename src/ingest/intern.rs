//! Interning of streams and dimension sets.
//!
//! Nothing here waits for another session: two that meet the same key first both write a row, and
//! readers sum over all rows of a key. Lookups see what this transaction interned before. What is
//! committed is remembered by the backend: the rows never change.

use crate::arguments;
use crate::convert::json::{StrMap, borrowed, one_text};
use crate::error::{Error, Result};
use crate::ids;
use crate::known::{self, Known};
use crate::queries;
use crate::spi::Session;
use crate::stamp;
use std::rc::Rc;
use uuid::Uuid;

/// A row of `credit.meters`.
pub struct Meter {
    /// Identity.
    pub id: Uuid,
    /// Whether events are counted rather than their values summed.
    pub is_count: bool,
    /// The dimensions that its usage may carry.
    pub group_by: Vec<String>,
}

impl Meter {
    /// The dimensions for a message.
    pub fn shown_dimensions(&self) -> String {
        if self.group_by.is_empty() { "none".to_owned() } else { self.group_by.join(", ") }
    }
}

/// Looks up meters, streams and dimension sets.
pub struct Interner<'a> {
    session: &'a Session,
    namespace: &'a str,
    /// What this transaction wrote itself, and may take back: known for this call only.
    own: Known,
}

impl<'a> Interner<'a> {
    /// An interner for one call.
    pub fn new(session: &'a Session, namespace: &'a str) -> Interner<'a> {
        known::refresh();
        Interner { session, namespace, own: Known::default() }
    }

    /// The session it works in.
    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// The namespace it works in.
    pub fn namespace(&self) -> &'a str {
        self.namespace
    }

    /// A meter by its slug.
    ///
    /// # Errors
    /// UC004.
    pub fn meter(&mut self, slug: &str) -> Result<Rc<Meter>> {
        if let Some(meter) = self.known(|known| known.meters.get(self.namespace, slug).cloned()) {
            return Ok(meter);
        }
        let rows = self.session.write(&queries::METER, arguments![self.namespace, slug]);
        let row = rows.first().ok_or_else(|| Error::meter_not_found(slug, self.namespace))?;
        let meter = Rc::new(Meter {
            id: row.uuid(),
            is_count: row.value::<String>() == "COUNT",
            group_by: row.value(),
        });
        let (namespace, remembered) = (self.namespace.to_owned(), Rc::clone(&meter));
        let slug = slug.to_owned();
        self.remember(row.xid(), |known| known.meters.insert(namespace, slug, remembered));
        Ok(meter)
    }

    /// The stream of a subject on a meter.
    ///
    /// # Errors
    /// 22023 for a new stream of the id of a ledger.
    pub fn stream(&mut self, meter: &Meter, subject: &str) -> Result<i64> {
        if let Some(id) = self.known(|known| known.streams.get(&meter.id, subject).copied()) {
            return Ok(id);
        }
        let hash = ids::subject_hash(self.namespace, subject);
        let (first, last) = ids::interned_range(hash);
        let rows = self.session.write(&queries::STREAMS, arguments![first, last, subject]);
        let found = (rows.iter())
            .map(|row| (row.value::<i64>(), row.uuid(), row.xid()))
            .find(|(_, meter_id, _)| *meter_id == meter.id);
        if let Some((id, _, xid)) = found {
            self.remember(xid, |known| known.streams.insert(meter.id, subject.to_owned(), id));
            return Ok(id);
        }
        self.refuse_ledger_id(subject)?;
        let id = self.insert(hash, |id| {
            let arguments = arguments![id, meter.id, subject];
            self.session.write(&queries::INSERT_STREAM, arguments).len()
        });
        self.own.streams.insert(meter.id, subject.to_owned(), id);
        Ok(id)
    }

    /// A ledger is found by its id too, but its usage only by its subject: what is sent to the id
    /// would never be counted.
    fn refuse_ledger_id(&self, subject: &str) -> Result<()> {
        let Some(id) = ids::parse_uuid(subject) else { return Ok(()) };
        let rows = self.session.write(&queries::LEDGER_BY_ID, arguments![self.namespace, id]);
        match rows.first() {
            None => Ok(()),
            Some(_) => Err(Error::bad_argument(
                "\"subject\" must not be the id of a ledger",
                format!("It is \"{subject}\"."),
            )
            .hint("Send usage to the subject of the ledger.")),
        }
    }

    /// The set of these dimensions; `None` for no dimensions.
    pub fn dimension_set(&mut self, meter: &Meter, dimensions: &StrMap<'_>) -> Option<i64> {
        if dimensions.is_empty() {
            return None;
        }
        let content = one_text(dimensions);
        let known = self.known(|known| known.dimension_sets.get(&meter.id, &*content).copied());
        if known.is_some() {
            return known;
        }
        let names_and_values = dimensions.iter().flat_map(|(name, value)| [name, value]);
        let parts = names_and_values.map(|part| part.as_bytes());
        let hash = ids::hash(std::iter::once(meter.id.as_bytes().as_slice()).chain(parts));
        let (first, last) = ids::interned_range(hash);
        let arguments = arguments![first, last, meter.id];
        let rows = self.session.write(&queries::DIMENSION_SETS, arguments);
        let found = (rows.iter())
            .map(|row| (row.value::<i64>(), row.string_map(), row.xid()))
            .find(|(_, stored, _)| borrowed(stored) == *dimensions);
        if let Some((id, _, xid)) = found {
            self.remember(xid, |known| known.dimension_sets.insert(meter.id, content, id));
            return Some(id);
        }
        let id = self.insert(hash, |id| {
            let arguments = arguments![id, meter.id, dimensions];
            self.session.write(&queries::INSERT_DIMENSION_SET, arguments).len()
        });
        self.own.dimension_sets.insert(meter.id, content, id);
        Some(id)
    }

    /// Looks among what this transaction wrote, then among what is committed.
    fn known<T>(&self, look: impl Fn(&Known) -> Option<T>) -> Option<T> {
        look(&self.own).or_else(|| known::committed(look))
    }

    /// Remembers a row that was read, for good where another transaction wrote it: then it is
    /// committed, for it was seen.
    fn remember<T>(&mut self, xid: u64, insert: impl FnOnce(&mut Known) -> T) {
        if stamp::is_own(xid) {
            insert(&mut self.own);
        } else {
            known::remember(insert);
        }
    }

    /// Writes a row under a new id. The sequence can stand behind the ids that are there: logical
    /// replication copies no sequences.
    fn insert(&self, hash: u32, write: impl Fn(i64) -> usize) -> i64 {
        loop {
            let rows = self.session.write(&queries::NEXT_INTERN_NUMBER, &[]);
            let number = rows.first().map(|row| row.value()).expect("a sequence gives a number");
            let id = ids::interned_id(hash, number);
            if write(id) > 0 {
                return id;
            }
        }
    }
}

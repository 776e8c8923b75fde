//! Interning of streams and dimension sets.
//!
//! Nothing here waits for another session: two that meet the same key first both write a row, and
//! readers sum over all rows of a key. Lookups see what this transaction interned before.

use crate::arguments;
use crate::convert::json::StringMap;
use crate::error::{Error, Result};
use crate::ids;
use crate::queries;
use crate::spi::Session;
use std::collections::HashMap;
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

/// Looks up meters, streams and dimension sets, each once in a call.
pub struct Interner<'a> {
    session: &'a Session,
    namespace: &'a str,
    meters: HashMap<String, Rc<Meter>>,
    streams: HashMap<(Uuid, String), i64>,
    dimension_sets: HashMap<(Uuid, StringMap), i64>,
}

impl<'a> Interner<'a> {
    /// An interner that has seen nothing.
    pub fn new(session: &'a Session, namespace: &'a str) -> Interner<'a> {
        Interner {
            session,
            namespace,
            meters: HashMap::new(),
            streams: HashMap::new(),
            dimension_sets: HashMap::new(),
        }
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
        if let Some(meter) = self.meters.get(slug) {
            return Ok(Rc::clone(meter));
        }
        let rows = self.session.write(&queries::METER, arguments![self.namespace, slug]);
        let row = rows.first().ok_or_else(|| Error::meter_not_found(slug, self.namespace))?;
        let meter = Rc::new(Meter {
            id: row.uuid(),
            is_count: row.value::<String>() == "COUNT",
            group_by: row.value(),
        });
        self.meters.insert(slug.to_owned(), Rc::clone(&meter));
        Ok(meter)
    }

    /// The stream of a subject on a meter.
    pub fn stream(&mut self, meter: &Meter, subject: &str) -> i64 {
        let key = (meter.id, subject.to_owned());
        if let Some(id) = self.streams.get(&key) {
            return *id;
        }
        let hash = ids::subject_hash(self.namespace, subject);
        let (first, last) = ids::interned_range(hash);
        let rows = self.session.write(&queries::STREAMS, arguments![first, last, subject]);
        let found = (rows.iter())
            .map(|row| (row.value::<i64>(), row.uuid()))
            .find(|(_, meter_id)| *meter_id == meter.id);
        let id = match found {
            Some((id, _)) => id,
            None => {
                let id = ids::interned_id(hash, self.next_number());
                let arguments = arguments![id, meter.id, subject];
                self.session.write(&queries::INSERT_STREAM, arguments);
                id
            }
        };
        self.streams.insert(key, id);
        id
    }

    /// The set of these dimensions; `None` for no dimensions.
    pub fn dimension_set(&mut self, meter: &Meter, dimensions: &StringMap) -> Option<i64> {
        if dimensions.is_empty() {
            return None;
        }
        let key = (meter.id, dimensions.clone());
        if let Some(id) = self.dimension_sets.get(&key) {
            return Some(*id);
        }
        let names_and_values = dimensions.iter().flat_map(|(name, value)| [name, value]);
        let parts = names_and_values.map(|part| part.as_bytes());
        let hash = ids::hash(std::iter::once(meter.id.as_bytes().as_slice()).chain(parts));
        let (first, last) = ids::interned_range(hash);
        let arguments = arguments![first, last, meter.id];
        let rows = self.session.write(&queries::DIMENSION_SETS, arguments);
        let found = (rows.iter())
            .map(|row| (row.value::<i64>(), row.string_map()))
            .find(|(_, stored)| stored == dimensions);
        let id = match found {
            Some((id, _)) => id,
            None => {
                let id = ids::interned_id(hash, self.next_number());
                let arguments = arguments![id, meter.id, dimensions];
                self.session.write(&queries::INSERT_DIMENSION_SET, arguments);
                id
            }
        };
        self.dimension_sets.insert(key, id);
        Some(id)
    }

    fn next_number(&self) -> i64 {
        let rows = self.session.write(&queries::NEXT_INTERN_NUMBER, &[]);
        rows.first().map(|row| row.value()).expect("a sequence gives a number")
    }
}

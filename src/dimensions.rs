//! The dimensions that events carry, by the ids of their sets.

use crate::convert::json::StringMap;
use crate::known;
use crate::spi::Session;
use crate::stamp;
use crate::{arguments, queries};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// The dimension sets with these ids, but those that are not there. What is committed is
/// remembered by the backend, so that many different sets are read as fast as one.
pub fn load(session: &Session, ids: BTreeSet<i64>) -> HashMap<i64, Rc<StringMap>> {
    if ids.is_empty() {
        return HashMap::new();
    }
    known::refresh();
    let mut sets = HashMap::new();
    let mut unknown: Vec<i64> = Vec::new();
    for id in ids {
        match known::committed(|known| known.dimensions.get(&id).cloned()) {
            Some(set) => _ = sets.insert(id, set),
            None => unknown.push(id),
        }
    }
    if !unknown.is_empty() {
        let rows = session.read(&queries::DIMENSION_SETS_BY_ID, arguments![unknown]);
        for row in rows.iter() {
            let (id, set, xid) = (row.value(), Rc::new(row.string_map()), row.xid());
            if !stamp::is_own(xid) {
                known::remember(|known| known.dimensions.insert(id, Rc::clone(&set)));
            }
            sets.insert(id, set);
        }
    }
    sets
}

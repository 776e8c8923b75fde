//! The dimensions that events carry, by the ids of their sets.

use crate::convert::json::StringMap;
use crate::known;
use crate::spi::{IndexedTable, Key};
use crate::stamp;
use std::collections::HashMap;
use std::rc::Rc;

/// Whether a set that was loaded is committed.
pub fn is_committed(id: i64) -> bool {
    known::committed(|known| known.dimensions.contains_key(&id).then_some(())).is_some()
}

/// The dimension sets with these ids, but those that are not there. What is committed is
/// remembered by the backend, so that many different sets are read as fast as one.
pub fn load(ids: impl IntoIterator<Item = i64>) -> HashMap<i64, Rc<StringMap>> {
    let mut ids = ids.into_iter().peekable();
    let mut sets: HashMap<i64, Rc<StringMap>> = HashMap::new();
    if ids.peek().is_none() {
        return sets;
    }
    known::refresh();
    let mut table = None;
    for id in ids {
        if sets.contains_key(&id) {
            continue;
        }
        if let Some(set) = known::committed(|known| known.dimensions.get(&id).cloned()) {
            sets.insert(id, set);
            continue;
        }
        let open = || IndexedTable::open(c"dimension_sets", c"dimension_sets_pkey");
        let row = table.get_or_insert_with(open).last(&[(1, Key::bigint(id))], |row| {
            row.skip(2);
            (Rc::new(row.string_map()), row.xid())
        });
        let Some((set, xid)) = row else { continue };
        if !stamp::is_own(xid) {
            known::remember(|known| known.dimensions.insert(id, Rc::clone(&set)));
        }
        sets.insert(id, set);
    }
    sets
}

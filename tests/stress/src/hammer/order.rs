//! The times of a ledger's spends, holds and ends of holds: all different, and in the order of the
//! calls. A call that was sent after another one had been acknowledged has the later time.

use super::log::{Entry, Kind};
use super::past::Past;
use crate::grid;
use crate::session::Session;
use credit_engine::Time;
use std::collections::{BTreeMap, HashMap};

/// What is out of order.
pub fn broken(session: &mut Session, pasts: &[Past], entries: &[Entry]) -> Vec<String> {
    let ids: HashMap<&str, usize> =
        pasts.iter().enumerate().map(|(index, past)| (past.ledger_id.as_str(), index)).collect();
    // Both spends of one settlement have its time.
    let written = session.must(
        "SELECT ledger_id, coalesce(hold_id, id), (extract(epoch FROM created_at) * 1000000)::bigint
           FROM (SELECT DISTINCT ledger_id, CASE WHEN hold_id IS NULL THEN id END AS id, hold_id,
                        created_at FROM credit.spends) AS s
         UNION ALL
         SELECT ledger_id, id, (extract(epoch FROM held_at) * 1000000)::bigint FROM credit.holds
         UNION ALL
         SELECT ledger_id, hold_id, (extract(epoch FROM ended_at) * 1000000)::bigint
           FROM credit.hold_ends WHERE state = 'RELEASED'",
    );
    let mut wrong = Vec::new();
    let mut taken: BTreeMap<(usize, Time), String> = BTreeMap::new();
    for row in written {
        let Some(ledger) = ids.get(row.text(0)) else { continue };
        let at = grid::at(row.value(2));
        if let Some(other) = taken.insert((*ledger, at), row.text(1).to_owned()) {
            wrong.push(format!("{other} and {} are both written at {at}", row.text(1)));
        }
    }
    let stepped_back = session.must(
        "SELECT ledger_id, (extract(epoch FROM created_at) * 1000000)::bigint FROM credit.spends
          WHERE metadata ? 'clock'",
    );
    for row in stepped_back {
        let Some(ledger) = ids.get(row.text(0)) else { continue };
        let at = grid::at(row.value(1));
        if let Some(((_, before), id)) = taken.range((*ledger, Time::MIN)..(*ledger, at)).next() {
            wrong.push(format!(
                "{id} is written at {before}, before {at}, when the clock stepped back"
            ));
        }
    }
    let spends = pasts.iter().flat_map(|past| &past.spends);
    let of_spend: HashMap<&str, Time> =
        spends.map(|spend| (spend.id.as_str(), spend.written)).collect();
    let holds: HashMap<&str, Time> =
        taken.iter().rev().map(|((_, at), id)| (id.as_str(), *at)).collect();
    let mut calls: Vec<(usize, Time, &Entry)> = entries
        .iter()
        .filter(|entry| !entry.replayed && entry.key.is_none())
        .filter_map(|entry| match entry.kind {
            kind if kind.spends() => {
                of_spend.get(entry.id.as_str()).map(|at| (entry.ledger, *at, entry))
            }
            // Of the times with its id the first.
            Kind::Reserve => holds.get(entry.id.as_str()).map(|at| (entry.ledger, *at, entry)),
            _ => None,
        })
        .collect();
    calls.sort_by_key(|(ledger, at, _)| (*ledger, *at));
    let mut latest: Option<(usize, &Entry)> = None;
    for (ledger, at, entry) in calls {
        match latest {
            Some((of, earlier)) if of == ledger && entry.ended < earlier.began => {
                wrong.push(format!("{at} is too late: {entry:?}\nwas over before {earlier:?}"));
            }
            Some((of, earlier)) if of == ledger && entry.began <= earlier.began => {}
            _ => latest = Some((ledger, entry)),
        }
    }
    wrong
}

//! The facts of a ledger with the times at which they were written, read by plain SQL. All but
//! plain usage is written under the ledger's lock, so what a call knew is what is not later.

use super::log::Snapshot;
use crate::facts::{self, id, uuid};
use crate::grid;
use crate::session::{Row, Session, quoted};
use credit_engine::{Amount, Facts, Grant, Id, Reset, Time};
use std::collections::HashMap;

/// A ledger.
pub struct Past {
    pub ledger_id: String,
    pub features: Vec<FeaturePast>,
    pub spends: Vec<SpendPast>,
}

/// What decides the balance of one feature.
pub struct FeaturePast {
    pub name: String,
    measure_from: Time,
    grants: Vec<(Grant, Written)>,
    resets: Vec<(Reset, Written)>,
    voids: HashMap<Id, Written>,
    pub usage: Vec<Event>,
    holds: Vec<Hold>,
}

/// When a fact was written.
type Written = Time;

/// Usage.
pub struct Event {
    pub at: Time,
    pub value: Amount,
    pub xid: u64,
    /// When the spend that it is of was written, and of which feature that was; `None`: nobody
    /// was asked.
    pub spend: Option<(Written, String)>,
}

struct Hold {
    amount: Amount,
    at: Time,
    expires_at: Time,
    ended: Option<Written>,
}

/// A row of `credit.spends`.
pub struct SpendPast {
    pub id: String,
    pub feature: String,
    pub amount: Amount,
    pub at: Time,
    pub written: Written,
    pub balance: Amount,
    pub available: Amount,
    /// Grants and what they paid, by id.
    pub burned: Vec<(String, Amount)>,
    pub hold_id: Option<String>,
    pub overdraft: Amount,
    pub key: Option<String>,
    pub xid: u64,
}

fn us(column: &str) -> String {
    format!("(extract(epoch FROM {column}) * 1000000)::bigint")
}

fn time(row: &Row, column: usize) -> Option<Time> {
    row.option(column).map(grid::at)
}

fn must(row: &Row, column: usize) -> Time {
    time(row, column).expect("a time")
}

/// Reads a ledger.
pub fn load(session: &mut Session, namespace: &str, subject: &str) -> Past {
    let features = facts::load(session, namespace, subject).expect("facts");
    let (namespace, subject) = (quoted(namespace), quoted(subject));
    let ledger = format!("l.namespace = {namespace} AND l.subject = {subject}");
    let matches = "coalesce(d.dimensions, '{}') @> coalesce(f.meter_group_by_filters, '{}')";
    let [ids, voids, resets, events, holds, spends] = session
        .all(&format!(
            "SELECT l.id FROM credit.ledgers l WHERE {ledger};
             SELECT v.grant_id, {void} FROM credit.ledgers l
               JOIN credit.grant_voids v ON v.ledger_id = l.id WHERE {ledger};
             SELECT r.id, {reset}, {reset_at} FROM credit.ledgers l
               JOIN credit.resets r ON r.ledger_id = l.id WHERE {ledger};
             SELECT f.name, {event}, trim_scale(e.value), e.xid, {spent}, o.name
               FROM credit.features f
               JOIN credit.meters m ON m.namespace = f.namespace AND m.slug = f.meter_slug
               JOIN credit.streams t ON t.meter_id = m.id AND t.subject = {subject}
               JOIN credit.usage_events e ON e.stream_id = t.id
               LEFT JOIN credit.dimension_sets d ON d.id = e.dims_id
               JOIN credit.ledgers l ON {ledger}
               LEFT JOIN credit.spends s ON s.ledger_id = l.id AND s.occurred_at = e.occurred_at
                    AND s.xid = e.xid AND s.amount = e.value
                    AND s.dims_id IS NOT DISTINCT FROM e.dims_id
               LEFT JOIN credit.features o ON o.id = s.feature_id
              WHERE f.namespace = {namespace} AND {matches};
             SELECT f.name, trim_scale(h.amount), {held}, {expires}, {ended}
               FROM credit.ledgers l JOIN credit.holds h ON h.ledger_id = l.id
               JOIN credit.streams t ON t.id = h.stream_id
               JOIN credit.meters m ON m.id = t.meter_id
               JOIN credit.features f ON f.namespace = l.namespace AND f.meter_slug = m.slug
               LEFT JOIN credit.dimension_sets d ON d.id = h.dims_id
               LEFT JOIN credit.hold_ends e ON e.hold_id = h.id WHERE {ledger} AND {matches};
             SELECT s.id, f.name, trim_scale(s.amount), {occurred}, {written},
                    trim_scale(s.balance), trim_scale(s.available), {burned}, s.hold_id,
                    s.metadata ->> 'overdraft', s.metadata ->> 'key', s.xid
               FROM credit.ledgers l JOIN credit.spends s ON s.ledger_id = l.id
               JOIN credit.features f ON f.id = s.feature_id
              WHERE {ledger} AND NOT s.metadata ? 'clock'
              ORDER BY s.created_at, s.occurred_at",
            void = us("v.created_at"),
            reset = us("r.created_at"),
            reset_at = us("r.effective_at"),
            event = us("e.occurred_at"),
            spent = us("s.created_at"),
            held = us("h.held_at"),
            expires = us("h.expires_at"),
            ended = us("e.ended_at"),
            occurred = us("s.occurred_at"),
            written = us("s.created_at"),
            burned = "(SELECT string_agg(concat(b ->> 'grantID', ' ', trim_scale((b ->> 'amount')::numeric)), ',')
                         FROM jsonb_array_elements(s.burned) AS b)",
        ))
        .expect("facts")
        .try_into()
        .expect("six results");
    let voids: HashMap<Id, Time> =
        voids.iter().map(|row| (id(row.text(0)), must(row, 1))).collect();
    let resets: HashMap<Id, (Time, Time)> =
        resets.iter().map(|row| (id(row.text(0)), (must(row, 1), must(row, 2)))).collect();
    let by_time: HashMap<Time, Time> =
        resets.values().map(|(written, at)| (*at, *written)).collect();
    let features = features.into_iter().map(|feature| {
        let own = |row: &&Row| row.text(0) == feature.name;
        FeaturePast {
            measure_from: feature.facts.measure_from,
            // A child comes with its reset.
            grants: (feature.facts.grants.iter())
                .map(|grant| match grant.parent {
                    Some(_) => (grant.clone(), by_time[&grant.effective_at]),
                    None => (grant.clone(), grant.created_at),
                })
                .collect(),
            resets: feature.facts.resets.iter().map(|one| (*one, resets[&one.id].0)).collect(),
            voids: voids.clone(),
            usage: events.iter().filter(own).map(event).collect(),
            holds: holds.iter().filter(own).map(hold).collect(),
            name: feature.name.clone(),
        }
    });
    Past {
        ledger_id: ids[0].text(0).to_owned(),
        features: features.collect(),
        spends: spends.iter().map(spend).collect(),
    }
}

fn event(row: &Row) -> Event {
    Event {
        at: must(row, 1),
        value: row.value(2),
        xid: row.value(3),
        spend: time(row, 4).map(|written| (written, row.text(5).to_owned())),
    }
}

fn hold(row: &Row) -> Hold {
    Hold { amount: row.value(1), at: must(row, 2), expires_at: must(row, 3), ended: time(row, 4) }
}

fn spend(row: &Row) -> SpendPast {
    let burned = row.0[7].iter().flat_map(|text| text.split(',')).map(|pair| {
        let (id, amount) = pair.split_once(' ').expect("a grant and an amount");
        (id.to_owned(), amount.parse().expect("an amount"))
    });
    let mut burned: Vec<(String, Amount)> = burned.collect();
    burned.sort();
    SpendPast {
        id: row.text(0).to_owned(),
        feature: row.text(1).to_owned(),
        amount: row.value(2),
        at: must(row, 3),
        written: must(row, 4),
        balance: row.value(5),
        available: row.value(6),
        burned,
        hold_id: row.0[8].clone(),
        overdraft: row.value(9),
        key: row.0[10].clone(),
        xid: row.value(11),
    }
}

/// Usage as the model takes it.
pub type Usage = Vec<(Time, Amount)>;

impl FeaturePast {
    /// Everything, as it stands in the end.
    pub fn all(&self) -> Facts {
        Facts {
            measure_from: self.measure_from,
            grants: self.grants.iter().map(|(grant, _)| grant.clone()).collect(),
            resets: self.resets.iter().map(|(reset, _)| *reset).collect(),
        }
    }

    /// Grants, voids and resets that were written by a time.
    pub fn known(&self, by: Time) -> Facts {
        let grants = self.grants.iter().filter(|(_, written)| *written <= by);
        let grants = grants.map(|(grant, _)| {
            let voided_at = grant.voided_at.filter(|_| self.voids[&grant.id] <= by);
            Grant { voided_at, ..grant.clone() }
        });
        let resets = self.resets.iter().filter(|(_, written)| *written <= by);
        Facts {
            measure_from: self.measure_from,
            grants: grants.collect(),
            resets: resets.map(|(reset, _)| *reset).collect(),
        }
    }

    /// The spends up to and with one.
    pub fn spent(&self, by: &SpendPast) -> Usage {
        let known = |event: &&Event| {
            event
                .spend
                .as_ref()
                .is_some_and(|(written, _)| (*written, event.at) <= (by.written, by.at))
        };
        self.usage.iter().filter(known).map(|event| (event.at, event.value)).collect()
    }

    /// Plain usage before a time that a call has seen for certain, and that it has perhaps seen.
    pub fn ingested(&self, by: &SpendPast, seen: &[Snapshot; 2]) -> (Usage, Usage) {
        let (mut certain, mut perhaps) = (Vec::new(), Vec::new());
        for Event { at, value, xid, spend } in &self.usage {
            if spend.is_some() || *at >= by.written {
                continue;
            }
            if *xid != by.xid && seen[0].sees(*xid) {
                certain.push((*at, *value));
            } else if *xid == by.xid || seen[1].sees(*xid) {
                perhaps.push((*at, *value));
            }
        }
        (certain, perhaps)
    }

    /// Whether plain usage can have had a part in a spend.
    pub fn is_ingested(&self) -> bool {
        self.usage.iter().any(|event| event.spend.is_none())
    }

    /// What was held open when a spend was written, as usage.
    pub fn held(&self, by: &SpendPast) -> Usage {
        let is_open = |hold: &&Hold| {
            hold.at < by.written
                && by.written < hold.expires_at
                && hold.ended.is_none_or(|ended| ended > by.written)
        };
        self.holds.iter().filter(is_open).map(|hold| (hold.at, hold.amount)).collect()
    }
}

impl std::fmt::Display for SpendPast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let SpendPast { id, feature, amount, at, written, balance, available, burned, .. } = self;
        write!(
            f,
            "spend {id} of {amount} {feature} at {at}, written at {written}: balance {balance}, \
             available {available}, burned {burned:?}"
        )
    }
}

/// The ids of grants that paid, as PostgreSQL writes them.
pub fn named(burned: impl IntoIterator<Item = (Id, Amount)>) -> Vec<(String, Amount)> {
    let paid = burned.into_iter().filter(|(_, amount)| !amount.is_zero());
    let mut named: Vec<(String, Amount)> = paid.map(|(id, amount)| (uuid(id), amount)).collect();
    named.sort();
    named
}

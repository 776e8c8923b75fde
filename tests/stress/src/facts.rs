//! The facts of a ledger, read from the tables by plain SQL.

use crate::grid;
use crate::session::{Failure, Row, Session, quoted};
use credit_engine::{
    Amount, Facts, Grant, Id, Period, Recurrence, Reset, Rollover, RolloverKind, Time, Unit,
};
use std::collections::BTreeMap;

/// One feature with everything that decides its balance on one ledger.
pub struct FeatureFacts {
    /// Its name.
    pub name: String,
    /// Grants and resets.
    pub facts: Facts,
    /// Its usage, in no order.
    pub usage: Vec<(Time, Amount)>,
}

/// A UUID as the engine has it.
pub fn id(text: &str) -> Id {
    Id::from_str_radix(&text.replace('-', ""), 16).expect("a UUID")
}

/// An id as PostgreSQL writes it.
pub fn uuid(id: Id) -> String {
    let hex = format!("{id:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn time(row: &Row, column: usize) -> Option<Time> {
    row.option(column).map(grid::at)
}

fn period(row: &Row, count: usize, unit: usize) -> Option<Period> {
    let unit = Unit::from_name(row.0[unit].as_deref()?).expect("a unit");
    Some(Period::new(row.value(count), unit).expect("a period"))
}

/// Reads all features of the ledger's namespace, under the snapshots of three queries.
pub fn load(
    session: &mut Session,
    namespace: &str,
    subject: &str,
) -> Result<Vec<FeatureFacts>, Failure> {
    let (namespace, subject) = (quoted(namespace), quoted(subject));
    let ledger = format!("l.namespace = {namespace} AND l.subject = {subject}");
    let us = |column: &str| format!("(extract(epoch FROM {column}) * 1000000)::bigint");
    let [features, grants, resets, usage] = session
        .all(&format!(
            "SELECT f.name, {measured} FROM credit.features f JOIN credit.ledgers l
                 ON f.namespace = l.namespace WHERE {ledger} ORDER BY f.name;
             SELECT f.name, g.id, g.parent_id, trim_scale(coalesce(g.amount, 0)), g.priority,
                    {created}, {effective}, {expires}, g.expiration_count, g.expiration_duration,
                    g.rollover_type, trim_scale(g.rollover_max_amount), g.recurrence_count,
                    g.recurrence_duration, {anchor}, {voided}
               FROM credit.ledgers l JOIN credit.grants g ON g.ledger_id = l.id
               JOIN credit.features f ON f.id = g.feature_id
               LEFT JOIN credit.grant_voids v ON v.grant_id = g.id WHERE {ledger};
             SELECT r.id, {reset}, r.preserve_overage
               FROM credit.ledgers l JOIN credit.resets r ON r.ledger_id = l.id WHERE {ledger};
             SELECT f.name, {occurred}, trim_scale(e.value)
               FROM credit.features f
               JOIN credit.meters m ON m.namespace = f.namespace AND m.slug = f.meter_slug
               JOIN credit.streams s ON s.meter_id = m.id AND s.subject = {subject}
               JOIN credit.usage_events e ON e.stream_id = s.id
               LEFT JOIN credit.dimension_sets d ON d.id = e.dims_id
              WHERE f.namespace = {namespace}
                AND coalesce(d.dimensions, '{{}}') @> coalesce(f.meter_group_by_filters, '{{}}')",
            measured = us("l.measure_from"),
            created = us("g.created_at"),
            effective = us("g.effective_at"),
            expires = us("g.expires_at"),
            anchor = us("g.recurrence_anchor"),
            voided = us("v.voided_at"),
            reset = us("r.effective_at"),
            occurred = us("e.occurred_at"),
        ))?
        .try_into()
        .expect("four results");
    let resets: Vec<Reset> = resets
        .iter()
        .map(|row| Reset {
            id: id(row.text(0)),
            at: time(row, 1).expect("a reset has a time"),
            preserve_overage: row.text(2) == "t",
        })
        .collect();
    let mut by_name: BTreeMap<String, FeatureFacts> = features
        .iter()
        .map(|row| {
            let measure_from = time(row, 1).expect("a ledger has a start");
            let facts = Facts { measure_from, grants: Vec::new(), resets: resets.clone() };
            let name = row.text(0).to_owned();
            (name.clone(), FeatureFacts { name, facts, usage: Vec::new() })
        })
        .collect();
    for row in &grants {
        let of_feature = by_name.get_mut(row.text(0)).expect("a feature of the namespace");
        of_feature.facts.grants.push(grant(row));
    }
    for row in &usage {
        let of_feature = by_name.get_mut(row.text(0)).expect("a feature of the namespace");
        of_feature.usage.push((time(row, 1).expect("an event has a time"), row.value(2)));
    }
    Ok(by_name.into_values().collect())
}

fn grant(row: &Row) -> Grant {
    let rollover = row.0[10].as_deref().map(|kind| Rollover {
        kind: match kind {
            "ORIGINAL_AMOUNT" => RolloverKind::OriginalAmount,
            _ => RolloverKind::RemainingAmount,
        },
        max_amount: row.option(11),
    });
    let recurrence = period(row, 12, 13).map(|interval| Recurrence {
        interval,
        anchor: time(row, 14).expect("a recurrence has an anchor"),
    });
    Grant {
        id: id(row.text(1)),
        parent: row.0[2].as_deref().map(id),
        amount: row.value(3),
        priority: row.value(4),
        created_at: time(row, 5).expect("a grant was created"),
        effective_at: time(row, 6).expect("a grant is effective"),
        expires_at: time(row, 7),
        expiration: period(row, 8, 9),
        rollover,
        recurrence,
        voided_at: time(row, 15),
    }
}

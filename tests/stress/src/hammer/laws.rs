//! Both conservation laws of DESIGN.md section 2.12, summed by PostgreSQL from the rows of the
//! history and from the tables.

use super::round::subject;
use crate::session::{Session, quoted};

/// What does not add up on a ledger.
pub fn broken(session: &mut Session, namespace: &str, ledger: usize) -> Vec<String> {
    let (namespace, subject) = (quoted(namespace), quoted(&subject(ledger)));
    let sums = format!(
        "WITH ledger AS (
            SELECT *, now() + interval '1 hour 1 second' AS until FROM credit.ledgers
             WHERE namespace = {namespace} AND subject = {subject}
         ), history AS (
            SELECT f.name, h.type, h.amount, h.overage, coalesce(g.amount, 0) < 0 AS debit,
                   g.parent_id IS NULL AND g.recurrence_anchor IS NULL AS once
              FROM ledger AS l, credit_history({subject}, l.measure_from, l.until) AS h
              JOIN credit.features AS f ON f.id = h.feature_id
              LEFT JOIN credit.grants AS g ON g.id = h.grant_id
         ), sums AS (
            SELECT name,
                coalesce(sum(amount) FILTER (WHERE type = 'GRANT' AND amount > 0), 0) AS granted,
                coalesce(sum(amount) FILTER (WHERE type = 'GRANT' AND amount > 0 AND once), 0) AS once,
                -coalesce(sum(amount) FILTER (WHERE type = 'GRANT' AND amount < 0), 0) AS debits,
                coalesce(sum(amount) FILTER (WHERE type = 'ROLLOVER' AND amount > 0), 0) AS rolled_in,
                -coalesce(sum(amount) FILTER (WHERE type = 'ROLLOVER' AND amount < 0), 0) AS rolled_out,
                -coalesce(sum(amount) FILTER (WHERE type = 'GRANT_USAGE' AND NOT debit), 0) AS burned,
                -coalesce(sum(amount) FILTER (WHERE type = 'EXPIRATION'), 0) AS expired,
                -coalesce(sum(amount) FILTER (WHERE type = 'VOID'), 0) AS voided,
                -coalesce(sum(amount) FILTER (WHERE type = 'FORFEITURE'), 0) AS forfeited,
                -coalesce(sum(overage) FILTER (WHERE type = 'RESET'), 0) AS dropped
              FROM history GROUP BY name
         ), used AS (
            SELECT f.name, sum(e.value) AS used
              FROM ledger AS l JOIN credit.features AS f ON f.namespace = l.namespace
              JOIN credit.meters AS m ON m.namespace = f.namespace AND m.slug = f.meter_slug
              JOIN credit.streams AS t ON t.meter_id = m.id AND t.subject = l.subject
              JOIN credit.usage_events AS e ON e.stream_id = t.id AND e.occurred_at >= l.measure_from
              LEFT JOIN credit.dimension_sets AS d ON d.id = e.dims_id
             WHERE coalesce(d.dimensions, '{{}}') @> coalesce(f.meter_group_by_filters, '{{}}')
             GROUP BY f.name
         ), written AS (
            SELECT f.name,
                   coalesce(sum(g.amount) FILTER (WHERE g.amount > 0), 0) AS once,
                   -coalesce(sum(g.amount) FILTER (WHERE g.amount < 0), 0) AS debits
              FROM ledger AS l JOIN credit.grants AS g ON g.ledger_id = l.id
              JOIN credit.features AS f ON f.id = g.feature_id
              LEFT JOIN credit.grant_voids AS v ON v.grant_id = g.id
             WHERE g.parent_id IS NULL AND g.recurrence_anchor IS NULL
               AND coalesce(v.voided_at > g.effective_at, true)
             GROUP BY f.name
         )
         SELECT to_jsonb(s), to_jsonb(u), to_jsonb(w), to_jsonb(b)
           FROM ledger AS l, credit_feature_balances({subject}, l.until) AS b
           JOIN sums AS s USING (name) LEFT JOIN used AS u USING (name)
           LEFT JOIN written AS w USING (name)
          WHERE (granted + rolled_in, coalesce(used, 0) + s.debits, s.once, s.debits)
             IS DISTINCT FROM (balance + burned + expired + voided + forfeited + rolled_out,
                 burned + overage + dropped, coalesce(w.once, 0), coalesce(w.debits, 0))"
    );
    session.must(&sums).iter().map(|row| format!("does not add up: {row}")).collect()
}

/// How many features of a ledger have balances to be summed.
pub fn features(session: &mut Session, ledger: usize) -> u64 {
    session.value(&format!(
        "SELECT count(*) FROM credit_feature_balances('{}', now() + interval '1 hour 1 second')",
        subject(ledger)
    ))
}

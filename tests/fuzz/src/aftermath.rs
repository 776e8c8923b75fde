//! Whether every ledger still adds up, after all that was done to it.

use crate::report::{Report, ensure};
use crate::session::{Row, Session};

/// Errors with which a ledger may refuse to be read: facts that are out of all proportion.
const MAY_REFUSE: [&str; 2] = ["22003", "54000"];

/// Compares what is cached with the facts, and histories with balances; `which` comes after the
/// table of ledgers.
pub fn run(session: &mut Session, report: &mut Report, which: &str) {
    session.must("SET statement_timeout = '120s'");
    let ledgers = session.must(&format!("SELECT id, namespace FROM credit.ledgers {which}"));
    let (mut checked, mut refused, mut sealed) = (0, 0, 0);
    let mut wrong: Vec<String> = Vec::new();
    for ledger in &ledgers {
        let (id, namespace) = (ledger.text(0), crate::session::quoted(ledger.text(1)));
        let check =
            format!("SELECT 'credit_check', c::text FROM credit_check('{id}', {namespace}) AS c");
        // What is sealed has no history from its beginning.
        let is_sealed = session.holds(&format!("SELECT credit.sealed_at({namespace}) IS NOT NULL"));
        sealed += u64::from(is_sealed);
        let answer = match is_sealed {
            true => session.rows(&check),
            false => session.rows(&format!("{check} UNION ALL {}", unequal(id, &namespace))),
        };
        match answer {
            Ok(rows) => {
                checked += 1;
                wrong.extend(rows.iter().map(Row::to_string).map(|row| format!("{id}: {row}")));
            }
            Err(error) if MAY_REFUSE.contains(&error.code.as_str()) => refused += 1,
            Err(error) => wrong.push(format!("{id}: {error}")),
        }
    }
    let events: u64 = session.value("SELECT count(*) FROM credit.usage_events");
    report.note(format!(
        "{checked} ledgers with {events} events checked, {sealed} of them from their seal, {refused} \
         refuse for their size"
    ));
    report.outcome(
        "all ledgers add up",
        ensure(wrong.is_empty() && checked > sealed, || wrong[..wrong.len().min(20)].join("\n")),
    );
}

/// Rows of features and grants of a ledger whose history does not sum up to the balance, the usage
/// of whose facts is not what is reported, or whose number for a WHERE clause is another one.
fn unequal(id: &str, namespace: &str) -> String {
    format!(
        "(WITH l AS MATERIALIZED (SELECT id, measure_from FROM credit.ledgers WHERE id = '{id}'),
              -- one instant for all, later than every default time
              t AS MATERIALIZED (SELECT greatest(clock_timestamp() + interval '1 day', l.measure_from) AS at, l.measure_from FROM l),
              h AS MATERIALIZED (SELECT h.* FROM t, credit_history('{id}', t.measure_from, t.at, namespace => {namespace}) AS h),
              f AS MATERIALIZED (SELECT f.* FROM t, credit_feature_balances('{id}', t.at, namespace => {namespace}) AS f),
              g AS MATERIALIZED (SELECT g.* FROM t, credit_grant_balances('{id}', t.at, namespace => {namespace}) AS g)
         SELECT 'history and feature', row(f.*, hf.*)::text
           FROM (SELECT feature_id, sum(amount) AS a, sum(overage) AS o FROM h WHERE feature_id IS NOT NULL GROUP BY 1) AS hf
           FULL JOIN f USING (feature_id)
          WHERE (coalesce(hf.a, 0), coalesce(hf.o, 0)) IS DISTINCT FROM (f.balance, f.overage)
         UNION ALL
         SELECT 'history and grant', row(g.*, hg.*)::text
           FROM (SELECT grant_id, sum(amount) AS a FROM h WHERE grant_id IS NOT NULL GROUP BY 1) AS hg
           FULL JOIN g USING (grant_id) WHERE coalesce(hg.a, 0) <> coalesce(g.balance, 0)
         UNION ALL
         SELECT 'feature and grants', f.name
           FROM f LEFT JOIN (SELECT feature_id, sum(balance) AS b FROM g GROUP BY 1) AS s
                USING (feature_id) WHERE f.balance <> coalesce(s.b, 0)
         UNION ALL
         SELECT 'usage', row(f.name, u.v, v.s)::text
           FROM f CROSS JOIN t
           CROSS JOIN LATERAL (SELECT coalesce(sum(usage), 0) AS v FROM credit_usage('{id}', f.feature_id::text, t.measure_from, t.at, namespace => {namespace})) AS u
           CROSS JOIN LATERAL (SELECT coalesce(sum(e.value), 0) AS s
               FROM credit.ledgers AS l JOIN credit.features AS c ON c.id = f.feature_id
               JOIN credit.meters AS m ON m.namespace = c.namespace AND m.slug = c.meter_slug
               JOIN credit.streams AS s ON s.meter_id = m.id AND s.subject = l.subject
               JOIN credit.usage_events AS e ON e.stream_id = s.id
               LEFT JOIN credit.dimension_sets AS d ON d.id = e.dims_id
               WHERE l.id = '{id}' AND e.occurred_at >= t.measure_from AND e.occurred_at < t.at
                 AND coalesce(d.dimensions, '{{}}') @> coalesce(c.meter_group_by_filters, '{{}}')) AS v
          WHERE u.v <> v.s)"
    )
}

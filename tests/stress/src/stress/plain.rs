//! The plain sums that a user would write otherwise, beside the functions, in one statement and so
//! under one MVCC snapshot.

use super::accounts::{Account, FEATURES, Kind};
use super::shared::{NAMESPACE, Shared};
use crate::session::{Failure, Session};
use credit_engine::{Time, Window};

/// The usage of the feature `f` by the ledger `l` in [from, to), never before measurement.
fn usage(from: &str, to: &str) -> String {
    format!(
        "(SELECT coalesce(sum(e.value), 0) FROM credit.meters m \
           JOIN credit.streams s ON s.meter_id = m.id AND s.subject = l.subject \
           JOIN credit.usage_events e ON e.stream_id = s.id \
           LEFT JOIN credit.dimension_sets d ON d.id = e.dims_id \
          WHERE m.namespace = f.namespace AND m.slug = f.meter_slug \
            AND e.occurred_at >= l.measure_from AND e.occurred_at >= {from} \
            AND e.occurred_at < {to} \
            AND coalesce(d.dimensions, '{{}}') @> coalesce(f.meter_group_by_filters, '{{}}'))"
    )
}

/// What was granted by `at` on a plain account: a grant there never ends, but that one that was
/// voided never began.
fn granted(at: &str) -> String {
    format!(
        "(SELECT coalesce(sum(g.amount), 0) FROM credit.grants g \
           LEFT JOIN credit.grant_voids v ON v.grant_id = g.id \
          WHERE g.ledger_id = l.id AND g.feature_id = f.id AND g.parent_id IS NULL \
            AND g.effective_at <= {at} AND v.grant_id IS NULL)"
    )
}

/// Ledger and features to compute with.
fn from(account: &Account) -> String {
    format!(
        "FROM credit.ledgers l JOIN credit.features f ON f.namespace = l.namespace \
         WHERE l.namespace = '{NAMESPACE}' AND l.subject = '{}'",
        account.subject
    )
}

/// Grants less usage.
fn available(at: &str) -> String {
    format!("{} - {}", granted(at), usage("'-infinity'", at))
}

/// `credit_available` of every feature against grants less usage.
pub fn available_sql(account: &Account, at: Time) -> String {
    let at = format!("'{at}'::timestamptz");
    let plain = available(&at);
    format!(
        "SELECT f.name, trim_scale(credit_available(l.subject, f.name, {at})), trim_scale({plain}) {}",
        from(account)
    )
}

/// The same without a time, for which a session remembers what it measured: it is the server's, and
/// lies between two looks at the clock. Where something happens between them, nothing is compared.
pub fn present_sql(account: &Account) -> String {
    let (before, after) = (available("f.before"), available("f.after"));
    format!(
        "SELECT f.name, f.available, \
                CASE WHEN {before} = {after} THEN trim_scale({after}) ELSE f.available END \
           FROM (SELECT f.*, clock_timestamp() AS before, \
                        trim_scale(credit_available(l.subject, f.name)) AS available, \
                        clock_timestamp() AS after {} OFFSET 0) AS f \
           JOIN credit.ledgers l ON l.namespace = f.namespace AND l.subject = '{}'",
        from(account),
        account.subject
    )
}

/// `credit_usage` of every feature and bucket against the sum.
pub fn usage_sql(
    account: &Account,
    Window { from: start, to }: Window,
    granularity: &str,
) -> String {
    let plain = usage("lower(u.period)", "upper(u.period)");
    let calls = format!("credit_usage(l.subject, f.name, '{start}', '{to}', {granularity})");
    let from = from(account).replace("WHERE", &format!("CROSS JOIN LATERAL {calls} AS u WHERE"));
    format!("SELECT f.name || ' ' || u.period, trim_scale(u.usage), trim_scale({plain}) {from}")
}

/// Compares what is available at a time, or at present; a difference is noted as wrong.
pub fn compare(
    shared: &Shared,
    session: &mut Session,
    account: &Account,
    at: Option<Time>,
) -> Result<(), Failure> {
    debug_assert_eq!(account.kind, Kind::Plain);
    let sql = at.map_or_else(|| present_sql(account), |at| available_sql(account, at));
    run(shared, session, account, &sql)
}

/// Runs a query whose second and third columns must be equal.
pub fn run(
    shared: &Shared,
    session: &mut Session,
    account: &Account,
    sql: &str,
) -> Result<(), Failure> {
    let rows = session.rows(sql)?;
    shared.tally.reads.add(rows.len() as u64);
    for row in rows.iter().filter(|row| row.0[1] != row.0[2]) {
        shared.wrong(format!(
            "{}, {}: {} by the function, {} by the plain sum\n{sql}",
            account.subject,
            row.text(0),
            row.text(1),
            row.text(2)
        ));
    }
    debug_assert!(rows.is_empty() || rows.len() % FEATURES.len() == 0 || sql.contains("period"));
    Ok(())
}

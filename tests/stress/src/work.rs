//! How much a statement reads: not its time, which depends on the machine, but its rows.

use crate::session::{Failure, Row, Session};

/// The number of usage events that this session has fetched, to be subtracted from a later one of
/// the same transaction.
pub const TOUCHED: &str = "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) \
    FROM pg_stat_xact_all_tables WHERE relid = 'credit.usage_events'::regclass";

/// Runs a query in a transaction of its own; gives its rows and how many events it fetched.
pub fn events_touched(session: &mut Session, sql: &str) -> Result<(Vec<Row>, u64), Failure> {
    let results = session.all(&format!("BEGIN; {TOUCHED}; {sql}; {TOUCHED}; COMMIT"))?;
    let touched = |result: &[Row]| -> u64 { result[0].value(0) };
    let answer = results[2..results.len() - 2].iter().flatten().cloned().collect();
    Ok((answer, touched(&results[results.len() - 2]) - touched(&results[1])))
}

//! What the tests know of the snapshots: that they can be counted, asked for and deleted.

use crate::session::{Failure, Session};

/// Forgets all snapshots of this database in the running transaction.
pub const FORGET: &str = "DELETE FROM credit.snapshots";

/// Whether this build takes snapshots at all. One that does not gets stand-ins, so that everything
/// but the assertions about cost can be tried on it.
pub fn exists(session: &mut Session) -> bool {
    session.holds("SELECT to_regprocedure('credit_maintain(text)') IS NOT NULL")
}

/// What stands in for the cache in a build without it.
pub fn stand_in(session: &mut Session) {
    session.must(
        "CREATE TABLE credit.snapshots (ledger_id uuid);
         CREATE FUNCTION pg_catalog.credit_maintain(namespace text DEFAULT NULL) RETURNS bigint
         LANGUAGE sql AS 'SELECT 0::bigint'",
    );
}

/// Sets how often this session's writers take snapshots; 1: at every event, 0: never.
pub fn set_interval(session: &mut Session, interval: u32) {
    let set = format!("SET credit.snapshot_interval = {interval}");
    match session.rows(&set) {
        Ok(_) => {}
        Err(failure) => assert!(is_stand_in(session), "{failure}"),
    }
}

/// Whether [`stand_in`] made what this database has.
pub fn is_stand_in(session: &mut Session) -> bool {
    session.holds("SELECT to_regprocedure('pg_catalog.credit_maintain(text)') IS NOT NULL")
}

/// Takes snapshots for all ledgers of a namespace; gives how many.
pub fn maintain(session: &mut Session, namespace: &str) -> Result<u64, Failure> {
    let rows = session.rows(&format!("SELECT credit_maintain('{namespace}')"))?;
    Ok(rows[0].value(0))
}

/// How many snapshots this session sees.
pub fn count(session: &mut Session) -> u64 {
    session.value("SELECT count(*) FROM credit.snapshots")
}

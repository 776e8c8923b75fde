//! What the tests know of the snapshots: that they can be counted, asked for and deleted.

use crate::session::{Failure, Session};

/// Forgets all snapshots of this database in the running transaction.
pub const FORGET: &str = "DELETE FROM credit.snapshots";

/// Sets how often this session's writers take snapshots; 1: at every event, 0: never.
pub fn set_interval(session: &mut Session, interval: u32) {
    session.must(&format!("SET credit.snapshot_interval = {interval}"));
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

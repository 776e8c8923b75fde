//! Takes snapshots, also in transactions that write before and after, and deletes some.

use super::shared::{NAMESPACE, Shared};
use crate::cache;
use crate::grid::Dice;
use crate::session::Failure;
use std::time::Duration;

/// Keeps snapshots until the run ends.
pub fn work(shared: &Shared, seed: u64) {
    let (mut session, mut dice) = (shared.connect(), Dice::new(seed));
    // Of any feature with a new event.
    cache::set_interval(&mut session, 1);
    let maintain = format!("SELECT credit_maintain('{NAMESPACE}')");
    while !shared.is_over() {
        let account = shared.account(&mut dice);
        let ingest = format!(
            "SELECT credit_ingest('{}', 'tokens', 1, '{}')",
            account.subject,
            account.some_time(&mut dice)
        );
        let isolation = dice.one_of(&["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]);
        let sql = match dice.weighted(&[60, 25, 10, 5]) {
            0 => maintain.clone(),
            // What was written before counts and what is written after does not.
            1 => format!("BEGIN; {ingest}; {maintain}; SAVEPOINT s; {ingest}; RELEASE s; COMMIT"),
            // Refused but in READ COMMITTED.
            2 => format!("BEGIN ISOLATION LEVEL {isolation}; {ingest}; {maintain}; COMMIT"),
            _ => format!(
                "{} WHERE ctid IN (SELECT ctid FROM credit.snapshots ORDER BY random() LIMIT 20)",
                cache::FORGET
            ),
        };
        match session.rows(&sql) {
            Ok(_) => shared.tally.maintained.raise(),
            Err(failure) => {
                session.must("ROLLBACK");
                settle(shared, &failure);
            }
        }
        std::thread::sleep(Duration::from_millis(dice.below(20) as u64));
    }
}

fn settle(shared: &Shared, failure: &Failure) {
    match failure.code.as_str() {
        _ if failure.is_of_isolation() => shared.tally.failure(&failure.code),
        "25001" => shared.tally.refused.raise(),
        _ => shared.wrong(failure.to_string()),
    }
}

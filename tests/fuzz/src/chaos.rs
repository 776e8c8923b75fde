//! What operators and maintenance do while everybody calls.

use crate::calls::Shared;
use crate::values::Dice;
use std::time::Duration;

const COMMANDS: [&str; 14] = [
    "ANALYZE",
    "VACUUM",
    "VACUUM (FREEZE) credit.usage_events",
    "DELETE FROM credit.snapshots",
    "DELETE FROM credit.snapshots WHERE random() < 0.3",
    "CREATE INDEX IF NOT EXISTS fuzz_idx ON credit.usage_events (occurred_at)",
    "DROP INDEX IF EXISTS credit.fuzz_idx",
    "REINDEX TABLE credit.usage_events",
    "REINDEX TABLE CONCURRENTLY credit.streams",
    "SELECT credit_maintain()",
    "SELECT credit_maintain('other')",
    "VACUUM FULL credit.snapshots",
    "ALTER TABLE credit.usage_events ALTER stream_id SET STATISTICS 50",
    "CHECKPOINT",
];

/// Runs until the callers end; where the extension may go away, it does.
pub fn run(shared: &Shared, seed: u64) {
    let mut dice = Dice::new(!seed);
    let mut session = shared.server.connect(shared.database);
    session.must("SET lock_timeout = '500ms'; SET statement_timeout = '10s'");
    while shared.goes_on() {
        let command = match shared.is_unstable && dice.chance(30) {
            true => "DROP EXTENSION credit CASCADE; CREATE EXTENSION credit",
            false => dice.one_of(&COMMANDS),
        };
        if let Err(error) = session.rows(command) {
            shared.judge(&error, command);
        }
        std::thread::sleep(Duration::from_millis(dice.0.u64(..200)));
    }
}

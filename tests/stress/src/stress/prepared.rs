//! Ends prepared transactions, after a while, from another connection.

use super::shared::Shared;
use crate::grid::Dice;
use crate::session::Session;
use std::time::{Duration, Instant};

/// Leaves a prepared transaction to be ended soon, or much later.
pub fn leave(shared: &Shared, name: String, dice: &mut Dice) {
    let millis = if dice.chance(90) { dice.below(100) } else { dice.below(1500) };
    let due = Instant::now() + Duration::from_millis(millis as u64);
    shared.prepared.lock().expect("no thread has panicked").push((due, name));
}

/// Ends what is due: commits mostly.
pub fn work(shared: &Shared, seed: u64) {
    let (mut session, mut dice) = (shared.connect(), Dice::new(seed));
    while !shared.is_over() {
        let due: Vec<String> = {
            let mut prepared = shared.prepared.lock().expect("no thread has panicked");
            let now = Instant::now();
            let due = prepared.iter().filter(|(at, _)| *at <= now).map(|(_, name)| name.clone());
            let due = due.collect();
            prepared.retain(|(at, _)| *at > now);
            due
        };
        for name in due {
            let how = if dice.chance(75) { "COMMIT" } else { "ROLLBACK" };
            session.must(&format!("{how} PREPARED '{name}'"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Ends what the run left.
pub fn end_all(session: &mut Session) {
    for row in session.must("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
    {
        session.must(&format!("COMMIT PREPARED '{}'", row.text(0)));
    }
}

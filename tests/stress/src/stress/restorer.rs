//! Rows that arrive as a restore or logical replication brings them: events first, in the middle
//! snapshots, then the stream or the dimensions that they belong to.

use super::shared::{NAMESPACE, Shared};
use crate::grid::Dice;
use crate::session::{Failure, Session};
use std::time::Duration;

/// Restores until the run ends.
pub fn work(shared: &Shared, seed: u64) {
    let (mut session, mut dice) = (shared.connect(), Dice::new(seed));
    while !shared.is_over() {
        match restore(shared, &mut session, &mut dice) {
            Ok(()) => {}
            Err(failure) if failure.is_of_isolation() => shared.tally.failure(&failure.code),
            Err(failure) => shared.wrong(failure.to_string()),
        }
        std::thread::sleep(Duration::from_millis(dice.below(60) as u64));
    }
}

/// Usage of a stream of an account that does not exist yet, with dimensions that do not either.
fn restore(shared: &Shared, session: &mut Session, dice: &mut Dice) -> Result<(), Failure> {
    let account = shared.account(dice);
    let (subject, number) = (&account.subject, shared.number());
    // Another id for the same pair of meter and subject, with its hash in front.
    let known = session.rows(&format!(
        "SELECT s.id >> 32, m.id, nextval('credit.intern_ids') FROM credit.meters m
           JOIN credit.streams s ON s.meter_id = m.id
          WHERE m.namespace = '{NAMESPACE}' AND m.slug = 'tokens' AND s.subject = '{subject}' LIMIT 1"
    ))?;
    let Some(row) = known.first() else { return Ok(()) };
    let (hash, meter): (i64, String) = (row.value(0), row.value(1));
    let stream = hash << 32 | row.value::<i64>(2);
    let dims = number as i64; // no hash is so small that ids of the extension come near
    let events = format!(
        "INSERT INTO credit.usage_events (stream_id, occurred_at, dims_id, value)
         VALUES ({stream}, '{}', {dims}, 2), ({stream}, '{}', NULL, 0.5)",
        account.some_time(dice),
        account.some_time(dice)
    );
    let streams = format!("INSERT INTO credit.streams VALUES ({stream}, '{meter}', '{subject}')");
    let sets = format!(
        "INSERT INTO credit.dimension_sets VALUES ({dims}, '{meter}', '{{\"model\": \"large\"}}')"
    );
    let mut parts = [events, streams, sets];
    let (one, other) = (dice.below(3) as usize, dice.below(3) as usize);
    parts.swap(one, other);
    for part in parts {
        session.rows(&part)?;
        if dice.chance(50) {
            session.rows(&format!("SELECT credit_maintain('{NAMESPACE}')"))?;
        }
        std::thread::sleep(Duration::from_millis(dice.below(40) as u64));
    }
    Ok(())
}

//! One event in a hundred comes half a day late, with a pivot every day and a transaction for every
//! event: snapshots stay usable, and what a read has to add to the newest stays short.

use crate::options::Options;
use crate::report::{Report, ensure};
use crate::work::events_touched;

const DATABASE: &str = "credit_late";
const DAYS: u32 = 300;
const ROUNDS: usize = 500;
const EVENTS_PER_ROUND: usize = 20;
/// A generous bound: snapshots come every 64 events in the mean.
const MOST_MEAN: f64 = 500.0;

/// Writes and reads in turn; says how many events a read touched.
pub fn run(options: &Options, report: &mut Report) {
    let mut session = options.server.fresh_credit(DATABASE);
    session.must(&format!(
        "SELECT credit_create_meter('tokens'), credit_create_feature('all', 'tokens'),
                credit_create_ledger('acme', measure_from => date_trunc('day', now()) - {DAYS} * interval '1 day'),
                credit_create_grant('acme', 'all', 100, recurs_every => '1 day',
                    effective_at => date_trunc('day', now()) - {DAYS} * interval '1 day');
         SELECT credit_ingest_arrays(array_agg('acme'::text), array_agg('tokens'::text), array_agg(0.5), array_agg(at))
         FROM generate_series(now() - {DAYS} * interval '1 day', now(), '1 hour') AS at"
    ));
    let mut touched = Vec::new();
    for round in 0..ROUNDS {
        let first = round * EVENTS_PER_ROUND;
        session.must(&format!(
            "DO $$ BEGIN FOR i IN {first}..{} LOOP
                PERFORM credit_ingest('acme', 'tokens', 0.001,
                    CASE WHEN i % 100 = 0 THEN now() - interval '12 hours' END);
                COMMIT;
             END LOOP; END $$",
            first + EVENTS_PER_ROUND - 1
        ));
        let read = events_touched(&mut session, "SELECT credit_available('acme', 'all')");
        touched.push(read.expect("a read").1);
    }
    touched.sort_unstable();
    let mean = touched.iter().sum::<u64>() as f64 / touched.len() as f64;
    let p99 = touched[touched.len() * 99 / 100];
    let most = touched[touched.len() - 1];
    let events = DAYS as usize * 24 + ROUNDS * EVENTS_PER_ROUND;
    let tail = format!(
        "{ROUNDS} reads touched {mean:.1} of {events} events in the mean, p99 {p99}, at most {most}"
    );
    report.note(format!("late: {tail}"));
    report.outcome("late: the tail stays short", ensure(mean < MOST_MEAN, || tail));
}

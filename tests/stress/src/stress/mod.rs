//! Many sessions at once: writers with every kind of transaction, readers and snapshot takers in
//! every isolation level. Each read is compared, under one and the same MVCC snapshot, with what
//! does not go through the cache.

mod accounts;
mod keeper;
mod plain;
mod prepared;
mod reader;
mod restorer;
mod shared;
mod tally;
mod writer;

use crate::cache;
use crate::options::Options;
use crate::report::{Report, ensure};
use shared::Shared;
use std::time::{Duration, Instant};
use tally::Tally;

const DATABASE: &str = "credit_stress";

/// What one thread does until the run ends.
type Work = fn(&Shared, u64);

/// Who works beside whom.
const WORKERS: [(&str, Work, u64); 6] = [
    ("writer", writer::work, 5),
    ("reader", reader::work, 4),
    ("keeper of snapshots", keeper::work, 2),
    ("end of prepared transactions", prepared::work, 1),
    ("restorer", restorer::work, 1),
    ("opener of accounts", accounts::work, 1),
];

/// How often the time asked for may pass until there was enough of everything.
const MOST_TIMES: u32 = 10;

/// Runs all workers until the time is up and there was enough of everything, or a read was wrong.
pub fn run(options: &Options, report: &mut Report) {
    let mut session = options.server.fresh_credit(DATABASE);
    let shared = Shared::new(options, DATABASE);
    accounts::prepare(&mut session, &shared);
    report.note(format!("stress: seed {}", options.seed));
    let started = Instant::now();
    std::thread::scope(|scope| {
        let mut seed = options.seed;
        for (name, work, count) in WORKERS {
            for _ in 0..count {
                seed += 1;
                let shared = &shared;
                let thread = std::thread::Builder::new().name(name.to_owned());
                thread.spawn_scoped(scope, move || work(shared, seed)).expect("a thread");
            }
        }
        let mut reported = Instant::now();
        while !shared.is_over() {
            std::thread::sleep(Duration::from_millis(20));
            if started.elapsed() >= options.duration
                && (shared.tally.is_enough() || started.elapsed() >= options.duration * MOST_TIMES)
            {
                shared.end();
            }
            if reported.elapsed() >= Duration::from_secs(30) {
                reported = Instant::now();
                report.note(shared.tally.summary(started.elapsed()));
            }
        }
    });
    let elapsed = started.elapsed();
    prepared::end_all(&mut session);
    reader::verify_all(&mut session, &shared);
    report.note(shared.tally.summary(elapsed));
    let snapshots = cache::count(&mut session);
    report.note(format!("{snapshots} snapshots are left"));
    report.outcome("stress: every read is the plain sum", shared.tally.verdict());
    let Tally { reads, cheaper, .. } = &shared.tally;
    report.outcome(
        "stress: there was enough of everything, and snapshots were used",
        ensure(shared.tally.is_enough() && snapshots > 0, || {
            format!("{} reads, {} cheaper with snapshots", reads.count(), cheaper.count())
        }),
    );
}

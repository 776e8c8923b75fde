//! Random calls by one client, and every answer computed three ways: as it stands, after all
//! snapshots were deleted in the same transaction, and by the naive model.
//!
//! One thread drives three connections in turn, so that transactions overlap and yet a seed repeats
//! everything. Nothing can block: a call that would have to wait is refused by `lock_timeout`.

mod actor;
mod calls;
mod check;
mod scenario;
mod world;

use crate::options::Options;
use crate::report::{Report, ensure};
use check::Checked;
use scenario::Scenario;
use std::time::Instant;

const DATABASE: &str = "credit_differential";

/// Runs scenarios until the time is up, or the number asked for is reached.
pub fn run(options: &Options, report: &mut Report) {
    options.server.fresh_credit(DATABASE);
    let started = Instant::now();
    let mut total = Checked::default();
    let mut failure = None;
    let mut scenarios = 0;
    report.note(format!("differential: seed {}", options.seed));
    while failure.is_none()
        && options.scenarios.map_or(started.elapsed() < options.duration, |most| scenarios < most)
    {
        let seed = options.seed + scenarios;
        scenarios += 1;
        let mut scenario = Scenario::new(&options.server, DATABASE, seed);
        let outcome = scenario.run(&mut total);
        failure = outcome.err().map(|reason| {
            let log = scenario.write_log();
            format!(
                "{reason}\nall calls: {log}\n\
                 again: tests/stress/run differential --seed {seed} --scenarios 1"
            )
        });
    }
    report.note(format!("{scenarios} scenarios: {total}"));
    report
        .outcome("differential: every answer is the same three times", failure.map_or(Ok(()), Err));
    let used = total.with_snapshots > 0 && total.cheaper * 10 > total.questions;
    report.outcome(
        "differential: snapshots were there, and were used",
        ensure(used, || format!("{total}")),
    );
}

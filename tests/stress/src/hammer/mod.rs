//! The guarantees of spends under concurrency: 64 clients on one ledger, or on ten, with every call
//! in every shape of transaction, while the server is killed. Afterwards each spend is replayed by
//! the naive model with what it must have known.
//!
//! In quiet rounds only spends, refunds, holds and grants are made: no instant of a feature has
//! less than its overdraft allows. In noisy rounds usage is ingested too, late often, grants are
//! voided, ledgers reset and debited: no instant has less but for what these took.

mod calls;
mod check;
mod client;
mod crash;
mod laws;
mod log;
mod order;
mod past;
mod replay;
mod round;
mod wish;

use crate::options::Options;
use crate::report::{Report, ensure};
use crate::server::Server;
use log::KINDS;
use replay::Compared;
use round::{DATABASE, Plan, Round};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const CLIENTS: u64 = 64;
const LONGEST_ROUND: Duration = Duration::from_secs(3);
/// How often the time asked for may pass until there was enough of everything.
const MOST_TIMES: u32 = 10;

/// What all rounds of a mode came to.
#[derive(Default)]
struct Sums {
    rounds: u64,
    kills: u64,
    counts: BTreeMap<String, u64>,
    compared: Compared,
}

/// Quiet rounds, then noisy ones, each for as long as asked for, and on until there was enough of
/// everything: how much a second brings depends on the machine.
pub fn run(options: &Options, report: &mut Report) {
    options.server.fresh_credit(DATABASE);
    report.note(format!("hammer: seed {}", options.seed));
    let mut number = 0;
    for noisy in [false, true] {
        let mode = if noisy { "noisy" } else { "quiet" };
        let mut sums = Sums::default();
        let started = Instant::now();
        let mut outcome = Ok(());
        while outcome.is_ok()
            && (started.elapsed() < options.duration
                || (!sums.is_enough(noisy) && started.elapsed() < options.duration * MOST_TIMES))
        {
            let plan = Plan {
                number,
                ledgers: [1, 10][sums.rounds as usize % 2],
                noisy,
                kill: sums.rounds % 3 == u64::from(noisy),
                duration: (options.duration / 3).min(LONGEST_ROUND),
            };
            outcome = one(options, plan, &mut sums);
            number += 1;
        }
        report.note(format!("hammer, {mode}: {}", sums.summary(started.elapsed())));
        report.outcome(&format!("hammer: {mode} rounds keep what was promised"), outcome);
        report.outcome(
            &format!("hammer: {mode} rounds had enough of everything"),
            ensure(sums.is_enough(noisy), || "see above".to_owned()),
        );
    }
}

/// A round and its checks.
fn one(options: &Options, plan: Plan, sums: &mut Sums) -> Result<(), String> {
    let mut session = options.server.connect(DATABASE);
    let round = Round::prepare(&options.server, &mut session, plan);
    drop(session);
    let seed = options.seed.wrapping_add(plan.number.wrapping_mul(1000));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let round = &round;
            scope.spawn(move || client::work(round, seed.wrapping_add(client)));
        }
        watch(&options.server, &round, seed);
    });
    let (entries, gone, counts, mut wrong) = round.results();
    sums.rounds += 1;
    sums.kills += u64::from(plan.kill);
    for (what, count) in counts {
        *sums.counts.entry(what).or_default() += count;
    }
    let mut session = options.server.connect(DATABASE);
    wrong.extend(check::all(&mut session, &plan, &entries, &gone, &mut sums.compared));
    ensure(wrong.is_empty(), || {
        let Plan { number, ledgers, kill, .. } = plan;
        let many = wrong.len();
        wrong.truncate(5);
        format!(
            "round {number}, {ledgers} ledgers, killed: {kill}: {many} wrong\n{}",
            wrong.join("\n")
        )
    })
}

/// Ends the round in time; kills the server in the middle of it.
fn watch(server: &Server, round: &Round, seed: u64) {
    let Plan { duration, kill, .. } = round.plan;
    let started = Instant::now();
    let mut ends = started + duration;
    let kill_after = duration.mul_f64(f64::from((seed % 60 + 20) as u32) / 100.0);
    let mut is_killed = !kill;
    while !round.is_over() && Instant::now() < ends {
        std::thread::sleep(Duration::from_millis(5));
        if !is_killed && started.elapsed() >= kill_after {
            let killed = Instant::now();
            if let Err(error) = crash::kill_and_restart(server) {
                round.wrong(error);
            }
            ends += killed.elapsed();
            is_killed = true;
            round.killed();
        }
    }
    round.end();
}

impl Sums {
    fn summary(&self, elapsed: Duration) -> String {
        let counts = self.counts.iter().map(|(what, count)| format!("{count} {what}"));
        let Compared { exactly, nearly, not } = self.compared;
        format!(
            "{} rounds with {} kills in {:.0} s: {}\nspends compared: {exactly} with the answer \
             that is right, {nearly} with those that can be, {not} not",
            self.rounds,
            self.kills,
            elapsed.as_secs_f64(),
            counts.collect::<Vec<_>>().join(", ")
        )
    }

    /// Whether what matters was done at least once, on one ledger and on many, and more spends were
    /// compared with one answer than not. (Of noisy rounds it is 70 to 90 %.)
    fn is_enough(&self, noisy: bool) -> bool {
        let count = |what: &str| self.counts.get(what).copied().unwrap_or_default();
        let kinds = if noisy { &KINDS[..] } else { &KINDS[..7] };
        let all_kinds = kinds.iter().all(|kind| count(&format!("{kind:?}")) > 0);
        let others = ["40001", "55P03", "UC301", "savepoints rolled back"];
        let others = others.into_iter().chain([
            "connections lost",
            "transactions committed",
            "transactions rolled back",
        ]);
        let Compared { exactly, nearly, not } = self.compared;
        let most_exactly = exactly > nearly + not;
        self.rounds > 1
            && all_kinds
            && others.into_iter().all(|what| count(what) > 0)
            && most_exactly
    }
}

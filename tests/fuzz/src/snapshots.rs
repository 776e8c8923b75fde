//! Reads while the bytes of the snapshots are changed at random, as only a superuser can: wrong
//! answers and errors are theirs to have, but nobody's session ends, and nothing takes for ever.

use crate::options::Options;
use crate::report::{Report, ensure};
use crate::server::Server;
use crate::session::{Failure, Session};
use crate::values::Dice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const DATABASE: &str = "credit_fuzz_snapshots";
/// A read of this data takes a millisecond or two.
const LONGEST: Duration = Duration::from_secs(5);

/// Errors that wrong numbers may lead to.
const MAY_BE: [&str; 4] = ["22003", "54000", "XX000", "XX001"];

/// Changes, reads, and in the end deletes the snapshots and compares.
pub fn run(options: &Options, server: &Server, report: &mut Report) {
    let mut session = server.fresh_credit(DATABASE);
    fill(&mut session);
    session.must("BEGIN");
    let right = answers(&mut session).expect("answers").0;
    session.must("ROLLBACK");
    let mut dice = Dice::new(options.seed);
    let until = Instant::now() + options.duration / 5;
    let (mut rounds, mut wrong, mut refused) = (0_u64, 0_u64, 0_u64);
    let mut outcome = Ok(());
    let round_now = watched();
    while Instant::now() < until && outcome.is_ok() {
        rounds += 1;
        round_now.store(rounds, Ordering::Relaxed);
        session.must("BEGIN");
        session.must(&change(&mut dice));
        let from = Instant::now();
        match answers(&mut session) {
            Ok((answers, code)) => {
                wrong += u64::from(answers != right);
                refused += u64::from(code.is_some());
            }
            Err(error) => outcome = Err(format!("{error}")),
        }
        if from.elapsed() > LONGEST {
            outcome = Err(format!("reads took {:?}", from.elapsed()));
        }
        if outcome.is_ok() {
            session.must("ROLLBACK");
        }
    }
    round_now.store(0, Ordering::Relaxed);
    report.note(format!(
        "snapshots: {rounds} changes; {wrong} led to other answers, {refused} to errors"
    ));
    report.outcome("snapshots: changed bytes break no read", outcome);
    let mut session = server.connect(DATABASE);
    session.must("BEGIN");
    let after = answers(&mut session).map(|(answers, _)| answers);
    report.outcome(
        "snapshots: changes that were undone change nothing",
        ensure(after.as_ref() == Ok(&right), || format!("{after:?}\nis not\n{right:?}")),
    );
}

/// The number of the round, or 0. Ends the program if one does not end: a backend that goes round in
/// circles hears of no timeout.
fn watched() -> Arc<AtomicU64> {
    let round = Arc::new(AtomicU64::new(0));
    let watched = Arc::clone(&round);
    std::thread::spawn(move || {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let now = watched.load(Ordering::Relaxed);
            if now != last || now == 0 {
                (last, since) = (now, Instant::now());
            } else if since.elapsed() > 6 * LONGEST {
                println!("NOT OK: snapshots: the reads of round {now} do not end");
                std::process::exit(1);
            }
        }
    });
    round
}

fn fill(session: &mut Session) {
    session.must(
        "SET credit.snapshot_interval = 1;
         SELECT credit_create_meter('tokens'), credit_create_feature('all', 'tokens'),
                credit_create_ledger('acme', measure_from => '2024-01-01'),
                credit_create_grant('acme', 'all', 100, effective_at => '2024-01-01', recurs_every => '1 day'),
                credit_create_grant('acme', 'all', 500, effective_at => '2024-01-05', priority => 2, rollover_type => 'REMAINING_AMOUNT'),
                credit_create_grant('acme', 'all', 5, effective_at => '2024-01-02', expires_after => '3 weeks')",
    );
    for day in 1..40 {
        session.must(&format!(
            "SELECT credit_ingest('acme', 'tokens', 13.5, '2024-01-01'::timestamptz + {day} * interval '25 hours')"
        ));
    }
    session.must("SELECT credit_reset('acme', '2024-01-20')");
    // Some usage lies ahead, and is carried.
    session.must("SELECT credit_ingest('acme', 'tokens', 1, clock_timestamp() + interval '1 day'), credit_maintain()");
}

/// What the reading functions say, and the SQLSTATE of one that refused; an error where one broke.
fn answers(session: &mut Session) -> Result<(Vec<String>, Option<String>), Failure> {
    const QUESTIONS: [&str; 6] = [
        "SELECT credit_available('acme', 'all', '2025-01-01')",
        "SELECT * FROM credit_grant_balances('acme', '2025-01-01')",
        "SELECT count(*), sum(amount) FROM credit_history('acme', '2024-01-01', '2025-01-01')",
        "SELECT credit_available('acme', 'all', '2024-01-10')",
        "SELECT count(*) FROM credit_check('acme') AS c WHERE c.feature IS NULL",
        "SELECT count(*), credit_maintain() FROM credit_try_consume('acme', 'all', 1)",
    ];
    let (mut answers, mut code) = (Vec::new(), None);
    for question in QUESTIONS {
        session.rows("SAVEPOINT s")?;
        match session.rows(question) {
            Ok(rows) => answers.push(rows.iter().map(ToString::to_string).collect()),
            Err(error) if MAY_BE.contains(&error.code.as_str()) => code = Some(error.code),
            Err(error) => return Err(error),
        }
        session.rows("ROLLBACK TO SAVEPOINT s")?;
    }
    Ok((answers, code))
}

/// A statement that changes, in all snapshots or some, bytes, the length, or other columns.
fn change(dice: &mut Dice) -> String {
    let changed = match dice.0.u32(..10) {
        0 => format!("substr(data, 1, {})", dice.0.u32(..60)),
        1 => {
            format!("data || decode(repeat('{:02x}', {}), 'hex')", dice.0.u8(..), dice.0.u32(..300))
        }
        2 => format!("decode(repeat('{:02x}', {}), 'hex')", dice.0.u8(..), dice.0.u32(..300)),
        3..6 => set_byte("data", dice),
        6 | 7 => set_byte(&set_byte("data", dice), dice),
        _ => format!(
            "set_bit(data, ({} * 8 * length(data))::bigint, {})",
            dice.0.f64() * 0.999,
            dice.0.u32(..2)
        ),
    };
    let condition = match dice.0.u32(..3) {
        0 => "random() < 0.3",
        _ => "true",
    };
    format!("UPDATE credit.snapshots SET data = {changed} WHERE length(data) > 0 AND {condition}")
}

fn set_byte(of: &str, dice: &mut Dice) -> String {
    let byte = match dice.0.u32(..3) {
        0 => *[0, 1, 0x7F, 0x80, 0xFF].get(dice.0.usize(..5)).expect("one of five"),
        _ => dice.0.u8(..),
    };
    format!("set_byte({of}, floor({} * length(data))::integer, {byte})", dice.0.f64() * 0.999)
}

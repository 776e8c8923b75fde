//! Readers: every answer beside one that does not go through the cache.

use super::accounts::{Account, FEATURES, Kind};
use super::plain;
use super::shared::Shared;
use crate::answers::Question;
use crate::cache;
use crate::grid::{self, Dice, MICROS_PER_DAY};
use crate::session::{Failure, Session, quoted};
use crate::work::TOUCHED;
use credit_engine::{Unit, Window};
use std::time::Duration;

/// Reads until the run ends.
pub fn work(shared: &Shared, seed: u64) {
    let (mut session, mut dice) = (shared.connect(), Dice::new(seed));
    while !shared.is_over() {
        let account = shared.account(&mut dice);
        let read = match (account.kind, dice.below(10)) {
            (Kind::Plain, 0..4) => statement(shared, &mut session, &mut dice, &account),
            (Kind::Plain, 4..7) => transaction(shared, &mut session, &mut dice, &account),
            _ => without_snapshots(shared, &mut session, &mut dice, &account),
        };
        if let Err(failure) = read {
            session.must("ROLLBACK");
            if failure.is_of_isolation() {
                shared.tally.failure(&failure.code);
            } else {
                shared.wrong(failure.to_string());
            }
        }
    }
}

/// A time to ask for: any, or far ahead of all.
fn asked_time(account: &Account, dice: &mut Dice) -> credit_engine::Time {
    match dice.chance(15) {
        true => grid::plus(account.now(), 1000 * MICROS_PER_DAY),
        false => account.measured_time(dice),
    }
}

/// Such a time, or none for the present.
fn asked_time_or_present(account: &Account, dice: &mut Dice) -> Option<credit_engine::Time> {
    (!dice.chance(40)).then(|| asked_time(account, dice))
}

fn asked_window(account: &Account, dice: &mut Dice) -> Window {
    let (one, other) = (asked_time(account, dice), asked_time(account, dice));
    Window { from: one.min(other), to: one.max(other) }
}

/// One statement in READ COMMITTED.
fn statement(
    shared: &Shared,
    session: &mut Session,
    dice: &mut Dice,
    account: &Account,
) -> Result<(), Failure> {
    if dice.chance(75) {
        return plain::compare(shared, session, account, asked_time_or_present(account, dice));
    }
    let window = asked_window(account, dice);
    let granularity = dice.one_of(&["NULL", "'MONTH'", "'WEEK'"]);
    plain::run(shared, session, account, &plain::usage_sql(account, window, granularity))
}

/// Several statements under one snapshot, that must stay as they are while others write.
fn transaction(
    shared: &Shared,
    session: &mut Session,
    dice: &mut Dice,
    account: &Account,
) -> Result<(), Failure> {
    let isolation = dice.one_of(&["REPEATABLE READ", "SERIALIZABLE", "SERIALIZABLE READ ONLY"]);
    session.rows(&format!("BEGIN ISOLATION LEVEL {isolation}"))?;
    let at = asked_time(account, dice);
    let sql = plain::available_sql(account, at);
    let first = session.rows(&sql)?;
    for _ in 0..dice.between(1, 3) {
        plain::compare(shared, session, account, asked_time_or_present(account, dice))?;
        std::thread::sleep(Duration::from_millis(dice.below(15) as u64));
    }
    let last = session.rows(&sql)?;
    shared.tally.reads.raise();
    if first != last {
        shared.wrong(format!("{}: {first:?}, and later {last:?} in {isolation}", account.subject));
    }
    session.rows("COMMIT").map(|_| ())
}

/// All answers as they are, and after the ledger's snapshots were deleted.
fn without_snapshots(
    shared: &Shared,
    session: &mut Session,
    dice: &mut Dice,
    account: &Account,
) -> Result<(), Failure> {
    let question = Question {
        subject: account.subject.clone(),
        features: FEATURES.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        at: asked_time(account, dice),
        window: asked_window(account, dice),
        granularity: dice.one_of(&[None, Some(Unit::Month), Some(Unit::Week)]),
    };
    compare_without(shared, session, &question)
}

/// The deletion comes first: what others prune meanwhile could not be deleted any more.
fn compare_without(
    shared: &Shared,
    session: &mut Session,
    question: &Question,
) -> Result<(), Failure> {
    session.rows("BEGIN ISOLATION LEVEL REPEATABLE READ; SAVEPOINT whole")?;
    let forget = format!(
        "{} WHERE ledger_id IN (SELECT l.id FROM credit.ledgers l WHERE l.subject = {})",
        cache::FORGET,
        quoted(&question.subject)
    );
    match session.rows(&forget) {
        Ok(_) => {}
        Err(failure) if failure.is_of_isolation() => {
            shared.tally.given_up.raise();
            return session.rows("ROLLBACK").map(|_| ());
        }
        Err(failure) => return Err(failure),
    }
    let start: u64 = session.value(TOUCHED);
    let without = question.ask(session)?;
    let middle: u64 = session.value(TOUCHED);
    session.rows("ROLLBACK TO SAVEPOINT whole")?;
    let again: u64 = session.value(TOUCHED);
    let with = question.ask(session)?;
    let end: u64 = session.value(TOUCHED);
    session.rows("ROLLBACK")?;
    shared.tally.reads.raise();
    shared.tally.deletions.raise();
    if end - again < middle - start {
        shared.tally.cheaper.raise();
    }
    if let Some(difference) = with.difference(&without) {
        shared.wrong(format!("with snapshots, and without: {difference}\n{question:?}"));
    }
    Ok(())
}

/// When all is quiet: every account once more.
pub fn verify_all(session: &mut Session, shared: &Shared) {
    let mut dice = Dice::new(0);
    for account in shared.accounts() {
        for _ in 0..3 {
            let mut verified = without_snapshots(shared, session, &mut dice, &account);
            if account.kind == Kind::Plain && verified.is_ok() {
                verified = statement(shared, session, &mut dice, &account);
            }
            if let Err(failure) = verified {
                shared.wrong(failure.to_string());
            }
        }
    }
}

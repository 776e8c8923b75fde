//! One question, answered three ways.

use super::actor::Actor;
use super::world::World;
use crate::answers::{Answers, Question};
use crate::grid::Dice;
use crate::session::{Failure, Row, Session};
use crate::{cache, facts, grid, oracle, work};
use credit_engine::{Unit, Window};
use std::fmt;

/// What was checked, over all scenarios.
#[derive(Default)]
pub struct Checked {
    /// Steps taken.
    pub steps: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Questions asked.
    pub questions: u64,
    /// Rows in the answers.
    pub rows: u64,
    /// Questions asked while there were snapshots.
    pub with_snapshots: u64,
    /// Questions that fetched fewer events with the snapshots than without.
    pub cheaper: u64,
    /// Questions where snapshots could not be deleted: another transaction was deleting them.
    pub undeleted: u64,
    /// Seals that were completed.
    pub seals: u64,
    /// Mutations tried with and without snapshots.
    pub attempts: u64,
    /// Events fetched for the answers as they stand.
    pub touched_with: u64,
    /// Events fetched for the same without snapshots.
    pub touched_without: u64,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} steps ({} refused), {} questions with {} rows, {} of them while there were \
             snapshots ({} cheaper with them; {} could not be deleted), {} seals, {} mutations tried with and \
             without; {} events fetched, {} without snapshots",
            self.steps,
            self.refused,
            self.questions,
            self.rows,
            self.with_snapshots,
            self.cheaper,
            self.undeleted,
            self.seals,
            self.attempts,
            self.touched_with,
            self.touched_without,
        )
    }
}

/// A question about any time of any ledger.
pub fn question(world: &World, dice: &mut Dice) -> Question {
    let ledger = dice.one_of(&world.ledgers);
    let (one, other) = (world.any_time(dice, &ledger), world.any_time(dice, &ledger));
    let window = Window { from: one.min(other), to: one.max(other) };
    let granularity = match dice.below(5) {
        0 => Some(Unit::Month),
        1 => Some(Unit::Week),
        2 => Some(Unit::Day),
        3 if window.to.unix_micros() - window.from.unix_micros() < 10 * grid::MICROS_PER_DAY => {
            Some(Unit::Hour)
        }
        _ => None,
    };
    let features = world.features.iter().map(|name| (*name).to_owned()).collect();
    let at = world.any_time(dice, &ledger);
    Question { subject: ledger.subject.clone(), features, at, window, granularity }
}

/// Asks inside the actor's transaction, or in one of its own; `Ok(Err)` says how answers differ.
pub fn check(
    actor: &mut Actor,
    world: &World,
    question: &Question,
    checked: &mut Checked,
) -> Result<Result<(), String>, Failure> {
    let (before, after) = match actor.is_in_transaction() {
        true => ("SAVEPOINT question", "ROLLBACK TO SAVEPOINT question; RELEASE question"),
        false => ("BEGIN ISOLATION LEVEL REPEATABLE READ; SAVEPOINT question", "ROLLBACK"),
    };
    let session = actor.session();
    session.rows(before)?;
    let touched = |session: &mut Session| -> u64 { session.value(work::TOUCHED) };

    let start = touched(session);
    let answers = question.ask(session)?;
    let touched_with = touched(session) - start;
    let features = facts::load(session, &world.namespace, &question.subject)?;
    checked.questions += 1;
    checked.rows += answers.history.len() as u64 + answers.grants.len() as u64;
    if cache::count(session) > 0 {
        checked.with_snapshots += 1;
    }
    let uncached = match session.rows(cache::FORGET) {
        Ok(_) => {
            let start = touched(session);
            let uncached = question.ask(session)?;
            let touched_without = touched(session) - start;
            checked.touched_with += touched_with;
            checked.touched_without += touched_without;
            checked.cheaper += u64::from(touched_with < touched_without);
            Some(uncached)
        }
        Err(failure) if failure.is_of_isolation() => {
            session.must("ROLLBACK TO SAVEPOINT question");
            checked.undeleted += 1;
            None
        }
        Err(failure) => return Err(failure),
    };
    session.rows(after)?;
    Ok(compare(question, answers, uncached, &features))
}

fn compare(
    question: &Question,
    answers: Answers,
    uncached: Option<Answers>,
    features: &[facts::FeatureFacts],
) -> Result<(), String> {
    let asked = |what: &str, difference: String| Err(format!("{what}: {difference}\n{question:?}"));
    if let Some(difference) = uncached.and_then(|uncached| answers.difference(&uncached)) {
        return asked("with snapshots, and without", difference);
    }
    if let Some(children) = oracle::wrong_children(features) {
        return asked("children of a reset, as written and as they should be", children);
    }
    let model = oracle::answer(question, features);
    match answers.by_feature().difference(&model) {
        Some(difference) => asked("extension, and naive model", difference),
        None => Ok(()),
    }
}

/// Tries a mutation twice and takes it back: with the snapshots and without it must be done, or be
/// refused for the same reason. The actor must be in a transaction.
pub fn try_twice(
    actor: &mut Actor,
    sql: &str,
    checked: &mut Checked,
) -> Result<Result<(), String>, Failure> {
    let session = actor.session();
    let mut outcomes: Vec<Result<Vec<Row>, Failure>> = Vec::new();
    for forget in ["SELECT", cache::FORGET] {
        session.must("SAVEPOINT attempt");
        let outcome = session.rows(forget).and_then(|_| session.rows(sql));
        session.must("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt");
        outcomes.push(outcome);
    }
    checked.attempts += 1;
    Ok(match &outcomes[..] {
        [Err(one), Err(other)] if one.is_like(other) => Ok(()),
        [one, other] if one == other || [one, other].into_iter().any(is_of_isolation) => Ok(()),
        _ => Err(format!("with snapshots, and without: {outcomes:?}\n{sql}")),
    })
}

fn is_of_isolation(outcome: &Result<Vec<Row>, Failure>) -> bool {
    matches!(outcome, Err(failure) if failure.is_of_isolation())
}

//! The answers of the naive model: what DESIGN.md section 2 says, computed as it is written there.

use crate::answers::{Answers, Question};
use crate::facts::{FeatureFacts, uuid};
use crate::naive::{self, Answer};
use crate::session::Row;
use credit_engine::{Amount, Ending, GrantOutcome, Id, Time, Window};

/// A row of what can be shown, or is absent.
fn row(columns: impl IntoIterator<Item = Option<String>>) -> Row {
    Row(columns.into_iter().collect())
}

fn text(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

fn micros(time: Time) -> Option<String> {
    text(time.unix_micros())
}

/// Answers a question from the facts of every feature of the namespace, in the order of
/// [`Answers::by_feature`].
pub fn answer(question: &Question, features: &[FeatureFacts]) -> Answers {
    let mut answers = Answers::default();
    if let Some(any) = features.first() {
        let resets = any.facts.resets.iter();
        let mut marked: Vec<_> =
            resets.filter(|reset| has(question.window, reset.at)).map(|r| (r.at, r.id)).collect();
        marked.sort();
        answers.history.extend(marked.into_iter().map(|(at, id)| marker(at, id)));
    }
    for feature in features {
        balances(question, feature, &mut answers);
        if question.features.contains(&feature.name) {
            usage(question, feature, &mut answers);
        }
        history(question, feature, &mut answers);
    }
    answers
}

fn has(window: Window, at: Time) -> bool {
    window.from <= at && at < window.to
}

fn marker(at: Time, reset: Id) -> Row {
    let zero = || text(0);
    row([
        text(""),
        micros(at),
        text("RESET"),
        None,
        Some(uuid(reset)),
        zero(),
        None,
        zero(),
        None,
        None,
        None,
    ])
}

/// Listed is a feature that the ledger has had a grant for by then, or usage of.
fn is_listed(feature: &FeatureFacts, at: Time) -> bool {
    let FeatureFacts { facts, usage, .. } = feature;
    facts.grants.iter().any(|grant| grant.has_begun(at))
        || usage.iter().any(|(then, _)| facts.measure_from <= *then && *then < at)
}

fn balances(question: &Question, feature: &FeatureFacts, answers: &mut Answers) {
    let FeatureFacts { name, facts, usage } = feature;
    let window = Window { from: question.at, to: question.at };
    let Answer { balance, overage, usage, grants, .. } =
        naive::run(facts, usage, question.at, &[], window);
    if question.features.contains(name) {
        answers.available.push(row([text(name), text(balance - overage)]));
    }
    if !is_listed(feature, question.at) {
        return;
    }
    let numbers = [balance, usage, overage, balance - overage];
    answers.features.push(row([text(name)].into_iter().chain(numbers.map(text))));
    let since = facts.resets.iter().map(|reset| reset.at).filter(|at| *at <= question.at).max();
    let is_listed = |grant: &&GrantOutcome| {
        let child = facts.grants.iter().any(|fact| fact.id == grant.id && fact.parent.is_some());
        let nothing = child && grant.amount == Amount::ZERO;
        let listed = match grant.ended {
            None => grant.active,
            Some((end, Ending::Expired)) => since.is_none_or(|since| end > since),
            Some(_) => false,
        };
        listed && !nothing
    };
    answers.grants.extend(grants.iter().filter(is_listed).map(|grant| {
        row([text(name), Some(uuid(grant.id)), text(grant.amount), text(grant.balance)])
    }));
}

/// The ends of the window and the calendar boundaries inside.
fn cuts(question: &Question) -> Vec<Time> {
    let Window { from, to } = question.window;
    let inside = question.granularity.map(|unit| naive::calendar::boundaries(unit, from, to));
    [from].into_iter().chain(inside.into_iter().flatten()).chain([to]).collect()
}

fn usage(question: &Question, feature: &FeatureFacts, answers: &mut Answers) {
    for bucket in cuts(question).windows(2).filter(|bucket| bucket[0] < bucket[1]) {
        let inside = feature.usage.iter().filter(|(at, _)| bucket[0] <= *at && *at < bucket[1]);
        let sum: Amount = inside.map(|(_, value)| *value).sum();
        answers.usage.push(row([
            text(&feature.name),
            micros(bucket[0]),
            micros(bucket[1]),
            text(sum),
        ]));
    }
}

fn history(question: &Question, feature: &FeatureFacts, answers: &mut Answers) {
    let FeatureFacts { name, facts, usage } = feature;
    let Window { to, .. } = question.window;
    let rows = naive::run(facts, usage, to, &cuts(question), question.window).rows;
    answers.history.extend(rows.into_iter().map(|entry| {
        row([
            text(name),
            micros(entry.at),
            text(entry.kind.name()),
            entry.grant.map(uuid),
            entry.reset.map(uuid),
            text(entry.amount),
            text(entry.balance_after),
            text(entry.overage),
            text(entry.overage_after),
            entry.period.and_then(|(from, _)| micros(from)),
            entry.period.and_then(|(_, to)| micros(to)),
        ])
    }));
}

/// A reset must have written an identity for exactly the grants that can roll; gives the first
/// reset that did not.
pub fn wrong_children(features: &[FeatureFacts]) -> Option<String> {
    features.iter().find_map(|FeatureFacts { name, facts, .. }| {
        facts.resets.iter().find_map(|reset| {
            let born = facts.grants.iter().filter(|grant| grant.effective_at == reset.at);
            let mut written: Vec<(Id, Option<Time>)> =
                born.filter_map(|grant| Some((grant.parent?, grant.expires_at))).collect();
            written.sort();
            let wanted = naive::life::children(facts, reset);
            let wrong = written != wanted;
            wrong.then(|| format!("{name}, reset at {}: {written:?}, not {wanted:?}", reset.at))
        })
    })
}

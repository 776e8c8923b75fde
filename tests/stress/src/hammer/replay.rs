//! Every spend once more, by the naive model: what was known when it was written, as of its time.

use super::log::{Entry, Snapshot};
use super::past::{FeaturePast, Past, SpendPast, Usage, named};
use crate::naive;
use credit_engine::{Amount, Facts, Kind, Time, Window};
use std::collections::HashMap;

const ALWAYS: Window = Window { from: Time::MIN, to: Time::MAX };
/// The most events of which it is uncertain whether they were seen: all their subsets are tried.
const MOST_UNCERTAIN: usize = 6;

/// How many spends were compared.
#[derive(Default)]
pub struct Compared {
    /// With one answer that can be right.
    pub exactly: u64,
    /// With one for every set of events that it can have seen.
    pub nearly: u64,
    /// Not at all: nobody knows what it has seen.
    pub not: u64,
}

/// What is left at the end of an instant, and what grants have paid of `[at, at + 1 µs)`.
struct Left {
    balance: Amount,
    available: Amount,
    burned: Vec<(String, Amount)>,
    paid: HashMap<u128, Amount>,
}

/// The state after the usage of an instant, and before what happens a microsecond later.
fn left(facts: &Facts, usage: &Usage, at: Time) -> Left {
    let then = at.next();
    let answer = naive::run(facts, usage, then, &[at], ALWAYS);
    let mut left = Left {
        balance: answer.balance,
        available: answer.balance - answer.overage,
        burned: Vec::new(),
        paid: answer.grants.iter().map(|grant| (grant.id, grant.paid)).collect(),
    };
    let mut burned: Vec<(u128, Amount)> = Vec::new();
    for row in answer.rows.iter().filter(|row| row.at == then) {
        if row.period.is_some_and(|(from, to)| from < to) {
            if let (Kind::GrantUsage, Some(grant)) = (row.kind, row.grant) {
                burned.push((grant, -row.amount));
            }
            continue;
        }
        left.balance -= row.amount;
        left.available = left.available - row.amount + row.overage;
        if let (Kind::GrantUsage, Some(grant)) = (row.kind, row.grant) {
            *left.paid.entry(grant).or_default() += row.amount;
        }
    }
    left.burned = named(burned);
    left
}

/// Balance, available and what grants paid, as the spend must have answered.
fn answer(
    facts: &Facts,
    usage: &Usage,
    held: &Usage,
    spend: &SpendPast,
) -> (Amount, Amount, Vec<(String, Amount)>) {
    let after = left(facts, usage, spend.written);
    let available = match held.as_slice() {
        [] => after.available,
        held => left(facts, &[usage, held].concat(), spend.written).available,
    };
    let burned = match spend.at == spend.written {
        true => after.burned,
        false => {
            // A settlement: of what was usage long before, some is now paid otherwise.
            let mut before = usage.clone();
            let own = before.iter().position(|one| *one == (spend.at, spend.amount));
            before.swap_remove(own.expect("the event of the spend"));
            let before = left(facts, &before, spend.written).paid;
            named(after.paid.iter().map(|(id, paid)| (*id, *paid - before[id])))
        }
    };
    (after.balance, available, burned)
}

/// Compares one spend; `None` where nobody knows what it has seen.
fn compare(
    feature: &FeaturePast,
    spend: &SpendPast,
    seen: Option<&[Snapshot; 2]>,
    compared: &mut Compared,
) -> Result<(), String> {
    let (certain, perhaps) = match seen {
        Some(seen) => feature.ingested(spend, seen),
        None if feature.is_ingested() => {
            compared.not += 1;
            return Ok(());
        }
        None => Default::default(),
    };
    if perhaps.len() > MOST_UNCERTAIN {
        compared.not += 1;
        return Ok(());
    }
    let facts = feature.known(spend.written);
    let (spent, held) = (feature.spent(spend), feature.held(spend));
    let mut wanted = Vec::new();
    for subset in 0..1_u32 << perhaps.len() {
        let chosen = perhaps.iter().enumerate().filter(|(index, _)| subset >> index & 1 == 1);
        let chosen: Usage = chosen.map(|(_, event)| *event).collect();
        let usage = [spent.as_slice(), &certain, &chosen].concat();
        let answer = answer(&facts, &usage, &held, spend);
        if answer == (spend.balance, spend.available, spend.burned.clone()) {
            match perhaps.is_empty() {
                true => compared.exactly += 1,
                false => compared.nearly += 1,
            }
            return Ok(());
        }
        wanted.push(format!("balance {}, available {}, burned {:?}", answer.0, answer.1, answer.2));
    }
    Err(format!("{spend}\nnot  {}", wanted.join("\nnor  ")))
}

/// Compares all spends of a ledger; and each had the credit, or the overdraft, that it took.
pub fn spends(
    past: &Past,
    entries: &HashMap<&str, &Entry>,
    compared: &mut Compared,
) -> Result<(), String> {
    for spend in &past.spends {
        let feature = past.features.iter().find(|feature| feature.name == spend.feature);
        let feature = feature.expect("a feature of the ledger");
        let is_own = |event: &&super::past::Event| {
            event.at == spend.at && event.value == spend.amount && event.xid == spend.xid
        };
        let events = feature.usage.iter().filter(is_own).count();
        if events != 1 {
            return Err(format!("{events} events of {spend}"));
        }
        // What was held is taken whatever there is; the rest of a settlement is not.
        let is_settlement = spend.hold_id.is_some() && spend.at < spend.written;
        let least = -spend.overdraft;
        if spend.amount.is_positive() && !is_settlement && spend.available < least {
            return Err(format!("less than {least} is left by {spend}"));
        }
        // Only the call that did it saw what it saw; a replay may have seen more.
        let first = entries.get(spend.id.as_str()).filter(|entry| !entry.replayed);
        compare(feature, spend, first.map(|entry| &entry.seen), compared)?;
    }
    Ok(())
}

/// No instant has less than `least` allows, but for what others than spends of the feature took
/// until then: plain usage and spends of features that overlap, debits, voids and resets.
pub fn floor(feature: &FeaturePast, least: Amount, until: Time) -> Result<(), String> {
    let facts = feature.all();
    let usage: Usage = feature.usage.iter().map(|event| (event.at, event.value)).collect();
    let cuts: Vec<Time> = usage.iter().map(|(at, _)| at.next()).collect();
    let rows = naive::run(&facts, &usage, until, &cuts, ALWAYS).rows;
    let others = feature.usage.iter().filter(|event| {
        let own = event.spend.as_ref().is_some_and(|(_, name)| *name == feature.name);
        !own && event.value.is_positive()
    });
    let mut taken: Vec<(Time, Amount)> = others.map(|event| (event.at, event.value)).collect();
    taken.extend(rows.iter().filter_map(|row| match row.kind {
        Kind::Void | Kind::Forfeiture => Some((row.at, -row.amount)),
        Kind::Grant if row.amount.is_negative() => Some((row.at, -row.amount)),
        _ => None,
    }));
    // A reset drops credit for usage to come as well.
    let dropped = rows.iter().filter(|row| row.kind == Kind::Reset && row.overage.is_positive());
    taken.extend(dropped.map(|row| (row.at, row.overage)));
    // Of a void of the past no row tells that the grant never began, nor that it was refilled since.
    for grant in facts.grants.iter().filter(|grant| grant.amount.is_positive()) {
        let untold = grant.voided_at.is_some_and(|at| at <= grant.effective_at);
        if untold || (grant.voided_at.is_some() && grant.recurrence.is_some()) {
            taken.push((grant.effective_at, grant.amount));
        }
        if untold && grant.recurrence.is_some() {
            taken.push((grant.effective_at, grant.amount));
        }
    }
    taken.sort();
    let mut taken = taken.into_iter().peekable();
    let mut excess = Amount::ZERO;
    for (index, row) in rows.iter().enumerate() {
        while let Some((_, amount)) = taken.next_if(|(at, _)| *at <= row.at) {
            excess += amount;
        }
        let is_last = rows.get(index + 1).is_none_or(|next| next.at > row.at);
        let available = row.balance_after - row.overage_after;
        if is_last && available < least - excess {
            return Err(format!(
                "at {} {available} is available of {}: less than {least}, where others took {excess}",
                row.at, feature.name
            ));
        }
    }
    Ok(())
}

//! The laws of DESIGN.md 2.12, one test each.

mod common;

use common::{Ask, Scenario, config, mix, outcome, scenario};
use credit_engine::{Amount, Entry, Grant, Id, Kind, Outcome, Time, Window};
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn credit_is_conserved(scenario in scenario()) {
        for until in untils(&scenario) {
            let Outcome { balance, grants, .. } = scenario.outcome(&scenario.whole(until));
            let entries = history_up_to(&scenario, until);
            let sum = |kind, sign: i64| {
                let signed = |entry: &&Entry| (entry.amount.units() < 0) == (sign < 0);
                let of_kind = entries.iter().filter(|entry| entry.kind == kind).filter(signed);
                of_kind.map(|entry| entry.amount.abs()).sum::<Amount>()
            };
            let burned: Amount = grants.iter().map(|grant| grant.paid).sum();
            let gone = sum(Kind::Expiration, -1) + sum(Kind::Void, -1) + sum(Kind::Forfeiture, -1);
            prop_assert_eq!(
                sum(Kind::Grant, 1) + sum(Kind::Rollover, 1),
                balance + burned + gone + sum(Kind::Rollover, -1)
            );
            // What was granted is what the facts say, once, at the time that they say.
            for grant in scenario.facts.grants.iter().filter(|grant| grant.parent.is_none()) {
                let granted = entries
                    .iter()
                    .filter(|entry| entry.kind == Kind::Grant && entry.grant == Some(grant.id))
                    .find(|entry| entry.at == grant.effective_at);
                let begins = grant.effective_at <= until && !is_never_active(grant);
                prop_assert_eq!(granted.map(|entry| entry.amount), begins.then_some(grant.amount));
            }
            // What leaves the parents arrives at the children; only recurring grants may grow.
            let moved = entries.iter().filter(|entry| entry.kind == Kind::Rollover);
            let moved = moved.filter(|entry| !is_recurring(&scenario, entry.grant));
            prop_assert_eq!(moved.map(|entry| entry.amount).sum::<Amount>(), Amount::ZERO);
        }
    }

    #[test]
    fn usage_is_conserved(scenario in scenario()) {
        for until in untils(&scenario) {
            let Outcome { overage, grants, .. } = scenario.outcome(&scenario.whole(until));
            let entries = history_up_to(&scenario, until);
            let measured = scenario.facts.measure_from..until;
            let used = scenario.usage.iter().filter(|(at, _)| measured.contains(at));
            let used: Amount = used.map(|(_, value)| *value).sum();
            let debits = scenario.facts.grants.iter().filter(|grant| {
                grant.is_debit() && grant.effective_at <= until && !is_never_active(grant)
            });
            let debits: Amount = debits.map(|grant| -grant.amount).sum();
            let burned: Amount = grants.iter().map(|grant| grant.paid).sum();
            let dropped = entries.iter().filter(|entry| entry.kind == Kind::Reset);
            let dropped: Amount = dropped.map(|entry| -entry.overage).sum();
            prop_assert_eq!(used + debits, burned + overage + dropped);
        }
    }

    #[test]
    fn splitting_changes_nothing(scenario in scenario()) {
        for ask in &scenario.asks {
            let whole = scenario.outcome(&scenario.whole(ask.until));
            let cuts = ask.cuts.clone();
            let split = scenario.outcome(&Ask { cuts, ..scenario.whole(ask.until) });
            prop_assert_eq!(merged(&split.entries), merged(&whole.entries));
            prop_assert_eq!(without_entries(split), without_entries(whole));
        }
    }

    #[test]
    fn arrival_order_changes_nothing(scenario in scenario(), seed: u64) {
        let mut other = scenario.clone();
        other.facts.grants.sort_by_key(|grant| mix(grant.id, seed));
        other.facts.resets.sort_by_key(|reset| mix(reset.id, seed));
        let mut usage: Vec<_> = other.usage.into_iter().enumerate().collect();
        usage.sort_by_key(|(index, _)| mix(*index as Id, seed));
        other.usage = usage.into_iter().map(|(_, usage)| usage).collect();
        for ask in &scenario.asks {
            prop_assert_eq!(other.outcome(ask), scenario.outcome(ask));
        }
    }

    #[test]
    fn no_grant_is_below_zero_or_above_its_amount(scenario in scenario()) {
        for until in instants(&scenario) {
            let state = outcome(&scenario.facts, &scenario.usage, until, &[], None);
            for grant in &state.grants {
                prop_assert!(!grant.balance.is_negative(), "{grant:?} at {until}");
                prop_assert!(grant.balance <= grant.amount.max(Amount::ZERO), "{grant:?}");
                prop_assert!(grant.active || grant.balance.is_zero(), "{grant:?} at {until}");
            }
            // Nothing is owed while there is credit to pay with.
            prop_assert!(!state.overage.is_positive() || state.balance.is_zero(), "{state:?}");
            let held: Amount = state.grants.iter().map(|grant| grant.balance).sum();
            prop_assert_eq!(state.balance, held);
        }
    }

    #[test]
    fn history_sums_to_the_balance(scenario in scenario()) {
        let untils = untils(&scenario);
        let last = untils.iter().copied().max().expect("a question");
        let cuts = untils.clone();
        let history = scenario.outcome(&Ask { cuts, ..scenario.whole(last.next()) }).entries;
        for until in untils {
            let state = outcome(&scenario.facts, &scenario.usage, until, &[], None);
            let mut held: BTreeMap<Id, Amount> = BTreeMap::new();
            let (mut balance, mut overage) = (Amount::ZERO, Amount::ZERO);
            for entry in history.iter().filter(|entry| entry.at <= until) {
                balance += entry.amount;
                overage += entry.overage;
                prop_assert_eq!((entry.balance_after, entry.overage_after), (balance, overage));
                if let Some(id) = entry.grant {
                    *held.entry(id).or_default() += entry.amount;
                }
            }
            prop_assert_eq!((state.balance, state.overage), (balance, overage));
            for grant in &state.grants {
                prop_assert_eq!(grant.balance, held.get(&grant.id).copied().unwrap_or_default());
            }
        }
    }

    #[test]
    fn adjacent_histories_add_up(scenario in scenario()) {
        for ask in &scenario.asks {
            let Window { from, to } = ask.window;
            let mut parts = ask.cuts.clone();
            parts.retain(|cut| from <= *cut && *cut <= to);
            parts.sort();
            let whole = scenario.outcome(ask).entries;
            let mut together = Vec::new();
            for part in parts.windows(2) {
                // Each part is asked for by itself, when it had just ended.
                let window = Window { from: part[0], to: part[1] };
                let cuts = part.to_vec();
                together.extend(scenario.outcome(&Ask { window, cuts, until: part[1] }).entries);
            }
            prop_assert_eq!(together, whole);
        }
    }

    #[test]
    fn history_is_in_order(scenario in scenario()) {
        for ask in &scenario.asks {
            let entries = scenario.outcome(ask).entries;
            for pair in entries.windows(2) {
                let place = |entry: &Entry| (entry.at, entry.stage);
                prop_assert!(place(&pair[0]) <= place(&pair[1]), "{pair:?}");
            }
        }
    }

    #[test]
    fn same_input_same_answer(scenario in scenario()) {
        for ask in &scenario.asks {
            prop_assert_eq!(scenario.clone().outcome(ask), scenario.outcome(ask));
        }
    }
}

fn untils(scenario: &Scenario) -> Vec<Time> {
    scenario.asks.iter().map(|ask| ask.until).collect()
}

/// Where something happens or is asked, and the microsecond after.
fn instants(scenario: &Scenario) -> Vec<Time> {
    let mut instants = untils(scenario);
    instants.extend(scenario.facts.resets.iter().map(|reset| reset.at));
    instants.extend(scenario.facts.grants.iter().map(|grant| grant.effective_at));
    instants.extend(scenario.usage.iter().flat_map(|(at, _)| [*at, at.next()]));
    instants.retain(|at| *at >= scenario.facts.measure_from);
    instants
}

/// The whole history, what happens at `until` included; a window would leave that to the next one.
fn history_up_to(scenario: &Scenario, until: Time) -> Vec<Entry> {
    let ask = Ask { cuts: vec![until], ..scenario.whole(until.next()) };
    let mut entries = scenario.outcome(&ask).entries;
    entries.retain(|entry| entry.at <= until);
    entries
}

fn is_never_active(grant: &Grant) -> bool {
    grant.voided_at.is_some_and(|at| at <= grant.effective_at)
}

fn is_recurring(scenario: &Scenario, id: Option<Id>) -> bool {
    let mut grants = scenario.facts.grants.iter();
    grants.any(|grant| Some(grant.id) == id && grant.recurrence.is_some())
}

fn without_entries(outcome: Outcome) -> Outcome {
    Outcome { entries: Vec::new(), ..outcome }
}

/// Usage of a grant, or overage, after so many other rows: its change of balance and of overage.
type UsageSums = BTreeMap<(usize, Option<Id>), (Amount, Amount)>;

/// Usage rows as sums between two other rows, which stay as they are.
fn merged(entries: &[Entry]) -> (Vec<Entry>, UsageSums) {
    let (mut others, mut usage) = (Vec::new(), UsageSums::new());
    for entry in entries {
        if entry.period.is_some_and(|(from, to)| from < to) {
            let sum = usage.entry((others.len(), entry.grant)).or_default();
            sum.0 += entry.amount;
            sum.1 += entry.overage;
        } else {
            others.push(*entry);
        }
    }
    usage.retain(|_, (amount, overage)| !amount.is_zero() || !overage.is_zero());
    (others, usage)
}

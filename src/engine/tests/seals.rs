//! A seal affects no answer from it on: whatever was closed, at whatever instant, and however often,
//! all that is asked of later times is what the events before it would have given.

mod common;

use common::{Ask, Scenario, config, mix, scenario};
use credit_engine::{
    Amount, Facts, Form, Outcome, Seal, Snapshot, Time, Timeline, Usage, Window, replay,
};
use proptest::prelude::*;

/// What acts before an instant; what comes later is not written down yet.
fn before(facts: &Facts, at: Time) -> Facts {
    let mut known = facts.clone();
    known.grants.retain(|grant| grant.effective_at < at);
    known.resets.retain(|reset| reset.at < at);
    for grant in &mut known.grants {
        grant.voided_at = grant.voided_at.filter(|voided_at| *voided_at < at);
    }
    known
}

/// The timeline and the usage from a seal on, or from the beginning.
fn measured(
    seal: Option<&Seal>,
    facts: &Facts,
    events: &[(Time, Amount)],
    until: Time,
    cuts: &[Time],
) -> (Timeline, Usage) {
    let timeline = match seal {
        Some(seal) => seal.timeline(facts, until, cuts).expect("few points"),
        None => Timeline::new(facts, until, cuts).expect("few points"),
    };
    let mut usage = Usage::keeping_ahead(&timeline);
    if let Some(seal) = seal {
        seal.add_to(&timeline, &mut usage);
    }
    // The events before the seal are gone.
    for (at, value) in events.iter().filter(|(at, _)| seal.is_none_or(|seal| seal.at() <= *at)) {
        usage.add(&timeline, *at, *value).expect("small amounts");
    }
    (timeline, usage)
}

/// Seals at an instant, from another seal on or from the beginning, and keeps the form only.
fn sealed(from: Option<&Seal>, scenario: &Scenario, at: Time, knows_all: bool) -> Seal {
    let facts = match knows_all {
        true => scenario.facts.clone(),
        false => before(&scenario.facts, at),
    };
    let (timeline, usage) = measured(from, &facts, &scenario.usage, at, &[at]);
    let seal = Seal::take(&timeline, &usage);
    let text = serde_json::to_string(&seal.to_form()).expect("memory is the only limit");
    let form: Form = serde_json::from_str(&text).expect("its own form");
    let read = Seal::from_form(at, &form).expect("its own form");
    assert_eq!(read, seal);
    if seal.is_nothing() {
        return Seal::nothing(at);
    }
    read
}

/// Two instants at which to seal: some at instants of the scenario, some beside them.
fn instants(scenario: &Scenario, seed: u64) -> Option<(Time, Time)> {
    let facts = &scenario.facts;
    let of_grants = facts.grants.iter().flat_map(|grant| {
        [Some(grant.effective_at), grant.expires_at, grant.voided_at].into_iter().flatten()
    });
    let resets = facts.resets.iter().map(|reset| reset.at);
    let mut all: Vec<Time> =
        of_grants.chain(resets).chain(scenario.usage.iter().map(|(at, _)| *at)).collect();
    all.extend(scenario.asks.iter().flat_map(|ask| [ask.window.from, ask.window.to]));
    let beside = all.iter().flat_map(|at| [at.next(), at.previous()]).collect::<Vec<_>>();
    all.extend(beside);
    all.retain(|at| facts.measure_from < *at);
    all.sort_unstable();
    all.dedup();
    let choose = |salt| all.get(mix(seed.into(), salt) as usize % all.len().max(1)).copied();
    let (one, other) = (choose(1)?, choose(2)?);
    (one != other).then(|| (one.min(other), one.max(other)))
}

/// In whatever order, what is known of grants is the same.
fn sorted(mut outcome: Outcome) -> Outcome {
    outcome.grants.sort_by_key(|grant| grant.id);
    outcome
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn seals_change_nothing(scenario in scenario(), seed: u64) {
        let Some((first, second)) = instants(&scenario, seed) else { return Ok(()) };
        let one = sealed(None, &scenario, first, seed.is_multiple_of(2));
        let seals = [
            one.clone(),
            sealed(Some(&one), &scenario, second, seed.is_multiple_of(3)),
            sealed(None, &scenario, second, seed.is_multiple_of(3)),
        ];
        // Where there is nothing to keep, the phases are counted anew.
        if one != Seal::nothing(first) {
            prop_assert_eq!(&seals[1], &seals[2], "sealed twice or once");
        }
        let facts = &scenario.facts;
        for seal in &seals {
            for ask in &scenario.asks {
                let from = ask.window.from.max(seal.at());
                let until = ask.until.max(from);
                let window = Window { from, to: ask.window.to.max(from) };
                let cuts: Vec<Time> = [ask.cuts.as_slice(), &[window.from, window.to]].concat();
                let (timeline, usage) =
                    measured(Some(seal), facts, &scenario.usage, until, &cuts);
                let resumed = sorted(replay(&timeline, &usage, Some(window)));
                let whole = sorted(scenario.outcome(&Ask { until, window, cuts }));
                prop_assert_eq!(&resumed, &whole, "sealed at {}", seal.at());
                let first_at = (scenario.usage.iter().map(|(at, _)| *at))
                    .filter(|at| facts.measure_from <= *at && *at < until)
                    .min();
                prop_assert_eq!(usage.first_at(), first_at);

                // A snapshot that goes on from a seal changes nothing either.
                let (timeline, usage) = measured(Some(seal), facts, &scenario.usage, until, &[]);
                let snapshot = Snapshot::take(&timeline, &usage).expect("little ahead");
                let snapshot = Snapshot::from_bytes(&snapshot.to_bytes()).expect("its own bytes");
                let resumed = snapshot.timeline(facts, until, &[]).expect("few points");
                let timeline = resumed.expect("nothing came later");
                let mut usage = Usage::none(&timeline);
                snapshot.add_to(&timeline, &mut usage).expect("small amounts");
                let resumed = replay(&timeline, &usage, None);
                let whole = scenario.outcome(&scenario.whole(until));
                prop_assert_eq!(resumed.balance, whole.balance);
                prop_assert_eq!(resumed.overage, whole.overage);
                prop_assert_eq!(resumed.usage, whole.usage);
            }
        }
    }

    #[test]
    fn other_text_is_no_seal(text in "[-0-9a-f.]{0,40}") {
        let form = format!(
            r#"{{"usage": "0", "overage": "{text}", "phase": {{"number": 1, "owed": "0", "used": "0"}},
                "grants": [{{"id": "{text}", "amount": "0", "paid": "0"}}]}}"#
        );
        let form: Form = serde_json::from_str(&form).expect("its members are there");
        prop_assert!(Seal::from_form(Time::MIN, &form).is_err());
    }
}

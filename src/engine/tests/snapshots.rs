//! A snapshot affects cost, never meaning: whatever arrives when, an answer that goes on from one is
//! the answer from the beginning.

mod common;

use common::{Ask, Scenario, config, mix, outcome, scenario};
use credit_engine::{
    Amount, Ending, Facts, GrantOutcome, Outcome, PhaseWindow, Snapshot, Time, Timeline, Usage,
    replay,
};
use proptest::prelude::*;
use std::collections::HashMap;

/// Snapshots are taken at as many moments.
const MOMENTS: u64 = 6;

/// The windows of the snapshots: small, so that they move.
const WINDOWS: [PhaseWindow; 5] = [
    PhaseWindow { kept: 1, most: 1, idle: 4 },
    PhaseWindow { kept: 2, most: 3, idle: 2 },
    PhaseWindow { kept: 1, most: 4, idle: 1 },
    PhaseWindow { kept: 1, most: 4, idle: 0 },
    PhaseWindow { kept: 64, most: 128, idle: 4096 },
];

/// When each fact and event arrives, as a moment from 0 to [`MOMENTS`].
struct Arrivals<'a> {
    scenario: &'a Scenario,
    /// By reset.
    resets: HashMap<u128, u64>,
    seed: u64,
}

impl<'a> Arrivals<'a> {
    fn new(scenario: &'a Scenario, seed: u64) -> Arrivals<'a> {
        let mut arrivals = Arrivals { scenario, resets: HashMap::new(), seed };
        let mut resets = scenario.facts.resets.clone();
        resets.sort_by_key(|reset| reset.at);
        let mut latest = 0;
        for reset in resets {
            // Nothing acts before a reset that is there already.
            for grant in &scenario.facts.grants {
                if grant.parent.is_none() && grant.effective_at < reset.at {
                    latest = latest.max(arrivals.of_root(grant.id));
                }
                if grant.voided_at.is_some_and(|at| at < reset.at) {
                    latest = latest.max(arrivals.of_void(grant.id));
                }
            }
            latest = latest.max(arrivals.moment(reset.id, 3));
            arrivals.resets.insert(reset.id, latest);
        }
        arrivals
    }

    fn moment(&self, id: u128, salt: u64) -> u64 {
        mix(id, self.seed ^ salt) as u64 % (MOMENTS + 1)
    }

    fn of_root(&self, id: u128) -> u64 {
        self.moment(id, 1)
    }

    fn of_void(&self, id: u128) -> u64 {
        self.moment(id, 2)
    }

    fn of_grant(&self, grant: &credit_engine::Grant) -> u64 {
        match grant.parent {
            None => self.of_root(grant.id),
            Some(_) => {
                let made = |reset: &&credit_engine::Reset| reset.at == grant.effective_at;
                let reset = self.scenario.facts.resets.iter().find(made).expect("its reset");
                self.resets[&reset.id]
            }
        }
    }

    /// What is known at a moment, and the earliest act of what came after the moment `since`.
    fn facts(&self, moment: u64, since: u64) -> (Facts, Option<Time>) {
        let Facts { measure_from, grants, resets } = self.scenario.facts.clone();
        let mut acts = Vec::new();
        let mut known = Facts { measure_from, grants: Vec::new(), resets: Vec::new() };
        for mut grant in grants {
            let arrival = self.of_grant(&grant);
            if arrival > moment {
                continue;
            }
            if arrival > since {
                acts.push(grant.effective_at);
            }
            let void_arrival = self.of_void(grant.id).max(arrival);
            match grant.voided_at {
                Some(_) if void_arrival > moment => grant.voided_at = None,
                Some(at) if void_arrival > since => acts.push(at),
                _ => {}
            }
            known.grants.push(grant);
        }
        for reset in resets {
            let arrival = self.resets[&reset.id];
            if arrival <= moment {
                known.resets.push(reset);
                acts.extend((arrival > since).then_some(reset.at));
            }
        }
        (known, acts.into_iter().min())
    }

    /// The events that arrive after the moment `since` and up to `moment`.
    fn usage(&self, moment: u64, since: Option<u64>) -> Vec<(Time, Amount)> {
        (self.scenario.usage.iter().enumerate())
            .filter(|(index, _)| {
                let arrival = self.moment(*index as u128, 4);
                arrival <= moment && since.is_none_or(|since| arrival > since)
            })
            .map(|(_, event)| *event)
            .collect()
    }

    /// Goes on from a snapshot that was taken at the moment `since`; `None` where it cannot tell.
    fn go_on(
        &self,
        (since, snapshot): &(u64, Snapshot),
        moment: u64,
        (until, cuts): (Time, &[Time]),
        keep_ahead: bool,
    ) -> Option<(Timeline, Usage)> {
        let (facts, acts_at) = self.facts(moment, *since);
        if acts_at.is_some_and(|at| at < snapshot.begins_at()) {
            return None;
        }
        let timeline = snapshot.timeline(&facts, until, cuts).expect("few points")?;
        let mut usage = match keep_ahead {
            true => Usage::keeping_ahead(&timeline),
            false => Usage::none(&timeline),
        };
        snapshot.add_to(&timeline, &mut usage).expect("small amounts");
        for (at, value) in self.usage(moment, Some(*since)) {
            usage.add(&timeline, at, value).expect("small amounts");
        }
        usage.is_complete().then_some((timeline, usage))
    }
}

/// Takes snapshots, each from an earlier one where that can be.
fn take_all(arrivals: &Arrivals, seed: u64) -> Vec<(u64, Snapshot)> {
    let mut taken: Vec<(u64, Snapshot)> = Vec::new();
    let span = arrivals.scenario.asks.iter().map(|ask| ask.until).max().expect("a question");
    let start = arrivals.scenario.facts.measure_from;
    for moment in 0..=MOMENTS {
        let micros = span.unix_micros() - start.unix_micros();
        let now = start.unix_micros() + micros * (moment as i64 + 1) / (MOMENTS as i64 + 1);
        let now = Time::from_unix_micros(now).expect("near 2024").max(start);
        let base = taken
            .iter()
            .rev()
            .skip((mix(moment.into(), seed) % 2) as usize)
            .find_map(|base| arrivals.go_on(base, moment, (now, &[]), true));
        let (timeline, usage) = base.unwrap_or_else(|| {
            let (facts, _) = arrivals.facts(moment, 0);
            let timeline = Timeline::new(&facts, now, &[]).expect("few points");
            let mut usage = Usage::keeping_ahead(&timeline);
            for (at, value) in arrivals.usage(moment, None) {
                usage.add(&timeline, at, value).expect("small amounts");
            }
            (timeline, usage)
        });
        let window = WINDOWS[seed as usize % WINDOWS.len()];
        let snapshot = Snapshot::take_within(&timeline, &usage, window).expect("little ahead");
        let read = Snapshot::from_bytes(&snapshot.to_bytes()).expect("its own bytes");
        assert_eq!(read, snapshot);
        taken.push((moment, read));
    }
    taken
}

/// Compares an answer that goes on from a snapshot with the one from the beginning, grant by grant
/// where the snapshot has not forgotten one: then it ended before, and is not listed any more.
fn same(
    resumed: Outcome,
    whole: Outcome,
    begins_at: Time,
    since: Option<Time>,
) -> Result<(), TestCaseError> {
    for grant in &whole.grants {
        let forgotten = matches!(grant.ended, Some((end, _)) if end < begins_at);
        match resumed.grant(grant.id) {
            Some(other) => prop_assert_eq!(other, grant),
            None => prop_assert!(forgotten || !grant.active, "{:?} is missing", grant),
        }
    }
    let listed = |outcome: &Outcome, since: Option<Time>| -> Vec<GrantOutcome> {
        let is_listed = |grant: &&GrantOutcome| match grant.ended {
            None => grant.active,
            Some((end, Ending::Expired)) => since.is_none_or(|since| end > since),
            Some(_) => false,
        };
        outcome.grants.iter().filter(is_listed).copied().collect()
    };
    prop_assert_eq!(listed(&resumed, since), listed(&whole, since));
    let bare = |outcome| Outcome { grants: Vec::new(), ..outcome };
    prop_assert_eq!(bare(resumed), bare(whole));
    Ok(())
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn snapshots_change_nothing(scenario in scenario(), seed: u64) {
        let arrivals = Arrivals::new(&scenario, seed);
        let taken = take_all(&arrivals, seed);
        let asks = scenario.asks.iter().flat_map(|ask| {
            let at = Ask { cuts: Vec::new(), ..scenario.whole(ask.until) };
            [(ask.clone(), Some(ask.window)), (at, None)]
        });
        for (ask, window) in asks {
            for snapshot in &taken {
                for moment in snapshot.0..=MOMENTS {
                    let asked = (ask.until, ask.cuts.as_slice());
                    let Some((timeline, usage)) = arrivals.go_on(snapshot, moment, asked, false)
                    else {
                        continue;
                    };
                    let resumed = replay(&timeline, &usage, window);
                    let (facts, _) = arrivals.facts(moment, 0);
                    let events = arrivals.usage(moment, None);
                    let whole = outcome(&facts, &events, ask.until, &ask.cuts, window);
                    let first = events
                        .iter()
                        .map(|(at, _)| *at)
                        .filter(|at| facts.measure_from <= *at && *at < ask.until)
                        .min();
                    prop_assert_eq!(usage.first_at(), first);
                    let past = facts.resets.iter().filter(|reset| reset.at <= ask.until);
                    let since = past.map(|reset| reset.at).max();
                    same(resumed, whole, snapshot.1.begins_at(), since)?;
                }
            }
        }
    }

    #[test]
    fn the_newest_snapshot_serves_the_present(scenario in scenario(), seed: u64) {
        // Taken when all has arrived, it can always tell.
        let arrivals = Arrivals::new(&scenario, seed);
        let taken = take_all(&arrivals, seed);
        let last = taken.last().expect("snapshots");
        let until = scenario.asks.iter().map(|ask| ask.until).max().expect("a question");
        let (timeline, usage) =
            arrivals.go_on(last, MOMENTS, (until, &[]), false).expect("nothing came later");
        let whole = scenario.outcome(&scenario.whole(until));
        prop_assert_eq!(replay(&timeline, &usage, None).balance, whole.balance);
    }
}

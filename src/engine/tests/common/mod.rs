//! Scenarios: grants, resets, voids and usage on small grids of instants, so that coincidences are
//! common. Everything the caller of the engine vouches for holds; all else is left to chance.

mod raw;

use chrono::{NaiveDate, TimeDelta};
use credit_engine::{
    Amount, Facts, Grant, Id, Outcome, Period, Reset, Time, Timeline, Unit, Usage, Window,
    children_of_reset, replay,
};
use proptest::prelude::*;
use raw::{Instant, RawAsk, RawGrant, RawScenario};

/// The instants of a scenario: a slot is an instant, and a step of a period leads to another.
#[derive(Debug, Clone, Copy)]
pub enum Grid {
    /// Over 29 February 2024, an hour apart.
    Hours,
    /// The same, a day apart.
    Days,
    /// From December 2023: the first day, the fifteenth at noon and the last day of each month.
    Months,
}

/// The slot at which measurement starts; usage falls before it too.
const MEASURED_SLOT: i64 = 2;

impl Grid {
    fn at(self, slot: i64) -> Time {
        let date = |year: i64, month: i64, day: u32| {
            NaiveDate::from_ymd_opt(year as i32, month as u32, day)?.and_hms_opt(0, 0, 0)
        };
        let at = match self {
            Grid::Hours => {
                date(2024, 2, 29).expect("a date") + TimeDelta::hours(15) + TimeDelta::hours(slot)
            }
            Grid::Days => date(2024, 2, 25).expect("a date") + TimeDelta::days(slot),
            Grid::Months => {
                let months = 11 + slot.div_euclid(3);
                let (year, month) = (2023 + months.div_euclid(12), months.rem_euclid(12) + 1);
                let first = date(year, month, 1).expect("a date");
                match slot.rem_euclid(3) {
                    0 => first,
                    1 => first + TimeDelta::hours(14 * 24 + 12),
                    _ => (28..=31).rev().find_map(|day| date(year, month, day)).expect("a date"),
                }
            }
        };
        Time::from_unix_micros(at.and_utc().timestamp_micros()).expect("near 2024")
    }

    fn period(self, choice: usize) -> Period {
        let choices = match self {
            Grid::Hours => [(1, Unit::Hour), (2, Unit::Hour), (5, Unit::Hour), (1, Unit::Day)],
            Grid::Days => [(1, Unit::Day), (3, Unit::Day), (1, Unit::Week), (1, Unit::Month)],
            Grid::Months => [(1, Unit::Month), (2, Unit::Month), (30, Unit::Day), (1, Unit::Year)],
        };
        let (count, unit) = choices[choice % choices.len()];
        Period::new(count, unit).expect("a valid period")
    }

    fn instant(self, instant: Instant) -> Time {
        let micros = self.at(instant.slot).unix_micros() + instant.nudge_micros;
        Time::from_unix_micros(micros).expect("near 2024")
    }
}

/// A question: the state at `until`, and the history of `window`, usage cut at `cuts`.
#[derive(Debug, Clone)]
pub struct Ask {
    pub until: Time,
    pub window: Window,
    /// Both ends of the window among them.
    pub cuts: Vec<Time>,
}

/// Facts, usage and what is asked of them.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub facts: Facts,
    pub usage: Vec<(Time, Amount)>,
    pub asks: Vec<Ask>,
}

impl Scenario {
    /// The engine's answer.
    pub fn outcome(&self, ask: &Ask) -> Outcome {
        outcome(&self.facts, &self.usage, ask.until, &ask.cuts, Some(ask.window))
    }

    /// The whole history up to `until`.
    pub fn whole(&self, until: Time) -> Ask {
        let window = Window { from: self.facts.measure_from, to: until };
        Ask { until, window, cuts: Vec::new() }
    }
}

/// The engine, asked once.
pub fn outcome(
    facts: &Facts,
    usage: &[(Time, Amount)],
    until: Time,
    cuts: &[Time],
    window: Option<Window>,
) -> Outcome {
    let timeline = Timeline::new(facts, until, cuts).expect("few points");
    let mut sums = Usage::none(&timeline);
    for (at, value) in usage {
        sums.add(&timeline, *at, *value).expect("small amounts");
    }
    replay(&timeline, &sums, window)
}

/// As many cases as `PROPTEST_CASES` says, or `cases`.
pub fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    ProptestConfig { cases, failure_persistence: None, ..default }
}

/// Any scenario.
pub fn scenario() -> impl Strategy<Value = Scenario> {
    raw::scenario().prop_map(build)
}

fn build(mut raw: RawScenario) -> Scenario {
    if raw.calm {
        raw.corrections = true;
        for pair in raw.usage.chunks_exact_mut(2) {
            pair[1].value = -pair[0].value;
            pair[1].at.slot = pair[0].at.slot + 1;
        }
        raw.resets.clear();
        for grant in &mut raw.grants {
            *grant = RawGrant {
                expires_after: None,
                expires_slots: None,
                recurrence: None,
                voided_slot: None,
                ..*grant
            };
        }
    }
    let grid = raw.grid;
    let measure_from = grid.at(MEASURED_SLOT);
    let mut facts = Facts { measure_from, grants: Vec::new(), resets: Vec::new() };
    for (index, grant) in raw.grants.iter().enumerate() {
        facts.grants.push(root_grant(grid, index, grant));
    }
    let mut child_voids = raw.child_voids.iter().copied().cycle();
    let mut resets = raw.resets;
    resets.sort();
    resets.dedup_by_key(|(slot, _)| *slot);
    for (index, (slot, preserve_overage)) in resets.into_iter().enumerate() {
        let reset = Reset { id: 900 - index as Id, at: grid.at(slot), preserve_overage };
        let voids = child_voids.by_ref().map(|void| void.map(|slots| grid.at(slot + slots)));
        add_children(&mut facts, reset, voids);
        facts.resets.push(reset);
    }
    // Facts come in any order: children before their parents, resets backwards.
    facts.grants.sort_by_key(|grant| mix(grant.id, raw.seed));
    facts.resets.sort_by_key(|reset| mix(reset.id, raw.seed));
    let usage = raw.usage.iter().map(|usage| {
        let value = if raw.corrections { usage.value } else { usage.value.abs() };
        (grid.instant(usage.at), value)
    });
    Scenario {
        usage: usage.collect(),
        asks: raw.asks.iter().map(|ask| build_ask(grid, measure_from, ask)).collect(),
        facts,
    }
}

fn root_grant(grid: Grid, index: usize, raw: &RawGrant) -> Grant {
    let slot = raw.effective_slot.max(MEASURED_SLOT);
    let effective_at = grid.at(slot);
    let expiration = raw.expires_after.map(|choice| grid.period(choice));
    let after_period = expiration.map(|period| period.nth(effective_at, 1).expect("near 2024"));
    let grant = Grant {
        // Of equal grants, ids run against and along the order in which they are listed.
        id: if index.is_multiple_of(3) { 100 + index as Id } else { 90 - index as Id },
        parent: None,
        amount: raw.amount,
        priority: raw.priority,
        created_at: grid.at(raw.created_slot),
        effective_at,
        expires_at: after_period.or(raw.expires_slots.map(|slots| grid.at(slot + slots))),
        expiration,
        rollover: raw.rollover,
        recurrence: raw.recurrence.map(|(choice, anchor)| credit_engine::Recurrence {
            interval: grid.period(choice),
            anchor: grid.instant(anchor),
        }),
        voided_at: raw.voided_slot.map(|slot| grid.at(slot)),
    };
    if !raw.debit {
        return grant;
    }
    Grant {
        amount: -raw.amount,
        expires_at: None,
        expiration: None,
        rollover: None,
        recurrence: None,
        voided_at: raw.voided_slot.map(|_| effective_at),
        ..grant
    }
}

/// Whether the grant or an ancestor is voided, now or later: it cannot be voided again.
fn is_voided(facts: &Facts, id: Id) -> bool {
    let grant = facts.grants.iter().find(|grant| grant.id == id).expect("a grant of the facts");
    grant.voided_at.is_some() || grant.parent.is_some_and(|parent| is_voided(facts, parent))
}

/// What the extension does at a reset: it writes an identity for every grant that could roll.
/// Each child may then be voided, unless a void of an ancestor is its own already.
fn add_children(facts: &mut Facts, reset: Reset, voids: impl Iterator<Item = Option<Time>>) {
    for (child, void) in children_of_reset(facts, reset.at).into_iter().zip(voids) {
        let parent = facts.grants.iter().find(|grant| grant.id == child.parent);
        let parent = parent.expect("a child's parent is among the grants").clone();
        let voided_at = void.filter(|_| !is_voided(facts, parent.id));
        facts.grants.push(Grant {
            id: mix(parent.id, reset.id as u64),
            parent: Some(parent.id),
            // Without meaning, and never to be looked at.
            amount: Amount::whole(-777),
            created_at: reset.at,
            effective_at: reset.at,
            expires_at: child.expires_at,
            voided_at,
            ..parent
        });
    }
}

fn build_ask(grid: Grid, measure_from: Time, raw: &RawAsk) -> Ask {
    let measured = |instant| grid.instant(instant).max(measure_from);
    let (one, other) = (measured(raw.window.0), measured(raw.window.1));
    let window = Window { from: one.min(other), to: one.max(other) };
    let is_short = window.to.unix_micros() - window.from.unix_micros() < 3 * 86_400_000_000;
    let unit = match raw.unit {
        Unit::Hour if !is_short => Unit::Day,
        unit => unit,
    };
    let mut cuts = vec![window.to, window.from];
    cuts.extend(raw.cuts.iter().map(|cut| grid.instant(*cut)));
    if raw.calendar {
        cuts.extend(Timeline::calendar_cuts(unit, window.from, window.to).expect("few cuts"));
    }
    Ask { until: measured(raw.until).max(window.to), window, cuts }
}

/// An id that has no relation to the order of what it is made from.
pub fn mix(id: Id, seed: u64) -> Id {
    let mixed = (id ^ Id::from(seed).rotate_left(64)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = mixed.wrapping_mul(0xda94_2042_e4dd_58b5_94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 59)).wrapping_mul(0xda94_2042_e4dd_58b5_94d0_49bb_1331_11eb)
}

//! What proptest chooses, before it is given a grid and made consistent.

use super::Grid;
use credit_engine::{Amount, Rollover, RolloverKind, Unit};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// A slot of the grid, or a microsecond beside it.
#[derive(Debug, Clone, Copy)]
pub struct Instant {
    pub slot: i64,
    pub nudge_micros: i64,
}

#[derive(Debug, Clone)]
pub struct RawGrant {
    pub amount: Amount,
    pub priority: u8,
    pub created_slot: i64,
    pub effective_slot: i64,
    pub expires_after: Option<usize>,
    pub expires_slots: Option<i64>,
    pub rollover: Option<Rollover>,
    pub recurrence: Option<(usize, Instant)>,
    pub voided_slot: Option<i64>,
    pub debit: bool,
}

#[derive(Debug, Clone)]
pub struct RawUsage {
    pub at: Instant,
    pub value: Amount,
}

#[derive(Debug, Clone)]
pub struct RawAsk {
    pub until: Instant,
    pub window: (Instant, Instant),
    pub unit: Unit,
    pub calendar: bool,
    pub cuts: Vec<Instant>,
}

#[derive(Debug, Clone)]
pub struct RawScenario {
    pub grid: Grid,
    pub grants: Vec<RawGrant>,
    /// Slot and whether overage is preserved.
    pub resets: Vec<(i64, bool)>,
    /// For one child after the other: how many slots after its beginning it is voided.
    pub child_voids: Vec<Option<i64>>,
    pub corrections: bool,
    /// Grants without end, no resets, and every second event undone soon after by a correction:
    /// what was burned phases ago can come back.
    pub calm: bool,
    pub usage: Vec<RawUsage>,
    pub asks: Vec<RawAsk>,
    pub seed: u64,
}

pub fn scenario() -> impl Strategy<Value = RawScenario> {
    let facts = (
        prop_oneof![Just(Grid::Hours), Just(Grid::Days), Just(Grid::Months)],
        vec(grant(), 1..=12),
        prop_oneof![1 => vec((3..=20_i64, any::<bool>()), 0..=1),
                    2 => vec((3..=20_i64, any::<bool>()), 1..=5)],
        vec(weighted(0.25, -1..=5_i64), 12),
    );
    let mood = (any::<bool>(), prop::bool::weighted(0.2));
    let usage = (mood, prop_oneof![vec(usage(), 0..=4), vec(usage(), 2..=15)]);
    (facts, usage, vec(ask(), 1..=5), any::<u64>()).prop_map(
        |((grid, grants, resets, child_voids), ((corrections, calm), usage), asks, seed)| {
            RawScenario { grid, grants, resets, child_voids, corrections, calm, usage, asks, seed }
        },
    )
}

fn grant() -> impl Strategy<Value = RawGrant> {
    let order = (prop_oneof![4 => Just(1_u8), 1 => 0..=2_u8], 0..=3_i64);
    let times = (
        prop_oneof![2 => 2..=8_i64, 1 => 2..=18_i64],
        weighted(0.3, 0..4_usize),
        weighted(0.3, 1..=12_i64),
        weighted(0.2, 2..=20_i64),
    );
    let rules = (weighted(0.65, rollover()), weighted(0.25, (0..4_usize, anchor())));
    (amount(), order, times, rules, prop::bool::weighted(0.12)).prop_map(
        |(amount, (priority, created_slot), times, (rollover, recurrence), debit)| {
            let (effective_slot, expires_after, expires_slots, voided_slot) = times;
            RawGrant {
                amount,
                priority,
                created_slot,
                effective_slot,
                expires_after,
                expires_slots,
                rollover,
                recurrence,
                voided_slot,
                debit,
            }
        },
    )
}

fn rollover() -> impl Strategy<Value = Rollover> {
    let kind = prop_oneof![Just(RolloverKind::OriginalAmount), Just(RolloverKind::RemainingAmount)];
    (kind, weighted(0.4, prop_oneof![9 => amount(), 1 => Just(Amount::ZERO)]))
        .prop_map(|(kind, max_amount)| Rollover { kind, max_amount })
}

/// Far before, near and far after the time in which grants begin.
fn anchor() -> impl Strategy<Value = Instant> {
    prop_oneof![2 => 0..=20_i64, 1 => -40..=60_i64]
        .prop_flat_map(|slot| nudge().prop_map(move |nudge_micros| Instant { slot, nudge_micros }))
}

/// Halves mostly, so that balances meet exactly; sometimes all twelve decimals.
fn amount() -> impl Strategy<Value = Amount> {
    const HALF: i128 = Amount::whole(1).units() / 2;
    prop_oneof![
        16 => (1..=30_i128).prop_map(|halves| Amount::from_units(halves * HALF)),
        1 => Just(Amount::from_units(1)),
        1 => Just(Amount::from_units(33_333_333_333_333)),
    ]
}

fn nudge() -> impl Strategy<Value = i64> {
    prop_oneof![10 => Just(0_i64), 1 => Just(-1), 1 => Just(1)]
}

fn instant() -> impl Strategy<Value = Instant> {
    (0..=24_i64, nudge()).prop_map(|(slot, nudge_micros)| Instant { slot, nudge_micros })
}

fn usage() -> impl Strategy<Value = RawUsage> {
    let value = prop_oneof![
        5 => amount(),
        2 => amount().prop_map(|amount| -amount),
        1 => Just(Amount::ZERO),
    ];
    (instant(), value).prop_map(|(at, value)| RawUsage { at, value })
}

fn ask() -> impl Strategy<Value = RawAsk> {
    let unit = prop_oneof![Just(Unit::Hour), Just(Unit::Day), Just(Unit::Week), Just(Unit::Month)];
    (instant(), (instant(), instant()), unit, any::<bool>(), vec(instant(), 0..=5)).prop_map(
        |(until, window, unit, calendar, cuts)| RawAsk { until, window, unit, calendar, cuts },
    )
}

//! Bytes that nobody wrote: whoever can write to `credit.snapshots` can have wrong answers, but no
//! crash, no endless loop and no allocation without measure.

#[expect(dead_code, reason = "shared with the other tests")]
mod common;

use common::{Scenario, config, scenario};
use credit_engine::{PhaseWindow, Snapshot, Time, Timeline, Usage, replay};
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

const WINDOW: PhaseWindow = PhaseWindow { kept: 2, most: 3, idle: 2 };

/// A snapshot of all of a scenario, as bytes.
fn snapshot_of(scenario: &Scenario, until: Time) -> Vec<u8> {
    let timeline = Timeline::new(&scenario.facts, until, &[]).expect("few points");
    let mut usage = Usage::keeping_ahead(&timeline);
    for (at, value) in &scenario.usage {
        usage.add(&timeline, *at, *value).expect("small amounts");
    }
    Snapshot::take_within(&timeline, &usage, WINDOW).expect("little ahead").to_bytes()
}

/// Another byte, one more or one less.
#[derive(Debug, Clone)]
enum Mutation {
    Set(prop::sample::Index, u8),
    Flip(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Cut(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<prop::sample::Index>;
    let byte = || prop_oneof![any::<u8>(), Just(0), Just(0x7F), Just(0x80), Just(0xFF)];
    prop_oneof![
        4 => (place(), byte()).prop_map(|(place, byte)| Mutation::Set(place, byte)),
        4 => (place(), 0..8_u32).prop_map(|(place, bit)| Mutation::Flip(place, 1 << bit)),
        1 => (place(), byte()).prop_map(|(place, byte)| Mutation::Insert(place, byte)),
        1 => place().prop_map(Mutation::Remove),
        1 => place().prop_map(Mutation::Cut),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutation: Mutation) {
    if bytes.is_empty() {
        return;
    }
    let at = |place: prop::sample::Index, bytes: &Vec<u8>| place.index(bytes.len());
    match mutation {
        Mutation::Set(place, byte) => {
            let at = at(place, bytes);
            bytes[at] = byte;
        }
        Mutation::Flip(place, bit) => {
            let at = at(place, bytes);
            bytes[at] ^= bit;
        }
        Mutation::Insert(place, byte) => bytes.insert(at(place, bytes), byte),
        Mutation::Remove(place) => {
            bytes.remove(at(place, bytes));
        }
        Mutation::Cut(place) => bytes.truncate(at(place, bytes)),
    }
}

/// Goes on from a snapshot as a reader does; what a release build checks holds.
fn read(snapshot: &Snapshot, scenario: &Scenario) -> Result<(), TestCaseError> {
    prop_assert!(snapshot.begins_at() <= snapshot.until());
    for ask in &scenario.asks {
        let answered = catch_unwind(AssertUnwindSafe(|| {
            let Ok(Some(timeline)) = snapshot.timeline(&scenario.facts, ask.until, &ask.cuts)
            else {
                return;
            };
            let mut usage = Usage::keeping_ahead(&timeline);
            if snapshot.add_to(&timeline, &mut usage).is_err() {
                return;
            }
            replay(&timeline, &usage, Some(ask.window));
            if let Some(next) = Snapshot::take(&timeline, &usage) {
                let _ = Snapshot::from_bytes(&next.to_bytes());
            }
        }));
        let Err(panic) = answered else { continue };
        let message = (panic.downcast_ref::<String>().map(String::as_str))
            .or_else(|| panic.downcast_ref::<&str>().copied());
        // Debug assertions tell that the numbers are wrong, which they are.
        let message = message.unwrap_or("no message");
        prop_assert!(message.starts_with("assertion"), "{}", message);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn a_mutated_snapshot_cannot_break_a_read(
        scenario in scenario(),
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let until = scenario.asks.iter().map(|ask| ask.until).max().expect("a question");
        let mut bytes = snapshot_of(&scenario, until);
        for mutation in mutations {
            mutate(&mut bytes, mutation);
        }
        if let Some(snapshot) = Snapshot::from_bytes(&bytes) {
            read(&snapshot, &scenario)?;
        }
    }

    #[test]
    fn nor_can_any_other_bytes(scenario in scenario(), bytes: Vec<u8>) {
        if let Some(snapshot) = Snapshot::from_bytes(&bytes) {
            read(&snapshot, &scenario)?;
        }
    }
}

#[test]
fn a_length_out_of_measure_allocates_nothing() {
    // A checkpoint with no grants, then 2^60 stretches, or as many grants, of which none is there.
    let many = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    let checkpoint = [0_u8; 4];
    for grants in [&[0][..], &many] {
        let bytes = [&checkpoint[..], grants, &many].concat();
        assert_eq!(Snapshot::from_bytes(&bytes), None);
    }
}

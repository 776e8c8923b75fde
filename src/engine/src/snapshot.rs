//! Usage sums to go on from, so that old usage need not be read again.
//!
//! A snapshot holds sums of usage, not balances: the engine is replayed over them, so that grants,
//! voids, resets and rules that come later count as if they had always been there. It can tell
//! when it cannot know: see [`Snapshot::timeline`] and [`Usage::is_complete`].

use crate::checkpoint::Checkpoint;
use crate::replay::checkpoint_at;
use crate::{Amount, Facts, SumTooLarge, Time, Timeline, TooManyPoints, Usage};
use serde::{Deserialize, Serialize};

/// Usage of one feature up to an instant: the engine's state where a window of phases begins, and
/// the sum of usage in each stretch since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    checkpoint: Checkpoint,
    /// In order, without overlap, and only where there were events, be their sum zero or not.
    stretches: Vec<Stretch>,
    /// All that was counted lies before it, what is carried apart.
    until: Time,
    first_at: Option<Time>,
    /// Usage that lay ahead when the snapshot was taken.
    carried: Vec<(Time, Amount)>,
}

/// The usage in `[from, to)`, in which there was no pivot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: Time,
    to: Time,
    sum: Amount,
}

/// How many phases a snapshot sums.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct PhaseWindow {
    /// As many are kept when the window is moved on: late usage inside of it is only added.
    pub kept: usize,
    /// As many with usage, before it is moved on.
    pub most: usize,
    /// As many after the last usage, before it is moved on to the present.
    pub idle: usize,
}

impl PhaseWindow {
    /// The phase with which the window begins, where it is moved on.
    fn first_of(self, used: usize, phases: usize) -> Option<usize> {
        if phases - used > self.idle {
            phases.checked_sub(self.kept)
        } else if used > self.most {
            used.checked_sub(self.kept)
        } else {
            None
        }
    }
}

impl Snapshot {
    /// The version of [`Snapshot::to_bytes`], and of what the numbers in it mean. Any change of
    /// the engine's rules is a new version: a checkpoint holds their results.
    pub const FORMAT: i16 = 2;
    /// The window of a snapshot that is taken for readers.
    const WINDOW: PhaseWindow = PhaseWindow { kept: 64, most: 128, idle: 4096 };
    /// A timeline with more phases than this is shorter from a new snapshot on, even where there
    /// was no usage.
    pub const MANY_PHASES: usize = Self::WINDOW.most + Self::WINDOW.idle;

    /// A snapshot of `usage`, which kept what lies ahead, on a timeline without cuts; `None` where
    /// more than 1,000 events lie ahead of the timeline's end, or one lies before its beginning.
    pub fn take(timeline: &Timeline, usage: &Usage) -> Option<Snapshot> {
        Self::take_within(timeline, usage, Self::WINDOW)
    }

    /// [`Snapshot::take`] with another window, for tests.
    #[doc(hidden)]
    pub fn take_within(
        timeline: &Timeline,
        usage: &Usage,
        window: PhaseWindow,
    ) -> Option<Snapshot> {
        let carried = usage.ahead()?.to_vec();
        if !usage.is_complete() {
            return None;
        }
        let counted_until = usage.counted_until(timeline);
        let used = timeline.points.partition_point(|point| *point < counted_until);
        let checkpoint = match window.first_of(used, timeline.points.len()) {
            Some(first) => checkpoint_at(timeline, usage, first),
            None => timeline.start.clone(),
        };
        let until = counted_until.max(checkpoint.at);
        let stretches = (usage.used_stretches(timeline, checkpoint.at))
            .filter_map(|(from, to, sum)| Some(Stretch { from, to: to.min(until), sum: sum? }))
            .collect();
        Some(Snapshot { checkpoint, stretches, until, first_at: usage.first_at(), carried })
    }

    /// The instant before which nothing may change: a grant, void or reset that acts before it and
    /// that the snapshot did not see makes it useless.
    pub fn begins_at(&self) -> Time {
        self.checkpoint.at
    }

    /// The instant from which on nothing was summed.
    pub fn until(&self) -> Time {
        self.until
    }

    /// How many grants, stretches and events ahead it holds, by which its size is reckoned.
    pub fn parts(&self) -> usize {
        1 + self.checkpoint.grants.len() + self.stretches.len() + self.carried.len()
    }

    /// The timeline of `facts` from where this snapshot begins; see [`Timeline::new`].
    ///
    /// `None` where the snapshot cannot tell what is asked: `until` or a cut lies before its
    /// beginning, or they or a pivot part usage of which it has only the sum.
    ///
    /// # Errors
    /// [`TooManyPoints`].
    pub fn timeline(
        &self,
        facts: &Facts,
        until: Time,
        cuts: &[Time],
    ) -> Result<Option<Timeline>, TooManyPoints> {
        let start = self.checkpoint.at;
        if until < start || cuts.iter().any(|cut| *cut < start) {
            return Ok(None);
        }
        let timeline = Timeline::after(self.checkpoint.clone(), facts, until, cuts)?;
        let begins_a_phase = start == facts.measure_from
            || self.checkpoint.phase.is_some()
            || timeline.events.first().is_some_and(|event| event.at == start);
        let is_parted = |stretch: &Stretch| {
            let next = timeline.points.partition_point(|point| *point <= stretch.from);
            let end = timeline.points.get(next).copied().unwrap_or(Time::MAX).min(until);
            stretch.from < until && end < stretch.to
        };
        let fits = begins_a_phase && !self.stretches.iter().any(is_parted);
        Ok(fits.then_some(timeline))
    }

    /// Adds the usage of this snapshot on a timeline that it gave.
    ///
    /// # Errors
    /// [`SumTooLarge`].
    pub fn add_to(&self, timeline: &Timeline, usage: &mut Usage) -> Result<(), SumTooLarge> {
        for stretch in self.stretches.iter().filter(|stretch| stretch.from < timeline.until) {
            usage.add_stretch(timeline, (stretch.from, stretch.to), stretch.sum)?;
        }
        if let Some(first_at) = self.first_at {
            usage.add_first_at(timeline, first_at);
        }
        for (at, value) in &self.carried {
            usage.add(timeline, *at, *value)?;
        }
        Ok(())
    }

    /// The snapshot as bytes of version [`Snapshot::FORMAT`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut last = self.checkpoint.at;
        let mut lengths = |stretch: &Stretch| {
            let gap = stretch.from.unix_micros() - last.unix_micros();
            last = stretch.to;
            (gap, stretch.to.unix_micros() - stretch.from.unix_micros(), stretch.sum)
        };
        let stored = Stored {
            checkpoint: self.checkpoint.clone(),
            stretches: self.stretches.iter().map(&mut lengths).collect(),
            until: self.until,
            first_at: self.first_at,
            carried: self.carried.clone(),
        };
        postcard::to_allocvec(&stored).expect("memory is the only limit")
    }

    /// Reads what [`Snapshot::to_bytes`] gave. Of anything else `None`, or a snapshot whose numbers
    /// are wrong, but in which nothing is out of place or out of range.
    pub fn from_bytes(bytes: &[u8]) -> Option<Snapshot> {
        let Stored { checkpoint, stretches, until, first_at, carried } =
            postcard::from_bytes(bytes).ok()?;
        let mut last = checkpoint.at;
        let stretches = (stretches.into_iter())
            .map(|(gap, length, sum)| {
                let from = later(last, gap)?;
                let to = later(from, length)?;
                last = to;
                Some(Stretch { from, to, sum })
            })
            .collect::<Option<Vec<Stretch>>>()?;
        let total = (checkpoint.amounts())
            .chain(stretches.iter().map(|stretch| stretch.sum))
            .chain(carried.iter().map(|(_, value)| *value))
            .try_fold(Amount::ZERO, Amount::checked_add_abs);
        let is_sound = checkpoint.is_sound() && last <= until && total.is_some();
        is_sound.then_some(Snapshot { checkpoint, stretches, until, first_at, carried })
    }
}

/// The instant so many microseconds later.
fn later(at: Time, micros: i64) -> Option<Time> {
    let micros = u64::try_from(micros).ok()?;
    Time::from_unix_micros(at.unix_micros().checked_add_unsigned(micros)?)
}

/// The form of the bytes: a stretch as its distance from the one before, its length, and its sum.
#[derive(Serialize, Deserialize)]
struct Stored {
    checkpoint: Checkpoint,
    stretches: Vec<(i64, i64, Amount)>,
    until: Time,
    first_at: Option<Time>,
    carried: Vec<(Time, Amount)>,
}

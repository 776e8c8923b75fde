//! Time, cut at the pivots.
//!
//! Pivots follow from the facts alone, never from amounts: a child that late usage shrinks to
//! nothing still cuts the time line where it begins and ends, so that usage cannot move a phase.

use crate::checkpoint::Checkpoint;
use crate::facts::BurnOrder;
use crate::pace::Pace;
use crate::{Facts, Grant, Id, Reset, Time, Unit, bucket_start};

/// The most points that a timeline may have; an hourly refill reaches it after 228 years.
pub const MAX_POINTS: usize = 2_000_000;

/// The facts have more than [`MAX_POINTS`] pivots and cuts before the time asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyPoints;

/// How a grant's life ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// At its expiry.
    Expired,
    /// By a void.
    Voided,
    /// By the reset of this id.
    Reset(Id),
}

/// What happens to one grant, or to all of them, at a pivot; variants in order of happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Expire,
    Void,
    Reset,
    Refill,
    Begin,
}

/// A step of the grant at `rank`, or of the reset at that index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event {
    pub at: Time,
    pub step: Step,
    pub index: usize,
}

/// A grant in its place, with what follows from the facts around it.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub grant: Grant,
    /// The rank of its child, where a reset gave it one.
    pub child: Option<usize>,
    /// When and how it ends; `None`: never, as far as is known.
    pub end: Option<(Time, Ending)>,
}

/// The facts in burn order, and the instants up to `until` at which something happens or is asked.
#[derive(Debug, Clone)]
pub struct Timeline {
    pub(crate) measure_from: Time,
    /// Where it begins, and what happened before.
    pub(crate) start: Checkpoint,
    pub(crate) until: Time,
    /// In burn order: the index is the rank.
    pub(crate) plan: Vec<Planned>,
    /// In order of time.
    pub(crate) resets: Vec<Reset>,
    /// In order of time and step, then rank; none before the start or after `until`.
    pub(crate) events: Vec<Event>,
    /// Starts of the segments: the start, pivots and cuts, ascending and distinct.
    pub(crate) points: Vec<Time>,
}

impl Timeline {
    /// The timeline of `facts` up to and including the instant `until`, with additional cuts.
    ///
    /// `cuts` change no balance; they part usage for a history. Cuts outside of the measured time
    /// are ignored.
    ///
    /// # Errors
    /// [`TooManyPoints`] where recurrences or cuts would make more than [`MAX_POINTS`] points.
    pub fn new(facts: &Facts, until: Time, cuts: &[Time]) -> Result<Timeline, TooManyPoints> {
        Timeline::after(Checkpoint::beginning(facts.measure_from), facts, until, cuts)
    }

    /// The part of a timeline that begins where a checkpoint stands. Its instant is a pivot, or
    /// the start of measurement, and nothing in `facts` acts before that the checkpoint lacks.
    pub(crate) fn after(
        start: Checkpoint,
        facts: &Facts,
        until: Time,
        cuts: &[Time],
    ) -> Result<Timeline, TooManyPoints> {
        let mut resets = facts.resets.clone();
        resets.sort_by_key(|reset| reset.at);
        debug_assert!(resets.windows(2).all(|pair| pair[0].at < pair[1].at));

        let plan = plan(facts, &resets);
        let mut events = Vec::new();
        let mut pace = Pace::default();
        for (rank, planned) in plan.iter().enumerate() {
            push_events(&mut events, rank, planned, (start.at, until), &mut pace)?;
        }
        let is_inside = |(_, reset): &(usize, &Reset)| start.at <= reset.at && reset.at <= until;
        events.extend((resets.iter().enumerate().filter(is_inside)).map(|(index, reset)| Event {
            at: reset.at,
            step: Step::Reset,
            index,
        }));
        events.sort_unstable();

        let mut points = vec![start.at];
        points.extend(events.iter().map(|event| event.at));
        points.extend(cuts.iter().filter(|cut| start.at < **cut && **cut <= until));
        points.sort_unstable();
        points.dedup();
        if points.len() > MAX_POINTS {
            return Err(TooManyPoints);
        }
        Ok(Timeline {
            measure_from: facts.measure_from,
            start,
            until,
            plan,
            resets,
            events,
            points,
        })
    }

    /// Calendar boundaries of `unit` strictly inside `[from, to)`, as cuts for [`Timeline::new`].
    ///
    /// # Errors
    /// [`TooManyPoints`] where there are more than [`MAX_POINTS`].
    pub fn calendar_cuts(unit: Unit, from: Time, to: Time) -> Result<Vec<Time>, TooManyPoints> {
        let period = crate::Period::new(1, unit).expect("one unit is a period");
        let origin = bucket_start(unit, from);
        let mut cuts = Vec::new();
        for n in 1.. {
            match period.nth(origin, n) {
                Some(cut) if cut < to => cuts.push(cut),
                _ => break,
            }
            if cuts.len() > MAX_POINTS {
                return Err(TooManyPoints);
            }
        }
        Ok(cuts)
    }

    /// Whether usage at `at` can be added: a timeline that goes on from a snapshot begins with it.
    pub fn reaches(&self, at: Time) -> bool {
        self.start.at <= at
    }

    /// How many instants there are at which something happens, is asked, or begins.
    pub fn points(&self) -> usize {
        self.points.len()
    }

    /// The segment that contains `at`; `None` before the start and from `until` on.
    pub(crate) fn segment_of(&self, at: Time) -> Option<usize> {
        if at < self.start.at || at >= self.until {
            return None;
        }
        Some(self.points.partition_point(|point| *point <= at) - 1)
    }
}

/// Puts the grants into burn order and derives their links and ends.
pub(crate) fn plan(facts: &Facts, resets: &[Reset]) -> Vec<Planned> {
    let grants = &facts.grants;
    let parents = parents(grants);
    let ancestors = |index: usize| std::iter::successors(parents[index], |one| parents[*one]);
    // A void of an ancestor later than the reset that made the child is the child's void.
    let void_of = |index: usize| {
        let own = &grants[index];
        let later =
            |ancestor: usize| grants[ancestor].voided_at.filter(|at| *at > own.effective_at);
        own.voided_at.or_else(|| ancestors(index).find_map(later))
    };

    let mut ordered: Vec<(BurnOrder, usize)> = (grants.iter().enumerate())
        .map(|(index, grant)| {
            let root = &grants[ancestors(index).last().unwrap_or(index)];
            let order = BurnOrder {
                priority: grant.priority,
                expires_at: grant.expires_at,
                root_created_at: root.created_at,
                root_id: root.id,
                effective_at: grant.effective_at,
            };
            (order, index)
        })
        .collect();
    ordered.sort_by_key(|(order, _)| *order);

    let mut children = vec![None; grants.len()];
    for (rank, (_, index)) in ordered.iter().enumerate() {
        if let Some(parent) = parents[*index] {
            children[parent] = Some(rank);
        }
    }
    (ordered.into_iter())
        .map(|(_, index)| {
            let grant = Grant { voided_at: void_of(index), ..grants[index].clone() };
            Planned { child: children[index], end: end_of(&grant, resets), grant }
        })
        .collect()
}

/// The index of each grant's parent.
fn parents(grants: &[Grant]) -> Vec<Option<usize>> {
    let mut by_id: Vec<(Id, usize)> = Vec::new();
    if grants.iter().any(|grant| grant.parent.is_some()) {
        by_id.extend(grants.iter().enumerate().map(|(index, grant)| (grant.id, index)));
        by_id.sort_unstable();
    }
    let index_of = |id: Id| {
        let place = by_id.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(by_id[place].1)
    };
    grants.iter().map(|grant| grant.parent.and_then(index_of)).collect()
}

/// The earliest of expiry, void and the reset that ends a grant; at one instant in this order.
/// `resets` are in order of time; none ends a recurring grant.
fn end_of(grant: &Grant, resets: &[Reset]) -> Option<(Time, Ending)> {
    let expiry = grant.expires_at.map(|at| (at, Ending::Expired));
    let void = grant.voided_at.map(|at| (at.max(grant.effective_at), Ending::Voided));
    let reset = match grant.recurrence {
        Some(_) => None,
        None => resets.get(resets.partition_point(|reset| reset.at <= grant.effective_at)),
    };
    let reset = reset.map(|reset| (reset.at, Ending::Reset(reset.id)));
    // The first of equal instants wins, which is the order in which they happen.
    [expiry, void, reset].into_iter().flatten().min_by_key(|(at, _)| *at)
}

/// Adds what happens to one grant from `from` to `until`, both included.
fn push_events(
    events: &mut Vec<Event>,
    index: usize,
    planned: &Planned,
    (from, until): (Time, Time),
    pace: &mut Pace,
) -> Result<(), TooManyPoints> {
    let Planned { grant, end, .. } = planned;
    if !grant.has_begun(until) || end.is_some_and(|(end, _)| end < from) {
        return Ok(());
    }
    if grant.effective_at >= from {
        events.push(Event { at: grant.effective_at, step: Step::Begin, index });
    }
    match *end {
        Some((at, Ending::Expired)) if at <= until => {
            events.push(Event { at, step: Step::Expire, index });
        }
        Some((at, Ending::Voided)) if at <= until => {
            events.push(Event { at, step: Step::Void, index });
        }
        _ => {}
    }
    if let Some(recurrence) = grant.recurrence {
        let after = grant.effective_at.max(from.previous());
        let mut n = recurrence.interval.first_after(recurrence.anchor, after);
        while let Some(at) = recurrence.interval.nth(recurrence.anchor, n) {
            if at > until || end.is_some_and(|(end, _)| at >= end) {
                break;
            }
            events.push(Event { at, step: Step::Refill, index });
            if events.len() > MAX_POINTS {
                return Err(TooManyPoints);
            }
            n += 1;
            pace.walk(1);
        }
    }
    Ok(())
}

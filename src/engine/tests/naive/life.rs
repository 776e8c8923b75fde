//! What the facts alone say of each grant: its place in the burn order, its end, its refills.

use super::calendar;
use credit_engine::{Ending, Facts, Grant, Id, Reset, Time};
use std::cmp::Reverse;

/// The life of one grant, whatever is burned.
pub struct Life {
    pub grant: Grant,
    /// Its own void, or that of the parent it stems from.
    pub voided_at: Option<Time>,
    /// Voided at or before its beginning.
    pub never_active: bool,
    pub end: Option<(Time, Ending)>,
    /// Up to the time asked for.
    pub refills: Vec<Time>,
}

impl Life {
    pub fn active(&self, at: Time) -> bool {
        self.begun(at) && self.end.is_none_or(|(end, _)| at < end)
    }

    pub fn begun(&self, at: Time) -> bool {
        !self.never_active && self.grant.effective_at <= at
    }

    pub fn begins(&self, at: Time) -> bool {
        !self.never_active && self.grant.effective_at == at
    }

    pub fn ends(&self, at: Time, how: Ending) -> bool {
        self.begun(at) && self.end == Some((at, how))
    }
}

fn find(facts: &Facts, id: Id) -> &Grant {
    facts.grants.iter().find(|grant| grant.id == id).expect("a parent is among the grants")
}

fn root<'a>(facts: &'a Facts, grant: &'a Grant) -> &'a Grant {
    grant.parent.map_or(grant, |parent| root(facts, find(facts, parent)))
}

/// A void of the parent later than the reset is the child's.
fn voided_at(facts: &Facts, grant: &Grant) -> Option<Time> {
    let inherited = grant
        .parent
        .and_then(|parent| voided_at(facts, find(facts, parent)))
        .filter(|voided_at| *voided_at > grant.effective_at);
    grant.voided_at.into_iter().chain(inherited).min()
}

fn life(facts: &Facts, grant: &Grant, until: Time) -> Life {
    let voided_at = voided_at(facts, grant);
    let ending_reset: Option<&Reset> = facts
        .resets
        .iter()
        .filter(|reset| grant.recurrence.is_none() && reset.at > grant.effective_at)
        .min_by_key(|reset| reset.at);
    let mut ends = Vec::new();
    ends.extend(grant.expires_at.map(|at| (at, Ending::Expired)));
    ends.extend(voided_at.map(|at| (at, Ending::Voided)));
    ends.extend(ending_reset.map(|reset| (reset.at, Ending::Reset(reset.id))));
    // The first of equal ones is what min_by_key gives: expiry, void, reset.
    let end = ends.into_iter().min_by_key(|(at, _)| *at);
    let never_active = voided_at.is_some_and(|at| at <= grant.effective_at);
    let last = end.map_or(until.next(), |(at, _)| at.min(until.next()));
    let refills = match grant.recurrence {
        Some(recurrence) if !never_active && grant.effective_at < last => {
            calendar::instants(recurrence.anchor, recurrence.interval, grant.effective_at..last)
        }
        _ => Vec::new(),
    };
    Life { grant: grant.clone(), voided_at, never_active, end, refills }
}

/// All lives in burn order.
pub fn lives(facts: &Facts, until: Time) -> Vec<Life> {
    let mut lives: Vec<Life> = facts.grants.iter().map(|grant| life(facts, grant, until)).collect();
    lives.sort_by_key(|life| {
        let (grant, root) = (&life.grant, root(facts, &life.grant));
        // An expiry sorts before none: Reverse(None) would be last of all reversed ones.
        let expiry = Reverse(grant.expires_at.map(Reverse));
        (grant.priority, expiry, root.created_at, root.id, grant.effective_at)
    });
    lives
}

/// The children that a reset makes, as (parent, expiry), by parent.
pub fn children(facts: &Facts, reset: &Reset) -> Vec<(Id, Option<Time>)> {
    let mut children: Vec<(Id, Option<Time>)> = lives(facts, reset.at)
        .into_iter()
        .filter(|life| life.ends(reset.at, Ending::Reset(reset.id)))
        .filter(|life| life.grant.rollover.is_some())
        .map(|Life { grant, .. }| match grant.expiration {
            Some(period) => (grant.id, Some(calendar::plus(reset.at, 1, period))),
            None => (grant.id, grant.expires_at),
        })
        .collect();
    children.sort();
    children
}

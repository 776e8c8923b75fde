//! How a snapshot came about: the snapshots that it goes back to, and how early the usage lies that
//! each of them counted anew.
//!
//! With it a question about an old time reads from an old snapshot on and passes over what came
//! later, without looking at it.

use super::counted::{Counted, Gap};
use credit_engine::Time;
use serde::{Deserialize, Serialize};

/// A snapshot that a later one goes back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it had counted.
    counted: Counted,
    /// The earliest usage that the next one of the chain counted anew.
    least: Option<Time>,
}

/// From the beginning, when nothing was counted, to the snapshot before the one that keeps this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain(Vec<Link>);

impl Chain {
    /// The chain as bytes: few reads need to look at it.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("memory is the only limit")
    }

    /// Reads what [`Chain::to_bytes`] gave. Of anything else, a chain that nothing is known of.
    pub fn from_bytes(bytes: &[u8]) -> Chain {
        let chain = postcard::from_bytes(bytes).ok();
        let is_sound = |chain: &Chain| chain.0.iter().all(|link| link.counted.is_sound());
        chain.filter(is_sound).unwrap_or_default()
    }

    /// The chain of a snapshot that is taken from `base`, or from the beginning, and finds `least`
    /// the earliest usage beyond; `counted` is what it has counted itself. Also the horizons of
    /// those that are no longer worth keeping.
    pub fn grown(
        base: Option<(Chain, Counted)>,
        least: Option<Time>,
        counted: &Counted,
    ) -> (Chain, Vec<u64>) {
        let (mut links, from) = match base {
            Some((chain, from)) => (chain.0, from),
            None => (Vec::new(), Counted::NOTHING),
        };
        links.push(Link { counted: from, least });
        let horizons: Vec<u64> = links.iter().map(|link| link.counted.horizon()).collect();
        let (mut kept, mut dropped): (Vec<Link>, _) = (Vec::new(), Vec::new());
        for (link, is_kept) in links.into_iter().zip(retained(&horizons, counted.horizon())) {
            match kept.last_mut() {
                Some(last) if !is_kept => {
                    last.least = [last.least, link.least].into_iter().flatten().min();
                    dropped.push(link.counted.horizon());
                }
                _ => kept.push(link),
            }
        }
        (Chain(kept), dropped)
    }

    /// Where to read what `base` has not counted and what can lie before `until`; `newest` is the
    /// snapshot that keeps this chain.
    pub fn gaps(&self, base: &Counted, newest: &Counted, until: Time) -> Vec<Gap> {
        let Some(place) = self.0.iter().position(|link| link.counted == *base) else {
            return vec![Gap { after: base.clone(), before: None }];
        };
        let links = &self.0[place..];
        let nexts = links[1..].iter().map(|link| &link.counted).chain([newest]);
        let mut gaps: Vec<Gap> = Vec::new();
        let wanted = (links.iter().zip(nexts))
            .filter(|(link, _)| link.least.is_some_and(|least| least < until))
            .map(|(link, next)| (&link.counted, Some(next)))
            .chain([(newest, None)]);
        for (after, before) in wanted {
            match gaps.last_mut() {
                Some(last) if last.before.as_ref() == Some(after) => {
                    last.before = before.cloned();
                }
                _ => gaps.push(Gap { after: after.clone(), before: before.cloned() }),
            }
        }
        gaps
    }
}

/// Which snapshots are worth keeping beside a new one, by their horizons in ascending order: the
/// newest few, and of the others the oldest of each half octave of age. Their number grows with the
/// logarithm of the history, and the distance between two with their age.
pub fn retained(horizons: &[u64], newest: u64) -> Vec<bool> {
    const NEWEST: usize = 4;
    let half_octave = |horizon: u64| {
        let age = newest.saturating_sub(horizon).max(1);
        let octave = age.ilog2();
        (octave, octave > 0 && age & (1 << (octave - 1)) != 0)
    };
    (horizons.iter().enumerate())
        .map(|(index, horizon)| {
            let is_new = index + NEWEST >= horizons.len();
            let older = index.checked_sub(1).map(|older| half_octave(horizons[older]));
            is_new || older != Some(half_octave(*horizon))
        })
        .collect()
}

//! What happened to one feature of one ledger.

use crate::{Amount, Period, Time};
use std::cmp::Ordering;

/// The 128 bits of a UUID; their numeric order is the UUID's order.
pub type Id = u128;

/// What a grant leaves to its successor at a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolloverKind {
    /// The grant's full amount, whatever was burned.
    OriginalAmount,
    /// What is left of it.
    RemainingAmount,
}

/// How a grant behaves at a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollover {
    /// What rolls over.
    pub kind: RolloverKind,
    /// The most that rolls over, where limited.
    pub max_amount: Option<Amount>,
}

impl Rollover {
    /// What rolls over of a grant of `amount` with `remaining` left.
    pub fn rolls(self, amount: Amount, remaining: Amount) -> Amount {
        let rolls = match self.kind {
            RolloverKind::OriginalAmount => amount,
            RolloverKind::RemainingAmount => remaining,
        };
        self.max_amount.map_or(rolls, |max| rolls.min(max))
    }
}

/// When a recurring grant is refilled: at `anchor + n × interval` for every whole `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recurrence {
    /// The distance between refills.
    pub interval: Period,
    /// An instant at which a refill falls, before or after the grant's effective time.
    pub anchor: Time,
}

/// A grant as it was written down. Its balance, its end and a child's amount are derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Identity, and the last word in the burn order.
    pub id: Id,
    /// The grant that rolled over into this one at the reset at `effective_at`.
    pub parent: Option<Id>,
    /// What was granted; negative for a debit. Meaningless for a child.
    pub amount: Amount,
    /// 0 burns first, 255 last.
    pub priority: u8,
    /// When it was written down; for a child the time of its reset.
    pub created_at: Time,
    /// When it begins.
    pub effective_at: Time,
    /// When it expires, exclusive.
    pub expires_at: Option<Time>,
    /// The period from which `expires_at` was computed, where it was given so.
    pub expiration: Option<Period>,
    /// What happens at a reset; `None` forfeits.
    pub rollover: Option<Rollover>,
    /// Refills, for a recurring grant.
    pub recurrence: Option<Recurrence>,
    /// When it was voided. At or before `effective_at`: it never was active.
    pub voided_at: Option<Time>,
}

impl Grant {
    /// Whether this is a debit: usage by decree, burned at `effective_at`.
    pub fn is_debit(&self) -> bool {
        self.parent.is_none() && self.amount.is_negative()
    }

    /// Whether it has become effective by `at`; one that was voided back to its beginning never
    /// does.
    pub fn has_begun(&self, at: Time) -> bool {
        self.effective_at <= at && !self.never_begins()
    }

    /// Whether it was voided back to its beginning, or before it.
    pub fn never_begins(&self) -> bool {
        self.voided_at.is_some_and(|voided_at| voided_at <= self.effective_at)
    }
}

/// The end of a usage period, for every grant of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reset {
    /// Identity.
    pub id: Id,
    /// When it happened.
    pub at: Time,
    /// Whether overage is carried into the new period.
    pub preserve_overage: bool,
}

/// Everything but usage that decides the balance of one feature of one ledger.
///
/// The caller vouches for: unique grant ids; nothing effective before `measure_from`; resets after
/// it, at distinct times; a child's parent among the grants, ended by the reset at which the child
/// becomes effective; debits without expiration, rollover and recurrence; no amount of zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Usage before this instant is not counted.
    pub measure_from: Time,
    /// All grants, children of resets included, in any order.
    pub grants: Vec<Grant>,
    /// All resets, in any order.
    pub resets: Vec<Reset>,
}

impl Facts {
    /// The first instant after `after` at which anything but usage may happen.
    pub fn next_pivot(&self, after: Time) -> Option<Time> {
        let of_grants = self.grants.iter().flat_map(|grant| {
            let refill = grant.recurrence.and_then(|recurrence| {
                let n = recurrence.interval.first_after(recurrence.anchor, after);
                recurrence.interval.nth(recurrence.anchor, n)
            });
            [Some(grant.effective_at), grant.expires_at, grant.voided_at, refill]
        });
        let of_resets = self.resets.iter().map(|reset| Some(reset.at));
        of_grants.chain(of_resets).flatten().filter(|at| *at > after).min()
    }
}

/// A grant's place in the burn order: lower priority, earlier expiry (none last), earlier creation
/// and id, a child standing at its root's; the effective time parts a child from its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BurnOrder {
    pub priority: u8,
    pub expires_at: Option<Time>,
    pub root_created_at: Time,
    pub root_id: Id,
    pub effective_at: Time,
}

impl Ord for BurnOrder {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |order: &BurnOrder| {
            (
                order.priority,
                order.expires_at.is_none(),
                order.expires_at,
                order.root_created_at,
                order.root_id,
                order.effective_at,
            )
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for BurnOrder {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

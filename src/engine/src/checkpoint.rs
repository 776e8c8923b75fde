//! A place on the time line to go on from.

use crate::burn::Account;
use crate::{Amount, Id, Time};
use serde::{Deserialize, Serialize};

/// Everything that happened to one feature before an instant. What happens at the instant itself
/// is still to come.
///
/// The instant begins a phase: a phase's start must be known while it lasts, and is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    pub at: Time,
    /// How many phases there were.
    pub phases: usize,
    pub overage: Amount,
    pub usage_since_reset: Amount,
    /// By id. Grants that ended long ago are forgotten: see [`Checkpoint::forgets`].
    pub grants: Vec<Kept>,
}

/// What is kept of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub id: Id,
    pub amount: Amount,
    pub account: Account,
    pub is_active: bool,
}

impl Checkpoint {
    /// Before anything happened.
    pub fn beginning(measure_from: Time) -> Checkpoint {
        Checkpoint {
            at: measure_from,
            phases: 0,
            overage: Amount::ZERO,
            usage_since_reset: Amount::ZERO,
            grants: Vec::new(),
        }
    }

    /// Whether it can be gone on from: true for all but what bytes make that nobody wrote.
    pub fn is_sound(&self) -> bool {
        const MOST_PHASES: usize = usize::MAX / 2; // room for those to come
        self.phases <= MOST_PHASES
            && self.grants.is_sorted_by(|one, next| one.id < next.id)
            && self.grants.iter().all(|kept| kept.account.is_sound())
    }

    /// All amounts in it.
    pub fn amounts(&self) -> impl Iterator<Item = Amount> {
        let of_grants = self.grants.iter().flat_map(|Kept { amount, account, .. }| {
            [*amount, account.balance, account.returnable, account.paid]
        });
        [self.overage, self.usage_since_reset].into_iter().chain(of_grants)
    }

    /// What is kept of the grant with this id.
    pub fn kept(&self, id: Id) -> Option<&Kept> {
        let place = self.grants.binary_search_by_key(&id, |kept| kept.id).ok()?;
        Some(&self.grants[place])
    }

    /// Whether nothing is known any more of a grant that ended at `end`.
    pub fn forgets(&self, id: Id, end: Option<Time>) -> bool {
        end.is_some_and(|end| end < self.at) && self.kept(id).is_none()
    }
}

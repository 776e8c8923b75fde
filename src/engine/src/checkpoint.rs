//! A place on the time line to go on from.

use crate::burn::Account;
use crate::{Amount, Id, Time};
use serde::{Deserialize, Serialize};

/// Everything that happened to one feature before an instant. What happens at the instant itself
/// is still to come.
///
/// The instant begins a phase, or what must be known of the phase that it parts is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    pub at: Time,
    /// How many phases there were.
    pub phases: usize,
    pub overage: Amount,
    pub usage_since_reset: Amount,
    /// By id. Grants that ended long ago are forgotten: see [`Checkpoint::forgets`].
    pub grants: Vec<Kept>,
    /// The phase that lasts at the instant. Where it is kept, no grant is forgotten: of those that
    /// are missing nothing is known but the facts.
    pub phase: Option<Lasting>,
}

/// A phase that goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lasting {
    /// Overage carried in, and debits.
    pub owed: Amount,
    /// Usage so far.
    pub used: Amount,
    /// The active grants at its start, by id.
    pub start: Vec<(Id, Account)>,
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
            phase: None,
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
        self.phase.is_none() && end.is_some_and(|end| end < self.at) && self.kept(id).is_none()
    }
}

impl Lasting {
    /// What an active grant held when the phase began.
    pub fn account(&self, id: Id) -> Account {
        let place = self.start.binary_search_by_key(&id, |(id, _)| *id);
        place.map_or_else(|_| Account::default(), |place| self.start[place].1)
    }
}

//! Which grants a reset gives a child.

use crate::timeline::plan;
use crate::{Facts, Id, Time};

/// The child that a reset gives to a grant; everything else it takes from its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child {
    /// The grant that rolls over.
    pub parent: Id,
    /// When the child expires.
    pub expires_at: Option<Time>,
}

/// The grants that a reset at `at` ends and that could roll over: one-off grants with a rollover,
/// effective before `at` and still active at it. Whether anything rolls is decided by usage, at
/// every look anew; the child's identity is not.
///
/// A child expires one period after the reset where its parent was made with a period (beyond the
/// year 9999: never), otherwise when its parent would have.
pub fn children_of_reset(facts: &Facts, at: Time) -> Vec<Child> {
    let mut resets = facts.resets.clone();
    resets.sort_by_key(|reset| reset.at);
    debug_assert!(resets.last().is_none_or(|last| last.at < at));
    (plan(facts, &resets).into_iter())
        .filter(|planned| planned.end.is_none_or(|(end, _)| end > at))
        .map(|planned| planned.grant)
        .filter(|grant| grant.rollover.is_some() && grant.recurrence.is_none())
        .filter(|grant| grant.effective_at < at)
        .map(|grant| Child {
            parent: grant.id,
            expires_at: match grant.expiration {
                Some(period) => period.nth(at, 1),
                None => grant.expires_at,
            },
        })
        .collect()
}

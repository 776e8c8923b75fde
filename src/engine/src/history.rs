//! The rows of a history.

use crate::{Amount, Id, Time};

/// What a history row tells. The order is the order of rows at one instant, but that a refill's
/// expiration stands beside its grant, and payments come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Credit burned by usage or by what was owed; positive where a correction gave it back.
    GrantUsage,
    /// Usage that no grant covered.
    Overage,
    /// What was left when the grant expired or was refilled.
    Expiration,
    /// What was left when the grant was voided.
    Void,
    /// A reset; carries the overage that it dropped.
    Reset,
    /// Credit that moved to a child; on a recurring grant what a reset added.
    Rollover,
    /// What was left at a reset and did not roll over.
    Forfeiture,
    /// Credit that came into being.
    Grant,
}

impl Kind {
    /// The kind's name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Kind::GrantUsage => "GRANT_USAGE",
            Kind::Overage => "OVERAGE",
            Kind::Expiration => "EXPIRATION",
            Kind::Void => "VOID",
            Kind::Reset => "RESET",
            Kind::Rollover => "ROLLOVER",
            Kind::Forfeiture => "FORFEITURE",
            Kind::Grant => "GRANT",
        }
    }
}

/// One row of a feature's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When; for usage the end of the stretch.
    pub at: Time,
    /// The step at the instant `at`, for merging histories of several features: see [`Entry::stage`].
    pub stage: u8,
    /// What.
    pub kind: Kind,
    /// The grant whose balance changed.
    pub grant: Option<Id>,
    /// The reset that did it.
    pub reset: Option<Id>,
    /// Change of the grant's balance.
    pub amount: Amount,
    /// The feature's balance after this row.
    pub balance_after: Amount,
    /// Change of the feature's overage.
    pub overage: Amount,
    /// The feature's overage after this row.
    pub overage_after: Amount,
    /// The stretch of usage `[from, to)`; a payment has both at `at`.
    pub period: Option<(Time, Time)>,
}

/// The steps at one instant, in order.
pub(crate) mod stage {
    pub const USAGE: u8 = 0;
    pub const OVERAGE: u8 = 1;
    pub const EXPIRATION: u8 = 2;
    pub const VOID: u8 = 3;
    pub const RESET: u8 = 4;
    pub const ROLLOVER: u8 = 5;
    pub const FORFEITURE: u8 = 6;
    pub const REFILL: u8 = 7;
    pub const GRANT: u8 = 8;
    pub const PAYMENT: u8 = 9;
}

impl Entry {
    /// The stage of a reset's marker, a row of the whole ledger that no feature's replay gives.
    pub const RESET_STAGE: u8 = stage::RESET;
}

/// The part `[from, to)` of a history: instants from `from` to before `to`, and usage cut at both
/// ends, so that the histories of adjacent windows add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First instant of it.
    pub from: Time,
    /// First instant after it.
    pub to: Time,
}

impl Window {
    /// Whether what happens at the instant `at` belongs to the window.
    pub(crate) fn has_instant(self, at: Time) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether usage of a stretch that ends at `end` belongs to the window.
    pub(crate) fn has_stretch_ending(self, end: Time) -> bool {
        self.from < end && end <= self.to
    }
}

/// Keeps the running totals and collects the entries of a window.
pub(crate) struct Journal {
    window: Option<Window>,
    balance: Amount,
    overage: Amount,
    entries: Vec<Entry>,
}

/// What an [`Entry`] says beyond its running totals.
pub(crate) struct Change {
    pub at: Time,
    pub stage: u8,
    pub kind: Kind,
    pub grant: Option<Id>,
    pub reset: Option<Id>,
    pub amount: Amount,
    pub overage: Amount,
    pub period: Option<(Time, Time)>,
}

impl Journal {
    /// A journal that goes on from these totals.
    pub fn new(window: Option<Window>, balance: Amount, overage: Amount) -> Journal {
        Journal { window, balance, overage, entries: Vec::new() }
    }

    /// Counts a change, and keeps it as an entry where it changes something inside the window.
    pub fn record(&mut self, change: Change) {
        self.balance += change.amount;
        self.overage += change.overage;
        let Some(window) = self.window else { return };
        let inside = if change.stage <= stage::OVERAGE {
            window.has_stretch_ending(change.at)
        } else {
            window.has_instant(change.at)
        };
        if !inside || (change.amount.is_zero() && change.overage.is_zero()) {
            return;
        }
        let Change { at, stage, kind, grant, reset, amount, overage, period } = change;
        self.entries.push(Entry {
            at,
            stage,
            kind,
            grant,
            reset,
            amount,
            balance_after: self.balance,
            overage,
            overage_after: self.overage,
            period,
        });
    }

    /// The feature's balance by all changes so far.
    pub fn balance(&self) -> Amount {
        self.balance
    }

    /// The feature's overage by all changes so far.
    pub fn overage(&self) -> Amount {
        self.overage
    }

    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}

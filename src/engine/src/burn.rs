//! The active grants of a phase: what they hold, who pays first, who is given back first.

use crate::Amount;
use serde::{Deserialize, Serialize};

/// What one grant holds, and what it remembers of paying.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// What is left.
    pub balance: Amount,
    /// What a correction may give back: burned since it began, was refilled or (recurring) reset.
    pub returnable: Amount,
    /// Burned over its whole life, less what was given back.
    pub paid: Amount,
    /// The last phase in which it was burned.
    pub last_burned_in: usize,
}

impl Account {
    /// Holds `balance` as if it had never paid since.
    pub fn refill(&mut self, balance: Amount) {
        debug_assert!(!balance.is_negative());
        self.balance = balance;
        self.returnable = Amount::ZERO;
    }

    /// Whether an account can be like this.
    pub fn is_sound(&self) -> bool {
        !self.balance.is_negative() && !self.returnable.is_negative()
    }

    fn burn(&mut self, amount: Amount, phase: usize) {
        self.balance -= amount;
        self.returnable += amount;
        self.paid += amount;
        self.last_burned_in = phase;
        debug_assert!(!self.balance.is_negative());
    }

    fn give_back(&mut self, amount: Amount) {
        self.balance += amount;
        self.returnable -= amount;
        self.paid -= amount;
        debug_assert!(!self.returnable.is_negative());
    }
}

/// The accounts of all grants by rank, and which of them are active.
pub(crate) struct Pool {
    accounts: Vec<Account>,
    /// Ranks, ascending: the burn order.
    active: Vec<usize>,
}

impl Pool {
    pub fn new(grants: usize) -> Pool {
        Pool { accounts: vec![Account::default(); grants], active: Vec::new() }
    }

    pub fn account(&self, rank: usize) -> &Account {
        &self.accounts[rank]
    }

    pub fn account_mut(&mut self, rank: usize) -> &mut Account {
        &mut self.accounts[rank]
    }

    pub fn activate(&mut self, rank: usize) {
        let place = self.active.partition_point(|other| *other < rank);
        debug_assert_ne!(self.active.get(place), Some(&rank));
        self.active.insert(place, rank);
    }

    /// Ends a grant and gives what it had left.
    pub fn deactivate(&mut self, rank: usize) -> Amount {
        self.active.retain(|other| *other != rank);
        std::mem::take(&mut self.accounts[rank].balance)
    }

    /// The active grants in burn order.
    pub fn active(&self) -> &[usize] {
        &self.active
    }

    /// What the active grants hold together.
    pub fn held(&self) -> Amount {
        self.active.iter().map(|rank| self.accounts[*rank].balance).sum()
    }

    /// The active accounts as they are, in burn order.
    pub fn save(&self) -> Vec<Account> {
        self.active.iter().map(|rank| self.accounts[*rank]).collect()
    }

    /// Goes back to what [`Pool::save`] gave while the same grants were active.
    pub fn restore(&mut self, saved: &[Account]) {
        debug_assert_eq!(saved.len(), self.active.len());
        for (rank, account) in self.active.iter().zip(saved) {
            self.accounts[*rank] = *account;
        }
    }

    /// Lets the active grants pay `owed` in burn order, or gives a negative `owed` back to them,
    /// and returns what no grant covered, or could not be given back (negative).
    pub fn settle(&mut self, owed: Amount, phase: usize) -> Amount {
        if owed.is_negative() { -self.give_back(-owed) } else { self.burn(owed, phase) }
    }

    fn burn(&mut self, mut owed: Amount, phase: usize) -> Amount {
        for rank in &self.active {
            let pays = owed.min(self.accounts[*rank].balance);
            if pays.is_positive() {
                self.accounts[*rank].burn(pays, phase);
                owed -= pays;
            }
        }
        owed
    }

    /// The most recently burned is given back first: by the last phase, then reverse burn order.
    fn give_back(&mut self, mut spare: Amount) -> Amount {
        let mut order: Vec<usize> = (self.active.iter().copied())
            .filter(|rank| self.accounts[*rank].returnable.is_positive())
            .collect();
        order.sort_by_key(|rank| std::cmp::Reverse((self.accounts[*rank].last_burned_in, *rank)));
        for rank in order {
            let returns = spare.min(self.accounts[rank].returnable);
            if returns.is_positive() {
                self.accounts[rank].give_back(returns);
                spare -= returns;
            }
        }
        spare
    }
}

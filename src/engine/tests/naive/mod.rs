//! A naive model of DESIGN.md section 2, written without a look at how the engine does it. Where
//! it and the engine disagree, one of them has misread the design.
//!
//! It walks from instant to instant. Without corrections every event is burned by itself; with
//! corrections a phase is its starting state plus the sum since, as 2.4 has it.

pub mod calendar;
pub mod life;

use credit_engine::{
    Amount, Ending, Facts, GrantOutcome, Id, Kind, Reset, RolloverKind, Time, Window,
};
use life::Life;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A history row: an entry of the engine without its internal stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub at: Time,
    pub kind: Kind,
    pub grant: Option<Id>,
    pub reset: Option<Id>,
    pub amount: Amount,
    pub balance_after: Amount,
    pub overage: Amount,
    pub overage_after: Amount,
    pub period: Option<(Time, Time)>,
}

/// What the model says at the time asked for.
pub struct Answer {
    pub balance: Amount,
    pub overage: Amount,
    pub usage: Amount,
    /// In burn order.
    pub grants: Vec<GrantOutcome>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Copy, Default)]
struct Purse {
    amount: Amount,
    balance: Amount,
    paid: Amount,
    /// Burned since it began, was refilled or (recurring) reset.
    returnable: Amount,
    /// The number of the last phase whose net burned it.
    last_burn: usize,
}

#[derive(Clone, Default)]
struct State {
    /// As many as grants, in burn order.
    purses: Vec<Purse>,
    overage: Amount,
}

struct Model {
    lives: Vec<Life>,
    corrections: bool,
    phase: usize,
    /// The state in which the phase began, nothing of it paid yet.
    begun: State,
    /// What the phase began with to pay: overage carried in and debits.
    owed: Amount,
    /// Usage since the phase began.
    since: Amount,
    now: State,
    rows: Vec<Row>,
}

/// The state and the history at `until`; usage is cut at `cuts`.
pub fn run(
    facts: &Facts,
    usage: &[(Time, Amount)],
    until: Time,
    cuts: &[Time],
    window: Window,
) -> Answer {
    let mut model = Model::new(facts, usage, until);
    let mut usage: Vec<(Time, Amount)> =
        usage.iter().copied().filter(|(at, _)| facts.measure_from <= *at && *at < until).collect();
    usage.sort_by_key(|(at, _)| *at);

    let pivots = model.pivots(facts, until);
    let mut points = pivots.clone();
    points.extend(cuts.iter().filter(|cut| facts.measure_from < **cut && **cut < until));
    points.insert(until);
    let mut before: Option<Time> = None;
    for point in points {
        if let Some(from) = before {
            let here = usage.iter().filter(|(at, _)| from <= *at && *at < point);
            model.stretch(from, point, here.map(|(_, value)| *value).collect());
        }
        if pivots.contains(&point) {
            model.pivot(point, facts.resets.iter().find(|reset| reset.at == point));
        }
        before = Some(point);
    }
    model.answer(facts, &usage, until, window)
}

impl Model {
    fn new(facts: &Facts, usage: &[(Time, Amount)], until: Time) -> Model {
        let lives = life::lives(facts, until);
        let purses = lives
            .iter()
            .map(|life| match life.grant.parent {
                Some(_) => Purse::default(),
                None => Purse { amount: life.grant.amount, ..Purse::default() },
            })
            .collect();
        Model {
            lives,
            corrections: usage.iter().any(|(_, value)| value.is_negative()),
            phase: 0,
            begun: State::default(),
            owed: Amount::ZERO,
            since: Amount::ZERO,
            now: State { purses, overage: Amount::ZERO },
            rows: Vec::new(),
        }
    }

    fn pivots(&self, facts: &Facts, until: Time) -> BTreeSet<Time> {
        let mut pivots = BTreeSet::from([facts.measure_from]);
        for life in self.lives.iter().filter(|life| !life.never_active) {
            pivots.insert(life.grant.effective_at);
            pivots.extend(life.end.map(|(at, _)| at));
            pivots.extend(&life.refills);
        }
        pivots.extend(facts.resets.iter().map(|reset| reset.at));
        pivots.retain(|pivot| *pivot <= until);
        pivots
    }

    /// Writes a row and keeps the purse and the overage in step with it.
    fn change(&mut self, row: Row, purse: Option<usize>) {
        if let Some(index) = purse {
            self.now.purses[index].balance += row.amount;
        }
        self.now.overage += row.overage;
        self.write(row);
    }

    /// Writes a row whose change has been made already.
    fn write(&mut self, mut row: Row) {
        if row.amount.is_zero() && row.overage.is_zero() {
            return;
        }
        let (balance, overage) = self
            .rows
            .last()
            .map_or((Amount::ZERO, Amount::ZERO), |last| (last.balance_after, last.overage_after));
        row.balance_after = balance + row.amount;
        row.overage_after = overage + row.overage;
        self.rows.push(row);
    }

    /// Usage of `[from, to)`, and one row for each grant that it changes.
    fn stretch(&mut self, from: Time, to: Time, values: Vec<Amount>) {
        let before = self.now.clone();
        if self.corrections {
            self.since += values.into_iter().sum();
            self.now = self.with_net(from, self.owed + self.since);
        } else {
            for value in values {
                self.burn_one(from, value);
            }
        }
        for index in 0..self.lives.len() {
            let amount = self.now.purses[index].balance - before.purses[index].balance;
            let id = self.lives[index].grant.id;
            self.write(Row {
                amount,
                period: Some((from, to)),
                ..row(to, Kind::GrantUsage, Some(id))
            });
        }
        let overage = self.now.overage - before.overage;
        self.write(Row { overage, period: Some((from, to)), ..row(to, Kind::Overage, None) });
    }

    /// One event, paid by the grants active at `at`.
    fn burn_one(&mut self, at: Time, value: Amount) {
        let mut rest = value;
        for (life, purse) in self.lives.iter().zip(&mut self.now.purses) {
            if life.active(at) {
                let burned = rest.min(purse.balance);
                purse.balance -= burned;
                purse.paid += burned;
                rest -= burned;
            }
        }
        self.now.overage += rest;
    }

    /// The state of the phase that began with `begun` after `net` of debt and usage in it.
    fn with_net(&self, at: Time, net: Amount) -> State {
        let mut state = self.begun.clone();
        let mut rest = net;
        let mut order: Vec<usize> =
            (0..self.lives.len()).filter(|index| self.lives[*index].active(at)).collect();
        if net.is_negative() {
            order.sort_by_key(|index| Reverse((state.purses[*index].last_burn, *index)));
        }
        for index in order {
            let purse = &mut state.purses[index];
            let burned = rest.min(purse.balance).max(-purse.returnable);
            purse.balance -= burned;
            purse.paid += burned;
            rest -= burned;
        }
        state.overage = rest;
        state
    }

    /// All that happens at one instant, in the order of 2.8.
    fn pivot(&mut self, at: Time, reset: Option<&Reset>) {
        self.end_phase();
        self.end(at, Ending::Expired, Kind::Expiration);
        self.end(at, Ending::Voided, Kind::Void);
        if let Some(reset) = reset {
            self.reset(reset);
        }
        self.refill(at);
        self.begin(at);
        self.pay(at);
    }

    /// Remembers what the phase burned and gave back.
    fn end_phase(&mut self) {
        for (purse, begun) in self.now.purses.iter_mut().zip(&self.begun.purses) {
            let burned = begun.balance - purse.balance;
            purse.returnable += burned;
            if burned.is_positive() {
                purse.last_burn = self.phase;
            }
        }
        self.phase += 1;
    }

    fn end(&mut self, at: Time, how: Ending, kind: Kind) {
        for index in 0..self.lives.len() {
            if self.lives[index].ends(at, how) {
                let amount = -self.now.purses[index].balance;
                let id = self.lives[index].grant.id;
                self.change(Row { amount, ..row(at, kind, Some(id)) }, Some(index));
            }
        }
    }

    fn reset(&mut self, reset: &Reset) {
        let because = |kind, grant| Row { reset: Some(reset.id), ..row(reset.at, kind, grant) };
        if !reset.preserve_overage {
            let overage = -self.now.overage;
            self.change(Row { overage, ..because(Kind::Reset, None) }, None);
        }
        // What is left to be forfeited, in burn order.
        let mut forfeited: Vec<(usize, Amount)> = Vec::new();
        for index in 0..self.lives.len() {
            let life = &self.lives[index];
            let id = life.grant.id;
            let ends = life.ends(reset.at, Ending::Reset(reset.id));
            let stays = life.grant.recurrence.is_some()
                && life.grant.effective_at < reset.at
                && life.active(reset.at);
            let Purse { amount, balance: left, .. } = self.now.purses[index];
            let rolls = match life.grant.rollover {
                None => Amount::ZERO,
                Some(rollover) => {
                    let all = match rollover.kind {
                        RolloverKind::OriginalAmount => amount,
                        RolloverKind::RemainingAmount => left,
                    };
                    rollover.max_amount.map_or(all, |max| max.min(all))
                }
            };
            if stays {
                let grown = (rolls - left).max(Amount::ZERO);
                self.change(
                    Row { amount: grown, ..because(Kind::Rollover, Some(id)) },
                    Some(index),
                );
                self.now.purses[index].returnable = Amount::ZERO;
                forfeited.push((index, left - rolls.min(left)));
            } else if ends {
                let child = self.lives.iter().position(|life| {
                    life.grant.parent == Some(id) && life.grant.effective_at == reset.at
                });
                let mut rolled = Amount::ZERO;
                if let Some(child) = child {
                    self.now.purses[child].amount = rolls;
                    if !self.lives[child].never_active {
                        rolled = rolls.min(left);
                        let child_id = self.lives[child].grant.id;
                        let out = because(Kind::Rollover, Some(id));
                        self.change(Row { amount: -rolled, ..out }, Some(index));
                        let into = because(Kind::Rollover, Some(child_id));
                        self.change(Row { amount: rolled, ..into }, Some(child));
                    }
                }
                forfeited.push((index, left - rolled));
            }
        }
        for (index, amount) in forfeited {
            let row = because(Kind::Forfeiture, Some(self.lives[index].grant.id));
            self.change(Row { amount: -amount, ..row }, Some(index));
        }
    }

    fn refill(&mut self, at: Time) {
        for index in 0..self.lives.len() {
            if self.lives[index].refills.contains(&at) {
                let id = Some(self.lives[index].grant.id);
                let Purse { amount, balance, .. } = self.now.purses[index];
                self.change(Row { amount: -balance, ..row(at, Kind::Expiration, id) }, Some(index));
                self.change(Row { amount, ..row(at, Kind::Grant, id) }, Some(index));
                self.now.purses[index].returnable = Amount::ZERO;
            }
        }
    }

    fn begin(&mut self, at: Time) {
        for index in 0..self.lives.len() {
            if self.lives[index].begins(at) {
                let id = Some(self.lives[index].grant.id);
                let Purse { amount, balance: rolled, .. } = self.now.purses[index];
                let row = Row { amount: amount - rolled, ..row(at, Kind::Grant, id) };
                self.change(row, Some(index));
            }
        }
    }

    /// Begins the phase: debits and the overage carried in are paid.
    fn pay(&mut self, at: Time) {
        let debits: Vec<usize> = (0..self.lives.len())
            .filter(|index| self.lives[*index].begins(at))
            .filter(|index| self.now.purses[*index].amount.is_negative())
            .collect();
        let debit: Amount = debits.iter().map(|index| -self.now.purses[*index].amount).sum();
        self.owed = self.now.overage + debit;
        self.since = Amount::ZERO;
        // A debit itself holds nothing; its rows below say so.
        for index in &debits {
            self.now.purses[*index].balance = Amount::ZERO;
        }
        self.begun = self.now.clone();
        if self.corrections {
            self.now = self.with_net(at, self.owed);
        } else {
            self.now.overage = Amount::ZERO;
            self.burn_one(at, self.owed);
        }
        let payment = |id, amount| Row {
            amount,
            overage: amount,
            period: Some((at, at)),
            ..row(at, Kind::GrantUsage, Some(id))
        };
        for index in 0..self.lives.len() {
            let amount = self.now.purses[index].balance - self.begun.purses[index].balance;
            self.write(payment(self.lives[index].grant.id, amount));
        }
        for index in debits {
            let Life { grant, .. } = &self.lives[index];
            self.write(payment(grant.id, -grant.amount));
        }
    }

    fn answer(
        self,
        facts: &Facts,
        usage: &[(Time, Amount)],
        until: Time,
        window: Window,
    ) -> Answer {
        let last_reset = facts.resets.iter().map(|reset| reset.at).filter(|at| *at <= until).max();
        let since = last_reset.unwrap_or(facts.measure_from);
        let grants = self.lives.iter().zip(&self.now.purses).map(|(life, purse)| GrantOutcome {
            id: life.grant.id,
            amount: purse.amount,
            balance: purse.balance,
            paid: purse.paid,
            active: life.active(until),
            ended: life.end.filter(|(at, _)| *at <= until && life.begun(*at)),
            voided_at: life.voided_at,
        });
        Answer {
            balance: self.now.purses.iter().map(|purse| purse.balance).sum(),
            overage: self.now.overage,
            usage: usage.iter().filter(|(at, _)| since <= *at).map(|(_, value)| *value).sum(),
            grants: grants.collect(),
            rows: self.rows.into_iter().filter(|row| is_inside(row, window)).collect(),
        }
    }
}

/// Usage of a stretch belongs to the window that holds the stretch; all else to its instant's.
fn is_inside(row: &Row, window: Window) -> bool {
    match row.period {
        Some((from, to)) if from < to => window.from < to && to <= window.to,
        _ => window.from <= row.at && row.at < window.to,
    }
}

fn row(at: Time, kind: Kind, grant: Option<Id>) -> Row {
    Row {
        at,
        kind,
        grant,
        reset: None,
        amount: Amount::ZERO,
        balance_after: Amount::ZERO,
        overage: Amount::ZERO,
        overage_after: Amount::ZERO,
        period: None,
    }
}

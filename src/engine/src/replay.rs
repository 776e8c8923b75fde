//! Phase after phase, from the start of measurement to the time asked for.

use crate::burn::{Account, Pool};
use crate::checkpoint::{Checkpoint, Kept, Lasting};
use crate::history::{Change, Journal, stage};
use crate::pace::Pace;
use crate::timeline::{Ending, Event, Planned, Step};
use crate::{Amount, Entry, Id, Kind, Reset, Time, Timeline, Usage, Window};

/// A feature's balance at the end of its timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the active grants hold together.
    pub balance: Amount,
    /// What is owed; negative: credit for usage to come.
    pub overage: Amount,
    /// Usage since the last reset at or before the end of the timeline.
    pub usage: Amount,
    /// The grants of the facts, in burn order. After a snapshot those are missing that ended before
    /// the last reset before its beginning, and those that had ended otherwise than by expiry.
    pub grants: Vec<GrantOutcome>,
    /// The history in the window asked for, in order.
    pub entries: Vec<Entry>,
}

/// What became of a grant by the end of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantOutcome {
    /// Which grant.
    pub id: Id,
    /// Its amount; for a child what rolled over to it, zero until its reset.
    pub amount: Amount,
    /// What it holds; zero unless active.
    pub balance: Amount,
    /// What it paid over its life, net of what was given back.
    pub paid: Amount,
    /// Whether it is active.
    pub active: bool,
    /// When and how it ended, where it began and has ended by now.
    pub ended: Option<(Time, Ending)>,
    /// When it was voided, as far as is known, by itself or by the parent that it stems from.
    pub voided_at: Option<Time>,
}

impl Outcome {
    /// The balance less what is owed.
    pub fn unspent(&self) -> Amount {
        self.balance - self.overage
    }

    /// The outcome of the grant with this id.
    pub fn grant(&self, id: Id) -> Option<&GrantOutcome> {
        self.grants.iter().find(|grant| grant.id == id)
    }
}

/// Burns `usage` down along `timeline` and keeps the history inside `window`, whose ends must be
/// points of the timeline (cuts, where they are no pivots) for usage to be cut there.
pub fn replay(timeline: &Timeline, usage: &Usage, window: Option<Window>) -> Outcome {
    let mut run = Run::new(timeline, window);
    run.segments(usage, timeline.points.len());
    run.outcome()
}

/// What is known where the segment at this index begins, which must be at a pivot.
pub(crate) fn checkpoint_at(timeline: &Timeline, usage: &Usage, segment: usize) -> Checkpoint {
    let mut run = Run::new(timeline, None);
    run.segments(usage, segment);
    run.checkpoint(timeline.points[segment])
}

/// What is known at the end of all segments but the last, which may begin anywhere; nothing is
/// forgotten.
pub(crate) fn seal_at_last(timeline: &Timeline, usage: &Usage) -> Checkpoint {
    let mut run = Run::new(timeline, None);
    let last = timeline.points.len() - 1;
    run.segments(usage, last);
    run.seal(timeline.points[last])
}

/// The phase that is being burned: where it started, and the sum of usage since.
struct Phase {
    number: usize,
    /// The active accounts at its start, before anything was paid in it.
    start: Vec<Account>,
    /// Overage carried in, and debits.
    owed: Amount,
    used: Amount,
}

struct Run<'a> {
    timeline: &'a Timeline,
    pool: Pool,
    journal: Journal,
    /// Amounts by rank; a child's is known from its reset on.
    amounts: Vec<Amount>,
    phase: Phase,
    usage_since_reset: Amount,
}

impl<'a> Run<'a> {
    fn new(timeline: &'a Timeline, window: Option<Window>) -> Run<'a> {
        let start = &timeline.start;
        let mut pool = Pool::new(timeline.plan.len());
        let mut amounts = Vec::with_capacity(timeline.plan.len());
        for (rank, planned) in timeline.plan.iter().enumerate() {
            let kept = start.kept(planned.grant.id);
            amounts.push(match (kept, planned.grant.parent) {
                (Some(kept), _) => kept.amount,
                (None, Some(_)) => Amount::ZERO,
                (None, None) => planned.grant.amount,
            });
            if let Some(kept) = kept {
                *pool.account_mut(rank) = kept.account;
                if kept.is_active {
                    pool.activate(rank);
                }
            }
        }
        let mut phase = Phase {
            number: start.phases,
            start: pool.save(),
            owed: start.overage,
            used: Amount::ZERO,
        };
        if let Some(lasting) = &start.phase {
            let at_start = |rank: &usize| lasting.account(timeline.plan[*rank].grant.id);
            phase.start = pool.active().iter().map(at_start).collect();
            (phase.owed, phase.used) = (lasting.owed, lasting.used);
        }
        Run {
            timeline,
            journal: Journal::new(window, pool.held(), start.overage),
            amounts,
            phase,
            pool,
            usage_since_reset: start.usage_since_reset,
        }
    }

    /// Walks through the first `count` segments.
    fn segments(&mut self, usage: &Usage, count: usize) {
        let timeline = self.timeline;
        let mut events = timeline.events.as_slice();
        let mut pace = Pace::default();
        for (segment, &start) in timeline.points[..count].iter().enumerate() {
            pace.walk(1 + self.pool.active().len());
            let here = events.partition_point(|event| event.at <= start);
            let (now, later) = events.split_at(here);
            events = later;
            if now.iter().any(|event| event.step == Step::Reset) {
                self.usage_since_reset = Amount::ZERO;
            }
            if !now.is_empty() {
                self.pivot(start, now);
            }
            let used = usage.of_segment(segment);
            self.usage_since_reset += used;
            let end = timeline.points.get(segment + 1).copied().unwrap_or(timeline.until);
            self.stretch(start, end, used);
        }
    }

    /// Does all that happens at an instant, in order, and starts the phase that follows.
    fn pivot(&mut self, at: Time, events: &[Event]) {
        let mut debits = Vec::new();
        for event in events {
            match event.step {
                Step::Expire => self.end(event.index, at, stage::EXPIRATION, Kind::Expiration),
                Step::Void => self.end(event.index, at, stage::VOID, Kind::Void),
                Step::Reset => self.reset(self.timeline.resets[event.index]),
                Step::Refill => self.refill(event.index, at),
                Step::Begin if self.timeline.plan[event.index].grant.is_debit() => {
                    debits.push(event.index);
                    self.record_grant(event.index, at, stage::GRANT, self.amounts[event.index]);
                }
                Step::Begin => self.begin(event.index, at),
            }
        }
        let decreed: Amount = debits.iter().map(|rank| -self.amounts[*rank]).sum();
        self.phase = Phase {
            number: self.phase.number + 1,
            start: self.pool.save(),
            owed: self.journal.overage() + decreed,
            used: Amount::ZERO,
        };
        self.settle(at, at, stage::PAYMENT);
        for rank in debits {
            self.record_usage(rank, (at, at), stage::PAYMENT, -self.amounts[rank]);
        }
        debug_assert_eq!(self.journal.balance(), self.pool.held());
    }

    /// Counts the usage of the stretch `[start, end)` of the current phase.
    fn stretch(&mut self, start: Time, end: Time, used: Amount) {
        if !used.is_zero() {
            self.phase.used += used;
            self.settle(start, end, stage::USAGE);
        }
        debug_assert_eq!(self.journal.balance(), self.pool.held());
    }

    /// Brings the accounts from the phase's start to all that it owes by now, and records what
    /// changed since the last time, so that cuts inside a phase change nothing.
    fn settle(&mut self, from: Time, to: Time, at_stage: u8) {
        let before = self.pool.save();
        self.pool.restore(&self.phase.start);
        let owed = self.phase.owed + self.phase.used;
        let overage = self.pool.settle(owed, self.phase.number);
        for (index, before) in before.iter().enumerate() {
            let rank = self.pool.active()[index];
            let amount = self.pool.account(rank).balance - before.balance;
            self.record_usage(rank, (from, to), at_stage, amount);
        }
        if at_stage != stage::PAYMENT {
            self.journal.record(Change {
                at: to,
                stage: stage::OVERAGE,
                kind: Kind::Overage,
                grant: None,
                reset: None,
                amount: Amount::ZERO,
                overage: overage - self.journal.overage(),
                period: Some((from, to)),
            });
        }
    }

    fn begin(&mut self, rank: usize, at: Time) {
        let amount = self.amounts[rank];
        // What rolled over from the parent is in the account already.
        let rolled_in = self.pool.account(rank).balance;
        self.pool.account_mut(rank).refill(amount);
        self.pool.activate(rank);
        self.record_grant(rank, at, stage::GRANT, amount - rolled_in);
    }

    fn end(&mut self, rank: usize, at: Time, at_stage: u8, kind: Kind) {
        let left = self.pool.deactivate(rank);
        self.record(rank, at, at_stage, kind, None, -left);
    }

    fn refill(&mut self, rank: usize, at: Time) {
        let left = self.pool.account(rank).balance;
        let amount = self.amounts[rank];
        self.pool.account_mut(rank).refill(amount);
        self.record(rank, at, stage::REFILL, Kind::Expiration, None, -left);
        self.record_grant(rank, at, stage::REFILL, amount);
    }

    /// Ends or resets every active grant; all of them began before the reset, because beginning is
    /// the later step at one instant.
    fn reset(&mut self, reset: Reset) {
        let (at, id) = (reset.at, Some(reset.id));
        if !reset.preserve_overage {
            self.journal.record(Change {
                at,
                stage: stage::RESET,
                kind: Kind::Reset,
                grant: None,
                reset: id,
                amount: Amount::ZERO,
                overage: -self.journal.overage(),
                period: None,
            });
        }
        let mut forfeited = Vec::new();
        for rank in self.pool.active().to_vec() {
            let planned = &self.timeline.plan[rank];
            let left = self.pool.account(rank).balance;
            let rolls = planned.grant.rollover.map(|rule| rule.rolls(self.amounts[rank], left));
            let rolled = if planned.grant.recurrence.is_some() {
                let kept = rolls.unwrap_or_default();
                self.pool.account_mut(rank).refill(kept);
                let grown = (kept - left).max(Amount::ZERO);
                self.record(rank, at, stage::ROLLOVER, Kind::Rollover, id, grown);
                kept.min(left)
            } else {
                self.pool.deactivate(rank);
                let rolled = self.roll_to_child(planned.child, rolls.unwrap_or_default(), left);
                self.record(rank, at, stage::ROLLOVER, Kind::Rollover, id, -rolled);
                if let Some(child) = planned.child {
                    self.record(child, at, stage::ROLLOVER, Kind::Rollover, id, rolled);
                }
                rolled
            };
            forfeited.push((rank, left - rolled));
        }
        for (rank, amount) in forfeited {
            self.record(rank, at, stage::FORFEITURE, Kind::Forfeiture, id, -amount);
        }
    }

    /// Gives a child its amount and puts what its parent had left of it into its account.
    fn roll_to_child(&mut self, child: Option<usize>, amount: Amount, left: Amount) -> Amount {
        let Some(child) = child else { return Amount::ZERO };
        self.amounts[child] = amount;
        if self.timeline.plan[child].grant.never_begins() {
            return Amount::ZERO;
        }
        let rolled = amount.min(left);
        self.pool.account_mut(child).balance = rolled;
        rolled
    }

    fn record_grant(&mut self, rank: usize, at: Time, at_stage: u8, amount: Amount) {
        self.record(rank, at, at_stage, Kind::Grant, None, amount);
    }

    /// Records what usage did to a grant in a period; a payment settles as much overage.
    fn record_usage(&mut self, rank: usize, period: (Time, Time), at_stage: u8, amount: Amount) {
        self.journal.record(Change {
            at: period.1,
            stage: at_stage,
            kind: Kind::GrantUsage,
            grant: Some(self.timeline.plan[rank].grant.id),
            reset: None,
            amount,
            overage: if at_stage == stage::PAYMENT { amount } else { Amount::ZERO },
            period: Some(period),
        });
    }

    fn record(
        &mut self,
        rank: usize,
        at: Time,
        at_stage: u8,
        kind: Kind,
        reset: Option<Id>,
        amount: Amount,
    ) {
        self.journal.record(Change {
            at,
            stage: at_stage,
            kind,
            grant: Some(self.timeline.plan[rank].grant.id),
            reset,
            amount,
            overage: Amount::ZERO,
            period: None,
        });
    }

    /// What is known at `at`, before the pivot there.
    fn checkpoint(&self, at: Time) -> Checkpoint {
        let last_reset = self.timeline.resets.iter().rfind(|reset| reset.at < at);
        let is_listed = |planned: &Planned| match planned.end {
            Some((end, Ending::Expired)) => {
                planned.grant.has_begun(end) && last_reset.is_none_or(|last| last.at < end)
            }
            _ => false,
        };
        let mut grants: Vec<Kept> = (self.timeline.plan.iter().enumerate())
            .filter_map(|(rank, planned)| {
                let is_active = self.pool.active().binary_search(&rank).is_ok();
                let has_ended = planned.end.is_some_and(|(end, _)| end < at);
                (is_active || has_ended && is_listed(planned)).then(|| Kept {
                    id: planned.grant.id,
                    amount: self.amounts[rank],
                    account: *self.pool.account(rank),
                    is_active,
                })
            })
            .collect();
        grants.sort_unstable_by_key(|kept| kept.id);
        self.checkpoint_of(at, grants, None)
    }

    /// What is known at `at`, before the pivot there, with the phase that lasts and of every grant
    /// what the facts do not say.
    fn seal(&self, at: Time) -> Checkpoint {
        let mut grants: Vec<Kept> = (self.timeline.plan.iter().enumerate())
            .filter_map(|(rank, planned)| {
                let is_active = self.pool.active().binary_search(&rank).is_ok();
                let amount = self.amounts[rank];
                let account = match *self.pool.account(rank) {
                    account if is_active => account,
                    ended => Account { paid: ended.paid, ..Account::default() },
                };
                let has_rolled = planned.grant.parent.is_some() && !amount.is_zero();
                let kept = Kept { id: planned.grant.id, amount, account, is_active };
                (is_active || has_rolled || !account.paid.is_zero()).then_some(kept)
            })
            .collect();
        grants.sort_unstable_by_key(|kept| kept.id);
        let active = self.pool.active().iter().map(|rank| self.timeline.plan[*rank].grant.id);
        let mut start: Vec<(Id, Account)> = active.zip(self.phase.start.iter().copied()).collect();
        start.sort_unstable_by_key(|(id, _)| *id);
        let phase = Lasting { owed: self.phase.owed, used: self.phase.used, start };
        self.checkpoint_of(at, grants, Some(phase))
    }

    fn checkpoint_of(&self, at: Time, grants: Vec<Kept>, phase: Option<Lasting>) -> Checkpoint {
        Checkpoint {
            at,
            phases: self.phase.number,
            overage: self.journal.overage(),
            usage_since_reset: self.usage_since_reset,
            grants,
            phase,
        }
    }

    fn outcome(self) -> Outcome {
        let Timeline { until, start, plan, .. } = self.timeline;
        let grants = (plan.iter().enumerate())
            .filter(|(_, planned)| {
                !start.forgets(planned.grant.id, planned.end.map(|(end, _)| end))
            })
            .map(|(rank, planned)| {
                let begun = planned.grant.has_begun(*until);
                let ended = planned.end.filter(|(at, _)| begun && at <= until);
                GrantOutcome {
                    id: planned.grant.id,
                    amount: self.amounts[rank],
                    balance: self.pool.account(rank).balance,
                    paid: self.pool.account(rank).paid,
                    active: begun && ended.is_none(),
                    ended,
                    voided_at: planned.grant.voided_at,
                }
            })
            .collect();
        Outcome {
            balance: self.journal.balance(),
            overage: self.journal.overage(),
            usage: self.usage_since_reset,
            grants,
            entries: self.journal.into_entries(),
        }
    }
}

//! A feature's facts and usage, written as a person would write them down: short grants, dates as
//! text, answers as text.

use chrono::{NaiveDate, NaiveDateTime};
use credit_engine::{
    Amount, Facts, Grant, Id, Outcome, Period, Recurrence, Reset, Rollover, RolloverKind, Time,
    Timeline, Unit, Usage, Window, children_of_reset, replay,
};

/// An instant of 2024 from `02-01`, `02-01 10:30` or `02-01 10:30:01`.
pub fn at(text: &str) -> Time {
    let text = format!("2024-{text}");
    let at = NaiveDate::parse_from_str(&text, "%Y-%m-%d")
        .map(|date| date.and_hms_opt(0, 0, 0).expect("midnight"))
        .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M"))
        .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S"))
        .expect("a date of 2024");
    Time::from_unix_micros(at.and_utc().timestamp_micros()).expect("2024")
}

/// The exact amount of a decimal: `60`, `-0.000001`.
pub fn amount(text: &str) -> Amount {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (ones, places) = digits.split_once('.').unwrap_or((digits, ""));
    let units: i128 = format!("{ones}{places:0<12}").parse().expect("a decimal");
    Amount::from_units(sign * units)
}

/// A one-off grant of priority 1 without end.
pub fn grant(id: Id, value: &str, from: &str) -> Grant {
    Grant {
        id,
        parent: None,
        amount: amount(value),
        priority: 1,
        created_at: at("01-01"),
        effective_at: at(from),
        expires_at: None,
        expiration: None,
        rollover: None,
        recurrence: None,
        voided_at: None,
    }
}

pub fn months(count: u32) -> Period {
    Period::new(count, Unit::Month).expect("some months")
}

pub fn remaining(max: Option<&str>) -> Option<Rollover> {
    Some(Rollover { kind: RolloverKind::RemainingAmount, max_amount: max.map(amount) })
}

pub fn original(max: Option<&str>) -> Option<Rollover> {
    Some(Rollover { kind: RolloverKind::OriginalAmount, max_amount: max.map(amount) })
}

pub fn monthly(anchor: &str) -> Option<Recurrence> {
    Some(Recurrence { interval: months(1), anchor: at(anchor) })
}

/// A grant made with a period, as from `expires_after`.
pub fn lasting(grant: Grant, period: Period) -> Grant {
    let expires_at = period.nth(grant.effective_at, 1);
    Grant { expires_at, expiration: Some(period), ..grant }
}

/// One feature, measured from 1 January 2024.
pub struct Book {
    pub facts: Facts,
    pub usage: Vec<(Time, Amount)>,
}

impl Book {
    pub fn of(grants: impl Into<Vec<Grant>>) -> Book {
        let (grants, resets) = (grants.into(), Vec::new());
        Book { facts: Facts { measure_from: at("01-01"), grants, resets }, usage: Vec::new() }
    }

    pub fn used(mut self, when: &str, value: &str) -> Book {
        self.usage.push((at(when), amount(value)));
        self
    }

    /// A reset; the child of grant 7 has the id 70.
    pub fn reset(self, when: &str) -> Book {
        self.reset_with(when, false)
    }

    pub fn reset_with(mut self, when: &str, preserve_overage: bool) -> Book {
        let at = at(when);
        for child in children_of_reset(&self.facts, at) {
            let mut grants = self.facts.grants.iter();
            let parent = grants.find(|grant| grant.id == child.parent).expect("a parent").clone();
            self.facts.grants.push(Grant {
                id: parent.id * 10,
                parent: Some(parent.id),
                created_at: at,
                effective_at: at,
                expires_at: child.expires_at,
                ..parent
            });
        }
        let id = 1000 + self.facts.resets.len() as Id;
        self.facts.resets.push(Reset { id, at, preserve_overage });
        self
    }

    pub fn voided(mut self, id: Id, when: &str) -> Book {
        let mut grants = self.facts.grants.iter_mut();
        grants.find(|grant| grant.id == id).expect("a grant").voided_at = Some(at(when));
        self
    }

    pub fn grant(&self, id: Id) -> &Grant {
        self.facts.grants.iter().find(|grant| grant.id == id).expect("a grant")
    }

    pub fn outcome(&self, when: Time, cuts: &[Time], window: Option<Window>) -> Outcome {
        let timeline = Timeline::new(&self.facts, when, cuts).expect("few points");
        let mut usage = Usage::none(&timeline);
        for (at, value) in &self.usage {
            usage.add(&timeline, *at, *value).expect("small amounts");
        }
        replay(&timeline, &usage, window)
    }

    /// What the active grants hold: `1:0 2:80 = 80, used 30, owed 0`.
    pub fn state(&self, when: &str) -> String {
        let mut outcome = self.outcome(at(when), &[], None);
        outcome.grants.sort_by_key(|grant| grant.id);
        let active = outcome.grants.iter().filter(|grant| grant.active);
        let held: String = active.map(|grant| format!("{}:{} ", grant.id, grant.balance)).collect();
        let Outcome { balance, usage, overage, .. } = outcome;
        format!("{held}= {balance}, used {usage}, owed {overage}")
    }

    /// The history of `[from, to)`, one line a row:
    /// `time TYPE grant amount (balance after) overage (overage after)`; `-` for no grant.
    pub fn history(&self, from: &str, to: &str) -> Vec<String> {
        let window = Window { from: at(from), to: at(to) };
        let outcome = self.outcome(window.to, &[window.from, window.to], Some(window));
        let rows = outcome.entries.iter().map(|entry| {
            let time = entry.at.to_string().replacen("2024-", "", 1);
            let time = time.replace(":00Z", "").replace('Z', "").replace('T', " ");
            let time = time.strip_suffix(" 00:00").unwrap_or(&time);
            let grant = entry.grant.map_or("-".to_owned(), |id| id.to_string());
            let row = format!(
                "{time} {} {grant} {} ({}) {} ({})",
                entry.kind.name(),
                entry.amount,
                entry.balance_after,
                entry.overage,
                entry.overage_after
            );
            match entry.reset {
                Some(_) => row + " by reset",
                None => row,
            }
        });
        rows.collect()
    }
}

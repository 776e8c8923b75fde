//! The accounts of the stress. New ones are opened all the time: histories stay short enough for
//! the plain sum, and sessions keep meeting over streams that none has interned.

use super::shared::{NAMESPACE, Shared};
use crate::grid::{self, Dice, MICROS_PER_DAY};
use crate::session::Session;
use credit_engine::Time;
use std::time::{Duration, Instant};

/// The features: name, meter, and the dimensions that count.
pub const FEATURES: [(&str, &str, &str); 3] = [
    ("all", "tokens", "{}"),
    ("large", "tokens", r#"{"model": "large"}"#),
    ("calls", "calls", "{}"),
];

/// The dimensions of usage of the meter `tokens`.
pub const DIMENSIONS: [&str; 4] = [
    "{}",
    r#"{"model": "small"}"#,
    r#"{"model": "large"}"#,
    r#"{"model": "large", "region": "eu"}"#,
];

/// What can happen on an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Grants never end, roll over whole, and overage is kept: what is available is what was
    /// granted less what was used, whatever came when.
    Plain,
    /// Anything.
    Any,
}

/// A ledger, whose time passes much faster than the server's and overtakes it.
#[derive(Debug)]
pub struct Account {
    /// Whose.
    pub subject: String,
    /// What can happen on it.
    pub kind: Kind,
    /// Whether it is reset: that closes the past for grants and voids.
    pub has_resets: bool,
    /// Its start of measurement.
    pub measure_from: Time,
    opened: Instant,
    micros_per_second: i64,
}

impl Account {
    /// Its present.
    pub fn now(&self) -> Time {
        let seconds = self.opened.elapsed().as_secs_f64();
        grid::plus(self.measure_from, (seconds * self.micros_per_second as f64) as i64)
    }

    /// Mostly its present, sometimes half a day or any time ago, sometimes to come.
    pub fn some_time(&self, dice: &mut Dice) -> Time {
        let (day, now) = (MICROS_PER_DAY, self.now());
        match dice.weighted(&[70, 10, 12, 8]) {
            0 => dice.instant(grid::plus(now, -day / 6), now),
            1 => dice.instant(grid::plus(now, -day), now),
            2 => dice.instant(grid::plus(self.measure_from, -day), now),
            _ => dice.instant(now, grid::plus(now, 30 * day)),
        }
    }

    /// Such a time, not before the start of measurement.
    pub fn measured_time(&self, dice: &mut Dice) -> Time {
        self.some_time(dice).max(self.measure_from)
    }
}

/// The meters, the features and the first accounts.
pub fn prepare(session: &mut Session, shared: &Shared) {
    session.must(&format!("SET credit.namespace = '{NAMESPACE}'"));
    session.must(
        "SELECT credit_create_meter('tokens', group_by => '{model,region}');
         SELECT credit_create_meter('calls', 'COUNT')",
    );
    for (name, meter, filters) in FEATURES {
        session.must(&format!("SELECT credit_create_feature('{name}', '{meter}', '{filters}')"));
    }
    for _ in 0..4 {
        open(session, shared);
    }
}

/// Opens an account: mostly with its first grants, and sometimes after its usage has begun.
fn open(session: &mut Session, shared: &Shared) {
    const MOST: usize = 12;
    let number = shared.number();
    let mut dice = Dice::new(number);
    let days = dice.one_of(&[3, 30, 100, 200]);
    let account = Account {
        subject: format!("customer {number}"),
        kind: if number.is_multiple_of(2) { Kind::Plain } else { Kind::Any },
        has_resets: dice.chance(60),
        measure_from: grid::plus(grid::today(), -days * MICROS_PER_DAY),
        opened: Instant::now(),
        // The server's time is reached in some seconds, and passed.
        micros_per_second: days * MICROS_PER_DAY / dice.between(4, 20),
    };
    let Account { subject, measure_from, .. } = &account;
    let ledger =
        format!("SELECT credit_create_ledger('{subject}', measure_from => '{measure_from}')");
    let recurring = format!(
        "SELECT credit_create_grant('{subject}', 'all', 50, effective_at => '{measure_from}', \
         recurs_every => '{}')",
        if days < 100 { "1 hour" } else { "1 day" } // many phases
    );
    session.must(&ledger);
    if account.kind == Kind::Any && dice.chance(60) {
        session.must(&recurring);
    }
    shared.tally.acts[0].raise();
    shared.open(account, MOST);
}

/// Opens another account every now and then.
pub fn work(shared: &Shared, _seed: u64) {
    let mut session = shared.connect();
    while !shared.is_over() {
        open(&mut session, shared);
        for _ in 0..15 {
            if !shared.is_over() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

//! What a scenario is about: meters, features, ledgers, and the time that passes.

use crate::grid::{self, Dice, MICROS_PER_DAY};
use credit_engine::Time;

/// Meters, features and ledgers of one namespace.
pub struct World {
    /// The namespace.
    pub namespace: String,
    /// The features that exist.
    pub features: Vec<&'static str>,
    /// The ledgers that exist.
    pub ledgers: Vec<Ledger>,
    /// Subjects that usage is sent to; not all have a ledger yet.
    pub subjects: Vec<String>,
    /// Whether there are resets: they close the past for grants and voids.
    pub has_resets: bool,
    /// How often recurring grants are refilled: so often that there are many phases.
    pub recurrence: &'static str,
    /// Whether its history may be sealed.
    pub is_retired: bool,
    /// The seal: nothing before it is asked, and no ledger measured from before it.
    pub sealed_at: Time,
    /// When the scenario begins.
    pub begins: Time,
    /// The scenario's clock.
    pub now: Time,
    /// When it ends.
    pub ends: Time,
}

/// A ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Whose.
    pub subject: String,
    /// Its start of measurement.
    pub measure_from: Time,
}

/// The features that can exist: name, meter, filters.
pub const FEATURES: [(&str, &str, &str); 5] = [
    ("all", "tokens", "NULL"),
    ("large", "tokens", r#"'{"model": "large"}'"#),
    ("large-eu", "tokens", r#"'{"model": "large", "region": "eu"}'"#),
    ("calls", "calls", "NULL"),
    ("more", "tokens", "'{}'"),
];

/// The dimensions that usage of the meter `tokens` carries.
pub const DIMENSIONS: [&str; 5] = [
    "{}",
    r#"{"model": "small"}"#,
    r#"{"model": "large"}"#,
    r#"{"model": "large", "region": "eu"}"#,
    r#"{"region": "eu"}"#,
];

impl World {
    /// A world that is still empty, and the calls that make its meters.
    pub fn new(namespace: String, dice: &mut Dice) -> (World, String) {
        let days = dice.one_of(&[20, 60, 120, 300]);
        // Snapshots are taken as of the server's clock, which is anywhere in the scenario or after.
        let today = dice.one_of(&[days * 3 / 4, days, days + 30]);
        let begins = grid::plus(grid::today(), -today * MICROS_PER_DAY);
        let ends = grid::plus(begins, days * MICROS_PER_DAY);
        let world = World {
            namespace,
            features: Vec::new(),
            ledgers: Vec::new(),
            subjects: (1..=3).map(|n| format!("customer {n}")).collect(),
            has_resets: dice.chance(60),
            recurrence: match days {
                ..100 => dice.one_of(&["1 hour", "2 hours"]),
                _ => dice.one_of(&["1 day", "1 day", "6 hours"]),
            },
            is_retired: dice.chance(40),
            sealed_at: begins,
            begins,
            now: begins,
            ends,
        };
        let meters = "SELECT credit_create_meter('tokens', group_by => '{model,region}'), \
                      credit_create_meter('calls', 'COUNT')";
        (world, meters.to_owned())
    }

    /// The call that makes the next feature, if there is one.
    pub fn create_feature(&mut self) -> Option<String> {
        let (name, meter, filters) = *FEATURES.get(self.features.len())?;
        self.features.push(name);
        Some(format!("SELECT credit_create_feature('{name}', '{meter}', {filters})"))
    }

    /// The call that makes the next ledger, measured from some time past.
    pub fn create_ledger(&mut self, dice: &mut Dice) -> Option<String> {
        let subject = self.subjects.get(self.ledgers.len())?.clone();
        let measure_from = dice.instant(self.sealed_at, self.now.max(self.sealed_at));
        self.ledgers.push(Ledger { subject: subject.clone(), measure_from });
        Some(format!("SELECT credit_create_ledger('{subject}', measure_from => '{measure_from}')"))
    }

    /// Lets the time of one of `steps` steps pass.
    pub fn pass(&mut self, steps: i64) {
        let whole = self.ends.unix_micros() - self.begins.unix_micros();
        self.now = grid::plus(self.now, whole / steps);
    }

    /// Any time that a question can be about, from the ledger's start on.
    pub fn any_time(&self, dice: &mut Dice, ledger: &Ledger) -> Time {
        let latest = grid::plus(self.now, 40 * MICROS_PER_DAY);
        let recently = grid::plus(self.now, -3 * MICROS_PER_DAY);
        let earliest = ledger.measure_from.max(self.sealed_at);
        match dice.below(6) {
            0 => dice.instant(self.now, latest).max(earliest),
            1 => self.now.max(earliest),
            2 => grid::today().max(earliest),
            3 => dice.instant(recently, self.now).max(earliest),
            _ => dice.instant(earliest, self.now.max(earliest)),
        }
    }
}

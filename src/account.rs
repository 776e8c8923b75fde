//! Everything that is known of one ledger but its usage.

use crate::clock;
use crate::convert::time;
use crate::error::{Error, Result};
use crate::grant::{GrantRecord, VoidRecord};
use crate::ledger::Ledger;
use crate::spi::{IndexedTable, Key, Row};
use credit_engine::{Facts, Reset, Time, Timeline};
use pgrx::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A ledger with its grants, voids and resets.
pub struct Account {
    /// The ledger.
    pub ledger: Ledger,
    /// Its grants, children of resets included.
    pub grants: Vec<GrantRecord>,
    /// Its resets, in order.
    pub resets: Vec<ResetRecord>,
}

/// A row of `credit.resets`.
#[derive(Debug, Clone, Copy)]
pub struct ResetRecord {
    /// What the engine knows of it.
    pub reset: Reset,
    /// When it was written down.
    pub created_at: Time,
    /// The transaction that wrote it.
    pub xid: u64,
}

impl ResetRecord {
    /// Reads a row of `credit.resets`.
    fn from_row(row: &Row) -> ResetRecord {
        let id = row.uuid().as_u128();
        row.skip(1);
        let reset = Reset { id, at: row.time(), preserve_overage: row.value() };
        ResetRecord { reset, created_at: row.time(), xid: row.xid() }
    }
}

/// The time before which nothing of a ledger changes.
#[derive(Debug, Clone, Copy)]
pub struct HighWatermark {
    /// When.
    pub at: Time,
    /// Whether it is a reset's time, or the start of measurement.
    pub is_reset: bool,
}

impl Account {
    /// Reads the facts of a ledger but usage, under the active snapshot.
    pub fn load(ledger: Ledger) -> Account {
        let of_ledger = [(1, Key::uuid(ledger.id))];
        let grants = IndexedTable::open(c"grants", c"grants_ledger_idx");
        let mut grants = grants.all(&of_ledger, GrantRecord::from_row);
        if !grants.is_empty() {
            let voids = IndexedTable::open(c"grant_voids", c"grant_voids_ledger_idx");
            for void in voids.all(&of_ledger, VoidRecord::from_row) {
                if let Some(record) = grants.iter_mut().find(|record| record.id() == void.grant) {
                    record.void(void);
                }
            }
        }
        let resets = IndexedTable::open(c"resets", c"resets_ledger_id_effective_at_key");
        let resets = resets.all(&of_ledger, ResetRecord::from_row);
        Account { ledger, grants, resets }
    }

    /// The time of the last reset, or the start of measurement.
    pub fn high_watermark(&self) -> HighWatermark {
        match self.resets.last() {
            Some(last) => HighWatermark { at: last.reset.at, is_reset: true },
            None => HighWatermark { at: self.ledger.measure_from, is_reset: false },
        }
    }

    /// The clock, not earlier than a default time that was given on this ledger.
    pub fn now(&self) -> Time {
        clock::default_time_from(self.latest_default_time())
    }

    /// The latest default time that was given on this ledger, by any session.
    pub fn latest_default_time(&self) -> Time {
        let grants = self.grants.iter().flat_map(GrantRecord::recorded_at);
        let resets = self.resets.iter().map(|reset| reset.created_at);
        grants.chain(resets).max().unwrap_or(Time::MIN)
    }

    /// The time of a read: the argument `at`, or now.
    ///
    /// # Errors
    /// 22023; UC202 before the start of measurement.
    pub fn time_of_read(&self, at: Option<TimestampWithTimeZone>, name: &str) -> Result<Time> {
        let at = match at {
            Some(at) => time::entered(at, name)?,
            None => self.now(),
        };
        if at < self.ledger.measure_from {
            let Ledger { subject, measure_from, .. } = &self.ledger;
            return Err(Error::before_measurement(at, subject, *measure_from));
        }
        Ok(at)
    }

    /// The window of a read: from the argument `from_time` or the watermark, to the argument
    /// `to_time` or now.
    ///
    /// # Errors
    /// 22023; UC202 before the start of measurement.
    pub fn window_of_read(
        &self,
        from_time: Option<TimestampWithTimeZone>,
        to_time: Option<TimestampWithTimeZone>,
    ) -> Result<credit_engine::Window> {
        let to = self.time_of_read(to_time, "to_time")?;
        let from = match from_time {
            Some(_) => self.time_of_read(from_time, "from_time")?,
            None => self.high_watermark().at,
        };
        if from > to {
            let defaults =
                "\"from_time\" is the high watermark unless given, \"to_time\" the clock.";
            return Err(Error::empty_window(from, to).hint(defaults));
        }
        Ok(credit_engine::Window { from, to })
    }

    /// What the engine needs to know of one feature, but usage.
    pub fn facts(&self, feature: Uuid) -> Facts {
        Facts {
            measure_from: self.ledger.measure_from,
            grants: self.grants_for(feature).map(|record| record.grant.clone()).collect(),
            resets: self.resets.iter().map(|record| record.reset).collect(),
        }
    }

    /// The pivots of one feature up to `until`, with additional `cuts`.
    ///
    /// # Errors
    /// 54000.
    pub fn timeline(&self, feature: Uuid, until: Time, cuts: &[Time]) -> Result<Timeline> {
        Timeline::new(&self.facts(feature), until, cuts).map_err(|_| Error::too_many_phases())
    }

    /// The grants of this ledger for one feature.
    pub fn grants_for(&self, feature: Uuid) -> impl Iterator<Item = &GrantRecord> {
        self.grants.iter().filter(move |record| record.feature_id == feature)
    }

    /// A grant of this ledger.
    pub fn grant(&self, id: Uuid) -> Option<&GrantRecord> {
        self.grants.iter().find(|record| record.id() == id)
    }

    /// The features with a grant on this ledger.
    pub fn granted_features(&self) -> BTreeSet<Uuid> {
        self.grants.iter().map(|record| record.feature_id).collect()
    }
}

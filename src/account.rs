//! Everything that is known of one ledger but its usage.

use crate::clock;
use crate::convert::time;
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::grant::{GrantRecord, VoidRecord};
use crate::hold::OpenHolds;
use crate::ledger::Ledger;
use crate::seal::{self, Checkpoint};
use crate::spend;
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
    /// Its open holds.
    pub holds: OpenHolds,
    /// When its newest spend was written down.
    last_spent_at: Option<Time>,
    /// The seal of its namespace, where it lies after the start of measurement.
    pub sealed_at: Option<Time>,
    /// What was known at the latest seal that has come to this ledger.
    pub checkpoint: Option<Checkpoint>,
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
    /// What it is the time of.
    pub of: WatermarkOf,
}

/// What a high watermark is the time of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatermarkOf {
    /// The start of measurement.
    Measurement,
    /// The last reset.
    Reset,
    /// The seal of the namespace.
    Seal,
}

impl HighWatermark {
    /// Whether a reset at this time is refused: one at the time of a reset is, one at the time of a
    /// seal is not.
    pub fn closes(self, at: Time) -> bool {
        at < self.at || at == self.at && self.of != WatermarkOf::Seal
    }
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
        let last_spent_at = spend::last_at(ledger.id);
        let holds = OpenHolds::load(ledger.id);
        let sealed_at = seal::of(&ledger.namespace).filter(|at| ledger.measure_from < *at);
        let checkpoint = sealed_at.and_then(|_| Checkpoint::newest(ledger.id));
        let mut account =
            Account { ledger, grants, resets, holds, last_spent_at, sealed_at, checkpoint };
        if !account.holds.holds.is_empty() {
            let now = account.now();
            account.holds.expire(now);
        }
        account
    }

    /// The time of the last reset, of the seal, or the start of measurement: the latest of them.
    pub fn high_watermark(&self) -> HighWatermark {
        let last = match self.resets.last() {
            Some(last) => HighWatermark { at: last.reset.at, of: WatermarkOf::Reset },
            None => HighWatermark { at: self.ledger.measure_from, of: WatermarkOf::Measurement },
        };
        match self.sealed_at {
            Some(at) if at > last.at => HighWatermark { at, of: WatermarkOf::Seal },
            _ => last,
        }
    }

    /// Where its facts are counted from: the start of measurement, or a seal.
    pub fn counted_from(&self) -> Time {
        let sealed = self.checkpoint.as_ref().map(Checkpoint::at);
        sealed.map_or(self.ledger.measure_from, |at| at.max(self.ledger.measure_from))
    }

    /// The clock, not earlier than a default time that was given on this ledger, and later than its
    /// spends and holds: nothing else must come to stand at the time of one of them.
    pub fn now(&self) -> Time {
        clock::default_time_from(self.latest_default_time())
    }

    /// The latest default time that was given on this ledger, by any session.
    pub fn latest_default_time(&self) -> Time {
        let grants = self.grants.iter().flat_map(GrantRecord::recorded_at);
        let resets = self.resets.iter().map(|reset| reset.created_at);
        let spends = self.last_spent_at.max(self.holds.last_at()).map(Time::next);
        // Where a clock has stepped back, what was over when the ledger was sealed stays so.
        let checkpoint = self.checkpoint.as_ref().map(Checkpoint::created_at).max(self.sealed_at);
        grants.chain(resets).chain(spends).chain(checkpoint).max().unwrap_or(Time::MIN)
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
        self.refuse_unmeasured(at)?;
        Ok(at)
    }

    /// Refuses a time before the start of measurement, or before the seal.
    ///
    /// # Errors
    /// UC202.
    pub fn refuse_unmeasured(&self, at: Time) -> Result<()> {
        let Ledger { subject, measure_from, .. } = &self.ledger;
        if at < *measure_from {
            return Err(Error::before_measurement(at, subject, *measure_from));
        }
        self.refuse_sealed(at)
    }

    /// Refuses a time before the seal.
    ///
    /// # Errors
    /// UC202.
    pub fn refuse_sealed(&self, at: Time) -> Result<()> {
        match self.sealed_at {
            Some(sealed_at) if at < sealed_at => {
                Err(Error::before_seal(at, &self.ledger.subject, sealed_at))
            }
            _ => Ok(()),
        }
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
        self.timeline_of(feature, &self.facts(feature), until, cuts)
    }

    /// The same of facts that need not be written yet: from the start of measurement or the seal.
    ///
    /// # Errors
    /// 54000.
    pub fn timeline_of(
        &self,
        feature: Uuid,
        facts: &Facts,
        until: Time,
        cuts: &[Time],
    ) -> Result<Timeline> {
        let timeline = match &self.checkpoint {
            Some(checkpoint) => checkpoint.seal(feature).timeline(facts, until, cuts),
            None => Timeline::new(facts, until, cuts),
        };
        timeline.map_err(|_| Error::too_many_phases())
    }

    /// The grants of this ledger for one feature.
    pub fn grants_for(&self, feature: Uuid) -> impl Iterator<Item = &GrantRecord> {
        self.grants.iter().filter(move |record| record.feature_id == feature)
    }

    /// A grant of this ledger.
    pub fn grant(&self, id: Uuid) -> Option<&GrantRecord> {
        self.grants.iter().find(|record| record.id() == id)
    }

    /// What new snapshots of a feature are kept under. Features without grants differ in nothing but
    /// the usage that they count: those that count the same need one snapshot only. Once the ledger
    /// is sealed, they differ in what they had before: one that was created since had nothing.
    pub fn snapshot_id(&self, feature: &Feature) -> Uuid {
        let is_granted = self.grants_for(feature.id).next().is_some();
        if is_granted || self.checkpoint.is_some() { feature.id } else { feature.usage_id() }
    }

    /// What a feature with a grant shared snapshots under before its first one. A seal drops those:
    /// none goes on from it.
    pub fn earlier_snapshot_id(&self, feature: &Feature) -> Option<Uuid> {
        let is_granted = self.grants_for(feature.id).next().is_some();
        (is_granted && self.checkpoint.is_none()).then(|| feature.usage_id())
    }

    /// The features with a grant on this ledger.
    pub fn granted_features(&self) -> BTreeSet<Uuid> {
        self.grants.iter().map(|record| record.feature_id).collect()
    }
}

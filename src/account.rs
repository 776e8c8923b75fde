//! Everything a computation needs of one ledger: its facts, and its usage summed where it falls.

use crate::arguments;
use crate::clock;
use crate::convert::{json::StringMap, time};
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::grant::GrantRecord;
use crate::hold::OpenHolds;
use crate::ids;
use crate::ledger::Ledger;
use crate::queries;
use crate::spi::{Rows, Session};
use credit_engine::{Amount, Facts, MAX_POINTS, Reset, Time, Timeline, Usage};
use pgrx::prelude::*;
use std::collections::{BTreeSet, HashMap};
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
}

/// A row of `credit.resets`.
#[derive(Debug, Clone, Copy)]
pub struct ResetRecord {
    /// What the engine knows of it.
    pub reset: Reset,
    /// When it was written down.
    pub created_at: Time,
}

/// The time before which nothing of a ledger changes.
#[derive(Debug, Clone, Copy)]
pub struct HighWatermark {
    /// When.
    pub at: Time,
    /// Whether it is a reset's time, or the start of measurement.
    pub is_reset: bool,
}

/// One feature of a ledger, ready to be replayed.
pub struct Measured {
    /// Whether the ledger has had a grant for it by the time asked for.
    granted: bool,
    /// The feature.
    pub feature: Feature,
    /// Its pivots up to the time asked for.
    pub timeline: Timeline,
    /// Its usage.
    pub usage: Usage,
}

impl Measured {
    /// A feature is the ledger's when the ledger has had a grant for it, or usage of it before it
    /// was archived.
    fn is_of_ledger(&self) -> bool {
        let before_archival = |first| self.feature.archived_at.is_none_or(|at| first < at);
        self.granted || self.usage.first_at().is_some_and(before_archival)
    }
}

/// Which features are measured.
#[derive(Clone, Copy)]
pub enum Which {
    /// All that are the ledger's: those that it has had a grant for, or usage of.
    All,
    /// This one.
    One(Uuid),
}

impl Account {
    /// Reads the facts of a ledger but usage, under the active snapshot.
    pub fn load(session: &Session, ledger: Ledger) -> Account {
        let grants = session.read(&queries::GRANTS, arguments![ledger.id]);
        let grants = grants.iter().map(|row| GrantRecord::from_row(&row)).collect();
        let resets = session.read(&queries::RESETS, arguments![ledger.id]);
        let resets = (resets.iter())
            .map(|row| ResetRecord {
                reset: Reset {
                    id: row.uuid().as_u128(),
                    at: row.time(),
                    preserve_overage: row.value(),
                },
                created_at: row.time(),
            })
            .collect();
        let acts = session.read(&queries::LAST_ACTS, arguments![ledger.id]);
        let acts = acts.first().map(|row| (row.option_time(), row.option_time()));
        let (last_spent_at, last_held_at) = acts.expect("a SELECT without FROM gives a row");
        let holds = OpenHolds::load(session, ledger.id, last_held_at);
        let mut account = Account { ledger, grants, resets, holds, last_spent_at };
        if !account.holds.holds.is_empty() {
            let now = account.now();
            account.holds.expire(now);
        }
        account
    }

    /// The time of the last reset, or the start of measurement.
    pub fn high_watermark(&self) -> HighWatermark {
        match self.resets.last() {
            Some(last) => HighWatermark { at: last.reset.at, is_reset: true },
            None => HighWatermark { at: self.ledger.measure_from, is_reset: false },
        }
    }

    /// The clock, not earlier than a default time that was given on this ledger, and later than its
    /// spends and holds: nothing else must come to stand at the time of one of them.
    pub fn now(&self) -> Time {
        let grants = self.grants.iter().flat_map(GrantRecord::recorded_at);
        let resets = self.resets.iter().map(|reset| reset.created_at);
        let spends = self.last_spent_at.max(self.holds.last_at()).map(Time::next);
        clock::default_time_from(grants.chain(resets).chain(spends).max().unwrap_or(Time::MIN))
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

    /// Refuses a time before the start of measurement.
    ///
    /// # Errors
    /// UC202.
    pub fn refuse_unmeasured(&self, at: Time) -> Result<()> {
        let Ledger { subject, measure_from, .. } = &self.ledger;
        if at < *measure_from {
            return Err(Error::before_measurement(at, subject, *measure_from));
        }
        Ok(())
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

    /// Sums the usage of features along timelines up to `until`, with additional `cuts`.
    ///
    /// # Errors
    /// 54000, 22003.
    pub fn measure(
        &self,
        session: &Session,
        which: Which,
        until: Time,
        cuts: &[Time],
    ) -> Result<Vec<Measured>> {
        let streams = self.streams(session);
        let (features, meters) = match &which {
            Which::One(feature) => (vec![*feature], Vec::new()),
            Which::All => (
                self.granted_features().into_iter().collect(),
                streams.iter().map(|(_, meter)| *meter).collect(),
            ),
        };
        let mut measured = Vec::new();
        let mut points = 0;
        for feature in Feature::load(session, &self.ledger.namespace, &features, &meters) {
            let timeline = self.timeline(feature.id, until, cuts)?;
            // The timelines of all features are in memory at once.
            points += timeline.points();
            if points > MAX_POINTS {
                return Err(Error::too_many_phases());
            }
            let granted = (self.grants_for(feature.id)).any(|record| record.grant.has_begun(until));
            let usage = Usage::none(&timeline);
            measured.push(Measured { granted, feature, timeline, usage });
        }
        for (stream, meter) in streams {
            self.add_stream(session, stream, meter, until, &mut measured)?;
        }
        if let Which::All = which {
            measured.retain(Measured::is_of_ledger);
        }
        Ok(measured)
    }

    /// The streams of the subject, on all meters: id and meter.
    fn streams(&self, session: &Session) -> Vec<(i64, Uuid)> {
        let subject = &self.ledger.subject;
        let hash = ids::subject_hash(&self.ledger.namespace, subject);
        let (first, last) = ids::interned_range(hash);
        let rows = session.read(&queries::STREAMS, arguments![first, last, subject]);
        rows.iter().map(|row| (row.value(), row.uuid())).collect()
    }

    /// Adds the events of one stream to every feature that they match.
    fn add_stream(
        &self,
        session: &Session,
        stream: i64,
        meter: Uuid,
        until: Time,
        measured: &mut [Measured],
    ) -> Result<()> {
        let mut of_meter: Vec<&mut Measured> =
            measured.iter_mut().filter(|measured| measured.feature.meter_id == meter).collect();
        if of_meter.is_empty() {
            return Ok(());
        }
        let filtered = of_meter.iter().any(|measured| measured.feature.is_filtered());
        let mut dimension_sets = HashMap::new();
        let arguments = arguments![stream, self.ledger.measure_from, until];
        session.read_batches(&queries::EVENTS, arguments, |rows| {
            let events: Vec<(Time, Option<i64>, Amount)> =
                rows.iter().map(|row| (row.time(), row.option(), row.amount())).collect();
            if filtered {
                load_dimension_sets(session, &events, &mut dimension_sets);
            }
            for (at, dims_id, value) in events {
                let dimensions = dims_id.and_then(|id| dimension_sets.get(&id));
                for Measured { feature, timeline, usage, .. } in &mut of_meter {
                    if feature.matches(dimensions) {
                        usage.add(timeline, at, value).map_err(|_| usage_too_large())?;
                    }
                }
            }
            Ok(())
        })
    }
}

/// Reads the dimension sets that `events` name and `known` lacks.
fn load_dimension_sets(
    session: &Session,
    events: &[(Time, Option<i64>, Amount)],
    known: &mut HashMap<i64, StringMap>,
) {
    let named: BTreeSet<i64> = events.iter().filter_map(|(_, dims_id, _)| *dims_id).collect();
    let unknown: Vec<i64> = named.into_iter().filter(|id| !known.contains_key(id)).collect();
    if unknown.is_empty() {
        return;
    }
    let rows: Rows = session.read(&queries::DIMENSION_SETS_BY_ID, arguments![unknown]);
    known.extend(rows.iter().map(|row| (row.value(), row.string_map())));
}

/// 22003: the sum of usage leaves the range of the engine.
pub fn usage_too_large() -> Error {
    Error::out_of_range(
        "the sum of usage is out of range",
        "Sums are exact up to 10^26, the sum of 10^11 of the largest events.",
    )
}

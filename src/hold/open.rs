//! The open holds of a ledger, and what they take of what is available.
//!
//! Only they are read, however many have ended: see `credit.hold_lists`.

use crate::account::Account;
use crate::convert::json::StringMap;
use crate::convert::time;
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::measure::{Measured, Reading, Which, usage_too_large};
use crate::spi::{IndexedTable, Key, Row, Session};
use crate::{arguments, dimensions, queries};
use credit_engine::{Amount, Outcome, Time, Usage, replay};
use pgrx::prelude::*;
use std::rc::Rc;
use uuid::Uuid;

/// What is needed of an open hold to count it.
pub struct OpenHold {
    id: Uuid,
    amount: Amount,
    held_at: Time,
    expires_at: Time,
    meter_id: Uuid,
    dimensions: Option<Rc<StringMap>>,
}

impl OpenHold {
    /// Reads a row of `credit.holds`; `None` for one that was settled or released.
    fn from_row(row: &Row, ends: &IndexedTable) -> Option<OpenHold> {
        let id = row.uuid();
        if ends.last(&[(1, Key::uuid(id))], |_| ()).is_some() {
            return None;
        }
        row.skip(2);
        let (amount, held_at, expires_at) = (row.amount(), row.time(), row.time());
        let stream = [(1, Key::bigint(row.value()))];
        let streams = IndexedTable::open(c"streams", c"streams_pkey");
        let meter_id = streams.last(&stream, |row| {
            row.skip(1);
            row.uuid()
        })?;
        let dimensions = row.option().and_then(|id| dimensions::load([id]).remove(&id));
        Some(OpenHold { id, amount, held_at, expires_at, meter_id, dimensions })
    }

    /// Identity.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// When it was made.
    pub fn held_at(&self) -> Time {
        self.held_at
    }

    /// Whether it takes of a feature at a time.
    fn counts(&self, feature: &Feature, at: Time) -> bool {
        self.held_at < at
            && at < self.expires_at
            && self.meter_id == feature.meter_id
            && feature.matches(self.dimensions.as_deref())
    }
}

/// The open holds of a ledger.
#[derive(Default)]
pub struct OpenHolds {
    /// In no order.
    pub holds: Vec<OpenHold>,
    /// How many were looked at to find them.
    looked_at: usize,
    /// When the newest hold, open or not, was made.
    up_to: Option<Time>,
    /// When the newest end was written down.
    last_ended_at: Option<Time>,
}

impl OpenHolds {
    /// Reads the holds of a ledger that were neither settled nor released.
    pub fn load(ledger_id: Uuid) -> OpenHolds {
        OpenHolds::load_from(ledger_id, true)
    }

    /// The same without the lists that spare reads most of them.
    pub fn load_all(ledger_id: Uuid) -> OpenHolds {
        OpenHolds::load_from(ledger_id, false)
    }

    fn load_from(ledger_id: Uuid, with_lists: bool) -> OpenHolds {
        let of_ledger = (1, Key::uuid(ledger_id));
        let holds = IndexedTable::open(c"holds", c"holds_ledger_id_held_at_key");
        let up_to = holds.last(&[of_ledger], |row| {
            row.skip(4);
            row.time()
        });
        if up_to.is_none() {
            return OpenHolds::default();
        }
        let ended = IndexedTable::open(c"hold_ends", c"hold_ends_ledger_idx");
        let last_ended_at = ended.last(&[of_ledger], |row| {
            row.skip(6);
            row.time()
        });
        let lists = IndexedTable::open(c"hold_lists", c"hold_lists_pkey");
        let list = lists.last(&[of_ledger], |row| {
            row.skip(2);
            (row.time(), row.value::<Vec<TimestampWithTimeZone>>())
        });
        let (listed_up_to, listed) = list.filter(|_| with_lists).unwrap_or((Time::MIN, Vec::new()));
        let ends = IndexedTable::open(c"hold_ends", c"hold_ends_pkey");
        let mut found = holds.all(&[of_ledger, (2, Key::time_after(listed_up_to))], |row| {
            OpenHold::from_row(row, &ends)
        });
        for held_at in listed.into_iter().map(time::stored) {
            let listed = [of_ledger, (2, Key::time(held_at))];
            found.extend(holds.all(&listed, |row| OpenHold::from_row(row, &ends)));
        }
        let looked_at = found.len();
        let holds = found.into_iter().flatten().collect();
        OpenHolds { holds, looked_at, up_to, last_ended_at }
    }

    /// The newest time that was given to a hold or its end.
    pub fn last_at(&self) -> Option<Time> {
        self.up_to.max(self.last_ended_at)
    }

    /// What they hold together, of whichever feature.
    pub fn total(&self) -> Amount {
        self.holds.iter().map(|hold| hold.amount).fold(Amount::ZERO, |sum, amount| sum + amount)
    }

    /// Leaves out those whose time is over.
    pub fn expire(&mut self, now: Time) {
        self.holds.retain(|hold| now < hold.expires_at);
    }

    /// Refuses to seal before holds that could become usage before the seal.
    ///
    /// # Errors
    /// 55000.
    pub fn refuse_before(&self, at: Time, subject: &str) -> Result<()> {
        match self.holds.iter().min_by_key(|hold| hold.held_at) {
            Some(hold) if hold.held_at < at => {
                Err(Error::hold_before_seal(subject, hold.id, hold.held_at, at))
            }
            _ => Ok(()),
        }
    }

    /// When the next ends by itself after a time.
    pub fn next_end(&self, after: Time) -> Option<Time> {
        self.holds.iter().map(|hold| hold.expires_at).filter(|at| *at > after).min()
    }

    /// When the oldest was made.
    fn begin_at(&self) -> Option<Time> {
        self.holds.iter().map(OpenHold::held_at).min()
    }

    /// Writes a list of them if too many others had to be looked at; the ledger is locked. A list
    /// is as long as the looking that it takes to write the next one, so that a hold costs the same
    /// however many there are.
    pub fn write_list(&self, session: &Session, ledger_id: Uuid, now: Time) {
        const ENDED_ONES: usize = 8;
        if self.looked_at > 2 * self.holds.len() + ENDED_ONES {
            let up_to = self.up_to.expect("there are holds");
            let open_ones: Vec<Time> = self.holds.iter().map(OpenHold::held_at).collect();
            let arguments = arguments![ledger_id, now, up_to, open_ones];
            session.write(&queries::INSERT_HOLD_LIST, arguments);
        }
    }
}

impl Account {
    /// [`Account::measure_reading`] for [`Account::held`]: from the oldest open hold on at the latest,
    /// or from `since`.
    ///
    /// # Errors
    /// 54000, 22003.
    pub fn measure_with_holds(
        &self,
        which: Which,
        at: Time,
        since: Option<Time>,
        reading: Reading,
    ) -> Result<Vec<Measured>> {
        let measured = self.measure_reading(which.clone(), at, &[], reading)?;
        let begin_at = self.holds.begin_at().into_iter().chain(since).min();
        match begin_at {
            Some(begin_at) if measured.iter().any(|one| !one.timeline.reaches(begin_at)) => {
                self.measure_reading(which, at, &[begin_at], reading)
            }
            _ => Ok(measured),
        }
    }

    /// What open holds, but the one of the id `except`, take of what is available of a feature by
    /// the end of its timeline: each is replayed as usage at its time. Once credit has expired, it
    /// takes nothing of other credit to have held it.
    ///
    /// # Errors
    /// 22003.
    pub fn held(
        &self,
        measured: &Measured,
        outcome: &Outcome,
        at: Time,
        except: Option<Uuid>,
    ) -> Result<Amount> {
        let Measured { feature, timeline, usage, .. } = measured;
        let mut with_holds: Option<Usage> = None;
        for hold in &self.holds.holds {
            if hold.counts(feature, at) && Some(hold.id) != except {
                let usage = with_holds.get_or_insert_with(|| usage.clone());
                let added = usage.add(timeline, hold.held_at, hold.amount);
                added.map_err(|_| usage_too_large())?;
            }
        }
        let Some(with_holds) = with_holds else { return Ok(Amount::ZERO) };
        debug_assert!(with_holds.is_complete());
        let left = replay(timeline, &with_holds, None).unspent();
        Ok(outcome.unspent() - left)
    }
}

//! Usage, summed along the timelines of features.
//!
//! A feature goes on from the newest snapshot that can tell what is asked, and reads the events
//! that it has not counted; or it begins at the beginning and reads them all. Everything is read
//! under one MVCC snapshot, the active one: mixed states would count an event twice, or not at all.

mod measuring;
mod reader;

use crate::account::Account;
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::ids;
use crate::snapshot::{self, Counted, Place};
use crate::spi::{IndexedTable, Key};
use crate::stamp;
use credit_engine::{Snapshot, Time, Timeline, Usage};
use measuring::Measuring;
pub(crate) use reader::Stream;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use uuid::Uuid;

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
    /// What was read for it beyond a snapshot.
    pub tail: Tail,
}

/// What was read of a feature's usage, and where reading began.
#[derive(Default)]
pub struct Tail {
    /// The place of the snapshot that it goes on from.
    pub base: Option<Place>,
    /// Whether that is one that this backend remembers.
    is_remembered: bool,
    /// How many events, those of other dimensions included: they were read all the same.
    pub events: usize,
    /// The time of the earliest that counts.
    pub least: Option<Time>,
    /// Whether one carries dimensions that are not there (yet): a restore loads tables in any
    /// order.
    pub is_unknown: bool,
    /// Whether the running transaction wrote one of them, or its dimensions.
    has_own: bool,
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
#[derive(Clone)]
pub enum Which {
    /// All that are the ledger's: those that it has had a grant for, or usage of.
    All,
    /// Those, and all others that usage of the ledger can count for.
    Every,
    /// This one.
    One(Feature),
    /// This one, if it is the ledger's.
    IfUsed(Feature),
    /// The one with this id.
    WithId(Uuid),
    /// All of this meter.
    OfMeter(Uuid),
}

/// From where usage may be read.
#[derive(Clone, Copy)]
pub enum Reading<'a> {
    /// From a snapshot where there is one that can tell.
    FromSnapshots,
    /// The same of the present. It is sure to be asked for again: the backend keeps a snapshot of it
    /// to itself, to go on from.
    Present,
    /// From a snapshot with a horizon below this one.
    FromSnapshotsBelow(u64),
    /// From the beginning, or the seal: a snapshot has forgotten grants that ended long ago.
    FromBeginning,
    /// From a snapshot, of what these transactions wrote, and to be kept in another snapshot.
    For(&'a Counted),
}

impl Account {
    /// Sums the usage of features along timelines up to `until`, with additional `cuts`.
    ///
    /// # Errors
    /// 54000, 22003.
    pub fn measure(&self, which: Which, until: Time, cuts: &[Time]) -> Result<Vec<Measured>> {
        self.measure_reading(which, until, cuts, Reading::FromSnapshots)
    }

    /// [`Account::measure`] with a say in where reading begins.
    ///
    /// # Errors
    /// 54000, 22003.
    pub fn measure_reading(
        &self,
        which: Which,
        until: Time,
        cuts: &[Time],
        reading: Reading,
    ) -> Result<Vec<Measured>> {
        let streams = self.streams();
        let only_own = matches!(which, Which::All | Which::IfUsed(_));
        let namespace = &self.ledger.namespace;
        let features = match which {
            Which::One(feature) | Which::IfUsed(feature) => vec![feature],
            Which::WithId(id) => Feature::load(namespace, [id], []),
            Which::OfMeter(meter) => Feature::load(namespace, [], [meter]),
            Which::All | Which::Every => {
                let meters: BTreeSet<Uuid> = streams.iter().map(|stream| stream.meter).collect();
                Feature::load(namespace, self.granted_features(), meters)
            }
        };
        let features = match reading {
            Reading::For(_) => self.one_for_each_snapshot(features),
            _ => features,
        };
        let measuring = Measuring { account: self, until, cuts, reading };
        let mut measured = measuring.run(features, &streams)?;
        if let (Reading::Present, [measured], []) = (reading, measured.as_slice(), cuts) {
            self.remember(measured, &streams);
        }
        if only_own {
            measured.retain(Measured::is_of_ledger);
        }
        Ok(measured)
    }

    /// Keeps a snapshot of what was measured up to the present, if it is worth it. What the running
    /// transaction wrote may be rolled back: nothing of it must be in there.
    fn remember(&self, measured: &Measured, streams: &[Stream]) {
        const LEAST_EVENTS: usize = 4;
        let Measured { feature, timeline, usage, tail, .. } = measured;
        let is_worth_it = !tail.is_remembered || tail.events >= LEAST_EVENTS;
        if is_worth_it
            && !tail.is_unknown
            && !tail.has_own
            && !self.has_own_facts(streams)
            && let Some(snapshot) = Snapshot::take(timeline, usage)
        {
            snapshot::remember(self.ledger.id, self.snapshot_id(feature), snapshot);
        }
    }

    /// Whether the running transaction wrote grants, voids, resets, the checkpoint or a stream.
    fn has_own_facts(&self, streams: &[Stream]) -> bool {
        let Some(own) = stamp::own() else { return false };
        let of_grants = self.grants.iter().flat_map(|grant| [Some(grant.xid), grant.void_xid]);
        let of_resets = self.resets.iter().map(|reset| Some(reset.xid));
        let of_checkpoint = self.checkpoint.iter().map(|checkpoint| Some(checkpoint.xid()));
        let of_streams = streams.iter().map(|stream| Some(stream.xid));
        let mut xids = of_grants.chain(of_resets).chain(of_checkpoint).chain(of_streams);
        xids.any(|xid| xid == Some(own))
    }

    /// Leaves out the features whose snapshots others have taken. An active one stays, or the one
    /// that was archived last: usage of the others may not make them the ledger's.
    fn one_for_each_snapshot(&self, mut features: Vec<Feature>) -> Vec<Feature> {
        let mut seen = BTreeSet::new();
        features.sort_by_key(|feature| Reverse(feature.archived_at.unwrap_or(Time::MAX)));
        features.retain(|feature| seen.insert(self.snapshot_id(feature)));
        features
    }

    /// The streams of the subject, on all meters.
    pub(crate) fn streams(&self) -> Vec<Stream> {
        let subject = &self.ledger.subject;
        let hash = ids::subject_hash(&self.ledger.namespace, subject);
        let (first, last) = ids::interned_range(hash);
        let range = [(1, Key::bigint_from(first)), (1, Key::bigint_to(last))];
        let streams = IndexedTable::open(c"streams", c"streams_pkey").all(&range, |row| {
            let (id, meter) = (row.value(), row.uuid());
            let is_of_subject = row.value::<&str>() == subject;
            is_of_subject.then(|| Stream { id, meter, xid: row.xid() })
        });
        streams.into_iter().flatten().collect()
    }

    /// The earliest act on a feature of what is not among the `counted` facts.
    fn acts_at(&self, feature: Uuid, counted: &Counted) -> Option<Time> {
        let of_grants = self.grants_for(feature).flat_map(|record| {
            let begins = (!counted.has(record.xid)).then_some(record.grant.effective_at);
            let void_is_new = record.void_xid.is_some_and(|xid| !counted.has(xid));
            begins.into_iter().chain(record.grant.voided_at.filter(|_| void_is_new))
        });
        let of_resets = (self.resets.iter())
            .filter(|record| !counted.has(record.xid))
            .map(|record| record.reset.at);
        of_grants.chain(of_resets).min()
    }
}

/// 22003: the sum of usage leaves the range of the engine.
pub fn usage_too_large() -> Error {
    Error::out_of_range(
        "the sum of usage is out of range",
        "Sums are exact up to 10^26, the sum of 10^11 of the largest events.",
    )
}

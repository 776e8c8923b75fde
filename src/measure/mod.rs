//! Usage, summed along the timelines of features.
//!
//! A feature goes on from the newest snapshot that can tell what is asked, and reads the events
//! that it has not counted; or it begins at the beginning and reads them all. Everything is read
//! under one MVCC snapshot, the active one: mixed states would count an event twice, or not at all.

mod reader;

use crate::account::Account;
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::ids;
use crate::snapshot::{Counted, Gap, Place, Snapshots, Stored};
use crate::spi::{IndexedTable, Key};
use credit_engine::{Facts, MAX_POINTS, Time, Timeline, Usage};
use reader::Reader;
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
    /// How many events, those of other dimensions included: they were read all the same.
    pub events: usize,
    /// The time of the earliest that counts.
    pub least: Option<Time>,
    /// Whether one carries dimensions that are not there (yet): a restore loads tables in any
    /// order.
    pub is_unknown: bool,
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
        if only_own {
            measured.retain(Measured::is_of_ledger);
        }
        Ok(measured)
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

/// One call of [`Account::measure`].
struct Measuring<'a> {
    account: &'a Account,
    until: Time,
    cuts: &'a [Time],
    reading: Reading<'a>,
}

impl Measuring<'_> {
    fn run(&self, features: Vec<Feature>, streams: &[Stream]) -> Result<Vec<Measured>> {
        let snapshots = (!streams.is_empty()).then(Snapshots::open);
        let below = match self.reading {
            Reading::FromSnapshotsBelow(horizon) => Some(horizon),
            _ => None,
        };
        let mut measured = Vec::new();
        let mut gaps = Vec::new();
        let mut points = 0;
        for feature in features {
            let (begun, to_read) = self.begin(feature, snapshots.as_ref(), below)?;
            // The timelines of all features are in memory at once.
            points += begun.timeline.points();
            if points > MAX_POINTS {
                return Err(Error::too_many_phases());
            }
            measured.push(begun);
            gaps.push(to_read);
        }
        let Some(snapshots) = snapshots else { return Ok(measured) };
        let until = match self.reading {
            Reading::For(_) => None,
            _ => Some(self.until),
        };
        let reader = Reader::new(self.account.counted_from(), until);
        let mut unread: Vec<usize> = (0..measured.len()).collect();
        while let Some(&first) = unread.first() {
            let alike = |other: &usize| {
                let meter = |index: usize| measured[index].feature.meter_id;
                meter(*other) == meter(first) && gaps[*other] == gaps[first]
            };
            let (group, rest): (Vec<usize>, Vec<usize>) = unread.iter().partition(|at| alike(at));
            unread = rest;
            let mut members: Vec<&mut Measured> = (measured.iter_mut().enumerate())
                .filter(|(index, _)| group.contains(index))
                .map(|(_, member)| member)
                .collect();
            reader.read(streams, &gaps[first], &mut members)?;
            for index in group {
                if !measured[index].usage.is_complete() {
                    // Usage came later that lies before the snapshot's beginning.
                    let Measured { feature, tail, .. } = &measured[index];
                    let base = tail.base.as_ref().map(|base| base.counted.horizon());
                    (measured[index], gaps[index]) =
                        self.begin(feature.clone(), Some(&snapshots), base)?;
                    unread.push(index);
                }
            }
        }
        Ok(measured)
    }

    /// A feature as the newest snapshot with a horizon below `below` knows it that can tell what is
    /// asked, with what is left to read.
    fn begin(
        &self,
        feature: Feature,
        snapshots: Option<&Snapshots>,
        below: Option<u64>,
    ) -> Result<(Measured, Vec<Gap>)> {
        let facts = self.account.facts(feature.id);
        let ledger = self.account.ledger.id;
        let mut newest = None;
        let snapshots = snapshots.filter(|_| !matches!(self.reading, Reading::FromBeginning));
        let own = self.account.snapshot_id(&feature);
        let earlier = || self.account.earlier_snapshot_id(&feature);
        for id in std::iter::once(own).chain(std::iter::once_with(earlier).flatten()) {
            let mut older = below;
            let next = |older| snapshots.and_then(|all| all.newest(ledger, id, older));
            while let Some(stored) = next(older) {
                older = Some(stored.place.counted.horizon());
                if !self.is_after_seal(&stored) || !self.is_of_feature(&stored, id, &feature) {
                    continue;
                }
                if let Some(timeline) = self.timeline_from(&stored, feature.id, &facts)? {
                    let mut usage = self.no_usage(&timeline);
                    let added = stored.snapshot.add_to(&timeline, &mut usage);
                    added.map_err(|_| usage_too_large())?;
                    return Ok(self.begun(feature, timeline, usage, Some(stored.place), newest));
                }
                newest.get_or_insert(stored.place);
            }
        }
        let timeline = self.account.timeline_of(feature.id, &facts, self.until, self.cuts)?;
        let mut usage = self.no_usage(&timeline);
        if let Some(checkpoint) = &self.account.checkpoint {
            checkpoint.seal(feature.id).add_to(&timeline, &mut usage);
        }
        Ok(self.begun(feature, timeline, usage, None, newest))
    }

    fn no_usage(&self, timeline: &Timeline) -> Usage {
        match self.reading {
            Reading::For(_) => Usage::keeping_ahead(timeline),
            _ => Usage::none(timeline),
        }
    }

    /// Whether a snapshot knows the checkpoint of the ledger and so goes on from it: one that was
    /// taken before lacks the events before the seal that it had not counted.
    fn is_after_seal(&self, stored: &Stored) -> bool {
        let checkpoint = self.account.checkpoint.as_ref();
        checkpoint.is_none_or(|checkpoint| stored.place.counted.has(checkpoint.xid()))
    }

    /// Whether a snapshot that is kept under `id` is one of the feature as it was then: that of
    /// features without grants is, if it had none yet.
    fn is_of_feature(&self, stored: &Stored, id: Uuid, feature: &Feature) -> bool {
        let mut grants = self.account.grants_for(feature.id);
        id == feature.id || grants.all(|record| !stored.place.counted.has(record.xid))
    }

    /// The timeline from where a snapshot begins, if it can tell what is asked.
    fn timeline_from(
        &self,
        stored: &Stored,
        feature: Uuid,
        facts: &Facts,
    ) -> Result<Option<Timeline>> {
        let acts_at = self.account.acts_at(feature, &stored.place.counted);
        if acts_at.is_some_and(|at| at < stored.snapshot.begins_at()) {
            return Ok(None);
        }
        let timeline = stored.snapshot.timeline(facts, self.until, self.cuts);
        timeline.map_err(|_| Error::too_many_phases())
    }

    /// A feature with what is left to read. `newest` is the newest snapshot, where that is another
    /// than `base`, from which it goes on.
    fn begun(
        &self,
        feature: Feature,
        timeline: Timeline,
        usage: Usage,
        base: Option<Place>,
        newest: Option<Place>,
    ) -> (Measured, Vec<Gap>) {
        let after = base.as_ref().map_or(Counted::NOTHING, |base| base.counted.clone());
        let gaps = match (self.reading, newest) {
            (Reading::For(bound), _) => vec![Gap { after, before: Some(bound.clone()) }],
            (_, Some(newest)) => newest.chain().gaps(&after, &newest.counted, self.until),
            (_, None) => vec![Gap { after, before: None }],
        };
        let grants = self.account.grants_for(feature.id);
        let granted = { grants }.any(|record| record.grant.has_begun(self.until));
        let tail = Tail { base, ..Tail::default() };
        (Measured { granted, feature, timeline, usage, tail }, gaps)
    }
}

/// 22003: the sum of usage leaves the range of the engine.
pub fn usage_too_large() -> Error {
    Error::out_of_range(
        "the sum of usage is out of range",
        "Sums are exact up to 10^26, the sum of 10^11 of the largest events.",
    )
}

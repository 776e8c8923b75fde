//! Usage, summed along the timelines of features.
//!
//! A feature goes on from the newest snapshot that can tell what is asked, and reads the events
//! that it has not counted; or it begins at the beginning and reads them all. Everything is read
//! under one MVCC snapshot, the active one: see DESIGN.md, 5.

use crate::account::Account;
use crate::convert::numeric::Numeric;
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::snapshot::{Chain, Counted, Gap, Snapshots, Stored};
use crate::spi::{IndexedTable, Key, Session};
use crate::{dimensions, ids};
use credit_engine::{Amount, Facts, MAX_POINTS, Time, Timeline, Usage};
use pgrx::pg_sys::ScanDirection;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::rc::Rc;
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
    /// The chain and the facts of the snapshot that it goes on from.
    pub base: Option<(Chain, Counted)>,
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
pub enum Which {
    /// All that are the ledger's: those that it has had a grant for, or usage of.
    All,
    /// This one.
    One(Feature),
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
    /// From the beginning: a snapshot has forgotten grants that ended long ago.
    FromBeginning,
    /// From a snapshot, of what these transactions wrote, and to be kept in another snapshot.
    For(&'a Counted),
}

/// A stream of events: `credit.streams`.
struct Stream {
    id: i64,
    meter: Uuid,
    xid: u64,
}

impl Account {
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
        self.measure_reading(session, which, until, cuts, Reading::FromSnapshots)
    }

    /// [`Account::measure`] with a say in where reading begins.
    ///
    /// # Errors
    /// 54000, 22003.
    pub fn measure_reading(
        &self,
        session: &Session,
        which: Which,
        until: Time,
        cuts: &[Time],
        reading: Reading,
    ) -> Result<Vec<Measured>> {
        let streams = self.streams();
        let is_all = matches!(which, Which::All);
        let namespace = &self.ledger.namespace;
        let features = match which {
            Which::One(feature) => vec![feature],
            Which::WithId(id) => Feature::load(namespace, [id], []),
            Which::OfMeter(meter) => Feature::load(namespace, [], [meter]),
            Which::All => {
                let meters: BTreeSet<Uuid> = streams.iter().map(|stream| stream.meter).collect();
                Feature::load(namespace, self.granted_features(), meters)
            }
        };
        let measuring = Measuring { account: self, session, until, cuts, reading };
        let mut measured = measuring.run(features, &streams)?;
        if is_all {
            measured.retain(Measured::is_of_ledger);
        }
        Ok(measured)
    }

    /// The streams of the subject, on all meters.
    fn streams(&self) -> Vec<Stream> {
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
    session: &'a Session,
    until: Time,
    cuts: &'a [Time],
    reading: Reading<'a>,
}

impl Measuring<'_> {
    fn run(&self, features: Vec<Feature>, streams: &[Stream]) -> Result<Vec<Measured>> {
        let snapshots = (!streams.is_empty()).then(Snapshots::open);
        let mut measured = Vec::new();
        let mut gaps = Vec::new();
        let mut points = 0;
        for feature in features {
            let (begun, to_read) = self.begin(feature, snapshots.as_ref(), None)?;
            // The timelines of all features are in memory at once.
            points += begun.timeline.points();
            if points > MAX_POINTS {
                return Err(Error::too_many_phases());
            }
            measured.push(begun);
            gaps.push(to_read);
        }
        let Some(snapshots) = snapshots else { return Ok(measured) };
        let reader = Reader {
            session: self.session,
            events: IndexedTable::open(c"usage_events", c"usage_events_stream_idx"),
            measure_from: self.account.ledger.measure_from,
            until: match self.reading {
                Reading::For(_) => None,
                _ => Some(self.until),
            },
        };
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
                    let base = tail.base.as_ref().map(|(_, counted)| counted.horizon());
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
        let mut newest: Option<(Chain, Counted)> = None;
        let mut older = below;
        let snapshots = snapshots.filter(|_| !matches!(self.reading, Reading::FromBeginning));
        while let Some(stored) = snapshots.and_then(|all| all.newest(ledger, feature.id, older)) {
            older = Some(stored.counted.horizon());
            if newest.is_none() {
                newest = Some((stored.chain.clone(), stored.counted.clone()));
            }
            if let Some(timeline) = self.timeline_from(&stored, feature.id, &facts)? {
                let mut usage = self.no_usage(&timeline);
                let added = stored.snapshot.add_to(&timeline, &mut usage);
                added.map_err(|_| usage_too_large())?;
                let base = Some((stored.chain, stored.counted));
                return Ok(self.begun(feature, timeline, usage, base, newest));
            }
        }
        let timeline = Timeline::new(&facts, self.until, self.cuts);
        let timeline = timeline.map_err(|_| Error::too_many_phases())?;
        let usage = self.no_usage(&timeline);
        Ok(self.begun(feature, timeline, usage, None, newest))
    }

    fn no_usage(&self, timeline: &Timeline) -> Usage {
        match self.reading {
            Reading::For(_) => Usage::keeping_ahead(timeline),
            _ => Usage::none(timeline),
        }
    }

    /// The timeline from where a snapshot begins, if it can tell what is asked.
    fn timeline_from(
        &self,
        stored: &Stored,
        feature: Uuid,
        facts: &Facts,
    ) -> Result<Option<Timeline>> {
        let acts_at = self.account.acts_at(feature, &stored.counted);
        if acts_at.is_some_and(|at| at < stored.snapshot.begins_at()) {
            return Ok(None);
        }
        let timeline = stored.snapshot.timeline(facts, self.until, self.cuts);
        timeline.map_err(|_| Error::too_many_phases())
    }

    fn begun(
        &self,
        feature: Feature,
        timeline: Timeline,
        usage: Usage,
        base: Option<(Chain, Counted)>,
        newest: Option<(Chain, Counted)>,
    ) -> (Measured, Vec<Gap>) {
        let from = base.as_ref().map_or(Counted::NOTHING, |(_, counted)| counted.clone());
        let gaps = match (self.reading, &newest) {
            (Reading::For(bound), _) => {
                vec![Gap { after: from, before: Some(bound.clone()) }]
            }
            (_, Some((chain, counted))) => chain.gaps(&from, counted, self.until),
            (_, None) => vec![Gap { after: from, before: None }],
        };
        let grants = self.account.grants_for(feature.id);
        let granted = { grants }.any(|record| record.grant.has_begun(self.until));
        let tail = Tail { base, ..Tail::default() };
        (Measured { granted, feature, timeline, usage, tail }, gaps)
    }
}

/// Reads events.
struct Reader<'a> {
    session: &'a Session,
    events: IndexedTable,
    /// What lies before is never counted.
    measure_from: Time,
    /// What lies at or after it is not asked for.
    until: Option<Time>,
}

impl Reader<'_> {
    /// Adds the events of one meter's streams in the gaps to features of that meter, which all go
    /// on from the same facts.
    fn read(&self, streams: &[Stream], gaps: &[Gap], members: &mut [&mut Measured]) -> Result<()> {
        let meter = members[0].feature.meter_id;
        for stream in streams.iter().filter(|stream| stream.meter == meter) {
            for gap in &self.gaps_of(stream, gaps) {
                for range in gap.ranges() {
                    self.read_range(stream.id, gap, range, members)?;
                }
            }
        }
        Ok(())
    }

    /// The gaps of a stream. A snapshot knows nothing of a stream that it has not seen, whatever
    /// its events say: a restore loads tables in any order.
    fn gaps_of(&self, stream: &Stream, gaps: &[Gap]) -> Vec<Gap> {
        let [first, ..] = gaps else { return Vec::new() };
        let is_seen_by = |counted: &Counted| counted.has(stream.xid);
        let is_known = match &first.before {
            _ if is_seen_by(&first.after) => true,
            Some(next) => first.after == Counted::NOTHING && is_seen_by(next),
            None => false,
        };
        if is_known {
            return gaps.to_vec();
        }
        let last = gaps.last().and_then(|gap| gap.before.clone());
        match &last {
            // Nor will the snapshot that is being taken know it.
            Some(bound) if !is_seen_by(bound) => Vec::new(),
            _ => vec![Gap { after: Counted::NOTHING, before: last }],
        }
    }

    fn wants(&self, at: Time) -> bool {
        self.measure_from <= at && self.until.is_none_or(|until| at < until)
    }

    fn read_range(
        &self,
        stream: i64,
        gap: &Gap,
        (from, to): (u64, Option<u64>),
        members: &mut [&mut Measured],
    ) -> Result<()> {
        const BATCH: usize = 4096;
        let is_filtered = members.iter().any(|member| member.feature.is_filtered());
        let mut batch: Vec<(Time, Option<i64>, Amount)> = Vec::new();
        let mut keys = vec![(1, Key::bigint(stream)), (2, Key::xid_from(from))];
        keys.extend(to.map(|to| (2, Key::xid_below(to))));
        let forward = ScanDirection::ForwardScanDirection;
        self.events.scan(&keys, forward, |row| {
            row.skip(1);
            let is_wanted = gap.has(row.xid());
            if let Some(at) = row.finite_time().filter(|at| is_wanted && self.wants(*at)) {
                batch.push((at, row.option(), row.value::<Numeric>().checked()?));
            }
            if batch.len() == BATCH {
                self.add(&batch, is_filtered, members)?;
                batch.clear();
            }
            Ok(ControlFlow::Continue(()))
        })?;
        self.add(&batch, is_filtered, members)
    }

    fn add(
        &self,
        batch: &[(Time, Option<i64>, Amount)],
        is_filtered: bool,
        members: &mut [&mut Measured],
    ) -> Result<()> {
        let named = batch.iter().filter_map(|(_, dims_id, _)| *dims_id).filter(|_| is_filtered);
        let dimension_sets = dimensions::load(self.session, named.collect());
        for (at, dims_id, value) in batch {
            let dimensions = dims_id.and_then(|id| dimension_sets.get(&id));
            let is_unknown = is_filtered && dims_id.is_some() && dimensions.is_none();
            for Measured { feature, timeline, usage, tail, .. } in members.iter_mut() {
                tail.is_unknown |= is_unknown && feature.is_filtered();
                tail.events += 1;
                if feature.matches(dimensions.map(Rc::as_ref)) {
                    tail.least = Some(tail.least.map_or(*at, |least| least.min(*at)));
                    usage.add(timeline, *at, *value).map_err(|_| usage_too_large())?;
                }
            }
        }
        Ok(())
    }
}

fn usage_too_large() -> Error {
    Error::out_of_range(
        "the sum of usage is out of range",
        "Sums are exact up to 10^26, the sum of 10^11 of the largest events.",
    )
}

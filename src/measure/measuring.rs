//! One call of [`Account::measure_reading`]: where each feature begins, and what is read for it.

use super::reader::{Reader, Stream};
use super::{Measured, Reading, Tail, usage_too_large};
use crate::account::Account;
use crate::error::{Error, Result};
use crate::feature::Feature;
use crate::snapshot::{Counted, Gap, Place, Snapshots, Stored, remembered};
use credit_engine::{Facts, MAX_POINTS, Time, Timeline, Usage};
use uuid::Uuid;

/// The most events to read beyond a snapshot that the backend remembers: there are newer ones in
/// the table.
const MOST_BEYOND_REMEMBERED: usize = 256;

/// What a call was asked.
pub(super) struct Measuring<'a> {
    pub account: &'a Account,
    pub until: Time,
    pub cuts: &'a [Time],
    pub reading: Reading<'a>,
}

impl Measuring<'_> {
    /// Measures features, of which the subject has usage in these streams.
    ///
    /// # Errors
    /// 54000, 22003.
    pub fn run(&self, features: Vec<Feature>, streams: &[Stream]) -> Result<Vec<Measured>> {
        if let (Reading::Present, [feature]) = (self.reading, features.as_slice())
            && let Some(measured) = self.go_on_from_remembered(feature, streams)?
        {
            return Ok(vec![measured]);
        }
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
        let reader = self.reader();
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
            reader.read(streams, &gaps[first], usize::MAX, &mut members)?;
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

    /// A feature as this backend has measured it before, with what came since; `None` where that
    /// cannot tell, or too much came.
    fn go_on_from_remembered(
        &self,
        feature: &Feature,
        streams: &[Stream],
    ) -> Result<Option<Measured>> {
        let account = self.account;
        let id = account.snapshot_id(feature);
        let stored = remembered(account.ledger.id, id);
        let Some(stored) = stored.filter(|stored| self.is_fit(stored, id, feature)) else {
            return Ok(None);
        };
        let facts = account.facts(feature.id);
        let Some((timeline, usage)) = self.go_on(&stored, feature.id, &facts)? else {
            return Ok(None);
        };
        let place = Some(stored.place.clone());
        let (mut measured, gaps) = self.begun(feature.clone(), timeline, usage, place, None);
        measured.tail.is_remembered = true;
        let mut members = [&mut measured];
        let is_all = self.reader().read(streams, &gaps, MOST_BEYOND_REMEMBERED, &mut members)?;
        Ok((is_all && measured.usage.is_complete()).then_some(measured))
    }

    /// What ahead of the time asked for is to be kept is read as well.
    fn reader(&self) -> Reader {
        let until = if self.keeps_ahead() { None } else { Some(self.until) };
        Reader::new(self.account.counted_from(), until)
    }

    /// Whether a snapshot is to be taken.
    fn keeps_ahead(&self) -> bool {
        matches!(self.reading, Reading::For(_) | Reading::Present)
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
                if !self.is_fit(&stored, id, &feature) {
                    continue;
                }
                if let Some((timeline, usage)) = self.go_on(&stored, feature.id, &facts)? {
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
        if self.keeps_ahead() { Usage::keeping_ahead(timeline) } else { Usage::none(timeline) }
    }

    /// The timeline and the usage that a snapshot knows, if it can tell what is asked. Another one
    /// cannot be taken from it where the clock has stepped back and it has summed what lies ahead now.
    fn go_on(
        &self,
        stored: &Stored,
        feature: Uuid,
        facts: &Facts,
    ) -> Result<Option<(Timeline, Usage)>> {
        if self.keeps_ahead() && stored.snapshot.until() > self.until {
            return Ok(None);
        }
        let Some(timeline) = self.timeline_from(stored, feature, facts)? else { return Ok(None) };
        let mut usage = self.no_usage(&timeline);
        stored.snapshot.add_to(&timeline, &mut usage).map_err(|_| usage_too_large())?;
        Ok(Some((timeline, usage)))
    }

    /// Whether a snapshot that is kept under `id` is one of the feature, and of the ledger as it is.
    fn is_fit(&self, stored: &Stored, id: Uuid, feature: &Feature) -> bool {
        self.is_after_seal(stored) && self.is_of_feature(stored, id, feature)
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
            // What lies ahead is to be kept, too.
            (Reading::Present, _) => vec![Gap { after, before: None }],
            (_, Some(newest)) => newest.chain().gaps(&after, &newest.counted, self.until),
            (_, None) => vec![Gap { after, before: None }],
        };
        let grants = self.account.grants_for(feature.id);
        let granted = { grants }.any(|record| record.grant.has_begun(self.until));
        let tail = Tail { base, ..Tail::default() };
        (Measured { granted, feature, timeline, usage, tail }, gaps)
    }
}

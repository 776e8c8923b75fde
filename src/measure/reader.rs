//! Reading events: those of a subject's streams that no snapshot knows.

use super::{Measured, usage_too_large};
use crate::convert::numeric::Numeric;
use crate::dimensions;
use crate::error::Result;
use crate::snapshot::{Counted, Gap};
use crate::spi::{IndexedTable, Key};
use crate::stamp;
use credit_engine::{Amount, Time};
use pgrx::pg_sys::ScanDirection;
use std::ops::ControlFlow;
use std::rc::Rc;
use uuid::Uuid;

/// A stream of events: `credit.streams`.
pub(crate) struct Stream {
    pub id: i64,
    pub meter: Uuid,
    pub xid: u64,
}

/// Reads events.
pub(super) struct Reader {
    events: IndexedTable,
    /// What lies before is never counted, or was counted when the ledger was sealed.
    from: Time,
    /// What lies at or after it is not asked for.
    until: Option<Time>,
    /// The running transaction.
    own: Option<u64>,
}

impl Reader {
    /// A reader of usage from `from` on and before `until`, where that is given.
    pub(super) fn new(from: Time, until: Option<Time>) -> Reader {
        let events = IndexedTable::open(c"usage_events", c"usage_events_stream_idx");
        Reader { events, from, until, own: stamp::own() }
    }

    /// Adds the events of one meter's streams in the gaps to features of that meter, which all go
    /// on from the same facts; false where there are more than `most`, and not all were added.
    pub(super) fn read(
        &self,
        streams: &[Stream],
        gaps: &[Gap],
        most: usize,
        members: &mut [&mut Measured],
    ) -> Result<bool> {
        let meter = members[0].feature.meter_id;
        for stream in streams.iter().filter(|stream| stream.meter == meter) {
            for gap in &self.gaps_of(stream, gaps) {
                let left = most - members[0].tail.events;
                if !self.read_gap(stream.id, gap, left, members)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
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
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Reads the events of a gap, most of which come after its horizon. Those before it belong to a
    /// few transactions that were running; what was counted lies between them, and is passed over
    /// where it is much: to begin another scan takes as long as to read some events.
    fn read_gap(
        &self,
        stream: i64,
        gap: &Gap,
        most: usize,
        members: &mut [&mut Measured],
    ) -> Result<bool> {
        const MOST_COUNTED_IN_A_ROW: usize = 8;
        const BATCH: usize = 4096;
        let is_filtered = members.iter().any(|member| member.feature.is_filtered());
        let mut batch: Vec<(Time, Option<i64>, Amount)> = Vec::new();
        let (mut read, mut has_own) = (0, false);
        let mut next = Some(gap.next(0));
        while let Some(from) = next.take() {
            pgrx::check_for_interrupts!();
            let mut keys = vec![(1, Key::bigint(stream)), (2, Key::xid_from(from))];
            keys.extend(gap.end().map(|to| (2, Key::xid_below(to))));
            let mut counted_in_a_row = 0;
            self.events.scan(&keys, ScanDirection::ForwardScanDirection, |row| {
                row.skip(1);
                let xid = row.xid();
                if !gap.has(xid) {
                    counted_in_a_row += 1;
                    if counted_in_a_row < MOST_COUNTED_IN_A_ROW {
                        return Ok(ControlFlow::Continue(()));
                    }
                    next = Some(gap.next(xid + 1));
                    return Ok(ControlFlow::Break(()));
                }
                counted_in_a_row = 0;
                read += 1;
                if read > most {
                    return Ok(ControlFlow::Break(()));
                }
                has_own |= self.own == Some(xid);
                if let Some(at) = row.finite_time().filter(|at| self.wants(*at)) {
                    batch.push((at, row.option(), row.value::<Numeric>().checked()?));
                }
                if batch.len() == BATCH {
                    self.add(&batch, is_filtered, members)?;
                    batch.clear();
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        members.iter_mut().for_each(|member| member.tail.has_own |= has_own);
        self.add(&batch, is_filtered, members)?;
        Ok(read <= most)
    }

    fn add(
        &self,
        batch: &[(Time, Option<i64>, Amount)],
        is_filtered: bool,
        members: &mut [&mut Measured],
    ) -> Result<()> {
        let named = batch.iter().filter_map(|(_, dims_id, _)| *dims_id).filter(|_| is_filtered);
        let dimension_sets = dimensions::load(named);
        for (at, dims_id, value) in batch {
            let dimensions = dims_id.and_then(|id| dimension_sets.get(&id));
            let is_unknown = is_filtered && dims_id.is_some() && dimensions.is_none();
            let may_be_own = dims_id.filter(|_| is_filtered && self.own.is_some());
            let is_own = may_be_own.is_some_and(|id| !dimensions::is_committed(id));
            for Measured { feature, timeline, usage, tail, .. } in members.iter_mut() {
                tail.is_unknown |= is_unknown && feature.is_filtered();
                tail.has_own |= is_own;
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

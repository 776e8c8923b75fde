//! Usage, summed where it falls.

use crate::timeline::Timeline;
use crate::{Amount, Time};

/// The usage of one feature passes the range of exact sums (10¹¹ of the largest events).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumTooLarge;

/// The sum of usage in every segment of a [`Timeline`]. Events may come in any order.
#[derive(Debug, Clone)]
pub struct Usage {
    /// By segment; `None` where there was no event. A sum of zero tells that there were.
    sums: Vec<Option<Amount>>,
    first_at: Option<Time>,
    last_at: Option<Time>,
    /// Events at or after the end of the timeline, where they are kept.
    ahead: Option<Vec<(Time, Amount)>>,
    is_complete: bool,
}

impl Usage {
    /// The most events ahead that a snapshot carries.
    const MOST_AHEAD: usize = 1000;

    /// No usage.
    pub fn none(timeline: &Timeline) -> Usage {
        Usage {
            sums: vec![None; timeline.points()],
            first_at: None,
            last_at: None,
            ahead: None,
            is_complete: true,
        }
    }

    /// No usage; what is added at or after the end of the timeline is kept for a snapshot.
    pub fn keeping_ahead(timeline: &Timeline) -> Usage {
        Usage { ahead: Some(Vec::new()), ..Usage::none(timeline) }
    }

    /// Counts an event. What lies before the start of measurement, or at or after the end of the
    /// timeline, is not counted.
    ///
    /// # Errors
    /// [`SumTooLarge`]; the event is then not counted.
    pub fn add(&mut self, timeline: &Timeline, at: Time, value: Amount) -> Result<(), SumTooLarge> {
        let Some(segment) = timeline.segment_of(at) else {
            if at >= timeline.until {
                self.keep_ahead(at, value);
            } else if at >= timeline.measure_from {
                self.is_complete = false;
            }
            return Ok(());
        };
        self.add_to_segment(segment, value)?;
        self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
        self.last_at = self.last_at.max(Some(at));
        Ok(())
    }

    fn add_to_segment(&mut self, segment: usize, value: Amount) -> Result<(), SumTooLarge> {
        let sum = self.sums[segment].unwrap_or_default();
        self.sums[segment] = Some(sum.checked_add(value).ok_or(SumTooLarge)?);
        Ok(())
    }

    /// One too many is kept, and tells that there are too many.
    fn keep_ahead(&mut self, at: Time, value: Amount) {
        if let Some(ahead) = &mut self.ahead
            && ahead.len() <= Self::MOST_AHEAD
        {
            ahead.push((at, value));
        }
    }

    /// Counts usage of which only the sum is known, and that it lies in one segment.
    pub(crate) fn add_stretch(
        &mut self,
        timeline: &Timeline,
        (from, to): (Time, Time),
        value: Amount,
    ) -> Result<(), SumTooLarge> {
        let segment = timeline.segment_of(from).expect("a stretch lies on the timeline");
        self.add_to_segment(segment, value)?;
        self.last_at = self.last_at.max(Some(to.previous()));
        Ok(())
    }

    /// Tells of the time of the earliest event among those of which only sums are known.
    pub(crate) fn add_first_at(&mut self, timeline: &Timeline, at: Time) {
        if at < timeline.until {
            self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
        }
    }

    /// Whether every event found its segment. False where the timeline goes on from a snapshot and
    /// an event lies before the snapshot's beginning: then the sums are of no use.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The time of the earliest counted event.
    pub fn first_at(&self) -> Option<Time> {
        self.first_at
    }

    /// The stretches `[from, to)` of the timeline from `from` on, each with the usage in it;
    /// `from` must be a point of the timeline. Stretches without usage are among them.
    pub fn stretches<'a>(
        &'a self,
        timeline: &'a Timeline,
        from: Time,
    ) -> impl Iterator<Item = (Time, Time, Amount)> + 'a {
        self.used_stretches(timeline, from)
            .map(|(from, to, sum)| (from, to, sum.unwrap_or_default()))
    }

    /// The same with `None` for a stretch in which there was no event.
    pub(crate) fn used_stretches<'a>(
        &'a self,
        timeline: &'a Timeline,
        from: Time,
    ) -> impl Iterator<Item = (Time, Time, Option<Amount>)> + 'a {
        let first = timeline.points.partition_point(|point| *point < from);
        (first..self.sums.len()).map(move |segment| {
            let end = timeline.points.get(segment + 1).copied().unwrap_or(timeline.until);
            (timeline.points[segment], end, self.sums[segment])
        })
    }

    pub(crate) fn of_segment(&self, segment: usize) -> Amount {
        self.sums[segment].unwrap_or_default()
    }

    /// The instant from which on nothing was counted.
    pub(crate) fn counted_until(&self, timeline: &Timeline) -> Time {
        self.last_at.map_or(timeline.start.at, Time::next)
    }

    /// The events at or after the end of the timeline, where they were kept; `None` where they
    /// are too many for a snapshot.
    pub(crate) fn ahead(&self) -> Option<&[(Time, Amount)]> {
        let ahead = self.ahead.as_deref().unwrap_or_default();
        (ahead.len() <= Self::MOST_AHEAD).then_some(ahead)
    }
}

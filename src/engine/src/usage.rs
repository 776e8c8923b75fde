//! Usage, summed where it falls.

use crate::timeline::Timeline;
use crate::{Amount, Time};

/// The usage of one feature passes the range of exact sums (10¹¹ of the largest events).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumTooLarge;

/// The sum of usage in every segment of a [`Timeline`]. Events may come in any order.
#[derive(Debug, Clone)]
pub struct Usage {
    sums: Vec<Amount>,
    first_at: Option<Time>,
}

impl Usage {
    /// No usage.
    pub fn none(timeline: &Timeline) -> Usage {
        Usage { sums: vec![Amount::ZERO; timeline.points()], first_at: None }
    }

    /// Counts an event. What lies before the start of measurement, or at or after the end of the
    /// timeline, is not counted.
    ///
    /// # Errors
    /// [`SumTooLarge`]; the event is then not counted.
    pub fn add(&mut self, timeline: &Timeline, at: Time, value: Amount) -> Result<(), SumTooLarge> {
        let Some(segment) = timeline.segment_of(at) else { return Ok(()) };
        let sum = &mut self.sums[segment];
        *sum = sum.checked_add(value).ok_or(SumTooLarge)?;
        self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
        Ok(())
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
        let first = timeline.points.partition_point(|point| *point < from);
        (first..self.sums.len()).map(move |segment| {
            let end = timeline.points.get(segment + 1).copied().unwrap_or(timeline.until);
            (timeline.points[segment], end, self.sums[segment])
        })
    }

    pub(crate) fn of_segment(&self, segment: usize) -> Amount {
        self.sums[segment]
    }
}

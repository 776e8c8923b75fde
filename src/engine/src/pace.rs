//! A way out of a long computation.

use std::sync::OnceLock;

static PAUSE: OnceLock<fn()> = OnceLock::new();

/// Has `pause` called now and then in the middle of every long computation; it may unwind. Only
/// the first call of this function counts.
pub fn pause_with(pause: fn()) {
    let _ = PAUSE.set(pause);
}

/// Counts the steps of one computation.
#[derive(Default)]
pub(crate) struct Pace {
    steps: usize,
}

impl Pace {
    /// Some tens of microseconds of work.
    const STEPS_BETWEEN_PAUSES: usize = 4096;

    /// Tells of `steps` of work.
    pub fn walk(&mut self, steps: usize) {
        self.steps += steps;
        if self.steps >= Self::STEPS_BETWEEN_PAUSES {
            self.steps = 0;
            if let Some(pause) = PAUSE.get() {
                pause();
            }
        }
    }
}

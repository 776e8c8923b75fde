//! The burn-down of prepaid credit: exact, deterministic, and without a database.
//!
//! Data flows one way. [`Facts`] say what happened to one feature of one ledger; a [`Timeline`]
//! cuts time at their pivots; [`Usage`] sums events into its segments, in any order; [`replay`]
//! burns phase after phase and gives an [`Outcome`] and, where asked, the [`Entry`]s of a history.
//!
//! Nothing here remembers anything: the same facts and usage give the same answer. A [`Snapshot`]
//! keeps sums of usage for whoever wants to remember them, and gives the same answer too.

mod amount;
mod burn;
mod checkpoint;
mod facts;
mod history;
mod pace;
mod replay;
mod reset;
mod seal;
mod snapshot;
mod time;
mod timeline;
mod usage;

pub use amount::{Amount, NotAnAmount, SCALE};
pub use facts::{Facts, Grant, Id, Recurrence, Reset, Rollover, RolloverKind};
pub use history::{Entry, Kind, Window};
pub use pace::pause_with;
pub use replay::{GrantOutcome, Outcome, replay};
pub use reset::{Child, children_of_reset};
pub use seal::{Form, NotASeal, Seal};
#[doc(hidden)]
pub use snapshot::PhaseWindow;
pub use snapshot::Snapshot;
pub use time::{NotATime, Period, Time, Unit, bucket_start};
pub use timeline::{Ending, MAX_POINTS, Timeline, TooManyPoints};
pub use usage::{SumTooLarge, Usage};

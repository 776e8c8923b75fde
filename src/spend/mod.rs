//! Spends: usage that is written only where there is credit for it.
//!
//! A call locks its ledgers, looks at what is available at a time that it takes after the lock,
//! and writes its spends at its end, each with an event on the meter of the feature.

mod batch;
mod burned;
mod consume;
mod desk;
mod request;
mod row;
mod tally;

pub use desk::Desk;
pub use request::{Request, checked_overdraft};
pub use row::{Answer, Spend, SpendRow};
pub use tally::{Settled, Tally};

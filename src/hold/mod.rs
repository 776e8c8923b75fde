//! Holds: credit that is set aside for a spend to come.
//!
//! An open hold counts for what is available as usage at its time, which it becomes when it is
//! settled. Nothing closes a hold whose time is over: whoever looks sees that it is.

mod list;
mod open;
mod record;
mod reserve;
mod settle;

pub use open::{OpenHold, OpenHolds};

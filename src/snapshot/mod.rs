//! Snapshots: usage that was summed once, so that no read need sum it again.
//!
//! A snapshot affects cost, never meaning: deleting all of them changes no answer.

mod chain;
mod counted;
mod maintain;
mod memory;
mod store;
mod take;

pub use counted::{Counted, Gap};
pub use memory::{remember, remembered};
pub use store::{Place, Snapshots, Stored, remove_all};
pub use take::{dropped_all, is_read_committed, wrote, wrote_after};

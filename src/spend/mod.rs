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

use crate::spi::{IndexedTable, Key};
use credit_engine::Time;
pub use desk::Desk;
pub use request::{Request, checked_overdraft};
pub use row::{Answer, Spend, SpendRow};
pub use tally::{Settled, Tally};
use uuid::Uuid;

/// When the newest spend of a ledger was written down.
pub fn last_at(ledger_id: Uuid) -> Option<Time> {
    let spends = IndexedTable::open(c"spends", c"spends_ledger_idx");
    spends.last(&[(1, Key::uuid(ledger_id))], |row| {
        row.skip(12);
        row.time()
    })
}

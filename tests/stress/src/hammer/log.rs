//! What the clients were told.

use crate::session::Row;
use std::collections::HashSet;

/// What was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Consume,
    Try,
    Batch,
    Reserve,
    Settle,
    Release,
    Grant,
    Ingest,
    Void,
    Reset,
}

/// Every kind, those first that are called in quiet rounds too.
pub const KINDS: [Kind; 10] = [
    Kind::Consume,
    Kind::Try,
    Kind::Batch,
    Kind::Reserve,
    Kind::Settle,
    Kind::Release,
    Kind::Grant,
    Kind::Ingest,
    Kind::Void,
    Kind::Reset,
];

impl Kind {
    /// Whether it answers with rows of spends.
    pub fn spends(self) -> bool {
        matches!(self, Kind::Consume | Kind::Try | Kind::Batch | Kind::Settle)
    }
}

/// One thing that a call did, acknowledged by the server.
#[derive(Debug, Clone)]
pub struct Entry {
    pub kind: Kind,
    /// Which of the round's ledgers.
    pub ledger: usize,
    /// What it gave: of a spend, a hold, a grant, a reset. A release and a void: of what ended.
    pub id: String,
    pub key: Option<String>,
    /// The answer, without its last column.
    pub answer: Row,
    /// Whether an earlier call did it.
    pub replayed: bool,
    /// The count of calls begun and ended before this one was sent.
    pub began: u64,
    /// The same when its transaction was acknowledged.
    pub ended: u64,
    /// What was visible before the call at the least, and after it at the most.
    pub seen: [Snapshot; 2],
}

/// A snapshot of MVCC, as `pg_current_snapshot` tells it.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    xmax: u64,
    running: HashSet<u64>,
}

impl Snapshot {
    /// Reads `xmin:xmax:xip,…`.
    pub fn parse(text: &str) -> Snapshot {
        let mut parts = text.split(':').skip(1);
        let number = |text: &str| text.parse().expect("a transaction id");
        let xmax = number(parts.next().expect("an xmax"));
        let running = parts.next().expect("a list").split(',').filter(|xid| !xid.is_empty());
        Snapshot { xmax, running: running.map(number).collect() }
    }

    /// Whether what a transaction that committed wrote is seen.
    pub fn sees(&self, xid: u64) -> bool {
        xid < self.xmax && !self.running.contains(&xid)
    }
}

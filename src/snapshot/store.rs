//! Snapshots as rows of `credit.snapshots`.

use super::chain::{Chain, retained};
use super::counted::{Counted, next_xid};
use crate::arguments;
use crate::convert::xid::Xid8;
use crate::queries;
use crate::spi::{AppendTable, IndexedTable, Key, Row, RowId, Session, remove_rows};
use credit_engine::{Snapshot, Time};
use pgrx::pg_sys::ScanDirection;
use pgrx::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::ops::ControlFlow;
use uuid::Uuid;

/// A snapshot with what it counted and where it comes from.
pub struct Stored {
    /// Its place among the others.
    pub place: Place,
    /// What it knows.
    pub snapshot: Snapshot,
}

/// What a snapshot counted, and the snapshots before it.
#[derive(Clone)]
pub struct Place {
    /// The facts that it knows.
    pub counted: Counted,
    chain: Vec<u8>,
}

impl Place {
    /// The place of a snapshot that has counted this.
    pub fn new(counted: Counted, chain: &Chain) -> Place {
        Place { counted, chain: chain.to_bytes() }
    }

    /// The place of a snapshot that has counted this, and is no row.
    pub fn without_chain(counted: Counted) -> Place {
        Place { counted, chain: Vec::new() }
    }

    /// The snapshots before it.
    pub fn chain(&self) -> Chain {
        Chain::from_bytes(&self.chain)
    }
}

/// The form of the column `data`.
#[derive(Serialize, Deserialize)]
struct Data<'a> {
    counted: Counted,
    chain: &'a [u8],
    snapshot: &'a [u8],
}

/// How many columns `credit.snapshots` has.
const COLUMNS: usize = 10;

/// The table, open for reading.
pub struct Snapshots(IndexedTable);

impl Snapshots {
    /// Opens the table.
    pub fn open() -> Snapshots {
        Snapshots(IndexedTable::open(c"snapshots", c"snapshots_idx"))
    }

    /// The newest snapshot of a feature of a ledger, or the newest with a horizon below `below`.
    /// What another cluster or another version took is passed over.
    pub fn newest(&self, ledger: Uuid, feature: Uuid, below: Option<u64>) -> Option<Stored> {
        let mut found = None;
        self.scan(ledger, feature, below, |row| {
            found = read(row);
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found
    }

    /// Where the sums of the snapshots of a feature of a ledger end, those that no reader can use
    /// left out.
    pub fn ends(&self, ledger: Uuid, feature: Uuid) -> Vec<Time> {
        let mut ends = Vec::new();
        self.scan(ledger, feature, None, |row| {
            ends.extend(read(row).map(|stored| stored.snapshot.until()));
            ControlFlow::Continue(())
        });
        ends
    }

    /// The horizons of all snapshots of a feature of a ledger, ascending, and where they lie.
    fn all(&self, ledger: Uuid, feature: Uuid) -> Vec<(u64, RowId)> {
        let mut all = Vec::new();
        self.scan(ledger, feature, None, |row| {
            row.skip(2);
            all.push((row.xid(), row.id()));
            ControlFlow::Continue(())
        });
        all.reverse();
        all
    }

    /// Where the snapshots with these horizons lie.
    fn with(&self, ledger: Uuid, feature: Uuid, horizons: &[u64]) -> Vec<RowId> {
        let of_feature = [(1, Key::uuid(ledger)), (2, Key::uuid(feature))];
        let with = |horizon: &u64| {
            let range = [(3, Key::xid_from(*horizon)), (3, Key::xid_below(horizon + 1))];
            self.0.all(&[of_feature.as_slice(), &range].concat(), |row| row.id())
        };
        horizons.iter().flat_map(with).collect()
    }

    fn scan(
        &self,
        ledger: Uuid,
        feature: Uuid,
        below: Option<u64>,
        mut each: impl FnMut(&Row) -> ControlFlow<()>,
    ) {
        let mut keys = vec![(1, Key::uuid(ledger)), (2, Key::uuid(feature))];
        keys.extend(below.map(|horizon| (3, Key::xid_below(horizon))));
        let backwards = ScanDirection::BackwardScanDirection;
        (self.0.scan(&keys, backwards, |row| Ok(each(row)))).unwrap_or_else(|error| error.raise());
    }
}

/// A row in the order of the table's columns; `None` for one that is of no use here.
fn read(row: &Row) -> Option<Stored> {
    row.skip(2);
    let horizon = row.xid();
    let system = row.value::<i64>();
    let format = row.value::<i16>();
    if !row.value::<bool>() {
        return None;
    }
    // After a restore without its latest transactions, ids are given out a second time.
    if system != system_identifier() || format != Snapshot::FORMAT || horizon > next_xid() {
        return None;
    }
    row.skip(3);
    let Data { counted, chain, snapshot } = postcard::from_bytes(row.value()).ok()?;
    // Who looks for the next older one must not find the same again.
    if counted.horizon() != horizon || !counted.is_sound() {
        return None;
    }
    let place = Place { counted, chain: chain.to_vec() };
    Some(Stored { place, snapshot: Snapshot::from_bytes(snapshot)? })
}

/// Writes a snapshot of a feature of a ledger.
pub fn insert(session: &Session, ledger: Uuid, feature: Uuid, stored: &Stored, taken_at: Time) {
    let Stored { place: Place { counted, chain }, snapshot } = stored;
    let data = Data { counted: counted.clone(), chain, snapshot: &snapshot.to_bytes() };
    let data = postcard::to_allocvec(&data).expect("memory is the only limit");
    let (system, horizon) = (system_identifier(), Xid8(counted.horizon()));
    let (begins_at, ends_at) = (snapshot.begins_at(), snapshot.until());
    let first = *arguments![ledger, feature, horizon, system, Snapshot::FORMAT];
    let last = *arguments![begins_at, ends_at, taken_at, data];
    if let Some(table) = AppendTable::open(c"snapshots", COLUMNS, &[]) {
        let is_taken_here = *arguments![true];
        table.add(&[first.as_slice(), &is_taken_here, &last].concat());
        return;
    }
    let _taking = Taking::begin();
    session.write(&queries::INSERT_SNAPSHOT, &[first.as_slice(), &last].concat());
}

thread_local! {
    static IS_TAKING: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, rows of the table are snapshots that are taken; however the insertion ends.
struct Taking;

impl Taking {
    fn begin() -> Taking {
        IS_TAKING.set(true);
        Taking
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        IS_TAKING.set(false);
    }
}

/// `credit.is_taking_snapshot()`: true only while [`insert`] writes by SQL.
#[pg_extern(sql = false)]
fn is_taking_snapshot() -> bool {
    IS_TAKING.get()
}

/// Removes the snapshots with these horizons, but those that another transaction removes.
pub fn remove(ledger: Uuid, feature: Uuid, horizons: &[u64]) {
    if !horizons.is_empty() {
        remove_rows(c"snapshots", Snapshots::open().with(ledger, feature, horizons));
    }
}

/// Removes all snapshots of a ledger, but those that another transaction removes.
pub fn remove_all(ledger: Uuid) {
    let rows = Snapshots::open().0.all(&[(1, Key::uuid(ledger))], |row| row.id());
    remove_rows(c"snapshots", rows);
}

/// Removes all snapshots of a feature of a ledger that are not worth keeping, those that no chain
/// leads to included: two sessions may go on from the same snapshot at once.
pub fn clean_up(ledger: Uuid, feature: Uuid) {
    let (horizons, rows): (Vec<u64>, Vec<RowId>) =
        Snapshots::open().all(ledger, feature).into_iter().unzip();
    let newest = horizons.last().copied().unwrap_or_default();
    let kept = retained(&horizons, newest);
    let useless = rows.into_iter().zip(kept).filter(|(_, is_kept)| !is_kept).map(|(row, _)| row);
    remove_rows(c"snapshots", useless);
}

/// The number that tells clusters apart.
fn system_identifier() -> i64 {
    // SAFETY: reads the control file's copy in memory.
    unsafe { pg_sys::GetSystemIdentifier() as i64 }
}

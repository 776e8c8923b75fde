//! Checkpoints as rows of `credit.checkpoints`: what is known of a ledger at a seal.

use crate::arguments;
use crate::convert::json::JsonText;
use crate::error::Error;
use crate::measure::Measured;
use crate::queries;
use crate::spi::{IndexedTable, Key, Session};
use credit_engine::{Form, Seal, Time};
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The form of the column `state`. Whoever changes it or the meaning of what is in it makes a new
/// version, and goes on to read the old ones: the events are gone.
#[derive(Serialize, Deserialize)]
struct State {
    version: u32,
    /// By id; one that is not there had nothing before the seal.
    features: BTreeMap<String, Form>,
}

const VERSION: u32 = 1;

/// A row of `credit.checkpoints`, whose state is read when it is asked for.
pub struct Checkpoint {
    ledger: Uuid,
    at: Time,
    created_at: Time,
    xid: u64,
    seals: OnceCell<BTreeMap<Uuid, Seal>>,
}

impl Checkpoint {
    /// The newest checkpoint of a ledger that the active snapshot sees.
    pub fn newest(ledger: Uuid) -> Option<Checkpoint> {
        table().last(&[(1, Key::uuid(ledger))], |row| {
            row.skip(1);
            let at = row.time();
            row.skip(1);
            let (created_at, xid) = (row.time(), row.xid());
            Checkpoint { ledger, at, created_at, xid, seals: OnceCell::new() }
        })
    }

    /// Whether the active snapshot sees a checkpoint of a ledger at a seal, or a later one.
    pub fn reaches(ledger: Uuid, at: Time) -> bool {
        table().last(&[(1, Key::uuid(ledger)), (2, Key::time_from(at))], |_| ()).is_some()
    }

    /// The time of the seal.
    pub fn at(&self) -> Time {
        self.at
    }

    /// When it was written down.
    pub fn created_at(&self) -> Time {
        self.created_at
    }

    /// The transaction that wrote it.
    pub fn xid(&self) -> u64 {
        self.xid
    }

    /// What is known of a feature. The active snapshot is one under which the checkpoint is seen.
    pub fn seal(&self, feature: Uuid) -> Seal {
        let seals = self.seals.get_or_init(|| self.read());
        seals.get(&feature).cloned().unwrap_or_else(|| Seal::nothing(self.at))
    }

    fn read(&self) -> BTreeMap<Uuid, Seal> {
        let keys = [(1, Key::uuid(self.ledger)), (2, Key::time(self.at))];
        let state = table().last(&keys, |row| {
            row.skip(2);
            row.value::<pgrx::JsonB>().0
        });
        let state = state.and_then(|state| serde_json::from_value::<State>(state).ok());
        let seals = state.filter(|state| state.version == VERSION).and_then(|state| {
            let seal = |(id, form): (&String, &Form)| {
                Some((Uuid::parse_str(id).ok()?, Seal::from_form(self.at, form).ok()?))
            };
            state.features.iter().map(seal).collect::<Option<BTreeMap<_, _>>>()
        });
        seals.unwrap_or_else(|| Error::foreign_row("a checkpoint that cannot be read").raise())
    }

    /// Writes the checkpoint of a ledger; every feature was measured up to the seal, with a cut there.
    pub fn insert(session: &Session, ledger: Uuid, at: Time, measured: &[Measured], now: Time) {
        let features =
            measured.iter().filter_map(|Measured { feature, timeline, usage, .. }| {
                let seal = Seal::take(timeline, usage);
                (!seal.is_nothing()).then(|| (feature.id.to_string(), seal.to_form()))
            });
        let state = JsonText::of(&State { version: VERSION, features: features.collect() });
        session.write(&queries::INSERT_CHECKPOINT, arguments![ledger, at, state, now]);
    }
}

fn table() -> IndexedTable {
    IndexedTable::open(c"checkpoints", c"checkpoints_pkey")
}

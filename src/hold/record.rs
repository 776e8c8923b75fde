//! Holds as rows: of `credit.holds` with their ends, and as the functions give them.

use crate::composite;
use crate::convert::json::StringMap;
use crate::error::{Error, Result};
use crate::spi::{Row, Session, ToArgument};
use crate::{arguments, queries};
use credit_engine::{Amount, Time};
use pgrx::pg_sys;
use uuid::Uuid;

/// A row of `credit.holds` with its end.
#[derive(Debug, Clone)]
pub struct Hold {
    /// Identity.
    pub id: Uuid,
    /// The ledger.
    pub ledger_id: Uuid,
    /// The feature whose credit was checked.
    pub feature_id: Uuid,
    /// How much.
    pub amount: Amount,
    /// When it was made.
    pub held_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
    /// The stream of the usage that it becomes.
    pub stream_id: i64,
    /// The set of the dimensions of that usage.
    pub dims_id: Option<i64>,
    /// The caller's labels.
    pub metadata: StringMap,
    /// The dimensions of that usage.
    pub dimensions: StringMap,
    /// How it was ended.
    pub end: Option<End>,
}

/// A row of `credit.hold_ends`.
#[derive(Debug, Clone)]
pub struct End {
    /// Whether it became usage, and how.
    pub settlement: Option<Settlement>,
    /// When it was written down.
    pub at: Time,
}

/// What a hold was settled for.
#[derive(Debug, Clone, Copy)]
pub struct Settlement {
    /// In all.
    pub amount: Amount,
    /// The spend of at most what was held.
    pub spend_id: Uuid,
    /// The spend of what is more.
    pub excess_id: Option<Uuid>,
}

/// What became of a hold by a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can be settled and released.
    Open,
    /// It became usage.
    Settled,
    /// It was given back.
    Released,
    /// Its time is over.
    Expired,
}

impl State {
    /// Its name in SQL and JSON.
    pub fn name(self) -> &'static str {
        match self {
            State::Open => "OPEN",
            State::Settled => "SETTLED",
            State::Released => "RELEASED",
            State::Expired => "EXPIRED",
        }
    }
}

impl Hold {
    /// Reads a row of [`queries::HOLD`] or [`queries::HOLDS_OF_LEDGER`].
    pub fn from_row(row: &Row) -> Hold {
        Hold {
            id: row.uuid(),
            ledger_id: row.uuid(),
            feature_id: row.uuid(),
            amount: row.amount(),
            held_at: row.time(),
            expires_at: row.time(),
            stream_id: row.value(),
            dims_id: row.option(),
            metadata: row.string_map(),
            dimensions: row.option_string_map().unwrap_or_default(),
            end: End::from_columns(row),
        }
    }

    /// What became of it by `now`.
    pub fn state(&self, now: Time) -> State {
        match &self.end {
            Some(End { settlement: Some(_), .. }) => State::Settled,
            Some(End { settlement: None, .. }) => State::Released,
            None if now >= self.expires_at => State::Expired,
            None => State::Open,
        }
    }

    /// Refuses one that has ended by `now`.
    ///
    /// # Errors
    /// UC205.
    pub fn require_open(&self, now: Time) -> Result<()> {
        let state = self.state(now);
        if state == State::Open {
            return Ok(());
        }
        let ended_at = self.end.as_ref().map_or(self.expires_at, |end| end.at);
        let settlement = self.end.as_ref().and_then(|end| end.settlement);
        let settled = settlement.map(|settlement| settlement.amount);
        Err(Error::hold_not_open(self.id, state.name(), settled, ended_at))
    }

    /// Ends it.
    pub fn insert_end(&self, session: &Session, end: &End) {
        let state = if end.settlement.is_some() { State::Settled } else { State::Released };
        session.write(
            &queries::INSERT_HOLD_END,
            arguments![
                self.id,
                self.ledger_id,
                state.name(),
                end.settlement.map(|settlement| settlement.amount),
                end.settlement.map(|settlement| settlement.spend_id),
                end.settlement.and_then(|settlement| settlement.excess_id),
                end.at,
            ],
        );
    }
}

impl End {
    fn from_columns(row: &Row) -> Option<End> {
        let state: Option<String> = row.option();
        let settled = row.option_amount();
        let spend_id = row.option_uuid();
        let excess_id = row.option_uuid();
        let at = row.option_time()?;
        let settlement = match state?.as_str() {
            "SETTLED" => Some(Settlement { amount: settled?, spend_id: spend_id?, excess_id }),
            _ => None,
        };
        Some(End { settlement, at })
    }
}

/// A row of the type `credit.hold_row`.
pub struct HoldRow {
    /// The hold.
    pub hold: Hold,
    /// What became of it.
    pub state: State,
}

impl HoldRow {
    fn datum(&self) -> pg_sys::Datum {
        let HoldRow { hold, state } = self;
        let settlement = hold.end.as_ref().and_then(|end| end.settlement);
        let ended_at = match (&hold.end, state) {
            (Some(end), _) => Some(end.at),
            (None, State::Expired) => Some(hold.expires_at),
            (None, _) => None,
        };
        let values = [
            hold.id.to_argument(),
            hold.ledger_id.to_argument(),
            hold.feature_id.to_argument(),
            hold.amount.to_argument(),
            hold.dimensions.to_argument(),
            hold.metadata.to_argument(),
            hold.held_at.to_argument(),
            hold.expires_at.to_argument(),
            state.name().to_argument(),
            settlement.map(|settlement| settlement.amount).to_argument(),
            settlement.map(|settlement| settlement.spend_id).to_argument(),
            ended_at.to_argument(),
        ];
        composite::form(c"hold_row", &values)
    }
}

/// A row of the type `credit.release_row`.
pub struct ReleaseRow {
    /// The hold.
    pub hold_id: Uuid,
    /// What it held.
    pub amount: Amount,
    /// When it was released.
    pub released_at: Time,
    /// Whether that was in an earlier call.
    pub replayed: bool,
}

impl ReleaseRow {
    fn datum(&self) -> pg_sys::Datum {
        let values = [
            self.hold_id.to_argument(),
            self.amount.to_argument(),
            self.released_at.to_argument(),
            self.replayed.to_argument(),
        ];
        composite::form(c"release_row", &values)
    }
}

crate::composite_row!(HoldRow, "credit.hold_row");
crate::composite_row!(ReleaseRow, "credit.release_row");

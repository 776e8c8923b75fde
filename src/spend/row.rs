//! Spends as rows: of `credit.spends`, and as the functions give them.

use super::burned::Burned;
use crate::composite;
use crate::convert::json::StringMap;
use crate::convert::xid::Xid8;
use crate::ingest::{self, StoredEvent};
use crate::spi::{AppendTable, Argument, Row, Session, ToArgument};
use crate::{arguments, queries, stamp};
use credit_engine::{Amount, Time};
use pgrx::pg_sys;
use uuid::Uuid;

/// A row of `credit.spends`.
pub struct Spend {
    /// Its answer.
    pub answer: Answer,
    /// The ledger.
    pub ledger_id: Uuid,
    /// The feature whose credit was checked.
    pub feature_id: Uuid,
    /// What was asked for.
    pub requested: Amount,
    /// The stream of the event.
    pub stream_id: i64,
    /// The set of the event's dimensions.
    pub dims_id: Option<i64>,
    /// The caller's labels.
    pub metadata: StringMap,
    /// The hold that it settles.
    pub hold_id: Option<Uuid>,
    /// When it was written down.
    pub created_at: Time,
}

/// What a spend answers, at first and to every replay.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Identity.
    pub spend_id: Uuid,
    /// How much.
    pub amount: Amount,
    /// What was left in the grants after it.
    pub balance: Amount,
    /// What could be spent after it.
    pub available: Amount,
    /// Which grants paid.
    pub burned: Burned,
    /// The time of its usage.
    pub occurred_at: Time,
}

impl Answer {
    /// The next columns of a row: id, amount, balance, available, burned, `occurred_at`.
    pub fn from_columns(row: &Row) -> Answer {
        Answer {
            spend_id: row.uuid(),
            amount: row.amount(),
            balance: row.amount(),
            available: row.amount(),
            burned: Burned::stored(row.json()),
            occurred_at: row.time(),
        }
    }
}

impl Spend {
    fn event(&self) -> StoredEvent {
        StoredEvent {
            stream_id: self.stream_id,
            occurred_at: self.answer.occurred_at,
            dims_id: self.dims_id,
            value: self.answer.amount,
        }
    }

    /// Writes the event and the row.
    pub fn insert(&self, session: &Session) {
        Spend::insert_all(session, std::slice::from_ref(self));
    }

    /// Writes the events and the rows of spends.
    pub fn insert_all(session: &Session, spends: &[Spend]) {
        if spends.is_empty() {
            return;
        }
        ingest::insert(session, spends.iter().map(Spend::event).collect());
        if let Some(table) = AppendTable::open(c"spends", Spend::COLUMNS, Spend::NULLABLE) {
            let xid = stamp::take();
            for spend in spends {
                table.add(&spend.columns(xid));
            }
            return;
        }
        session.write(
            &queries::INSERT_SPENDS,
            arguments![
                column(spends, |spend| spend.answer.spend_id),
                column(spends, |spend| spend.ledger_id),
                column(spends, |spend| spend.feature_id),
                column(spends, |spend| spend.requested),
                column(spends, |spend| spend.answer.amount),
                column(spends, |spend| spend.answer.occurred_at),
                column(spends, |spend| spend.dims_id),
                column(spends, |spend| &spend.metadata),
                column(spends, |spend| &spend.answer.burned),
                column(spends, |spend| spend.answer.balance),
                column(spends, |spend| spend.answer.available),
                column(spends, |spend| spend.hold_id),
                column(spends, |spend| spend.created_at),
            ],
        );
    }

    /// How many columns `credit.spends` has.
    const COLUMNS: usize = 14;
    /// Which of them may be NULL.
    const NULLABLE: &[usize] = &[6, 11];

    /// The columns of `credit.spends`, in order.
    fn columns(&self, xid: Xid8) -> [Argument; Self::COLUMNS] {
        let Answer { spend_id, amount, balance, available, burned, occurred_at } = &self.answer;
        *arguments![
            *spend_id,
            self.ledger_id,
            self.feature_id,
            self.requested,
            *amount,
            *occurred_at,
            self.dims_id,
            self.metadata,
            burned,
            *balance,
            *available,
            self.hold_id,
            self.created_at,
            xid,
        ]
    }
}

fn column<'a, T>(spends: &'a [Spend], value: impl Fn(&'a Spend) -> T) -> Vec<T> {
    spends.iter().map(value).collect()
}

/// A row of the type `credit.spend_row`.
pub struct SpendRow {
    /// What was answered at first.
    pub answer: Answer,
    /// Whether that was in an earlier call.
    pub replayed: bool,
}

impl SpendRow {
    fn datum(&self) -> pg_sys::Datum {
        let Answer { spend_id, amount, balance, available, burned, occurred_at } = &self.answer;
        let values = [
            spend_id.to_argument(),
            amount.to_argument(),
            balance.to_argument(),
            available.to_argument(),
            burned.to_argument(),
            occurred_at.to_argument(),
            self.replayed.to_argument(),
        ];
        composite::form(c"spend_row", &values)
    }
}

/// A row of the type `credit.try_spend_row`.
pub enum TrySpendRow {
    /// Something was spent.
    Allowed(SpendRow),
    /// Nothing was spent.
    Refused {
        /// What is left in the grants.
        balance: Amount,
        /// What can be spent.
        available: Amount,
    },
}

impl TrySpendRow {
    fn datum(&self) -> pg_sys::Datum {
        let none = None;
        let values = match self {
            TrySpendRow::Allowed(SpendRow { answer, replayed }) => [
                true.to_argument(),
                answer.spend_id.to_argument(),
                answer.amount.to_argument(),
                answer.balance.to_argument(),
                answer.available.to_argument(),
                answer.burned.to_argument(),
                answer.occurred_at.to_argument(),
                replayed.to_argument(),
            ],
            TrySpendRow::Refused { balance, available } => [
                false.to_argument(),
                none,
                Amount::ZERO.to_argument(),
                balance.to_argument(),
                available.to_argument(),
                Burned::default().to_argument(),
                none,
                false.to_argument(),
            ],
        };
        composite::form(c"try_spend_row", &values)
    }
}

crate::composite_row!(SpendRow, "credit.spend_row");
crate::composite_row!(TrySpendRow, "credit.try_spend_row");

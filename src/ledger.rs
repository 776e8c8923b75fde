//! Ledgers: finding one with the caller's rights, and locking it.

use crate::account::Account;
use crate::arguments;
use crate::convert::{json::StringMap, time};
use crate::error::{Error, Result, or_raise, required};
use crate::ids;
use crate::queries;
use crate::rights::{as_owner, sees_all_of};
use crate::seal;
use crate::settings::{check_name, namespace_or_default};
use crate::spi::{
    IndexedTable, Key, Row, RowId, Session, lock_row, named_row, session, with_fresh_snapshot,
    with_latest_snapshot,
};
use credit_engine::Time;
use pgrx::prelude::*;
use std::ops::ControlFlow;
use uuid::Uuid;

/// A row of `credit.ledgers`.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Identity.
    pub id: Uuid,
    /// The tenant.
    pub namespace: String,
    /// Whose account it is.
    pub subject: String,
    /// The caller's labels.
    pub metadata: StringMap,
    /// Usage before it is not counted.
    pub measure_from: Time,
    /// Where the row lies, if it was read where it stands.
    row: Option<RowId>,
}

impl Ledger {
    /// Finds a ledger as the caller: by subject or, second, by id.
    ///
    /// # Errors
    /// 22004, 22023 for bad names; UC001 where the caller sees no such ledger.
    pub fn find(
        session: &Session,
        ledger: Option<&str>,
        namespace: Option<&str>,
    ) -> Result<Ledger> {
        let name = required(ledger, "ledger")?;
        check_name(name, "ledger")?;
        let namespace = namespace_or_default(namespace)?;
        if let Some(ledger) = Ledger::find_by_subject(session, name, &namespace) {
            return Ok(ledger);
        }
        ids::parse_uuid(name)
            .and_then(|id| Ledger::find_by_id(session, id, &namespace))
            .ok_or_else(|| Error::ledger_not_found(name, &namespace))
    }

    /// The same for a call that changes the ledger: sees what the calling statement did before.
    ///
    /// # Errors
    /// As [`Ledger::find`].
    pub fn find_for_change(
        session: &Session,
        ledger: Option<&str>,
        namespace: Option<&str>,
    ) -> Result<Ledger> {
        with_fresh_snapshot(|| Ledger::find(session, ledger, namespace))
    }

    /// Finds a ledger as the caller, by subject. A caller whom no policy binds needs no statement,
    /// which takes longer than all that it does.
    fn find_by_subject(session: &Session, subject: &str, namespace: &str) -> Option<Ledger> {
        if sees_all_of(c"ledgers") {
            return Ledger::of_subject(namespace, subject);
        }
        let arguments = arguments![namespace, subject];
        let rows = session.read(&queries::LEDGER_BY_SUBJECT, arguments);
        rows.first().map(|row| Ledger::from_row(&row))
    }

    /// Finds a ledger by subject, whoever calls.
    fn of_subject(namespace: &str, subject: &str) -> Option<Ledger> {
        named_row(c"ledgers", c"ledgers_namespace_subject_key", (namespace, subject), |row| {
            let ledger = Ledger::from_row(row);
            (ledger.namespace == namespace && ledger.subject == subject).then_some(ledger)
        })
    }

    /// Finds a ledger as the caller, by id.
    pub fn find_by_id(session: &Session, id: Uuid, namespace: &str) -> Option<Ledger> {
        let rows = session.read(&queries::LEDGER_BY_ID, arguments![namespace, id]);
        rows.first().map(|row| Ledger::from_row(&row))
    }

    /// Refuses a subject whose ledger the caller does not see; sees what the calling statement did
    /// before.
    ///
    /// # Errors
    /// UC001.
    pub fn require(session: &Session, subject: &str, namespace: &str) -> Result<()> {
        with_fresh_snapshot(|| Ledger::find_by_subject(session, subject, namespace))
            .map(|_| ())
            .ok_or_else(|| Error::ledger_not_found(subject, namespace))
    }

    /// All ledgers of a namespace that the caller sees, by creation.
    pub fn all(session: &Session, namespace: &str) -> Vec<Ledger> {
        let rows = session.read(&queries::LEDGERS, arguments![namespace]);
        rows.iter().map(|row| Ledger::from_row(&row)).collect()
    }

    /// The next ledgers of a namespace that the caller sees, `most` of them, by subject: those that
    /// are measured by `at`, without their metadata.
    pub fn after_subject(
        session: &Session,
        namespace: &str,
        subject: &str,
        at: Time,
        most: i64,
    ) -> Vec<Ledger> {
        let arguments = arguments![namespace, subject, at, most];
        let rows = session.read(&queries::LEDGERS_AFTER_SUBJECT, arguments);
        rows.iter().map(|row| Ledger::from_row(&row)).collect()
    }

    /// The next ledgers of a namespace, `most` of them, by subject and whoever calls: those that are
    /// measured before `at`.
    pub fn measured_before(namespace: &str, after: &str, at: Time, most: usize) -> Vec<Ledger> {
        let ledgers = IndexedTable::open(c"ledgers", c"ledgers_namespace_subject_key");
        let keys = [(1, Key::text(namespace)), (2, Key::text_after(after))];
        let mut found = Vec::new();
        let scanned = ledgers.scan(&keys, pg_sys::ScanDirection::ForwardScanDirection, |row| {
            let ledger = Ledger::from_row(row);
            if ledger.measure_from < at {
                found.push(ledger);
            }
            Ok(if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        });
        scanned.unwrap_or_else(|error| error.raise());
        found
    }

    /// The ledger of a stream's subject, with the stream's meter, whoever calls.
    pub fn of_stream(stream: i64) -> Option<(Ledger, Uuid)> {
        let streams = IndexedTable::open(c"streams", c"streams_pkey");
        let (meter, subject) = streams.last(&[(1, Key::bigint(stream))], |row| {
            row.skip(1);
            (row.uuid(), row.value::<String>())
        })?;
        let meters = IndexedTable::open(c"meters", c"meters_pkey");
        let namespace: String = meters.last(&[(1, Key::uuid(meter))], |row| {
            row.skip(1);
            row.value()
        })?;
        Some((Ledger::of_subject(&namespace, &subject)?, meter))
    }

    /// Reads the columns of [`queries::LEDGER_BY_ID`].
    pub fn from_row(row: &Row) -> Ledger {
        Ledger {
            id: row.uuid(),
            namespace: row.value(),
            subject: row.value(),
            metadata: row.string_map(),
            measure_from: row.time(),
            row: row.place(),
        }
    }

    /// Waits for the lock that every mutation of the ledger holds to the end of its transaction.
    ///
    /// A lock alone does not refresh the snapshot of a REPEATABLE READ or SERIALIZABLE
    /// transaction: if others changed the ledger since, the transaction must run again.
    ///
    /// # Errors
    /// 40001; 42501; PostgreSQL's own 55P03 and 40P01 pass.
    pub fn lock(&self, session: &Session) -> Result<()> {
        // What somebody changed by hand since does not lie there any more.
        let is_locked = self.row.is_some_and(|row| lock_row(c"ledgers", row, self.id))
            || session.write(&queries::LOCK_LEDGER, arguments![self.id]).len() > 0;
        if !is_locked {
            return Err(Error::ledger_not_lockable(&self.subject));
        }
        // SAFETY: reads the transaction's isolation level.
        let keeps_snapshot = unsafe { pg_sys::XactIsoLevel } > pg_sys::XACT_READ_COMMITTED as i32;
        if keeps_snapshot && self.has_unseen_facts(session) {
            return Err(Error::stale_snapshot(&self.subject));
        }
        Ok(())
    }

    fn has_unseen_facts(&self, session: &Session) -> bool {
        let snapshot: String = (session.read(&queries::SNAPSHOT, &[]).first())
            .map(|row| row.value())
            .expect("a SELECT without FROM gives a row");
        let is_sealed = seal::of(&self.namespace).is_some();
        with_latest_snapshot(|| {
            let is_unseen =
                |statement| session.read(statement, arguments![self.id, snapshot]).len() > 0;
            is_unseen(&queries::UNSEEN_FACTS) || is_sealed && is_unseen(&queries::UNSEEN_CHECKPOINT)
        })
    }
}

/// `credit_high_watermark`: the time of the last reset, of the seal, or the start of measurement.
#[pg_extern(sql = false)]
fn credit_high_watermark(ledger: Option<&str>, namespace: Option<&str>) -> TimestampWithTimeZone {
    or_raise(|| {
        session(|session| {
            let ledger = Ledger::find(session, ledger, namespace)?;
            let account = as_owner(|| Account::load(ledger));
            Ok(time::to_sql(account.high_watermark().at))
        })
    })
}

//! Grants: as they are stored, and as they are shown.

mod create;
mod read;
mod request;
mod void;

pub use create::insert;

use crate::account::Account;
use crate::composite;
use crate::convert::interval;
use crate::convert::json::StringMap;
use crate::error::Result;
use crate::measure::{Reading, Which};
use crate::spi::{Row, ToArgument};
use credit_engine::{
    Amount, Ending, Grant, GrantOutcome, Outcome, Period, Recurrence, Rollover, RolloverKind, Time,
    Usage, replay,
};
use pgrx::callconv::{BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A row of `credit.grants` with its void.
#[derive(Debug, Clone)]
pub struct GrantRecord {
    /// What the engine knows of it.
    pub grant: Grant,
    /// What it grants.
    pub feature_id: Uuid,
    /// The reset that made it, for a child.
    pub reset_id: Option<Uuid>,
    /// The caller's labels.
    pub metadata: StringMap,
    /// When its void was written down.
    pub void_recorded_at: Option<Time>,
    /// The transaction that wrote it, or [`GrantRecord::NOT_WRITTEN`].
    pub xid: u64,
    /// The transaction that voided it.
    pub void_xid: Option<u64>,
}

impl GrantRecord {
    /// The transaction of a row that is yet to be written: later than any.
    pub const NOT_WRITTEN: u64 = u64::MAX;

    /// Reads a row of `credit.grants`.
    pub fn from_row(row: &Row) -> GrantRecord {
        let id = row.uuid().as_u128();
        row.skip(1);
        let feature_id = row.uuid();
        let parent = row.option_uuid().map(|parent| parent.as_u128());
        let reset_id = row.option_uuid();
        let amount = row.option_amount().unwrap_or_default();
        let priority = u8::try_from(row.value::<i16>()).expect("a priority is 0 to 255");
        let effective_at = row.time();
        let expires_at = row.option_time();
        let expiration = stored_period(row);
        let rollover = stored_rollover(row);
        let recurrence = stored_period(row);
        let anchor = row.option_time();
        let metadata = row.string_map();
        let created_at = row.time();
        let xid = row.xid();
        GrantRecord {
            grant: Grant {
                id,
                parent,
                amount,
                priority,
                created_at,
                effective_at,
                expires_at,
                expiration,
                rollover,
                recurrence: recurrence
                    .zip(anchor)
                    .map(|(interval, anchor)| Recurrence { interval, anchor }),
                voided_at: None,
            },
            feature_id,
            reset_id,
            metadata,
            void_recorded_at: None,
            xid,
            void_xid: None,
        }
    }

    /// Tells of its void.
    pub fn void(&mut self, void: VoidRecord) {
        self.grant.voided_at = Some(void.voided_at);
        self.void_recorded_at = Some(void.created_at);
        self.void_xid = Some(void.xid);
    }

    /// Identity.
    pub fn id(&self) -> Uuid {
        Uuid::from_u128(self.grant.id)
    }

    /// Whether it is a child into which nothing rolled, given its derived amount.
    pub fn is_nothing(&self, amount: Amount) -> bool {
        self.grant.parent.is_some() && amount.is_zero()
    }

    /// The default times that were given for it; a child's creation is its reset's time.
    pub fn recorded_at(&self) -> impl Iterator<Item = Time> {
        let created_at = self.grant.parent.is_none().then_some(self.grant.created_at);
        created_at.into_iter().chain(self.void_recorded_at)
    }

    /// When it last changed.
    pub fn updated_at(&self) -> Time {
        self.void_recorded_at.unwrap_or(self.grant.created_at)
    }
}

/// A row of `credit.grant_voids`.
pub struct VoidRecord {
    /// The grant.
    pub grant: Uuid,
    voided_at: Time,
    created_at: Time,
    xid: u64,
}

impl VoidRecord {
    /// Reads a row of `credit.grant_voids`.
    pub fn from_row(row: &Row) -> VoidRecord {
        let grant = row.uuid();
        row.skip(1);
        let voided_at = row.time();
        row.skip(1);
        VoidRecord { grant, voided_at, created_at: row.time(), xid: row.xid() }
    }
}

fn stored_period(row: &Row) -> Option<Period> {
    let count = row.option();
    let duration: Option<&str> = row.option();
    interval::stored(count, duration)
}

fn stored_rollover(row: &Row) -> Option<Rollover> {
    let kind: Option<&str> = row.option();
    let max_amount = row.option_amount();
    let kind = kind_from_name(kind?).expect("the tables hold known rollover types");
    Some(Rollover { kind, max_amount })
}

/// A rollover type by its name in SQL and JSON.
fn kind_from_name(name: &str) -> Option<RolloverKind> {
    match name {
        "ORIGINAL_AMOUNT" => Some(RolloverKind::OriginalAmount),
        "REMAINING_AMOUNT" => Some(RolloverKind::RemainingAmount),
        _ => None,
    }
}

/// A rollover type's name in SQL and JSON.
pub fn rollover_name(kind: RolloverKind) -> &'static str {
    match kind {
        RolloverKind::OriginalAmount => "ORIGINAL_AMOUNT",
        RolloverKind::RemainingAmount => "REMAINING_AMOUNT",
    }
}

/// What a grant is beyond what was written down of it.
#[derive(Debug, Clone, Copy)]
pub struct Derived {
    /// Which grant.
    pub id: Uuid,
    /// Its amount; a child's hangs on the usage before its reset.
    pub amount: Amount,
    /// When it was voided, by itself or by the parent that it stems from.
    pub voided_at: Option<Time>,
    /// When and how it ended, where it began and has ended.
    pub ended: Option<(Time, Ending)>,
}

impl From<&GrantOutcome> for Derived {
    fn from(outcome: &GrantOutcome) -> Derived {
        Derived {
            id: Uuid::from_u128(outcome.id),
            amount: outcome.amount,
            voided_at: outcome.voided_at,
            ended: outcome.ended,
        }
    }
}

/// Derives the grants for these features by `at` or the last reset, whichever is later; feature by
/// feature, in burn order. All that are `wanted` are among them. Usage is read only for features
/// with children: nothing else hangs on it.
///
/// # Errors
/// 54000, 22003.
pub fn derive_grants(
    account: &Account,
    features: &BTreeSet<Uuid>,
    at: Time,
    wanted: impl Fn(&GrantRecord) -> bool,
) -> Result<Vec<Derived>> {
    let until = at.max(account.high_watermark().at);
    let mut derived = Vec::new();
    for feature in features {
        let outcome = if account.grants_for(*feature).any(|record| record.grant.parent.is_some()) {
            outcome_with(account, *feature, until, &wanted)?
        } else {
            let timeline = account.timeline(*feature, until, &[])?;
            Some(replay(&timeline, &Usage::none(&timeline), None))
        };
        let grants = outcome.iter().flat_map(|outcome| &outcome.grants);
        derived.extend(grants.map(Derived::from));
    }
    Ok(derived)
}

/// The outcome of a feature with all its `wanted` grants: from a snapshot, unless it has forgotten
/// one of them.
fn outcome_with(
    account: &Account,
    feature: Uuid,
    until: Time,
    wanted: impl Fn(&GrantRecord) -> bool,
) -> Result<Option<Outcome>> {
    let outcome = |reading| {
        let measured = account.measure_reading(Which::WithId(feature), until, &[], reading)?;
        Ok(measured.first().map(|one| replay(&one.timeline, &one.usage, None)))
    };
    let from_snapshots: Option<Outcome> = outcome(Reading::FromSnapshots)?;
    let has = |record: &GrantRecord| {
        from_snapshots.as_ref().is_some_and(|outcome| outcome.grant(record.grant.id).is_some())
    };
    if account.grants_for(feature).filter(|record| wanted(record)).all(has) {
        return Ok(from_snapshots);
    }
    outcome(Reading::FromBeginning)
}

/// One grant among those of [`derive_grants`].
pub fn find_derived(derived: &[Derived], id: Uuid) -> Option<&Derived> {
    derived.iter().find(|grant| grant.id == id)
}

/// A row of the type `credit.grant_row`.
#[derive(Debug, Clone)]
pub struct GrantRow {
    ledger_id: Uuid,
    record: GrantRecord,
    /// Derived for a child.
    amount: Amount,
    /// Its own void, or that of the parent it stems from.
    voided_at: Option<Time>,
}

impl GrantRow {
    /// A grant of an account; one that has just been written needs nothing derived.
    fn new(account: &Account, record: &GrantRecord, derived: Option<&Derived>) -> GrantRow {
        GrantRow {
            ledger_id: account.ledger.id,
            record: record.clone(),
            amount: derived.map_or(record.grant.amount, |derived| derived.amount),
            voided_at: derived.map_or(record.grant.voided_at, |derived| derived.voided_at),
        }
    }

    fn datum(&self) -> pg_sys::Datum {
        let record = &self.record;
        let grant = &record.grant;
        let interval = |period: Option<Period>| period.map(interval::to_sql);
        composite::form(
            c"grant_row",
            &[
                record.id().to_argument(),
                self.ledger_id.to_argument(),
                record.feature_id.to_argument(),
                grant.parent.map(Uuid::from_u128).to_argument(),
                record.reset_id.to_argument(),
                self.amount.to_argument(),
                i16::from(grant.priority).to_argument(),
                grant.effective_at.to_argument(),
                grant.expires_at.to_argument(),
                interval(grant.expiration).into_datum(),
                grant.rollover.map(|rollover| rollover_name(rollover.kind)).to_argument(),
                grant.rollover.and_then(|rollover| rollover.max_amount).to_argument(),
                interval(grant.recurrence.map(|recurrence| recurrence.interval)).into_datum(),
                grant.recurrence.map(|recurrence| recurrence.anchor).to_argument(),
                record.metadata.to_argument(),
                self.voided_at.to_argument(),
                grant.created_at.to_argument(),
                record.updated_at().to_argument(),
            ],
        )
    }
}

crate::sql_type!(GrantRow, "credit.grant_row");

unsafe impl BoxRet for GrantRow {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        // SAFETY: the datum is of the composite type that the function is declared to return.
        unsafe { fcinfo.return_raw_datum(self.datum()) }
    }
}
